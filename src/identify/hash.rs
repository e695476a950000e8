//! The hash of everything a document says of an entry: equal means that nothing needs doing.
//! Stable across runs and machines; it changes when `ParsedEntry` gets another field, which costs one comparison each.

use crate::model::ParsedEntry;
use twox_hash::XxHash3_64;

/// XXH3-64 over the MessagePack form, in which every field is prefixed with its length, so that no two entries run together.
pub fn raw_hash(entry: &ParsedEntry) -> u64 {
    let mut bytes = Vec::with_capacity(4096);
    // Writing plain data into memory has no way to fail; if it ever had, the hash of the part written is still stable.
    let _ = rmp_serde::encode::write(&mut bytes, entry);
    XxHash3_64::oneshot(&bytes)
}
