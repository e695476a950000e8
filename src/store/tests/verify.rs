//! What is wrong is found and said; what is not, is not.

use super::{recovery::copy, *};
use crate::store::{
    overlay::Writes,
    tally::{Applied, Tally},
    verify,
};
use std::{fs, path::Path};

/// Entries in two categories, one corrected, one retracted, one erased, one not to be seen yet.
async fn stocked(folder: &Path) -> Store {
    let store = Store::open(folder, StoreOptions::default()).unwrap();
    for number in 0..60 {
        let mut one = candidate(&format!("A{number}"), number);
        if number % 3 == 0 {
            one.categories.push(category("sea"));
        }
        store.apply(fetch("one", number, vec![one])).await.unwrap();
    }
    let mut again = candidate("A7", 7);
    again.edition.title = Some(Text::plain("corrected"));
    again.raw_hash = 9;
    store.apply(fetch("one", 61, vec![again])).await.unwrap();
    assert!(store.retract(&code("A8"), "why", false, at(62)).await.unwrap());
    assert!(store.retract(&code("A9"), "why", true, at(63)).await.unwrap());
    store.forget().await.unwrap();
    store
}

#[tokio::test]
async fn a_store_that_is_well_is_called_so_also_after_a_checkpoint_a_copy_and_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let store = stocked(folder.path()).await;
    for _ in 0..2 {
        let report = store.verify().await.unwrap();
        assert!(report.is_well(), "{report:?}");
        assert_eq!(report.kinds["m"].keys, 60);
        store.checkpoint().await.unwrap();
    }
    store.close(at(70)).await.unwrap();
    let store = Store::remake(folder.path(), StoreOptions::default()).unwrap();
    assert!(store.opened().rebuilt.is_some());
    let report = store.verify().await.unwrap();
    assert!(report.is_well(), "{report:?}");
}

#[tokio::test]
async fn an_index_that_disagrees_with_the_entries_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = stocked(folder.path()).await;
    let (a1, a8) = (code("A1"), code("A8"));
    let tree = |store: &Store| store.0.shared.look(|reading| Ok(reading.tree.clone())).unwrap();
    let place = tree(&store).under(b"c|c:rail").next().unwrap().unwrap();
    let head = tree(&store).get(&keys::head("c:rail")).unwrap().unwrap();
    let mut other = head.clone();
    other[15] ^= 1;
    let cases: [(&str, Writes); 9] = [
        ("a place too few", [(place.0.clone(), None)].into()),
        ("a place too many", [([&place.0[..], b"x"].concat(), Some(place.1.clone()))].into()),
        ("a text too few", [(keys::body(&a1), None)].into()),
        ("a join block too few", [(keys::joined("c:rail", 1), None)].into()),
        ("a withdrawal too few", [(keys::tombstone(&a8), None)].into()),
        ("a hidden one too few", [(keys::hidden(&slug("one"), &a8), None)].into()),
        ("a counter", [(keys::head("c:rail"), Some(other))].into()),
        ("no counter", [(keys::head("c:rail"), None)].into()),
        ("a name that leads nowhere", [(keys::published("x"), Some(b"NW404".to_vec()))].into()),
    ];
    store.close(at(70)).await.unwrap();
    for (name, writes) in cases {
        let here = tempfile::tempdir().unwrap();
        copy(folder.path(), here.path());
        let store = Store::open(here.path(), StoreOptions::default()).unwrap();
        let tree = tree(&store);
        tree.apply(writes).unwrap();
        let applied = Applied { sequence: store.counts().await.unwrap().sequence, tally: Tally::of(&tree).unwrap() };
        let report = verify::verify(here.path(), &tree, applied).unwrap();
        assert_eq!((report.tree.number, report.indexes.number > 0), (0, true), "{name}: {report:?}");
        // What was not written by the store's own way is found by its counters too.
        let report = store.verify().await.unwrap();
        assert!(report.tree.number > 0, "{name}");
    }
}

#[tokio::test]
async fn a_bent_checkpoint_or_journal_is_found_and_mended_by_a_new_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let store = stocked(folder.path()).await;
    store.checkpoint().await.unwrap();
    store.apply(fetch("one", 80, vec![candidate("B1", 80)])).await.unwrap();
    store.apply(fetch("one", 81, vec![candidate("B2", 81)])).await.unwrap();
    for inside in ["checkpoint", "journal"] {
        let path = fs::read_dir(folder.path().join(inside)).unwrap().next().unwrap().unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[60] ^= 4;
        fs::write(&path, bytes).unwrap();
        let report = store.verify().await.unwrap();
        assert!(report.log.number > 0 && report.tree.number == 0 && report.indexes.number == 0, "{inside}: {report:?}");
        store.checkpoint().await.unwrap();
        let report = store.verify().await.unwrap();
        assert!(report.is_well(), "{inside}: {report:?}");
        store.apply(fetch("one", 82, vec![candidate(&format!("C{}", inside.len()), 82)])).await.unwrap();
        store.apply(fetch("one", 83, vec![candidate(&format!("D{}", inside.len()), 83)])).await.unwrap();
    }
}
