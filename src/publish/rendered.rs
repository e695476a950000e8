//! A document of a feed in a format, rendered at most once a stamp, and each coding of it at most once. Heads are remembered longer
//! than bytes, so that a 304 needs no rendering. When the store cannot be read, what was rendered last is given.

use super::{
    Coding,
    body::Body,
    flight::Flights,
    key::Key,
    shelf::{Draft, Head, Rendered, Shelf, Stamp, Whose},
};
use crate::{
    config::{Category, Config},
    format,
    model::{FeedPart, Time},
    store::{Archive, Store},
    view,
};
use anyhow::Context;
use bytes::Bytes;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Version of what turns a stored entry into bytes (`view`, `format`). Raise it when their output changes.
pub const RENDER_VERSION: u32 = 6;

impl Stamp {
    /// Of that version of a feed or archive, as this program shows it by this configuration.
    pub fn of(version: u64, config: &Config) -> Stamp {
        Stamp { version, config: config.hash, render: RENDER_VERSION }
    }
}

/// Documents rendered or coded at one time: what they need meanwhile is bounded, and a crowd does not starve the others.
const AT_WORK: usize = 4;

/// How long the store may not know since when a document is as it is. A crash within this time costs a date, not a document.
const KEPT_EVERY: Duration = Duration::from_secs(5);

/// Renders feeds and remembers them. Cheap to clone; all clones share one memory.
#[derive(Clone)]
pub struct Publisher(Arc<Works>);

struct Works {
    shelf: Shelf,
    flights: Flights<(Key, Stamp), Option<Arc<Rendered>>>,
    places: Arc<Semaphore>,
    renders: AtomicU64,
    kept: AtomicU64,
}

/// What rendering has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// Documents that were rendered, pages that were drawn.
    pub renders: u64,
    /// Those that were there when they were asked for, their bytes or what a 304 needs.
    pub kept: u64,
    /// Bytes held, all codings counted.
    pub bytes: u64,
}

/// What a rendering is made from.
#[derive(Clone)]
pub struct Sources {
    /// The one configuration the caller works by.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// The caller's moment.
    pub now: Time,
}

impl Publisher {
    /// Holds up to that many bytes of rendered documents, all codings counted.
    pub fn holding(bytes: usize) -> Publisher {
        Publisher(Arc::new(Works {
            shelf: Shelf::holding(bytes),
            flights: Flights::new(),
            places: Arc::new(Semaphore::new(AT_WORK)),
            renders: AtomicU64::new(0),
            kept: AtomicU64::new(0),
        }))
    }

    /// The document as it is now, rendered if it was not yet. `categories` are all there are. `None`: there is no such archive.
    /// Whether the caller may see it was decided before.
    ///
    /// # Errors
    /// The store cannot be read, and the document was not rendered by this configuration before.
    pub async fn document(
        &self,
        sources: &Sources,
        key: &Key,
        categories: &[Category],
    ) -> anyhow::Result<Option<Arc<Rendered>>> {
        let last = self.0.shelf.last(key);
        let flown = self.newest(sources, key, categories, last.as_ref()).await;
        // By another configuration it may show what is private by this one.
        match (flown, last.filter(|last| last.head.stamp.config == sources.config.hash)) {
            (Err(error), Some(last)) => {
                tracing::error!(
                    document = key.path(),
                    "the store cannot be read, what it held before is served: {error:#}"
                );
                Ok(Some(last))
            }
            (flown, _) => flown,
        }
    }

    async fn newest(
        &self,
        sources: &Sources,
        key: &Key,
        categories: &[Category],
        last: Option<&Arc<Rendered>>,
    ) -> anyhow::Result<Option<Arc<Rendered>>> {
        let Some(stamp) = current(sources, key).await? else { return Ok(None) };
        if let Some(rendered) = last.filter(|rendered| rendered.head.stamp == stamp) {
            self.found();
            return Ok(Some(rendered.clone()));
        }
        let work = render(self.clone(), sources.clone(), key.clone(), categories.to_vec());
        self.0.flights.join((key.clone(), stamp), work).await
    }

    /// The head of the document as it is now, if it was rendered since its last change.
    pub async fn head(&self, sources: &Sources, key: &Key) -> anyhow::Result<Option<Head>> {
        Ok(current(sources, key).await?.and_then(|stamp| self.known(key, stamp)))
    }

    /// The head of the document with that stamp.
    pub fn known(&self, key: &Key, stamp: Stamp) -> Option<Head> {
        self.0.shelf.head(key, stamp)
    }

    /// The document with that stamp, if it is held.
    pub fn held(&self, key: &Key, stamp: Stamp) -> Option<Arc<Rendered>> {
        self.0.shelf.last(key).filter(|rendered| rendered.head.stamp == stamp)
    }

    /// Counts an answer for which nothing was rendered.
    pub fn found(&self) {
        self.0.kept.fetch_add(1, Relaxed);
    }

    /// The version of a feed that whoever has these tags of its document has read, if that is remembered. What another
    /// configuration than that of the stamp showed is none.
    pub fn version_read<'t>(&self, key: &Key, stamp: Stamp, tags: impl Iterator<Item = &'t str>) -> Option<u64> {
        self.0.shelf.version(key, stamp, tags)
    }

    /// A document that is rendered for each request: what was coded of the same bytes before is there.
    pub fn page(&self, bytes: Bytes) -> Arc<Body> {
        self.0.shelf.page(bytes)
    }

    /// The page of that name, if it was drawn from that before.
    pub fn drawn(&self, name: &str, stamp: u64) -> Option<Arc<Body>> {
        self.0.shelf.drawn(name, stamp).inspect(|_| self.found())
    }

    /// Remembers the page of that name as it was drawn from that.
    pub fn draw(&self, name: &str, stamp: u64, bytes: Bytes) -> Arc<Body> {
        self.0.renders.fetch_add(1, Relaxed);
        self.0.shelf.draw(name, stamp, bytes)
    }

    /// What rendering has come to so far.
    pub fn rendering(&self) -> Rendering {
        let Works { shelf, renders, kept, .. } = &*self.0;
        Rendering { renders: renders.load(Relaxed), kept: kept.load(Relaxed), bytes: shelf.bytes() as u64 }
    }

    /// A document in a coding, made if it was not yet.
    pub async fn coded(&self, body: &Arc<Body>, whose: Whose<'_>, coding: Coding) -> anyhow::Result<Bytes> {
        if let Some(ready) = body.ready(coding) {
            return Ok(ready.clone());
        }
        let bytes = body.coded(coding, &self.0.places).await?;
        self.0.shelf.coded(&whose, body, coding);
        Ok(bytes)
    }

    /// Lets the store know from time to time since when each document is as it is.
    pub async fn run(&self, store: &Store, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(KEPT_EVERY)).await.is_some() {
            self.keep(store).await;
        }
    }

    /// The same at once: before the store is closed.
    pub async fn keep(&self, store: &Store) {
        let fresh = self.0.shelf.take_fresh();
        if fresh.is_empty() {
            return;
        }
        if let Err(error) = store.keep_printed(&fresh).await {
            tracing::debug!("since when documents are as they are is not stored yet: {error}");
            self.0.shelf.give_back(fresh);
        }
    }
}

/// What the document is made from now; `None`: there is no such archive.
async fn current(sources: &Sources, key: &Key) -> anyhow::Result<Option<Stamp>> {
    let (store, feed) = (&sources.store, &key.feed);
    let version = match key.part {
        FeedPart::Head => store.version(feed).map(Some),
        FeedPart::Archive(number) => store.archive_version(feed, number).await,
    };
    let version = version.with_context(|| format!("version of {}", key.path()))?;
    Ok(version.map(|version| Stamp::of(version, &sources.config)))
}

/// The listing may be newer than the stamp that was asked for: what is remembered carries the listing's own version.
async fn render(
    publisher: Publisher,
    sources: Sources,
    key: Key,
    categories: Vec<Category>,
) -> anyhow::Result<Option<Arc<Rendered>>> {
    let Sources { config, store, now } = sources;
    let works = &publisher.0;
    let _place = works.places.acquire().await?;
    let sight = view::sight(&categories, &key.feed);
    let listing = match key.part {
        FeedPart::Head => {
            let entries = view::entries_wanted(&config, &categories, &key.feed);
            store.head(&key.feed, entries, sight).await.map(Archive::Full)
        }
        FeedPart::Archive(number) => store.archive(&key.feed, number, sight).await,
    };
    let Archive::Full(listing) = listing.with_context(|| format!("list {}", key.path()))? else { return Ok(None) };
    let stamp = Stamp::of(listing.version, &config);
    works.renders.fetch_add(1, Relaxed);
    let drawn = key.clone();
    let span = tracing::Span::current();
    let drawn = tokio::task::spawn_blocking(move || {
        let _span = span.enter();
        let view = view::feed_view(&config, &categories, &drawn.feed, &drawn.part, &listing);
        let bytes = format::render(&view, drawn.format).with_context(|| format!("render {}", drawn.path()))?;
        anyhow::Ok((Bytes::from(bytes), view.updated))
    });
    let (bytes, updated) = drawn.await??;
    let stored = if works.shelf.is_new(&key) { store.printed(&key.path())? } else { None };
    Ok(Some(works.shelf.remember(key, Draft { stamp, bytes, updated, stored }, now)))
}
