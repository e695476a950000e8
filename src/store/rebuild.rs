//! sled made again from the newest checkpoint and the journal after it; what was there is put aside, not deleted.

use super::{
    Opened, StoreError, checkpoint,
    copy::fill,
    files::{sync_folder, unusable},
    journal::History,
    keys,
    overlay::Writes,
    sled::Tree,
    tally::Applied,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const ASIDE: &str = "sled.damaged-";

/// Makes sled again. `least`: it is known to have come this far. Touches nothing before it is sure to succeed.
pub fn rebuild(
    data: &Path,
    folder: &Path,
    cache: u64,
    history: &History,
    least: u64,
    why: &str,
) -> Result<(Tree, Applied, Opened), StoreError> {
    let (base, damaged) = checkpoint::newest(data);
    let start = base.as_ref().map_or(0, |base| base.start);
    let reached = history.last.sequence.max(start);
    let needed = base.as_ref().map_or(0, |base| base.end).max(least);
    let unbroken = if base.is_some() { history.covers(start) } else { history.is_whole() };
    if !unbroken || reached < needed {
        return Err(beyond_repair(data, why, base.is_some(), &damaged, reached, needed));
    }
    // What is empty is not worth keeping.
    let empty = fs::read_dir(folder).is_ok_and(|mut items| items.next().is_none());
    let left = if empty {
        tracing::warn!(
            why,
            checkpoint = start,
            journal = reached,
            "sled holds nothing: it is made from checkpoint and journal"
        );
        "there were no files".to_owned()
    } else {
        let aside = move_aside(data, folder).map_err(|error| unusable(data, "cannot be written", &error))?;
        tracing::error!(why, aside = %aside.display(), checkpoint = start, journal = reached,
            "the store is damaged: making it again from checkpoint and journal; nothing acknowledged is lost");
        format!("the old files are in {}", aside.display())
    };
    let tree = Tree::open(folder, cache)?;
    let (applied, replayed) = fill(&tree, base.as_ref(), history, &|| true)?;
    tree.apply(bookkeeping(applied))?;
    tree.flush()?;
    let rebuilt = format!("{why}; made again from checkpoint and journal, {left}");
    Ok((tree, applied, Opened { rebuilt: Some(rebuilt), replayed, cut: None }))
}

/// What a tree holds about itself.
pub fn bookkeeping(applied: Applied) -> Writes {
    let version = u64::from(keys::SCHEMA).to_be_bytes().to_vec();
    Writes::from([(keys::schema().to_vec(), Some(version)), (keys::applied().to_vec(), Some(applied.encode()))])
}

/// Folders of damaged files that were moved beside, by number.
pub fn put_aside(data: &Path) -> Vec<(u64, PathBuf)> {
    let items = fs::read_dir(data).into_iter().flatten().flatten();
    let number = |name: &str| name.strip_prefix(ASIDE)?.parse().ok();
    items.filter_map(|item| Some((number(item.file_name().to_str()?)?, item.path()))).collect()
}

/// Moves sled's folder beside. One such folder is kept: the latest.
fn move_aside(data: &Path, folder: &Path) -> io::Result<PathBuf> {
    let earlier = put_aside(data);
    let next = earlier.iter().map(|(number, _)| number + 1).max().unwrap_or(1);
    let aside = data.join(format!("{ASIDE}{next}"));
    fs::rename(folder, &aside)?;
    fs::create_dir_all(folder)?;
    sync_folder(data)?;
    for (_, path) in earlier {
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(%error, folder = %path.display(), "an older damaged store could not be removed");
        }
    }
    Ok(aside)
}

fn beyond_repair(
    data: &Path,
    why: &str,
    has_checkpoint: bool,
    damaged: &[String],
    reached: u64,
    needed: u64,
) -> StoreError {
    let what = if !damaged.is_empty() {
        damaged.join(", ")
    } else if reached < needed {
        format!("they reach write {reached}, and {needed} were made")
    } else if has_checkpoint {
        "a part of the journal is damaged or missing".to_owned()
    } else {
        "there is no checkpoint, and the journal does not begin at the beginning".to_owned()
    };
    StoreError::Damaged(format!(
        "{}: the store is damaged ({why}), and cannot be made again from checkpoint and journal ({what}). Nothing was changed. \
         Restore the data folder from a backup, or move it aside to begin anew",
        data.display()
    ))
}
