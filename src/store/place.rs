//! Where entries stand: the indexes, join numbers and counters of each feed a commit touches. Pure over an overlay.

use super::{
    StoreError, codec,
    codec::{Head, Joined},
    keys,
    meta::Meta,
    overlay::Overlay,
};
use crate::model::{InfoCode, Join, Slug, SourceId, Time};
use std::collections::BTreeMap;

/// Key of the feed of everything.
pub const EVERYTHING: &str = "a:";

/// The feeds one commit touches. Their counters and blocks are held here and written once, by `finish`.
pub struct Places {
    at: Time,
    heads: BTreeMap<String, Head>,
    blocks: BTreeMap<Vec<u8>, Vec<Joined>>,
}

impl Places {
    /// For a commit at a time.
    pub fn new(at: Time) -> Places {
        Places { at, heads: BTreeMap::new(), blocks: BTreeMap::new() }
    }

    /// What joins from here on joins at this time.
    pub fn set_time(&mut self, at: Time) {
        self.at = at;
    }

    /// Files an entry under a feed: it stands on its pages. (Everything has no pages of its own, and so no order to keep.)
    pub fn file(&mut self, overlay: &mut Overlay<'_>, meta: &Meta, feed: &str) -> Result<(), StoreError> {
        self.head(overlay, feed)?.filed += 1;
        if feed != EVERYTHING {
            overlay.put(keys::order(feed, meta.place()), codec::code_bytes(&meta.code));
        }
        Ok(())
    }

    /// Gives an entry the next number of a feed: it stands at the feed's end.
    pub fn join(&mut self, overlay: &Overlay<'_>, meta: &mut Meta, feed: &str) -> Result<(), StoreError> {
        let at = self.at;
        let head = self.head(overlay, feed)?;
        head.joined += 1;
        let number = head.joined;
        self.block(overlay, feed, number)?.push(Joined { slot: slot(number), at, code: meta.code.clone() });
        meta.joins.push(Join { feed: feed.to_owned(), number });
        Ok(())
    }

    /// Takes an entry out of a feed. Its number is not given again.
    pub fn leave(&mut self, overlay: &mut Overlay<'_>, meta: &mut Meta, feed: &str) -> Result<(), StoreError> {
        let head = self.head(overlay, feed)?;
        head.filed = head.filed.saturating_sub(1);
        if feed != EVERYTHING {
            overlay.remove(keys::order(feed, meta.place()));
        }
        for join in meta.joins.iter().filter(|join| join.feed == feed) {
            self.block(overlay, feed, join.number)?.retain(|joined| joined.slot != slot(join.number));
        }
        meta.joins.retain(|join| join.feed != feed);
        Ok(())
    }

    /// Marks every feed an entry stands in as changed.
    pub fn touch(&mut self, overlay: &Overlay<'_>, meta: &Meta) -> Result<(), StoreError> {
        feeds_of(meta).iter().try_for_each(|feed| self.head(overlay, feed).map(drop))
    }

    /// Writes blocks and the counters of all feeds touched, at their new version, and gives the counters back.
    pub fn finish(mut self, overlay: &mut Overlay<'_>, sequence: u64) -> BTreeMap<String, Head> {
        for (key, block) in self.blocks {
            if block.is_empty() {
                overlay.remove(key);
            } else {
                overlay.put(key, codec::encode_block(&block));
            }
        }
        for (feed, head) in &mut self.heads {
            head.version = sequence;
            overlay.put(keys::head(feed), head.encode());
        }
        self.heads
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
    all.into_iter().chain(meta.categories().iter().map(category_feed)).chain(sources).collect()
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
