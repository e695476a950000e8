//! How each source is doing, for people and programs (contract: status.json). It is about this moment and kept by
//! nobody; it shows no secret address and no private category.

use super::{
    Visit,
    catalog::Catalog,
    document::{Caching, Document, Guise, Problem},
    pages,
};
use crate::{
    bounds::Bound,
    config::Config,
    model::{FeedId, GuidTrust, Health, Slug, Source, SourceKind, SourceState, Time},
    poll::{health, moves, pace::Paces, schedule::LONGEST_WISH},
    reload::{ConfigStatus, Reloads},
    store::{Counts, Gauges, Opened, Store, StoreError},
    websub::{Followers, HubStatus, Standing, Subscriptions, next_poll, own_hub},
};
use axum::response::Response;
use serde::Serialize;
use std::collections::HashMap;

/// All of it.
#[derive(Serialize)]
pub struct Status {
    /// Of syndic.
    pub version: &'static str,
    /// Of the site.
    pub title: String,
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
    /// Our own WebSub hub, and those elsewhere that are told what changes.
    pub hub: HubStatus,
    /// How full everything is that is bounded, and who had to wait for it.
    pub bounds: Vec<Bound>,
    /// In the order of feeds.toml.
    pub sources: Vec<SourceStatus>,
}

/// One source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceStatus {
    /// Its id.
    pub id: Slug,
    /// Its shown name.
    pub title: String,
    /// In one word.
    pub state: Health,
    /// How the last poll failed.
    pub error: Option<Trouble>,
    /// When it last answered usefully.
    pub last_success: Option<Time>,
    /// When it was last asked.
    pub last_attempt: Option<Time>,
    /// When it is asked next.
    pub next_poll: Option<Time>,
    /// Why then.
    pub next_reason: String,
    /// Failures in a row.
    pub failures: u32,
    /// Entries stored.
    pub entries: u64,
    /// Public categories it feeds.
    pub categories: Vec<Slug>,
    /// What had to be repaired in its last document.
    pub notes: Vec<String>,
    /// What identifies its entries: worse than `guid` when its ids were found to name nothing.
    pub identified_by: GuidTrust,
    /// Its address, if it may be shown.
    pub feed_url: Option<String>,
    /// How things stand with its hub, where there is a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websub: Option<Standing>,
}

/// A failure.
#[derive(Clone, Debug, Serialize)]
pub struct Trouble {
    /// Its kind.
    pub kind: &'static str,
    /// In words.
    pub message: String,
}

/// `/status.json`
pub async fn json(visit: &Visit) -> Result<Response, Problem> {
    let status = read(visit).await;
    let bytes = serde_json::to_vec_pretty(&status).map_err(anyhow::Error::from)?;
    visit.send(Document::file(bytes, "application/json; charset=utf-8", Caching::Never)).await
}

/// `/status.html`
pub async fn page(visit: &Visit) -> Result<Response, Problem> {
    let html = pages::status(visit, &read(visit).await)?;
    visit.send(Document::page(html, Guise::Listing, Caching::Never)).await
}

async fn read(visit: &Visit) -> Status {
    let app = &visit.app;
    let (websub, bounds) = ((&app.subscriptions, &app.followers), app.websub.bounds());
    Status::read((&visit.config, &app.reloads), &app.store, websub, bounds, visit.now, Audience::Public).await
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever asks over HTTP: nothing of sources that feed private categories only.
    Public,
    /// The operator.
    Operator,
}

impl Status {
    /// How things stand at `now`. What cannot be read is left out, and `trouble` says why: this is where one looks then.
    pub async fn read(
        (config, reloads): (&Config, &Reloads),
        store: &Store,
        (subscriptions, followers): (&Subscriptions, &Followers),
        bounds: Vec<Bound>,
        now: Time,
        audience: Audience,
    ) -> Status {
        let mut unread = Unread::default();
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
            let told = describe(source, state.as_ref(), standing, entries, categories, now);
            let elsewhere = state.as_ref().and_then(|state| moves::elsewhere(source, state));
            let url = elsewhere.as_ref().or(source.url()).filter(|url| paces.of_url(&config.fetch, url).is_some());
            let hold = url.and_then(|url| holds.get(paces.name(url).as_ref()));
            sources.push(match hold {
                Some(until) => told.left_alone(*until),
                None => told,
            });
        }
        let (counts, files) = (unread.or_none(store.counts().await), unread.or_none(store.gauges().await));
        Status {
            version: env!("CARGO_PKG_VERSION"),
            title: config.site.title.clone(),
            config: if audience == Audience::Operator { reloads.status() } else { reloads.public() },
            store: counts,
            files,
            trouble: store.trouble().or(unread.0),
            opened: store.opened().clone(),
            hub: followers.standing(own_hub(config), audience == Audience::Operator),
            bounds,
            sources,
        }
    }
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

impl SourceStatus {
    /// Its host asked somebody to slow down, so that it is not asked either.
    fn left_alone(self, until: Time) -> SourceStatus {
        if matches!(self.state, Health::Disabled | Health::Parked) || self.next_poll.is_some_and(|next| next >= until) {
            return self;
        }
        let next_reason = "its host asked to be left alone".to_owned();
        SourceStatus { state: Health::Held, next_poll: Some(until), next_reason, ..self }
    }
}

fn describe(
    source: &Source,
    state: Option<&SourceState>,
    standing: Option<Standing>,
    entries: u64,
    categories: Vec<Slug>,
    now: Time,
) -> SourceStatus {
    let unknown = SourceState::default();
    let known = state.unwrap_or(&unknown);
    let error = known.error.as_ref().map(|failure| Trouble {
        kind: failure.kind.name(),
        message: discreet(source, &failure.message).unwrap_or_else(|| failure.kind.name().to_owned()),
    });
    let covered = standing.as_ref().is_some_and(|standing| standing.covered);
    let next_poll = next_poll(source, known.next_poll, known.last_attempt, covered);
    let reason = match &standing {
        Some(standing) if next_poll != known.next_poll => standing.words(),
        _ => known.next_reason.clone(),
    };
    SourceStatus {
        id: source.id.clone(),
        title: title(source, state),
        state: health(source, state, now),
        error,
        last_success: known.last_success,
        last_attempt: known.last_attempt,
        next_poll,
        next_reason: discreet(source, &reason).unwrap_or_default(),
        failures: known.failures,
        entries,
        categories,
        notes: known.notes.iter().filter_map(|note| discreet(source, note)).chain(moves::note(source, known)).collect(),
        identified_by: known.guid_trust,
        feed_url: source.url().filter(|_| source.publish_url).map(ToString::to_string),
        websub: standing.filter(|_| source.publish_url),
    }
}

/// The operator's title, else the document's own, else the id.
pub fn title(source: &Source, state: Option<&SourceState>) -> String {
    let own =
        || state.and_then(|state| state.feed.as_ref()).and_then(|feed| feed.title.as_ref()).map(pages::plain_text);
    let title = source.title.clone().or_else(own).filter(|title| !title.trim().is_empty());
    title.unwrap_or_else(|| source.id.to_string())
}

/// The text, unless it names the host or path of an address that must not be shown.
pub fn discreet(source: &Source, text: &str) -> Option<String> {
    let tells = match &source.kind {
        SourceKind::Feed(url) => {
            let path = url.path().trim_matches('/');
            url.host_str().is_some_and(|host| text.contains(host)) || (!path.is_empty() && text.contains(path))
        }
        SourceKind::Folder(path) | SourceKind::File(path) => text.contains(&path.display().to_string()),
    };
    (source.publish_url || !tells).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Failure, FailureKind},
        serve::hand::source,
    };
    use std::sync::Arc;

    fn now() -> Time {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn failing() -> SourceState {
        SourceState {
            last_attempt: Some(now()),
            next_poll: Some(now() + chrono::TimeDelta::hours(1)),
            error: Some(Failure::new(FailureKind::Dns, "a.example does not resolve")),
            next_reason: "retry".into(),
            notes: vec!["redirected to https://a.example/x".into(), "2 bare ampersands".into()],
            ..SourceState::default()
        }
    }

    #[test]
    fn a_failure_is_told_by_kind_and_message() {
        let told = describe(&source("a", &[]), Some(&failing()), None, 3, vec![], now());
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!((json["state"].as_str(), json["entries"].as_u64()), (Some("failing"), Some(3)));
        assert_eq!(json["error"]["kind"], "dns");
        assert_eq!(json["error"]["message"], "a.example does not resolve");
        assert_eq!(json["feed_url"], "https://a.example/feed");
    }

    #[test]
    fn a_secret_address_is_told_nowhere() {
        let mut secret = source("a", &[]);
        Arc::make_mut(&mut secret).publish_url = false;
        let told = describe(&secret, Some(&failing()), None, 3, vec![], now());
        let json = serde_json::to_string(&told).unwrap();
        assert!(!json.contains("a.example"), "{json}");
        assert!(json.contains("2 bare ampersands") && json.contains("\"kind\":\"dns\""), "{json}");
    }

    #[test]
    fn a_source_never_asked_is_new_and_one_without_a_title_has_its_id() {
        let told = describe(&source("a", &[]), None, None, 0, vec![], now());
        assert_eq!((told.state, told.title.as_str()), (Health::New, "a"));
    }

    #[test]
    fn a_host_that_is_left_alone_shows_at_its_sources() {
        let until = now() + chrono::TimeDelta::hours(3);
        let told = || describe(&source("a", &[]), Some(&failing()), None, 3, vec![], now());
        let held = told().left_alone(until);
        assert_eq!((held.state, held.next_poll), (Health::Held, Some(until)));
        assert_eq!(held.next_reason, "its host asked to be left alone");
        let later = SourceStatus { next_poll: Some(until), ..told() }.left_alone(now());
        assert_eq!(
            (later.state, later.next_reason.as_str()),
            (Health::Failing, "retry"),
            "it is not due before anyway"
        );
    }
}
