//! What is kept, and what is promised about it. Speaks in whole fetches, entries and versions; no sled type leaves.
//! What `apply` acknowledged survives kill -9 and power loss; a listing never shows half a commit.

mod apply;
mod checkpoint;
mod codec;
mod content;
mod files;
mod ids;
mod journal;
mod keys;
mod ledger;
mod marker;
mod meta;
mod open;
mod orders;
mod overlay;
mod pack;
mod place;
mod read;
mod rebuild;
mod recent;
mod recover;
mod resolve;
mod sled;
mod tally;
#[cfg(test)]
mod tests;
mod types;
mod upgrade;
mod writer;

use crate::model::{
    CategoryRef, Change, Changes, Claim, Commit, Cursor, Entry, FeedId, InfoCode, Known, Retention, SourceId,
    SourceState, Time, Withdrawal,
};
use codec::Head;
use orders::Order;
use pack::{Dictionaries, Packer, Unpacker};
use read::Reading;
use recent::Recent;
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
    /// Changed only while `view` is held exclusively.
    dictionaries: RwLock<Arc<Dictionaries>>,
    /// Made once, lent to one reader after the other.
    unpackers: Mutex<Vec<Unpacker>>,
    recent: Recent,
    /// Sequence of the last journal record in the tree.
    applied: AtomicU64,
    /// Syncs of the journal.
    syncs: AtomicU64,
    /// Something was read that cannot be: the next opening looks at everything.
    damaged: AtomicBool,
    data: PathBuf,
    opened: Opened,
    /// Goes after the tree.
    lock: Mutex<Option<open::Lock>>,
}

pub use ids::unstored as unstored_ids;
pub use orders::{Judge, Settlement, SourcePolicy};
pub use types::{Counts, Listing, Opened, StoreError, StoreOptions};

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
        // What a full disk left of a sled that did not let go of its files.
        let _ = std::fs::remove_dir_all(folder.join(recover::STUCK));
        let dictionaries = Dictionaries::load(&recovered.tree)?;
        let shared = Arc::new(Shared {
            view: RwLock::new(Some(recovered.tree.clone())),
            heads: RwLock::new(load_heads(&recovered.tree)?),
            dictionaries: RwLock::new(dictionaries.clone()),
            unpackers: Mutex::default(),
            recent: Recent::new(options.entries),
            applied: AtomicU64::new(recovered.applied.sequence),
            syncs: AtomicU64::new(0),
            damaged: AtomicBool::new(false),
            data: folder.to_owned(),
            opened: recovered.opened.clone(),
            lock: Mutex::new(Some(lock)),
        });
        let packer = Packer::new(dictionaries)?;
        let depot = writer::Depot::new(shared.clone(), folder.to_owned(), options.cache, recovered);
        let (sender, jobs) = mpsc::channel();
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || writer::run(&jobs, depot, options.editions, packer));
        let thread = thread.map_err(|error| StoreError::Write(format!("no thread for the store: {error}")))?;
        let room = Arc::new(Semaphore::new(QUEUE));
        Ok(Store(Arc::new(Handle { shared, room, first_run, writer: Mutex::new(Some((sender, thread))) })))
    }

    /// What opening found and did: for status.
    pub fn opened(&self) -> &Opened {
        &self.0.shared.opened
    }

    /// Syncs of the journal since opening: for metrics.
    pub fn syncs(&self) -> u64 {
        self.0.shared.syncs.load(Ordering::Relaxed)
    }

    /// Writes a checkpoint now. They come by themselves as the journal grows; commits wait for this one.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.ask(Job::Checkpoint).await
    }

    /// What is already here for these claims, aliases and ownership considered.
    pub async fn known(&self, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
        // Two or three point look-ups a claim, almost always in the cache: dearer to send elsewhere than to do.
        self.0.shared.look_settled(|reading| read::known(reading, source, namespace, claims))
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
        self.read(|reading, _| read::states(reading.tree)).await
    }

    /// The state of one source; the default when it was never polled.
    pub async fn state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        self.0.shared.look_settled(|reading| read::state(reading.tree, source))
    }

    /// Version of a feed: the sequence of the last commit that touched it. Cheap: asked on every request.
    pub async fn version(&self, feed: &FeedId) -> Result<u64, StoreError> {
        Ok(self.0.shared.head(feed).version)
    }

    /// What the feed holds: the `entries` that joined it last, and all that joined within 24 h before the newest
    /// of them, up to 500; ordered newest first (contract: What a feed holds).
    pub async fn feed(&self, feed: &FeedId, entries: usize) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| read::feed(reading, shared.head(&feed).version, &feed, entries)).await
    }

    /// Everything filed under a category or source, newest first by sort date, for pages (`All` has none): `skip` of them passed over, then up to `take`.
    pub async fn page(&self, feed: &FeedId, skip: usize, take: usize) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| read::page(reading, shared.head(&feed).version, &feed, skip, take)).await
    }

    /// The entry of a code, or of an alias of one.
    pub async fn entry(&self, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|reading| read::entry(reading, code))
    }

    /// The entry a person means by a code, a link or an id.
    pub async fn find(&self, needle: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|reading| match read::find(reading, needle)? {
            Some(code) => read::entry(reading, &code),
            None => Ok(None),
        })
    }

    /// Up to `take` entries whose codes come after `after`, in code order: for exports.
    pub async fn scan(&self, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
        let after = after.cloned();
        self.read(move |reading, _| read::scan(reading, after.as_ref(), take)).await
    }

    /// The code that a code, one of our addresses, a published id, a guid or a link means, also of what was taken away.
    pub async fn code_of(&self, needle: &str) -> Result<Option<InfoCode>, StoreError> {
        self.0.shared.look(|reading| read::find(reading, needle))
    }

    /// How the entry of a code was taken away, if it was.
    pub async fn withdrawn(&self, code: &InfoCode) -> Result<Option<Withdrawal>, StoreError> {
        self.0.shared.look(|reading| Ok(read::meta(reading, code)?.and_then(|meta| meta.withdrawn)))
    }

    /// Takes an entry out of every output and refuses it when it comes again, under this or any other of its names.
    /// Without `erase` it is kept and can be restored. `false`: there is no such entry, or it was taken away already.
    pub async fn retract(&self, code: &InfoCode, reason: &str, erase: bool, at: Time) -> Result<bool, StoreError> {
        let order = Order::Retract { code: code.clone(), reason: reason.to_owned(), erase, at };
        Ok(!self.order(order).await?.withdrawn.is_empty())
    }

    /// Destroys what is left of erased entries in dictionaries, journals, checkpoint and sled's files. Commits wait meanwhile.
    pub async fn forget(&self) -> Result<(), StoreError> {
        self.ask(Job::Forget).await
    }

    /// Brings a retracted entry back: it joins its feeds anew. `false`: nothing to restore.
    pub async fn restore_entry(&self, code: &InfoCode, at: Time) -> Result<bool, StoreError> {
        Ok(self.order(Order::Restore { code: code.clone(), at }).await?.moved > 0)
    }

    /// Applies what policy says now to the entries of the sources whose policy has changed, as one commit.
    pub async fn settle(&self, settlement: Settlement) -> Result<Changes, StoreError> {
        self.order(Order::Settle(Box::new(settlement))).await
    }

    /// Commits what time alone has changed: embargoes that ended, entries that expired. `hold`: embargoes stay (a clock
    /// that jumped is not believed). Answers with the next time at which there is something to do.
    pub async fn wake(&self, at: Time, hold: bool) -> Result<Option<Time>, StoreError> {
        while self.order(Order::Wake { at, hold }).await?.moved > 0 {}
        self.read(move |reading, _| orders::next_wake(reading.tree, at)).await
    }

    /// Drops what is older, or more, than is to be kept, and what no source lists any more. Gives back how many.
    pub async fn sweep(&self, retention: Arc<Retention>, at: Time) -> Result<usize, StoreError> {
        let mut dropped = 0;
        loop {
            let step = self.order(Order::Sweep { retention: retention.clone(), at }).await?.withdrawn.len();
            if step == 0 {
                return Ok(dropped);
            }
            dropped += step;
        }
    }

    /// Begins another history: cursors of the earlier one are told apart. For a store that was restored from a backup.
    pub async fn begin_epoch(&self, at: Time) -> Result<u64, StoreError> {
        self.order(Order::Epoch { at }).await?;
        self.epoch().await
    }

    /// Which history this is: a part of every cursor.
    pub async fn epoch(&self) -> Result<u64, StoreError> {
        self.0.shared.look(|reading| read::epoch(reading.tree))
    }

    /// Up to `take` changes after a cursor, in the order of their commits; `None` when this history does not know the cursor.
    /// Nothing is ever committed before a cursor that was handed out.
    pub async fn changed_since(&self, after: Option<Cursor>, take: usize) -> Result<Option<Vec<Change>>, StoreError> {
        self.read(move |reading, _| {
            let epoch = read::epoch(reading.tree)?;
            match after.unwrap_or_else(|| Cursor::start(epoch)) {
                after if after.epoch != epoch || after.sequence > read::sequence(reading.tree)? => Ok(None),
                after => read::changes(reading, after, take).map(Some),
            }
        })
        .await
    }

    /// Categories that entries brought with them (folders of posts), persisted, in slug order. The first name stays.
    pub async fn categories(&self) -> Result<Vec<CategoryRef>, StoreError> {
        self.read(|reading, _| read::categories(reading.tree)).await
    }

    /// Entries filed under each feed-able thing: for status.
    pub async fn count(&self, feed: &FeedId) -> Result<u64, StoreError> {
        Ok(self.0.shared.head(feed).filed)
    }

    /// What there is.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|reading, shared| {
            Ok(Counts {
                entries: shared.head(&FeedId::All).filed,
                sequence: read::sequence(reading.tree)?,
                bytes: reading.tree.bytes()?
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

    async fn order(&self, order: Order) -> Result<Changes, StoreError> {
        self.ask(|reply| Job::Order(Box::new(order), reply)).await
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
        what: impl FnOnce(&Reading<'_>, &Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = self.0.shared.clone();
        let read = tokio::task::spawn_blocking(move || shared.look(|reading| what(reading, &shared)));
        read.await.map_err(|error| codec::damaged(&error.to_string()))?
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
