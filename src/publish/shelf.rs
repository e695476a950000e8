//! What is held of rendered documents: bytes within a bound, and heads beyond it. Nothing is ever invalidated; whoever reads
//! compares stamps.

use super::{
    body::{Body, Tags, tag_number},
    changed,
    coding::Coding,
    key::Key,
    lock,
};
use crate::{
    lru::Lru,
    model::{FeedPart, Maker, Printed, Time},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use twox_hash::XxHash3_64;

/// Documents of which it is known what they were, their bytes or no.
const HEADS: usize = 16_384;
const ARCHIVES: usize = 4_096;

/// The part of all bytes that archives may take, and pages likewise: whoever walks through all of them must not push out the heads.
const WALKED_PART: usize = 8;

/// What rendered bytes depend on: equal stamps mean equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The store's version of the feed, or of the archive.
    pub version: u64,
    /// `Config::hash`.
    pub config: u64,
    /// `RENDER_VERSION`.
    pub render: u32,
}

impl Stamp {
    /// What made them.
    pub fn maker(&self) -> Maker {
        (self.config, self.render)
    }
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

/// A rendered document.
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
    heads: Rack,
    archives: Rack,
    /// Rendered for each request; known by a hash of their bytes.
    pages: Mutex<Lru<u64, Arc<Body>>>,
    /// Of which bytes a page was, by what it was drawn from.
    drawn: Mutex<Lru<String, (u64, u64)>>,
    /// What the store does not remember yet.
    fresh: Mutex<BTreeMap<String, Printed>>,
}

/// Documents of one sort.
struct Rack {
    known: Mutex<Lru<Key, (Head, Printed)>>,
    held: Mutex<Lru<Key, Arc<Rendered>>>,
}

impl Rack {
    fn new(known: usize, bytes: usize) -> Rack {
        Rack { known: Mutex::new(Lru::new(known)), held: Mutex::new(Lru::new(bytes)) }
    }
}

impl Shelf {
    /// Holds up to that many bytes, all codings counted.
    pub fn holding(bytes: usize) -> Shelf {
        let walked = bytes / WALKED_PART;
        Shelf {
            heads: Rack::new(HEADS, bytes - 2 * walked),
            archives: Rack::new(ARCHIVES, walked),
            pages: Mutex::new(Lru::new(walked)),
            drawn: Mutex::new(Lru::new(HEADS)),
            fresh: Mutex::default(),
        }
    }

    /// Bytes held, all codings counted.
    pub fn bytes(&self) -> usize {
        lock(&self.heads.held).held() + lock(&self.archives.held).held() + lock(&self.pages).held()
    }

    fn rack(&self, key: &Key) -> &Rack {
        match key.part {
            FeedPart::Head => &self.heads,
            FeedPart::Archive(_) => &self.archives,
        }
    }

    /// The head of a document, if it was rendered from that.
    pub fn head(&self, key: &Key, stamp: Stamp) -> Option<Head> {
        lock(&self.rack(key).known).get(key).map(|(head, _)| head).filter(|head| head.stamp == stamp).cloned()
    }

    /// The version of the feed that whoever has these tags of its document has read.
    pub fn version<'t>(&self, key: &Key, stamp: Stamp, tags: impl Iterator<Item = &'t str>) -> Option<u64> {
        let mut known = lock(&self.rack(key).known);
        known.get(key)?.1.past.version(stamp.maker(), tags.filter_map(tag_number))
    }

    /// Whether nothing is known of the document in this life of the program.
    pub fn is_new(&self, key: &Key) -> bool {
        lock(&self.rack(key).known).get(key).is_none()
    }

    /// The document as it was rendered last, from whatever.
    pub fn last(&self, key: &Key) -> Option<Arc<Rendered>> {
        lock(&self.rack(key).held).get(key).cloned()
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

    /// The page of that name, if it was drawn from that and is still held.
    pub fn drawn(&self, name: &str, stamp: u64) -> Option<Arc<Body>> {
        let hash = lock(&self.drawn).get(&name.to_owned()).filter(|(from, _)| *from == stamp).map(|(_, hash)| *hash)?;
        lock(&self.pages).get(&hash).cloned()
    }

    /// Remembers a page of that name, drawn from that.
    pub fn draw(&self, name: &str, stamp: u64, bytes: Bytes) -> Arc<Body> {
        lock(&self.drawn).put(name.to_owned(), (stamp, XxHash3_64::oneshot(&bytes)), 1);
        self.page(bytes)
    }

    /// Remembers a document. A flight that took off earlier may land later: it must not push out what is newer, and of its date
    /// nothing is said. Archives' versions are in no order: the next who asks sees which of the two it has.
    pub fn remember(&self, key: Key, draft: Draft, now: Time) -> Arc<Rendered> {
        let Draft { stamp, bytes, updated, stored } = draft;
        let body = Arc::new(Body::new(bytes));
        let rendered = |last_modified| {
            let head = Head { stamp, tags: body.tags().clone(), last_modified };
            Arc::new(Rendered { head, body: body.clone() })
        };
        let rack = self.rack(&key);
        let mut known = lock(&rack.known);
        let before = known.get(&key).map(|(head, printed)| (head.stamp, printed.clone()));
        let newer = |held: &Stamp| held.config == stamp.config && held.version > stamp.version;
        if key.part == FeedPart::Head && before.as_ref().is_some_and(|(held, _)| newer(held)) {
            return rendered(None);
        }
        let before = before.map(|(_, printed)| printed).or(stored);
        let hash = XxHash3_64::oneshot(body.plain());
        let mut printed = changed::printed(before.clone(), hash, updated, now);
        if key.part == FeedPart::Head {
            printed.past.note(stamp.maker(), hash, stamp.version);
        }
        if before.as_ref() != Some(&printed) {
            lock(&self.fresh).insert(key.path(), printed.clone());
        }
        let rendered = rendered(Some(printed.changed));
        known.put(key.clone(), (rendered.head.clone(), printed), 1);
        lock(&rack.held).put(key, rendered.clone(), rendered.body.weight());
        rendered
    }

    /// A coding was made: the body weighs more than it did, and has one tag more by which readers know it.
    pub fn coded(&self, whose: &Whose<'_>, body: &Arc<Body>, coding: Coding) {
        match whose {
            Whose::Feed(key) => {
                self.weigh(key, body);
                if key.part == FeedPart::Head {
                    self.note(key, body, coding);
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

    fn weigh(&self, key: &Key, body: &Arc<Body>) {
        let mut held = lock(&self.rack(key).held);
        if let Some(rendered) = held.get(key).filter(|rendered| Arc::ptr_eq(&rendered.body, body)).cloned() {
            held.put(key.clone(), rendered, body.weight());
        }
    }

    fn note(&self, key: &Key, body: &Arc<Body>, coding: Coding) {
        let mut known = lock(&self.rack(key).known);
        let Some((head, printed)) = known.get(key).filter(|(head, _)| Arc::ptr_eq(&head.tags, body.tags())) else {
            return;
        };
        let (head, mut printed) = (head.clone(), printed.clone());
        let tag = body.tags().of(coding).and_then(tag_number);
        if tag.is_some_and(|tag| printed.past.note(head.stamp.maker(), tag, head.stamp.version)) {
            lock(&self.fresh).insert(key.path(), printed.clone());
            known.put(key.clone(), (head, printed), 1);
        }
    }

    /// Takes what the store does not remember yet.
    pub fn take_fresh(&self) -> BTreeMap<String, Printed> {
        std::mem::take(&mut *lock(&self.fresh))
    }

    /// Gives back what could not be stored; what came since is newer.
    pub fn give_back(&self, older: BTreeMap<String, Printed>) {
        let mut fresh = lock(&self.fresh);
        for (path, printed) in older {
            fresh.entry(path).or_insert(printed);
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

#[cfg(test)]
mod tests;
