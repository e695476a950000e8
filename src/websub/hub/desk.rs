//! Does what the hub has to do: whenever something was committed, asked for, or has come due.

use super::{
    Followers,
    asked::{self, Asked, Refusal, Wish},
    document::Documents,
    herald::Heralds,
    host_of,
    line::Line,
    own_hub,
    topic::Topic,
};
use crate::{
    config::Config,
    model::{FeedId, Time},
    poll::Poller,
    refresh::Tools,
    store::StoreError,
    view,
};
use chrono::TimeDelta;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The longest look away from the clock: a bound, so that a stepped clock is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// Commits that follow one another within this are looked at together.
const BREATH: Duration = Duration::from_millis(50);
/// Pushes under way may take so long when we stop.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// Callbacks that are asked at once whether they meant it: each holds one of the permits that polls need, too.
pub(super) const VERIFYING: usize = 4;
/// After the store could not be read or written.
const REST: TimeDelta = TimeDelta::seconds(30);

/// Our hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub(super) tools: Tools,
    pub(super) poller: Poller,
    pub(super) config: watch::Receiver<Arc<Config>>,
    pub(super) documents: Arc<Documents>,
    pub(super) line: Arc<Mutex<Line>>,
    pub(super) verifying: Arc<Semaphore>,
    pub(super) tasks: TaskTracker,
    /// Nothing is sent before this: the store could not be written, and what was sent would be sent again.
    rests: Arc<Mutex<Option<Time>>>,
}

impl Hub {
    /// Over the followers of `tools`.
    pub fn new(tools: Tools, poller: Poller, config: watch::Receiver<Arc<Config>>) -> Hub {
        Hub {
            tools,
            poller,
            config,
            documents: Arc::default(),
            line: Arc::default(),
            verifying: Arc::new(Semaphore::new(VERIFYING)),
            tasks: TaskTracker::new(),
            rests: Arc::default(),
        }
    }

    /// Works until told to stop; pushes under way end first, but not for long.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut commits = self.tools.store.commits();
        while !stop.is_cancelled() {
            let config = self.config.borrow_and_update().clone();
            commits.borrow_and_update();
            let began = Instant::now();
            let done = self.round(&config, &stop).await;
            if let Err(error) = &done {
                tracing::error!(%error, "the hub waits until the store can be read and written");
            }
            let failed = done.is_err();
            tokio::select! {
                () = tokio::time::sleep(done.unwrap_or(LONGEST_NAP)) => {}
                () = self.tools.followers.stirred(), if !failed => {}
                Ok(()) = commits.changed(), if !failed => {}
                Ok(()) = self.config.changed() => {}
                () = stop.cancelled() => {}
            }
            tokio::select! {
                () = tokio::time::sleep_until(began + BREATH) => {}
                () = stop.cancelled() => {}
            }
        }
        self.tasks.close();
        if tokio::time::timeout(DRAIN_TIME, self.tasks.wait()).await.is_err() {
            tracing::info!("the hub: what was being pushed is pushed again after the next start");
        }
    }

    /// Takes a request (WebSub §5.1): what it asks for happens once its callback has been asked whether it means it.
    ///
    /// Errors say why there is nothing to verify.
    pub async fn ask(&self, config: &Config, form: &[u8]) -> Result<(), Refusal> {
        match asked::read(form, config)? {
            Wish::Follow(asked) => self.follow(config, asked).await,
            Wish::Publish(topic) => self.topic(config, &topic).await.map(drop),
        }
    }

    async fn follow(&self, config: &Config, asked: Asked) -> Result<(), Refusal> {
        let followed = self.followers().get(&asked.token()).is_some();
        // Whoever follows a feed that is gone may still say that it wants no more.
        if !followed {
            self.topic(config, &asked.topic).await?;
        }
        let cursor = self.tools.store.cursor().await.map_err(|error| broken(&error))?;
        let host = host_of(&asked.callback);
        self.followers().wait(asked, host, cursor, self.tools.clock.now())
    }

    async fn topic(&self, config: &Config, topic: &str) -> Result<Topic, Refusal> {
        let store = &self.tools.store;
        let stored = store.categories().await.map_err(|error| broken(&error))?;
        let categories = view::published_categories(config, &stored);
        let topic = Topic::of(topic, config, &categories).ok_or(Refusal::NoTopic)?;
        // Anybody can think of a tag.
        let is_there = match &topic.feed {
            FeedId::Tag(_) => store
                .is_known(&topic.feed, view::sight(&categories, &topic.feed))
                .await
                .map_err(|error| broken(&error))?,
            FeedId::All | FeedId::Category(_) | FeedId::Source(_) => true,
        };
        is_there.then_some(topic).ok_or(Refusal::NoTopic)
    }

    /// Whether nobody is asked, pushed or told anything at this moment.
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn followers(&self) -> &Followers {
        &self.tools.followers
    }

    pub(super) fn heralds(&self) -> &Heralds {
        self.tools.followers.heralds()
    }

    /// Begins everything there is to do now; gives back how long there will be nothing.
    pub async fn round(&self, config: &Arc<Config>, stop: &CancellationToken) -> Result<Duration, StoreError> {
        let now = self.tools.clock.now();
        self.followers().lapse(now).await?;
        if self.rests().is_some_and(|until| now < until) {
            return Ok(LONGEST_NAP);
        }
        let mut wakes = vec![self.herald_all(config, stop).await?];
        if own_hub(config).is_some() {
            wakes.push(self.verify_due(config, stop, now));
            self.line_up(config, now).await?;
            self.push_next(config);
            wakes.push(self.followers().wakes(now));
        }
        let next = wakes.into_iter().flatten().filter(|at| *at > now).min();
        Ok(next.and_then(|next| (next - now).to_std().ok()).unwrap_or(LONGEST_NAP).min(LONGEST_NAP))
    }

    /// Whoever has something to get stands in line for it.
    async fn line_up(&self, config: &Config, now: Time) -> Result<(), StoreError> {
        let categories = view::published_categories(config, &self.tools.store.categories().await?);
        for topic in self.followers().topics() {
            // One that is no feed any more is told so instead, whatever it has got.
            let version = match Topic::of(&topic, config, &categories) {
                Some(of) => self.tools.store.version(&of.feed)?,
                None => u64::MAX,
            };
            let behind = self.followers().behind(&topic, version, now);
            let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
            behind.into_iter().for_each(|(token, host)| line.put(token, host));
        }
        Ok(())
    }

    /// Nothing is sent for a while.
    pub(super) fn rest(&self, error: &dyn std::fmt::Display) {
        tracing::error!(%error, "the hub: nothing is pushed until the store can be read and written");
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tools.clock.now() + REST);
    }

    pub(super) fn rests(&self) -> Option<Time> {
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken(error: &StoreError) -> Refusal {
    tracing::error!(%error, "the hub cannot take a request");
    Refusal::Broken
}
