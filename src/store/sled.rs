//! The only file that knows sled: one tree of bytes, atomic batches, opening that survives what kill -9 leaves behind.

use super::{StoreError, codec::damaged, overlay::Writes};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
    time::Duration,
};

/// How often opening is tried while a handle dropped a moment ago still lets go of its file.
const LOCK_TRIES: u32 = 100;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The tree. Cheap to clone.
#[derive(Clone)]
pub struct Tree(::sled::Db);

impl Tree {
    /// Opens or makes the tree in a folder, which must be held by the caller.
    pub fn open(folder: &Path, cache: u64) -> Result<Tree, StoreError> {
        // A snapshot that was being written when the process died makes sled refuse the folder for ever
        // (seen after about one kill in 1,200). It is only a shortcut: without it sled reads its log.
        remove_snapshots(folder, |name| name.ends_with(".generating"));
        match attempt(folder, cache) {
            Ok(tree) => Ok(tree),
            Err(first) => {
                tracing::warn!(error = %first, "the store does not open; trying again without its snapshot");
                remove_snapshots(folder, |_| true);
                attempt(folder, cache).map_err(|second| {
                    StoreError::Damaged(format!(
                        "{}: the store does not open ({second}). Nothing was changed. Restore the data folder from a backup, \
                         or move this folder aside to begin anew",
                        folder.display()
                    ))
                })
            }
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).map(|value| value.map(|bytes| bytes.to_vec())).map_err(unreadable)
    }

    /// Everything under a prefix, in key order; `rev()` gives it from the end.
    pub fn under(&self, prefix: &[u8]) -> impl DoubleEndedIterator<Item = Result<Pair, StoreError>> + use<> {
        self.0.scan_prefix(prefix).map(pair)
    }

    /// Everything under a prefix whose key comes after `after`.
    pub fn after(&self, prefix: &[u8], after: &[u8]) -> impl Iterator<Item = Result<Pair, StoreError>> + use<> {
        let prefix = prefix.to_vec();
        let beyond = (std::ops::Bound::Excluded(after.to_vec()), std::ops::Bound::Unbounded);
        let inside =
            move |item: &Result<Pair, StoreError>| item.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix));
        self.0.range::<Vec<u8>, _>(beyond).map(pair).take_while(inside)
    }

    /// True when nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes all writes or, after a crash, none.
    pub fn apply(&self, writes: Writes) -> Result<(), StoreError> {
        let mut batch = ::sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.0.apply_batch(batch).map_err(unwritable)
    }

    /// Hands everything written so far to the system: it survives the death of this process.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.0.flush().map(drop).map_err(unwritable)
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.0.size_on_disk().map_err(unreadable)
    }
}

fn pair(item: ::sled::Result<(::sled::IVec, ::sled::IVec)>) -> Result<Pair, StoreError> {
    item.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(unreadable)
}

/// One try, with sled's panics on damaged files turned into an error.
fn attempt(folder: &Path, cache: u64) -> Result<Tree, String> {
    for _ in 0..LOCK_TRIES {
        let config =
            ::sled::Config::new().path(folder).cache_capacity(cache).use_compression(false).flush_every_ms(None);
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(Tree(db)),
            // Only we can hold it, because the caller has the folder's lock: an earlier handle is on its way out.
            Ok(Err(error)) if error.to_string().contains("lock") => thread::sleep(Duration::from_millis(20)),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err("sled panicked while reading its files".into()),
        }
    }
    Err("its file stays locked".into())
}

fn remove_snapshots(folder: &Path, which: impl Fn(&str) -> bool) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && which(&name) {
            let removed = fs::remove_file(entry.path());
            tracing::info!(file = name, ok = removed.is_ok(), "removed a leftover snapshot of the store");
        }
    }
}

fn unreadable(error: ::sled::Error) -> StoreError {
    damaged(&error.to_string())
}

fn unwritable(error: ::sled::Error) -> StoreError {
    StoreError::Write(format!(
        "the store cannot be written: {error}. Check the free space and the health of the disk, then start syndic again"
    ))
}
