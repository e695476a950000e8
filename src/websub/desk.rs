//! Does what the subscriptions need: looks at what each poll says of hubs, sends the requests that are due, one host's turn each,
//! and ends what nobody wants any more.

use super::{
    book::Subscriptions,
    discovery::{self, Reason, Wish},
    pushes::Places,
    subscriber::{self, Act, Event, Mode},
};
use crate::{
    config::Config,
    model::{Answer, Failure, FailureKind, SourceId, Subscription},
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
/// Redirects of one request that are followed.
const MAX_MOVES: usize = 3;
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
        }
    }

    /// Works until told to stop; what was pushed and taken is stored first.
    pub async fn run(mut self, stop: CancellationToken) {
        self.listen();
        let mut whole = true;
        while !stop.is_cancelled() {
            let config = self.config.borrow_and_update().clone();
            let nap = self.round(&config, whole, &stop).await.unwrap_or_else(|error| {
                tracing::error!(%error, "WebSub waits until the store can be read and written");
                LONGEST_NAP
            });
            whole = tokio::select! {
                () = tokio::time::sleep(nap) => false,
                () = self.tools.subscriptions.stirred() => false,
                Ok(()) = self.config.changed() => true,
                () = stop.cancelled() => false,
            };
        }
        self.tasks.close();
        if tokio::time::timeout(DRAIN_TIME, self.tasks.wait()).await.is_err() {
            tracing::warn!("WebSub: what was pushed last was not stored in time; the next poll will find it");
        }
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
        if missed {
            for token in subscriptions.tokens(id) {
                subscriptions.happen(&token, &Event::Missed, now).await?;
            }
        }
        for token in leave {
            subscriptions.happen(&token, &Event::Unwanted, now).await?;
        }
        if let Some((hub, topic)) = begin
            && let (Some(token), Some(secret)) = (random(), random())
        {
            subscriptions.begin(&token, subscriber::begin(id.clone(), hub, topic, secret, now)).await?;
        }
        Ok(())
    }

    /// Begins what is due; gives back how long nothing else will be.
    async fn begin_due(&self, config: &Arc<Config>, stop: &CancellationToken) -> Result<Duration, StoreError> {
        let now = self.tools.clock.now();
        let (due, next) = self.subscriptions().due(now);
        for token in due {
            let Some(subscription) = self.subscriptions().get(&token) else { continue };
            if !matches!(subscriber::decide(&subscription, &Event::Due, now).act, Act::Ask(_)) {
                self.subscriptions().happen(&token, &Event::Due, now).await?;
            } else if let Some(asking) = Asking::claim(&self.asking, &token) {
                let (desk, config, stop) = (self.clone(), Arc::clone(config), stop.clone());
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = desk.ask(&config, &token) => {}
                        () = stop.cancelled() => {}
                    }
                    drop(asking);
                    desk.subscriptions().stir();
                });
            }
        }
        Ok(next.and_then(|next| (next - now).to_std().ok()).unwrap_or(LONGEST_NAP).min(LONGEST_NAP))
    }

    /// Sends a subscription's hub what is due, when it is that host's turn.
    async fn ask(&self, config: &Config, token: &str) {
        let Some(subscription) = self.subscriptions().get(token) else { return };
        let Ok(hub) = Url::parse(&subscription.hub) else { return };
        let mut visit = self.poller.visit();
        if !visit.go(&config.fetch, Some(&hub)).await {
            return;
        }
        let Some(mode) = self.due(token).await else { return };
        let form = form(config, token, &subscription, mode);
        let inside =
            discovery::may_go_inside(config.source(&subscription.source).map(AsRef::as_ref), &config.fetch.allow);
        let told = self.tell(&mut visit, config, hub, &form, inside).await;
        visit.leave();
        let event = told.as_ref().map_or_else(Refused::event, |()| Event::Taken);
        if let Err(error) = self.subscriptions().happen(token, &event, self.tools.clock.now()).await {
            tracing::error!(%error, "WebSub: what a hub answered could not be stored");
        }
    }

    /// Sends a form, at most a few times on where a hub says that another one does its work (WebSub §5.1): each in its host's turn.
    async fn tell(
        &self,
        visit: &mut Visit,
        config: &Config,
        mut hub: Url,
        form: &[(&'static str, String)],
        inside: bool,
    ) -> Result<(), Refused> {
        let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for _ in 0..=MAX_MOVES {
            let posted = self.tools.client.post_form(&hub, &fields, inside, self.tools.clock.now()).await?;
            match (posted.answer.status, posted.elsewhere) {
                (200..=299, _) => return Ok(()),
                (_, Some(other)) => hub = other,
                (status, None) => return Err(Refused::answered(status, &posted.answer, &posted.text)),
            }
            if !visit.go(&config.fetch, Some(&hub)).await {
                break;
            }
        }
        Err(Refused { reason: "it redirects too often".to_owned(), lasting: true, wait: None })
    }

    /// What is to be sent, once it is stored that it will be.
    async fn due(&self, token: &str) -> Option<Mode> {
        match self.subscriptions().happen(token, &Event::Due, self.tools.clock.now()).await {
            Ok(Some(Act::Ask(mode))) => Some(mode),
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, "WebSub: nothing is asked of a hub that could not be stored first");
                None
            }
        }
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

/// The request (WebSub §5.1).
fn form(config: &Config, token: &str, of: &Subscription, mode: Mode) -> Vec<(&'static str, String)> {
    let callback = format!("{}/websub/{token}", config.site.url.as_str().trim_end_matches('/'));
    let mut form =
        vec![("hub.callback", callback), ("hub.mode", mode.name().to_owned()), ("hub.topic", of.topic.clone())];
    if mode == Mode::Subscribe {
        form.push(("hub.lease_seconds", subscriber::LEASE.num_seconds().to_string()));
        form.push(("hub.secret", of.secret.clone()));
    }
    form
}

/// A request that a hub did not take.
struct Refused {
    reason: String,
    /// Nor will it take the next one.
    lasting: bool,
    wait: Option<TimeDelta>,
}

impl Refused {
    fn answered(status: u16, answer: &Answer, text: &str) -> Refused {
        let seconds = answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok());
        Refused {
            reason: format!("{status} {text}"),
            lasting: matches!(status, 400..=407 | 409..=428 | 430..=499),
            wait: seconds.and_then(TimeDelta::try_seconds),
        }
    }

    fn event(&self) -> Event<'_> {
        Event::Refused { reason: &self.reason, lasting: self.lasting, wait: self.wait }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused { lasting: failure.kind == FailureKind::Blocked, reason: failure.message, wait: None }
    }
}

/// Random bytes in hexadecimal digits; `None` when the system has none to give.
fn random() -> Option<String> {
    let mut bytes = [0_u8; RANDOM];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "WebSub: no subscription without random numbers");
        return None;
    }
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
