//! What the account of documents and the memory of requests cost: the same fetches with and without them, in two stores, taking turns
//! in one process. Lines `figure NAME VALUE UNIT`; `…_ratio` is with over without.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on should stop"
)]

#[path = "store/measure.rs"]
#[allow(dead_code)]
mod measure;
#[path = "store/news.rs"]
#[allow(dead_code)]
mod news;
mod support;

use measure::figure;
use news::{News, fetched, source_id};
use std::time::Duration;
use syndic::{
    model::{Answer, Came, Commit, Known, Request, Requests, SourceState, Time},
    poll::history::remembered,
    store::{Store, StoreOptions},
};

const SOURCES: usize = 200;
const ROUNDS: usize = 8;
const TOUCHES: usize = 20_000;

/// A store, and whether accounts are kept in it.
struct Side {
    store: Store,
    accounts: bool,
    spent: Vec<Duration>,
}

impl Side {
    fn open(folder: &std::path::Path, accounts: bool) -> Side {
        Side { store: Store::open(folder, StoreOptions::default()).unwrap(), accounts, spent: Vec::new() }
    }

    async fn apply(&mut self, news: &News, fresh: usize, number: usize) {
        let mut commits = Vec::new();
        for source in 0..SOURCES {
            let document = news.document(source, fresh);
            let known = match fresh + number {
                0 => Known::default(),
                _ => self.store.known(&source_id(source), document.namespace(), &document.claims()).await.unwrap(),
            };
            let commit = document.commit(news, &known, fetched(number * SOURCES + source));
            let heard = commit.heard.clone().filter(|_| self.accounts);
            let state = if self.accounts { commit.state.clone() } else { without(commit.state.clone()) };
            commits.push(Commit { heard, state, ..commit });
        }
        let before = cpu();
        for commit in commits {
            self.store.apply(commit).await.unwrap();
        }
        self.spent.push(cpu() - before);
    }

    /// A poll that found nothing new: the state is read, changed, and left to be written.
    async fn touch(&mut self, number: usize) {
        let before = cpu();
        for touch in 0..TOUCHES {
            let id = source_id(touch % SOURCES);
            let at = fetched(number * TOUCHES + touch);
            let state = self.store.state(&id).await.unwrap();
            let state = SourceState { last_attempt: Some(at), last_success: Some(at), ..state };
            let state = if self.accounts { remembered(state, answered(at, touch % 7 == 0)) } else { state };
            self.store.touch(&id, state).await.unwrap();
        }
        self.spent.push(cpu() - before);
    }

    fn median(&mut self, of: usize) -> f64 {
        self.spent.sort();
        let median = self.spent[self.spent.len() / 2].as_secs_f64() * 1e6 / of as f64;
        self.spent.clear();
        median
    }
}

fn without(state: SourceState) -> SourceState {
    SourceState { requests: Requests::default(), ..state }
}

/// Mostly 304; now and then the same bytes, so that the ring is full.
fn answered(at: Time, otherwise: bool) -> Request {
    let answer = Answer { status: if otherwise { 200 } else { 304 }, ..Answer::default() };
    Request::answered(if otherwise { Came::SameBytes } else { Came::NotModified }, &answer, at, at)
}

/// Processor time of all threads that run.
fn cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let spent = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    Duration::from_nanos(spent.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok()).sum())
}

fn told(name: &str, of: usize, with: &mut Side, without: &mut Side) {
    let (with, without) = (with.median(of), without.median(of));
    figure(&format!("{name}_without"), without, "us", "");
    figure(name, with, "us", "");
    figure(&format!("{name}_ratio"), with / without, "times", "");
}

fn main() {
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let news = News::new(1);
    let mut with = Side::open(&folder.path().join("with"), true);
    let mut without = Side::open(&folder.path().join("without"), false);
    println!("# {SOURCES} sources of 40 entries, {ROUNDS} rounds, medians; processor time of the process");
    for side in [&mut without, &mut with] {
        side.apply(&news, 0, 0).await;
    }
    told("first_fetch", SOURCES, &mut with, &mut without);
    for round in 1..=ROUNDS {
        for side in [&mut without, &mut with] {
            side.apply(&news, 2 * round, round).await;
        }
    }
    told("two_new_entries", SOURCES, &mut with, &mut without);
    for round in 1..=ROUNDS {
        for side in [&mut without, &mut with] {
            side.apply(&news, 2 * ROUNDS, ROUNDS + round).await;
        }
    }
    told("nothing_new_in_other_bytes", SOURCES, &mut with, &mut without);
    for round in 0..ROUNDS {
        for side in [&mut without, &mut with] {
            side.touch(round).await;
        }
    }
    told("unchanged_poll_in_the_store", TOUCHES, &mut with, &mut without);
    for (name, side) in [("without", &without), ("with", &with)] {
        let kinds = side.store.verify().await.unwrap().kinds;
        for (letter, what) in [("f", "state"), ("k", "account")] {
            let amount = kinds.get(letter).copied().unwrap_or_default();
            figure(&format!("bytes_of_{what}_{name}"), amount.bytes as f64 / SOURCES as f64, "bytes a source", "");
        }
    }
}
