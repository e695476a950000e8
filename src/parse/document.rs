//! An XML document → `ParsedFeed`: our tree gives every element its meaning, feed-rs its model of the standard ones.

use super::{
    base, entry, info, limits, tombstones,
    xml::{self, Id, Ns, Tree},
};
use crate::model::{Failure, FailureKind, FeedInfo, InfoCode, ParsedEntry, ParsedFeed, SourceFormat};
use url::Url;

/// Reads RSS 0.9x, 1.0, 2.0 and Atom 0.3, 1.0, damaged or not.
///
/// Errors: a root that is no feed; a document that holds neither a title nor an entry.
pub fn read(text: &str, page: Option<&Url>) -> Result<ParsedFeed, Failure> {
    let (tree, text) = tree(text, page);
    let root = tree.root().ok_or_else(|| not_a_feed("the document has no element".to_owned()))?;
    let format = format(&tree, root).ok_or_else(|| {
        not_a_feed(format!(
            "XML whose outermost element is <{}>, which is no feed",
            super::sniff::short(tree.local(root))
        ))
    })?;
    let mut parsed = assemble(&tree, root, format);
    base::lay_under(text, &tree, &mut parsed);
    let found = parsed.entries.len();
    parsed.entries.retain(says_something);
    if parsed.entries.len() < found {
        parsed.notes.push(format!("{} empty entries left out", found - parsed.entries.len()));
    }
    if parsed.entries.is_empty() && parsed.tombstones.is_empty() && parsed.info == FeedInfo::default() {
        return Err(not_a_feed(
            "a feed without a title and without a single entry: nothing could be read from it".to_owned(),
        ));
    }
    Ok(parsed)
}

/// The tree of a document; where a script has put its warnings as HTML before the feed, that of the feed.
fn tree<'a>(text: &'a str, page: Option<&Url>) -> (Tree<'a>, &'a str) {
    let whole = xml::build(text, page);
    let is_feed = whole.root().is_some_and(|root| format(&whole, root).is_some());
    let feed = super::sniff::feed_at(text).filter(|_| !is_feed).and_then(|at| text.get(at..));
    let Some(feed) = feed else {
        return (whole, text);
    };
    let mut tree = xml::build(feed, page);
    tree.damage.leading_junk = true;
    (tree, feed)
}

fn assemble(tree: &Tree, root: Id, format: SourceFormat) -> ParsedFeed {
    let info = info::read(tree, root);
    let mut notes = tree.damage.notes();
    notes.extend(odd_version(tree, root));
    let mut items = Vec::new();
    find_entries(tree, root, 0, &mut items);
    let found = items.len();
    let partial = tree.damage.truncated;
    // An entry the end cut off has perhaps lost its id: kept, it would come again as another one.
    items.retain(|&item| tree.is_whole(item));
    if items.len() < found && tree.stopped.is_none() {
        notes.push("the last entry was cut off: left out until it comes whole".to_owned());
    }
    notes.extend(tree.stopped.clone());
    let language = tree.elements(root).find(|&c| tree.name(c).1 == "channel").unwrap_or(root);
    let inherited = tree.language(language);
    let mut entries: Vec<ParsedEntry> =
        items.iter().map(|&item| entry::read(tree, item, inherited, &mut notes)).collect();
    let tombstones = tombstones::read(tree, root, &mut notes);
    if info.generator.as_deref().is_some_and(|name| name.to_ascii_lowercase().starts_with("syndic")) {
        for (entry, &item) in entries.iter_mut().zip(&items) {
            let said = tree.child(item, Ns::Dc, "identifier").map(|id| tree.text(id));
            entry.named_code = said.and_then(|code| InfoCode::parse(&code));
        }
    }
    notes.truncate(limits::NOTES);
    ParsedFeed { format, info, entries, notes, partial, tombstones }
}

/// A version no RSS has: the file is read as it stands.
fn odd_version(tree: &Tree, root: Id) -> Option<String> {
    const KNOWN: [&str; 6] = ["2.0", "0.91", "0.92", "0.93", "0.94", "0.90"];
    if tree.name(root).1 != "rss" {
        return None;
    }
    match tree.attribute(root, "version") {
        Some(said) if KNOWN.contains(&said.as_str()) => None,
        Some(said) => Some(format!("RSS of an unknown version `{}`: read as 2.0", super::sniff::short(&said))),
        None => Some("RSS without a version: read as 2.0".to_owned()),
    }
}

pub(super) fn says_something(entry: &ParsedEntry) -> bool {
    *entry != ParsedEntry { id_form: entry.id_form, ..ParsedEntry::default() }
}

/// Items stand in the channel, beside it (RSS 0.90, 1.0), or wherever a forgotten end tag put them.
fn find_entries(tree: &Tree, id: Id, depth: usize, into: &mut Vec<Id>) {
    if matches!(tree.name(id), (Ns::Rss, "item") | (Ns::Atom, "entry")) {
        into.push(id);
        return;
    }
    if depth < 8 {
        tree.elements(id).for_each(|child| find_entries(tree, child, depth + 1, into));
    }
}

fn format(tree: &Tree, root: Id) -> Option<SourceFormat> {
    match tree.name(root) {
        (_, "rss" | "channel") => Some(SourceFormat::Rss),
        (_, "rdf") => Some(SourceFormat::Rdf),
        (_, "feed" | "entry") => Some(SourceFormat::Atom),
        _ => None,
    }
}

fn not_a_feed(message: String) -> Failure {
    Failure::new(FailureKind::NotAFeed, message)
}
