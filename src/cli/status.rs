//! `syndic status`: how the sources are doing.

use super::{Exit, Output, Session, columns};
use crate::{
    model::Time,
    refresh::Tools,
    reload::{ConfigState, ConfigStatus},
    serve::{Audience, SourceStatus, Status},
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
    let (Tools { store, subscriptions, followers, .. }, now) = (&session.tools, session.tools.clock.now());
    let (websub, bounds) = ((subscriptions, followers), session.poller.bounds());
    let status = Status::read((&config, &session.reloads), store, websub, bounds, now, Audience::Operator).await;
    if args.json {
        output.line(serde_json::to_string_pretty(&status)?).await?;
        return Ok(Exit::Well);
    }
    let heading = ["source", "state", "entries", "last success", "next poll", "why"];
    let rows = status.sources.iter().map(|source| row(source, now));
    columns::print(&columns::columns(heading, 2..=2, rows), output).await?;
    tell_config(&status.config, output).await?;
    output.line(format!("{} entries, {} bytes", status.store.entries, status.store.bytes)).await?;
    for line in status.hub.lines() {
        output.line(line).await?;
    }
    if let Some(trouble) = status.trouble {
        output.note(trouble).await?;
    }
    Ok(Exit::Well)
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
    let success = source.last_success.map_or_else(|| "-".to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string());
    let next = source.next_poll.map_or_else(|| "-".to_owned(), |at| wait(at, now));
    [source.id.to_string(), state, source.entries.to_string(), success, next, why]
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
