//! HTTP: the only file that knows reqwest. Follows redirects itself, so that every hop is judged, and holds every
//! request to one deadline and every body to `max_bytes`, counted after decoding.

mod body;
mod build;
mod in_turn;
mod post;
mod trouble;

use super::{
    Body, Fetched, Page, answer,
    guard::{Guard, Refusal, Way},
    hops::Hops,
    words,
};
use crate::{
    config::FetchConfig,
    model::{Answer, Failure, FailureKind, Time, Validators},
};
use body::Trouble;
pub use post::Posted;
use reqwest::{
    Response,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use std::{sync::Arc, time::Duration};
use trouble::{misled, unsent};
use url::Url;

/// Longest wait for a connection, name look-up and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of an error page looked at for the marks of a challenge.
const PEEK: usize = 64 << 10;

/// The clients behind [`super::Client`].
#[derive(Debug)]
pub(super) struct Web {
    guard: Arc<Guard>,
    guarded: Line,
    /// For hosts allowed by name and port, whose addresses are not judged: a pool of its own, so that none of its
    /// connections ever serves a guarded request. Present only if there are such hosts.
    open: Option<Line>,
    timeout: Duration,
}

/// Two clients over one way to connect.
#[derive(Debug)]
struct Line {
    /// Offers gzip, br and zstd, and undoes them.
    coded: reqwest::Client,
    /// Offers nothing and undoes nothing: for servers whose coding is broken.
    identity: reqwest::Client,
}

/// One thing to ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub url: &'a Url,
    /// `None`: unconditional.
    pub validators: Option<&'a Validators>,
    pub headers: &'a [(String, String)],
    pub auth: Option<&'a (String, String)>,
    /// Messages name only the host.
    pub hidden: bool,
    /// Longest body.
    pub limit: usize,
    /// Redirects are followed. Else one is an error that says where it leads.
    pub redirects: bool,
}

/// Which codings a request offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Offered,
    Identity,
}

impl Web {
    pub(super) fn new(config: &FetchConfig) -> anyhow::Result<Web> {
        let guard = Arc::new(Guard::new(&config.allow));
        let maker = build::Maker::new(config, CONNECT_TIMEOUT.min(config.timeout))?;
        let line = |judging: Option<Arc<Guard>>| -> anyhow::Result<Line> {
            Ok(Line { coded: maker.client(judging.clone(), true)?, identity: maker.client(judging, false)? })
        };
        Ok(Web {
            guarded: line(Some(guard.clone()))?,
            open: guard.has_hosts().then(|| line(None)).transpose()?,
            guard,
            timeout: config.timeout,
        })
    }

    /// Asks, redirects included, within one deadline.
    pub(super) async fn get(&self, ask: &Ask<'_>, now: Time) -> Result<Fetched, Failure> {
        match tokio::time::timeout(self.timeout, self.follow(ask, now)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(trouble::too_slow(ask.url, ask.hidden, self.timeout)),
        }
    }

    async fn follow(&self, ask: &Ask<'_>, now: Time) -> Result<Fetched, Failure> {
        let mut hops = Hops::start(ask.url.clone());
        loop {
            if let Some(fetched) = self.hop(ask, &mut hops, now).await? {
                return Ok(fetched);
            }
        }
    }

    /// One request. `None`: it was redirected, and `hops` is where to.
    async fn hop(&self, ask: &Ask<'_>, hops: &mut Hops, now: Time) -> Result<Option<Fetched>, Failure> {
        let sent = self.send(ask, hops, Coding::Offered).await;
        let response = sent.map_err(|failure| trouble::further_on(failure, hops.led))?;
        let status = response.status().as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return self.settle(ask, hops.clone(), response, now).await.map(Some);
        }
        let location = response.headers().get(header::LOCATION).map(HeaderValue::as_bytes);
        hops.follow(status, location).map_err(|lost| misled(ask, status, lost))?;
        if !ask.redirects {
            return Err(trouble::elsewhere(ask, &hops.url, status));
        }
        Ok(None)
    }

    /// Through which clients an address is asked, if it may be.
    fn line(&self, url: &Url) -> Result<&Line, Refusal> {
        Ok(match (self.guard.judge(url)?, &self.open) {
            (Way::Open, Some(open)) => open,
            _ => &self.guarded,
        })
    }

    /// Sends one request, if its address may be asked.
    async fn send(&self, ask: &Ask<'_>, hops: &Hops, coding: Coding) -> Result<Response, Failure> {
        let refused = |refusal| words::refused(&refusal, &hops.url, ask.hidden, hops.redirected());
        let line = self.line(&hops.url).map_err(refused)?;
        let client = if coding == Coding::Offered { &line.coded } else { &line.identity };
        let mut request = client.get(hops.url.clone());
        if hops.home {
            request = match ask.auth {
                Some((user, password)) => request.basic_auth(user, Some(password)),
                None => request,
            };
            if !ask.headers.is_empty() {
                request = request.headers(extra_headers(ask.headers)?);
            }
            // A repeat without codings wants the body, whatever was known before.
            if let (Some(validators), Coding::Offered) = (ask.validators, coding) {
                request = conditional(request, validators);
            }
        }
        request.send().await.map_err(|error| unsent(&hops.url, ask.hidden, &error))
    }

    /// Reads the answer at the end of the way.
    async fn settle(&self, ask: &Ask<'_>, hops: Hops, response: Response, now: Time) -> Result<Fetched, Failure> {
        let status = response.status().as_u16();
        let mut said = answer::read(status, response.headers(), &hops.url, now);
        let challenge = answer::is_challenge(response.headers());
        match (status, ask.validators) {
            (304, Some(kept)) if !challenge && hops.home => {
                said.moved_to = hops.moved_to;
                Ok(Fetched::NotModified(answer::validators_after_304(kept, response.headers()), said))
            }
            (200..=203, _) if !challenge => self.page(ask, hops, response, said, now).await,
            _ => Err(self.unusable(ask, &hops, response, said, challenge).await),
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
        let (headers, body, mut said) = match body::read(response, ask.limit).await {
            Ok((headers, body)) => (headers, body, said),
            Err(Trouble::Coding(reason)) => {
                let again = self.send(ask, &hops, Coding::Identity).await?;
                let status = again.status().as_u16();
                let said = answer::read(status, again.headers(), &hops.url, now);
                if !matches!(status, 200..=203) {
                    let reason = format!("{reason}, and without compression it answers {status}");
                    return Err(self.unread(ask, &hops, said, &Trouble::Coding(reason)));
                }
                match body::read_identity(again, ask.limit).await {
                    Ok((headers, body)) => (headers, body, said),
                    Err(trouble) => return Err(self.unread(ask, &hops, said, &trouble)),
                }
            }
            Err(trouble) => return Err(self.unread(ask, &hops, said, &trouble)),
        };
        said.moved_to = hops.moved_to;
        let content_type = headers.get(header::CONTENT_TYPE);
        Ok(Fetched::Modified(Page {
            body: Body::Document(body),
            content_type: content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            base: Some(answer::base(&headers, &hops.url)),
            address: Some(hops.url),
            validators: answer::validators(&headers),
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
            words::failure(kind, format!("{url} {} ({status})", words::status_advice(status)))
        };
        failure.answer = said;
        failure
    }

    /// A body that could not be read to its end.
    fn unread(&self, ask: &Ask<'_>, hops: &Hops, said: Answer, trouble: &Trouble) -> Failure {
        let (url, limit) = (words::shown(&hops.url, ask.hidden), ask.limit);
        let mut failure = match trouble {
            Trouble::TooLarge => {
                let message = format!("{url}: more than {limit} bytes; raise [fetch] max_bytes if that is right");
                words::failure(FailureKind::TooLarge, message)
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
}

/// A 304 nobody asked for.
pub(super) fn unasked_304(url: &Url) -> Failure {
    words::failure(FailureKind::Status, format!("{} {}", words::shown(url, false), words::status_advice(304)))
}

fn conditional(mut request: reqwest::RequestBuilder, validators: &Validators) -> reqwest::RequestBuilder {
    if let Some(etag) = validators.etag.as_deref().and_then(answer::to_header) {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(since) = validators.last_modified.as_deref().and_then(answer::to_header) {
        request = request.header(header::IF_MODIFIED_SINCE, since);
    }
    request
}

/// The operator's own headers; they replace ours of the same name.
fn extra_headers(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let read = |(name, value): &(String, String)| -> Option<(HeaderName, HeaderValue)> {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
    };
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let Some((name, value)) = read(header) else {
            let message =
                format!("header {:?} of this source cannot be sent: correct its name or value in feeds.toml", header.0);
            return Err(words::failure(FailureKind::Connect, message));
        };
        map.append(name, value);
    }
    Ok(map)
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
