//! What the journal files of a folder hold: which sequences can be replayed, which are missing. Changes nothing.

use super::record::{self, HEADER, Header};
use crate::store::{StoreError, overlay::Writes, tally::Applied};
use std::{
    fs::{self, File},
    io::{self, Read},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// The journal files of a folder, judged.
#[derive(Debug, Default)]
pub struct History {
    /// Oldest first.
    pub files: Vec<LogFile>,
    /// The last record that counts; 0 without any.
    pub last: Applied,
    /// Number for the next file.
    pub next_number: u64,
    /// What could not be read and may have been a write that was under way: for the operator.
    pub cut: Option<String>,
    /// Files of which nothing can be told.
    pub unreadable: Vec<PathBuf>,
    /// Sequences that were written once and are not here, in order.
    missing: Vec<RangeInclusive<u64>>,
}

/// A journal file.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Where.
    pub path: PathBuf,
    /// Its records come after this sequence.
    pub after: u64,
    /// Its first record has this one.
    first: u64,
    /// Its records beyond this one are void.
    limit: u64,
    /// Bytes.
    pub length: u64,
}

/// Reads the journal folder. Records beyond `limit` are void: a group that failed and whose record may still lie there.
pub fn read(folder: &Path, limit: u64) -> Result<History, StoreError> {
    read_after(folder, 0, limit)
}

/// The same without the files that hold nothing after `from`.
pub fn read_after(folder: &Path, from: u64, limit: u64) -> Result<History, StoreError> {
    let mut found = Vec::new();
    let mut history = History { next_number: 1, ..History::default() };
    for (number, path) in numbered(folder).map_err(|error| unreadable(folder, &error))? {
        history.next_number = number + 1;
        let mut head = Vec::new();
        let opened = File::open(&path).and_then(|file| {
            (&file).take(HEADER as u64).read_to_end(&mut head)?;
            Ok(file.metadata()?.len())
        });
        let length = opened.map_err(|error| unreadable(&path, &error))?;
        found.push((path, length, Header::decode(&head)));
    }
    let mut limit = limit;
    for (path, length, header) in found.into_iter().rev() {
        if let Some(Header { after, first, .. }) = header {
            history.files.push(LogFile { path, after, first, limit, length });
            limit = limit.min(after);
            continue;
        }
        history.unreadable.push(path.clone());
        if length > HEADER as u64 {
            // Nothing in it can be told from chance. The next file's `after` says whether anything is missing.
            tracing::error!(file = %path.display(), "the head of a journal file is damaged");
            history.cut = Some(format!("{} cannot be read: its head is damaged", path.display()));
            if history.files.is_empty() {
                history.missing.push(u64::MAX..=u64::MAX);
            }
        }
    }
    history.files.reverse();
    let newer = history.files.iter().skip(1).take_while(|file| from > 0 && file.after <= from).count();
    history.files.drain(..newer);
    history.judge()?;
    Ok(history)
}

impl History {
    /// Walks all records and notes what is missing.
    fn judge(&mut self) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        let mut expected = 1;
        let mut tail = None;
        for file in &self.files {
            if file.after >= expected {
                missing.push(expected..=file.after);
            }
            expected = file.first;
            let end = file.records(&mut |found| {
                let sequence = found.applied.sequence;
                if sequence > expected {
                    missing.push(expected..=sequence - 1);
                }
                expected = sequence + 1;
                self.last = found.applied;
                Ok(())
            })?;
            tail = (end < file.length)
                .then(|| format!("{} bytes at the end of {}", file.length - end, file.path.display()));
            if self.last.sequence <= file.after {
                expected = file.after + 1;
            }
        }
        missing.append(&mut self.missing);
        self.missing = missing;
        self.cut = self.cut.take().or(tail);
        Ok(())
    }

    /// True when everything after `from` is here.
    pub fn covers(&self, from: u64) -> bool {
        self.missing.iter().all(|range| *range.end() <= from)
    }

    /// True when it holds everything that was ever written.
    pub fn is_whole(&self) -> bool {
        !self.files.is_empty() && self.covers(0)
    }

    /// Hands out every record after `from` that counts, in order.
    pub fn replay(
        &self,
        from: u64,
        mut each: impl FnMut(Applied, Writes) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for file in &self.files {
            file.records(&mut |found| {
                if found.applied.sequence <= from {
                    return Ok(());
                }
                let writes = found.writes();
                let writes = writes.ok_or_else(|| StoreError::Damaged("a journal record has no form".into()))?;
                each(found.applied, writes)
            })?;
        }
        Ok(())
    }
}

impl LogFile {
    /// Hands out the records that count; gives back where the readable part ends.
    fn records(&self, each: &mut dyn FnMut(record::Found<'_>) -> Result<(), StoreError>) -> Result<u64, StoreError> {
        let bytes = fs::read(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let Some(Header { seed, .. }) = Header::decode(&bytes) else { return Ok(0) };
        let (mut at, mut last) = (HEADER, self.after);
        while let Some(found) = record::find_from(&bytes, at, seed) {
            at = found.end;
            if found.applied.sequence > last && found.applied.sequence <= self.limit {
                last = found.applied.sequence;
                each(found)?;
            }
        }
        Ok(at as u64)
    }
}

/// The journal files of a folder by number.
fn numbered(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".log"));
        if let Some(number) = name.and_then(|name| name.parse().ok()) {
            files.push((number, path));
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Folder { path: path.display().to_string(), why: format!("the journal cannot be read: {error}") }
}
