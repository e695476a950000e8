//! `[[source.rule]]`, `max_entries`, `min_length`: from feeds.toml through the real pipeline and store to what is published.

use crate::support::{Reply, World, fixture, root, syndic, write_config};
use chrono::TimeDelta;
use std::{fmt::Write, path::Path};
use syndic::{
    format::Format,
    model::{ChangeKind, FeedId},
    upkeep,
};

/// One entry of a document: its name, its day in April 2022, more elements.
type Item<'a> = (&'a str, u32, &'a str);

fn document(items: &[Item<'_>]) -> String {
    let mut text = String::from(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Paper</title>\
         <link>https://paper.example/</link><description>d</description>",
    );
    for (name, day, more) in items {
        write!(
            text,
            "<item><title>{name}</title><link>https://m.paper.example/{day}.html</link>\
             <guid isPermaLink=\"false\">{day}</guid><pubDate>{day:02} Apr 2022 01:00:00 GMT</pubDate>{more}</item>"
        )
        .unwrap();
    }
    text + "</channel></rss>"
}

const SOURCE: &str = "category = \"news\"\ncontent = \"full\"\ncredit = false\nnamespace = \"paper.example\"\n";

async fn world(items: &[Item<'_>], lines: &str) -> World {
    let world = World::new().await.source_with("paper", &format!("{SOURCE}{lines}"));
    world.upstream.serve("/paper", Reply::xml(document(items)));
    world.refreshed().await
}

fn rule(action: &str, lines: &str) -> String {
    format!("[[source.rule]]\naction = \"{action}\"\n{lines}\n")
}

/// Titles of the category, newest first.
async fn titles(world: &World) -> Vec<String> {
    let feed = world.json("news").await;
    feed["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// As a start or a reload of the daemon applies a changed feeds.toml.
async fn settled(world: World) -> World {
    let now = world.tools().clock.now();
    upkeep::settle(&world.store, &world.config(), now).await.unwrap();
    world
}

#[tokio::test]
async fn entries_are_kept_out_by_every_field_and_come_back_with_the_rule() {
    let items = [
        ("Sponsored: buy", 6, ""),
        ("Ports", 5, "<description>&lt;p&gt;Sea &lt;b&gt;freight&lt;/b&gt; grew.&lt;/p&gt;</description>"),
        ("Chess", 4, "<dc:creator>Ann Example</dc:creator>"),
        ("Tennis", 3, "<category>City</category><category>Sport</category>"),
        ("Plain", 2, ""),
    ];
    for (lines, kept_out) in [
        ("match = '(?i)^sponsored\\b'", "Sponsored: buy"),
        ("words = [\"SPONSORED\", \"advert\"]", "Sponsored: buy"),
        ("field = \"text\"\nmatch = 'Sea freight'", "Ports"),
        ("field = \"author\"\nwords = [\"example\"]", "Chess"),
        ("field = \"category\"\nmatch = '^Sport$'", "Tennis"),
        ("field = \"link\"\nmatch = '/2\\.html$'", "Plain"),
    ] {
        let world = world(&items, &rule("exclude", lines)).await;
        let seen = titles(&world).await;
        assert!(seen.len() == 4 && !seen.contains(&kept_out.to_owned()), "{lines}: {seen:?}");
        let others = settled(world.edited("exclude", "include")).await;
        assert_eq!(titles(&others).await, [kept_out], "{lines}");
        let version = others.store.version(&FeedId::All).unwrap();
        let without = settled(others.edited(&rule("include", lines), "")).await;
        assert_eq!(titles(&without).await.len(), 5, "{lines}");
        assert!(without.store.version(&FeedId::All).unwrap() > version);
    }
}

#[tokio::test]
async fn an_entry_grows_too_old_by_a_commit_of_its_own_and_a_young_one_waits() {
    // It is noon of the 22nd in Beijing, 04:00 GMT.
    let items = [("new", 22, ""), ("week", 15, ""), ("old", 1, "")];
    let age = |bound: &str| format!("field = \"age\"\nmatch = \"{bound}\"");
    let world = world(&items, &rule("exclude", &age("10d"))).await;
    assert_eq!(titles(&world).await, ["new", "week"]);
    let version = world.store.version(&FeedId::All).unwrap();
    let due = world.store.wake(world.tools().clock.now(), false).await.unwrap().unwrap();
    assert_eq!(due.to_rfc3339(), "2022-04-25T01:00:00+00:00");
    world.pass_time(TimeDelta::days(2));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert_eq!(world.store.version(&FeedId::All).unwrap(), version, "nothing is due: same store, same bytes");
    world.pass_time(TimeDelta::days(1));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert_eq!(titles(&world).await, ["new"]);
    let changes = world.store.changed_since(None, 99).await.unwrap().unwrap();
    assert_eq!(changes.iter().filter(|change| change.kind == ChangeKind::Moved).count(), 1, "time became a commit");

    // Another feeds.toml: only what is a week old or says so in its title.
    let world = world.restarted().await.edited("action = \"exclude\"", "action = \"include\"").edited("10d", "> 7d");
    let world =
        settled(world.edited("[[source.rule]]", &format!("{}[[source.rule]]", rule("include", "match = 'new'")))).await;
    assert_eq!(titles(&world).await, ["new", "week", "old"]);
    let world = settled(world.edited(&rule("include", "match = 'new'"), "")).await;
    assert_eq!(titles(&world).await, ["week", "old"]);
    world.pass_time(TimeDelta::days(4));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert_eq!(titles(&world).await.len(), 3, "old enough now");
}

#[tokio::test]
async fn titles_and_links_are_rewritten_where_they_are_shown_and_kept_as_they_came() {
    let items = [("12版 &lt;b&gt;Ports&lt;/b&gt; grow", 5, ""), ("Other", 4, "")];
    let replace = rule("replace", "match = '^(\\d+)版\\s+(.*)$'\nwith = \"$2 (page $1)\"");
    let link = rule("replace", "field = \"link\"\nwords = [\"//M.paper\"]\nwith = \"//www.paper\"");
    let broken = rule("replace", "field = \"link\"\nmatch = '^https:.*/4.html'\nwith = \"javascript:x()\"");
    let emptied = rule("replace", "match = '^Other$'");
    let world = world(&items, &format!("{replace}{link}{broken}{emptied}")).await;
    let code = world.store.find("https://m.paper.example/5.html").await.unwrap().unwrap();
    let feed = world.json("news").await;
    let (first, second) = (&feed["items"][0], &feed["items"][1]);
    assert_eq!(first["title"], "Ports grow (page 12)");
    assert_eq!(first["url"], "https://www.paper.example/5.html");
    assert_eq!(second["title"], "Other", "a title is never emptied");
    assert_eq!(second["url"], "https://www.paper.example/4.html", "a link that leads nowhere is not taken");
    assert_eq!(code.edition.link.as_deref(), Some("https://m.paper.example/5.html"), "the store keeps what came");
    for format in [Format::Rss, Format::Atom] {
        let text = world.category("news", format).await;
        assert!(text.contains("<title>Ports grow (page 12)</title>") && !text.contains("//m.paper"), "{text}");
    }
    let hash = world.config().hash;
    let world = world.edited(&replace, "");
    assert_ne!(world.config().hash, hash, "what was rendered is rendered again");
    assert!(titles(&world).await[0].starts_with("12版"), "without a poll");
}

#[tokio::test]
async fn a_replacement_that_would_grow_beyond_its_bound_is_not_done() {
    let grows = rule("replace", &format!("match = '.'\nwith = \"{}\"", "$0".repeat(400)));
    let world = world(&[("Twelve chars", 5, "")], &grows).await;
    assert_eq!(titles(&world).await, ["Twelve chars"]);
}

#[tokio::test]
async fn what_a_selector_chooses_is_taken_out_before_classes_are_lost() {
    let html = "<p class=lead>Text <a href=\"https://ads.example/1\">buy</a></p><div class=\"x ad\">AD</div><table><tr><td>T</td></tr></table>";
    let body = format!("<description>{}</description>", html.replace('<', "&lt;"));
    let items = [("One", 5, body.as_str()), ("Two", 4, "<description>plain .ad text</description>")];
    let remove = rule("remove", "select = \".ad, p > a[href*='ads.example']\"");
    let world = world(&items, &remove).await;
    let html_of = |feed: serde_json::Value| feed["items"][0]["content_html"].as_str().unwrap().to_owned();
    let shown = html_of(world.json("news").await);
    assert!(shown.contains("Text") && shown.contains("<td>T</td>"), "{shown}");
    assert!(!shown.contains("AD") && !shown.contains("buy"), "{shown}");

    // A further selector holds for what is stored as far as it needs no class; at once, without a poll.
    let both = format!("{remove}{}", rule("remove", "select = \"table\""));
    let world = world.edited(&remove, &both);
    assert!(!html_of(world.json("news").await).contains("<td>"));

    // The document has not changed, but it is read again because it would be read otherwise.
    let world = world.edited(&both, &rule("remove", "select = \".lead\""));
    world.pass_time(TimeDelta::hours(1));
    let world = world.refreshed().await;
    let shown = html_of(world.json("news").await);
    assert!(shown.contains("AD") && shown.contains("<td>") && !shown.contains("Text"), "{shown}");
    let before = world.store.counts().await.unwrap().sequence;
    world.pass_time(TimeDelta::hours(1));
    let world = world.refreshed().await;
    assert_eq!(world.store.counts().await.unwrap().sequence, before, "and once only");
}

#[tokio::test]
async fn the_newest_of_a_long_document_are_taken_in_and_more_when_more_are_wanted() {
    let items = [("a", 1, ""), ("b", 2, ""), ("d", 4, ""), ("c", 3, "")];
    let world = world(&items, "max_entries = 2\n").await;
    assert_eq!(titles(&world).await, ["d", "c"]);
    let world = world.edited("max_entries = 2", "max_entries = 3");
    world.pass_time(TimeDelta::hours(1));
    let world = world.refreshed().await;
    assert_eq!(titles(&world).await.len(), 3);
    assert!(!titles(&world).await.contains(&"a".to_owned()));
}

#[tokio::test]
async fn an_entry_that_says_too_little_is_not_seen() {
    let items = [
        ("long", 5, "<description>&lt;p&gt;港口一季度 吞吐量增长&lt;/p&gt;</description>"),
        ("short", 4, "<description>&lt;p title='a long attribute'&gt;图集&lt;/p&gt;</description>"),
        ("none", 3, ""),
    ];
    let world = world(&items, "min_length = 10\n").await;
    assert_eq!(titles(&world).await, ["long"]);
    assert_eq!(titles(&settled(world.edited("min_length = 10", "min_length = 2")).await).await, ["long", "short"]);
}

fn preview(folder: &Path, arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = syndic().current_dir(folder).arg("preview").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn preview_says_of_each_entry_what_the_rules_do_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let items = [
        ("特别广告", 6, ""),
        ("Ports 【图】", 5, "<description>&lt;p class=ad&gt;AD&lt;/p&gt;long enough a text</description>"),
        ("Short", 4, "<description>x</description>"),
        ("Beyond", 1, "<description>long enough a text</description>"),
        ("Chess", 3, "<description>long enough a text</description><pubDate>someday</pubDate>"),
    ];
    std::fs::write(folder.path().join("feed.xml"), document(&items).replacen("03 Apr 2022 01:00:00 GMT", "someday", 1))
        .unwrap();
    let lines = [
        "max_entries = 4\nmin_length = 5\n".to_owned(),
        rule("exclude", "match = '广告'"),
        rule("exclude", "field = \"age\"\nmatch = \"< 10m\""),
        rule("replace", "match = '\\s*【图】'"),
        rule("remove", "select = \".ad\""),
    ]
    .concat();
    write_config(folder.path(), &format!("[[source]]\nid = \"paper\"\npath = \"feed.xml\"\n{SOURCE}{lines}"));
    let (shown, said, code) = preview(folder.path(), &["feed.xml", "--source", "paper"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(shown.contains("read as RSS, UTF-8\n5 entries, 4 of them not shown\n"), "{shown}");
    let entries: Vec<&str> = shown.split("\n\n").skip(1).collect();
    for (title, wanted) in [
        ("特别广告", "verdict     dropped: exclude title ~ /广告/\n"),
        ("Ports", "verdict     kept\n"),
        ("Ports", "changed     text without .ad\nchanged     title rewritten by replace title ~ /\\s*【图】/ with ``"),
        ("Short", "verdict     dropped: min_length = 5 (it has 1)\n"),
        ("Beyond", "verdict     dropped: max_entries = 4 (not among the newest)\n"),
        ("Chess", "verdict     held until "),
        ("Chess", ": exclude age < 10m\n"),
        ("Chess", "date        cannot read `someday`"),
    ] {
        let entry = entries.iter().find(|entry| entry.starts_with(&format!("title       {title}"))).unwrap();
        assert!(entry.contains(wanted), "{wanted}:\n{shown}");
    }
    let (unread, said, code) = preview(folder.path(), &["--source", "paper"]);
    assert_eq!((code, entries_of(&unread)), (Some(0), entries_of(&shown)), "the source's own document: {said}");
    let (rss, ..) = preview(folder.path(), &["feed.xml", "--source", "paper", "--as", "rss"]);
    assert!(rss.matches("<item>").count() == 1 && rss.contains("<title>Ports</title>"), "{rss}");
    let (free, ..) = preview(folder.path(), &["feed.xml"]);
    assert!(free.contains("5 entries\n") && !free.contains("verdict"), "no source, no rules:\n{free}");
    assert_eq!(preview(folder.path(), &[]).2, Some(2), "nothing to preview");
    assert!(!folder.path().join("data").exists());
}

fn entries_of(shown: &str) -> Vec<&str> {
    shown.lines().filter(|line| line.starts_with("title")).collect()
}

#[test]
fn preview_reads_a_folder_of_posts_and_a_single_post() {
    let folder = tempfile::tempdir().unwrap();
    let posts = root().join("samples/posts");
    let (shown, said, code) = preview(folder.path(), &[posts.to_str().unwrap()]);
    let count = std::fs::read_dir(&posts).unwrap().count();
    assert_eq!(code, Some(0), "{said}");
    assert!(shown.contains(&format!("read as {count} posts\n")), "{shown}");
    let post = posts.join("2022-04-22-NW202204222352631195.md");
    let (one, said, code) = preview(folder.path(), &[post.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        one.contains("read as 1 posts\n1 entries\n") && one.contains("infoCode    NW202204222352631195\n"),
        "{one}"
    );
    let text = one.split("\n\n").nth(1).unwrap();
    assert!(shown.contains(text), "alone as in its folder:\n{text}\n{shown}");

    write_config(
        folder.path(),
        &format!(
            "[[source]]\nid = \"posts\"\npath = \"{}\"\ncontent = \"full\"\n{}",
            posts.display(),
            rule("exclude", "field = \"link\"\nmatch = 'NW202204222352631195'")
        ),
    );
    let (ruled, said, _) = preview(folder.path(), &["--source", "posts"]);
    assert!(ruled.contains("dropped: exclude link ~ /NW202204222352631195/"), "{said}{ruled}");
    let (ruled, ..) = preview(folder.path(), &[post.to_str().unwrap(), "--source", "posts"]);
    assert!(ruled.contains("dropped: exclude link ~ /NW202204222352631195/"), "{ruled}");
    std::fs::write(folder.path().join("odd.md"), "no front matter").unwrap();
    let (_, said, _) = preview(folder.path(), &["odd.md"]);
    assert!(said.contains("no front matter"), "{said}");
}

#[tokio::test]
async fn a_source_without_such_rules_gives_the_bytes_it_gave_before() {
    let world = World::new().await.source("paper", "feeds/rss2-newspaper.xml").refreshed().await;
    let plain = world.category("news", Format::Atom).await;
    let ruled = World::new().await;
    ruled.upstream.serve("/paper", Reply::xml(fixture("feeds/rss2-newspaper.xml")));
    let lines = format!(
        "category = \"news\"\ncontent = \"full\"\nnamespace = \"paper.example\"\n{}",
        rule("remove", "select = \".not-there\"")
    );
    let ruled = ruled.source_with("paper", &lines).refreshed().await;
    let port = |text: &str, world: &World| text.replace(&world.upstream.url(""), "");
    assert_eq!(port(&ruled.category("news", Format::Atom).await, &ruled), port(&plain, &world));
}
