//! A thousand polls that find nothing new: feeds without validators, JSON lists, pages, sitemaps, lists with further documents; all
//! of the same entries, from one server on loopback, through the whole refresh path and a real store. Lines `figure NAME VALUE UNIT`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench that cannot go on should stop")]

use axum::{Router, extract::Request};
use std::{fmt::Write as _, path::Path, sync::Arc, time::Instant};
use syndic::{
    config::{Config, Overrides},
    fetch::Client,
    model::Clock,
    poll::Poller,
    refresh::{Outcome, Tools},
    store::{Store, StoreOptions},
    vitals::Vitals,
    websub::{Followers, Subscriptions},
};

const SOURCES: usize = 1_000;
const ENTRIES: usize = 30;
const ROUNDS: usize = 5;

const KINDS: [(&str, &str); 5] = [
    ("feed", ""),
    (
        "list",
        "[source.json]\nitems = \"$.data.list[*]\"\ncode = \"$.infoCode\"\ntitle = \"$.title\"\nsummary = \"$.digest\"\npublished = \"$.showtime\"\nlink = \"https://n.example/a/{code}.html\"\n",
    ),
    (
        "paged",
        "[source.json]\nitems = \"$.data.list[*]\"\nid = \"$.infoCode\"\ntitle = \"$.title\"\nlink = \"https://n.example/a/{id}.html\"\nnext = \"?p={page}\"\npages = 3\nquery = { t = \"{now}\" }\n",
    ),
    (
        "page",
        "[source.page]\nitems = \"li.n\"\ntitle = \"a\"\nlink = \"a@href\"\nsummary = \"p\"\npublished = \"span\"\n",
    ),
    ("sitemap", "[source.sitemap]\n"),
];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(|request: Request| async move { document(request.uri().path()) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    println!(
        "# {SOURCES} sources of each kind, {ENTRIES} entries each, {ROUNDS} rounds of polls that find nothing new; the server is in the same process"
    );
    let mut feed = (0.0, 0.0);
    for (kind, recipe) in KINDS {
        let mut text =
            "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[poll]\nmin = \"1s\"\n"
                .to_owned();
        for n in 0..SOURCES {
            let _ = write!(
                text,
                "[[source]]\nid = \"s{n}\"\nurl = \"http://{address}/{kind}/{n}\"\ncategory = \"news\"\nnamespace = \"n{n}.example\"\n{recipe}"
            );
        }
        let config = Arc::new(Config::parse(&text, Path::new("feeds.toml"), &Overrides::default()).unwrap().config);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let tools = Tools {
            client: Client::new(&config.fetch).unwrap(),
            clock: Clock::system(),
            subscriptions: Subscriptions::load(&store).unwrap(),
            followers: Followers::load(&store).unwrap(),
            vitals: Vitals::starting(chrono::Utc::now()).unwrap(),
            store: store.clone(),
        };
        let poller = Poller::new(tools, 8);
        let first = pass(&poller, &config).await;
        assert_eq!(first, (0, SOURCES * ENTRIES), "{kind}: everything is read once");
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (began, used) = (Instant::now(), cpu_ms());
            assert_eq!(pass(&poller, &config).await, (SOURCES, 0), "{kind}: nothing is new");
            wall.push(began.elapsed().as_secs_f64() * 1e3);
            cpu.push(cpu_ms() - used);
        }
        let (wall, cpu) = (median(wall), median(cpu));
        if kind == "feed" {
            feed = (wall, cpu);
        }
        println!("figure {kind}-unchanged-wall {wall:.0} ms");
        println!("figure {kind}-unchanged-cpu {cpu:.0} ms");
        println!("figure {kind}-beside-feed {:.2} times wall, {:.2} times CPU (aim 3)", wall / feed.0, cpu / feed.1);
        store.close(chrono::Utc::now()).await.unwrap();
    }
}

/// How many polls found nothing to read, and how many entries were new.
async fn pass(poller: &Poller, config: &Arc<Config>) -> (usize, usize) {
    let mut reports = poller.pass(config, config.sources.clone(), true);
    let (mut unchanged, mut new) = (0, 0);
    while let Some(report) = reports.recv().await {
        match report.outcome.unwrap() {
            Outcome::NotModified => unchanged += 1,
            Outcome::Committed(changes) => new += changes.new.len(),
            Outcome::Failed(failure) => panic!("{}: {failure}", report.source),
        }
    }
    (unchanged, new)
}

/// The same entries in each kind; no validators.
fn document(path: &str) -> String {
    let mut parts = path.trim_start_matches('/').split('/');
    let (kind, n) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let entries = (0..ENTRIES).map(|m| {
        (format!("NW20220422{:05}{m:04}", n.parse::<usize>().unwrap_or(0)), format!("第{n}号来源的第{m}条新闻"))
    });
    let digest = "新线将于五月开通，全程一百二十公里，设站八座，两地之间的车程将缩短到四十分钟。".repeat(3);
    let date = "2022-04-22T07:44:35+08:00";
    match kind {
        "feed" => {
            let items: String = entries.map(|(code, title)| format!("<item><title>{title}</title><link>https://n.example/a/{code}.html</link><guid>{code}</guid><pubDate>Fri, 22 Apr 2022 07:44:35 +0800</pubDate><description>{digest}</description></item>")).collect();
            format!(
                "<rss version=\"2.0\"><channel><title>{n}</title><link>https://n.example/</link><description>d</description>{items}</channel></rss>"
            )
        }
        "list" | "paged" => {
            let items: Vec<String> = entries.map(|(code, title)| format!("{{\"infoCode\":\"{code}\",\"title\":\"{title}\",\"digest\":\"{digest}\",\"showtime\":\"{date}\"}}")).collect();
            format!("cb({{\"data\":{{\"list\":[{}]}}}});", items.join(","))
        }
        "page" => {
            let items: String = entries.map(|(code, title)| format!("<li class=n><a href=\"/a/{code}.html\">{title}</a><p>{digest}</p><span>2022-04-22 07:44</span></li>")).collect();
            format!("<!DOCTYPE html><html><head><title>{n}</title></head><body><ul>{items}</ul></body></html>")
        }
        _ => {
            let items: String = entries
                .map(|(code, _)| {
                    format!("<url><loc>http://n.example/a/{code}.html</loc><lastmod>{date}</lastmod></url>")
                })
                .collect();
            format!("<urlset>{items}</urlset>")
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// User and system time of this process.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) * 10.0
}
