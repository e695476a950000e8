//! Nothing inside is reached, however it is spelled, from wherever a request leaves; what `[fetch] allow` names is, and no more.

use crate::support::{Canary, NameServer, Reply, Upstream, syndic, write_config};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    path::Path,
};
use syndic::{
    config::{Config, Overrides},
    fetch::{self, Client, article::Answered},
    model::{Failure, FailureKind, Source, SourceState, Time},
};
use url::{Host, Url};

/// Inside addresses, in spellings that have fooled somebody: what stands between `http://` and the port.
const HOSTS: &[&str] = &[
    // This machine: dotted, short, decimal, octal, hexadecimal, mixed.
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "127.255.255.254",
    "127.8.8.8",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0.0.01",
    "0000177.0.0.1",
    "127.0x0.0.01",
    "0x7f.0.0.0x000000001",
    // The same in other digits and dots, and percent-encoded.
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "𝟭𝟮𝟳.𝟬.𝟬.𝟭",
    "0x7Ⓕ.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
    "127.0.0.\u{ad}1",
    // Behind a user's name.
    "user@127.0.0.1",
    "news.example@127.0.0.1",
    "news.example:80@127.0.0.1",
    // This network, private networks, carriers', link-local, benchmarks, documentation, multicast, class E.
    "0",
    "0.0.0.0",
    "0x0",
    "0.1.2.3",
    "10.0.0.1",
    "10.1",
    "012.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "0251.0376.0251.0376",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "0300.0250.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    // IPv6: itself, and IPv4 inside it (mapped, compatible, NAT64, 6to4, Teredo), unique-local, link-local, multicast.
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:53aa:64c::1]",
    "[2001:db8::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
];

/// Names that need no name server to lead to this machine.
const NAMES: &[&str] = &["localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.localhost.", "ｌocalhost"];

/// No address at all: nobody is asked.
const NO_HOSTS: &[&str] =
    &["[fe80::1%25lo]", "[::1%lo]", "[127.0.0.1]", "127.0.0.256", "0x7f.1.1.1.1", "[::ffff:127.0.0.1", "127.0.0.1%00"];

/// Where a request leaves.
#[derive(Clone, Copy, Debug)]
enum Door {
    Poll,
    Preview,
    Place,
    Article,
    Robots,
    Hub,
}

const DOORS: [Door; 6] = [Door::Poll, Door::Preview, Door::Place, Door::Article, Door::Robots, Door::Hub];

fn config(fetch: &str, url: &str) -> Config {
    let text = format!("[fetch]\ntimeout = \"5s\"\n{fetch}\n[[source]]\nid = \"s\"\nurl = {url:?}\n");
    let loaded = Config::parse(&text, Path::new("feeds.toml"), &Overrides::default());
    loaded.unwrap_or_else(|errors| panic!("{errors}\n{text}")).config
}

fn source(url: &Url) -> Source {
    Source::clone(&config("", url.as_str()).sources[0])
}

impl Door {
    /// Asks by this door as the program does; what was allowed inside may be reached (`inside`).
    async fn ask(self, client: &Client, url: &Url) -> Option<Failure> {
        let now: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        match self {
            Door::Poll => fetch::fetch(client, &source(url), &SourceState::default(), now).await.err(),
            Door::Preview => fetch::fetch_url(client, url, now).await.err(),
            Door::Place => client.place(url, true, now).await.err(),
            Door::Article => match client.article(url, true, now).await {
                Ok(Answered::Elsewhere(next)) => client.article(&next, true, now).await.err(),
                other => other.err(),
            },
            Door::Robots => {
                client.ask_robots(url, true, now).await;
                None
            }
            Door::Hub => client.post_form(url, &[("hub.mode", "subscribe")], true, now).await.err(),
        }
    }

    /// Whether it says why nobody was asked, and follows redirects.
    fn tells(self, redirected: bool) -> bool {
        !matches!((self, redirected), (Door::Robots, _) | (Door::Hub, true))
    }
}

/// Every spelling as a URL at this port.
fn spelled(port: u16) -> Vec<Url> {
    let all = HOSTS.iter().chain(NAMES);
    all.map(|host| Url::parse(&format!("http://{host}:{port}/")).unwrap_or_else(|error| panic!("{host}: {error}")))
        .collect()
}

/// The address that a host is written as.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

#[test]
fn the_table_holds_sixty_spellings_of_many_addresses() {
    let urls = spelled(80);
    assert!(HOSTS.len() >= 60);
    let addresses: std::collections::BTreeSet<IpAddr> = urls.iter().filter_map(literal).collect();
    assert!(addresses.len() >= 35, "{}", addresses.len());
    let ours = urls
        .iter()
        .filter_map(literal)
        .filter(|it| it.to_canonical().is_loopback() || it.to_canonical().is_unspecified());
    assert!(ours.count() >= 30, "a canary on this machine would see them");
    for none in NO_HOSTS {
        assert!(Url::parse(&format!("http://{none}:80/")).is_err(), "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_literal_by_name_and_by_redirect_nothing_inside_is_reached() {
    let canary = Canary::start().await;
    let urls = spelled(canary.port);
    let addresses = urls.iter().filter_map(literal).chain([IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    let names: HashMap<String, IpAddr> =
        addresses.enumerate().map(|(number, address)| (format!("n{number}.names.test"), address)).collect();
    let named: Vec<Url> =
        names.keys().map(|name| Url::parse(&format!("http://{name}:{}/", canary.port)).unwrap()).collect();
    let server = NameServer::start(names).await;
    let upstream = Upstream::start().await;
    let fetch = format!("allow = [\"{}\"]\ndns = [\"{}\"]", upstream.authority(), server.address);
    let client = Client::new(&config(&fetch, "http://news.example/").fetch).unwrap();
    let led = Url::parse(&upstream.url("/led")).unwrap();
    for target in urls.iter().chain(&named) {
        for path in ["/led", "/robots.txt"] {
            upstream.serve(path, Reply::status(302).with("location", target.as_str()));
        }
        for (door, asked) in DOORS.iter().flat_map(|door| [(door, target), (door, &led)]) {
            let failure = door.ask(&client, asked).await;
            assert_eq!(canary.seen(), 0, "{door:?} let {target} through by {asked}: {failure:?}");
            if door.tells(asked == &led) {
                let failure = failure.unwrap_or_else(|| panic!("{door:?}: {target} was answered by {asked}"));
                assert_eq!(failure.kind, FailureKind::Blocked, "{door:?}: {target} by {asked}: {failure}");
                assert!(failure.message.contains("[fetch] allow"), "{failure}");
            }
        }
    }
    assert_eq!(upstream.requests("/led").len(), 5 * (urls.len() + named.len()), "each door but one knocked there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_allow_names_is_reached_and_nothing_beside_it() {
    let canary = Canary::start().await;
    let port = canary.port;
    let names = [("paper.lan", "127.0.0.1"), ("other.lan", "127.0.0.2"), ("six.lan", "::1")];
    let names = names.map(|(name, address)| (name.to_owned(), address.parse().unwrap()));
    let server = NameServer::start(HashMap::from(names)).await;
    let literals = ["127.0.0.1", "0x7f.1", "2130706433", "①②⑦.⓪.⓪.①"];
    // What is allowed, which hosts that opens at this port, and which stay closed.
    let table: &[(String, &[&str], &[&str])] = &[
        (
            format!("127.0.0.1:{port}"),
            &literals,
            &["127.0.0.2", "localhost", "[::1]", "paper.lan", "[::ffff:127.0.0.1]"],
        ),
        (
            format!("paper.lan:{port}"),
            &["paper.lan", "PAPER.lan"],
            &["127.0.0.1", "other.lan", "a.paper.lan", "paper.lan."],
        ),
        (format!("[::1]:{port}"), &["[::1]", "[0:0::1]"], &["127.0.0.1", "localhost", "six.lan"]),
        (
            "127.0.0.1/32".into(),
            &["127.0.0.1", "0x7f.1", "paper.lan", "localhost", "[::ffff:127.0.0.1]"],
            &["127.0.0.2", "other.lan", "six.lan", "[::1]"],
        ),
        ("127.0.0.0/8".into(), &["127.0.0.1", "127.9.9.9", "other.lan"], &["[::1]", "six.lan", "10.0.0.1", "0.0.0.0"]),
        (format!("127.0.0.1:{}", port ^ 1), &[], &["127.0.0.1", "paper.lan", "localhost"]),
    ];
    for (allow, open, closed) in table {
        let fetch = format!("allow = [\"{allow}\"]\ndns = [\"{}\"]", server.address);
        let client = Client::new(&config(&fetch, "http://news.example/").fetch).unwrap();
        for host in open.iter().filter(|host| canary.has_v6 || !host.starts_with("[::1") && !host.starts_with("[0:0")) {
            for door in DOORS {
                let url = Url::parse(&format!("http://{host}:{port}/{door:?}")).unwrap();
                let failure = door.ask(&client, &url).await;
                assert_eq!(canary.seen(), 1, "{allow} should open {url} to {door:?}: {failure:?}");
            }
        }
        for host in *closed {
            for door in DOORS {
                let failure = door.ask(&client, &Url::parse(&format!("http://{host}:{port}/")).unwrap()).await;
                assert_eq!(canary.seen(), 0, "{allow} opened {host} to {door:?}: {failure:?}");
            }
        }
    }
    // What a stranger's document names is outside, whatever is allowed.
    let fetch = format!("allow = [\"127.0.0.0/8\", \"paper.lan:{port}\"]\ndns = [\"{}\"]", server.address);
    let client = Client::new(&config(&fetch, "http://news.example/").fetch).unwrap();
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    for host in ["127.0.0.1", "paper.lan", "localhost"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        assert_eq!(client.article(&url, false, now).await.unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(client.place(&url, false, now).await.unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(client.post_form(&url, &[], false, now).await.unwrap_err().kind, FailureKind::Blocked);
        client.ask_robots(&url, false, now).await;
    }
    assert_eq!(canary.seen(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_reach_nothing_inside_either() {
    let canary = Canary::start().await;
    let upstream = Upstream::start().await;
    let mut text = format!("[fetch]\nallow = [\"{}\"]\n", upstream.authority());
    let urls = spelled(canary.port);
    for (number, url) in urls.iter().enumerate() {
        upstream.serve(&format!("/{number}"), Reply::status(301).with("location", url.as_str()));
        let led = upstream.url(&format!("/{number}"));
        text.push_str(&format!(
            "[[source]]\nid = \"l{number}\"\nurl = \"{url}\"\n[[source]]\nid = \"r{number}\"\nurl = \"{led}\"\n"
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &text);
    let checked = syndic().args(["check", "--online", "--json", "--config"]).arg(&config).output().unwrap();
    let lines = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{lines}");
    assert_eq!(lines.lines().filter(|line| line.contains("inside address")).count(), 2 * urls.len(), "{lines}");
    for url in [urls[0].as_str(), "http://localhost", &upstream.url("/0")] {
        let seen =
            syndic().args(["preview", url, "--config"]).arg(&config).current_dir(folder.path()).output().unwrap();
        assert_eq!(seen.status.code(), Some(1), "{url}: {seen:?}");
    }
    assert_eq!(canary.seen(), 0);
}
