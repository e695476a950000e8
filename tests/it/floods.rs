//! More new entries at once than `[poll] max_new`: held back, confirmed, taken in by and by; whatever happens, nothing is lost.

use crate::support::{Reply, World};
use std::ops::Range;
use syndic::{format::Format, refresh::Outcome};

fn document(items: impl Iterator<Item = String>) -> Reply {
    let items: String = items
        .map(|name| {
            format!(
                "<item><title>{name}</title><link>https://rail.example/{name}</link><guid isPermaLink=\"false\">{name}</guid>\
                 <description>Body of {name}</description></item>"
            )
        })
        .collect();
    let head = "<title>铁路</title><link>https://rail.example/</link><description>d</description>";
    let tag = format!("\"{:x}\"", twox_hash::XxHash3_64::oneshot(items.as_bytes()));
    Reply::xml(format!("<rss version=\"2.0\"><channel>{head}{items}</channel></rss>")).with("etag", &tag)
}

fn named(prefix: &'static str, numbers: Range<usize>) -> impl Iterator<Item = String> {
    numbers.map(move |number| format!("{prefix}{number}"))
}

/// A source with two entries, of which more than four new ones at once are too many; three may join the feeds.
async fn world() -> World {
    let world = World::new().await.with("max_new = 4\n[publish]\nnew_source_entries = 3");
    let world = world.source_with("rail", "category = \"news\"\ncontent = \"full\"");
    world.upstream.serve("/rail", document(named("old", 0..2)));
    world.refreshed().await
}

/// New, updated, unchanged.
async fn poll(world: &World) -> (usize, usize, usize) {
    match world.refresh().await.remove(0).1 {
        Outcome::Committed(changes) => (changes.new.len(), changes.updated.len(), changes.unchanged),
        other => panic!("{other:?}"),
    }
}

async fn in_category(world: &World) -> usize {
    world.json("news").await["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_let_loose_is_confirmed_taken_in_by_and_by_and_enters_few_feeds() {
    let world = world().await;
    world.upstream.serve("/rail", document(named("old", 0..2).chain(named("archive", 0..10))));
    assert_eq!(poll(&world).await, (0, 0, 2), "held back");
    let notes = world.state("rail").await.notes.join("; ");
    assert!(notes.contains("10 new entries at once are held back") && notes.contains("max_new = 4"), "{notes}");
    assert_eq!(poll(&world).await, (4, 0, 2), "asked for in full again, and confirmed");
    assert_eq!(poll(&world).await, (4, 0, 6));
    assert_eq!(poll(&world).await, (2, 0, 10));
    assert!(world.state("rail").await.notes.is_empty());
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified), "and that is all");
    assert_eq!(in_category(&world).await, 2 + 3 + 3 + 2);
    world.upstream.serve("/rail", document(named("new", 0..4).chain(named("archive", 0..10))));
    assert_eq!(poll(&world).await.0, 4, "the flood is over");
    assert_eq!(in_category(&world).await, 2 + 3 + 3 + 2 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_whose_ids_and_links_change_each_time_publishes_nothing_again_and_loses_nothing() {
    let world = world().await;
    let before = world.category("news", Format::Atom).await;
    for prefix in ["a", "b", "c", "d"] {
        world.upstream.serve("/rail", document(named(prefix, 0..30)));
        assert_eq!(poll(&world).await, (0, 0, 0), "{prefix}");
        assert_eq!(world.category("news", Format::Atom).await, before);
    }
    world.upstream.serve("/rail", document(named("old", 0..3)));
    assert_eq!(poll(&world).await, (1, 0, 2), "and what it was about before is known");
}
