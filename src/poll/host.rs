//! One request at a time to a host, and a pause between two: whoever holds a `Turn` may ask.
//! Hosts that `[fetch] allow` names are the operator's own and are not paced.

use crate::{config::FetchConfig, fetch};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use url::{Host, Url};

/// Between the end of one request to a host and the start of the next.
const PAUSE: Duration = Duration::from_secs(2);
/// Hosts remembered before those that nobody waits for are dropped.
const REMEMBERED: usize = 1_024;

/// The hosts being asked now, and when each is free again.
#[derive(Debug, Default)]
pub struct Hosts(Mutex<HashMap<String, Arc<AsyncMutex<Option<Instant>>>>>);

/// The right to ask one host. Dropping it starts the pause.
#[derive(Debug)]
pub struct Turn(OwnedMutexGuard<Option<Instant>>);

impl Hosts {
    /// Waits for the host's turn.
    pub async fn turn(&self, url: &Url) -> Turn {
        let gate = self.gate(pacing_key(url));
        let free_at = gate.lock_owned().await;
        if let Some(at) = *free_at {
            tokio::time::sleep_until(at).await;
        }
        Turn(free_at)
    }

    fn gate(&self, key: String) -> Arc<AsyncMutex<Option<Instant>>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() >= REMEMBERED {
            let now = Instant::now();
            gates.retain(|_, gate| {
                Arc::strong_count(gate) > 1 || gate.try_lock().is_ok_and(|free_at| free_at.is_some_and(|at| at > now))
            });
        }
        Arc::clone(gates.entry(key).or_default())
    }
}

/// Where one poll is: at most at one host, and one of so many polls that are anywhere.
#[derive(Debug)]
pub struct Visit {
    hosts: Arc<Hosts>,
    permits: Arc<Semaphore>,
    here: Option<(Option<Turn>, OwnedSemaphorePermit)>,
}

impl Visit {
    /// Nowhere yet.
    pub fn new(hosts: &Arc<Hosts>, permits: &Arc<Semaphore>) -> Visit {
        Visit { hosts: Arc::clone(hosts), permits: Arc::clone(permits), here: None }
    }

    /// Paced like any other, for a command that polls nothing else.
    pub fn alone() -> Visit {
        Visit::new(&Arc::default(), &Arc::new(Semaphore::new(1)))
    }

    /// Leaves where it is, and waits until it may ask there: who waits for a host holds nothing that another waits for.
    /// False when the program is shutting down.
    pub async fn go(&mut self, fetch: &FetchConfig, url: Option<&Url>) -> bool {
        self.leave();
        let turn = match url {
            Some(url) if is_paced(fetch, url) => Some(self.hosts.turn(url).await),
            _ => None,
        };
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        self.here = permit.map(|permit| (turn, permit));
        self.here.is_some()
    }

    /// Lets others ask.
    pub fn leave(&mut self) {
        self.here = None;
    }
}

/// Inside hosts that the operator allowed by name are the operator's own: not paced.
fn is_paced(fetch: &FetchConfig, url: &Url) -> bool {
    !fetch::is_allowed(&fetch.allow, url)
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0 = Some(Instant::now() + PAUSE);
    }
}

/// The registrable domain (Public Suffix List), else the address: what one publisher's machines share.
fn pacing_key(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => psl::domain_str(name).unwrap_or(name).to_owned(),
        Some(address) => address.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_registrable_domain_share_a_turn_and_tenants_of_a_platform_do_not() {
        let key = |url: &str| pacing_key(&url.parse().unwrap());
        assert_eq!(key("https://a.example.co.uk/x"), key("https://b.example.co.uk/y"));
        assert_ne!(key("https://a.github.io/x"), key("https://b.github.io/y"));
        assert_eq!(key("http://127.0.0.1:1/"), "127.0.0.1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_request_to_a_host_waits_for_the_first_and_the_pause() {
        let hosts = Hosts::default();
        let url: Url = "https://example.org/feed".parse().unwrap();
        let start = Instant::now();
        drop(hosts.turn(&url).await);
        assert_eq!(start.elapsed(), Duration::ZERO, "the first is not held back");
        drop(hosts.turn(&url).await);
        assert!(start.elapsed() >= PAUSE);
    }
}
