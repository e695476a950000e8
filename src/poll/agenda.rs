//! Whose turn it is: sources in the order of their due times, hosts one request at a time, paced and held. Pure: what
//! happens and what time it is goes in, who starts comes out. Nothing is ever searched through: a thousand sources that wait cost nothing.

mod line;

use super::{
    pace::Key,
    schedule::{self, calendar::Skips},
};
use crate::model::{Moment, SourceId, Time};
use line::Line;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// Lines kept of hosts where nobody waits, for their holds; beyond, the hold that ends first is forgotten.
const EMPTY_LINES: usize = 4_096;

/// Where a source stands in line, and when its publisher does not want to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line.
    pub key: Key,
    /// Pause of that host.
    pub every: Duration,
    /// Hours and days left out.
    pub skips: Skips,
}

/// Who waits for a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A source, to be polled.
    Source(SourceId),
    /// A poll under way that wants to ask another host, by its number.
    Visitor(u64),
}

/// What begins now: its host is taken until `ended`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Who.
    pub who: Who,
    /// Where.
    pub key: Key,
    /// How long after it was due; `None`: somebody asked for it.
    pub late: Option<Duration>,
}

/// Everybody who waits.
#[derive(Debug, Default)]
pub struct Agenda {
    lines: HashMap<Key, Line>,
    /// When each line whose host is free can next move.
    order: BTreeSet<(Moment, Key)>,
    places: HashMap<SourceId, Place>,
    visitors: u64,
    empty: usize,
}

#[derive(Debug)]
struct Place {
    spot: Spot,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting(Moment),
    Asked,
    UnderWay { again: bool },
}

impl Agenda {
    /// A source is due at that moment. One that is being polled is left alone: its end says when it is due.
    pub fn put(&mut self, source: &SourceId, spot: Spot, at: Moment) {
        if matches!(self.places.get(source), Some(Place { standing: Standing::UnderWay { .. } | Standing::Asked, .. }))
        {
            return;
        }
        self.remove(source);
        let (key, every) = (spot.key.clone(), spot.every);
        self.places.insert(source.clone(), Place { spot, standing: Standing::Waiting(at) });
        self.change(&key, every, |line| line.put(source.clone(), at));
    }

    /// Somebody asks for a source: it is next at its host, whatever its due time and the host's hold. One that is being polled is
    /// polled once more afterwards.
    pub fn ask(&mut self, source: &SourceId, spot: Spot) {
        match self.places.get_mut(source).map(|place| &mut place.standing) {
            Some(Standing::Asked) => return,
            Some(Standing::UnderWay { again }) => {
                *again = true;
                return;
            }
            Some(Standing::Waiting(_)) | None => self.remove(source),
        }
        let (key, every) = (spot.key.clone(), spot.every);
        self.places.insert(source.clone(), Place { spot, standing: Standing::Asked });
        self.change(&key, every, |line| line.ask(Who::Source(source.clone())));
    }

    /// A source waits no more.
    pub fn remove(&mut self, source: &SourceId) {
        let Some(Place { spot, standing: Standing::Waiting(at) }) = self.places.get(source) else { return };
        let (key, every, at) = (spot.key.clone(), spot.every, *at);
        self.change(&key, every, |line| line.leave(source, at));
        self.places.remove(source);
    }

    /// A poll under way wants to ask there; gives the number under which it will start.
    pub fn visit(&mut self, key: Option<Key>, every: Duration) -> u64 {
        self.visitors += 1;
        let visitor = self.visitors;
        self.change(&key.unwrap_or(Key::Visitor(visitor)), every, |line| line.ask(Who::Visitor(visitor)));
        visitor
    }

    /// Who starts now, if anybody may. `wall` is what the clock shows: publishers' calendars go by it.
    pub fn next(&mut self, now: Moment, wall: Time) -> Option<Start> {
        while let Some((at, _)) = self.order.first()
            && *at <= now
        {
            let (_, key) = self.order.pop_first()?;
            let Some(line) = self.lines.get_mut(&key) else { continue };
            line.listed = None;
            let Some(who) = line.take(now) else {
                self.empty -= usize::from(line.is_empty());
                self.lines.remove(&key);
                continue;
            };
            let late = self.late(&who, now);
            if self.is_free_to_start(&who, now, wall) {
                return Some(Start { who, key, late });
            }
        }
        None
    }

    fn late(&self, who: &Who, now: Moment) -> Option<Duration> {
        let Who::Source(source) = who else { return None };
        match self.places.get(source)?.standing {
            Standing::Waiting(at) => Some(now.saturating_sub(at)),
            Standing::Asked | Standing::UnderWay { .. } => None,
        }
    }

    /// Marks a source as being polled; one that came up in an hour its publisher leaves out goes back into line.
    fn is_free_to_start(&mut self, who: &Who, now: Moment, wall: Time) -> bool {
        let Who::Source(source) = who else { return true };
        let Some(place) = self.places.get_mut(source) else { return true };
        let wait = match place.standing {
            Standing::Waiting(_) => schedule::outside(&place.spot.skips, source, wall) - wall,
            _ => chrono::TimeDelta::zero(),
        };
        if wait <= chrono::TimeDelta::zero() {
            place.standing = Standing::UnderWay { again: false };
            return true;
        }
        let at = now + wait.to_std().unwrap_or_default();
        place.standing = Standing::Waiting(at);
        let (key, every) = (place.spot.key.clone(), place.spot.every);
        self.change(&key, every, |line| {
            line.busy = false;
            line.put(source.clone(), at);
        });
        false
    }

    /// A request at a host has ended: its pause begins.
    pub fn ended(&mut self, key: &Key, now: Moment) {
        if let Key::Visitor(_) = key {
            self.lines.remove(key);
            return;
        }
        let Some(every) = self.lines.get(key).map(|line| line.every) else { return };
        self.change(key, every, |line| line.end(now));
    }

    /// A turn has ended without a request.
    pub fn passed(&mut self, key: &Key) {
        let Some(every) = self.lines.get(key).map(|line| line.every) else { return };
        self.change(key, every, |line| line.busy = false);
    }

    /// A poll has ended: where its source stood, and whether somebody asked for it meanwhile.
    pub fn finished(&mut self, source: &SourceId) -> Option<(Spot, bool)> {
        let Standing::UnderWay { again } = self.places.get(source)?.standing else { return None };
        self.places.remove(source).map(|place| (place.spot, again))
    }

    /// A host is left alone until then, by all that are due there.
    pub fn hold(&mut self, key: &Key, until: Moment) {
        let every = self.lines.get(key).map_or(Duration::ZERO, |line| line.every);
        self.change(key, every, |line| line.hold_until = line.hold_until.max(until));
        if self.empty > EMPTY_LINES
            && let Some(first) = self.order.iter().find(|(_, key)| self.lines.get(key).is_some_and(Line::is_empty))
        {
            let (at, key) = first.clone();
            self.order.remove(&(at, key.clone()));
            self.lines.remove(&key);
            self.empty -= 1;
        }
    }

    /// A host that was asked before is not asked again before then.
    pub fn rest(&mut self, key: &Key, every: Duration, until: Moment) {
        self.change(key, every, |line| line.free_at = line.free_at.max(until));
    }

    /// For how long a host is still to be left alone.
    pub fn held(&self, key: &Key, now: Moment) -> Option<Duration> {
        self.lines.get(key)?.hold_until.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// Lines in which somebody stands or is served.
    pub fn waiting(&self) -> usize {
        self.lines.len() - self.empty
    }

    /// When the next one may start; `None` when nobody waits but for the end of a request.
    pub fn wakes(&self) -> Option<Moment> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Changes a line, made if need be, and lists it at the moment at which it can move.
    fn change(&mut self, key: &Key, every: Duration, how: impl FnOnce(&mut Line)) {
        let line = self.lines.entry(key.clone()).or_insert_with(|| {
            self.empty += 1;
            Line::default()
        });
        let was_empty = line.is_empty();
        line.every = every;
        how(line);
        match (was_empty, line.is_empty()) {
            (true, false) => self.empty -= 1,
            (false, true) => self.empty += 1,
            _ => {}
        }
        let moves = line.moves();
        if line.listed == moves {
            return;
        }
        if let Some(at) = std::mem::replace(&mut line.listed, moves) {
            self.order.remove(&(at, key.clone()));
        }
        if let Some(at) = moves {
            self.order.insert((at, key.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
