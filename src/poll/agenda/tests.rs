//! Who comes when, by examples.

use super::*;
use crate::model::Slug;

const EVERY: Duration = Duration::from_secs(2);

fn id(name: &str) -> SourceId {
    Slug::parse(name).unwrap()
}

fn spot(host: &str) -> Spot {
    Spot { key: key(host), every: EVERY, skips: Skips::default() }
}

fn key(host: &str) -> Key {
    Key::Host(host.into())
}

fn at(seconds: u64) -> Moment {
    Duration::from_secs(seconds)
}

fn wall(seconds: u64) -> Time {
    Time::from_timestamp(1_650_000_000 + seconds as i64, 0).unwrap()
}

fn next(agenda: &mut Agenda, seconds: u64) -> Option<String> {
    agenda.next(at(seconds), wall(seconds)).map(|start| match start.who {
        Who::Source(source) => source.to_string(),
        Who::Visitor(_) => "visitor".to_owned(),
    })
}

#[test]
fn sources_come_when_they_are_due_and_hosts_one_request_at_a_time() {
    let mut agenda = Agenda::default();
    for (name, host, due) in [("a", "x", 10), ("b", "x", 10), ("c", "y", 5), ("d", "y", 99)] {
        agenda.put(&id(name), spot(host), at(due));
    }
    assert_eq!((next(&mut agenda, 4), agenda.wakes()), (None, Some(at(5))));
    assert_eq!(next(&mut agenda, 5).as_deref(), Some("c"));
    assert_eq!(next(&mut agenda, 10).as_deref(), Some("a"));
    assert_eq!((next(&mut agenda, 50), agenda.wakes()), (None, None), "both hosts are being asked");
    agenda.ended(&key("x"), at(50));
    assert_eq!(agenda.wakes(), Some(at(52)), "the pause");
    assert_eq!((next(&mut agenda, 51), next(&mut agenda, 52).as_deref()), (None, Some("b")));
}

#[test]
fn a_held_host_is_left_alone_but_by_who_is_asked_for_by_name() {
    let mut agenda = Agenda::default();
    agenda.put(&id("a"), spot("x"), at(10));
    agenda.put(&id("b"), spot("x"), at(10));
    agenda.hold(&key("x"), at(1_000));
    assert_eq!(agenda.held(&key("x"), at(400)), Some(at(600)));
    assert_eq!(next(&mut agenda, 20), None);
    agenda.ask(&id("b"), spot("x"));
    assert_eq!(next(&mut agenda, 20).as_deref(), Some("b"));
    agenda.ended(&key("x"), at(21));
    assert_eq!((next(&mut agenda, 999), agenda.wakes()), (None, Some(at(1_000))));
    assert_eq!(next(&mut agenda, 1_000).as_deref(), Some("a"));
}

#[test]
fn a_source_is_never_polled_twice_at_once() {
    let mut agenda = Agenda::default();
    agenda.put(&id("a"), spot("x"), at(0));
    assert_eq!(next(&mut agenda, 0).as_deref(), Some("a"));
    agenda.ended(&key("x"), at(1));
    agenda.put(&id("a"), spot("x"), at(1));
    agenda.ask(&id("a"), spot("x"));
    assert_eq!(next(&mut agenda, 100), None, "it is still being worked on");
    assert_eq!(agenda.finished(&id("a")), Some((spot("x"), true)));
    assert_eq!(agenda.finished(&id("a")), None);
}

#[test]
fn a_source_that_comes_up_in_an_hour_left_out_waits_for_the_next() {
    let wishes = crate::model::Wishes { skip_hours: vec![5], ..Default::default() };
    let mut agenda = Agenda::default();
    agenda.put(&id("a"), Spot { skips: Skips::of(&wishes), ..spot("x") }, at(0));
    agenda.put(&id("b"), spot("x"), at(1));
    // 05:20:00, by the clock.
    assert_eq!(next(&mut agenda, 0), None);
    assert_eq!(next(&mut agenda, 1).as_deref(), Some("b"));
    agenda.ended(&key("x"), at(2));
    assert_eq!(next(&mut agenda, 41 * 60 - 1), None);
    assert_eq!(next(&mut agenda, 100 * 60 - 1).as_deref(), Some("a"));
}

#[test]
fn visitors_share_the_hosts_with_sources_and_exempt_ones_wait_for_nobody() {
    let mut agenda = Agenda::default();
    agenda.put(&id("a"), spot("x"), at(0));
    assert_eq!(next(&mut agenda, 0).as_deref(), Some("a"));
    agenda.visit(Some(key("x")), EVERY);
    assert_eq!(next(&mut agenda, 9), None);
    let free = agenda.visit(None, Duration::ZERO);
    assert_eq!(next(&mut agenda, 9).as_deref(), Some("visitor"));
    agenda.ended(&Key::Visitor(free), at(9));
    agenda.ended(&key("x"), at(9));
    assert_eq!((next(&mut agenda, 10), next(&mut agenda, 11).as_deref()), (None, Some("visitor")));
}

#[test]
fn what_nobody_waits_for_is_forgotten() {
    let mut agenda = Agenda::default();
    for n in 0..3 * EMPTY_LINES {
        agenda.hold(&key(&format!("h{n}")), at(1_000 + n as u64));
    }
    assert!(agenda.lines.len() <= EMPTY_LINES + 1);
    agenda.put(&id("a"), spot("x"), at(0));
    agenda.remove(&id("a"));
    assert_eq!(next(&mut agenda, 1_000_000), None);
    assert_eq!((agenda.lines.len(), agenda.order.len(), agenda.places.len(), agenda.empty), (0, 0, 0, 0));
}

#[test]
fn those_who_came_up_in_an_hour_left_out_do_not_all_come_as_it_ends() {
    let wishes = crate::model::Wishes { skip_hours: vec![5], ..Default::default() };
    let mut agenda = Agenda::default();
    for n in 0..100 {
        agenda.put(&id(&format!("s{n}")), Spot { skips: Skips::of(&wishes), ..spot(&format!("h{n}")) }, at(n));
    }
    // From 05:20 to 06:00, and in every ten minutes of the hour after it.
    let mut started = |from: u64, to: u64| {
        (from..to).map(|minute| std::iter::from_fn(|| next(&mut agenda, minute * 60)).count()).sum::<usize>()
    };
    assert_eq!(started(0, 41), 0, "nor in the first minute");
    for tenth in 4..9 {
        let number = started(tenth * 10, tenth * 10 + 10);
        assert!((8..35).contains(&number), "{number} in the ten minutes from {tenth}0");
    }
}
