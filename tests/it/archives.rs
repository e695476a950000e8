//! Archives, withdrawals and tags as readers get them, in every format.

use crate::support::{Reply, World, world::slug};
use chrono::TimeDelta;
use syndic::{
    format::Format,
    model::{FeedId, InfoCode, TagName},
};

/// Articles of these numbers; each has a tag of its own parity.
fn paper(numbers: std::ops::Range<u32>, title: &str) -> String {
    let item = |n: u32| {
        let tag = if n.is_multiple_of(2) { "even 数" } else { "odd" };
        format!(
            "<item><title>{title} {n}</title><link>https://paper.example/{n}.html</link><guid>https://paper.example/{n}.html</guid>\
             <category>{tag}</category><pubDate>Fri, 22 Apr 2022 0{}:{:02}:00 GMT</pubDate><description>text of {n}</description></item>",
            n / 60,
            n % 60
        )
    };
    let items: String = numbers.rev().map(item).collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>{items}</channel></rss>"
    )
}

async fn world(numbers: std::ops::Range<u32>) -> World {
    let lines = "category = \"news\"\ncontent = \"full\"\nnamespace = \"paper.example\"\nlicense = \"https://license.example/by\"";
    let world = World::new().await.source_with("paper", lines);
    world.upstream.serve("/paper", Reply::xml(paper(numbers, "story")));
    world.refreshed().await
}

fn news() -> FeedId {
    FeedId::Category(slug("news"))
}

fn atom(text: &str) -> atom_syndication::Feed {
    atom_syndication::Feed::read_from(text.as_bytes()).unwrap()
}

fn rel<'f>(feed: &'f atom_syndication::Feed, rel: &str) -> Option<&'f str> {
    feed.links.iter().find(|link| link.rel == rel).map(|link| link.href.as_str())
}

fn ids(feed: &atom_syndication::Feed) -> Vec<String> {
    feed.entries.iter().map(|entry| entry.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_of_a_feed_lead_to_each_other_in_every_format() {
    let world = world(0..120).await;
    let head = atom(&world.feed(news(), Format::Atom).await);
    let base = "https://syndic.test/category/news";
    assert_eq!(rel(&head, "prev-archive"), Some(&*format!("{base}/archive/2.atom")));
    assert!(rel(&head, "current").is_none() && !head.extensions.contains_key("fh"));
    let second = atom(&world.archive(news(), 2, Format::Atom).await.unwrap());
    let first = atom(&world.archive(news(), 1, Format::Atom).await.unwrap());
    assert_eq!(rel(&second, "self"), Some(&*format!("{base}/archive/2.atom")));
    assert_eq!(rel(&second, "prev-archive"), Some(&*format!("{base}/archive/1.atom")));
    assert_eq!(rel(&second, "current"), Some(&*format!("{base}.atom")));
    assert_eq!(rel(&first, "next-archive"), Some(&*format!("{base}/archive/2.atom")));
    assert!(rel(&first, "prev-archive").is_none() && rel(&second, "next-archive").is_none());
    assert!(first.extensions["fh"].contains_key("archive") && first.id == head.id);
    assert_eq!((ids(&first).len(), ids(&second).len()), (50, 50));
    assert_eq!(ids(&first)[0], "https://paper.example/49.html", "the newest first");
    assert!(world.archive(news(), 3, Format::Atom).await.is_none(), "it is not full");

    let rss = world.archive(news(), 2, Format::Rss).await.unwrap();
    for part in [
        "<fh:archive",
        "xmlns:fh=\"http://purl.org/syndication/history/1.0\"",
        "rel=\"prev-archive\"",
        "rel=\"current\"",
        &format!("{base}/archive/1.rss"),
    ] {
        assert!(rss.contains(part), "{part} in {rss}");
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let head = json(&world.feed(news(), Format::Json).await);
    assert_eq!(head["next_url"], format!("{base}/archive/2.json"));
    let first = json(&world.archive(news(), 1, Format::Json).await.unwrap());
    assert!(first.get("next_url").is_none());
    assert_eq!(first["_syndic"]["current"], format!("{base}.json"));
    assert_eq!(first["feed_url"], format!("{base}/archive/1.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_is_told_of_in_the_head_and_in_its_archive() {
    let world = world(0..120).await;
    let entry = world.store.find("https://paper.example/7.html").await.unwrap().unwrap();
    world.pass_time(TimeDelta::hours(1));
    let now = world.tools().clock.now();
    world.store.retract(&entry.code, "a private reason", false, now).await.unwrap();
    let head = world.feed(news(), Format::Atom).await;
    let archive = world.archive(news(), 1, Format::Atom).await.unwrap();
    let told =
        format!("<at:deleted-entry ref=\"https://paper.example/7.html\" when=\"{}", now.format("%Y-%m-%dT%H:%M"));
    for text in [&head, &archive] {
        assert!(text.contains(&told) && text.contains(entry.code.as_str()), "{told} in {text}");
        assert!(!text.contains("a private reason") && !text.contains("story 7<"), "{text}");
    }
    assert_eq!(atom(&archive).entries.len(), 49);
    assert_eq!(atom(&head).updated.to_utc(), now, "a removal is a change of the feed");
    let json = world.json("news").await;
    assert_eq!(json["_syndic"]["deleted"][0]["info_code"], entry.code.as_str());
    assert!(!world.feed(news(), Format::Rss).await.contains("deleted-entry"), "RSS readers know no such thing");
    world.pass_time(TimeDelta::days(31));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert!(!world.feed(news(), Format::Atom).await.contains("deleted-entry"));
    assert!(world.archive(news(), 1, Format::Atom).await.unwrap().contains("deleted-entry"), "for who comes later");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_carries_the_current_edition_and_keeps_its_order() {
    let world = world(0..120).await;
    let before = ids(&atom(&world.archive(news(), 1, Format::Atom).await.unwrap()));
    world.upstream.serve("/paper", Reply::xml(paper(0..130, "corrected")));
    world.pass_time(TimeDelta::hours(2));
    let world = world.refreshed().await;
    let after = atom(&world.archive(news(), 1, Format::Atom).await.unwrap());
    assert_eq!(ids(&after), before);
    assert!(after.entries.iter().all(|entry| entry.title.value.starts_with("corrected")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_has_a_feed_of_what_publishers_put_under_it() {
    let world = world(0..20).await;
    let tag = FeedId::Tag(TagName::of("EVEN 数").unwrap());
    let feed = atom(&world.feed(tag.clone(), Format::Atom).await);
    assert_eq!((feed.title.value.as_str(), feed.entries.len()), ("even 数", 10));
    assert_eq!(rel(&feed, "self"), Some("https://syndic.test/tag/even-%E6%95%B0.atom"));
    let code = InfoCode::parse(world.json("news").await["items"][0]["_syndic"]["info_code"].as_str().unwrap()).unwrap();
    world.upstream.serve("/paper", Reply::xml(paper(0..20, "story").replace("even 数", "odd")));
    world.pass_time(TimeDelta::hours(2));
    let world = world.refreshed().await;
    assert_eq!(atom(&world.feed(tag, Format::Atom).await).entries.len(), 0, "a corrected tag is another one");
    let odd = atom(&world.feed(FeedId::Tag(TagName::of("odd").unwrap()), Format::Atom).await);
    assert_eq!(odd.entries.len(), 20);
    assert!(world.store.entry(&code).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_entries_of_a_new_source_stand_in_archives_and_not_in_heads() {
    let lines = "category = \"news\"\ncontent = \"full\"\nnamespace = \"paper.example\"";
    let first = "category = \"news\"\ncontent = \"full\"\nnamespace = \"first.example\"";
    let world = World::new().await.source_with("first", first);
    world.upstream.serve("/first", Reply::xml(paper(0..1, "first").replace("paper.example", "first.example")));
    let world = world.refreshed().await.restarted().await.source_with("paper", lines);
    world.upstream.serve("/paper", Reply::xml(paper(0..120, "story")));
    let world = world.refreshed().await;
    let head = atom(&world.feed(news(), Format::Atom).await);
    assert_eq!(head.entries.len(), 11, "the ten newest of the new source");
    let mut codes: Vec<String> = ids(&head);
    for number in [1, 2] {
        codes.extend(ids(&atom(&world.archive(news(), number, Format::Atom).await.unwrap())));
    }
    codes.sort();
    codes.dedup();
    assert_eq!(
        codes.len(),
        110,
        "all but the eleven between archive 2 and the ten newest: their archive is not full yet"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_stands_with_the_source_and_with_each_entry() {
    let world = world(0..2).await;
    let of_source = atom(&world.feed(FeedId::Source(slug("paper")), Format::Atom).await);
    assert_eq!(rel(&of_source, "license"), Some("https://license.example/by"));
    let entry = &atom(&world.feed(news(), Format::Atom).await).entries[0];
    assert!(entry.links.iter().any(|link| link.rel == "license" && link.href == "https://license.example/by"));
    let rss = world.feed(news(), Format::Rss).await;
    assert!(rss.contains("rel=\"license\""), "{rss}");
    let json = world.json("news").await;
    assert_eq!(json["items"][0]["_syndic"]["links"][0]["rel"], "license");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_can_be_ordered_by_entrance_and_be_of_another_length() {
    let declared = "[[category]]\nslug = \"news\"\nentries = 3\norder = \"entered\"";
    let lines = "category = \"news\"\nnamespace = \"paper.example\"";
    let world = World::new().await.with(declared).source_with("paper", lines);
    world.upstream.serve("/paper", Reply::xml(paper(10..12, "story")));
    let world = world.refreshed().await;
    world.pass_time(TimeDelta::hours(30));
    world.upstream.serve("/paper", Reply::xml(paper(8..12, "story")));
    let world = world.refreshed().await;
    let found = ids(&atom(&world.feed(news(), Format::Atom).await));
    let expected = [9, 8, 11].map(|n| format!("https://paper.example/{n}.html"));
    assert_eq!(found, expected, "those that came late stand first");
}
