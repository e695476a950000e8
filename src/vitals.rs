//! What is known of this process: since when it runs, which faults of its own it has survived, which alarms are on, what it has counted.
//! Passed in like the clock; cheap to clone, and all clones are one.

/// Faults of our own.
mod panics;

pub use panics::{LastPanic, Panics, PanicsSeen, kept, surviving};

use crate::{alarms::Book, metrics::Metrics, model::Time};

/// All of it.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// Since when.
    pub started: Time,
    /// Which faults.
    pub panics: Panics,
    /// Which alarms.
    pub alarms: Book,
    /// What was counted.
    pub metrics: Metrics,
}

impl Vitals {
    /// Of a process that starts now.
    ///
    /// Errors like [`Metrics::new`].
    pub fn starting(now: Time) -> anyhow::Result<Vitals> {
        let (panics, alarms) = (Panics::default(), Book::default());
        Ok(Vitals { started: now, panics, alarms, metrics: Metrics::new()? })
    }
}
