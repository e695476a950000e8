//! Which entry a claim means, whose it is, and what a changed document changes.

use super::*;

#[tokio::test]
async fn a_correction_keeps_code_ids_and_place_and_moves_updated() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let first = get(&store, "NW1").await;
    let mut new = candidate("NW1", 50);
    new.raw_hash = 2;
    new.edition.updated = at(0);
    new.edition.content = Some(Text::html("<p>更正</p>"));
    new.edition.title = Some(Text::plain(" "));
    new.edition.link = None;
    new.edition.published = None;
    let changes = store.apply(fetch("one", 60, vec![new])).await.unwrap();
    assert_eq!((changes.updated, changes.new.len(), changes.sequence), (vec![code("NW1")], 0, 2));
    let second = get(&store, "NW1").await;
    assert_eq!((second.edition_number, second.changed, second.edition.updated), (2, 2, at(60)));
    assert_eq!(
        (&second.ids, second.first_seen, second.sort_date, &second.joins),
        (&first.ids, first.first_seen, first.sort_date, &first.joins)
    );
    let (old, new) = (&first.edition, &second.edition);
    assert_eq!(
        (&new.title, &new.link, new.published),
        (&old.title, &old.link, old.published),
        "empty never overwrites filled"
    );
    assert_eq!(new.content.as_ref().unwrap().value, "<p>更正</p>");
}

#[tokio::test]
async fn other_bytes_that_say_the_same_are_no_change() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let mut again = candidate("NW1", 0);
    again.raw_hash = 7;
    again.edition.updated = at(9);
    again.edition.link = Some("http://a.example/NW1".into());
    again.edition.title = Some(Text::plain("标题  NW1\n"));
    let changes = store.apply(fetch("one", 9, vec![again.clone()])).await.unwrap();
    assert_eq!((changes.unchanged, changes.updated.len(), changes.sequence), (1, 0, 1));
    assert_eq!(store.version(&FeedId::All).unwrap(), 1);
    let known = store.known(&slug("one"), "a.example", &[claim(&again)]).await.unwrap();
    assert_eq!(known.0[0].as_ref().unwrap().raw_hash, 7, "the hash is refreshed, so that the next poll costs nothing");
}

#[tokio::test]
async fn editions_are_kept_up_to_the_bound() {
    let Home { store, folder: _folder } = home();
    for number in 1..=6 {
        let mut new = candidate("NW1", 0);
        (new.raw_hash, new.edition.title) = (number, Some(Text::plain(format!("第{number}版"))));
        store.apply(fetch("one", number as i64, vec![new])).await.unwrap();
    }
    let kept = |number| {
        store.0.shared.look(|reading| reading.tree.get(&keys::edition(&code("NW1"), number))).unwrap().is_some()
    };
    assert_eq!([1, 2, 3, 4, 5, 6].map(kept), [false, false, false, true, true, false]);
    assert_eq!(get(&store, "NW1").await.edition_number, 6);
}

#[tokio::test]
async fn a_rotated_guid_an_https_change_and_a_late_code_make_no_twin() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("X-OLD", 0)])).await.unwrap();
    let mut rotated = candidate("X-NEW", 0);
    rotated.aliases = vec![Alias("guid:rotated".into()), Alias("link:a.example/X-OLD".into())];
    let mut late = candidate("NW20220422", 0);
    late.aliases = vec![Alias("guid:rotated".into())];
    for (minute, claimed) in [(2, rotated), (3, late.clone())] {
        let known = store.known(&slug("one"), "a.example", &[claim(&claimed)]).await.unwrap();
        assert_eq!(known.0[0].as_ref().unwrap().code, code("X-OLD"));
        assert_eq!(store.apply(fetch("one", minute, vec![claimed])).await.unwrap().new, vec![]);
    }
    assert_eq!(store.counts().await.unwrap().entries, 1);
    assert_eq!(get(&store, "NW20220422").await.code, code("X-OLD"), "the late code is another name of it");
    for needle in ["nw20220422", "http://a.example/X-OLD", "https://news.example/entry/X-OLD.html", "rotated"] {
        assert_eq!(store.find(needle).await.unwrap().expect(needle).code, code("X-OLD"), "{needle}");
    }
}

#[tokio::test]
async fn entries_of_one_document_that_share_a_link_stay_apart() {
    let Home { store, folder: _folder } = home();
    let home_link = || Alias("link:a.example/".into());
    let shared = ["NW1", "NW2"].map(|text| {
        let mut one = candidate(text, 0);
        one.aliases = vec![Alias(format!("guid:{text}")), home_link()];
        one
    });
    assert_eq!(store.apply(fetch("one", 1, shared.to_vec())).await.unwrap().new.len(), 2);
    let mut third = candidate("NW3", 0);
    third.aliases = vec![home_link()];
    assert_eq!(store.apply(fetch("one", 2, vec![third])).await.unwrap().new, vec![code("NW3")]);
}

#[tokio::test]
async fn a_forged_code_changes_nothing_of_the_owners() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let owners = get(&store, "NW1").await;
    let mut forged = candidate("NW1", 0);
    forged.edition.title = Some(Text::plain("假"));
    let mut commit = fetch("two", 2, vec![forged]);
    commit.namespace = "b.example".into();
    let changes = store.apply(commit.clone()).await.unwrap();
    let derived = InfoCode::derived("b.example", CodeKind::Guid, "NW1");
    assert_eq!((changes.new, changes.notes.len()), (vec![derived.clone()], 1));
    assert_eq!(get(&store, "NW1").await, owners);
    let theirs = store.entry(&derived).await.unwrap().unwrap();
    assert!(theirs.ids.rss.starts_with("tag:news.example,2022:X-"), "the owner holds the id: {:?}", theirs.ids);
    assert_eq!(store.apply(commit).await.unwrap().unchanged, 1, "the derived code is stable");
}

#[tokio::test]
async fn the_publisher_takes_over_what_another_only_linked_to() {
    let Home { store, folder: _folder } = home();
    let mut linked = candidate("NW1", 0);
    linked.kind = CodeKind::Query;
    let mut aggregator = fetch("digest", 1, vec![linked.clone()]);
    aggregator.namespace = "b.example".into();
    store.apply(aggregator.clone()).await.unwrap();
    let mut own = linked.clone();
    own.edition.title = Some(Text::plain("原题"));
    assert_eq!(store.apply(fetch("one", 2, vec![own])).await.unwrap().updated, vec![code("NW1")]);
    let entry = get(&store, "NW1").await;
    assert_eq!((entry.namespace.as_str(), &entry.owner), ("a.example", &slug("one")));
    aggregator.drafts = fetch("digest", 3, vec![linked]).drafts;
    let changes = store.apply(aggregator).await.unwrap();
    assert_eq!((changes.unchanged, changes.new.len(), changes.updated.len()), (1, 0, 0));
    assert_eq!(get(&store, "NW1").await, entry);
}

#[tokio::test]
async fn two_sources_of_a_namespace_share_an_entry_and_do_not_take_turns() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let mut other = candidate("NW1", 0);
    (other.raw_hash, other.edition.content) = (9, Some(Text::html("<p>摘要</p>")));
    other.categories = vec![category("sea")];
    let changes = store.apply(fetch("two", 2, vec![other.clone()])).await.unwrap();
    assert_eq!((changes.new.len(), changes.updated.len()), (0, 0));
    let entry = get(&store, "NW1").await;
    assert_eq!(
        (entry.sources.clone(), entry.categories.clone()),
        (vec![slug("one"), slug("two")], vec![slug("rail"), slug("sea")])
    );
    assert_eq!(entry.edition.content.as_ref().unwrap().value, "<p>正文 NW1</p>");
    for (source, said) in [("one", candidate("NW1", 0)), ("two", other.clone())] {
        let known = store.known(&slug(source), "a.example", &[claim(&said)]).await.unwrap();
        assert_eq!(known.0[0].as_ref().unwrap().raw_hash, said.raw_hash, "{source}");
    }
    other.edition.content = Some(Text::html("<p>更正的摘要</p>"));
    assert_eq!(store.apply(fetch("two", 3, vec![other])).await.unwrap().updated.len(), 1, "its own words did change");
    assert_eq!(store.apply(fetch("one", 4, vec![candidate("NW1", 0)])).await.unwrap().unchanged, 1);
}
