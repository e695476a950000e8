//! How long an answer stays good: until the next due poll of a source that feeds it, from 60 seconds to an hour.

use crate::{
    config::Config,
    model::{FeedId, Slug, SourceId, Time},
    store::Store,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// Bounds of max-age, in seconds.
const SHORTEST: i64 = 60;
pub const LONGEST: i64 = 3600;

/// The due times are read again when they are this old: shorter than the shortest max-age, so it cannot be noticed.
const KEPT_SECONDS: i64 = 10;

/// When each source is asked next.
pub type Due = BTreeMap<SourceId, Option<Time>>;

/// A snapshot of the due times, shared by requests so that each need not read all states.
#[derive(Default)]
pub struct Freshness {
    kept: Mutex<Option<Arc<Polls>>>,
    /// Held by the one request that reads the states again; the others make do with what there is.
    reading: tokio::sync::Mutex<()>,
}

impl Freshness {
    /// Seconds an answer about that feed stays good from `now` on.
    pub async fn max_age(&self, config: &Arc<Config>, store: &Store, feed: &FeedId, now: Time) -> i64 {
        self.polls(config, store, now).await.max_age(feed, now)
    }

    /// The same from what is known; `None`: the states must be read first.
    pub fn known(&self, config: &Arc<Config>, feed: &FeedId, now: Time) -> Option<i64> {
        Some(self.kept(config).filter(|polls| polls.is_fresh(now))?.max_age(feed, now))
    }

    fn kept(&self, config: &Arc<Config>) -> Option<Arc<Polls>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|polls| Arc::ptr_eq(&polls.config, config))
    }

    async fn polls(&self, config: &Arc<Config>, store: &Store, now: Time) -> Arc<Polls> {
        let stale = self.kept(config);
        if let Some(polls) = stale.as_ref().filter(|polls| polls.is_fresh(now)) {
            return polls.clone();
        }
        let reading = match (self.reading.try_lock(), stale) {
            (Ok(reading), _) => reading,
            (Err(_), Some(stale)) => return stale,
            (Err(_), None) => self.reading.lock().await,
        };
        if let Some(polls) = self.kept(config).filter(|polls| polls.is_fresh(now)) {
            return polls;
        }
        let enabled = config.sources.iter().filter(|source| source.enabled).map(|source| source.id.clone());
        let due = match store.next_polls(enabled.collect()).await {
            Ok(due) => due,
            // As if no source had been asked yet: the shortest age, and the answer itself does not depend on it.
            Err(error) => {
                tracing::warn!("when sources are asked next cannot be read: {error}");
                Due::new()
            }
        };
        let polls = Arc::new(Polls::of(config.clone(), &due, now));
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(polls.clone());
        drop(reading);
        polls
    }
}

/// The next poll of anything that feeds a feed. A source that was never asked may be asked at any moment.
struct Polls {
    config: Arc<Config>,
    taken: Time,
    all: Option<Time>,
    /// Folders without categories may bring a post for any.
    anywhere: Option<Time>,
    sources: HashMap<SourceId, Time>,
    categories: HashMap<Slug, Time>,
}

impl Polls {
    fn of(config: Arc<Config>, due: &Due, taken: Time) -> Polls {
        let (mut all, mut anywhere) = (None, None);
        let (mut sources, mut categories) = (HashMap::new(), HashMap::new());
        for source in config.sources.iter().filter(|source| source.enabled) {
            let next = due.get(&source.id).copied().flatten().unwrap_or(taken);
            all = sooner(all, next);
            sources.insert(source.id.clone(), next);
            if source.categories.is_empty() {
                anywhere = sooner(anywhere, next);
            }
            for category in &source.categories {
                let before = categories.get(&category.slug).copied();
                categories.insert(category.slug.clone(), before.map_or(next, |before: Time| before.min(next)));
            }
        }
        Polls { config, taken, all, anywhere, sources, categories }
    }

    fn is_fresh(&self, now: Time) -> bool {
        self.taken <= now && (now - self.taken).num_seconds() < KEPT_SECONDS
    }

    /// A feed that nothing feeds does not change.
    fn max_age(&self, feed: &FeedId, now: Time) -> i64 {
        let next = match feed {
            FeedId::All | FeedId::Tag(_) => self.all,
            FeedId::Source(id) => self.sources.get(id).copied(),
            FeedId::Category(slug) => match (self.categories.get(slug), self.anywhere) {
                (Some(next), anywhere) => sooner(anywhere, *next),
                (None, anywhere) => anywhere,
            },
        };
        next.map_or(LONGEST, |next| (next - now).num_seconds()).clamp(SHORTEST, LONGEST)
    }
}

fn sooner(one: Option<Time>, other: Time) -> Option<Time> {
    Some(one.map_or(other, |one| one.min(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::{config, slug, source};

    fn age(feed: &FeedId, due: &[(&str, Option<i64>)]) -> i64 {
        let now: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        let mut config = config();
        config.sources = vec![source("a", &["rail"]), source("b", &["sea"]), source("off", &["rail"])];
        Arc::make_mut(config.sources.last_mut().unwrap()).enabled = false;
        let due = due.iter().map(|(id, next)| (slug(id), next.map(|n| now + chrono::TimeDelta::seconds(n)))).collect();
        Polls::of(Arc::new(config), &due, now).max_age(feed, now)
    }

    #[test]
    fn the_next_poll_of_a_source_that_feeds_it_counts() {
        let due = [("a", Some(900)), ("b", Some(300)), ("off", Some(61))];
        assert_eq!(age(&FeedId::Category(slug("rail")), &due), 900);
        assert_eq!(age(&FeedId::Category(slug("sea")), &due), 300);
        assert_eq!(age(&FeedId::Source(slug("a")), &due), 900);
        assert_eq!(age(&FeedId::All, &due), 300);
    }

    #[test]
    fn between_a_minute_and_an_hour() {
        let rail = FeedId::Category(slug("rail"));
        assert_eq!(age(&rail, &[("a", Some(-5))]), 60);
        assert_eq!(age(&rail, &[("a", Some(86_400))]), 3600);
        assert_eq!(age(&rail, &[("a", None)]), 60, "not yet known when");
        assert_eq!(age(&rail, &[]), 60, "never asked");
        assert_eq!(age(&FeedId::Category(slug("unfed")), &[]), 3600, "nothing feeds it");
    }

    #[test]
    fn a_folder_without_categories_may_bring_a_post_for_any() {
        let now: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        let mut config = config();
        config.sources = vec![source("posts", &[])];
        let due = Due::from([(slug("posts"), Some(now + chrono::TimeDelta::seconds(700)))]);
        let polls = Polls::of(Arc::new(config), &due, now);
        assert_eq!(polls.max_age(&FeedId::Category(slug("any")), now), 700);
    }
}
