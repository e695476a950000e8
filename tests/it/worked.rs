//! The worked examples of docs/sources.md: each is run as it stands there, on documents of ours.

use crate::support::{Reply, Upstream, World, fixture, root, syndic, world::slug, write_config};
use std::{
    io::Write,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use syndic::{
    config::{Config, Overrides},
    fetch::{Body, Page},
    model::{Answer, Failure, Source, Validators},
    recipe::{self, Harvest, Place},
    refresh::Outcome,
};

/// The host of the examples.
const HOST: &str = "https://news.example";

struct Served {
    path: &'static str,
    file: &'static str,
    kind: &'static str,
    as_is: fn(Vec<u8>) -> Vec<u8>,
}

fn served(path: &'static str, file: &'static str, kind: &'static str) -> Served {
    Served { path, file, kind, as_is: |bytes| bytes }
}

fn gbk(bytes: Vec<u8>) -> Vec<u8> {
    encoding_rs::GBK.encode(std::str::from_utf8(&bytes).unwrap()).0.into_owned()
}

fn gzip(bytes: Vec<u8>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap()
}

/// The `[[source]]` of an example, as the document has it.
fn example(number: usize) -> String {
    let text = std::fs::read_to_string(root().join("docs/sources.md")).unwrap();
    let from = text.split_once(&format!("\n### {number}. ")).unwrap_or_else(|| panic!("no example {number}")).1;
    let toml = from.split_once("```toml\n").unwrap().1;
    toml.split_once("```").unwrap().0.to_owned()
}

/// What the entries of an example are: `date | title | link | publisher`, and each text holds the words after it.
async fn run(number: usize, id: &str, served: &[Served], expected: &[(&str, &str)]) {
    let world = World::new().await;
    let up = world.upstream.url("");
    for Served { path, file, kind, as_is } in served {
        let text = String::from_utf8(fixture(&format!("sources/{file}"))).unwrap().replace(HOST, &up);
        world.upstream.serve(path, Reply::xml(as_is(text.into_bytes())).with("content-type", kind));
    }
    let world = world.source_as_it_stands(&example(number).replace(HOST, &up));
    let outcome = world.refresh_one(id).await;
    assert!(matches!(outcome, Outcome::Committed(_)), "{number}: {outcome:?}");
    assert_eq!(world.state(id).await.notes, Vec::<String>::new(), "{number}");
    let feed = world.json("news").await;
    let items = feed["items"].as_array().unwrap();
    let said = |item: &serde_json::Value| {
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").replace(&up, "");
        let fields = [&item["date_published"], &item["title"], &item["url"], &item["_syndic"]["publisher"]];
        fields.map(word).join(" | ")
    };
    let found: Vec<String> = items.iter().map(said).collect();
    assert_eq!(
        found,
        expected.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        "{number}: {}",
        world.upstream.asked().join("\n")
    );
    for (item, (line, words)) in items.iter().zip(expected) {
        assert!(item.to_string().contains(words), "{number}: {line}: {words}: {item}");
    }
    // Polled again, nothing is new, and nothing is a correction.
    let again = world.refresh_one(id).await;
    let unchanged = match &again {
        Outcome::NotModified => true,
        Outcome::Committed(changes) => changes.new.is_empty() && changes.updated.is_empty(),
        Outcome::Failed(_) => false,
    };
    assert!(unchanged, "{number}: {again:?}");
    assert!(world.config().source(&slug(id)).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_records_with_its_texts() {
    let documents = [
        served("/api/list", "1-list.json", "application/json"),
        served("/api/detail?code=NW202204222352631195", "1-detail.json", "application/json"),
        served("/api/detail?code=NW202204212352630007", "1-detail-2.json", "application/json"),
    ];
    let expected = [
        ("2022-04-21T23:44:00Z | 新线五月开通 | /a/NW202204222352631195.html | 厦门日报", "缩短到四十分钟"),
        ("2022-04-21T08:25:00Z | 港口一季度吞吐量增长 | /a/NW202204212352630007.html | 海峡导报", "集装箱三百万标箱"),
    ];
    run(1, "records", &documents, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsonp_in_gbk() {
    let nodes = Served { as_is: gbk, ..served("/nodes.js", "2-nodes.js", "text/javascript; charset=GBK") };
    let expected = [
        (
            "2022-04-21T23:44:35Z | 地铁三号线&机场联络线试运行 | /news/NW202204222352631196.html | 厦门日报",
            "NW202204222352631196",
        ),
        (
            "2022-04-21T23:30:00Z | 春季招聘会周末举行 | /news/NW202204222352631197.html | 海峡导报",
            "NW202204222352631197",
        ),
    ];
    run(2, "nodes", &[nodes], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_by_post() {
    let documents = [
        served("/search {\"query\":\"harbour\",\"page\":1}", "3-page1.json", "application/json"),
        served("/search {\"query\":\"harbour\",\"page\":2}", "3-page2.json", "application/json"),
        served("/search {\"query\":\"harbour\",\"page\":3}", "3-page3.json", "application/json"),
    ];
    let expected = [
        ("2022-04-22T06:30:00Z | Harbour cranes go electric | /stories/cranes | -", "J. Ortiz"),
        ("2022-04-21T18:00:00Z | Night train returns | /stories/night-train | -", "\"id\":\"900719925474099302\""),
        ("2022-04-20T09:00:00Z | Ferry timetable changes in May | /stories/ferry | -", ""),
    ];
    run(3, "search", &documents, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_older_pages() {
    let documents = [
        served("/city", "4-page.html", "text/html"),
        served("/city?page=2", "4-page2.html", "text/html"),
        served("/city/2001.html", "4-article.html", "text/html"),
        served("/city/2000.html", "4-article.html", "text/html"),
        served("/city/1999.html", "4-article.html", "text/html"),
        served("/robots.txt", "3-page3.json", "text/plain"),
    ];
    let expected = [
        ("2022-04-22T01:00:00Z | 老城区步行街改造完工 | /city/2001.html | -", "沿街商铺将于下周陆续恢复营业"),
        ("2022-04-21T10:20:00Z | 图书馆延长开放时间 | /city/2000.html | -", "周五、周六开放至二十二时"),
        ("2022-04-18T16:00:00Z | 公园樱花进入盛花期 | /city/1999.html | -", "花期预计持续到月底"),
    ];
    run(4, "city", &documents, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_classes() {
    let expected = [
        ("2022-04-19T22:00:00Z | Bridge closed to lorries until further notice | /notices/2022/04/20/n17.html | -", ""),
        ("2022-04-10T22:00:00Z | New opening hours of the registry | /notices/2022/04/11/n16.html | -", ""),
    ];
    run(5, "notices", &[served("/notices", "5-table.html", "text/html")], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_news_sitemap_behind_an_index() {
    let documents = [
        served("/sitemap.xml", "6-index.xml", "application/xml"),
        Served { as_is: gzip, ..served("/sitemaps/news.xml.gz", "6-news.xml", "application/gzip") },
        served("/2022/tram-returns", "6-article.html", "text/html"),
        served("/2022/market-hall", "6-article.html", "text/html"),
        served("/robots.txt", "3-page3.json", "text/plain"),
    ];
    let expected = [
        (
            "2022-04-22T02:40:00Z | The tram returns to the old town | /2022/tram-returns | Harbour Courier",
            "Shopkeepers along the line",
        ),
        ("2022-04-21T10:00:00Z | Market hall to stay open on Sundays | /2022/market-hall | Harbour Courier", ""),
    ];
    run(6, "courier", &documents, &expected).await;
}

// Damage and malice.

fn page(bytes: Vec<u8>) -> Page {
    Page {
        body: Body::Document(bytes.into()),
        content_type: None,
        base: Some("https://news.example/x".to_owned()),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    }
}

fn source(number: usize) -> Arc<Source> {
    let text = format!("[site]\nurl = \"https://syndic.test\"\n{}", example(number));
    Config::parse(&text, Path::new("feeds.toml"), &Overrides::default()).unwrap().config.sources[0].clone()
}

/// Reads a document as a poll would, and says how long that took.
fn read(source: &Source, bytes: Vec<u8>) -> (Result<Harvest, Failure>, Duration) {
    let began = Instant::now();
    let now = "2022-04-22T04:00:00Z".parse().unwrap();
    let read = recipe::of_source(&page(bytes), source, &Place::first(source, now));
    (read, began.elapsed())
}

#[test]
fn damaged_documents_do_no_harm() {
    let files = [
        (1, "1-list.json"),
        (2, "2-nodes.js"),
        (3, "3-page1.json"),
        (4, "4-page.html"),
        (5, "5-table.html"),
        (6, "6-news.xml"),
    ];
    let mut seed = 20_220_422_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    for (number, file) in files {
        let (source, whole) = (source(number), fixture(&format!("sources/{file}")));
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes[at] = random(256) as u8,
                    2 => bytes.splice(at..at, whole[random(whole.len())..].iter().copied().take(200)).for_each(drop),
                    _ => bytes.drain(at..(at + random(40)).min(bytes.len())).for_each(drop),
                }
                bytes.push(b' ');
            }
            let (read, _) = read(&source, bytes);
            let words = match read {
                Ok(harvest) => harvest.feed.notes.join("\n"),
                Err(failure) => failure.message,
            };
            assert!(
                words.chars().count() < 30_000 && words.lines().all(|line| !line.contains(char::is_control)),
                "{words}"
            );
        }
    }
}

#[test]
fn documents_made_to_hurt_cost_little() {
    let many = 200_000;
    let cases: [(usize, String); 12] = [
        (1, "[".repeat(many)),
        (1, format!("{{\"result\":{{\"records\":[{}1]}}}}", "1,".repeat(many))),
        (1, format!("{{\"result\":{{\"records\":[{}{{}}]}}}}", "{\"infoCode\":{\"a\":[1]}},".repeat(20_000))),
        (1, format!("{}{}", "{\"a\":".repeat(many), "}".repeat(many))),
        (2, format!("{}(", "a.".repeat(many))),
        (2, format!("/*{}", " ".repeat(many))),
        (4, "<div class=news-item>".repeat(many)),
        (4, "<div class=news-item><a href=x>y</a></div>".repeat(20_000)),
        (4, format!("<html>{}", "<b><p>".repeat(40_000))),
        (5, format!("<html><table id=notices>{}", "<tr><td><a href=x>".repeat(20_000))),
        (6, format!("<urlset>{}", "<url><loc>https://news.example/a</loc></url>".repeat(60_000))),
        (6, "<urlset><url>".repeat(60_000)),
    ];
    for (number, text) in cases {
        let begins: String = text.chars().take(60).collect();
        let (read, took) = read(&source(number), text.into_bytes());
        // Not optimised, and beside other tests.
        assert!(took < Duration::from_secs(20), "{begins}: {took:?}");
        assert!(read.is_err() || read.is_ok_and(|harvest| harvest.feed.entries.len() <= 1_000), "{begins}");
    }
}

// What an operator sees.

fn shown(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = syndic().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_preview_tells_how_to_mend_a_recipe() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), fixture("sources/4-page.html")).unwrap();
    let head = "[[source]]\nid = \"city\"\nurl = \"https://news.example/city\"\ncategory = \"news\"\ntimezone = \"Asia/Shanghai\"\n[source.page]\n";
    let preview = |recipe: &str| {
        write_config(folder.path(), &format!("{head}{recipe}"));
        shown(folder.path(), &["preview", "page.html", "--source", "city"])
    };
    let (exit, _, told) = preview("items = \"div.news-itme\"\n");
    assert_eq!(exit, 1);
    let near = "feeds.toml:7 `source[city].page.items`: `div.news-itme` finds no item; what repeats there with links:";
    assert!(told.contains(near), "{told}");
    let (exit, list, told) = preview("items = \"div.news-item\"\ntitle = \"h3\"\npublished = \"time\"\n");
    assert_eq!(exit, 0);
    for part in [
        "feeds.toml:7 `source[city].page.items`: `div.news-item` finds 2 items",
        "  title        2  h3\n",
        "  published    0  time\n                  missed: feeds.toml:9 `source[city].page.published`: `time` finds nothing in any of 2 items",
        "an item is made of\n  div.news-item",
        "  span.meta               3小时前\n",
        "item 1\n  title       老城区步行街改造完工\n",
        "  published   —\n",
        "  link        /city/2001.html\n",
        "2 entries",
    ] {
        assert!(list.contains(part), "{part}\n{list}");
    }
    assert!(told.contains("note: feeds.toml:9"), "{told}");
    let (exit, list, _) =
        preview("items = \"div.news-item\"\ntitle = \"h3\"\npublished = \"span.meta\"\nnext = \"a.next@href\"\n");
    assert!(exit == 0 && list.contains("further documents of the list: 1"), "{list}");
}

#[test]
fn a_proposal_is_a_source_that_works() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), fixture("sources/4-page.html")).unwrap();
    std::fs::write(folder.path().join("list.json"), fixture("sources/1-list.json")).unwrap();
    for (file, kind, parts) in [
        ("page.html", "page", ["[source.page]", "news-item"]),
        ("list.json", "json", ["[source.json]\nitems = \"$.result.records[*]\"", "code = \"$.infoCode\""]),
    ] {
        let (exit, lines, told) =
            shown(folder.path(), &["preview", file, "--propose", kind, "--base", "https://www.news.example/city"]);
        assert_eq!(exit, 0, "{told}");
        assert!(
            lines.starts_with("[[source]]\nid = \"news-example\"\nurl = \"https://www.news.example/city\"\n"),
            "{lines}"
        );
        parts.iter().for_each(|part| assert!(lines.contains(part), "{part}\n{lines}"));
        write_config(folder.path(), &lines);
        let (exit, list, told) = shown(folder.path(), &["preview", file, "--source", "news-example"]);
        assert!(exit == 0 && list.contains("2 entries"), "{list}{told}");
    }
    let (exit, _, told) = shown(folder.path(), &["preview", "list.json", "--propose", "page"]);
    assert!(exit == 1 && told.contains("nothing to propose: this is no page: JSON"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_added_with_the_recipe_that_is_proposed_for_it() {
    let upstream = Upstream::start().await;
    upstream.serve("/city", Reply::xml(fixture("sources/4-page.html")).with("content-type", "text/html"));
    upstream.serve("/list", Reply::xml(fixture("sources/1-list.json")).with("content-type", "application/json"));
    let folder = tempfile::tempdir().unwrap();
    let head = "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n";
    write_config(folder.path(), head);
    for (path, kind, id, part) in
        [("/city", "--page", "city", "[source.page]"), ("/list", "--json", "records", "[source.json]")]
    {
        let url = upstream.url(path);
        let (exit, said, told) = shown(folder.path(), &["add", &url, kind, "--id", id, "--category", "news", "--yes"]);
        assert_eq!(exit, 0, "{said}{told}");
        let text = std::fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
        assert!(text.contains(&format!("id = \"{id}\"\nurl = \"{url}\"\n")) && text.contains(part), "{text}");
        let (exit, said, told) = shown(folder.path(), &["poll", "--source", id]);
        assert!(exit == 0 && said.contains("2 new"), "{said}{told}\n{text}");
    }
    let (exit, _, told) = shown(folder.path(), &["add", &upstream.url("/list"), "--page", "--yes"]);
    assert!(exit == 1 && told.contains("nothing to propose: this is no page: JSON"), "{told}");
}
