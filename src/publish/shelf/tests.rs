//! What is held, what is forgotten first, and what the store is told.

use super::*;
use crate::{format::Format, model::FeedId, publish::Coding};

fn stamp(version: u64) -> Stamp {
    Stamp { version, config: 1, render: 1 }
}

fn draft(version: u64, bytes: &'static str) -> Draft {
    let updated = Time::from_timestamp(version as i64, 0);
    Draft { stamp: stamp(version), bytes: Bytes::from_static(bytes.as_bytes()), updated, stored: None }
}

fn now() -> Time {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

#[test]
fn a_head_outlives_its_bytes() {
    let shelf = Shelf::holding(2000);
    let rss = Key::head(FeedId::All, Format::Rss);
    let rendered = shelf.remember(rss.clone(), draft(1, "12345678"), now());
    let atom = shelf.remember(Key::head(FeedId::All, Format::Atom), draft(1, "abcdefgh"), now());
    assert!(shelf.last(&rss).is_none());
    let head = shelf.head(&rss, stamp(1)).unwrap();
    assert_eq!(head.tags.of(Coding::Identity), rendered.head.tags.of(Coding::Identity));
    assert!(Arc::ptr_eq(&shelf.last(&Key::head(FeedId::All, Format::Atom)).unwrap(), &atom));
}

#[test]
fn another_stamp_is_not_answered_and_a_late_older_one_not_kept() {
    let shelf = Shelf::holding(100_000);
    let key = Key::head(FeedId::All, Format::Json);
    let newer = shelf.remember(key.clone(), draft(2, "two"), now());
    let older = shelf.remember(key.clone(), draft(1, "one"), now());
    assert!(newer.head.last_modified.is_some() && older.head.last_modified.is_none());
    assert!(shelf.head(&key, stamp(1)).is_none());
    assert_eq!(shelf.last(&key).unwrap().body.plain(), &Bytes::from_static(b"two"));
    assert!(shelf.head(&key, Stamp { config: 9, ..stamp(2) }).is_none());
    let other_config = Draft { stamp: Stamp { config: 9, ..stamp(1) }, ..draft(1, "one") };
    shelf.remember(key.clone(), other_config, now());
    assert!(shelf.head(&key, Stamp { config: 9, ..stamp(1) }).is_some(), "a store restored is older, and right");
}

#[test]
fn the_store_is_told_of_what_changed_and_of_nothing_else() {
    let shelf = Shelf::holding(100_000);
    let key = Key::head(FeedId::All, Format::Json);
    shelf.remember(key.clone(), draft(1, "one"), now());
    let told = shelf.take_fresh();
    let printed = told["/all.json"].clone();
    assert_eq!(printed.changed.timestamp(), 1);
    shelf.remember(key.clone(), draft(2, "one"), now());
    assert!(shelf.take_fresh().is_empty(), "another version, the same bytes");
    let again = Shelf::holding(100_000);
    let rendered = again.remember(key.clone(), Draft { stored: Some(printed), ..draft(3, "one") }, now());
    assert!(again.take_fresh().is_empty(), "a restart changes nothing");
    let tag = rendered.head.tags.of(Coding::Identity).unwrap();
    assert_eq!(again.version(&key, stamp(3), [tag].into_iter()), Some(1), "whoever has it may have read version 1");
}

#[tokio::test]
async fn the_bytes_of_all_codings_count() {
    let shelf = Shelf::holding(12_000);
    let text: &'static str = "entry ".repeat(1_000).leak();
    let key = Key::head(FeedId::All, Format::Rss);
    let rendered = shelf.remember(key.clone(), draft(1, text), now());
    let places = tokio::sync::Semaphore::new(1);
    for coding in Coding::ALL {
        rendered.body.coded(coding, &places).await.unwrap();
        shelf.coded(&Whose::Feed(&key), &rendered.body, coding);
        let tag = rendered.head.tags.of(coding).unwrap();
        assert_eq!(shelf.version(&key, stamp(9), [tag].into_iter()), Some(1), "{coding:?}");
    }
    assert_eq!(lock(&shelf.heads.held).held(), rendered.body.weight());
}

#[test]
fn a_page_is_held_once_and_never_taken_for_another() {
    let shelf = Shelf::holding(100_000);
    let one = shelf.page(Bytes::from_static(b"one"));
    assert!(Arc::ptr_eq(&one, &shelf.page(Bytes::from_static(b"one"))));
    assert!(!Arc::ptr_eq(&one, &shelf.page(Bytes::from_static(b"two"))));
}

#[test]
fn a_page_is_drawn_again_from_something_else_only() {
    let shelf = Shelf::holding(100_000);
    let drawn = shelf.draw("/", 1, Bytes::from_static(b"one"));
    assert!(Arc::ptr_eq(&drawn, &shelf.drawn("/", 1).unwrap()));
    assert!(shelf.drawn("/", 2).is_none() && shelf.drawn("/about.html", 1).is_none());
    shelf.draw("/", 2, Bytes::from_static(b"two"));
    assert!(shelf.drawn("/", 1).is_none());
}

#[test]
fn two_thousand_categories_in_three_formats_stay_within_the_bound() {
    let (bound, text) = (1 << 20, "entry ".repeat(500));
    let shelf = Shelf::holding(bound);
    let feed = |number| FeedId::Category(crate::model::Slug::parse(&format!("c{number}")).unwrap());
    for number in 0..2_000 {
        for format in Format::ALL {
            let bytes = Bytes::from(format!("{number} {text}"));
            shelf.remember(Key::head(feed(number), format), Draft { bytes, ..draft(1, "") }, now());
            shelf.page(Bytes::from(format!("{number} {format:?} {text}")));
        }
        let archive = Key { part: FeedPart::Archive(number), ..Key::head(feed(7), Format::Atom) };
        shelf.remember(archive, Draft { bytes: Bytes::from(format!("{number} {text}")), ..draft(1, "") }, now());
        let held = shelf.bytes();
        assert!(held <= bound && held > 0, "{held}");
    }
    let known =
        |number| Format::ALL.iter().all(|format| shelf.head(&Key::head(feed(number), *format), stamp(1)).is_some());
    assert!((0..2_000).all(known), "a 304 needs none of their bytes");
}
