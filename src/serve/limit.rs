//! How much of us one client may have: requests by the generic cell rate algorithm, which makes a bucket one moment; connections
//! by counting. Pure but for remembering.

use crate::{
    bounds::{Bound, Gauge, Permits},
    lru::Lru,
    model::Moment,
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Clients remembered. One that is forgotten begins anew, with everything it may have.
const CLIENTS: usize = 16_384;

/// Whom a limit is for: an IPv4 address, or the IPv6 network that one customer gets (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    /// Of an address.
    pub fn of(address: IpAddr) -> Client {
        match address.to_canonical() {
            IpAddr::V6(v6) => Client(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)))),
            v4 => Client(v4),
        }
    }
}

impl Client {
    /// The address, or the first of the network.
    pub fn address(&self) -> IpAddr {
        self.0
    }
}

/// Requests by client.
pub struct Requests(Mutex<Lru<Client, Moment>>);

impl Default for Requests {
    fn default() -> Requests {
        Requests(Mutex::new(Lru::new(CLIENTS)))
    }
}

impl Requests {
    /// Counts a request; refuses it when the client has sent more than `a_second` for longer than `burst` covers, and says how
    /// long to wait.
    pub fn admit(&self, client: Client, now: Moment, a_second: usize, burst: usize) -> Result<(), Duration> {
        let mut clients = lock(&self.0);
        let next = judge(clients.get(&client).copied(), now, a_second, burst)?;
        clients.put(client, next, 1);
        Ok(())
    }
}

/// When the client will have been given back all it used (its theoretical arrival time), with one request more.
fn judge(before: Option<Moment>, now: Moment, a_second: usize, burst: usize) -> Result<Moment, Duration> {
    let interval = Duration::from_secs(1) / u32::try_from(a_second.max(1)).unwrap_or(u32::MAX);
    let patience = interval.saturating_mul(u32::try_from(burst.saturating_sub(1)).unwrap_or(u32::MAX));
    let due = before.map_or(now, |before| before.max(now));
    match (due - now).checked_sub(patience) {
        Some(wait) if !wait.is_zero() => Err(wait),
        _ => Ok(due + interval),
    }
}

/// Who is let in, in numbers: for status and metrics.
#[derive(Debug)]
pub struct Doors {
    /// Connections at once.
    pub connections: Permits,
    /// Clients that had as many as they may.
    pub of_a_client: Gauge,
    /// Requests of clients that had asked too often.
    pub requests: Gauge,
}

impl Doors {
    /// For so many connections.
    pub fn new(connections: usize) -> Doors {
        Doors {
            connections: Permits::new("connections", connections),
            of_a_client: Gauge::new("connections of one client", None),
            requests: Gauge::new("requests of one client", None),
        }
    }

    /// Now.
    pub fn bounds(&self) -> [Bound; 3] {
        [self.connections.read(), self.of_a_client.read(), self.requests.read()]
    }
}

/// Connections by client. As many clients as there are connections.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<Client, usize>>>);

/// A connection that counts as long as this lives.
pub struct Place {
    client: Client,
    connections: Connections,
}

impl Connections {
    /// A place for one more, if the client has fewer than `most`.
    pub fn admit(&self, client: Client, most: usize) -> Option<Place> {
        let mut counts = lock(&self.0);
        let count = counts.entry(client).or_default();
        (*count < most).then(|| {
            *count += 1;
            Place { client, connections: self.clone() }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = lock(&self.connections.0);
        if let Some(count) = counts.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client::of(address.parse().unwrap())
    }

    fn ms(ms: u64) -> Moment {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_then_a_steady_rate_and_patience_is_paid_back() {
        let (requests, one) = (Requests::default(), client("192.0.2.1"));
        let ask = |at| requests.admit(one, ms(at), 10, 3);
        assert_eq!([ask(1000), ask(1000), ask(1000)], [Ok(()); 3]);
        assert_eq!(ask(1000), Err(ms(100)));
        assert_eq!(ask(1050), Err(ms(50)), "a refused request costs nothing");
        assert_eq!(ask(1100), Ok(()));
        assert!(ask(1100).is_err());
        assert_eq!([ask(5000), ask(5000), ask(5000)], [Ok(()); 3], "no more than a burst is saved up");
        assert!(ask(5000).is_err());
    }

    #[test]
    fn one_client_does_not_cost_another_but_one_network_is_one() {
        let requests = Requests::default();
        let ask = |address| requests.admit(client(address), ms(0), 1, 1).is_ok();
        assert!(ask("192.0.2.1") && ask("192.0.2.2") && !ask("192.0.2.1"));
        assert!(!ask("::ffff:192.0.2.1"), "the same in other letters");
        assert!(ask("2001:db8::1") && !ask("2001:db8::ffff:2") && ask("2001:db8:0:1::1"));
    }

    #[test]
    fn connections_count_while_they_live() {
        let (connections, one) = (Connections::default(), client("192.0.2.1"));
        let first = connections.admit(one, 2);
        let second = connections.admit(one, 2);
        assert!(first.is_some() && second.is_some() && connections.admit(one, 2).is_none());
        assert!(connections.admit(client("192.0.2.2"), 2).is_some());
        drop(first);
        assert!(connections.admit(one, 2).is_some());
        drop(second);
        assert!(lock(&connections.0).is_empty());
    }
}
