//! Polls: how they ended, how long they took, how late they began, and what they brought.

use crate::{
    model::{Changes, FailureKind},
    refresh::Outcome,
};
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts, Registry};
use std::time::Duration;

const OUTCOMES: [&str; 4] = ["committed", "not_modified", "failed", "not_asked"];
const CHANGES: [&str; 5] = ["new", "updated", "unchanged", "refused", "withdrawn"];
/// Seconds.
const TOOK: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];
const LATE: [f64; 8] = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21600.0];

/// The counters.
#[derive(Debug)]
pub struct Polls {
    polls: IntCounterVec,
    failures: IntCounterVec,
    entries: IntCounterVec,
    took: Histogram,
    late: Histogram,
}

impl Polls {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Polls> {
        let counters = |name: &str, help: &str, label: &str, values: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), &[label])?;
            values.iter().for_each(|value| drop(counters.with_label_values(&[*value])));
            registry.register(Box::new(counters.clone()))?;
            prometheus::Result::Ok(counters)
        };
        let seconds = |name: &str, help: &str, buckets: &[f64]| {
            let seconds = Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
            registry.register(Box::new(seconds.clone()))?;
            prometheus::Result::Ok(seconds)
        };
        let kinds = FailureKind::ALL.map(FailureKind::name);
        Ok(Polls {
            polls: counters("syndic_polls_total", "Polls, by how they ended.", "outcome", &OUTCOMES)?,
            failures: counters(
                "syndic_poll_failures_total",
                "Polls that failed, by the kind of failure.",
                "kind",
                &kinds,
            )?,
            entries: counters(
                "syndic_entries_total",
                "Entries of documents that were read, by what became of them.",
                "change",
                &CHANGES,
            )?,
            took: seconds(
                "syndic_poll_duration_seconds",
                "Time of a poll, waiting for the turn of its host left out.",
                &TOOK,
            )?,
            late: seconds(
                "syndic_poll_lateness_seconds",
                "Time from when a source was due to the begin of its poll.",
                &LATE,
            )?,
        })
    }

    /// A poll begins so long after it was due.
    pub fn begins(&self, late: Duration) {
        self.late.observe(late.as_secs_f64());
    }

    /// A poll has ended; without an outcome nobody was asked.
    pub fn ended(&self, outcome: Option<&Outcome>, took: Duration) {
        let word = match outcome {
            Some(Outcome::Committed(changes)) => {
                self.changed(changes);
                "committed"
            }
            Some(Outcome::NotModified) => "not_modified",
            Some(Outcome::Failed(failure)) => {
                self.failures.with_label_values(&[failure.kind.name()]).inc();
                "failed"
            }
            None => "not_asked",
        };
        self.polls.with_label_values(&[word]).inc();
        if outcome.is_some() {
            self.took.observe(took.as_secs_f64());
        }
    }

    /// What a hub has pushed was taken in.
    pub fn changed(&self, changes: &Changes) {
        let Changes { new, updated, refused, withdrawn, unchanged, .. } = changes;
        let counts = [new.len(), updated.len(), *unchanged, refused.len(), withdrawn.len()];
        for (change, count) in CHANGES.iter().zip(counts) {
            self.entries.with_label_values(&[*change]).inc_by(count as u64);
        }
    }
}
