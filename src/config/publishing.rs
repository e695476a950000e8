//! `[publish]` and `[export]`, and how feeds are ordered: the types.

use crate::model::TagName;
use std::path::PathBuf;
use url::Url;

/// `[export]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportConfig {
    /// The folder in which the static site is kept up to date while syndic runs.
    pub dir: Option<PathBuf>,
}

/// `[publish]`.
#[derive(Clone, Debug)]
pub struct PublishConfig {
    /// Entries in a feed.
    pub entries: usize,
    /// Entries of a new source that join category and `all` feeds.
    pub new_source_entries: usize,
    /// Credit line at the end of bodies.
    pub credit: bool,
    /// Run a WebSub hub.
    pub hub: bool,
    /// Hubs elsewhere that are told when a feed changed.
    pub hubs: Vec<Url>,
    /// Which of the publishers' tags have feeds and pages.
    pub tags: TagPolicy,
}

/// Which tags have feeds and pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPolicy {
    /// Only these; empty: all.
    pub allowed: Vec<TagName>,
    /// None of these.
    pub denied: Vec<TagName>,
}

impl TagPolicy {
    /// True when a tag has a feed.
    pub fn allows(&self, tag: &TagName) -> bool {
        (self.allowed.is_empty() || self.allowed.contains(tag)) && !self.denied.contains(tag)
    }
}

/// How the entries of a feed are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntryOrder {
    /// By their dates, the newest first.
    #[default]
    Date,
    /// As they came to stand in it, the last first.
    Entered,
}
