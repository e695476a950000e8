//! What waited for the writer together: decided one after the other, written as one.

use super::Reply;
use crate::{
    model::{Changes, SourceId},
    store::{
        StoreError,
        codec::Head,
        import::Imported,
        orders::Adopt,
        overlay::Writes,
        sled::Tree,
        touches::{Taken, Touches},
    },
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

/// What a group has come to so far.
#[derive(Default)]
pub(super) struct Group {
    pub(super) writes: Writes,
    pub(super) bytes: usize,
    pub(super) heads: BTreeMap<String, Head>,
    pub(super) durable: bool,
    pub(super) answers: Vec<Answer>,
    /// States on their way that it writes, or has something newer of.
    pub(super) taken: Taken,
    /// What happens in the moment in which readers see it.
    pub(super) adopt: Option<Adopt>,
    /// Keys that were looked for in the tree and are not there: a new entry's are asked for when it is resolved, when its
    /// names are learnt, and for the tally. Until the group is written, nothing else writes.
    pub(super) absent: RefCell<HashSet<Vec<u8>>>,
}

/// An answer that waits for the group to be written.
pub(super) enum Answer {
    Applied(Reply<Changes>, Changes),
    Imported(Reply<Vec<Imported>>, Vec<Imported>),
    Touched(Reply<()>),
}

impl Group {
    /// With what one more has decided.
    pub(super) fn add(&mut self, writes: Writes) {
        self.bytes += writes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        self.writes.extend(writes);
    }

    /// A value as the group leaves it.
    pub(super) fn get(&self, tree: &Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(value) = self.writes.get(key) {
            return Ok(value.clone());
        }
        if self.absent.borrow().contains(key) {
            return Ok(None);
        }
        let value = tree.get(key)?;
        if value.is_none() {
            self.absent.borrow_mut().insert(key.to_vec());
        }
        Ok(value)
    }

    /// It has something newer of a source than what is on its way: that must not be written after it.
    pub(super) fn overtake(&mut self, touches: &Touches, source: SourceId) {
        self.taken.extend(touches.number(&source).map(|number| (source, number)));
    }
}
