//! When to ask next, and why. Pure: the source's history, the publisher's wishes, the last result and the time go in.
//! The publisher's wishes only ever lengthen an interval; a failing source is asked ever more rarely, but never silently for ever.

pub mod calendar;
mod chance;
pub mod start;

use crate::{
    config::PollConfig,
    model::{Failure, FailureKind, FeedInfo, Source, SourceId, SourceKind, SourceState, Time},
};
use calendar::Skips;
use chance::Chance;
use chrono::{TimeDelta, Timelike};
use std::time::Duration;

/// No wish of a publisher holds us longer than this, and no back-off longer than that.
pub const LONGEST_WISH: TimeDelta = TimeDelta::days(31);
const LONGEST_BACKOFF: TimeDelta = TimeDelta::days(3);
/// No due time lies further ahead: the longest wish with its spread, and a week of skipped days behind it.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::days(31 + 8);
/// A host that asks us to slow down without saying for how long.
pub const SLOW_DOWN: TimeDelta = TimeDelta::minutes(30);
/// Looking at a folder's file list costs nobody anything.
const FOLDER_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// Used until a source has shown a habit.
const FIRST_INTERVAL: TimeDelta = TimeDelta::hours(1);
/// How far a wait is spread at most beyond what it was to be: those that came together part.
const WIDEST_SPREAD: TimeDelta = TimeDelta::minutes(30);
/// A source that is asked more often than this is asked in the first minute of an hour as well.
const SHORT_WAIT: TimeDelta = TimeDelta::minutes(10);
/// A 410 is believed after this many in a row over this long.
const GONE_TIMES: u32 = 3;
const GONE_SPAN: TimeDelta = TimeDelta::hours(48);

/// How a poll ended.
#[derive(Clone, Copy, Debug)]
pub enum Ended<'a> {
    /// Well, for the first time: nothing is known of when the publisher's day begins.
    WellAtFirst,
    /// Well.
    Well,
    /// Well, with more than is believed until the next answer confirms it.
    Flooded,
    /// Not well.
    Badly(&'a Failure),
}

/// When to ask next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The time; `None` when the source is parked.
    pub at: Option<Time>,
    /// The reason, in words: "publisher's max-age", "failed 3 times: connection refused".
    pub reason: String,
    /// Set when the publisher asked us to stay away until then.
    pub hold_until: Option<Time>,
}

/// Decides the next poll. `state` already holds what the last answer brought (failures, wishes, recent dates).
pub fn decide(limits: &PollConfig, source: &Source, state: &SourceState, ended: Ended<'_>, now: Time) -> Next {
    let chance = Chance::of(&source.id, now);
    if !matches!(source.kind, SourceKind::Feed(_)) {
        return local(source, state, ended, now);
    }
    let (interval, reason) = interval(limits, source, state, now);
    let exact = source.every.is_some_and(|every| delta(every) == interval);
    let (wait, reason, hold_until) = match ended {
        Ended::Well if exact => (interval, reason, None),
        Ended::Well => (spread(interval, &chance, delta(limits.max)), reason, None),
        Ended::Flooded => {
            let soon = interval.min(delta(limits.min).max(wished_by(state)));
            (spread(soon, &chance, delta(limits.max)), "more new entries than are believed at once".to_owned(), None)
        }
        Ended::WellAtFirst => (phase(interval, limits, state, &chance), reason, None),
        Ended::Badly(failure) => match after_failure(interval, state, failure, &chance, now) {
            Some((wait, reason, hold)) => (wait, reason.unwrap_or_else(|| failed(state, failure)), hold),
            None => return parked(),
        },
    };
    let at = free(&skips(state), now + wait, &chance);
    let at = if at - now < SHORT_WAIT { at } else { off_the_hour(at, &chance) };
    Next { at: Some(at), reason, hold_until }
}

/// Hours and days that the source's document leaves out.
pub fn skips(state: &SourceState) -> Skips {
    state.feed.as_ref().map(|feed: &FeedInfo| Skips::of(&feed.wishes)).unwrap_or_default()
}

/// When a source may be asked that came up at `at`: then, or some time in the first hour that is not left out.
pub fn outside(skips: &Skips, source: &SourceId, at: Time) -> Time {
    free(skips, at, &Chance::of(source, at))
}

/// Those who come up in what is left out do not all come as it ends.
fn free(skips: &Skips, at: Time, chance: &Chance) -> Time {
    match skips.after(at) {
        free if free > at => off_the_hour(free + chance.of_delta(TimeDelta::minutes(50)), chance),
        free => free,
    }
}

/// Until when the publisher wants a source to be left alone. What lies beyond any wish a wrong clock wrote: it holds nobody.
pub fn held(state: &SourceState, now: Time) -> Option<Time> {
    state.hold_until.filter(|until| *until > now && *until - now <= LONGEST_WISH)
}

/// True once a 410 has been confirmed three times over two days: nobody asks any more.
pub fn is_parked(state: &SourceState) -> bool {
    state.last_attempt.is_some() && state.next_poll.is_none()
}

/// Folders and files of one's own.
fn local(source: &Source, state: &SourceState, ended: Ended<'_>, now: Time) -> Next {
    let interval = source.every.map_or(FOLDER_INTERVAL, delta);
    match ended {
        Ended::Badly(failure) => {
            let wait = interval * 2_i32.pow(state.failures.min(7));
            Next { at: Some(now + wait.min(LONGEST_BACKOFF)), reason: failed(state, failure), hold_until: None }
        }
        _ => Next { at: Some(now + interval), reason: "local files".to_owned(), hold_until: None },
    }
}

/// The interval after a good answer, and what determined it.
fn interval(limits: &PollConfig, source: &Source, state: &SourceState, now: Time) -> (TimeDelta, String) {
    let (own, own_reason) = own(limits, source, state, now);
    match wish(state) {
        Some((wished, whose)) if wished > own => (wished, whose.to_owned()),
        _ => (own, own_reason),
    }
}

/// The interval that we would choose.
fn own(limits: &PollConfig, source: &Source, state: &SourceState, now: Time) -> (TimeDelta, String) {
    match source.every {
        Some(every) => (delta(every), "`every` in feeds.toml".to_owned()),
        None => habit(limits, state, now),
    }
}

/// Half the median gap between the newest entries, within the limits; rarer when the source has fallen silent.
fn habit(limits: &PollConfig, state: &SourceState, now: Time) -> (TimeDelta, String) {
    let (min, max) = (delta(limits.min), delta(limits.max));
    let mut gaps: Vec<TimeDelta> =
        state.recent.iter().zip(state.recent.iter().skip(1)).map(|(newer, older)| *newer - *older).collect();
    gaps.sort();
    let (mut interval, mut reason) = match gaps.get(gaps.len() / 2) {
        Some(gap) => (*gap / 2, "its usual pace".to_owned()),
        None => (FIRST_INTERVAL, "its pace is not known yet".to_owned()),
    };
    let silent = state.recent.first().map(|newest| now - *newest);
    for (days, hours) in [(7, 6), (14, 12), (30, 24)] {
        if silent.is_some_and(|silent| silent >= TimeDelta::days(days)) && interval < TimeDelta::hours(hours) {
            (interval, reason) = (TimeDelta::hours(hours), format!("silent for {days} days"));
        }
    }
    (interval.clamp(min, max.max(min)), reason)
}

/// The longest interval the publisher asks for, and by what.
fn wish(state: &SourceState) -> Option<(TimeDelta, &'static str)> {
    let wishes = state.feed.as_ref().map(|feed| &feed.wishes);
    let fresh = state.answer.fresh_seconds.map(|fresh| (seconds(fresh), "publisher's max-age"));
    let again = state.answer.retry_after_seconds.map(|again| (seconds(again), "publisher's Retry-After"));
    let ttl = wishes.and_then(|wishes| wishes.ttl_minutes).map(|ttl| (seconds(u64::from(ttl) * 60), "publisher's ttl"));
    let period = wishes
        .and_then(|wishes| wishes.update_period_seconds)
        .map(|period| (seconds(period), "publisher's update period"));
    [fresh, again, ttl, period].into_iter().flatten().max_by_key(|(wished, _)| *wished)
}

fn wished_by(state: &SourceState) -> TimeDelta {
    wish(state).map_or(TimeDelta::zero(), |(wished, _)| wished)
}

/// A tenth more at most, so that sources that were asked together drift apart; never beyond `max` for that reason alone.
fn spread(interval: TimeDelta, chance: &Chance, max: TimeDelta) -> TimeDelta {
    (interval + chance.of_delta((interval / 10).min(WIDEST_SPREAD))).min(max.max(interval))
}

/// The first interval: anything from half of it to the whole, or, where that would be too soon, from the shortest that is allowed to
/// twice that. All that were added together, and so asked together, are then spread, those with an exact interval for good.
fn phase(interval: TimeDelta, limits: &PollConfig, state: &SourceState, chance: &Chance) -> TimeDelta {
    let least = (interval / 2).max(delta(limits.min)).max(wished_by(state));
    let most = interval.max(least * 2).min(least + TimeDelta::hours(24));
    least + chance.of_delta(most - least)
}

/// How long an answer wishes us away, in full up to 31 days.
pub fn wished(failure: &Failure) -> TimeDelta {
    failure.answer.retry_after_seconds.map(seconds).unwrap_or_default()
}

/// How long a host is left alone after such an answer: half an hour at least where it asks to slow down.
pub fn hold(failure: &Failure) -> TimeDelta {
    wished(failure).max(SLOW_DOWN)
}

/// How long to wait, why where it is not for the failure itself, and until when the publisher wants to be left alone.
/// `None`: it is gone. Back-off: base × 2^n with full jitter above the base, three days at most; holds in full.
fn after_failure(
    base: TimeDelta,
    state: &SourceState,
    failure: &Failure,
    chance: &Chance,
    now: Time,
) -> Option<(TimeDelta, Option<String>, Option<Time>)> {
    if is_gone(state, now) {
        return None;
    }
    let times = state.failures.clamp(1, 20);
    let longest = LONGEST_BACKOFF.max(base);
    let doubled = TimeDelta::milliseconds(base.num_milliseconds().saturating_mul(1 << (times - 1))).min(longest);
    let retry = base + chance.of_delta((doubled - base).max((base / 10).min(WIDEST_SPREAD)));
    let held = failure.kind == FailureKind::Held;
    // How long an error page keeps is no wish to be left alone: it delays us no more than failing for long does.
    let fresh = failure.answer.fresh_seconds.map(seconds).unwrap_or_default().min(LONGEST_BACKOFF);
    let wished = if held { hold(failure) } else { wished(failure).max(fresh) };
    let hold = held.then_some(now + wished);
    if wished >= retry {
        // Those who were sent away together do not come back together.
        let why = if held { "publisher's Retry-After" } else { "publisher's max-age" };
        return Some((wished + chance.of_delta((wished / 10).min(WIDEST_SPREAD)), Some(why.to_owned()), hold));
    }
    Some((retry, None, hold))
}

fn is_gone(state: &SourceState, now: Time) -> bool {
    state.gone.is_some_and(|(since, times)| times >= GONE_TIMES && now - since >= GONE_SPAN)
}

fn parked() -> Next {
    let reason =
        "gone (410), confirmed over two days: remove it from feeds.toml, or `syndic poll --source` it to try again";
    Next { at: None, reason: reason.to_owned(), hold_until: None }
}

fn failed(state: &SourceState, failure: &Failure) -> String {
    let plural = match state.failures {
        0 | 1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    format!("failed {plural}: {}", failure.kind.name())
}

/// Not in the first minute of an hour, in which everybody else comes.
fn off_the_hour(at: Time, chance: &Chance) -> Time {
    if at.minute() > 0 { at } else { at + TimeDelta::minutes(1) + chance.of_delta(TimeDelta::minutes(8)) }
}

fn seconds(seconds: u64) -> TimeDelta {
    TimeDelta::seconds(seconds.min(LONGEST_WISH.num_seconds().unsigned_abs()).cast_signed())
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(LONGEST_WISH)
}

#[cfg(test)]
mod tests;
