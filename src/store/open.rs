//! Taking hold of a data folder: made if missing, locked against a second process.

use super::{StoreError, files::unusable};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::Path,
    thread,
    time::Duration,
};

/// How often a lock of this very process is tried again.
const TRIES: u32 = 50;

/// Holds the data folder for as long as it lives.
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// Makes and locks a data folder. `<data>/syndic.lock` holds the holder's pid. The lock goes with the process, however
/// it ends; the file stays.
pub fn lock(folder: &Path) -> Result<Lock, StoreError> {
    // Private feeds and what secret addresses gave are in it: for this user only.
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| unusable(folder, "cannot be made", &error))?;
    not_as_root(folder)?;
    let path = folder.join("syndic.lock");
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = opened.map_err(|error| unusable(folder, "cannot be written", &error))?;
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            // A child that this very process is about to start holds what the process held, for a moment, until it is another program.
            Err(TryLockError::WouldBlock) if tries < TRIES && holder(&mut file) == std::process::id().to_string() => {
                tries += 1;
                thread::sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => return Err(held(folder, file)),
            Err(TryLockError::Error(error)) => return Err(unusable(folder, "cannot be locked", &error)),
        }
    }
    // Who holds it is a courtesy: on a full disk the lock holds without it.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock(file))
}

/// What root writes into the folder of a service's user, that user cannot use afterwards: the next start would fail.
fn not_as_root(folder: &Path) -> Result<(), StoreError> {
    let owner = fs::metadata(folder).map_or(0, |found| found.uid());
    if owner == 0 || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    Err(StoreError::Folder {
        path: folder.display().to_string(),
        why: format!(
            "the data folder belongs to user {owner}, who could not use what root writes there: run this as that user (sudo -u '#{owner}' …), \
             or while the daemon runs, which does it then"
        ),
    })
}

fn held(folder: &Path, mut file: File) -> StoreError {
    let pid = Some(holder(&mut file)).filter(|pid| !pid.is_empty());
    StoreError::Held { path: folder.display().to_string(), pid: pid.unwrap_or_else(|| "unknown".into()) }
}

/// The pid in the lock file; empty when there is none to be read.
fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    // A pid is a few digits; whatever else stands there is not worth reading.
    let read = file.rewind().and_then(|()| file.take(16).read_to_string(&mut pid));
    read.map(|_| pid.trim().to_owned()).unwrap_or_default()
}
