//! What the end of a poll makes of what is remembered of its source. Pure: every consequence of an answer is decided here and in `schedule`.

use super::{
    moves,
    schedule::{Ended, decide},
};
use crate::{
    config::PollConfig,
    model::{Answer, Draft, Failure, FailureKind, Request, Source, SourceState, Time},
};

/// How many dates of a source's newest entries are remembered: enough for a median gap.
const RECENT: usize = 20;

/// The state after an answer that could be used.
pub fn usable(limits: &PollConfig, source: &Source, before: SourceState, answer: Answer, now: Time) -> SourceState {
    let ended = if before.last_success.is_none() { Ended::WellAtFirst } else { Ended::Well };
    let before = moves::answered(source, before, &answer, now);
    let state = SourceState {
        last_attempt: Some(now),
        last_success: Some(now),
        failures: 0,
        failing_since: None,
        error: None,
        gone: None,
        answer,
        ..before
    };
    scheduled(limits, source, state, ended, now)
}

/// The state after a failure: validators and all that is known of the source stay.
pub fn failed(limits: &PollConfig, source: &Source, before: SourceState, failure: &Failure, now: Time) -> SourceState {
    let gone = (failure.kind == FailureKind::Gone).then(|| match before.gone {
        Some((since, times)) => (since, times.saturating_add(1)),
        None => (now, 1),
    });
    let state = SourceState {
        last_attempt: Some(now),
        failures: before.failures.saturating_add(1),
        failing_since: if before.failures == 0 { Some(now) } else { before.failing_since },
        error: Some(failure.clone()),
        gone,
        ..moves::failed(source, before, failure, now)
    };
    scheduled(limits, source, state, Ended::Badly(failure), now)
}

/// The state when more came than is believed at once (`flood`): the next answer, which is to confirm it, is asked for soon.
pub fn to_confirm(limits: &PollConfig, source: &Source, state: SourceState, now: Time) -> SourceState {
    scheduled(limits, source, state, Ended::Flooded, now)
}

/// The state with the request that led to it remembered, and what was planned then.
pub fn remembered(mut state: SourceState, request: Request) -> SourceState {
    state.requests.push(Request { next: state.next_poll, why: state.next_reason.clone(), ..request });
    state
}

fn scheduled(limits: &PollConfig, source: &Source, state: SourceState, ended: Ended<'_>, now: Time) -> SourceState {
    let next = decide(limits, source, &state, ended, now);
    moves::planned(SourceState { next_poll: next.at, next_reason: next.reason, hold_until: next.hold_until, ..state })
}

/// The dates of the newest entries, those of this document and those known before, newest first.
pub fn recent(drafts: &[Draft], before: &[Time], now: Time) -> Vec<Time> {
    let fresh = drafts.iter().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some(candidate.sort_date.min(now)),
        Draft::Unchanged(_) => None,
    });
    let mut dates: Vec<Time> = fresh.chain(before.iter().copied()).collect();
    dates.sort_unstable_by(|a, b| b.cmp(a));
    dates.dedup();
    dates.truncate(RECENT);
    dates
}
