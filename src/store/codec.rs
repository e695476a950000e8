//! How values are written: named MessagePack maps, so that a field can be added without a migration;
//! bodies compressed, with the number of their dictionary in front.

use super::{StoreError, keys::Place};
use crate::model::{Alias, CodeKind, Edition, Entry, InfoCode, Join, PublishedIds, Slug, SourceId, Time};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zstd::bulk::{Compressor, Decompressor};

/// Dictionary number of a body that was compressed without one.
const NO_DICTIONARY: u8 = 0;
/// Level 3: measured on Chinese news HTML it gives most of the gain for a third of the time of level 6.
const LEVEL: i32 = 3;
/// No edition is larger once decoded; a damaged length must not make us reserve the machine's memory.
const MAX_BODY: usize = 64 << 20;

/// An entry without its words, and what only the store needs to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub code: InfoCode,
    pub kind: CodeKind,
    pub namespace: String,
    pub owner: SourceId,
    pub sources: Vec<SourceId>,
    pub aliases: Vec<Alias>,
    pub ids: PublishedIds,
    pub first_seen: Time,
    pub sort_date: Time,
    pub edition_number: u32,
    pub born: u64,
    pub changed: u64,
    pub categories: Vec<Slug>,
    pub joins: Vec<Join>,
    pub raw_hashes: Vec<(SourceId, u64)>,
    /// Join number in the source that first brought it: part of its place, fixed.
    pub rank: u64,
    /// Where each source files it; `categories` is the union.
    pub filed: Vec<(SourceId, Vec<Slug>)>,
    /// The code came from a link outside the namespace: no claim of ownership against the publisher himself (domain §2).
    #[serde(default)]
    pub weak: bool,
    /// The source whose words the current edition is.
    pub worded: SourceId,
    /// Hash of the content of what every other source last said, so that two wordings do not take turns.
    #[serde(default)]
    pub other_words: Vec<(SourceId, u64)>,
}

impl Meta {
    /// Where it stands in time.
    pub fn place(&self) -> Place {
        Place::new(self.sort_date, self.born, self.rank)
    }

    /// Hash of what a source last said of it.
    pub fn raw_hash(&self, source: &SourceId) -> Option<u64> {
        self.raw_hashes.iter().find(|(id, _)| id == source).map(|(_, hash)| *hash)
    }

    /// With its words, as the rest of the program knows it.
    pub fn with(self, edition: Edition) -> Entry {
        Entry {
            code: self.code,
            kind: self.kind,
            namespace: self.namespace,
            owner: self.owner,
            sources: self.sources,
            aliases: self.aliases,
            ids: self.ids,
            first_seen: self.first_seen,
            sort_date: self.sort_date,
            edition_number: self.edition_number,
            born: self.born,
            changed: self.changed,
            categories: self.categories,
            joins: self.joins,
            raw_hashes: self.raw_hashes,
            edition,
        }
    }
}

/// Version and counters of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last commit that touched it.
    pub version: u64,
    /// Entries filed under it.
    pub filed: u64,
    /// The last join number given.
    pub joined: u64,
}

impl Head {
    /// Three big-endian numbers.
    pub fn encode(self) -> Vec<u8> {
        [self.version, self.filed, self.joined].iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    /// The reverse.
    pub fn decode(bytes: &[u8]) -> Result<Head, StoreError> {
        let mut numbers = bytes.chunks(8).map(number);
        let mut next = || numbers.next().unwrap_or_else(|| Err(damaged("a feed's counters are cut short")));
        Ok(Head { version: next()?, filed: next()?, joined: next()? })
    }
}

/// The value of a join: when, and who.
pub fn encode_join(at: Time, code: &InfoCode) -> Vec<u8> {
    [&at.timestamp_micros().to_be_bytes()[..], code.as_str().as_bytes()].concat()
}

/// The reverse.
pub fn decode_join(bytes: &[u8]) -> Result<(Time, InfoCode), StoreError> {
    let (time, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| damaged("a join is cut short"))?;
    let at = Time::from_timestamp_micros(i64::from_be_bytes(*time)).ok_or_else(|| damaged("a join has no time"))?;
    Ok((at, code(rest)?))
}

/// A value that is a code.
pub fn code(bytes: &[u8]) -> Result<InfoCode, StoreError> {
    std::str::from_utf8(bytes).ok().and_then(InfoCode::parse).ok_or_else(|| damaged("a value is no infoCode"))
}

/// A value that is a number.
pub fn number(bytes: &[u8]) -> Result<u64, StoreError> {
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| damaged("a value is no number"))
}

/// Any small value.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    rmp_serde::to_vec_named(value).map_err(|error| StoreError::Write(format!("a value cannot be encoded: {error}")))
}

/// The reverse.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    rmp_serde::from_slice(bytes).map_err(|error| damaged(&error.to_string()))
}

/// Writes and reads editions. Holds the compressor's working memory, which is dearer to make than to use.
pub struct Bodies {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
}

impl Bodies {
    /// Ready to work.
    pub fn new() -> Result<Bodies, StoreError> {
        let failed = |error: std::io::Error| StoreError::Write(format!("no compressor: {error}"));
        Ok(Bodies {
            compressor: Compressor::new(LEVEL).map_err(failed)?,
            decompressor: Decompressor::new().map_err(failed)?,
        })
    }

    /// Dictionary number, length, zstd frame.
    pub fn encode(&mut self, edition: &Edition) -> Result<Vec<u8>, StoreError> {
        let plain = encode(edition)?;
        let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() <= MAX_BODY);
        let length = length.ok_or_else(|| StoreError::Write("an edition is larger than 64 MiB".into()))?;
        let packed = self.compressor.compress(&plain);
        let packed = packed.map_err(|error| StoreError::Write(format!("a body cannot be compressed: {error}")))?;
        Ok([&[NO_DICTIONARY][..], &length.to_be_bytes(), &packed].concat())
    }

    /// The reverse.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Edition, StoreError> {
        let (head, packed) = bytes.split_first_chunk::<5>().ok_or_else(|| damaged("a body is cut short"))?;
        let [dictionary, length @ ..] = *head;
        if dictionary != NO_DICTIONARY {
            return Err(damaged(&format!("a body names dictionary {dictionary}, which is not here")));
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_BODY {
            return Err(damaged("a body has an impossible length"));
        }
        let plain =
            self.decompressor.decompress(packed, length).map_err(|error| damaged(&format!("a body: {error}")))?;
        decode(&plain)
    }
}

/// What a value that cannot be read means for the operator.
pub fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("the store is damaged ({what}): stop syndic and restore the data folder from a backup"))
}
