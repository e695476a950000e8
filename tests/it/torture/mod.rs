//! kill -9, power loss, failing and full disks, again and again: a process works on a store, something happens to it, and then
//! the store must open by itself and hold everything that was acknowledged, no fetch in part, every index in step.
//! Short runs here; `scripts/torture` runs the same tests for as long as one likes (SYNDIC_TORTURE_CYCLES, _SEED).

mod daemon;
mod faults;
mod judge;
mod kill;
mod power;
mod upgrade;
mod worker;

use std::path::PathBuf;
use worker::Worker;

/// Sources that a worker has.
const SOURCES: usize = 24;
/// Cycles on one data folder: then a new one, so that judging it stays cheap.
const LIFE: usize = 12;

/// Numbers from a seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

/// A number given for this run, else what a short run takes.
fn setting(name: &str, short: u64) -> u64 {
    let given = std::env::var(format!("SYNDIC_TORTURE_{name}")).ok();
    given.map_or(short, |text| text.parse().unwrap_or_else(|_| panic!("SYNDIC_TORTURE_{name}={text} is no number")))
}

/// What went wrong, counted.
#[derive(Default)]
struct Toll {
    kind: &'static str,
    seed: u64,
    cycles: u64,
    acknowledged: u64,
    lost: u64,
    partial: u64,
    unopened: u64,
    out_of_step: u64,
    kept: Vec<PathBuf>,
}

impl Toll {
    fn new(kind: &'static str, seed: u64) -> Toll {
        Toll { kind, seed, ..Toll::default() }
    }

    fn is_clean(&self) -> bool {
        self.lost + self.partial + self.unopened + self.out_of_step == 0
    }

    /// One line that says it all; a failure when anything was lost.
    fn conclude(&self) {
        println!(
            "torture {}: {} cycles, {} fetches acknowledged; lost {}, partial {}, unopened {}, out of step {} (seed {})",
            self.kind,
            self.cycles,
            self.acknowledged,
            self.lost,
            self.partial,
            self.unopened,
            self.out_of_step,
            self.seed
        );
        assert!(self.is_clean(), "seed {}; the data folders are kept: {:?}", self.seed, self.kept);
    }
}
