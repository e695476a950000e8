//! `syndic export …`: what is stored, written out.

use super::{Exit, Output, Session};
use crate::{
    export::{self, Done, Progress},
    format,
    model::InfoCode,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Entries read from the store at a time.
const STEP: usize = 64;

/// What to export.
#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub enum ExportCommand {
    /// Every entry with its editions as NDJSON on stdout, one line an entry, in the order of their codes
    Entries,
    /// Everything public as a Jekyll site: posts, a page for each category, layouts, settings
    Jekyll {
        /// The folder; made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// The public site as files, for any web server; of a folder that holds one already, only what changed
    Site {
        /// The folder; made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl ExportCommand {
    /// The daemon may stand in another folder.
    pub(super) fn absolute(self) -> ExportCommand {
        let absolute = |folder: PathBuf| std::path::absolute(&folder).unwrap_or(folder);
        match self {
            ExportCommand::Entries => self,
            ExportCommand::Jekyll { folder } => ExportCommand::Jekyll { folder: absolute(folder) },
            ExportCommand::Site { folder } => ExportCommand::Site { folder: absolute(folder) },
        }
    }
}

/// Writes it out.
pub(super) async fn export(session: &Session, command: &ExportCommand, output: &Output) -> anyhow::Result<Exit> {
    match command {
        ExportCommand::Entries => entries(session, output).await,
        ExportCommand::Jekyll { folder } => {
            let (app, config, progress) = (session.app(), session.config.borrow().clone(), Progress::default());
            let exporting = export::jekyll(&app, &config, &session.tools.store, folder, &progress);
            told(exporting, &progress, "entries", folder, output).await
        }
        ExportCommand::Site { folder } => {
            let (app, progress) = (session.app(), Progress::default());
            let exporting = export::site(&app, &session.tools.store, folder, &progress);
            told(exporting, &progress, "documents", folder, output).await
        }
    }
}

/// Tells how far an export is, and what it came to.
async fn told(
    exporting: impl Future<Output = anyhow::Result<Done>>,
    progress: &Progress,
    what: &str,
    folder: &Path,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut told = progress.subscribe();
    tokio::pin!(exporting);
    let Done { documents, written, removed, .. } = loop {
        tokio::select! {
            done = &mut exporting => break done?,
            Ok(()) = told.changed() => {
                let (done, all) = *told.borrow_and_update();
                output.progress(done, all, what).await?;
            }
        }
    };
    output.line(format!("{documents} documents in {}: {written} written, {removed} removed", folder.display())).await?;
    Ok(Exit::Well)
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
