//! `syndic import entries FILE`: what another syndic exported, taken in. The file is read by this process; a daemon gets its lines.

mod jekyll;
mod lines;
mod opml;

pub(super) use jekyll::{JekyllArgs, jekyll};
pub use lines::{Line, MAX_LINE};

use super::{Exit, Global, Output, Request, Session, session};
use crate::{
    config::Config,
    control, format,
    model::{Portable, Time},
    policy,
    store::{Import, Imported},
};
use futures::{StreamExt, stream};
use lines::Lines;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Lines judged and committed together, at most; and their bytes.
const GROUP: usize = 128;
const GROUP_BYTES: usize = 4 << 20;
/// Groups being judged while one is committed.
const AHEAD: usize = 2;
/// Wrong lines named one by one; of more the number is told.
const NAMED: u64 = 1_000;

/// What to import.
#[derive(Debug, clap::Subcommand)]
pub enum ImportCommand {
    /// Take in entries with their editions, as `export entries` wrote them; `-` reads standard input
    Entries {
        /// One line of JSON an entry
        #[arg(value_name = "FILE|-")]
        path: PathBuf,
    },
    /// Take in a folder of Jekyll posts once; to have it watched, make it a source in feeds.toml
    Jekyll(JekyllArgs),
    /// Add the feeds of a list of subscriptions to feeds.toml: folders become categories, what is there already is passed over
    Opml(opml::OpmlArgs),
}

/// What the daemon is told before the lines.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportArgs {
    /// How many lines will come.
    pub lines: u64,
}

/// Reads the file and has its lines taken in, by the daemon or here.
pub(super) async fn import(global: &Global, command: ImportCommand, output: &Output) -> anyhow::Result<Exit> {
    let path = match command {
        ImportCommand::Entries { path } => path,
        ImportCommand::Jekyll(args) => {
            return session::request(global, Request::ImportJekyll(args.absolute()), output).await;
        }
        ImportCommand::Opml(args) => return opml::import(global, args, output).await,
    };
    let config = session::load(global, output).await?;
    let lines = tokio::task::spawn_blocking(move || Lines::open(&path)).await??;
    let args = ImportArgs { lines: lines.count() };
    let data = config.store.path.clone();
    let mut start = Some(lines);
    let mut started = || start.take().map(Lines::start);
    if let Some(exit) = control::feed(&data, &Request::Import(args), &mut started, output).await? {
        return Ok(exit);
    }
    let Some(lines) = start else { anyhow::bail!("the daemon went away: import the file again") };
    let session = session::open(config)?;
    let all = lines.count();
    let exit = take_in(&session, all, lines.start(), output).await;
    session.tools.store.close(session.tools.clock.now()).await?;
    exit
}

/// Takes lines in: judges each, commits them in groups, and says what came of it. A wrong line costs no other.
pub(super) async fn take_in(
    session: &Session,
    all: u64,
    lines: mpsc::Receiver<Line>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let (store, now) = (&session.tools.store, session.tools.clock.now());
    let site_host = session.config.borrow().site.url.host_str().unwrap_or("localhost").to_owned();
    // Into an empty store, entries enter when they were first seen; into one in use, now.
    let fresh = store.counts().await?.entries == 0;
    let groups =
        stream::unfold(lines, |mut lines| async move { next_group(&mut lines).await.map(|group| (group, lines)) });
    let config = session.config.borrow().clone();
    let judged = groups.map(|group| {
        let config = config.clone();
        tokio::task::spawn_blocking(move || judge(&config, group, now))
    });
    let judged = judged.buffered(AHEAD);
    futures::pin_mut!(judged);
    let mut tally = Tally::default();
    while let Some(group) = judged.next().await {
        let (mut numbers, mut entries) = (Vec::new(), Vec::new());
        for (number, judged) in group? {
            match judged {
                Ok(kept) => {
                    numbers.push(number);
                    entries.push(kept);
                }
                Err(why) => tally.refuse(number, &why, output).await?,
            }
        }
        let import = Import { entries, site_host: site_host.clone(), at: now, fresh };
        for (number, came_of_it) in numbers.into_iter().zip(store.import(import).await?) {
            match came_of_it {
                Imported::New => tally.new += 1,
                Imported::Updated => tally.updated += 1,
                Imported::Unchanged => tally.unchanged += 1,
                Imported::Refused(why) => tally.refuse(number, &why, output).await?,
            }
        }
        output.progress(tally.sum(), all, "lines").await?;
    }
    tally.tell(all, output).await
}

/// Some lines that are waiting, a group at most; `None` at the end.
async fn next_group(lines: &mut mpsc::Receiver<Line>) -> Option<Vec<Line>> {
    let mut group = vec![lines.recv().await?];
    let size = |line: &Line| line.text.as_ref().map_or(0, String::len);
    let mut bytes: usize = group.iter().map(size).sum();
    while group.len() < GROUP && bytes < GROUP_BYTES {
        let Some(line) = lines.recv().await else { break };
        bytes += size(&line);
        group.push(line);
    }
    Some(group)
}

fn judge(config: &Config, group: Vec<Line>, now: Time) -> Vec<(u64, Result<Portable, String>)> {
    let one = |text: String| format::read_ndjson(&text, now).map(|one| filed_here(config, one));
    group.into_iter().map(|line| (line.number, line.text.and_then(one))).collect()
}

/// What feeds.toml says of a source here counts, not what it said where the entry comes from.
fn filed_here(config: &Config, mut one: Portable) -> Portable {
    if let Portable::Entry(kept) = &mut one
        && let Some((_, edition)) = kept.editions.last()
    {
        for filed in &mut kept.filed {
            let Some(source) = config.source(&filed.source) else { continue };
            filed.standing = policy::standing(source, edition, kept.sort_date);
            if !source.categories.is_empty() {
                filed.categories = source.categories.iter().map(|category| category.slug.clone()).collect();
            }
        }
    }
    one
}

/// What came of the lines.
#[derive(Default)]
struct Tally {
    new: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
}

impl Tally {
    async fn refuse(&mut self, number: u64, why: &str, output: &Output) -> anyhow::Result<()> {
        self.refused += 1;
        if self.refused > NAMED {
            return Ok(());
        }
        output.note(format!("line {number}: {why}")).await
    }

    fn sum(&self) -> u64 {
        self.new + self.updated + self.unchanged + self.refused
    }

    async fn tell(&self, all: u64, output: &Output) -> anyhow::Result<Exit> {
        if self.refused > NAMED {
            output.note(format!("and {} lines more", self.refused - NAMED)).await?;
        }
        let Tally { new, updated, unchanged, refused } = self;
        output
            .line(format!(
                "{} lines: {new} new, {updated} updated, {unchanged} unchanged, {refused} refused",
                self.sum()
            ))
            .await?;
        if self.sum() < all {
            output.note(format!("{} lines did not arrive: import the file again", all - self.sum())).await?;
        }
        Ok(if *refused > 0 || self.sum() < all { Exit::Failed } else { Exit::Well })
    }
}
