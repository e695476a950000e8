//! `FeedView` → bytes. Pure, deterministic, well-formed whatever was ingested. One file a format; only `rss.rs` knows
//! the rss crate, only `atom.rs` atom_syndication.

use crate::{model::Entry, view::FeedView};

/// The formats a feed is published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

    /// Extension in paths.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Json => "json",
        }
    }

    /// Media type with charset.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// Renders a feed.
pub fn render(view: &FeedView, format: Format) -> anyhow::Result<Vec<u8>> {
    let _ = (view, format);
    todo!()
}

/// One line of `export entries` (contract: commands, import/export), without the line break.
pub fn ndjson(entry: &Entry) -> anyhow::Result<String> {
    let _ = entry;
    todo!()
}

/// One feed in the OPML list.
#[derive(Clone, Debug)]
pub struct OpmlFeed {
    /// Shown name.
    pub title: String,
    /// Address of the feed (Atom).
    pub xml_url: String,
    /// Our page of it.
    pub html_url: String,
    /// One sentence.
    pub description: Option<String>,
    /// Language tag.
    pub language: Option<String>,
}

/// OPML 2.0 of our feeds, grouped: (group name, feeds).
pub fn opml(title: &str, groups: &[(String, Vec<OpmlFeed>)]) -> anyhow::Result<Vec<u8>> {
    let _ = (title, groups);
    todo!()
}
