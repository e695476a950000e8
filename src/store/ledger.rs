//! One commit being written down: entries are settled into it one by one, and whatever follows from where they stand
//! (indexes, joins, counters, wakes, the record of changes) is kept in step here and nowhere else. Pure over an overlay.

use super::{
    StoreError, codec,
    codec::Head,
    keys,
    meta::Meta,
    overlay::Overlay,
    pack::Packer,
    place::{self, EVERYTHING, Places, feeds_of, hidden_under},
};
use crate::model::{ChangeKind, InfoCode, Slug, Time};
use std::collections::BTreeMap;

/// Keys hold microseconds: a wake must not come before what it is for.
fn whole_micros(time: Time) -> Time {
    let beyond = i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1000));
    Time::from_timestamp_micros(time.timestamp_micros() + beyond).unwrap_or(time)
}

/// Changes in one value.
pub const PART: usize = 1000;

/// A commit.
pub struct Ledger<'a, 'o> {
    /// The time of the commit.
    pub at: Time,
    /// Its sequence, if it changes anything.
    pub sequence: u64,
    /// What it writes.
    pub overlay: &'a mut Overlay<'o>,
    /// Metas and editions as bytes.
    pub packer: &'a mut Packer,
    places: Places,
    changed: Vec<(InfoCode, ChangeKind)>,
    born: u64,
}

/// How a commit ends.
pub struct Written {
    /// Counters of the feeds it touched, as written.
    pub heads: BTreeMap<String, Head>,
    /// Sequence of the last change there is.
    pub sequence: u64,
    /// An entry changed: it must be synced before it is acknowledged.
    pub durable: bool,
}

/// Where an entry stood before it was changed.
pub struct Stood {
    feeds: Vec<String>,
    hidden: Vec<crate::model::SourceId>,
    wake: Option<Time>,
    withdrawn: bool,
}

impl Stood {
    /// Nowhere: it is new.
    pub fn nowhere() -> Stood {
        Stood { feeds: Vec::new(), hidden: Vec::new(), wake: None, withdrawn: false }
    }

    /// Where it is now.
    pub fn at(meta: &Meta) -> Stood {
        Stood {
            feeds: feeds_of(meta),
            hidden: hidden_under(meta),
            wake: meta.wake,
            withdrawn: meta.withdrawn.is_some(),
        }
    }
}

impl Stood {
    /// True when it stood in no feed.
    pub fn is_nowhere(&self) -> bool {
        self.feeds.is_empty()
    }
}

impl<'a, 'o> Ledger<'a, 'o> {
    /// Begins a commit at a time.
    pub fn begin(at: Time, overlay: &'a mut Overlay<'o>, packer: &'a mut Packer) -> Result<Self, StoreError> {
        let last = overlay.get(keys::sequence())?.map_or(Ok(0), |bytes| codec::number(&bytes))?;
        let places = Places::new(at, last + 1);
        Ok(Ledger { at, sequence: last + 1, overlay, packer, places, changed: Vec::new(), born: 0 })
    }

    /// What joins a feed from here on joins it at this time, not at that of the commit.
    pub fn join_at(&mut self, at: Time) {
        self.places.set_time(at);
    }

    /// What is kept of an entry.
    pub fn meta(&self, code: &InfoCode) -> Result<Option<Meta>, StoreError> {
        let key = keys::meta(code);
        let stored = self.overlay.get(&key)?;
        stored.map(|bytes| self.packer.unpacker().meta(&key, &bytes)).transpose()
    }

    /// A rank for an entry born in this commit.
    pub fn next_rank(&mut self) -> u64 {
        self.born += 1;
        self.born
    }

    /// Lets time pass for an entry, puts it where it now stands, and keeps it. `joins`: it may enter the heads of the
    /// feeds in which it did not stand before. True when its places changed.
    pub fn settle(&mut self, stood: &Stood, meta: &mut Meta, joins: bool) -> Result<bool, StoreError> {
        self.settle_where(stood, meta, |_| joins)
    }

    /// The same, asked for each feed.
    pub fn settle_where(
        &mut self,
        stood: &Stood,
        meta: &mut Meta,
        joins: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        meta.filed.iter_mut().for_each(|filing| filing.judge(self.at));
        let feeds = feeds_of(meta);
        for feed in stood.feeds.iter().filter(|feed| !feeds.contains(feed)) {
            self.places.leave(self.overlay, meta, feed)?;
            feed.strip_prefix("c:").and_then(Slug::parse).into_iter().for_each(|slug| meta.has_left(slug));
        }
        for feed in feeds.iter().filter(|feed| !stood.feeds.contains(feed)) {
            // What may not enter a feed's head stands in its archives all the same (contract: What a feed holds).
            let quiet = !feed.starts_with("s:") && (meta.passed_over || !joins(feed));
            self.places.join(self.overlay, meta, feed, quiet)?;
            self.places.file(self.overlay, meta, feed)?;
        }
        place::hide(self.overlay, &meta.code, &stood.hidden, &hidden_under(meta));
        self.wake(stood, meta);
        Ok(feeds != stood.feeds)
    }

    /// Writes an entry's meta, and what happened to it, if a reader can see it or a partner must be told.
    pub fn keep(&mut self, meta: &mut Meta, change: Option<ChangeKind>) -> Result<(), StoreError> {
        if let Some(kind) = change {
            meta.changed = self.sequence;
            self.places.touch(self.overlay, meta, kind)?;
            self.changed.push((meta.code.clone(), kind));
        }
        let packed = self.packer.pack_meta(meta)?;
        self.overlay.put(keys::meta(&meta.code), packed);
        Ok(())
    }

    /// True once something was changed.
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty() || !self.places.is_empty()
    }

    /// Cuts archives in which nothing is left off the feeds that this commit has touched.
    pub fn cut_archives(&mut self) -> Result<(), StoreError> {
        self.places.cut(self.overlay)
    }

    /// Ends the time for which a feed tells of withdrawals, where it is over.
    pub fn age(&mut self, feed: &str) -> Result<(), StoreError> {
        self.places.age(self.overlay, feed)
    }

    /// Writes down what changed.
    pub fn finish(self) -> Result<Written, StoreError> {
        if !self.has_changes() {
            return Ok(Written { heads: BTreeMap::new(), sequence: self.sequence - 1, durable: false });
        }
        self.overlay.put(keys::sequence().to_vec(), self.sequence.to_be_bytes().to_vec());
        for (part, changes) in (0u32..).zip(self.changed.chunks(PART)) {
            self.overlay.put(keys::change(self.sequence, part), codec::encode_changes(changes));
        }
        let heads = self.places.finish(self.overlay);
        Ok(Written { heads, sequence: self.sequence, durable: true })
    }

    fn wake(&mut self, stood: &Stood, meta: &mut Meta) {
        let standings = meta.filed.iter().filter(|_| meta.withdrawn.is_none());
        let next = standings.filter_map(|filing| filing.standing.next_change(self.at)).min().map(whole_micros);
        meta.wake = next;
        if stood.wake != next {
            stood.wake.into_iter().for_each(|time| self.overlay.remove(keys::wake(time, &meta.code)));
            next.into_iter().for_each(|time| self.overlay.put(keys::wake(time, &meta.code), Vec::new()));
        }
        match (&meta.withdrawn, stood.withdrawn) {
            (Some(withdrawn), false) => {
                let at = withdrawn.at.timestamp_micros().to_be_bytes().to_vec();
                self.overlay.put(keys::tombstone(&meta.code), at);
            }
            (None, true) => self.overlay.remove(keys::tombstone(&meta.code)),
            _ => {}
        }
    }

    /// True when an entry joined the feed of everything, and so may join others.
    pub fn joined_everything(meta: &Meta) -> bool {
        meta.joins.iter().any(|join| join.feed == EVERYTHING && !join.quiet)
    }
}
