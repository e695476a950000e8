//! States saved without waiting: seen at once, written a moment later, never over something newer.

use super::*;
use std::fs;

fn failed(failures: u32) -> SourceState {
    SourceState { failures, ..SourceState::default() }
}

async fn failures(store: &Store, source: &str) -> u32 {
    store.state(&slug(source)).await.unwrap().failures
}

/// Bytes of the journal.
fn journal(folder: &Path) -> u64 {
    fs::read_dir(folder.join("journal")).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_commit_of_the_same_source_is_not_overwritten_by_an_older_touch() {
    let Home { store, folder } = home();
    for round in 1..100 {
        let entries = (0..20).map(|n| candidate(&format!("R{round}N{n}"), 1)).collect();
        // The group that begins with it takes some time: the others mostly come while it is decided.
        let other = store.apply(fetch("three", i64::from(round), entries));
        let touched_then_fetched = async {
            std::thread::yield_now();
            store.touch(&slug("one"), failed(7)).await?;
            store.touch(&slug("two"), failed(round)).await?;
            store.apply(fetch("one", i64::from(round), vec![])).await
        };
        let (other, commit) = tokio::join!(other, touched_then_fetched);
        commit.and(other).unwrap();
        written(&store).await;
        assert_eq!((failures(&store, "one").await, failures(&store, "two").await), (0, round));
    }
    written(&store).await;
    let asked = SourceState { last_attempt: Some(at(7)), ..failed(99) };
    store.touch(&slug("two"), asked).await.unwrap();
    assert_eq!(store.last_attempt().await.unwrap(), Some(at(7)), "seen on its way");
    written(&store).await;
    assert_eq!(store.last_attempt().await.unwrap(), Some(at(7)));
    assert_eq!((failures(&store, "one").await, store.states().await.unwrap()[&slug("two")].failures), (0, 99));
    store.touch(&slug("one"), failed(3)).await.unwrap();
    let before = store.states().await.unwrap();
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(failures(&store, "one").await, 3, "what was saved last is written before the store is let go");
    assert_eq!(store.states().await.unwrap(), before);
}

#[tokio::test]
async fn when_sources_are_asked_next_is_told_of_those_that_were_asked() {
    let Home { store, folder: _folder } = home();
    let next = |seconds| SourceState { next_poll: Some(at(seconds)), ..failed(1) };
    store.touch(&slug("one"), next(5)).await.unwrap();
    written(&store).await;
    store.touch(&slug("two"), next(6)).await.unwrap();
    store.touch(&slug("three"), failed(1)).await.unwrap();
    let found = store.next_polls(["one", "two", "three", "never"].map(slug).to_vec()).await.unwrap();
    let expected = [("one", Some(at(5))), ("two", Some(at(6))), ("three", None)];
    assert_eq!(found, expected.map(|(source, next)| (slug(source), next)).into());
}

#[tokio::test]
async fn all_states_are_read_in_parts_and_none_is_left_out() {
    let Home { store, folder: _folder } = home();
    for number in 0..1_100 {
        store.touch(&slug(&format!("s{number:04}")), failed(number)).await.unwrap();
    }
    written(&store).await;
    store.touch(&slug("s0000"), failed(7)).await.unwrap();
    store.touch(&slug("new"), failed(8)).await.unwrap();
    let states = store.states().await.unwrap();
    assert_eq!(states.len(), 1_101);
    assert_eq!(
        [&states[&slug("s0000")], &states[&slug("new")], &states[&slug("s1099")]].map(|it| it.failures),
        [7, 8, 1_099]
    );
}

#[tokio::test]
async fn closing_writes_what_was_saved_and_takes_no_more() {
    let Home { store, folder } = home();
    store.touch(&slug("one"), failed(3)).await.unwrap();
    store.close(at(0)).await.unwrap();
    assert!(matches!(store.touch(&slug("one"), failed(4)).await, Err(StoreError::Write(_))));
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(failures(&store, "one").await, 3);
}

#[tokio::test]
async fn an_idle_writer_writes_what_is_saved_of_its_own_accord() {
    let Home { store, folder } = home();
    let before = journal(folder.path());
    store.touch(&slug("one"), failed(3)).await.unwrap();
    while journal(folder.path()) == before {
        std::thread::yield_now();
    }
    assert_eq!(failures(&store, "one").await, 3);
}

#[tokio::test]
async fn more_than_have_room_wait_for_the_writer_and_all_are_kept() {
    let Home { store, folder } = home();
    let touches = (0..10_000).map(|number| {
        let store = &store;
        async move { store.touch(&slug(&format!("s{number}")), failed(number)).await }
    });
    futures::future::try_join_all(touches).await.unwrap();
    assert_eq!(store.states().await.unwrap().len(), 10_000);
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let states = store.states().await.unwrap();
    assert!((0..10_000).all(|number| states[&slug(&format!("s{number}"))].failures == number));
}
