//! Whether files have changed: by what they are (inode, size, times), not by what a kernel says of them. Safe against editors
//! that rename, and against reading a file while it is written.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Files that are looked at.
pub(super) struct Watch {
    files: Vec<PathBuf>,
    /// As they were when they were read last.
    taken: Identity,
    /// As they were at the last look.
    seen: Identity,
}

/// What tells one state of the files from another; `None` for one that is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity(Vec<Option<[i64; 7]>>);

impl Identity {
    /// As they are now.
    pub(super) fn of(files: &[PathBuf]) -> Identity {
        let one = |path: &PathBuf| Path::metadata(path).ok().map(|found| marks(&found));
        Identity(files.iter().map(one).collect())
    }
}

fn marks(of: &Metadata) -> [i64; 7] {
    let id = |number: u64| i64::from_ne_bytes(number.to_ne_bytes());
    [id(of.dev()), id(of.ino()), id(of.len()), of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()]
}

impl Watch {
    /// Over files that were just read.
    pub(super) fn over(files: Vec<PathBuf>) -> Watch {
        let now = Identity::of(&files);
        Watch { files, taken: now.clone(), seen: now }
    }

    /// What is looked at.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// They were read, and depend on these files. `before`: as the earlier ones were when reading began.
    pub(super) fn taken(&mut self, before: Identity, files: Vec<PathBuf>) {
        let known = |path: &PathBuf| self.files.iter().position(|file| file == path);
        let old = |path: &PathBuf| before.0.get(known(path)?).copied();
        let new = |path: &PathBuf| Identity::of(std::slice::from_ref(path)).0.pop().flatten();
        self.taken = Identity(files.iter().map(|path| old(path).unwrap_or_else(|| new(path))).collect());
        self.seen = self.taken.clone();
        self.files = files;
    }

    /// One look. True when they are not as they were read, and have not changed since the look before: an editor that is
    /// still at it is given time.
    pub(super) fn has_changed(&mut self) -> bool {
        let now = Identity::of(&self.files);
        self.decide(now)
    }

    fn decide(&mut self, now: Identity) -> bool {
        let settled = now == self.seen;
        self.seen = now;
        settled && self.seen != self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_change_is_told_once_it_has_settled_however_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.toml");
        fs::write(&file, "one").unwrap();
        let mut watch = Watch::over(vec![file.clone()]);
        assert!(!watch.has_changed());
        let beside = folder.path().join("new");
        fs::write(&beside, "two").unwrap();
        fs::rename(&file, folder.path().join("feeds.toml~")).unwrap();
        assert!(!watch.has_changed(), "vim has moved it away");
        fs::rename(&beside, &file).unwrap();
        assert!(!watch.has_changed(), "it is there again, perhaps not whole");
        assert!(watch.has_changed());
        let before = Identity::of(watch.files());
        watch.taken(before, vec![file.clone()]);
        assert!(!watch.has_changed() && !watch.has_changed());
        fs::remove_file(&file).unwrap();
        assert!(!watch.has_changed());
        assert!(watch.has_changed(), "one that stays away is told too");
    }

    #[test]
    fn what_changes_while_it_is_read_is_seen_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.toml");
        fs::write(&file, "one").unwrap();
        let mut watch = Watch::over(vec![file.clone()]);
        let before = Identity::of(watch.files());
        fs::write(&file, "another").unwrap();
        watch.taken(before, vec![file]);
        assert!(!watch.has_changed());
        assert!(watch.has_changed());
    }
}
