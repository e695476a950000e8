//! kill -9 of a process that works on a store, at any moment of its work: opening, committing, checkpointing, closing.

use super::{
    Dice, LIFE, Toll, Worker,
    judge::{Acknowledged, judge},
    setting,
    worker::{Said, command},
};
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// How a worker is stopped.
pub enum Moment {
    /// After so many acknowledgements, and a little more.
    After(u64, Duration),
    /// So long after its start: it may not even have opened the store.
    At(Duration),
}

impl Moment {
    pub fn random(dice: &mut Dice) -> Moment {
        if dice.one_in(3) {
            Moment::At(Duration::from_micros(dice.below(90_000)))
        } else {
            Moment::After(dice.below(100), Duration::from_micros(dice.below(3_000)))
        }
    }

    /// Lets a worker work until then and kills it. Gives back what it said.
    pub fn strike(self, worker: Worker) -> Vec<Said> {
        let mut heard = Vec::new();
        let started = Instant::now();
        match self {
            Moment::At(when) => {
                while let Some(said) = worker.hear(when.saturating_sub(started.elapsed())) {
                    heard.push(said);
                }
            }
            Moment::After(count, and) => {
                let acknowledged =
                    |heard: &[Said]| heard.iter().filter(|said| matches!(said, Said::Acknowledged(..))).count();
                while (acknowledged(&heard) as u64) < count {
                    match worker.hear(Duration::from_secs(60)) {
                        Some(said) => heard.push(said),
                        None => {
                            heard.push(Said::Unopened("silent for a minute, or ended".into()));
                            break;
                        }
                    }
                }
                spin(and);
            }
        }
        heard.extend(worker.kill());
        heard
    }
}

/// Waits more exactly than a sleep does.
fn spin(time: Duration) {
    let started = Instant::now();
    while started.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Kills worker after worker and judges what each leaves. `before` prepares the command, `after` does the rest of the damage.
pub async fn cycles(
    kind: &'static str,
    count: u64,
    mut before: impl FnMut(Command, &std::path::Path) -> Command,
    mut after: impl FnMut(&std::path::Path, &mut Dice),
) -> Toll {
    let seed = setting("SEED", 20_220_422);
    let (mut toll, mut dice) = (Toll::new(kind, seed), Dice(seed));
    while toll.cycles < count && toll.is_clean() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let mut acknowledged = Acknowledged::default();
        for _ in 0..LIFE {
            if toll.cycles == count || !toll.is_clean() {
                break;
            }
            let worker = Worker::start(before(command(&data, dice.next()), folder.path()));
            let said = Moment::random(&mut dice).strike(worker);
            acknowledged.hear(&said, &mut toll);
            after(folder.path(), &mut dice);
            judge(&data, &mut acknowledged, &mut toll).await;
            toll.cycles += 1;
        }
        if !toll.is_clean() {
            toll.kept.push(folder.keep());
        }
    }
    toll
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_at_any_moment_of_a_stores_work() {
    let lose_sled = |folder: &std::path::Path, dice: &mut Dice| {
        if dice.one_in(16) {
            let _ = std::fs::remove_dir_all(folder.join("data/sled"));
        }
    };
    let toll = cycles("kill", setting("CYCLES", 200), |command, _| command, lose_sled).await;
    toll.conclude();
}
