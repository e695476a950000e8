//! `syndic export …`: what is stored, written out.

use super::{Exit, Output, Session};
use crate::{format, model::InfoCode};
use serde::{Deserialize, Serialize};

/// Entries read from the store at a time.
const STEP: usize = 64;

/// What to export.
#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub enum ExportCommand {
    /// Every entry with its editions as NDJSON on stdout, one line an entry, in the order of their codes
    Entries,
}

/// Writes it out.
pub(super) async fn export(session: &Session, command: &ExportCommand, output: &Output) -> anyhow::Result<Exit> {
    match command {
        ExportCommand::Entries => entries(session, output).await,
    }
}

async fn entries(session: &Session, output: &Output) -> anyhow::Result<Exit> {
    let mut after: Option<InfoCode> = None;
    let names = session.tools.store.gone_names().await?;
    loop {
        let batch = session.tools.store.portable_after(after.as_ref(), STEP, &names).await?;
        let Some(last) = batch.last() else { return Ok(Exit::Well) };
        after = Some(last.code().clone());
        for one in &batch {
            output.line(format::ndjson(one)?).await?;
        }
    }
}
