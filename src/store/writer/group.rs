//! What waited for the writer together: decided one after the other, written as one.

use super::{Reply, answer};
use crate::{
    model::Changes,
    store::{StoreError, codec::Head, import::Imported, overlay::Writes},
};
use std::collections::BTreeMap;

/// What a group has come to so far.
#[derive(Default)]
pub(super) struct Group {
    pub(super) writes: Writes,
    pub(super) bytes: usize,
    pub(super) heads: BTreeMap<String, Head>,
    pub(super) durable: bool,
    pub(super) answers: Vec<Answer>,
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
}

/// What no entry depends on, a source's state alone: it may lose its last second.
pub(super) fn keep(group: &mut Group, writes: Result<Writes, StoreError>, reply: Reply<()>) {
    match writes {
        Ok(writes) => {
            group.add(writes);
            group.answers.push(Answer::Touched(reply));
        }
        Err(error) => answer(reply, Err(error)),
    }
}
