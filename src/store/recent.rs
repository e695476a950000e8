//! Entries unpacked lately, bounded by bytes. Nothing is ever invalidated: a reader has the entry's packed meta in hand,
//! which changes with every edition, and compares.

use super::keys::Place;
use crate::{
    lru::Lru,
    model::{Edition, Entry, InfoCode},
};
use std::sync::{Arc, Mutex, PoisonError};
use twox_hash::XxHash3_64;

/// What an entry weighs besides its texts.
const FRAME: usize = 2 << 10;

/// Shared by all readers.
pub struct Recent(Mutex<Lru<InfoCode, Kept>>);

#[derive(Clone)]
struct Kept {
    meta: u64,
    place: Place,
    entry: Arc<Entry>,
}

impl Recent {
    /// Holds at most so many bytes.
    pub fn new(bytes: usize) -> Recent {
        Recent(Mutex::new(Lru::new(bytes)))
    }

    /// The entry, if it is as this packed meta says.
    pub fn get(&self, code: &InfoCode, packed: &[u8]) -> Option<(Place, Arc<Entry>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(code)?.clone();
        (kept.meta == XxHash3_64::oneshot(packed)).then_some((kept.place, kept.entry))
    }

    /// Remembers an entry.
    pub fn put(&self, code: &InfoCode, packed: &[u8], (place, entry): &(Place, Arc<Entry>)) {
        let kept = Kept { meta: XxHash3_64::oneshot(packed), place: *place, entry: entry.clone() };
        let weight = FRAME + 2 * packed.len() + words(&entry.edition);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(code.clone(), kept, weight);
    }
}

fn words(edition: &Edition) -> usize {
    let texts = [&edition.title, &edition.summary, &edition.content, &edition.rights];
    texts.into_iter().flatten().map(|text| text.value.capacity()).sum()
}
