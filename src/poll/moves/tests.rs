//! A source that moves, day by day.

use super::*;
use crate::poll::{
    hand::{limits, source},
    history,
};

const NEW: &str = "https://new.example/feed";

fn day(number: i64) -> Time {
    Time::from_timestamp(1_650_000_000, 0).unwrap() + TimeDelta::days(number)
}

fn good(source: &Source, state: SourceState, moved_to: Option<&str>, number: i64) -> SourceState {
    let answer = Answer { moved_to: moved_to.map(str::to_owned), ..Answer::default() };
    history::usable(&limits(), source, state, answer, day(number))
}

fn bad(source: &Source, state: SourceState, kind: FailureKind, number: i64) -> SourceState {
    history::failed(&limits(), source, state, &Failure::new(kind, "x"), day(number))
}

fn asked(state: &SourceState) -> Option<String> {
    elsewhere(&source("https://old.example/feed"), state).map(String::from)
}

/// Seven days of the same answer.
fn moved(source: &Source) -> SourceState {
    (0..=7).fold(SourceState::default(), |state, number| {
        assert_eq!(asked(&state), None, "day {number}");
        good(source, state, Some(NEW), number)
    })
}

#[test]
fn a_permanent_redirect_is_followed_after_a_week_of_the_same_answer() {
    let source = source("https://old.example/feed");
    let state = moved(&source);
    assert_eq!(asked(&state).as_deref(), Some(NEW));
    assert!(note(&source, &state).unwrap().contains(NEW));
    let mut wavering = SourceState::default();
    for number in 0..30 {
        let to = if number % 5 == 4 { "https://third.example/" } else { NEW };
        wavering = good(&source, wavering, Some(to), number);
        assert_eq!(asked(&wavering), None, "another answer in between");
        if number % 7 == 6 {
            wavering = good(&source, wavering, None, number);
        }
    }
}

#[test]
fn a_week_later_the_old_address_is_asked_again_and_may_take_it_back() {
    let source = source("https://old.example/feed");
    let mut state = moved(&source);
    for number in 8..=14 {
        state = good(&source, state, None, number);
    }
    assert_eq!(asked(&state), None, "the next poll is a week after the last time");
    let confirmed = good(&source, state.clone(), Some(NEW), 15);
    assert_eq!(asked(&confirmed).as_deref(), Some(NEW));
    let undone = good(&source, state, None, 15);
    assert_eq!((asked(&undone), undone.adopted, undone.moved), (None, None, None));
}

#[test]
fn a_new_address_that_fails_sends_us_back_and_a_dead_old_one_forward() {
    let source = source("https://old.example/feed");
    let state = bad(&source, moved(&source), FailureKind::Dns, 8);
    assert_eq!(asked(&state), None);
    let both = bad(&source, state.clone(), FailureKind::Dns, 9);
    assert_eq!(asked(&both).as_deref(), Some(NEW), "the old one fails, too");
    let back = good(&source, state, None, 9);
    assert_eq!((asked(&back), back.adopted), (None, None), "the old one answers by itself");
    let held = bad(&source, moved(&source), FailureKind::Held, 8);
    assert_eq!(asked(&held).as_deref(), Some(NEW), "who asks us to wait has not failed");
}

#[test]
fn https_of_the_same_address_is_remembered_at_once_and_the_way_back_never() {
    let plain = source("http://old.example/feed?x=1");
    let state = good(&plain, SourceState::default(), Some("https://old.example/feed?x=1"), 0);
    assert_eq!(asked(&state).as_deref(), Some("https://old.example/feed?x=1"));
    assert_eq!(asked(&good(&plain, SourceState::default(), Some("https://old.example/rss"), 0)), None);
    let safe = source("https://old.example/feed");
    let state = (0..20)
        .fold(SourceState::default(), |state, number| good(&safe, state, Some("http://old.example/feed"), number));
    assert_eq!(asked(&state), None);
}

#[test]
fn credentials_move_only_within_their_origin() {
    let mut source = source("https://old.example/feed");
    source.auth = Some(("me".into(), crate::model::Secret::new("pass".into())));
    source.publish_url = false;
    let state = (0..20).fold(SourceState::default(), |state, number| good(&source, state, Some(NEW), number));
    assert_eq!(asked(&state), None);
    let own = "https://old.example/new";
    let state = (0..9)
        .fold(SourceState::default(), |state, number| good(&source, state, Some(own).filter(|_| number < 8), number));
    assert_eq!(asked(&state).as_deref(), Some(own));
    assert!(!note(&source, &state).unwrap().contains("old.example"), "nor is it told");
}

#[test]
fn an_old_address_that_asks_us_to_wait_does_not_keep_us_from_the_new_one() {
    let source = source("https://old.example/feed");
    let state = (8..=14).fold(moved(&source), |state, number| good(&source, state, None, number));
    assert_eq!(asked(&state), None);
    let state = bad(&source, state, FailureKind::Held, 15);
    assert_eq!(asked(&state).as_deref(), Some(NEW));
    // As long as it wants: the new one is next all the same.
    let failure = Failure {
        answer: Answer { status: 429, retry_after_seconds: Some(20 * 86_400), ..Answer::default() },
        ..Failure::new(FailureKind::Held, "x")
    };
    let old = SourceState { adopted: state.adopted.clone().map(|it| Adopted { ask_old: true, ..it }), ..state };
    let state = history::failed(&limits(), &source, old, &failure, day(22));
    assert!(state.next_poll.unwrap() > day(41));
    assert_eq!(asked(&state).as_deref(), Some(NEW));
}

#[test]
fn credentials_that_come_after_the_move_stay_at_the_old_address() {
    let mut source = source("https://old.example/feed");
    let state =
        SourceState { validators: Validators { etag: Some("1".into()), ..Validators::default() }, ..moved(&source) };
    assert_eq!(permitted(&source, state.clone()), state);
    source.headers = vec![("cookie".into(), crate::model::Secret::new("secret".into()))];
    assert_eq!((elsewhere(&source, &state), note(&source, &state)), (None, None));
    let state = permitted(&source, state);
    assert_eq!((state.adopted, state.validators), (None, Validators::default()));
}
