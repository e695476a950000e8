//! What the store is told and what it answers.

use crate::model::{Entry, InfoCode, Slug, Time};
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
    /// Sequence of the last commit that touched the feed; for an archive a number made from what it holds. Equal versions
    /// mean equal listings.
    pub version: u64,
    /// The entries, newest first by (sort date, then sequence).
    pub entries: Vec<Arc<Entry>>,
    /// What stood here and does no more, the latest first.
    pub gone: Vec<Departed>,
    /// When an entry last came, changed or went; `None` when that is not known.
    pub changed: Option<Time>,
    /// Numbers of the feed's first and last archive, if there are any.
    pub archives: Option<(u64, u64)>,
}

/// An entry that stood in a feed and does no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departed {
    /// Its code.
    pub code: InfoCode,
    /// The atom:id it was published under.
    pub atom_id: String,
    /// When it left.
    pub at: Time,
    /// Where its sources file it.
    pub categories: Vec<Slug>,
}

/// An archive of a feed (RFC 5005 §4): the entries of fifty join numbers.
#[derive(Clone, Debug)]
pub enum Archive {
    /// Here it is.
    Full(Listing),
    /// Retention has cut it off.
    Cut,
    /// It is not full yet, or there is no such feed.
    Missing,
}

/// What a reader may see: asked of each entry a feed might hold, so that what is hidden takes no other's place.
#[derive(Clone)]
pub struct Sight(Option<Arc<Seen>>);

type Seen = dyn Fn(&Entry) -> bool + Send + Sync;

impl Sight {
    /// Everything that stands in the feed.
    pub fn everything() -> Sight {
        Sight(None)
    }

    /// What a function without a clock says.
    pub fn new(seen: impl Fn(&Entry) -> bool + Send + Sync + 'static) -> Sight {
        Sight(Some(Arc::new(seen)))
    }

    /// Asks it.
    pub fn sees(&self, entry: &Entry) -> bool {
        self.0.as_ref().is_none_or(|seen| seen(entry))
    }
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
    /// When that was written.
    pub checkpoint_at: Option<Time>,
    /// What the disk has left for us.
    pub free: Option<u64>,
    /// How long opening took, milliseconds.
    pub opening_ms: u64,
    /// All keys and values when the last checkpoint was written; unknown before the first since opening.
    pub live: Option<u64>,
    /// How often sled's files were made smaller by a copy.
    pub compactions: u64,
    /// Syncs of the journal.
    pub syncs: u64,
}
