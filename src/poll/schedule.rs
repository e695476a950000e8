//! When to ask next, and why. Pure: the source's history, the publisher's wishes, the last result and the time go in.
//! The publisher's wishes only ever lengthen an interval; a failing source is asked ever more rarely, but never silently for ever.

use crate::{
    config::PollConfig,
    model::{Failure, FailureKind, Source, SourceKind, SourceState, Time, Wishes},
};
use chrono::{DurationRound, TimeDelta, Timelike};
use std::time::Duration;

/// No wish of a publisher and no back-off holds us longer than these.
const LONGEST_WISH: TimeDelta = TimeDelta::days(31);
/// No due time lies further ahead: the longest wish, and a week of skipped days behind it.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::days(31 + 8);
const LONGEST_BACKOFF: TimeDelta = TimeDelta::days(3);
/// Looking at a folder's file list costs nobody anything.
const FOLDER_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// Used until a source has shown a habit.
const FIRST_INTERVAL: TimeDelta = TimeDelta::hours(1);
/// A 410 is believed after this many in a row over this long.
const GONE_TIMES: u32 = 3;
const GONE_SPAN: TimeDelta = TimeDelta::hours(48);

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

/// Decides the next poll. `state` already holds what the last answer brought (failures, wishes, recent dates);
/// `failure` is how the last poll ended, if it failed.
pub fn decide(limits: &PollConfig, source: &Source, state: &SourceState, failure: Option<&Failure>, now: Time) -> Next {
    let local = !matches!(source.kind, SourceKind::Feed(_));
    let (interval, reason) =
        if local { (FOLDER_INTERVAL, "local files".to_owned()) } else { interval(limits, source, state, now) };
    match failure {
        None => {
            let at = after_skips(now + interval, state.feed.as_ref().map(|feed| &feed.wishes));
            Next { at: Some(at), reason, hold_until: None }
        }
        Some(failure) => after_failure(interval, source, state, failure, now),
    }
}

/// True once a 410 has been confirmed three times over two days.
pub fn is_parked(state: &SourceState, now: Time) -> bool {
    state.gone.is_some_and(|(since, times)| times >= GONE_TIMES && now - since >= GONE_SPAN)
}

/// The interval after a good answer, and what determined it.
fn interval(limits: &PollConfig, source: &Source, state: &SourceState, now: Time) -> (TimeDelta, String) {
    let (own, own_reason) = match source.every {
        Some(every) => (delta(every), "`every` in feeds.toml".to_owned()),
        None => habit(limits, source, state, now),
    };
    match wish(state) {
        Some((wished, whose)) if wished > own => (wished, whose.to_owned()),
        _ => (own, own_reason),
    }
}

/// Half the median gap between the newest entries, within the limits; rarer when the source has fallen silent.
fn habit(limits: &PollConfig, source: &Source, state: &SourceState, now: Time) -> (TimeDelta, String) {
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
    // Spread by up to a tenth, so that sources added together drift apart.
    let interval = interval.clamp(min, max.max(min));
    let jitter = interval.num_milliseconds() / 10 * i64::from(seed(source, now) % 1_000) / 1_000;
    ((interval + TimeDelta::milliseconds(jitter)).min(max.max(min)), reason)
}

/// The longest interval the publisher asks for, and by what.
fn wish(state: &SourceState) -> Option<(TimeDelta, &'static str)> {
    let wishes = state.feed.as_ref().map(|feed| &feed.wishes);
    let seconds =
        |seconds: u64| TimeDelta::seconds(seconds.min(LONGEST_WISH.num_seconds().unsigned_abs()).cast_signed());
    let fresh = state.answer.fresh_seconds.map(|fresh| (seconds(fresh), "publisher's max-age"));
    let ttl = wishes.and_then(|wishes| wishes.ttl_minutes).map(|ttl| (seconds(u64::from(ttl) * 60), "publisher's ttl"));
    let period = wishes
        .and_then(|wishes| wishes.update_period_seconds)
        .map(|period| (seconds(period), "publisher's update period"));
    [fresh, ttl, period].into_iter().flatten().max_by_key(|(wished, _)| *wished)
}

/// Moves a time out of the hours and days in which the publisher does not want to be asked (RSS 2.0 skipHours, skipDays; UTC).
/// A calendar that skips everything is a mistake and is ignored.
fn after_skips(at: Time, wishes: Option<&Wishes>) -> Time {
    use chrono::Datelike;
    let Some(wishes) = wishes.filter(|wishes| !wishes.skip_hours.is_empty() || !wishes.skip_days.is_empty()) else {
        return at;
    };
    let skipped = |time: Time| {
        wishes.skip_hours.iter().any(|hour| u32::from(*hour) == time.hour())
            || wishes.skip_days.iter().any(|day| u32::from(*day) == time.weekday().num_days_from_monday())
    };
    let hour = TimeDelta::hours(1);
    let whole = at.duration_trunc(hour).unwrap_or(at);
    let hours = std::iter::once(at).chain((1..=7 * 24).map(|n| whole + hour * n));
    hours.into_iter().find(|time| !skipped(*time)).unwrap_or(at)
}

/// Back-off: base × 2^n with jitter, at most three days; holds in full; a confirmed 410 parks.
fn after_failure(base: TimeDelta, source: &Source, state: &SourceState, failure: &Failure, now: Time) -> Next {
    if is_parked(state, now) {
        let reason =
            "gone (410), confirmed over two days: remove it from feeds.toml, or `syndic poll --source` it to try again";
        return Next { at: None, reason: reason.to_owned(), hold_until: None };
    }
    let times = state.failures.clamp(1, 20);
    let longest = LONGEST_BACKOFF.max(base);
    let doubled = TimeDelta::milliseconds(base.num_milliseconds().saturating_mul(1 << (times - 1))).min(longest);
    let spread = (doubled - base).num_milliseconds().max(0) / 1_000 * i64::from(seed(source, now) % 1_000);
    let retry = now + base + TimeDelta::milliseconds(spread);
    let plural = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    let reason = format!("failed {plural}: {}", failure.kind.name());
    let hold = failure.answer.retry_after_seconds.filter(|_| failure.kind == FailureKind::Held);
    let hold = hold.map(|seconds| now + TimeDelta::seconds(seconds.cast_signed()).min(LONGEST_WISH));
    match hold {
        Some(until) if until >= retry => {
            Next { at: Some(until), reason: "publisher's Retry-After".to_owned(), hold_until: Some(until) }
        }
        hold_until => Next { at: Some(retry), reason, hold_until },
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(LONGEST_WISH)
}

/// A number that differs from source to source and from poll to poll, the same for the same inputs.
fn seed(source: &Source, now: Time) -> u32 {
    let text = format!("{}{}", source.id, now.timestamp());
    (twox_hash::XxHash3_64::oneshot(text.as_bytes()) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, ContentPolicy, FeedInfo, Slug};

    fn source(every: Option<u64>) -> Source {
        Source {
            id: Slug::parse("rail").unwrap(),
            kind: SourceKind::Feed("https://example.org/feed".parse().unwrap()),
            categories: Vec::new(),
            title: None,
            homepage: None,
            rights: None,
            language: None,
            timezone: None,
            namespace: "example.org".into(),
            content: ContentPolicy::Excerpt,
            credit: true,
            every: every.map(Duration::from_secs),
            headers: Vec::new(),
            auth: None,
            info_code: None,
            full_text: None,
            rules: Default::default(),
            not_before: None,
            not_after: None,
            retention: None,
            enabled: true,
            publish_url: true,
        }
    }

    fn limits() -> PollConfig {
        PollConfig {
            min: Duration::from_secs(900),
            max: Duration::from_secs(86_400),
            concurrency: 8,
            max_new: 200,
            websub: true,
        }
    }

    fn noon() -> Time {
        "2022-04-22T12:00:00Z".parse().unwrap()
    }

    fn wait(state: &SourceState, every: Option<u64>, failure: Option<&Failure>) -> (i64, String) {
        let next = decide(&limits(), &source(every), state, failure, noon());
        ((next.at.unwrap() - noon()).num_seconds(), next.reason)
    }

    #[test]
    fn a_lively_source_is_asked_at_half_its_pace_within_the_limits() {
        let every = |minutes: i64| SourceState {
            recent: (0..10).map(|n| noon() - TimeDelta::minutes(n * minutes)).collect(),
            ..SourceState::default()
        };
        let (seconds, reason) = wait(&every(120), None, None);
        assert!((3_600..=3_960).contains(&seconds), "{seconds}");
        assert_eq!(reason, "its usual pace");
        assert!((900..=990).contains(&wait(&every(1), None, None).0), "never under [poll] min");
        let silent = SourceState {
            recent: vec![noon() - TimeDelta::days(15), noon() - TimeDelta::days(15)],
            ..SourceState::default()
        };
        assert!(wait(&silent, None, None).0 >= 12 * 3_600);
    }

    #[test]
    fn the_publishers_wish_lengthens_even_an_exact_interval_and_never_shortens() {
        let wished = |seconds| SourceState {
            answer: Answer { fresh_seconds: Some(seconds), ..Answer::default() },
            ..SourceState::default()
        };
        assert_eq!(wait(&wished(7_200), Some(1_800), None), (7_200, "publisher's max-age".to_owned()));
        assert_eq!(wait(&wished(60), Some(1_800), None).0, 1_800);
        assert_eq!(wait(&wished(u64::MAX), Some(1_800), None).0, 31 * 86_400);
    }

    #[test]
    fn skipped_hours_and_days_are_left_out_unless_all_are() {
        let wishes = |hours: Vec<u8>, days: Vec<u8>| SourceState {
            feed: Some(FeedInfo {
                wishes: Wishes { skip_hours: hours, skip_days: days, ..Wishes::default() },
                ..FeedInfo::default()
            }),
            ..SourceState::default()
        };
        // 2022-04-22 is a Friday; half an hour past noon falls into hour 12.
        assert_eq!(wait(&wishes(vec![12], vec![]), Some(1_800), None).0, 3_600);
        assert_eq!(wait(&wishes(vec![], vec![4]), Some(1_800), None).0, 12 * 3_600);
        assert_eq!(wait(&wishes((0..24).collect(), vec![]), Some(1_800), None).0, 1_800);
    }

    #[test]
    fn failures_back_off_to_three_days_and_holds_are_kept_in_full() {
        let failure = Failure::new(FailureKind::Connect, "refused");
        let after = |failures| SourceState { failures, ..SourceState::default() };
        assert_eq!(wait(&after(1), Some(1_800), Some(&failure)).0, 1_800);
        for failures in 2..40 {
            let seconds = wait(&after(failures), Some(1_800), Some(&failure)).0;
            assert!((1_800..=3 * 86_400).contains(&seconds), "{failures}: {seconds}");
        }
        let mut held = Failure::new(FailureKind::Held, "429");
        held.answer.retry_after_seconds = Some(20 * 86_400);
        assert_eq!(wait(&after(1), Some(1_800), Some(&held)).0, 20 * 86_400);
    }

    #[test]
    fn gone_is_believed_after_three_times_over_two_days() {
        let gone = Failure::new(FailureKind::Gone, "410");
        let state = |hours, times| SourceState {
            failures: times,
            gone: Some((noon() - TimeDelta::hours(hours), times)),
            ..SourceState::default()
        };
        assert!(decide(&limits(), &source(None), &state(49, 2), Some(&gone), noon()).at.is_some());
        assert!(decide(&limits(), &source(None), &state(47, 5), Some(&gone), noon()).at.is_some());
        assert_eq!(decide(&limits(), &source(None), &state(48, 3), Some(&gone), noon()).at, None);
    }
}
