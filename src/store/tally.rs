//! What the store holds, in two numbers that change with every write: how many keys, and a sum of their hashes.
//! Kept outside sled too, so that a tree that lost or bent anything is told from a whole one by reading it once.

use super::{StoreError, codec, keys, overlay::Writes, sled::Tree};
use std::{
    collections::HashSet,
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use twox_hash::XxHash3_64;

/// Threads that read everything at most: more wait for each other inside sled.
const THREADS: usize = 8;
/// Where the parts begin that are read side by side, the larger ones first. They only have to be many and not too uneven.
const CUTS: [&[u8]; 18] = [
    b"b|", b"c|", b"m|", b"a|", b"a|\x40", b"a|\x80", b"a|\xc0", b"i|", b"i|\x40", b"i|\x80", b"i|\xc0", b"j|", b"e|",
    b"u|", b"d|", b"n|", b"v|", b"",
];

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

    /// As it will be once these writes are made. `absent`: keys that are known not to be in the tree.
    pub fn after(mut self, tree: &Tree, writes: &Writes, absent: &HashSet<Vec<u8>>) -> Result<Tally, StoreError> {
        for (key, value) in writes {
            if !absent.contains(key) {
                tree.look(key, |old| {
                    if let Some(old) = old {
                        self.remove(key, old);
                    }
                })?;
            }
            if let Some(value) = value {
                self.add(key, value);
            }
        }
        Ok(self)
    }

    /// Both together.
    fn plus(self, other: Tally) -> Tally {
        Tally { keys: self.keys.wrapping_add(other.keys), sum: self.sum.wrapping_add(other.sum) }
    }

    /// By reading everything, on as many threads as there are processors.
    pub fn of(tree: &Tree) -> Result<Tally, StoreError> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut tally = Tally::default();
            // Each takes the next part that nobody has begun.
            while let Some(from) = CUTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                let to = CUTS.iter().filter(|cut| *cut > from).min();
                tally = tally.plus(Tally::between(tree, from, to.copied())?);
            }
            Ok(tally)
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS);
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            // A panic of sled's is passed on: whoever opens it takes it for damage.
            let others = others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            let mine = work();
            others.fold(mine, |sum, other| Ok(sum?.plus(other?)))
        })
    }

    /// From a key to before another.
    fn between(tree: &Tree, from: &[u8], to: Option<&[u8]>) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        tree.each_between(from, to, |key, value| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_read_side_by_side_are_everything_once() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::open(folder.path(), 1 << 20).unwrap();
        let keys =
            (0..=255u8).flat_map(|first| [vec![first], vec![first, b'|'], vec![first, b'|', first], vec![first, 255]]);
        let keys = keys.chain(CUTS.iter().filter(|cut| !cut.is_empty()).map(|cut| cut.to_vec()));
        let writes: Writes = keys.map(|key| (key.clone(), Some(key))).collect();
        let mut tally = Tally::default();
        writes.keys().for_each(|key| tally.add(key, key));
        tree.apply(writes).unwrap();
        assert_eq!(Tally::of(&tree).unwrap(), tally);
    }
}
