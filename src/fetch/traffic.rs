//! Requests that went out and what came of them, in numbers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const ANSWERS: [&str; 6] = ["2xx", "304", "3xx", "4xx", "5xx", "none"];

/// The numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Requests by the class of the answer's status; `none`: there was no answer.
    pub answers: [(&'static str, u64); 6],
    /// Bytes of bodies that were read to their end, decompressed.
    pub bytes: u64,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Meter {
    answers: [AtomicU64; ANSWERS.len()],
    bytes: AtomicU64,
}

impl Meter {
    /// An answer of that status, or none.
    pub fn answered(&self, status: Option<u16>) {
        let place = match status {
            None => 5,
            Some(304) => 1,
            Some(300..=399) => 2,
            Some(400..=499) => 3,
            Some(500..) => 4,
            Some(_) => 0,
        };
        if let Some(counter) = self.answers.get(place) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// A body of so many bytes.
    pub fn read(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// So far.
    pub fn traffic(&self) -> Traffic {
        let mut answers = ANSWERS.map(|word| (word, 0));
        answers.iter_mut().zip(&self.answers).for_each(|((_, count), counter)| *count = counter.load(Relaxed));
        Traffic { answers, bytes: self.bytes.load(Relaxed) }
    }
}
