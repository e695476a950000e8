//! Where the writer's groups go: the journal first, then sled under the exclusive lock. Keeps both in step, writes checkpoints
//! beside the work.

use super::{
    checkpoints::Running,
    compact::{Compacting, Purges},
    group::Group,
    quiet::Quiet,
};
use crate::store::{
    Shared, StoreError, StoreOptions, checkpoint,
    files::why_not_written,
    keys,
    marker::{Marker, fingerprint},
    recover::{Recovered, tree_folder},
    sled::{self, Tree},
};
use crate::store::{journal::Journal, tally::Applied};
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Instant,
};

/// Journal and tree.
pub struct Depot {
    pub(super) shared: Arc<Shared>,
    pub(super) data: PathBuf,
    pub(super) cache: u64,
    /// See [`StoreOptions::spare`].
    pub(super) spare: u64,
    /// `None` while sled cannot be opened.
    pub(super) tree: Option<Tree>,
    pub(super) applied: Applied,
    pub(super) journal: Journal,
    pub(super) marker: Marker,
    /// sled failed in the middle of a batch: it is opened anew before anything else is written.
    pub(super) failed: Option<Failure>,
    pub(super) running: Option<Running>,
    pub(super) compacting: Compacting,
    pub(super) purges: Purges,
    pub(super) quiet: Quiet,
    pub(super) last_checkpoint: u64,
    pub(super) due: bool,
}

pub(super) struct Failure {
    /// Journal records beyond this are void.
    pub(super) limit: u64,
    pub(super) tried: Option<Instant>,
    pub(super) why: String,
}

impl Depot {
    /// Over what was recovered.
    pub fn new(shared: Arc<Shared>, data: PathBuf, options: &StoreOptions, recovered: Recovered) -> Depot {
        let last_checkpoint = checkpoint::at_hand(&data).map_or(0, |(_, bytes)| bytes);
        Depot {
            shared,
            data,
            cache: options.cache,
            spare: options.spare,
            tree: Some(recovered.tree),
            applied: recovered.applied,
            journal: recovered.journal,
            marker: recovered.marker,
            failed: None,
            running: None,
            compacting: Compacting::default(),
            purges: Purges::default(),
            quiet: Quiet::new(),
            last_checkpoint,
            due: recovered.checkpoint_due,
        }
    }

    /// The tree to decide over; an error while it cannot be written.
    pub fn tree(&mut self) -> Result<Tree, StoreError> {
        self.notice();
        if self.failed.is_some() {
            let revived = self.revive();
            self.tell(&revived);
            revived?;
        }
        self.tree.clone().ok_or_else(super::super::closed)
    }

    /// For status, and for those who save a state: why nothing can be written, until something can.
    fn tell(&self, outcome: &Result<(), StoreError>) {
        self.shared.touches.fail(outcome.is_err());
        let trouble = outcome.as_ref().err().map(ToString::to_string);
        *self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// What the readers see too.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The same, for longer than the depot is there.
    pub(super) fn shared_by_all(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Entries filed under a feed.
    pub fn filed(&self, feed: &str) -> u64 {
        let heads = self.shared.heads.read().unwrap_or_else(PoisonError::into_inner);
        heads.get(feed).map_or(0, |head| head.filed)
    }

    /// Journal, sled, and what readers see, in this order. After an error none of it has happened.
    pub(super) fn write(&mut self, group: Group) -> Result<(), StoreError> {
        let began = Instant::now();
        let written = self.try_write(group);
        self.shared.commits.ended(written.is_ok(), began.elapsed());
        self.tell(&written);
        written
    }

    fn try_write(
        &mut self,
        Group { mut writes, heads, durable, taken, adopt, absent, .. }: Group,
    ) -> Result<(), StoreError> {
        let tree = self.tree()?;
        let tally = self.applied.tally.after(&tree, &writes, &absent.into_inner())?;
        let next = Applied { sequence: self.applied.sequence + 1, tally };
        self.in_use()?;
        self.quiet
            .note(writes.iter().map(|(key, value)| (key.len() + value.as_ref().map_or(0, Vec::len)) as u64).sum());
        if let Err(error) = self.journal.append(next, &writes, durable) {
            self.compacting.give_up();
            return Err(error);
        }
        writes.insert(keys::applied().to_vec(), Some(next.encode()));
        let view = self.shared.view.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = tree.apply(writes) {
            drop(view);
            self.compacting.give_up();
            self.journal.take_back(next.sequence);
            self.notice();
            return Err(error);
        }
        self.applied = next;
        let newest = heads.values().map(|head| head.version).max();
        let held = heads.into_iter().filter(|(feed, _)| !keys::is_of_a_tag(feed));
        self.shared.heads.write().unwrap_or_else(PoisonError::into_inner).extend(held);
        self.shared.applied.store(next.sequence, Ordering::Release);
        self.shared.touches.written(&taken);
        adopt.into_iter().for_each(|adopt| adopt());
        drop(view);
        if let Some(sequence) = newest {
            self.shared.committed.send_replace(sequence);
        }
        self.shared.syncs.store(self.journal.syncs(), Ordering::Relaxed);
        Ok(())
    }

    /// sled has failed, here or under a reader: it is not used for writing any more.
    fn notice(&mut self) {
        if self.failed.is_none() && self.tree.as_ref().is_some_and(Tree::is_broken) {
            let why = sled::failed().to_string();
            self.compacting.give_up();
            self.failed = Some(Failure { limit: self.applied.sequence, tried: None, why });
        }
    }

    /// True while something acknowledged may not be on the disk yet.
    pub fn is_loose(&self) -> bool {
        self.journal.is_loose()
    }

    /// True while something is done beside the writer that it has to look after, or sled has failed.
    pub fn is_busy(&self) -> bool {
        self.failed.is_some() || self.running.is_some() || self.compacting.is_busy() || self.purges.are_waiting()
    }

    /// Syncs what was acknowledged without it.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.journal.sync()
    }

    /// Writes everything out and lets go of the files.
    pub fn close(mut self) -> Result<(), StoreError> {
        if let Some(running) = self.running.take() {
            running.stop.store(true, Ordering::Release);
            let _ = running.thread.join();
            checkpoint::tidy(&self.data);
        }
        self.end_compactions();
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
            && let Ok(hash) = fingerprint(&tree_folder(&self.data, self.marker.tree))
        {
            let marker = Marker { closed: Some(hash), sequence: self.applied.sequence, ..self.marker };
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
}
