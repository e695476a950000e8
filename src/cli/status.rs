//! `syndic status`: how the sources are doing.

use super::{Exit, Output, Session, poll::flush_left};
use crate::{
    model::Time,
    refresh::Tools,
    serve::{Audience, SourceStatus, Status},
    websub::Standing,
};
use comfy_table::{Table, presets};
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
    let Tools { store, subscriptions, clock, .. } = &session.tools;
    let status = Status::read(&config, store, subscriptions, clock.now(), Audience::Operator).await?;
    if args.json {
        output.line(serde_json::to_string_pretty(&status)?).await?;
        return Ok(Exit::Well);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["source", "state", "entries", "last success", "next poll", "why"]);
    for source in &status.sources {
        table.add_row(row(source));
    }
    flush_left(&mut table);
    output.line(table.trim_fmt()).await?;
    output.line(format!("{} entries, {} bytes", status.store.entries, status.store.bytes)).await?;
    if let Some(trouble) = status.trouble {
        output.note(trouble).await?;
    }
    Ok(Exit::Well)
}

fn row(source: &SourceStatus) -> [String; 6] {
    let state = format!("{:?}", source.state).to_lowercase();
    let mut why = source.error.as_ref().map_or_else(|| source.next_reason.clone(), |error| error.message.clone());
    if let Some(words) = source.websub.as_ref().map(Standing::words).filter(|words| *words != why) {
        why = format!("{why}; {words}");
    }
    let time =
        |time: Option<Time>| time.map_or_else(|| "-".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string());
    [source.id.to_string(), state, source.entries.to_string(), time(source.last_success), time(source.next_poll), why]
}
