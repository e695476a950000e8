//! One request to a hub (WebSub §5.1): what it says, where redirects may take it, and why it was not taken.

use super::{
    Desk,
    subscriber::{self, Event, Mode},
};
use crate::{
    config::Config,
    model::{Answer, Failure, FailureKind, Subscription},
    poll::{host::Visit, schedule::SLOW_DOWN},
};
use chrono::TimeDelta;
use url::Url;

/// Redirects of one request that are followed.
const MAX_MOVES: usize = 3;

impl Desk {
    /// Sends a form, at most a few times on where a hub says that another one does its work (WebSub §5.1): each in its host's turn.
    pub(super) async fn tell(
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
                (_, Some(other)) if is_laid_open(&hub, &other) => {
                    return Err(Refused::lasting("it redirects from https to http, where the secret could be read"));
                }
                (_, Some(other)) => hub = other,
                (status, None) => {
                    let refused = Refused::answered(status, &posted.answer, &posted.text);
                    if status == 429 {
                        let until = self.tools.clock.now() + refused.wait.unwrap_or_default().max(SLOW_DOWN);
                        visit.slow_down(&config.fetch, Some(&hub), until).await;
                    }
                    return Err(refused);
                }
            }
            if !visit.go(&config.fetch, Some(&hub)).await {
                break;
            }
            if let Some(wait) = visit.held(&hub) {
                visit.pass();
                let reason = "it redirects to a host that asked us to wait".to_owned();
                return Err(Refused { reason, lasting: false, wait: Some(wait) });
            }
        }
        Err(Refused::lasting("it redirects too often"))
    }
}

/// Whether a redirect would send in clear what was sent encrypted.
fn is_laid_open(from: &Url, to: &Url) -> bool {
    from.scheme() == "https" && to.scheme() != "https"
}

/// The request (WebSub §5.1).
pub fn form(token: &str, of: &Subscription, mode: Mode) -> Vec<(&'static str, String)> {
    let callback = format!("{}/websub/{token}", of.base.trim_end_matches('/'));
    let mut form =
        vec![("hub.callback", callback), ("hub.mode", mode.name().to_owned()), ("hub.topic", of.topic.clone())];
    if mode == Mode::Subscribe {
        form.push(("hub.lease_seconds", subscriber::LEASE.num_seconds().to_string()));
        form.push(("hub.secret", of.secret.clone()));
    }
    form
}

/// A request that a hub did not take.
pub struct Refused {
    reason: String,
    /// Nor will it take the next one.
    lasting: bool,
    wait: Option<TimeDelta>,
}

impl Refused {
    fn lasting(reason: &str) -> Refused {
        Refused { reason: reason.to_owned(), lasting: true, wait: None }
    }

    fn answered(status: u16, answer: &Answer, text: &str) -> Refused {
        let seconds = answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok());
        Refused {
            reason: format!("{status} {text}"),
            lasting: matches!(status, 400..=407 | 409..=428 | 430..=499),
            wait: seconds.and_then(TimeDelta::try_seconds),
        }
    }

    pub fn event(&self) -> Event<'_> {
        Event::Refused { reason: &self.reason, lasting: self.lasting, wait: self.wait }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        Refused { lasting: failure.kind == FailureKind::Blocked, reason: failure.message, wait: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_sent_encrypted_is_not_sent_on_in_clear() {
        let url = |scheme: &str| Url::parse(&format!("{scheme}://hub.example/")).unwrap();
        assert!(is_laid_open(&url("https"), &url("http")));
        for (from, to) in [("https", "https"), ("http", "http"), ("http", "https")] {
            assert!(!is_laid_open(&url(from), &url(to)), "{from} {to}");
        }
    }
}
