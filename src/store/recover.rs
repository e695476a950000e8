//! From what lies in the data folder to a store that holds everything acknowledged: sled if it is whole, brought forward
//! by the journal; else made again from checkpoint and journal. Never an empty or shorter one without a word.

use super::{
    Opened, StoreError, checkpoint, codec,
    files::{sync_folder, unusable},
    journal::{self, History, Journal},
    keys,
    marker::{Marker, fingerprint},
    rebuild::{bookkeeping, rebuild},
    sled::Tree,
    tally::{Applied, Tally},
    upgrade::{claim, upgrade},
};
use std::{
    collections::HashSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// An open store's parts.
pub struct Recovered {
    /// The tree, holding everything through `applied`.
    pub tree: Tree,
    /// How far it is.
    pub applied: Applied,
    /// Goes on after it.
    pub journal: Journal,
    /// As it stands on the disk.
    pub marker: Marker,
    /// For the operator.
    pub opened: Opened,
    /// The journal alone would not do to make it again: a checkpoint is due.
    pub checkpoint_due: bool,
}

/// What lies in sled's folder.
enum Found {
    /// Nothing was ever written.
    Empty,
    /// From before the journal.
    Old(Tree),
    /// Everything it says it holds.
    Whole(Tree, Applied),
    /// Not to be trusted, and why.
    Bad(String),
    /// Of a later version.
    Newer(u64),
}

/// Where the files of a sled lie that failed and does not let go of them.
pub const STUCK: &str = "sled.stuck";

/// Where they lie while sled is made again on request.
pub const REPAIR: &str = "sled.repair";

/// The folder sled works in: `sled`, or after a copy took its place `sled.N`.
pub fn tree_folder(data: &Path, number: u64) -> PathBuf {
    data.join(if number == 0 { "sled".to_owned() } else { format!("sled.{number}") })
}

/// The folders that sled works in, worked in, or was to work in.
pub fn tree_folders(data: &Path) -> Vec<(u64, PathBuf)> {
    let items = fs::read_dir(data).into_iter().flatten().flatten();
    let number = |name: &str| if name == "sled" { Some(0) } else { name.strip_prefix("sled.")?.parse().ok() };
    let mut found: Vec<_> = items.filter_map(|item| Some((number(item.file_name().to_str()?)?, item.path()))).collect();
    found.sort();
    found
}

/// What the marker names; should it be bent, or the folder be gone, the last there is: it is looked at closely either way.
fn tree_at_hand(data: &Path, marker: Option<Marker>) -> u64 {
    let named = marker.map_or(0, |marker| marker.tree);
    let found = tree_folders(data);
    let there = found.iter().any(|(number, _)| *number == named);
    if there { named } else { found.last().map_or(named, |(number, _)| *number) }
}

/// Opens what a locked data folder holds. Journal records beyond `limit` are void.
pub fn recover(data: &Path, cache: u64, limit: u64) -> Result<Recovered, StoreError> {
    let marker = Marker::read(data)?;
    if let Some(newer) = marker.filter(|marker| marker.schema > keys::SCHEMA) {
        return Err(written_by_a_newer(data, newer.schema.into()));
    }
    let number = tree_at_hand(data, marker);
    let folder = tree_folder(data, number);
    for folder in [folder.clone(), journal::folder(data), checkpoint::folder(data)] {
        fs::create_dir_all(&folder).map_err(|error| unusable(data, "cannot be written", &error))?;
    }
    sync_folder(data).map_err(|error| unusable(data, "cannot be written", &error))?;
    checkpoint::tidy(data);
    let history = journal::read(&journal::folder(data), limit)?;
    let least = marker.map_or(0, |marker| marker.sequence);
    let as_left = marker.and_then(|marker| marker.closed);
    let as_left = as_left.is_some_and(|hash| fingerprint(&folder).is_ok_and(|now| now == hash));
    // A store is of its marker's version, until the checkpoint of a newer one is there.
    let version = marker.map_or(keys::SCHEMA, |marker| marker.schema);
    let version = checkpoint::schema_at_hand(data).map_or(version, |written| written.max(version));
    let nothing_else = history.last.sequence == 0 && history.covers(0) && checkpoint::at_hand(data).is_none();

    let (tree, applied, opened) = match examine(&folder, cache, as_left, version)? {
        Found::Newer(schema) => return Err(written_by_a_newer(data, schema)),
        Found::Empty if marker.is_none() && nothing_else => begin(data, &folder, cache, &history)?,
        Found::Old(tree) if history.files.is_empty() => {
            let applied = Applied { sequence: commits(&tree)?, tally: Tally::default() };
            (tree, applied, Opened::default())
        }
        Found::Whole(tree, applied) => {
            // Left in order, it holds all there is, whatever became of the journal since.
            let complete = as_left && history.last.sequence <= applied.sequence;
            let reachable = complete || history.covers(applied.sequence);
            let enough = applied.sequence.max(history.last.sequence) >= least;
            let forward = if reachable && enough {
                bring_forward(&tree, applied, &history)
            } else {
                Err(StoreError::Damaged("the journal between the store and now is damaged".into()))
            };
            match forward {
                Ok((applied, replayed)) => (tree, applied, Opened { replayed, ..Opened::default() }),
                Err(StoreError::Damaged(why)) => {
                    drop(tree);
                    rebuild(data, &folder, cache, &history, least, &why)?
                }
                Err(error) => return Err(error),
            }
        }
        Found::Empty => rebuild(data, &folder, cache, &history, least, "it came up empty although it was in use")?,
        Found::Old(tree) => {
            drop(tree);
            rebuild(data, &folder, cache, &history, least, "it is of an older version than its journal")?
        }
        Found::Bad(why) => rebuild(data, &folder, cache, &history, least, &why)?,
    };
    let (number, tree, applied) = match version {
        ..3 => upgrade(data, cache, tree, applied)?,
        3 => claim(&tree, applied).map(|()| (number, tree, applied))?,
        _ => (number, tree, applied),
    };
    conclude(data, marker, (number, tree), applied, opened, limit)
}

/// What is common to all ways: the marker, and whether everything could be made again.
fn conclude(
    data: &Path,
    marker: Option<Marker>,
    (number, tree): (u64, Tree),
    applied: Applied,
    mut opened: Opened,
    limit: u64,
) -> Result<Recovered, StoreError> {
    // Read again: the first opening has made a file.
    let history = journal::read(&journal::folder(data), limit)?;
    opened.cut = history.cut.clone();
    if let Some(cut) = &opened.cut {
        tracing::warn!(what = cut, "the journal ends in what was not written whole, and is not needed");
    }
    let from = checkpoint::at_hand(data).map_or(0, |(start, _)| start);
    let checkpoint_due = !history.covers(from) || history.last.sequence.max(from) < applied.sequence;
    let closed = marker.and_then(|marker| marker.closed);
    let mut now = Marker { closed, tree: number, ..Marker::at(applied.sequence) };
    if marker.is_none_or(|marker| (marker.schema, marker.tree) != (now.schema, now.tree)) || opened.rebuilt.is_some() {
        now.closed = None;
        now.write(data).map_err(|error| unusable(data, "cannot be written", &error))?;
    }
    let journal = Journal::after(data, &history, applied.sequence);
    Ok(Recovered { tree, applied, journal, marker: now, opened, checkpoint_due })
}

/// Opens sled's files and says what they are worth. `as_left`: they are as an orderly end left them, and need no reading.
fn examine(folder: &Path, cache: u64, as_left: bool, version: u32) -> Result<Found, StoreError> {
    let is_new = fs::read_dir(folder).is_ok_and(|mut items| items.next().is_none());
    if is_new {
        return Ok(Found::Empty);
    }
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let tree = Tree::open(folder, cache)?;
        judge(tree, as_left, version)
    }));
    match looked {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(StoreError::Damaged(why))) => Ok(Found::Bad(why)),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Found::Bad("sled panicked while reading its files".into())),
    }
}

fn judge(tree: Tree, as_left: bool, version: u32) -> Result<Found, StoreError> {
    let Some(schema) = tree.get(keys::schema())? else {
        let empty = tree.is_empty();
        return Ok(if empty { Found::Empty } else { Found::Bad("its version is missing".into()) });
    };
    let schema = codec::number(&schema)?;
    if schema > u64::from(keys::SCHEMA) {
        return Ok(Found::Newer(schema));
    }
    if schema < u64::from(version) {
        return Ok(Found::Bad("it was upgraded, and this is what it was before".into()));
    }
    let Some(applied) = tree.get(keys::applied())? else {
        let old = schema == 1;
        return Ok(if old { Found::Old(tree) } else { Found::Bad("it does not say how far it is".into()) });
    };
    let applied = Applied::decode(&applied)?;
    if as_left {
        return Ok(Found::Whole(tree, applied));
    }
    let holds = Tally::of(&tree)?;
    if holds == applied.tally {
        return Ok(Found::Whole(tree, applied));
    }
    Ok(Found::Bad(format!("it holds {} keys where {} were written, or others", holds.keys, applied.tally.keys)))
}

/// Replays what came after; every step must lead where it led before.
pub fn bring_forward(tree: &Tree, from: Applied, history: &History) -> Result<(Applied, u64), StoreError> {
    let (mut applied, mut replayed) = (from, 0);
    history.replay(from.sequence, |to, mut writes| {
        if applied.tally.after(tree, &writes, &HashSet::new())? != to.tally {
            return Err(StoreError::Damaged("replaying the journal leads elsewhere than it did".into()));
        }
        writes.insert(keys::applied().to_vec(), Some(to.encode()));
        tree.apply(writes)?;
        (applied, replayed) = (to, replayed + 1);
        Ok(())
    })?;
    Ok((applied, replayed))
}

/// The first opening. The journal begins before the marker says that there is a store: sled may be lost at any time.
fn begin(data: &Path, folder: &Path, cache: u64, history: &History) -> Result<(Tree, Applied, Opened), StoreError> {
    if history.files.is_empty() {
        Journal::after(data, history, 0).begin()?;
    }
    let tree = Tree::open(folder, cache)?;
    tree.apply(bookkeeping(Applied::default()))?;
    tree.flush()?;
    Ok((tree, Applied::default(), Opened::default()))
}

/// Commits of a store from before the journal.
fn commits(tree: &Tree) -> Result<u64, StoreError> {
    tree.get(keys::sequence())?.map_or(Ok(0), |bytes| codec::number(&bytes))
}

fn written_by_a_newer(data: &Path, schema: u64) -> StoreError {
    StoreError::Damaged(format!(
        "{}: written by a newer syndic (store version {schema}, this one knows {}): use that one",
        data.display(),
        keys::SCHEMA
    ))
}
