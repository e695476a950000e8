//! A folder of files that others read while it is written: each file is whole at any moment, what is equal is left alone, and only
//! what an earlier export wrote is ever removed. Synced once, at the end.

use super::manifest::{self, Kind, Manifest, Written};
use anyhow::Context;
use rustix::fs::{FlockOperation, flock, syncfs};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Files are written here and moved into place.
const UNFINISHED: &str = ".unfinished";

/// A folder, held by one export at a time.
pub struct Tree {
    root: PathBuf,
    /// Locked as long as it is open.
    lock: File,
    next: AtomicU64,
    /// The last export broke off: what is there may be newer than its manifest.
    broken_off: bool,
}

/// A document in its codings.
pub struct Coded<'b> {
    /// As it is.
    pub plain: &'b [u8],
    /// gzip.
    pub gz: Option<Vec<u8>>,
    /// Brotli.
    pub br: Option<Vec<u8>>,
}

impl Tree {
    /// Takes hold of a folder, which is made if it is not there; and what the last export left in it. A folder with something else
    /// in it is left alone.
    pub fn open(root: &Path, kind: Kind) -> anyhow::Result<(Tree, Manifest)> {
        let shown = root.display();
        fs::create_dir_all(root).with_context(|| format!("{shown}: cannot be made"))?;
        let lock = File::open(root).with_context(|| format!("{shown}: cannot be opened"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .with_context(|| format!("{shown}: another export is writing here; try again when it has ended"))?;
        let manifest = root.join(manifest::NAME);
        let broken_off = root.join(UNFINISHED).exists();
        let read = match File::open(&manifest) {
            Ok(file) => Manifest::read(BufReader::new(file)).with_context(|| {
                format!("{}: not the manifest of an export; name another folder, or remove it", manifest.display())
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let empty = broken_off || fs::read_dir(root)?.next().is_none();
                anyhow::ensure!(empty, "{shown}: is not empty, and no export of ours; name an empty folder");
                Manifest::default()
            }
            Err(error) => return Err(error).with_context(|| format!("{}: cannot be read", manifest.display())),
        };
        let other = read.made.kind != kind && !read.documents.is_empty();
        anyhow::ensure!(!other, "{shown}: holds an export of another kind; name another folder");
        Ok((Tree { root: root.to_owned(), lock, next: AtomicU64::new(0), broken_off }, read))
    }

    /// The last export did not come to its end.
    pub fn broke_off(&self) -> bool {
        self.broken_off
    }

    /// From here on the folder is being changed. What an export that was killed has left half written goes.
    pub fn begin(&self) -> anyhow::Result<()> {
        let unfinished = self.root.join(UNFINISHED);
        if self.broken_off {
            fs::remove_dir_all(&unfinished).with_context(|| format!("{}: cannot be removed", unfinished.display()))?;
        }
        fs::create_dir_all(&unfinished).with_context(|| format!("{}: cannot be made", unfinished.display()))
    }

    /// Whether the files of a document are there, as long as they were written.
    pub fn holds(&self, path: &str, written: &Written) -> bool {
        let is = |suffix: &str, bytes: u64| {
            let about = fs::symlink_metadata(self.root.join(format!("{path}{suffix}")));
            about.is_ok_and(|about| about.is_file() && about.len() == bytes)
        };
        is("", written.bytes)
            && [(".gz", written.gz), (".br", written.br)].iter().all(|(suffix, n)| *n == 0 || is(suffix, *n))
    }

    /// Whether a document stands there in these bytes.
    pub fn has(&self, path: &str, bytes: &[u8]) -> bool {
        fs::read(self.root.join(path)).is_ok_and(|there| there == bytes)
    }

    /// Writes the files of a document that are not there already, the codings first: a server that prefers them must not send an
    /// older text to some. True when one was written.
    pub fn put(&self, path: &str, coded: &Coded<'_>) -> anyhow::Result<bool> {
        let mut changed = false;
        for (suffix, bytes) in [(".gz", coded.gz.as_deref()), (".br", coded.br.as_deref()), ("", Some(coded.plain))] {
            let path = format!("{path}{suffix}");
            match bytes {
                Some(bytes) if self.has(&path, bytes) => {}
                Some(bytes) => {
                    self.place(&path, |file| file.write_all(bytes))?;
                    changed = true;
                }
                None => changed |= self.unlink(&path)?,
            }
        }
        Ok(changed)
    }

    /// Removes a document with its codings.
    pub fn take_away(&self, path: &str) -> anyhow::Result<()> {
        [".gz", ".br", ""].iter().try_for_each(|suffix| self.remove(&format!("{path}{suffix}")))
    }

    /// Removes what stands in these folders, in which everything is ours, and is not among these documents.
    pub fn sweep(&self, folders: &[&str], wanted: &Manifest) -> anyhow::Result<u64> {
        let mut files = BTreeSet::new();
        for folder in folders {
            list(&self.root, folder, &mut files)?;
        }
        let is_wanted = |path: &str| {
            let coded = |suffix: &str, of: fn(&Written) -> u64| {
                path.strip_suffix(suffix).and_then(|path| wanted.documents.get(path)).is_some_and(|it| of(it) > 0)
            };
            wanted.documents.contains_key(path) || coded(".gz", |it| it.gz) || coded(".br", |it| it.br)
        };
        let mut removed = 0;
        for path in files.iter().filter(|path| !is_wanted(path)) {
            self.remove(path)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Syncs the file system once, then says that this is what there is.
    pub fn finish(self, manifest: &Manifest) -> anyhow::Result<()> {
        let shown = self.root.display();
        let new = self.root.join(UNFINISHED).join(manifest::NAME);
        let mut file =
            BufWriter::new(File::create(&new).with_context(|| format!("{}: cannot be written", new.display()))?);
        manifest
            .write(&mut file)
            .and_then(|()| file.flush())
            .with_context(|| format!("{}: cannot be written", new.display()))?;
        drop(file);
        syncfs(&self.lock).with_context(|| format!("{shown}: cannot be synced"))?;
        fs::rename(&new, self.root.join(manifest::NAME))
            .with_context(|| format!("{shown}: cannot place the manifest"))?;
        fs::remove_dir_all(self.root.join(UNFINISHED)).with_context(|| format!("{shown}: cannot tidy up"))
    }

    fn place(&self, path: &str, write: impl FnOnce(&mut File) -> io::Result<()>) -> anyhow::Result<()> {
        let new = self.root.join(UNFINISHED).join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        let to = self.root.join(path);
        let placed =
            File::create(&new).and_then(|mut file| write(&mut file)).and_then(|()| match fs::rename(&new, &to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(to.parent().unwrap_or(&self.root))?;
                    fs::rename(&new, &to)
                }
                placed => placed,
            });
        placed.with_context(|| format!("{}: cannot be written", to.display()))
    }

    /// Removes a file, and the folders that hold nothing any more then.
    fn remove(&self, path: &str) -> anyhow::Result<()> {
        if !self.unlink(path)? {
            return Ok(());
        }
        let above = Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        // The first that is not empty stays, and so do all above it.
        let _ = above.map(|folder| fs::remove_dir(self.root.join(folder))).take_while(Result::is_ok).count();
        Ok(())
    }

    fn unlink(&self, path: &str) -> anyhow::Result<bool> {
        let file = self.root.join(path);
        match fs::remove_file(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            removed => removed.map(|()| true).with_context(|| format!("{}: cannot be removed", file.display())),
        }
    }
}

/// Files below a folder of the root, as paths from the root.
fn list(root: &Path, folder: &str, files: &mut BTreeSet<String>) -> anyhow::Result<()> {
    let listed = match fs::read_dir(root.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listed => listed.with_context(|| format!("{}: cannot be read", root.join(folder).display()))?,
    };
    for file in listed {
        let file = file?;
        let path = format!("{folder}/{}", file.file_name().to_string_lossy());
        // Feeds and their archives are three folders deep.
        match file.file_type()?.is_dir() && path.matches('/').count() < 4 {
            true => list(root, &path, files)?,
            false => {
                files.insert(path);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(plain: &[u8]) -> Coded<'_> {
        Coded { plain, gz: Some(b"gz".to_vec()), br: None }
    }

    fn written(bytes: u64) -> Written {
        Written { bytes, gz: 2, ..Written::default() }
    }

    #[test]
    fn what_is_equal_is_left_alone_and_what_is_not_wanted_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, before) = Tree::open(folder.path(), Kind::Site).unwrap();
        assert_eq!(before, Manifest::default());
        tree.begin().unwrap();
        assert!(tree.put("tag/a/archive/1.html", &coded(b"one")).unwrap());
        assert!(!tree.put("tag/a/archive/1.html", &coded(b"one")).unwrap());
        assert!(tree.put("entry/x.html", &coded(b"two")).unwrap());
        let mut manifest = Manifest::default();
        manifest.documents.insert("entry/x.html".into(), written(3));
        assert_eq!(tree.sweep(&["tag", "entry"], &manifest).unwrap(), 2, "the page and its coding");
        assert!(!folder.path().join("tag").exists() && tree.holds("entry/x.html", &written(3)));
        assert!(!tree.holds("entry/x.html", &written(4)));
        tree.finish(&manifest).unwrap();
        let (tree, again) = Tree::open(folder.path(), Kind::Site).unwrap();
        assert_eq!((again, tree.broke_off()), (manifest, false));
        drop(tree);
        let why = format!("{:#}", Tree::open(folder.path(), Kind::Jekyll).err().unwrap());
        assert!(why.contains("another kind"), "{why}");
    }

    #[test]
    fn a_folder_of_someone_else_and_one_in_use_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.doc"), "x").unwrap();
        let why = format!("{:#}", Tree::open(folder.path(), Kind::Site).err().unwrap());
        assert!(why.contains("is not empty"), "{why}");
        fs::write(folder.path().join(manifest::NAME), "{\"x\":1}").unwrap();
        assert!(Tree::open(folder.path(), Kind::Site).is_err(), "another program's manifest");
        let own = tempfile::tempdir().unwrap();
        let held = Tree::open(own.path(), Kind::Site).unwrap();
        let why = format!("{:#}", Tree::open(own.path(), Kind::Site).err().unwrap());
        assert!(why.contains("another export"), "{why}");
        drop(held);
        assert!(Tree::open(own.path(), Kind::Site).is_ok());
    }

    #[test]
    fn one_that_was_killed_is_known_and_its_rest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, _) = Tree::open(folder.path(), Kind::Site).unwrap();
        tree.begin().unwrap();
        tree.put("index.html", &coded(b"one")).unwrap();
        fs::write(folder.path().join(UNFINISHED).join("7"), "hal").unwrap();
        drop(tree);
        let (tree, _) = Tree::open(folder.path(), Kind::Site).unwrap();
        assert!(tree.broke_off());
        tree.begin().unwrap();
        assert!(!folder.path().join(UNFINISHED).join("7").exists());
    }
}
