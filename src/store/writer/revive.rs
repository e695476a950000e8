//! sled made again beside the one that could not write, which is read from meanwhile and never let go of.

use super::depot::Depot;
use crate::store::{
    StoreError,
    copy::discard,
    files::why_not_written,
    read,
    recover::{Recovered, STUCK, recover, tree_folder},
    sled::Tree,
};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

/// sled is made again only where it finds some room: it needs a segment or two at once.
const ROOM: usize = 8 << 20;
/// How often that is tried.
const RETRY: Duration = Duration::from_secs(1);

impl Depot {
    /// Makes sled again from checkpoint and journal, once there is room. Until then readers keep the old handle.
    pub(super) fn revive(&mut self) -> Result<(), StoreError> {
        let Some(failure) = &mut self.failed else { return Ok(()) };
        if failure.tried.is_some_and(|tried| tried.elapsed() < RETRY) {
            return Err(StoreError::Write(failure.why.clone()));
        }
        failure.tried = Some(Instant::now());
        let limit = failure.limit;
        probe(&self.data).map_err(|error| why_not_written("the store", &error))?;
        if let Some(running) = self.running.take() {
            running.stop.store(true, Ordering::Release);
            let _ = running.thread.join();
        }
        self.compacting.give_up();
        let recovered = recover_beside(&self.data, self.marker.tree, self.cache, limit)?;
        let heads = read::heads(&recovered.tree)?;
        let mut view = self.shared.view.write().unwrap_or_else(PoisonError::into_inner);
        let _ = view.replace(recovered.tree.clone()).map(Tree::let_go);
        *self.shared.heads.write().unwrap_or_else(PoisonError::into_inner) = heads;
        self.shared.applied.store(recovered.applied.sequence, Ordering::Release);
        self.tree = Some(recovered.tree);
        (self.applied, self.journal, self.marker) = (recovered.applied, recovered.journal, recovered.marker);
        // The file that was given up may lack what was never synced.
        self.due = true;
        self.failed = None;
        tracing::info!("the store can be written again");
        Ok(())
    }
}

/// A sled that failed does not let go of its files: others are made, and readers keep the old ones until they are there.
fn recover_beside(data: &Path, number: u64, cache: u64, limit: u64) -> Result<Recovered, StoreError> {
    let (tree, stuck) = (tree_folder(data, number), data.join(STUCK));
    let failed = |error| why_not_written("the store", &error);
    if stuck.exists() {
        // What an earlier try has left in its place is not whole.
        let _ = fs::remove_dir_all(&tree);
    } else {
        fs::rename(&tree, &stuck).map_err(failed)?;
    }
    let recovered = recover(data, cache, limit);
    if recovered.is_err() {
        let _ = fs::remove_dir_all(&tree);
        fs::rename(&stuck, &tree).map_err(failed)?;
    } else {
        discard(&stuck);
    }
    recovered
}

/// Is there room to write?
pub fn probe(data: &Path) -> std::io::Result<()> {
    let path = data.join("room.tmp");
    let tried = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; ROOM])?;
        file.sync_all()
    });
    let _ = fs::remove_file(&path);
    tried
}
