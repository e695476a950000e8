//! Pushes (WebSub §7): what changed in a feed goes to each of its followers, signed, and counts as delivered once the follower says so.
//! A push is one request, within one deadline, at most two at one host; whoever is slow, dead or lying costs no more than that.

use super::{Hub, following::Event, hubs_named, topic::Topic, verify::shown};
use crate::{
    config::Config,
    fetch::{Parcel, Posted},
    model::{Cursor, Failure, Follower},
    store::StoreError,
    view,
    websub::signature,
};
use chrono::TimeDelta;
use std::sync::{Arc, PoisonError};
use url::Url;

/// Longest that a follower whose host wants to be left alone is left alone at once.
const LONGEST_HOLD: TimeDelta = TimeDelta::days(1);

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Arrival {
    /// It was taken.
    Taken,
    /// Nothing more is wanted there.
    Gone,
    /// It was not taken: why, and how long to wait if that was said.
    Refused(String, Option<TimeDelta>),
}

impl Hub {
    /// Pushes to as many of those who stand in line as may be pushed to at once; each that ends makes room for the next.
    pub(super) fn push_next(&self, config: &Arc<Config>) {
        while let Some((token, host)) = self.next_in_line() {
            let (hub, config) = (self.clone(), Arc::clone(config));
            self.tasks.spawn(async move {
                let pushed = hub.push(&config, &token).await;
                let mut line = hub.line.lock().unwrap_or_else(PoisonError::into_inner);
                line.ended(&token, &host);
                drop(line);
                match pushed {
                    Ok(()) => hub.push_next(&config),
                    Err(error) => hub.rest(&error),
                }
                hub.followers().stir();
            });
        }
    }

    fn next_in_line(&self) -> Option<(String, String)> {
        if self.tasks.is_closed() || self.rests().is_some_and(|until| self.tools.clock.now() < until) {
            return None;
        }
        self.line.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    /// Pushes to one follower what it has not got.
    async fn push(&self, config: &Arc<Config>, token: &str) -> Result<(), StoreError> {
        let (followers, store) = (self.followers(), &self.tools.store);
        let Some(follower) = followers.get(token) else { return Ok(()) };
        let Ok(callback) = Url::parse(&follower.callback) else {
            return followers.happen(token, &Event::Over, self.tools.clock.now()).await;
        };
        let categories = view::published_categories(config, &store.categories().await?);
        let Some(topic) = Topic::of(&follower.topic, config, &categories) else {
            self.deny(&callback, &follower.topic).await;
            tracing::info!(topic = shown(&follower.topic), "the hub: a subscription ends, its feed is gone");
            return followers.happen(token, &Event::Over, self.tools.clock.now()).await;
        };
        let now = self.tools.clock.now();
        if let Some(wait) = self.poller.visit().held(&callback) {
            let until = now + wait.min(LONGEST_HOLD);
            return followers.happen(token, &Event::Held { until }, now).await;
        }
        let document = match self.documents.since(config, store, &topic, follower.cursor).await {
            Ok(document) => document,
            Err(error) => {
                tracing::error!(topic = shown(&follower.topic), "the hub: what changed cannot be pushed: {error:#}");
                let event = Event::Failed { reason: "our own fault: see the log", wait: None };
                return followers.happen(token, &event, now).await;
            }
        };
        let upto = document.upto;
        let Some(body) = document.body.clone() else {
            return followers.happen(token, &Event::Passed { upto }, now).await;
        };
        let headers = headers(config, &topic, &follower, &body);
        let parcel = Parcel { body, content_type: topic.format.content_type(), headers: &headers };
        let arrival = arrival(&self.tools.client.deliver(&callback, parcel, true, now).await);
        self.note(token, &follower, &arrival, upto).await
    }

    async fn note(&self, token: &str, follower: &Follower, arrival: &Arrival, upto: Cursor) -> Result<(), StoreError> {
        let event = match arrival {
            Arrival::Taken => Event::Pushed { upto },
            Arrival::Gone => Event::Over,
            Arrival::Refused(reason, wait) => Event::Failed { reason, wait: *wait },
        };
        let (host, topic) = (super::host_of(&follower.callback), shown(&follower.topic));
        match arrival {
            Arrival::Taken => tracing::debug!(host, topic, "the hub: pushed"),
            Arrival::Gone => {
                tracing::info!(host, topic, "the hub: a subscription ends, nothing more is wanted there (410)")
            }
            Arrival::Refused(reason, _) if follower.failures.is_multiple_of(4) => {
                tracing::warn!(
                    host,
                    topic,
                    failures = follower.failures + 1,
                    "the hub: a push did not arrive: {reason}"
                );
            }
            Arrival::Refused(..) => {}
        }
        self.followers().happen(token, &event, self.tools.clock.now()).await
    }
}

/// The topic's hubs and its own address, each in a field of its own as simple subscribers expect them; and the signature.
fn headers(config: &Config, topic: &Topic, follower: &Follower, body: &[u8]) -> Vec<(&'static str, String)> {
    let hubs = hubs_named(config, &topic.feed, topic.is_private());
    let hubs = hubs.into_iter().map(|hub| format!("<{hub}>; rel=\"hub\""));
    let own = std::iter::once(format!("<{}>; rel=\"self\"", topic.address(config)));
    let links = hubs.chain(own).collect::<Vec<_>>().join(", ");
    let signature = follower.secret.as_ref().map(|secret| (signature::HEADER, signature::sign(secret, body)));
    std::iter::once(("link", links)).chain(signature).collect()
}

fn arrival(answered: &Result<Posted, Failure>) -> Arrival {
    match answered {
        Ok(posted) => match posted.answer.status {
            200..=299 => Arrival::Taken,
            410 => Arrival::Gone,
            status => {
                let seconds = posted.answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok());
                let wait = seconds.and_then(TimeDelta::try_seconds).map(|wait| wait.min(LONGEST_HOLD));
                Arrival::Refused(format!("answered {status}"), wait)
            }
        },
        Err(failure) => Arrival::Refused(failure.message.clone(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, FailureKind};

    #[test]
    fn a_success_is_one_a_410_is_the_end_and_everything_else_is_tried_again() {
        let answered = |status, retry_after_seconds| {
            let answer = Answer { status, retry_after_seconds, ..Answer::default() };
            arrival(&Ok(Posted { answer, text: "x".into(), elsewhere: None }))
        };
        assert_eq!(
            [200, 202, 204].map(|status| answered(status, None)),
            [Arrival::Taken, Arrival::Taken, Arrival::Taken]
        );
        assert_eq!(answered(410, None), Arrival::Gone);
        for status in [301, 307, 400, 404, 500] {
            assert_eq!(answered(status, None), Arrival::Refused(format!("answered {status}"), None));
        }
        let wait = |seconds| match answered(429, Some(seconds)) {
            Arrival::Refused(_, wait) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            (wait(90), wait(u64::MAX), wait(9_999_999)),
            (Some(TimeDelta::seconds(90)), None, Some(LONGEST_HOLD))
        );
        let failed = arrival(&Err(Failure::new(FailureKind::Timeout, "slow")));
        assert_eq!(failed, Arrival::Refused("slow".into(), None));
    }
}
