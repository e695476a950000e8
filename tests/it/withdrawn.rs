//! Withdrawals, and policy that changes under stored entries, as readers and operators meet them.

use crate::support::{Daemon, Reply, Upstream, syndic, write_config};
use std::path::{Path, PathBuf};

/// A newspaper of three articles; `guid` begins the ids, so that they can all be changed at once.
fn newspaper(guid: &str, titles: &[&str]) -> String {
    let items: String = titles
        .iter()
        .enumerate()
        .map(|(n, title)| format!(
            "<item><title>{title}</title><link>https://paper.example/{title}.html</link><guid isPermaLink=\"false\">{guid}{title}</guid>\
             <pubDate>Fri, 22 Apr 2022 0{n}:00:00 GMT</pubDate><description>text of {title}</description></item>"
        ))
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>{items}</channel></rss>"
    )
}

struct Site {
    upstream: Upstream,
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Site {
    async fn new(lines: &str) -> Site {
        let (upstream, folder) = (Upstream::start().await, tempfile::tempdir().unwrap());
        let config = write_site(&upstream, folder.path(), lines);
        Site { upstream, folder, config }
    }

    fn configure(&mut self, lines: &str) {
        self.config = write_site(&self.upstream, self.folder.path(), lines);
    }

    fn serve(&self, document: String) {
        self.upstream.serve("/paper", Reply::xml(document));
    }

    fn run(&self, arguments: &[&str]) -> (String, i32) {
        let data = self.folder.path().join("data");
        let output =
            syndic().args(arguments).arg("--config").arg(&self.config).arg("--data").arg(data).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8_lossy(&text).into_owned(), output.status.code().unwrap())
    }

    fn daemon(&self) -> Daemon {
        Daemon::start(&self.config, &self.folder.path().join("data"))
    }
}

fn write_site(upstream: &Upstream, folder: &Path, lines: &str) -> PathBuf {
    let head = "[site]\nurl = \"https://syndic.test\"\n[poll]\nmin = \"1s\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n";
    let categories = "[[category]]\nslug = \"news\"\n[[category]]\nslug = \"other\"\n";
    let source = format!(
        "[[source]]\nid = \"paper\"\nurl = \"{}\"\nevery = \"1h\"\nnamespace = \"paper.example\"\n{lines}",
        upstream.url("/paper")
    );
    write_config(folder, &format!("{head}{categories}{source}"))
}

/// The code of an article, from `show --json`.
fn code(site: &Site, title: &str) -> String {
    let (line, _) = site.run(&["show", "--json", &format!("https://paper.example/{title}.html")]);
    let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    line["info_code"].as_str().unwrap().to_owned()
}

const OUTPUTS: [&str; 10] = [
    "/",
    "/all.rss",
    "/all.atom",
    "/all.json",
    "/category/news.html",
    "/category/news.rss",
    "/category/news.atom",
    "/category/news.json",
    "/source/paper.atom",
    "/source/paper.html",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_retracted_entry_is_gone_from_every_output_and_stays_gone() {
    let site = Site::new("category = \"news\"\ncontent = \"full\"\n").await;
    site.serve(newspaper("a", &["libel", "fine"]));
    assert_eq!(site.run(&["poll"]).1, 0);
    let code = code(&site, "libel");
    let daemon = site.daemon();
    let page = format!("/entry/{code}.html");
    assert_eq!(daemon.get(&page).await.0, 200);
    let (said, exit) = site.run(&["retract", &code, "--reason", "court order"]);
    assert_eq!(exit, 0, "{said}");
    assert_eq!(site.run(&["retract", &code, "--reason", "again"]).1, 1);
    let gone = || async {
        for path in OUTPUTS {
            let (status, body) = daemon.get(path).await;
            assert!(status == 200 && body.contains("fine") && !body.contains("libel"), "{path}: {status} {body}");
        }
        assert_eq!(daemon.get(&page).await.0, 410);
    };
    gone().await;
    // The upstream lists it again, under the same guid and under another.
    for guid in ["a", "b"] {
        site.serve(newspaper(guid, &["libel", "fine", "new"]));
        let (said, exit) = site.run(&["poll", "--source", "paper"]);
        assert!(exit == 0 && said.contains("stay away"), "{said}");
        gone().await;
    }
    assert!(daemon.get("/all.atom").await.1.contains("new"));
    assert_eq!(site.run(&["restore-entry", &code]).1, 0);
    assert!(daemon.get("/category/news.atom").await.1.contains("libel"));
    assert_eq!(daemon.get(&page).await.0, 200);
    let (said, exit) = site.run(&["retract", "https://paper.example/libel.html", "--reason", "order 7", "--erase"]);
    assert!(exit == 0 && said.contains("Not reached: backups"), "{said}");
    assert_eq!((daemon.get(&page).await.0, site.run(&["restore-entry", &code]).1), (410, 1));
    let (said, exit) = site.run(&["show", &code]);
    assert!(exit == 1 && said.contains("is erased since") && said.contains("order 7"), "{said}");
    assert!(site.run(&["verify"]).0.contains("all is well"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_feeds_toml_moves_what_is_stored_at_the_next_start() {
    let mut site = Site::new("category = \"news\"\n").await;
    site.serve(newspaper("a", &["apple", "advert", "pear"]));
    site.run(&["poll"]);
    let of = |body: &str| ["apple", "advert", "pear"].map(|title| body.contains(title));
    site.configure("category = \"other\"\n[[source.rule]]\naction = \"exclude\"\nmatch = \"^adv\"\n");
    let daemon = site.daemon();
    assert_eq!(of(&daemon.get("/category/news.atom").await.1), [false; 3]);
    assert_eq!(of(&daemon.get("/category/other.atom").await.1), [true, false, true]);
    assert_eq!(of(&daemon.get("/all.json").await.1), [true, false, true]);
    drop(daemon);
    assert!(site.run(&["show", &code(&site, "advert")]).0.contains("advert"), "kept, though not shown");
    site.configure("category = \"news\"\n");
    let daemon = site.daemon();
    assert_eq!(of(&daemon.get("/category/news.atom").await.1), [true; 3]);
    assert_eq!(of(&daemon.get("/category/other.atom").await.1), [false; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_retention_goes_once_the_source_lists_it_no_more() {
    let site = Site::new("category = \"news\"\nretention = \"30d\"\n").await;
    site.serve(newspaper("a", &["old", "older"]));
    site.run(&["poll"]);
    site.serve(newspaper("a", &["old"]));
    site.run(&["poll"]);
    site.run(&["poll"]);
    let daemon = site.daemon();
    let body = daemon.get("/category/news.html").await.1;
    assert!(body.contains(">old<") && !body.contains("older"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_publisher_deletes_by_his_own_word_is_gone_and_can_be_restored() {
    let site = Site::new("category = \"news\"\ncontent = \"full\"\n").await;
    site.serve(newspaper("a", &["libel", "fine"]));
    assert_eq!(site.run(&["poll"]).1, 0);
    let code = code(&site, "libel");
    let tombstone = "<at:deleted-entry xmlns:at=\"http://purl.org/atompub/tombstones/1.0\" ref=\"alibel\" when=\"2022-05-01T00:00:00Z\">\
        <at:by><name>编辑部</name></at:by><at:comment>wrong</at:comment></at:deleted-entry></channel>";
    let document = |titles: &[&str]| newspaper("a", titles).replace("</channel>", tombstone);
    for titles in [&["fine"][..], &["fine", "new"]] {
        site.serve(document(titles));
        assert_eq!(site.run(&["poll"]).1, 0);
    }
    let (said, _) = site.run(&["show", &code]);
    assert!(said.contains("withdrawn") && said.contains("by 编辑部: wrong"), "{said}");
    assert!(site.run(&["retract", &code, "--reason", "too"]).0.contains("deleted by its publisher"));
    let daemon = site.daemon();
    assert_eq!(daemon.get(&format!("/entry/{code}.html")).await.0, 410);
    assert!(!daemon.get("/all.atom").await.1.contains("libel"));
    assert_eq!(site.run(&["restore-entry", &code]).1, 0);
    site.serve(document(&["fine", "newer"]));
    assert_eq!(site.run(&["poll"]).1, 0);
    assert!(daemon.get("/all.atom").await.1.contains("libel"), "the operator has the last word");
}
