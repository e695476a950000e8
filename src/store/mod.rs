//! What is kept, and what is promised about it. Speaks in whole fetches, entries and versions; no sled type leaves.
//! What `apply` acknowledged survives kill -9; a listing never shows half a commit.

use crate::model::{CategoryRef, Changes, Claim, Commit, Entry, FeedId, InfoCode, Known, SourceId, SourceState, Time};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the data folder.
    #[error("{path}: held by process {pid}: stop it, or let the command go through it")]
    Held {
        /// The data folder.
        path: String,
        /// The holder's pid, as its lock file says.
        pid: String,
    },
    /// The data folder cannot be written or read.
    #[error("{path}: {why}")]
    Folder {
        /// The data folder.
        path: String,
        /// What to do.
        why: String,
    },
    /// The stored data are damaged beyond what opening repairs.
    #[error("{0}")]
    Damaged(String),
    /// A write failed; the store keeps serving what it has.
    #[error("{0}")]
    Write(String),
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// sled's page cache, bytes.
    pub cache: u64,
    /// Editions kept of an entry.
    pub editions: usize,
}

/// The store. Cheap to clone; one writer thread owns all writes.
#[derive(Clone)]
pub struct Store {}

/// The members of a feed as one consistent view.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Sequence of the last commit that touched the feed: equal versions mean equal entries.
    pub version: u64,
    /// The entries, newest first by (sort date, then sequence).
    pub entries: Vec<Arc<Entry>>,
}

/// What there is, for status and start-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Entries.
    pub entries: u64,
    /// Sequence of the last commit.
    pub sequence: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

impl Store {
    /// Opens or makes the store in a folder.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        let _ = (folder, options);
        todo!()
    }

    /// What is already here for these claims, aliases and ownership considered.
    pub async fn known(&self, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
        let _ = (source, namespace, claims);
        todo!()
    }

    /// Commits a whole fetch: entries, indexes, joins and the source's state at once. Durable when it returns.
    pub async fn apply(&self, commit: Commit) -> Result<Changes, StoreError> {
        let _ = commit;
        todo!()
    }

    /// Saves a source's state alone (304, failures). May lose its last second.
    pub async fn touch(&self, source: &SourceId, state: SourceState) -> Result<(), StoreError> {
        let _ = (source, state);
        todo!()
    }

    /// The state of every source ever polled.
    pub async fn states(&self) -> Result<BTreeMap<SourceId, SourceState>, StoreError> {
        todo!()
    }

    /// The state of one source; the default when it was never polled.
    pub async fn state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        let _ = source;
        todo!()
    }

    /// Version of a feed: the sequence of the last commit that touched it. Cheap: asked on every request.
    pub async fn version(&self, feed: &FeedId) -> Result<u64, StoreError> {
        let _ = feed;
        todo!()
    }

    /// What the feed holds: the `entries` that joined it last, and all that joined within 24 h before the newest
    /// of them, up to 500; ordered newest first (contract: What a feed holds).
    pub async fn feed(&self, feed: &FeedId, entries: usize) -> Result<Listing, StoreError> {
        let _ = (feed, entries);
        todo!()
    }

    /// Everything filed under a feed, newest first by sort date, for pages: `skip` of them passed over, then up to `take`.
    pub async fn page(&self, feed: &FeedId, skip: usize, take: usize) -> Result<Listing, StoreError> {
        let _ = (feed, skip, take);
        todo!()
    }

    /// The entry of a code, or of an alias of one.
    pub async fn entry(&self, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
        let _ = code;
        todo!()
    }

    /// The entry a person means by a code, a link or an id.
    pub async fn find(&self, needle: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        let _ = needle;
        todo!()
    }

    /// Up to `take` entries whose codes come after `after`, in code order: for exports.
    pub async fn scan(&self, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
        let _ = (after, take);
        todo!()
    }

    /// Categories that entries brought with them (folders of posts), persisted, in slug order.
    pub async fn categories(&self) -> Result<Vec<CategoryRef>, StoreError> {
        todo!()
    }

    /// Entries filed under each feed-able thing: for status.
    pub async fn count(&self, feed: &FeedId) -> Result<u64, StoreError> {
        let _ = feed;
        todo!()
    }

    /// What there is.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        todo!()
    }

    /// True until the first commit that stored an entry: its sources are not "new" to anyone.
    pub async fn is_first_run(&self) -> Result<bool, StoreError> {
        todo!()
    }

    /// Writes everything out and closes; later calls fail.
    pub async fn close(&self, now: Time) -> Result<(), StoreError> {
        let _ = now;
        todo!()
    }
}
