//! The line before one host: one request at a time, a pause after each, nobody while the host is held but who was asked for by name.

use super::Who;
use crate::model::{Moment, SourceId};
use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

#[derive(Debug, Default)]
pub(super) struct Line {
    /// Between the end of one request and the start of the next.
    pub every: Duration,
    /// When the pause after the last request is over.
    pub free_at: Moment,
    /// Until when the host wants to be left alone.
    pub hold_until: Moment,
    /// A request is under way.
    pub busy: bool,
    /// Before all that are due, in the order of their coming.
    asked: VecDeque<Who>,
    due: BTreeSet<(Moment, SourceId)>,
    /// Where it stands in the order of lines.
    pub listed: Option<Moment>,
}

impl Line {
    pub fn put(&mut self, source: SourceId, at: Moment) {
        self.due.insert((at, source));
    }

    pub fn leave(&mut self, source: &SourceId, at: Moment) {
        self.due.remove(&(at, source.clone()));
    }

    pub fn ask(&mut self, who: Who) {
        self.asked.push_back(who);
    }

    pub fn is_empty(&self) -> bool {
        !self.busy && self.asked.is_empty() && self.due.is_empty()
    }

    /// When somebody may start; where nobody waits, when there is nothing left to remember; `None` until a request ends.
    pub fn moves(&self) -> Option<Moment> {
        if self.busy {
            return None;
        }
        let due = self.due.first().map(|(at, _)| (*at).max(self.hold_until));
        let somebody = if self.asked.is_empty() { due } else { Some(Moment::ZERO) };
        Some(somebody.unwrap_or(self.hold_until).max(self.free_at))
    }

    /// Lets the first one start. `None`: nobody waits.
    pub fn take(&mut self, now: Moment) -> Option<Who> {
        let who = match self.asked.pop_front() {
            Some(asked) => Some(asked),
            None if self.hold_until <= now => self.due.pop_first().map(|(_, source)| Who::Source(source)),
            None => None,
        };
        self.busy = who.is_some();
        who
    }

    pub fn end(&mut self, now: Moment) {
        self.busy = false;
        self.free_at = now + self.every;
    }
}
