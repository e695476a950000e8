//! The program as the simulation sees it: the library's own agenda, schedule and history; what would be stored is kept over restarts.

use super::{
    Event, Truth,
    judge::{Judge, Request},
    publisher::{Reply, World},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
    time::Duration,
};
use syndic::{
    model::{SourceId, SourceState, Time, Validators},
    poll::{
        agenda::{Agenda, Spot, Who},
        history, moves,
        pace::{Key, Paces},
        schedule::{
            self,
            calendar::Skips,
            start::{Before, waits},
        },
    },
};

/// Requests at once.
const CONCURRENCY: usize = 32;

/// One way in which the program could be impolite or late: the judge must notice each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flaw {
    None,
    /// A minute before the publisher's wish ends, and before what was decided.
    TooEarly,
    /// Due times are forgotten by a restart.
    ForgetsDueTimes,
    /// Holds of hosts are.
    ForgetsHolds,
    /// Pauses of hosts are.
    ForgetsPauses,
    /// No pauses at all.
    NoPauses,
    /// A host's turn ends with the question, not with the answer.
    TwoConnections,
    /// 429 holds the source alone.
    HoldsTheSourceOnly,
    /// Calendars are not read.
    NoCalendar,
    /// Validators are thrown away.
    Unconditional,
    /// What is gone is asked again.
    NeverParks,
    /// Every poll falls due on the hour.
    OnTheHour,
    /// Three times as late as decided.
    Late,
}

pub struct Client {
    flaw: Flaw,
    agenda: Agenda,
    paces: Paces,
    now: Truth,
    /// When this run of the program began.
    begun: Truth,
    /// What the clock shows at the beginning of time.
    clock: Time,
    under_way: BinaryHeap<Reverse<(Truth, usize)>>,
    polls: HashMap<usize, (Key, Reply)>,
    numbers: HashMap<SourceId, usize>,
    stored: Vec<SourceState>,
    holds: BTreeMap<String, Time>,
    asked: Vec<u64>,
}

impl Client {
    pub fn new(world: &World, begin: Time, flaw: Flaw) -> Client {
        let numbers = world.publishers.iter().enumerate().map(|(number, it)| (it.source.id.clone(), number)).collect();
        let mut client = Client {
            flaw,
            agenda: Agenda::default(),
            paces: Paces::of(&world.config),
            now: Duration::ZERO,
            begun: Duration::ZERO,
            clock: begin,
            under_way: BinaryHeap::new(),
            polls: HashMap::new(),
            numbers,
            stored: vec![SourceState::default(); world.publishers.len()],
            holds: BTreeMap::new(),
            asked: vec![0; world.publishers.len()],
        };
        client.start(world);
        client
    }

    /// What the clock shows.
    fn wall(&self) -> Time {
        self.clock + self.now
    }

    fn moment(&self) -> Duration {
        self.now - self.begun
    }

    /// As the program does when it starts.
    fn start(&mut self, world: &World) {
        (self.agenda, self.begun) = (Agenda::default(), self.now);
        let wall = self.wall();
        self.holds.retain(|_, until| *until > wall);
        if self.flaw == Flaw::ForgetsHolds {
            self.holds.clear();
        }
        for (host, until) in &self.holds {
            self.agenda.hold(&Key::Host(host.as_str().into()), (*until - wall).to_std().unwrap());
        }
        let mut before = Vec::new();
        for (publisher, state) in world.publishers.iter().zip(&self.stored) {
            let (key, every) = self.line(world, state, publisher.source.id.clone());
            if let Some(asked) = state.last_attempt.filter(|_| self.flaw != Flaw::ForgetsPauses) {
                let passed = (wall - asked).to_std().unwrap_or_default();
                self.agenda.rest(&key, every, syndic::poll::pace::rest(every, passed, Duration::ZERO));
            }
            let spot = Spot { key, every, skips: self.skips(state) };
            before.extend(Before::of(&world.config.poll, &publisher.source, state).map(|before| (before, spot)));
        }
        if self.flaw == Flaw::ForgetsDueTimes {
            before.iter_mut().for_each(|(before, _)| before.asked = None);
        }
        let (before, spots): (Vec<_>, Vec<_>) = before.into_iter().unzip();
        for ((before, spot), wait) in before.iter().zip(spots).zip(waits(&world.config.poll, &before, wall)) {
            self.agenda.put(&before.source, spot, wait);
        }
    }

    fn line(&self, world: &World, state: &SourceState, source: SourceId) -> (Key, Duration) {
        let source = &world.publishers[self.numbers[&source]].source;
        let elsewhere = moves::elsewhere(source, state);
        let (key, every) = self.paces.of_source(&world.config.fetch, source, elsewhere.as_ref().or(source.url()));
        (key, if self.flaw == Flaw::NoPauses { Duration::ZERO } else { every })
    }

    fn skips(&self, state: &SourceState) -> Skips {
        if self.flaw == Flaw::NoCalendar { Skips::default() } else { schedule::skips(state) }
    }

    /// Goes on until then.
    pub fn run_until(&mut self, end: Truth, world: &World, judge: &mut Judge) {
        loop {
            let ends = self.under_way.peek().map(|Reverse((at, _))| *at);
            let free = self.under_way.len() < CONCURRENCY;
            let starts = self.agenda.wakes().filter(|_| free).map(|at| (at + self.begun).max(self.now));
            let Some(next) = [ends, starts].into_iter().flatten().min().filter(|at| *at < end) else { break };
            self.now = next;
            if ends == Some(next) {
                self.end(world, judge);
            } else {
                self.begin(world, judge);
            }
        }
        // Something may be to happen while the program is down.
        self.now = self.now.max(end);
    }

    fn begin(&mut self, world: &World, judge: &mut Judge) {
        let Some(start) = self.agenda.next(self.moment(), self.wall()) else { return };
        let Who::Source(source) = start.who else { panic!("nobody visits here") };
        let number = self.numbers[&source];
        let state = &self.stored[number];
        let confirming = state.adopted.is_some() && moves::elsewhere(&world.publishers[number].source, state).is_none();
        let known = state.validators != Validators::default() && self.flaw != Flaw::Unconditional;
        let conditional = known && !confirming;
        let request = Request { number, key: start.key.clone(), conditional, confirming, wall: self.wall() };
        judge.asked(&request, self.now, world);
        self.asked[number] += 1;
        let reply = world.publishers[number].reply(world, self.now, self.asked[number]);
        if self.flaw == Flaw::TwoConnections {
            self.agenda.ended(&start.key, self.moment());
        }
        self.under_way.push(Reverse((self.now + reply.took, number)));
        self.polls.insert(number, (start.key, reply));
    }

    fn end(&mut self, world: &World, judge: &mut Judge) {
        let Some(Reverse((_, number))) = self.under_way.pop() else { return };
        let (key, reply) = self.polls.remove(&number).unwrap();
        let (publisher, wall) = (&world.publishers[number], self.wall());
        let before = self.stored[number].clone().at_address(publisher.source.address());
        let limits = &world.config.poll;
        let state = match &reply.result {
            Ok(answer) => {
                let fresh = SourceState {
                    recent: reply.recent.iter().map(|at| (*at).min(wall)).collect(),
                    feed: Some(publisher.feed()),
                    validators: Validators { etag: Some("\"1\"".into()), ..Validators::default() },
                    ..before
                };
                history::usable(limits, &publisher.source, fresh, answer.clone(), wall)
            }
            Err(failure) => {
                if failure.answer.status == 429
                    && self.flaw != Flaw::HoldsTheSourceOnly
                    && let Key::Host(host) = &key
                {
                    let until = wall + schedule::hold(failure);
                    self.holds.insert(host.to_string(), until);
                    self.agenda.hold(&key, self.moment() + (until - wall).to_std().unwrap());
                }
                history::failed(limits, &publisher.source, before, failure, wall)
            }
        };
        let wait = state.next_poll.map(|at| (at - wall).to_std().unwrap_or_default());
        judge.answered(number, &key, &reply, wait, self.now, world);
        self.agenda.ended(&key, self.moment());
        assert!(self.agenda.finished(&publisher.source.id).is_some());
        if let Some(wait) = self.flawed(wait, wall) {
            let (key, every) = self.line(world, &state, publisher.source.id.clone());
            let spot = Spot { key, every, skips: self.skips(&state) };
            self.agenda.put(&publisher.source.id, spot, self.moment() + wait);
        }
        self.stored[number] = state;
    }

    /// The wait that was decided, as a flaw makes it.
    fn flawed(&self, wait: Option<Duration>, wall: Time) -> Option<Duration> {
        let hour = Duration::from_secs(3_600);
        match (self.flaw, wait) {
            (Flaw::TooEarly, Some(wait)) => Some(wait.saturating_sub(Duration::from_secs(60))),
            (Flaw::NeverParks, None) => Some(hour),
            (Flaw::Late, Some(wait)) => Some(wait * 3),
            (Flaw::OnTheHour, Some(wait)) => {
                let due = (wall + wait).timestamp() as u64;
                Some(wait + Duration::from_secs(3_600 - due % 3_600))
            }
            _ => wait,
        }
    }

    /// Something happens to it.
    pub fn suffer(&mut self, event: Event, world: &World, judge: &mut Judge) {
        match event {
            Event::ClockSet(by) => {
                self.clock += chrono::TimeDelta::seconds(by);
                judge.clock_set(by);
            }
            Event::Restart(down) => {
                for (number, (key, _)) in self.polls.drain() {
                    judge.cut(number, &key, self.now);
                }
                self.under_way.clear();
                self.now += down;
                judge.restarted(self.now);
                self.start(world);
            }
        }
    }
}
