//! A feed in a format, rendered at most once a stamp. Heads are remembered longer than bytes, so that a 304 needs
//! no rendering.

use super::flight::Flights;
use crate::lru::Lru;
use crate::{
    config::{Category, Config},
    format::{self, Format},
    model::{FeedId, FeedPart, Time},
    store::Store,
    view,
};
use anyhow::Context;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use twox_hash::XxHash3_64;

/// Version of what turns a stored entry into bytes (`view`, `format`). Raise it when their output changes.
pub const RENDER_VERSION: u32 = 3;

/// Bytes of rendered feeds held.
const BODIES: usize = 32 * 1024 * 1024;

/// Heads held.
const HEADS: usize = 16_384;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What they were rendered from.
    pub stamp: Stamp,
    /// Strong entity tag, quotes included (RFC 9110 §8.8.3).
    pub etag: String,
    /// The newest change in the feed; `None` for an empty one.
    pub last_modified: Option<Time>,
}

/// A rendered feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Stamp and validators.
    pub head: Head,
    /// The document.
    pub bytes: Bytes,
}

/// Renders feeds and remembers them. Cheap to clone; all clones share one memory.
#[derive(Clone)]
pub struct Publisher(Arc<Shelf>);

type Key = (FeedId, Format);

struct Shelf {
    heads: Mutex<Lru<Key, Head>>,
    bodies: Mutex<Lru<Key, Arc<Rendered>>>,
    flights: Flights<(Key, Stamp), Arc<Rendered>>,
}

impl Default for Publisher {
    fn default() -> Publisher {
        Publisher::holding(BODIES)
    }
}

impl Publisher {
    /// Holds up to that many bytes of rendered feeds.
    pub fn holding(bytes: usize) -> Publisher {
        Publisher(Arc::new(Shelf {
            heads: Mutex::new(Lru::new(HEADS)),
            bodies: Mutex::new(Lru::new(bytes)),
            flights: Flights::new(),
        }))
    }

    /// The feed as it is now, rendered if it was not yet. `categories` are all there are.
    /// Whether the caller may see it was decided before.
    pub async fn feed(
        &self,
        config: &Arc<Config>,
        store: &Store,
        feed: &FeedId,
        categories: &[Category],
        format: Format,
    ) -> anyhow::Result<Arc<Rendered>> {
        let stamp = current(config, store, feed).await?;
        let key = (feed.clone(), format);
        if let Some(rendered) = self.0.body(&key, stamp) {
            return Ok(rendered);
        }
        let work = render(self.clone(), config.clone(), store.clone(), key.clone(), categories.to_vec());
        self.0.flights.join((key, stamp), work).await
    }

    /// The head of the feed as it is now, if it was rendered since its last change.
    pub async fn head(
        &self,
        config: &Config,
        store: &Store,
        feed: &FeedId,
        format: Format,
    ) -> anyhow::Result<Option<Head>> {
        let stamp = current(config, store, feed).await?;
        Ok(self.0.head(&(feed.clone(), format), stamp))
    }
}

/// A strong entity tag of these bytes, quotes included.
pub fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{:016x}\"", XxHash3_64::oneshot(bytes))
}

async fn current(config: &Config, store: &Store, feed: &FeedId) -> anyhow::Result<Stamp> {
    let version = store.version(feed).await.with_context(|| format!("version of {}", feed.path()))?;
    Ok(Stamp { version, config: config.hash, render: RENDER_VERSION })
}

/// The listing may be newer than the stamp that was asked for: what is remembered carries the listing's own version.
async fn render(
    publisher: Publisher,
    config: Arc<Config>,
    store: Store,
    key: Key,
    categories: Vec<Category>,
) -> anyhow::Result<Arc<Rendered>> {
    let (feed, format) = key.clone();
    let entries = view::entries_wanted(&config, &categories, &feed);
    let sight = view::sight(&categories, &feed);
    let listing = store.head(&feed, entries, sight).await.with_context(|| format!("list {}", feed.path()))?;
    let stamp = Stamp { version: listing.version, config: config.hash, render: RENDER_VERSION };
    let drawn = tokio::task::spawn_blocking(move || {
        let view = view::feed_view(&config, &categories, &feed, &FeedPart::Head, &listing);
        let bytes = format::render(&view, format).with_context(|| format!("render {}", feed.path()))?;
        anyhow::Ok((bytes, view.updated))
    });
    let (bytes, last_modified) = drawn.await??;
    let head = Head { stamp, etag: entity_tag(&bytes), last_modified };
    let rendered = Arc::new(Rendered { head, bytes: Bytes::from(bytes) });
    publisher.0.remember(key, rendered.clone());
    Ok(rendered)
}

impl Shelf {
    fn head(&self, key: &Key, stamp: Stamp) -> Option<Head> {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.get(key).filter(|head| head.stamp == stamp).cloned()
    }

    fn body(&self, key: &Key, stamp: Stamp) -> Option<Arc<Rendered>> {
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.get(key).filter(|rendered| rendered.head.stamp == stamp).cloned()
    }

    /// A flight that took off earlier may land later: it must not push out what is newer.
    fn remember(&self, key: Key, rendered: Arc<Rendered>) {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let new = rendered.head.stamp;
        if heads.get(&key).is_some_and(|held| held.stamp.config == new.config && held.stamp.version > new.version) {
            return;
        }
        heads.put(key.clone(), rendered.head.clone(), 1);
        let weight = rendered.bytes.len();
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).put(key, rendered, weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(version: u64) -> Stamp {
        Stamp { version, config: 1, render: RENDER_VERSION }
    }

    fn rendered(version: u64, bytes: &'static [u8]) -> Arc<Rendered> {
        let head = Head { stamp: stamp(version), etag: entity_tag(bytes), last_modified: None };
        Arc::new(Rendered { head, bytes: Bytes::from_static(bytes) })
    }

    #[test]
    fn a_head_outlives_its_bytes() {
        let Publisher(shelf) = Publisher::holding(10);
        shelf.remember((FeedId::All, Format::Rss), rendered(1, b"12345678"));
        shelf.remember((FeedId::All, Format::Atom), rendered(1, b"abcdefgh"));
        assert!(shelf.body(&(FeedId::All, Format::Rss), stamp(1)).is_none());
        let head = shelf.head(&(FeedId::All, Format::Rss), stamp(1)).unwrap();
        assert_eq!(head.etag, entity_tag(b"12345678"));
        assert!(shelf.body(&(FeedId::All, Format::Atom), stamp(1)).is_some());
    }

    #[test]
    fn another_stamp_is_not_answered_and_a_late_older_one_not_kept() {
        let Publisher(shelf) = Publisher::holding(100);
        let key = (FeedId::All, Format::Json);
        shelf.remember(key.clone(), rendered(2, b"two"));
        shelf.remember(key.clone(), rendered(1, b"one"));
        assert!(shelf.body(&key, stamp(1)).is_none());
        assert_eq!(shelf.body(&key, stamp(2)).unwrap().bytes, Bytes::from_static(b"two"));
        let other_config = Stamp { config: 9, ..stamp(2) };
        assert!(shelf.body(&key, other_config).is_none() && shelf.head(&key, other_config).is_none());
    }

    #[test]
    fn the_tag_is_strong_and_follows_the_bytes() {
        assert_eq!(entity_tag(b"a"), entity_tag(b"a"));
        assert_ne!(entity_tag(b"a"), entity_tag(b"b"));
        assert!(entity_tag(b"a").starts_with('"') && entity_tag(b"a").len() == 18);
    }
}
