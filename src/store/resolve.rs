//! Which entry a claim means (domain §2): by its code, by another of its names, by neither; and whose it is. Pure over a reader.

use super::{StoreError, codec, keys, meta::Meta, overlay::Read, pack::Unpacker};
use crate::model::{Alias, Candidate, Claim, CodeKind, InfoCode, WithdrawalKind};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What a document says about an entry's identity.
pub struct Claimed<'a> {
    pub code: &'a InfoCode,
    pub kind: CodeKind,
    pub aliases: &'a [Alias],
    /// The original, else the id: where a code taken from a link was found.
    pub link: Option<&'a str>,
}

/// What a claim comes to.
pub enum Meaning {
    /// An entry of this namespace, or one that its publisher now takes over from whoever linked to it.
    Known(Box<Meta>),
    /// An entry that was this namespace's until its publisher came: no longer ours to change.
    Kept(Box<Meta>),
    /// It was taken away and stays away.
    Refused(Box<Meta>),
    /// Not here yet. `clash` names the holder of the code claimed, when a derived one stands in for it.
    New { code: InfoCode, kind: CodeKind, weak: bool, clash: Option<String> },
    /// Another draft of the same document already means this entry.
    Repeated,
}

impl Meaning {
    /// The entry meant, if the document says it in its own right.
    pub fn code(&self) -> Option<&InfoCode> {
        match self {
            Meaning::Known(meta) | Meaning::Kept(meta) | Meaning::Refused(meta) => Some(&meta.code),
            Meaning::New { code, .. } => Some(code),
            Meaning::Repeated => None,
        }
    }
}

impl<'a> From<&'a Claim> for Claimed<'a> {
    fn from(claim: &'a Claim) -> Self {
        let link = claim.entry.link.as_deref().or(claim.entry.id.as_deref());
        Claimed { code: &claim.code, kind: claim.kind, aliases: &claim.aliases, link }
    }
}

impl<'a> From<&'a Candidate> for Claimed<'a> {
    fn from(candidate: &'a Candidate) -> Self {
        let link = candidate.edition.link.as_deref().or(candidate.said.id.as_deref());
        Claimed { code: &candidate.code, kind: candidate.kind, aliases: &candidate.aliases, link }
    }
}

/// Resolves the claims of one document together: two entries of one document are never one entry here, so a name that
/// several of them share (every item linking to the home page) identifies none of them.
/// `settled` are entries that other drafts of the document are already known to mean.
pub fn resolve(
    read: &Read<'_>,
    unpacker: &Unpacker,
    namespace: &str,
    claims: &[Claimed<'_>],
    settled: BTreeSet<InfoCode>,
) -> Result<Vec<Meaning>, StoreError> {
    let mut resolver = Resolver { read, unpacker, namespace, taken: settled, shared: shared_names(claims) };
    let by_code: Vec<_> = claims.iter().map(|claim| resolver.by_code(claim)).collect::<Result<_, _>>()?;
    let mut meanings = Vec::with_capacity(claims.len());
    for (claim, found) in claims.iter().zip(by_code) {
        meanings.push(match found {
            ByCode::Decided(meaning) => meaning,
            ByCode::Free => resolver.by_name(claim, None)?,
            ByCode::Foreign(holder) => resolver.by_name(claim, Some(holder))?,
        });
    }
    Ok(meanings)
}

/// The alias under which a code that arrived late finds the entry that was already there.
pub fn code_alias(code: &InfoCode) -> Alias {
    Alias(format!("code:{code}"))
}

/// The names under which an entry is kept and sought. An id that is an address has two, with and without its scheme;
/// the second finds it whichever scheme it had.
pub fn lasting(aliases: &[Alias]) -> impl Iterator<Item = &Alias> {
    let has_twin = |alias: &Alias| {
        let bare = alias.0.strip_prefix("guid:").and_then(|guid| guid.split_once("://"));
        bare.is_some_and(|(_, bare)| aliases.iter().any(|other| other.0.strip_prefix("guid:") == Some(bare)))
    };
    aliases.iter().filter(move |alias| !has_twin(alias))
}

/// Aliases that more than one claim of a document makes.
pub fn shared_names(claims: &[Claimed<'_>]) -> BTreeSet<Alias> {
    let mut seen = BTreeMap::<&Alias, usize>::new();
    for claim in claims {
        // A claim that names the same alias twice shares it with nobody.
        let own: BTreeSet<_> = claim.aliases.iter().collect();
        own.into_iter().for_each(|alias| *seen.entry(alias).or_default() += 1);
    }
    seen.into_iter().filter(|(_, times)| *times > 1).map(|(alias, _)| alias.clone()).collect()
}

enum ByCode {
    Decided(Meaning),
    Foreign(String),
    Free,
}

struct Resolver<'a> {
    read: &'a Read<'a>,
    unpacker: &'a Unpacker,
    namespace: &'a str,
    taken: BTreeSet<InfoCode>,
    shared: BTreeSet<Alias>,
}

impl Resolver<'_> {
    /// The code claimed comes first: whoever names a known code means that entry.
    fn by_code(&mut self, claim: &Claimed<'_>) -> Result<ByCode, StoreError> {
        let Some(meta) = self.meta(claim.code)? else { return Ok(ByCode::Free) };
        // Whoever brings it: it was this article that was taken away. What retention dropped of another's is not that.
        let dropped = meta.withdrawn.as_ref().is_some_and(|withdrawn| withdrawn.kind == WithdrawalKind::Retired);
        if dropped && meta.namespace != self.namespace {
            return Ok(ByCode::Foreign(meta.namespace));
        }
        if meta.withdrawn.is_some() {
            return Ok(ByCode::Decided(self.refuse(meta)));
        }
        let publisher_comes = meta.weak && !is_weak(claim, self.namespace);
        if meta.namespace != self.namespace && !publisher_comes {
            return Ok(ByCode::Foreign(meta.namespace));
        }
        Ok(ByCode::Decided(self.take(meta)))
    }

    /// Any other name inside the namespace; else the entry is new, under a derived code if the one claimed is another's.
    fn by_name(&mut self, claim: &Claimed<'_>, holder: Option<String>) -> Result<Meaning, StoreError> {
        let late = holder.is_none().then(|| code_alias(claim.code));
        for alias in late.iter().chain(lasting(claim.aliases).filter(|alias| !self.shared.contains(*alias))) {
            let Some(code) = (self.read)(&keys::alias(self.namespace, alias))? else { continue };
            let code = codec::code(&code)?;
            if self.taken.contains(&code) {
                continue;
            }
            if let Some(meta) = self.meta(&code)? {
                return Ok(if meta.withdrawn.is_some() {
                    self.refuse(meta)
                } else if meta.namespace == self.namespace {
                    self.take(meta)
                } else {
                    Meaning::Kept(Box::new(meta))
                });
            }
        }
        let weak = is_weak(claim, self.namespace);
        match holder {
            None => Ok(self.begin(claim.code.clone(), claim.kind, weak, None)),
            Some(holder) => self.derive(claim, holder),
        }
    }

    /// A source never gets at an entry of another namespace, whatever code it claims.
    fn derive(&mut self, claim: &Claimed<'_>, holder: String) -> Result<Meaning, StoreError> {
        let named = |prefix: &str| claim.aliases.iter().find_map(|alias| alias.0.strip_prefix(prefix));
        let (kind, value) = match (named("guid:"), named("link:")) {
            (Some(guid), _) => (CodeKind::Guid, guid),
            (None, Some(link)) => (CodeKind::Link, link),
            (None, None) => (CodeKind::Title, claim.code.as_str()),
        };
        let code = InfoCode::derived(self.namespace, kind, value);
        Ok(match self.meta(&code)? {
            Some(meta) if meta.withdrawn.is_some() => self.refuse(meta),
            Some(meta) if meta.namespace == self.namespace => self.take(meta),
            Some(meta) => Meaning::Kept(Box::new(meta)),
            None => self.begin(code, kind, false, Some(holder)),
        })
    }

    fn take(&mut self, meta: Meta) -> Meaning {
        if self.taken.insert(meta.code.clone()) { Meaning::Known(Box::new(meta)) } else { Meaning::Repeated }
    }

    fn refuse(&mut self, meta: Meta) -> Meaning {
        if self.taken.insert(meta.code.clone()) { Meaning::Refused(Box::new(meta)) } else { Meaning::Repeated }
    }

    fn begin(&mut self, code: InfoCode, kind: CodeKind, weak: bool, clash: Option<String>) -> Meaning {
        if self.taken.insert(code.clone()) { Meaning::New { code, kind, weak, clash } } else { Meaning::Repeated }
    }

    fn meta(&self, code: &InfoCode) -> Result<Option<Meta>, StoreError> {
        let key = keys::meta(code);
        (self.read)(&key)?.map(|bytes| self.unpacker.meta(&key, &bytes)).transpose()
    }
}

/// Linking to a publisher is not being it: a code taken from a link that leads outside the namespace claims no ownership.
fn is_weak(claim: &Claimed<'_>, namespace: &str) -> bool {
    let from_link = matches!(claim.kind, CodeKind::Query | CodeKind::Path | CodeKind::Digits);
    let host =
        claim.link.and_then(|link| Url::parse(link).ok()).and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    let inside = |host: &str| host == namespace || host.strip_suffix(namespace).is_some_and(|rest| rest.ends_with('.'));
    from_link && host.is_some_and(|host| !inside(&host))
}
