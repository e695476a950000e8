//! Sources that are no feeds: pages, sitemaps, lists that go on in further documents, articles whose text is elsewhere.

use crate::support::{Reply, World};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::io::Write;
use syndic::{
    model::{FailureKind, FullText},
    refresh::Outcome,
};

const SOURCE: &str = "category = \"news\"\ncontent = \"full\"\ncredit = false\nnamespace = \"rail.example\"\ntimezone = \"Asia/Shanghai\"\n";
const CODE: &str = "NW202204222352631195";

fn reply(body: impl Into<Vec<u8>>, kind: &str) -> Reply {
    Reply::xml(body).with("content-type", kind)
}

fn html(body: impl Into<Vec<u8>>) -> Reply {
    reply(body, "text/html")
}

fn json(value: &Value) -> Reply {
    reply(value.to_string(), "application/json")
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn committed(outcome: &Outcome) -> (usize, usize, usize) {
    match outcome {
        Outcome::Committed(changes) => (changes.new.len(), changes.updated.len(), changes.unchanged),
        other => panic!("{other:?}"),
    }
}

async fn poll(world: &World) -> (usize, usize, usize) {
    committed(&world.refresh().await[0].1)
}

async fn items(world: &World) -> Vec<Value> {
    world.json("news").await["items"].as_array().unwrap().clone()
}

async fn titles(world: &World) -> Vec<String> {
    items(world).await.iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn failed(world: &World) -> (FailureKind, String) {
    assert!(matches!(world.refresh().await[0].1, Outcome::Failed(_)));
    let error = world.state("list").await.error.unwrap();
    (error.kind, error.message)
}

async fn world(recipe: &str) -> World {
    World::new().await.source_with("list", &format!("{SOURCE}{recipe}"))
}

fn text_of(name: &str) -> String {
    (1..6).map(|n| format!("<p>{name}正文第{n}段：据介绍，新线建成后，两地之间的车程将缩短到四十分钟。</p>")).collect()
}

// Details.

const DETAILED: &str = "[source.json]\nitems = \"$.list[*]\"\ncode = \"$.code\"\ntitle = \"$.title\"\nsummary = \"$.digest\"\npublished = \"$.time\"\n\
    link = \"https://rail.example/a/{code}.html\"\n[source.detail]\n";

fn listed(codes: &[&str]) -> Value {
    let item = |code: &&str| json!({"code": code, "title": format!("新线{code}"), "digest": "新线五月开通。", "time": "2022-04-22 07:44"});
    json!({"list": codes.iter().map(item).collect::<Vec<_>>()})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_comes_from_a_second_address_once_and_without_a_correction() {
    let recipe = format!(
        "{DETAILED}url = \"UP/api/detail?id={{code}}&x=1\"\ncontent = \"$.data.body\"\npublisher = \"$.data.from\"\n"
    );
    let world = World::new().await;
    let up = world.upstream.url("");
    let world =
        world.source_with("list", &format!("headers = {{ X-Key = \"k\" }}\n{SOURCE}{}", recipe.replace("UP", &up)));
    world.upstream.serve("/list", json(&listed(&[CODE])));
    world.upstream.serve("/api/detail", Reply::status(503));
    assert_eq!(poll(&world).await, (1, 0, 0), "the poll does not fail");
    let before = items(&world).await[0].clone();
    assert_eq!(before["summary"], "新线五月开通。");
    assert_eq!(world.entry(CODE).await.unwrap().edition.full_text, FullText::Missed);
    let detail = format!("cb({{\"data\":{{\"from\":\"厦门日报\",\"body\":{}}}}})", json!(text_of("a")));
    world.upstream.serve("/api/detail", reply(gbk(&detail), "text/plain"));
    world.pass_time(TimeDelta::minutes(40));
    world.upstream.asked();
    let world = world.restarted().await;
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    assert_eq!(world.upstream.asked(), ["GET /list", &format!("GET /api/detail?id={CODE}&x=1")], "and no robots.txt");
    assert_eq!(world.upstream.requests("/api/detail")[1]["x-key"], "k", "headers go to the source's own origin");
    let after = items(&world).await[0].clone();
    assert!(after["content_html"].as_str().unwrap().contains("a正文第5段"), "{after}");
    assert_eq!(after["_syndic"]["publisher"], "厦门日报");
    for same in ["id", "url", "title", "date_published", "date_modified", "summary"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.entry(CODE).await.unwrap().edition_number, 1);
    world.pass_time(TimeDelta::days(2));
    world.upstream.serve("/list", json(&listed(&["NW202204222352631196", CODE])));
    assert_eq!(poll(&world).await, (1, 0, 1));
    assert_eq!(
        world.upstream.asked(),
        ["GET /list", "GET /api/detail?id=NW202204222352631196&x=1"],
        "once for each new entry"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_by_selectors_brings_what_its_list_lacks() {
    let recipe = "[source.page]\nitems = \"li\"\ntitle = \"a\"\n[source.detail]\ncontent = \".text\"\nauthor = \".by\"\n\
        published = { select = \".at\", cut = \"发布于(.*)\" }\npublisher = \".from\"\n";
    let world = world(recipe).await;
    world
        .upstream
        .serve("/list", html("<html><body><ul><li><a href=\"/a/1.html\">新线五月开通</a></ul></body></html>"));
    let page = format!(
        "<html><body><p class=at>发布于2022-04-20 10:00</p><span class=by>张三</span><b class=from>海峡导报</b><div class=text>{}</div></body></html>",
        text_of("b")
    );
    world.upstream.serve("/a/1.html", html(page));
    assert_eq!(poll(&world).await, (1, 0, 0));
    let item = items(&world).await[0].clone();
    assert!(item["content_html"].as_str().unwrap().contains("b正文第5段"), "{item}");
    assert_eq!((&item["title"], &item["date_published"]), (&json!("新线五月开通"), &json!("2022-04-20T02:00:00Z")));
    assert_eq!((&item["authors"][0]["name"], &item["_syndic"]["publisher"]), (&json!("张三"), &json!("海峡导报")));
    assert_eq!(
        world.upstream.requests("/robots.txt").len(),
        1,
        "a page that a document links to is asked for as any article"
    );
    world.pass_time(TimeDelta::hours(1));
    world.upstream.serve(
        "/list",
        html("<html><body><ul><li><a href=\"/a/1.html\">新线五月开通</a></li></ul><!--2--></body></html>"),
    );
    assert_eq!(poll(&world).await, (0, 0, 1), "the date that was found is kept");
}

// Pages.

const PAGE: &str = "[source.page]\nitems = \"ul.news > li\"\ntitle = \"a.t\"\nlink = \"a.t@href\"\npublished = \"span.d\"\nsummary = \"p\"\nimage = \"img@src\"\n";

fn row(n: usize, title: &str, date: &str) -> String {
    format!(
        "<li><a class=t href=\"../a/{n}.html\"> {title}\n</a><span class=d>{date}</span><p>第<b>{n}</b>条<script>x()</script></p><img src=\"{n}.jpg\">"
    )
}

fn page(rows: &[String]) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=gbk><title>铁路新闻 &amp; 港口</title></head><body><ul class=nav><li><a href=/>首页</a></ul><ul class=news>{}</ul></body></html>",
        rows.concat()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_becomes_a_feed_and_its_dates_stay() {
    let world = world(PAGE).await;
    let serve = |rows: &[String]| world.upstream.serve("/list", html(gbk(&page(rows))));
    serve(&[row(2, "港口吞吐量增长", "5分钟前"), row(1, "新线五月开通", "昨天 08:00")]);
    assert_eq!(poll(&world).await, (2, 0, 0));
    let first = items(&world).await;
    assert_eq!(titles(&world).await, ["港口吞吐量增长", "新线五月开通"]);
    assert_eq!(first[0]["url"], world.upstream.url("/a/2.html"));
    assert_eq!(first[0]["date_published"], "2022-04-22T03:55:00Z");
    assert_eq!(first[1]["date_published"], "2022-04-21T00:00:00Z");
    assert!(
        first[0]["summary"].as_str().unwrap().contains("第2条") && !first[0].to_string().contains("x()"),
        "{}",
        first[0]
    );
    assert!(first[0].to_string().contains(&world.upstream.url("/2.jpg")), "{}", first[0]);
    assert_eq!(world.state("list").await.feed.unwrap().plain_title(), Some("铁路新闻 & 港口"));
    assert!(world.state("list").await.notes.is_empty(), "{:?}", world.state("list").await.notes);

    world.pass_time(TimeDelta::hours(20));
    serve(&[row(3, "第三条", "刚刚"), row(2, "港口吞吐量增长", "20小时前"), row(1, "新线六月开通", "04-21")]);
    assert_eq!(poll(&world).await, (1, 1, 1), "one new, one corrected");
    let later = items(&world).await;
    assert_eq!((&later[1], &later[2]["title"]), (&first[0], &json!("新线六月开通")));
    assert_eq!(later[2]["date_published"], first[1]["date_published"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_dates_is_dated_by_first_sight() {
    let world = world("[source.page]\nitems = \"li\"\n").await;
    let list = |names: &[&str]| {
        let rows: String = names.iter().map(|name| format!("<li><a href=\"/a/{name}\">消息{name}</a>")).collect();
        world.upstream.serve("/list", html(format!("<html><ul>{rows}</ul></html>")));
    };
    list(&["b", "a"]);
    assert_eq!(poll(&world).await, (2, 0, 0));
    world.pass_time(TimeDelta::hours(1));
    list(&["c", "b", "a"]);
    assert_eq!(poll(&world).await, (1, 0, 2));
    assert_eq!(titles(&world).await[0], "消息c");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_built_otherwise_is_told_within_one_poll_and_nothing_is_lost() {
    let world = world(PAGE).await;
    world.upstream.serve("/list", html(gbk(&page(&[row(1, "新线五月开通", "昨天")]))));
    poll(&world).await;
    let rows: String =
        (0..5).map(|n| format!("<div class=card><h3><a href=/n/{n}>第{n}条新闻的题目</a></h3></div>")).collect();
    world.upstream.serve("/list", html(format!("<html><body><div class=list>{rows}</div></body></html>")));
    let (kind, message) = failed(&world).await;
    assert_eq!(kind, FailureKind::Layout);
    for part in [
        "feeds.toml:",
        "`source[list].page.items`",
        "`ul.news > li` finds no item",
        "`div.list > div.card` (5, 5 with links)",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(titles(&world).await, ["新线五月开通"]);
    let renamed =
        page(&[row(2, "港口", "昨天"), row(3, "第三条", "昨天")]).replace("class=t href", "class=title data-href");
    world.upstream.serve("/list", html(gbk(&renamed)));
    let (kind, message) = failed(&world).await;
    assert_eq!(kind, FailureKind::Layout);
    for part in [
        "2 items, but nothing tells them",
        "`source[list].page.link`",
        "`a.t@href` finds nothing",
        "li, a.title, span.d",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    world.upstream.serve("/list", html("<html><form><input type=password name=p></form></html>"));
    assert!(failed(&world).await.1.contains("a login page"));
    world.upstream.serve("/list", json(&json!({"error": 1})));
    let (kind, message) = failed(&world).await;
    assert_eq!(kind, FailureKind::NotAFeed);
    assert!(message.contains("a page was promised") && message.contains("JSON"), "{message}");
    let dateless = page(&[row(4, "第四条", "昨天")]).replace("class=d", "class=date");
    world.upstream.serve("/list", html(gbk(&dateless)));
    assert_eq!(poll(&world).await, (1, 0, 0), "a field that is missed is no reason to lose the rest");
    let note = world.state("list").await.notes.join("\n");
    assert!(
        note.contains("`span.d` finds nothing in any of 1 items")
            && note.contains("span.date")
            && !note.contains("昨天"),
        "{note}"
    );
}

// Further documents.

fn paged(number: usize, next: Value) -> Value {
    let item = |n: usize| json!({"id": number * 10 + n, "title": format!("第{number}页{n}")});
    json!({"list": [item(1), item(2)], "next": next})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_followed_while_there_is_something_new() {
    let recipe =
        "[source.json]\nitems = \"$.list[*]\"\nid = \"$.id\"\ntitle = \"$.title\"\nnext = \"$.next\"\npages = 3\n";
    let world = world(recipe).await;
    for number in 1..=5 {
        world.upstream.serve(
            &format!("/list{}", if number == 1 { String::new() } else { number.to_string() }),
            json(&paged(number, json!(format!("list{}", number + 1)))),
        );
    }
    assert_eq!(poll(&world).await, (6, 0, 0));
    assert_eq!(world.upstream.asked(), ["GET /list", "GET /list2", "GET /list3"], "as far as the bound allows");
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    assert_eq!(world.upstream.asked(), ["GET /list"], "an unchanged list costs one request");
    let mut first = paged(1, json!("list2"));
    first["list"].as_array_mut().unwrap().insert(0, json!({"id": 99, "title": "新"}));
    world.upstream.serve("/list", json(&first));
    assert_eq!(poll(&world).await, (1, 0, 2));
    assert_eq!(world.upstream.asked(), ["GET /list"], "its end is known");
    world.upstream.serve("/list", json(&paged(7, json!("list2"))));
    assert_eq!(poll(&world).await, (2, 0, 2));
    assert_eq!(world.upstream.asked(), ["GET /list", "GET /list2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_number_cursor_and_body() {
    let by = |lines: &str| {
        format!("[source.json]\nitems = \"$.list[*]\"\nid = \"$.id\"\ntitle = \"$.title\"\npages = 3\n{lines}")
    };
    let cases = [
        (by("next = \"/list/{page}\"\n"), ["/list", "/list/2", "/list/3"], ["GET /list", "GET /list/2", "GET /list/3"]),
        (
            by("query = { p = \"{page}\", q = \"a b\" }\nfirst_page = 0\n"),
            ["/list?p=0&q=a+b", "/list?p=1&q=a+b", "/list?p=2&q=a+b"],
            ["GET /list?p=0&q=a+b", "GET /list?p=1&q=a+b", "GET /list?p=2&q=a+b"],
        ),
        (
            by("cursor = \"$.next\"\nquery = { c = \"{cursor}\" }\n"),
            ["/list", "/list?c=%26c2", "/list?c=%26c3"],
            ["GET /list", "GET /list?c=%26c2", "GET /list?c=%26c3"],
        ),
        (
            by("cursor = \"$.next\"\nbody = '{\"size\":2,\"c\":\"{cursor}\",\"x\":{}}'\n"),
            [
                "/list {\"size\":2,\"c\":\"\",\"x\":{}}",
                "/list {\"size\":2,\"c\":\"&c2\",\"x\":{}}",
                "/list {\"size\":2,\"c\":\"&c3\",\"x\":{}}",
            ],
            [
                "POST /list {\"size\":2,\"c\":\"\",\"x\":{}}",
                "POST /list {\"size\":2,\"c\":\"&c2\",\"x\":{}}",
                "POST /list {\"size\":2,\"c\":\"&c3\",\"x\":{}}",
            ],
        ),
    ];
    for (recipe, places, asked) in cases {
        let world = world(&recipe).await;
        for (number, place) in places.iter().enumerate() {
            let next = if number < 2 { json!(format!("&c{}", number + 2)) } else { Value::Null };
            world.upstream.serve(place, json(&paged(number + 1, next)));
        }
        assert_eq!(poll(&world).await, (6, 0, 0), "{recipe}");
        assert_eq!(world.upstream.asked(), asked, "{recipe}");
        if recipe.contains("body") {
            assert_eq!(world.upstream.requests("/list")[0]["content-type"], "application/json");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_had_of_a_list_comes_later() {
    let recipe =
        "[source.json]\nitems = \"$.list[*]\"\nid = \"$.id\"\ntitle = \"$.title\"\nnext = \"$.next\"\npages = 5\n";
    let world = world(recipe).await;
    world.upstream.serve("/list", json(&paged(1, json!("/list2"))).with("etag", "\"1\""));
    world.upstream.serve("/list2", Reply::status(500));
    assert_eq!(poll(&world).await, (2, 0, 0), "what came is kept");
    let note = world.state("list").await.notes.join("\n");
    assert!(note.contains("document 2 of the list could not be had") && note.contains("500"), "{note}");
    world.upstream.serve("/list2", json(&paged(2, json!("/list"))));
    assert_eq!(poll(&world).await, (2, 0, 2), "over what is known");
    let note = world.state("list").await.notes.join("\n");
    assert!(note.contains("was read already"), "{note}");
    world.upstream.asked();
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    assert_eq!(world.upstream.asked(), ["GET /list"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_leads_nowhere_else() {
    let recipe = "[source.json]\nitems = \"$.list[*]\"\nid = \"$.id\"\ntitle = \"$.title\"\nnext = \"$.next\"\n";
    let world = world(recipe).await;
    for elsewhere in
        ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "https://other.example/list"]
    {
        world.upstream.serve("/list", json(&paged(1, json!(elsewhere))));
        assert!(matches!(world.refresh().await[0].1, Outcome::Committed(_)));
        let note = world.state("list").await.notes.join("\n");
        assert!(note.contains("another origin") && note.contains("`source[list].json.next`"), "{elsewhere}: {note}");
    }
    assert!(world.upstream.asked().iter().all(|asked| asked == "GET /list"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_asked_what_came_since_may_have_nothing_to_say() {
    let recipe = "[source.json]\nitems = \"$.list[*]\"\nid = \"$.id\"\ntitle = \"$.title\"\nquery = { since = \"{last_id}\", t = \"{now}\", d = \"{today}\" }\n";
    let world = world(recipe).await;
    world.upstream.serve("/list", json(&json!({"list": [{"id": "b&1", "title": "b"}, {"id": "a", "title": "a"}]})));
    assert_eq!(poll(&world).await, (2, 0, 0));
    world.upstream.serve("/list", json(&json!({"list": []})));
    assert_eq!(poll(&world).await, (0, 0, 0));
    world.upstream.serve("/list", json(&json!({"msg": "nothing new"})));
    assert_eq!(poll(&world).await, (0, 0, 0));
    assert_eq!(
        world.upstream.asked(),
        [
            "GET /list?d=2022-04-22&t=1650600000",
            "GET /list?d=2022-04-22&since=b%261&t=1650600000",
            "GET /list?d=2022-04-22&since=b%261&t=1650600000"
        ]
    );
    assert_eq!(items(&world).await.len(), 2);
}

// Sitemaps.

fn url(path: &str, lastmod: &str, news: Option<(&str, &str)>) -> String {
    let news = news.map(|(title, date)| {
        format!(
            "<news:news><news:publication><news:name>海峡导报</news:name><news:language>zh-cn</news:language></news:publication>\
             <news:publication_date>{date}</news:publication_date><news:title>{title}</news:title><news:keywords>铁路, 港口</news:keywords></news:news>"
        )
    });
    let lastmod = if lastmod.is_empty() { String::new() } else { format!("<lastmod>{lastmod}</lastmod>") };
    format!("<url><loc>https://rail.example{path}</loc>{lastmod}{}</url>", news.unwrap_or_default())
}

fn sitemap(urls: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">{}</urlset>",
        urls.concat()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_news_sitemap_becomes_a_feed_of_what_is_new() {
    let world = world("[source.sitemap]\n").await;
    let news = [
        url("/a/1.html", "2022-04-22T07:50:00+08:00", Some(("新线五月开通 &amp; 试运行", "2022-04-22T07:44:35+08:00"))),
        url("/a/2.html", "2022-04-01", Some(("旧闻", "2022-04-01"))),
    ];
    world.upstream.serve("/list", reply(gzip(&sitemap(&news)), "application/octet-stream"));
    assert_eq!(poll(&world).await, (2, 0, 0));
    let first = items(&world).await[0].clone();
    assert_eq!(
        (&first["title"], &first["url"]),
        (&json!("新线五月开通 & 试运行"), &json!("https://rail.example/a/1.html"))
    );
    assert_eq!(
        (&first["date_published"], &first["_syndic"]["publisher"]),
        (&json!("2022-04-21T23:44:35Z"), &json!("海峡导报"))
    );
    assert_eq!((&first["tags"], &first["language"]), (&json!(["铁路", "港口"]), &json!("zh-cn")));

    world.pass_time(TimeDelta::days(1));
    let later = [url("/a/3.html", "2022-04-23T03:00:00Z", Some(("第三条", "2022-04-23T03:00:00Z"))), news.concat()];
    world.upstream.serve("/list", reply(gzip(&sitemap(&later)), "application/gzip"));
    assert_eq!(poll(&world).await, (1, 0, 1), "what was old at the last visit is not looked at");
    world.pass_time(TimeDelta::days(3));
    world.upstream.serve("/list", reply(gzip(&sitemap(&[news[1].clone()])), "application/gzip"));
    assert_eq!(poll(&world).await, (0, 0, 0), "nothing new is no failure");
    assert_eq!(items(&world).await.len(), 3);
    world.upstream.serve("/list", Reply::xml("<rss version=\"2.0\"><channel><title>x</title></channel></rss>"));
    let (kind, message) = failed(&world).await;
    assert!(kind == FailureKind::NotAFeed && message.contains("a sitemap was promised"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_leads_to_the_sitemaps_that_changed() {
    let world = world("[source.sitemap]\npages = 3\n").await;
    let index = |last: &str| {
        let place = |name: &str, lastmod: &str| {
            format!("<sitemap><loc>{}</loc><lastmod>{lastmod}</lastmod></sitemap>", world.upstream.url(name))
        };
        let elsewhere = "<sitemap><loc>http://10.0.0.1/s.xml</loc><lastmod>2022-04-25</lastmod></sitemap>";
        format!(
            "<sitemapindex>{}{}{elsewhere}</sitemapindex>",
            place("/old.xml", "2022-01-01"),
            place("/new.xml.gz", last)
        )
    };
    world.upstream.serve("/list", Reply::xml(index("2022-04-22")));
    world.upstream.serve("/old.xml", Reply::xml(sitemap(&[url("/a/1", "2022-01-01", None)])));
    world.upstream.serve("/new.xml.gz", reply(gzip(&sitemap(&[url("/a/2", "2022-04-22", None)])), "application/gzip"));
    assert_eq!(poll(&world).await, (2, 0, 0));
    assert_eq!(
        world.upstream.asked(),
        ["GET /list", "GET /new.xml.gz", "GET /old.xml"],
        "the newest first, nothing elsewhere"
    );
    world.pass_time(TimeDelta::days(2));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    world.upstream.asked();
    world.upstream.serve("/list", Reply::xml(index("2022-04-24")));
    world.upstream.serve("/new.xml.gz", reply(gzip(&sitemap(&[url("/a/3", "2022-04-24", None)])), "application/gzip"));
    assert_eq!(poll(&world).await, (1, 0, 0));
    assert_eq!(world.upstream.asked(), ["GET /list", "GET /new.xml.gz"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_without_dates_is_followed_each_time() {
    let world = world("[source.sitemap]\n").await;
    world.upstream.serve(
        "/list",
        Reply::xml("<sitemapindex><sitemap><loc>/s.xml</loc></sitemap></sitemapindex>").with("etag", "\"1\""),
    );
    world.upstream.serve("/s.xml", Reply::xml(sitemap(&[url("/a/1", "", None)])));
    assert_eq!(poll(&world).await, (1, 0, 0));
    world.upstream.serve("/s.xml", Reply::xml(sitemap(&[url("/a/2", "", None), url("/a/1", "", None)])));
    assert_eq!(poll(&world).await, (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_says_only_when_it_was_corrected_has_the_text_asked_for_anew() {
    let recipe = "[source.json]\nitems = \"$[*]\"\ncode = \"$.code\"\ntitle = \"$.title\"\npublished = \"$.time\"\nupdated = \"$.mtime\"\n\
        link = \"https://rail.example/a/{code}.html\"\n[source.detail]\nurl = \"UP/d/{code}\"\ncontent = \"$.body\"\n";
    let world = World::new().await;
    let up = world.upstream.url("");
    let world = world.source_with("list", &format!("{SOURCE}{}", recipe.replace("UP", &up)));
    let list =
        |mtime: &str| json(&json!([{"code": CODE, "title": "新线", "time": "2022-04-22 07:44", "mtime": mtime}]));
    let detail = |words: &str| json(&json!({"body": format!("{}<p>{words}</p>", text_of("a"))}));
    world.upstream.serve("/list", list("2022-04-22 08:00"));
    world.upstream.serve(&format!("/d/{CODE}"), detail("五月开通"));
    assert_eq!(poll(&world).await, (1, 0, 0));
    world.pass_time(TimeDelta::hours(1));
    world.upstream.serve("/list", list("2022-04-22 12:30"));
    assert_eq!(poll(&world).await, (0, 0, 1), "the same text is no correction");
    world.pass_time(TimeDelta::hours(1));
    world.upstream.serve("/list", list("2022-04-22 13:30"));
    world.upstream.serve(&format!("/d/{CODE}"), detail("六月开通"));
    assert_eq!(poll(&world).await, (0, 1, 0));
    let item = items(&world).await[0].clone();
    assert!(item["content_html"].as_str().unwrap().contains("六月开通"), "{item}");
    assert_eq!(
        (&item["date_published"], &item["date_modified"]),
        (&json!("2022-04-21T23:44:00Z"), &json!("2022-04-22T05:30:00Z"))
    );
    assert_eq!(world.upstream.requests(&format!("/d/{CODE}")).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_that_could_not_be_had_is_looked_for_however_old_it_is_by_then() {
    let world = world("[source.sitemap]\n").await;
    let place =
        |name: &str| format!("<sitemap><loc>{}</loc><lastmod>2022-04-20</lastmod></sitemap>", world.upstream.url(name));
    world
        .upstream
        .serve("/list", Reply::xml(format!("<sitemapindex>{}{}</sitemapindex>", place("/a.xml"), place("/b.xml"))));
    world.upstream.serve("/a.xml", Reply::status(503));
    world.upstream.serve("/b.xml", Reply::xml(sitemap(&[url("/b/1", "2022-04-20", None)])));
    assert_eq!(poll(&world).await, (1, 0, 0), "what came is kept, and the others are asked for");
    world.pass_time(TimeDelta::days(3));
    world.upstream.serve("/a.xml", Reply::xml(sitemap(&[url("/a/1", "2022-04-20", None)])));
    assert_eq!(poll(&world).await, (1, 0, 1));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
}
