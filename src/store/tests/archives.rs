//! Archives, withdrawals and deltas, over random joins, corrections, retractions, moves, retention and restarts: a full archive
//! never gains or reorders members, every loss leaves a trace, and whoever walks the archives or polls deltas has what there is.

use super::*;
use crate::model::{Limit, Retention};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Step {
    /// Entries from a number on, so many, in a wording, by source 0..3; `true`: a source of which only the newest five join.
    Fetch(u8, u16, u16, u8, bool),
    /// All of a source's entries to another category.
    Settle(u8, u8),
    Retract(u16, bool),
    Restore(u16),
    /// Retention drops what no source lists.
    Sweep,
    /// Days pass.
    Pass(u8),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fetch = (0..3u8, 0..300u16, 1..70u16, 0..3u8, prop::bool::weighted(0.2));
    let step = prop_oneof![
        12 => fetch.prop_map(|(source, from, count, words, new)| Step::Fetch(source, from, count, words, new)),
        1 => (0..3u8, 0..2u8).prop_map(|(source, to)| Step::Settle(source, to)),
        4 => (0..370u16, prop::bool::weighted(0.3)).prop_map(|(number, erase)| Step::Retract(number, erase)),
        2 => (0..370u16).prop_map(Step::Restore),
        1 => Just(Step::Sweep),
        1 => (0..40u8).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 8..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn a_full_archive_loses_members_with_a_trace_and_never_gains_any(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

fn numbered(number: u16) -> InfoCode {
    code(&format!("NW{number:03}"))
}

fn feeds() -> [FeedId; 4] {
    let tag = crate::model::TagName::of("城市").unwrap();
    [FeedId::All, rail(), FeedId::Source(slug("source0")), FeedId::Tag(tag)]
}

/// An archive as it was last seen.
struct Seen {
    members: Vec<InfoCode>,
}

/// Someone who reads a feed by deltas.
struct Subscriber {
    version: u64,
    holds: BTreeMap<InfoCode, u32>,
    deltas: usize,
}

async fn play(steps: Vec<Step>) {
    let Home { mut store, folder } = home();
    let (mut minute, mut erased) = (10, BTreeSet::new());
    let mut seen = BTreeMap::<(FeedId, u64), Seen>::new();
    let mut subscribers = BTreeMap::<FeedId, Subscriber>::new();
    for step in steps {
        minute += 10;
        match step {
            Step::Fetch(source, from, count, words, new) => {
                let one = |number: u16| {
                    let mut one = candidate(numbered(number).as_str(), i64::from(number % 97));
                    one.edition.title = Some(Text::plain(format!("{number} {words}")));
                    one.edition.fetched = at(minute);
                    one.edition.tags = match number % 3 {
                        0 => vec![crate::model::Tag { term: "城市".into(), ..Default::default() }],
                        _ => vec![],
                    };
                    one.raw_hash = u64::from(words) + 10;
                    one.categories = vec![category(["rail", "sea"][usize::from(number.is_multiple_of(5))])];
                    one
                };
                let mut commit = fetch(&format!("source{source}"), minute, (from..from + count).map(one).collect());
                commit.new_source_entries = new.then_some(5);
                store.apply(commit).await.unwrap();
            }
            Step::Settle(source, to) => {
                let to = category(["rail", "sea"][usize::from(to)]);
                let source = slug(&format!("source{source}"));
                let policy = SourcePolicy { source, hash: minute as u64, categories: Some(vec![to]) };
                let judge = Judge::new(|_, _, _| Some(Standing::default()));
                let settlement = Settlement { at: at(minute), sources: vec![policy], judge, joining: 7, ..no_more() };
                store.settle(settlement).await.unwrap();
            }
            Step::Retract(number, erase) => {
                if store.retract(&numbered(number), "r", erase, at(minute)).await.unwrap() && erase {
                    erased.insert(numbered(number));
                }
            }
            Step::Restore(number) => drop(store.restore_entry(&numbered(number), at(minute)).await.unwrap()),
            Step::Sweep => {
                let limit = Limit { age: Some(std::time::Duration::from_secs(60)), keep: None };
                let polled = (0..3).map(|n| slug(&format!("source{n}"))).collect();
                let retention = Retention { otherwise: limit, polled, ..Retention::default() };
                store.sweep(Arc::new(retention), at(minute)).await.unwrap();
            }
            Step::Pass(days) => {
                minute += i64::from(days) * 24 * 60;
                store.wake(at(minute), false).await.unwrap();
            }
            Step::Restart => {
                drop(store);
                store = Store::open(folder.path(), StoreOptions::default()).unwrap();
            }
        }
        for feed in feeds() {
            walk(&store, &feed, &mut seen, &erased).await;
            let before = subscribers.remove(&feed);
            subscribers.insert(feed.clone(), poll(&store, &feed, before).await);
        }
    }
    let report = store.verify().await.unwrap();
    assert!(report.is_well(), "{report:?}");
}

/// From nothing, along `prev-archive`: everything that stands in the feed, each archive as it was but for what left it.
async fn walk(store: &Store, feed: &FeedId, seen: &mut BTreeMap<(FeedId, u64), Seen>, erased: &BTreeSet<InfoCode>) {
    let head = store.feed(feed, 50).await.unwrap();
    let mut found: BTreeSet<InfoCode> = head.entries.iter().map(|entry| entry.code.clone()).collect();
    let (first, last) = head.archives.unwrap_or((1, 0));
    for number in (first..=last).rev() {
        let Archive::Full(archive) = store.archive(feed, number, Sight::everything()).await.unwrap() else {
            panic!("{feed:?} says that it has archive {number}")
        };
        assert_eq!(archive.archives, head.archives);
        let members: Vec<InfoCode> = archive.entries.iter().map(|entry| entry.code.clone()).collect();
        if let Some(before) = seen.get(&(feed.clone(), number)) {
            let mut left = before.members.clone();
            left.retain(|code| members.contains(code));
            assert_eq!(left, members, "archive {number} of {feed:?} gained or reordered members");
            for lost in before.members.iter().filter(|code| !members.contains(code) && !erased.contains(code)) {
                let told = archive.gone.iter().any(|gone| gone.code == *lost);
                let back = store.entry(lost).await.unwrap().is_some_and(|entry| stands(&entry, feed).is_some());
                assert!(told != back, "{lost} left archive {number} of {feed:?}: told {told}, back {back}");
            }
        }
        found.extend(members.iter().cloned());
        // What left before, and was told of, is told of still.
        seen.insert((feed.clone(), number), Seen { members });
    }
    for cut in 1..first {
        assert!(!matches!(store.archive(feed, cut, Sight::everything()).await.unwrap(), Archive::Full(_)));
    }
    let next = store.archive(feed, last + 1, Sight::everything()).await.unwrap();
    assert!(last == 0 || matches!(next, Archive::Missing));
    for entry in store.scan(None, 999).await.unwrap() {
        match stands(&entry, feed) {
            // What entered archives only is found once its archive is full.
            Some(join) if !(join.quiet && join.number > last * 50) => {
                assert!(found.contains(&entry.code), "{} is nowhere in {feed:?}", entry.code);
            }
            Some(_) => drop(found.remove(&entry.code)),
            None => assert!(!found.contains(&entry.code), "{} does not stand in {feed:?}", entry.code),
        }
    }
}

fn stands<'e>(entry: &'e Entry, feed: &FeedId) -> Option<&'e crate::model::Join> {
    entry.joins.iter().find(|join| join.feed == feed_key(feed))
}

/// By deltas: every entry in its newest edition, and none that left.
async fn poll(store: &Store, feed: &FeedId, before: Option<Subscriber>) -> Subscriber {
    let version = store.version(feed).unwrap();
    let entries: Vec<_> = store.scan(None, 999).await.unwrap();
    let here = || entries.iter().filter_map(|entry| Some((entry, stands(entry, feed)?)));
    let whole = || here().map(|(entry, _)| (entry.code.clone(), entry.edition_number)).collect();
    let Some(mut subscriber) = before else { return Subscriber { version, holds: whole(), deltas: 0 } };
    match store.feed_since(feed, subscriber.version, Sight::everything()).await.unwrap() {
        None => subscriber.holds = whole(),
        Some(delta) => {
            assert_eq!(delta.version, version);
            subscriber.deltas += 1;
            subscriber.holds.extend(delta.entries.iter().map(|entry| (entry.code.clone(), entry.edition_number)));
            subscriber.holds.retain(|code, _| delta.gone.iter().all(|gone| gone.code != *code));
        }
    }
    subscriber.version = version;
    for (entry, join) in here() {
        match subscriber.holds.get(&entry.code) {
            Some(number) => assert_eq!(*number, entry.edition_number, "{} of {feed:?}", entry.code),
            None => assert!(join.quiet, "{} of {feed:?} was not told", entry.code),
        }
    }
    let codes: BTreeSet<&InfoCode> = here().map(|(entry, _)| &entry.code).collect();
    for held in subscriber.holds.keys() {
        // Of what was destroyed nothing can be told but that which is in the store.
        let erased = store.withdrawn(held).await.unwrap().is_some_and(|gone| gone.withdrawal.reason == "r");
        assert!(codes.contains(held) || erased, "{held} left {feed:?}, and nobody said so");
    }
    subscriber.holds.retain(|code, _| codes.contains(code));
    subscriber
}

#[tokio::test]
async fn a_withdrawal_is_told_of_for_thirty_days() {
    let Home { store, folder: _folder } = home();
    let entries = (0..3).map(|minute| candidate(&format!("NW{minute}"), minute)).collect();
    store.apply(fetch("one", 10, entries)).await.unwrap();
    store.retract(&code("NW1"), "libel", false, at(20)).await.unwrap();
    store.retract(&code("NW2"), "order", true, at(21)).await.unwrap();
    let told = async || store.feed(&rail(), 50).await.unwrap().gone;
    let gone = told().await;
    assert_eq!(gone.len(), 1, "the publisher's id of an erased entry is erased with it: {gone:?}");
    assert_eq!((gone[0].code.as_str(), gone[0].atom_id.as_str()), ("NW1", "https://a.example/NW1"));
    assert_eq!((gone[0].at, &gone[0].categories), (at(20), &vec![slug("rail")]));
    let month = 30 * 24 * 60;
    assert_eq!(store.wake(at(19 + month), false).await.unwrap(), Some(at(20 + month)), "an event ends it");
    assert_eq!(told().await.len(), 1);
    store.wake(at(20 + month), true).await.unwrap();
    assert_eq!(told().await.len(), 1, "not by a clock that is not believed");
    let before = store.version(&rail()).unwrap();
    store.wake(at(20 + month), false).await.unwrap();
    assert!(told().await.is_empty());
    assert!(store.version(&rail()).unwrap() > before);
    store.restore_entry(&code("NW1"), at(50_000)).await.unwrap();
    store.retract(&code("NW1"), "libel", false, at(50_001)).await.unwrap();
    assert_eq!(told().await.len(), 1, "and is told of anew when it happens again");
    store.restore_entry(&code("NW1"), at(50_002)).await.unwrap();
    assert!(told().await.is_empty(), "what is back never left");
}

#[tokio::test]
async fn a_correction_outside_the_last_entries_stands_in_the_head_for_a_week() {
    let Home { store, folder: _folder } = home();
    let day = 24 * 60;
    for number in 0..6 {
        store.apply(fetch("one", number * 2 * day, vec![candidate(&format!("NW{number}"), number)])).await.unwrap();
    }
    assert_eq!(codes(&store.feed(&rail(), 2).await.unwrap()), ["NW5", "NW4"]);
    let mut corrected = candidate("NW1", 1);
    (corrected.raw_hash, corrected.edition.title) = (2, Some(Text::plain("corrected")));
    store.apply(fetch("one", 11 * day, vec![corrected])).await.unwrap();
    assert_eq!(codes(&store.feed(&rail(), 2).await.unwrap()), ["NW5", "NW4", "NW1"]);
    store.apply(fetch("one", 17 * day, vec![candidate("NW7", 7)])).await.unwrap();
    assert_eq!(codes(&store.feed(&rail(), 2).await.unwrap()), ["NW7", "NW5", "NW1"]);
    store.apply(fetch("one", 19 * day, vec![candidate("NW8", 8)])).await.unwrap();
    assert_eq!(codes(&store.feed(&rail(), 2).await.unwrap()), ["NW8", "NW7"]);
}

#[tokio::test]
async fn retention_cuts_whole_archives_from_the_oldest_end() {
    let Home { store, folder: _folder } = home();
    for block in 0..3 {
        let range = block * 50..block * 50 + 50;
        store.apply(fetch("one", 1, range.map(|n| candidate(&format!("NW{n:03}"), n)).collect())).await.unwrap();
    }
    let archives = async || store.feed(&rail(), 50).await.unwrap().archives;
    assert_eq!(archives().await, Some((1, 3)));
    let keep = async |keep, minute| {
        let limit = Limit { age: None, keep: Some(keep) };
        let retention = Retention { otherwise: limit, polled: [].into(), ..Retention::default() };
        store.sweep(Arc::new(retention), at(minute)).await.unwrap()
    };
    assert_eq!(keep(70, 200).await, 80);
    assert_eq!(archives().await, Some((2, 3)));
    assert!(matches!(store.archive(&rail(), 1, Sight::everything()).await.unwrap(), Archive::Cut));
    let Archive::Full(second) = store.archive(&rail(), 2, Sight::everything()).await.unwrap() else { panic!("cut") };
    assert_eq!((second.entries.len(), second.gone.len()), (20, 30), "what went leaves a trace");
    assert!(store.feed(&rail(), 50).await.unwrap().gone.is_empty(), "nobody need delete what is only not kept here");
    assert!(store.verify().await.unwrap().is_well());
}

#[tokio::test]
async fn an_archive_has_another_version_when_something_in_it_changes_and_only_then() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, (0..120).map(|n| candidate(&format!("NW{n:03}"), n)).collect())).await.unwrap();
    let version = async |number| store.archive_version(&rail(), number).await.unwrap();
    let before = (version(1).await, version(2).await);
    assert!(before.0.is_some() && version(3).await.is_none() && version(0).await.is_none());
    store.apply(fetch("one", 2, vec![candidate("NW200", 200)])).await.unwrap();
    assert_eq!((version(1).await, version(2).await), before);
    let mut corrected = candidate("NW060", 60);
    (corrected.raw_hash, corrected.edition.title) = (2, Some(Text::plain("corrected")));
    store.apply(fetch("one", 3, vec![corrected])).await.unwrap();
    assert_eq!(version(1).await, before.0);
    assert_ne!(version(2).await, before.1);
}

#[tokio::test]
async fn a_thousand_changes_by_deltas_come_to_what_a_walk_from_nothing_finds() {
    let Home { store, folder: _folder } = home();
    let mut held = BTreeMap::<InfoCode, Option<Text>>::new();
    let (mut version, mut wholes) = (0, 0);
    for step in 0..1000i64 {
        let number = (step * 7919) % 400;
        let mut one = candidate(&format!("NW{number:03}"), number);
        (one.raw_hash, one.edition.title) = (step as u64 + 10, Some(Text::plain(format!("{number} in {step}"))));
        one.edition.fetched = at(step);
        match step % 11 {
            3 => drop(store.retract(&one.code, "r", false, at(step)).await.unwrap()),
            7 => drop(store.restore_entry(&numbered(((step * 13) % 400) as u16), at(step)).await.unwrap()),
            9 => {
                one.categories = vec![category("sea")];
                store.apply(fetch("one", step, vec![one])).await.unwrap();
            }
            _ => drop(store.apply(fetch("one", step, vec![one])).await.unwrap()),
        }
        match store.feed_since(&rail(), version, Sight::everything()).await.unwrap() {
            Some(delta) => {
                held.extend(delta.entries.iter().map(|entry| (entry.code.clone(), entry.edition.title.clone())));
                delta.gone.iter().for_each(|gone| drop(held.remove(&gone.code)));
                version = delta.version;
            }
            None => wholes += 1,
        }
    }
    assert_eq!(wholes, 0, "nothing was forgotten");
    let head = store.feed(&rail(), 50).await.unwrap();
    let mut walked: BTreeMap<_, _> =
        head.entries.iter().map(|entry| (entry.code.clone(), entry.edition.title.clone())).collect();
    let (first, last) = head.archives.unwrap();
    for number in first..=last {
        let Archive::Full(archive) = store.archive(&rail(), number, Sight::everything()).await.unwrap() else {
            panic!()
        };
        walked.extend(archive.entries.iter().map(|entry| (entry.code.clone(), entry.edition.title.clone())));
    }
    let filed = store.page(&rail(), 0, 999).await.unwrap();
    let filed: BTreeMap<_, _> =
        filed.entries.iter().map(|entry| (entry.code.clone(), entry.edition.title.clone())).collect();
    assert!(filed.len() > 200 && last >= 5, "{} in {last} archives", filed.len());
    assert_eq!(walked, filed);
    assert_eq!(held, filed);
}
