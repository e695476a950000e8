//! Whether a request was meant (WebSub §5.3): its callback is asked, in its host's turn, and must answer with exactly the challenge.
//! Until it has, nothing changes. Who will have no more of a feed because it is gone is told so (§5.2).

use super::{Hub, waiting::Waiting};
use crate::{
    config::Config,
    fetch::Posted,
    model::{Failure, FailureKind, Time},
    store::StoreError,
    websub::{desk::random, subscriber::Mode},
};
use chrono::TimeDelta;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// A callback that gives no answer is asked so often in all.
const MOST_TRIES: u32 = 3;
/// Before it is asked again; ten times as long before the time after that.
const RETRY: TimeDelta = TimeDelta::seconds(10);

/// What a callback answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It was meant.
    Meant,
    /// It was not.
    NotMeant,
    /// That cannot be said yet.
    Unanswered,
}

impl Hub {
    /// Asks those that may be asked now; gives back when the next one may.
    pub(super) fn verify_due(&self, config: &Arc<Config>, stop: &CancellationToken, now: Time) -> Option<Time> {
        let (due, next) = self.followers().due_to_verify(now, self.verifying.available_permits());
        for (token, waiting) in due {
            let Ok(permit) = Arc::clone(&self.verifying).try_acquire_owned() else {
                self.followers().verify_again(&token, now);
                continue;
            };
            let (hub, config, stop) = (self.clone(), Arc::clone(config), stop.clone());
            self.tasks.spawn(async move {
                let verified = tokio::select! {
                    verified = hub.verify(&config, &token, &waiting) => verified,
                    () = stop.cancelled() => Ok(()),
                };
                drop(permit);
                match verified {
                    Ok(()) => hub.followers().stir(),
                    Err(error) => hub.rest(&error),
                }
            });
        }
        // While no more can be asked at once, an end is waited for, not a time.
        next.filter(|_| self.verifying.available_permits() > 0)
    }

    async fn verify(&self, config: &Config, token: &str, waiting: &Waiting) -> Result<(), StoreError> {
        let Some(challenge) = random() else {
            self.followers().verify_again(token, self.tools.clock.now() + RETRY);
            return Ok(());
        };
        let mut visit = self.poller.visit();
        if !visit.go(&config.fetch, Some(&waiting.asked.url)).await {
            return Ok(());
        }
        let question = question(waiting, &challenge);
        let answered = self.tools.client.call(&question, true, self.tools.clock.now()).await;
        visit.leave();
        let now = self.tools.clock.now();
        match judge(&answered, &challenge) {
            Verdict::Meant => {
                self.followers().meant(token, waiting, now).await?;
                let (mode, lease) = (waiting.asked.mode.name(), waiting.asked.lease.num_seconds());
                tracing::info!(
                    host = waiting.host,
                    topic = shown(&waiting.asked.topic),
                    lease,
                    "the hub: {mode} verified"
                );
            }
            Verdict::Unanswered if waiting.tries + 1 < MOST_TRIES => {
                self.followers().verify_again(token, now + RETRY * 10_i32.pow(waiting.tries));
            }
            Verdict::NotMeant | Verdict::Unanswered => {
                tracing::debug!(
                    host = waiting.host,
                    topic = shown(&waiting.asked.topic),
                    "the hub: a request was not meant"
                );
                self.followers().not_meant(token, now);
            }
        }
        Ok(())
    }

    /// Tells a follower that its feed is no more, or not for it. Once: whatever it answers, it is one no longer.
    pub(super) async fn deny(&self, callback: &Url, topic: &str) {
        let mut callback = callback.clone();
        callback
            .query_pairs_mut()
            .append_pair("hub.mode", "denied")
            .append_pair("hub.topic", topic)
            .append_pair("hub.reason", "there is no such feed any more");
        if let Err(failure) = self.tools.client.call(&callback, true, self.tools.clock.now()).await {
            tracing::debug!("the hub: who followed a feed that is gone could not be told: {failure}");
        }
    }
}

/// The callback's own query stays as it is.
fn question(waiting: &Waiting, challenge: &str) -> Url {
    let mut url = waiting.asked.url.clone();
    let mut query = url.query_pairs_mut();
    query.append_pair("hub.mode", waiting.asked.mode.name());
    query.append_pair("hub.topic", &waiting.asked.topic);
    query.append_pair("hub.challenge", challenge);
    if waiting.asked.mode == Mode::Subscribe {
        query.append_pair("hub.lease_seconds", &waiting.asked.lease.num_seconds().to_string());
    }
    drop(query);
    url
}

fn judge(answered: &Result<Posted, Failure>, challenge: &str) -> Verdict {
    match answered {
        Ok(posted) => match posted.answer.status {
            200..=299 if posted.text == challenge => Verdict::Meant,
            429 | 500..=599 => Verdict::Unanswered,
            _ => Verdict::NotMeant,
        },
        Err(failure) if failure.kind == FailureKind::Blocked => Verdict::NotMeant,
        Err(_) => Verdict::Unanswered,
    }
}

/// A topic for the log: what opens a private feed is left out.
pub(super) fn shown(topic: &str) -> &str {
    topic.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Answer, Cursor},
        websub::hub::asked::Asked,
    };

    fn answered(status: u16, text: &str) -> Result<Posted, Failure> {
        let answer = Answer { status, ..Answer::default() };
        Ok(Posted { answer, text: text.to_owned(), elsewhere: None })
    }

    #[test]
    fn only_the_exact_challenge_says_yes() {
        assert_eq!(judge(&answered(200, "abc"), "abc"), Verdict::Meant);
        assert_eq!(judge(&answered(204, "abc"), "abc"), Verdict::Meant);
        for (status, text) in [(200, ""), (200, "abcd"), (200, "abc\n"), (302, "abc"), (404, "abc"), (410, "abc")] {
            assert_eq!(judge(&answered(status, text), "abc"), Verdict::NotMeant, "{status} {text:?}");
        }
        assert_eq!(judge(&answered(503, "abc"), "abc"), Verdict::Unanswered);
        assert_eq!(judge(&Err(Failure::new(FailureKind::Timeout, "")), "abc"), Verdict::Unanswered);
        assert_eq!(judge(&Err(Failure::new(FailureKind::Blocked, "")), "abc"), Verdict::NotMeant);
    }

    #[test]
    fn the_query_of_a_callback_is_kept() {
        let callback = "https://reader.example/cb?x=1&y=%20".to_owned();
        let asked = Asked {
            mode: Mode::Subscribe,
            url: callback.parse().unwrap(),
            callback,
            topic: "https://news.example/all.atom".into(),
            secret: Some("secret".into()),
            lease: TimeDelta::seconds(60),
        };
        let (host, cursor) = ("reader.example".to_owned(), Cursor::start(0));
        let waiting = Waiting { asked, host, cursor, tries: 0, next: None };
        assert_eq!(
            question(&waiting, "c").as_str(),
            "https://reader.example/cb?x=1&y=%20&hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Fall.atom&hub.challenge=c&hub.lease_seconds=60"
        );
    }
}
