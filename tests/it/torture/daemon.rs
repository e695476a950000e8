//! kill -9 of the daemon in the middle of polling: what it had acknowledged, in its status or in the answer to a command, is
//! there, the store opens, the next poll completes the rest.

use super::{Dice, Toll, setting};
use crate::support::{Daemon, Reply, Upstream, syndic, world::open, write_config};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};
use syndic::model::{FeedId, Slug};

const FEEDS: usize = 120;
const ENTRIES: usize = 5;
/// Rounds on one data folder: each round's documents are longer than the last one's.
const LIFE: usize = 10;

/// Feed `n` after `round` rounds: each round puts `ENTRIES` new entries on top of the old ones.
fn document(n: usize, round: usize) -> String {
    let items: String = (0..=round)
        .rev()
        .flat_map(|round| (0..ENTRIES).map(move |k| (round, k)))
        .map(|(round, k)| format!("<item><title>{n}-{round}-{k}</title><guid isPermaLink=\"false\">{n}-{round}-{k}</guid><description>正文 {n} {round} {k}</description></item>"))
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Feed {n}</title><link>https://f{n}.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn id(n: usize) -> String {
    format!("feed-{n}")
}

/// A feeds.toml of these feeds, and what they serve in a round.
pub struct Site {
    pub upstream: Upstream,
    pub config: PathBuf,
    feeds: usize,
    round: AtomicUsize,
}

impl Site {
    pub async fn new(folder: &Path, feeds: usize) -> Site {
        let upstream = Upstream::start().await;
        let mut text =
            "[site]\nurl = \"http://syndic.test\"\n[poll]\nmin = \"1s\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n"
                .to_owned();
        for n in 0..feeds {
            text.push_str(&format!(
                "[[source]]\nid = \"{}\"\nurl = \"{}\"\ncategory = \"c{}\"\nevery = \"1s\"\n",
                id(n),
                upstream.url(&format!("/{n}")),
                n % 7
            ));
        }
        Site { upstream, config: write_config(folder, &text), feeds, round: AtomicUsize::new(0) }
    }

    /// The round that is served.
    pub fn round(&self) -> usize {
        self.round.load(Ordering::Relaxed)
    }

    pub fn serve(&self, round: usize) {
        self.round.store(round, Ordering::Relaxed);
        for n in 0..self.feeds {
            self.upstream.serve(&format!("/{n}"), Reply::xml(document(n, round)));
        }
    }
}

/// Entries of each source as the daemon tells them: only what it has acknowledged.
pub async fn told(daemon: &Daemon) -> BTreeMap<String, u64> {
    told_in(&daemon.get("/status.json").await.1)
}

/// The same in a status that was asked for already.
pub fn told_in(status: &str) -> BTreeMap<String, u64> {
    let status: serde_json::Value = serde_json::from_str(status).unwrap();
    let sources = status["sources"].as_array().unwrap();
    sources
        .iter()
        .map(|source| (source["id"].as_str().unwrap().to_owned(), source["entries"].as_u64().unwrap()))
        .collect()
}

/// What was told is there, no fetch in part, every counter as its page has it.
pub async fn judge(data: &Path, told: &BTreeMap<String, u64>, toll: &mut Toll) {
    let store = open(data);
    for (source, entries) in told {
        let feed = FeedId::Source(Slug::parse(source).unwrap());
        let kept = store.count(&feed).await.unwrap();
        if kept < *entries {
            eprintln!("lost: {source} had told of {entries}, has {kept}");
            toll.lost += 1;
        }
        if kept % ENTRIES as u64 != 0 {
            eprintln!("partial: {source} has {kept} entries");
            toll.partial += 1;
        }
        if store.page(&feed, 0, usize::MAX).await.unwrap().entries.len() as u64 != kept {
            eprintln!("out of step: {source} counts {kept}");
            toll.out_of_step += 1;
        }
    }
    store.close("2022-04-22T04:00:00Z".parse().unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_polling_loses_nothing_that_was_acknowledged() {
    let (seed, cycles) = (setting("SEED", 20_220_422), setting("CYCLES", 10));
    let (mut toll, mut dice) = (Toll::new("kill of the daemon", seed), Dice(seed));
    while toll.cycles < cycles && toll.is_clean() {
        let folder = tempfile::tempdir().unwrap();
        life(folder.path(), cycles, &mut dice, &mut toll).await;
        if !toll.is_clean() {
            toll.kept.push(folder.keep());
        }
    }
    toll.conclude();
}

/// Rounds on one data folder, and at the end everything that was ever published.
async fn life(folder: &Path, cycles: u64, dice: &mut Dice, toll: &mut Toll) {
    let data = folder.join("data");
    let site = Site::new(folder, FEEDS).await;
    let mut round = 0;
    while round < LIFE && toll.cycles < cycles && toll.is_clean() {
        site.serve(round);
        let acknowledged = strike(&site, &data, round, dice).await;
        toll.acknowledged += acknowledged.values().sum::<u64>() / ENTRIES as u64;
        judge(&data, &acknowledged, toll).await;
        // What a command does that opens the store for itself, and closes it in order.
        let pass = command("poll", &site.config, &data).output().unwrap();
        assert!(pass.status.success(), "{}", String::from_utf8_lossy(&pass.stdout));
        verify(&site.config, &data, toll);
        toll.cycles += 1;
        round += 1;
    }
    let store = open(&data);
    let counts = store.counts().await.unwrap();
    assert_eq!(counts.entries, (FEEDS * ENTRIES * round) as u64);
    for n in (0..FEEDS).step_by(17) {
        for (round, k) in [(0, 0), (round - 1, ENTRIES - 1)] {
            let entry = store.find(&format!("{n}-{round}-{k}")).await.unwrap().unwrap();
            assert_eq!(entry.edition.content.as_ref().unwrap().value, format!("正文 {n} {round} {k}"));
        }
    }
}

/// Kills the daemon somewhere in a pass. Gives back what it had told before.
async fn strike(site: &Site, data: &Path, round: usize, dice: &mut Dice) -> BTreeMap<String, u64> {
    let daemon = Daemon::start(&site.config, data);
    let all = FEEDS * ENTRIES;
    let wanted = (all * round + dice.below(all as u64) as usize) as u64;
    let mut acknowledged = loop {
        let told = told(&daemon).await;
        if told.values().sum::<u64>() >= wanted {
            break told;
        }
    };
    if dice.one_in(2) {
        // Through the socket, beside the daemon's own polls: its exit is an acknowledgement as well.
        let one = id(dice.below(FEEDS as u64) as usize);
        let asked =
            command("poll", &site.config, data).args(["--source", &one]).stdout(Stdio::null()).status().unwrap();
        if asked.success() {
            acknowledged.insert(one, ((round + 1) * ENTRIES) as u64);
        }
    }
    daemon.kill();
    acknowledged
}

pub fn command(name: &str, config: &Path, data: &Path) -> Command {
    let mut command = syndic();
    command.arg(name).arg("--config").arg(config).arg("--data").arg(data);
    command
}

/// `syndic verify`, where there is such a command.
fn verify(config: &Path, data: &Path, toll: &mut Toll) {
    let help = syndic().arg("--help").output().unwrap();
    if !String::from_utf8_lossy(&help.stdout).lines().any(|line| line.trim_start().starts_with("verify")) {
        return;
    }
    let verified = command("verify", config, data).output().unwrap();
    if !verified.status.success() {
        eprintln!("out of step: verify says {}", String::from_utf8_lossy(&verified.stdout));
        toll.out_of_step += 1;
    }
}
