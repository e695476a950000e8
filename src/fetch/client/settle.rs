//! What the answer at the end of the way is: a body, a 304, or a failure in words.

use super::{
    Ask, Web,
    body::{self, Trouble},
    lines::Coding,
    request::sent_validators,
};
use crate::{
    fetch::{Body, Fetched, Page, answer, drip::FLOOR, hops::Hops, words},
    model::{Answer, Failure, FailureKind, Time, Validators},
};
use reqwest::{
    Response,
    header::{self, HeaderMap},
};
use url::Url;

/// Bytes of an error page looked at for the marks of a challenge.
const PEEK: usize = 64 << 10;

impl Web {
    /// Reads the answer at the end of the way.
    pub(super) async fn settle(
        &self,
        ask: &Ask<'_>,
        hops: Hops,
        response: Response,
        now: Time,
    ) -> Result<Fetched, Failure> {
        let status = response.status().as_u16();
        let mut said = answer::read(status, response.headers(), &hops.url, now);
        let challenge = answer::is_challenge(response.headers());
        let sent = sent_validators(ask, &hops);
        match (status, sent) {
            _ if challenge => Err(Box::pin(self.unusable(ask, &hops, response, said, true)).await),
            (304, Some(kept)) => {
                said.moved_to = hops.moved_to;
                Ok(Fetched::NotModified(answer::validators_after_304(kept, response.headers()), said))
            }
            // The futures of bodies are large, and most polls get none.
            (200..=203, _) => Box::pin(self.page(ask, hops, response, said, now)).await,
            (226, Some(kept)) if kept.etag.is_some() && answer::is_feed_delta(response.headers()) => {
                Box::pin(self.page(ask, hops, response, said, now)).await
            }
            _ => Err(Box::pin(self.unusable(ask, &hops, response, said, false)).await),
        }
    }

    /// Reads a body; once more without codings if the server's are broken.
    async fn page(
        &self,
        ask: &Ask<'_>,
        hops: Hops,
        response: Response,
        said: Answer,
        now: Time,
    ) -> Result<Fetched, Failure> {
        let (headers, body, mut said) = match body::read(response, ask.limit, &self.room).await {
            Ok((headers, body)) => (headers, body, said),
            Err(Trouble::Coding(reason)) => {
                let again = self.send(ask, &hops, Coding::Identity).await?;
                let status = again.status().as_u16();
                let said = answer::read(status, again.headers(), &hops.url, now);
                if !matches!(status, 200..=203) {
                    let reason = format!("{reason}, and without compression it answers {status}");
                    return Err(unread(ask, &hops, said, &Trouble::Coding(reason)));
                }
                match body::read_identity(again, ask.limit, &self.room).await {
                    Ok((headers, body)) => (headers, body, said),
                    Err(trouble) => return Err(unread(ask, &hops, said, &trouble)),
                }
            }
            Err(trouble) => return Err(unread(ask, &hops, said, &trouble)),
        };
        self.meter.read(body.len());
        said.moved_to = hops.moved_to;
        let content_type = headers.get(header::CONTENT_TYPE);
        let origin = (!hops.home).then(|| hops.url.origin().ascii_serialization());
        Ok(Fetched::Modified(Page {
            body: Body::Document(body),
            content_type: content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            base: Some(answer::base(&headers, &hops.url)),
            address: Some(hops.url),
            validators: Validators { origin, ..answer::validators(&headers) },
            answer: said,
        }))
    }

    /// An answer that is neither a body nor an expected 304.
    async fn unusable(
        &self,
        ask: &Ask<'_>,
        hops: &Hops,
        response: Response,
        mut said: Answer,
        mut challenge: bool,
    ) -> Failure {
        let status = said.status;
        if matches!(status, 403 | 503) && !challenge && is_html(response.headers()) {
            challenge = answer::is_challenge_page(&body::peek(response, PEEK).await);
        }
        let url = words::shown(&hops.url, ask.hidden);
        let mut failure = if challenge {
            answer::hold_for_challenge(&mut said);
            let what =
                "shows a challenge for browsers instead of the feed: staying away for a day; ask the publisher to let";
            words::failure(FailureKind::Held, format!("{url} {what} feed readers through ({status})"))
        } else {
            let kind = match status {
                410 => FailureKind::Gone,
                429 => FailureKind::Held,
                503 if said.retry_after_seconds.is_some() => FailureKind::Held,
                _ => FailureKind::Status,
            };
            let advice = match status {
                401 | 403 if !hops.home && ask.baggage.is_secret() => words::CREDENTIALS_STAY,
                _ => words::status_advice(status),
            };
            words::failure(kind, format!("{url} {advice} ({status})"))
        };
        failure.answer = said;
        failure
    }
}

/// A body that could not be read to its end.
fn unread(ask: &Ask<'_>, hops: &Hops, said: Answer, trouble: &Trouble) -> Failure {
    let (url, limit) = (words::shown(&hops.url, ask.hidden), ask.limit);
    let mut failure = match trouble {
        Trouble::TooLarge => {
            let message = format!("{url}: more than {limit} bytes; raise [fetch] max_bytes if that is right");
            words::failure(FailureKind::TooLarge, message)
        }
        Trouble::Slow => {
            let rate = FLOOR >> 10;
            let message =
                format!("{url}: arrives at less than {rate} KiB/s while others wait for memory; trying again later");
            words::failure(FailureKind::Timeout, message)
        }
        Trouble::Coding(reason) => {
            words::failure(FailureKind::Body, format!("{url}: broken compression ({reason}); trying again later"))
        }
        Trouble::Broken(reason) => {
            words::failure(FailureKind::Body, format!("{url}: the answer broke off ({reason}); trying again later"))
        }
    };
    failure.answer = said;
    failure
}

/// A 304 nobody asked for.
pub(in crate::fetch) fn unasked_304(url: &Url) -> Failure {
    words::failure(FailureKind::Status, format!("{} {}", words::shown(url, false), words::status_advice(304)))
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
