//! When to ask whom, and the loop that does it. A source is never asked twice at once; a host never by two of us at once.

pub mod host;
pub mod schedule;

use crate::{
    config::Config,
    model::{FailureKind, Health, Source, SourceId, SourceState, Time},
    refresh::{Outcome, Tools, refresh},
    store::StoreError,
    websub::next_poll,
};
use host::{Hosts, Visit};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long to look away when nothing is due: a bound, so that a stepped clock is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// How often to look while polls are under way, whose next due times are not known yet.
const BUSY_NAP: Duration = Duration::from_secs(1);

/// Polls sources. Cheap to clone; all clones share the turns of hosts.
#[derive(Clone)]
pub struct Poller {
    tools: Tools,
    permits: Arc<Semaphore>,
    hosts: Arc<Hosts>,
    under_way: Arc<Mutex<BTreeSet<SourceId>>>,
    /// Told whenever a poll ends.
    ended: Arc<Notify>,
    refused: Arc<Mutex<BTreeMap<SourceId, Refusal>>>,
}

/// The store would not take what a source brought: nothing is saved, so the waiting must be remembered here.
#[derive(Clone, Copy)]
struct Refusal {
    times: u32,
    until: Instant,
}

impl Refusal {
    /// A minute, doubled each time, an hour at most: a full disk is no reason to fetch the same document every second.
    fn after(times: u32) -> Refusal {
        let minutes = 1 << times.min(6);
        Refusal { times: times + 1, until: Instant::now() + Duration::from_secs(60 * minutes.min(60)) }
    }

    fn remaining(&self) -> Option<Duration> {
        self.until.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero())
    }
}

/// What became of one poll.
#[derive(Clone, Debug)]
pub struct Report {
    /// The source.
    pub source: SourceId,
    /// How it ended; an error says in words why it was not asked at all.
    pub outcome: Result<Outcome, String>,
    /// How long it took, waiting for the host's turn left out.
    pub took: Duration,
}

impl Poller {
    /// A poller that works on `concurrency` sources at once.
    pub fn new(tools: Tools, concurrency: usize) -> Poller {
        Poller {
            tools,
            permits: Arc::new(Semaphore::new(concurrency.clamp(1, 4_096))),
            hosts: Arc::default(),
            under_way: Arc::default(),
            ended: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// Somebody who wants to ask a host, like any poll; nowhere yet.
    pub fn visit(&self) -> Visit {
        Visit::new(&self.hosts, &self.permits)
    }

    /// Polls what is due until told to stop, then waits for the polls under way.
    /// A source whose fetch the store refuses is asked again ever more rarely, an hour apart at most.
    pub async fn run(&self, mut config: watch::Receiver<Arc<Config>>, stop: CancellationToken) {
        let polls = TaskTracker::new();
        while !stop.is_cancelled() {
            let current = config.borrow_and_update().clone();
            let nap = match self.due(&current).await {
                Ok((due, nap)) => {
                    for source in due {
                        let (poller, config) = (self.clone(), Arc::clone(&current));
                        let stopped = stop.clone().cancelled_owned();
                        polls.spawn(async move {
                            tokio::select! {
                                biased;
                                report = poller.poll(&config, &source) => log(&report),
                                () = stopped => {}
                            }
                        });
                    }
                    nap
                }
                Err(error) => {
                    tracing::error!(%error, "cannot read the sources' states");
                    LONGEST_NAP
                }
            };
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                Ok(()) = config.changed() => {}
                () = stop.cancelled() => {}
            }
        }
        polls.close();
        polls.wait().await;
    }

    /// One pass over `sources`, all at once within the poller's bounds; reports come as polls end, and end with the last.
    /// Sources that a publisher holds (429, Retry-After) are left alone unless forced.
    pub fn pass(&self, config: &Arc<Config>, sources: Vec<Arc<Source>>, force: bool) -> mpsc::Receiver<Report> {
        let (send, receive) = mpsc::channel(sources.len().max(1));
        for source in sources {
            let (poller, config, send) = (self.clone(), Arc::clone(config), send.clone());
            tokio::spawn(async move {
                let report = match poller.held(&source).await {
                    Some(until) if !force => {
                        not_asked(&source, format!("held by the publisher until {until}; --force asks all the same"))
                    }
                    _ => poller.poll_after_others(&config, &source).await,
                };
                let _ = send.send(report).await;
            });
        }
        receive
    }

    /// Polls one source now, unless it is being polled already.
    pub async fn poll(&self, config: &Arc<Config>, source: &Arc<Source>) -> Report {
        match UnderWay::claim(self, &source.id) {
            Some(claim) => self.poll_claimed(config, source, claim).await,
            None => not_asked(source, "a poll of it is under way".to_owned()),
        }
    }

    /// Polls one source for somebody who wants to know what it answers now: after the poll that may be under way.
    async fn poll_after_others(&self, config: &Arc<Config>, source: &Arc<Source>) -> Report {
        loop {
            let ended = self.ended.notified();
            if let Some(claim) = UnderWay::claim(self, &source.id) {
                return self.poll_claimed(config, source, claim).await;
            }
            ended.await;
        }
    }

    async fn poll_claimed(&self, config: &Arc<Config>, source: &Arc<Source>, _claim: UnderWay) -> Report {
        let mut visit = Visit::new(&self.hosts, &self.permits);
        if !visit.go(&config.fetch, source.url()).await {
            return not_asked(source, "shutting down".to_owned());
        }
        let started = Instant::now();
        let outcome = refresh(&self.tools, config, source, visit).await;
        self.remember_refusal(&source.id, outcome.is_err());
        let outcome = outcome.unwrap_or_else(store_failed);
        self.tools.subscriptions.polled(&source.id, &outcome, self.tools.clock.now());
        Report { source: source.id.clone(), outcome: Ok(outcome), took: started.elapsed() }
    }

    fn remember_refusal(&self, source: &SourceId, is_refused: bool) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let before = refused.remove(source);
        if is_refused {
            refused.insert(source.clone(), Refusal::after(before.map_or(0, |refusal| refusal.times)));
        }
    }

    /// The sources whose time has come and that nobody is asking, and how long nothing else will be due.
    async fn due(&self, config: &Config) -> Result<(Vec<Arc<Source>>, Duration), StoreError> {
        let now = self.tools.clock.now();
        // In this order: a poll that ends in between is then seen as under way, not as still due.
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let states = self.tools.store.states().await?;
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut due, mut nap) = (Vec::new(), if under_way.is_empty() { LONGEST_NAP } else { BUSY_NAP });
        for source in config.sources.iter().filter(|source| source.enabled && !under_way.contains(&source.id)) {
            let held_back = refused.get(&source.id).and_then(|refusal| refusal.remaining());
            if let Some(wait) = held_back {
                nap = nap.min(wait);
                continue;
            }
            let covered = self.tools.subscriptions.covers(&source.id, now);
            match due_in(source, states.get(&source.id), covered, now) {
                Some(Duration::ZERO) => {
                    due.push(Arc::clone(source));
                    nap = nap.min(BUSY_NAP);
                }
                Some(wait) => nap = nap.min(wait),
                None => {}
            }
        }
        Ok((due, nap))
    }

    async fn held(&self, source: &Source) -> Option<String> {
        // A hold is of the address that asked for it.
        let state = self.tools.store.state(&source.id).await.ok()?.at_address(source.address());
        let now = self.tools.clock.now();
        state
            .hold_until
            .filter(|until| *until > now)
            .map(|until| until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }
}

/// How long until a source is due: zero when it is, `None` when it is parked.
/// A due time further off than any interval can be (the clock was wrong when it was set) counts as due.
fn due_in(source: &Source, state: Option<&SourceState>, covered: bool, now: Time) -> Option<Duration> {
    let asked = |state: &&SourceState| state.last_attempt.is_some() && state.address == Some(source.address());
    let Some(state) = state.filter(asked) else { return Some(Duration::ZERO) };
    let at = next_poll(source, state.next_poll, state.last_attempt, covered)?;
    let impossible = at - now > schedule::LONGEST_WAIT;
    if impossible { Some(Duration::ZERO) } else { Some((at - now).to_std().unwrap_or(Duration::ZERO)) }
}

/// A source's state in one word.
pub fn health(source: &Source, state: Option<&SourceState>, now: Time) -> Health {
    match state {
        _ if !source.enabled => Health::Disabled,
        None => Health::New,
        Some(state) if state.last_attempt.is_none() => Health::New,
        Some(state) if schedule::is_parked(state, now) => Health::Parked,
        Some(state) if state.hold_until.is_some_and(|until| until > now) => Health::Held,
        Some(state) if state.error.is_some() => Health::Failing,
        Some(_) => Health::Ok,
    }
}

/// A source that is being polled; dropping it lets the next poll begin.
struct UnderWay(Poller, SourceId);

impl UnderWay {
    fn claim(poller: &Poller, source: &SourceId) -> Option<UnderWay> {
        let fresh = poller.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(source.clone());
        fresh.then(|| UnderWay(poller.clone(), source.clone()))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
        self.0.ended.notify_waiters();
    }
}

fn not_asked(source: &Source, reason: String) -> Report {
    Report { source: source.id.clone(), outcome: Err(reason), took: Duration::ZERO }
}

fn store_failed(error: StoreError) -> Outcome {
    Outcome::Failed(crate::model::Failure::new(FailureKind::Store, format!("the store refused: {error}")))
}

/// One line a poll, once, where it ended.
fn log(report: &Report) {
    let (source, ms) = (&report.source, report.took.as_millis());
    match &report.outcome {
        Ok(Outcome::Committed(changes)) => tracing::info!(
            %source, ms, new = changes.new.len(), updated = changes.updated.len(), unchanged = changes.unchanged, "polled"
        ),
        Ok(Outcome::NotModified) => tracing::debug!(%source, ms, "polled: not modified"),
        Ok(Outcome::Failed(failure)) => {
            tracing::warn!(%source, ms, kind = failure.kind.name(), "poll failed: {failure}")
        }
        Err(reason) => tracing::debug!(%source, "not polled: {reason}"),
    }
}
