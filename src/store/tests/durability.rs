//! What survives, what is refused, and what a reader sees meanwhile.

use super::*;

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let Home { store, folder } = home();
    assert!(store.is_first_run());
    store.apply(fetch("one", 1, vec![candidate("NW1", 0), candidate("NW2", 1)])).await.unwrap();
    store.touch(&slug("two"), SourceState { failures: 3, ..SourceState::default() }).await.unwrap();
    let before = (store.feed(&rail(), 9).await.unwrap(), get(&store, "NW1").await);
    drop(store);
    std::fs::write(folder.path().join("sled/snap.0000.generating"), b"half").unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let after = store.feed(&rail(), 9).await.unwrap();
    assert_eq!(
        (after.version, &after.entries, get(&store, "NW1").await),
        (before.0.version, &before.0.entries, before.1)
    );
    assert_eq!(store.states().await.unwrap()[&slug("two")].failures, 3);
    assert_eq!((store.count(&rail()).await.unwrap(), store.is_first_run()), (2, false));
    assert!(!folder.path().join("sled/snap.0000.generating").exists());
    assert_eq!(store.scan(Some(&code("NW1")), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_process_is_told_who_holds_the_store_and_close_lets_go() {
    let Home { store, folder } = home();
    match Store::open(folder.path(), StoreOptions::default()).err() {
        Some(StoreError::Held { pid, .. }) => assert_eq!(pid, std::process::id().to_string()),
        other => panic!("{other:?}"),
    }
    store.close(at(0)).await.unwrap();
    assert!(matches!(store.apply(fetch("one", 1, vec![])).await, Err(StoreError::Write(_))));
    assert!(store.feed(&rail(), 1).await.is_err());
    Store::open(folder.path(), StoreOptions::default()).unwrap();
}

#[tokio::test]
async fn a_store_that_came_up_empty_or_is_newer_is_refused() {
    let Home { store, folder } = home();
    drop(store);
    std::fs::remove_dir_all(folder.path().join("sled")).unwrap();
    std::fs::remove_dir_all(folder.path().join("journal")).unwrap();
    assert!(matches!(Store::open(folder.path(), StoreOptions::default()).err(), Some(StoreError::Damaged(_))));

    let Home { store, folder } = home();
    let newer = u64::from(keys::SCHEMA + 1).to_be_bytes().to_vec();
    store.0.shared.look(|reading| reading.tree.apply([(keys::schema().to_vec(), Some(newer))].into())).unwrap();
    drop(store);
    let refused = Store::open(folder.path(), StoreOptions::default()).err().unwrap().to_string();
    assert!(refused.contains("newer syndic"), "{refused}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(matches!(Store::open(&file.join("data"), StoreOptions::default()).err(), Some(StoreError::Folder { .. })));
}

/// Every commit adds one entry to both categories, so a listing that sees one without the other saw half a commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_never_shows_half_a_commit() {
    let Home { store, folder: _folder } = home();
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for number in 0..2000 {
            let pair = ["A", "B"].map(|half| candidate(&format!("{half}{number}"), number)).to_vec();
            writer.apply(fetch("one", number, pair)).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let listing = store.page(&rail(), 0, 10).await.unwrap();
        assert_eq!(listing.entries.len() % 2, 0, "{:?}", codes(&listing));
        for pair in listing.entries.chunks(2) {
            assert_eq!(pair[0].born, pair[1].born, "{:?}", codes(&listing));
        }
        assert_eq!(listing.version, listing.entries.first().map_or(0, |entry| entry.born));
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn holds_of_hosts_survive_reopening_until_they_are_over() {
    let Home { store, folder } = home();
    store.hold("one.example", at(10)).await.unwrap();
    store.hold("two.example", at(30)).await.unwrap();
    store.hold("two.example", at(20)).await.unwrap();
    store.hold(&"x".repeat(999), at(30)).await.unwrap();
    store.close(at(0)).await.unwrap();
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let held = [("one.example".to_owned(), at(10)), ("two.example".to_owned(), at(30))];
    assert_eq!(store.holds(at(0), at(99)).await.unwrap(), held, "none gets shorter");
    assert_eq!(store.holds(at(10), at(99)).await.unwrap(), held[1..]);
    assert_eq!(store.holds(at(0), at(99)).await.unwrap(), held);
    store.tidy_holds(at(10), at(99)).await.unwrap();
    assert!(store.verify().await.unwrap().is_well());
    assert_eq!(store.holds(at(0), at(99)).await.unwrap(), held[1..], "what was over is forgotten");
}

#[tokio::test]
async fn a_hold_that_a_wrong_clock_wrote_ends_with_the_longest_wish() {
    let Home { store, folder: _folder } = home();
    store.hold("one.example", at(99_999)).await.unwrap();
    let clamped = [("one.example".to_owned(), at(60))];
    assert_eq!(store.holds(at(0), at(60)).await.unwrap(), clamped);
    store.tidy_holds(at(0), at(60)).await.unwrap();
    assert_eq!(store.holds(at(10), at(70)).await.unwrap(), clamped, "and is not drawn out by each start");
}
