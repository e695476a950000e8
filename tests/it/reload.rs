//! feeds.toml edited while the daemon runs: what is right is taken within three seconds, what is wrong changes nothing.

use crate::support::{Daemon, Reply, Upstream, syndic, write_config};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// A mended file is in force after that time (issue: done when).
const SOON: Duration = Duration::from_secs(3);

fn feed(title: &str, entries: &[&str]) -> Reply {
    let items: String = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            format!(
                "<item><title>{entry}</title><guid isPermaLink=\"false\">{title}-{at}</guid>\
                 <link>https://news.example/{title}/{at}</link><pubDate>Fri, 22 Apr 2022 0{at}:00:00 GMT</pubDate>\
                 <description>About {entry}.</description></item>"
            )
        })
        .collect();
    Reply::xml(format!(
        "<rss version=\"2.0\"><channel><title>{title}</title><link>https://news.example/</link>{items}</channel></rss>"
    ))
}

struct Desk {
    upstream: Upstream,
    folder: tempfile::TempDir,
    daemon: Daemon,
}

const HEAD: &str = "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[poll]\nmin = \"1s\"\n";

impl Desk {
    /// A daemon over this file, `URL` standing for the publisher's address, once its first source is polled.
    async fn open(text: &str) -> Desk {
        let upstream = Upstream::start().await;
        upstream.serve("/rail", feed("rail", &["Trains run", "A bridge opens", "Tickets cost more"]));
        upstream.serve("/sea", feed("sea", &["Ships sail"]));
        let folder = tempfile::tempdir().unwrap();
        let config = write_config(folder.path(), &text.replace("URL", &upstream.url("")));
        let daemon = Daemon::start(&config, &folder.path().join("data"));
        let desk = Desk { upstream, folder, daemon };
        desk.until("/all.rss", |_, text| text.contains("Trains run")).await;
        desk
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// As an editor saves: another file, moved over it.
    fn save(&self, text: &str) -> Instant {
        let beside = self.path().join(".feeds.toml.swp");
        std::fs::write(&beside, text.replace("URL", &self.upstream.url(""))).unwrap();
        std::fs::rename(beside, self.path().join("feeds.toml")).unwrap();
        Instant::now()
    }

    /// Asks until the answer is as wanted, and gives it back.
    async fn until(&self, path: &str, wanted: impl Fn(u16, &str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let (status, text) = self.daemon.get(path).await;
            if wanted(status, &text) {
                return text;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{path}: {status}\n{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.daemon.get("/status.json").await.1).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let done = syndic().current_dir(self.path()).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    }
}

fn source(id: &str, rest: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"URL/{id}\"\n{rest}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_in_force_within_three_seconds_and_what_is_wrong_never() {
    let desk = Desk::open(&format!("{HEAD}{}", source("rail", "category = \"news\""))).await;
    let saved =
        desk.save(&format!("{HEAD}{}{}", source("rail", "category = \"lines\""), source("sea", "category = \"news\"")));
    desk.until("/category/lines.rss", |status, text| status == 200 && text.contains("Trains run")).await;
    assert!(saved.elapsed() < SOON, "{:?}", saved.elapsed());
    desk.until("/category/news.rss", |_, text| text.contains("Ships sail") && !text.contains("Trains")).await;

    let before = desk.daemon.get("/category/lines.rss").await;
    desk.save(&format!("{HEAD}{}", source("rail", "categroy = \"elsewhere\"")));
    desk.until("/status.json", |_, text| text.contains("\"state\": \"refused\"")).await;
    let status = desk.status().await;
    assert_eq!((status["config"]["errors"].as_u64(), status["sources"].as_array().unwrap().len()), (Some(1), 2));
    assert!(!status.to_string().contains("categroy"), "strangers are not told what is wrong");
    assert_eq!(desk.daemon.get("/category/lines.rss").await, before, "the last good one stays in force");
    let (code, told, noted) = desk.run(&["status", "--json"]);
    assert_eq!(code, Some(0), "the daemon answers, whatever stands in the file: {noted}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["config"]["problems"][0]["suggestion"], "category", "{told}");

    let mended = desk.save(&format!("{HEAD}{}", source("rail", "category = \"elsewhere\"")));
    desk.until("/category/elsewhere.rss", |status, text| status == 200 && text.contains("Trains run")).await;
    assert!(mended.elapsed() < SOON, "{:?}", mended.elapsed());
    let (_, told, _) = desk.run(&["status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["config"]["changes"], "−1 source (sea), 1 changed (rail: category)", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_a_policy_and_a_wish_for_requests_take_hold_without_a_restart() {
    let desk = Desk::open(&format!("{HEAD}{}", source("rail", "category = \"news\""))).await;
    let rule = "category = \"news\"\n[[source.rule]]\naction = \"exclude\"\nwords = [\"Tickets\"]";
    let wish = HEAD.replace("[poll]", "user_agent = \"other/1\"\n[poll]");
    desk.save(&format!("{wish}{}", source("rail", rule)));
    desk.until("/category/news.rss", |_, text| text.contains("Trains") && !text.contains("Tickets")).await;
    let (code, told, noted) = desk.run(&["poll", "--source", "rail"]);
    assert_eq!(code, Some(0), "{told}{noted}");
    let last = desk.upstream.requests("/rail").pop().unwrap();
    assert_eq!(last.get("user-agent").unwrap(), "other/1");

    let saved = desk.save(&format!("{HEAD}{}\n[server]\nconnections = 9\n", source("rail", "category = \"news\"")));
    desk.until("/category/news.rss", |_, text| text.contains("Tickets")).await;
    assert!(saved.elapsed() < SOON);
    let (_, told, _) = desk.run(&["status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["config"]["at_next_start"][0], "[server] connections", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_and_a_command_have_it_read_at_once() {
    let desk = Desk::open(&format!("{HEAD}{}", source("rail", "category = \"news\""))).await;
    desk.save(&format!("{HEAD}{}{}", source("rail", "category = \"news\""), source("sea", "category = \"ships\"")));
    let (code, told, noted) = desk.run(&["reload"]);
    assert_eq!((code, told.trim_end()), (Some(0), "feeds.toml taken anew: +1 source (sea)"), "{noted}");
    desk.save("[[source]]\n");
    let (code, told, noted) = desk.run(&["reload"]);
    assert_eq!((code, told.as_str()), (Some(2), ""));
    assert!(noted.contains("feeds.toml:1") && noted.contains("without `id`"), "{noted}");
    // A hang-up ends nothing, and is answered by reading the file.
    let before = desk.status().await["config"]["read"].clone();
    assert!(Command::new("kill").args(["-HUP", &desk.daemon.id().to_string()]).status().unwrap().success());
    desk.until("/status.json", |_, text| {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["config"]["read"] != before
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entries_of_a_removed_source_are_kept_hidden_or_purged_as_is_wished() {
    let two = format!("{}{}", source("rail", "category = \"news\""), source("sea", "category = \"news\""));
    let desk = Desk::open(&format!("{HEAD}{two}")).await;
    desk.until("/category/news.rss", |_, text| text.contains("Ships sail")).await;
    let without =
        |removed: &str| format!("{HEAD}[store]\nremoved = \"{removed}\"\n{}", source("sea", "category = \"news\""));
    desk.save(&without("hide"));
    desk.until("/category/news.rss", |_, text| text.contains("Ships") && !text.contains("Trains")).await;
    desk.save(&without("keep"));
    desk.until("/category/news.rss", |_, text| text.contains("Ships") && text.contains("Trains")).await;
    desk.save(&without("purge"));
    desk.until("/category/news.rss", |_, text| text.contains("Ships") && !text.contains("Trains")).await;
    desk.save(&format!("{HEAD}[store]\nremoved = \"purge\"\n{two}"));
    desk.until("/category/news.rss", |_, text| text.contains("Trains")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_with_a_new_name_is_the_same_feed_under_another_address() {
    let category = |slug: &str, more: &str| format!("[[category]]\nslug = \"{slug}\"\ntitle = \"Lines\"\n{more}\n");
    let head = format!("{HEAD}[publish]\nnew_source_entries = 1\n");
    let both = |slug: &str| {
        format!(
            "{}{}",
            source("rail", &format!("category = \"{slug}\"")),
            source("sea", &format!("category = \"{slug}\""))
        )
    };
    let desk = Desk::open(&format!("{head}{}{}", category("news", ""), both("news"))).await;
    let before = desk.until("/category/news.rss", |_, text| text.contains("Ships sail")).await;
    desk.save(&format!("{head}{}{}", category("transport", "aliases = [\"news\"]"), both("transport")));
    desk.until("/category/news.rss", |status, _| status == 301).await;
    let (status, now) = desk.daemon.get("/category/transport.rss").await;
    let titles = |text: &str| -> Vec<String> {
        text.split("<item>").skip(1).map(|item| item.split("</title>").next().unwrap().to_owned()).collect()
    };
    assert_eq!((status, titles(&now)), (200, titles(&before)), "all that stood in it still does, in its order");
    assert!(titles(&now).len() == 4, "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_would_do_is_shown_before_it_is_done_and_then_comes_true() {
    let desk = Desk::open(&format!("{HEAD}{}", source("rail", "category = \"news\""))).await;
    desk.until("/category/news.rss", |_, text| text.contains("Tickets")).await;
    let changed = |rest: &str| {
        let text = format!("{HEAD}{}", source("rail", rest)).replace("URL", &desk.upstream.url(""));
        std::fs::write(desk.path().join("changed.toml"), text).unwrap();
        desk.run(&["preview", "--diff", "changed.toml"])
    };
    let rule = "category = \"news\"\n[[source.rule]]\naction = \"exclude\"\nwords = [\"Tickets\"]";
    let (code, told, noted) = changed(rule);
    assert_eq!(code, Some(0), "{noted}");
    let line = "  - 2022-04-22  Tickets cost more  (kept out by a rule: exclude title has Tickets)";
    let wanted = format!(
        "/all\n{line}\n\n/category/news\n{line}\n\n/source/rail\n{line}\n\n3 feeds would change: 3 entries out, 0 in, 0 otherwise"
    );
    assert_eq!(told.trim_end(), wanted);
    assert!(desk.daemon.get("/category/news.rss").await.1.contains("Tickets"), "nothing was done");

    let (_, told, _) = changed("category = \"lines\"\ncontent = \"link\"");
    assert!(told.contains("/category/lines  (new)\n  + 2022-04-22  "), "{told}");
    assert!(told.contains("/category/news  (not there any more)\n  - 2022-04-22  "), "{told}");
    assert!(told.contains("(content: excerpt → link)"), "{told}");
    let (_, told, _) = changed("category = \"news\"");
    assert_eq!(told.trim_end(), "no published feed would change");
    let (code, _, noted) = changed("categroy = \"news\"");
    assert_eq!(code, Some(2));
    assert!(noted.contains("did you mean `category`?"), "{noted}");

    changed(rule);
    std::fs::rename(desk.path().join("changed.toml"), desk.path().join("feeds.toml")).unwrap();
    desk.until("/category/news.rss", |_, text| text.contains("Trains") && !text.contains("Tickets")).await;
}
