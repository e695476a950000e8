//! Which documents the static site has, where each stands, and what it is drawn from. Deciding only: nothing is read or written
//! but the store.

use super::manifest::Manifest;
use crate::{
    format::Format,
    model::{Cursor, FeedId, FeedPart, Slug, TagName},
    publish::Coding,
    serve::{Inventory, PublicFeed},
    store::{Store, Told},
};
use anyhow::Context;
use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
};
use twox_hash::XxHash3_64;

/// Changes of the record looked at together.
const STEP: usize = 500;

/// A document that is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// File below the folder.
    pub file: String,
    /// What is in it.
    pub what: What,
    /// What it is drawn from, as a number; 0: it is drawn each time.
    pub stamp: u64,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What is served at this path.
    Served(String),
    /// What is said instead of a page that is not there, or that was withdrawn.
    Nothing {
        /// It was withdrawn.
        gone: bool,
    },
    /// That an entry was withdrawn: for the server to answer 410.
    Gone,
    /// Where old slugs lead, in nginx's words.
    Redirects(String),
}

/// Entries by their codes: the sequence of the last change of those that stand, nothing of those that were withdrawn.
pub type Entries = BTreeMap<String, Option<u64>>;

/// What became of the entries that changed after `since`, and up to where that is known. `known` are the entries before.
pub async fn entries(
    store: &Store,
    inventory: &Inventory,
    since: Option<Cursor>,
    mut known: Entries,
) -> anyhow::Result<Option<(Entries, Cursor)>> {
    let mut after = since;
    loop {
        let page = store.told_since(after, STEP).await.context("read the record of changes")?;
        let Some(page) = page else { return Ok(None) };
        for told in &page.told {
            let code = told.change.code.to_string();
            match stands(inventory, told) {
                Some(state) => known.insert(code, state),
                None => known.remove(&code),
            };
        }
        if !page.more {
            return Ok(Some((known, page.next)));
        }
        after = Some(page.next);
    }
}

/// `None` where there is nothing to be told of it.
fn stands(inventory: &Inventory, told: &Told) -> Option<Option<u64>> {
    match &told.entry {
        Some(entry) if inventory.shows(entry) => Some(Some(entry.changed)),
        _ if told.withdrawal.is_some() && inventory.showed(&told.filed) => Some(None),
        _ => None,
    }
}

/// The entries that an export holds.
pub fn exported(manifest: &Manifest) -> Entries {
    let entry = |(file, written): (&String, &super::manifest::Written)| {
        let name = file.strip_prefix("entry/")?;
        match (name.strip_suffix(".html"), name.strip_suffix(".gone")) {
            (Some(code), _) => Some((code.to_owned(), Some(written.stamp))),
            (_, Some(code)) => Some((code.to_owned(), None)),
            _ => None,
        }
    };
    manifest.documents.iter().filter_map(entry).collect()
}

/// Pages of entries.
pub fn pages(entries: &Entries) -> Vec<Wanted> {
    let page = |(code, stands): (&String, &Option<u64>)| match stands {
        Some(changed) => served(format!("entry/{code}.html"), format!("/entry/{code}.html"), *changed),
        None => Wanted { file: format!("entry/{code}.gone"), what: What::Gone, stamp: 1 },
    };
    entries.iter().map(page).collect()
}

/// Documents of a feed, archives first.
pub async fn feed(store: &Store, feed: &PublicFeed) -> anyhow::Result<Vec<Wanted>> {
    let path = feed.id.path();
    let mut wanted = Vec::new();
    let (first, last) = feed.archives.unwrap_or((1, 0));
    for number in first..=last {
        let held = store.archive_version(&feed.id, number).await.context("read an archive's version")?;
        // Each leads to those beside it.
        let stamp = digest(&(held, number == first, number == last));
        let part = FeedPart::Archive(number).path();
        wanted.extend(extensions(&feed.id, false).map(|extension| document(&path, &part, extension, stamp)));
    }
    wanted.extend(extensions(&feed.id, true).map(|extension| document(&path, "", extension, feed.version)));
    Ok(wanted)
}

/// The path of the feed whose document a file is, if it is one's.
pub fn feed_of(file: &str) -> Option<String> {
    let name = match file.rsplit_once("/archive/") {
        // A tag may be called so.
        Some((name, number)) if number.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => file.rsplit_once('.')?.0,
    };
    let id = match name.split_once('/') {
        None if name == "all" => FeedId::All,
        Some(("category", slug)) => FeedId::Category(Slug::parse(slug)?),
        Some(("source", id)) => FeedId::Source(Slug::parse(id)?),
        Some(("tag", tag)) => FeedId::Tag(TagName::of(tag)?),
        _ => return None,
    };
    Some(id.path())
}

/// All else: what leads to the rest comes last.
pub fn house(inventory: &Inventory) -> Vec<Wanted> {
    let served = |file: &str, path: &str| served(file.to_owned(), path.to_owned(), 0);
    let mut house = vec![
        served("style.css", "/style.css"),
        served("copy.js", "/copy.js"),
        served("icon.svg", "/icon.svg"),
        served("robots.txt", "/robots.txt"),
        Wanted { file: "404.html".into(), what: What::Nothing { gone: false }, stamp: 0 },
        Wanted { file: "410.html".into(), what: What::Nothing { gone: true }, stamp: 0 },
        Wanted { file: "redirects.map".into(), what: What::Redirects(redirects(inventory)), stamp: 0 },
    ];
    house.extend([served("feeds.opml", "/feeds.opml"), served("about.html", "/about.html"), served("index.html", "/")]);
    house
}

/// The lines of a `map` from old paths to present ones, for nginx, and for Caddy, which takes the mark at their end for a word.
fn redirects(inventory: &Inventory) -> String {
    let mut lines = String::new();
    for (alias, slug) in &inventory.aliases {
        for extension in ["html", "rss", "atom", "json"] {
            lines.push_str(&format!("/category/{alias}.{extension} /category/{slug}.{extension} ;\n"));
        }
    }
    lines
}

fn served(file: String, path: String, stamp: u64) -> Wanted {
    Wanted { file, what: What::Served(path), stamp }
}

/// The page of everything is the first page, which is no head of a feed.
fn extensions(feed: &FeedId, head: bool) -> impl Iterator<Item = &'static str> {
    let page = (!head || *feed != FeedId::All).then_some("html");
    page.into_iter().chain(Format::ALL.into_iter().map(Format::extension))
}

fn document(path: &str, part: &str, extension: &str, stamp: u64) -> Wanted {
    served(format!("{}{part}.{extension}", decoded(path)), format!("{path}{part}.{extension}"), stamp)
}

/// The codings that lie beside a file. Brotli, several times as slow as gzip, beside what is asked for again and again: what leads to
/// the rest, and the newest of everything, of categories and of sources. Archives of feeds are nine tenths of what there is and seldom
/// asked for: whoever hands them out codes them then.
pub fn codings(file: &str, what: &What) -> &'static [Coding] {
    let is_archive = file.contains("/archive/");
    match what {
        What::Redirects(_) => &[],
        _ if is_archive && !file.ends_with(".html") => &[],
        _ if is_archive || file.starts_with("entry/") || file.starts_with("tag/") => &[Coding::Gzip],
        _ => &[Coding::Gzip, Coding::Brotli],
    }
}

/// The file of a path: servers decode what is asked for.
fn decoded(path: &str) -> String {
    let path = path.trim_start_matches('/');
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

pub fn digest(of: &impl Hash) -> u64 {
    let mut hash = XxHash3_64::with_seed(0);
    of.hash(&mut hash);
    // 0 stands for "each time".
    hash.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_of_a_feed_leads_back_to_it() {
        let tag = |words| FeedId::Tag(TagName::of(words).unwrap());
        let rail = || FeedId::Category(Slug::parse("rail").unwrap());
        for feed in [FeedId::All, rail(), tag("铁路"), tag("a.b"), tag("archive"), tag("100%")] {
            for (part, extension) in [("", "rss"), ("", "html"), ("/archive/12", "atom")] {
                let Wanted { file, .. } = document(&feed.path(), part, extension, 1);
                assert_eq!(feed_of(&file), Some(feed.path()), "{file}");
            }
        }
        for file in ["entry/NW1.html", "index.html", "style.css", "404.html", "category/x"] {
            assert_eq!(feed_of(file), None, "{file}");
        }
    }

    #[test]
    fn a_tag_stands_in_a_file_of_its_own_letters() {
        let wanted = document("/tag/%E9%93%81%E8%B7%AF", "/archive/2", "atom", 7);
        assert_eq!(wanted.file, "tag/铁路/archive/2.atom");
        assert_eq!(wanted.what, What::Served("/tag/%E9%93%81%E8%B7%AF/archive/2.atom".into()));
    }

    #[test]
    fn brotli_lies_beside_what_is_asked_for_often_and_nothing_beside_archives_of_feeds() {
        let served = What::Served(String::new());
        for often in ["index.html", "all.rss", "category/rail.html", "source/paper.json", "style.css"] {
            assert_eq!(codings(often, &served), [Coding::Gzip, Coding::Brotli], "{often}");
        }
        for seldom in ["entry/NW1.html", "tag/铁路.atom", "category/rail/archive/3.html", "tag/archive.rss"] {
            assert_eq!(codings(seldom, &served), [Coding::Gzip], "{seldom}");
        }
        assert_eq!(codings("source/paper/archive/3.rss", &served), []);
    }
}
