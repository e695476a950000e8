//! What may be seen: rules, embargo, expiry, changed policy, withdrawals, retention, and the record of it all.

use super::*;
use crate::model::{ChangeKind, Limit, Retention};
use crate::store::orders::{Order, Search};
use chrono::TimeDelta;
use std::time::Duration;

fn all() -> FeedId {
    FeedId::All
}

async fn seen(store: &Store, feed: &FeedId) -> Vec<String> {
    let listing = store.feed(feed, 50).await.unwrap();
    listing.entries.iter().map(|entry| entry.code.to_string()).collect()
}

fn standing(from: Option<i64>, until: Option<i64>) -> Standing {
    Standing { dropped: None, not_before: from.map(at), not_after: until.map(at) }
}

async fn kinds(store: &Store, text: &str) -> Vec<ChangeKind> {
    let changes = store.changed_since(None, 9999).await.unwrap().unwrap();
    changes.into_iter().filter(|change| change.code == code(text)).map(|change| change.kind).collect()
}

#[tokio::test]
async fn an_embargo_ends_and_an_expiry_comes_as_commits() {
    let Home { store, folder } = home();
    let mut held = candidate("HELD", 0);
    held.edition.title = Some(Text::plain("held"));
    let mut brief = candidate("BRIEF", 1);
    brief.edition.title = Some(Text::plain("brief"));
    let judged = |mut commit: Commit| {
        commit.judge = Judge::new(|_, edition, _| match edition.title.as_ref()?.value.as_str() {
            "held" => Some(standing(Some(10), None)),
            _ => Some(standing(None, Some(20))),
        });
        commit
    };
    store.apply(judged(fetch("one", 1, vec![held.clone(), brief]))).await.unwrap();
    assert_eq!(seen(&store, &rail()).await, ["BRIEF"]);
    assert!(get(&store, "HELD").await.hidden.as_ref().unwrap().starts_with("held until"));
    // Judged is what stands, not what came: empty never overwrites filled, and dates stay.
    let mut blank = held;
    (blank.raw_hash, blank.edition.title, blank.sort_date) = (9, None, at(50));
    store.apply(judged(fetch("one", 2, vec![blank]))).await.unwrap();
    assert_eq!(seen(&store, &rail()).await, ["BRIEF"]);
    let version = store.version(&rail()).unwrap();
    assert_eq!(store.wake(at(9), false).await.unwrap(), Some(at(10)));
    assert_eq!(store.version(&rail()).unwrap(), version, "nothing is due: same store, same bytes");
    assert_eq!(store.wake(at(10), true).await.unwrap(), Some(at(20)), "a clock that jumped releases nothing");
    assert_eq!(seen(&store, &rail()).await, ["BRIEF"]);
    assert_eq!(store.wake(at(10), false).await.unwrap(), Some(at(20)));
    assert_eq!(seen(&store, &all()).await, ["BRIEF", "HELD"]);
    assert!(store.version(&rail()).unwrap() > version);
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let told = at(30 + 30 * 24 * 60);
    assert_eq!(
        store.wake(at(30), true).await.unwrap(),
        Some(told),
        "an expiry is never held; feeds tell of it for a while"
    );
    assert_eq!(seen(&store, &rail()).await, ["HELD"]);
    assert!(get(&store, "BRIEF").await.hidden.is_some());
    assert_eq!(kinds(&store, "HELD").await, [ChangeKind::New, ChangeKind::Moved]);
}

/// A policy that drops entries by title and files them under these categories.
fn settlement(hash: u64, minute: i64, to: &[&str], drops: &'static str) -> Settlement {
    let categories = to.iter().map(|slug| category(slug)).collect();
    Settlement {
        at: at(minute),
        sources: vec![SourcePolicy { source: slug("one"), hash, categories: Some(categories) }],
        judge: Judge::new(move |_, edition, _| {
            Some(Standing {
                dropped: edition
                    .title
                    .as_ref()
                    .filter(|title| title.value.contains(drops))
                    .map(|_| format!("exclude {drops}")),
                ..Standing::default()
            })
        }),
        joining: 2,
        ..no_more()
    }
}

#[tokio::test]
async fn changed_policy_is_one_commit_that_can_be_taken_back() {
    let Home { store, folder: _folder } = home();
    store
        .apply(fetch("one", 1, ["A1", "A2", "A3", "B4"].iter().zip(0..).map(|(c, n)| candidate(c, n)).collect()))
        .await
        .unwrap();
    store.apply(fetch("two", 2, vec![candidate("A1", 0), candidate("C", 5)])).await.unwrap();
    let before = store.counts().await.unwrap().sequence;
    let changes = store.settle(settlement(1, 3, &["sea"], "B4")).await.unwrap();
    assert_eq!((changes.sequence, changes.moved), (before + 1, 4), "one commit");
    let sea = FeedId::Category(slug("sea"));
    assert_eq!(seen(&store, &sea).await, ["A3", "A2"], "the newest join, as those of a new source do");
    assert_eq!(store.page(&sea, 0, 9).await.unwrap().entries.len(), 3, "all stand on the pages");
    assert_eq!(seen(&store, &rail()).await, ["C", "A1"], "another source keeps its own there");
    assert_eq!(get(&store, "B4").await.hidden.as_deref(), Some("exclude B4"));
    assert_eq!((store.count(&all()).await.unwrap(), store.count(&FeedId::Source(slug("one"))).await.unwrap()), (4, 3));
    let sequence = store.counts().await.unwrap().sequence;
    assert_eq!(store.settle(settlement(1, 4, &["sea"], "B4")).await.unwrap().moved, 0, "settled once");
    assert_eq!(store.counts().await.unwrap().sequence, sequence);
    store.settle(settlement(2, 5, &["rail"], "nothing")).await.unwrap();
    assert_eq!(store.count(&rail()).await.unwrap(), 5);
    assert!(seen(&store, &all()).await.contains(&"B4".to_owned()));
    assert_eq!(store.count(&sea).await.unwrap(), 0);
}

#[tokio::test]
async fn a_retracted_entry_is_gone_stays_gone_under_every_name_and_can_be_restored() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0), candidate("NW2", 1)])).await.unwrap();
    assert!(store.retract(&code("NW1"), "libel", false, at(2)).await.unwrap());
    assert!(!store.retract(&code("NW1"), "again", false, at(2)).await.unwrap());
    assert!(!store.retract(&code("NOBODY"), "x", false, at(2)).await.unwrap());
    for feed in [rail(), all(), FeedId::Source(slug("one"))] {
        assert_eq!(seen(&store, &feed).await, ["NW2"]);
        assert_eq!(store.count(&feed).await.unwrap(), 1);
    }
    let withdrawn = store.withdrawn(&code("NW1")).await.unwrap().unwrap();
    assert_eq!((withdrawn.withdrawal.reason.as_str(), withdrawn.withdrawal.at), ("libel", at(2)));
    assert_eq!(withdrawn.categories, [slug("rail")]);
    // Under the same code, another code with the same guid, another guid with the same link; then under what that taught.
    let mut guid = candidate("X-OTHER", 0);
    guid.aliases = vec![Alias("guid:NW1".into()), Alias("link:a.example/moved".into())];
    let mut link = candidate("X-THIRD", 0);
    link.aliases = vec![Alias("guid:new".into()), Alias("link:a.example/moved".into())];
    let mut taught = candidate("X-FOURTH", 0);
    taught.aliases = vec![Alias("guid:new".into()), Alias("link:a.example/elsewhere".into())];
    for (minute, back) in (3..).zip([candidate("NW1", 0), guid, link, taught]) {
        let changes = store.apply(fetch("one", minute, vec![back])).await.unwrap();
        assert_eq!((changes.refused, changes.new.len()), (vec![code("NW1")], 0), "minute {minute}");
    }
    // Another namespace cannot bring it back by its code either.
    let mut foreign = fetch("other", 9, vec![candidate("NW1", 0)]);
    foreign.namespace = "b.example".into();
    assert_eq!(store.apply(foreign).await.unwrap().refused, [code("NW1")]);
    assert_eq!(seen(&store, &rail()).await, ["NW2"]);
    assert_eq!(store.scan(None, 9).await.unwrap().len(), 1);
    assert!(store.restore_entry(&code("NW1"), at(20)).await.unwrap());
    assert!(!store.restore_entry(&code("NW1"), at(20)).await.unwrap());
    assert_eq!(seen(&store, &rail()).await, ["NW2", "NW1"], "at its old place");
    assert_eq!(get(&store, "NW1").await.joins.iter().map(|join| join.number).min(), Some(3), "under new numbers");
    assert_eq!(kinds(&store, "NW1").await, [ChangeKind::New, ChangeKind::Withdrawn, ChangeKind::Restored]);
}

#[tokio::test]
async fn an_erased_entry_leaves_hashes_only_and_is_still_refused() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let mut second = candidate("NW1", 0);
    (second.raw_hash, second.edition.title) = (2, Some(Text::plain("另一版")));
    store.apply(fetch("one", 2, vec![second])).await.unwrap();
    assert!(store.retract(&code("NW1"), "court order", false, at(3)).await.unwrap());
    assert!(store.retract(&code("NW1"), "court order", true, at(4)).await.unwrap(), "what was retracted can be erased");
    assert!(store.entry(&code("NW1")).await.unwrap().is_none());
    assert!(!store.restore_entry(&code("NW1"), at(5)).await.unwrap());
    let left = store.0.shared.look(|reading| {
        let mut left = Vec::new();
        reading.tree.each(|key, value| {
            if key.starts_with(b"b|") || key.starts_with(b"e|") || key.starts_with(b"x|") {
                left.push(key.to_vec());
            }
            assert!(!String::from_utf8_lossy(value).contains("a.example/NW1"));
            Ok(())
        })?;
        Ok(left)
    });
    assert_eq!(left.unwrap(), Vec::<Vec<u8>>::new());
    let mut back = candidate("X-NEW", 0);
    back.aliases = vec![Alias("link:a.example/NW1".into())];
    assert_eq!(store.apply(fetch("one", 9, vec![back])).await.unwrap().refused, [code("NW1")]);
    assert_eq!(store.find("https://a.example/NW1").await.unwrap(), None);
    assert_eq!(store.codes_of("https://a.example/NW1").await.unwrap(), [code("NW1")]);
}

#[tokio::test]
async fn retention_drops_the_old_and_the_many_but_never_what_is_listed_or_wanted_elsewhere() {
    let Home { store, folder: _folder } = home();
    let dates = [0, 10, 20, 30, 40];
    store.apply(fetch("one", 50, dates.map(|n| candidate(&format!("E{n}"), n)).to_vec())).await.unwrap();
    store.apply(fetch("two", 51, vec![candidate("E10", 10)])).await.unwrap();
    let sweep = |retention: Retention, minute| {
        let store = store.clone();
        async move { store.sweep(Arc::new(retention), at(minute)).await.unwrap() }
    };
    let age = |minutes: u64| Limit { age: Some(Duration::from_secs(minutes * 60)), keep: None };
    let polled = || Retention { polled: [slug("one"), slug("two")].into(), ..Retention::default() };
    let of_store = |limit| Retention { otherwise: limit, ..polled() };
    assert_eq!(sweep(of_store(age(5)), 60).await, 0, "the source lists them all");
    // From here on it lists only the newest.
    store.apply(fetch("one", 61, vec![candidate("E40", 40)])).await.unwrap();
    assert_eq!(sweep(polled(), 9999).await, 0);
    assert_eq!(sweep(of_store(age(45)), 61).await, 1, "E0; E10 is still listed by another source");
    assert_eq!(store.withdrawn(&code("E0")).await.unwrap().unwrap().withdrawal.reason, "older than 45m");
    store.apply(fetch("two", 62, vec![candidate("T", 59)])).await.unwrap();
    let keeps_ten = Retention { sources: [(slug("two"), Limit::default())].into(), ..of_store(age(45)) };
    assert_eq!(sweep(keeps_ten, 62).await, 0, "the other source would keep it");
    let of_category = Retention { categories: [(slug("rail"), newest(3))].into(), ..polled() };
    assert_eq!(sweep(of_category, 63).await, 2, "E10 and E20: three of the category are kept");
    assert_eq!(seen(&store, &rail()).await, ["T", "E40", "E30"]);
    let back = store.apply(fetch("one", 64, vec![candidate("E0", 0), candidate("E20", 20)])).await.unwrap();
    assert_eq!((back.new.len(), back.refused.len()), (0, 2), "what was dropped does not return");
    assert_eq!(kinds(&store, "E0").await, [ChangeKind::New, ChangeKind::Retired]);
    assert_eq!(at(1) - at(0), TimeDelta::minutes(1));
    let without_one = Retention { polled: [slug("two")].into(), ..of_store(age(15)) };
    assert_eq!(
        sweep(without_one, 65).await,
        2,
        "E40 and E30: what a source listed that is polled no more protects nothing"
    );
    assert_eq!(seen(&store, &rail()).await, ["T"]);
}

fn newest(keep: usize) -> Limit {
    Limit { age: None, keep: Some(keep) }
}

#[tokio::test]
async fn retention_looks_at_each_entry_once_however_much_it_drops() {
    let Home { store, folder: _folder } = home();
    let many = |from: i64| (from..from + 500).map(|n| candidate(&format!("N{n:04}"), n)).collect();
    for from in (0..3500).step_by(500) {
        store.apply(fetch("one", 9000, many(from))).await.unwrap();
    }
    // A category that keeps some, so that nothing can be told from the order alone; the last 500 are listed.
    let limits = Retention {
        categories: [(slug("rail"), newest(100)), (slug("sea"), newest(9))].into(),
        polled: [slug("one")].into(),
        ..Retention::default()
    };
    let (limits, look) = (Arc::new(limits), |search: &mut Search| store.0.shared.look(|reading| search.step(reading)));
    let begun = store.0.shared.look(|reading| Search::begin(reading.tree, limits.clone(), at(9001)));
    let (mut search, mut steps, mut dropped) = (begun.unwrap(), 0, 0);
    while !search.is_over() {
        let codes = look(&mut search).unwrap();
        steps += 1;
        let order = Order::Sweep { retention: limits.clone(), codes, purged: Vec::new(), at: at(9001) };
        dropped += store.order(order).await.unwrap().withdrawn.len();
    }
    assert_eq!((steps, dropped), (4, 3000));
    assert_eq!(store.sweep(limits, at(9002)).await.unwrap(), 0);
    assert_eq!(store.count(&rail()).await.unwrap(), 500);
}

#[tokio::test]
async fn what_was_found_is_looked_at_again_before_it_is_dropped() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 50, vec![candidate("OLD", 0), candidate("TOO", 1)])).await.unwrap();
    store.apply(fetch("one", 51, vec![candidate("NEW", 50)])).await.unwrap();
    let limit = Limit { age: Some(Duration::from_secs(600)), keep: None };
    let limits = Arc::new(Retention { otherwise: limit, polled: [slug("one")].into(), ..Retention::default() });
    let found = store.0.shared.look(|reading| {
        Search::begin(reading.tree, limits.clone(), at(52)).and_then(|mut search| search.step(reading))
    });
    let found = found.unwrap();
    assert_eq!(found, [code("OLD"), code("TOO")]);
    store.apply(fetch("one", 52, vec![candidate("OLD", 0), candidate("NEW", 50)])).await.unwrap();
    let dropped =
        store.order(Order::Sweep { retention: limits, codes: found, purged: Vec::new(), at: at(52) }).await.unwrap();
    assert_eq!(dropped.withdrawn, [code("TOO")], "the other one is listed again");
}

#[tokio::test]
async fn the_record_of_changes_is_read_in_steps_and_belongs_to_one_history() {
    let Home { store, folder: _folder } = home();
    let epoch = store.begin_epoch(at(0)).await.unwrap();
    let many = (0..2500).map(|n| candidate(&format!("N{n:04}"), n)).collect();
    store.apply(fetch("one", 9000, many)).await.unwrap();
    store.apply(fetch("one", 9001, vec![candidate("LAST", 1)])).await.unwrap();
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let step = store.changed_since(after, 700).await.unwrap().unwrap();
        let Some(last) = step.last() else { break };
        after = Some(last.cursor);
        assert!(step.is_sorted_by_key(|change| change.cursor));
        found.extend(step.into_iter().map(|change| change.code.to_string()));
    }
    assert_eq!((found.len(), found.last().map(String::as_str)), (2501, Some("LAST")));
    assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 2501);
    assert!(store.begin_epoch(at(0)).await.unwrap() > epoch);
    assert_eq!(store.changed_since(after, 9).await.unwrap(), None, "a cursor of another history");
    let beyond = Cursor { epoch: store.epoch().await.unwrap(), sequence: 99, part: 0 };
    assert_eq!(store.changed_since(Some(beyond), 9).await.unwrap(), None, "a cursor of a history that was lost");
}
