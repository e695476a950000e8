//! `syndic status`: how the sources are doing.

use super::{Exit, Output, Session, columns};
use crate::{
    alarms::{Alarm, mebibytes},
    model::Time,
    reload::{ConfigState, ConfigStatus},
    serve::{Asked, Audience, SourceStatus, Status},
    websub::Standing,
};
use serde::{Deserialize, Serialize};

/// Arguments of `status`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct StatusArgs {
    /// The document of /status.json
    #[arg(long)]
    pub json: bool,
}

/// Prints a line a source.
pub(super) async fn status(session: &Session, args: &StatusArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session.config.borrow().clone();
    let (tools, poller, now) = (&session.tools, &session.poller, session.tools.clock.now());
    let asked = Asked { config: &config, reloads: &session.reloads, tools, poller, bounds: poller.bounds() };
    let status = Status::read(asked, now, Audience::Operator).await;
    let status = Status { alarms: tools.vitals.alarms.dated(status.alarms), ..status };
    if args.json {
        output.line(serde_json::to_string_pretty(&status)?).await?;
        return Ok(Exit::Well);
    }
    tell_alarms(&status.alarms, output).await?;
    let heading = ["source", "state", "entries", "last success", "next poll", "why"];
    let rows = status.sources.iter().map(|source| row(source, now));
    columns::print(&columns::columns(heading, 2..=2, rows), output).await?;
    tell_config(&status.config, output).await?;
    let Status { store, files, .. } = &status;
    let (size, journal) = (mebibytes(store.bytes), mebibytes(files.journal));
    let free = files.free.map(|free| format!(", {} left on the disk", mebibytes(free))).unwrap_or_default();
    let checkpoint = files.checkpoint_at.map_or_else(|| "none yet".to_owned(), shown);
    output
        .line(format!(
            "{} entries, {size} (journal {journal}, checkpoint {checkpoint}){free}; opened in {} ms",
            store.entries, files.opening_ms
        ))
        .await?;
    for line in status.hub.lines() {
        output.line(line).await?;
    }
    if let Some(trouble) = status.trouble {
        output.note(trouble).await?;
    }
    Ok(Exit::Well)
}

/// What is the matter comes first, the worst on top.
async fn tell_alarms(alarms: &[Alarm], output: &Output) -> anyhow::Result<()> {
    for Alarm { level, message, advice, since, .. } in alarms {
        let since = since.map(|since| format!(" (since {})", shown(since))).unwrap_or_default();
        output.line(format!("{}: {message}{since}\n    {advice}", level.name())).await?;
    }
    if alarms.is_empty() { Ok(()) } else { output.line(String::new()).await }
}

/// Whether what stands in feeds.toml is in force.
async fn tell_config(config: &ConfigStatus, output: &Output) -> anyhow::Result<()> {
    match config.state {
        ConfigState::Ok => {}
        ConfigState::Refused => {
            let errors = config.errors;
            output
                .note(format!("feeds.toml is wrong ({errors} errors), the last good one is in force: see syndic check"))
                .await?;
        }
        ConfigState::Waiting => output.note(config.trouble.clone().unwrap_or_default()).await?,
    }
    if !config.at_next_start.is_empty() {
        output.note(format!("takes effect at the next start: {}", config.at_next_start.join(", "))).await?;
    }
    Ok(())
}

fn row(source: &SourceStatus, now: Time) -> [String; 6] {
    let state = format!("{:?}", source.state).to_lowercase();
    let mut why = source.error.as_ref().map_or_else(|| source.next_reason.clone(), |error| error.message.clone());
    if let Some(words) = source.websub.as_ref().map(Standing::words).filter(|words| *words != why) {
        why = format!("{why}; {words}");
    }
    if !source.notes.is_empty() {
        why = format!("{why}; {}", source.notes.join("; "));
    }
    let success = source.last_success.map_or_else(|| "-".to_owned(), shown);
    let next = source.next_poll.map_or_else(|| "-".to_owned(), |at| wait(at, now));
    [source.id.to_string(), state, source.entries.to_string(), success, next, why]
}

/// In UTC.
fn shown(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// "in 42 min".
fn wait(at: Time, now: Time) -> String {
    match (at - now).num_minutes() {
        ..1 => "now".to_owned(),
        minutes @ 1..120 => format!("in {minutes} min"),
        minutes @ 120..2_880 => format!("in {} h", minutes / 60),
        minutes => format!("in {} days", minutes / 1_440),
    }
}
