//! Checkpoints written beside the work: when one is due, how it begins, and what it lets go.

use super::{Depot, revive::probe};
use crate::store::{
    StoreError,
    backup::Sources,
    checkpoint::{self, Effort, Summary},
    files::why_not_written,
    marker::Marker,
    verify::{Report, verify},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// Bytes of journal after which a checkpoint is written, if a quarter of the last checkpoint is not more.
const CHECKPOINT_AFTER: u64 = 32 << 20;
/// Files after which one is written in any case: each short run of a command leaves one.
const CHECKPOINT_FILES: usize = 64;

/// A checkpoint that is being written.
pub(super) struct Running {
    pub(super) thread: JoinHandle<Result<Summary, StoreError>>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Depot {
    /// Starts and ends checkpoints and copies as they become due.
    pub fn tend(&mut self) {
        // A sled that failed is not left to the next commit: while the store cannot be read, nobody comes as far as that.
        if let Err(error) = self.tree() {
            tracing::debug!(%error, "the store cannot be written yet");
        }
        self.tend_compaction();
        if self.running.as_ref().is_some_and(|running| running.thread.is_finished())
            && let Err(error) = self.end_checkpoint()
        {
            tracing::error!(%error, "no checkpoint was written; the journal stays, and the next one is tried later");
            self.purges.fail(&error);
        }
        let due = self.due
            || self.purges.are_wanted()
            || self.is_time_to_tidy()
            || is_due(self.journal.bytes(), self.journal.count(), self.last_checkpoint);
        if due
            && self.running.is_none()
            // It still needs the journal that a checkpoint would let go.
            && !self.compacting.is_busy()
            && self.failed.is_none()
            && let Err(error) = self.begin_checkpoint()
        {
            tracing::error!(%error, "no checkpoint could be begun");
            self.purges.fail(&error);
        }
    }

    /// What a backup is made from, as of now.
    pub fn sources(&mut self) -> Result<Sources, StoreError> {
        self.journal.sync()?;
        let failed = |error| why_not_written("the backup", &error);
        let mut parts = self.journal.opened().map_err(failed)?;
        parts.extend(checkpoint::opened(&self.data).map_err(failed)?);
        Ok(Sources { sequence: self.applied.sequence, parts })
    }

    /// Reads everything as it is now.
    pub fn verify(&mut self) -> Result<Report, StoreError> {
        let tree = self.tree()?;
        self.journal.sync()?;
        verify(&self.data, &tree, self.applied)
    }

    /// A checkpoint now, waited for.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.finish_compaction();
        if self.running.is_none() {
            self.begin_checkpoint()?;
        }
        self.end_checkpoint()
    }

    fn begin_checkpoint(&mut self) -> Result<(), StoreError> {
        let tree = self.tree()?;
        self.journal.turn()?;
        // sled must not be flushed where it may find no room.
        probe(&self.data).map_err(|error| why_not_written("the checkpoint", &error))?;
        // What comes before the checkpoint is in sled's files then: after kill -9, sled is not behind the journal.
        tree.flush()?;
        let unhurried = self.quiet.is_quiet() || self.purges.are_wanted();
        let effort = if unhurried { Effort::Thorough } else { Effort::Quick };
        let stop = Arc::new(AtomicBool::new(false));
        let (data, start, shared, stopped) =
            (self.data.clone(), self.applied.sequence, self.shared.clone(), stop.clone());
        let thread = std::thread::Builder::new().name("store-checkpoint".into()).spawn(move || {
            let end = || shared.applied.load(Ordering::Acquire);
            checkpoint::write(&data, &tree, effort, start, end, || !stopped.load(Ordering::Acquire))
        });
        let thread = thread.map_err(|error| why_not_written("the checkpoint", &error))?;
        self.due = false;
        self.purges.begin();
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
        let marker = Marker { sequence: published.end, ..self.marker };
        marker.write(&self.data).map_err(|error| why_not_written("the store", &error))?;
        self.marker = marker;
        if !self.journal.forget(published.start) {
            self.purges.fail(&StoreError::Write("an old journal file could not be removed".into()));
        }
        self.shared.live.store(published.raw, Ordering::Relaxed);
        tracing::info!(
            pairs = published.pairs,
            bytes = published.bytes,
            sequence = published.start,
            "checkpoint written"
        );
        self.compact_if_due(published);
        Ok(())
    }
}

/// True when the journal has grown enough to be worth a checkpoint.
fn is_due(journal: u64, files: usize, last_checkpoint: u64) -> bool {
    journal > CHECKPOINT_AFTER.max(last_checkpoint / 4) || files > CHECKPOINT_FILES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_by_bytes_by_a_quarter_of_the_last_one_and_by_files() {
        assert!(!is_due(32 << 20, 64, 0));
        assert!(is_due((32 << 20) + 1, 1, 0));
        assert!(!is_due(70 << 20, 1, 300 << 20));
        assert!(is_due(76 << 20, 1, 300 << 20));
        assert!(is_due(0, 65, 300 << 20));
    }
}
