//! A fresh sled, filled in key order from a checkpoint and the journal after it: to make a lost one again, or to take the place
//! of one whose file has grown to several times what it holds.

use super::{
    StoreError,
    checkpoint::{self, Summary},
    files::{sync_folder, why_not_written},
    journal::{self, History},
    rebuild::bookkeeping,
    recover::{REPAIR, STUCK, bring_forward, tree_folders},
    sled::Tree,
    tally::{Applied, Tally},
};
use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    path::Path,
};

/// The cache of a tree that is being filled: what is written in key order is not read again soon.
const CACHE: u64 = 8 << 20;
/// A value of this size is put after all keys are there: the tree's pages do not move any more then, and the value is written
/// once. Otherwise each is written three times, and two of them stay in the file as garbage.
const LARGE: usize = 256;
/// Changes of the sweeper for each of those: enough to clear away what the keys left before the values are in.
const SWEEPS: usize = 10;
/// Journal records that may be missing when a copy is handed over: the writer brings them.
const BEHIND: u64 = 32;
/// How often a copy is brought forward beside the writer. Each round is shorter than the one before, if the writer lets it.
const ROUNDS: usize = 16;

/// A copy that holds everything through `applied`.
pub struct Copied {
    /// Open, with the cache it will work with.
    pub tree: Tree,
    /// How far it is.
    pub applied: Applied,
}

/// Fills a folder from a checkpoint and the journal, reads it back, and brings it close to `reached`, which goes on meanwhile.
/// Nothing is left of it after an error.
pub fn make(
    data: &Path,
    folder: &Path,
    cache: u64,
    base: &Summary,
    reached: &dyn Fn() -> u64,
    go_on: &dyn Fn() -> bool,
) -> Result<Copied, StoreError> {
    let made = try_make(data, folder, cache, base, reached, go_on);
    if made.is_err() {
        discard(folder);
    }
    made
}

fn try_make(
    data: &Path,
    folder: &Path,
    cache: u64,
    base: &Summary,
    reached: &dyn Fn() -> u64,
    go_on: &dyn Fn() -> bool,
) -> Result<Copied, StoreError> {
    let tree = Tree::open(folder, CACHE)?;
    let filled = journal::read_after(&journal::folder(data), base.start, reached())
        .and_then(|history| fill(&tree, Some(base), &history, go_on))
        .and_then(|(applied, _)| settle(&tree, applied).map(|()| applied));
    // Opened anew: with its proper cache, and as proof that it opens.
    let closed = tree.let_go();
    let mut applied = filled?;
    if !closed {
        return Err(StoreError::Write("the copy of the store does not close".into()));
    }
    sync_all(folder).map_err(|error| why_not_written("the copy of the store", &error))?;
    let tree = Tree::open(folder, cache)?;
    for _ in 0..ROUNDS {
        let upto = reached();
        if upto <= applied.sequence + BEHIND || !go_on() {
            break;
        }
        let history = journal::read_after(&journal::folder(data), applied.sequence, upto);
        match history.and_then(|history| bring_forward(&tree, applied, &history)) {
            Ok((to, _)) => applied = to,
            Err(error) => {
                tree.let_go();
                return Err(error);
            }
        }
    }
    Ok(Copied { tree, applied })
}

/// Looks at what the copy really holds, and has it say so.
fn settle(tree: &Tree, applied: Applied) -> Result<(), StoreError> {
    if Tally::of(tree)? != applied.tally {
        return Err(StoreError::Damaged("the copy of the store does not hold what was put into it".into()));
    }
    tree.apply(bookkeeping(applied))?;
    tree.flush()
}

/// Checkpoint, then journal. Until somebody makes it say how far it is, it is a tree that nobody trusts.
pub fn fill(
    tree: &Tree,
    base: Option<&Summary>,
    history: &History,
    go_on: &dyn Fn() -> bool,
) -> Result<(Applied, u64), StoreError> {
    let mut applied = Applied::default();
    if let Some(base) = base {
        applied = Applied { sequence: base.start, tally: load(tree, base, go_on)? };
    }
    let (mut replayed, mut expected) = (0, None);
    history.replay(applied.sequence, |to, writes| {
        applied = Applied { sequence: to.sequence, tally: applied.tally.after(tree, &writes, &HashSet::new())? };
        (replayed, expected) = (replayed + 1, Some(to.tally));
        tree.apply(writes)
    })?;
    if expected.is_some_and(|expected| expected != applied.tally) {
        return Err(StoreError::Damaged(
            "checkpoint and journal lead to another store than there was: restore the data folder from a backup".into(),
        ));
    }
    Ok((applied, replayed))
}

/// First all keys, with the values that are small; then the large values.
fn load(tree: &Tree, base: &Summary, go_on: &dyn Fn() -> bool) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let mut seen = 0u64;
    let mut asked = || {
        seen += 1;
        let stop = seen.is_multiple_of(1024) && !go_on();
        if stop { Err(StoreError::Write("the copy was given up: the store is closing".into())) } else { Ok(()) }
    };
    checkpoint::read(&base.path, |key, value| {
        asked()?;
        tally.add(&key, &value);
        tree.put(&key, if value.len() < LARGE { &value } else { &[] })
    })?;
    let mut sweeper = tree.sweeper()?;
    checkpoint::read(&base.path, |key, value| {
        asked()?;
        if value.len() < LARGE {
            return Ok(());
        }
        tree.put(&key, &value)?;
        (0..SWEEPS).try_for_each(|_| sweeper.sweep())
    })?;
    Ok(tally)
}

/// Removes what sled left behind that is not the one in use: copies that were not finished, folders that a copy took the place
/// of, files that a full disk did not let go of.
pub fn tidy(data: &Path, in_use: u64) {
    for (number, folder) in tree_folders(data) {
        if number != in_use {
            discard(&folder);
        }
    }
    discard(&data.join(STUCK));
    discard(&data.join(REPAIR));
}

/// Removes a folder of sled. Emptied first: files that are still open would not give their room back otherwise.
pub fn discard(folder: &Path) {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = File::options().write(true).open(file.path()).and_then(|file| file.set_len(0));
    }
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "what sled left behind could not be removed");
    }
}

/// sled itself syncs nothing.
fn sync_all(folder: &Path) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() { sync_all(&path)? } else { File::open(path)?.sync_all()? }
    }
    sync_folder(folder)
}
