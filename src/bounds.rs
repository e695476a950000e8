//! Bounds, told: how much of each is in use, and how often somebody had to wait for it or was turned away. Whoever owns a bound keeps
//! its gauge; `/status.json` reads them all.

use serde::Serialize;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one bound is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// What is bounded, and in which unit.
    pub name: &'static str,
    /// In use now.
    pub used: u64,
    /// No more than this at a time; `null`: as many as feeds.toml names.
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

/// A bound that is its own owner: so many at a time.
#[derive(Debug)]
pub struct Permits {
    semaphore: Arc<Semaphore>,
    gauge: Gauge,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    _permit: OwnedSemaphorePermit,
    _used: Used,
}

impl Permits {
    /// All are free.
    pub fn new(name: &'static str, limit: usize) -> Permits {
        Permits { semaphore: Arc::new(Semaphore::new(limit)), gauge: Gauge::new(name, Some(limit as u64)) }
    }

    /// One of them, once one is free; `None` once closed.
    pub async fn acquire(&self) -> Option<Permit> {
        if let Ok(permit) = Arc::clone(&self.semaphore).try_acquire_owned() {
            return Some(self.taken(permit));
        }
        self.gauge.waited();
        Arc::clone(&self.semaphore).acquire_owned().await.ok().map(|permit| self.taken(permit))
    }

    /// One of them, if one is free.
    pub fn try_acquire(&self) -> Option<Permit> {
        let permit = Arc::clone(&self.semaphore).try_acquire_owned();
        permit.map(|permit| self.taken(permit)).inspect_err(|_| self.gauge.refused()).ok()
    }

    /// Nobody gets one any more.
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// Now.
    pub fn read(&self) -> Bound {
        self.gauge.read()
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Permit {
        Permit { _permit: permit, _used: self.gauge.used(1) }
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

    #[tokio::test]
    async fn permits_tell_who_has_one_who_waited_and_who_went_without() {
        let permits = Permits::new("seats", 1);
        let seat = permits.acquire().await.unwrap();
        assert!(permits.try_acquire().is_none());
        let told = |used, waited| Bound { name: "seats", used, limit: Some(1), waited, refused: 1 };
        assert_eq!(permits.read(), told(1, 0));
        let (next, ()) = tokio::join!(permits.acquire(), async { drop(seat) });
        assert_eq!(permits.read(), told(1, 1));
        drop(next);
        assert_eq!(permits.read(), told(0, 1));
        permits.close();
        assert!(permits.acquire().await.is_none());
    }
}
