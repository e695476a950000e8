//! Where an entry stands in time, as bytes whose order is that of time.

use super::sortable;
use crate::model::Time;

/// Where an entry stands in time. Unique: no two entries of a commit have one rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Sort date, to the microsecond.
    pub sort_date: i64,
    /// Sequence of the commit that first stored it.
    pub born: u64,
    /// Its rank among those that were born with it.
    pub rank: u64,
}

impl Place {
    /// The place of an entry.
    pub fn new(sort_date: Time, born: u64, rank: u64) -> Place {
        Place { sort_date: sort_date.timestamp_micros(), born, rank }
    }

    /// Its bytes in a key.
    pub fn bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let date = sortable(self.sort_date);
        let parts = date.into_iter().chain(self.born.to_be_bytes()).chain(self.rank.to_be_bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }
}
