//! What is kept, and what is promised about it. Speaks in whole fetches, entries and versions; no sled type leaves.
//! What `apply` acknowledged survives kill -9 and power loss; a listing never shows half a commit.

mod accounts;
mod answers;
mod apply;
mod backup;
mod checkpoint;
mod codec;
mod content;
mod copy;
mod deeds;
mod editions;
mod files;
mod followers;
mod holds;
mod ids;
mod import;
mod journal;
mod keys;
mod lately;
mod ledger;
mod listing;
mod marker;
mod meta;
mod news;
mod open;
mod orders;
mod overlay;
mod pack;
mod place;
mod printed;
mod read;
mod rebuild;
mod recent;
mod recover;
mod resolve;
mod sled;
mod states;
mod subscriptions;
mod tally;
#[cfg(test)]
mod tests;
mod told;
mod touches;
mod types;
mod upgrade;
mod upkeep;
mod verify;
mod whereabouts;
mod writer;

use crate::{
    bounds::{Permit, Permits},
    model::{Changes, Commit, FeedId, SourceId, SourceState, Time},
};
use codec::Head;
use orders::Order;
use pack::{Dictionaries, Packer, Unpacker};
use read::Reading;
use recent::Recent;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Instant,
};
use tokio::sync::{oneshot, watch};
use touches::{Left, Touches};
use writer::{Job, Queued, Reply};

/// Commits that may wait for the writer; who comes later waits for room.
const QUEUE: usize = 256;

/// The store. Cheap to clone; one writer thread owns all writes.
#[derive(Clone)]
pub struct Store(Arc<Handle>);

/// What the clones of a store share. The last one to go waits until everything is written.
struct Handle {
    shared: Arc<Shared>,
    room: Permits,
    /// The store was empty when it was opened.
    first_run: bool,
    writer: Mutex<Option<(mpsc::Sender<Queued>, JoinHandle<()>)>>,
}

/// What readers and the writer share.
struct Shared {
    /// Held shared for the length of a listing, exclusively while a batch is applied: no listing shows half a commit.
    /// `None` once closed.
    view: RwLock<Option<sled::Tree>>,
    /// Versions and counters by feed key, those of tags left out; changed only while `view` is held exclusively.
    heads: RwLock<HashMap<String, Head>>,
    /// Changed only while `view` is held exclusively.
    dictionaries: RwLock<Arc<Dictionaries>>,
    /// Made once, lent to one reader after the other.
    unpackers: Mutex<Vec<Unpacker>>,
    recent: Recent,
    /// States that are not in the tree yet.
    touches: Touches,
    /// Sequence of the last journal record in the tree.
    applied: AtomicU64,
    /// Sequence of the last commit that changed an entry: for those who wait for one.
    committed: watch::Sender<u64>,
    /// Syncs of the journal.
    syncs: AtomicU64,
    /// Bytes of all keys and values when the last checkpoint was written; 0 before the first since opening.
    live: AtomicU64,
    /// How long opening and groups of commits took, and how many failed.
    commits: upkeep::Commits,
    /// How often a copy took sled's place.
    compactions: AtomicU64,
    /// Why the last write failed; `None` once one has succeeded again.
    trouble: Mutex<Option<String>>,
    /// Something was read that cannot be: the next opening looks at everything.
    damaged: AtomicBool,
    data: PathBuf,
    opened: Opened,
    /// Goes after the tree.
    lock: Mutex<Option<open::Lock>>,
}

pub use backup::Backup;
pub use content::changes;
pub use editions::GoneNames;
pub use ids::unstored as unstored_ids;
pub use import::{Import, Imported};
pub use keys::feed_key;
pub use news::News;
pub use orders::{Adopt, Filling, Rehearsed, Settlement, SourcePolicy};
pub use read::names_of;
pub use told::{Told, ToldPage};
pub use types::{Archive, Counts, Departed, Gauges, Listing, Opened, Sight, StoreError, StoreOptions};
pub use verify::{Amount, Faults, Report};
pub use whereabouts::{Filed, Whereabouts};

impl Store {
    /// Whether a folder holds a store.
    pub fn exists(folder: &Path) -> bool {
        marker::exists(folder)
    }

    /// Opens or makes the store in a folder.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        let began = Instant::now();
        let lock = open::lock(folder)?;
        let recovered = recover::recover(folder, options.cache, u64::MAX)?;
        let first_run = read::sequence(&recovered.tree)? == 0;
        copy::tidy(folder, recovered.marker.tree);
        let dictionaries = Dictionaries::load(&recovered.tree)?;
        let shared = Arc::new(Shared {
            view: RwLock::new(Some(recovered.tree.clone())),
            heads: RwLock::new(read::heads(&recovered.tree)?),
            dictionaries: RwLock::new(dictionaries.clone()),
            unpackers: Mutex::default(),
            recent: Recent::new(options.entries),
            touches: Touches::default(),
            applied: AtomicU64::new(recovered.applied.sequence),
            committed: watch::Sender::new(read::sequence(&recovered.tree)?),
            syncs: AtomicU64::new(0),
            live: AtomicU64::new(0),
            compactions: AtomicU64::new(0),
            commits: upkeep::Commits::after(began.elapsed())?,
            trouble: Mutex::default(),
            damaged: AtomicBool::new(false),
            data: folder.to_owned(),
            opened: recovered.opened.clone(),
            lock: Mutex::new(Some(lock)),
        });
        let packer = Packer::new(dictionaries)?;
        let depot = writer::Depot::new(shared.clone(), folder.to_owned(), &options, recovered);
        let (sender, jobs) = mpsc::channel();
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || writer::run(&jobs, depot, options.editions, packer));
        let thread = thread.map_err(|error| StoreError::Write(format!("no thread for the store: {error}")))?;
        let room = Permits::new("writes that wait for the store", QUEUE);
        Ok(Store(Arc::new(Handle { shared, room, first_run, writer: Mutex::new(Some((sender, thread))) })))
    }

    /// What opening found and did: for status.
    pub fn opened(&self) -> &Opened {
        &self.0.shared.opened
    }

    /// Commits a whole fetch: entries, indexes, joins and the source's state at once. Durable when it returns.
    pub async fn apply(&self, commit: Commit) -> Result<Changes, StoreError> {
        self.ask(|reply| Job::Apply(Box::new(commit), reply)).await
    }

    /// Saves a source's state alone (304, failures): seen by whoever asks from now on, written within a second. What a power cut or
    /// kill -9 takes of it costs a conditional request. Waits for the writer only where too many are on their way to it, or where
    /// it fails: then whoever saves hears why. Of one source, touches and commits follow each other.
    pub async fn touch(&self, source: &SourceId, state: SourceState) -> Result<(), StoreError> {
        let state = states::touched(state)?;
        match self.0.shared.touches.leave(source, &state) {
            Left::Waiting => Ok(()),
            Left::First => self.send(Job::Look, None),
            Left::NoRoom => self.ask(|reply| Job::Touch(source.clone(), state, reply)).await,
        }
    }

    /// Tells of each commit that changes an entry, once readers can see it: its sequence.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.shared.committed.subscribe()
    }

    /// True from the first opening of a store to its closing: the sources of that run are not "new" to anyone.
    pub fn is_first_run(&self) -> bool {
        self.0.first_run
    }

    /// Writes everything out and closes; later calls fail.
    pub async fn close(&self, now: Time) -> Result<(), StoreError> {
        let _ = now; // nothing that is written at closing has a date
        self.ask(Job::Close).await
    }

    async fn order(&self, order: Order) -> Result<Changes, StoreError> {
        self.ask(|reply| Job::Order(Box::new(order), reply)).await
    }

    /// Queues a job for the writer and waits for its answer.
    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let permit = self.0.room.acquire().await.ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        self.send(job(reply), Some(permit))?;
        answer.await.map_err(|_| closed())?
    }

    fn send(&self, job: Job, permit: Option<Permit>) -> Result<(), StoreError> {
        let sender = lock(&self.0.writer).as_ref().map(|(sender, _)| sender.clone()).ok_or_else(closed)?;
        sender.send(Queued { job, permit }).map_err(|_| closed())
    }
}

impl Shared {
    /// One consistent look.
    fn look<T>(&self, what: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let tree = view.as_ref().ok_or_else(closed)?;
        let unpacker = self.unpacker();
        let looked = what(&Reading { tree, unpacker: &unpacker, recent: &self.recent });
        lock(&self.unpackers).push(unpacker);
        if matches!(looked, Err(StoreError::Damaged(_))) {
            self.damaged.store(true, Ordering::Release);
        }
        looked
    }

    /// A look that a commit is founded on. A sled that failed may show the group it failed in until it is opened anew: entries
    /// taken for known there, or validators sent back, would make the next fetch pass over what was never stored.
    fn look_settled<T>(&self, what: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.look(|reading| if reading.tree.is_broken() { Err(sled::failed()) } else { what(reading) })
    }

    /// One that nobody uses. There are never more than readers at one time.
    fn unpacker(&self) -> Unpacker {
        let dictionaries = self.dictionaries.read().unwrap_or_else(PoisonError::into_inner);
        let free = lock(&self.unpackers).pop().filter(|free| free.knows(&dictionaries));
        free.unwrap_or_else(|| Unpacker::new(dictionaries.clone()))
    }

    /// The counters of a feed, under the lock of whoever reads.
    fn head(&self, reading: &Reading<'_>, feed: &FeedId) -> Result<Head, StoreError> {
        match feed {
            FeedId::Tag(_) => read::head(reading, feed),
            _ => Ok(self.held(feed)),
        }
    }

    /// Those of a feed that is no tag's.
    fn held(&self, feed: &FeedId) -> Head {
        let heads = self.heads.read().unwrap_or_else(PoisonError::into_inner);
        heads.get(&keys::feed_key(feed)).copied().unwrap_or_default()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some((sender, thread)) = lock(&self.writer).take() {
            // Without a sender the writer ends its work; a writer that panicked has nothing more to write.
            drop(sender);
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> StoreError {
    StoreError::Write("the store is closed, or its writer has failed: see the log, and start syndic again".into())
}
