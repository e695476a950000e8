//! One source of the status: what is remembered of it, in words. No address that is secret.

use crate::{
    model::{GuidTrust, Health, Slug, Source, SourceKind, SourceState, Time},
    poll::{health, moves},
    serve::pages,
    websub::{Standing, next_poll},
};
use serde::Serialize;

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
    /// Seconds from the last poll to the next one.
    pub interval: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// When its address first said that it is gone for good, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<Time>,
    /// Entries stored.
    pub entries: u64,
    /// Date of the newest of them.
    pub newest: Option<Time>,
    /// New entries that came all at once, and are held back.
    pub quarantined: usize,
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

impl SourceStatus {
    /// As a test makes one: without hub and entries.
    #[cfg(test)]
    pub(crate) fn of(source: &Source, state: Option<&SourceState>, now: Time) -> SourceStatus {
        describe(source, state, None, 0, Vec::new(), now)
    }

    /// Its host asked somebody to slow down, so that it is not asked either.
    pub(super) fn left_alone(self, until: Time) -> SourceStatus {
        if matches!(self.state, Health::Disabled | Health::Parked) || self.next_poll.is_some_and(|next| next >= until) {
            return self;
        }
        let next_reason = "its host asked to be left alone".to_owned();
        SourceStatus { state: Health::Held, next_poll: Some(until), next_reason, ..self }
    }
}

pub(super) fn describe(
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
        interval: next_poll.zip(known.last_attempt).map(|(next, last)| (next - last).num_seconds().max(0)),
        failures: known.failures,
        failing_since: known.failing_since,
        gone_since: known.gone.map(|(since, _)| since),
        entries,
        newest: known.recent.first().copied(),
        quarantined: known.quarantine.len(),
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
