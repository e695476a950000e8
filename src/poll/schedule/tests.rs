//! Each decision by an example.

use super::*;
use crate::{
    model::{Answer, FeedInfo, Slug, Wishes},
    poll::hand::{self, limits},
};

fn source(every: Option<u64>) -> Source {
    Source { every: every.map(Duration::from_secs), ..hand::source("https://example.org/feed") }
}

fn noon() -> Time {
    "2022-04-22T12:00:00Z".parse().unwrap()
}

fn wait(state: &SourceState, every: Option<u64>, failure: Option<&Failure>) -> (i64, String) {
    let ended = failure.map_or(Ended::Well, Ended::Badly);
    let next = decide(&limits(), &source(every), state, ended, noon());
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
    let (seconds, reason) = wait(&wished(7_500), Some(1_800), None);
    assert!((7_500..=8_250).contains(&seconds), "{seconds}: a tenth more, so that those who came together part");
    assert_eq!(reason, "publisher's max-age");
    assert_eq!(wait(&wished(60), Some(1_800), None).0, 1_800, "exactly");
    let (longest, _) = wait(&wished(u64::MAX), Some(1_800), None);
    assert!((31 * 86_400..=31 * 86_400 + 3_600).contains(&longest), "{longest}");
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
    assert!((3_660..7_200).contains(&wait(&wishes(vec![12], vec![]), Some(1_800), None).0));
    assert!((12 * 3_600 + 60..13 * 3_600).contains(&wait(&wishes(vec![], vec![4]), Some(1_800), None).0));
    assert_eq!(wait(&wishes((0..24).collect(), vec![]), Some(1_800), None).0, 1_800);
    assert_eq!(wait(&wishes(vec![], (0..7).collect()), Some(1_800), None).0, 1_800);
    assert_eq!(wait(&wishes(vec![99], vec![99]), Some(1_800), None).0, 1_800, "no hour, no day");
}

#[test]
fn nobody_is_asked_in_the_first_minute_of_an_hour_but_who_is_asked_all_the_time() {
    let state = SourceState { last_attempt: Some(noon()), ..SourceState::default() };
    assert!((3_660..=3_600 + 9 * 60).contains(&wait(&state, Some(3_600), None).0));
    assert!((3_630..=3_630 + 9 * 60).contains(&wait(&state, Some(3_630), None).0));
    assert_eq!(wait(&state, Some(3_660), None).0, 3_660);
    let at = noon() - TimeDelta::seconds(5);
    let often = decide(&limits(), &source(Some(10)), &state, Ended::Well, at);
    assert_eq!(often.at, Some(at + TimeDelta::seconds(10)));
}

#[test]
fn the_first_interval_parts_those_that_were_added_together() {
    let state =
        SourceState { recent: (0..10).map(|n| noon() - TimeDelta::hours(n * 2)).collect(), ..SourceState::default() };
    let waits = |every: Option<u64>| {
        let mut waits: Vec<i64> = (0..200)
            .map(|n| {
                let source = Source { id: Slug::parse(&format!("s{n}")).unwrap(), ..source(every) };
                let next = decide(&limits(), &source, &state, Ended::WellAtFirst, noon());
                (next.at.unwrap() - noon()).num_minutes()
            })
            .collect();
        waits.sort();
        (waits[0], waits[100], waits[199])
    };
    let (least, middle, most) = waits(None);
    assert!(
        (30..34).contains(&least) && (40..50).contains(&middle) && (56..70).contains(&most),
        "{least} {middle} {most}"
    );
    let (least, _, most) = waits(Some(1_800));
    assert!(least >= 15 && (27..=30).contains(&most), "an exact one is no longer either: {least} {most}");
}

#[test]
fn failures_back_off_to_three_days_and_holds_are_kept_in_full() {
    let failure = Failure::new(FailureKind::Connect, "refused");
    let after = |failures| SourceState { failures, ..SourceState::default() };
    assert!((1_800..=1_980).contains(&wait(&after(1), Some(1_800), Some(&failure)).0));
    for failures in 2..40 {
        let seconds = wait(&after(failures), Some(1_800), Some(&failure)).0;
        assert!((1_800..=3 * 86_400).contains(&seconds), "{failures}: {seconds}");
    }
    let mut held = Failure::new(FailureKind::Held, "429");
    held.answer.retry_after_seconds = Some(20 * 86_400);
    let (seconds, reason) = wait(&after(1), Some(1_800), Some(&held));
    assert!((20 * 86_400..20 * 86_400 + 3_600).contains(&seconds), "{seconds}");
    assert_eq!(reason, "publisher's Retry-After");
    held.answer = Answer { status: 429, ..Answer::default() };
    let next = decide(&limits(), &source(Some(900)), &after(1), Ended::Badly(&held), noon());
    assert_eq!(next.hold_until, Some(noon() + SLOW_DOWN), "429 that does not say for how long");
}

#[test]
fn a_failing_answer_that_wishes_to_be_left_alone_is() {
    let mut failure = Failure::new(FailureKind::Status, "502");
    let after = SourceState { failures: 1, ..SourceState::default() };
    failure.answer.retry_after_seconds = Some(40_000);
    assert!(wait(&after, Some(900), Some(&failure)).0 >= 40_000);
    failure.answer = Answer { fresh_seconds: Some(50_000), ..Answer::default() };
    assert!(wait(&after, Some(900), Some(&failure)).0 >= 50_000);
}

#[test]
fn gone_is_believed_after_three_times_over_two_days() {
    let gone = Failure::new(FailureKind::Gone, "410");
    let state = |hours, times| SourceState {
        failures: times,
        gone: Some((noon() - TimeDelta::hours(hours), times)),
        ..SourceState::default()
    };
    let next = |hours, times| decide(&limits(), &source(None), &state(hours, times), Ended::Badly(&gone), noon()).at;
    assert!(next(49, 2).is_some() && next(47, 5).is_some());
    assert_eq!(next(48, 3), None);
}

#[test]
fn a_flood_is_confirmed_soon_but_not_before_the_publishers_wish() {
    let wait = |state: &SourceState, every: Option<u64>| {
        let next = decide(&limits(), &source(every), state, Ended::Flooded, noon());
        (next.at.unwrap() - noon()).num_seconds()
    };
    let mut state = SourceState { recent: vec![noon() - TimeDelta::days(15); 2], ..SourceState::default() };
    assert!((900..=990).contains(&wait(&state, None)) && (900..=990).contains(&wait(&state, Some(86_400))));
    state.answer.fresh_seconds = Some(20_000);
    assert!((20_000..24_000).contains(&wait(&state, None)));
}

#[test]
fn how_long_an_error_page_keeps_is_obeyed_as_far_as_a_long_failure_would_delay_us() {
    let mut failure = Failure::new(FailureKind::Status, "404");
    failure.answer.fresh_seconds = Some(30 * 86_400);
    let after = SourceState { failures: 1, ..SourceState::default() };
    assert!((3 * 86_400..3 * 86_400 + 3_600).contains(&wait(&after, Some(900), Some(&failure)).0));
    failure.answer.retry_after_seconds = Some(30 * 86_400);
    assert!(wait(&after, Some(900), Some(&failure)).0 >= 30 * 86_400, "a wish in full");
}

#[test]
fn a_hold_beyond_any_wish_holds_nobody() {
    let until = |at| held(&SourceState { hold_until: Some(at), ..SourceState::default() }, noon());
    let day = noon() + TimeDelta::days(1);
    assert_eq!(until(day), Some(day));
    assert_eq!((until(noon()), until(noon() + TimeDelta::days(3_000))), (None, None));
}
