//! The promise: a group of writes is appended here and synced before it is applied to sled and acknowledged.
//! A file whose write or sync failed is never used again; what failed is not replayed.

mod history;
mod record;

pub use history::{History, read, read_after};

use super::{
    StoreError,
    files::{name, sync_folder, why_not_written},
    overlay::Writes,
    tally::Applied,
};
use record::{HEADER, Header};
use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, Hasher, RandomState},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file is followed by another once it is longer: what a checkpoint makes superfluous goes file by file.
const FILE_BYTES: u64 = 16 << 20;
/// A buffer that grew beyond this for one large group is given back.
const KEPT_BUFFER: usize = 1 << 20;

/// The folder of the journal inside a data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("journal")
}

/// The open journal.
pub struct Journal {
    folder: PathBuf,
    current: Option<Current>,
    /// Oldest first; the last one may be the current one.
    files: VecDeque<Kept>,
    next_number: u64,
    /// The file an earlier process ended with: how much of it is on the disk nobody knows.
    inherited: Option<PathBuf>,
    /// Sequence of the last record that counts.
    last: u64,
    /// Everything up to here is on the disk for certain.
    synced: u64,
    /// Records after `synced`, acknowledged without a sync, each with its file's seed: said again if that file is given up.
    loose: Vec<(u64, Vec<u8>)>,
    /// The last record is among them.
    ends_loose: bool,
    buffer: Vec<u8>,
    syncs: u64,
}

/// The file that is written.
struct Current {
    file: File,
    path: PathBuf,
    seed: u64,
    /// End of the last record that counts.
    length: u64,
}

/// A file that is kept.
struct Kept {
    path: PathBuf,
    after: u64,
    length: u64,
}

impl Journal {
    /// Goes on after what is there; the first append makes a new file.
    pub fn after(data: &Path, history: &History, sequence: u64) -> Journal {
        let unreadable = history.unreadable.iter().map(|path| Kept { path: path.clone(), after: 0, length: 0 });
        let readable = history.files.iter();
        let readable = readable.map(|file| Kept { path: file.path.clone(), after: file.after, length: file.length });
        let files = unreadable.chain(readable).collect();
        Journal {
            folder: folder(data),
            current: None,
            files,
            next_number: history.next_number,
            inherited: history.files.last().map(|file| file.path.clone()),
            last: sequence,
            synced: sequence,
            loose: Vec::new(),
            ends_loose: false,
            buffer: Vec::new(),
            syncs: 0,
        }
    }

    /// Makes the first file: from it on, the journal is known to be whole.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.begin_file(self.last + 1).map_err(|error| why_not_written("the journal", &error))
    }

    /// Appends a group with one write and, when it is durable, one sync. After an error the group counts as never written.
    pub fn append(&mut self, applied: Applied, writes: &Writes, durable: bool) -> Result<(), StoreError> {
        let appended = self.try_append(applied, writes).and_then(|()| {
            let before = std::mem::replace(&mut self.last, applied.sequence);
            let synced = if durable { self.sync_current() } else { Ok(()) };
            synced.inspect_err(|_| self.last = before)
        });
        match appended {
            Ok(()) => {
                self.ends_loose = !durable;
                if let Some(current) = &mut self.current {
                    if !durable {
                        self.loose.push((current.seed, self.buffer.clone()));
                    }
                    current.length += self.buffer.len() as u64;
                }
                self.after_append();
                Ok(())
            }
            Err(error) => {
                self.give_up();
                Err(why_not_written("the journal", &error))
            }
        }
    }

    /// Takes the last record back: it could not be applied. The journal is not appended to after this.
    pub fn take_back(&mut self, sequence: u64) {
        self.last = sequence.saturating_sub(1);
        self.synced = self.synced.min(self.last);
        if std::mem::take(&mut self.ends_loose) {
            self.loose.pop();
        }
        if let Some(current) = &mut self.current {
            current.length = current.length.saturating_sub(self.buffer.len() as u64);
        }
        self.give_up();
    }

    /// Puts on the disk what was acknowledged without it.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        if self.synced == self.last {
            return Ok(());
        }
        if self.current.is_none() {
            return Err(why_not_written("the journal", &io::ErrorKind::NotConnected.into()));
        }
        self.sync_current().map_err(|error| {
            self.give_up();
            why_not_written("the journal", &error)
        })
    }

    /// True while a sync would put something acknowledged on the disk. What lay in a file that was given up waits for the
    /// next group instead.
    pub fn is_loose(&self) -> bool {
        self.synced != self.last && self.current.is_some()
    }

    /// Ends the current file: what follows stands in another.
    pub fn turn(&mut self) -> Result<(), StoreError> {
        self.sync()?;
        self.end_file();
        Ok(())
    }

    /// Deletes the files whose records all are at or before a sequence. False when one of them could not be deleted.
    pub fn forget(&mut self, through: u64) -> bool {
        while let Some(first) = self.files.front() {
            let follows = self.files.get(1).map_or(self.last, |next| next.after);
            let in_use = self.files.len() == 1 && self.current.is_some();
            if in_use || follows > through {
                break;
            }
            if let Err(error) = fs::remove_file(&first.path) {
                tracing::warn!(%error, file = %first.path.display(), "an old journal file could not be removed");
                return false;
            }
            self.inherited.take_if(|inherited| *inherited == first.path);
            self.files.pop_front();
        }
        true
    }

    /// All files, open: name inside the data folder, and how many bytes count.
    pub fn opened(&self) -> io::Result<Vec<(String, File, u64)>> {
        let current = self.current.as_ref();
        let open = |kept: &Kept| {
            let length = current.filter(|current| current.path == kept.path).map_or(kept.length, |file| file.length);
            let name = format!("journal/{}", name(&kept.path).unwrap_or_default());
            Ok((name, File::open(&kept.path)?, length))
        };
        self.files.iter().map(open).collect()
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.length).sum::<u64>() + self.current.as_ref().map_or(0, |file| file.length)
    }

    /// Files.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Syncs since it was opened.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    fn try_append(&mut self, applied: Applied, writes: &Writes) -> io::Result<()> {
        let restate = self.current.is_none() && !self.loose.is_empty();
        if self.current.is_none() {
            self.begin_file(applied.sequence)?;
        }
        let Some(current) = &mut self.current else { return Err(io::ErrorKind::NotFound.into()) };
        self.buffer.clear();
        let encoded = if restate {
            let mut all = Writes::new();
            for (seed, loose) in &self.loose {
                let found = record::read_at(loose, 0, *seed).and_then(|found| found.writes());
                all.extend(found.ok_or(io::ErrorKind::InvalidData)?);
            }
            all.extend(writes.iter().map(|(key, value)| (key.clone(), value.clone())));
            record::encode(&mut self.buffer, current.seed, applied, all.iter())
        } else {
            record::encode(&mut self.buffer, current.seed, applied, writes.iter())
        };
        encoded.ok_or(io::ErrorKind::FileTooLarge)?;
        current.file.write_all(&self.buffer)
    }

    fn begin_file(&mut self, first: u64) -> io::Result<()> {
        if let Some(inherited) = &self.inherited {
            File::open(inherited)?.sync_all()?;
            self.inherited = None;
        }
        let path = self.folder.join(format!("{:012}.log", self.next_number));
        // A number is used once, also when making the file fails halfway.
        self.next_number += 1;
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let header = Header { after: self.synced, first, seed: RandomState::new().build_hasher().finish() };
        let begun = file.write_all(&header.encode()).and_then(|()| file.sync_all());
        if let Err(error) = begun.and_then(|()| sync_folder(&self.folder)) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        self.syncs += 2;
        self.files.push_back(Kept { path: path.clone(), after: self.synced, length: 0 });
        self.current = Some(Current { file, path, seed: header.seed, length: HEADER as u64 });
        Ok(())
    }

    fn sync_current(&mut self) -> io::Result<()> {
        if let Some(current) = &self.current {
            current.file.sync_data()?;
            self.syncs += 1;
            self.synced = self.last;
            self.loose.clear();
        }
        Ok(())
    }

    fn after_append(&mut self) {
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        if self.synced == self.last && self.current.as_ref().is_some_and(|current| current.length >= FILE_BYTES) {
            self.end_file();
        }
    }

    fn end_file(&mut self) {
        if let (Some(current), Some(kept)) = (self.current.take(), self.files.back_mut()) {
            kept.length = current.length;
        }
    }

    /// Never writes to the current file again, except to cut off what failed: should that fail too, the next file's
    /// header makes it void.
    fn give_up(&mut self) {
        if let Some(current) = &self.current {
            let cut = current.file.set_len(current.length).and_then(|()| current.file.sync_all());
            tracing::warn!(file = %current.path.display(), cut = cut.is_ok(), "a journal file is given up");
        }
        self.end_file();
    }
}

#[cfg(test)]
mod tests;
