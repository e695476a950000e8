//! What happened lately in a feed, in three short lists a feed: who left it, whom retention dropped from it, who was corrected.
//! Heads tell of it, and deltas; the record of changes is for partners and does not say of a change which feeds it touched.

use super::{StoreError, codec};
use crate::model::{InfoCode, Time};
use chrono::TimeDelta;

/// How long a feed's head tells of a withdrawal (contract: What a feed holds).
pub fn told_for() -> TimeDelta {
    TimeDelta::days(30)
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lately {
    /// Withdrawn, expired, or moved elsewhere: the head tells of it.
    Left,
    /// Not kept any longer. Nobody need delete it, so that only deltas tell of it.
    Dropped,
    /// A new edition.
    Corrected,
}

impl Lately {
    /// In keys.
    pub fn byte(self) -> u8 {
        match self {
            Lately::Left => b'l',
            Lately::Dropped => b'd',
            Lately::Corrected => b'c',
        }
    }

    /// Longest list; the oldest give way.
    pub fn most(self) -> usize {
        match self {
            Lately::Left | Lately::Dropped => 500,
            Lately::Corrected => 20,
        }
    }
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The commit.
    pub sequence: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub code: InfoCode,
}

/// A list, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Of what happened up to this commit some may be forgotten.
    pub floor: u64,
    /// The rest.
    pub events: Vec<Event>,
}

impl Events {
    /// Adds one. Of one entry the newest counts.
    pub fn push(&mut self, event: Event, most: usize) {
        self.events.retain(|known| known.code != event.code);
        self.events.push(event);
        let beyond = self.events.len().saturating_sub(most);
        self.forget(beyond);
    }

    /// Forgets those of before a time.
    pub fn age(&mut self, before: Time) {
        self.forget(self.events.iter().take_while(|event| event.at <= before).count());
    }

    fn forget(&mut self, count: usize) {
        for gone in self.events.drain(..count.min(self.events.len())) {
            self.floor = self.floor.max(gone.sequence);
        }
    }

    /// Floor, then each: commit, microseconds, code.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.floor.to_be_bytes().to_vec();
        for Event { sequence, at, code } in &self.events {
            bytes.extend_from_slice(&sequence.to_be_bytes());
            bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
            codec::put_code(&mut bytes, code);
        }
        bytes
    }

    /// The reverse; nothing is an empty list.
    pub fn decode(bytes: &[u8]) -> Result<Events, StoreError> {
        if bytes.is_empty() {
            return Ok(Events::default());
        }
        let cut = || codec::damaged("what happened lately in a feed is cut short");
        let (floor, mut bytes) = bytes.split_first_chunk::<8>().ok_or_else(cut)?;
        let mut events = Vec::new();
        while let Some((front, rest)) = bytes.split_first_chunk::<16>() {
            bytes = rest;
            let (sequence, at) = front.split_at(8);
            let at = Time::from_timestamp_micros(codec::number(at)? as i64).ok_or_else(cut)?;
            events.push(Event { sequence: codec::number(sequence)?, at, code: codec::take_code(&mut bytes)? });
        }
        if bytes.is_empty() { Ok(Events { floor: u64::from_be_bytes(*floor), events }) } else { Err(cut()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_bounded_knows_what_it_forgot_and_is_read_as_written() {
        let event = |n: u64| Event {
            sequence: n,
            at: Time::from_timestamp(n as i64 - 2, 0).unwrap(),
            code: InfoCode::parse(&format!("N{}", n % 4)).unwrap(),
        };
        let mut list = Events::default();
        (1..=5).for_each(|n| list.push(event(n), 3));
        assert_eq!(list.events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(list.floor, 2);
        assert_eq!(Events::decode(&list.encode()).unwrap(), list);
        assert!(Events::decode(&list.encode()[..20]).is_err() && Events::decode(&[1]).is_err());
        list.age(Time::from_timestamp(2, 0).unwrap());
        assert_eq!((list.events.len(), list.floor), (1, 4));
    }
}
