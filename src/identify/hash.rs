//! The hash of everything a document says of an entry: equal means that nothing needs doing.
//! Stable across runs and machines; it changes when `ParsedEntry` gets another field, which costs one comparison each.

use crate::{
    enrich::dates::is_relative,
    model::{ParsedEntry, RawDate},
};
use twox_hash::XxHash3_64;

/// XXH3-64 over the MessagePack form, in which every field is prefixed with its length, so that no two entries run together.
pub fn raw_hash(entry: &ParsedEntry) -> u64 {
    let mut bytes = Vec::with_capacity(4096);
    let drifts = |date: &Option<RawDate>| date.as_ref().is_some_and(|date| is_relative(&date.0));
    // Writing plain data into memory has no way to fail; if it ever had, the hash of the part written is still stable.
    let _ = match drifts(&entry.published) || drifts(&entry.updated) {
        // What says "3 hours ago" says "4 hours ago" an hour later, and has not changed.
        true => rmp_serde::encode::write(&mut bytes, &without_dates(entry)),
        false => rmp_serde::encode::write(&mut bytes, entry),
    };
    XxHash3_64::oneshot(&bytes)
}

fn without_dates(entry: &ParsedEntry) -> ParsedEntry {
    ParsedEntry { published: None, updated: None, ..entry.clone() }
}
