//! Where entries stand: the indexes, join numbers and counters of each feed a commit touches. Pure over an overlay.

use super::{
    StoreError,
    codec::{Head, Meta, encode_join},
    keys,
    overlay::Overlay,
};
use crate::model::{Join, Slug, Time};
use std::collections::BTreeMap;

/// Key of the feed of everything.
pub const EVERYTHING: &str = "a:";

/// The feeds one commit touches. Their counters are held here and written once, by `finish`.
pub struct Places {
    at: Time,
    heads: BTreeMap<String, Head>,
}

impl Places {
    /// For a commit at a time.
    pub fn new(at: Time) -> Places {
        Places { at, heads: BTreeMap::new() }
    }

    /// What joins from here on joins at this time.
    pub fn set_time(&mut self, at: Time) {
        self.at = at;
    }

    /// Files an entry under a feed: it stands on its pages. (Everything has no pages of its own, and so no order to keep.)
    pub fn file(&mut self, overlay: &mut Overlay<'_>, meta: &Meta, feed: &str) -> Result<(), StoreError> {
        self.head(overlay, feed)?.filed += 1;
        if feed != EVERYTHING {
            overlay.put(keys::order(feed, meta.place()), meta.code.as_str().as_bytes().to_vec());
        }
        Ok(())
    }

    /// Gives an entry the next number of a feed: it stands at the feed's end.
    pub fn join(&mut self, overlay: &mut Overlay<'_>, meta: &mut Meta, feed: &str) -> Result<u64, StoreError> {
        let at = self.at;
        let head = self.head(overlay, feed)?;
        head.joined += 1;
        let number = head.joined;
        overlay.put(keys::joined(feed, number), encode_join(at, &meta.code));
        meta.joins.push(Join { feed: feed.to_owned(), number });
        Ok(number)
    }

    /// Takes an entry out of a feed. Its number is not given again.
    pub fn leave(&mut self, overlay: &mut Overlay<'_>, meta: &mut Meta, feed: &str) -> Result<(), StoreError> {
        let head = self.head(overlay, feed)?;
        head.filed = head.filed.saturating_sub(1);
        overlay.remove(keys::order(feed, meta.place()));
        for join in meta.joins.iter().filter(|join| join.feed == feed) {
            overlay.remove(keys::joined(feed, join.number));
        }
        meta.joins.retain(|join| join.feed != feed);
        Ok(())
    }

    /// Marks every feed an entry stands in as changed.
    pub fn touch(&mut self, overlay: &Overlay<'_>, meta: &Meta) -> Result<(), StoreError> {
        feeds_of(meta).iter().try_for_each(|feed| self.head(overlay, feed).map(drop))
    }

    /// Writes the counters of all feeds touched, at their new version, and gives them back.
    pub fn finish(mut self, overlay: &mut Overlay<'_>, sequence: u64) -> BTreeMap<String, Head> {
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
}

/// The counters of a feed as they stand.
pub fn read_head(overlay: &Overlay<'_>, feed: &str) -> Result<Head, StoreError> {
    overlay.get(&keys::head(feed))?.map_or(Ok(Head::default()), |bytes| Head::decode(&bytes))
}

/// Every feed an entry is filed under.
pub fn feeds_of(meta: &Meta) -> Vec<String> {
    let all = std::iter::once(EVERYTHING.to_owned());
    let categories = meta.categories.iter().map(category_feed);
    all.chain(categories).chain(meta.sources.iter().map(source_feed)).collect()
}

/// Key of a category's feed.
pub fn category_feed(slug: &Slug) -> String {
    format!("c:{slug}")
}

/// Key of a source's feed.
pub fn source_feed(source: &Slug) -> String {
    format!("s:{source}")
}
