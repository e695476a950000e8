//! `syndic backup FILE` and `syndic restore FILE`: everything stored in one file, and a store made from it elsewhere.

use super::{Exit, Global, Output, Session, session};
use crate::{
    model::Clock,
    store::{Store, StoreOptions},
};
use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Arguments of `backup`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct BackupArgs {
    /// The file to write; an earlier backup of this name is replaced once the new one is whole, any other file is kept
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

impl BackupArgs {
    /// The daemon may work in another folder than the one this command was given in.
    pub(super) fn absolute(self) -> BackupArgs {
        BackupArgs { file: std::path::absolute(&self.file).unwrap_or(self.file) }
    }
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// A file written by `syndic backup`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Writes a backup.
pub(super) async fn backup(session: &Session, args: &BackupArgs, output: &Output) -> anyhow::Result<Exit> {
    match session.tools.store.backup(&args.file).await {
        Ok(backup) => {
            output.line(format!("{}: {}", args.file.display(), ByteSize(backup.bytes))).await?;
            Ok(Exit::Well)
        }
        Err(error) => {
            output.note(format!("syndic: {error}")).await?;
            Ok(Exit::Failed)
        }
    }
}

/// Makes a store from a backup. The daemon must not run on that folder.
pub(super) async fn restore(global: &Global, args: &RestoreArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session::load(global, output).await?;
    let options =
        StoreOptions { cache: config.store.cache, editions: config.store.editions, ..StoreOptions::default() };
    let (store, _) = Store::restore(&args.file, &config.store.path, options)?;
    let now = Clock::system().now();
    // Cursors that were handed out after the backup was taken must not be believed.
    store.begin_epoch(now).await?;
    let counts = store.counts().await?;
    store.close(now).await?;
    output.line(format!("{}: {} entries restored", config.store.path.display(), counts.entries)).await?;
    Ok(Exit::Well)
}
