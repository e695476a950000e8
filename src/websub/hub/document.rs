//! What is pushed (WebSub §7): a feed document in the topic's own format that holds what changed after a follower's cursor, and
//! nothing else. Rendered once for all who are as far, from the store as it is then: at or after the commit that is told of.

use super::topic::Topic;
use crate::{
    config::Config,
    format,
    lru::Lru,
    model::{Cursor, FeedPart},
    publish::Flights,
    store::Store,
    view,
};
use anyhow::Context;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// Entries in one push; who missed more gets the feed as it stands.
const MOST_ENTRIES: usize = 500;
/// Bytes of documents held for those who are pushed to next.
const HELD: usize = 16 << 20;

/// What is pushed to whoever is as far as a cursor.
#[derive(Clone, Debug)]
pub struct Document {
    /// The bytes; `None`: nothing that it could see changed.
    pub body: Option<Bytes>,
    /// How far whoever gets it is then.
    pub upto: Cursor,
}

/// A topic, how far its follower is, the version of the feed, and the configuration.
type Key = (String, Cursor, u64, u64);

/// Documents under way, and those made lately.
pub struct Documents {
    flights: Flights<Key, Arc<Document>>,
    made: Arc<Mutex<Lru<Key, Arc<Document>>>>,
}

impl Default for Documents {
    fn default() -> Documents {
        Documents { flights: Flights::new(), made: Arc::new(Mutex::new(Lru::new(HELD))) }
    }
}

impl Documents {
    /// What of a topic changed after a cursor.
    pub async fn since(
        &self,
        config: &Arc<Config>,
        store: &Store,
        topic: &Topic,
        after: Cursor,
    ) -> anyhow::Result<Arc<Document>> {
        let version = store.version(&topic.feed)?;
        let key = (topic.address(config), after, version, config.hash);
        let made = Arc::clone(&self.made);
        if let Some(document) = made.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(document));
        }
        let (config, store, topic, place) = (Arc::clone(config), store.clone(), topic.clone(), key.clone());
        let work = async move {
            let document = Arc::new(render(config, &store, topic, after).await?);
            let weight = document.body.as_ref().map_or(1, Bytes::len);
            made.lock().unwrap_or_else(PoisonError::into_inner).put(place, Arc::clone(&document), weight);
            Ok(document)
        };
        self.flights.join(key, work).await
    }
}

async fn render(config: Arc<Config>, store: &Store, topic: Topic, after: Cursor) -> anyhow::Result<Document> {
    let categories = view::published_categories(&config, &store.categories().await?);
    // Read before the feed: what is committed in between is pushed twice rather than not at all.
    let end = store.cursor().await?;
    let (listing, news) = match store.news(&topic.feed, after, MOST_ENTRIES).await? {
        Some(news) => (None, Some(news)),
        None => {
            let most = view::entries_wanted(&config, &categories, &topic.feed);
            (Some(store.head(&topic.feed, most, view::sight(&categories, &topic.feed)).await?), None)
        }
    };
    let upto = news.as_ref().map_or(end, |news| news.upto);
    let drawn = tokio::task::spawn_blocking(move || {
        let view = match (&listing, &news) {
            (Some(listing), _) => view::feed_view(&config, &categories, &topic.feed, &FeedPart::Head, listing),
            (None, Some(news)) => view::news_view(&config, &categories, &topic.feed, topic.format, news),
            (None, None) => return Ok(None),
        };
        if news.is_some() && view.items.is_empty() && view.deleted.is_empty() {
            return Ok(None);
        }
        let bytes = format::render(&view, topic.format).with_context(|| format!("render {}", topic.feed.path()))?;
        anyhow::Ok(Some(Bytes::from(bytes)))
    });
    Ok(Document { body: drawn.await??, upto })
}
