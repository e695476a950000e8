//! A backup: one file from which the store is made again elsewhere. It holds the newest checkpoint and the journal through the
//! last write, as they lie in the data folder; it is taken from open files while the store goes on.
//!
//! File: `syndicB1`, schema u32, sequence u64, parts u32, then each part: length of its name u32, name, length u64, bytes; at the
//! end XXH3-64 of all before. Numbers big-endian. Names: `checkpoint/….zst`, `journal/….log`.

use super::{
    Opened, Store, StoreError, StoreOptions, checkpoint,
    files::{publish, sync_folder, unusable, why_not_written},
    journal, keys,
    marker::{self, Marker},
    open,
    recover::tree_folders,
    writer::Job,
};
use std::{
    fs::{self, File, OpenOptions},
    hash::Hasher,
    io::{self, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use twox_hash::XxHash3_64;

const MAGIC: &[u8; 8] = b"syndicB1";
const BUFFER: usize = 1 << 20;
/// What a restore puts together before it is a store.
const STAGE: &str = "restoring";

/// What a backup is made from: files that stay readable whatever becomes of their names.
pub struct Sources {
    /// The last write in them.
    pub sequence: u64,
    /// Name inside the data folder, file, and how many of its bytes count.
    pub parts: Vec<(String, File, u64)>,
}

/// What was backed up or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Backup {
    /// Bytes of the file.
    pub bytes: u64,
    /// The last write in it.
    pub sequence: u64,
}

impl Store {
    /// Writes a backup of everything acknowledged so far: whole or not at all. Replaces an earlier backup, and no other file.
    pub async fn backup(&self, path: &Path) -> Result<Backup, StoreError> {
        let sources = self.ask(Job::Backup).await?;
        let path = path.to_owned();
        let written = tokio::task::spawn_blocking(move || write(&path, sources)).await;
        written.map_err(|error| StoreError::Write(format!("the backup was not written: {error}")))?
    }

    /// Makes a store in a fresh folder from a backup and opens it. A backup that is cut short or bent is refused before
    /// anything is written. The caller begins a new epoch.
    pub fn restore(backup: &Path, folder: &Path, options: StoreOptions) -> Result<(Store, Backup), StoreError> {
        let found = check(backup)?;
        {
            let _lock = open::lock(folder)?;
            if marker::exists(folder) || !tree_folders(folder).is_empty() || journal::folder(folder).exists() {
                return Err(StoreError::Folder {
                    path: folder.display().to_string(),
                    why: "there is a store already: restore into a fresh folder (--data), or move this one aside"
                        .into(),
                });
            }
            let stage = folder.join(STAGE);
            let _ = fs::remove_dir_all(&stage);
            let put = unpack(backup, &stage).and_then(|()| put_in_place(folder, &stage, &found));
            if let Err(error) = put {
                let _ = fs::remove_dir_all(&stage);
                return Err(unusable(folder, "cannot be written", &error));
            }
        }
        let store = Store::open(folder, options)?;
        let reached = store.0.shared.applied.load(std::sync::atomic::Ordering::Acquire);
        // An upgrade of an older layout counts as one write more.
        if reached < found.sequence {
            return Err(StoreError::Damaged(format!(
                "the backup reaches write {reached} instead of {}",
                found.sequence
            )));
        }
        let Opened { cut, .. } = store.opened();
        tracing::info!(?cut, sequence = reached, "restored");
        Ok((store, Backup { bytes: found.bytes, sequence: found.sequence }))
    }
}

fn write(path: &Path, sources: Sources) -> Result<Backup, StoreError> {
    let failed = |error: io::Error| why_not_written("the backup", &error);
    if fs::symlink_metadata(path).is_ok() && !is_backup(path) {
        return Err(StoreError::Write(format!(
            "{}: there is another file of this name, and no backup",
            path.display()
        )));
    }
    let mut beside = path.as_os_str().to_owned();
    // A name that is nobody's.
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = write_beside(&beside, sources).map_err(failed).and_then(|backup| {
        // What was written is read before it takes the place of an older one.
        check(&beside)?;
        publish(&beside, path).map_err(failed)?;
        Ok(backup)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_beside(path: &Path, sources: Sources) -> io::Result<Backup> {
    // Private feeds are in it: for this user only.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut out = Hashed { inner: io::BufWriter::with_capacity(BUFFER, file), hash: XxHash3_64::new(), bytes: 0 };
    let parts = u32::try_from(sources.parts.len()).map_err(io::Error::other)?.to_be_bytes();
    out.write_all(&[&MAGIC[..], &keys::SCHEMA.to_be_bytes(), &sources.sequence.to_be_bytes(), &parts].concat())?;
    for (name, file, length) in sources.parts {
        let size = u32::try_from(name.len()).map_err(io::Error::other)?.to_be_bytes();
        out.write_all(&[&size[..], name.as_bytes(), &length.to_be_bytes()].concat())?;
        if io::copy(&mut file.take(length), &mut out)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let hash = out.hash.finish().to_be_bytes();
    out.write_all(&hash)?;
    let bytes = out.bytes;
    out.inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(Backup { bytes, sequence: sources.sequence })
}

/// What a backup says of itself.
struct Found {
    schema: u32,
    sequence: u64,
    bytes: u64,
}

/// Reads a backup through. An error if it is not as it was written.
fn check(path: &Path) -> Result<Found, StoreError> {
    let bent = |error: io::Error| {
        StoreError::Damaged(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => format!("{}: {error}", path.display()),
            _ => format!("{}: this is no whole backup ({error}): take another one", path.display()),
        })
    };
    let found = walk(path, |_, part, length| io::copy(&mut part.take(length), &mut io::sink())).map_err(bent)?;
    if found.schema > keys::SCHEMA {
        let (written, known) = (found.schema, keys::SCHEMA);
        return Err(StoreError::Damaged(format!(
            "{}: written by a newer syndic (store version {written}, this one knows {known}): use that one",
            path.display()
        )));
    }
    Ok(found)
}

fn unpack(path: &Path, stage: &Path) -> io::Result<()> {
    for folder in [checkpoint::folder(stage), journal::folder(stage)] {
        fs::create_dir_all(folder)?;
    }
    walk(path, |name, part, length| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(stage.join(name))?;
        let copied = io::copy(&mut part.take(length), &mut file)?;
        file.sync_all()?;
        Ok(copied)
    })?;
    [checkpoint::folder(stage), journal::folder(stage)].iter().try_for_each(|folder| sync_folder(folder))
}

/// The marker first: it says how far the store has come, so that a part of it never passes for the whole.
fn put_in_place(folder: &Path, stage: &Path, found: &Found) -> io::Result<()> {
    Marker { schema: found.schema, ..Marker::at(found.sequence) }.write(folder)?;
    for part in [checkpoint::folder, journal::folder] {
        fs::rename(part(stage), part(folder))?;
    }
    fs::remove_dir(stage)?;
    sync_folder(folder)
}

/// Hands out each part; whatever is left of one is passed over.
fn walk(
    path: &Path,
    mut each: impl FnMut(&str, &mut Hashed<BufReader<File>>, u64) -> io::Result<u64>,
) -> io::Result<Found> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut input = Hashed { inner: BufReader::with_capacity(BUFFER, file), hash: XxHash3_64::new(), bytes: 0 };
    if take(&mut input)? != *MAGIC {
        return Err(io::Error::other("it is none"));
    }
    let schema = u32::from_be_bytes(take(&mut input)?);
    let sequence = u64::from_be_bytes(take(&mut input)?);
    for _ in 0..u32::from_be_bytes(take(&mut input)?) {
        let mut name = String::new();
        let size = u32::from_be_bytes(take(&mut input)?);
        (&mut input).take(size.min(256).into()).read_to_string(&mut name)?;
        if !is_name(&name) {
            return Err(io::Error::other("a part has no name"));
        }
        let length = u64::from_be_bytes(take(&mut input)?);
        if each(&name, &mut input, length)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let hash = input.hash.finish();
    if u64::from_be_bytes(take(&mut input)?) != hash || input.bytes != bytes {
        return Err(io::Error::other("its sum does not hold"));
    }
    Ok(Found { schema, sequence, bytes })
}

/// The names that this program gives, and no way out of the folder.
fn is_name(name: &str) -> bool {
    let digits = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let checkpoint = name.strip_prefix("checkpoint/").and_then(|name| name.strip_suffix(".zst"));
    let journal = name.strip_prefix("journal/").and_then(|name| name.strip_suffix(".log"));
    checkpoint.or(journal).is_some_and(digits)
}

fn is_backup(path: &Path) -> bool {
    let mut magic = [0; 8];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok_and(|()| magic == *MAGIC)
}

fn take<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Counts and hashes what passes through.
struct Hashed<T> {
    inner: T,
    hash: XxHash3_64,
    bytes: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.write(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.hash.write(into.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}
