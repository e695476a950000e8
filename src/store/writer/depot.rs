//! Where the writer's groups go: the journal first, then sled under the exclusive lock. Keeps both in step, writes checkpoints
//! beside the work.

use super::revive::probe;
use crate::store::{
    Shared, StoreError, checkpoint,
    checkpoint::Summary,
    codec::Head,
    files::why_not_written,
    keys,
    marker::{Marker, fingerprint},
    overlay::Writes,
    recover::{Recovered, tree_folder},
    sled::{self, Tree},
};
use crate::store::{journal::Journal, tally::Applied};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

/// Bytes of journal after which a checkpoint is written, if half the last checkpoint is not more.
const CHECKPOINT_AFTER: u64 = 64 << 20;
/// Files after which one is written in any case: each short run of a command leaves one.
const CHECKPOINT_FILES: usize = 64;
/// Journal and tree.
pub struct Depot {
    pub(super) shared: Arc<Shared>,
    pub(super) data: PathBuf,
    pub(super) cache: u64,
    /// `None` while sled cannot be opened.
    pub(super) tree: Option<Tree>,
    pub(super) applied: Applied,
    pub(super) journal: Journal,
    pub(super) marker: Marker,
    /// sled failed in the middle of a batch: it is opened anew before anything else is written.
    pub(super) failed: Option<Failure>,
    pub(super) running: Option<Running>,
    last_checkpoint: u64,
    pub(super) due: bool,
}

pub(super) struct Failure {
    /// Journal records beyond this are void.
    pub(super) limit: u64,
    pub(super) tried: Option<Instant>,
    pub(super) why: String,
}

/// A checkpoint that is being written.
pub(super) struct Running {
    pub(super) thread: JoinHandle<Result<Summary, StoreError>>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Depot {
    /// Over what was recovered.
    pub fn new(shared: Arc<Shared>, data: PathBuf, cache: u64, recovered: Recovered) -> Depot {
        let last_checkpoint = checkpoint::at_hand(&data).map_or(0, |(_, bytes)| bytes);
        Depot {
            shared,
            data,
            cache,
            tree: Some(recovered.tree),
            applied: recovered.applied,
            journal: recovered.journal,
            marker: recovered.marker,
            failed: None,
            running: None,
            last_checkpoint,
            due: recovered.checkpoint_due,
        }
    }

    /// The tree to decide over; an error while it cannot be written.
    pub fn tree(&mut self) -> Result<Tree, StoreError> {
        self.notice();
        if self.failed.is_some() {
            self.revive()?;
        }
        self.tree.clone().ok_or_else(super::super::closed)
    }

    /// What the readers see too.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Entries filed under a feed.
    pub fn filed(&self, feed: &str) -> u64 {
        let heads = self.shared.heads.read().unwrap_or_else(PoisonError::into_inner);
        heads.get(feed).map_or(0, |head| head.filed)
    }

    /// Nothing that the store does not hold any more stays in any file.
    pub fn purge(&mut self) -> Result<(), StoreError> {
        self.checkpoint()
    }

    /// Journal, sled, and what readers see, in this order. After an error none of it has happened.
    pub fn write(
        &mut self,
        mut writes: Writes,
        heads: BTreeMap<String, Head>,
        durable: bool,
    ) -> Result<(), StoreError> {
        let tree = self.tree()?;
        let tally = self.applied.tally.after(&tree, &writes)?;
        let next = Applied { sequence: self.applied.sequence + 1, tally };
        self.in_use()?;
        self.journal.append(next, &writes, durable)?;
        writes.insert(keys::applied().to_vec(), Some(next.encode()));
        let view = self.shared.view.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = tree.apply(writes) {
            drop(view);
            self.journal.take_back(next.sequence);
            self.notice();
            return Err(error);
        }
        self.applied = next;
        self.shared.heads.write().unwrap_or_else(PoisonError::into_inner).extend(heads);
        self.shared.applied.store(next.sequence, Ordering::Release);
        drop(view);
        self.shared.syncs.store(self.journal.syncs(), Ordering::Relaxed);
        Ok(())
    }

    /// sled has failed, here or under a reader: it is not used for writing any more.
    fn notice(&mut self) {
        if self.failed.is_none() && self.tree.as_ref().is_some_and(Tree::is_broken) {
            let why = sled::failed().to_string();
            self.failed = Some(Failure { limit: self.applied.sequence, tried: None, why });
        }
    }

    /// True while something acknowledged may not be on the disk yet, a checkpoint is being written, or sled has failed.
    pub fn has_work(&self) -> bool {
        self.journal.is_loose() || self.running.is_some() || self.failed.is_some()
    }

    /// Syncs what was acknowledged without it.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.journal.sync()
    }

    /// Opens a sled that failed anew, starts and ends checkpoints as they become due.
    pub fn tend(&mut self) {
        // Not left to the next commit: while the store cannot be read, nobody comes as far as that.
        if let Err(error) = self.tree() {
            tracing::debug!(%error, "the store cannot be written yet");
        }
        if self.running.as_ref().is_some_and(|running| running.thread.is_finished())
            && let Err(error) = self.end_checkpoint()
        {
            tracing::error!(%error, "no checkpoint was written; the journal stays, and the next one is tried later");
        }
        let due = self.due || is_due(self.journal.bytes(), self.journal.count(), self.last_checkpoint);
        if due
            && self.running.is_none()
            && self.failed.is_none()
            && let Err(error) = self.begin_checkpoint()
        {
            tracing::error!(%error, "no checkpoint could be begun");
        }
    }

    /// A checkpoint now, waited for.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        if self.running.is_none() {
            self.begin_checkpoint()?;
        }
        self.end_checkpoint()
    }

    /// Writes everything out and lets go of the files.
    pub fn close(mut self) -> Result<(), StoreError> {
        if let Some(running) = self.running.take() {
            running.stop.store(true, Ordering::Release);
            let _ = running.thread.join();
            checkpoint::tidy(&self.data);
        }
        let synced = self.journal.sync();
        self.notice();
        // A sled that failed has nothing to add: what counts is in the journal.
        let healthy = self.tree.as_ref().filter(|_| self.failed.is_none());
        let flushed = healthy.map_or(Ok(()), Tree::flush);
        let orderly = self.failed.is_none() && !self.shared.damaged.load(Ordering::Acquire) && flushed.is_ok();
        // Our handle goes before the shared one and the folder's lock: whoever opens next finds the files free.
        drop(self.tree.take());
        let last = self.shared.view.write().unwrap_or_else(PoisonError::into_inner).take();
        let ended = last.is_none_or(Tree::let_go);
        if orderly
            && ended
            && let Ok(hash) = fingerprint(&tree_folder(&self.data))
        {
            let marker = Marker { closed: Some(hash), ..Marker::at(self.applied.sequence) };
            if marker != self.marker
                && let Err(error) = marker.write(&self.data)
            {
                tracing::warn!(%error, "the next start will read the whole store to be sure of it");
            }
        }
        self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
        synced.and(flushed)
    }

    /// The marker must not call sled's files complete once the journal goes beyond them.
    fn in_use(&mut self) -> Result<(), StoreError> {
        if self.marker.closed.is_some() {
            let marker = Marker { closed: None, ..self.marker };
            marker.write(&self.data).map_err(|error| why_not_written("the store", &error))?;
            self.marker = marker;
        }
        Ok(())
    }

    fn begin_checkpoint(&mut self) -> Result<(), StoreError> {
        let tree = self.tree()?;
        self.journal.turn()?;
        // sled must not be flushed where it may find no room.
        probe(&self.data).map_err(|error| why_not_written("the checkpoint", &error))?;
        // What comes before the checkpoint is in sled's files then: after kill -9, sled is not behind the journal.
        tree.flush()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (data, start, shared, stopped) =
            (self.data.clone(), self.applied.sequence, self.shared.clone(), stop.clone());
        let thread = std::thread::Builder::new().name("store-checkpoint".into()).spawn(move || {
            let end = || shared.applied.load(Ordering::Acquire);
            checkpoint::write(&data, &tree, start, end, || !stopped.load(Ordering::Acquire))
        });
        let thread = thread.map_err(|error| why_not_written("the checkpoint", &error))?;
        self.due = false;
        self.running = Some(Running { thread, stop });
        Ok(())
    }

    /// The checkpoint counts from here on, and the journal before it goes.
    fn end_checkpoint(&mut self) -> Result<(), StoreError> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let ended = running.thread.join();
        let written = ended.map_err(|_| StoreError::Write("the checkpoint's thread failed: see the log".into()))?;
        let published = written.and_then(|written| {
            self.journal.sync()?;
            checkpoint::publish(written)
        });
        if published.is_err() {
            checkpoint::tidy(&self.data);
            // Not at once again: when as much again has been written.
            self.last_checkpoint = self.last_checkpoint.max(self.journal.bytes() * 4);
        }
        let published = published?;
        self.last_checkpoint = published.bytes;
        let marker = Marker { closed: self.marker.closed, ..Marker::at(published.end) };
        marker.write(&self.data).map_err(|error| why_not_written("the store", &error))?;
        self.marker = marker;
        self.journal.forget(published.start);
        tracing::info!(
            pairs = published.pairs,
            bytes = published.bytes,
            sequence = published.start,
            "checkpoint written"
        );
        Ok(())
    }
}

/// True when the journal has grown enough to be worth a checkpoint.
fn is_due(journal: u64, files: usize, last_checkpoint: u64) -> bool {
    journal > CHECKPOINT_AFTER.max(last_checkpoint / 2) || files > CHECKPOINT_FILES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_by_bytes_by_half_the_last_one_and_by_files() {
        assert!(!is_due(64 << 20, 64, 0));
        assert!(is_due((64 << 20) + 1, 1, 0));
        assert!(!is_due(100 << 20, 1, 300 << 20));
        assert!(is_due(151 << 20, 1, 300 << 20));
        assert!(is_due(0, 65, 300 << 20));
    }
}
