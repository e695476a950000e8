//! Hosts that asked to be left alone for a while (429, Retry-After): remembered for all sources, of a bounded number of hosts.

use super::Client;
use crate::{
    lru::Lru,
    model::{Failure, Time},
};
use chrono::TimeDelta;
use std::sync::{Mutex, PoisonError};
use url::{Host, Url};

/// Hosts remembered.
const MOST: usize = 4_096;
/// How long a host is left alone that does not say for how long.
const LEAST: TimeDelta = TimeDelta::minutes(30);
/// What a site may ask for is believed this far.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// Who asked, and until when.
pub struct Holds(Mutex<Lru<Host<String>, Time>>);

impl Default for Holds {
    fn default() -> Holds {
        Holds(Mutex::new(Lru::new(MOST)))
    }
}

impl std::fmt::Debug for Holds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holds")
    }
}

impl Client {
    /// Leaves the host of `url` alone, as its answer wishes.
    pub fn hold(&self, url: &Url, failure: &Failure, now: Time) {
        let Some(host) = url.host() else { return };
        let until = now + wish(failure).max(LEAST);
        let mut holds = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        let host = host.to_owned();
        let until = holds.get(&host).map_or(until, |before| until.max(*before));
        holds.put(host, until, 1);
    }

    /// How long the host of `url` is still to be left alone.
    pub fn held(&self, url: &Url, now: Time) -> Option<TimeDelta> {
        let mut holds = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = holds.get(&url.host()?.to_owned())?;
        Some(*until - now).filter(|left| *left > TimeDelta::zero())
    }
}

/// How long an answer wishes us away; at most a week.
pub fn wish(failure: &Failure) -> TimeDelta {
    let seconds = failure.answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    TimeDelta::try_seconds(seconds).unwrap_or(LONGEST).clamp(TimeDelta::zero(), LONGEST)
}
