//! Keys of what the store keeps about itself: `z|…`.

use super::join;
use crate::model::{Slug, SourceId};

const POLICY: &[u8] = b"z|policy|";
const DICTIONARY: &[u8] = b"z|dictionary|";
const RECODE_KEY: &[u8] = b"z|recode";
const FORGET_KEY: &[u8] = b"z|forget";
const RENEWED_KEY: &[u8] = b"z|renewed";
const TAGGED_KEY: &[u8] = b"z|tagged";
const EPOCH_KEY: &[u8] = b"z|epoch";
const CATEGORY: &[u8] = b"z|category|";
const SCHEMA_KEY: &[u8] = b"z|schema";
const SEQUENCE_KEY: &[u8] = b"z|sequence";
const APPLIED_KEY: &[u8] = b"z|applied";

/// `z|policy|source`: hash of the policy its entries stand by.
pub fn policy(source: &SourceId) -> Vec<u8> {
    join(&[POLICY, source.as_str().as_bytes()])
}

/// Prefix of all policies; the source follows.
pub fn policies() -> &'static [u8] {
    POLICY
}

/// `z|dictionary|id`: a zstd dictionary.
pub fn dictionary(id: u8) -> Vec<u8> {
    join(&[DICTIONARY, &[id]])
}

/// Prefix of all dictionaries; the id follows.
pub fn dictionaries() -> &'static [u8] {
    DICTIONARY
}

/// Values before this key are packed by the newest dictionaries; missing when all are.
pub fn recode() -> &'static [u8] {
    RECODE_KEY
}

/// Up to which body the texts are as the present sanitiser makes them: its version, and the key while it goes on.
pub fn renewed() -> &'static [u8] {
    RENEWED_KEY
}

/// How far the entries of a store that knew no tags are filed under theirs.
pub fn tagged() -> &'static [u8] {
    TAGGED_KEY
}

/// Something was erased whose bytes may still lie in a file.
pub fn forget() -> &'static [u8] {
    FORGET_KEY
}

/// Which history this is.
pub fn epoch() -> &'static [u8] {
    EPOCH_KEY
}

/// `z|category|slug`: the name of a category that entries brought.
pub fn category(slug: &Slug) -> Vec<u8> {
    join(&[CATEGORY, slug.as_str().as_bytes()])
}

/// Prefix of all persisted categories.
pub fn categories() -> &'static [u8] {
    CATEGORY
}

/// The version of the layout.
pub fn schema() -> &'static [u8] {
    SCHEMA_KEY
}

/// How far the tree has come in the journal.
pub fn applied() -> &'static [u8] {
    APPLIED_KEY
}

/// What is about the tree rather than in it: no journal and no checkpoint holds it.
pub fn is_bookkeeping(key: &[u8]) -> bool {
    key == SCHEMA_KEY || key == APPLIED_KEY
}

/// The sequence of the last commit that changed an entry.
pub fn sequence() -> &'static [u8] {
    SEQUENCE_KEY
}
