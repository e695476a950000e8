//! Pages and feeds over HTTP. The only place that knows axum. Links come from `[site] url`, never from a request;
//! a request that panics is a 500 and nothing more.

mod access;
mod callback;
mod catalog;
mod changes;
mod client;
mod conditional;
mod delta;
mod document;
mod feeds;
mod freshness;
#[cfg(test)]
pub(crate) mod hand;
mod hub;
mod inside;
mod limit;
mod line;
mod links;
mod listen;
mod negotiate;
mod pages;
mod problem;
mod route;
mod status;

pub use inside::{Inventory, PublicFeed};
pub use listen::serve;
pub use status::{Audience, SourceStatus, Status, Trouble, discreet, title};

use self::{
    access::Credentials,
    catalog::{Catalog, Catalogs},
    document::{Caching, Document, Problem},
    freshness::Freshness,
    limit::Requests,
    route::Route,
};
use crate::{
    config::Config,
    model::{Clock, FeedId, FeedPart, Slug, Time},
    publish::{Publisher, Sources},
    refresh::Tools,
    reload::Reloads,
    store::Store,
    websub::{Desk, Followers, Hub, Subscriptions},
    words::Words,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::Response,
};
use futures::FutureExt;
use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::watch;

/// What answers are made from.
pub struct App {
    config: watch::Receiver<Arc<Config>>,
    reloads: Reloads,
    store: Store,
    publisher: Publisher,
    clock: Clock,
    websub: Desk,
    hub: Hub,
    subscriptions: Subscriptions,
    followers: Followers,
    freshness: Freshness,
    catalogs: Catalogs,
    requests: Requests,
}

impl App {
    /// Answers from this store, by the newest configuration.
    pub fn new(
        (config, reloads): (watch::Receiver<Arc<Config>>, Reloads),
        tools: Tools,
        publisher: Publisher,
        websub: Desk,
        hub: Hub,
    ) -> Arc<App> {
        let Tools { store, clock, subscriptions, followers, .. } = tools;
        Arc::new(App {
            config,
            reloads,
            store,
            publisher,
            clock,
            websub,
            hub,
            subscriptions,
            followers,
            freshness: Freshness::default(),
            catalogs: Catalogs::default(),
            requests: Requests::default(),
        })
    }
}

/// Every request comes in here, from the peer at that address.
async fn answer(app: Arc<App>, peer: IpAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut visit = Visit::new(app, parts);
    if let Err(wait) = visit.admitted(peer) {
        return document::guard(problem::too_many(wait));
    }
    let response = visit.respond(body).await;
    if visit.is_current() || !problem::reads(&visit.method) {
        return response;
    }
    // feeds.toml changed meanwhile, and the store with it: what was made of the old one and the new may show what neither would.
    visit.config = visit.app.config.borrow().clone();
    visit.words = Words::of(&visit.config.site.language);
    visit.respond(Body::empty()).await
}

/// One request, with the one configuration and the one moment it is answered by.
pub(in crate::serve) struct Visit {
    app: Arc<App>,
    config: Arc<Config>,
    words: &'static Words,
    method: Method,
    path: String,
    query: Option<String>,
    address_bytes: usize,
    headers: HeaderMap,
    credentials: Credentials,
    now: Time,
}

impl Visit {
    fn new(app: Arc<App>, parts: Parts) -> Visit {
        let config = app.config.borrow().clone();
        Visit {
            words: Words::of(&config.site.language),
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            address_bytes: parts.uri.path_and_query().map_or(0, |address| address.as_str().len()),
            credentials: Credentials::of(parts.uri.query(), &parts.headers),
            headers: parts.headers,
            now: app.clock.now(),
            config,
            app,
        }
    }

    /// How long to wait, where the client has asked for more than its part.
    fn admitted(&self, peer: IpAddr) -> Result<(), Duration> {
        let server = &self.config.server;
        match client::of(peer, &self.headers, &server.trusted_proxies) {
            Some(client) => self.app.requests.admit(client, self.app.clock.moment(), server.requests, server.burst),
            None => Ok(()),
        }
    }

    async fn respond(&self, body: Body) -> Response {
        let answered = AssertUnwindSafe(self.answer(body)).catch_unwind().await;
        let response = answered.unwrap_or_else(|_| Err(Problem::Broken(anyhow::anyhow!("a panic while answering"))));
        document::guard(response.unwrap_or_else(|problem| problem.answer(self)))
    }

    /// The configuration it is answered by is still the one in force.
    fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.config, &self.app.config.borrow())
    }

    async fn answer(&self, body: Body) -> Result<Response, Problem> {
        let prefix = self.config.site.url.path().trim_end_matches('/');
        let route = Route::parse(&self.path, prefix);
        if self.address_bytes > LONGEST_ADDRESS {
            return Err(Problem::LongAddress);
        }
        if !problem::reads(&self.method) && !matches!(route, Some(Route::Callback(_) | Route::Hub)) {
            return if self.method == Method::OPTIONS {
                Ok(problem::preflight())
            } else {
                Err(Problem::Method(READING))
            };
        }
        match route.ok_or(Problem::Missing(Vec::new()))? {
            Route::Callback(token) => Ok(callback::answer(self, &token, body).await),
            Route::Hub => Ok(hub::answer(self, body).await),
            Route::Home => pages::home(self).await,
            Route::About => pages::about(self).await,
            Route::Page(feed, FeedPart::Archive(number)) => pages::archive(self, feed, number).await,
            Route::Page(FeedId::Source(id), FeedPart::Head) => pages::source(self, &id).await,
            Route::Page(FeedId::Category(slug), FeedPart::Head) => pages::category(self, &slug).await,
            Route::Page(FeedId::Tag(tag), FeedPart::Head) => pages::tag(self, tag).await,
            Route::Page(FeedId::All, FeedPart::Head) => pages::home(self).await,
            Route::Entry(code) => pages::entry(self, &code).await,
            Route::Feed(feed, part, format) => feeds::feed(self, feed, part, format).await,
            Route::Changes => changes::changes(self).await,
            Route::Opml => feeds::opml(self).await,
            Route::StatusJson => status::json(self).await,
            Route::StatusPage => status::page(self).await,
            Route::Robots => self.send(Document::file(ROBOTS, "text/plain; charset=utf-8", Caching::Day)).await,
            // Its address stays when an upgrade changes it: pages must not be dressed in the old one for a day.
            Route::Style => {
                let style = self.config.site.theme.style(STYLE).into_owned();
                self.send(Document::file(style, "text/css; charset=utf-8", Caching::Public(60))).await
            }
            Route::Script => {
                self.send(Document::file(SCRIPT, "text/javascript; charset=utf-8", Caching::Public(60))).await
            }
            Route::Icon => self.send(Document::file(ICON, "image/svg+xml", Caching::Day)).await,
            Route::Live => Ok(document::plain(StatusCode::OK, "alive\n")),
            Route::Ready => Ok(self.ready().await),
        }
    }

    async fn send(&self, document: Document) -> Result<Response, Problem> {
        document.answer(&self.app.publisher, &self.headers, self.now).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>, Problem> {
        Ok(self.app.catalogs.now(&self.config, &self.app.store).await?)
    }

    /// What renderings are made from, for this visit.
    fn sources(&self) -> Sources {
        Sources { config: self.config.clone(), store: self.app.store.clone(), now: self.now }
    }

    /// How long a public answer about that feed may be kept.
    async fn caching(&self, feed: &FeedId) -> Caching {
        let app = &self.app;
        Caching::Public(app.freshness.max_age(&self.config, &app.store, feed, self.now).await)
    }

    /// There is nothing, or nothing for this visitor, and who brought a token is not told which of the two.
    fn nowhere(&self, near: Vec<Slug>) -> Problem {
        if self.credentials.are_none() { Problem::Missing(near) } else { Problem::Unauthorised }
    }

    /// The configuration is there, or we would not run; the store must answer.
    async fn ready(&self) -> Response {
        match self.app.store.counts().await {
            Ok(_) => document::plain(StatusCode::OK, "ready\n"),
            Err(error) => {
                tracing::warn!("not ready: {error}");
                document::plain(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
            }
        }
    }
}

/// Longest path with its query that is looked at; none of ours is nearly as long.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// What is done with all that is published.
const READING: &str = "GET, HEAD, OPTIONS";

const STYLE: &str = include_str!("templates/style.css");

const SCRIPT: &str = include_str!("templates/copy.js");

const ICON: &str = include_str!("templates/icon.svg");

const ROBOTS: &str = "User-agent: *\nDisallow: /status.html\nDisallow: /status.json\n";
