//! Publishers with habits and faults: when they publish, what they wish, how their servers answer. All of it follows from the seed.

use super::{DAYS, Truth};
use crate::torture::Dice;
use chrono::{TimeDelta, Timelike};
use std::{path::PathBuf, sync::Arc, time::Duration};
use syndic::{
    config::{Config, Overrides},
    model::{Answer, Failure, FailureKind, FeedInfo, Slug, Source, SourceKind, Time, Wishes},
};

/// Domains on which many sources live.
const SHARED: u64 = 12;
/// Newest entries in a document.
const LISTED: usize = 20;

pub struct World {
    pub config: Config,
    pub publishers: Vec<Publisher>,
    begin: Time,
}

pub struct Publisher {
    pub source: Arc<Source>,
    /// When each entry was published.
    pub entries: Vec<Time>,
    /// Seconds between two entries, about.
    pub gap: i64,
    pub max_age: Option<u64>,
    pub wishes: Wishes,
    pub fault: Fault,
    latency: Duration,
    seed: u64,
}

/// How a server fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    None,
    /// Never answers to a connection.
    Dead,
    /// One request in so many is a 500.
    Flaky(u64),
    /// One request in ten is a 429, with or without a time.
    TooMany(Option<u64>),
    /// The same as 503: of this source alone.
    OutOfService(u64),
    /// Answers 410 from the second day on.
    Gone,
    /// 404 for six hours a day.
    Missing,
    /// Each request takes the whole timeout, every second one in vain.
    Hanging,
    /// A page for browsers, now and then.
    Challenge,
    /// Answers from another domain, and says that it is there for good.
    Moved,
}

/// An answer, and how long it took.
pub struct Reply {
    pub took: Duration,
    pub result: Result<Answer, Failure>,
    /// The newest entries.
    pub recent: Vec<Time>,
}

impl World {
    pub fn new(sources: usize, begin: Time, dice: &mut Dice) -> World {
        let text = "[[source]]\nid = \"s\"\nurl = \"https://s.example/\"\n";
        let loaded = Config::parse(text, &PathBuf::from("feeds.toml"), &Overrides::default());
        let config = loaded.unwrap_or_else(|errors| panic!("{errors}")).config;
        let pattern = Arc::clone(&config.sources[0]);
        let publishers = (0..sources).map(|number| Publisher::new(number, &pattern, begin, dice)).collect();
        World { config, publishers, begin }
    }

    /// What an honest clock shows.
    pub fn time(&self, now: Truth) -> Time {
        self.begin + now
    }
}

impl Publisher {
    fn new(number: usize, pattern: &Source, begin: Time, dice: &mut Dice) -> Publisher {
        let host = match dice.below(10) {
            0..3 => format!("s{number}.shared{}.example", dice.below(SHARED)),
            _ => format!("s{number}.example"),
        };
        let source = Source {
            id: Slug::parse(&format!("s{number}")).unwrap(),
            kind: SourceKind::Feed(format!("https://{host}/feed").parse().unwrap()),
            ..pattern.clone()
        };
        // From ten minutes to twenty days.
        let gap = 600 * 2_i64.pow(dice.below(12) as u32);
        let wishes = Wishes {
            ttl_minutes: (dice.one_in(8)).then(|| 30 + dice.below(300) as u32),
            skip_hours: if dice.one_in(12) { vec![0, 1, 2, 3, 4, 22, 23] } else { Vec::new() },
            skip_days: if dice.one_in(30) { vec![5, 6] } else { Vec::new() },
            update_period_seconds: dice.one_in(15).then_some(3_600),
        };
        let max_age = [None, None, None, Some(0), Some(300), Some(1_800), Some(3_600), Some(6 * 3_600)];
        let fault = match dice.below(60) {
            0..2 => Fault::Dead,
            2..4 => Fault::Flaky(8),
            4..6 => Fault::TooMany([None, Some(120), Some(40_000), Some(3 * 86_400)][dice.below(4) as usize]),
            6 => Fault::OutOfService([600, 86_400][dice.below(2) as usize]),
            7 => Fault::Gone,
            8 => Fault::Missing,
            9 => Fault::Hanging,
            10 => Fault::Challenge,
            11..13 => Fault::Moved,
            _ => Fault::None,
        };
        let daytime = dice.one_in(3);
        Publisher {
            source: Arc::new(source),
            entries: entries(gap, daytime, begin, dice),
            gap,
            max_age: max_age[dice.below(8) as usize],
            wishes,
            fault,
            latency: Duration::from_millis(20 + dice.below(2_000)),
            seed: dice.next(),
        }
    }

    /// The answer to a request that begins at that moment and is the source's `number`th.
    pub fn reply(&self, world: &World, now: Truth, number: u64) -> Reply {
        let mut dice = Dice(self.seed ^ number);
        let status = |kind, status, retry_after_seconds| {
            Err(Failure {
                answer: Answer { status, retry_after_seconds, ..Answer::default() },
                ..Failure::new(kind, "scripted")
            })
        };
        let time = world.time(now);
        let hour = u64::from(time.hour());
        let (took, result) = match self.fault {
            Fault::Dead => (Duration::from_secs(10), status(FailureKind::Connect, 0, None)),
            Fault::Flaky(chances) if dice.one_in(chances) => (self.latency, status(FailureKind::Status, 500, None)),
            Fault::TooMany(again) if dice.one_in(10) => (self.latency, status(FailureKind::Held, 429, again)),
            Fault::OutOfService(again) if dice.one_in(10) => {
                (self.latency, status(FailureKind::Held, 503, Some(again)))
            }
            Fault::Gone if now > Duration::from_secs(86_400) => (self.latency, status(FailureKind::Gone, 410, None)),
            Fault::Missing if hour % 24 < 6 => (self.latency, status(FailureKind::Status, 404, None)),
            Fault::Hanging if dice.one_in(2) => (Duration::from_secs(30), status(FailureKind::Timeout, 0, None)),
            Fault::Hanging => (Duration::from_secs(29), Ok(self.answer())),
            Fault::Challenge if dice.one_in(10) => (self.latency, status(FailureKind::Held, 403, Some(86_400))),
            _ => (self.latency, Ok(self.answer())),
        };
        let published = self.entries.partition_point(|at| *at <= world.time(now + took));
        let recent = self.entries[..published].iter().rev().take(LISTED).copied().collect();
        Reply { took, result, recent }
    }

    fn answer(&self) -> Answer {
        let moved_to = (self.fault == Fault::Moved).then(|| format!("https://new-{}.example/feed", self.source.id));
        Answer { status: 200, fresh_seconds: self.max_age, moved_to, ..Answer::default() }
    }

    pub fn feed(&self) -> FeedInfo {
        FeedInfo { wishes: self.wishes.clone(), ..FeedInfo::default() }
    }

    /// What lies between its entries, at the median, seconds.
    pub fn own_gap(&self) -> i64 {
        let mut gaps: Vec<_> = self.entries.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect();
        gaps.sort_unstable();
        gaps[gaps.len() / 2]
    }

    /// The longest wait the publisher asks for after a good answer, seconds.
    pub fn wish(&self) -> u64 {
        let ttl = self.wishes.ttl_minutes.map_or(0, |minutes| u64::from(minutes) * 60);
        ttl.max(self.max_age.unwrap_or(0)).max(self.wishes.update_period_seconds.unwrap_or(0))
    }
}

/// When one publishes: about every `gap` seconds, some only between six and twenty-two o'clock where they live.
fn entries(gap: i64, daytime: bool, begin: Time, dice: &mut Dice) -> Vec<Time> {
    let zone = chrono_tz::Europe::Berlin;
    let end = begin + TimeDelta::days(DAYS as i64);
    let mut at = begin - TimeDelta::seconds(gap * 25);
    let mut entries = Vec::new();
    while at < end {
        at += TimeDelta::seconds(gap / 2 + dice.below(gap as u64) as i64);
        let hour = at.with_timezone(&zone).hour();
        if daytime && !(6..22).contains(&hour) {
            at += TimeDelta::hours(i64::from((30 - hour) % 24).max(1));
        }
        entries.push(at);
    }
    entries
}
