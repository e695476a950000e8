//! Keys of what happened lately in a feed: `r|…`, and of when it is to be forgotten: `y|…`.

use super::{join, sortable};
use crate::model::Time;

const LATELY: &[u8] = b"r|";
const AGEING: &[u8] = b"y|";

/// `r|feed 0 kind`: who left a feed lately, or was corrected in it.
pub fn lately(feed: &str, kind: u8) -> Vec<u8> {
    join(&[LATELY, feed.as_bytes(), &[0, kind]])
}

/// `y|time feed`: when the oldest withdrawal that a feed still tells of is old enough.
pub fn ageing(at: Time, feed: &str) -> Vec<u8> {
    join(&[AGEING, &sortable(at.timestamp_micros()), feed.as_bytes()])
}

/// Prefix of all of these, in the order of time.
pub fn ageings() -> &'static [u8] {
    AGEING
}

/// Time and feed of such a key.
pub fn ageing_of(key: &[u8]) -> Option<(Time, &str)> {
    let (time, feed) = key.strip_prefix(AGEING)?.split_first_chunk::<8>()?;
    let micros = (u64::from_be_bytes(*time) ^ (1 << 63)) as i64;
    Some((Time::from_timestamp_micros(micros)?, std::str::from_utf8(feed).ok()?))
}
