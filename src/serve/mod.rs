//! Pages and feeds over HTTP. The only place that knows axum. Links come from `[site] url`, never from a request;
//! a request that panics is a 500 and nothing more.

mod access;
mod account;
mod assets;
mod callback;
mod catalog;
mod changes;
mod client;
mod conditional;
mod delta;
mod document;
mod feeds;
mod freshness;
mod guise;
#[cfg(test)]
pub(crate) mod hand;
mod health;
mod hub;
mod inside;
mod limit;
mod line;
mod links;
mod listen;
mod metrics;
mod negotiate;
mod pages;
mod problem;
mod route;
mod status;
mod threads;

pub use inside::{Inventory, PublicFeed};
pub use listen::serve;
pub use status::{Asked, Audience, SourceStatus, Status, Trouble, discreet, title};

use self::{
    access::Credentials,
    account::{Account, Ids},
    catalog::{Catalog, Catalogs},
    document::{Caching, Document, Problem},
    freshness::Freshness,
    limit::{Doors, Requests},
    route::Route,
};
use crate::{
    config::Config,
    metrics::Kind,
    model::{Clock, FeedId, FeedPart, Slug, Time},
    publish::{Key, Publisher, Sources},
    refresh::Tools,
    reload::Reloads,
    store::Store,
    vitals::surviving,
    websub::{Desk, Hub},
    words::Words,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, Uri, request::Parts},
    response::Response,
};
use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use tracing::Instrument;

/// What answers are made from.
pub struct App {
    config: watch::Receiver<Arc<Config>>,
    reloads: Reloads,
    store: Store,
    publisher: Publisher,
    clock: Clock,
    websub: Desk,
    hub: Hub,
    tools: Tools,
    freshness: Freshness,
    catalogs: Catalogs,
    requests: Requests,
    doors: Arc<Doors>,
    ids: Ids,
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
        let Tools { store, clock, .. } = tools.clone();
        let doors = Arc::new(Doors::new(config.borrow().server.connections));
        let ids = Ids::since(tools.vitals.started);
        Arc::new(App {
            config,
            reloads,
            store,
            publisher,
            clock,
            websub,
            hub,
            tools,
            freshness: Freshness::default(),
            catalogs: Catalogs::default(),
            requests: Requests::default(),
            doors,
            ids,
        })
    }
}

/// Every request comes in here, from the peer at that address.
async fn answer(app: Arc<App>, peer: IpAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let account = Account::open(&app.ids, peer, &app.config.borrow().server.trusted_proxies, &parts);
    let mut visit = Visit::new(app, parts);
    let response = match visit.admitted(peer).map(|()| visit.at_hand()) {
        Err(wait) => visit.refuse(wait),
        Ok(Some(response)) => response,
        Ok(None) => {
            let span = account.span(visit.kind());
            // Boxed: it has room for every kind of answer, and the connection moves it several times.
            Box::pin(visit.attend(body)).instrument(span).await
        }
    };
    account.close(&visit, response)
}

/// One request, with the one configuration and the one moment it is answered by.
pub(in crate::serve) struct Visit {
    app: Arc<App>,
    config: Arc<Config>,
    words: &'static Words,
    method: Method,
    uri: Uri,
    route: Option<Route>,
    headers: HeaderMap,
    credentials: Credentials,
    now: Time,
}

impl Visit {
    fn new(app: Arc<App>, parts: Parts) -> Visit {
        let config = app.config.borrow().clone();
        Visit {
            words: Words::of(&config.site.language),
            route: Route::parse(parts.uri.path(), config.site.url.path().trim_end_matches('/')),
            credentials: Credentials::of(parts.uri.query(), &parts.headers),
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            now: app.clock.now(),
            config,
            app,
        }
    }

    fn refuse(&self, wait: Duration) -> Response {
        self.app.doors.requests.refused();
        document::guard(problem::too_many(wait))
    }

    /// The answer, if it is a feed that is remembered; most are. A fault shows again where it is dealt with.
    fn at_hand(&self) -> Option<Response> {
        let Some(Route::Feed(feed, part, format)) = self.route.as_ref().filter(|_| problem::reads(&self.method)) else {
            return None;
        };
        let key = Key { feed: feed.clone(), part: part.clone(), format: *format };
        let response = catch_unwind(AssertUnwindSafe(|| feeds::at_hand(self, &key))).ok()??;
        (self.is_current() && !self.is_long()).then(|| document::guard(response))
    }

    /// What must be read, made or refused first.
    async fn attend(&mut self, body: Body) -> Response {
        let response = self.respond(body).await;
        if self.is_current() || !problem::reads(&self.method) {
            return response;
        }
        // feeds.toml changed meanwhile, and the store with it: what was made of the old one and the new may show what neither would.
        self.config = self.app.config.borrow().clone();
        self.words = Words::of(&self.config.site.language);
        self.route = Route::parse(self.uri.path(), self.config.site.url.path().trim_end_matches('/'));
        self.respond(Body::empty()).await
    }

    /// How long to wait, where the client has asked for more than its part.
    fn admitted(&self, peer: IpAddr) -> Result<(), Duration> {
        let server = &self.config.server;
        match client::of(peer, &self.headers, &server.trusted_proxies) {
            Some(client) => self.app.requests.admit(client, self.app.clock.moment(), server.requests, server.burst),
            None => Ok(()),
        }
    }

    fn is_long(&self) -> bool {
        self.uri.path_and_query().is_some_and(|address| address.as_str().len() > LONGEST_ADDRESS)
    }

    /// What is asked for, for the numbers.
    fn kind(&self) -> Kind {
        self.route.as_ref().map_or(Kind::Nothing, Route::kind)
    }

    async fn respond(&self, body: Body) -> Response {
        let response = surviving(self.answer(body)).await.unwrap_or(Err(Problem::Fault));
        document::guard(response.unwrap_or_else(|problem| problem.answer(self)))
    }

    /// The configuration it is answered by is still the one in force.
    fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.config, &self.app.config.borrow())
    }

    async fn answer(&self, body: Body) -> Result<Response, Problem> {
        let route = self.route.clone();
        if self.is_long() {
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
            Route::StatusFeed => status::atom(self).await,
            Route::Robots => self.send(assets::robots()).await,
            Route::Style => self.send(assets::style(&self.config)).await,
            Route::Script => self.send(assets::script()).await,
            Route::Icon => self.send(assets::icon()).await,
            Route::Metrics => metrics::metrics(self).await,
            Route::Live => Ok(health::live()),
            Route::Ready => Ok(health::ready(self).await),
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
}

/// Longest path with its query that is looked at; none of ours is nearly as long.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// What is done with all that is published.
const READING: &str = "GET, HEAD, OPTIONS";
