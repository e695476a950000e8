//! Who asks: the peer, or whom a trusted proxy names. Pure. Only what trusted proxies say is believed, from the nearest on; what a
//! client writes into these headers itself stands before that.

use super::limit::Client;
use crate::config::contains;
use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// Proxies of one request that are looked at; nobody has as many.
const HOPS: usize = 32;

/// Networks of trusted proxies.
pub type Trusted = [(IpAddr, u8)];

/// Whom a request counts for. Nobody: it comes from this machine, or from a trusted proxy itself. A proxy on this machine that is not
/// trusted hides everybody behind one address; limits on that would be limits on all.
pub fn of(peer: IpAddr, request: &HeaderMap, trusted: &Trusted) -> Option<Client> {
    if !is_trusted(peer, trusted) {
        return of_peer(peer, trusted);
    }
    let mut farthest = None;
    for hop in hops(request) {
        // What cannot be read hides who is behind it: the nearest that can be counts.
        let Some(address) = hop else { break };
        farthest = Some(Client::of(address));
        if !is_trusted(address, trusted) {
            break;
        }
    }
    farthest
}

/// Whom a connection counts for, before anything is said on it.
pub fn of_peer(peer: IpAddr, trusted: &Trusted) -> Option<Client> {
    let peer = peer.to_canonical();
    (!peer.is_loopback() && !is_trusted(peer, trusted)).then(|| Client::of(peer))
}

/// Whether its word is believed.
pub fn is_trusted(address: IpAddr, trusted: &Trusted) -> bool {
    trusted.iter().any(|(net, prefix)| contains(*net, *prefix, address.to_canonical()))
}

/// The nearest first. X-Forwarded-For where there is one, which nearly every proxy appends to; else Forwarded (RFC 7239).
fn hops(request: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let appended = members(request, "x-forwarded-for");
    let hops: Vec<Option<IpAddr>> = match appended.is_empty() {
        false => appended.iter().rev().take(HOPS).map(|hop| address(hop)).collect(),
        true => members(request, "forwarded").iter().rev().take(HOPS).map(|hop| forwarded(hop)).collect(),
    };
    hops.into_iter()
}

fn members<'r>(request: &'r HeaderMap, name: &str) -> Vec<&'r str> {
    let lines = request.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).collect()
}

/// `for="[2001:db8::1]:4711";proto=https`
fn forwarded(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut whom = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    address(whom.next()?.1.trim_matches('"'))
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn asked(peer: &str, headers: &[(&'static str, &'static str)]) -> Option<Client> {
        let trusted = [(ip("127.0.0.1"), 32), (ip("10.0.0.0"), 8)];
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .fold(HeaderMap::new(), |mut all, (name, value)| {
                all.append(name, value);
                all
            });
        of(ip(peer), &headers, &trusted)
    }

    #[test]
    fn a_stranger_is_himself_whatever_he_says() {
        assert_eq!(asked("192.0.2.1", &[("x-forwarded-for", "198.51.100.9")]), Some(Client::of(ip("192.0.2.1"))));
        assert_eq!(asked("192.0.2.1", &[("forwarded", "for=198.51.100.9")]), Some(Client::of(ip("192.0.2.1"))));
    }

    #[test]
    fn behind_trusted_proxies_it_is_the_nearest_that_is_none() {
        for headers in [
            vec![("x-forwarded-for", "192.0.2.1")],
            vec![("x-forwarded-for", "198.51.100.9, 192.0.2.1, 10.1.2.3")],
            vec![("x-forwarded-for", "198.51.100.9"), ("x-forwarded-for", "192.0.2.1")],
            vec![("x-forwarded-for", "192.0.2.1:4711")],
            vec![("forwarded", "for=198.51.100.9, for=192.0.2.1;proto=https, For=\"10.1.2.3:80\"")],
            vec![("forwarded", "for=198.51.100.9"), ("x-forwarded-for", "192.0.2.1")],
        ] {
            assert_eq!(asked("127.0.0.1", &headers), Some(Client::of(ip("192.0.2.1"))), "{headers:?}");
        }
        let v6 = Some(Client::of(ip("2001:db8::1")));
        assert_eq!(asked("10.0.0.1", &[("forwarded", "for=\"[2001:db8::1]:4711\"")]), v6);
        assert_eq!(asked("10.0.0.1", &[("x-forwarded-for", "[2001:db8::1]")]), v6);
    }

    #[test]
    fn what_cannot_be_read_hides_what_is_behind_it() {
        assert_eq!(asked("127.0.0.1", &[("x-forwarded-for", "192.0.2.1, unknown")]), None);
        assert_eq!(
            asked("127.0.0.1", &[("forwarded", "for=192.0.2.1, for=_hidden, for=10.1.2.3")]),
            Some(Client::of(ip("10.1.2.3")))
        );
    }

    #[test]
    fn this_machine_and_a_proxy_itself_count_for_nobody() {
        assert_eq!(asked("127.0.0.1", &[]), None);
        assert_eq!(asked("10.0.0.1", &[]), None);
        assert_eq!(of(ip("::1"), &HeaderMap::new(), &[]), None);
        assert_eq!(of(ip("::ffff:127.0.0.1"), &HeaderMap::new(), &[]), None);
        assert!(of(ip("10.0.0.1"), &HeaderMap::new(), &[]).is_some(), "not trusted: a client like any other");
    }
}
