//! kill -9 in the middle of polling: what was acknowledged is there, the store opens, the next poll completes the rest.

use crate::support::{Daemon, Reply, Upstream, syndic, world::open, write_config};
use std::collections::BTreeMap;
use syndic::model::{FeedId, Slug};

const FEEDS: usize = 200;
const ENTRIES: usize = 5;
const CYCLES: usize = 10;

/// Feed `n` after `round` rounds: each round puts `ENTRIES` new entries on top of the old ones.
fn document(n: usize, round: usize) -> String {
    let items: String = (0..=round)
        .rev()
        .flat_map(|round| (0..ENTRIES).map(move |k| (round, k)))
        .map(|(round, k)| format!("<item><title>{n}-{round}-{k}</title><guid isPermaLink=\"false\">{n}-{round}-{k}</guid><description>正文 {n} {round} {k}</description></item>"))
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Feed {n}</title><link>https://f{n}.example/</link><description>d</description>{items}</channel></rss>")
}

fn id(n: usize) -> String {
    format!("feed-{n}")
}

/// Entries of each source as the daemon tells them: only what it has acknowledged.
async fn told(daemon: &Daemon) -> BTreeMap<String, u64> {
    let (_, body) = daemon.get("/status.json").await;
    let status: serde_json::Value = serde_json::from_str(&body).unwrap();
    let sources = status["sources"].as_array().unwrap();
    sources.iter().map(|source| (source["id"].as_str().unwrap().to_owned(), source["entries"].as_u64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_polling_loses_nothing_that_was_acknowledged() {
    let upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut text = "[site]\nurl = \"http://syndic.test\"\n[poll]\nmin = \"1s\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n".to_owned();
    for n in 0..FEEDS {
        text.push_str(&format!("[[source]]\nid = \"{}\"\nurl = \"{}\"\ncategory = \"c{}\"\nevery = \"1s\"\n", id(n), upstream.url(&format!("/{n}")), n % 7));
    }
    let config = write_config(folder.path(), &text);

    for round in 0..CYCLES {
        for n in 0..FEEDS {
            upstream.serve(&format!("/{n}"), Reply::xml(document(n, round)));
        }
        let daemon = Daemon::start(&config, &data);
        // Strike at a different depth of the pass each time: once so many of its commits are acknowledged.
        let wanted = FEEDS * ENTRIES * round + FEEDS * ENTRIES * (round * 37 % 100) / 100;
        let acknowledged = loop {
            let told = told(&daemon).await;
            if told.values().sum::<u64>() >= wanted as u64 {
                break told;
            }
        };
        daemon.kill();
        let store = open(&data);
        for (source, entries) in acknowledged {
            let kept = store.count(&FeedId::Source(Slug::parse(&source).unwrap())).await.unwrap();
            assert!(kept >= entries, "round {round}: {source} had {entries}, has {kept}");
            assert_eq!(kept % ENTRIES as u64, 0, "round {round}: {source} holds part of a fetch");
        }
        store.close("2022-04-22T04:00:00Z".parse().unwrap()).await.unwrap();
        let pass = syndic().args(["poll", "--config"]).arg(&config).arg("--data").arg(&data).output().unwrap();
        assert!(pass.status.success(), "{}", String::from_utf8_lossy(&pass.stdout));
    }
    let store = open(&data);
    let counts = store.counts().await.unwrap();
    assert_eq!(counts.entries, (FEEDS * ENTRIES * CYCLES) as u64);
    for n in (0..FEEDS).step_by(17) {
        for (round, k) in [(0, 0), (CYCLES - 1, ENTRIES - 1)] {
            let entry = store.find(&format!("{n}-{round}-{k}")).await.unwrap().unwrap();
            assert_eq!(entry.edition.content.as_ref().unwrap().value, format!("正文 {n} {round} {k}"));
        }
    }
}
