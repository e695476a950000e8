//! Taking hold of a data folder: made if missing, locked against a second process, opened with care, its version judged.

use super::{StoreError, StoreOptions, codec, keys, overlay::Writes, sled::Tree};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Holds the data folder for as long as it lives.
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// Locks a data folder and opens the tree in it.
pub fn open(folder: &Path, options: &StoreOptions) -> Result<(Tree, Lock), StoreError> {
    let inner = folder.join("sled");
    // Private feeds and what secret addresses gave are in it: for this user only.
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&inner);
    made.map_err(|error| unusable(folder, "cannot be made", &error))?;
    let lock = lock(folder)?;
    let tree = Tree::open(&inner, options.cache)?;
    judge(&tree, folder)?;
    Ok((tree, lock))
}

/// `<data>/syndic.lock` holds the holder's pid. The lock goes with the process, however it ends; the file stays.
fn lock(folder: &Path) -> Result<Lock, StoreError> {
    let path = folder.join("syndic.lock");
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = opened.map_err(|error| unusable(folder, "cannot be written", &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(held(folder, file)),
        Err(TryLockError::Error(error)) => return Err(unusable(folder, "cannot be locked", &error)),
    }
    let named = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    named.map_err(|error| unusable(folder, "cannot be written", &error))?;
    Ok(Lock(file))
}

fn held(folder: &Path, file: File) -> StoreError {
    let mut pid = String::new();
    // A pid is a few digits; whatever else stands there is not worth reading.
    let read = file.take(16).read_to_string(&mut pid);
    let pid = read.ok().map(|_| pid.trim().to_owned()).filter(|pid| !pid.is_empty());
    StoreError::Held { path: folder.display().to_string(), pid: pid.unwrap_or_else(|| "unknown".into()) }
}

/// A new store gets its version; one that should hold something and does not, or that a newer program wrote, is refused.
fn judge(tree: &Tree, folder: &Path) -> Result<(), StoreError> {
    let marker = marker(folder);
    let Some(found) = tree.get(keys::schema())? else {
        if marker.exists() || !tree.is_empty() {
            return Err(StoreError::Damaged(format!(
                "{}: the store came up empty although it was in use: restore the data folder from a backup, \
                 or move it aside to begin anew",
                folder.display()
            )));
        }
        return begin(tree, folder);
    };
    let found = codec::number(&found)?;
    if found > u64::from(keys::SCHEMA) {
        return Err(StoreError::Damaged(format!(
            "{}: written by a newer syndic (store version {found}, this one knows {}): use that one",
            folder.display(),
            keys::SCHEMA
        )));
    }
    // A kill between the first flush and the marker leaves it out.
    mark(folder, &marker)
}

fn begin(tree: &Tree, folder: &Path) -> Result<(), StoreError> {
    let version = u64::from(keys::SCHEMA).to_be_bytes().to_vec();
    tree.apply(Writes::from([(keys::schema().to_vec(), Some(version))]))?;
    tree.flush()?;
    mark(folder, &marker(folder))
}

/// Outside the tree, so that a tree that lost everything is told from a new one.
pub fn marker(folder: &Path) -> PathBuf {
    folder.join("syndic.store")
}

fn mark(folder: &Path, marker: &Path) -> Result<(), StoreError> {
    if marker.exists() {
        return Ok(());
    }
    fs::write(marker, format!("{}\n", keys::SCHEMA)).map_err(|error| unusable(folder, "cannot be written", &error))
}

fn unusable(folder: &Path, what: &str, error: &std::io::Error) -> StoreError {
    StoreError::Folder {
        path: folder.display().to_string(),
        why: format!(
            "the data folder {what} ({error}): make it writable for this user, or name another with --data or [store] path"
        ),
    }
}
