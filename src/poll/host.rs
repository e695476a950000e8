//! Hosts, shared by everybody who asks: whoever holds a `Slot` may ask one host, and is one of so many who ask at all.
//! The agenda decides who is next; here it is waited for.

mod pulse;
mod visit;

pub use pulse::IDLE;
pub use visit::Visit;

use super::{
    agenda::{Agenda, Spot, Start, Who},
    pace::{Key, Paces, rest},
};
use crate::{
    bounds::{Bound, Permit, Permits},
    config::FetchConfig,
    model::{Clock, SourceId, Time},
};
use pulse::Pulse;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long to look away at most: a bound, so that a machine that slept is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(60);
/// Permits for requests at once: no more than this, whatever feeds.toml says.
const MOST_PERMITS: usize = 4_096;
/// A server may keep a poll waiting for so long before its permit is lent: dead ones must not hold up the others.
const PATIENCE: Duration = Duration::from_secs(2);
/// Polls that wait without one: each holds a connection and little else.
const MOST_LENT: usize = 256;
/// Sources whose articles are asked for at a time: while they wait for hosts they hold what they have read, and no permit.
const MOST_ERRANDS: usize = 64;

/// Everybody who waits for a host, and the hosts.
#[derive(Debug)]
pub struct Hosts {
    waiting: Mutex<Waiting>,
    changed: Notify,
    permits: Permits,
    /// What may still be lent.
    lendable: Permits,
    errands: Permits,
    closed: CancellationToken,
    clock: Clock,
    pulse: Pulse,
}

#[derive(Debug, Default)]
struct Waiting {
    agenda: Agenda,
    visitors: HashMap<u64, oneshot::Sender<Slot>>,
    paces: Arc<Paces>,
}

/// The right to ask one host now, and one of the permits to ask at all. Dropping it begins the host's pause.
#[derive(Debug)]
pub struct Slot {
    turn: Option<Turn>,
    _permit: Permit,
    /// It is one of those that were lent: others have its own meanwhile.
    lent: bool,
    /// How long after it was due a source got it; `None`: somebody asked for it.
    pub(super) late: Option<Duration>,
}

#[derive(Debug)]
struct Turn {
    hosts: Arc<Hosts>,
    key: Key,
    /// Its host is asked.
    used: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.hosts.change(|agenda, now| match self.used {
            true => agenda.ended(&self.key, now),
            false => agenda.passed(&self.key),
        });
    }
}

impl Slot {
    /// For how long its host still wants to be left alone.
    pub fn held(&self) -> Option<Duration> {
        let Turn { hosts, key, .. } = self.turn.as_ref()?;
        hosts.lock().agenda.held(key, hosts.clock.moment())
    }

    /// Lets others have the permit for as long as this one only waits, if not too many do.
    fn lend(&mut self) {
        let Some(turn) = &self.turn else { return };
        if let Some(permit) = turn.hosts.lendable.try_acquire() {
            (self._permit, self.lent) = (permit, true);
        }
    }

    /// Waits until it has a permit again, in the order of those who wait for one.
    async fn resume(&mut self) {
        let Some(turn) = self.turn.as_ref().filter(|_| self.lent) else { return };
        // There are none only while the program is shutting down: what has come so far may be worked on.
        if let Some(permit) = turn.hosts.permits.acquire().await {
            (self._permit, self.lent) = (permit, false);
        }
    }

    /// Gives it back without having asked: no pause begins.
    pub fn pass(mut self) {
        if let Some(turn) = &mut self.turn {
            turn.used = false;
        }
    }
}

impl Hosts {
    /// Nobody waits yet; `concurrency` may ask at once.
    pub fn new(concurrency: usize, clock: Clock) -> Arc<Hosts> {
        let permits = Permits::new("polls", concurrency.clamp(1, MOST_PERMITS));
        let errands = Permits::new("sources whose articles are asked for", MOST_ERRANDS);
        Arc::new(Hosts {
            waiting: Mutex::default(),
            changed: Notify::new(),
            permits,
            lendable: Permits::new("polls whose permit others have", MOST_LENT),
            errands,
            closed: CancellationToken::new(),
            pulse: Pulse::new(&clock),
            clock,
        })
    }

    /// The next source that may be asked, once it may; visitors are let in meanwhile. `None` once closed.
    ///
    /// Nobody starts without a permit, so that no host waits for one; and while nobody may start none is kept from those who lent it.
    pub async fn next(self: &Arc<Self>) -> Option<(SourceId, Slot)> {
        loop {
            self.somebody().await?;
            let permit = self.permit().await?;
            let (now, wall) = (self.clock.moment(), self.clock.now());
            let Some(Start { who, key, late }) = self.lock().agenda.next(now, wall) else { continue };
            let slot = Slot {
                turn: Some(Turn { hosts: Arc::clone(self), key, used: true }),
                _permit: permit,
                lent: false,
                late,
            };
            match who {
                Who::Source(source) => return Some((source, slot)),
                Who::Visitor(visitor) => {
                    let waiting = self.lock().visitors.remove(&visitor);
                    // One that has gone away gives its slot back, and has asked nobody.
                    if let Err(slot) = waiting.map_or(Ok(()), |waiting| waiting.send(slot)) {
                        slot.pass();
                    }
                }
            }
        }
    }

    /// One of the permits. Where polls under way have them all it is looked up from time to time all the same: that is no standstill.
    async fn permit(&self) -> Option<Permit> {
        let mut permit = std::pin::pin!(self.permits.acquire());
        loop {
            match tokio::time::timeout(LONGEST_NAP, &mut permit).await {
                Ok(permit) => return permit,
                Err(_) => self.pulse.beat(&self.clock),
            }
        }
    }

    /// For how long nobody has looked who may start: never much longer than a nap, or the poller stands still.
    pub fn still(&self) -> Duration {
        self.pulse.still(&self.clock)
    }

    /// Waits until somebody may start.
    async fn somebody(&self) -> Option<()> {
        loop {
            self.pulse.beat(&self.clock);
            let changed = self.changed.notified();
            let now = self.clock.moment();
            let nap = match self.lock().agenda.wakes() {
                Some(at) if at <= now => return Some(()),
                Some(at) => at - now,
                None => LONGEST_NAP,
            };
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(nap.min(LONGEST_NAP)) => {}
                () = self.closed.cancelled() => return None,
            }
        }
    }

    /// Nobody starts any more.
    pub fn close(&self) {
        self.permits.close();
        self.closed.cancel();
        self.lock().visitors.clear();
    }

    /// Whether nobody starts any more.
    pub fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// What is in use of the bounds that are kept here.
    pub fn bounds(&self) -> [Bound; 4] {
        let waiting = self.lock().agenda.waiting() as u64;
        let hosts = Bound { name: "hosts that somebody waits for", used: waiting, limit: None, waited: 0, refused: 0 };
        [self.permits.read(), self.lendable.read(), hosts, self.errands.read()]
    }

    /// From now on the pauses are these.
    pub fn pace_as(&self, paces: Paces) {
        self.lock().paces = Arc::new(paces);
    }

    /// The pauses in force.
    pub fn paces(&self) -> Arc<Paces> {
        Arc::clone(&self.lock().paces)
    }

    /// A source is due after so long.
    pub fn put(&self, source: &SourceId, spot: Spot, wait: Duration) {
        self.change(|agenda, now| agenda.put(source, spot, now + wait));
    }

    /// A source is next at its host, whatever its due time.
    pub fn ask(&self, source: &SourceId, spot: Spot) {
        self.change(|agenda, _| agenda.ask(source, spot));
    }

    /// A source waits no more.
    pub fn remove(&self, source: &SourceId) {
        self.change(|agenda, _| agenda.remove(source));
    }

    /// A poll has ended: where its source stood, and whether somebody asked for it meanwhile.
    pub fn finished(&self, source: &SourceId) -> Option<(Spot, bool)> {
        self.lock().agenda.finished(source)
    }

    /// Leaves a host alone until then.
    pub fn hold(&self, name: &str, until: Time) {
        let wait = (until - self.clock.now()).to_std().unwrap_or_default();
        let key = Key::Host(name.into());
        self.change(|agenda, now| agenda.hold(&key, now + wait));
    }

    /// For how long the host of a URL is still to be left alone.
    pub fn held(&self, url: &Url) -> Option<Duration> {
        let now = self.clock.moment();
        let waiting = self.lock();
        waiting.agenda.held(&Key::Host(waiting.paces.name(url).as_ref().into()), now)
    }

    /// A host was asked at that time in an earlier run: its pause is kept over the restart.
    pub fn rest(&self, key: &Key, every: Duration, asked: Time) {
        let passed = (self.clock.now() - asked).to_std().unwrap_or_default();
        self.change(|agenda, now| agenda.rest(key, every, rest(every, passed, now)));
    }

    async fn visit(&self, fetch: &FetchConfig, url: Option<&Url>) -> Option<Slot> {
        let (send, slot) = oneshot::channel();
        {
            let waiting = &mut *self.lock();
            if self.is_closed() {
                return None;
            }
            let line = url.and_then(|url| waiting.paces.of_url(fetch, url));
            let (key, every) = line.map_or((None, Duration::ZERO), |(key, every)| (Some(key), every));
            let visitor = waiting.agenda.visit(key, every);
            waiting.visitors.insert(visitor, send);
        }
        self.changed.notify_one();
        slot.await.ok()
    }

    fn change(&self, how: impl FnOnce(&mut Agenda, Duration)) {
        let now = self.clock.moment();
        how(&mut self.lock().agenda, now);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
