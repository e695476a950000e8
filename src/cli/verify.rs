//! `syndic verify [--repair]`: everything stored is read; what is wrong is said, and mended where it can be.

use super::{Exit, Global, Output, Session, session};
use crate::{
    model::Clock,
    store::{Report, Store, StoreOptions},
};
use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

/// Arguments of `verify`.
#[derive(Clone, Debug, clap::Args, Serialize, Deserialize)]
pub struct VerifyArgs {
    /// Make again what is damaged from what is not; the daemon must not run
    #[arg(long)]
    pub repair: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Reads everything. Exit 1 when something is wrong.
pub(super) async fn verify(session: &Session, args: &VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    let report = session.tools.store.verify().await?;
    print(&report, args, output).await
}

/// Mends what can be mended.
pub(super) async fn repair(global: &Global, args: &VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session::load(global, output).await?;
    let path = &config.store.path;
    if !Store::exists(path) {
        return Err(super::output::Unable(format!("{}: no store here", path.display())).into());
    }
    let options =
        StoreOptions { cache: config.store.cache, editions: config.store.editions, ..StoreOptions::default() };
    // Opening takes the lock, or names who has it; and it mends by itself whatever it finds.
    let mut store = Store::open(path, options.clone())?;
    if let Some(rebuilt) = &store.opened().rebuilt {
        output.note(format!("made again: {rebuilt}")).await?;
    }
    let now = Clock::system().now();
    let mut report = store.verify().await?;
    if report.log.number > 0 && report.tree.number == 0 {
        store.checkpoint().await?;
        output.note("a new checkpoint was written from what sled holds".into()).await?;
        report = store.verify().await?;
    } else if report.tree.number > 0 && report.log.number == 0 {
        store.close(now).await?;
        drop(store);
        store = Store::remake(path, options)?;
        output.note("sled was made again from checkpoint and journal".into()).await?;
        report = store.verify().await?;
    }
    store.close(now).await?;
    print(&report, args, output).await
}

async fn print(report: &Report, args: &VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.json {
        output.line(serde_json::to_string_pretty(report)?).await?;
    } else {
        for (kind, amount) in &report.kinds {
            output
                .line(format!("{kind:12} {:>10} keys {:>12}", amount.keys, ByteSize(amount.bytes).to_string()))
                .await?;
        }
        for (name, bytes) in &report.files {
            output.line(format!("{name:12} {:>28}", ByteSize(*bytes).to_string())).await?;
        }
        for (what, faults) in
            [("sled", &report.tree), ("checkpoint and journal", &report.log), ("indexes", &report.indexes)]
        {
            for fault in &faults.told {
                output.line(format!("{what}: {fault}")).await?;
            }
            if faults.number > faults.told.len() as u64 {
                output.line(format!("{what}: {} faults in all", faults.number)).await?;
            }
        }
        output.line(if report.is_well() { "all is well".into() } else { "something is wrong".to_owned() }).await?;
    }
    Ok(if report.is_well() { Exit::Well } else { Exit::Failed })
}

/// `--repair` while the daemon runs: opening says who holds the folder.
pub(super) async fn dispatch(global: &Global, args: VerifyArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.repair {
        return repair(global, &args, output).await;
    }
    session::request(global, session::Request::Verify(args), output).await
}
