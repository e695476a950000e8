//! One file from which everything is made again, taken while everything goes on.

use super::*;
use std::fs;

async fn stock(store: &Store, commits: std::ops::Range<i64>) {
    for number in commits {
        let pair = ["A", "B"].map(|half| candidate(&format!("{half}{number}"), number)).to_vec();
        store.apply(fetch("one", number, pair)).await.unwrap();
    }
}

async fn told(store: &Store) -> (Vec<Arc<Entry>>, Vec<Arc<Entry>>, BTreeMap<SourceId, SourceState>, u64) {
    let feed = store.feed(&rail(), 50).await.unwrap();
    (store.scan(None, 99_999).await.unwrap(), feed.entries, store.states().await.unwrap(), feed.version)
}

#[tokio::test]
async fn a_backup_makes_the_same_store_elsewhere_with_and_without_a_checkpoint() {
    let Home { store, folder } = home();
    for checkpoint in [false, true] {
        stock(&store, 0..5).await;
        if checkpoint {
            store.checkpoint().await.unwrap();
        }
        stock(&store, 5..8).await;
        store.touch(&slug("two"), SourceState { failures: 3, ..SourceState::default() }).await.unwrap();
        let (before, file) = (told(&store).await, folder.path().join("backup"));
        let backup = store.backup(&file).await.unwrap();
        assert_eq!(fs::metadata(&file).unwrap().len(), backup.bytes);
        stock(&store, 8..9).await;
        let elsewhere = tempfile::tempdir().unwrap();
        let data = elsewhere.path().join("data");
        let (restored, said) = Store::restore(&file, &data, StoreOptions::default()).unwrap();
        assert_eq!(said, backup);
        assert!(told(&restored).await == before);
        let epoch = restored.epoch().await.unwrap();
        assert_ne!(restored.begin_epoch(at(5)).await.unwrap(), epoch);
        stock(&restored, 20..22).await;
        let entries = before.0.len() as u64 + 4;
        drop(restored);
        let names: Vec<_> = fs::read_dir(&data).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert!(
            names.iter().all(|name| !name.to_string_lossy().contains("damaged") && name != "restoring"),
            "{names:?}"
        );
        let restored = Store::open(&data, StoreOptions::default()).unwrap();
        assert_eq!((restored.counts().await.unwrap().entries, restored.opened()), (entries, &Opened::default()));
        drop(restored);
        // Where there is a store already, nothing is touched.
        assert!(matches!(Store::restore(&file, &data, StoreOptions::default()).err(), Some(StoreError::Folder { .. })));
        assert_eq!(Store::open(&data, StoreOptions::default()).unwrap().counts().await.unwrap().entries, entries);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_commits_checkpoints_and_copies_go_on_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { spare: 0, ..StoreOptions::default() };
    let store = Store::open(&folder.path().join("data"), options).unwrap();
    stock(&store, 0..10).await;
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for number in 10..160 {
            stock(&writer, number..number + 1).await;
            if number % 10 == 0 {
                writer.checkpoint().await.unwrap();
            }
        }
    });
    let mut backups = Vec::new();
    while !writing.is_finished() {
        let file = folder.path().join(format!("backup{}", backups.len()));
        let from = store.counts().await.unwrap().entries;
        store.backup(&file).await.unwrap();
        backups.push((file, from, store.counts().await.unwrap().entries));
    }
    writing.await.unwrap();
    let all = told(&store).await.0;
    for (file, from, to) in backups.iter().step_by(backups.len().div_ceil(6)) {
        let data = file.with_extension("data");
        let (restored, _) = Store::restore(file, &data, StoreOptions::default()).unwrap();
        let entries = restored.counts().await.unwrap().entries;
        assert!((*from..=*to).contains(&entries) && entries % 2 == 0, "{from} {entries} {to}");
        for entry in told(&restored).await.0 {
            assert!(all.contains(&entry), "{}", entry.code);
        }
    }
}

#[tokio::test]
async fn a_backup_that_is_bent_or_cut_is_refused_and_leaves_nothing_behind() {
    let Home { store, folder } = home();
    stock(&store, 0..6).await;
    store.checkpoint().await.unwrap();
    stock(&store, 6..8).await;
    let file = folder.path().join("backup");
    store.backup(&file).await.unwrap();
    let whole = fs::read(&file).unwrap();
    let data = folder.path().join("elsewhere");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).unwrap();
        let Some(StoreError::Damaged(why)) = Store::restore(&file, &data, StoreOptions::default()).err() else {
            panic!("{what}: it passed");
        };
        assert!(why.contains("backup"), "{why}");
        assert!(!data.exists(), "{what}: something was left");
    };
    for place in 0..40 {
        let at = (whole.len() * place / 40 + place * 7) % whole.len();
        let mut bent = whole.clone();
        bent[at] ^= 0x20;
        refused(&bent, &format!("bent at {at}"));
        refused(&whole[..at], &format!("cut at {at}"));
    }
    refused(&[&whole[..], b"x"].concat(), "longer");
    fs::write(&file, &whole).unwrap();
    assert!(Store::restore(&file, &data, StoreOptions::default()).is_ok());
}

#[tokio::test]
async fn a_backup_replaces_an_earlier_one_and_no_other_file() {
    let Home { store, folder } = home();
    stock(&store, 0..2).await;
    let (file, other) = (folder.path().join("backup"), folder.path().join("letter"));
    let first = store.backup(&file).await.unwrap();
    stock(&store, 2..4).await;
    assert!(store.backup(&file).await.unwrap().sequence > first.sequence);
    fs::write(&other, b"Dear").unwrap();
    assert!(store.backup(&other).await.is_err());
    assert_eq!(fs::read(&other).unwrap(), b"Dear");
    assert!(store.backup(&folder.path().join("no/such/folder")).await.is_err());
    let left = fs::read_dir(folder.path()).unwrap().filter(|item| item.as_ref().unwrap().path().extension().is_some());
    assert!(left.map(|item| item.unwrap().file_name()).all(|name| name != "backup.tmp" && name != "letter.tmp"));
}
