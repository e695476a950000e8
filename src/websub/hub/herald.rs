//! Hubs elsewhere (`[publish] hubs`) are told which feeds changed: each feed once, however often it changed while it waited, one
//! request after the other in the hub's turn, and again later where that failed. How far each was told is kept over restarts.

use super::{Elsewhere, Hub, topic};
use crate::{
    config::Config,
    fetch,
    format::Format,
    model::{FeedId, Time},
    poll::schedule::SLOW_DOWN,
    store::StoreError,
    view,
    websub::{can_reach, words::short},
};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// After a request that was not taken; doubled after each further one.
const RETRY: TimeDelta = TimeDelta::minutes(1);
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(1);

/// What each hub is still to be told. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Heralds(Arc<Mutex<BTreeMap<String, Herald>>>);

#[derive(Debug, Default)]
struct Herald {
    /// Feeds that changed. As many as there are feeds at most.
    waiting: BTreeSet<FeedId>,
    /// Up to which commit was looked for changes, and up to which the hub was told of them.
    looked: u64,
    told: u64,
    tries: u32,
    next: Option<Time>,
    busy: bool,
    last_told: Option<Time>,
    trouble: Option<String>,
}

/// How a hub took what it was told.
enum Taken {
    Well,
    /// Not this feed, and it will not do so the next time.
    Never(String),
    /// Not now.
    Later(String, Option<TimeDelta>),
}

impl Heralds {
    /// For status.
    pub fn standing(&self) -> Vec<Elsewhere> {
        let heralds = self.lock();
        let each = heralds.iter().map(|(hub, herald)| Elsewhere {
            hub: hub.clone(),
            waiting: herald.waiting.len(),
            failures: herald.tries,
            last_told: herald.last_told,
            trouble: herald.trouble.clone(),
        });
        each.collect()
    }

    fn with<T>(&self, hub: &str, what: impl FnOnce(&mut Herald) -> T) -> Option<T> {
        self.lock().get_mut(hub).map(what)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Herald>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Finds what hubs elsewhere are to be told, and begins to tell them; gives back when the next one is to be told again.
    pub(super) async fn herald_all(
        &self,
        config: &Arc<Config>,
        stop: &CancellationToken,
    ) -> Result<Option<Time>, StoreError> {
        self.herald_those_named(config).await?;
        if config.publish.hubs.is_empty() {
            return Ok(None);
        }
        self.look_for_changes(config).await?;
        let (now, mut wakes) = (self.tools.clock.now(), Vec::new());
        let reach = |hub: &&Url| can_reach(&config.site.url, hub, &config.fetch.allow);
        for hub in config.publish.hubs.iter().filter(reach) {
            let begin = self.heralds().with(hub.as_str(), |herald| {
                let due = herald.next.is_none_or(|next| next <= now);
                let begin = due && !herald.busy && !herald.waiting.is_empty();
                herald.busy |= begin;
                wakes.extend(herald.next.filter(|_| !herald.waiting.is_empty()));
                begin
            });
            if begin == Some(true) {
                let (this, config, hub, stop) = (self.clone(), Arc::clone(config), hub.clone(), stop.clone());
                self.tasks.spawn(async move {
                    let told = tokio::select! {
                        told = this.tell_all(&config, &hub) => told,
                        () = stop.cancelled() => Ok(()),
                    };
                    this.heralds().with(hub.as_str(), |herald| herald.busy = false);
                    match told {
                        Ok(()) => this.followers().stir(),
                        Err(error) => this.rest(&error),
                    }
                });
            }
        }
        Ok(wakes.into_iter().min())
    }

    /// A hub that is named for the first time is told of what changes from then on.
    async fn herald_those_named(&self, config: &Config) -> Result<(), StoreError> {
        let named: BTreeSet<&str> = config.publish.hubs.iter().map(Url::as_str).collect();
        let (known, store) = (self.tools.store.heralded()?, &self.tools.store);
        for gone in known.keys().filter(|hub| !named.contains(hub.as_str())) {
            store.keep_heralded(gone, None).await?;
        }
        self.heralds().lock().retain(|hub, _| named.contains(hub.as_str()));
        let end = store.cursor().await?.sequence;
        for hub in named {
            if self.heralds().lock().contains_key(hub) {
                continue;
            }
            // A restored backup may end before what was told.
            let told = known.get(hub).copied().filter(|told| *told <= end);
            if told.is_none() {
                store.keep_heralded(hub, Some(end)).await?;
            }
            let told = told.unwrap_or(end);
            self.heralds().lock().insert(hub.to_owned(), Herald { looked: told, told, ..Herald::default() });
        }
        Ok(())
    }

    async fn look_for_changes(&self, config: &Config) -> Result<(), StoreError> {
        let store = &self.tools.store;
        let end = store.cursor().await?.sequence;
        if self.heralds().lock().values().all(|herald| herald.looked >= end) {
            return Ok(());
        }
        let categories = view::published_categories(config, &store.categories().await?);
        let mut versions = Vec::new();
        for feed in topic::feeds(config, &categories) {
            versions.push((store.version(&feed)?, feed));
        }
        for herald in self.heralds().lock().values_mut() {
            let changed = versions.iter().filter(|(version, _)| *version > herald.looked);
            herald.waiting.extend(changed.map(|(_, feed)| feed.clone()));
            herald.looked = end;
        }
        Ok(())
    }

    /// Tells a hub of everything it is to be told, until it is done or the hub wants no more for now.
    async fn tell_all(&self, config: &Config, hub: &Url) -> Result<(), StoreError> {
        while let Some((feed, looked)) =
            self.heralds().with(hub.as_str(), |herald| Some((herald.waiting.first()?.clone(), herald.looked))).flatten()
        {
            for format in Format::ALL {
                let taken = self.tell_of(config, hub, &topic::address(config, &feed, format)).await;
                let now = self.tools.clock.now();
                let goes_on = self.heralds().with(hub.as_str(), |herald| herald.note(&taken, now));
                if goes_on != Some(true) {
                    return Ok(());
                }
            }
            // What changed while it was told is told once more.
            let version = self.tools.store.version(&feed)?;
            self.heralds()
                .with(hub.as_str(), |herald| if version <= looked { herald.waiting.remove(&feed) } else { false });
            let done = self.heralds().with(hub.as_str(), |herald| {
                let done = herald.waiting.is_empty() && herald.told < herald.looked;
                herald.told = if done { herald.looked } else { herald.told };
                done.then_some(herald.told)
            });
            if let Some(told) = done.flatten() {
                self.tools.store.keep_heralded(hub.as_str(), Some(told)).await?;
            }
        }
        Ok(())
    }

    /// `hub.url` as most hubs want it, `hub.topic` as some do: the standard leaves it open.
    async fn tell_of(&self, config: &Config, hub: &Url, address: &str) -> Taken {
        let mut visit = self.poller.visit();
        if let Some(wait) = visit.held(hub) {
            return Taken::Later("its host asked to be left alone".to_owned(), Some(wait));
        }
        if !visit.go(&config.fetch, Some(hub)).await {
            return Taken::Later("syndic is shutting down".to_owned(), None);
        }
        let form = [("hub.mode", "publish"), ("hub.url", address), ("hub.topic", address)];
        let inside = fetch::is_allowed(&config.fetch.allow, hub);
        let posted = match self.tools.client.post_form(hub, &form, inside, self.tools.clock.now()).await {
            Ok(posted) => posted,
            Err(failure) => return Taken::Later(failure.message, None),
        };
        let reason = format!("{} {}", posted.answer.status, posted.text);
        let seconds = posted.answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok());
        let wait = seconds.and_then(TimeDelta::try_seconds);
        match posted.answer.status {
            200..=299 => Taken::Well,
            429 => {
                let wait = wait.unwrap_or_default().max(SLOW_DOWN);
                visit.slow_down(&config.fetch, Some(hub), self.tools.clock.now() + wait).await;
                Taken::Later(reason, Some(wait))
            }
            400..=499 => Taken::Never(reason),
            _ => Taken::Later(reason, wait),
        }
    }
}

impl Herald {
    /// Whether the hub is told the next thing now.
    fn note(&mut self, taken: &Taken, now: Time) -> bool {
        match taken {
            Taken::Well => (self.tries, self.next, self.last_told, self.trouble) = (0, None, Some(now), None),
            Taken::Never(reason) => self.trouble = Some(short(reason)),
            Taken::Later(reason, wait) => {
                let doubled = (RETRY * (1 << self.tries.min(10))).min(LONGEST_RETRY);
                let wait = wait.unwrap_or_default().clamp(doubled, TimeDelta::days(1));
                (self.tries, self.next, self.trouble) = (self.tries + 1, Some(now + wait), Some(short(reason)));
                return false;
            }
        }
        true
    }
}
