//! Chance that is none: numbers that differ from source to source and from poll to poll, the same for the same inputs.

use crate::model::{SourceId, Time};
use chrono::TimeDelta;

/// One number between nothing and one.
pub struct Chance(u64);

impl Chance {
    /// For one decision about one source.
    pub fn of(source: &SourceId, now: Time) -> Chance {
        let seed = now.timestamp_millis().cast_unsigned();
        Chance(twox_hash::XxHash3_64::oneshot_with_seed(seed, source.as_str().as_bytes()) >> 32)
    }

    /// Anything from nothing to that long.
    pub fn of_delta(&self, longest: TimeDelta) -> TimeDelta {
        let share = (i128::from(longest.num_milliseconds().max(0)) * i128::from(self.0)) >> 32;
        TimeDelta::milliseconds(i64::try_from(share).unwrap_or(0))
    }
}
