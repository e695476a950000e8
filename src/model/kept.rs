//! An entry with everything that is kept of it, as it travels from one store to another.

use super::{Alias, CategoryRef, CodeKind, Edition, InfoCode, PublishedIds, Slug, SourceId, Time};

/// What a line of `export entries` says. Join numbers, sequences and the hashes of what sources last said are the store's own
/// and stay behind: the next poll reads once more what it knows already, finds it equal, and notes its hash again.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its code.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Who owns it.
    pub namespace: String,
    /// The code came from a link outside the namespace: the publisher himself may take it over (domain §2).
    pub only_linked: bool,
    /// The source that owns it.
    pub owner: SourceId,
    /// Every source that has brought it.
    pub sources: Vec<SourceId>,
    /// The source whose words the current edition is.
    pub words_from: SourceId,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// Other namespaces in which its names lead to it: those of sources that linked to it before its publisher came.
    pub other_namespaces: Vec<String>,
    /// The ids it is published under; `None` when it has none yet.
    pub ids: Option<PublishedIds>,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stands in time.
    pub sort_date: Time,
    /// Where each source files it.
    pub filed: Vec<(SourceId, Vec<Slug>)>,
    /// Names of those categories that entries brought with them.
    pub titles: Vec<CategoryRef>,
    /// It has joined category and `all` feeds; one that was passed over when its source was new stands on pages only.
    pub in_feeds: bool,
    /// Its editions with their numbers, oldest first, the current one last; at least one.
    pub editions: Vec<(u32, Edition)>,
}

impl Kept {
    /// The categories it stands in: what its sources say, each once.
    pub fn categories(&self) -> Vec<&Slug> {
        let mut categories = Vec::new();
        for slug in self.filed.iter().flat_map(|(_, slugs)| slugs) {
            if !categories.contains(&slug) {
                categories.push(slug);
            }
        }
        categories
    }
}
