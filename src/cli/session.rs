//! A command that needs the store: handed to the daemon when one runs, else done here with the store opened for it.

use super::{
    Exit, Global, Line, Output, backup, explain, export, import, output::Unable, poll, preview, reload, retract, show,
    status, verify,
};
use crate::{
    config::{self, Config, Edited, Loaded, Overrides},
    control,
    fetch::Client,
    model::Clock,
    poll::Poller,
    publish::Publisher,
    refresh::Tools,
    reload::{Reloader, Reloads},
    serve::App,
    store::{Store, StoreOptions},
    upkeep,
    vitals::Vitals,
    websub::{Desk, Followers, Hub, Subscriptions},
};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::{mpsc, watch};

/// What such a command works with. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    /// The configuration in force.
    pub config: watch::Receiver<Arc<Config>>,
    /// Puts another in its place.
    pub successor: watch::Sender<Arc<Config>>,
    /// How it stands with feeds.toml.
    pub reloads: Reloads,
    /// Takes feeds.toml anew: in the daemon.
    pub reloader: Option<Arc<Reloader>>,
    /// Client, store, clock.
    pub tools: Tools,
    /// The poller: in the daemon, the one that runs.
    pub poller: Poller,
    /// What was rendered.
    pub publisher: Publisher,
}

impl Session {
    /// What answers over HTTP are made from.
    pub fn app(&self) -> Arc<App> {
        let websub = Desk::new(self.tools.clone(), self.poller.clone(), self.config.clone());
        let hub = Hub::new(self.tools.clone(), self.poller.clone(), self.config.clone());
        App::new((self.config.clone(), self.reloads.clone()), self.tools.clone(), self.publisher.clone(), websub, hub)
    }
}

/// A command that needs the store, as it travels to the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// `syndic poll`
    Poll(poll::PollArgs),
    /// `syndic show`
    Show(show::ShowArgs),
    /// `syndic explain`
    Explain(explain::ExplainArgs),
    /// `syndic retract`
    Retract(retract::RetractArgs),
    /// `syndic restore-entry`
    RestoreEntry(retract::RestoreEntryArgs),
    /// `syndic status`
    Status(status::StatusArgs),
    /// `syndic reload`
    Reload,
    /// `syndic preview --diff`
    Rehearse(preview::diff::DiffArgs),
    /// `syndic backup`
    Backup(backup::BackupArgs),
    /// `syndic verify`
    Verify(verify::VerifyArgs),
    /// `syndic export …`
    Export(export::ExportCommand),
    /// `syndic import entries`: its lines follow
    Import(import::ImportArgs),
    /// `syndic import jekyll`
    ImportJekyll(import::JekyllArgs),
}

/// Does a command, wherever it came from.
pub async fn perform(session: &Session, request: Request, output: &Output) -> Exit {
    let done = match request {
        Request::Poll(args) => poll::poll(session, &args, output).await,
        Request::Show(args) => show::show(session, &args, output).await,
        Request::Explain(args) => explain::explain(session, &args, output).await,
        Request::Retract(args) => retract::retract(session, &args, output).await,
        Request::RestoreEntry(args) => retract::restore_entry(session, &args, output).await,
        Request::Rehearse(args) => preview::diff::answer(session, &args, output).await,
        Request::Reload => reload::answer(session, output).await,
        Request::Status(args) => status::status(session, &args, output).await,
        Request::Backup(args) => backup::backup(session, &args, output).await,
        Request::Verify(args) => verify::verify(session, &args, output).await,
        Request::Export(command) => export::export(session, &command, output).await,
        Request::ImportJekyll(args) => import::jekyll(session, &args, output).await,
        Request::Import(_) => Err(Unable("an import needs lines".to_owned()).into()),
    };
    match done {
        Ok(exit) => exit,
        Err(error) => output.explain(&error).await,
    }
}

/// Does a command that lines follow.
pub async fn perform_on(
    session: &Session,
    args: import::ImportArgs,
    lines: mpsc::Receiver<Line>,
    output: &Output,
) -> Exit {
    match import::take_in(session, args.lines, lines, output).await {
        Ok(exit) => exit,
        Err(error) => output.explain(&error).await,
    }
}

/// Hands a command to the daemon that holds the data folder; does it here when none runs.
pub(super) async fn request(global: &Global, request: Request, output: &Output) -> anyhow::Result<Exit> {
    let config = match load(global, output).await {
        Ok(config) => config,
        // A daemon that runs has a good one, whatever stands in the file now.
        Err(wrong) => {
            match control::ask(&config::likely_data(&global.config, &overrides(global)), &request, output).await? {
                Some(exit) => {
                    output
                        .note("feeds.toml is wrong, the daemon has the last good one: see syndic check".to_owned())
                        .await?;
                    return Ok(exit);
                }
                None => return Err(wrong),
            }
        }
    };
    if let Some(exit) = control::ask(&config.store.path, &request, output).await? {
        return Ok(exit);
    }
    if !matches!(request, Request::Poll(_) | Request::ImportJekyll(_)) && !Store::exists(&config.store.path) {
        let path = config.store.path.display();
        return Err(Unable(format!(
            "{path}: no store here yet; run `syndic` or `syndic poll`, or name it with --data"
        ))
        .into());
    }
    let session = open(config)?;
    let polls = matches!(request, Request::Poll(_));
    let (config, store, clock) = (session.config.borrow().clone(), &session.tools.store, &session.tools.clock);
    let before = if polls { store.last_attempt().await? } else { None };
    if polls {
        upkeep::begin(store, &config, clock.now()).await?;
    }
    let exit = perform(&session, request, output).await;
    if polls {
        upkeep::end(store, &config, before, clock.now()).await?;
        // What was polled is stored: want of room for a copy is no failure of the poll.
        if let Err(error) = store.tidy().await {
            tracing::warn!(%error, "the data folder stays larger than it need be");
        }
    }
    session.tools.store.close(session.tools.clock.now()).await?;
    Ok(exit)
}

/// Loads feeds.toml with the command line's overrides; warnings are printed, errors returned all at once.
pub(super) async fn load(global: &Global, output: &Output) -> anyhow::Result<Arc<Config>> {
    Ok(Arc::new(load_all(global, output).await?.0.config))
}

/// The same, with all that is known of it, and the files it depends on.
pub(super) async fn load_all(global: &Global, output: &Output) -> anyhow::Result<(Loaded, Vec<PathBuf>)> {
    let attempt = Config::attempt(&global.config, &overrides(global), &Edited::new());
    let loaded = attempt.outcome?;
    if !loaded.warnings.is_empty() {
        output.note(config::render(&loaded.warnings, output.is_coloured())).await?;
    }
    Ok((loaded, attempt.files))
}

/// What the command line sets over feeds.toml.
pub(super) fn overrides(global: &Global) -> Overrides {
    Overrides { data: global.data.clone(), listen: global.listen.clone() }
}

/// Opens the store and everything that works on it.
pub(super) fn open(config: Arc<Config>) -> anyhow::Result<Session> {
    let (cache, editions) = (config.store.cache, config.store.editions);
    let entries = usize::try_from(cache / 4)?;
    let options = StoreOptions { cache, editions, entries, ..StoreOptions::default() };
    let store = Store::open(&config.store.path, options)?;
    let client = Client::new(&config.fetch).map_err(|error| Unable(format!("cannot make requests: {error:#}")))?;
    let subscriptions = Subscriptions::load(&store)?;
    let followers = Followers::load(&store)?;
    let clock = Clock::system();
    let vitals = Vitals::starting(clock.now())?;
    let tools = Tools { client, store, clock, subscriptions, followers, vitals };
    let poller = Poller::new(tools.clone(), config.poll.concurrency);
    let publisher = Publisher::holding(config.server.cache);
    let (successor, config) = watch::channel(config);
    Ok(Session { config, successor, reloads: Reloads::default(), reloader: None, tools, poller, publisher })
}
