//! Bounds, told: how much of each is in use, and how often somebody had to wait for it or was turned away. Whoever owns a bound keeps
//! its gauge; `/status.json` reads them all.

use serde::Serialize;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// What one bound is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// What is bounded, and in which unit.
    pub name: &'static str,
    /// In use now.
    pub used: u64,
    /// No more than this at a time; `null`: what is counted here is bounded by something else (the number of sources).
    pub limit: Option<u64>,
    /// How often somebody had to wait, since the start.
    pub waited: u64,
    /// How often somebody was turned away or cut off, since the start.
    pub refused: u64,
}

/// One bound's counters. Cheap to clone; the clones count together.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    name: &'static str,
    limit: Option<u64>,
    used: AtomicU64,
    waited: AtomicU64,
    refused: AtomicU64,
}

/// An amount in use, until it is dropped.
#[derive(Debug)]
pub struct Used {
    gauge: Gauge,
    amount: u64,
}

impl Gauge {
    /// Of a bound that its owner keeps: a gauge counts, and holds nobody up.
    pub fn new(name: &'static str, limit: Option<u64>) -> Gauge {
        let (used, waited, refused) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Gauge(Arc::new(Counters { name, limit, used, waited, refused }))
    }

    /// So much more is in use.
    pub fn used(&self, amount: u64) -> Used {
        self.0.used.fetch_add(amount, Relaxed);
        Used { gauge: self.clone(), amount }
    }

    /// Somebody has to wait.
    pub fn waited(&self) {
        self.0.waited.fetch_add(1, Relaxed);
    }

    /// Somebody is turned away.
    pub fn refused(&self) {
        self.0.refused.fetch_add(1, Relaxed);
    }

    /// Now.
    pub fn read(&self) -> Bound {
        let Counters { name, limit, used, waited, refused } = &*self.0;
        let [used, waited, refused] = [used, waited, refused].map(|counter| counter.load(Relaxed));
        Bound { name, used, limit: *limit, waited, refused }
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        self.gauge.0.used.fetch_sub(self.amount, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_given_back_and_what_happened_stays_told() {
        let gauge = Gauge::new("eggs", Some(12));
        let (three, four) = (gauge.used(3), gauge.clone().used(4));
        gauge.waited();
        drop(three);
        assert_eq!(gauge.read(), Bound { name: "eggs", used: 4, limit: Some(12), waited: 1, refused: 0 });
        drop(four);
        gauge.refused();
        assert_eq!(gauge.read(), Bound { name: "eggs", used: 0, limit: Some(12), waited: 1, refused: 1 });
    }
}
