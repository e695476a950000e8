//! What is held of rendered documents: bytes within a bound, and heads beyond it. Nothing is ever invalidated; whoever reads
//! compares stamps.

use super::{
    body::{Body, Tags},
    changed,
};
use crate::{
    format::Format,
    lru::Lru,
    model::{FeedId, Printed, Time},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use twox_hash::XxHash3_64;

/// Heads held.
const HEADS: usize = 16_384;

/// The part of all bytes that pages may take: whoever walks through every entry's page must not push out the feeds.
const PAGES_PART: usize = 4;

/// A feed in a format.
pub type Key = (FeedId, Format);

/// What rendered bytes depend on: equal stamps mean equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The store's version of the feed.
    pub version: u64,
    /// `Config::hash`.
    pub config: u64,
    /// `RENDER_VERSION`.
    pub render: u32,
}

/// What is known of rendered bytes without having them.
#[derive(Clone, Debug)]
pub struct Head {
    /// What they were rendered from.
    pub stamp: Stamp,
    /// The entity tags of the codings that were made.
    pub tags: Arc<Tags>,
    /// When the bytes became what they are; unknown where newer ones were there already.
    pub last_modified: Option<Time>,
}

/// A rendered feed.
#[derive(Debug)]
pub struct Rendered {
    /// Stamp and validators.
    pub head: Head,
    /// The document.
    pub body: Arc<Body>,
}

/// Something newly rendered.
pub struct Draft {
    /// What it was rendered from.
    pub stamp: Stamp,
    /// The document.
    pub bytes: Bytes,
    /// When the newest thing in it changed.
    pub updated: Option<Time>,
    /// What the store remembers of an earlier one.
    pub stored: Option<Printed>,
}

/// All of it.
pub struct Shelf {
    heads: Mutex<Lru<Key, (Head, Printed)>>,
    feeds: Mutex<Lru<Key, Arc<Rendered>>>,
    /// Rendered for each request; known by a hash of their bytes.
    pages: Mutex<Lru<u64, Arc<Body>>>,
    /// What the store does not remember yet.
    fresh: Mutex<BTreeMap<String, Printed>>,
}

impl Shelf {
    /// Holds up to that many bytes, all codings counted.
    pub fn holding(bytes: usize) -> Shelf {
        let pages = bytes / PAGES_PART;
        Shelf {
            heads: Mutex::new(Lru::new(HEADS)),
            feeds: Mutex::new(Lru::new(bytes - pages)),
            pages: Mutex::new(Lru::new(pages)),
            fresh: Mutex::default(),
        }
    }

    /// The head of a feed, if it was rendered from that.
    pub fn head(&self, key: &Key, stamp: Stamp) -> Option<Head> {
        lock(&self.heads).get(key).map(|(head, _)| head).filter(|head| head.stamp == stamp).cloned()
    }

    /// Whether nothing is known of the feed in this life of the program.
    pub fn is_new(&self, key: &Key) -> bool {
        lock(&self.heads).get(key).is_none()
    }

    /// The feed as it was rendered last, from whatever.
    pub fn last(&self, key: &Key) -> Option<Arc<Rendered>> {
        lock(&self.feeds).get(key).cloned()
    }

    /// A page of these bytes: the one that is held already, with its codings, or a new one.
    pub fn page(&self, bytes: Bytes) -> Arc<Body> {
        let hash = XxHash3_64::oneshot(&bytes);
        let mut pages = lock(&self.pages);
        // Anybody can write two pages of one hash.
        if let Some(body) = pages.get(&hash).filter(|body| *body.plain() == bytes) {
            return body.clone();
        }
        let body = Arc::new(Body::new(bytes));
        pages.put(hash, body.clone(), body.weight());
        body
    }

    /// Remembers a feed. A flight that took off earlier may land later: it must not push out what is newer, and of its date
    /// nothing is said.
    pub fn remember(&self, key: Key, draft: Draft, now: Time) -> Arc<Rendered> {
        let Draft { stamp, bytes, updated, stored } = draft;
        let body = Arc::new(Body::new(bytes));
        let rendered = |last_modified| {
            let head = Head { stamp, tags: body.tags().clone(), last_modified };
            Arc::new(Rendered { head, body: body.clone() })
        };
        let mut heads = lock(&self.heads);
        let held = heads.get(&key).map(|(head, printed)| (head.stamp, *printed));
        if held.is_some_and(|(held, _)| held.config == stamp.config && held.version > stamp.version) {
            return rendered(None);
        }
        let before = held.map(|(_, printed)| printed).or(stored);
        let printed = changed::printed(before, XxHash3_64::oneshot(body.plain()), updated, now);
        if before != Some(printed) {
            lock(&self.fresh).insert(name(&key), printed);
        }
        let rendered = rendered(Some(printed.changed));
        heads.put(key.clone(), (rendered.head.clone(), printed), 1);
        lock(&self.feeds).put(key, rendered.clone(), rendered.body.weight());
        rendered
    }

    /// A coding was made: the body weighs more than it did.
    pub fn weigh(&self, whose: &Whose<'_>, body: &Arc<Body>) {
        match whose {
            Whose::Feed(key) => {
                let mut feeds = lock(&self.feeds);
                if let Some(rendered) = feeds.get(key).filter(|rendered| Arc::ptr_eq(&rendered.body, body)).cloned() {
                    feeds.put((*key).clone(), rendered, body.weight());
                }
            }
            Whose::Page => {
                let (mut pages, hash) = (lock(&self.pages), XxHash3_64::oneshot(body.plain()));
                if pages.get(&hash).is_some_and(|held| Arc::ptr_eq(held, body)) {
                    pages.put(hash, body.clone(), body.weight());
                }
            }
        }
    }

    /// Takes what the store does not remember yet.
    pub fn take_fresh(&self) -> BTreeMap<String, Printed> {
        std::mem::take(&mut *lock(&self.fresh))
    }

    /// Gives back what could not be stored; what came since is newer.
    pub fn give_back(&self, older: BTreeMap<String, Printed>) {
        let mut fresh = lock(&self.fresh);
        for (name, printed) in older {
            fresh.entry(name).or_insert(printed);
        }
    }
}

/// What a body belongs to.
pub enum Whose<'k> {
    /// A feed.
    Feed(&'k Key),
    /// A page.
    Page,
}

/// The name under which the store remembers a feed: its path.
pub fn name((feed, format): &Key) -> String {
    format!("{}.{}", feed.path(), format.extension())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::Coding;

    fn stamp(version: u64) -> Stamp {
        Stamp { version, config: 1, render: 1 }
    }

    fn draft(version: u64, bytes: &'static str) -> Draft {
        let updated = Time::from_timestamp(version as i64, 0);
        Draft { stamp: stamp(version), bytes: Bytes::from_static(bytes.as_bytes()), updated, stored: None }
    }

    fn now() -> Time {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_head_outlives_its_bytes() {
        let shelf = Shelf::holding(2000);
        let rss = (FeedId::All, Format::Rss);
        let rendered = shelf.remember(rss.clone(), draft(1, "12345678"), now());
        let atom = shelf.remember((FeedId::All, Format::Atom), draft(1, "abcdefgh"), now());
        assert!(shelf.last(&rss).is_none());
        let head = shelf.head(&rss, stamp(1)).unwrap();
        assert_eq!(head.tags.of(Coding::Identity), rendered.head.tags.of(Coding::Identity));
        assert!(Arc::ptr_eq(&shelf.last(&(FeedId::All, Format::Atom)).unwrap(), &atom));
    }

    #[test]
    fn another_stamp_is_not_answered_and_a_late_older_one_not_kept() {
        let shelf = Shelf::holding(100_000);
        let key = (FeedId::All, Format::Json);
        let newer = shelf.remember(key.clone(), draft(2, "two"), now());
        let older = shelf.remember(key.clone(), draft(1, "one"), now());
        assert!(newer.head.last_modified.is_some() && older.head.last_modified.is_none());
        assert!(shelf.head(&key, stamp(1)).is_none());
        assert_eq!(shelf.last(&key).unwrap().body.plain(), &Bytes::from_static(b"two"));
        assert!(shelf.head(&key, Stamp { config: 9, ..stamp(2) }).is_none());
        let other_config = Draft { stamp: Stamp { config: 9, ..stamp(1) }, ..draft(1, "one") };
        shelf.remember(key.clone(), other_config, now());
        assert!(shelf.head(&key, Stamp { config: 9, ..stamp(1) }).is_some(), "a store restored is older, and right");
    }

    #[test]
    fn the_store_is_told_of_what_changed_and_of_nothing_else() {
        let shelf = Shelf::holding(100_000);
        let key = (FeedId::All, Format::Json);
        shelf.remember(key.clone(), draft(1, "one"), now());
        let told = shelf.take_fresh();
        let printed = told["/all.json"];
        assert_eq!(printed.changed.timestamp(), 1);
        shelf.remember(key.clone(), draft(2, "one"), now());
        assert!(shelf.take_fresh().is_empty(), "another version, the same bytes");
        let again = Shelf::holding(100_000);
        again.remember(key, Draft { stored: Some(printed), ..draft(3, "one") }, now());
        assert!(again.take_fresh().is_empty(), "a restart changes nothing");
    }

    #[tokio::test]
    async fn the_bytes_of_all_codings_count() {
        let shelf = Shelf::holding(12_000);
        let text: &'static str = "entry ".repeat(1_000).leak();
        let key = (FeedId::All, Format::Rss);
        let rendered = shelf.remember(key.clone(), draft(1, text), now());
        let places = tokio::sync::Semaphore::new(1);
        for coding in Coding::ALL {
            rendered.body.coded(coding, &places).await.unwrap();
            shelf.weigh(&Whose::Feed(&key), &rendered.body);
        }
        assert_eq!(lock(&shelf.feeds).held(), rendered.body.weight());
    }

    #[test]
    fn a_page_is_held_once_and_never_taken_for_another() {
        let shelf = Shelf::holding(100_000);
        let one = shelf.page(Bytes::from_static(b"one"));
        assert!(Arc::ptr_eq(&one, &shelf.page(Bytes::from_static(b"one"))));
        assert!(!Arc::ptr_eq(&one, &shelf.page(Bytes::from_static(b"two"))));
    }

    #[test]
    fn two_thousand_categories_in_three_formats_stay_within_the_bound() {
        let (bound, text) = (1 << 20, "entry ".repeat(500));
        let shelf = Shelf::holding(bound);
        let feed = |number| FeedId::Category(crate::model::Slug::parse(&format!("c{number}")).unwrap());
        for number in 0..2_000 {
            for format in Format::ALL {
                let bytes = Bytes::from(format!("{number} {text}"));
                shelf.remember((feed(number), format), Draft { bytes, ..draft(1, "") }, now());
                shelf.page(Bytes::from(format!("{number} {format:?} {text}")));
            }
            let held = lock(&shelf.feeds).held() + lock(&shelf.pages).held();
            assert!(held <= bound && held > 0, "{held}");
        }
        let known = |number| Format::ALL.iter().all(|format| shelf.head(&(feed(number), *format), stamp(1)).is_some());
        assert!((0..2_000).all(known), "a 304 needs none of their bytes");
    }
}
