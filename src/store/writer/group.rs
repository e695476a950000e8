//! What waited for the writer together: decided one after the other, written as one.

use super::{Reply, answer};
use crate::{
    model::{Changes, SourceId, SourceState},
    store::{codec::Head, import::Imported, overlay::Writes, states},
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

/// A source's state alone.
pub(super) fn touch(group: &mut Group, source: &SourceId, state: SourceState, reply: Reply<()>) {
    match states::touched(source, state) {
        Ok((key, value)) => {
            group.add(Writes::from([(key, Some(value))]));
            group.answers.push(Answer::Touched(reply));
        }
        Err(error) => answer(reply, Err(error)),
    }
}
