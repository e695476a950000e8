//! Where entries stand: the indexes, join numbers and counters of each feed a commit touches. Pure over an overlay.

use super::{
    StoreError, codec,
    codec::{Head, Joined},
    keys,
    lately::{Event, Events, Lately, told_for},
    meta::Meta,
    overlay::Overlay,
};
use crate::model::{ChangeKind, InfoCode, Join, Slug, SourceId, Time, WithdrawalKind};
use std::collections::{BTreeMap, BTreeSet};

/// Key of the feed of everything.
pub const EVERYTHING: &str = "a:";

/// The feeds one commit touches. Their counters, blocks and lists are held here and written once, by `finish`.
pub struct Places {
    /// The time of the commit.
    now: Time,
    /// The time at which what joins joins.
    at: Time,
    sequence: u64,
    heads: BTreeMap<String, Head>,
    blocks: BTreeMap<Vec<u8>, Vec<Joined>>,
    lately: BTreeMap<(String, Lately), Events>,
    /// Feeds that had no withdrawal to tell of.
    untold: BTreeSet<String>,
}

impl Places {
    /// For a commit at a time.
    pub fn new(at: Time, sequence: u64) -> Places {
        let (heads, blocks, lately, untold) = Default::default();
        Places { now: at, at, sequence, heads, blocks, lately, untold }
    }

    /// What joins from here on joins at this time.
    pub fn set_time(&mut self, at: Time) {
        self.at = at;
    }

    /// True when no feed was touched.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Files an entry under a feed: it stands on its pages. (Everything has no pages of its own, and so no order to keep.)
    pub fn file(&mut self, overlay: &mut Overlay<'_>, meta: &Meta, feed: &str) -> Result<(), StoreError> {
        self.head(overlay, feed)?.filed += 1;
        if feed != EVERYTHING {
            overlay.put(keys::order(feed, meta.place()), codec::code_bytes(&meta.code));
        }
        Ok(())
    }

    /// Gives an entry the next number of a feed: it stands at the feed's end. `quiet`: of archives only.
    pub fn join(&mut self, overlay: &Overlay<'_>, meta: &mut Meta, feed: &str, quiet: bool) -> Result<(), StoreError> {
        let at = self.at;
        let head = self.head(overlay, feed)?;
        head.joined += 1;
        if !quiet {
            head.changed = head.changed.max(Some(at));
        }
        let number = head.joined;
        let joined = Joined { slot: slot(number), at, code: meta.code.clone(), quiet, left: false };
        self.block(overlay, feed, number)?.push(joined);
        meta.joins.push(Join { feed: feed.to_owned(), number, quiet });
        Ok(())
    }

    /// Takes an entry out of a feed. Its number is not given again, and its place keeps a trace of it.
    pub fn leave(&mut self, overlay: &mut Overlay<'_>, meta: &mut Meta, feed: &str) -> Result<(), StoreError> {
        let now = self.now;
        let head = self.head(overlay, feed)?;
        head.filed = head.filed.saturating_sub(1);
        head.changed = head.changed.max(Some(now));
        if feed != EVERYTHING {
            overlay.remove(keys::order(feed, meta.place()));
        }
        let retired = meta.withdrawn.as_ref().is_some_and(|withdrawn| withdrawn.kind == WithdrawalKind::Retired);
        for join in meta.joins.iter().filter(|join| join.feed == feed) {
            let block = self.block(overlay, feed, join.number)?;
            for joined in block.iter_mut().filter(|joined| joined.slot == slot(join.number)) {
                (joined.left, joined.at) = (true, now);
            }
            self.note(overlay, feed, if retired { Lately::Dropped } else { Lately::Left }, &meta.code)?;
        }
        meta.joins.retain(|join| join.feed != feed);
        Ok(())
    }

    /// Marks every feed an entry stands in as changed.
    pub fn touch(&mut self, overlay: &Overlay<'_>, meta: &Meta, change: ChangeKind) -> Result<(), StoreError> {
        let now = self.now;
        for feed in feeds_of(meta) {
            let head = self.head(overlay, &feed)?;
            if change != ChangeKind::Moved {
                head.changed = head.changed.max(Some(now));
            }
            if change == ChangeKind::Updated && meta.edition_number > 1 {
                self.note(overlay, &feed, Lately::Corrected, &meta.code)?;
            }
        }
        Ok(())
    }

    /// Cuts archives off at the oldest end of each feed touched, as long as nothing is left in them.
    pub fn cut(&mut self, overlay: &mut Overlay<'_>) -> Result<(), StoreError> {
        for feed in self.heads.keys().cloned().collect::<Vec<_>>() {
            loop {
                let head = *self.head(overlay, &feed)?;
                let first = head.cut * keys::BLOCK + 1;
                if head.cut >= head.archives() || self.block(overlay, &feed, first)?.iter().any(|joined| !joined.left) {
                    break;
                }
                self.block(overlay, &feed, first)?.clear();
                self.head(overlay, &feed)?.cut += 1;
            }
        }
        Ok(())
    }

    /// Forgets the withdrawals of a feed that its head has told of for long enough.
    pub fn age(&mut self, overlay: &mut Overlay<'_>, feed: &str) -> Result<(), StoreError> {
        self.head(overlay, feed)?;
        let before = self.now - told_for();
        self.list(overlay, feed, Lately::Left)?.age(before);
        let oldest = self.list(overlay, feed, Lately::Left)?.events.first().map(|event| event.at);
        oldest.into_iter().for_each(|at| overlay.put(keys::ageing(at + told_for(), feed), Vec::new()));
        Ok(())
    }

    /// Writes blocks, lists, and the counters of all feeds touched at their new version, and gives the counters back.
    pub fn finish(self, overlay: &mut Overlay<'_>) -> BTreeMap<String, Head> {
        let Places { mut heads, blocks, lately, untold, sequence, .. } = self;
        for (key, block) in blocks {
            if block.is_empty() {
                overlay.remove(key);
            } else {
                overlay.put(key, codec::encode_block(&block));
            }
        }
        for ((feed, kind), events) in lately {
            if let Some(oldest) = events.events.first().filter(|_| kind == Lately::Left && untold.contains(&feed)) {
                overlay.put(keys::ageing(oldest.at + told_for(), &feed), Vec::new());
            }
            overlay.put(keys::lately(&feed, kind.byte()), events.encode());
        }
        for (feed, head) in &mut heads {
            head.version = sequence;
            overlay.put(keys::head(feed), head.encode());
        }
        heads
    }

    fn note(&mut self, overlay: &Overlay<'_>, feed: &str, kind: Lately, code: &InfoCode) -> Result<(), StoreError> {
        let event = Event { sequence: self.sequence, at: self.now, code: code.clone() };
        self.list(overlay, feed, kind)?.push(event, kind.most());
        Ok(())
    }

    fn list(&mut self, overlay: &Overlay<'_>, feed: &str, kind: Lately) -> Result<&mut Events, StoreError> {
        let name = (feed.to_owned(), kind);
        if !self.lately.contains_key(&name) {
            let stored = overlay.get(&keys::lately(feed, kind.byte()))?;
            let events = Events::decode(stored.as_deref().unwrap_or_default())?;
            if kind == Lately::Left && events.events.is_empty() {
                self.untold.insert(feed.to_owned());
            }
            self.lately.insert(name.clone(), events);
        }
        Ok(self.lately.entry(name).or_default())
    }

    fn head(&mut self, overlay: &Overlay<'_>, feed: &str) -> Result<&mut Head, StoreError> {
        if !self.heads.contains_key(feed) {
            self.heads.insert(feed.to_owned(), read_head(overlay, feed)?);
        }
        Ok(self.heads.entry(feed.to_owned()).or_default())
    }

    fn block(&mut self, overlay: &Overlay<'_>, feed: &str, number: u64) -> Result<&mut Vec<Joined>, StoreError> {
        let key = keys::joined(feed, number);
        if !self.blocks.contains_key(&key) {
            let stored = overlay.get(&key)?;
            self.blocks.insert(key.clone(), codec::decode_block(stored.as_deref().unwrap_or_default())?);
        }
        Ok(self.blocks.entry(key).or_default())
    }
}

/// A join's place in its block.
pub fn slot(number: u64) -> u8 {
    // A block is shorter than 256.
    u8::try_from(number.saturating_sub(1) % keys::BLOCK).unwrap_or(u8::MAX)
}

/// The counters of a feed as they stand.
pub fn read_head(overlay: &Overlay<'_>, feed: &str) -> Result<Head, StoreError> {
    overlay.get(&keys::head(feed))?.map_or(Ok(Head::default()), |bytes| Head::decode(&bytes))
}

/// Every feed an entry is filed under: none while nobody may see it.
pub fn feeds_of(meta: &Meta) -> Vec<String> {
    let mut sources = meta.seen().map(|filing| source_feed(&filing.source)).peekable();
    let all = sources.peek().map(|_| EVERYTHING.to_owned());
    let tags = meta.tags.iter().filter(|_| all.is_some()).map(keys::tag_feed).collect::<Vec<_>>();
    all.into_iter().chain(meta.categories().iter().map(category_feed)).chain(sources).chain(tags).collect()
}

/// The sources in whose feeds it does not stand, and whose it still is.
pub fn hidden_under(meta: &Meta) -> Vec<SourceId> {
    if meta.is_stub() {
        return Vec::new();
    }
    let hidden = meta.filed.iter().filter(|filing| !filing.shown || meta.withdrawn.is_some());
    hidden.map(|filing| filing.source.clone()).collect()
}

/// Puts an entry's index of hidden ones right.
pub fn hide(overlay: &mut Overlay<'_>, code: &InfoCode, before: &[SourceId], now: &[SourceId]) {
    for source in before.iter().filter(|source| !now.contains(source)) {
        overlay.remove(keys::hidden(source, code));
    }
    for source in now.iter().filter(|source| !before.contains(source)) {
        overlay.put(keys::hidden(source, code), Vec::new());
    }
}

/// Key of a category's feed.
pub fn category_feed(slug: &Slug) -> String {
    format!("c:{slug}")
}

/// Key of a source's feed.
pub fn source_feed(source: &Slug) -> String {
    format!("s:{source}")
}
