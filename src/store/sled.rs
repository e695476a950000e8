//! The only place that knows sled: one tree of bytes, atomic batches, opening that survives what kill -9 leaves behind.
//! What sled holds can be lost: the journal and the checkpoint make it again.

mod held;
mod watch;

pub use held::failed;

use super::{StoreError, files::unusable, keys, overlay::Writes};
use held::{Held, is_of_the_disk};
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

/// How often opening is tried while a handle dropped a moment ago still lets go of its file.
const LOCK_TRIES: u32 = 100;

/// Bytes of pages read after which sled is made to keep to its cache: about what it then holds beyond it.
const READ: usize = 16 << 20;
/// Bytes that a scan counts together.
const AT_ONCE: usize = 1 << 20;
/// A value of this size is a body. It lies among about so many others, and all of them are read with it.
const LARGE: usize = 512;
const TOGETHER: usize = 10;
/// Rounds through the strewn keys after which each of the 256 parts of the cache was used 64 times.
const ROUNDS: usize = 16;

/// A tree of its own inside sled, with one tiny pair.
const SWEEPER: &str = "sweeper";

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The tree. Cheap to clone.
#[derive(Clone)]
pub struct Tree(Arc<Held>);

impl Tree {
    /// Opens or makes the tree in a folder, which must be held by the caller. `Damaged` means that its files are;
    /// anything else, that they cannot be used now.
    pub fn open(folder: &Path, cache: u64) -> Result<Tree, StoreError> {
        // A snapshot that was being written when the process died makes sled refuse the folder for ever
        // (seen after about one kill in 1,200). It is only a shortcut: without it sled reads its log.
        remove_snapshots(folder, |name| name.ends_with(".generating"));
        match attempt(folder, cache) {
            Err(StoreError::Damaged(first)) => {
                tracing::warn!(error = %first, "the store does not open; trying again without its snapshot");
                remove_snapshots(folder, |_| true);
                attempt(folder, cache)
            }
            tried => tried,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut found = None;
        self.look(key, |value| found = value.map(<[u8]>::to_vec))?;
        if let Some(large) = found.as_ref().map(Vec::len).filter(|length| *length >= LARGE) {
            self.has_read(large * TOGETHER);
        }
        Ok(found)
    }

    /// Looks at the value of a key where it lies.
    pub fn look(&self, key: &[u8], with: impl FnOnce(Option<&[u8]>)) -> Result<(), StoreError> {
        let found = self.0.watch.over(|| self.0.db.get(key)).map_err(|error| self.0.unreadable(error))?;
        with(found.as_deref());
        Ok(())
    }

    /// Hands out every pair in key order, until one is refused. What is written meanwhile may be among them or not.
    pub fn each(&self, with: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.each_between(&[], None, with)
    }

    /// The same from a key to before another.
    pub fn each_between(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        mut with: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let to = to.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut read = 0;
        let mut range = self.0.db.range::<&[u8], _>((std::ops::Bound::Included(from), to));
        while let Some(item) = self.0.watch.over(|| range.next()) {
            let (key, value) = item.map_err(|error| self.0.unreadable(error))?;
            read += key.len() + value.len();
            if read > AT_ONCE {
                self.has_read(std::mem::take(&mut read));
            }
            with(&key, &value)?;
        }
        Ok(())
    }

    /// Now and then lets go of what reading has left in memory beyond the cache. sled looks at its cache in 256 parts, and at each
    /// only with the 64th use of one of its pages: up to 16,384 pages are too many. Here small ones all over it are used.
    fn has_read(&self, bytes: usize) {
        if self.0.read.fetch_add(bytes, Ordering::Relaxed) + bytes >= READ {
            self.0.read.store(0, Ordering::Relaxed);
            // What cannot be read is told to whoever asks for it.
            (0..ROUNDS).flat_map(|_| keys::strewn()).for_each(|key| drop(self.0.watch.over(|| self.0.db.get(key))));
        }
    }

    /// Everything under a prefix, in key order; `rev()` gives it from the end.
    pub fn under(&self, prefix: &[u8]) -> impl DoubleEndedIterator<Item = Result<Pair, StoreError>> + use<> {
        Items { held: self.0.clone(), items: self.0.db.scan_prefix(prefix) }
    }

    /// Everything under a prefix whose key comes after `after`.
    pub fn after(&self, prefix: &[u8], after: &[u8]) -> impl Iterator<Item = Result<Pair, StoreError>> + use<> {
        let prefix = prefix.to_vec();
        let beyond = (std::ops::Bound::Excluded(after.to_vec()), std::ops::Bound::Unbounded);
        let inside =
            move |item: &Result<Pair, StoreError>| item.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix));
        Items { held: self.0.clone(), items: self.0.db.range::<Vec<u8>, _>(beyond) }.take_while(inside)
    }

    /// True when nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.0.watch.over(|| self.0.db.is_empty())
    }

    /// Makes all writes or, after a crash, none.
    pub fn apply(&self, writes: Writes) -> Result<(), StoreError> {
        held::none_is_late()?;
        let mut batch = ::sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.0.watch.over(|| self.0.db.apply_batch(batch)).map_err(|error| self.0.unwritable(error))
    }

    /// Puts one pair, apart from any other: for a tree that nobody trusts yet. A batch would hold up every sled of this process.
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.0.watch.over(|| self.0.db.insert(key, value)).map(drop).map_err(|error| self.0.unwritable(error))
    }

    /// Ready to sweep.
    pub fn sweeper(&self) -> Result<Sweeper, StoreError> {
        let tree = self.0.watch.over(|| self.0.db.open_tree(SWEEPER)).map_err(|error| self.0.unwritable(error))?;
        Ok(Sweeper { tree, held: self.0.clone(), turn: 0 })
    }

    /// Hands everything written so far to the system: it survives the death of this process.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.0.flush()
    }

    /// True once sled could not write.
    pub fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// Gives up the last handle. False when its files stay locked by this process.
    pub fn let_go(self) -> bool {
        self.flush().is_ok()
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        self.0.db.size_on_disk().map_err(|error| self.0.unreadable(error))
    }
}

/// Pairs, as they are asked for.
struct Items {
    items: ::sled::Iter,
    /// Goes after them.
    held: Arc<Held>,
}

impl Items {
    fn pair(&self, item: ::sled::Result<(::sled::IVec, ::sled::IVec)>) -> Result<Pair, StoreError> {
        item.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(|error| self.held.unreadable(error))
    }
}

impl Iterator for Items {
    type Item = Result<Pair, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.held.watch.over(|| self.items.next())?;
        Some(self.pair(item))
    }
}

impl DoubleEndedIterator for Items {
    fn next_back(&mut self) -> Option<Self::Item> {
        let item = self.held.watch.over(|| self.items.next_back())?;
        Some(self.pair(item))
    }
}

/// Has sled move what is still alive out of the parts of its file that are mostly dead. It does so only beside the tenth change
/// of a page, a page at a time, and falls behind: here is a page that can be changed for nothing.
pub struct Sweeper {
    tree: ::sled::Tree,
    /// Goes after it.
    held: Arc<Held>,
    turn: u8,
}

impl Sweeper {
    /// One change.
    pub fn sweep(&mut self) -> Result<(), StoreError> {
        self.turn = self.turn.wrapping_add(1);
        let swept = self.held.watch.over(|| self.tree.insert([], &[self.turn]));
        swept.map(drop).map_err(|error| self.held.unwritable(error))
    }
}

/// One try, with sled's panics on damaged files turned into an error.
fn attempt(folder: &Path, cache: u64) -> Result<Tree, StoreError> {
    for _ in 0..LOCK_TRIES {
        // sled counts pages as they lie in the file; in memory they take about twice that.
        let config =
            ::sled::Config::new().path(folder).cache_capacity(cache / 2).use_compression(false).flush_every_ms(None);
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(Tree(Held::over(db))),
            // Only we can hold it, because the caller has the folder's lock: an earlier handle is on its way out.
            Ok(Err(error)) if error.to_string().contains("lock") => thread::sleep(Duration::from_millis(20)),
            Ok(Err(::sled::Error::Io(error))) if is_of_the_disk(error.kind()) => {
                return Err(unusable(folder, "cannot be opened", &error));
            }
            Ok(Err(error)) => return Err(StoreError::Damaged(error.to_string())),
            Err(_) => return Err(StoreError::Damaged("sled panicked while reading its files".into())),
        }
    }
    Err(unusable(folder, "is held by this very process", &io::ErrorKind::ResourceBusy.into()))
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
