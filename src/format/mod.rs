//! `FeedView` → bytes. Pure, deterministic, well-formed whatever was ingested. One file a format; only `rss.rs` knows
//! the rss crate, only `atom.rs` atom_syndication.

use crate::{
    model::{Link, Portable, PublishedIds, Time},
    view::{Address, FeedView, ItemView, PartnerLine},
};

mod atom;
mod difference;
pub mod jekyll;
mod json;
mod ndjson;
mod opml;
mod rss;

mod channel;
mod chars;
mod credits;
mod files;
mod links;
mod media;
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

    /// The id of an entry that this format calls it by.
    pub fn id_of(self, ids: &PublishedIds) -> &str {
        match self {
            Format::Rss => &ids.rss,
            Format::Atom => &ids.atom,
            Format::Json => &ids.json,
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

/// One line of `/changes.ndjson`, without the line break.
pub fn change(told: &PartnerLine) -> anyhow::Result<String> {
    json::change(told)
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

/// What the OPML list says of itself.
#[derive(Clone, Debug)]
pub struct OpmlHead {
    /// The site's name: of the list, and of whose it is.
    pub title: String,
    /// A page that says how to reach whoever runs the site.
    pub owner: String,
    /// When one of the feeds last changed.
    pub modified: Option<Time>,
}

/// OPML 2.0 of our feeds, grouped: (group name, feeds). A group is a folder in readers.
pub fn opml(head: &OpmlHead, groups: &[(String, Vec<OpmlFeed>)]) -> anyhow::Result<Vec<u8>> {
    opml::render(head, groups)
}

impl Format {
    fn media_type(self) -> &'static str {
        self.content_type().split(';').next().unwrap_or_default()
    }
}

/// Where the feed is in this format, and its media type where that is known.
fn own_address(view: &FeedView, format: Format) -> Option<(String, Option<&'static str>)> {
    match &view.address {
        Address::Ours(base) => Some((format!("{base}.{}", format.extension()), Some(format.media_type()))),
        Address::Theirs(url) => url.clone().map(|url| (url, None)),
    }
}

/// Where its older and newer documents are in this format, by relation (RFC 5005 §4).
fn paged(view: &FeedView, format: Format) -> impl Iterator<Item = (&'static str, String)> {
    view.paging.links().map(move |(rel, address)| (rel, format!("{address}.{}", format.extension())))
}

/// The same feed elsewhere, as (media type, address): its page, then the other formats. One alternate a type.
fn others(view: &FeedView, than: Format) -> Vec<(&'static str, String)> {
    let formats = Format::ALL.into_iter().filter(|format| *format != than);
    let address = |format: Format| match &view.address {
        Address::Ours(base) => Some((format.media_type(), format!("{base}.{}", format.extension()))),
        Address::Theirs(_) => None,
    };
    std::iter::once(("text/html", view.home.clone())).chain(formats.filter_map(address)).collect()
}

/// Its further links, by relation.
fn linked<'a>(view: &'a FeedView, rel: &'a str) -> impl Iterator<Item = &'a Link> {
    view.links.iter().filter(move |link| link.rel == rel)
}

/// The items a format can carry; one that it cannot must not cost the feed.
fn writable<T>(view: &FeedView, write: impl Fn(&ItemView) -> anyhow::Result<T>) -> Vec<T> {
    let attempt = |item: &ItemView| {
        let written = write(item);
        written
            .inspect_err(|error| tracing::warn!(code = %item.code, feed = %view.address, "item left out: {error:#}"))
            .ok()
    };
    view.items.iter().filter_map(attempt).collect()
}

#[cfg(test)]
mod tests;
