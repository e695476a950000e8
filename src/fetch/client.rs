//! HTTP: the only folder that knows reqwest. Follows redirects itself, so that every hop is judged, and holds every
//! request to one deadline and every body to `max_bytes`, counted after decoding.

mod body;
mod build;
mod in_turn;
mod lines;
mod post;
mod request;
mod settle;
mod trouble;

use super::{guard::Guard, hops::Hops, room::Room, traffic::Meter};
use crate::{
    bounds::Bound,
    config::FetchConfig,
    fetch::Fetched,
    model::{Failure, Time, Validators},
};
use body::Trouble;
use bytes::Bytes;
use lines::{Coding, Lines};
pub use post::{Parcel, Posted};
pub(super) use request::Baggage;
use reqwest::{
    Response,
    header::{self, HeaderValue},
};
pub(super) use settle::unasked_304;
use std::{sync::Arc, time::Duration};
use trouble::{misled, too_slow, unsent};
use url::Url;

/// Longest wait for a connection, name look-up and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients behind [`super::Client`].
#[derive(Debug)]
pub(super) struct Web {
    lines: Lines,
    /// For bodies on their way.
    room: Room,
    meter: Arc<Meter>,
    timeout: Duration,
}

/// One thing to ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub url: &'a Url,
    /// `None`: unconditional.
    pub validators: Option<&'a Validators>,
    /// What goes with the request while it is at the origin of `url`, and what it goes through.
    pub baggage: Baggage<'a>,
    /// Instead of the feeds' own.
    pub accept: Option<&'static str>,
    /// Messages name only the host.
    pub hidden: bool,
    /// Longest body.
    pub limit: usize,
    /// Sent by POST: the body and its media type.
    pub post: Option<&'a (String, String)>,
    /// Redirects are followed. Else one is an error that says where it leads.
    pub redirects: bool,
}

impl<'a> Ask<'a> {
    /// An unconditional request for an address, with nothing of a source's own.
    pub(super) fn plain(url: &'a Url, limit: usize) -> Ask<'a> {
        let baggage = Baggage::default();
        Ask { url, validators: None, baggage, accept: None, hidden: false, limit, post: None, redirects: true }
    }
}

impl Web {
    pub(super) fn new(config: &FetchConfig, room: Room, meter: Arc<Meter>) -> anyhow::Result<Web> {
        let guard = Arc::new(Guard::new(&config.allow));
        let maker = build::Maker::new(config, CONNECT_TIMEOUT.min(config.timeout))?;
        Ok(Web { lines: Lines::new(guard, maker)?, room, meter, timeout: config.timeout })
    }

    pub(super) fn bodies(&self) -> Bound {
        self.room.gauge().read()
    }

    /// What was pushed, without its compression; an error says in words what is wrong with it.
    pub(super) async fn unpacked(&self, body: Bytes, max_bytes: usize) -> Result<Bytes, String> {
        body::unpacked(body, max_bytes, &self.room).await.map_err(|trouble| match trouble {
            Trouble::TooLarge => format!("more than {max_bytes} bytes when decompressed"),
            Trouble::Slow => "too slow".to_owned(),
            Trouble::Coding(reason) | Trouble::Broken(reason) => format!("broken compression ({reason})"),
        })
    }

    /// Asks, redirects included, within one deadline.
    pub(super) async fn get(&self, ask: &Ask<'_>, now: Time) -> Result<Fetched, Failure> {
        let outcome = tokio::time::timeout(self.timeout, self.follow(ask, now)).await;
        outcome.unwrap_or_else(|_| Err(too_slow(ask.url, ask.hidden, self.timeout)))
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
        let response = self.first_byte(ask, hops).await?;
        self.answer(ask, hops, response, now).await
    }

    /// The first half of it, up to the answer's head.
    async fn first_byte(&self, ask: &Ask<'_>, hops: &Hops) -> Result<Response, Failure> {
        let sent = self.send(ask, hops, Coding::Offered).await;
        sent.map_err(|failure| trouble::further_on(failure, hops.led))
    }

    /// The other half.
    async fn answer(
        &self,
        ask: &Ask<'_>,
        hops: &mut Hops,
        response: Response,
        now: Time,
    ) -> Result<Option<Fetched>, Failure> {
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

    /// Sends one request, if its address may be asked.
    async fn send(&self, ask: &Ask<'_>, hops: &Hops, coding: Coding) -> Result<Response, Failure> {
        let line = self.lines.line(&hops.url, ask.baggage.proxy);
        let line = line.map_err(|barred| trouble::barred(&barred, &hops.url, ask.hidden, hops.redirected()))?;
        let client = self.lines.client(&line, &hops.url, coding);
        let request = match ask.post {
            Some((body, kind)) => client.post(hops.url.clone()).header(header::CONTENT_TYPE, kind).body(body.clone()),
            None => client.get(hops.url.clone()),
        };
        let request = request::carrying(request, ask, hops, coding)?;
        let sent = request.send().await;
        self.meter.answered(sent.as_ref().ok().map(|response| response.status().as_u16()));
        sent.map_err(|error| unsent(&hops.url, ask.hidden, ask.baggage.proxy.is_some(), error))
    }
}
