//! Permanent redirects: when the new address is asked first, and when no more. Pure. feeds.toml is never rewritten: what is
//! remembered here is said in the status, and forgotten when the old address says something else.

use crate::model::{Adopted, Answer, Failure, FailureKind, Source, SourceState, Time, Validators};
use chrono::TimeDelta;
use url::Url;

/// A permanent redirect is believed after so many days of the same answer; so often is the old address asked again.
const BELIEVED_AFTER: TimeDelta = TimeDelta::days(7);

/// Where a source is asked; `None`: where feeds.toml says.
pub fn elsewhere(source: &Source, state: &SourceState) -> Option<Url> {
    let adopted = state.adopted.as_ref().filter(|adopted| !adopted.ask_old && may_go(source, adopted))?;
    Url::parse(&adopted.to).ok()
}

/// The state without a move that may not be followed any more, because feeds.toml names credentials since; nor what the new
/// address answered.
pub fn permitted(source: &Source, state: SourceState) -> SourceState {
    match &state.adopted {
        Some(adopted) if !may_go(source, adopted) => {
            SourceState { adopted: None, validators: Validators::default(), answer: Answer::default(), ..state }
        }
        _ => state,
    }
}

/// After a usable answer: what it says of where the source is now. `state` is as the poll found it.
pub fn answered(source: &Source, state: SourceState, answer: &Answer, now: Time) -> SourceState {
    let asked_old = elsewhere(source, &state).is_none();
    let adopted = match state.adopted {
        Some(adopted) if asked_old && answer.moved_to.as_ref() != Some(&adopted.to) => None,
        Some(adopted) => {
            Some(Adopted { checked: if asked_old { now } else { adopted.checked }, ask_old: false, ..adopted })
        }
        None => None,
    };
    let moved = match (&answer.moved_to, state.moved) {
        (Some(to), _) if adopted.as_ref().is_some_and(|adopted| adopted.to == *to) => None,
        (Some(to), Some((same, since))) if *to == same => Some((same, since.min(now))),
        (Some(to), _) => Some((to.clone(), now)),
        (None, _) => None,
    };
    let before = adopted.as_ref().and_then(|adopted| Url::parse(&adopted.to).ok());
    let asked = before.as_ref().or(source.url());
    let believed = moved
        .as_ref()
        .filter(|(to, since)| asked.is_some_and(|asked| may_follow(source, asked, to, now - *since >= BELIEVED_AFTER)));
    match believed {
        Some((to, since)) => {
            let adopted = Adopted { to: to.clone(), since: *since, checked: now, ask_old: false };
            SourceState { adopted: Some(adopted), moved: None, ..state }
        }
        None => SourceState { adopted, moved, ..state },
    }
}

/// After a failure: a new address that fails sends us back to the old one, and an old one that does, however, to the new one.
pub fn failed(source: &Source, state: SourceState, failure: &Failure, now: Time) -> SourceState {
    let asked_old = elsewhere(source, &state).is_none();
    let Some(adopted) = state.adopted.clone() else { return state };
    let checked = if asked_old { now } else { adopted.checked };
    // Who asks us to wait where the source is now has not failed.
    let ask_old = !asked_old && failure.kind != FailureKind::Held;
    SourceState { adopted: Some(Adopted { ask_old, checked, ..adopted }), ..state }
}

/// Once the next poll is known: a week after it was last asked the old address is asked again, but never twice in a row, however
/// long the wait: the new one would never be asked.
pub fn planned(state: SourceState) -> SourceState {
    let (Some(adopted), Some(next)) = (&state.adopted, state.next_poll) else { return state };
    let just_asked = state.last_attempt == Some(adopted.checked);
    let ask_old = adopted.ask_old || (!just_asked && next - adopted.checked >= BELIEVED_AFTER);
    SourceState { adopted: Some(Adopted { ask_old, ..adopted.clone() }), ..state }
}

/// What to say of it in the status; a secret address is not told.
pub fn note(source: &Source, state: &SourceState) -> Option<String> {
    let adopted = state.adopted.as_ref().filter(|adopted| may_go(source, adopted))?;
    let (to, since) =
        (if source.publish_url { adopted.to.as_str() } else { "another address" }, adopted.since.format("%Y-%m-%d"));
    Some(format!(
        "has moved to {to} for good, its server says since {since}, and is asked there: correct it in feeds.toml"
    ))
}

/// From http to https of the same address at once; anywhere else after a while, never to http from https, and with
/// credentials only to where they may be sent.
fn may_follow(source: &Source, from: &Url, to: &str, believed: bool) -> bool {
    let Ok(to) = Url::parse(to) else { return false };
    let downgrade = from.scheme() == "https" && to.scheme() != "https";
    let upgrade = from.scheme() == "http" && to.scheme() == "https" && is_same_place(from, &to);
    !downgrade && (believed || upgrade) && (!has_secrets(source) || from.origin() == to.origin())
}

/// Whether what was adopted may be asked with what the source sends now.
fn may_go(source: &Source, adopted: &Adopted) -> bool {
    let same_origin = |from: &Url| Url::parse(&adopted.to).is_ok_and(|to| to.origin() == from.origin());
    !has_secrets(source) || source.url().is_some_and(same_origin)
}

/// Any header may be one: a cookie, a key.
fn has_secrets(source: &Source) -> bool {
    source.auth.is_some() || !source.headers.is_empty()
}

fn is_same_place(a: &Url, b: &Url) -> bool {
    let default_port = |url: &Url| url.port().is_none();
    a.host() == b.host() && default_port(a) && default_port(b) && a.path() == b.path() && a.query() == b.query()
}

#[cfg(test)]
mod tests;
