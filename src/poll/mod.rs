//! When to ask whom, and who does it. A source is never asked twice at once; a host never by two of us at once.
//! `schedule`, `history`, `pace` and `agenda` decide (pure), `host` waits, and here it is done.

pub mod agenda;
pub mod flood;
pub mod history;
pub mod host;
pub mod moves;
pub mod pace;
pub mod schedule;

mod desk;
#[cfg(test)]
mod hand;
mod report;
mod resident;

use crate::{
    bounds::Bound,
    config::Config,
    model::{Health, Source, SourceState, Time},
    refresh::{self, Tools},
};
use desk::{Asked, Desk};
pub use host::IDLE;
use host::Visit;
pub use report::Report;
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Polls sources. Cheap to clone; all clones share the turns of hosts.
#[derive(Clone)]
pub struct Poller(Arc<Desk>);

impl Poller {
    /// A poller that works on `concurrency` sources at once. Made inside a tokio runtime; ends with its last clone.
    pub fn new(tools: Tools, concurrency: usize) -> Poller {
        Poller(Desk::open(tools, concurrency))
    }

    /// Somebody who wants to ask a host, like any poll; nowhere yet.
    pub fn visit(&self) -> Visit {
        Visit::nowhere(&self.0.hosts, self.0.tools.store.clone())
    }

    /// What is in use of every bound of polling: permits, hosts, articles, bodies, threads, the store's queue.
    pub fn bounds(&self) -> Vec<Bound> {
        let Tools { client, store, .. } = &self.0.tools;
        let work = [client.bodies(), refresh::threads(), store.queue()];
        self.0.hosts.bounds().into_iter().chain(work).collect()
    }

    /// For how long it has not looked who is due: more than [`IDLE`], and it stands still.
    pub fn still(&self) -> Duration {
        self.0.hosts.still()
    }

    /// Polls what is due until told to stop, then waits for the polls under way, but not for long.
    /// A source whose fetch the store refuses is asked again ever more rarely, an hour apart at most.
    pub async fn run(&self, config: watch::Receiver<Arc<Config>>, stop: CancellationToken) {
        resident::run(&self.0, config, stop).await;
    }

    /// One pass over `sources`, all at once within the poller's bounds; reports come as polls end, and end with the last.
    /// Sources and hosts that a publisher holds (429, Retry-After) are left alone unless forced. A source that is being polled is
    /// polled once more afterwards: somebody wants to know what it answers now.
    pub fn pass(&self, config: &Arc<Config>, sources: Vec<Arc<Source>>, force: bool) -> mpsc::Receiver<Report> {
        let (reports, receive) = mpsc::channel(sources.len().max(1));
        let (desk, config) = (Arc::clone(&self.0), Arc::clone(config));
        tokio::spawn(async move {
            desk.prepare(&config).await;
            for source in sources {
                let (config, reports) = (Arc::clone(&config), reports.clone());
                desk.ask(Asked { config, source, force, reports, _desk: Arc::clone(&desk) }).await;
            }
        });
        receive
    }
}

/// A source's state in one word.
pub fn health(source: &Source, state: Option<&SourceState>, now: Time) -> Health {
    match state {
        _ if !source.enabled => Health::Disabled,
        None => Health::New,
        Some(state) if state.last_attempt.is_none() => Health::New,
        Some(state) if schedule::is_parked(state) => Health::Parked,
        Some(state) if schedule::held(state, now).is_some() => Health::Held,
        Some(state) if state.error.is_some() => Health::Failing,
        Some(_) => Health::Ok,
    }
}
