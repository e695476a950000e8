//! How much is kept of what no source lists any more.

use super::{Slug, SourceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// No entry whose sort date is older; `None` for any age.
    pub age: Option<Duration>,
    /// So many of the newest; `None` for any number.
    pub keep: Option<usize>,
}

/// The limits of everything. A source's own stands before its categories', those before that of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Of sources that have one.
    pub sources: BTreeMap<SourceId, Limit>,
    /// Of categories that have one.
    pub categories: BTreeMap<Slug, Limit>,
    /// Of whatever else.
    pub otherwise: Limit,
    /// The sources that are polled. What another listed last protects nothing: nobody will hear of it again.
    pub polled: BTreeSet<SourceId>,
    /// What becomes of the entries of the others.
    pub removed: Removed,
}

/// What becomes of the entries of a source that feeds.toml does not name any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Removed {
    /// They stay where they are.
    #[default]
    Keep,
    /// They are kept, and seen nowhere.
    Hide,
    /// They are seen nowhere at once, and dropped a day later: time to take the removal back.
    Purge,
}

impl Retention {
    /// True when one limit holds for all of a source's entries.
    pub fn is_uniform(&self, source: &SourceId) -> bool {
        self.categories.is_empty() || self.sources.contains_key(source)
    }

    /// True when nothing is ever dropped.
    pub fn is_endless(&self) -> bool {
        let endless = |limit: &Limit| *limit == Limit::default();
        let limits = self.sources.values().chain(self.categories.values()).chain([&self.otherwise]);
        self.removed != Removed::Purge && limits.into_iter().all(endless)
    }
}
