//! Each entry's claim to a code (domain §2). Pure: the same document and trust give the same claims.

mod body;
mod census;
mod codes;
mod hash;
mod links;
mod loose;
#[cfg(test)]
mod tests;

use crate::model::{Alias, Claim, CodeKind, GuidTrust, InfoCode, ParsedEntry, Recipe, Slot, Source, SourceKind};
use census::Census;
use loose::Loose;
use std::collections::HashSet;

pub use links::canonical_link;
pub(crate) use links::is_tracking;

/// The claims of one document, and what was found out about its ids.
#[derive(Clone, Debug)]
pub struct Identified {
    /// One claim an entry, in document order; entries that claim the same code as an earlier one are left out and noted.
    pub claims: Vec<Claim>,
    /// Codes claimed again further down the document, once for each time.
    pub repeated: Vec<InfoCode>,
    /// What identifies this source's entries from now on.
    pub trust: GuidTrust,
    /// What an operator should know.
    pub notes: Vec<String>,
}

/// Namespace and name of the element in which `parse` hands over a post's file name; it is read here and taken out.
const POST_FILE: (&str, &str) = ("urn:syndic:post", "file");

/// Gives each entry its code. `trust` is what earlier documents of the source have shown, `home` the page the document
/// is the feed of.
pub fn identify(source: &Source, home: Option<&str>, entries: Vec<ParsedEntry>, trust: GuidTrust) -> Identified {
    let mut notes = Vec::new();
    // Posts have no guids to distrust.
    let folder = matches!(source.kind, SourceKind::Folder(_));
    // Nor has a list whose recipe names none.
    let trust = if without_ids(source) { trust.max(GuidTrust::Link) } else { trust };
    let trust = if folder { trust } else { census::judge(&entries, trust, &mut notes) };
    let census = Census::of(&entries, trust, home);
    let loose = Loose::of(&entries, &census);
    let reading = source.reading();
    let claims: Vec<Claim> = entries.into_iter().map(|entry| claim(source, reading, &census, &loose, entry)).collect();
    let (claims, repeated) = without_doubles(claims);
    notes.extend(told_of(&repeated));
    Identified { claims, repeated, trust, notes }
}

fn without_ids(source: &Source) -> bool {
    let names = |recipe: &Recipe| [Slot::Id, Slot::Code].into_iter().any(|slot| recipe.drawn(slot).is_some());
    source.recipe.as_ref().is_some_and(|recipe| !names(recipe))
}

/// An entry that is now read otherwise has another hash: it is taken in again.
fn claim(source: &Source, reading: u64, census: &Census, loose: &Loose, mut entry: ParsedEntry) -> Claim {
    let file = take_file_name(&mut entry);
    let names = census.names(&entry);
    let (code, kind) = found_code(source, &entry, file.as_deref()).unwrap_or_else(|| {
        let (kind, value) = loose.identity(names.identity(&entry), &entry);
        (InfoCode::derived(&source.namespace, kind, &value), kind)
    });
    let mut aliases = names.aliases();
    aliases.extend(names.is_loose().then(|| loose::alias_of(&source.namespace, &entry)));
    Claim { code, kind, aliases, raw_hash: hash::raw_hash(&entry) ^ reading, entry }
}

/// A code that the entry shows, by the rules in their order; `None` when one must be derived.
fn found_code(source: &Source, entry: &ParsedEntry, file: Option<&str>) -> Option<(InfoCode, CodeKind)> {
    let folder = matches!(source.kind, SourceKind::Folder(_));
    // The operator has said where the publisher's own code stands.
    let told = || entry.named_code.clone().filter(|_| source.recipe.is_some()).map(|code| (code, CodeKind::Pattern));
    let front_matter = || entry.named_code.clone().filter(|_| folder).map(|code| (code, CodeKind::FrontMatter));
    let file_name = || Some((codes::in_file_name(file?)?, CodeKind::FileName));
    // A feed that names a code outright is another syndic; only what looks like one of ours is believed,
    // since dc:identifier may hold any number a publisher counts with.
    let named = || entry.named_code.clone().filter(codes::is_ours).map(|code| (code, CodeKind::FrontMatter));
    front_matter()
        .or_else(told)
        .or_else(|| by_pattern(source, entry))
        .or_else(|| codes::in_addresses(entry))
        .or_else(file_name)
        .or_else(|| body::only_code(entry).map(|code| (code, CodeKind::Body)))
        .or_else(named)
}

/// The operator's own pattern: on the link, then on the id.
fn by_pattern(source: &Source, entry: &ParsedEntry) -> Option<(InfoCode, CodeKind)> {
    let pattern = source.info_code.as_ref()?;
    [entry.link.as_deref(), entry.id.as_deref()].into_iter().flatten().find_map(|text| {
        let found = pattern.captures(text)?.get(1)?;
        Some((InfoCode::parse(found.as_str())?, CodeKind::Pattern))
    })
}

fn take_file_name(entry: &mut ParsedEntry) -> Option<String> {
    let is_file = |name: &crate::model::Element| (name.namespace.as_str(), name.name.as_str()) == POST_FILE;
    let at = entry.extensions.iter().position(is_file)?;
    let file = entry.extensions.remove(at);
    entry.extensions.retain(|element| !is_file(element));
    Some(file.text)
}

/// The first claim to a code stands: two claims of one document to one code are one article listed twice.
fn without_doubles(claims: Vec<Claim>) -> (Vec<Claim>, Vec<InfoCode>) {
    let mut seen = HashSet::new();
    let (mut kept, mut doubles) = (Vec::with_capacity(claims.len()), Vec::new());
    for claim in claims {
        if seen.insert(claim.code.clone()) {
            kept.push(claim);
        } else {
            doubles.push(claim.code);
        }
    }
    (kept, doubles)
}

fn told_of(repeated: &[InfoCode]) -> Option<String> {
    let (first, count) = (repeated.first()?, repeated.len());
    Some(format!("{count} entries repeat an earlier one of the same document and were left out, the first is {first}"))
}

/// The names that an id gives an entry, as `store` seeks them.
pub(crate) fn names_of_id(id: &str) -> Vec<Alias> {
    let id = id.trim();
    links::without_scheme(id).into_iter().chain([id]).map(|text| alias("guid", text)).collect()
}

/// Shorthand of this module: an alias from its kind and text.
fn alias(kind: &str, text: &str) -> Alias {
    Alias(format!("{kind}:{text}"))
}
