//! `FeedView` → bytes. Pure, deterministic, well-formed whatever was ingested. One file a format; only `rss.rs` knows
//! the rss crate, only `atom.rs` atom_syndication.

use crate::{
    model::{Portable, Time},
    view::{FeedView, ItemView},
};

mod atom;
mod difference;
mod json;
mod ndjson;
mod opml;
mod rss;

mod chars;
mod credits;
mod links;
mod vocabulary;

pub use difference::{Comparison, compare};

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

/// Renders a feed. An item that the format cannot carry is left out with a warning; the others stand.
pub fn render(view: &FeedView, format: Format) -> anyhow::Result<Vec<u8>> {
    match format {
        Format::Rss => rss::render(view),
        Format::Atom => atom::render(view),
        Format::Json => json::render(view),
    }
}

/// One line of `export entries` (contract: commands, import/export), without the line break.
pub fn ndjson(one: &Portable) -> anyhow::Result<String> {
    ndjson::line(one)
}

/// A line of `export entries` read back, made safe again; or what is wrong with it. `now` bounds its dates.
pub fn read_ndjson(line: &str, now: Time) -> Result<Portable, String> {
    ndjson::read(line, now)
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
    opml::render(title, groups)
}

/// The same feed elsewhere, as (media type, address): its page, then the other formats. One alternate a type.
fn others(view: &FeedView, than: Format) -> Vec<(&'static str, String)> {
    let formats = Format::ALL.into_iter().filter(|format| *format != than);
    let media = |format: Format| format.content_type().split(';').next().unwrap_or_default();
    let address = |format: Format| (media(format), format!("{}.{}", view.base, format.extension()));
    std::iter::once(("text/html", view.home.clone())).chain(formats.map(address)).collect()
}

/// The items a format can carry; one that it cannot must not cost the feed.
fn writable<T>(view: &FeedView, write: impl Fn(&ItemView) -> anyhow::Result<T>) -> Vec<T> {
    let attempt = |item: &ItemView| {
        let written = write(item);
        written
            .inspect_err(|error| tracing::warn!(code = %item.code, feed = %view.base, "item left out: {error:#}"))
            .ok()
    };
    view.items.iter().filter_map(attempt).collect()
}

#[cfg(test)]
mod tests;
