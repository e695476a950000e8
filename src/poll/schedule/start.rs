//! When sources are due at the start of the program, or when feeds.toml names new ones. Pure. Due times that still lie ahead
//! stand; what is new or overdue is spread by hash, so that there is no herd, and no faster than sources are polled otherwise.

use super::{Ended, LONGEST_WAIT, chance::Chance, decide};
use crate::{
    config::PollConfig,
    model::{Source, SourceId, SourceState, Time},
};
use chrono::TimeDelta;
use std::time::Duration;

/// The first pass over sources that were never asked: so much for each, and no more in all than `[poll] min`.
const FIRST_PASS: TimeDelta = TimeDelta::milliseconds(90);
/// Sources that were asked before come so fast when nothing is known of how often they are.
const USUAL: TimeDelta = TimeDelta::hours(1);
/// However rarely sources are asked otherwise, those overdue come no slower than this, so that a few of them come soon.
const CATCHING_UP: TimeDelta = TimeDelta::seconds(20);

/// What was known of a source before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// Which.
    pub source: SourceId,
    /// When it was asked last, and when it was to be asked next; `None` when this address was never asked.
    pub asked: Option<(Time, Time)>,
}

impl Before {
    /// As its state says; `None` when the source is parked. An `every` that was made shorter since counts from the last poll on.
    pub fn of(limits: &PollConfig, source: &Source, state: &SourceState) -> Option<Before> {
        let own = state.address.is_none_or(|address| address == source.address());
        let exact = source.every.is_some() && state.error.is_none();
        let decided = |last| decide(limits, source, state, Ended::Well, last).at.filter(|_| exact);
        let asked = match state.last_attempt.filter(|_| own) {
            Some(last) => Some((last, decided(last).into_iter().fold(state.next_poll?, Time::min))),
            None => None,
        };
        Some(Before { source: source.id.clone(), asked })
    }
}

/// How long each is still to wait.
pub fn waits(limits: &PollConfig, sources: &[Before], now: Time) -> Vec<Duration> {
    let stored: Vec<Option<TimeDelta>> =
        sources.iter().map(|source| source.asked.map(|asked| wait(asked, now))).collect();
    let new = stored.iter().filter(|wait| wait.is_none()).count();
    let min = TimeDelta::from_std(limits.min).unwrap_or(USUAL);
    let first_pass = (FIRST_PASS * i32::try_from(new).unwrap_or(i32::MAX)).min(min);
    let catching_up = catching_up(sources, &stored);
    let waits = sources.iter().zip(stored).map(|(source, stored)| {
        let chance = Chance::of(&source.source, now);
        match stored {
            // When it was asked is not known: all of one interval would come up in one moment.
            Some(wait) if wait > TimeDelta::zero() && is_unclear(source, now) => {
                wait + chance.of_delta(wait.min(TimeDelta::days(1)))
            }
            Some(wait) if wait > TimeDelta::zero() => wait,
            Some(_) => chance.of_delta(catching_up),
            None => chance.of_delta(first_pass),
        }
    });
    waits.map(|wait| wait.to_std().unwrap_or_default()).collect()
}

/// What is left of a due time that was stored. The clock may have been wrong then, or be wrong now: a source that seems to have been
/// asked in the future, or to be due beyond any interval, waits for as long as it was to wait then, and no longer.
fn wait((last, next): (Time, Time), now: Time) -> TimeDelta {
    let whole = (next - last).clamp(TimeDelta::zero(), LONGEST_WAIT);
    if last > now { whole } else { (next - now).min(whole) }
}

/// True when it seems to have been asked in the future: the clock was wrong then, or is now.
fn is_unclear(source: &Before, now: Time) -> bool {
    source.asked.is_some_and(|(last, _)| last > now)
}

/// How long to take for all that is overdue: as many an hour as the sources ask for when all goes its usual way.
fn catching_up(sources: &[Before], stored: &[Option<TimeDelta>]) -> TimeDelta {
    let overdue = stored.iter().flatten().filter(|wait| **wait <= TimeDelta::zero()).count();
    let an_hour = |source: &Before| {
        let interval = source.asked.map_or(USUAL, |(last, next)| next - last);
        USUAL.num_seconds() as f64 / interval.num_seconds().max(1) as f64
    };
    let usual: f64 = sources.iter().map(an_hour).sum();
    let hours = overdue as f64 / usual.max(f64::MIN_POSITIVE);
    let at_usual_rate = TimeDelta::milliseconds((hours * USUAL.num_milliseconds() as f64) as i64);
    at_usual_rate.min(CATCHING_UP * i32::try_from(overdue).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Slug,
        poll::hand::{self, limits},
    };

    fn now() -> Time {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn sources(number: usize, minutes: Option<(i64, i64)>) -> Vec<Before> {
        let at = |minutes| now() + TimeDelta::minutes(minutes);
        let asked = minutes.map(|(last, next)| (at(last), at(next)));
        (0..number).map(|n| Before { source: Slug::parse(&format!("s{n}")).unwrap(), asked }).collect()
    }

    fn minutes(wait: &Duration) -> u64 {
        wait.as_secs() / 60
    }

    #[test]
    fn a_stored_due_time_stands() {
        assert_eq!(waits(&limits(), &sources(1, Some((-20, 40))), now()), [Duration::from_secs(2_400)]);
    }

    #[test]
    fn new_ones_are_asked_soon_and_spread() {
        assert!(waits(&limits(), &sources(8, None), now()).iter().all(|wait| wait.as_millis() < 1_000));
        let many = waits(&limits(), &sources(10_000, None), now());
        for minute in 0..15 {
            let number = many.iter().filter(|wait| minutes(wait) == minute).count();
            assert!((550..790).contains(&number), "{number} in minute {minute}");
        }
    }

    #[test]
    fn what_is_overdue_comes_at_the_usual_pace() {
        let mut all = sources(900, Some((-10, 50)));
        all.extend(sources(300, Some((-70, -10))));
        let overdue = &waits(&limits(), &all, now())[900..];
        assert!(overdue.iter().all(|wait| minutes(wait) < 15), "1,200 an hour, so 300 in a quarter");
        assert!(overdue.iter().any(|wait| minutes(wait) >= 13));
    }

    #[test]
    fn a_few_that_are_overdue_come_soon() {
        let waits = waits(&limits(), &sources(6, Some((-2_000, -10))), now());
        assert!(waits.iter().all(|wait| wait.as_secs() < 120), "{waits:?}");
    }

    #[test]
    fn a_clock_that_was_wrong_stalls_nobody_and_shortens_nothing() {
        let day = 24 * 60;
        let future = waits(&limits(), &sources(600, Some((day, day + 60))), now());
        assert!(future.iter().all(|wait| (60..120).contains(&minutes(wait))));
        let together = |minute| future.iter().filter(|wait| minutes(wait) == minute).count();
        assert!((60..120).all(|minute| together(minute) < 30), "nor do they come all at once");
        assert_eq!(waits(&limits(), &sources(1, Some((-10, 365 * day))), now())[0], LONGEST_WAIT.to_std().unwrap());
    }

    #[test]
    fn an_interval_made_shorter_counts_from_the_last_poll_but_no_publishers_wish_is_cut() {
        let day = TimeDelta::days(1);
        let mut source = Source { every: Some(Duration::from_secs(4 * 3_600)), ..hand::source("https://a.example/") };
        let mut state =
            SourceState { last_attempt: Some(now()), next_poll: Some(now() + day), ..SourceState::default() };
        let due = |source: &Source, state: &SourceState| {
            Before::of(&limits(), source, state).unwrap().asked.unwrap().1 - now()
        };
        assert!((TimeDelta::hours(4)..TimeDelta::hours(5)).contains(&due(&source, &state)));
        state.answer.fresh_seconds = Some(10 * 3_600);
        assert!((TimeDelta::hours(10)..TimeDelta::hours(11)).contains(&due(&source, &state)));
        source.every = Some(Duration::from_secs(20 * 86_400));
        assert_eq!(due(&source, &state), day, "a longer one begins with the next poll");
        source.every = Some(Duration::from_secs(1_800));
        state.error = Some(crate::model::Failure::new(crate::model::FailureKind::Held, "429"));
        assert_eq!(due(&source, &state), day, "nor is a hold, or a back-off");
    }
}
