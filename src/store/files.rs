//! Files that are there whole or not at all, and what a failed write means for the operator.

use super::StoreError;
use crate::model::Time;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Replaces a file: another name, synced, renamed, the folder synced.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("tmp");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    publish(&beside, path)
}

/// Gives a synced file its name.
pub fn publish(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// Makes names in a folder last.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The last part of a path.
pub fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// Bytes of all files in these folders.
pub fn bytes_in(folders: &[PathBuf]) -> u64 {
    let items = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    items.filter_map(|item| item.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// When the newest file of a folder was written.
pub fn newest_in(folder: &Path) -> Option<Time> {
    let items = fs::read_dir(folder).ok()?.flatten();
    items.filter_map(|item| item.metadata().ok()?.modified().ok()).max().map(Time::from)
}

/// Bytes that the disk of a folder has left for who is not root.
pub fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Why a write failed and what happens next.
pub fn why_not_written(what: &str, error: &io::Error) -> StoreError {
    use io::ErrorKind::{FileTooLarge, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let why = match error.kind() {
        StorageFull => "the disk is full: free some space".to_owned(),
        QuotaExceeded => "the disk quota is used up: free some space".to_owned(),
        FileTooLarge => "the file would become too large".to_owned(),
        NotFound => format!("{error}: the folder is missing, or hidden from the service, whose /tmp is its own"),
        PermissionDenied | ReadOnlyFilesystem => {
            format!("{error}: the folder's owner, or ReadWritePaths= of the service, must let syndic write there")
        }
        _ => format!("{error}: look at the disk's health"),
    };
    StoreError::Write(format!(
        "{what} cannot be written: {why}. Nothing of this was stored, everything stored before is kept and served; \
         the next poll tries again by itself"
    ))
}

/// Why a folder cannot be used, and what to do.
pub fn unusable(folder: &Path, what: &str, error: &io::Error) -> StoreError {
    StoreError::Folder {
        path: folder.display().to_string(),
        why: format!(
            "the data folder {what} ({error}): make it writable for this user, or name another with --data or [store] path"
        ),
    }
}
