//! What the store is told and what it answers.

use crate::model::Entry;
use std::sync::Arc;

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
    /// Bytes of unpacked entries held for readers.
    pub entries: usize,
    /// Bytes that sled's files may have beyond twice what they hold, before a copy takes their place.
    pub spare: u64,
}

impl Default for StoreOptions {
    /// 64 MiB of cache, 10 editions, 16 MiB of entries, 64 MiB to spare.
    fn default() -> StoreOptions {
        StoreOptions { cache: 64 << 20, editions: 10, entries: 16 << 20, spare: 64 << 20 }
    }
}

/// What opening found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Opened {
    /// The tree was damaged or gone and was made again from checkpoint and journal: why, and where the old files are.
    pub rebuilt: Option<String>,
    /// Journal records applied.
    pub replayed: u64,
    /// What the journal ended in that was not written whole, and so was never acknowledged.
    pub cut: Option<String>,
}

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

/// What a data folder is made of, in bytes, and what was done about it since opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Gauges {
    /// sled's files.
    pub sled: u64,
    /// The journal.
    pub journal: u64,
    /// The checkpoint.
    pub checkpoint: u64,
    /// All keys and values when the last checkpoint was written; unknown before the first since opening.
    pub live: Option<u64>,
    /// How often sled's files were made smaller by a copy.
    pub compactions: u64,
    /// Syncs of the journal.
    pub syncs: u64,
}
