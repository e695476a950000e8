//! Pages and feeds over HTTP. The only place that knows axum. Links come from `[site] url`, never from a request;
//! a request that panics is a 500 and nothing more.

mod access;
mod callback;
mod catalog;
mod changes;
mod conditional;
mod delta;
mod document;
mod feeds;
mod freshness;
#[cfg(test)]
mod hand;
mod hub;
mod listen;
mod pages;
mod route;
mod status;
mod words;

pub use listen::serve;
pub use status::{Audience, SourceStatus, Status, Trouble};

use self::{
    access::Credentials,
    catalog::Catalog,
    delta::Past,
    document::{Caching, Document, Problem},
    freshness::Freshness,
    route::Route,
    words::Words,
};
use crate::{
    config::Config,
    model::{Clock, FeedId, FeedPart, Time},
    publish::Publisher,
    refresh::Tools,
    store::Store,
    websub::{Desk, Followers, Hub, Subscriptions},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::Response,
};
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::watch;

/// What answers are made from.
pub struct App {
    config: watch::Receiver<Arc<Config>>,
    store: Store,
    publisher: Publisher,
    clock: Clock,
    websub: Desk,
    hub: Hub,
    subscriptions: Subscriptions,
    followers: Followers,
    freshness: Freshness,
    past: Past,
}

impl App {
    /// Answers from this store, by the newest configuration.
    pub fn new(
        config: watch::Receiver<Arc<Config>>,
        tools: Tools,
        publisher: Publisher,
        websub: Desk,
        hub: Hub,
    ) -> Arc<App> {
        let Tools { store, clock, subscriptions, followers, .. } = tools;
        let (freshness, past) = (Freshness::default(), Past::default());
        Arc::new(App { config, store, publisher, clock, websub, hub, subscriptions, followers, freshness, past })
    }
}

/// All paths of the contract.
pub fn router(app: Arc<App>) -> Router {
    Router::new().fallback(answer).with_state(app)
}

async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::new(app, parts);
    let answered = AssertUnwindSafe(visit.answer(body)).catch_unwind().await;
    let response = answered.unwrap_or_else(|_| Err(Problem::Broken(anyhow::anyhow!("a panic while answering"))));
    document::guard(response.unwrap_or_else(|problem| problem.answer(&visit)))
}

/// One request, with the one configuration and the one moment it is answered by.
pub(in crate::serve) struct Visit {
    app: Arc<App>,
    config: Arc<Config>,
    words: &'static Words,
    method: Method,
    path: String,
    query: Option<String>,
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
            credentials: Credentials::of(parts.uri.query(), &parts.headers),
            headers: parts.headers,
            now: app.clock.now(),
            config,
            app,
        }
    }

    async fn answer(&self, body: Body) -> Result<Response, Problem> {
        let prefix = self.config.site.url.path().trim_end_matches('/');
        let route = Route::parse(&self.path, prefix);
        let reads = self.method == Method::GET || self.method == Method::HEAD;
        if !reads && !matches!(route, Some(Route::Callback(_) | Route::Hub)) {
            return Err(Problem::Method);
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
            Route::Robots => Ok(self.send(Document::file(ROBOTS, "text/plain; charset=utf-8", Caching::Day))),
            // Its address stays when an upgrade changes it: pages must not be dressed in the old one for a day.
            Route::Style => Ok(self.send(Document::file(STYLE, "text/css; charset=utf-8", Caching::Public(60)))),
            Route::Live => Ok(document::plain(StatusCode::OK, "alive\n")),
            Route::Ready => Ok(self.ready().await),
        }
    }

    fn send(&self, document: Document) -> Response {
        document.answer(&self.headers, self.now)
    }

    async fn catalog(&self) -> Result<Catalog, Problem> {
        Ok(Catalog::read(&self.config, &self.app.store).await?)
    }

    /// How long a public answer about that feed may be kept.
    async fn caching(&self, feed: &FeedId) -> Result<Caching, Problem> {
        let app = &self.app;
        Ok(Caching::Public(app.freshness.max_age(&self.config, &app.store, feed, self.now).await?))
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

const STYLE: &str = include_str!("templates/style.css");

const ROBOTS: &str = "User-agent: *\nDisallow: /status.html\nDisallow: /status.json\n";
