//! Whom we talk to, decided without talking: http and https only, globally routable addresses only,
//! unless `[fetch] allow` says otherwise. Pure; the URL of every hop and every resolved address come past here.

use crate::config::{Allow, contains};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Inside IPv4 networks: IANA's special-purpose registry, multicast, class E, and one cloud's metadata address.
const INSIDE_V4: [(Ipv4Addr, u8); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's wire server: globally routable by its digits, inside by its meaning
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// Only this is global unicast IPv6; mapped, compatible, NAT64, ULA and link-local addresses all lie outside it.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What inside that is not: protocol assignments (Teredo, ORCHID, benchmarking), documentation, 6to4 (it carries an IPv4 address).
const INSIDE_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// How a URL may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The addresses its name resolves to are judged one by one (a literal has been judged).
    Guarded,
    /// Exactly this host and port stand in `[fetch] allow`: wherever the name leads.
    Open,
}

/// Why a URL is not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither http nor https, or without a host.
    Scheme(String),
    /// An inside address; holds `host:port` as `[fetch] allow` would spell it.
    Inside(String),
}

/// `[fetch] allow`, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: Vec<(Host<String>, u16)>,
    nets: Vec<(IpAddr, u8)>,
}

impl Guard {
    /// Reads `[fetch] allow`. A host that no URL could hold matches nothing.
    pub fn new(allow: &[Allow]) -> Guard {
        let mut guard = Guard::default();
        for entry in allow {
            match entry {
                Allow::HostPort(host, port) => guard.hosts.extend(parse_host(host).map(|host| (host, *port))),
                Allow::Net(address, prefix) => guard.nets.push((*address, *prefix)),
            }
        }
        guard
    }

    /// Judges the URL of one hop, before any name is looked up.
    pub fn judge(&self, url: &Url) -> Result<Way, Refusal> {
        let (Some(host), Some(port), true) = (url.host(), url.port_or_known_default(), is_web(url)) else {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        };
        if self.hosts.iter().any(|(known, on)| *on == port && same_host(known, &host)) {
            return Ok(Way::Open);
        }
        match literal(&host) {
            Some(address) if !self.may_dial(address) => Err(Refusal::Inside(format!("{host}:{port}"))),
            _ => Ok(Way::Guarded),
        }
    }

    /// Judges the URL of one hop that goes through a proxy. Names are looked up there, where nobody judges: all that can be
    /// seen here is an address as a literal, and a name of that very machine.
    pub fn judge_proxied(&self, url: &Url, proxy: &Url) -> Result<Way, Refusal> {
        let way = self.judge(url)?;
        let (name, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let is_its_own = is_localhost(name) || proxy.host_str().map(without_root) == Some(without_root(name));
        match way {
            Way::Guarded if is_its_own => Err(Refusal::Inside(format!("{name}:{port}"))),
            way => Ok(way),
        }
    }

    /// Whether an address may be dialled for a URL whose host and port are not allowed by name.
    pub fn may_dial(&self, address: IpAddr) -> bool {
        is_global(address) || self.is_in_nets(address)
    }

    fn is_in_nets(&self, address: IpAddr) -> bool {
        self.nets.iter().any(|(net, prefix)| contains(*net, *prefix, address.to_canonical()))
    }

    /// Whether a URL's host and port are allowed, or the address it is written with ([`is_allowed`]).
    pub fn allows(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        self.hosts.iter().any(|(known, on)| *on == port && same_host(known, &host))
            || literal(&host).is_some_and(|address| self.is_in_nets(address))
    }

    /// Whether any network is allowed.
    pub fn has_nets(&self) -> bool {
        !self.nets.is_empty()
    }

    /// Whether any host is allowed by name and port.
    pub fn has_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }
}

/// Whether `[fetch] allow` names this URL's host and port, or holds the address it is written with: such
/// hosts are the operator's own and exempt from pacing. A name that merely resolves into an allowed network is not.
pub fn is_allowed(allow: &[Allow], url: &Url) -> bool {
    !allow.is_empty() && Guard::new(allow).allows(url)
}

/// Whether a URL is written with an address that is globally routable.
pub fn is_global_url(url: &Url) -> bool {
    url.host().and_then(|host| literal(&host)).is_some_and(is_global)
}

/// Whether a URL's host may be known outside: no inside address, and a name with a dot that is not this machine's own.
pub fn is_public_url(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.contains('.') && ![".localhost", ".local", ".internal"].iter().any(|own| name.ends_with(own))
        }
        Some(_) => is_global_url(url),
        None => false,
    }
}

/// Whether an address is globally routable unicast.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !INSIDE_V4.iter().any(|(net, prefix)| contains(IpAddr::V4(*net), *prefix, IpAddr::V4(v4))),
        IpAddr::V6(v6) => {
            let within = |(net, prefix): &(Ipv6Addr, u8)| contains(IpAddr::V6(*net), *prefix, IpAddr::V6(v6));
            within(&GLOBAL_V6) && !INSIDE_V6.iter().any(within)
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let bare = without_root(name);
    bare == "localhost" || bare.ends_with(".localhost")
}

/// A name without the dot of the root at its end: with it and without it is one host.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a URL's scheme is one we speak.
fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// The address a host is written as. `url` has already undone the odd spellings (octal, hex, full-width digits).
fn literal<S>(host: &Host<S>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

/// Reads a host as URLs are read, so that spellings compare; an IPv6 address may stand without its brackets.
fn parse_host(host: &str) -> Option<Host<String>> {
    host.parse::<Ipv6Addr>().map(Host::Ipv6).ok().or_else(|| Host::parse(host).ok())
}

fn same_host(known: &Host<String>, host: &Host<&str>) -> bool {
    match (known, host) {
        (Host::Domain(known), Host::Domain(host)) => known == host,
        _ => literal(known).is_some() && literal(known) == literal(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything here names an inside address, in a spelling that has fooled somebody.
    const INSIDE: &[&str] = &[
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1./",
        "http://127.255.255.254/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0x7F.0x0.0x0.0x1/",
        "http://0177.0.0.1/",
        "http://0177.0.0.01/",
        "http://0000177.0.0.1/",
        "http://127.0x0.0.01/",
        "http://127。0。0。1/",
        "http://127.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://user@127.0.0.1/",
        "http://news.example@127.0.0.1/",
        "http://127.0.0.1:80/",
        "https://127.0.0.1:8443/",
        "http:\\\\127.0.0.1\\",
        "http:127.0.0.1",
        "http:////127.0.0.1/",
        "http://127.0.0.1\t/",
        "http://12\n7.0.0.1/",
        "http://0/",
        "http://0.0.0.0/",
        "http://0.1.2.3/",
        "http://10.0.0.1/",
        "http://10.1/",
        "http://0xa.0.0.1/",
        "http://100.64.0.1/",
        "http://100.127.255.255/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://169.254.169.254/",
        "http://0xA9FEA9FE/",
        "http://2852039166/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.0.0.1/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://192.168.1.1/",
        "http://0300.0250.1.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.7/",
        "http://203.0.113.9/",
        "http://224.0.0.1/",
        "http://239.255.255.255/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[64:ff9b:1::1]/",
        "http://[100::1]/",
        "http://[2001::1]/",
        "http://[2001:0:53aa:64c::1]/",
        "http://[2001:2::1]/",
        "http://[2001:10::1]/",
        "http://[2001:20::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[3fff::1]/",
        "http://[5f00::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
    ];

    #[test]
    fn every_spelling_of_an_inside_address_is_refused() {
        assert!(INSIDE.len() >= 60);
        let guard = Guard::new(&[]);
        for spelling in INSIDE {
            let url = Url::parse(spelling).unwrap();
            assert!(matches!(guard.judge(&url), Err(Refusal::Inside(_))), "{spelling} read as {url} went through");
            assert!(!is_allowed(&[], &url), "{spelling}");
        }
    }

    #[test]
    fn public_addresses_and_names_are_asked() {
        let guard = Guard::new(&[]);
        for open in [
            "http://1.1.1.1/",
            "https://8.8.8.8:8443/",
            "http://100.128.0.1/",
            "http://172.32.0.1/",
            "http://11.0.0.1/",
            "http://[2606:4700:4700::1111]/",
            "http://[2400:3200::1]/",
            "https://news.example/feed",
            "https://新闻.example/",
        ] {
            assert_eq!(guard.judge(&Url::parse(open).unwrap()), Ok(Way::Guarded), "{open}");
        }
    }

    #[test]
    fn only_http_and_https() {
        let guard = Guard::new(&[]);
        for other in
            ["file:///etc/passwd", "gopher://1.1.1.1/", "ftp://news.example/", "data:text/xml,<rss/>", "ws://1.1.1.1/"]
        {
            assert!(matches!(guard.judge(&Url::parse(other).unwrap()), Err(Refusal::Scheme(_))), "{other}");
        }
    }

    #[test]
    fn allow_means_exactly_that_host_and_port() {
        let allow = [
            Allow::HostPort("127.0.0.1".into(), 9100),
            Allow::HostPort("Feeds.LAN".into(), 80),
            Allow::HostPort("::1".into(), 81),
        ];
        let guard = Guard::new(&allow);
        let judge = |url: &str| guard.judge(&Url::parse(url).unwrap());
        for open in ["http://127.0.0.1:9100/x", "http://0x7f.1:9100/", "http://feeds.lan/", "http://[::1]:81/"] {
            assert_eq!(judge(open), Ok(Way::Open), "{open}");
            assert!(is_allowed(&allow, &Url::parse(open).unwrap()), "{open}");
        }
        assert_eq!(judge("http://127.0.0.1:9101/"), Err(Refusal::Inside("127.0.0.1:9101".into())));
        assert!(matches!(judge("http://[::1]:82/"), Err(Refusal::Inside(_))));
        assert_eq!(
            judge("http://feeds.lan:81/"),
            Ok(Way::Guarded),
            "a name on another port is judged by its addresses"
        );
    }

    #[test]
    fn through_a_proxy_literals_and_its_own_names_are_judged() {
        let guard = Guard::new(&[Allow::HostPort("localhost".into(), 8000)]);
        let judge = |url: &str, proxy: &str| guard.judge_proxied(&url.parse().unwrap(), &proxy.parse().unwrap());
        for proxy in ["http://p.example:3128", "socks5h://p.example:1080", "http://P.example.:3128"] {
            for inside in [
                "http://localhost/",
                "http://LOCALHOST.:9/",
                "http://a.localhost/",
                "http://p.example/",
                "http://p.example./",
                "http://0x7f.1/",
            ] {
                assert!(matches!(judge(inside, proxy), Err(Refusal::Inside(_))), "{inside} by {proxy}");
            }
            assert_eq!(judge("http://news.example/", proxy), Ok(Way::Guarded));
            assert_eq!(judge("http://localhost:8000/", proxy), Ok(Way::Open));
            assert!(matches!(judge("file:///etc/passwd", proxy), Err(Refusal::Scheme(_))));
        }
    }

    #[test]
    fn allow_takes_networks() {
        let allow = [Allow::Net("10.1.0.0".parse().unwrap(), 16), Allow::Net("fd00::".parse().unwrap(), 8)];
        let guard = Guard::new(&allow);
        for (address, may) in
            [("10.1.2.3", true), ("10.2.0.1", false), ("::ffff:10.1.0.9", true), ("fd12::1", true), ("fe80::1", false)]
        {
            assert_eq!(guard.may_dial(address.parse().unwrap()), may, "{address}");
        }
        assert!(is_allowed(&allow, &Url::parse("http://10.1.0.1:5/").unwrap()));
        assert!(!is_allowed(&allow, &Url::parse("http://news.example/").unwrap()));
        let all = Guard::new(&[Allow::Net("0.0.0.0".parse().unwrap(), 0)]);
        assert!(all.may_dial("127.0.0.1".parse().unwrap()) && !all.may_dial("::1".parse().unwrap()));
    }
}
