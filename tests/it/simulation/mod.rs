//! Thousands of sources over seven days in seconds: the real schedule and the real agenda, a scripted world, a clock that is set and a
//! program that is started again. Every single request is judged (threats: what a polite client does).
//! Real: `poll::agenda`, `schedule` (with `start`), `history`, `moves`, `pace`: everything that decides. Written anew for the test, in `client`: what
//! `poll::desk`, `host` and `resident` do around them (permits, putting sources back, holds in memory and over restarts), and HTTP and the store; so
//! mistakes of those are found by other tests (polling, full_text, and beside the code).
//! A short run here; `scripts/simulate` runs the same for as many seeds and sources as one likes (SYNDIC_SIMULATE_SEEDS, _SOURCES, _SEED).

mod client;
mod judge;
mod publisher;

use crate::torture::Dice;
use client::{Client, Flaw};
use judge::Judge;
use publisher::World;
use std::time::Duration;
use syndic::model::Time;

/// How long is simulated.
const DAYS: u64 = 7;
/// When: the clocks of Europe go forward on the fifth day.
const BEGIN: &str = "2026-03-24T21:47:13Z";

/// Time that passes in the simulation, whatever clocks show.
type Truth = Duration;

fn setting(name: &str, short: u64) -> u64 {
    let given = std::env::var(format!("SYNDIC_SIMULATE_{name}")).ok();
    given.map_or(short, |text| text.parse().unwrap_or_else(|_| panic!("SYNDIC_SIMULATE_{name}={text} is no number")))
}

/// What happens to the program and its clock, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    /// It is killed, and started again after so long.
    Restart(Duration),
    /// Somebody sets the clock by so many seconds.
    ClockSet(i64),
}

/// A week's events: restarts after seconds or hours, a clock that is set forth and back.
fn events(dice: &mut Dice, flaw: Flaw) -> Vec<(Truth, Event)> {
    let mut events = Vec::new();
    for _ in 0..4 {
        let down = [1, 20, 600, 2 * 3_600][dice.below(4) as usize];
        events.push((at(dice), Event::Restart(Duration::from_secs(down))));
    }
    if matches!(flaw, Flaw::ForgetsDueTimes | Flaw::ForgetsHolds | Flaw::ForgetsPauses) {
        events.extend((0..3_000).map(|_| (at(dice), Event::Restart(Duration::ZERO))));
    }
    for by in [86_400, -86_400, -3_600, 3_600, 300, -200] {
        events.push((at(dice), Event::ClockSet(by)));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

fn at(dice: &mut Dice) -> Truth {
    Duration::from_secs(7_200 + dice.below(DAYS * 86_400 - 14_400))
}

/// One week of one world.
fn simulate(seed: u64, sources: usize, flaw: Flaw) {
    let mut dice = Dice(seed);
    let begin: Time = BEGIN.parse().unwrap();
    let world = World::new(sources, begin, &mut dice);
    let mut client = Client::new(&world, begin, flaw);
    let mut judge = Judge::new(sources);
    for (at, event) in events(&mut dice, flaw) {
        client.run_until(at, &world, &mut judge);
        client.suffer(event, &world, &mut judge);
    }
    client.run_until(Duration::from_secs(DAYS * 86_400), &world, &mut judge);
    judge.conclude(seed, &world);
}

#[test]
fn a_week_of_polite_and_punctual_polling() {
    let (seeds, sources, first) = (setting("SEEDS", 20), setting("SOURCES", 250), setting("SEED", 1));
    for seed in first..first + seeds {
        simulate(seed, usize::try_from(sources).unwrap(), Flaw::None);
    }
}

/// A judge that notices nothing would be no judge.
#[test]
fn every_flaw_is_noticed() {
    for (flaw, said) in [
        (Flaw::TooEarly, "before"),
        (Flaw::ForgetsDueTimes, "before"),
        (Flaw::ForgetsHolds, "is held until"),
        (Flaw::ForgetsPauses, "was to rest until"),
        (Flaw::NoPauses, "was to rest until"),
        (Flaw::TwoConnections, "two connections"),
        (Flaw::HoldsTheSourceOnly, "is held until"),
        (Flaw::NoCalendar, "an hour or day left out"),
        (Flaw::Unconditional, "not conditional"),
        (Flaw::NeverParks, "gone, and asked again"),
        (Flaw::OnTheHour, "a herd"),
        (Flaw::OnTheHour, "on the hour"),
        (Flaw::Late, "late"),
    ] {
        // With few sources hardly any come up at a host that is being asked, and a herd is no larger than chance makes it.
        let sources = if matches!(flaw, Flaw::TwoConnections | Flaw::OnTheHour) { 400 } else { 150 };
        let noticed =
            std::panic::catch_unwind(|| simulate(1, sources, flaw)).expect_err(&format!("{flaw:?} goes unnoticed"));
        let message = noticed.downcast_ref::<String>().map_or("", String::as_str);
        assert!(message.contains(said), "{flaw:?}: {message}");
    }
}
