//! redb with the same keys and values, in the same groups, each committed durably: the groups are read from the journal that the
//! store wrote. It decides nothing and compresses nothing, so it is a floor for a tree on a disk, not another store.

use crate::{
    Run,
    measure::{self, Spread, figure},
    news::Dice,
    store,
};
use anyhow::Context;
use redb::{Database, ReadableDatabase, TableDefinition};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("store");
/// Bytes of a journal file's header, of a record's front, and of the numbers before its writes (store/journal/record.rs).
const HEADER: usize = 40;
const FRONT: usize = 16;
const NUMBERS: usize = 24;

/// Where redb's file lies.
pub fn folder(data: &Path) -> PathBuf {
    data.join("redb")
}

fn kept(data: &Path) -> PathBuf {
    data.join("kept")
}

/// Keeps every journal file from being lost with its last name: a checkpoint removes them as it goes.
pub fn keep_journal(data: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(kept(data))?;
    for file in measure::files(&store(data).join("journal")) {
        let link = kept(data).join(file.file_name().context("a file has a name")?);
        if !link.exists() {
            fs::hard_link(&file, link)?;
        }
    }
    Ok(())
}

/// Everything kept since the last part's end is this part.
pub fn end_part(data: &Path, part: &str) -> anyhow::Result<()> {
    let bytes: u64 = journals(data).iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    Ok(fs::write(kept(data).join(part), bytes.to_string())?)
}

fn end_of(data: &Path, part: &str) -> anyhow::Result<usize> {
    Ok(fs::read_to_string(kept(data).join(part))?.parse()?)
}

fn journals(data: &Path) -> Vec<PathBuf> {
    let mut files = measure::files(&kept(data));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "log"));
    files
}

/// Replays the kept journal: the ingest, then the small commits, each timed.
pub fn replay(run: &Run) -> anyhow::Result<()> {
    fs::create_dir_all(folder(&run.data))?;
    let database = open_database(&run.data)?;
    let (ingest, small) = (end_of(&run.data, "ingest")?, end_of(&run.data, "small")?);
    let (mut first, mut second) = (Part::default(), Part::default());
    let mut passed = 0;
    for file in journals(&run.data) {
        let bytes = fs::read(&file)?;
        let mut at = HEADER;
        while let Some((writes, end)) = record(&bytes, at).filter(|_| passed + at < small) {
            let part = if passed + at < ingest { &mut first } else { &mut second };
            part.commit(&database, &writes)?;
            at = end;
        }
        passed += bytes.len();
    }
    first.figures("ingest.eight_waiting");
    second.figures("small.eight_waiting");
    figure("redb.fill.peak_memory", measure::peak_memory(), "MiB", "");
    let closing = Instant::now();
    drop(database);
    figure("redb.close.seconds", closing.elapsed().as_secs_f64(), "s", "");
    figure("redb.size.closed.total", measure::mebibytes(&folder(&run.data)), "MiB", "");
    Ok(())
}

#[derive(Default)]
struct Part {
    groups: usize,
    wall: Duration,
    cpu: Duration,
}

impl Part {
    fn commit(&mut self, database: &Database, writes: &[Write<'_>]) -> anyhow::Result<()> {
        let before = (Instant::now(), measure::cpu());
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for (key, value) in writes {
                match value {
                    Some(value) => drop(table.insert(*key, *value)?),
                    None => drop(table.remove(*key)?),
                }
            }
        }
        transaction.commit()?;
        self.wall += before.0.elapsed();
        self.cpu += measure::cpu() - before.1;
        self.groups += 1;
        Ok(())
    }

    fn figures(&self, name: &str) {
        let (seconds, groups) = (self.wall.as_secs_f64(), self.groups as f64);
        figure(&format!("redb.{name}.groups"), groups, "groups", "");
        figure(&format!("redb.{name}.seconds"), seconds, "s", "");
        figure(&format!("redb.{name}.cpu_seconds"), self.cpu.as_secs_f64(), "s", "");
    }
}

/// Opening with the pages forgotten, and fifty entries by their keys.
pub fn open(run: &Run) -> anyhow::Result<()> {
    let began = Instant::now();
    let database = open_database(&run.data)?;
    figure("redb.open.orderly.seconds", began.elapsed().as_secs_f64(), "s", "");
    let reading = database.begin_read()?;
    let table = reading.open_table(TABLE)?;
    let codes = table.range::<&[u8]>(b"m|".as_slice()..b"m}".as_slice())?;
    let codes: Vec<Vec<u8>> = codes.map(|pair| pair.map(|(key, _)| key.value().to_vec())).collect::<Result<_, _>>()?;
    anyhow::ensure!(!codes.is_empty(), "there are no entries");
    let (mut dice, mut spread) = (Dice(run.seed), Spread::default());
    for _ in 0..400 {
        let began = Instant::now();
        for _ in 0..50 {
            let mut key = codes[dice.below(codes.len() as u64) as usize].clone();
            table.get(key.as_slice())?;
            key[0] = b'b';
            table.get(key.as_slice())?;
        }
        spread.add(began.elapsed());
    }
    spread.figures("redb.newest_50.running.again", "");
    Ok(())
}

fn open_database(data: &Path) -> anyhow::Result<Database> {
    Ok(Database::builder().set_cache_size(64 << 20).create(folder(data).join("data.redb"))?)
}

type Write<'a> = (&'a [u8], Option<&'a [u8]>);

/// The record at a place in a journal, and where the next one begins.
fn record(bytes: &[u8], at: usize) -> Option<(Vec<Write<'_>>, usize)> {
    let front = bytes.get(at..at + FRONT)?;
    let length = u32::from_be_bytes(front.strip_prefix(b"SjR1")?.first_chunk().copied()?) as usize;
    let mut rest = bytes.get(at + FRONT + NUMBERS..at + FRONT + length)?;
    let mut writes = Vec::new();
    while !rest.is_empty() {
        let (key, value) = (take_length(&mut rest)?, take_length(&mut rest)?);
        let (key, after) = rest.split_at_checked(key)?;
        let (value, after) = match value.checked_sub(1) {
            Some(length) => after.split_at_checked(length).map(|(value, after)| (Some(value), after))?,
            None => (None, after),
        };
        writes.push((key, value));
        rest = after;
    }
    Some((writes, at + FRONT + length))
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 0;
    for shift in (0..35).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(length);
        }
    }
    None
}
