//! What followers of a feed are told: everything that changed in it after their cursor, and nothing else.

use super::*;
use crate::model::Follower;

async fn told(store: &Store, feed: &FeedId, after: Cursor) -> (Vec<String>, Vec<String>, Cursor) {
    let news = store.news(feed, after, 50).await.unwrap().unwrap();
    let stand = news.entries.iter().map(|entry| entry.code.to_string()).collect();
    (stand, news.withdrawn.iter().map(|gone| gone.code.to_string()).collect(), news.upto)
}

#[tokio::test]
async fn what_is_new_corrected_or_withdrawn_is_told_once_to_those_of_its_feed() {
    let Home { store, folder: _folder } = home();
    let elsewhere = Candidate { categories: vec![category("sea")], ..candidate("SEA", 5) };
    let start = store.cursor().await.unwrap();
    store.apply(fetch("one", 1, vec![candidate("A", 1), candidate("B", 2), elsewhere])).await.unwrap();
    let (new, gone, first) = told(&store, &rail(), start).await;
    assert_eq!((new, gone.len()), (vec!["B".to_owned(), "A".into()], 0));
    assert_eq!(told(&store, &rail(), first).await, (vec![], vec![], first));

    let mut corrected = Candidate { raw_hash: 2, ..candidate("A", 1) };
    corrected.edition.title = Some(Text::plain("corrected"));
    store.apply(fetch("one", 3, vec![corrected, candidate("B", 2)])).await.unwrap();
    let (changed, _, second) = told(&store, &rail(), first).await;
    assert_eq!(changed, ["A"]);

    store.retract(&code("B"), "wrong", false, at(4)).await.unwrap();
    let (changed, gone, third) = told(&store, &rail(), second).await;
    assert_eq!((changed.len(), gone), (0, vec!["B".to_owned()]));
    assert!(third > second && second > first);
    assert_eq!(told(&store, &FeedId::Category(slug("sea")), second).await.1.len(), 0, "it never stood there");
    let withdrawn = store.news(&FeedId::All, second, 50).await.unwrap().unwrap().withdrawn;
    assert_eq!(withdrawn[0].ids.atom, "https://a.example/B");
}

#[tokio::test]
async fn who_is_too_far_behind_or_of_another_history_is_told_to_take_the_whole() {
    let Home { store, folder: _folder } = home();
    let start = store.cursor().await.unwrap();
    store.apply(fetch("one", 1, (0..9).map(|n| candidate(&format!("N{n}"), n)).collect())).await.unwrap();
    assert!(store.news(&rail(), start, 8).await.unwrap().is_none());
    assert!(store.news(&rail(), start, 9).await.unwrap().is_some());
    for lost in [Cursor { epoch: start.epoch + 1, ..start }, Cursor { sequence: 99, ..start }] {
        assert!(store.news(&rail(), lost, 99).await.unwrap().is_none(), "{lost}");
    }
}

#[tokio::test]
async fn commits_are_told_to_those_who_wait_and_followers_survive() {
    let Home { store, folder } = home();
    let mut commits = store.commits();
    assert!(!commits.has_changed().unwrap());
    store.apply(fetch("one", 1, vec![candidate("A", 1)])).await.unwrap();
    assert_eq!(*commits.borrow_and_update(), store.version(&rail()).unwrap());
    store.touch(&slug("one"), SourceState::default()).await.unwrap();
    assert!(!commits.has_changed().unwrap(), "no entry changed");
    let follower = Follower {
        callback: "https://reader.example/cb?x=1".into(),
        topic: "https://news.example/category/rail.atom".into(),
        secret: Some("s".into()),
        since: at(1),
        until: at(9),
        cursor: store.cursor().await.unwrap(),
        failures: 0,
        next: None,
        last_push: None,
        trouble: None,
    };
    store.keep_follower("ab", Some(&follower)).await.unwrap();
    store.keep_follower("cd", Some(&follower)).await.unwrap();
    store.keep_follower("cd", None).await.unwrap();
    store.keep_heralded("https://hub.example/", Some(7)).await.unwrap();
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(store.followers().unwrap(), BTreeMap::from([("ab".to_owned(), follower)]));
    assert_eq!(store.heralded().unwrap(), BTreeMap::from([("https://hub.example/".to_owned(), 7)]));
    assert_eq!(*store.commits().borrow(), store.cursor().await.unwrap().sequence);
    assert!(store.verify().await.unwrap().is_well());
}
