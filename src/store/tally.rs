//! What the store holds, in two numbers that change with every write: how many keys, and a sum of their hashes.
//! Kept outside sled too, so that a tree that lost or bent anything is told from a whole one by reading it once.

use super::{StoreError, codec, keys, overlay::Writes, sled::Tree};
use twox_hash::XxHash3_64;

/// Keys, and the sum of the hashes of all pairs: the order of writing does not matter, one differing byte does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Keys.
    pub keys: u64,
    /// Sum of the pairs' hashes, modulo 2^64.
    pub sum: u64,
}

impl Tally {
    /// With one more pair.
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.keys = self.keys.wrapping_add(1);
        self.sum = self.sum.wrapping_add(hash(key, value));
    }

    /// Without a pair.
    fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.keys = self.keys.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(hash(key, value));
    }

    /// As it will be once these writes are made.
    pub fn after(mut self, tree: &Tree, writes: &Writes) -> Result<Tally, StoreError> {
        for (key, value) in writes {
            tree.look(key, |old| {
                if let Some(old) = old {
                    self.remove(key, old);
                }
            })?;
            if let Some(value) = value {
                self.add(key, value);
            }
        }
        Ok(self)
    }

    /// By reading everything.
    pub fn of(tree: &Tree) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        tree.each(|key, value| {
            if !keys::is_bookkeeping(key) {
                tally.add(key, value);
            }
            Ok(())
        })?;
        Ok(tally)
    }
}

fn hash(key: &[u8], value: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(XxHash3_64::oneshot(key), value)
}

/// How far a tree has come: written into it with every batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Sequence of the last journal record in it.
    pub sequence: u64,
    /// What it holds.
    pub tally: Tally,
}

impl Applied {
    /// Three big-endian numbers.
    pub fn encode(self) -> Vec<u8> {
        [self.sequence, self.tally.keys, self.tally.sum].iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    /// The reverse.
    pub fn decode(bytes: &[u8]) -> Result<Applied, StoreError> {
        let mut numbers = bytes.chunks(8).map(codec::number);
        let mut next =
            || numbers.next().unwrap_or_else(|| Err(codec::damaged("the store's own counters are cut short")));
        Ok(Applied { sequence: next()?, tally: Tally { keys: next()?, sum: next()? } })
    }
}
