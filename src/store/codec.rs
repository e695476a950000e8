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
    /// Archives that retention has cut off at the oldest end.
    pub cut: u64,
    /// When an entry last came, changed or went; `None` in a store that an older program wrote and nothing changed since.
    pub changed: Option<Time>,
}

impl Head {
    /// Five big-endian numbers, the last in microseconds.
    pub fn encode(self) -> Vec<u8> {
        let changed = self.changed.map_or(0, |at| at.timestamp_micros() as u64);
        [self.version, self.filed, self.joined, self.cut, changed].iter().flat_map(|n| n.to_be_bytes()).collect()
    }

    /// The reverse. Older programs wrote three numbers.
    pub fn decode(bytes: &[u8]) -> Result<Head, StoreError> {
        let mut numbers = bytes.chunks(8).map(number);
        let mut next = || numbers.next().unwrap_or_else(|| Err(damaged("a feed's counters are cut short")));
        let (version, filed, joined) = (next()?, next()?, next()?);
        let cut = numbers.next().transpose()?.unwrap_or(0);
        let changed = numbers.next().transpose()?.filter(|micros| *micros != 0);
        Ok(Head { version, filed, joined, cut, changed: changed.and_then(|at| Time::from_timestamp_micros(at as i64)) })
    }

    /// Archives that are full, the cut ones among them.
    pub fn archives(&self) -> u64 {
        self.joined / super::keys::BLOCK
    }
}

/// One join of a block: which of the block's numbers, when, and who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Number within the block, from 0.
    pub slot: u8,
    /// When it joined; when it left, if it did.
    pub at: Time,
    /// Who.
    pub code: InfoCode,
    /// It stands in the archives only.
    pub quiet: bool,
    /// It stands here no more; what is left is the trace of it.
    pub left: bool,
}

/// What may stand beside the number in a slot, which is below 64.
const LEFT: u8 = 0x80;
const QUIET: u8 = 0x40;

/// A block of joins, in the order of their slots: slot, microseconds, code.
pub fn encode_block(block: &[Joined]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(block.len() * 27);
    for Joined { slot, at, code, quiet, left } in block {
        bytes.push(slot | if *quiet { QUIET } else { 0 } | if *left { LEFT } else { 0 });
        bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
        put_code(&mut bytes, code);
    }
    bytes
}

/// The reverse.
pub fn decode_block(mut bytes: &[u8]) -> Result<Vec<Joined>, StoreError> {
    let mut block = Vec::new();
    while let Some((front, rest)) = bytes.split_first_chunk::<9>() {
        let [slot, micros @ ..] = *front;
        let at = Time::from_timestamp_micros(i64::from_be_bytes(micros));
        bytes = rest;
        let at = at.ok_or_else(|| damaged("a join has no time"))?;
        let (quiet, left) = (slot & QUIET != 0, slot & LEFT != 0);
        block.push(Joined { slot: slot & !(LEFT | QUIET), at, code: take_code(&mut bytes)?, quiet, left });
    }
    if bytes.is_empty() { Ok(block) } else { Err(damaged("a block of joins is cut short")) }
}

/// What a commit did to which entry: kind, code.
pub fn encode_changes(changes: &[(InfoCode, ChangeKind)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(changes.len() * 19);
    for (code, kind) in changes {
        bytes
            .push(KINDS.iter().position(|known| known == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX));
        put_code(&mut bytes, code);
    }
    bytes
}

/// The reverse.
pub fn decode_changes(mut bytes: &[u8]) -> Result<Vec<(InfoCode, ChangeKind)>, StoreError> {
    let mut changes = Vec::new();
    while let Some((kind, rest)) = bytes.split_first() {
        bytes = rest;
        let kind = KINDS.get(usize::from(*kind)).ok_or_else(|| damaged("a change is of no kind"))?;
        changes.push((take_code(&mut bytes)?, *kind));
    }
    Ok(changes)
}

/// Their place is what is written: append only.
const KINDS: [ChangeKind; 6] = [
    ChangeKind::New,
    ChangeKind::Updated,
    ChangeKind::Moved,
    ChangeKind::Withdrawn,
    ChangeKind::Restored,
    ChangeKind::Retired,
];

/// A value that is a number.
pub fn number(bytes: &[u8]) -> Result<u64, StoreError> {
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| damaged("a value is no number"))
}

/// Before the sixteen bytes of a derived code: in the order of bytes where `X-` would be, and in no code.
const DERIVED: &[u8; 2] = b"X,";

/// A code in keys and values. Derived ones (`X-` and 32 hex digits) stand in a dozen places each: they take half the room.
pub fn code_bytes(code: &InfoCode) -> Vec<u8> {
    let text = code.as_str();
    let digits = text.strip_prefix("X-").filter(|digits| digits.len() == 32);
    let nibbles = digits.map(|digits| digits.bytes().map(|digit| char::from(digit).to_digit(16)));
    let packed = nibbles.and_then(|nibbles| nibbles.collect::<Option<Vec<u32>>>()).map(|nibbles| {
        let bytes = nibbles.chunks(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | *nibble as u8));
        DERIVED.iter().copied().chain(bytes).collect()
    });
    packed.unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The reverse.
pub fn code(bytes: &[u8]) -> Result<InfoCode, StoreError> {
    let text = match bytes.strip_prefix(DERIVED) {
        Some(packed) if packed.len() == 16 => {
            packed.iter().fold("X-".to_owned(), |text, byte| format!("{text}{byte:02X}"))
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    InfoCode::parse(&text).ok_or_else(|| damaged("a value is no infoCode"))
}

/// Several codes, each with its length before it.
pub fn encode_codes(codes: &[InfoCode]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(codes.len() * 18);
    codes.iter().for_each(|code| put_code(&mut bytes, code));
    bytes
}

/// The reverse.
pub fn decode_codes(mut bytes: &[u8]) -> Result<Vec<InfoCode>, StoreError> {
    let mut codes = Vec::new();
    while !bytes.is_empty() {
        codes.push(take_code(&mut bytes)?);
    }
    Ok(codes)
}

/// A code with its length before it.
pub fn put_code(bytes: &mut Vec<u8>, code: &InfoCode) {
    let code = code_bytes(code);
    // A code has at most 64 bytes.
    bytes.push(u8::try_from(code.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(&code);
}

/// The reverse.
pub fn take_code(bytes: &mut &[u8]) -> Result<InfoCode, StoreError> {
    let cut = || damaged("a code is cut short");
    let (length, rest) = bytes.split_first().ok_or_else(cut)?;
    let (text, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(cut)?;
    *bytes = rest;
    code(text)
}

/// Any small value.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(512);
    let written = rmp_serde::encode::write_named(&mut bytes, value);
    written.map_err(|error| StoreError::Write(format!("a value cannot be encoded: {error}")))?;
    Ok(bytes)
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
        let joined =
            |slot, second, text: &str, quiet, left| Joined { slot, at: at(second), code: code(text), quiet, left };
        let block = [joined(0, -7, "A", true, false), joined(49, 9, "NW2022", true, true)];
        let bytes = encode_block(&block);
        assert_eq!(decode_block(&bytes).unwrap(), block);
        assert_eq!(decode_block(&[]).unwrap(), []);
        for cut in 1..bytes.len() {
            assert!(cut == 11 || decode_block(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let derived = InfoCode::derived("a", crate::model::CodeKind::Guid, "b");
        let codes = [derived.clone(), code("NW1"), code("X-1234"), code(&format!("X-{}", "G".repeat(32)))];
        assert_eq!(decode_codes(&encode_codes(&codes)).unwrap(), codes);
        assert_eq!(code_bytes(&derived).len(), 18);
        assert!(code_bytes(&code("W9")) < code_bytes(&derived) && code_bytes(&derived) < code_bytes(&code("X0")));
        let changes: Vec<_> = codes.into_iter().cycle().zip(KINDS).collect();
        assert_eq!(decode_changes(&encode_changes(&changes)).unwrap(), changes);
    }
}
