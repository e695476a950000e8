//! Sites that take our content, over HTTP: archives from nothing, deltas, the record of changes, licences, tags.

use crate::support::{Daemon, Reply, Upstream, client, syndic, write_config};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

struct Site {
    upstream: Upstream,
    folder: tempfile::TempDir,
    config: PathBuf,
    daemon: Daemon,
}

const CONFIG: &str = "[site]\nurl = \"https://syndic.test\"\n[poll]\nmin = \"1s\"\nmax_new = 1000\n[fetch]\nallow = [\"127.0.0.0/8\"]\n\
    [publish]\ntags_denied = [\"Odd Ones\"]\n\
    [[category]]\nslug = \"news\"\naliases = [\"old\"]\n[[category]]\nslug = \"board\"\ntoken = \"s\"\n";

impl Site {
    async fn new() -> Site {
        let (upstream, folder) = (Upstream::start().await, tempfile::tempdir().unwrap());
        let source = |id: &str, category: &str| {
            format!(
                "[[source]]\nid = \"{id}\"\nurl = \"{}\"\nevery = \"1h\"\ncategory = \"{category}\"\ncontent = \"full\"\n\
                 namespace = \"{id}.example\"\nlicense = \"https://license.example/by\"\nrights = \"© Paper\"\n",
                upstream.url(&format!("/{id}"))
            )
        };
        upstream.serve("/paper", Reply::xml(paper(&[])));
        upstream
            .serve("/secret", Reply::xml(paper(&[(1, "secret".into())]).replace("paper.example", "secret.example")));
        let text = format!("{CONFIG}{}{}", source("paper", "news"), source("secret", "board"));
        let config = write_config(folder.path(), &text);
        let daemon = Daemon::start(&config, &folder.path().join("data"));
        Site { upstream, folder, config, daemon }
    }

    fn run(&self, arguments: &[&str]) {
        let data = self.folder.path().join("data");
        let output =
            syndic().args(arguments).arg("--config").arg(&self.config).arg("--data").arg(data).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn publish(&self, articles: &BTreeMap<u32, String>) {
        let articles: Vec<(u32, String)> = articles.iter().map(|(n, title)| (*n, title.clone())).collect();
        self.upstream.serve("/paper", Reply::xml(paper(&articles)));
        self.run(&["poll", "--source", "paper"]);
    }

    async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = client().get(format!("{}{path}", self.daemon.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Title of each entry, by id, from nothing: the head, then along `prev-archive`.
    async fn walked(&self, path: &str) -> BTreeMap<String, String> {
        let (mut held, mut next) = (BTreeMap::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let (status, text) = self.daemon.get(&path).await;
            assert_eq!(status, 200, "{path}");
            let feed = read(&text);
            for entry in &feed.entries {
                // The newest document counts (RFC 5005 §4.2), and it is read first.
                held.entry(entry.id.clone()).or_insert_with(|| entry.title.value.clone());
            }
            next = feed
                .links
                .iter()
                .find(|link| link.rel == "prev-archive")
                .map(|link| link.href.strip_prefix("https://syndic.test").expect("an address of ours").to_owned());
        }
        held
    }
}

fn paper(articles: &[(u32, String)]) -> String {
    let item = |(n, title): &(u32, String)| {
        let tag = if n.is_multiple_of(2) { "铁路" } else { "odd ones" };
        format!(
            "<item><title>{title}</title><link>https://paper.example/{n}.html</link><guid>https://paper.example/{n}.html</guid>\
             <category>{tag}</category><pubDate>Fri, 22 Apr 2022 {:02}:{:02}:00 GMT</pubDate><description>text of {n}</description></item>",
            n / 60,
            n % 60
        )
    };
    let items: String = articles.iter().rev().map(item).collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn read(text: &str) -> atom_syndication::Feed {
    atom_syndication::Feed::read_from(text.as_bytes()).unwrap()
}

fn gone(feed: &atom_syndication::Feed) -> Vec<String> {
    let all = feed.extensions.get("at").and_then(|at| at.get("deleted-entry")).into_iter().flatten();
    all.map(|gone| gone.attrs["ref"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_walks_archives_and_whoever_polls_deltas_hold_what_there_is() {
    let site = Site::new().await;
    let mut articles: BTreeMap<u32, String> = (0..140).map(|n| (n, format!("story {n}"))).collect();
    site.publish(&articles);
    let path = "/category/news.atom";
    let first = site.ask(path, &[]).await;
    let mut tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let mut held = site.walked(path).await;
    assert_eq!(held.len(), 140);
    for round in 0..12u32 {
        articles.insert(140 + round, format!("story {}", 140 + round));
        // Old ones are corrected, far outside the head.
        if let Some(title) = articles.get_mut(&(round * 3)) {
            *title = format!("story {}, corrected in {round}", round * 3);
        }
        site.publish(&articles);
        let withdrawn = round * 5 + 1;
        site.run(&["retract", &format!("https://paper.example/{withdrawn}.html"), "--reason", "r"]);
        articles.remove(&withdrawn);
        let delta = site.ask(path, &[("If-None-Match", &tag), ("A-IM", "feed")]).await;
        assert_eq!(delta.status(), 226, "round {round}");
        assert_eq!(delta.headers()["im"], "feed");
        assert_eq!(delta.headers()["cache-control"], "no-store");
        assert!(delta.headers()["vary"].to_str().unwrap().contains("A-IM"));
        tag = delta.headers()["etag"].to_str().unwrap().to_owned();
        let delta = read(&delta.text().await.unwrap());
        assert!(delta.entries.len() < 10, "only what changed: {}", delta.entries.len());
        held.extend(delta.entries.iter().map(|entry| (entry.id.clone(), entry.title.value.clone())));
        gone(&delta).iter().for_each(|id| drop(held.remove(id)));
        let again = site.ask(path, &[("If-None-Match", &tag), ("A-IM", "feed")]).await;
        assert_eq!(again.status(), 304, "its tag is that of the whole");
    }
    let walked = site.walked(path).await;
    assert_eq!(held, walked);
    let expected: BTreeMap<String, String> =
        articles.iter().map(|(n, title)| (format!("https://paper.example/{n}.html"), title.clone())).collect();
    assert_eq!(walked, expected);
    let unknown = site.ask(path, &[("If-None-Match", "\"unknown\""), ("A-IM", "feed")]).await;
    assert_eq!(unknown.status(), 200, "a tag that nobody knows gets the whole");
    let plain = site.ask(path, &[("If-None-Match", "\"unknown\"")]).await;
    assert!(plain.status() == 200 && !plain.headers().contains_key("im"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_found_under_every_name_in_every_format_and_what_is_none_is_404() {
    let site = Site::new().await;
    site.publish(&(0..120).map(|n| (n, format!("story {n}"))).collect());
    for (path, part) in [
        ("/category/news/archive/2.atom", "<fh:archive"),
        ("/category/news/archive/1.rss", "<fh:archive"),
        ("/category/news/archive/1.json", "\"archive\":true"),
        ("/category/news/archive/1.html", "story 49"),
        // What stands in a private category has a number there too.
        ("/all/archive/2.atom", "story 98"),
        ("/all/archive/1.html", "story 3"),
        ("/source/paper/archive/1.rss", "story 1"),
        ("/tag/%E9%93%81%E8%B7%AF/archive/1.atom", "story 98"),
        ("/tag/%E9%93%81%E8%B7%AF.html", "story 118"),
        ("/tag/%E9%93%81%E8%B7%AF.json", "story 118"),
        ("/category/news.html", "/category/news/archive/2.html"),
    ] {
        let (status, text) = site.daemon.get(path).await;
        assert!(status == 200 && text.contains(part), "{path}: {status}, {part} in {text}");
    }
    for path in [
        "/category/news/archive/3.atom",
        "/category/news/archive/0.atom",
        "/category/none/archive/1.atom",
        "/category/board/archive/1.atom",
        "/tag/none.atom",
        "/tag/odd-ones.atom",
        "/tag/odd-ones.html",
    ] {
        assert_eq!(site.daemon.get(path).await.0, 404, "{path}");
    }
    let moved = site.ask("/category/old/archive/2.rss", &[]).await;
    assert_eq!(moved.status(), 301);
    assert_eq!(moved.headers()["location"], "https://syndic.test/category/news/archive/2.rss");
    let archive = site.ask("/category/news/archive/1.atom", &[]).await;
    assert!(archive.headers()["cache-control"].to_str().unwrap().starts_with("public, max-age=3600"));
    let tag = archive.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(site.ask("/category/news/archive/1.atom", &[("If-None-Match", &tag)]).await.status(), 304);
}

async fn changes(site: &Site, since: &str) -> (u16, Vec<Value>) {
    let (status, text) = site.daemon.get(&format!("/changes.ndjson{since}")).await;
    (status, text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_reads_the_record_holds_what_there_is_and_nothing_private() {
    let site = Site::new().await;
    let mut articles: BTreeMap<u32, String> = (0..230).map(|n| (n, format!("story {n}"))).collect();
    site.publish(&articles);
    let mut held = BTreeMap::<String, String>::new();
    let mut cursor = String::new();
    for round in 0..3 {
        loop {
            let (status, lines) = changes(&site, &cursor).await;
            assert_eq!(status, 200);
            let (end, lines) = lines.split_last().unwrap();
            for line in lines {
                let code = line["info_code"].as_str().unwrap().to_owned();
                match line["change"].as_str().unwrap() {
                    "new" | "updated" => {
                        let item = &line["item"];
                        assert_eq!(line["categories"][0], "news");
                        assert_eq!(item["_syndic"]["info_code"], code.as_str());
                        held.insert(code, item["title"].as_str().unwrap().to_owned());
                    }
                    "retracted" => drop(held.remove(&code)),
                    other => panic!("{other}"),
                }
            }
            cursor = format!("?since={}", end["next"].as_str().unwrap());
            if end["more"] == false {
                break;
            }
        }
        let mut titles: Vec<&String> = held.values().collect();
        let mut expected: Vec<&String> = articles.values().collect();
        titles.sort();
        expected.sort();
        assert_eq!(titles, expected, "round {round}");
        articles.insert(500 + round, format!("story {}", 500 + round));
        articles.insert(7, format!("corrected {round}"));
        site.publish(&articles);
        site.run(&["retract", &format!("https://paper.example/{}.html", 20 + round), "--reason", "r"]);
        articles.remove(&(20 + round));
    }
    for (since, status) in [("?since=x", 400), ("?since=%3Cscript%3E", 400), ("?since=1-1", 410)] {
        let (found, text) = site.daemon.get(&format!("/changes.ndjson{since}")).await;
        assert!(found == status && !text.contains("script"), "{since}: {found} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_page_says_what_its_texts_are_under_and_how_much_is_published() {
    let site = Site::new().await;
    site.publish(&BTreeMap::from([(1, "story".to_owned())]));
    let (_, page) = site.daemon.get("/source/paper.html").await;
    for part in ["© Paper", "href=\"https://license.example/by\" rel=\"license", "whole texts"] {
        assert!(page.contains(part), "{part} in {page}");
    }
}
