//! Does what the subscriptions need: looks at what each poll says of hubs, sends the requests that are due, one host's turn each,
//! and ends what nobody wants any more.

use super::{
    book::Subscriptions,
    discovery::{self, Reason, Wish},
    pushes::Places,
    request::{Refused, form},
    subscriber::{self, Act, Event},
};
use crate::{
    config::Config,
    model::{SourceId, Time},
    poll::{Poller, host::Visit},
    refresh::Tools,
    store::StoreError,
};
use chrono::TimeDelta;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// The longest look away from the clock: a bound, so that a stepped clock is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// What was pushed and taken may so long be under way when we stop.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// After the store could not write.
const REST: TimeDelta = TimeDelta::seconds(30);
/// Random bytes of a token and of a secret: in hexadecimal digits far below the 200 bytes a secret may have.
const RANDOM: usize = 32;

/// Who looks after the subscriptions. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    pub(super) tools: Tools,
    pub(super) poller: Poller,
    pub(super) config: watch::Receiver<Arc<Config>>,
    pub(super) places: Places,
    pub(super) tasks: TaskTracker,
    /// Subscriptions whose hub is being asked.
    asking: Arc<Mutex<BTreeSet<String>>>,
    told: Arc<AtomicBool>,
    /// Nothing is asked before this: the store could not write.
    rests: Arc<Mutex<Option<Time>>>,
}

impl Desk {
    /// Over the subscriptions of `tools`.
    pub fn new(tools: Tools, poller: Poller, config: watch::Receiver<Arc<Config>>) -> Desk {
        Desk {
            tools,
            poller,
            config,
            places: Places::default(),
            tasks: TaskTracker::new(),
            asking: Arc::default(),
            told: Arc::default(),
            rests: Arc::default(),
        }
    }

    /// Works until told to stop; what was pushed and taken is stored first.
    pub async fn run(mut self, stop: CancellationToken) {
        self.listen();
        let mut whole = true;
        while !stop.is_cancelled() {
            let config = self.config.borrow_and_update().clone();
            let done = self.round(&config, whole, &stop).await;
            if let Err(error) = &done {
                tracing::error!(%error, "WebSub waits until the store can be read and written");
            }
            // What a round could not do, the next one does; not at once, whatever stirs.
            let failed = done.is_err();
            whole = tokio::select! {
                () = tokio::time::sleep(done.unwrap_or(LONGEST_NAP)) => failed,
                () = self.tools.subscriptions.stirred(), if !failed => false,
                Ok(()) = self.config.changed() => true,
                () = stop.cancelled() => false,
            };
        }
        self.tasks.close();
        if tokio::time::timeout(DRAIN_TIME, self.tasks.wait()).await.is_err() {
            tracing::warn!("WebSub: what was pushed last was not stored in time; the next poll will find it");
        }
    }

    /// Who polls what hubs do not tell of.
    pub fn poller(&self) -> &Poller {
        &self.poller
    }

    /// From now on somebody answers hubs, and they are relied on.
    pub fn listen(&self) {
        self.subscriptions().listen();
    }

    /// Everything there is to do now; gives back how long there will be nothing. `whole`: also of sources that were not polled.
    pub async fn round(
        &self,
        config: &Arc<Config>,
        whole: bool,
        stop: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        let polled = self.subscriptions().take_polled();
        if whole {
            self.look_at_all(config).await?;
        }
        for (source, missed) in polled {
            self.look(config, &source, missed).await?;
        }
        self.begin_due(config, stop).await
    }

    pub(super) fn subscriptions(&self) -> &Subscriptions {
        &self.tools.subscriptions
    }

    async fn look_at_all(&self, config: &Config) -> Result<(), StoreError> {
        let configured = config.sources.iter().map(|source| source.id.clone());
        let all: BTreeSet<SourceId> = configured.chain(self.subscriptions().sources()).collect();
        for source in all {
            self.look(config, &source, false).await?;
        }
        Ok(())
    }

    /// Brings one source's subscription in line with what it last answered.
    async fn look(&self, config: &Config, id: &SourceId, missed: bool) -> Result<(), StoreError> {
        let (now, subscriptions) = (self.tools.clock.now(), self.subscriptions());
        let wish = match config.source(id) {
            Some(source) => discovery::wish(config, source, &self.tools.store.state(id).await?),
            None => Wish::Nothing(Reason::NotWanted),
        };
        if wish == Wish::Nothing(Reason::Unreachable) && !self.told.swap(true, Ordering::Relaxed) {
            let url = &config.site.url;
            tracing::warn!(%url, "WebSub: hubs cannot reach [site] url, so sources are polled as usual");
        }
        let (leave, begin) = subscriptions.plan(id, &wish);
        let base = config.site.url.as_str();
        for token in subscriptions.tokens(id) {
            if missed {
                subscriptions.happen(&token, &Event::Missed, now).await?;
            }
            if !leave.contains(&token) {
                subscriptions.happen(&token, &Event::Moved { base }, now).await?;
            }
        }
        for token in leave {
            subscriptions.happen(&token, &Event::Unwanted, now).await?;
        }
        if let Some((hub, topic)) = begin
            && let (Some(token), Some(secret)) = (random(), random())
        {
            let base = base.to_owned();
            subscriptions.begin(&token, subscriber::begin(id.clone(), hub, topic, base, secret, now)).await?;
        }
        Ok(())
    }

    /// Begins what is due; gives back how long nothing else will be.
    async fn begin_due(&self, config: &Arc<Config>, stop: &CancellationToken) -> Result<Duration, StoreError> {
        let now = self.tools.clock.now();
        if self.rests().is_some_and(|until| now < until) {
            return Ok(LONGEST_NAP);
        }
        let (due, next) = self.subscriptions().due(now);
        for token in due {
            let Some(subscription) = self.subscriptions().get(&token) else { continue };
            if !matches!(subscriber::decide(&subscription, &Event::Due, now).act, Act::Ask(_)) {
                self.subscriptions().happen(&token, &Event::Due, now).await?;
            } else if let Some(asking) = Asking::claim(&self.asking, &token) {
                let (desk, config, stop) = (self.clone(), Arc::clone(config), stop.clone());
                self.tasks.spawn(async move {
                    let asked = tokio::select! {
                        asked = desk.ask(&config, &token) => asked,
                        () = stop.cancelled() => Ok(()),
                    };
                    drop(asking);
                    match asked {
                        Ok(()) => desk.subscriptions().stir(),
                        Err(error) => desk.rest(&error),
                    }
                });
            }
        }
        Ok(next.and_then(|next| (next - now).to_std().ok()).unwrap_or(LONGEST_NAP).min(LONGEST_NAP))
    }

    /// Sends a subscription's hub what is due, when it is that host's turn. What is sent is stored before.
    async fn ask(&self, config: &Config, token: &str) -> Result<(), StoreError> {
        let Some(subscription) = self.subscriptions().get(token) else { return Ok(()) };
        let Ok(hub) = Url::parse(&subscription.hub) else { return Ok(()) };
        let mut visit = self.poller.visit();
        if self.is_held(token, &visit, &hub).await? || !visit.go(&config.fetch, Some(&hub)).await {
            return Ok(());
        }
        // To those who were before us in line it may have said so meanwhile.
        if self.is_held(token, &visit, &hub).await? {
            visit.pass();
            return Ok(());
        }
        let due = self.subscriptions().happen(token, &Event::Due, self.tools.clock.now()).await?;
        let Some(Act::Ask(mode)) = due else { return Ok(()) };
        let form = form(token, &subscription, mode);
        let inside =
            discovery::may_go_inside(config.source(&subscription.source).map(AsRef::as_ref), &config.fetch.allow);
        let told = self.tell(&mut visit, config, hub, &form, inside).await;
        visit.leave();
        let event = told.as_ref().map_or_else(Refused::event, |()| Event::Taken);
        self.subscriptions().happen(token, &event, self.tools.clock.now()).await.map(drop)
    }

    /// Whether a hub's host wants to be left alone: then the subscription waits as long.
    async fn is_held(&self, token: &str, visit: &Visit, hub: &Url) -> Result<bool, StoreError> {
        let Some(wait) = visit.held(hub) else { return Ok(false) };
        let now = self.tools.clock.now();
        let until = now + wait.min(subscriber::LEASE);
        self.subscriptions().happen(token, &Event::Held { until }, now).await?;
        Ok(true)
    }

    /// Nobody is asked for a while: what could not be stored is still due, and would be again at once.
    fn rest(&self, error: &StoreError) {
        tracing::error!(%error, "WebSub: what hubs are asked and answer cannot be stored");
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tools.clock.now() + REST);
    }

    fn rests(&self) -> Option<Time> {
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscription whose hub is being asked; dropping it lets the next request begin.
struct Asking(Arc<Mutex<BTreeSet<String>>>, String);

impl Asking {
    fn claim(asking: &Arc<Mutex<BTreeSet<String>>>, token: &str) -> Option<Asking> {
        let fresh = asking.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned());
        fresh.then(|| Asking(Arc::clone(asking), token.to_owned()))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Random bytes in hexadecimal digits; `None` when the system has none to give.
pub(super) fn random() -> Option<String> {
    let mut bytes = [0_u8; RANDOM];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "WebSub: no subscription without random numbers");
        return None;
    }
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
