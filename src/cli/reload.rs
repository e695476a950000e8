//! `syndic reload`: the daemon takes feeds.toml anew, as it does by itself when the file changes, and says what came of it.

use super::{Exit, Global, Output, Session, output::Unable, session};
use crate::{
    config, control,
    reload::{Refused, Taken},
};

/// Asks the daemon. Exit 2 when feeds.toml is wrong, or nothing runs here.
pub(super) async fn reload(global: &Global, output: &Output) -> anyhow::Result<Exit> {
    let data = config::likely_data(&global.config, &session::overrides(global));
    let answered = control::ask(&data, &super::Request::Reload, output).await?;
    let nobody = || Unable(format!("{}: no daemon runs here; it reads feeds.toml when it starts", data.display()));
    Ok(answered.ok_or_else(nobody)?)
}

/// In the daemon.
pub(super) async fn answer(session: &Session, output: &Output) -> anyhow::Result<Exit> {
    let Some(reloader) = &session.reloader else { anyhow::bail!("only a daemon takes feeds.toml anew") };
    match reloader.reload().await {
        Ok(Taken { difference, at_next_start, warnings }) => {
            if !warnings.is_empty() {
                output.note(config::render(&warnings, false)).await?;
            }
            output.line(format!("feeds.toml taken anew: {difference}")).await?;
            if !at_next_start.is_empty() {
                output.line(format!("takes effect at the next start: {}", at_next_start.join(", "))).await?;
            }
            Ok(Exit::Well)
        }
        Err(Refused::Config(errors)) => Err(errors.into()),
        Err(other) => Err(Unable(other.to_string()).into()),
    }
}
