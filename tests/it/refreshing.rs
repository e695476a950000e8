//! What a poll does to what is kept: conditional requests, failures, corrections, twins.

use crate::support::{Reply, World, fixture};
use chrono::TimeDelta;
use syndic::{format::Format, model::FailureKind, refresh::Outcome};

fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>铁路</title><link>https://rail.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn item(guid: &str, title: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://rail.example/{guid}</link><guid isPermaLink=\"false\">{guid}</guid>\
         <pubDate>Thu, 21 Apr 2022 08:00:00 GMT</pubDate><description>Body of {title}</description></item>"
    )
}

async fn world() -> World {
    World::new().await.source_with("rail", "category = \"news\"\ncontent = \"full\"")
}

fn committed(outcome: &Outcome) -> (usize, usize, usize) {
    match outcome {
        Outcome::Committed(changes) => (changes.new.len(), changes.updated.len(), changes.unchanged),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn validators_are_sent_back_character_for_character_and_a_304_changes_nothing() {
    let world = world().await;
    let last_modified = "Thu, 21 Apr 2022 08:00:00 GMT";
    let reply =
        Reply::xml(rss(&item("a", "One"))).with("etag", "W/\"odd, but \\ ours\"").with("last-modified", last_modified);
    world.upstream.serve("/rail", reply);
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
    let before = world.category("news", Format::Atom).await;
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    let asked = world.upstream.requests("/rail");
    assert!(
        !asked[0].contains_key("if-none-match") && !asked[0].contains_key("if-modified-since"),
        "the first is unconditional"
    );
    assert_eq!(asked[1]["if-none-match"], "W/\"odd, but \\ ours\"");
    assert_eq!(asked[1]["if-modified-since"], last_modified);
    assert!(!asked[1].contains_key("cookie") && !asked[1].contains_key("referer"));
    assert_eq!(world.category("news", Format::Atom).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_again_are_no_change_and_refreshing_twice_gives_the_same_bytes() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&(item("a", "One") + &item("b", "Two")))));
    world.refresh().await;
    let mut before = Vec::new();
    for format in Format::ALL {
        before.push(world.category("news", format).await);
    }
    world.pass_time(TimeDelta::hours(5));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    for (format, before) in Format::ALL.into_iter().zip(before) {
        assert_eq!(world.category("news", format).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_upstream_empties_nothing_and_says_why() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&item("a", "One"))));
    world.refresh().await;
    let before = world.category("news", Format::Rss).await;
    let faults = [
        (Reply::status(500), FailureKind::Status),
        (Reply::status(404), FailureKind::Status),
        (Reply::status(410), FailureKind::Gone),
        (Reply::status(429).with("retry-after", "3600"), FailureKind::Held),
        (
            Reply::xml("<html><body>Please log in</body></html>").with("content-type", "text/html"),
            FailureKind::NotAFeed,
        ),
        (Reply::xml(""), FailureKind::NotAFeed),
        (Reply::xml(rss("")), FailureKind::Empty),
        (Reply::hanging(), FailureKind::Timeout),
    ];
    for (reply, kind) in faults {
        world.upstream.serve("/rail", reply);
        let outcome = world.refresh().await.remove(0).1;
        let Outcome::Failed(failure) = &outcome else { panic!("{kind:?}: {outcome:?}") };
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(!failure.message.contains('\n') && failure.message.len() > 10, "{failure}");
        let state = world.state("rail").await;
        assert_eq!(state.error.as_ref(), Some(failure));
        assert_eq!(world.category("news", Format::Rss).await, before, "{kind:?}");
    }
    world.upstream.serve("/rail", Reply::xml(rss(&(item("b", "Two") + &item("a", "One")))));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 1));
    let state = world.state("rail").await;
    assert_eq!((state.failures, state.error), (0, None), "a good answer ends the row of failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_source_stops_no_other() {
    let world = world().await.source_with("road", "category = \"news\"").source_with("sea", "category = \"news\"");
    world.upstream.serve("/rail", Reply::hanging());
    world.upstream.serve("/road", Reply::xml(vec![0xff; 4096]));
    world.upstream.serve("/sea", Reply::xml(rss(&item("a", "One"))));
    let outcomes = world.refresh().await;
    assert!(matches!(outcomes[0].1, Outcome::Failed(_)) && matches!(outcomes[1].1, Outcome::Failed(_)));
    assert_eq!(committed(&outcomes[2].1), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_keeps_code_id_and_place_and_moves_updated() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&(item("a", "One") + &item("b", "Two")))));
    world.refresh().await;
    let before = world.json("news").await;
    world.pass_time(TimeDelta::hours(3));
    world.upstream.serve("/rail", Reply::xml(rss(&(item("a", "One, corrected") + &item("b", "Two")))));
    assert_eq!(committed(&world.refresh().await[0].1), (0, 1, 1));
    let after = world.json("news").await;
    let at = before["items"].as_array().unwrap().iter().position(|item| item["title"] == "One").unwrap();
    let (old, new) = (&before["items"][at], &after["items"][at]);
    assert_eq!(new["title"], "One, corrected", "it keeps its place");
    for kept in ["id", "url", "date_published"] {
        assert_eq!(old[kept], new[kept], "{kept}");
    }
    assert_eq!(old["_syndic"]["info_code"], new["_syndic"]["info_code"]);
    assert_eq!(
        new["date_modified"], "2022-04-22T07:00:00Z",
        "the publisher's date did not move: the time of the fetch"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_scheme_a_rotated_guid_and_a_late_code_make_no_twin() {
    let world = world().await;
    let page = |guid: &str, link: &str| {
        rss(&format!(
            "<item><title>One</title><link>{link}</link><guid isPermaLink=\"false\">{guid}</guid><description>b</description></item>"
        ))
    };
    world.upstream.serve("/rail", Reply::xml(page("guid-1", "http://rail.example/one?utm_source=rss")));
    world.refresh().await;
    let code = world.json("news").await["items"][0]["_syndic"]["info_code"].clone();
    for (guid, link) in [
        ("guid-1", "https://rail.example/one"),
        ("guid-2", "https://rail.example/one"),
        ("guid-2", "https://rail.example/one?infoCode=NW202204222352631195"),
    ] {
        world.upstream.serve("/rail", Reply::xml(page(guid, link)));
        world.refresh().await;
        let feed = world.json("news").await;
        assert_eq!(feed["items"].as_array().unwrap().len(), 1, "{guid} {link}");
        assert_eq!(feed["items"][0]["_syndic"]["info_code"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_of_two_sources_holds_both_and_one_publishers_article_once() {
    let lines = "categories = [\"news\", \"other\"]\ncontent = \"full\"\nnamespace = \"paper\"";
    let world = World::new()
        .await
        .source_with("rail", lines)
        .source_with("road", "category = \"road\"\ncontent = \"full\"\nnamespace = \"paper\"");
    let shared = "<item><title>Both</title><link>https://p.example/x?infoCode=NW202204222352631195</link><description>b</description></item>";
    world.upstream.serve("/rail", Reply::xml(rss(&(item("a", "One") + shared))));
    world.upstream.serve("/road", Reply::xml(rss(shared)));
    world.refresh().await;
    let count = |feed: serde_json::Value| feed["items"].as_array().unwrap().len();
    assert_eq!(count(world.json("news").await), 2);
    assert_eq!(count(world.json("other").await), 2);
    assert_eq!(count(world.json("road").await), 1);
    let entry = world.entry("NW202204222352631195").await.unwrap();
    assert_eq!(entry.sources.len(), 2);
    assert_eq!(entry.categories.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_code_changes_nothing_of_the_owners() {
    let article = |title: &str| {
        rss(&format!(
            "<item><title>{title}</title><link>https://p.example/x?infoCode=NW202204222352631195</link><description>{title}</description></item>"
        ))
    };
    let world = World::new()
        .await
        .source_with("paper", "category = \"news\"\ncontent = \"full\"\nnamespace = \"p.example\"")
        .source_with("thief", "category = \"theft\"\ncontent = \"full\"\nnamespace = \"thief.example\"");
    world.upstream.serve("/paper", Reply::xml(article("True")));
    world.upstream.serve("/thief", Reply::status(500));
    world.refresh().await;
    let before = world.category("news", Format::Atom).await;
    world.upstream.serve("/thief", Reply::xml(article("Forged")));
    world.refresh().await;
    assert_eq!(world.category("news", Format::Atom).await, before);
    let forged = &world.json("theft").await["items"][0];
    assert_eq!(forged["title"], "Forged");
    assert!(forged["_syndic"]["info_code"].as_str().unwrap().starts_with("X-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_source_does_not_flood_a_category() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&item("a", "One"))));
    let world = world
        .refreshed()
        .await
        .restarted()
        .await
        .with("[publish]\nnew_source_entries = 3")
        .source_with("road", "category = \"news\"");
    let many: String = (0..20).map(|n| item(&format!("r{n}"), &format!("Road {n}"))).collect();
    world.upstream.serve("/road", Reply::xml(rss(&many)));
    world.refresh().await;
    assert_eq!(world.json("news").await["items"].as_array().unwrap().len(), 1 + 3);
    let own =
        world.feed(syndic::model::FeedId::Source(syndic::model::Slug::parse("road").unwrap()), Format::Json).await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&own).unwrap()["items"].as_array().unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn fixtures_of_other_charsets_arrive_unharmed() {
    let world = World::new().await.source("gbk", "feeds/rss2-gbk-undeclared.xml").refreshed().await;
    assert!(!world.category("news", Format::Rss).await.contains('\u{fffd}'));
    assert!(String::from_utf8(fixture("feeds/rss2-gbk-undeclared.xml")).is_err(), "the fixture is GBK");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sources_of_the_first_run_join_with_all_they_have() {
    let many =
        |name: &str| -> String { (0..20).map(|n| item(&format!("{name}{n}"), &format!("{name} {n}"))).collect() };
    let lines = "category = \"news\"";
    let world = World::new().await.source_with("rail", lines).source_with("road", lines).source_with("sea", lines);
    for source in ["rail", "road", "sea"] {
        world.upstream.serve(&format!("/{source}"), Reply::xml(rss(&many(source))));
    }
    world.refresh().await;
    assert_eq!(world.json("news").await["items"].as_array().unwrap().len(), 60, "all joined within the day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_broke_off_is_asked_for_again_in_full() {
    let world = world().await;
    let whole = rss(&(item("a", "One") + &item("b", "Two")));
    let cut = &whole[..whole.find("<title>Two").unwrap()];
    world.upstream.serve("/rail", Reply::xml(cut).with("etag", "\"1\""));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
    world.upstream.serve("/rail", Reply::xml(whole).with("etag", "\"1\""));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 1), "its tag was not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_begins_anew_and_keeps_the_entries() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&item("a", "One"))).with("etag", "\"1\""));
    world.refresh().await;
    world.upstream.serve("/rail", Reply::status(410));
    world.refresh().await;
    assert_eq!(world.state("rail").await.failures, 1);
    world.upstream.serve("/moved", Reply::xml(rss(&(item("b", "Two") + &item("a", "One")))).with("etag", "\"1\""));
    let world = world.moved("/rail", "/moved");
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 1));
    assert!(!world.upstream.requests("/moved")[0].contains_key("if-none-match"), "the old address's tag is not sent");
    assert_eq!(world.state("rail").await.failures, 0);
}
