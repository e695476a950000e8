//! That the poller lives: when it last looked who may start.

use crate::model::Clock;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A poller that has looked at nobody for so long stands still.
pub const IDLE: Duration = Duration::from_secs(300);

/// When, in milliseconds of the clock.
#[derive(Debug)]
pub struct Pulse(AtomicU64);

impl Pulse {
    /// Just now.
    pub fn new(clock: &Clock) -> Pulse {
        Pulse(AtomicU64::new(millis(clock.moment())))
    }

    /// It looks.
    pub fn beat(&self, clock: &Clock) {
        self.0.store(millis(clock.moment()), Ordering::Relaxed);
    }

    /// How long ago that was.
    pub fn still(&self, clock: &Clock) -> Duration {
        clock.moment().saturating_sub(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

fn millis(moment: Duration) -> u64 {
    u64::try_from(moment.as_millis()).unwrap_or(u64::MAX)
}
