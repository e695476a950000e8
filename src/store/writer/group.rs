//! What waited for the writer together: decided one after the other, written as one.

use super::Reply;
use crate::{
    model::{Changes, SourceId},
    store::{
        codec::Head,
        import::Imported,
        orders::Adopt,
        overlay::Writes,
        touches::{Taken, Touches},
    },
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
    /// States on their way that it writes, or has something newer of.
    pub(super) taken: Taken,
    /// What happens in the moment in which readers see it.
    pub(super) adopt: Option<Adopt>,
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

    /// It has something newer of a source than what is on its way: that must not be written after it.
    pub(super) fn overtake(&mut self, touches: &Touches, source: SourceId) {
        self.taken.extend(touches.number(&source).map(|number| (source, number)));
    }
}
