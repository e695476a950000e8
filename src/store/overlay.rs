//! Writes that are decided but not yet made, over what the store holds: what one commit of a group writes, the next one reads.

use super::StoreError;
use std::collections::BTreeMap;

/// Keys with their new value; `None` removes. In key order, so that the same decisions make the same bytes.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Looks up a key.
pub type Read<'a> = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, StoreError> + 'a;

/// Decided writes over a reader.
pub struct Overlay<'a> {
    below: &'a Read<'a>,
    writes: Writes,
}

impl<'a> Overlay<'a> {
    /// Nothing decided yet.
    pub fn new(below: &'a Read<'a>) -> Overlay<'a> {
        Overlay { below, writes: Writes::new() }
    }

    /// The value as it will be.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(value) => Ok(value.clone()),
            None => (self.below)(key),
        }
    }

    /// Sets a key.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.writes.insert(key, Some(value));
    }

    /// Removes a key.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// What was decided.
    pub fn into_writes(self) -> Writes {
        self.writes
    }
}
