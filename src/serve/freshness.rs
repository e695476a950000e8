//! How long an answer stays good: until the next due poll of a source that feeds it, from 60 seconds to an hour.

use crate::{
    config::Config,
    model::{FeedId, Source, SourceId, Time},
    store::{Store, StoreError},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::Mutex;

/// Bounds of max-age, in seconds.
const SHORTEST: i64 = 60;
pub const LONGEST: i64 = 3600;

/// The due times are read again when they are this old: shorter than the shortest max-age, so it cannot be noticed.
const KEPT_SECONDS: i64 = 10;

/// When each source is asked next.
pub type Due = BTreeMap<SourceId, Option<Time>>;

/// A snapshot of the due times, shared by requests so that each need not read all states.
#[derive(Default)]
pub struct Freshness(Mutex<Option<(Time, Arc<Due>)>>);

impl Freshness {
    /// Seconds an answer about that feed stays good from `now` on.
    pub async fn max_age(&self, config: &Config, store: &Store, feed: &FeedId, now: Time) -> Result<i64, StoreError> {
        let mut kept = self.0.lock().await;
        let due = match kept.as_ref() {
            Some((taken, due)) if *taken <= now && (now - *taken).num_seconds() < KEPT_SECONDS => due.clone(),
            _ => {
                let states = store.states().await?;
                let due = Arc::new(states.into_iter().map(|(id, state)| (id, state.next_poll)).collect::<Due>());
                *kept = Some((now, due.clone()));
                due
            }
        };
        Ok(max_age(config, feed, &due, now))
    }
}

/// A source that was never asked may be asked at any moment; a feed that nothing feeds does not change.
fn max_age(config: &Config, feed: &FeedId, due: &Due, now: Time) -> i64 {
    let feeding = config.sources.iter().filter(|source| source.enabled && feeds(source, feed));
    let seconds = feeding.map(|source| match due.get(&source.id) {
        Some(Some(next)) => (*next - now).num_seconds(),
        _ => SHORTEST,
    });
    seconds.min().unwrap_or(LONGEST).clamp(SHORTEST, LONGEST)
}

/// A folder without categories may bring a post for any.
fn feeds(source: &Source, feed: &FeedId) -> bool {
    match feed {
        FeedId::All | FeedId::Tag(_) => true,
        FeedId::Source(id) => source.id == *id,
        FeedId::Category(slug) => {
            source.categories.is_empty() || source.categories.iter().any(|category| category.slug == *slug)
        }
    }
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
        max_age(&config, feed, &due, now)
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
}
