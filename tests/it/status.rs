//! Status as an operator sees it, and as everybody does: alarms on a page, in JSON, on a terminal and in a feed of their own.

use crate::support::{
    Browser, Daemon, Reply, Upstream,
    browser::{Look, axe},
    client, syndic, write_config,
};
use std::path::PathBuf;

const TOKEN: &str = "s3cret & more";

const FEED: &str = r#"<rss version="2.0"><channel><title>Harbour</title><link>http://a.example/</link><description>d</description>
<item><title>A bridge opens</title><link>http://a.example/1</link><guid isPermaLink="false">1</guid></item></channel></rss>"#;

/// One source that is well, one that has failed five times, and a private one that has.
struct Site {
    folder: tempfile::TempDir,
    config: PathBuf,
    upstream: Upstream,
}

impl Site {
    async fn new(server: &str) -> Site {
        let upstream = Upstream::start().await;
        upstream.serve("/well", Reply::xml(FEED));
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[site]\nurl = \"https://syndic.test\"\ntitle = \"Harbour & <News>\"\n[server]\n{server}\n[fetch]\nallow = [\"{}\"]\n\
             [[category]]\nslug = \"open\"\n[[category]]\nslug = \"board\"\ntoken = \"private\"\n\
             [[source]]\nid = \"well\"\nurl = \"{}\"\ncategory = \"open\"\n\
             [[source]]\nid = \"dead\"\nurl = \"{}\"\ncategory = \"open\"\n\
             [[source]]\nid = \"hushed\"\nurl = \"{}\"\ncategory = \"board\"\n",
            upstream.authority(),
            upstream.url("/well"),
            upstream.url("/dead"),
            upstream.url("/hushed"),
        );
        let config = write_config(folder.path(), &text);
        let site = Site { folder, config, upstream };
        for _ in 0..5 {
            assert_eq!(site.run(&["poll"]).0, Some(1), "two of three fail");
        }
        site
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = syndic().current_dir(self.folder.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    fn start(&self) -> Daemon {
        Daemon::start(&self.config, &self.folder.path().join("data"))
    }
}

async fn json(daemon: &Daemon, path: &str) -> serde_json::Value {
    serde_json::from_str(&daemon.get(path).await.1).unwrap()
}

fn ids(status: &serde_json::Value) -> Vec<&str> {
    status["alarms"].as_array().unwrap().iter().map(|alarm| alarm["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_alarms_of_public_sources_and_who_has_the_token_sees_all() {
    let site = Site::new(&format!("status_token = \"{TOKEN}\"")).await;
    let daemon = site.start();
    let public = json(&daemon, "/status.json").await;
    assert_eq!(ids(&public), ["source-failing:dead"]);
    let text = public.to_string();
    assert!(!text.contains("hushed") && !text.contains("board"), "{text}");
    let wrong = json(&daemon, "/status.json?token=wrong").await;
    assert_eq!(ids(&wrong), ["source-failing:dead"]);

    let answer = client().get(format!("{}/status.json", daemon.address)).basic_auth("me", Some(TOKEN)).send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let whole: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(ids(&whole), ["source-failing:dead", "source-failing:hushed"]);

    let well = &whole["sources"][0];
    assert!(well["interval"].as_i64().unwrap() > 0 && well["newest"].is_string(), "{well}");
    for (place, fields) in [("files", ["journal", "checkpoint", "free"]), ("opened", ["cut", "replayed", "rebuilt"])] {
        for field in fields {
            assert!(whole[place].get(field).is_some(), "{place}.{field}: {whole}");
        }
    }
    let page = daemon.get("/status.html").await.1;
    assert!(page.contains("dead has failed 5 times") && page.contains("syndic disable dead"), "{page}");
    assert!(!page.contains("hushed"));
    assert!(daemon.get("/status.html?token=s3cret+%26+more").await.1.contains("hushed has failed 5 times"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_alarms_is_switched_on_by_a_token_and_opened_by_it() {
    let site = Site::new("").await;
    let daemon = site.start();
    let (status, text) = daemon.get("/status.atom").await;
    assert!(status == 404 && text.contains("status_token"), "{status}: {text}");
    assert_eq!(daemon.get("/status.json?token=").await.0, 200, "an empty token opens nothing, and breaks nothing");
    daemon.stop();

    let text = std::fs::read_to_string(&site.config).unwrap();
    std::fs::write(site.folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    std::fs::write(&site.config, text.replace("[server]\n", "[server]\nstatus_token = { file = \"token\" }\n"))
        .unwrap();
    let daemon = site.start();
    assert_eq!(daemon.get("/status.atom").await.0, 401);
    assert_eq!(daemon.get("/status.atom?token=wrong").await.0, 401);
    let feed = alarms(&daemon).await;
    assert_eq!(feed.len(), 2, "{feed:#?}");
    let (id, title, updated) = &feed[0];
    assert!(title.contains("dead has failed 5 times"), "{title}");
    assert!(id.starts_with("tag:syndic.test,"), "{id}");

    // The same alarm after a restart is the same entry: when it began stands in the store.
    daemon.stop();
    let daemon = site.start();
    let again = alarms(&daemon).await;
    let (same, _, since) = again.iter().find(|(_, title, _)| title.contains("dead has failed")).unwrap();
    assert_eq!((id, updated), (same, since));
    for path in ["/all.atom", "/category/open.atom", "/source/dead.atom"] {
        assert!(!daemon.get(path).await.1.contains("has failed"), "{path}");
    }

    // It answers again: the alarm is over, and the feed says so.
    site.upstream.serve("/dead", Reply::xml(FEED.replace(">1<", ">2<")));
    assert_eq!(site.run(&["poll", "--source", "dead"]).0, Some(0));
    let over = alarms(&daemon).await;
    assert!(over.iter().any(|(id, title, _)| id == same && title.starts_with("Over: ")), "{over:#?}");
    let open = json(&daemon, "/status.json").await;
    assert_eq!(ids(&open), [""; 0]);
}

/// Id, title, updated of each entry.
async fn alarms(daemon: &Daemon) -> Vec<(String, String, String)> {
    let (status, text) = daemon.get("/status.atom?token=s3cret+%26+more").await;
    assert_eq!(status, 200, "{text}");
    let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
    assert!(
        feed.updated.is_some() && feed.title.is_some_and(|title| title.content.contains("Harbour & <News>")),
        "{text}"
    );
    let entries = feed.entries.into_iter();
    entries.map(|entry| (entry.id, entry.title.unwrap().content, entry.updated.unwrap().to_rfc3339())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_alarms_come_first() {
    let site = Site::new("").await;
    let (code, alone) = site.run(&["status"]);
    assert_eq!(code, Some(0));
    let place = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    assert!(place(&alone, "warning: dead has failed 5 times") < place(&alone, "syndic disable dead"), "{alone}");
    assert!(place(&alone, "warning: hushed has failed 5 times") < place(&alone, "source  "), "{alone}");
    let (_, told) = site.run(&["status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(ids(&told), ["source-failing:dead", "source-failing:hushed"]);
    let daemon = site.start();
    let (code, through) = site.run(&["status"]);
    assert!(code == Some(0) && through.contains("warning: hushed has failed"), "{through}");
    daemon.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_alarms_is_whole_at_every_width_in_light_and_dark_and_axe_finds_nothing() {
    let site = Site::new("").await;
    let (daemon, axe, mut browser) = (site.start(), axe(), Browser::start());
    let mut tab = browser.tab(Look::PHONE);
    let narrow = Look { width: 320, height: 640, dark: false };
    for look in [narrow, narrow.dark(), Look::PHONE, Look::DESK, Look::DESK.dark()] {
        tab.look(look);
        tab.open(&format!("{}/status.html", daemon.address));
        tab.picture(&format!("alarms-{}", look.name()));
        let wide = tab.run("document.documentElement.scrollWidth - innerWidth");
        assert!(wide.as_i64().unwrap() <= 0, "{} is {wide} pixels too wide", look.name());
        let found = tab.axe(&axe);
        assert!(found.is_empty(), "{}: {found:#?}", look.name());
        let top = tab.run("document.querySelector('.alarms li').getBoundingClientRect().top < 400");
        assert_eq!(top, true, "alarms come first");
    }
}
