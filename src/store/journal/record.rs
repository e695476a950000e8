//! One group of writes as bytes of a journal, and back. A record that was not written whole, or was bent since, is not read.
//!
//! File: a header (`syndicJ1`, `after` u64, `first` u64, seed u64, check u64), then records. Record: `SjR1`, length u32, check u64, then
//! sequence u64, keys u64, sum u64, and for each write: key length, value length + 1 (0 removes), key, value. Lengths of keys
//! and values as LEB128; other numbers big-endian. Checks are XXH3-64 seeded with the file's seed, which nobody outside
//! knows: what a hostile feed puts into a value cannot pass for a record.

use crate::store::{
    overlay::Writes,
    tally::{Applied, Tally},
};
use memchr::memmem;
use twox_hash::XxHash3_64;

/// Bytes of a file's header.
pub const HEADER: usize = 40;
const FILE_MAGIC: &[u8; 8] = b"syndicJ1";
const MAGIC: &[u8; 4] = b"SjR1";
/// Magic, length, check.
const FRONT: usize = 16;

/// What a file's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The last sequence of earlier files that counts: what they hold beyond it is void.
    pub after: u64,
    /// Sequence of its first record. What may lie between the two was written again with that one.
    pub first: u64,
    /// Seed of this file's checks.
    pub seed: u64,
}

impl Header {
    /// As bytes.
    pub fn encode(self) -> Vec<u8> {
        let numbers = [self.after, self.first, self.seed].map(u64::to_be_bytes).concat();
        let plain = [FILE_MAGIC.as_slice(), &numbers].concat();
        let check = XxHash3_64::oneshot(&plain);
        [plain, check.to_be_bytes().to_vec()].concat()
    }

    /// The reverse; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Header> {
        let (plain, rest) = bytes.split_at_checked(HEADER - 8)?;
        let mut numbers = plain.strip_prefix(FILE_MAGIC)?;
        let mut next = || take_u64(&mut numbers);
        let header = Header { after: next()?, first: next()?, seed: next()? };
        (take_u64(&mut &*rest)? == XxHash3_64::oneshot(plain)).then_some(header)
    }
}

/// Appends a record to a buffer. `None` when it is larger than a record can be.
pub fn encode<'a>(
    into: &mut Vec<u8>,
    seed: u64,
    applied: Applied,
    writes: impl Iterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
) -> Option<()> {
    let start = into.len();
    into.extend_from_slice(MAGIC);
    into.extend_from_slice(&[0; FRONT - 4]);
    for number in [applied.sequence, applied.tally.keys, applied.tally.sum] {
        into.extend_from_slice(&number.to_be_bytes());
    }
    for (key, value) in writes {
        put_length(into, key.len());
        put_length(into, value.as_ref().map_or(0, |value| value.len() + 1));
        into.extend_from_slice(key);
        into.extend_from_slice(value.as_deref().unwrap_or_default());
    }
    let (front, body) = into.get_mut(start..)?.split_at_mut(FRONT);
    let length = u32::try_from(body.len()).ok()?.to_be_bytes();
    let check = XxHash3_64::oneshot_with_seed(seed, body).to_be_bytes();
    front.iter_mut().skip(4).zip(length.into_iter().chain(check)).for_each(|(to, from)| *to = from);
    Some(())
}

/// A record as found in a file.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Sequence, and what the store holds with it.
    pub applied: Applied,
    /// Where the next one begins.
    pub end: usize,
    writes: &'a [u8],
}

impl Found<'_> {
    /// The writes; `None` when they cannot be read although the check holds, which only a mistake of ours can bring about.
    pub fn writes(&self) -> Option<Writes> {
        let mut rest = self.writes;
        let mut writes = Writes::new();
        while !rest.is_empty() {
            let (key, value) = (take_length(&mut rest)?, take_length(&mut rest)?);
            let key = take(&mut rest, key)?.to_vec();
            let value =
                value.checked_sub(1).map(|length| take(&mut rest, length)).map_or(Some(None), |it| it.map(Some))?;
            writes.insert(key, value.map(<[u8]>::to_vec));
        }
        Some(writes)
    }
}

/// The whole record that begins exactly at `at`.
pub fn read_at(bytes: &[u8], at: usize, seed: u64) -> Option<Found<'_>> {
    let mut rest = bytes.get(at..)?.strip_prefix(MAGIC)?;
    let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    rest = rest.get(4..)?;
    let check = take_u64(&mut rest)?;
    let body = rest.get(..length)?;
    if XxHash3_64::oneshot_with_seed(seed, body) != check {
        return None;
    }
    let mut writes = body;
    let mut next = || take_u64(&mut writes);
    let applied = Applied { sequence: next()?, tally: Tally { keys: next()?, sum: next()? } };
    Some(Found { applied, end: at + FRONT + length, writes })
}

/// The first whole record at or after `at`.
pub fn find_from(bytes: &[u8], at: usize, seed: u64) -> Option<Found<'_>> {
    read_at(bytes, at, seed)
        .or_else(|| memmem::find_iter(bytes.get(at..)?, MAGIC).find_map(|offset| read_at(bytes, at + offset, seed)))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    take(rest, 8)?.try_into().ok().map(u64::from_be_bytes)
}

fn put_length(into: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        into.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    into.push(length as u8);
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 0usize;
    for shift in (0..35).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Writes, Applied) {
        let long = vec![7u8; 100_000];
        let writes = [(b"a".to_vec(), Some(b"".to_vec())), (b"b".to_vec(), None), (vec![9; 300], Some(long))].into();
        (writes, Applied { sequence: 5, tally: Tally { keys: 3, sum: u64::MAX } })
    }

    #[test]
    fn what_was_written_is_read() {
        let (writes, applied) = sample();
        let mut bytes = b"before".to_vec();
        encode(&mut bytes, 11, applied, writes.iter()).unwrap();
        let found = read_at(&bytes, 6, 11).unwrap();
        assert_eq!((found.applied, found.end, found.writes().unwrap()), (applied, bytes.len(), writes));
        assert_eq!(find_from(&bytes, 0, 11).unwrap().end, bytes.len());
        assert!(read_at(&bytes, 6, 12).is_none(), "another file's seed");
        let header = Header { after: 3, first: 5, seed: 11 };
        assert_eq!(Header::decode(&header.encode()), Some(header));
        assert_eq!(header.encode().len(), HEADER);
    }

    #[test]
    fn a_bent_or_short_record_is_not_read() {
        let mut bytes = Vec::new();
        encode(&mut bytes, 1, sample().1, [(&b"key".to_vec(), &Some(b"value".to_vec()))].into_iter()).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 0x10;
            assert!(read_at(&bent, 0, 1).is_none(), "byte {at}");
            assert!(read_at(&bytes[..at], 0, 1).is_none(), "cut at {at}");
        }
    }
}
