//! What a newer program reads out of an unchanged document is no correction; what the publisher takes back is gone.

use super::*;
use crate::{
    enrich::SANITISER,
    model::{Deletion, Link, WithdrawalKind},
};

/// As an older program read it.
fn read_before(text: &str, minute: i64) -> Candidate {
    let mut old = candidate(text, minute);
    old.edition.sanitiser = SANITISER - 1;
    old
}

/// The same words, read by the present program: it finds a link too.
fn read_now(text: &str, minute: i64) -> Candidate {
    let mut new = candidate(text, minute);
    new.raw_hash = 2;
    new.edition.fetched = at(minute + 500);
    new.edition.links = vec![Link { href: "https://a.example/more".into(), rel: "related".into(), ..Link::default() }];
    new
}

#[tokio::test]
async fn a_newer_reading_takes_the_place_of_an_older_one_and_is_no_correction() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("s", 1, vec![read_before("A1", 1), read_before("A2", 1)])).await.unwrap();
    let before = get(&store, "A1").await;
    let mut corrected = read_now("A2", 1);
    corrected.edition.content = Some(Text::html("<p>正文 A2，更正</p>"));
    let changes = store.apply(fetch("s", 10, vec![read_now("A1", 1), corrected])).await.unwrap();
    assert_eq!((changes.updated, changes.unchanged), (vec![code("A2")], 1));
    let now = get(&store, "A1").await;
    assert_eq!(
        (now.edition_number, now.edition.updated, now.edition.fetched),
        (1, before.edition.updated, before.edition.fetched)
    );
    assert_eq!((now.edition.links.len(), now.edition.sanitiser), (1, SANITISER));
    assert!(now.changed > before.changed, "readers get it");
    assert_eq!(get(&store, "A2").await.edition_number, 2);
    // From now on it is compared as ever.
    let mut linked = read_now("A1", 1);
    (linked.raw_hash, linked.edition.links[0].href) = (3, "https://a.example/other".into());
    assert_eq!(store.apply(fetch("s", 20, vec![linked])).await.unwrap().updated, [code("A1")]);
    assert_eq!(get(&store, "A1").await.edition_number, 2);
}

#[tokio::test]
async fn a_further_source_that_is_only_read_anew_does_not_take_the_words_over() {
    let Home { store, folder: _folder } = home();
    let mut twin = read_before("A1", 2);
    twin.edition.content = Some(Text::html("<p>别的字</p>"));
    store.apply(fetch("s", 1, vec![read_before("A1", 1)])).await.unwrap();
    store.apply(fetch("twin", 2, vec![twin.clone()])).await.unwrap();
    (twin.raw_hash, twin.edition.sanitiser) = (2, SANITISER);
    store.apply(fetch("s", 3, vec![read_now("A1", 1)])).await.unwrap();
    store.apply(fetch("twin", 4, vec![twin])).await.unwrap();
    let entry = get(&store, "A1").await;
    assert_eq!((entry.edition_number, entry.edition.content.clone()), (1, Some(Text::html("<p>正文 A1</p>"))));
}

fn deletes(source: &str, minute: i64, text: &str, when: i64, listed: Vec<Candidate>) -> Commit {
    let names = vec![Alias(format!("guid:{text}"))];
    let deletion = Deletion { names, when: at(when), reason: "by 编辑: wrong".into() };
    Commit { deletions: vec![deletion], ..fetch(source, minute, listed) }
}

#[tokio::test]
async fn the_publisher_takes_his_own_entry_back_once_and_nobody_elses() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("s", 1, vec![candidate("A1", 1), candidate("A2", 1)])).await.unwrap();
    let other = Commit { namespace: "b.example".into(), ..deletes("other", 2, "A1", 2, vec![candidate("B1", 2)]) };
    assert_eq!(store.apply(other).await.unwrap().withdrawn, []);
    assert_eq!(
        store.apply(deletes("twin", 2, "A1", 2, vec![])).await.unwrap().withdrawn,
        [],
        "it only shares the name"
    );
    assert_eq!(store.apply(deletes("s", 3, "A9", 2, vec![])).await.unwrap().withdrawn, []);

    assert_eq!(store.apply(deletes("s", 3, "A1", 2, vec![])).await.unwrap().withdrawn, [code("A1")]);
    let gone = store.withdrawn(&code("A1")).await.unwrap().unwrap().withdrawal;
    assert_eq!((gone.kind, gone.reason.as_str(), gone.at), (WithdrawalKind::Deleted, "by 编辑: wrong", at(3)));
    assert_eq!(codes(&store.feed(&rail(), 9).await.unwrap()), ["B1", "A2"]);
    let sequence = store.apply(deletes("s", 4, "A1", 2, vec![])).await.unwrap().sequence;
    assert_eq!(store.apply(deletes("s", 5, "A1", 2, vec![])).await.unwrap().sequence, sequence, "once is enough");

    // The operator has the last word on what was said; a newer word is another one.
    assert!(store.restore_entry(&code("A1"), at(6)).await.unwrap());
    assert_eq!(store.apply(deletes("s", 7, "A1", 2, vec![])).await.unwrap().withdrawn, []);
    assert_eq!(store.apply(deletes("s", 8, "A1", 8, vec![])).await.unwrap().withdrawn, [code("A1")]);
    assert!(store.verify().await.unwrap().is_well());
}

#[tokio::test]
async fn an_entry_updated_after_its_deletion_is_there() {
    let Home { store, folder: _folder } = home();
    let dated = |updated: i64, raw_hash: u64| {
        let mut new = candidate("A1", 1);
        (new.raw_hash, new.edition.updated, new.edition.updated_said) = (raw_hash, at(updated), true);
        new.edition.title = Some(Text::plain(format!("{updated}")));
        new
    };
    store.apply(fetch("s", 1, vec![dated(5, 1)])).await.unwrap();
    assert_eq!(store.apply(deletes("s", 6, "A1", 4, vec![dated(5, 1)])).await.unwrap().withdrawn, []);
    assert_eq!(store.apply(deletes("s", 7, "A1", 6, vec![])).await.unwrap().withdrawn, [code("A1")]);
    assert_eq!(store.apply(deletes("s", 8, "A1", 6, vec![dated(5, 2)])).await.unwrap().refused, [code("A1")]);
    let back = store.apply(deletes("s", 9, "A1", 6, vec![dated(8, 3)])).await.unwrap();
    assert_eq!((back.refused, back.updated, back.withdrawn), (vec![], vec![code("A1")], vec![]));
    assert_eq!(codes(&store.feed(&rail(), 9).await.unwrap()), ["A1"]);
    assert!(store.verify().await.unwrap().is_well());
}

async fn renewed(store: &Store) {
    while store.renew(at(1000)).await.unwrap() {}
}

#[tokio::test]
async fn what_an_older_sanitiser_left_in_goes_out_of_what_is_stored() {
    let Home { store, folder } = home();
    let mut unsafe_one = read_before("A1", 1);
    unsafe_one.edition.content = Some(Text::html("<p onclick=\"x()\">字</p><script>x()</script>"));
    let many = (2..700).map(|n| read_before(&format!("A{n}"), 1)).collect::<Vec<_>>();
    store.apply(fetch("s", 1, [vec![unsafe_one.clone()], many].concat())).await.unwrap();
    let (before, other) = (get(&store, "A1").await, get(&store, "A2").await);
    let version = store.feed(&rail(), 20).await.unwrap().version;
    assert!(before.edition.content.as_ref().unwrap().value.contains("script"));

    assert!(store.renew(at(1000)).await.unwrap(), "a step is not all of it");
    let store = {
        store.close(at(1000)).await.unwrap();
        drop(store);
        Store::open(folder.path(), StoreOptions { editions: 3, ..StoreOptions::default() }).unwrap()
    };
    renewed(&store).await;
    let after = get(&store, "A1").await;
    assert_eq!(after.edition.content, Some(Text::html("<p>字</p>")));
    assert_eq!((after.edition_number, after.edition.updated), (1, before.edition.updated));
    assert!(after.changed > before.changed, "readers get other bytes");
    assert!(store.feed(&rail(), 20).await.unwrap().version > version);
    assert_eq!(get(&store, "A2").await.changed, other.changed, "what was safe stays as it was");
    assert!(store.verify().await.unwrap().is_well());

    // All is done: another start writes nothing, and a newer reading of the document is still no correction.
    let version = store.feed(&rail(), 20).await.unwrap().version;
    renewed(&store).await;
    assert_eq!(store.feed(&rail(), 20).await.unwrap().version, version);
    let mut again = read_now("A1", 1);
    again.edition.content = Some(Text::html("<p>字</p>"));
    assert_eq!(store.apply(fetch("s", 1010, vec![again])).await.unwrap().updated, []);
}
