//! Reads everything and says what is there and what is wrong with it, in words. Changes nothing; commits wait meanwhile,
//! readers do not.

mod indexes;

use super::{
    Store, StoreError, StoreOptions, accounts, checkpoint, codec,
    codec::Head,
    files::{bytes_in, unusable},
    holds, journal, keys,
    lately::Events,
    marker::Marker,
    open,
    pack::{Dictionaries, Unpacker},
    printed,
    recover::{REPAIR, tree_folder},
    sled::Tree,
    states,
    tally::{Applied, Tally},
    writer::Job,
};
use crate::model::{Follower, SourceState, Subscription};
use std::{collections::BTreeMap, fs, path::Path};

/// Faults that are told one by one; further ones are counted.
const TOLD: usize = 100;

/// What is there, and what is wrong.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Report {
    /// The last write.
    pub sequence: u64,
    /// Keys by kind, as their first letter.
    pub kinds: BTreeMap<String, Amount>,
    /// Bytes of the files, by folder.
    pub files: BTreeMap<&'static str, u64>,
    /// sled's pairs: what was lost, bent, or cannot be read. Repaired from checkpoint and journal.
    pub tree: Faults,
    /// The checkpoint and the journal. Repaired from sled.
    pub log: Faults,
    /// Indexes that disagree with the entries.
    pub indexes: Faults,
}

/// Keys, and bytes of keys and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    /// Keys.
    pub keys: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Faults in words; a bounded number of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Faults {
    /// All of them.
    pub number: u64,
    /// The first ones.
    pub told: Vec<String>,
}

impl Faults {
    pub(super) fn add(&mut self, what: String) {
        self.number += 1;
        if self.told.len() < TOLD {
            self.told.push(what);
        }
    }
}

impl Report {
    /// True when nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.tree.number + self.log.number + self.indexes.number == 0
    }
}

impl Store {
    /// Reads everything.
    pub async fn verify(&self) -> Result<Report, StoreError> {
        self.ask(Job::Verify).await
    }

    /// Makes sled again from checkpoint and journal, whatever it holds. For a store that nobody has open.
    pub fn remake(folder: &Path, options: StoreOptions) -> Result<Store, StoreError> {
        let failed = |error: std::io::Error| unusable(folder, "cannot be written", &error);
        let aside = folder.join(REPAIR);
        let tree = {
            let _lock = open::lock(folder)?;
            let tree = tree_folder(folder, Marker::read(folder)?.map_or(0, |marker| marker.tree));
            let _ = fs::remove_dir_all(&aside);
            fs::rename(&tree, &aside).map_err(failed)?;
            tree
        };
        let opened = Store::open(folder, options);
        if opened.is_err() {
            let _ = fs::remove_dir_all(&tree);
            fs::rename(&aside, &tree).map_err(failed)?;
        } else {
            let _ = fs::remove_dir_all(&aside);
        }
        opened
    }
}

/// Reads a tree that nobody writes meanwhile, and the files beside it.
pub fn verify(data: &Path, tree: &Tree, applied: Applied) -> Result<Report, StoreError> {
    let mut report = Report { sequence: applied.sequence, ..Report::default() };
    let dictionaries = Dictionaries::load(tree).unwrap_or_default();
    let unpacker = Unpacker::new(dictionaries);
    let read = pairs(tree, applied, &unpacker, &mut report);
    if let Err(error) = read {
        report.tree.add(error.to_string());
    }
    logs(data, applied, &mut report)?;
    if report.tree.number == 0 {
        indexes::check(tree, &unpacker, &mut report.indexes)?;
    }
    let tree_bytes = tree.bytes()?;
    report.files.insert("sled", tree_bytes);
    report.files.insert("journal", bytes_in(&[journal::folder(data)]));
    report.files.insert("checkpoint", bytes_in(&[checkpoint::folder(data)]));
    Ok(report)
}

fn pairs(tree: &Tree, applied: Applied, unpacker: &Unpacker, report: &mut Report) -> Result<(), StoreError> {
    let mut tally = Tally::default();
    tree.each(|key, value| {
        let kind = key.split(|byte| *byte == b'|').next().unwrap_or_default();
        let amount = report.kinds.entry(String::from_utf8_lossy(kind).into_owned()).or_default();
        amount.keys += 1;
        amount.bytes += (key.len() + value.len()) as u64;
        if !keys::is_bookkeeping(key) {
            tally.add(key, value);
        }
        if let Err(error) = readable(key, value, unpacker) {
            report.tree.add(format!("{}: {error}", key.escape_ascii()));
        }
        Ok(())
    })?;
    if tally != applied.tally {
        let (holds, written) = (tally.keys, applied.tally.keys);
        report.tree.add(format!("it holds {holds} keys where {written} were written, or others"));
    }
    Ok(())
}

fn readable(key: &[u8], value: &[u8], unpacker: &Unpacker) -> Result<(), StoreError> {
    match key.get(..2).unwrap_or_default() {
        b"m|" => unpacker.meta(key, value).map(drop),
        b"b|" | b"e|" => unpacker.edition(value).map(drop),
        b"j|" => codec::decode_block(value).map(drop),
        b"u|" => codec::decode_changes(value).map(drop),
        b"c|" | b"a|" | b"i|" => codec::code(value).map(drop),
        b"f|" => codec::decode::<SourceState>(value).map(drop),
        b"g|" => states::is_about(value),
        b"p|" => codec::decode::<Subscription>(value).map(drop),
        b"q|" => codec::decode::<Follower>(value).map(drop),
        b"o|" => codec::decode::<u64>(value).map(drop),
        b"d|" => printed::is_printed(value),
        b"h|" => holds::is_hold(value),
        b"k|" => accounts::is_account(value),
        b"v|" => Head::decode(value).map(drop),
        b"r|" => Events::decode(value).map(drop),
        _ => Ok(()),
    }
}

/// The checkpoint whole, the journal whole and connected: could sled be made again?
fn logs(data: &Path, applied: Applied, report: &mut Report) -> Result<(), StoreError> {
    let (newest, damaged) = checkpoint::newest(data);
    damaged.into_iter().for_each(|what| report.log.add(what));
    let history = journal::read(&journal::folder(data), applied.sequence)?;
    for path in &history.unreadable {
        report.log.add(format!("{}: its head is damaged", path.display()));
    }
    let start = newest.as_ref().map_or(0, |newest| newest.start);
    let connected = if newest.is_some() { history.covers(start) } else { history.is_whole() };
    if !connected {
        report.log.add("a part of the journal is damaged or missing: sled could not be made again".into());
    }
    let reached = history.last.sequence.max(start);
    if reached < applied.sequence {
        report.log.add(format!("checkpoint and journal reach write {reached} of {}", applied.sequence));
    }
    Ok(())
}
