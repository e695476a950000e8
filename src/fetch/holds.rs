//! Hosts whose pages are left alone for a while, because one of them (an article, robots.txt) was out of service or a challenge:
//! no article is asked for there meanwhile. Feeds are asked all the same: they said nothing. Of a bounded number of hosts.

use super::Client;
use crate::{lru::Lru, model::Time};
use chrono::TimeDelta;
use std::sync::{Mutex, PoisonError};
use url::{Host, Url};

/// Hosts remembered.
const MOST: usize = 4_096;

/// Which, and until when.
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
    /// Leaves the pages of the host of `url` alone until then.
    pub fn hold_pages(&self, url: &Url, until: Time) {
        let Some(host) = url.host().map(|host| host.to_owned()) else { return };
        let mut holds = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = holds.get(&host).map_or(until, |before| until.max(*before));
        holds.put(host, until, 1);
    }

    /// How long the pages of the host of `url` are still to be left alone.
    pub fn pages_held(&self, url: &Url, now: Time) -> Option<TimeDelta> {
        let mut holds = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = holds.get(&url.host()?.to_owned())?;
        Some(*until - now).filter(|left| *left > TimeDelta::zero())
    }
}
