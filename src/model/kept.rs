//! An entry with everything that is kept of it, as it travels from one store to another.

use super::{
    Alias, CategoryRef, CodeKind, Edition, InfoCode, PublishedIds, Slug, SourceId, Standing, Time, WithdrawalKind,
};

/// What a line of `export entries` says.
#[derive(Clone, Debug, PartialEq)]
pub enum Portable {
    /// An entry.
    Entry(Box<Kept>),
    /// That there was one.
    Gone(Box<Gone>),
}

/// An entry. Join numbers, sequences and the hashes of what sources last said are the store's own and stay behind: the next
/// poll reads once more what it knows already, finds it equal, and notes its hash again.
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
    /// Every source that has brought it, and where each files it; at least the owner.
    pub filed: Vec<Filed>,
    /// The source whose words the current edition is.
    pub words_from: SourceId,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// Names that lead to it in other namespaces: those of sources that linked to it before its publisher came.
    pub other_names: Vec<(String, Alias)>,
    /// The ids it is published under; `None` when it has none yet.
    pub ids: Option<PublishedIds>,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stands in time.
    pub sort_date: Time,
    /// Names of its categories that entries brought with them.
    pub titles: Vec<CategoryRef>,
    /// It joins category and `all` feeds; one that was passed over when its source was new stands on pages only.
    pub in_feeds: bool,
    /// When its publisher deleted it, though it is here again: the same word is not heard twice.
    pub deleted: Option<Time>,
    /// Its editions with their numbers, oldest first, the current one last; at least one.
    pub editions: Vec<(u32, Edition)>,
}

/// What one source says of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The source.
    pub source: SourceId,
    /// Where it files it.
    pub categories: Vec<Slug>,
    /// Whether and when it may be seen.
    pub standing: Standing,
}

/// An entry that was taken away. It travels without its words, and its names as hashes: enough to refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its code.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Who owned it.
    pub namespace: String,
    /// The source that owned it.
    pub owner: SourceId,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stood in time.
    pub sort_date: Time,
    /// When it was taken away.
    pub at: Time,
    /// Why.
    pub reason: String,
    /// How. Of what the operator took away it does not say whether the words were destroyed: they do not travel.
    pub how: WithdrawalKind,
    /// When its publisher deleted it, if he did.
    pub deleted: Option<Time>,
    /// Namespaces and hashes of its other names.
    pub names: Vec<(String, [u8; 16])>,
}

impl Portable {
    /// Its code.
    pub fn code(&self) -> &InfoCode {
        match self {
            Portable::Entry(kept) => &kept.code,
            Portable::Gone(gone) => &gone.code,
        }
    }
}

impl Kept {
    /// The categories it is filed under, each once.
    pub fn categories(&self) -> Vec<&Slug> {
        let mut categories = Vec::new();
        for slug in self.filed.iter().flat_map(|filed| &filed.categories) {
            if !categories.contains(&slug) {
                categories.push(slug);
            }
        }
        categories
    }
}
