//! Judges each request by what its publisher had said, and the week as a whole. Goes by the time that passed, not by what clocks showed.

use super::{
    DAYS, Truth,
    publisher::{Fault, Reply, World},
};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use syndic::{
    model::Time,
    poll::{
        pace::{Key, PAUSE},
        schedule,
    },
};

/// After so long the first pass is over.
const FIRST_PASS: Duration = Duration::from_secs(1_800);
/// Fewer requests a minute than this vary too much by chance to be judged by the minute: longer spans are.
const ENOUGH: f64 = 40.0;
/// Of fewer delays than this the median varies too much by chance.
const ENOUGH_ENTRIES: usize = 30;
/// Clocks are read in milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);

pub struct Request {
    pub number: usize,
    pub key: Key,
    /// It carries validators.
    pub conditional: bool,
    /// It asks whether an old address still redirects.
    pub confirming: bool,
    /// What the program's clock shows.
    pub wall: Time,
}

/// What is known of a source.
#[derive(Clone, Default)]
struct Known {
    /// Not to be asked before: its publisher's wish, and what was decided.
    earliest: Truth,
    /// `earliest` was decided before a clock was set forward: a restart since then cannot know.
    excused: bool,
    under_way: bool,
    parked: bool,
    good: u64,
    seen: usize,
    delays: Vec<i64>,
    addresses: Vec<Key>,
}

#[derive(Default)]
struct Host {
    busy: bool,
    free_at: Truth,
    hold_until: Truth,
    /// As `Known::excused`.
    excused: bool,
}

pub struct Judge {
    sources: Vec<Known>,
    hosts: HashMap<Key, Host>,
    minutes: Vec<u32>,
    set_forward: bool,
    requests: u64,
    unconditional: u64,
    /// Requests in the first second of an hour, by the program's clock.
    on_the_hour: u64,
}

impl Judge {
    pub fn new(sources: usize) -> Judge {
        Judge {
            sources: vec![Known::default(); sources],
            hosts: HashMap::new(),
            minutes: vec![0; DAYS as usize * 24 * 60 + 1],
            set_forward: false,
            requests: 0,
            unconditional: 0,
            on_the_hour: 0,
        }
    }

    /// A request begins.
    pub fn asked(&mut self, request: &Request, now: Truth, world: &World) {
        let Request { number, key, conditional, confirming, wall } = request;
        let (publisher, known) = (&world.publishers[*number], &mut self.sources[*number]);
        let what = || format!("{} ({:?}) at {now:?}", publisher.source.id, publisher.fault);
        let soon = now + ROUNDING;
        assert!(!known.under_way, "{}: twice at once", what());
        assert!(!known.parked, "{}: gone, and asked again", what());
        assert!(known.excused || soon >= known.earliest, "{}: before {:?}", what(), known.earliest);
        let host = self.hosts.entry(key.clone()).or_default();
        assert!(!host.busy, "{}: two connections to {key:?}", what());
        assert!(soon >= host.free_at, "{}: {key:?} was to rest until {:?}", what(), host.free_at);
        assert!(host.excused || soon >= host.hold_until, "{}: {key:?} is held until {:?}", what(), host.hold_until);
        let skips = schedule::calendar::Skips::of(&publisher.wishes);
        assert!(known.good == 0 || !skips.skip(*wall), "{}: an hour or day left out, {wall}", what());
        let new_address = !known.addresses.contains(key);
        assert!(*conditional || known.good == 0 || new_address || *confirming, "{}: not conditional", what());
        if !conditional {
            self.unconditional += 1;
        }
        (known.under_way, host.busy) = (true, true);
        self.requests += 1;
        self.on_the_hour += u64::from(wall.timestamp() % 3_600 == 0);
        self.minutes[(now.as_secs() / 60) as usize] += 1;
    }

    /// Its answer has come; the next request is to be after `wait`.
    pub fn answered(
        &mut self,
        number: usize,
        key: &Key,
        reply: &Reply,
        wait: Option<Duration>,
        now: Truth,
        world: &World,
    ) {
        self.cut_host(key, now);
        let (publisher, known) = (&world.publishers[number], &mut self.sources[number]);
        let known_key = key.clone();
        let wished = match &reply.result {
            Ok(_) => publisher.wish(),
            Err(failure) => failure.answer.retry_after_seconds.unwrap_or(0),
        };
        if let Err(failure) = &reply.result
            && failure.answer.status == 429
        {
            let host = self.hosts.entry(key.clone()).or_default();
            let until = now + Duration::from_secs(wished);
            // What a restart could not know any more is not known again because the host says something else.
            host.hold_until = if std::mem::take(&mut host.excused) { until } else { host.hold_until.max(until) };
        }
        // Not before: what is asked and cut off by a restart leaves what is known as it was.
        (known.under_way, known.excused) = (false, false);
        known.parked = wait.is_none();
        known.earliest = now + wait.unwrap_or_default().max(Duration::from_secs(wished));
        if reply.result.is_ok() {
            known.good += 1;
            known.addresses.push(known_key);
            known.addresses.dedup();
            let shown = publisher.entries.partition_point(|at| *at <= world.time(now));
            for entry in &publisher.entries[known.seen.min(shown)..shown] {
                if known.good > 1 {
                    known.delays.push((world.time(now) - *entry).num_seconds());
                }
            }
            known.seen = shown;
        }
    }

    /// The program ends in the middle of a request.
    pub fn cut(&mut self, number: usize, key: &Key, now: Truth) {
        self.sources[number].under_way = false;
        self.cut_host(key, now);
    }

    fn cut_host(&mut self, key: &Key, now: Truth) {
        let host = self.hosts.entry(key.clone()).or_default();
        (host.busy, host.free_at) = (false, now + PAUSE);
    }

    pub fn clock_set(&mut self, by: i64) {
        self.set_forward |= by > 0;
    }

    /// What was stored under a clock that was behind looks later than it was: nobody can know.
    pub fn restarted(&mut self, _now: Truth) {
        if std::mem::take(&mut self.set_forward) {
            self.sources.iter_mut().for_each(|source| source.excused = true);
            self.hosts.values_mut().for_each(|host| host.excused = true);
        }
    }

    /// The week as a whole: a line that says it, and a failure where it is not as promised.
    pub fn conclude(self, seed: u64, world: &World) {
        let (peak, span) = self.peak();
        let (late, judged) = self.freshness(world);
        let half_hourly = self.sources.len() as u64 * DAYS * 48;
        println!(
            "simulation seed {seed}: {} sources, {} requests in {DAYS} days ({:.0} % fewer than every half hour), {} without validators; \
             busiest {span} minutes {peak:.2} × the mean; median delay at most {late:.2} of what is allowed, {judged} sources judged",
            self.sources.len(),
            self.requests,
            100.0 - 100.0 * self.requests as f64 / half_hourly as f64,
            self.unconditional,
        );
        let complaints = [
            (peak > 3.0, "a herd".to_owned()),
            (late > 1.0, "late".to_owned()),
            (judged * 5 < self.sources.len(), format!("{judged} sources say nothing of the others' delays")),
            (self.on_the_hour * 500 > self.requests, format!("{} requests on the hour", self.on_the_hour)),
        ];
        let said: Vec<_> = complaints.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
        assert!(said.is_empty(), "seed {seed}: {}", said.join("; "));
    }

    /// How much more than the mean the busiest span had, and how many minutes a span is.
    fn peak(&self) -> (f64, usize) {
        let minutes = &self.minutes[(FIRST_PASS.as_secs() / 60) as usize..DAYS as usize * 24 * 60];
        let mean = f64::from(minutes.iter().sum::<u32>()) / minutes.len() as f64;
        let span = ((ENOUGH / mean).ceil() as usize).max(1);
        let most = minutes.chunks_exact(span).map(|minutes| minutes.iter().sum::<u32>()).max().unwrap_or(0);
        (f64::from(most) / (mean * span as f64), span)
    }

    /// How late news came from sources without faults, on hosts that never asked to be left alone, as a part of what is allowed (the most of half
    /// the publisher's own gap, `min` and his wish): the worst median delay of a source, or, where a week holds too few entries of each to tell
    /// lateness from chance, of all that publish as rarely. And how many sources that says something of.
    fn freshness(&self, world: &World) -> (f64, usize) {
        let (mut worst, mut judged, mut rare) = (0.0_f64, 0, BTreeMap::<i64, Vec<f64>>::new());
        let min = world.config.poll.min.as_secs() as i64;
        for (publisher, known) in world.publishers.iter().zip(&self.sources) {
            let skips = schedule::calendar::Skips::of(&publisher.wishes) != schedule::calendar::Skips::default();
            let held = known.addresses.iter().any(|key| self.hosts[key].hold_until > Duration::ZERO);
            if publisher.fault != Fault::None || held || skips || known.delays.is_empty() {
                continue;
            }
            let allowed = (publisher.own_gap() / 2).max(min).max(publisher.wish() as i64);
            let parts = known.delays.iter().map(|delay| *delay as f64 / allowed as f64);
            if known.delays.len() < ENOUGH_ENTRIES {
                rare.entry(publisher.gap).or_default().extend(parts);
            } else {
                worst = worst.max(median(parts.collect()));
                judged += 1;
            }
        }
        let together = rare.into_values().filter(|parts| parts.len() >= ENOUGH_ENTRIES).map(median);
        (together.fold(worst, f64::max), judged)
    }
}

fn median(mut parts: Vec<f64>) -> f64 {
    parts.sort_by(f64::total_cmp);
    parts[parts.len() / 2]
}
