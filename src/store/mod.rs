//! What is kept, and what is promised about it. Speaks in whole fetches, entries and versions; no sled type leaves.
//! What `apply` acknowledged survives kill -9 and power loss; a listing never shows half a commit.

mod apply;
mod checkpoint;
mod codec;
mod content;
mod copy;
mod files;
mod ids;
mod journal;
mod keys;
mod marker;
mod open;
mod overlay;
mod place;
mod read;
mod rebuild;
mod recover;
mod resolve;
mod sled;
mod tally;
#[cfg(test)]
mod tests;
mod types;
mod upkeep;
mod writer;

use crate::model::{CategoryRef, Changes, Claim, Commit, Entry, FeedId, InfoCode, Known, SourceId, SourceState, Time};
use codec::{Bodies, Head};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};
use tokio::sync::{Semaphore, oneshot};
use writer::{Job, Queued, Reply};

/// Commits that may wait for the writer; who comes later waits for room.
const QUEUE: usize = 256;

/// The store. Cheap to clone; one writer thread owns all writes.
#[derive(Clone)]
pub struct Store(Arc<Handle>);

/// What the clones of a store share. The last one to go waits until everything is written.
struct Handle {
    shared: Arc<Shared>,
    room: Arc<Semaphore>,
    /// The store was empty when it was opened.
    first_run: bool,
    writer: Mutex<Option<(mpsc::Sender<Queued>, JoinHandle<()>)>>,
}

/// What readers and the writer share.
struct Shared {
    /// Held shared for the length of a listing, exclusively while a batch is applied: no listing shows half a commit.
    /// `None` once closed.
    view: RwLock<Option<sled::Tree>>,
    /// Versions and counters by feed key, changed only while `view` is held exclusively.
    heads: RwLock<HashMap<String, Head>>,
    /// Sequence of the last journal record in the tree.
    applied: AtomicU64,
    /// Syncs of the journal.
    syncs: AtomicU64,
    /// Bytes of all keys and values when the last checkpoint was written; 0 before the first since opening.
    live: AtomicU64,
    /// How often a copy took sled's place.
    compactions: AtomicU64,
    /// Something was read that cannot be: the next opening looks at everything.
    damaged: AtomicBool,
    data: PathBuf,
    opened: Opened,
    /// Goes after the tree.
    lock: Mutex<Option<open::Lock>>,
}

pub use ids::unstored as unstored_ids;
pub use types::{Counts, Gauges, Listing, Opened, StoreError, StoreOptions};

impl Store {
    /// Whether a folder holds a store.
    pub fn exists(folder: &Path) -> bool {
        marker::exists(folder)
    }

    /// Opens or makes the store in a folder.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        let lock = open::lock(folder)?;
        let recovered = recover::recover(folder, options.cache, u64::MAX)?;
        let first_run = read::sequence(&recovered.tree)? == 0;
        copy::tidy(folder, recovered.marker.tree);
        let shared = Arc::new(Shared {
            view: RwLock::new(Some(recovered.tree.clone())),
            heads: RwLock::new(load_heads(&recovered.tree)?),
            applied: AtomicU64::new(recovered.applied.sequence),
            syncs: AtomicU64::new(0),
            live: AtomicU64::new(0),
            compactions: AtomicU64::new(0),
            damaged: AtomicBool::new(false),
            data: folder.to_owned(),
            opened: recovered.opened.clone(),
            lock: Mutex::new(Some(lock)),
        });
        let bodies = Bodies::new()?;
        let depot = writer::Depot::new(shared.clone(), folder.to_owned(), &options, recovered);
        let (sender, jobs) = mpsc::channel();
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || writer::run(&jobs, depot, options.editions, bodies));
        let thread = thread.map_err(|error| StoreError::Write(format!("no thread for the store: {error}")))?;
        let room = Arc::new(Semaphore::new(QUEUE));
        Ok(Store(Arc::new(Handle { shared, room, first_run, writer: Mutex::new(Some((sender, thread))) })))
    }

    /// What opening found and did: for status.
    pub fn opened(&self) -> &Opened {
        &self.0.shared.opened
    }

    /// What is already here for these claims, aliases and ownership considered.
    pub async fn known(&self, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
        // Two or three point look-ups a claim, almost always in the cache: dearer to send elsewhere than to do.
        self.0.shared.look(|tree| read::known(tree, source, namespace, claims))
    }

    /// Commits a whole fetch: entries, indexes, joins and the source's state at once. Durable when it returns.
    pub async fn apply(&self, commit: Commit) -> Result<Changes, StoreError> {
        self.ask(|reply| Job::Apply(Box::new(commit), reply)).await
    }

    /// Saves a source's state alone (304, failures). May lose its last second.
    pub async fn touch(&self, source: &SourceId, state: SourceState) -> Result<(), StoreError> {
        self.ask(|reply| Job::Touch(source.clone(), Box::new(state), reply)).await
    }

    /// The state of every source ever polled.
    pub async fn states(&self) -> Result<BTreeMap<SourceId, SourceState>, StoreError> {
        self.read(|tree, _| read::states(tree)).await
    }

    /// The state of one source; the default when it was never polled.
    pub async fn state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        self.0.shared.look(|tree| read::state(tree, source))
    }

    /// Version of a feed: the sequence of the last commit that touched it. Cheap: asked on every request.
    pub async fn version(&self, feed: &FeedId) -> Result<u64, StoreError> {
        Ok(self.0.shared.head(feed).version)
    }

    /// What the feed holds: the `entries` that joined it last, and all that joined within 24 h before the newest
    /// of them, up to 500; ordered newest first (contract: What a feed holds).
    pub async fn feed(&self, feed: &FeedId, entries: usize) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |tree, shared| read::feed(tree, shared.head(&feed).version, &feed, entries)).await
    }

    /// Everything filed under a category or source, newest first by sort date, for pages (`All` has none): `skip` of them passed over, then up to `take`.
    pub async fn page(&self, feed: &FeedId, skip: usize, take: usize) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |tree, shared| read::page(tree, shared.head(&feed).version, &feed, skip, take)).await
    }

    /// The entry of a code, or of an alias of one.
    pub async fn entry(&self, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|tree| read::entry(tree, code))
    }

    /// The entry a person means by a code, a link or an id.
    pub async fn find(&self, needle: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|tree| read::find(tree, needle))
    }

    /// Up to `take` entries whose codes come after `after`, in code order: for exports.
    pub async fn scan(&self, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
        let after = after.cloned();
        self.read(move |tree, _| read::scan(tree, after.as_ref(), take)).await
    }

    /// Categories that entries brought with them (folders of posts), persisted, in slug order. The first name stays.
    pub async fn categories(&self) -> Result<Vec<CategoryRef>, StoreError> {
        self.read(|tree, _| read::categories(tree)).await
    }

    /// Entries filed under each feed-able thing: for status.
    pub async fn count(&self, feed: &FeedId) -> Result<u64, StoreError> {
        Ok(self.0.shared.head(feed).filed)
    }

    /// What there is.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|tree, shared| {
            Ok(Counts {
                entries: shared.head(&FeedId::All).filed,
                sequence: read::sequence(tree)?,
                bytes: tree.bytes()?
                    + files::bytes_in(&[journal::folder(&shared.data), checkpoint::folder(&shared.data)]),
            })
        })
        .await
    }

    /// True from the first opening of a store to its closing: the sources of that run are not "new" to anyone.
    pub fn is_first_run(&self) -> bool {
        self.0.first_run
    }

    /// Writes everything out and closes; later calls fail.
    pub async fn close(&self, now: Time) -> Result<(), StoreError> {
        // Nothing that is written at closing has a date.
        let _ = now;
        self.ask(Job::Close).await
    }

    /// Queues a job for the writer and waits for its answer.
    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let permit = self.0.room.clone().acquire_owned().await.map_err(|_| closed())?;
        let (reply, answer) = oneshot::channel();
        let sender = lock(&self.0.writer).as_ref().map(|(sender, _)| sender.clone()).ok_or_else(closed)?;
        sender.send(Queued { job: job(reply), permit }).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Reads on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        what: impl FnOnce(&sled::Tree, &Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = self.0.shared.clone();
        let read = tokio::task::spawn_blocking(move || shared.look(|tree| what(tree, &shared)));
        read.await.map_err(|error| codec::damaged(&error.to_string()))?
    }
}

impl Shared {
    /// One consistent look.
    fn look<T>(&self, what: impl FnOnce(&sled::Tree) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let looked = what(view.as_ref().ok_or_else(closed)?);
        if matches!(looked, Err(StoreError::Damaged(_))) {
            self.damaged.store(true, Ordering::Release);
        }
        looked
    }

    fn head(&self, feed: &FeedId) -> Head {
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

fn load_heads(tree: &sled::Tree) -> Result<HashMap<String, Head>, StoreError> {
    let mut heads = HashMap::new();
    for item in tree.under(keys::heads()) {
        let (key, value) = item?;
        if let Some(feed) = keys::tail(keys::heads(), &key) {
            heads.insert(feed.to_owned(), Head::decode(&value)?);
        }
    }
    Ok(heads)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> StoreError {
    StoreError::Write("the store is closed, or its writer has failed: see the log, and start syndic again".into())
}
