//! sled's files made small again while the store runs: a copy filled beside the writer takes their place, and they go.
//! After `kill -9` at any point the marker names one that is whole.

use super::{Depot, Reply};
use crate::store::{
    StoreError,
    checkpoint::{self, Summary},
    copy::{self, Copied, discard},
    files::{sync_folder, why_not_written},
    journal,
    marker::Marker,
    rebuild,
    recover::{REPAIR, STUCK, bring_forward, tree_folder, tree_folders},
    sled::Tree,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Room that a copy needs while it is filled, against what it will hold: what it can be swept clear of lies in it too.
const ROOM_FACTOR: u64 = 2;
/// Room that has to be left beside it.
const ROOM_LEFT: u64 = 64 << 20;
/// How many times what may be spared is spared while much is written.
const SPARED_WHILE_BUSY: u64 = 8;
/// How long closing waits for what goes on beside the writer to notice.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is done about sled's size.
#[derive(Default)]
pub struct Compacting {
    filling: Option<Filling>,
    clearing: Option<JoinHandle<Result<(), StoreError>>>,
}

/// A copy that is being filled.
struct Filling {
    thread: JoinHandle<Result<Copied, StoreError>>,
    number: u64,
    stop: Arc<AtomicBool>,
}

/// Those who wait until everything old is gone.
#[derive(Default)]
pub struct Purges {
    /// For a checkpoint that has not begun.
    wanted: Vec<Reply<()>>,
    /// For what follows the one that has.
    begun: Vec<Reply<()>>,
}

impl Compacting {
    /// True while the journal after the last checkpoint is needed, or files are being removed.
    pub fn is_busy(&self) -> bool {
        self.filling.is_some() || self.clearing.is_some()
    }

    /// A write failed: a copy could hold it all the same.
    pub fn give_up(&self) {
        if let Some(filling) = &self.filling {
            filling.stop.store(true, Ordering::Release);
        }
    }
}

impl Purges {
    /// True while somebody waits.
    pub fn are_waiting(&self) -> bool {
        !self.wanted.is_empty() || !self.begun.is_empty()
    }

    /// True while a checkpoint is wanted.
    pub fn are_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// A checkpoint begins: it will hold nothing old.
    pub fn begin(&mut self) {
        self.begun.append(&mut self.wanted);
    }

    /// Says why it did not come to pass.
    pub fn fail(&mut self, error: &StoreError) {
        for reply in self.begun.drain(..).chain(self.wanted.drain(..)) {
            let _ = reply.send(Err(StoreError::Write(format!("what was stored before is not gone yet: {error}"))));
        }
    }
}

impl Depot {
    /// Everything from before now is to go, beside the work; answered once it has.
    pub fn begin_purge(&mut self, reply: Reply<()>) {
        self.purges.wanted.push(reply);
    }

    /// A checkpoint was written: is what sled takes out of proportion to what it holds?
    pub(super) fn compact_if_due(&mut self, base: Summary) {
        let wanted = !self.purges.begun.is_empty();
        let size = self.size();
        let due = if self.quiet.is_quiet() { is_worth_tidying } else { is_due };
        if (wanted || due(size, base.raw, self.spare))
            && let Err(error) = self.begin_compaction(base, size)
        {
            tracing::warn!(%error, "the store is not made smaller now; the next checkpoint tries again");
            self.purges.fail(&error);
        }
    }

    /// Nothing much is written, and sled takes more than it needs to: there is no better time.
    pub(super) fn is_time_to_tidy(&mut self) -> bool {
        let live = match self.shared.live.load(Ordering::Relaxed) {
            // Not counted since opening: a checkpoint is about three quarters of what it holds.
            0 => self.last_checkpoint / 3 * 4,
            live => live,
        };
        self.quiet.look() && live > 0 && !self.compacting.is_busy() && is_worth_tidying(self.size(), live, self.spare)
    }

    fn size(&self) -> u64 {
        self.tree.as_ref().and_then(|tree| tree.bytes().ok()).unwrap_or(0)
    }

    fn begin_compaction(&mut self, base: Summary, size: u64) -> Result<(), StoreError> {
        let failed = |error: io::Error| why_not_written("the copy of the store", &error);
        // A copy that fills the disk would take the store with it.
        let room = rustix::fs::statvfs(&self.data).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        if room.map_err(|error| failed(error.into()))? < base.raw * ROOM_FACTOR + ROOM_LEFT {
            return Err(failed(io::ErrorKind::StorageFull.into()));
        }
        let number = 1 + tree_folders(&self.data).last().map_or(0, |(number, _)| *number);
        tracing::info!(bytes = size, live = base.raw, "the store is being copied to make it smaller");
        let stop = Arc::new(AtomicBool::new(false));
        let (data, cache, shared, stopped) = (self.data.clone(), self.cache, self.shared.clone(), stop.clone());
        let thread = thread::Builder::new().name("store-copy".into()).spawn(move || {
            let reached = || shared.applied.load(Ordering::Acquire);
            let go_on = || !stopped.load(Ordering::Acquire);
            copy::make(&data, &tree_folder(&data, number), cache, &base, &reached, &go_on)
        });
        self.compacting.filling = Some(Filling { thread: thread.map_err(failed)?, number, stop });
        Ok(())
    }

    /// Takes the copy once it is filled; answers once the old files are gone.
    pub(super) fn tend_compaction(&mut self) {
        if self.compacting.filling.as_ref().is_some_and(|filling| filling.thread.is_finished())
            && let Some(filling) = self.compacting.filling.take()
            && let Err(error) = self.take_copy(filling)
        {
            tracing::warn!(%error, "no copy took the store's place; the next checkpoint tries again");
            self.purges.fail(&error);
        }
        if self.compacting.clearing.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(clearing) = self.compacting.clearing.take()
        {
            match clearing.join().unwrap_or_else(|_| Err(thread_failed())) {
                Ok(()) => self.purges.begun.drain(..).for_each(|reply| drop(reply.send(Ok(())))),
                Err(error) => self.purges.fail(&error),
            }
        }
    }

    /// Waits for what is under way.
    pub(super) fn finish_compaction(&mut self) {
        while self.compacting.is_busy() {
            thread::sleep(Duration::from_millis(1));
            self.tend_compaction();
        }
    }

    /// Ends what is under way: the store closes.
    pub(super) fn end_compactions(&mut self) {
        self.purges.fail(&StoreError::Write("the store is closing".into()));
        self.compacting.give_up();
        let since = Instant::now();
        while self.compacting.is_busy() && since.elapsed() < PATIENCE {
            if let Some(filling) = self.compacting.filling.take_if(|filling| filling.thread.is_finished()) {
                put_away(filling, &self.data);
            }
            self.compacting.clearing.take_if(|clearing| clearing.is_finished());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// The copy is brought up to the last write, named in the marker, and put before the readers.
    fn take_copy(&mut self, filling: Filling) -> Result<(), StoreError> {
        let (number, folder) = (filling.number, tree_folder(&self.data, filling.number));
        if filling.stop.load(Ordering::Acquire) || self.failed.is_some() {
            put_away(filling, &self.data);
            return Err(StoreError::Write("a write failed meanwhile".into()));
        }
        let Copied { tree, applied } = filling.thread.join().unwrap_or_else(|_| Err(thread_failed()))?;
        let taken = self.complete(&tree, applied).and_then(|()| {
            let marker = Marker { tree: number, closed: None, ..self.marker };
            marker.write(&self.data).map_err(|error| why_not_written("the store", &error))?;
            Ok(marker)
        });
        let marker = match taken {
            Ok(marker) => marker,
            Err(error) => {
                // The marker may have been renamed and not synced: then the next start finds a copy that is whole, or none.
                tree.let_go();
                discard(&folder);
                return Err(error);
            }
        };
        let before = std::mem::replace(&mut self.marker, marker).tree;
        let mut view = self.shared.view.write().unwrap_or_else(PoisonError::into_inner);
        self.tree = Some(tree.clone());
        let old = view.replace(tree);
        drop(view);
        self.shared.compactions.fetch_add(1, Ordering::Relaxed);
        tracing::info!(folder = %folder.display(), "a copy took the store's place");
        self.clear_away(old, before)
    }

    /// What was written since the copy was handed over. It must hold then exactly what the store holds.
    fn complete(&self, tree: &Tree, applied: crate::store::tally::Applied) -> Result<(), StoreError> {
        let history = journal::read_after(&journal::folder(&self.data), applied.sequence, self.applied.sequence)?;
        let (applied, _) = bring_forward(tree, applied, &history)?;
        if applied != self.applied {
            return Err(StoreError::Damaged("the copy of the store came out differently".into()));
        }
        tree.flush()
    }

    /// Ends the old sled and removes its files, beside the writer; for a purge also whatever damage left behind.
    fn clear_away(&mut self, old: Option<Tree>, before: u64) -> Result<(), StoreError> {
        let (data, purge, in_use) = (self.data.clone(), !self.purges.begun.is_empty(), self.marker.tree);
        let thread = thread::Builder::new().name("store-clear".into()).spawn(move || {
            old.map(Tree::let_go);
            discard(&tree_folder(&data, before));
            if !purge {
                return Ok(());
            }
            checkpoint::tidy(&data);
            copy::tidy(&data, in_use);
            rebuild::put_aside(&data).into_iter().for_each(|(_, path)| discard(&path));
            match left_over(&data, in_use) {
                Some(path) => Err(StoreError::Write(format!("{} could not be removed", path.display()))),
                None => sync_folder(&data).map_err(|error| why_not_written("the store", &error)),
            }
        });
        self.compacting.clearing = Some(thread.map_err(|error| why_not_written("the store", &error))?);
        Ok(())
    }
}

/// A copy that nobody wants any more.
fn put_away(filling: Filling, data: &Path) {
    if let Ok(Ok(copied)) = filling.thread.join() {
        copied.tree.let_go();
    }
    discard(&tree_folder(data, filling.number));
}

/// A folder that holds older states.
fn left_over(data: &Path, in_use: u64) -> Option<PathBuf> {
    let trees = tree_folders(data).into_iter().filter(|(number, _)| *number != in_use);
    let aside = rebuild::put_aside(data).into_iter();
    let stuck = [STUCK, REPAIR].map(|name| (0, data.join(name)));
    let stuck = stuck.into_iter().filter(|(_, path)| fs::exists(path).unwrap_or(true));
    trees.chain(aside).chain(stuck).map(|(_, path)| path).next()
}

/// True when sled takes so much more than it holds that it is copied although much is being written: what is copied now is soon
/// copied again, so that it may take a good deal more than when it is quiet.
fn is_due(size: u64, live: u64, spare: u64) -> bool {
    size > (live * 2).saturating_add(spare.saturating_mul(SPARED_WHILE_BUSY))
}

/// The same, when it disturbs nobody. A copy takes about 1.3 times what it holds.
fn is_worth_tidying(size: u64, live: u64, spare: u64) -> bool {
    size > live + live / 2 + spare / 4
}

fn thread_failed() -> StoreError {
    StoreError::Write("a thread of the store failed: see the log".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_due_beyond_twice_what_is_live_and_what_may_be_spared() {
        assert!(!is_due(712, 100, 64) && is_due(713, 100, 64));
        assert!(!is_due(60 << 20, 0, 64 << 20));
        assert!(!is_worth_tidying(166, 100, 64) && is_worth_tidying(167, 100, 64));
    }
}
