//! How things stand, for people and programs (contract: status.json). It is about this moment and kept by nobody; it shows no secret
//! address, and to who has no token nothing of private categories.

mod atom;
mod source;

pub use self::{
    atom::atom,
    source::{SourceStatus, Trouble, discreet, title},
};

use super::{
    App, Visit,
    catalog::Catalog,
    document::{Caching, Document, Guise, Problem},
    pages,
};
use crate::{
    alarms::{self, Alarm},
    bounds::Bound,
    config::Config,
    model::{FeedId, Time},
    poll::{IDLE, Poller, moves, pace::Paces, schedule::LONGEST_WISH},
    refresh::Tools,
    reload::{ConfigStatus, Reloads},
    store::{Counts, Gauges, Opened, StoreError},
    supervisor,
    vitals::PanicsSeen,
    websub::{HubStatus, Standing, own_hub},
};
use axum::response::Response;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often it is looked which alarms are on.
const LOOK: Duration = Duration::from_secs(30);

/// All of it.
#[derive(Default, Serialize)]
pub struct Status {
    /// Of syndic.
    pub version: &'static str,
    /// Of the site.
    pub title: String,
    /// Since when this process runs.
    pub started: Option<Time>,
    /// What is the matter, the worst first.
    pub alarms: Vec<Alarm>,
    /// Whether feeds.toml is in force as it stands.
    pub config: ConfigStatus,
    /// What is stored.
    pub store: Counts,
    /// What its files are made of.
    pub files: Gauges,
    /// Why it cannot be written at present; what is stored is served all the same, and it recovers by itself.
    pub trouble: Option<String>,
    /// What opening the store found and did.
    pub opened: Opened,
    /// Seconds for which nobody has looked which source is due.
    pub poller_still: Option<u64>,
    /// Faults of syndic itself since the start.
    pub panics: PanicsSeen,
    /// Our own WebSub hub, and those elsewhere that are told what changes.
    pub hub: HubStatus,
    /// How full everything is that is bounded, and who had to wait for it.
    pub bounds: Vec<Bound>,
    /// In the order of feeds.toml.
    pub sources: Vec<SourceStatus>,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever asks over HTTP: nothing of sources that feed private categories only.
    Public,
    /// The operator.
    Operator,
}

/// What it is read from.
pub struct Asked<'a> {
    /// The configuration in force.
    pub config: &'a Config,
    /// What came of feeds.toml.
    pub reloads: &'a Reloads,
    /// Store, clock, what hubs promised and followers want.
    pub tools: &'a Tools,
    /// Who polls.
    pub poller: &'a Poller,
    /// All that is bounded.
    pub bounds: Vec<Bound>,
}

/// `/status.json`
pub async fn json(visit: &Visit) -> Result<Response, Problem> {
    let status = visit.status().await;
    let bytes = serde_json::to_vec_pretty(&status).map_err(anyhow::Error::from)?;
    visit.send(Document::file(bytes, "application/json; charset=utf-8", visit.momentary())).await
}

/// `/status.html`
pub async fn page(visit: &Visit) -> Result<Response, Problem> {
    let html = pages::status(visit, &visit.status().await)?;
    visit.send(Document::page(html, Guise::Listing, visit.momentary())).await
}

impl Visit {
    /// Who asks: the operator brings the token.
    pub(in crate::serve) fn audience(&self) -> Audience {
        let token = self.config.server.status_token.as_ref();
        match token.is_some_and(|token| self.credentials.open(token.reveal())) {
            true => Audience::Operator,
            false => Audience::Public,
        }
    }

    /// As this visitor may see it.
    pub(in crate::serve) async fn status(&self) -> Status {
        self.app.status(&self.config, self.audience(), self.now).await
    }

    /// Kept by nobody; what the token opens is read by no other site's script either.
    pub(in crate::serve) fn momentary(&self) -> Caching {
        match self.audience() {
            Audience::Public => Caching::Never,
            Audience::Operator => Caching::Private,
        }
    }
}

impl App {
    pub(in crate::serve) async fn status(&self, config: &Config, audience: Audience, now: Time) -> Status {
        let (reloads, tools, poller) = (&self.reloads, &self.tools, self.websub.poller());
        let bounds = self.websub.bounds().into_iter().chain(self.doors.bounds()).collect();
        let asked = Asked { config, reloads, tools, poller, bounds };
        let status = Status::read(asked, now, audience).await;
        if audience == Audience::Operator {
            self.tools.vitals.alarms.note(&status.alarms, now);
        }
        Status { alarms: self.tools.vitals.alarms.dated(status.alarms), ..status }
    }

    /// Whether the poller and the store work, as far as we know: else a new start may help. A store that cannot write is none of that:
    /// it serves, and recovers by itself.
    pub async fn is_alive(&self) -> bool {
        self.websub.poller().still() <= IDLE && self.store.counts().await.is_ok()
    }

    /// Notes which alarms begin and end, until told to stop.
    pub async fn watch(self: Arc<App>, stop: CancellationToken) {
        loop {
            let config = self.config.borrow().clone();
            let status = self.status(&config, Audience::Operator, self.clock.now()).await;
            supervisor::status(&status.line());
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    }
}

impl Status {
    /// In a line.
    fn line(&self) -> String {
        let (sources, entries) = (self.sources.len(), self.store.entries);
        match self.alarms.as_slice() {
            [] => format!("{sources} sources, {entries} entries, no alarm"),
            [first, ..] => format!("{sources} sources, {} alarms, the first: {}", self.alarms.len(), first.message),
        }
    }

    /// How things stand at `now`. What cannot be read is left out, and `trouble` says why: this is where one looks then.
    pub async fn read(asked: Asked<'_>, now: Time, audience: Audience) -> Status {
        let Asked { config, reloads, tools, poller, bounds } = asked;
        let Tools { store, vitals, followers, .. } = tools;
        let (mut unread, is_operator) = (Unread::default(), audience == Audience::Operator);
        let sources = sources(config, tools, &mut unread, now, audience).await;
        let (counts, files) = (unread.or_none(store.counts().await), unread.or_none(store.gauges().await));
        let panics = vitals.panics.seen();
        let status = Status {
            version: env!("CARGO_PKG_VERSION"),
            title: config.site.title.clone(),
            started: Some(vitals.started),
            alarms: Vec::new(),
            config: if is_operator { reloads.status() } else { reloads.public() },
            store: counts,
            files,
            trouble: store.trouble().or(unread.0),
            opened: store.opened().clone(),
            poller_still: Some(poller.still().as_secs()),
            panics: if is_operator { panics } else { PanicsSeen { last: None, ..panics } },
            hub: followers.standing(own_hub(config), is_operator),
            bounds,
            sources,
        };
        Status { alarms: alarms::alarms(&status, now), ..status }
    }
}

async fn sources(
    config: &Config,
    tools: &Tools,
    unread: &mut Unread,
    now: Time,
    audience: Audience,
) -> Vec<SourceStatus> {
    let Tools { store, subscriptions, .. } = tools;
    let brought = unread.or_none(store.categories().await);
    let (catalog, mut states) = (Catalog::new(config, &brought), unread.or_none(store.states().await));
    let (paces, holds) = (Paces::of(config), unread.or_none(store.holds(now, now + LONGEST_WISH).await));
    let holds: HashMap<String, Time> = holds.into_iter().collect();
    let mut sources = Vec::with_capacity(config.sources.len());
    for source in config.sources.iter().filter(|source| audience == Audience::Operator || catalog.names(source)) {
        let entries = unread.or_none(store.count(&FeedId::Source(source.id.clone())).await);
        let categories = catalog.public_of(source).map(|category| category.slug.clone()).collect();
        let standing = subscriptions.standing(&source.id, now).map(|standing| match audience {
            Audience::Operator => standing,
            // A hub's own words are for the operator.
            Audience::Public => Standing { trouble: None, ..standing },
        });
        let state = states.remove(&source.id).map(|state| state.at_address(source.address()));
        let told = source::describe(source, state.as_ref(), standing, entries, categories, now);
        let elsewhere = state.as_ref().and_then(|state| moves::elsewhere(source, state));
        let url = elsewhere.as_ref().or(source.url()).filter(|url| paces.of_url(&config.fetch, url).is_some());
        let hold = url.and_then(|url| holds.get(paces.name(url).as_ref()));
        sources.push(match hold {
            Some(until) => told.left_alone(*until),
            None => told,
        });
    }
    sources
}

/// Why the store could not be read, the first time.
#[derive(Default)]
struct Unread(Option<String>);

impl Unread {
    fn or_none<T: Default>(&mut self, read: Result<T, StoreError>) -> T {
        read.unwrap_or_else(|error| {
            self.0.get_or_insert_with(|| error.to_string());
            T::default()
        })
    }
}
