//! What keeps a store well: checkpoints, making everything old go, and what there is to see of it.

use super::{Gauges, Store, StoreError, checkpoint, files, journal, writer::Job};
use crate::{bounds::Bound, metrics::Durations};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// sled's files are not worth a copy below this size, bytes.
const SMALL: u64 = 128 << 20;

/// How long groups of commits took, and how many failed.
pub(super) struct Commits {
    opening: Duration,
    times: Durations,
    failures: AtomicU64,
}

impl Commits {
    /// None yet; opening took so long.
    pub fn after(opening: Duration) -> Result<Commits, StoreError> {
        let help = "Time of a group of commits: journal, sync, database.";
        let buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 10.0];
        let times = Durations::new("syndic_store_commit_duration_seconds", help, &buckets);
        let times = times.map_err(|error| StoreError::Write(error.to_string()))?;
        Ok(Commits { opening, times, failures: AtomicU64::new(0) })
    }

    /// One more.
    pub fn ended(&self, well: bool, took: Duration) {
        if well {
            self.times.took(took);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Store {
    /// Writes a checkpoint now. They come by themselves as the journal grows; commits wait for this one.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.ask(Job::Checkpoint).await
    }

    /// Returns once no file of the data folder holds a byte of a state before the last commit: as if everything that is here now
    /// had been written into an empty folder. Commits go on meanwhile.
    pub async fn purge(&self) -> Result<(), StoreError> {
        self.ask(Job::Purge).await
    }

    /// Makes sled's files small if they have grown to a multiple of what they hold: for a process that will not live to see a
    /// quiet hour.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        let Gauges { sled, checkpoint, .. } = self.gauges().await?;
        let grown = sled > checkpoint * 4 && sled > SMALL;
        if grown { self.purge().await } else { Ok(()) }
    }

    /// What the data folder is made of: for status and metrics.
    pub async fn gauges(&self) -> Result<Gauges, StoreError> {
        self.read(|reading, shared| {
            let live = shared.live.load(Ordering::Relaxed);
            Ok(Gauges {
                sled: reading.tree.bytes()?,
                journal: files::bytes_in(&[journal::folder(&shared.data)]),
                checkpoint: files::bytes_in(&[checkpoint::folder(&shared.data)]),
                checkpoint_at: files::newest_in(&checkpoint::folder(&shared.data)),
                free: files::free(&shared.data),
                opening_ms: u64::try_from(shared.commits.opening.as_millis()).unwrap_or(u64::MAX),
                live: (live > 0).then_some(live),
                compactions: shared.compactions.load(Ordering::Relaxed),
                syncs: shared.syncs.load(Ordering::Relaxed),
            })
        })
        .await
    }

    /// Why the store cannot be written at present: for status. It recovers by itself.
    pub fn trouble(&self) -> Option<String> {
        super::lock(&self.0.shared.trouble).clone()
    }

    /// How long groups of commits took: for metrics.
    pub fn commit_times(&self) -> &Durations {
        &self.0.shared.commits.times
    }

    /// How many groups of commits could not be written: for metrics.
    pub fn commit_failures(&self) -> u64 {
        self.0.shared.commits.failures.load(Ordering::Relaxed)
    }

    /// The writer's queue.
    pub fn queue(&self) -> Bound {
        self.0.room.read()
    }

    /// Syncs of the journal since opening: for metrics.
    pub fn syncs(&self) -> u64 {
        self.0.shared.syncs.load(Ordering::Relaxed)
    }
}
