//! `syndic preview --diff [FILE]`: what a changed feeds.toml would change in the published feeds. Asked of the daemon, which knows what is
//! in force; without one, the store is as feeds.toml has left it.

use crate::{
    cli::{Exit, Global, Output, Request, Session, output::Unable, session},
    config::{self, Config, Edited, Overrides},
    control, rehearsal,
};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Arc};

/// Which file.
#[derive(Debug, Serialize, Deserialize)]
pub struct DiffArgs {
    /// A feeds.toml, by its whole path.
    pub file: PathBuf,
}

/// Has it rehearsed. `file`: the changed one; without it feeds.toml itself, where a daemon has an earlier one in force.
pub(super) async fn ask(global: &Global, file: Option<&str>, output: &Output) -> anyhow::Result<Exit> {
    let changed = file.map_or_else(|| global.config.clone(), PathBuf::from);
    let request = Request::Rehearse(DiffArgs { file: std::path::absolute(&changed)? });
    let data = config::likely_data(&global.config, &session::overrides(global));
    if let Some(exit) = control::ask(&data, &request, output).await? {
        return Ok(exit);
    }
    if file.is_none() {
        let how = "no daemon runs here, which would have another in force: name the changed file, syndic preview --diff changed.toml";
        return Err(Unable(how.to_owned()).into());
    }
    session::request(global, request, output).await
}

/// Rehearses it. Exit 2 when the changed file is wrong.
pub(in crate::cli) async fn answer(session: &Session, args: &DiffArgs, output: &Output) -> anyhow::Result<Exit> {
    let old = session.config.borrow().clone();
    let overrides = Overrides { data: Some(old.store.path.clone()), listen: Some(old.server.listen.to_string()) };
    let file = args.file.clone();
    let attempt = tokio::task::spawn_blocking(move || Config::attempt(&file, &overrides, &Edited::new())).await?;
    let new = Arc::new(attempt.outcome?.config);
    let (store, now) = (&session.tools.store, session.tools.clock.now());
    let rehearsal = rehearsal::rehearse(store, (&old, &new), now).await?;
    output.line(rehearsal.to_string()).await?;
    for source in new.sources.iter().filter(|source| old.source(&source.id).is_none()) {
        output.note(format!("`{}` is new: nothing of it is stored yet", source.id)).await?;
    }
    Ok(Exit::Well)
}
