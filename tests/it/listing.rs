//! A listing is of one moment: taken again and again while ten thousand commits go by, it never shows half a one.

use crate::support::press::{Press, at};
use std::sync::Arc;
use syndic::{
    model::{FeedId, Known, ParsedEntry, RawDate, Text},
    store::{Listing, Store, StoreOptions},
};

const COMMITS: usize = 10_000;
/// Entries that every commit changes together. A listing of 50 holds all of them.
const MEMBERS: usize = 5;
const SHOWN: usize = 50;

/// What the document says in a round: every member carries the round's number.
fn round_of_all(round: usize) -> Vec<ParsedEntry> {
    let member = |member: usize| ParsedEntry {
        id: Some(format!("urn:member:{member}")),
        title: Some(Text::plain(format!("round {round}"))),
        link: Some(format!("https://s0.example/{member}")),
        published: Some(RawDate(at(0).to_rfc3339())),
        ..ParsedEntry::default()
    };
    (0..MEMBERS).map(member).collect()
}

/// The rounds that a listing's entries carry, in words when they are not one and the same.
fn torn(listing: &Listing) -> Option<String> {
    let titles: Vec<_> = listing.entries.iter().map(|entry| entry.edition.title.clone().unwrap().value).collect();
    let one = titles.iter().all(|title| *title == titles[0]);
    (!one || titles.len() != MEMBERS).then(|| format!("version {}: {titles:?}", listing.version))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_listing_taken_during_ten_thousand_commits_never_shows_half_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let store =
        Store::open(folder.path(), StoreOptions { cache: 8 << 20, editions: 1, ..StoreOptions::default() }).unwrap();
    let press = Arc::new(Press::new());
    let source = press.source(0);
    let commit = |round| {
        let claims = press.claims(&source, round_of_all(round));
        // Whether they are known makes no difference: their words differ in every round.
        press.commit_knowing(&source, claims, &Known(vec![None; MEMBERS]), round)
    };
    store.apply(commit(0)).await.unwrap();
    let mut commits = (1..COMMITS).map(commit).collect::<Vec<_>>().into_iter();
    let readers: Vec<_> = [FeedId::All, FeedId::Category(Press::category(0))]
        .into_iter()
        .map(|feed| tokio::spawn(read(store.clone(), feed)))
        .collect();
    // Several wait at once, so that the writer applies groups, as it does under load.
    while commits.len() > 0 {
        let group: Vec<_> = commits.by_ref().take(8).collect();
        let applied = futures::future::join_all(group.into_iter().map(|commit| store.apply(commit))).await;
        applied.into_iter().for_each(|applied| assert_eq!(applied.unwrap().updated.len(), MEMBERS));
    }
    let last = store.feed(&FeedId::All, SHOWN).await.unwrap();
    assert_eq!(last.entries[0].edition.title.as_ref().unwrap().value, format!("round {}", COMMITS - 1));
    store.close(at(0)).await.unwrap();
    for reader in readers {
        let listings = reader.await.unwrap();
        assert!(listings > 100, "only {listings} listings were taken meanwhile");
    }
}

/// Takes listings until the store is closed. Gives back how many.
async fn read(store: Store, feed: FeedId) -> usize {
    let mut taken = 0;
    while let Ok(listing) = store.feed(&feed, SHOWN).await {
        if let Some(torn) = torn(&listing) {
            panic!("{feed:?} shows half a commit: {torn}");
        }
        taken += 1;
    }
    taken
}
