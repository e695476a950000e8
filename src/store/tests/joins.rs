//! Where entries stand: joins, order, pages, moves, counters.

use super::*;

fn many(range: std::ops::Range<i64>) -> Vec<Candidate> {
    // Newest first, as documents are.
    range.rev().map(|minute| candidate(&format!("NW{minute:03}"), minute)).collect()
}

#[tokio::test]
async fn only_the_newest_of_a_new_source_join_and_the_rest_are_filed() {
    let Home { store, folder: _folder } = home();
    let mut commit = fetch("one", 100, many(0..20));
    commit.new_source_entries = Some(3);
    store.apply(commit).await.unwrap();
    for feed in [rail(), FeedId::All] {
        assert_eq!(codes(&store.feed(&feed, 50).await.unwrap()), ["NW019", "NW018", "NW017"]);
        assert_eq!(store.count(&feed).await.unwrap(), 20);
    }
    assert_eq!(store.page(&rail(), 0, 99).await.unwrap().entries.len(), 20);
    assert_eq!(store.feed(&FeedId::Source(slug("one")), 50).await.unwrap().entries.len(), 20);
    let mut later = fetch("one", 200, many(150..155));
    later.new_source_entries = Some(3);
    store.apply(later).await.unwrap();
    assert_eq!(store.feed(&rail(), 50).await.unwrap().entries.len(), 8, "later fetches join in full");
}

#[tokio::test]
async fn a_feed_holds_the_last_to_join_and_their_day_in_order_of_date() {
    let Home { store, folder: _folder } = home();
    let day = 24 * 60;
    for (joined, text, date) in
        [(0, "OLD", 0), (day + 5, "LATE", 1), (day + 6, "TWO", 9), (2 * day, "ONE", 8), (2 * day + 4, "NEW", 10)]
    {
        store.apply(fetch("one", joined, vec![candidate(text, date)])).await.unwrap();
    }
    assert_eq!(
        codes(&store.feed(&rail(), 1).await.unwrap()),
        ["NEW", "TWO", "ONE", "LATE"],
        "all that joined within the day"
    );
    assert_eq!(codes(&store.feed(&rail(), 5).await.unwrap()), ["NEW", "TWO", "ONE", "LATE", "OLD"]);
    assert_eq!(codes(&store.page(&rail(), 1, 2).await.unwrap()), ["TWO", "ONE"]);
}

#[tokio::test]
async fn entries_of_one_date_stand_in_the_documents_order() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, ["A", "B", "C"].map(|text| candidate(text, 0)).to_vec())).await.unwrap();
    assert_eq!(codes(&store.feed(&rail(), 9).await.unwrap()), ["A", "B", "C"]);
    assert_eq!(codes(&store.page(&rail(), 0, 9).await.unwrap()), ["A", "B", "C"]);
}

#[tokio::test]
async fn a_move_leaves_the_old_category_and_joins_the_new_one() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0), candidate("NW2", 1)])).await.unwrap();
    let mut moved = candidate("NW1", 0);
    moved.categories = vec![category("sea")];
    store.apply(fetch("one", 2, vec![moved])).await.unwrap();
    let sea = FeedId::Category(slug("sea"));
    assert_eq!(codes(&store.feed(&sea, 9).await.unwrap()), ["NW1"]);
    assert_eq!(
        (codes(&store.feed(&rail(), 9).await.unwrap()), codes(&store.page(&rail(), 0, 9).await.unwrap())),
        (vec!["NW2"], vec!["NW2"])
    );
    assert_eq!((store.count(&rail()).await.unwrap(), store.version(&rail()).unwrap()), (1, 2));
    assert_eq!(store.categories().await.unwrap(), [category("rail"), category("sea")]);
    store.apply(fetch("one", 3, vec![candidate("NW1", 0)])).await.unwrap();
    let back = get(&store, "NW1").await;
    assert_eq!(back.joins.iter().find(|join| join.feed == "c:rail").unwrap().number, 3, "a number is never used again");
}

#[tokio::test]
async fn a_fetch_that_changes_nothing_moves_no_version() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let mut same = fetch("one", 2, vec![]);
    same.drafts = vec![Draft::Unchanged(code("NW1"))];
    let changes = store.apply(same).await.unwrap();
    assert_eq!((changes.unchanged, changes.sequence, store.version(&rail()).unwrap()), (1, 1, 1));
    assert_eq!(store.state(&slug("one")).await.unwrap().last_success, Some(at(2)));
}
