//! Everything the store holds in one file, from which, with the journal after its start, sled can be made again.
//!
//! It is read while the writer goes on, so it is fuzzy: a pair may be older or newer than its neighbour. Replaying the journal
//! from the *start* puts that right, because every write since then is said again there. It counts only with the journal
//! through its *end*. File: zstd over `syndicC1`, schema u32, start u64, pairs (key length u32, value length u32, key, value),
//! then u32::MAX, end u64, pairs u64, XXH3-64 of all before. Big-endian.

use super::{StoreError, files, files::why_not_written, keys, sled::Tree};
use std::{
    fs::{self, File},
    hash::Hasher,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};
use twox_hash::XxHash3_64;
use zstd::stream::{read::Decoder, write::Encoder};

const MAGIC: &[u8; 8] = b"syndicC1";
/// How hard a checkpoint is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While much is written. Bodies are compressed already; the fastest level halves the rest.
    Quick,
    /// While nobody waits: the codes that stand in a dozen keys each are found too. A tenth smaller, four times the work.
    Thorough,
}

impl Effort {
    fn level(self) -> i32 {
        match self {
            Effort::Quick => 1,
            Effort::Thorough => 9,
        }
    }
}

const END: u32 = u32::MAX;
/// No pair is larger: a bent length must not reserve the machine's memory.
const MAX_PART: u32 = 128 << 20;

/// What a checkpoint says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Where it lies.
    pub path: PathBuf,
    /// The journal counts from after this sequence.
    pub start: u64,
    /// The journal must reach this one.
    pub end: u64,
    /// Pairs.
    pub pairs: u64,
    /// Bytes of its file.
    pub bytes: u64,
    /// Bytes of all keys and values.
    pub raw: u64,
}

/// The folder of checkpoints inside a data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("checkpoint")
}

/// Writes a checkpoint beside its place, synced, and reads it back. `end` tells, after everything was read, how far the
/// writer has come; `go_on` is asked now and then.
pub fn write(
    data: &Path,
    tree: &Tree,
    effort: Effort,
    start: u64,
    end: impl FnOnce() -> u64,
    go_on: impl Fn() -> bool,
) -> Result<Summary, StoreError> {
    let path = folder(data).join(format!("{start:020}.tmp"));
    let file = File::create(&path).and_then(|file| Encoder::new(file, effort.level())).map_err(failed)?;
    let mut out = Hashed { inner: file, hash: XxHash3_64::new() };
    let mut pairs = 0u64;
    let head = [MAGIC.as_slice(), &keys::SCHEMA.to_be_bytes(), &start.to_be_bytes()].concat();
    out.write_all(&head).map_err(failed)?;
    tree.each(|key, value| {
        if keys::is_bookkeeping(key) {
            return Ok(());
        }
        if pairs.is_multiple_of(1024) && !go_on() {
            return Err(StoreError::Write("the checkpoint was given up: the store is closing".into()));
        }
        pairs += 1;
        put(&mut out, key, value).map_err(failed)
    })?;
    let end = end();
    let tail = [END.to_be_bytes().as_slice(), &end.to_be_bytes(), &pairs.to_be_bytes()].concat();
    out.write_all(&tail).map_err(failed)?;
    let hash = out.hash.finish().to_be_bytes();
    out.write_all(&hash).map_err(failed)?;
    let file = out.inner.finish().map_err(failed)?;
    file.sync_all().map_err(failed)?;
    drop(file);
    // Journals go on the word of this file, so the word is tried first.
    let written = read(&path, |_, _| Ok(()))?;
    if (written.start, written.end, written.pairs) != (start, end, pairs) {
        return Err(StoreError::Write(
            "the checkpoint does not read as it was written: look at the disk's health".into(),
        ));
    }
    Ok(written)
}

/// Gives a written checkpoint its name and removes the older ones. The journal must be synced through its end.
pub fn publish(written: Summary) -> Result<Summary, StoreError> {
    let path = written.path.with_extension("zst");
    files::publish(&written.path, &path).map_err(failed)?;
    let published = Summary { path, ..written };
    let others = all(published.path.parent().unwrap_or(Path::new("."))).into_iter();
    for (_, old) in others.filter(|(_, path)| *path != published.path) {
        let _ = fs::remove_file(old);
    }
    Ok(published)
}

/// The newest checkpoint that reads well; those that do not are named.
pub fn newest(data: &Path) -> (Option<Summary>, Vec<String>) {
    let mut damaged = Vec::new();
    for (_, path) in all(&folder(data)).into_iter().rev() {
        match read(&path, |_, _| Ok(())) {
            Ok(summary) => return (Some(summary), damaged),
            Err(error) => damaged.push(format!("{}: {error}", path.display())),
        }
    }
    (None, damaged)
}

/// Start and size of the newest checkpoint, unread.
pub fn at_hand(data: &Path) -> Option<(u64, u64)> {
    let (start, path) = all(&folder(data)).pop()?;
    Some((start, fs::metadata(path).ok()?.len()))
}

/// The newest checkpoint, open: its name inside the data folder and its length.
pub fn opened(data: &Path) -> io::Result<Option<(String, File, u64)>> {
    let Some((_, path)) = all(&folder(data)).pop() else { return Ok(None) };
    let file = File::open(&path)?;
    let length = file.metadata()?.len();
    Ok(files::name(&path).map(|name| (format!("checkpoint/{name}"), file, length)))
}

/// Version of the layout of the newest checkpoint, by its head alone.
pub fn schema_at_hand(data: &Path) -> Option<u32> {
    let (_, path) = all(&folder(data)).pop()?;
    let mut input = Decoder::new(File::open(path).ok()?).ok()?;
    let mut head = [0; 12];
    input.read_exact(&mut head).ok()?;
    head.strip_prefix(MAGIC)?.try_into().ok().map(u32::from_be_bytes)
}

/// Hands out the pairs; the summary only if all of it is as it was written.
pub fn read(
    path: &Path,
    mut each: impl FnMut(Vec<u8>, Vec<u8>) -> Result<(), StoreError>,
) -> Result<Summary, StoreError> {
    let file = File::open(path).map_err(bent)?;
    let bytes = file.metadata().map_err(bent)?.len();
    let mut input = Hashed { inner: BufReader::new(Decoder::new(file).map_err(bent)?), hash: XxHash3_64::new() };
    if take(&mut input, 8).map_err(bent)? != MAGIC {
        return Err(damaged("it is none"));
    }
    let schema = number(&mut input)?;
    if schema > keys::SCHEMA {
        return Err(damaged(&format!("written by a newer syndic (store version {schema})")));
    }
    let start = long(&mut input)?;
    let (mut pairs, mut raw) = (0, 0);
    loop {
        let key = number(&mut input)?;
        if key == END {
            break;
        }
        let value = number(&mut input)?;
        if key > MAX_PART || value > MAX_PART {
            return Err(damaged("an impossible length"));
        }
        let (key, value) = (take(&mut input, key).map_err(bent)?, take(&mut input, value).map_err(bent)?);
        pairs += 1;
        raw += (key.len() + value.len()) as u64;
        each(key, value)?;
    }
    let (end, counted) = (long(&mut input)?, long(&mut input)?);
    let hash = input.hash.finish();
    if counted != pairs || long(&mut input)? != hash {
        return Err(damaged("its sums do not hold"));
    }
    Ok(Summary { path: path.to_owned(), start, end, pairs, bytes, raw })
}

/// The checkpoints in a folder by their start.
fn all(folder: &Path) -> Vec<(u64, PathBuf)> {
    let paths = fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path());
    let start = |path: &Path| path.file_name()?.to_str()?.strip_suffix(".zst")?.parse().ok();
    let mut found: Vec<_> = paths.filter_map(|path| Some((start(&path)?, path))).collect();
    found.sort();
    found
}

/// Removes what an interrupted checkpoint left.
pub fn tidy(data: &Path) {
    for item in fs::read_dir(folder(data)).into_iter().flatten().flatten() {
        if item.path().extension().is_some_and(|extension| extension == "tmp") {
            let _ = fs::remove_file(item.path());
        }
    }
}

fn put(out: &mut impl Write, key: &[u8], value: &[u8]) -> io::Result<()> {
    let length = |part: &[u8]| u32::try_from(part.len()).ok().filter(|length| *length <= MAX_PART);
    let lengths = length(key).zip(length(value)).ok_or(io::ErrorKind::FileTooLarge)?;
    out.write_all(&lengths.0.to_be_bytes())?;
    out.write_all(&lengths.1.to_be_bytes())?;
    out.write_all(key)?;
    out.write_all(value)
}

fn take(input: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Not reserved ahead: the length is believed only as far as there are bytes.
    input.take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() == length as usize { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn number(input: &mut impl Read) -> Result<u32, StoreError> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).map_err(bent)?;
    Ok(u32::from_be_bytes(bytes))
}

fn long(input: &mut impl Read) -> Result<u64, StoreError> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes).map_err(bent)?;
    Ok(u64::from_be_bytes(bytes))
}

/// Hashes what passes through.
struct Hashed<T> {
    inner: T,
    hash: XxHash3_64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.write(bytes.get(..written).unwrap_or_default());
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
        Ok(read)
    }
}

fn failed(error: io::Error) -> StoreError {
    why_not_written("the checkpoint", &error)
}

fn bent(error: io::Error) -> StoreError {
    damaged(&error.to_string())
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("the checkpoint is damaged: {what}"))
}
