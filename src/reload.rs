//! feeds.toml, taken anew while syndic runs: when it changes, at SIGHUP, when a command asks. A bad one never replaces a good one.
//! What it changes in the store and what readers are answered by change in one moment.

/// Whether files have changed.
mod watch;

/// What came of it, for status.
mod report;

use crate::{
    config::{Config, ConfigErrors, Diagnostic, Difference, Edited, Loaded, Overrides, Written},
    refresh::Tools,
    store::StoreError,
    supervisor, upkeep,
};
pub use report::{ConfigState, ConfigStatus, Reloads, Tries};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{Mutex, watch as channel},
};
use tokio_util::sync::CancellationToken;
use watch::{Identity, Watch};

/// Between two looks at the files. Looking is cheap, and sees what a notifying kernel does not: network file systems, bind mounts,
/// folders that are swapped whole.
const LOOK: Duration = Duration::from_millis(300);
/// When the store did not take what changed, the next try comes after this.
const AGAIN: Duration = Duration::from_secs(30);

/// Takes feeds.toml anew.
pub struct Reloader {
    path: PathBuf,
    /// What the command line says, and what was settled when syndic started: where it listens, where the store is.
    overrides: Overrides,
    /// What feeds.toml said then.
    started: Written,
    config: channel::Sender<Arc<Config>>,
    tools: Tools,
    reloads: Reloads,
    held: Mutex<Held>,
}

struct Held {
    /// What the configuration in force says.
    written: Written,
    watch: Watch,
    again: Option<Instant>,
}

/// A feeds.toml that was taken.
pub struct Taken {
    /// What it changes.
    pub difference: Difference,
    /// What of it takes effect at the next start only.
    pub at_next_start: Vec<String>,
    /// What the operator should know.
    pub warnings: Vec<Diagnostic>,
}

/// Why it was not taken; the last good one stays in force.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The store cannot take what it changes; it is tried again.
    #[error("the store cannot take what feeds.toml changes, which is tried again: {0}")]
    Store(#[from] StoreError),
    /// Requests cannot be made as it wishes.
    #[error("cannot make requests as [fetch] wishes: {0}")]
    Client(String),
}

impl Reloader {
    /// Over a configuration that was loaded from these files, and is in force.
    pub fn new(
        loaded: (Written, Vec<PathBuf>),
        overrides: Overrides,
        config: channel::Sender<Arc<Config>>,
        tools: Tools,
        reloads: Reloads,
    ) -> Reloader {
        let (written, files) = loaded;
        let (path, started) = (config.borrow().path.clone(), written.without_lists());
        let held = Held { written, watch: Watch::over(files), again: None };
        Reloader { path, overrides, started, config, tools, reloads, held: Mutex::new(held) }
    }

    /// Looks at the files, and listens for SIGHUP, until told to stop.
    pub async fn run(&self, hangups: &mut Signal, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {
                    if !self.is_wanted().await {
                        continue;
                    }
                }
                Some(()) = hangups.recv() => {}
                () = stop.cancelled() => return,
            }
            // Whoever asked by a signal or by saving reads of it in the log and in the status.
            let _ = self.reload().await;
        }
    }

    async fn is_wanted(&self) -> bool {
        let held = &mut *self.held.lock().await;
        held.again.is_some_and(|at| at <= Instant::now()) || held.watch.has_changed()
    }

    /// Reads the files and takes what they say, if they are right.
    pub async fn reload(&self) -> Result<Taken, Refused> {
        let held = &mut *self.held.lock().await;
        supervisor::reloading();
        let taken = self.take(held).await;
        supervisor::ready();
        held.again = matches!(taken, Err(Refused::Store(_))).then(|| Instant::now() + AGAIN);
        self.reloads.tell(&taken, self.tools.clock.now());
        taken
    }

    async fn take(&self, held: &mut Held) -> Result<Taken, Refused> {
        // Before it is read: what changes meanwhile is seen as a change.
        let before = Identity::of(held.watch.files());
        let (path, overrides) = (self.path.clone(), self.overrides.clone());
        let read = tokio::task::spawn_blocking(move || Config::attempt(&path, &overrides, &Edited::new())).await;
        let attempt = read.map_err(|error| Refused::Client(error.to_string()))?;
        held.watch.taken(before, attempt.files);
        let Loaded { config, warnings, written } = attempt.outcome?;
        let difference = held.written.difference(&written);
        let at_next_start = self.started.difference(&written.without_lists()).at_next_start();
        self.adopt(config).await?;
        held.written = written;
        Ok(Taken { difference, at_next_start, warnings })
    }

    /// All that may fail comes first; then store, client and whoever answers change over in one moment.
    async fn adopt(&self, config: Config) -> Result<(), Refused> {
        let config = Arc::new(config);
        let (client, sender) = (self.tools.client.clone(), self.config.clone());
        let made = client.prepare(&config.fetch).map_err(|error| Refused::Client(format!("{error:#}")))?;
        let new = Arc::clone(&config);
        let adopt = Box::new(move || {
            made.into_iter().for_each(|made| client.take(made));
            sender.send_replace(new);
        });
        Ok(upkeep::adopt(&self.tools.store, &config, self.tools.clock.now(), adopt).await?)
    }
}

/// SIGHUP, from now on: before, it ends the process.
pub fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}
