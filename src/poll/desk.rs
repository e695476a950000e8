//! Where polls begin and end: sources that come up are refreshed, those who asked are told, and what is resident is put back into line.

use super::{
    Report,
    agenda::Spot,
    host::{Hosts, Slot, Visit},
    moves,
    pace::{Key, Paces},
    schedule,
};
use crate::{
    config::Config,
    model::{Failure, FailureKind, Source, SourceId, Time},
    refresh::{Outcome, Refreshed, Tools, refresh},
    store::StoreError,
    upkeep,
    websub::next_poll,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::{
    sync::{OnceCell, mpsc},
    task::AbortHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;
use url::Url;

/// A poll that ended without a word (a fault in syndic) is tried again after this.
const AFTER_A_FAULT: Duration = Duration::from_secs(3_600);

/// What all clones of a poller share.
pub(super) struct Desk {
    pub tools: Tools,
    pub hosts: Arc<Hosts>,
    pub polls: TaskTracker,
    /// Ends polls under way at once.
    pub cut: CancellationToken,
    roster: Mutex<Roster>,
    holds_read: OnceCell<()>,
    worker: AbortHandle,
}

/// Who is to be polled, and for whom.
#[derive(Default)]
pub(super) struct Roster {
    /// The configuration in force, while the poller is resident.
    pub config: Option<Arc<Config>>,
    /// Sources that go back into line when their poll ends.
    pub resident: HashMap<SourceId, Arc<Source>>,
    asked: HashMap<SourceId, Vec<Asked>>,
    /// How often in a row the store would not take what a source brought: nothing is saved then, so it is remembered here.
    refused: HashMap<SourceId, u32>,
}

/// Somebody asks for one source.
pub(super) struct Asked {
    pub config: Arc<Config>,
    pub source: Arc<Source>,
    pub force: bool,
    pub reports: mpsc::Sender<Report>,
    /// Whoever waits for a report keeps the poller working.
    pub _desk: Arc<Desk>,
}

impl Desk {
    pub fn open(tools: Tools, concurrency: usize) -> Arc<Desk> {
        let hosts = Hosts::new(concurrency, tools.clock.clone());
        Arc::new_cyclic(|desk| {
            let worker = tokio::spawn(work(Weak::clone(desk), Arc::clone(&hosts))).abort_handle();
            Desk {
                tools,
                hosts,
                polls: TaskTracker::new(),
                cut: CancellationToken::new(),
                roster: Mutex::default(),
                holds_read: OnceCell::new(),
                worker,
            }
        })
    }

    pub fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pauses as feeds.toml says; the first time also the holds of earlier runs.
    pub async fn prepare(&self, config: &Config) {
        self.hosts.pace_as(Paces::of(config));
        let read = || async {
            self.tidy().await;
            let now = self.tools.clock.now();
            match self.tools.store.holds(now, now + schedule::LONGEST_WISH).await {
                Ok(holds) => holds.into_iter().for_each(|(host, until)| self.hosts.hold(&host, until)),
                Err(error) => tracing::error!(%error, "cannot read which hosts want to be left alone"),
            }
        };
        self.holds_read.get_or_init(read).await;
    }

    /// Forgets the holds that are over.
    pub async fn tidy(&self) {
        let now = self.tools.clock.now();
        if let Err(error) = self.tools.store.tidy_holds(now, now + schedule::LONGEST_WISH).await {
            tracing::warn!(%error, "the holds of hosts that are over stay stored");
        }
    }

    /// The line of a source, and its pause.
    pub fn line(&self, config: &Config, source: &Source, elsewhere: Option<&Url>) -> (Key, Duration) {
        self.hosts.paces().of_source(&config.fetch, source, elsewhere.or(source.url()))
    }

    /// Polls a source for somebody, as soon as its host may be asked, unless the publisher does not want it.
    pub async fn ask(&self, asked: Asked) {
        let state = self.tools.store.state(&asked.source.id).await.unwrap_or_default();
        let state = state.at_address(asked.source.address());
        if let Some(until) = schedule::held(&state, self.tools.clock.now()).filter(|_| !asked.force) {
            return asked.tell(Err(held_until(until)), Duration::ZERO).await;
        }
        let (source, (key, every)) = (
            Arc::clone(&asked.source),
            self.line(&asked.config, &asked.source, moves::elsewhere(&asked.source, &state).as_ref()),
        );
        if let Some(at) = state.last_attempt {
            self.hosts.rest(&key, every, at);
        }
        if self.hosts.is_closed() {
            return asked.tell(Err("shutting down".to_owned()), Duration::ZERO).await;
        }
        self.roster().asked.entry(source.id.clone()).or_default().push(asked);
        self.hosts.ask(&source.id, Spot { key, every, skips: schedule::skips(&state) });
    }

    /// Nobody starts any more; whoever waits is told.
    pub fn close(&self) {
        self.hosts.close();
        self.roster().asked.clear();
    }

    fn start(self: Arc<Desk>, id: SourceId, slot: Slot) {
        let asked = self.roster().asked.remove(&id).unwrap_or_default();
        let polls = self.polls.clone();
        polls.spawn(async move {
            let cut = self.cut.clone();
            let poll = self.poll(id, asked, slot);
            tokio::select! {
                biased;
                () = poll => {}
                () = cut.cancelled() => {}
            }
        });
    }

    async fn poll(self: &Arc<Desk>, id: SourceId, asked: Vec<Asked>, slot: Slot) {
        let mut place = UnderWay { desk: Arc::clone(self), source: id.clone(), spot: None, wait: Some(AFTER_A_FAULT) };
        let Some((config, source)) = self.wanted(&id, &asked) else { return };
        let started = Instant::now();
        if asked.is_empty()
            && let Some(wait) = self.covered(&config, &source).await
        {
            place.wait = Some(wait);
            return slot.pass();
        }
        let outcome = match slot.held().filter(|_| !asked.iter().any(|asked| asked.force)) {
            // While the source waited its host asked to be left alone.
            Some(wait) => {
                slot.pass();
                place.wait = Some(wait);
                Err(held_until(self.tools.clock.now() + wait))
            }
            None => {
                let metrics = self.tools.vitals.metrics.polls();
                slot.late.iter().for_each(|late| metrics.begins(*late));
                let span = tracing::error_span!("poll", source = %source.id);
                Ok(self.refresh(&config, &source, slot, &mut place).instrument(span).await)
            }
        };
        drop(place);
        let report = Report { source: id, outcome, took: started.elapsed() };
        report.tell(&self.tools.vitals);
        for asked in asked {
            asked.tell(report.outcome.clone(), report.took).await;
        }
    }

    async fn refresh(&self, config: &Arc<Config>, source: &Arc<Source>, slot: Slot, place: &mut UnderWay) -> Outcome {
        let refreshed =
            refresh(&self.tools, config, source, Visit::at(&self.hosts, slot, self.tools.store.clone())).await;
        let now = self.tools.clock.now();
        let (outcome, wait, names_hub) = match refreshed {
            Ok(Refreshed { outcome, next_poll, skips, elsewhere, names_hub }) => {
                self.roster().refused.remove(&source.id);
                let (key, every) = self.line(config, source, elsewhere.as_ref());
                place.spot = Some(Spot { key, every, skips });
                (outcome, next_poll.map(|at| (at - now).to_std().unwrap_or_default()), names_hub)
            }
            Err(error) => (store_failed(error), Some(self.refused(&source.id)), false),
        };
        self.tools.subscriptions.polled(&source.id, &outcome, names_hub, now);
        let in_force = self.roster().config.clone();
        upkeep::catch_up(&self.tools, config, in_force).await;
        place.wait = wait;
        outcome
    }

    /// What is asked for comes with its own configuration; what is resident with the one in force.
    fn wanted(&self, id: &SourceId, asked: &[Asked]) -> Option<(Arc<Config>, Arc<Source>)> {
        if let Some(asked) = asked.last() {
            return Some((Arc::clone(&asked.config), Arc::clone(&asked.source)));
        }
        let roster = self.roster();
        Some((roster.config.clone()?, Arc::clone(roster.resident.get(id)?)))
    }

    /// How long to look away from a source whose hub says when there is news, and that was asked less than a day ago. Not for long:
    /// a hub may fail, and then the source's usual time has come already.
    async fn covered(&self, config: &Config, source: &Source) -> Option<Duration> {
        let now = self.tools.clock.now();
        if !self.tools.subscriptions.covers(&source.id, now) {
            return None;
        }
        let state = self.tools.store.state(&source.id).await.ok()?;
        let at = next_poll(source, state.next_poll, state.last_attempt, true)?;
        (at - now).to_std().ok().filter(|wait| !wait.is_zero()).map(|wait| wait.min(config.poll.min))
    }

    /// A minute, doubled each time, an hour at most: a full disk is no reason to fetch the same document every second.
    fn refused(&self, source: &SourceId) -> Duration {
        let mut roster = self.roster();
        let times = roster.refused.entry(source.clone()).or_insert(0);
        let minutes = 1 << (*times).min(6);
        *times += 1;
        Duration::from_secs(60 * minutes.min(60))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Asked {
    async fn tell(self, outcome: Result<Outcome, String>, took: Duration) {
        // Whoever asked may have gone.
        let _ = self.reports.send(Report { source: self.source.id.clone(), outcome, took }).await;
    }
}

/// Begins the polls of sources that come up, as long as there is a poller.
async fn work(desk: Weak<Desk>, hosts: Arc<Hosts>) {
    while let Some((source, slot)) = hosts.next().await {
        let Some(desk) = desk.upgrade() else { return };
        desk.start(source, slot);
    }
}

/// A source that is being polled; dropping it puts a resident one back into line, and whoever asked meanwhile before it.
struct UnderWay {
    desk: Arc<Desk>,
    source: SourceId,
    /// Where it stands from now on, if that is known.
    spot: Option<Spot>,
    wait: Option<Duration>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Some((spot, again)) = self.desk.hosts.finished(&self.source) else { return };
        let spot = self.spot.take().unwrap_or(spot);
        let resident = self.desk.roster().resident.contains_key(&self.source);
        match self.wait {
            _ if again => self.desk.hosts.ask(&self.source, spot),
            Some(wait) if resident => self.desk.hosts.put(&self.source, spot, wait),
            _ => {}
        }
    }
}

fn held_until(until: Time) -> String {
    let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("held by the publisher until {until}; --force asks all the same")
}

fn store_failed(error: StoreError) -> Outcome {
    Outcome::Failed(Failure::new(FailureKind::Store, format!("the store refused: {error}")))
}
