//! `syndic retract CODE` and `syndic restore-entry CODE`: an entry is withdrawn, or brought back.

use super::{Exit, Output, Session};
use crate::model::{InfoCode, Withdrawal, WithdrawalKind};
use serde::{Deserialize, Serialize};

/// Arguments of `retract`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct RetractArgs {
    /// An infoCode, or a link or id of the entry
    #[arg(value_name = "CODE")]
    pub what: String,
    /// Why; kept with the withdrawal
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Also destroy the stored bytes; this cannot be undone
    #[arg(long)]
    pub erase: bool,
}

/// Arguments of `restore-entry`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct RestoreEntryArgs {
    /// An infoCode, or a link or id of the entry
    #[arg(value_name = "CODE")]
    pub what: String,
}

/// Withdraws an entry. Exit 1 when there is none, or it is withdrawn already.
pub(super) async fn retract(session: &Session, args: &RetractArgs, output: &Output) -> anyhow::Result<Exit> {
    let (store, now) = (&session.tools.store, session.tools.clock.now());
    let Some(code) = found(session, &args.what, output).await? else { return Ok(Exit::Failed) };
    if args.reason.trim().is_empty() {
        output.note("--reason is empty: say why, for whoever asks later".into()).await?;
        return Ok(Exit::Unable);
    }
    if !store.retract(&code, args.reason.trim(), args.erase, now).await? {
        let how = store.withdrawn(&code).await?.map(|gone| gone.withdrawal);
        if args.erase && how.as_ref().is_some_and(|how| how.kind == WithdrawalKind::Erased) {
            // It may not have come to its end.
            return destroy(session, output).await;
        }
        let how = how.map_or_else(|| "gone".to_owned(), |how| told(&how));
        output.note(format!("{code} is {how} already")).await?;
        return Ok(Exit::Failed);
    }
    output.line(format!("{code} is retracted: gone from every feed and page, and refused when it comes again")).await?;
    if args.erase { destroy(session, output).await } else { Ok(Exit::Well) }
}

async fn destroy(session: &Session, output: &Output) -> anyhow::Result<Exit> {
    output.note("destroying its bytes: the data folder is written anew, this may take minutes".into()).await?;
    session.tools.store.forget().await?;
    output.line(ERASED.into()).await?;
    Ok(Exit::Well)
}

/// What `--erase` cannot do is said, every time.
const ERASED: &str = "Its bytes are destroyed in the data folder: database, journal, checkpoint, dictionaries. Kept: its \
    code, the date, your reason, and hashes of its names, by which it is refused.\nNot reached: backups and exports made \
    before, caches of readers and of other sites, the log, and blocks that the disk has freed but not overwritten.";

/// Brings a retracted entry back. Exit 1 when there is none.
pub(super) async fn restore_entry(session: &Session, args: &RestoreEntryArgs, output: &Output) -> anyhow::Result<Exit> {
    let (store, now) = (&session.tools.store, session.tools.clock.now());
    let Some(code) = found(session, &args.what, output).await? else { return Ok(Exit::Failed) };
    if store.restore_entry(&code, now).await? {
        output.line(format!("{code} is restored")).await?;
        return Ok(Exit::Well);
    }
    let why = match store.withdrawn(&code).await? {
        Some(gone) => format!("was {}: its words are no longer here", named(gone.withdrawal.kind)),
        None => "is not retracted".to_owned(),
    };
    output.note(format!("{code} {why}")).await?;
    Ok(Exit::Failed)
}

async fn found(session: &Session, what: &str, output: &Output) -> anyhow::Result<Option<InfoCode>> {
    let mut found = session.tools.store.codes_of(what).await?;
    if found.len() > 1 {
        let codes: Vec<String> = found.iter().map(ToString::to_string).collect();
        output.note(format!("`{what}` means several entries: {}; name one of them", codes.join(", "))).await?;
        return Ok(None);
    }
    if found.is_empty() {
        output.note(format!("no entry has the code, id or link `{what}`")).await?;
    }
    Ok(found.pop())
}

/// How and when an entry was taken away, and why.
pub(super) fn told(how: &Withdrawal) -> String {
    let since = how.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("{} since {since} ({})", named(how.kind), how.reason)
}

fn named(kind: WithdrawalKind) -> &'static str {
    match kind {
        WithdrawalKind::Retracted => "retracted",
        WithdrawalKind::Erased => "erased",
        WithdrawalKind::Retired => "dropped by retention",
        WithdrawalKind::Deleted => "deleted by its publisher",
    }
}
