//! What is an alarm, and what is none.

use super::*;
use crate::{
    model::{Failure, SourceState},
    serve::hand,
    store::{Counts, Gauges, Opened},
    vitals::{LastPanic, PanicsSeen},
    websub::{Elsewhere, HubStatus},
};

fn at(hour: i64) -> Time {
    Time::from_timestamp(1_700_000_000 + hour * 3_600, 0).unwrap()
}

fn source(id: &str, state: &SourceState) -> SourceStatus {
    SourceStatus::of(&hand::source(id, &["news"]), Some(state), at(0))
}

fn well(id: &str) -> SourceStatus {
    let state = SourceState {
        last_attempt: Some(at(0)),
        last_success: Some(at(0)),
        next_poll: Some(at(1)),
        ..SourceState::default()
    };
    source(id, &state)
}

fn failed(id: &str, kind: FailureKind, failures: u32, last: Option<Time>) -> SourceStatus {
    let (error, next_poll) = (Some(Failure::new(kind, "it does not answer")), Some(at(1)));
    let state = SourceState {
        last_attempt: Some(at(0)),
        last_success: last,
        next_poll,
        failures,
        error,
        ..SourceState::default()
    };
    source(id, &state)
}

/// A house in order but for that: a source that is well is always there.
fn ids(status: Status) -> Vec<String> {
    let mut sources = vec![well("well")];
    sources.extend(status.sources);
    alarms(&Status { sources, ..status }, at(0)).into_iter().map(|alarm| alarm.id).collect()
}

fn of(source: SourceStatus) -> Vec<String> {
    ids(Status { sources: vec![source], ..Status::default() })
}

#[test]
fn a_house_in_order_raises_none() {
    assert_eq!(ids(Status::default()), [""; 0]);
    assert_eq!(of(SourceStatus::of(&hand::source("new", &[]), None, at(0))), [""; 0], "never asked");
}

#[test]
fn a_source_is_reported_after_five_failures_or_a_day_without_success() {
    let dns = FailureKind::Dns;
    assert_eq!(of(failed("bbc", dns, 4, Some(at(-23)))), [""; 0]);
    assert_eq!(of(failed("bbc", dns, 5, Some(at(-1)))), ["source-failing:bbc"]);
    assert_eq!(of(failed("bbc", dns, 3, Some(at(-25)))), ["source-failing:bbc"]);
    assert_eq!(of(failed("bbc", dns, 2, Some(at(-99)))), [""; 0], "a slow source may fail once or twice");
    assert_eq!(of(failed("bbc", dns, 3, None)), ["source-failing:bbc"]);
    assert_eq!(of(failed("bbc", FailureKind::Layout, 1, None)), ["source-layout:bbc"]);
    let mut disabled = hand::source("off", &[]);
    std::sync::Arc::make_mut(&mut disabled).enabled = false;
    let state = SourceState { failures: 9, last_attempt: Some(at(0)), ..SourceState::default() };
    assert_eq!(of(SourceStatus::of(&disabled, Some(&state), at(0))), [""; 0]);
}

#[test]
fn an_alarm_of_a_source_is_dated_by_what_is_stored_and_says_what_to_do() {
    let status =
        Status { sources: vec![failed("bbc", FailureKind::Dns, 7, Some(at(-40))), well("w")], ..Status::default() };
    let [alarm] = alarms(&status, at(0)).try_into().unwrap();
    assert_eq!((alarm.since, alarm.level), (Some(at(-40)), Level::Warning));
    assert!(alarm.message.contains("failed 7 times") && alarm.message.contains("it does not answer"), "{alarm:?}");
    assert!(alarm.advice.contains("syndic disable bbc"), "{alarm:?}");
}

#[test]
fn parked_held_and_held_back_sources_are_told_apart() {
    let gone = SourceState {
        last_attempt: Some(at(0)),
        failures: 3,
        error: Some(Failure::new(FailureKind::Gone, "gone")),
        gone: Some((at(-60), 3)),
        ..SourceState::default()
    };
    assert_eq!(of(source("old", &gone)), ["source-parked:old"]);
    let held = |hours| SourceStatus {
        state: Health::Held,
        next_poll: Some(at(hours)),
        ..failed("slow", FailureKind::Held, 1, Some(at(-1)))
    };
    assert_eq!(of(held(6)), [""; 0]);
    assert_eq!(of(held(7)), ["source-held:slow"]);
    assert_eq!(of(SourceStatus { quarantined: 300, ..well("flood") }), ["source-quarantine:flood"]);
}

#[test]
fn where_every_source_fails_it_is_this_machine() {
    let failing = |id| failed(id, FailureKind::Dns, 1, Some(at(-2)));
    let status = |sources| alarms(&Status { sources, ..Status::default() }, at(0));
    let [alarm] = status(vec![failing("a"), failing("b")]).try_into().unwrap();
    assert_eq!((alarm.id.as_str(), alarm.level, alarm.since), ("all-sources", Level::Critical, Some(at(-2))));
    assert!(status(vec![failing("a")]).is_empty(), "one is a source");
    assert!(status(vec![failing("a"), failing("b"), well("c")]).is_empty());
}

#[test]
fn the_store_its_disk_and_its_journal_are_watched() {
    let counts = Counts { bytes: 1 << 30, ..Counts::default() };
    let files = |free: u64, journal| Status {
        store: counts,
        files: Gauges { free: Some(free), journal, checkpoint: 300 << 20, ..Gauges::default() },
        ..Status::default()
    };
    assert_eq!(ids(files(2 << 30, 32 << 20)), [""; 0]);
    assert_eq!(ids(files(1 << 30, 0)), ["disk-full"], "no room for a copy");
    let levels = |status: Status| alarms(&status, at(0)).iter().map(|alarm| alarm.level).collect::<Vec<_>>();
    assert_eq!(levels(files(1 << 30, 0)), [Level::Warning]);
    assert_eq!(levels(files(1 << 20, 0)), [Level::Critical]);
    assert_eq!(ids(files(2 << 30, 301 << 20)), ["journal"]);
    assert_eq!(ids(Status { trouble: Some("no".into()), ..Status::default() }), ["store"]);
    let opened = Opened { rebuilt: Some("torn".into()), ..Opened::default() };
    assert_eq!(ids(Status { opened, ..Status::default() }), ["store-rebuilt"]);
}

#[test]
fn faults_of_ours_a_poller_that_stands_still_and_hubs_are_told() {
    let last = LastPanic { at: at(-3), place: "src/x.rs:7".into() };
    let panics = PanicsSeen { count: 2, last: Some(last) };
    assert_eq!(ids(Status { panics, poller_still: Some(60), ..Status::default() }), ["panic"]);
    assert_eq!(ids(Status { poller_still: Some(301), ..Status::default() }), ["poller"]);
    let hub = |failing| HubStatus { subscriptions: 6, failing, ..HubStatus::default() };
    assert_eq!(ids(Status { hub: hub(2), ..Status::default() }), [""; 0]);
    assert_eq!(ids(Status { hub: hub(3), ..Status::default() }), ["hub-pushes"]);
    let elsewhere = |failures| HubStatus {
        elsewhere: vec![Elsewhere {
            hub: "https://hub.example/".into(),
            waiting: 1,
            failures,
            last_told: None,
            trouble: None,
        }],
        ..HubStatus::default()
    };
    assert_eq!(ids(Status { hub: elsewhere(4), ..Status::default() }), [""; 0]);
    assert_eq!(ids(Status { hub: elsewhere(5), ..Status::default() }), ["hub-elsewhere:https://hub.example/"]);
}

#[test]
fn a_feeds_toml_that_is_not_in_force_is_told_and_what_is_critical_comes_first() {
    let config = crate::reload::ConfigStatus { state: ConfigState::Refused, errors: 2, ..Default::default() };
    let status = Status { config, trouble: Some("the disk is full".into()), ..Status::default() };
    assert_eq!(ids(status), ["store", "config-refused"]);
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}
