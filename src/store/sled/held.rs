//! A sled that is held, and what becomes of it when it fails: nobody waits for it for ever, and it is never let end.

use super::watch::{LOOK, Watch};
use crate::store::{StoreError, codec::damaged, files::why_not_written};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// How long sled may take to write out what it holds: a few segments.
const FLUSH: Duration = Duration::from_secs(5);

/// Flushes that take longer than they may. While there is one, whoever wrote a batch through any sled of this process would wait for it.
static LATE: AtomicUsize = AtomicUsize::new(0);
const LATE_WORDS: &str = "the store cannot be written: the disk has not answered for some seconds. What is stored is kept, and \
    writing is tried again; if this lasts, look at the disk";

/// What the clones of a tree share.
pub struct Held {
    /// sled itself.
    pub db: ::sled::Db,
    /// It could not write: after that it never does again.
    pub broken: AtomicBool,
    /// Bytes of pages read since it was made to keep to its cache.
    pub read: AtomicUsize,
    /// Whoever calls it does so over this.
    pub watch: Arc<Watch>,
    calls: AtomicUsize,
    _watching: mpsc::Sender<()>,
}

impl Held {
    /// Around a sled that was just opened.
    pub fn over(db: ::sled::Db) -> Arc<Held> {
        let watch = Arc::new(Watch::default());
        Arc::new_cyclic(|held| {
            let watching = watch.begin(held.clone(), Held::call);
            let (broken, read, calls) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
            Held { db, broken, read, calls, watch, _watching: watching }
        })
    }

    /// Hands everything written so far to the system.
    pub fn flush(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Acquire) {
            return Err(failed());
        }
        let db = self.db.clone();
        match within(FLUSH, move || db.flush(), || self.call()) {
            Some(flushed) => flushed.map(drop).map_err(|error| self.unwritable(error)),
            None => {
                self.broken.store(true, Ordering::Release);
                Err(StoreError::Write(LATE_WORDS.into()))
            }
        }
    }

    /// When a write fails on a thread of sled's own, whoever waits for it already (a flush, a look at a page that was not written yet)
    /// is not told. The next call that has something to write tells everybody. Most calls would first wait for the lock that those
    /// hold; making a tree does not.
    fn call(&self) {
        let name = format!("call {}", self.calls.fetch_add(1, Ordering::Relaxed));
        if self.db.open_tree(&name).is_ok() {
            // Only slow.
            let _ = self.db.drop_tree(name);
        }
    }

    /// What it means that sled did not read. Reading may write (sled finishes what a split left undone), or wait for what could not
    /// be written; and a disk that does not give back a page would not do so the next time.
    pub fn unreadable(&self, error: ::sled::Error) -> StoreError {
        match error {
            ::sled::Error::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                self.broken.store(true, Ordering::Release);
                why_not_written("the store", &error)
            }
            other => damaged(&other.to_string()),
        }
    }

    /// What it means that sled did not write.
    pub fn unwritable(&self, error: ::sled::Error) -> StoreError {
        self.broken.store(true, Ordering::Release);
        match error {
            ::sled::Error::Io(error) => why_not_written("the store", &error),
            other => why_not_written("the store", &io::Error::other(other.to_string())),
        }
    }
}

impl Drop for Held {
    /// A sled that failed, or does when it is flushed, never ends: its end would flush, might wait for ever, and hold a lock that
    /// every other sled of the process needs.
    fn drop(&mut self) {
        if self.flush().is_err() {
            std::mem::forget(self.db.clone());
        }
    }
}

/// An error while a batch would wait for a flush that is late.
pub fn none_is_late() -> Result<(), StoreError> {
    if LATE.load(Ordering::Acquire) == 0 { Ok(()) } else { Err(StoreError::Write(LATE_WORDS.into())) }
}

/// Does what may take for ever, and meanwhile, now and then, something else. `None`: it was not done in time, or failed; until it
/// is over it counts as late.
fn within<T: Send + 'static>(
    limit: Duration,
    what: impl FnOnce() -> T + Send + 'static,
    meanwhile: impl Fn(),
) -> Option<T> {
    let (sender, done) = mpsc::channel();
    // Of the two that set it, the second knows that the first was there.
    let over = Arc::new(AtomicBool::new(false));
    let (its, begun) = (over.clone(), Instant::now());
    let started = thread::Builder::new().name("sled-wait".into()).spawn(move || {
        if let Ok(done) = catch_unwind(AssertUnwindSafe(what)) {
            let _ = sender.send(done);
        }
        if its.swap(true, Ordering::AcqRel) {
            LATE.fetch_sub(1, Ordering::AcqRel);
        }
    });
    started.ok()?;
    while begun.elapsed() < limit {
        match done.recv_timeout(LOOK) {
            Ok(done) => return Some(done),
            Err(mpsc::RecvTimeoutError::Timeout) => meanwhile(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
    }
    LATE.fetch_add(1, Ordering::AcqRel);
    if over.swap(true, Ordering::AcqRel) {
        LATE.fetch_sub(1, Ordering::AcqRel);
    }
    None
}

/// What says nothing about the files' content.
pub fn is_of_the_disk(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(kind, PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

/// What is said while a sled that could not write waits to be opened anew.
pub fn failed() -> StoreError {
    why_not_written("the store", &io::ErrorKind::StorageFull.into())
}
