//! The full text of articles: fetched once, kept when the page fails, tried again without a correction.

use crate::support::{Reply, World, syndic, write_config};
use chrono::TimeDelta;
use serde_json::Value;
use syndic::{
    fetch::{article::Answered, robots::Permission},
    model::{FailureKind, FullText},
    poll::Poller,
    refresh::Outcome,
};

const WANTED: &str =
    "category = \"news\"\ncontent = \"full\"\ncredit = false\nnamespace = \"rail.example\"\nfull_text = true";

fn feed(world: &World, names: &[&str]) -> String {
    let items: String = names.iter().map(|name| item(world, name, &format!("新线{name}开通"))).collect();
    document(&items)
}

fn document(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>铁路</title><link>https://rail.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn item(world: &World, name: &str, title: &str) -> String {
    format!(
        "<item><title>{title}</title><link>{}</link><guid isPermaLink=\"false\">{name}</guid>\
         <pubDate>Thu, 21 Apr 2022 08:00:00 GMT</pubDate><description>新线{name}五月开通，全程一百二十公里。</description></item>",
        world.upstream.url(&format!("/a/{name}.html"))
    )
}

/// A page as news sites make them; the whole text is on it only.
fn page(name: &str) -> String {
    let menu: String = (0..20).map(|n| format!("<li><a href=\"/{n}\">栏目{n}</a></li>")).collect();
    let body: String = (1..6)
        .map(|n| format!("<p>{name}正文第{n}段：据介绍，新线建成后，两地之间的车程将由两个半小时缩短到四十分钟。</p>"))
        .collect();
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"gbk\"><title>新线{name}</title></head><body><div class=\"nav\"><ul>{menu}</ul></div>\
         <div id=\"content\"><h1>新线{name}</h1><div class=\"text\">{body}<script>x()</script><img src=\"1.jpg\"></div></div></body></html>"
    )
}

/// One daemon, whose client remembers.
async fn poll(poller: &Poller, world: &World) {
    let config = world.config();
    let mut reports = poller.pass(&config, config.sources.clone(), true);
    while reports.recv().await.is_some() {}
}

fn html(body: impl Into<Vec<u8>>) -> Reply {
    Reply::xml(body).with("content-type", "text/html")
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

async fn world() -> World {
    World::new().await.source_with("rail", WANTED)
}

fn committed(outcome: &Outcome) -> (usize, usize, usize) {
    match outcome {
        Outcome::Committed(changes) => (changes.new.len(), changes.updated.len(), changes.unchanged),
        other => panic!("{other:?}"),
    }
}

async fn items(world: &World) -> Vec<Value> {
    world.json("news").await["items"].as_array().unwrap().clone()
}

async fn text(world: &World) -> String {
    items(world).await[0]["content_html"].as_str().unwrap_or_default().to_owned()
}

async fn mark(world: &World) -> FullText {
    let code = items(world).await[0]["_syndic"]["info_code"].as_str().unwrap().to_owned();
    world.entry(&code).await.unwrap().edition.full_text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_entry_has_the_text_of_its_page_which_is_asked_for_once() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    world.upstream.serve("/a/b.html", html(page("b").replace("gbk", "utf-8")));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
    let whole = text(&world).await;
    assert!(
        whole.contains("a正文第5段：据介绍，新线建成后") && !whole.contains("栏目") && !whole.contains("x()"),
        "{whole}"
    );
    assert!(whole.contains(&format!("src=\"{}\"", world.upstream.url("/a/1.jpg"))), "{whole}");
    assert_eq!(mark(&world).await, FullText::Page);
    let asked = world.upstream.requests("/a/a.html");
    assert_eq!(asked.len(), 1);
    assert!(asked[0]["accept"].to_str().unwrap().starts_with("text/html"));

    world.refresh().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["b", "a"])));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 1));
    assert_eq!(world.upstream.requests("/a/a.html").len(), 1, "an entry that did not change costs no request");
    assert_eq!(world.upstream.requests("/a/b.html").len(), 1);
    assert_eq!(world.upstream.requests("/robots.txt").len(), 2, "a client asks once, and only before an article");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_had_is_tried_again_and_makes_no_correction() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])).with("etag", "\"1\""));
    world.upstream.serve("/a/a.html", Reply::status(500));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0), "the poll does not fail");
    let before = items(&world).await[0].clone();
    assert!(before["content_html"].as_str().unwrap().contains("全程一百二十公里"), "{before}");
    assert_eq!(mark(&world).await, FullText::Missed);
    assert!(world.state("rail").await.notes[0].contains("full text"), "{:?}", world.state("rail").await.notes);

    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    world.pass_time(TimeDelta::minutes(10));
    world.refresh().await;
    assert_eq!(world.upstream.requests("/a/a.html").len(), 1, "not before it is due");
    let world = world.restarted().await;
    world.pass_time(TimeDelta::minutes(30));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified), "the feed itself has nothing new");
    assert!(text(&world).await.contains("a正文第5段"));
    assert_eq!(mark(&world).await, FullText::Page);
    let after = items(&world).await[0].clone();
    for same in ["id", "url", "title", "date_published", "date_modified"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let code = after["_syndic"]["info_code"].as_str().unwrap();
    assert_eq!(world.entry(code).await.unwrap().edition_number, 1);
    assert!(world.state("rail").await.full_text.is_empty());
    let world = world.restarted().await;
    assert!(text(&world).await.contains("a正文第5段"), "it is stored");
    world.pass_time(TimeDelta::days(3));
    world.refresh().await;
    assert_eq!(world.upstream.requests("/a/a.html").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_are_bounded_and_some_failures_are_final() {
    let cases = [
        (Reply::status(404), 5),
        (Reply::status(410), 1),
        (html("x".repeat(3 << 20)), 1),
        (Reply::xml("%PDF").with("content-type", "application/pdf"), 1),
        (Reply::status(302).with("location", "http://10.0.0.1/secret"), 1),
        (Reply::status(302).with("location", "file:///etc/passwd"), 1),
    ];
    for (reply, tries) in cases {
        let world = world().await;
        world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])).with("etag", "\"1\""));
        world.upstream.serve("/a/a.html", reply.clone());
        assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0), "{reply:?}");
        for _ in 0..8 {
            world.pass_time(TimeDelta::days(2));
            assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
        }
        assert_eq!(
            world.upstream.requests("/a/a.html").len(),
            tries,
            "{reply:?} {:?}",
            world.state("rail").await.notes
        );
        assert!(text(&world).await.contains("全程一百二十公里"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_answers_holds_nothing_up_for_ever() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", Reply::hanging());
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
    assert_eq!(world.state("rail").await.full_text.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_is_obeyed_for_articles_not_for_the_feed() {
    let world = world().await;
    world.upstream.serve("/robots.txt", Reply::xml("User-agent: *\nDisallow: /\n").with("content-type", "text/plain"));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
    assert!(world.upstream.requests("/a/a.html").is_empty());
    assert!(text(&world).await.contains("全程一百二十公里"));
    assert!(world.state("rail").await.notes[0].contains("robots.txt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feeds_own_text_stays_when_the_page_has_no_better() {
    for bad in [
        "<p>请登录后阅读</p>",
        "",
        "<p>Please enable JavaScript and cookies in your browser to go on reading this page, thank you very much.</p>",
    ] {
        let world = world().await;
        world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
        world.upstream.serve("/a/a.html", html(format!("<html><body>{bad}</body></html>")));
        assert_eq!(committed(&world.refresh().await[0].1), (1, 0, 0));
        assert!(text(&world).await.contains("全程一百二十公里"), "{bad}");
        assert_eq!(mark(&world).await, FullText::Kept);
        assert!(world.state("rail").await.full_text.is_empty(), "there is nothing to try again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_asks_again_and_never_loses_the_text() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    world.refresh().await;
    world.pass_time(TimeDelta::hours(1));
    world.upstream.serve("/a/a.html", Reply::status(500));
    world.upstream.serve("/rail", Reply::xml(document(&item(&world, "a", "新线a更正"))));
    assert_eq!(committed(&world.refresh().await[0].1), (0, 1, 0));
    assert_eq!(items(&world).await[0]["title"], "新线a更正");
    assert!(text(&world).await.contains("a正文第5段"), "the page failed: its text stays");
    assert_eq!(world.upstream.requests("/a/a.html").len(), 2);

    let counted = item(&world, "a", "新线a更正").replace(
        "<item>",
        "<item><slash:comments xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\">7</slash:comments>",
    );
    world.upstream.serve("/rail", Reply::xml(document(&counted)));
    world.refresh().await;
    assert_eq!(world.upstream.requests("/a/a.html").len(), 2, "a count is no reason to ask");
    assert!(text(&world).await.contains("a正文第5段"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_says_where_the_text_is() {
    let wanted = WANTED.replace("true", "\".text p:first-child\"");
    let world = World::new().await.source_with("rail", &wanted);
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    world.refresh().await;
    let whole = text(&world).await;
    assert!(whole.contains("第1段") && !whole.contains("第2段"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_new_entries_are_had_over_several_polls() {
    let world = world().await;
    let names: Vec<String> = (0..30).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    world.upstream.serve("/rail", Reply::xml(feed(&world, &names)).with("etag", "\"1\""));
    for name in &names {
        world.upstream.serve(&format!("/a/{name}.html"), html(gbk(&page(name))));
    }
    assert_eq!(committed(&world.refresh().await[0].1), (30, 0, 0));
    let whole = |items: Vec<Value>| {
        items.iter().filter(|item| item["content_html"].as_str().unwrap_or_default().contains("正文第5段")).count()
    };
    assert_eq!(whole(items(&world).await), 20);
    world.refresh().await;
    assert_eq!(whole(items(&world).await), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_asks_to_wait_is_left_alone_by_every_source_and_for_as_long() {
    let world = world().await.source_with("tram", &WANTED.replace("rail.example", "tram.example"));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])).with("etag", "\"1\""));
    world.upstream.serve("/tram", Reply::xml(feed(&world, &["b"])).with("etag", "\"1\""));
    for name in ["a", "b"] {
        let page = format!("/a/{name}.html");
        world.upstream.serve(&page, Reply::status(429).with("retry-after", "36000"));
    }
    let poller = Poller::new(world.tools(), 1);
    let asked = |world: &World| {
        ["/a/a.html", "/a/b.html"].iter().map(|page| world.upstream.requests(page).len()).sum::<usize>()
    };
    poll(&poller, &world).await;
    assert_eq!(asked(&world), 1, "the other source heard of it");
    for name in ["a", "b"] {
        world.upstream.serve(&format!("/a/{name}.html"), html(gbk(&page(name))));
    }
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["c", "a"])).with("etag", "\"2\""));
    world.upstream.serve("/a/c.html", html(gbk(&page("c"))));
    world.pass_time(TimeDelta::hours(9));
    poll(&poller, &world).await;
    assert_eq!((asked(&world), world.upstream.requests("/a/c.html").len()), (1, 0), "at a later poll, too");
    world.pass_time(TimeDelta::hours(14));
    poll(&poller, &world).await;
    assert_eq!((asked(&world), world.upstream.requests("/a/c.html").len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_out_of_service_keeps_other_pages_waiting_but_no_feed() {
    let world = world().await;
    let poller = Poller::new(world.tools(), 1);
    let held = async |world: &World| {
        let (store, now) = (world.tools().store, world.tools().clock.now());
        store.holds(now, now + TimeDelta::days(31)).await.unwrap().len()
    };
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a", "b"])).with("etag", "\"1\""));
    for name in ["a", "b"] {
        world.upstream.serve(&format!("/a/{name}.html"), Reply::status(503).with("retry-after", "36000"));
    }
    poll(&poller, &world).await;
    let asked = ["/a/a.html", "/a/b.html"].iter().map(|page| world.upstream.requests(page).len()).sum::<usize>();
    assert_eq!((asked, held(&world).await), (1, 0));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["c", "a", "b"])).with("etag", "\"2\""));
    world.upstream.serve("/a/c.html", Reply::status(429).with("retry-after", "36000"));
    world.pass_time(TimeDelta::hours(11));
    for name in ["a", "b"] {
        world.upstream.serve(&format!("/a/{name}.html"), html(gbk(&page(name))));
    }
    poll(&poller, &world).await;
    assert_eq!(held(&world).await, 1, "who asks to slow down speaks for the host");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robots_txt_that_asks_to_wait_is_not_asked_before() {
    let world = world().await;
    let poller = Poller::new(world.tools(), 1);
    world.upstream.serve("/robots.txt", Reply::status(503).with("retry-after", "36000"));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])).with("etag", "\"1\""));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    poll(&poller, &world).await;
    world.pass_time(TimeDelta::hours(2));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["b", "a"])).with("etag", "\"2\""));
    poll(&poller, &world).await;
    assert_eq!(world.upstream.requests("/robots.txt").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_nowhere_that_robots_txt_forbids() {
    let world = world().await;
    let rules = "User-agent: *\nDisallow: /private/\n";
    world.upstream.serve("/robots.txt", Reply::xml(rules).with("content-type", "text/plain"));
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a", "b"])));
    world.upstream.serve("/a/a.html", Reply::status(302).with("location", "/private/a.html"));
    world.upstream.serve("/private/a.html", html(gbk(&page("a"))));
    world.upstream.serve("/a/b.html", Reply::status(302).with("location", "/open/b.html"));
    world.upstream.serve("/open/b.html", html(gbk(&page("b"))));
    world.refresh().await;
    assert!(world.upstream.requests("/private/a.html").is_empty());
    assert_eq!(world.upstream.requests("/open/b.html").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_rule_reaches_the_pages_of_entries_that_are_here() {
    let world = world().await;
    let advert = page("a")
        .replace("<div class=\"text\">", "<div class=\"text\"><p class=\"ad\">买一送一，仅限今天，欢迎选购。</p>");
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a"])));
    world.upstream.serve("/a/a.html", html(gbk(&advert)));
    world.refresh().await;
    assert!(text(&world).await.contains("买一送一"));
    let rule = format!("{WANTED}\n[[source.rule]]\naction = \"remove\"\nselect = \".ad\"");
    let world = world.edited(WANTED, &rule);
    world.refresh().await;
    let whole = text(&world).await;
    assert!(whole.contains("a正文第5段") && !whole.contains("买一送一"), "{whole}");
    assert_eq!(world.upstream.requests("/a/a.html").len(), 2);
    world.refresh().await;
    assert_eq!(world.upstream.requests("/a/a.html").len(), 2, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_feed_reaches_nothing_that_allow_opens() {
    let world = world().await;
    world.upstream.serve("/secret", html(gbk(&page("a"))));
    let (client, now) = (world.tools().client, "2022-04-22T04:00:00Z".parse().unwrap());
    let url = world.upstream.url("/secret").parse().unwrap();
    assert!(matches!(client.article(&url, true, now).await, Ok(Answered::Article(_))));
    let refused = client.article(&url, false, now).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Blocked, "{refused}");
    assert_eq!(world.upstream.requests("/secret").len(), 1);
    // Nobody was asked for rules: nothing is known of them, for those that may ask.
    let granted = client.ask_robots(&url, false, now).await;
    assert_eq!(granted.0, Permission::Granted(std::time::Duration::ZERO));
    assert_eq!(client.permission(&url, now), Permission::Unasked);
    // Rules that stand where nobody may look allow nothing.
    world.upstream.serve("/robots.txt", Reply::status(302).with("location", "http://10.0.0.1/robots.txt"));
    assert_eq!(client.ask_robots(&url, true, now).await.0, Permission::Unknown);
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_says_whether_the_full_text_was_found() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(feed(&world, &["a", "b"])));
    world.upstream.serve("/a/a.html", html(gbk(&page("a"))));
    let folder = tempfile::tempdir().unwrap();
    let url = world.upstream.url("/rail");
    let config = write_config(
        folder.path(),
        &format!(
            "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"rail\"\nurl = \"{url}\"\n{WANTED}\n"
        ),
    );
    let output = syndic()
        .arg("--config")
        .arg(&config)
        .args(["preview", &url, "--source", "rail", "--as", "json"])
        .output()
        .unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("full text from its page") && said.contains("a正文第5段"), "{said}");
    assert!(said.contains("full text the feed's own") && said.contains("404"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_feed_is_looked_around_only_when_asked() {
    let world = World::new().await.source_with("blog", "category = \"news\"");
    let hello = html("<html><body><p>Hello</p></body></html>");
    // A server's word does not send us to other hosts.
    world.upstream.serve("/blog", hello.with("content-location", "http://127.0.0.1:9/"));
    world.upstream.serve("/feed.xml", Reply::xml(document("<item><title>x</title></item>")));
    let Outcome::Failed(failure) = world.refresh().await.remove(0).1 else { panic!() };
    assert!(failure.message.contains("names no feed"), "{failure}");
    assert!(world.upstream.requests("/feed.xml").is_empty(), "a poll asks for nothing but its feed");

    let folder = tempfile::tempdir().unwrap();
    let url = world.upstream.url("/blog");
    let text = format!(
        "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"blog\"\nurl = \"{url}\"\ncategory = \"news\"\n"
    );
    let config = write_config(folder.path(), &text);
    for arguments in [vec!["preview", url.as_str()], vec!["check", "--online"]] {
        let output = syndic().arg("--config").arg(&config).args(&arguments).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&world.upstream.url("/feed.xml")), "{said}");
    }
    world.upstream.serve("/robots.txt", Reply::xml("User-agent: *\nDisallow: /\n").with("content-type", "text/plain"));
    let before = world.upstream.requests("/feed.xml").len();
    let output = syndic().arg("--config").arg(&config).args(["preview", &url]).output().unwrap();
    assert!(said(&output).contains("robots.txt"), "{}", said(&output));
    assert_eq!(world.upstream.requests("/feed.xml").len(), before);

    world.upstream.serve(
        "/blog",
        html("<body><div><link rel=\"home ALTERNATE\" type=\"application/rss+xml; x=y\" href=feed.xml>"),
    );
    let output = syndic().arg("--config").arg(&config).args(["preview", &url]).output().unwrap();
    assert!(said(&output).contains("/feed.xml"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_entries_that_rules_drop_whatever_they_hold_are_not_asked_for() {
    let rule = |words: &str| format!("[[source.rule]]\naction = \"include\"\n{words}\n");
    let excludes = rule("field = \"title\"\nwords = [\"新线b\"]").replace("include", "exclude");
    let includes = rule("field = \"title\"\nwords = [\"新线a\", \"新线b\"]");
    // What the feed does not say may stand on the page.
    let by_page = rule("field = \"text\"\nwords = [\"正文第3段\"]");
    let old = "not_after = \"1h\"\n".to_owned();
    for (lines, asked) in [
        (excludes.clone(), vec!["a", "c"]),
        (includes.clone(), vec!["a", "b"]),
        (format!("{excludes}{includes}"), vec!["a"]),
        (by_page.clone(), vec!["a", "b", "c"]),
        (format!("{by_page}{excludes}"), vec!["a", "c"]),
        (old, vec![]),
        (String::new(), vec!["a", "b", "c"]),
    ] {
        let world = World::new().await.source_with("rail", &format!("{WANTED}\n{lines}"));
        world.upstream.serve("/rail", Reply::xml(feed(&world, &["a", "b", "c"])));
        for name in ["a", "b", "c"] {
            world.upstream.serve(&format!("/a/{name}.html"), html(page(name)));
        }
        world.refresh().await;
        let pages = ["a", "b", "c"].map(|name| world.upstream.requests(&format!("/a/{name}.html")).len());
        let expected = ["a", "b", "c"].map(|name| usize::from(asked.contains(&name)));
        assert_eq!(pages, expected, "{lines}");
        let shown = items(&world).await.len();
        assert_eq!(shown, asked.len(), "{lines}: what was read is what is shown");
    }
}
