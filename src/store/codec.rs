//! How small values are written: numbers big-endian, the rest MessagePack with names, so that a field can be added
//! without a migration.

use super::StoreError;
use crate::model::{ChangeKind, InfoCode, Time};
use serde::{Serialize, de::DeserializeOwned};

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

/// One join of a block: which of the block's numbers, when, and who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Number within the block, from 0.
    pub slot: u8,
    /// When it joined.
    pub at: Time,
    /// Who.
    pub code: InfoCode,
}

/// A block of joins, in the order of their slots: slot, microseconds, length of the code, code.
pub fn encode_block(block: &[Joined]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(block.len() * 40);
    for Joined { slot, at, code } in block {
        // A code has at most 64 bytes.
        let length = u8::try_from(code.as_str().len()).unwrap_or(u8::MAX);
        bytes.push(*slot);
        bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
        bytes.push(length);
        bytes.extend_from_slice(code.as_str().as_bytes());
    }
    bytes
}

/// The reverse.
pub fn decode_block(mut bytes: &[u8]) -> Result<Vec<Joined>, StoreError> {
    let mut block = Vec::new();
    while let Some((front, rest)) = bytes.split_first_chunk::<10>() {
        let [slot, micros @ .., length] = *front;
        let at = Time::from_timestamp_micros(i64::from_be_bytes(micros));
        let (text, rest) = rest.split_at_checked(usize::from(length)).ok_or_else(|| damaged("a join is cut short"))?;
        block.push(Joined { slot, at: at.ok_or_else(|| damaged("a join has no time"))?, code: code(text)? });
        bytes = rest;
    }
    if bytes.is_empty() { Ok(block) } else { Err(damaged("a block of joins is cut short")) }
}

/// What a commit did to which entry.
pub fn encode_changes(changes: &[(InfoCode, ChangeKind)]) -> Result<Vec<u8>, StoreError> {
    encode(&changes)
}

/// The reverse.
pub fn decode_changes(bytes: &[u8]) -> Result<Vec<(InfoCode, ChangeKind)>, StoreError> {
    decode(bytes)
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

/// What a value that cannot be read means for the operator.
pub fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("the store is damaged ({what}): stop syndic and restore the data folder from a backup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written_and_a_cut_one_is_damage() {
        let code = |text: &str| InfoCode::parse(text).unwrap();
        let at = |second| Time::from_timestamp(second, 5_000).unwrap();
        let block =
            [Joined { slot: 0, at: at(-7), code: code("A") }, Joined { slot: 49, at: at(9), code: code("NW2022") }];
        let bytes = encode_block(&block);
        assert_eq!(decode_block(&bytes).unwrap(), block);
        assert_eq!(decode_block(&[]).unwrap(), []);
        for cut in 1..bytes.len() {
            assert!(cut == 11 || decode_block(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
