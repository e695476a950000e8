//! What hubs say to our callbacks (WebSub §5.3, §7): verifications are answered, what is pushed with the right signature is taken in
//! like a poll's document, everything else changes nothing.

use super::{
    Desk, signature,
    subscriber::{Act, Event, Mode},
};
use crate::{
    bounds::{Bound, Permit, Permits},
    model::{Phase, Subscription},
    refresh::{Pushed, take_pushed},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pushes being read or taken in at once: each may hold a document of `[fetch] max_bytes`.
const MOST_PUSHES: usize = 8;
/// Of these, for one subscription: one being taken in, one that waits for it.
const MOST_OF_ONE: usize = 2;
/// Longest challenge that is echoed, bytes.
const MAX_CHALLENGE: usize = 2_048;

/// A GET at a callback.
#[derive(Clone, Debug, Default)]
pub struct Call {
    mode: String,
    topic: String,
    challenge: Option<String>,
    lease: Option<u64>,
    reason: String,
}

impl Call {
    /// Reads a query string. Of parameters that stand there twice the first counts.
    pub fn read(query: &str) -> Call {
        let mut pairs = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            pairs.entry(name).or_insert(value);
        }
        let mut take = |name| pairs.remove(name).map(|value| value.into_owned());
        Call {
            mode: take("hub.mode").unwrap_or_default(),
            topic: take("hub.topic").unwrap_or_default(),
            challenge: take("hub.challenge").filter(|it| !it.is_empty() && it.len() <= MAX_CHALLENGE),
            lease: take("hub.lease_seconds").and_then(|seconds| seconds.trim().parse().ok()),
            reason: take("hub.reason").unwrap_or_default(),
        }
    }
}

/// The answer to a GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Yes: the challenge, to be echoed.
    Confirmed(String),
    /// It was only told.
    Noted,
    /// Nobody here asked for that.
    Unknown,
}

/// Why a push is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such subscription.
    Unknown,
    /// There was one; it is over.
    Gone,
    /// It has no signature, though we gave a secret.
    Unsigned,
    /// Too much is being taken in already.
    Busy,
}

/// The right to bring one push.
#[derive(Debug)]
pub struct Place {
    subscription: Subscription,
    token: String,
    signature: String,
    content_type: Option<String>,
    _permits: (OwnedSemaphorePermit, Permit),
}

/// The bounded number of pushes under way.
#[derive(Clone, Debug)]
pub(super) struct Places {
    all: Arc<Permits>,
    each: Arc<Mutex<BTreeMap<String, Arc<Semaphore>>>>,
}

impl Default for Places {
    fn default() -> Places {
        Places { all: Arc::new(Permits::new("pushes being taken in", MOST_PUSHES)), each: Arc::default() }
    }
}

impl Places {
    fn take(&self, token: &str) -> Option<(OwnedSemaphorePermit, Permit)> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.retain(|_, places| places.available_permits() < MOST_OF_ONE);
        let own = each.entry(token.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(MOST_OF_ONE)));
        let own = Arc::clone(own).try_acquire_owned().ok()?;
        Some((own, self.all.try_acquire()?))
    }
}

impl Desk {
    /// What is in use of the bounds of polling, and of pushes.
    pub fn bounds(&self) -> Vec<Bound> {
        self.poller.bounds().into_iter().chain([self.places.all.read()]).collect()
    }

    /// A hub asks whether we mean it, or says that it will not.
    pub async fn called(&self, token: &str, call: &Call) -> anyhow::Result<Heard> {
        let topic = call.topic.as_str();
        let event = match call.mode.as_str() {
            "subscribe" => Event::Verify { mode: Mode::Subscribe, topic, lease: call.lease },
            "unsubscribe" => Event::Verify { mode: Mode::Unsubscribe, topic, lease: None },
            "denied" => Event::Denied { topic, reason: &call.reason },
            _ => return Ok(Heard::Unknown),
        };
        // Without a challenge there is nothing to confirm with.
        if call.mode != "denied" && call.challenge.is_none() {
            return Ok(Heard::Unknown);
        }
        let act = self.subscriptions().happen(token, &event, self.tools.clock.now()).await?;
        Ok(match (act, &call.challenge) {
            (Some(Act::Confirm), Some(challenge)) => Heard::Confirmed(challenge.clone()),
            (Some(Act::Nothing), _) => Heard::Noted,
            _ => Heard::Unknown,
        })
    }

    /// Whether a push may be read: before a byte of it is.
    pub fn admit(&self, token: &str, signature: Option<&str>, content_type: Option<&str>) -> Result<Place, Refusal> {
        let subscription = self.subscriptions().get(token).ok_or(Refusal::Unknown)?;
        match subscription.phase {
            Phase::Verified => {}
            Phase::Asked => return Err(Refusal::Unknown),
            Phase::Leaving | Phase::Ended => return Err(Refusal::Gone),
        }
        let Some(signature) = signature else {
            self.ignore(token, &subscription, "it has no signature");
            return Err(Refusal::Unsigned);
        };
        let permits = self.places.take(token).ok_or(Refusal::Busy)?;
        let (token, signature) = (token.to_owned(), signature.to_owned());
        Ok(Place { subscription, token, signature, content_type: content_type.map(str::to_owned), _permits: permits })
    }

    /// Takes in what was pushed, behind the answer; without the right signature it changes nothing.
    pub fn push(&self, place: Place, body: Bytes) {
        if let Err(fault) = signature::verify(&place.subscription.secret, &body, &place.signature) {
            self.ignore(&place.token, &place.subscription, fault.words());
            return;
        }
        let desk = self.clone();
        self.tasks.spawn(async move { desk.take_in(place, body).await });
    }

    async fn take_in(&self, place: Place, body: Bytes) {
        let (config, of) = (self.config.borrow().clone(), &place.subscription);
        let Some(source) = config.source(&of.source).filter(|source| source.enabled) else { return };
        let pushed = Pushed { body, content_type: place.content_type.clone(), topic: of.topic.clone() };
        let started = Instant::now();
        let taken = take_pushed(&self.tools, &config, source, self.poller.visit(), pushed).await;
        let (source, ms) = (&source.id, started.elapsed().as_millis());
        match taken {
            Ok(Ok(changes)) => {
                self.tools.vitals.metrics.polls().changed(&changes);
                let (new, updated) = (changes.new.len(), changes.updated.len());
                tracing::info!(%source, ms, new, updated, unchanged = changes.unchanged, "pushed");
                if let Err(error) =
                    self.subscriptions().happen(&place.token, &Event::Pushed, self.tools.clock.now()).await
                {
                    tracing::error!(%error, "WebSub: that a hub pushed could not be stored");
                }
            }
            Ok(Err(failure)) => {
                tracing::warn!(%source, ms, kind = failure.kind.name(), "what was pushed cannot be used: {failure}");
                self.lost(&place);
            }
            Err(error) => {
                tracing::error!(%source, %error, "what was pushed could not be stored");
                self.lost(&place);
            }
        }
    }

    /// What came to a place could not be read, or not be used: its source is polled as usual, until a poll has found it.
    pub fn lost(&self, place: &Place) {
        self.subscriptions().lost(&place.token);
    }

    /// Counted, and said ever more rarely: whoever knows a callback must not be able to fill the log.
    fn ignore(&self, token: &str, of: &Subscription, why: &str) {
        let times = self.subscriptions().ignore(token);
        if times.is_power_of_two() {
            tracing::warn!(source = %of.source, times, "WebSub: a push is ignored: {why}");
        }
    }
}
