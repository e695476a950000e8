//! A store of an older layout made into one of this: written anew beside, checkpointed, and only then put in its place.
//! The checkpoint is the turning point: before it the old store stands untouched, after it the new one can be made from it.
//! What is left of the old one is removed by the caller.

use super::{
    StoreError, checkpoint,
    checkpoint::Effort,
    codec,
    codec::Joined,
    keys,
    meta::{Filing, Meta},
    overlay::{Overlay, Writes},
    pack::Packer,
    place::{EVERYTHING, slot},
    rebuild::bookkeeping,
    recover::{tree_folder, tree_folders},
    sled::Tree,
    states,
    tally::{Applied, Tally},
};
use crate::model::{Alias, ChangeKind, CodeKind, InfoCode, Join, PublishedIds, Slug, SourceId, Standing, Time};
use serde::Deserialize;
use std::{path::Path, sync::Arc};

/// Pairs written in one batch.
const BATCH: usize = 2000;

/// Version 3 is read as it is: what later ones add to its values is missing there, and what they add beside is made in the
/// background (`orders/renew`). An older program must not write into it any more.
pub fn claim(tree: &Tree, applied: Applied) -> Result<(), StoreError> {
    tree.apply(bookkeeping(applied))?;
    tree.flush()
}

/// Upgrades what a tree of version 1 or 2 holds. `applied` is how far it is; one more afterwards.
pub fn upgrade(data: &Path, cache: u64, old: Tree, applied: Applied) -> Result<(u64, Tree, Applied), StoreError> {
    tracing::info!(version = keys::SCHEMA, "the store is of an older version: writing it anew");
    let number = 1 + tree_folders(data).last().map_or(0, |(number, _)| *number);
    let new = Tree::open(&tree_folder(data, number), cache)?;
    let mut writing =
        Writing { old: &old, new: &new, packer: Packer::new(Arc::default())?, batch: Writes::new(), block: None };
    old.each(|key, value| writing.pair(key, value))?;
    writing.end_block();
    writing.write()?;
    drop(writing);
    // Beyond every record of the old journal, whose writes are of the old layout.
    let applied = Applied { sequence: applied.sequence + 1, tally: Tally::of(&new)? };
    new.apply(bookkeeping(applied))?;
    new.flush()?;
    let written = checkpoint::write(data, &new, Effort::Quick, applied.sequence, || applied.sequence, || true)?;
    checkpoint::publish(written)?;
    Ok((number, new, applied))
}

struct Writing<'a> {
    old: &'a Tree,
    new: &'a Tree,
    packer: Packer,
    batch: Writes,
    /// The block of joins that is being filled.
    block: Option<(Vec<u8>, Vec<Joined>)>,
}

impl Writing<'_> {
    fn pair(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if keys::is_bookkeeping(key) {
            return Ok(());
        }
        match key.get(..2).unwrap_or_default() {
            b"m|" => {
                let meta: Meta = codec::decode::<OldMeta>(value)?.into();
                let packed = self.packer.pack_meta(&meta)?;
                self.put(&keys::meta(&meta.code), packed)
            }
            b"b|" => self.put(&keys::body(&old_code(key.get(2..))?), repacked(value)?),
            b"e|" => {
                let (front, number) = key.split_last_chunk::<4>().ok_or_else(|| codec::damaged("an edition's key"))?;
                let code = old_code(front.get(2..front.len().saturating_sub(1)))?;
                self.put(&keys::edition(&code, u32::from_be_bytes(*number)), repacked(value)?)
            }
            b"a|" | b"c|" | b"i|" => self.put(key, codec::code_bytes(&old_code(Some(value))?)),
            b"f|" => self.state(key, value),
            b"j|" => self.joined(key, value),
            b"u|" => self.change(key, value),
            _ => self.put(key, value.to_vec()),
        }
    }

    fn put(&mut self, key: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        self.batch.insert(key.to_vec(), Some(value));
        if self.batch.len() < BATCH { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.new.apply(std::mem::take(&mut self.batch))
    }

    /// What the document said about itself lay in the state.
    fn state(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let source = keys::tail(keys::states(), key).and_then(SourceId::parse);
        let source = source.ok_or_else(|| codec::damaged("a state has no source"))?;
        let nothing = |_: &[u8]| Ok(None);
        let mut overlay = Overlay::new(&nothing);
        states::put(&mut overlay, &source, codec::decode(value)?)?;
        let written = overlay.into_writes().into_iter();
        written.filter_map(|(key, value)| Some((key, value?))).try_for_each(|(key, value)| self.put(&key, value))
    }

    /// One key a join, in the order of numbers: the blocks fill one after the other.
    fn joined(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let short = || codec::damaged("a join is cut short");
        let (feed, number) = key.split_last_chunk::<8>().ok_or_else(short)?;
        let feed = feed.get(2..feed.len().saturating_sub(1)).and_then(|feed| std::str::from_utf8(feed).ok());
        let number = u64::from_be_bytes(*number);
        let (at, code) = value.split_first_chunk::<8>().ok_or_else(short)?;
        let at = Time::from_timestamp_micros(i64::from_be_bytes(*at)).ok_or_else(short)?;
        let joined = Joined { slot: slot(number), at, code: codec::code(code)?, quiet: false, left: false };
        let key = keys::joined(feed.ok_or_else(short)?, number);
        match &mut self.block {
            Some((filling, block)) if *filling == key => block.push(joined),
            _ => {
                self.end_block();
                self.block = Some((key, vec![joined]));
            }
        }
        Ok(())
    }

    fn end_block(&mut self) {
        if let Some((key, block)) = self.block.take() {
            self.batch.insert(key, Some(codec::encode_block(&block)));
        }
    }

    /// It named the codes only; what happened to each can be told from its birth.
    fn change(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let sequence = key.get(2..).map_or_else(|| Err(codec::damaged("a change has no number")), codec::number)?;
        let mut changes = Vec::new();
        for code in codec::decode::<Vec<InfoCode>>(value)? {
            let meta = self
                .old
                .get(&[b"m|", code.as_str().as_bytes()].concat())?
                .map(|meta| codec::decode::<OldMeta>(&meta))
                .transpose()?;
            let is_new = meta.is_some_and(|meta| meta.born == sequence);
            changes.push((code, if is_new { ChangeKind::New } else { ChangeKind::Updated }));
        }
        for (part, changes) in (0u32..).zip(changes.chunks(super::ledger::PART)) {
            self.put(&keys::change(sequence, part), codec::encode_changes(changes))?;
        }
        Ok(())
    }
}

/// Codes were plain text.
fn old_code(text: Option<&[u8]>) -> Result<InfoCode, StoreError> {
    codec::code(text.unwrap_or_default())
}

/// Dictionary 0, four bytes of length, frame → the same with three bytes of length.
fn repacked(value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (head, frame) = value.split_first_chunk::<5>().ok_or_else(|| codec::damaged("a body is cut short"))?;
    let [_, length @ ..] = *head;
    let short = u32::from_be_bytes(length).min(0xff_ffff);
    let long = if short == 0xff_ffff { length.to_vec() } else { Vec::new() };
    // The first of its four bytes is zero: no dictionary.
    Ok([&short.to_be_bytes()[..], &long, frame].concat())
}

/// A meta as versions 1 and 2 wrote it.
#[derive(Deserialize)]
struct OldMeta {
    code: InfoCode,
    kind: CodeKind,
    namespace: String,
    owner: SourceId,
    sources: Vec<SourceId>,
    aliases: Vec<Alias>,
    ids: PublishedIds,
    first_seen: Time,
    sort_date: Time,
    edition_number: u32,
    born: u64,
    changed: u64,
    joins: Vec<Join>,
    raw_hashes: Vec<(SourceId, u64)>,
    rank: u64,
    filed: Vec<(SourceId, Vec<Slug>)>,
    #[serde(default)]
    weak: bool,
    worded: SourceId,
    #[serde(default)]
    other_words: Vec<(SourceId, u64)>,
}

impl From<OldMeta> for Meta {
    fn from(old: OldMeta) -> Meta {
        let filing = |source: &SourceId| Filing {
            source: source.clone(),
            categories: old
                .filed
                .iter()
                .find(|(id, _)| id == source)
                .map(|(_, slugs)| slugs.clone())
                .unwrap_or_default(),
            raw_hash: old.raw_hashes.iter().find(|(id, _)| id == source).map_or(0, |(_, hash)| *hash),
            standing: Standing::default(),
            shown: true,
            hidden_since: None,
        };
        Meta {
            filed: old.sources.iter().map(filing).collect(),
            tags: Vec::new(),
            passed_over: !old.joins.iter().any(|join| join.feed == EVERYTHING),
            code: old.code,
            kind: old.kind,
            namespace: old.namespace,
            owner: old.owner,
            aliases: old.aliases,
            ids: old.ids,
            first_seen: old.first_seen,
            sort_date: old.sort_date,
            edition_number: old.edition_number,
            born: old.born,
            changed: old.changed,
            rank: old.rank,
            joins: old.joins,
            weak: old.weak,
            worded: old.worded,
            other_words: old.other_words,
            withdrawn: None,
            deleted: None,
            formerly: Vec::new(),
            wake: None,
        }
    }
}
