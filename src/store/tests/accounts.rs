//! The account of a document: written with its commit, only where it says something else, and gone with what it is about.

use super::*;
use crate::model::{Account, Fate, Heard, Retention, Via, Went};
use std::fs;

fn heard(others: Vec<Went>) -> Option<Heard> {
    Some(Heard { via: Via::Poll, address: 7, others, known_as: Vec::new() })
}

fn document(minute: i64, candidates: Vec<Candidate>) -> Commit {
    Commit { heard: heard(Vec::new()), ..fetch("one", minute, candidates) }
}

async fn account(store: &Store) -> Account {
    store.account(&slug("one"), Via::Poll).await.unwrap().unwrap()
}

fn counts(account: &Account) -> Vec<(Fate, u32)> {
    account.counts.iter().map(|(fate, count)| (*fate, *count)).collect()
}

#[tokio::test]
async fn each_entry_of_a_document_is_accounted_for() {
    let Home { store, folder: _folder } = home();
    let all = || vec![candidate("A1", 1), candidate("A2", 2), candidate("A3", 3)];
    store.apply(document(1, all())).await.unwrap();
    let first = account(&store).await;
    assert_eq!((counts(&first), first.went.len(), first.since), (vec![(Fate::New, 3)], 0, at(1)));
    let born: Vec<u64> = store.whereabouts(vec![code("A2")]).await.unwrap().iter().map(|found| found.born).collect();
    assert_eq!(born, [first.sequence], "what is new is known by its birth");

    store.retract(&code("A3"), "court order", false, at(2)).await.unwrap();
    let mut corrected = candidate("A1", 1);
    (corrected.raw_hash, corrected.edition.title) = (2, Some(Text::plain("another title")));
    let mut alike = candidate("A2", 2);
    alike.raw_hash = 2;
    let held = Went::unstored(code("A9"), Fate::HeldBack, &candidate("A9", 9).aliases).titled("held back");
    let commit = document(3, vec![corrected, alike, candidate("A3", 3), candidate("A4", 4)]);
    store.apply(Commit { heard: heard(vec![held]), ..commit }).await.unwrap();
    let second = account(&store).await;
    let went: Vec<_> = second.went.iter().map(|went| (went.code.as_str(), went.fate, went.edition)).collect();
    let wanted = [
        ("A3", Fate::Refused, None),
        ("A9", Fate::HeldBack, None),
        ("A1", Fate::Updated, Some(2)),
        ("A2", Fate::Alike, None),
    ];
    assert_eq!(went, wanted);
    assert_eq!(counts(&second).iter().map(|(_, count)| count).sum::<u32>(), 5);
}

#[tokio::test]
async fn an_account_that_says_the_same_is_not_written_again() {
    let Home { store, folder: _folder } = home();
    let settled = |minute| Commit { drafts: vec![Draft::Unchanged(code("A1"))], ..document(minute, Vec::new()) };
    store.apply(document(1, vec![candidate("A1", 1)])).await.unwrap();
    store.apply(settled(2)).await.unwrap();
    let quiet = account(&store).await;
    assert_eq!((counts(&quiet), quiet.since), (vec![(Fate::Unchanged, 1)], at(2)));
    let key = keys::account(&slug("one"), Via::Poll);
    let stored = || store.0.shared.look(|reading| reading.tree.get(&key)).unwrap();
    let before = stored();
    assert!(before.as_ref().is_some_and(|bytes| bytes.len() < 100), "{:?}", before.map(|bytes| bytes.len()));
    store.apply(settled(3)).await.unwrap();
    assert_eq!(account(&store).await.since, at(2));
    assert_eq!(stored(), before);
}

#[tokio::test]
async fn of_a_clash_the_account_names_the_owner_also_later() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("owner", 1, vec![candidate("NW1", 1)])).await.unwrap();
    let other = |minute| Commit { namespace: "b.example".into(), ..document(minute, vec![candidate("NW1", 1)]) };
    store.apply(other(2)).await.unwrap();
    let told = |account: Account| {
        let went = account.went.into_iter().next().unwrap();
        (went.fate, went.claimed, went.holder)
    };
    let owner = Some("a.example".to_owned());
    assert_eq!(told(account(&store).await), (Fate::New, Some(code("NW1")), owner.clone()));
    store.apply(other(3)).await.unwrap();
    assert_eq!(told(account(&store).await), (Fate::Alike, Some(code("NW1")), owner.clone()));
    // The next document says it all as before: only its hash is looked at.
    let own = account(&store).await.went.remove(0).code;
    let known_as = vec![(code("NW1"), own.clone())];
    let heard = Some(Heard { via: Via::Poll, address: 7, others: Vec::new(), known_as });
    store.apply(Commit { heard, drafts: vec![Draft::Unchanged(own)], ..other(4) }).await.unwrap();
    assert_eq!(told(account(&store).await), (Fate::Unchanged, Some(code("NW1")), owner));
}

#[tokio::test]
async fn an_account_is_bounded_whatever_a_document_holds() {
    let Home { store, folder: _folder } = home();
    let held = |number: u32| Went::unstored(code(&format!("H{number}")), Fate::HeldBack, &[]).titled(&"长".repeat(200));
    store.apply(Commit { heard: heard((0..5_000).map(held).collect()), ..document(1, Vec::new()) }).await.unwrap();
    let account = account(&store).await;
    assert_eq!((counts(&account), account.went.len()), (vec![(Fate::HeldBack, 5_000)], 400));
    assert_eq!(account.went.iter().filter(|went| went.title.is_some()).count(), 50);
}

#[tokio::test]
async fn erasing_leaves_no_title_in_any_account_in_any_file() {
    let Home { store, folder } = home();
    let title = "这一篇从未入库，标题却在册";
    let held = Went::unstored(code("H1"), Fate::HeldBack, &[]).titled(title);
    let commit = Commit { heard: heard(vec![held]), ..document(1, vec![candidate("A1", 1)]) };
    store.apply(commit).await.unwrap();
    store.checkpoint().await.unwrap();
    let holds = |folder: &Path| {
        let mut files = vec![folder.to_owned()];
        let mut found = Vec::new();
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(fs::read_dir(path).unwrap().map(|item| item.unwrap().path()));
                continue;
            }
            let bytes = fs::read(&path).unwrap_or_default();
            let whole = zstd::decode_all(bytes.as_slice()).unwrap_or_default();
            let has = |bytes: &[u8]| memchr::memmem::find(bytes, title.as_bytes()).is_some();
            found.extend((has(&bytes) || has(&whole)).then_some(path));
        }
        found
    };
    assert!(!holds(folder.path()).is_empty());
    assert!(store.retract(&code("A1"), "court order", true, at(9)).await.unwrap());
    store.forget().await.unwrap();
    assert_eq!(holds(folder.path()), Vec::<PathBuf>::new());
    let account = account(&store).await;
    assert_eq!(account.went.iter().map(|went| &went.title).collect::<Vec<_>>(), [&None]);
    assert!(store.verify().await.unwrap().is_well());
}

#[tokio::test]
async fn a_purged_source_takes_its_account_and_its_requests_along() {
    let Home { store, folder: _folder } = home();
    let mut state = SourceState::default();
    state.requests.push(Default::default());
    store.apply(Commit { state, ..document(1, vec![candidate("A1", 1)]) }).await.unwrap();
    let gone = |minute| Settlement { at: at(minute), removed: Removed::Purge, ..no_more() };
    // It was settled once, and then was no more.
    let there = SourcePolicy { source: slug("one"), hash: 1, categories: None };
    store.settle(Settlement { at: at(2), sources: vec![there], ..no_more() }).await.unwrap();
    store.settle(gone(3)).await.unwrap();
    let retention = Arc::new(Retention { removed: Removed::Purge, ..Retention::default() });
    store.sweep(retention.clone(), at(4)).await.unwrap();
    assert!(store.account(&slug("one"), Via::Poll).await.unwrap().is_some(), "it may be put back for a day");
    store.sweep(retention, at(3 + 25 * 60)).await.unwrap();
    assert_eq!(store.account(&slug("one"), Via::Poll).await.unwrap(), None);
    assert!(store.state(&slug("one")).await.unwrap().requests.is_empty());
    assert!(store.verify().await.unwrap().is_well());
}

#[tokio::test]
async fn accounts_survive_a_crash_a_checkpoint_and_a_backup() {
    let Home { store, folder } = home();
    let held = Went::unstored(code("H1"), Fate::HeldBack, &[]);
    store.apply(Commit { heard: heard(vec![held]), ..document(1, vec![candidate("A1", 1)]) }).await.unwrap();
    let before = account(&store).await;
    store.checkpoint().await.unwrap();
    let (elsewhere, backup) = (tempfile::tempdir().unwrap(), folder.path().join("backup"));
    store.backup(&backup).await.unwrap();
    drop(store);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert!(store.opened().rebuilt.is_some());
    assert_eq!(account(&store).await, before, "made again from checkpoint and journal");
    let (restored, _) = Store::restore(&backup, &elsewhere.path().join("data"), StoreOptions::default()).unwrap();
    assert_eq!(account(&restored).await, before);
}

#[tokio::test]
async fn since_when_an_entry_is_hidden_is_kept_with_it() {
    let Home { store, folder: _folder } = home();
    let hides = |hidden: bool| {
        let dropped = hidden.then(|| "a rule".to_owned());
        Judge::new(move |_, _, _| Some(Standing { dropped: dropped.clone(), ..Standing::default() }))
    };
    store.apply(Commit { judge: hides(false), ..document(1, vec![candidate("A1", 1)]) }).await.unwrap();
    let since = || async {
        let found = store.whereabouts(vec![code("A1")]).await.unwrap().remove(0);
        (found.is_hidden(), found.filed[0].hidden_since)
    };
    assert_eq!(since().await, (false, None));
    let settle = |minute, hash, hidden| {
        let sources = vec![SourcePolicy { source: slug("one"), hash, categories: None }];
        store.settle(Settlement { at: at(minute), sources, judge: hides(hidden), ..no_more() })
    };
    settle(5, 1, true).await.unwrap();
    assert_eq!(since().await, (true, Some(at(5))));
    // Its source says it again, under the same rule.
    let mut again = candidate("A1", 1);
    again.raw_hash = 2;
    store.apply(Commit { judge: hides(true), ..document(6, vec![again]) }).await.unwrap();
    assert_eq!(since().await, (true, Some(at(5))));
    settle(7, 2, false).await.unwrap();
    assert_eq!(since().await, (false, None));
}
