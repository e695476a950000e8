//! A map bounded by weight: what was used longest ago leaves first.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

/// Never holds more weight than `limit`.
pub struct Lru<K, V> {
    limit: usize,
    held: usize,
    turn: u64,
    slots: HashMap<K, Slot<V>>,
    by_turn: BTreeMap<u64, K>,
}

struct Slot<V> {
    value: V,
    weight: usize,
    turn: u64,
}

impl<K: Clone + Eq + Hash, V> Lru<K, V> {
    pub fn new(limit: usize) -> Lru<K, V> {
        Lru { limit, held: 0, turn: 0, slots: HashMap::new(), by_turn: BTreeMap::new() }
    }

    /// The value; it is the last one used from now on.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        let slot = self.slots.get_mut(key)?;
        if slot.turn != self.turn {
            self.by_turn.remove(&slot.turn);
            self.turn += 1;
            slot.turn = self.turn;
            self.by_turn.insert(self.turn, key.clone());
        }
        Some(&slot.value)
    }

    /// Holds the value instead of an earlier one of that key. A value heavier than the limit is not held at all.
    pub fn put(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.limit {
            return;
        }
        while self.held + weight > self.limit {
            let Some((_, oldest)) = self.by_turn.pop_first() else { break };
            self.remove(&oldest);
        }
        self.turn += 1;
        self.held += weight;
        self.by_turn.insert(self.turn, key.clone());
        self.slots.insert(key, Slot { value, weight, turn: self.turn });
    }

    /// The weight held.
    pub fn held(&self) -> usize {
        self.held
    }

    fn remove(&mut self, key: &K) {
        if let Some(slot) = self.slots.remove(key) {
            self.held -= slot.weight;
            self.by_turn.remove(&slot.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_leaves_first() {
        let mut lru = Lru::new(10);
        lru.put("a", 1, 4);
        lru.put("b", 2, 4);
        assert_eq!(lru.get(&"a"), Some(&1));
        lru.put("c", 3, 4);
        assert_eq!(lru.get(&"b"), None);
        assert_eq!(lru.get(&"a"), Some(&1));
        assert_eq!(lru.get(&"c"), Some(&3));
        assert_eq!(lru.held, 8);
    }

    #[test]
    fn the_weight_held_never_exceeds_the_limit() {
        let mut lru = Lru::new(100);
        for n in 0..1000_usize {
            lru.put(n % 37, n, (n * 31) % 60);
            assert!(lru.held <= 100);
            assert_eq!(lru.slots.len(), lru.by_turn.len());
            assert_eq!(lru.held, lru.slots.values().map(|slot| slot.weight).sum::<usize>());
        }
    }

    #[test]
    fn too_heavy_a_value_is_not_held_and_takes_the_old_one_with_it() {
        let mut lru = Lru::new(10);
        lru.put("a", 1, 5);
        lru.put("b", 2, 5);
        lru.put("a", 3, 11);
        assert_eq!(lru.get(&"a"), None);
        assert_eq!(lru.get(&"b"), Some(&2));
    }
}
