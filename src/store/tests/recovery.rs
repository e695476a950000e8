//! Damage and loss of every kind below a store, on real files: it opens by itself with everything acknowledged,
//! or says clearly why not.

use super::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A store with `commits` of two entries each, closed in order.
async fn stocked(commits: i64) -> TempDir {
    let Home { store, folder } = home();
    stock(&store, 0..commits).await;
    store.close(at(0)).await.unwrap();
    folder
}

async fn stock(store: &Store, commits: std::ops::Range<i64>) {
    for number in commits {
        let pair = ["A", "B"].map(|half| candidate(&format!("{half}{number}"), number)).to_vec();
        store.apply(fetch("one", number, pair)).await.unwrap();
    }
}

/// What a store says and lists: equal stores are equal here.
async fn told(store: &Store) -> (Vec<Arc<Entry>>, Vec<Arc<Entry>>, BTreeMap<SourceId, SourceState>, u64) {
    let feed = store.feed(&rail(), 50).await.unwrap();
    (store.scan(None, 9999).await.unwrap(), feed.entries, store.states().await.unwrap(), feed.version)
}

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(folder, StoreOptions { cache: 8 << 20, editions: 3, ..StoreOptions::default() })
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &to.join(item.file_name()));
        } else {
            fs::copy(item.path(), to.join(item.file_name())).unwrap();
        }
    }
}

fn copied(from: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(from, folder.path());
    folder
}

fn files(folder: &Path, inside: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder.join(inside))
        .unwrap()
        .map(|item| item.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

/// Twenty places, spread over a file.
fn places(path: &Path) -> impl Iterator<Item = usize> + use<> {
    let length = fs::metadata(path).unwrap().len() as usize;
    (0..20).map(move |n| (length * n / 20 + n * 7) % length)
}

#[tokio::test]
async fn a_torn_tail_costs_only_what_was_not_acknowledged() {
    let Home { store, folder } = home();
    stock(&store, 0..2).await;
    let before = told(&store).await;
    let log = files(folder.path(), "journal").pop().unwrap();
    let whole = fs::metadata(&log).unwrap().len();
    store.touch(&slug("two"), SourceState { failures: 3, ..SourceState::default() }).await.unwrap();
    written(&store).await;
    let end = fs::metadata(&log).unwrap().len();
    // sled knows nothing of any of it: the journal alone has to do.
    for cut in whole..=end {
        let folder = copied(folder.path());
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        let log = files(folder.path(), "journal").pop().unwrap();
        fs::File::options().write(true).open(&log).unwrap().set_len(cut).unwrap();
        let store = open(folder.path()).unwrap();
        assert_eq!(store.opened().cut.is_some(), cut != whole && cut != end, "{cut}: {:?}", store.opened());
        assert_eq!(store.opened().replayed, 2 + u64::from(cut == end));
        let mut after = told(&store).await;
        assert_eq!(after.2.remove(&slug("two")).is_some(), cut == end);
        assert_eq!(after, before, "cut at {cut}");
        stock(&store, 5..6).await;
        drop(store);
        let store = open(folder.path()).unwrap();
        assert_eq!((store.counts().await.unwrap().entries, &store.opened().cut), (6, &None));
    }
}

#[tokio::test]
async fn a_flipped_byte_anywhere_loses_nothing_or_is_told() {
    let folder = stocked(6).await;
    {
        let store = open(folder.path()).unwrap();
        store.checkpoint().await.unwrap();
        stock(&store, 6..12).await;
        store.close(at(0)).await.unwrap();
    }
    let before = told(&open(&copied(folder.path()).keep()).unwrap()).await;
    for inside in ["journal", "checkpoint", "sled", "."] {
        for path in files(folder.path(), inside) {
            if path.ends_with("syndic.lock") || fs::metadata(&path).unwrap().len() == 0 {
                continue;
            }
            let name = path.strip_prefix(folder.path()).unwrap();
            for place in places(&path) {
                let folder = copied(folder.path());
                flip(&folder.path().join(name), place);
                let store = open(folder.path());
                let store = store.unwrap_or_else(|error| panic!("{} at {place}: {error}", name.display()));
                assert_eq!(told(&store).await, before, "{} at {place}", name.display());
            }
        }
    }
}

#[tokio::test]
async fn damage_to_two_of_three_is_told_and_changes_nothing() {
    let folder = stocked(4).await;
    let log = files(folder.path(), "journal").pop().unwrap();
    for place in [0.001, 0.3, 0.6] {
        let folder = copied(folder.path());
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        let log = folder.path().join("journal").join(log.file_name().unwrap());
        flip(&log, (fs::metadata(&log).unwrap().len() as f64 * place) as usize);
        let Err(StoreError::Damaged(why)) = open(folder.path()) else { panic!("a damaged middle passed") };
        assert!(why.contains("journal") && why.contains("Nothing was changed"), "{place}: {why}");
        assert!(!folder.path().join("sled.damaged-1").exists());
    }
    // The last record: what an orderly end wrote down says that there was one more.
    let folder = copied(folder.path());
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let log = files(folder.path(), "journal").pop().unwrap();
    flip(&log, fs::metadata(&log).unwrap().len() as usize - 9);
    let Err(StoreError::Damaged(why)) = open(folder.path()) else { panic!("a shorter store passed") };
    assert!(why.contains("were made"), "{why}");
}

#[tokio::test]
async fn a_missing_tree_is_made_again_from_journal_or_checkpoint() {
    let folder = stocked(5).await;
    for checkpoints in [0, 1, 2] {
        let folder = copied(folder.path());
        let mut commits = 5;
        for _ in 0..checkpoints {
            let store = open(folder.path()).unwrap();
            store.checkpoint().await.unwrap();
            stock(&store, commits..commits + 2).await;
            commits += 2;
            drop(store);
            assert_eq!(files(folder.path(), "checkpoint").len(), 1, "an older one goes");
        }
        let before = told(&open(folder.path()).unwrap()).await;
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        let store = open(folder.path()).unwrap();
        assert!(store.opened().rebuilt.is_some());
        assert_eq!(told(&store).await, before);
        assert_eq!(before.0.len() as i64, commits * 2);
        store.close(at(0)).await.unwrap();
        let store = open(folder.path()).unwrap();
        assert_eq!((store.opened(), told(&store).await), (&Opened::default(), before));
    }
}

/// Power loss: sled's files may be any older state, or a mixture of states; the journal and the checkpoint are synced.
#[tokio::test]
async fn what_was_acknowledged_is_there_when_sled_was_never_synced() {
    for checkpoint in [false, true] {
        let Home { store, folder } = home();
        stock(&store, 0..3).await;
        let early = copied(&folder.path().join("sled"));
        stock(&store, 3..6).await;
        if checkpoint {
            store.checkpoint().await.unwrap();
        }
        stock(&store, 6..9).await;
        let before = told(&store).await;
        let now = copied(folder.path());
        drop(store);
        let (sled, late) = (now.path().join("sled"), folder.path().join("sled"));
        let db = fs::read(late.join("db")).unwrap();
        let states: [(&str, &dyn Fn()); 5] = [
            ("older", &|| copy(early.path(), &sled)),
            ("empty file", &|| fs::write(sled.join("db"), b"").unwrap()),
            ("zeroes at the end", &|| {
                copy(&late, &sled);
                fs::write(sled.join("db"), [&db[..db.len() / 2], &vec![0; db.len() / 2]].concat()).unwrap();
            }),
            ("half of it", &|| {
                copy(&late, &sled);
                fs::write(sled.join("db"), &db[..db.len() / 2]).unwrap();
            }),
            ("gone", &|| fs::remove_dir_all(&sled).unwrap()),
        ];
        for (name, state) in states {
            let _ = fs::remove_dir_all(&sled);
            fs::create_dir_all(&sled).unwrap();
            state();
            let here = copied(now.path());
            let store = open(here.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(told(&store).await, before, "{name}");
            stock(&store, 9..10).await;
            assert_eq!(store.counts().await.unwrap().entries, 20);
        }
    }
}

#[tokio::test]
async fn a_tree_that_lost_or_bent_a_pair_is_made_again() {
    let writes: [fn() -> overlay::Writes; 3] = [
        || [(keys::meta(&code("A1")), None)].into(),
        || [(keys::body(&code("A1")), Some(b"other".to_vec()))].into(),
        || [(keys::applied().to_vec(), None)].into(),
    ];
    for write in writes {
        let Home { store, folder } = home();
        stock(&store, 0..3).await;
        let before = told(&store).await;
        store.0.shared.look(|reading| reading.tree.apply(write()).and_then(|()| reading.tree.flush())).unwrap();
        let killed = copied(folder.path());
        drop(store);
        let store = open(killed.path()).unwrap();
        assert!(store.opened().rebuilt.is_some());
        assert_eq!(told(&store).await, before);
        assert!(killed.path().join("sled.damaged-1").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_taken_while_eight_tasks_commit_is_as_good_as_any() {
    let Home { store, folder } = home();
    stock(&store, 0..50).await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0..60 {
                    let mut again = candidate(&format!("A{}", number % 50), number);
                    again.edition.title = Some(Text::plain(format!("{task} {number}")));
                    again.raw_hash = task as u64 * 1000 + number as u64 + 10;
                    let one = candidate(&format!("T{task}N{number}"), number);
                    store.apply(fetch(&format!("source{task}"), number, vec![again, one])).await.unwrap();
                }
            })
        })
        .collect();
    let mut checkpoints = 0;
    while tasks.iter().any(|task| !task.is_finished()) {
        store.checkpoint().await.unwrap();
        checkpoints += 1;
    }
    assert!(checkpoints > 1);
    for task in tasks {
        task.await.unwrap();
    }
    let before = told(&store).await;
    assert_eq!(before.0.len(), 100 + 8 * 60);
    let killed = copied(folder.path());
    drop(store);
    fs::remove_dir_all(killed.path().join("sled")).unwrap();
    let store = open(killed.path()).unwrap();
    assert!(store.opened().rebuilt.is_some());
    assert_eq!(told(&store).await, before);
}

#[tokio::test]
async fn touches_are_not_synced_and_one_sync_serves_all_that_wait() {
    let Home { store, folder: _folder } = home();
    stock(&store, 0..1).await;
    let before = store.syncs();
    for failures in 0..50 {
        store.touch(&slug("two"), SourceState { failures, ..SourceState::default() }).await.unwrap();
        assert_eq!(store.state(&slug("two")).await.unwrap().failures, failures, "seen at once");
    }
    assert!(store.syncs() - before <= 1, "{}", store.syncs() - before);
    let before = store.syncs();
    let waiting = (10..42).map(|number| store.apply(fetch("one", number, vec![candidate(&format!("C{number}"), 1)])));
    for applied in futures::future::join_all(waiting).await {
        applied.unwrap();
    }
    assert!(store.syncs() - before <= 4, "{}", store.syncs() - before);
}
