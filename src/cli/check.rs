//! `syndic check`: everything that is wrong with feeds.toml, at once.

use super::{
    Exit, Global, Output,
    preview::{draft, make},
    session,
};
use crate::{
    config::{self, Config, Diagnostic, FetchConfig},
    discovery,
    fetch::{self, Body, Client, Fetched, Page, charset},
    model::{Clock, Failure, Source, SourceFormat, SourceState, Time},
    recipe::{self, Place},
};
use futures::{StreamExt, stream};
use serde::Serialize;
use std::{sync::Arc, time::Duration};

/// Sources asked at once.
const AT_ONCE: usize = 8;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// One JSON object a problem, for editors
    #[arg(long)]
    json: bool,
    /// Ask each source too, and say what it answers; nothing is stored
    #[arg(long)]
    online: bool,
}

/// Prints every error and warning. Exit 2 when there is an error.
pub(super) async fn check(global: &Global, args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let (found, exit, summary, sources) = match Config::load(&global.config, &session::overrides(global)) {
        Ok(loaded) => {
            let config = &loaded.config;
            let summary = format!(
                "{}: well: {}, {}, {}",
                global.config.display(),
                of(config.sources.len(), "source", "sources"),
                of(config.categories.len(), "category", "categories"),
                of(loaded.warnings.len(), "warning", "warnings")
            );
            (loaded.warnings, Exit::Well, summary, Some(loaded.config))
        }
        Err(errors) => {
            let problems = of(errors.diagnostics.len(), "problem", "problems");
            let summary = format!("{}: {problems}", global.config.display());
            (errors.diagnostics, Exit::Unable, summary, None)
        }
    };
    if args.json {
        for problem in &found {
            output.line(serde_json::to_string(problem)?).await?;
        }
    } else {
        tell(&found, exit, summary, output).await?;
    }
    match sources.filter(|_| args.online) {
        Some(config) => ask(config, args.json, output).await,
        None => Ok(exit),
    }
}

fn of(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

async fn tell(found: &[Diagnostic], exit: Exit, summary: String, output: &Output) -> anyhow::Result<()> {
    if !found.is_empty() {
        output.note(config::render(found, output.is_coloured())).await?;
    }
    match exit {
        Exit::Well => output.line(summary).await,
        _ => output.note(summary).await,
    }
}

/// What a source answered.
#[derive(Serialize)]
struct Found {
    source: String,
    ok: bool,
    format: Option<SourceFormat>,
    title: Option<String>,
    entries: usize,
    /// The encoding of its bytes.
    charset: Option<&'static str>,
    /// Date of its newest entry.
    newest: Option<Time>,
    /// Entries without a date that can be read.
    undated: usize,
    hubs: Vec<String>,
    /// How often it says that it changes, or wants to be asked at most, in seconds.
    interval: Option<u64>,
    /// What was repaired, and what is odd about its dates.
    notes: Vec<String>,
    error: Option<String>,
}

/// Asks every source once, as the daemon would the first time. Exit 1 when one cannot be read.
async fn ask(config: Config, json: bool, output: &Output) -> anyhow::Result<Exit> {
    let client = Client::new(&config.fetch)?;
    let config = Arc::new(config);
    let now = Clock::system().now();
    let sources = config.sources.iter().filter(|source| source.enabled).cloned();
    let mut answers = stream::iter(sources.map(|source| {
        let (client, fetch) = (client.clone(), &config.fetch);
        let config = config.clone();
        async move { look(&client, (&config, fetch), &source, now).await }
    }))
    .buffered(AT_ONCE);
    let mut exit = Exit::Well;
    while let Some(found) = answers.next().await {
        if !found.ok {
            exit = Exit::Failed;
        }
        let line = if json { serde_json::to_string(&found)? } else { found.line() };
        output.line(line).await?;
    }
    Ok(exit)
}

async fn look(
    client: &Client,
    (config, fetch): (&Arc<Config>, &FetchConfig),
    source: &Arc<Source>,
    now: Time,
) -> Found {
    let read = match fetch::fetch(client, source, &SourceState::default(), now).await {
        Ok(Fetched::Modified(page)) => {
            let (document, config, whose) = (page.clone(), Arc::clone(config), Arc::clone(source));
            match tokio::task::spawn_blocking(move || read(&config, &whose, &document, now)).await {
                Ok(Err(failure)) if source.recipe.is_some() => Some(Err(failure)),
                Ok(Err(failure)) => Some(Err(with_places(failure, client, fetch, source, &page, now).await)),
                Ok(read) => Some(read),
                Err(_) => None,
            }
        }
        Ok(Fetched::NotModified(..)) => None,
        Err(failure) => Some(Err(failure)),
    };
    let blank = Found {
        source: source.id.to_string(),
        ok: false,
        format: None,
        title: None,
        entries: 0,
        charset: None,
        newest: None,
        undated: 0,
        hubs: Vec::new(),
        interval: None,
        notes: Vec::new(),
        error: None,
    };
    match read {
        Some(Ok(found)) => Found { source: blank.source, ..found },
        Some(Err(failure)) => Found { error: Some(failure.message), ..blank },
        None => Found { error: Some("no answer that could be read".to_owned()), ..blank },
    }
}

/// What a document holds, by the functions of a poll.
fn read(config: &Config, source: &Source, page: &Page, now: Time) -> Result<Found, Failure> {
    let feed = recipe::of_source(page, source, &Place::first(source, now))?.feed;
    let charset = match &page.body {
        Body::Document(bytes) => Some(charset::decode(bytes, page.content_type.as_deref()).encoding),
        Body::Posts(_) => None,
    };
    let entries = feed.entries.len();
    let drafted = draft(config, source, page, now).map(|drafted| make(config, source, drafted, now)).ok();
    let seen = drafted.as_ref().map(|made| made.entries.as_slice()).unwrap_or_default();
    let odd: Vec<&String> = seen.iter().flat_map(|entry| &entry.date_notes).collect();
    let of_dates = odd.first().map(|first| format!("{} notes on dates, the first: {first}", odd.len()));
    let wishes = &feed.info.wishes;
    let ttl = wishes.ttl_minutes.map(|minutes| u64::from(minutes) * 60);
    Ok(Found {
        source: String::new(),
        ok: true,
        format: Some(feed.format),
        title: feed.info.plain_title().map(str::to_owned),
        entries,
        charset,
        newest: seen.iter().filter_map(|entry| entry.item.published).max(),
        undated: seen.iter().filter(|entry| entry.item.published.is_none()).count(),
        hubs: feed.info.hubs.clone(),
        interval: ttl.max(wishes.update_period_seconds),
        notes: feed.notes.into_iter().chain(of_dates).collect(),
        error: None,
    })
}

/// A page that names no feed: where else one was looked for, and what was found.
async fn with_places(
    failure: Failure,
    client: &Client,
    fetch: &FetchConfig,
    source: &Source,
    page: &Page,
    now: Time,
) -> Failure {
    let Some(url) = source.url() else { return failure };
    match discovery::elsewhere(client, fetch, url, page, now).await {
        Some(found) => Failure { message: format!("{}; {found}", failure.message), ..failure },
        None => failure,
    }
}

impl Found {
    fn line(&self) -> String {
        let Some(format) = self.format else {
            return format!("{}: failed: {}", self.source, self.error.as_deref().unwrap_or_default());
        };
        let title = self.title.as_deref().unwrap_or("no title");
        let further = [
            self.charset.map(|charset| format!("charset {charset}")),
            self.newest.map(|at| format!("newest {}", at.format("%Y-%m-%d %H:%M"))),
            Some(format!("{} without a date", self.undated)).filter(|_| self.undated > 0),
            self.hubs.first().map(|hub| format!("hub {hub}")),
            self.interval
                .map(|seconds| format!("interval {}", humantime::format_duration(Duration::from_secs(seconds)))),
        ];
        let further: Vec<String> = further.into_iter().flatten().collect();
        let further = if further.is_empty() { String::new() } else { format!("\n    {}", further.join(", ")) };
        let notes: String = self.notes.iter().map(|note| format!("\n    {note}")).collect();
        format!("{}: {format:?}, {} entries, {title}{further}{notes}", self.source, self.entries)
    }
}
