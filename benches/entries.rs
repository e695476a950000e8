//! What a document says → what is stored: `identify` and `enrich`, for entries never seen and for entries as they were.

mod support;

use divan::{Bencher, counter::ItemsCount};
use support::{ENTRIES, Kind, config, now, page};
use syndic::{
    config::Config,
    enrich::enrich,
    identify::identify,
    model::{Draft, FeedInfo, GuidTrust, Known, KnownEntry, ParsedEntry, ParsedFeed, Source},
    parse::parse,
};

fn main() {
    let world = World::new();
    let new = world.drafts(world.entries.clone(), &world.nothing_known());
    assert!(new.iter().all(|draft| matches!(draft, Draft::Candidate(_))), "a new entry was taken for a known one");
    let same = world.drafts(world.entries.clone(), &world.all_known());
    assert!(same.iter().all(|draft| matches!(draft, Draft::Unchanged(_))), "an unchanged entry was enriched again");
    divan::main();
}

/// Forty entries never seen: hash, code, dates, attribution, sanitising.
#[divan::bench]
fn new(bencher: Bencher<'_, '_>) {
    let world = World::new();
    let known = world.nothing_known();
    bencher
        .counter(ItemsCount::new(ENTRIES))
        .with_inputs(|| world.entries.clone())
        .bench_local_values(|entries| world.drafts(entries, &known));
}

/// Forty entries as they were: hash and code only.
#[divan::bench]
fn unchanged(bencher: Bencher<'_, '_>) {
    let world = World::new();
    let known = world.all_known();
    bencher
        .counter(ItemsCount::new(ENTRIES))
        .with_inputs(|| world.entries.clone())
        .bench_local_values(|entries| world.drafts(entries, &known));
}

struct World {
    config: Config,
    feed: FeedInfo,
    entries: Vec<ParsedEntry>,
}

impl World {
    fn new() -> World {
        match parse(&page(Kind::Rss, ENTRIES)) {
            Ok(ParsedFeed { info, entries, .. }) => World { config: config(), feed: info, entries },
            Err(failure) => unreachable!("the generated document is a feed: {failure}"),
        }
    }

    fn source(&self) -> &Source {
        match self.config.sources.first() {
            Some(source) => source,
            None => unreachable!("the configuration has a source"),
        }
    }

    fn drafts(&self, entries: Vec<ParsedEntry>, known: &Known) -> Vec<Draft> {
        let identified = identify(self.source(), None, entries, GuidTrust::Guid);
        enrich(&self.config, self.source(), &self.feed, identified.claims, known, now())
    }

    fn nothing_known(&self) -> Known {
        Known(vec![None; self.entries.len()])
    }

    fn all_known(&self) -> Known {
        let claims = identify(self.source(), None, self.entries.clone(), GuidTrust::Guid).claims;
        let known = |claim: &syndic::model::Claim| KnownEntry {
            code: claim.code.clone(),
            raw_hash: claim.raw_hash,
            first_seen: now(),
        };
        Known(claims.iter().map(|claim| Some(known(claim))).collect())
    }
}
