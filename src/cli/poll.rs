//! `syndic poll`: one pass over the sources, a table at the end.

use super::{Exit, Output, Session, columns};
use crate::{
    config::Config,
    model::{Source, SourceState},
    poll::Report,
    refresh::Outcome,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

/// How often progress is shown, but for the last of a pass: those that hang are seen to go one by one.
const STEP: Duration = Duration::from_millis(50);
const LAST: usize = 100;

/// Arguments of `poll`.
#[derive(Debug, Default, clap::Args, Serialize, Deserialize)]
pub struct PollArgs {
    /// Only this source (repeat for several)
    #[arg(long = "source", value_name = "ID")]
    pub sources: Vec<String>,
    /// Only sources whose time has come
    #[arg(long)]
    pub due: bool,
    /// Ask even where the publisher asked us to stay away (429, Retry-After)
    #[arg(long)]
    pub force: bool,
    /// One JSON object a source instead of the table
    #[arg(long)]
    pub json: bool,
}

/// One line of the table.
#[derive(Debug, Serialize)]
struct Row {
    source: String,
    result: &'static str,
    new: usize,
    updated: usize,
    unchanged: usize,
    ms: u128,
    reason: String,
}

/// Polls, shows progress, prints what came of it. Exit 1 if a source failed.
pub(super) async fn poll(session: &Session, args: &PollArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session.config.borrow().clone();
    let sources = match chosen(session, &config, args).await? {
        Ok(sources) => sources,
        Err(wrong) => {
            output.note(wrong).await?;
            return Ok(Exit::Unable);
        }
    };
    let all = sources.len();
    let order: HashMap<_, _> =
        sources.iter().zip(0_usize..).map(|(source, place)| (source.id.clone(), place)).collect();
    let mut reports = session.poller.pass(&config, sources, args.force);
    let (mut rows, mut shown) = (Vec::with_capacity(all), None::<Instant>);
    while let Some(report) = reports.recv().await {
        let done = rows.len() + 1;
        if all - done < LAST || shown.is_none_or(|shown| shown.elapsed() >= STEP) {
            output.progress(done as u64, all as u64, report.source.as_str()).await?;
            shown = Some(Instant::now());
        }
        rows.push((order.get(&report.source).copied(), row(report)));
    }
    rows.sort_by_key(|(place, _)| *place);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    print(&rows, args.json, output).await?;
    let failed = rows.iter().any(|row| row.result == "failed");
    Ok(if failed { Exit::Failed } else { Exit::Well })
}

/// The sources asked for; the inner error is for the person who asked.
async fn chosen(
    session: &Session,
    config: &Config,
    args: &PollArgs,
) -> anyhow::Result<Result<Vec<Arc<Source>>, String>> {
    for id in &args.sources {
        if !config.sources.iter().any(|source| source.id.as_str() == id) {
            let names = config.sources.iter().map(|source| source.id.as_str());
            let near = names.min_by_key(|name| strsim::levenshtein(name, id)).unwrap_or("none is configured");
            return Ok(Err(format!("no source `{id}` in {}; the nearest is `{near}`", config.path.display())));
        }
    }
    // All of them are much to read where nobody asks for it.
    let states = if args.due { session.tools.store.states().await? } else { BTreeMap::new() };
    let now = session.tools.clock.now();
    let due = |state: Option<&SourceState>| state.is_none_or(|state| state.next_poll.is_some_and(|at| at <= now));
    let wanted = |source: &&Arc<Source>| match args.sources.is_empty() {
        true => source.enabled && (!args.due || due(states.get(&source.id))),
        false => args.sources.iter().any(|id| source.id.as_str() == id),
    };
    Ok(Ok(config.sources.iter().filter(wanted).cloned().collect()))
}

fn row(report: Report) -> Row {
    let mut row = Row {
        source: report.source.to_string(),
        result: "not modified",
        new: 0,
        updated: 0,
        unchanged: 0,
        ms: report.took.as_millis(),
        reason: String::new(),
    };
    match report.outcome {
        Ok(Outcome::NotModified) => {}
        Ok(Outcome::Committed(changes)) => {
            row.result = "ok";
            (row.new, row.updated, row.unchanged) = (changes.new.len(), changes.updated.len(), changes.unchanged);
            row.reason = changes.notes.join("; ");
        }
        Ok(Outcome::Failed(failure)) => (row.result, row.reason) = ("failed", failure.message),
        Err(reason) => (row.result, row.reason) = ("not asked", reason),
    }
    row
}

async fn print(rows: &[Row], json: bool, output: &Output) -> anyhow::Result<()> {
    if json {
        let lines: Vec<_> = rows.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        return columns::print(&lines, output).await;
    }
    let heading = ["source", "result", "new", "updated", "unchanged", "ms", "reason"];
    let cells = |row: &Row| {
        let [new, updated, unchanged] = [row.new, row.updated, row.unchanged].map(|number| number.to_string());
        [row.source.clone(), row.result.to_owned(), new, updated, unchanged, row.ms.to_string(), row.reason.clone()]
    };
    columns::print(&columns::columns(heading, 2..=5, rows.iter().map(cells)), output).await?;
    output.line(summary(rows)).await
}

fn summary(rows: &[Row]) -> String {
    let count = |result: &str| rows.iter().filter(|row| row.result == result).count();
    let sum = |number: fn(&Row) -> usize| rows.iter().map(number).sum::<usize>();
    format!(
        "{} sources: {} ok, {} not modified, {} failed; {} new, {} updated, {} unchanged entries",
        rows.len(),
        count("ok"),
        count("not modified"),
        count("failed"),
        sum(|row| row.new),
        sum(|row| row.updated),
        sum(|row| row.unchanged)
    )
}
