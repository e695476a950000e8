//! A source: what it was asked and what it answered, when it is asked next and why, and what its last document came to.

use super::{Document, Teller, print};
use crate::{
    model::{Came, Health, Request, Source, SourceId, SourceState, Time},
    serve::{SourceStatus, discreet},
    store::StoreError,
};
use serde::Serialize;
use std::sync::Arc;

/// A source.
#[derive(Debug, Serialize)]
pub struct SourceStory {
    /// Its id.
    pub id: SourceId,
    /// It is in feeds.toml. What is told of one that is not is how its requests ended.
    pub in_feeds_toml: bool,
    /// How things stand, as `status --json` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SourceStatus>,
    /// Why it is asked when it is, sentence by sentence.
    pub why: Vec<String>,
    /// The last requests, the latest first.
    pub requests: Vec<Asked>,
    /// Its last documents.
    pub documents: Vec<Document>,
    /// What the operator can do.
    pub to_do: Vec<String>,
}

/// A request, or several that were answered alike.
#[derive(Debug, Serialize)]
pub struct Asked {
    /// When the last of them was answered.
    pub at: Time,
    /// When the first was.
    pub first: Time,
    /// How many.
    pub times: u32,
    /// What came: `document`, `not-modified`, `same-bytes`, `pushed`, or the kind of the failure.
    pub came: String,
    /// HTTP status; 0 without an answer.
    pub status: u16,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Bytes of the document.
    pub bytes: u64,
    /// Milliseconds until the answer had come.
    pub took_ms: u64,
    /// Where it was permanently redirected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// When the next one was planned then.
    pub next: Option<Time>,
    /// Why then.
    pub why: String,
}

impl Asked {
    /// Without what must not be shown of the source; of one that is unknown nothing but numbers is.
    fn of(request: Request, source: Option<&Source>) -> Asked {
        let said = |text: &str| source.and_then(|source| discreet(source, text)).filter(|text| !text.is_empty());
        let came = match request.came {
            Came::Failed(kind) => kind.name().to_owned(),
            Came::Document => "document".to_owned(),
            Came::NotModified => "not-modified".to_owned(),
            Came::SameBytes => "same-bytes".to_owned(),
            Came::Pushed => "pushed".to_owned(),
        };
        let shows = source.is_some_and(|source| source.publish_url);
        Asked {
            at: request.at,
            first: request.first,
            times: request.times,
            came,
            status: request.status,
            message: said(&request.message),
            bytes: request.bytes,
            took_ms: request.took,
            moved_to: request.moved_to.filter(|_| shows),
            next: request.next,
            why: said(&request.why).unwrap_or_default(),
        }
    }
}

impl Teller<'_> {
    /// The story of a source of feeds.toml.
    pub(super) async fn source(&self, source: &Arc<Source>) -> Result<SourceStory, StoreError> {
        let state = self.store.state(&source.id).await?.at_address(source.address());
        let requests = state.requests.latest();
        let documents = self.documents(source, &requests).await?;
        let status = self.status_of(&source.id).cloned();
        let standing = Standing {
            source,
            state: &state,
            health: status.as_ref().map_or(Health::New, |status| status.state),
            next: status.as_ref().and_then(|status| Some((status.next_poll?, status.next_reason.as_str()))),
            error: status
                .as_ref()
                .and_then(|status| status.error.as_ref())
                .map(|it| format!("{}: {}", it.kind, it.message)),
            now: self.now,
            polling: self.polling,
        };
        let (why, mut to_do) = (standing.why(), standing.to_do());
        to_do.extend(standing.about(&documents));
        let requests = requests.into_iter().map(|request| Asked::of(request, Some(source))).collect();
        Ok(SourceStory { id: source.id.clone(), in_feeds_toml: true, status, why, requests, documents, to_do })
    }

    /// The story of one that was taken out of feeds.toml; `None` if nothing is known of it.
    pub(super) async fn removed(&self, what: &str) -> Result<Option<SourceStory>, StoreError> {
        let Some(id) = SourceId::parse(what) else { return Ok(None) };
        let state = self.store.state(&id).await?;
        if state.last_attempt.is_none() {
            return Ok(None);
        }
        let what_stays = "what it brought is kept, hidden or dropped as `[store] removed` says";
        Ok(Some(SourceStory {
            in_feeds_toml: false,
            status: None,
            why: vec![format!("it is not in feeds.toml any more, so that it is not asked: {what_stays}")],
            requests: state.requests.latest().into_iter().map(|request| Asked::of(request, None)).collect(),
            documents: Vec::new(),
            to_do: vec!["put its [[source]] back into feeds.toml to have it asked again".to_owned()],
            id,
        }))
    }
}

/// What a source's next request depends on.
struct Standing<'a> {
    source: &'a Source,
    state: &'a SourceState,
    health: Health,
    /// When it is asked next, and why.
    next: Option<(Time, &'a str)>,
    error: Option<String>,
    now: Time,
    polling: bool,
}

impl Standing<'_> {
    fn why(&self) -> Vec<String> {
        let mut why = match self.health {
            Health::Disabled => {
                vec!["`enabled = false` in feeds.toml: it is not asked; what it brought stays published".to_owned()]
            }
            Health::New => vec!["it was never asked".to_owned()],
            Health::Parked => vec![self.parked()],
            Health::Held => vec![self.held()],
            Health::Failing => vec![self.failing(), self.due()],
            Health::Ok => vec![self.due()],
        };
        if !self.polling && !matches!(self.health, Health::Disabled | Health::Parked) {
            why.push("no daemon runs on this data folder: nobody asks it until one does, or `syndic poll`".to_owned());
        }
        why
    }

    fn due(&self) -> String {
        let Some((at, reason)) = self.next else { return "when it is asked next is not known yet".to_owned() };
        let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        match at > self.now {
            true => {
                format!("not due yet: it is asked {} ({}){because}", print::from_now(at, self.now), print::time(at))
            }
            false => format!("due since {}: it is asked as soon as it is its host's turn", print::time(at)),
        }
    }

    fn held(&self) -> String {
        let until = self.next.map(|(at, _)| at).or(self.state.hold_until);
        let until = until.map_or_else(String::new, |at| format!(" until {}", print::time(at)));
        let own = self.state.hold_until.is_some_and(|hold| hold > self.now);
        match (own, self.state.error.as_ref().map(|error| error.answer.status)) {
            (true, Some(429)) => {
                format!("it was answered 429 (too many requests): it and its host are left alone{until}")
            }
            (true, Some(status)) if status > 0 => format!("it was answered {status}: it is left alone{until}"),
            (true, _) => format!("its publisher asked to be left alone{until}"),
            (false, _) => format!("another source of its host was answered 429: the whole host is left alone{until}"),
        }
    }

    fn parked(&self) -> String {
        let since = self.state.gone.map(|(since, times)| format!(" {times} times since {}", print::time(since)));
        format!("parked: it answered 410 (gone){}, and is asked no more", since.unwrap_or_default())
    }

    fn failing(&self) -> String {
        let what = self.error.as_deref().unwrap_or_default();
        let times = self.state.failures;
        let since = self.state.last_success.map(|at| format!("; its last good answer was at {}", print::time(at)));
        format!("it failed {times} times in a row ({what}){}", since.unwrap_or_default())
    }

    fn to_do(&self) -> Vec<String> {
        let id = &self.source.id;
        let ask = format!("syndic poll --source {id}: asks it now");
        match self.health {
            Health::Disabled => vec![format!("syndic enable {id}: has it asked again")],
            Health::Parked => vec![
                "give it its new address in feeds.toml, or take it out: `syndic remove`".to_owned(),
                format!("{ask}, and puts it back into line if it answers"),
            ],
            Health::Held => vec![format!(
                "wait; syndic poll --source {id} --force asks it all the same, against the publisher's wish"
            )],
            Health::Failing => {
                vec![format!("{ask}; what its kind of failure means is in docs/operating.md (When a source fails)")]
            }
            Health::New | Health::Ok => vec![ask],
        }
    }

    /// What can be done about what its documents hold.
    fn about(&self, documents: &[Document]) -> Option<String> {
        let code = documents.iter().flat_map(|document| &document.remarks).next().map(|remark| &remark.code)?;
        Some(format!("syndic explain {code}: the whole story of one entry"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, Failure, FailureKind};

    fn at(minute: i64) -> Time {
        Time::from_timestamp(1_650_000_000 + minute * 60, 0).unwrap()
    }

    fn why(state: &SourceState, health: Health, next: Option<i64>) -> String {
        let source = crate::serve::hand::source("rail", &[]);
        let next = next.map(|minute| (at(minute), "its usual pace"));
        let error = (health == Health::Failing).then(|| "dns: a.example is not known".to_owned());
        Standing { source: &source, state, health, next, error, now: at(0), polling: true }.why().join("; ")
    }

    #[test]
    fn each_way_of_not_being_asked_is_told_apart() {
        let held = |status| {
            let answer = Answer { status, ..Answer::default() };
            let error = Some(Failure { answer, ..Failure::new(FailureKind::Held, "slow down") });
            SourceState { hold_until: Some(at(9)), error, ..SourceState::default() }
        };
        let nothing = SourceState::default();
        assert!(why(&nothing, Health::Ok, Some(42)).contains("in 42 min"));
        assert!(why(&nothing, Health::Ok, Some(42)).contains("its usual pace"));
        assert!(why(&nothing, Health::Ok, Some(-1)).contains("due since"));
        assert!(why(&held(429), Health::Held, Some(9)).contains("answered 429"));
        assert!(why(&held(503), Health::Held, Some(9)).contains("answered 503"));
        assert!(why(&nothing, Health::Held, Some(9)).contains("another source of its host"));
        assert!(why(&nothing, Health::Failing, Some(9)).contains("dns: a.example is not known"));
        assert!(why(&nothing, Health::Disabled, None).contains("enabled = false"));
        assert!(why(&nothing, Health::New, None).contains("never asked"));
        let gone = SourceState { gone: Some((at(-9), 3)), ..SourceState::default() };
        assert!(why(&gone, Health::Parked, None).contains("410 (gone) 3 times since"));
    }

    #[test]
    fn of_a_secret_source_no_message_and_no_address_is_told() {
        let mut source = crate::serve::hand::source("rail", &[]);
        let failure = Failure::new(FailureKind::Dns, "a.example/feed is not known");
        let moved = Answer { moved_to: Some("https://b.example/secret".into()), ..Answer::default() };
        let told = |source: Option<&Source>| {
            let failed = Asked::of(Request::failed(&failure, at(0), at(0)), source);
            let moved = Asked::of(Request::answered(Came::Document, &moved, at(0), at(0)), source);
            format!("{failed:?} {moved:?}")
        };
        assert!(told(Some(&source)).contains("a.example") && told(Some(&source)).contains("b.example"));
        Arc::make_mut(&mut source).publish_url = false;
        for told in [told(Some(&source)), told(None)] {
            assert!(!told.contains(".example") && told.contains("dns"), "{told}");
        }
    }
}
