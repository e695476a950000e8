//! The one thread that writes. It takes whatever is waiting as one group, decides it, journals it with one sync, applies it as
//! one batch under the exclusive lock, and only then answers.

mod checkpoints;
mod compact;
mod depot;
mod group;
mod job;
mod quiet;
mod revive;
mod train;
mod upkeep;

pub use depot::Depot;
use group::{Answer, Group};
use job::answer;
pub use job::{Job, Queued, Reply};
use upkeep::{Forgetting, Training};

use super::{
    Shared, StoreError, apply,
    apply::Outcome,
    holds, import,
    import::{Import, Imported},
    keys,
    orders::{self, Order},
    overlay::{Overlay, Writes},
    pack::Packer,
    sled::Tree,
};
use crate::model::{Changes, Commit};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

/// Fetches in one batch: enough to share a sync, few enough that readers do not wait for long.
const GROUP: usize = 256;
/// Bytes decided after which a group is closed.
const GROUP_BYTES: usize = 1 << 20;
/// How often the writer looks after what is done beside it.
const TICK: Duration = Duration::from_millis(50);
/// How long a saved state may stay unsynced: with the time for which it may have waited, less than a second.
const IDLE: Duration = Duration::from_millis(700);

/// How often an idle writer sees whether sled has failed under a reader.
const LOOK: Duration = Duration::from_secs(5);

/// Works until it is told to close or nobody is left to ask.
pub fn run(jobs: &Receiver<Queued>, depot: Depot, editions: usize, packer: Packer) {
    let shared = depot.shared_by_all();
    let ended = Ended(&shared);
    let mut writer = Writer::new(depot, editions, packer);
    let mut closing = None;
    while closing.is_none() {
        writer.depot.tend();
        writer.tend_forgetting();
        match writer.wait(jobs) {
            Ok(Queued { job: Job::Look, .. }) => {}
            Ok(first) => closing = writer.group(Some(first), jobs),
            Err(RecvTimeoutError::Timeout) if shared.touches.due() == Some(Duration::ZERO) => {
                closing = writer.group(None, jobs);
            }
            Err(RecvTimeoutError::Timeout) if writer.has_upkeep() => writer.upkeep(),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        writer.sync_if_due();
    }
    drop(ended);
    writer.group(None, jobs);
    let closed = writer.depot.close();
    if let Some(reply) = closing {
        answer(reply, closed);
    } else if let Err(error) = closed {
        tracing::error!(%error, "the store did not close in order");
    }
}

/// However the writer ends, nothing is left to it any more.
struct Ended<'s>(&'s Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.touches.end();
    }
}

struct Writer {
    depot: Depot,
    editions: usize,
    packer: Packer,
    loose_since: Option<Instant>,
    training: Training,
    forgetting: Forgetting,
}

impl Writer {
    fn new(mut depot: Depot, editions: usize, packer: Packer) -> Writer {
        let holds = |tree: &Tree, key: &[u8]| tree.get(key).is_ok_and(|value| value.is_some());
        let tree = depot.tree().ok();
        let left = |key: &[u8]| tree.as_ref().is_some_and(|tree| holds(tree, key));
        let training = Training::of(packer.dictionaries(), left(keys::recode()));
        let forgetting = Forgetting::of(left(keys::forget()));
        Writer { depot, editions, packer, loose_since: None, training, forgetting }
    }

    fn wait(&self, jobs: &Receiver<Queued>) -> Result<Queued, RecvTimeoutError> {
        let at_once = self.has_upkeep().then_some(Duration::ZERO);
        let loose = self.loose_since.map(|since| IDLE.saturating_sub(since.elapsed()));
        let busy = (self.depot.is_busy() || self.is_training()).then_some(TICK);
        let touches = self.depot.shared().touches.due();
        match at_once.into_iter().chain(loose).chain(busy).chain(touches).min() {
            Some(limit) => jobs.recv_timeout(limit),
            None => jobs.recv_timeout(LOOK),
        }
    }

    /// Writes the states on their way, does the first job and all that wait behind it. Gives back where to answer when one of
    /// them was to close.
    fn group(&mut self, first: Option<Queued>, jobs: &Receiver<Queued>) -> Option<Reply<()>> {
        let mut group = Group::default();
        // Before anything is decided: what a job of the same source writes is newer.
        let (touched, taken) = self.depot.shared().touches.take(keys::state);
        group.add(touched);
        group.taken = taken;
        let (mut closing, mut alone) = (None, None);
        let mut permits = Vec::new();
        let mut next = first;
        while let Some(Queued { job, permit }) = next {
            permits.push(permit);
            match job {
                Job::Apply(commit, reply) => self.decide(&mut group, *commit, reply),
                Job::Import(import, reply) => self.import(&mut group, *import, reply),
                Job::Touch(source, state, reply) => {
                    group.add(Writes::from([(keys::state(&source), Some(state))]));
                    group.overtake(&self.depot.shared().touches, source);
                    group.answers.push(Answer::Touched(reply));
                }
                Job::Look => {}
                Job::Hold(changes, reply) => self.hold(&mut group, changes, reply),
                Job::Keep(writes, reply) => {
                    group.add(writes);
                    group.answers.push(Answer::Touched(reply));
                }
                Job::Forget(reply) => self.forgetting.wish(reply),
                Job::Purge(reply) => self.depot.begin_purge(reply),
                job @ (Job::Order(..) | Job::Checkpoint(_) | Job::Backup(_) | Job::Verify(_)) => alone = Some(job),
                Job::Close(reply) => closing = Some(reply),
            }
            let room = permits.len() < GROUP && group.bytes < GROUP_BYTES && closing.is_none() && alone.is_none();
            next = if room { jobs.try_recv().ok() } else { None };
        }
        let answers = std::mem::take(&mut group.answers);
        let written = self.write(group).map_err(|error| error.to_string());
        if let (Err(error), []) = (&written, answers.as_slice()) {
            tracing::debug!(%error, "states of sources are not written yet: tried again in a moment");
        }
        for waiting in answers {
            let written = written.clone().map_err(StoreError::Write);
            match waiting {
                Answer::Applied(reply, changes) => answer(reply, written.map(|()| changes)),
                Answer::Imported(reply, results) => answer(reply, written.map(|()| results)),
                Answer::Touched(reply) => answer(reply, written),
            }
        }
        match alone {
            Some(Job::Order(order, reply)) => answer(reply, self.carry_out(*order)),
            Some(Job::Verify(reply)) => answer(reply, self.depot.verify()),
            Some(Job::Backup(reply)) => answer(reply, self.depot.sources()),
            Some(Job::Checkpoint(reply)) => answer(reply, self.depot.checkpoint()),
            _ => {}
        }
        closing
    }

    /// Decides an order over what is there. A mistake of ours in one must not end the writer.
    fn decide_order(&mut self, order: Order) -> Result<(Outcome, Writes), StoreError> {
        let tree = self.depot.tree()?;
        let packer = &mut self.packer;
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let below = |key: &[u8]| tree.get(key);
            let mut overlay = Overlay::new(&below);
            orders::decide(order, &tree, &mut overlay, packer).map(|outcome| (outcome, overlay.into_writes()))
        }));
        decided.unwrap_or_else(|_| Err(StoreError::Write("nothing was changed: a fault in syndic, see the log".into())))
    }

    /// Decides one commit over what the group has decided before it.
    fn decide(&mut self, group: &mut Group, commit: Commit, reply: Reply<Changes>) {
        let (what, source) = (format!("the fetch of {}", commit.source), commit.source.clone());
        let decided =
            self.over(group, &what, |editions, overlay, packer| apply::decide(commit, editions, overlay, packer));
        match decided {
            Ok(outcome) => {
                group.heads.extend(outcome.heads);
                group.durable |= outcome.durable;
                group.overtake(&self.depot.shared().touches, source);
                group.answers.push(Answer::Applied(reply, outcome.changes));
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    /// The same for what was exported elsewhere.
    fn import(&mut self, group: &mut Group, import: Import, reply: Reply<Vec<Imported>>) {
        let decided = self
            .over(group, "an import", |editions, overlay, packer| import::decide(import, editions, overlay, packer));
        match decided {
            Ok((results, outcome)) => {
                group.heads.extend(outcome.heads);
                group.durable |= outcome.durable;
                group.answers.push(Answer::Imported(reply, results));
            }
            Err(error) => answer(reply, Err(error)),
        }
    }

    /// The same for holds of hosts: none gets shorter because two are written at once.
    fn hold(&mut self, group: &mut Group, changes: Vec<(String, holds::Change)>, reply: Reply<()>) {
        match self.over(group, "a hold", |_, overlay, _| holds::decide(changes, overlay)) {
            Ok(()) => group.answers.push(Answer::Touched(reply)),
            Err(error) => answer(reply, Err(error)),
        }
    }

    /// Lets something be decided over what the group has decided before it. What cannot be decided leaves no trace.
    fn over<T>(
        &mut self,
        group: &mut Group,
        what: &str,
        decide: impl FnOnce(usize, &mut Overlay<'_>, &mut Packer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tree: Tree = self.depot.tree()?;
        let earlier = &*group;
        let below = |key: &[u8]| earlier.get(&tree, key);
        let (editions, packer) = (self.editions, &mut self.packer);
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let mut overlay = Overlay::new(&below);
            decide(editions, &mut overlay, packer).map(|decided| (decided, overlay.into_writes()))
        }));
        // A mistake of ours in one fetch must not take the others with it.
        let fault = |_| Err(StoreError::Write(format!("{what} could not be stored: a fault in syndic")));
        let (decided, writes) = decided.unwrap_or_else(fault)?;
        group.add(writes);
        Ok(decided)
    }

    fn write(&mut self, group: Group) -> Result<(), StoreError> {
        if group.writes.is_empty() {
            group.adopt.into_iter().for_each(|adopt| adopt());
            return Ok(());
        }
        self.depot.write(group)?;
        if self.depot.is_loose() {
            self.loose_since.get_or_insert_with(Instant::now);
        } else {
            self.loose_since = None;
        }
        Ok(())
    }

    fn sync_if_due(&mut self) {
        if self.loose_since.is_some_and(|since| since.elapsed() >= IDLE) {
            self.loose_since = None;
            if let Err(error) = self.depot.sync() {
                tracing::error!(%error, "states saved in the last second could not be synced");
                // Tried again a second from now, not at once.
                self.loose_since = Some(Instant::now());
            }
        }
    }
}
