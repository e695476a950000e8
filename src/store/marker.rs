//! `<data>/syndic.store`: that there is a store, of which version, how far it had come at least, and, while it is closed,
//! what sled's files look like. Outside the tree, so that a tree that lost something is told from a whole one.

use super::{
    StoreError,
    files::{replace, unusable},
    keys,
};
use std::{
    fs::{self, File},
    hash::Hasher,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use twox_hash::XxHash3_64;

/// What stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Version of the layout.
    pub schema: u32,
    /// The journal had come this far.
    pub sequence: u64,
    /// Number of the folder sled works in.
    pub tree: u64,
    /// Hash of sled's files as the last process left them; `None` while one writes.
    pub closed: Option<u64>,
}

impl Marker {
    /// Of this program's version.
    pub fn at(sequence: u64) -> Marker {
        Marker { schema: keys::SCHEMA, sequence, tree: 0, closed: None }
    }

    /// `None` when there never was a store.
    pub fn read(data: &Path) -> Result<Option<Marker>, StoreError> {
        match fs::read_to_string(path(data)) {
            Ok(text) => Ok(Some(Marker::parse(&text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            // Not text: bent. That there was a store is still said.
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(Marker::parse(""))),
            Err(error) => Err(unusable(data, "cannot be read", &error)),
        }
    }

    /// A line that cannot be read promises nothing, and so leads to a closer look at the store.
    fn parse(text: &str) -> Marker {
        let mut lines = text.lines();
        let schema = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(keys::SCHEMA);
        let mut marker = Marker { schema, sequence: 0, tree: 0, closed: None };
        for line in lines {
            match line.split_once(' ') {
                Some(("sequence", number)) => marker.sequence = number.parse().unwrap_or(0),
                Some(("tree", number)) => marker.tree = number.parse().unwrap_or(0),
                Some(("closed", hash)) => marker.closed = u64::from_str_radix(hash, 16).ok(),
                _ => {}
            }
        }
        marker
    }

    /// Writes it, whole or not at all.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let closed = self.closed.map(|hash| format!("closed {hash:016x}\n")).unwrap_or_default();
        let tree = if self.tree == 0 { String::new() } else { format!("tree {}\n", self.tree) };
        replace(&path(data), format!("{}\nsequence {}\n{tree}{closed}", self.schema, self.sequence).as_bytes())
    }
}

/// Whether a folder holds a store.
pub fn exists(data: &Path) -> bool {
    path(data).exists()
}

fn path(data: &Path) -> PathBuf {
    data.join("syndic.store")
}

/// Hash over the names and bytes of all files in a folder.
pub fn fingerprint(folder: &Path) -> io::Result<u64> {
    let mut hash = XxHash3_64::new();
    let mut buffer = vec![0; 1 << 20];
    for path in files_in(folder)? {
        hash.write(path.as_os_str().as_encoded_bytes());
        let mut file = File::open(folder.join(&path))?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.write(buffer.get(..read).unwrap_or_default());
        }
    }
    Ok(hash.finish())
}

/// Paths inside a folder, in order; sled has one level below it.
fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        for item in fs::read_dir(folder.join(&inside))? {
            let item = item?;
            let path = inside.join(item.file_name());
            if item.file_type()?.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_older_form_too() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Marker::read(folder.path()).unwrap(), None);
        for marker in [Marker::at(7), Marker { closed: Some(0xabc), tree: 3, ..Marker::at(9) }] {
            marker.write(folder.path()).unwrap();
            assert_eq!(Marker::read(folder.path()).unwrap(), Some(marker));
        }
        fs::write(path(folder.path()), "1\n").unwrap();
        assert_eq!(Marker::read(folder.path()).unwrap(), Some(Marker { schema: 1, ..Marker::at(0) }));
    }

    #[test]
    fn a_changed_byte_a_new_file_a_lost_one_change_the_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::create_dir(file("blobs")).unwrap();
        fs::write(file("db"), [0; 5000]).unwrap();
        let mut seen = vec![fingerprint(folder.path()).unwrap()];
        assert_eq!(fingerprint(folder.path()).unwrap(), seen[0]);
        fs::write(file("db"), [[0; 4999].as_slice(), &[1]].concat()).unwrap();
        seen.push(fingerprint(folder.path()).unwrap());
        fs::write(file("blobs/1"), b"").unwrap();
        seen.push(fingerprint(folder.path()).unwrap());
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 3);
    }
}
