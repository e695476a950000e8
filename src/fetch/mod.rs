//! The only place that makes requests or reads source files, and the only one that knows reqwest.
//! Every request goes through one guarded client; every body is bounded in bytes and time.

pub mod charset;

pub mod article;
pub mod discover;
pub mod robots;

mod answer;
mod client;
mod drip;
mod folder;
mod fresh;
mod guard;
mod holds;
mod hops;
mod inflate;
mod link;
mod resolver;
mod room;
mod sending;
mod traffic;
mod words;

pub use client::{Parcel, Posted};
pub use guard::{is_allowed, is_global_url, is_public_url};
pub use sending::fetch_further;
use sending::{baggage, send};
pub use traffic::Traffic;

#[cfg(test)]
mod tests;

use crate::{
    bounds::Bound,
    config::FetchConfig,
    model::{Answer, Failure, Source, SourceKind, SourceState, Time, Validators},
    poll::host::Visit,
    recipe::{self, Request},
};
use bytes::Bytes;
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};
use url::Url;

/// The guarded client. Cheap to clone; all clones follow a change of `[fetch]`.
#[derive(Clone, Debug)]
pub struct Client {
    made: Arc<RwLock<Arc<Made>>>,
    holds: Arc<holds::Holds>,
}

/// A client as one `[fetch]` wants it.
#[derive(Debug)]
pub struct Made {
    web: Arc<client::Web>,
    /// The same without what `[fetch] allow` opens: for addresses that strangers' documents name.
    outside: Arc<client::Web>,
    robots: Arc<robots::Robots>,
    room: room::Room,
    meter: Arc<traffic::Meter>,
    config: FetchConfig,
}

impl Client {
    /// Builds the client: TLS roots, resolver, limits.
    ///
    /// Errors only when the TLS library cannot be set up; a machine without root certificates still gets plain http.
    pub fn new(config: &FetchConfig) -> anyhow::Result<Client> {
        Ok(Client { made: Arc::new(RwLock::new(Arc::new(Made::new(config, None)?))), holds: Arc::default() })
    }

    /// Makes what a changed `[fetch]` wants, to be taken by [`Client::take`]; `None` where it is as before.
    ///
    /// Errors like [`Client::new`].
    pub fn prepare(&self, config: &FetchConfig) -> anyhow::Result<Option<Made>> {
        let before = self.made();
        if before.config == *config { Ok(None) } else { Made::new(config, Some(&before)).map(Some) }
    }

    /// From now on requests go out as that was made for. Those under way end as they began.
    pub fn take(&self, made: Made) {
        *self.made.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made);
    }

    fn made(&self) -> Arc<Made> {
        Arc::clone(&self.made.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// `inside`: what `[fetch] allow` opens may be reached.
    fn web(&self, inside: bool) -> Arc<client::Web> {
        let made = self.made();
        Arc::clone(if inside { &made.web } else { &made.outside })
    }

    /// Requests that went out so far, and what came of them.
    pub fn traffic(&self) -> Traffic {
        self.made().meter.traffic()
    }

    fn max_bytes(&self) -> usize {
        self.made().config.max_bytes
    }
}

impl Made {
    /// What did not change is kept: bodies on their way go on sharing one memory, what robots.txt said stays known.
    fn new(config: &FetchConfig, before: Option<&Made>) -> anyhow::Result<Made> {
        let room =
            before.filter(|before| before.config.max_bytes == config.max_bytes).map(|before| before.room.clone());
        let room = room.unwrap_or_else(|| room::Room::new(config.max_bytes));
        let meter = before.map(|before| Arc::clone(&before.meter)).unwrap_or_default();
        let web = Arc::new(client::Web::new(config, room.clone(), Arc::clone(&meter))?);
        let outside = match config.allow.is_empty() {
            true => Arc::clone(&web),
            false => {
                let closed = FetchConfig { allow: Vec::new(), ..config.clone() };
                Arc::new(client::Web::new(&closed, room.clone(), Arc::clone(&meter))?)
            }
        };
        let same = before.filter(|before| before.config.user_agent == config.user_agent);
        let robots = same.map(|before| Arc::clone(&before.robots));
        let robots = robots.unwrap_or_else(|| Arc::new(robots::Robots::new(&config.user_agent)));
        Ok(Made { web, outside, robots, room, meter, config: config.clone() })
    }
}

/// How a fetch that worked ended.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// 304, or a folder as it was. The validators are the ones to keep (a 304 may bring new ones).
    NotModified(Validators, Answer),
    /// A body to parse.
    Modified(Page),
}

/// What was fetched.
#[derive(Clone, Debug)]
pub struct Page {
    /// The bytes.
    pub body: Body,
    /// Media type and charset as the server said them: the whole Content-Type value.
    pub content_type: Option<String>,
    /// What relative references in the document resolve against: Content-Location, else the address after redirects.
    pub base: Option<String>,
    /// Where a server's answer came from, redirects followed: unlike `base`, no word of the server.
    pub address: Option<Url>,
    /// To be sent back next time.
    pub validators: Validators,
    /// What the answer wishes.
    pub answer: Answer,
}

/// A body.
#[derive(Clone, Debug)]
pub enum Body {
    /// One document, content coding undone.
    Document(Bytes),
    /// Jekyll posts, in file-name order.
    Posts(Vec<PostFile>),
}

/// One post of a folder.
#[derive(Clone, Debug)]
pub struct PostFile {
    /// Below the source's folder.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Asks a source for what is new: conditional whenever `state` holds validators.
///
/// Errors are a [`Failure`] whose message names the URL (without secrets) and what to do.
pub async fn fetch(client: &Client, source: &Source, state: &SourceState, now: Time) -> Result<Fetched, Failure> {
    ask(client, source, state, None, now).await
}

/// The same in a poll: `visit` is at the source's host, and goes to every other one that redirects lead to.
pub async fn fetch_in_turn(
    client: &Client,
    config: &FetchConfig,
    source: &Source,
    state: &SourceState,
    visit: &mut Visit,
    now: Time,
) -> Result<Fetched, Failure> {
    ask(client, source, state, Some((visit, config)), now).await
}

async fn ask(
    client: &Client,
    source: &Source,
    state: &SourceState,
    turns: Option<(&mut Visit, &FetchConfig)>,
    now: Time,
) -> Result<Fetched, Failure> {
    match &source.kind {
        SourceKind::Feed(url) => {
            let moment = recipe::Moment { now, zone: source.timezone, last_id: state.last_id.as_deref() };
            let request = source.recipe.as_ref().and_then(|recipe| recipe::first(recipe, url, &moment));
            let request = request.unwrap_or_else(|| Request { url: url.clone(), post: None });
            let fetched = send(client, source, &request, Some(&state.validators), turns, now).await?;
            Ok(match fetched {
                Fetched::NotModified(validators, said) => {
                    Fetched::NotModified(validators, answer::after_304(&state.answer, said))
                }
                modified => modified,
            })
        }
        SourceKind::Folder(path) => Box::pin(folder::posts(path, &state.validators, client.max_bytes())).await,
        SourceKind::File(path) => {
            let base = source.homepage.clone();
            Box::pin(folder::document(path, base, &state.validators, client.max_bytes())).await
        }
    }
}

/// Undoes compression of a document that came from elsewhere than a server.
///
/// Errors: more than `max_bytes` comes out, or it is damaged.
pub fn uncompressed(bytes: Bytes, max_bytes: usize) -> std::io::Result<Bytes> {
    if !inflate::is_compressed(&bytes, None) {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let inflated = inflate::inflated(&bytes, None, max_bytes, &mut out);
    inflated.map(|()| out.into()).map_err(|stuck| match stuck {
        inflate::Stuck::TooLarge => std::io::Error::other(format!("more than {max_bytes} bytes when decompressed")),
        inflate::Stuck::Broken(reason) => std::io::Error::other(format!("broken compression ({reason})")),
    })
}

/// Fetches one URL as the daemon would, unconditionally, for `preview` and `check --online`.
pub async fn fetch_url(client: &Client, url: &Url, now: Time) -> Result<Page, Failure> {
    client.document(&client.web(true), url, now).await
}

impl Client {
    /// Sends a form (`application/x-www-form-urlencoded`) by POST, as a subscriber asks a WebSub hub.
    ///
    /// `inside`: what `[fetch] allow` opens may be reached; leave it false for an address that a document or an answer named,
    /// unless the source that named it is itself there ([`is_allowed`]). One request, held to `[fetch] timeout`; redirects are
    /// not followed. Every answer is `Ok`, whatever its status (`answer.status`): 202 is for the caller to look for.
    /// Errors: the address is refused by the guard, or there was no answer (dns, connect, tls, timeout); the message names
    /// the address without its query, and never a field of the form.
    pub async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        inside: bool,
        now: Time,
    ) -> Result<Posted, Failure> {
        self.web(inside).post_form(url, fields, now).await
    }

    /// Asks a callback that a stranger named: one GET, held to `[fetch] timeout`, without redirects; `inside` as in `post_form`.
    ///
    /// Every answer is `Ok`, whatever its status. Errors as in `post_form`; the message names the host alone, for a callback is a secret.
    pub async fn call(&self, url: &Url, inside: bool, now: Time) -> Result<Posted, Failure> {
        self.web(inside).call(url, now).await
    }

    /// Sends a document to a callback by POST: one request, otherwise like `call`.
    pub async fn deliver(&self, url: &Url, parcel: Parcel<'_>, inside: bool, now: Time) -> Result<Posted, Failure> {
        self.web(inside).deliver(url, parcel, now).await
    }

    /// A document that was sent to us, without its compression: it is undone where that of fetched bodies is, under the same bounds.
    ///
    /// Errors, in words: more than `max_bytes` comes out, or it is damaged.
    pub async fn unpacked(&self, body: Bytes, max_bytes: usize) -> Result<Bytes, String> {
        self.web(true).unpacked(body, max_bytes).await
    }

    /// How much memory the bodies on their way hold.
    pub fn bodies(&self) -> Bound {
        self.web(true).bodies()
    }

    /// Asks for an address that no operator wrote down, where a feed may be. `inside`: what `[fetch] allow` opens may be reached.
    pub async fn place(&self, url: &Url, inside: bool, now: Time) -> Result<Page, Failure> {
        self.document(&self.web(inside), url, now).await
    }

    async fn document(&self, web: &client::Web, url: &Url, now: Time) -> Result<Page, Failure> {
        match web.get(&client::Ask::plain(url, self.max_bytes()), now).await? {
            Fetched::Modified(page) => Ok(page),
            Fetched::NotModified(..) => Err(client::unasked_304(url)),
        }
    }
}
