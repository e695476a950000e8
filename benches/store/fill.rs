//! The phases that use the store, through what it offers to everyone.

use crate::{
    Run,
    measure::{self, Spread, figure},
    news::{CATEGORIES, News, fetched, source_id},
    store, yardstick,
};
use anyhow::Context;
use futures::future::join_all;
use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use syndic::{
    model::{Commit, FeedId, Known},
    store::{Store, StoreOptions},
};
use tokio::runtime::Runtime;

/// Documents made ahead of each measured stretch: nothing but the store works while the clock runs.
const CHUNK: usize = 64;
/// The thread that owns all writes.
const WRITER: &str = "store-writer";
/// After its work, until a process's memory is looked at.
const SETTLED: Duration = Duration::from_secs(5);
/// Sources in a re-poll.
const POLLED: usize = 1_000;

fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.worker_threads(2).enable_all().thread_keep_alive(Duration::from_secs(3_600)).build()?)
}

fn opened(folder: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(folder, StoreOptions::default())?)
}

/// What was spent in the stretches measured so far.
#[derive(Default)]
struct Spent {
    wall: Duration,
    cpu: Duration,
    writer: Duration,
    latency: Spread,
    fetches: usize,
    entries: usize,
    syncs: u64,
}

impl Spent {
    /// Commits all of these, `waiting` at once, each acknowledged before its place is taken by the next.
    async fn commit(&mut self, store: &Store, commits: Vec<Commit>, waiting: usize) -> anyhow::Result<()> {
        let left = Arc::new(Mutex::new(VecDeque::from(commits)));
        let before = (Instant::now(), measure::cpu(), measure::cpu_of(WRITER), store.syncs());
        let workers = (0..waiting).map(|_| {
            let (store, left) = (store.clone(), left.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(commit) = next else { return anyhow::Ok(done) };
                    let began = Instant::now();
                    let changes = store.apply(commit).await?;
                    done.push((changes.new.len(), began.elapsed()));
                }
            })
        });
        for worker in join_all(workers).await {
            for (new, latency) in worker?? {
                self.fetches += 1;
                self.entries += new;
                self.latency.add(latency);
            }
        }
        self.wall += before.0.elapsed();
        self.cpu += measure::cpu() - before.1;
        self.writer += measure::cpu_of(WRITER) - before.2;
        self.syncs += store.syncs() - before.3;
        Ok(())
    }

    fn figures(self, name: &str, aim: &str) {
        let (seconds, fetches) = (self.wall.as_secs_f64(), self.fetches as f64);
        figure(&format!("{name}.fetches"), fetches, "fetches", "");
        figure(&format!("{name}.fetch_rate"), fetches / seconds, "fetches/s", aim);
        figure(&format!("{name}.entry_rate"), self.entries as f64 / seconds, "entries/s", "");
        figure(&format!("{name}.seconds"), seconds, "s", "");
        figure(&format!("{name}.cpu_seconds"), self.cpu.as_secs_f64(), "s", "");
        figure(&format!("{name}.cpu"), self.cpu.as_secs_f64() * 1e3 / fetches, "ms/fetch", "");
        figure(&format!("{name}.writer_cpu"), self.writer.as_secs_f64() * 1e3 / fetches, "ms/fetch", "");
        figure(&format!("{name}.fdatasyncs"), self.syncs as f64, "syncs", "");
        self.latency.figures(&format!("{name}.latency"), "");
    }
}

/// The first fetch of each of these sources.
fn first_fetches(news: &News, sources: impl Iterator<Item = usize>) -> Vec<Commit> {
    sources.map(|source| news.document(source, 0).commit(news, &Known::default(), fetched(source))).collect()
}

/// Small fetches: the document with two new entries on top of what is known.
async fn small_fetches(
    news: &News,
    store: &Store,
    from: usize,
    count: usize,
    of: usize,
) -> anyhow::Result<Vec<Commit>> {
    let mut commits = Vec::new();
    for number in from..from + count {
        let (source, round) = (number % of, number / of);
        let document = news.document(source, 2 * (round + 1));
        let known = store.known(&source_id(source), document.namespace(), &document.claims()).await?;
        commits.push(document.commit(news, &known, fetched(of + number)));
    }
    Ok(commits)
}

/// A tenth of the entries (at most 8,000), one commit at a time.
pub fn single(run: &Run) -> anyhow::Result<()> {
    let (news, folder) = (News::new(run.seed), run.data.join("single"));
    let sources = news.sources_for((run.entries / 10).clamp(400, 8_000));
    runtime()?.block_on(async {
        let store = opened(&folder)?;
        let mut spent = Spent::default();
        for chunk in (0..sources).step_by(CHUNK) {
            let commits = first_fetches(&news, chunk..sources.min(chunk + CHUNK));
            spent.commit(&store, commits, 1).await?;
        }
        spent.figures("ingest.one_waiting", "");
        store.close(fetched(sources)).await?;
        anyhow::Ok(())
    })?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// All entries with eight commits waiting; then everything that is asked of a full store while it runs.
pub fn fill(run: &Run) -> anyhow::Result<()> {
    let (news, folder) = (News::new(run.seed), store(&run.data));
    let sources = news.sources_for(run.entries);
    runtime()?.block_on(async {
        let store = opened(&folder)?;
        let mut spent = Spent::default();
        for chunk in (0..sources).step_by(CHUNK) {
            let commits = first_fetches(&news, chunk..sources.min(chunk + CHUNK));
            spent.commit(&store, commits, 8).await?;
            yardstick::keep_journal(&run.data)?;
        }
        spent.figures("ingest.eight_waiting", "");
        figure("ingest.peak_memory", measure::peak_memory(), "MiB", "under 500 at 1M");
        yardstick::end_part(&run.data, "ingest")?;
        sizes(&folder, "after_ingest", "");
        // What the store does of its own accord in the first quiet minutes.
        let tidying = Instant::now();
        store.purge().await?;
        figure("tidied.seconds", tidying.elapsed().as_secs_f64(), "s", "");
        sizes(&folder, "tidied", if run.entries == 100_000 { "at most 350" } else { "" });

        let mut spent = Spent::default();
        for chunk in 0..8 {
            let commits = small_fetches(&news, &store, chunk * CHUNK, CHUNK, sources).await?;
            spent.commit(&store, commits, 8).await?;
            yardstick::keep_journal(&run.data)?;
        }
        spent.figures("small.eight_waiting", "at least 600");
        yardstick::end_part(&run.data, "small")?;
        re_poll(&news, &store, sources).await?;
        listings(&store, "running").await?;
        tokio::time::sleep(SETTLED).await;
        figure("fill.memory", measure::memory(), "MiB", "under 500 at 1M");
        let closing = Instant::now();
        store.close(fetched(sources)).await?;
        figure("close.seconds", closing.elapsed().as_secs_f64(), "s", "");
        anyhow::Ok(())
    })?;
    sizes(&folder, "closed", "");
    figure("fill.peak_memory", measure::peak_memory(), "MiB", "under 500 at 1M");
    Ok(())
}

/// What a pass over unchanged sources asks of the store: 304s, and documents of which nothing is new.
async fn re_poll(news: &News, store: &Store, sources: usize) -> anyhow::Result<()> {
    let polled: Vec<_> = (0..POLLED.min(sources)).map(source_id).collect();
    const PASSES: usize = 10;
    // What a source that was just polled holds in memory is no part of the question: a pass before the measured ones.
    touches(store, &polled, 1).await?;
    let before = (Instant::now(), measure::cpu(), measure::cpu_of(WRITER), store.syncs());
    touches(store, &polled, PASSES).await?;
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / (PASSES * polled.len()) as f64;
    figure("repoll.writer_cpu", each(measure::cpu_of(WRITER) - before.2), "µs/source", "at most 10");
    figure("repoll.cpu", each(measure::cpu() - before.1), "µs/source", "");
    figure("repoll.wall", each(before.0.elapsed()), "µs/source", "");
    figure("repoll.fdatasyncs", (store.syncs() - before.3) as f64, "syncs", "");

    // Without the documents: a thousand of them would be most of this process's memory.
    let claims = (0..polled.len()).map(|source| news.document(source, 0));
    let claims: Vec<_> = claims.map(|document| (document.namespace().to_owned(), document.claims())).collect();
    let before = (Instant::now(), measure::cpu());
    let mut found = 0;
    for (id, (namespace, claims)) in polled.iter().zip(&claims) {
        let known = store.known(id, namespace, claims).await?;
        found += known.0.iter().flatten().count();
    }
    anyhow::ensure!(found == claims.iter().map(|(_, claims)| claims.len()).sum::<usize>(), "entries are not known");
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / polled.len() as f64;
    figure("repoll.known.cpu", each(measure::cpu() - before.1), "µs/source", "");
    figure("repoll.known.wall", each(before.0.elapsed()), "µs/source", "");
    Ok(())
}

/// The state read, and saved again with a later date, as after a 304. As many at once as `[poll] concurrency` has.
async fn touches(store: &Store, sources: &[syndic::model::SourceId], passes: usize) -> anyhow::Result<()> {
    for pass in 0..passes {
        let at = fetched(1_000_000 + pass);
        for some in sources.chunks(64) {
            let touched = some.iter().map(|source| async move {
                let mut state = store.state(source).await?;
                (state.last_attempt, state.last_success) = (Some(at), Some(at));
                store.touch(source, state).await
            });
            join_all(touched).await.into_iter().collect::<Result<(), _>>()?;
        }
    }
    Ok(())
}

/// The newest fifty of each category: as a feed and as a page, the first time and again.
async fn listings(store: &Store, when: &str) -> anyhow::Result<()> {
    let (mut first, mut again, mut page) = (Spread::default(), Spread::default(), Spread::default());
    for round in 0..21 {
        for number in 0..CATEGORIES {
            let feed = FeedId::Category(News::category(number));
            let began = Instant::now();
            let listing = store.feed(&feed, 50).await?;
            if round == 0 { &mut first } else { &mut again }.add(began.elapsed());
            anyhow::ensure!(!listing.entries.is_empty(), "category {number} is empty");
            let began = Instant::now();
            store.page(&feed, 0, 50).await?;
            if round > 0 {
                page.add(began.elapsed());
            }
        }
    }
    first.figures(&format!("newest_50.{when}.first"), "");
    again.figures(&format!("newest_50.{when}.again"), "p50 under 1");
    page.figures(&format!("newest_50.{when}.page"), "");
    Ok(())
}

/// Sizes on the disk, part by part.
fn sizes(folder: &Path, when: &str, aim: &str) {
    // A copy that took the place of sled's folder lies in one with a number.
    let trees = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path());
    let trees = trees.filter(|path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"sled")));
    figure(&format!("size.{when}.sled"), trees.map(|path| measure::mebibytes(&path)).sum(), "MiB", "");
    for part in ["journal", "checkpoint"] {
        figure(&format!("size.{when}.{part}"), measure::mebibytes(&folder.join(part)), "MiB", "");
    }
    figure(&format!("size.{when}.total"), measure::mebibytes(folder), "MiB", aim);
}

/// Opening what another process left, and the first look into it.
pub fn open(run: &Run, name: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    let store = opened(&store(&run.data))?;
    figure(&format!("{name}.seconds"), began.elapsed().as_secs_f64(), "s", "under 15 at 1M");
    runtime()?.block_on(async {
        let counts = store.counts().await?;
        anyhow::ensure!(counts.entries as usize >= run.entries, "{} entries are left", counts.entries);
        figure(&format!("{name}.replayed"), store.opened().replayed as f64, "records", "");
        listings(&store, name).await?;
        tokio::time::sleep(SETTLED).await;
        figure(&format!("{name}.memory"), measure::memory(), "MiB", "under 500 at 1M");
        store.close(fetched(0)).await?;
        anyhow::Ok(())
    })?;
    figure(&format!("{name}.peak_memory"), measure::peak_memory(), "MiB", "under 500 at 1M");
    Ok(())
}

/// Goes on committing until it is killed; says when there is something to lose.
pub fn grow(run: &Run) -> anyhow::Result<()> {
    let news = News::new(run.seed);
    let sources = news.sources_for(run.entries);
    runtime()?
        .block_on(async {
            let store = opened(&store(&run.data))?;
            for round in 0.. {
                let commits = small_fetches(&news, &store, (10 + round) * CHUNK, CHUNK, sources).await?;
                Spent::default().commit(&store, commits, 8).await?;
                if round == 2 {
                    println!("acknowledged");
                }
            }
            anyhow::Ok(())
        })
        .context("the process that is to be killed")
}
