//! sled's files made small by a copy, while everything goes on; and everything old made to go.

use super::{recovery::copy, *};
use crate::model::Validators;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A store that is copied after each checkpoint.
fn spareless(folder: &Path) -> Store {
    Store::open(folder, StoreOptions { cache: 8 << 20, editions: 3, spare: 0, ..StoreOptions::default() }).unwrap()
}

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

/// Writes a checkpoint and waits for the copy that follows it, until the old files are gone.
async fn compacted(store: &Store, data: &Path) {
    store.checkpoint().await.unwrap();
    while store.gauges().await.unwrap().compactions == 0 || trees(data).len() > 1 {}
}

fn trees(data: &Path) -> Vec<String> {
    recover::tree_folders(data).iter().map(|(_, path)| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn killed(data: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(data, folder.path());
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_takes_the_place_of_the_store_while_commits_and_listings_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = spareless(folder.path());
    stock(&store, 0..300).await;
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut number = 0;
                while store.gauges().await.unwrap().compactions < 3 {
                    let mut again = candidate(&format!("A{}", number % 50), number);
                    again.edition.title = Some(Text::plain(format!("{task} {number}")));
                    again.raw_hash = task as u64 * 100_000 + number as u64 + 10;
                    let one = candidate(&format!("T{task}N{number}"), number);
                    store.apply(fetch(&format!("source{task}"), number, vec![again, one])).await.unwrap();
                    let listing = store.page(&rail(), 0, 10).await.unwrap();
                    assert_eq!(listing.entries.len(), 10);
                    number += 1;
                }
                number
            })
        })
        .collect();
    let mut written = 0;
    while store.gauges().await.unwrap().compactions < 3 {
        store.checkpoint().await.unwrap();
    }
    for task in tasks {
        written += task.await.unwrap();
    }
    let before = told(&store).await;
    assert_eq!(before.0.len() as i64, 600 + written);
    let killed = killed(folder.path());
    store.close(at(0)).await.unwrap();
    for data in [killed.path(), folder.path()] {
        let store = spareless(data);
        assert_eq!(store.opened().rebuilt, None);
        assert!(told(&store).await == before);
        assert_eq!(trees(data).len(), 1, "{:?}", trees(data));
    }
}

#[tokio::test]
async fn a_copy_is_smaller_and_holds_large_small_and_empty_values() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions { spare: u64::MAX / 2, ..StoreOptions::default() }).unwrap();
    for round in 0..30 {
        let again = (0..40).map(|number| {
            let mut one = candidate(&format!("A{number}"), number);
            let words = (0..2000 / (number + 1)).map(|word| format!("{word} {} ", word * (round + 7) % 1009));
            one.edition.content = Some(Text::html(words.collect::<String>()));
            one.raw_hash = round as u64 + 5;
            one
        });
        store.apply(fetch("one", round, again.collect())).await.unwrap();
    }
    store.checkpoint().await.unwrap();
    let before = (told(&store).await, store.gauges().await.unwrap());
    store.close(at(0)).await.unwrap();
    let store = spareless(folder.path());
    compacted(&store, folder.path()).await;
    let after = store.gauges().await.unwrap();
    assert!(after.sled < before.1.sled && after.live == before.1.live, "{after:?} {:?}", before.1);
    assert_eq!(told(&store).await, before.0);
    assert_eq!(trees(folder.path()), ["sled.1"]);
}

/// What a kill leaves: the marker names the old tree and half a copy lies beside it; or it names the copy and the old one is not
/// removed yet; or what it names is gone; or it cannot be read.
#[tokio::test]
async fn a_kill_at_any_point_of_a_copy_leaves_a_store_that_opens_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let store = spareless(folder.path());
    stock(&store, 0..40).await;
    let old = killed(folder.path());
    compacted(&store, folder.path()).await;
    let new = trees(folder.path()).pop().unwrap();
    let now = killed(folder.path());
    store.close(at(0)).await.unwrap();
    let before = told(&spareless(folder.path())).await;
    type Case<'a> = (&'a str, &'a dyn Fn(&Path));
    let cases: [Case<'_>; 5] = [
        ("half a copy", &|data| {
            copy(&now.path().join(&new), &data.join("sled.7"));
            let db = data.join("sled.7/db");
            let bytes = fs::read(&db).unwrap();
            fs::write(db, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("an empty copy", &|data| fs::create_dir(data.join("sled.9")).unwrap()),
        ("the old one still there", &|data| copy(&old.path().join("sled"), &data.join("sled"))),
        ("named and gone", &|data| fs::rename(data.join(&new), data.join("sled.30")).unwrap()),
        ("no marker line", &|data| {
            let text = fs::read_to_string(data.join("syndic.store")).unwrap();
            fs::write(data.join("syndic.store"), text.replace("tree ", "three ")).unwrap();
        }),
    ];
    for (name, case) in cases {
        let here = killed(now.path());
        case(here.path());
        let store = spareless(here.path());
        assert_eq!(store.opened().rebuilt, None, "{name}");
        assert!(told(&store).await == before, "{name}");
        stock(&store, 40..41).await;
        assert_eq!(trees(here.path()).len(), 1, "{name}: {:?}", trees(here.path()));
        drop(store);
        assert_eq!(told(&spareless(here.path())).await.0.len(), 82, "{name}");
    }
    // What the marker names was lost, and only the tree of long ago is left: the journal brings all of it back.
    let here = killed(now.path());
    fs::remove_dir_all(here.path().join(&new)).unwrap();
    copy(&old.path().join("sled"), &here.path().join("sled"));
    assert!(told(&spareless(here.path())).await == before);
}

/// Every file of a folder, as it is and as whoever reads it would decompress it.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
            continue;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        if let Ok(plain) = zstd::decode_all(&bytes[..]) {
            found.push((path.clone(), plain));
        }
        found.push((path, bytes));
    }
    found
}

fn holders(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, needle).is_some();
    everything(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

#[tokio::test]
async fn after_a_purge_no_file_holds_what_was_before_the_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    stock(&store, 0..20).await;
    // Kept as it is, uncompressed, in a value, and for a while in sled, journal and checkpoint.
    let needle = format!("needle{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 1));
    let state = |note: &str| {
        let validators = Validators { etag: Some(note.to_owned()), ..Validators::default() };
        SourceState { validators, ..SourceState::default() }
    };
    store.touch(&slug("two"), state(&needle)).await.unwrap();
    stock(&store, 20..22).await;
    store.checkpoint().await.unwrap();
    stock(&store, 22..24).await;
    store.touch(&slug("two"), state(&needle)).await.unwrap();
    stock(&store, 24..25).await;
    copy(&folder.path().join("sled"), &folder.path().join("sled.damaged-3"));
    copy(&folder.path().join("sled"), &folder.path().join("sled.stuck"));
    fs::write(folder.path().join("checkpoint/00000000000000000001.tmp"), &needle).unwrap();
    store.touch(&slug("two"), state("gone")).await.unwrap();
    let before = told(&store).await;
    let holding = holders(folder.path(), needle.as_bytes());
    assert!(holding.len() >= 5, "{holding:?}");

    store.purge().await.unwrap();
    assert_eq!(holders(folder.path(), needle.as_bytes()), Vec::<PathBuf>::new());
    assert_eq!(told(&store).await, before);
    stock(&store, 25..26).await;
    let (one, two) = tokio::join!(store.purge(), store.purge());
    assert!(one.is_ok() && two.is_ok());
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!((store.counts().await.unwrap().entries, store.opened()), (52, &Opened::default()));
    assert_eq!(holders(folder.path(), needle.as_bytes()), Vec::<PathBuf>::new());
    // sled is lost: checkpoint and journal are enough as ever.
    drop(store);
    for tree in trees(folder.path()) {
        fs::remove_dir_all(folder.path().join(tree)).unwrap();
    }
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(store.counts().await.unwrap().entries, 52);
}

/// What the next test kills: commits for ever, and says each one once it is acknowledged; copies follow each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it never ends by itself"]
async fn commit_until_killed() {
    let Ok(data) = std::env::var("SYNDIC_TEST_VICTIM") else { return };
    let store = spareless(Path::new(&data));
    let first = store.counts().await.unwrap().entries as i64 / 2;
    let checkpoints = store.clone();
    tokio::spawn(async move {
        let mut copies = 0;
        loop {
            checkpoints.checkpoint().await.unwrap();
            while checkpoints.gauges().await.unwrap().compactions == copies {}
            copies += 1;
        }
    });
    for number in first.. {
        stock(&store, number..number + 1).await;
        println!("acknowledged {number}");
    }
}

#[tokio::test]
async fn kill_9_while_copying_loses_nothing() {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut last, mut taken) = (0, 0);
    for cycle in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "store::tests::compact::commit_until_killed"])
            .env("SYNDIC_TEST_VICTIM", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.filter_map(|line| line.unwrap().strip_prefix("acknowledged ")?.parse::<i64>().ok());
        let wanted = last + 20 + cycle * 37 % 100;
        last = said.take_while(|number| *number <= wanted).last().unwrap_or(last);
        child.kill().unwrap();
        child.wait().unwrap();
        let store = spareless(folder.path());
        assert_eq!(store.opened().rebuilt, None, "cycle {cycle}");
        let entries = store.counts().await.unwrap().entries as i64;
        assert!(entries >= (last + 1) * 2, "cycle {cycle}: {entries} of {last}");
        assert_eq!(entries % 2, 0, "half a commit");
        assert_eq!(store.scan(None, 99_999).await.unwrap().len() as i64, entries);
        assert_eq!(trees(folder.path()).len(), 1);
        taken = taken.max(recover::tree_folders(folder.path()).pop().unwrap().0);
        store.close(at(0)).await.unwrap();
    }
    assert!(taken > 4, "copies were taken: {taken}");
}
