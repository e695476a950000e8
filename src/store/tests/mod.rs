//! The store, on real files: what a fetch changes, and what the indexes say afterwards.

mod accounts;
mod archives;
mod backup;
mod compact;
mod dictionaries;
mod durability;
mod erase;
mod full;
mod identity;
mod joins;
mod model;
mod news;
mod portable;
mod reading;
mod recovery;
mod standing;
mod touches;
mod upgrade;
mod verify;

use super::*;
use crate::model::{
    Alias, Attribution, Candidate, CategoryRef, Claim, CodeKind, Cursor, Draft, Edition, Entry, InfoCode, Judge,
    ParsedEntry, Removed, SaidIds, Slug, Standing, Text,
};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// A store in a folder of its own.
struct Home {
    folder: TempDir,
    store: Store,
}

fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions { editions: 3, ..StoreOptions::default() }).unwrap();
    Home { folder, store }
}

fn at(minute: i64) -> Time {
    Time::from_timestamp(1_650_000_000 + minute * 60, 0).unwrap()
}

fn code(text: &str) -> InfoCode {
    InfoCode::parse(text).unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn category(text: &str) -> CategoryRef {
    CategoryRef { slug: slug(text), title: format!("{text} 新闻") }
}

fn rail() -> FeedId {
    FeedId::Category(slug("rail"))
}

/// An entry of the category `rail`, dated at a minute; its guid and link follow its code.
fn candidate(text: &str, minute: i64) -> Candidate {
    let edition = Edition {
        updated_said: false,
        title: Some(Text::plain(format!("标题 {text}"))),
        link: Some(format!("https://a.example/{text}")),
        links: vec![],
        summary: None,
        content: Some(Text::html(format!("<p>正文 {text}</p>"))),
        authors: vec![],
        contributors: vec![],
        tags: vec![],
        enclosures: vec![],
        comments: None,
        rights: None,
        language: None,
        published: Some(at(minute)),
        updated: at(minute),
        date_notes: vec![],
        attribution: Attribution::default(),
        extensions: vec![],
        full_text: Default::default(),
        fetched: at(minute),
        sanitiser: crate::enrich::SANITISER,
        removed: Vec::new(),
    };
    Candidate {
        code: code(text),
        kind: CodeKind::Pattern,
        aliases: vec![Alias(format!("guid:{text}")), Alias(format!("link:a.example/{text}"))],
        raw_hash: 1,
        said: SaidIds { id: Some(format!("https://a.example/{text}")), permalink: true },
        first_seen: at(minute),
        sort_date: at(minute),
        categories: vec![category("rail")],
        edition,
    }
}

/// A fetch of one source; the namespace is `a.example`.
fn fetch(source: &str, minute: i64, candidates: Vec<Candidate>) -> Commit {
    Commit {
        source: slug(source),
        namespace: "a.example".into(),
        site_host: "news.example".into(),
        new_source_entries: None,
        flood: None,
        drafts: candidates.into_iter().map(|candidate| Draft::Candidate(Box::new(candidate))).collect(),
        state: SourceState { last_success: Some(at(minute)), ..SourceState::default() },
        at: at(minute),
        partial: false,
        deletions: Vec::new(),
        heard: None,
        judge: Judge::new(|_, _, _| None),
        policy: None,
        brings_categories: true,
    }
}

/// What a document claims when it says what the candidate says.
fn claim(candidate: &Candidate) -> Claim {
    let entry = ParsedEntry { link: candidate.edition.link.clone(), ..ParsedEntry::default() };
    let Candidate { code, kind, aliases, raw_hash, .. } = candidate.clone();
    Claim { code, kind, aliases, raw_hash, entry }
}

/// Waits until all that was saved is in the files.
async fn written(store: &Store) {
    store.verify().await.unwrap();
}

async fn get(store: &Store, text: &str) -> Arc<Entry> {
    store.entry(&code(text)).await.unwrap().expect(text)
}

fn codes(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.code.as_str()).collect()
}

/// A settlement in which nothing is said.
fn no_more() -> Settlement {
    Settlement {
        at: at(0),
        sources: Vec::new(),
        removed: Removed::Keep,
        aliases: BTreeMap::new(),
        judge: Judge::new(|_, _, _| None),
        joining: 0,
        adopt: None,
    }
}
