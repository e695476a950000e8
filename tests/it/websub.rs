//! The WebSub subscriber against a hub on loopback: what is asked, what is confirmed, what is taken in, and what changes nothing.

use crate::support::{
    NameServer, Reply, World, client,
    hub::{Answered, Hub, Request, call, push, signature, verify},
    world::slug,
};
use chrono::TimeDelta;
use std::{collections::HashMap, sync::Arc, time::Duration};
use syndic::{
    config::Config,
    model::{FeedId, Phase},
    poll::Poller,
    publish::Publisher,
    refresh::{Outcome, Tools},
    serve::{self, App},
    websub::{Desk, Standing},
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

const MONTH: u64 = 30 * 86_400;

/// A publisher, its hub, and syndic listening between them.
struct Station {
    world: World,
    hub: Hub,
    config: watch::Sender<Arc<Config>>,
    tools: Tools,
    poller: Poller,
    desk: Desk,
    address: String,
    stop: CancellationToken,
}

impl Station {
    /// A source `paper` whose feed names the hub in its Link header.
    async fn new() -> Station {
        let world = World::new().await.source_with("paper", "category = \"news\"\ncontent = \"full\"");
        Station::over(world, Hub::start().await).await
    }

    async fn over(world: World, hub: Hub) -> Station {
        Station::found_at(None, world, hub).await
    }

    /// Hubs are told that it is there, instead of where it listens.
    async fn found_at(site: Option<&str>, world: World, hub: Hub) -> Station {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = world.at(site.unwrap_or(&address));
        let (tools, stop) = (world.tools(), CancellationToken::new());
        let poller = Poller::new(tools.clone(), 8);
        let (sender, config) = watch::channel(world.config());
        let desk = Desk::new(tools.clone(), poller.clone(), config.clone());
        desk.listen();
        let own = syndic::websub::Hub::new(tools.clone(), poller.clone(), config.clone());
        let app = App::new(
            (config, syndic::reload::Reloads::default()),
            tools.clone(),
            Publisher::holding(1 << 20),
            desk.clone(),
            own,
        );
        tokio::spawn(serve::serve(listener, app, stop.clone()));
        Station { world, hub, config: sender, tools, poller, desk, address, stop }
    }

    /// What the source serves from now on: these entries, and the links in its header.
    fn serves(&self, entries: &[&str]) {
        let link = format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", self.hub.url(), self.topic());
        self.world.upstream.serve("/paper", Reply::xml(self.feed(entries)).with("link", &link));
    }

    /// The feed with one entry, `urn:one`: these words, said at that minute after three.
    fn says(&self, words: &str, minute: u32) -> String {
        let feed = self.feed(&["one"]).replace("words of one", words);
        feed.replace("03:00:00 GMT", &format!("03:{minute:02}:00 GMT"))
    }

    async fn published(&self) -> String {
        client().get(format!("{}/source/paper.atom", self.address)).send().await.unwrap().text().await.unwrap()
    }

    /// When something is to be done about the one subscription.
    fn next(&self) -> Option<syndic::model::Time> {
        self.tools.store.subscriptions().unwrap().into_values().next().map(|subscription| subscription.next)
    }

    fn covered(&self) -> bool {
        self.tools.subscriptions.covers(&slug("paper"), self.tools.clock.now())
    }

    /// Pushes what a hub would sign, whatever comes of it.
    async fn throws(&self, request: &Request, body: impl Into<Vec<u8>>) -> u16 {
        let body = body.into();
        let signature = signature(&request["hub.secret"], &body);
        push(&request["hub.callback"], &[("x-hub-signature", &signature)], body).await.status
    }

    fn topic(&self) -> String {
        self.world.upstream.url("/paper?all=1&kind=rss")
    }

    fn feed(&self, entries: &[&str]) -> String {
        let item = |name: &&str| {
            let link = self.world.upstream.url(&format!("/article/{name}"));
            format!(
                "<item><title>{name}</title><guid isPermaLink=\"false\">urn:{name}</guid><link>{link}</link><description>words of {name}</description><pubDate>Fri, 22 Apr 2022 03:00:00 GMT</pubDate></item>"
            )
        };
        let items: String = entries.iter().map(item).collect();
        format!(
            "<rss version=\"2.0\"><channel><title>Paper</title><link>{}</link><description>d</description>{items}</channel></rss>",
            self.world.upstream.url("/")
        )
    }

    /// Polls every source, then does what is to be done.
    async fn poll(&self) -> Vec<Outcome> {
        let config = self.config.borrow().clone();
        let mut reports = self.poller.pass(&config, config.sources.clone(), true);
        let mut outcomes = Vec::new();
        while let Some(report) = reports.recv().await {
            outcomes.push(report.outcome.unwrap());
        }
        self.round(false).await;
        outcomes
    }

    async fn round(&self, whole: bool) {
        let config = self.config.borrow().clone();
        self.desk.round(&config, whole, &self.stop).await.unwrap();
    }

    /// Subscribed and verified: the request it began with.
    async fn subscribed(&self, lease: u64) -> Request {
        self.serves(&["one"]);
        self.poll().await;
        let request = self.hub.request(0).await;
        let answer = verify(&request, "ch4llenge", lease).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ch4llenge"));
        request
    }

    fn standing(&self) -> Option<Standing> {
        self.tools.subscriptions.standing(&slug("paper"), self.tools.clock.now())
    }

    fn state(&self) -> Option<Phase> {
        self.standing().map(|standing| standing.state)
    }

    async fn titles(&self) -> Vec<String> {
        let listing = self.world.store.feed(&FeedId::Source(slug("paper")), 50).await.unwrap();
        listing.entries.iter().filter_map(|entry| Some(entry.edition.title.as_ref()?.value.clone())).collect()
    }

    /// Pushes a document as the hub would, and waits until it has been taken in.
    async fn pushed(&self, request: &Request, body: String) {
        let before = self.standing().and_then(|standing| standing.last_push);
        self.world.pass_time(TimeDelta::seconds(1));
        let signature = signature(&request["hub.secret"], body.as_bytes());
        let headers = [("content-type", "application/rss+xml"), ("x-hub-signature", signature.as_str())];
        let answer = push(&request["hub.callback"], &headers, body).await;
        assert_eq!(answer.status, 202);
        self.until(|station| station.standing().and_then(|standing| standing.last_push) != before).await;
    }

    async fn until(&self, what: impl Fn(&Station) -> bool) {
        let wait = async {
            while !what(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it did not come about");
    }

    /// Everything of the source that a push could have changed.
    async fn everything(&self) -> String {
        format!("{:?} {:?} {:?}", self.world.state("paper").await, self.titles().await, self.state())
    }
}

/// The callback, at another address of ours.
fn moved(request: &Request, address: &str) -> Request {
    let path = request["hub.callback"].split("/websub/").nth(1).unwrap();
    let mut request = request.clone();
    request.insert("hub.callback".to_owned(), format!("{address}/websub/{path}"));
    request
}

#[tokio::test]
async fn a_hub_is_found_asked_and_confirmed_and_what_it_pushes_is_published() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    assert_eq!(request["hub.mode"], "subscribe");
    assert_eq!(request["hub.topic"], station.topic(), "with its query");
    assert_eq!(request["hub.lease_seconds"], "864000");
    assert_eq!(request["hub.secret"].len(), 64);
    let token = request["hub.callback"].strip_prefix(&format!("{}/websub/", station.address)).unwrap();
    assert_eq!(token.len(), 64);
    let standing = station.standing().unwrap();
    let ten_days = station.tools.clock.now() + TimeDelta::days(10);
    assert_eq!((standing.state, standing.verified_until), (Phase::Verified, Some(ten_days)), "no longer than ten days");

    let before = station.world.state("paper").await;
    station.pushed(&request, station.feed(&["two"])).await;
    assert_eq!(station.titles().await, ["two", "one"], "absence in a push deletes nothing");
    let after = station.world.state("paper").await;
    assert_eq!((&after.validators, after.body_hash), (&before.validators, before.body_hash), "the poll's own");
    assert_eq!(
        (after.next_poll, after.last_attempt, &after.feed),
        (before.next_poll, before.last_attempt, &before.feed)
    );
    let feed = client().get(format!("{}/source/paper.atom", station.address)).send().await.unwrap();
    assert!(feed.text().await.unwrap().contains("words of two"));

    // The poll finds what was pushed, and it is the same entry.
    station.serves(&["two", "one"]);
    let Outcome::Committed(changes) = &station.poll().await[0] else { panic!() };
    assert_eq!((changes.new.len(), changes.updated.len(), changes.unchanged), (0, 0, 2));
}

#[tokio::test]
async fn a_late_push_replaces_no_newer_text_and_one_that_lies_lasts_until_the_next_poll_only() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    let before = station.world.state("paper").await;
    station.pushed(&request, station.says("old words", 0)).await;
    assert!(station.published().await.contains("words of one"));
    let kept = station.world.state("paper").await;
    assert!(before.body_hash.is_some());
    assert_eq!((kept.body_hash, &kept.validators), (before.body_hash, &before.validators));

    station.pushed(&request, station.says("a lie", 30)).await;
    assert!(station.published().await.contains("a lie"), "what says itself newer is a correction");
    assert_eq!(station.world.state("paper").await.body_hash, None);
    // The publisher's document is what it was, byte for byte.
    let Outcome::Committed(changes) = &station.poll().await[0] else { panic!("it has to be read") };
    assert_eq!(changes.updated.len(), 1);
    let settled = station.published().await;
    assert!(settled.contains("words of one") && !settled.contains("a lie"));
    station.pushed(&request, station.says("a lie", 30)).await;
    assert!(!station.published().await.contains("a lie"), "nor does it come back");
}

#[tokio::test]
async fn a_poll_that_waits_for_a_push_keeps_nobody_from_asking() {
    let station = Station::new().await;
    station.serves(&["one"]);
    let config = station.config.borrow().clone();
    let poller = Poller::new(station.tools.clone(), 1);
    let taken_in = station.tools.subscriptions.alone(&slug("paper")).await;
    let mut reports = poller.pass(&config, config.sources.clone(), true);
    let hub = station.hub.url().parse().unwrap();
    for _ in 0..200 {
        let mut visit = poller.visit();
        let came = tokio::time::timeout(Duration::from_secs(20), visit.go(&config.fetch, Some(&hub))).await;
        assert_eq!(came, Ok(true), "the only permit is kept by a poll that waits");
        tokio::task::yield_now().await;
    }
    assert!(reports.try_recv().is_err() && station.world.upstream.requests("/paper").is_empty());
    drop(taken_in);
    assert!(matches!(reports.recv().await.unwrap().outcome, Ok(Outcome::Committed(_))));
}

#[tokio::test]
async fn a_push_that_could_not_be_used_makes_the_usual_time_count_until_the_next_poll() {
    let station = Station::new().await;
    let mut config = Config::clone(&station.config.borrow());
    config.fetch.max_bytes = 10_000;
    station.config.send_replace(Arc::new(config));
    let request = station.subscribed(MONTH).await;
    station.poll().await;
    assert!(station.covered());
    assert_eq!(station.throws(&request, station.feed(&["two"]) + &" ".repeat(10_000)).await, 413);
    assert!(!station.covered(), "too long");
    station.poll().await;
    assert!(station.covered());
    assert_eq!(station.throws(&request, "<!doctype html><title>An error</title>").await, 202);
    station.until(|station| !station.covered()).await;
    station.poll().await;
    assert!(station.covered());
}

#[tokio::test]
async fn where_one_hub_refuses_the_next_is_asked_and_the_first_is_left_when_it_has_agreed() {
    let (station, other) = (Station::new().await, Hub::start().await);
    station.hub.answer(400, None);
    station.serves(&["one"]);
    let links = format!("<{}>; rel=\"hub\", <{}>; rel=\"hub\"", station.hub.url(), other.url());
    let reply = Reply::xml(station.feed(&["one"])).with("link", &links);
    station.world.upstream.serve("/paper", reply);
    station.poll().await;
    station.hub.request(0).await;
    station.until(|station| station.standing().unwrap().trouble.is_some()).await;
    assert_eq!(other.requests(), 0);
    station.poll().await;
    let request = other.request(0).await;
    assert_eq!(verify(&request, "x", MONTH).await.status, 200);
    station.poll().await;
    assert_eq!(station.hub.request(1).await["hub.mode"], "unsubscribe");
    assert!(station.covered() && station.standing().unwrap().hub == other.url());
    assert_eq!(other.requests(), 1);
}

#[tokio::test]
async fn under_another_site_url_the_subscription_is_renewed_at_once_and_not_relied_on_before() {
    let station = Station::new().await;
    let first = station.subscribed(MONTH).await;
    station.poll().await;
    assert!(station.covered());
    let mut config = Config::clone(&station.config.borrow());
    config.site.url = "http://news.test/below/".parse().unwrap();
    station.config.send_replace(Arc::new(config));
    station.round(true).await;
    assert!(!station.covered());
    let second = station.hub.request(1).await;
    assert_eq!(second["hub.callback"], moved(&first, "http://news.test/below")["hub.callback"]);
    assert_eq!(second["hub.secret"], first["hub.secret"]);
    assert_eq!(station.throws(&first, station.feed(&["two"])).await, 202, "taken meanwhile");
    station.until(|station| station.standing().unwrap().last_push.is_some()).await;
    assert_eq!(verify(&first, "again", MONTH).await.status, 200);
    station.poll().await;
    assert!(station.covered());
    station.round(true).await;
    assert_eq!(station.hub.requests(), 2, "once");
}

#[tokio::test]
async fn a_hub_whose_host_wants_to_be_left_alone_is_not_asked_by_any_subscription() {
    let station = Station::new().await;
    let hub = station.hub.url().parse().unwrap();
    let later = station.tools.clock.now() + TimeDelta::hours(2);
    station.poller.visit().hold(&hub, later).await;
    station.serves(&["one"]);
    station.poll().await;
    station.until(|station| station.next() == Some(later)).await;
    station.world.pass_time(TimeDelta::minutes(119));
    station.round(false).await;
    assert_eq!(station.hub.requests(), 0);
}

#[tokio::test]
async fn a_hub_that_says_429_is_left_alone_by_the_subscriptions_that_wait_for_its_host_too() {
    // Names, unlike addresses of this machine, are paced.
    let hosts = ["a.hub.example", "b.hub.example"];
    let names = hosts.map(|host| (host.to_owned(), "127.0.0.1".parse().unwrap()));
    let names = NameServer::start(HashMap::from(names)).await;
    let lines = "category = \"news\"\ncontent = \"full\"";
    let world = World::new().await.resolving(names.address).source_with("paper", lines).source_with("gazette", lines);
    let station = Station::found_at(Some("https://syndic.test"), world, Hub::start().await).await;
    for (source, host) in ["/paper", "/gazette"].iter().zip(hosts) {
        let (hub, upstream) = (station.hub.url().replace("127.0.0.1", host), &station.world.upstream);
        let link = format!("<{hub}>; rel=\"hub\", <{}>; rel=\"self\"", upstream.url(source));
        upstream.serve(source, Reply::xml(station.feed(&[source])).with("link", &link));
    }
    station.hub.answer(429, None);
    station.poll().await;
    station.hub.request(0).await;
    let all = |station: &Station| station.tools.store.subscriptions().unwrap().into_values();
    station.until(|station| all(station).any(|subscription| subscription.trouble.is_some())).await;
    // The pause is over: the other one has its turn, and does not use it. Nor is the first one asked again before.
    station.world.pass_time(TimeDelta::minutes(29));
    station.poller.visit().hold(&"https://other.example/".parse().unwrap(), station.tools.clock.now()).await;
    let is_due = |station: &Station| all(station).any(|subscription| subscription.next <= station.tools.clock.now());
    let quiet = async {
        while is_due(&station) || station.poller.bounds()[0].used > 0 {
            station.round(false).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), quiet).await.expect("somebody is still due");
    assert_eq!(station.hub.requests(), 1);
    station.world.pass_time(TimeDelta::minutes(2));
    station.round(false).await;
    station.hub.request(1).await;
}

#[tokio::test]
async fn the_challenge_is_plain_text_and_only_what_we_asked_for_is_confirmed() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    let ask = |mode: &'static str, topic: String| {
        let callback = request["hub.callback"].clone();
        async move {
            let parameters = [
                ("hub.mode", mode),
                ("hub.topic", topic.as_str()),
                ("hub.challenge", "<script>alert(1)</script>"),
                ("hub.lease_seconds", "60"),
            ];
            call(&callback, &parameters).await
        }
    };
    let again = ask("subscribe", station.topic()).await;
    assert_eq!((again.status, again.body.as_str()), (200, "<script>alert(1)</script>"));
    assert_eq!(again.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(again.headers["x-content-type-options"], "nosniff");

    let refused = |answer: Answered| assert!(answer.status == 404 && !answer.body.contains("alert"), "{answer:?}");
    refused(ask("subscribe", station.world.upstream.url("/other")).await);
    refused(ask("unsubscribe", station.topic()).await);
    refused(ask("publish", station.topic()).await);
    let topic = station.topic();
    refused(call(&request["hub.callback"], &[("hub.mode", "subscribe"), ("hub.topic", topic.as_str())]).await);
    refused(call(&request["hub.callback"], &[]).await);
    refused(call(&format!("{}/websub/{}", station.address, "0".repeat(64)), &[("hub.mode", "subscribe")]).await);
    // A verification that comes long after we asked is somebody else's.
    station.world.pass_time(TimeDelta::days(2));
    refused(ask("subscribe", station.topic()).await);
    assert_eq!(station.state(), Some(Phase::Verified));
}

#[tokio::test]
async fn before_it_is_verified_nothing_is_taken() {
    let station = Station::new().await;
    station.serves(&["one"]);
    station.poll().await;
    let request = station.hub.request(0).await;
    let body = station.feed(&["two"]);
    let signature = signature(&request["hub.secret"], body.as_bytes());
    assert_eq!(push(&request["hub.callback"], &[("x-hub-signature", &signature)], body).await.status, 404);
    let topic = station.topic();
    let denial = [("hub.mode", "denied"), ("hub.topic", topic.as_str()), ("hub.reason", "not\nyou")];
    assert_eq!(call(&request["hub.callback"], &denial).await.status, 200);
    assert_eq!(station.standing().unwrap().trouble.as_deref(), Some("denied: not you"));
    assert_eq!(verify(&request, "late", MONTH).await.status, 404, "denied is denied");
}

#[tokio::test]
async fn a_lying_signature_changes_nothing() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    let before = station.everything().await;
    let body = station.feed(&["lie"]);
    let right = signature(&request["hub.secret"], body.as_bytes());
    for (lie, status) in [
        (signature("another secret", body.as_bytes()), 202),
        (signature(&request["hub.secret"], b"another body"), 202),
        (right[..right.len() - 2].to_owned(), 202),
        (right.replace("sha512=", "sha1="), 202),
        (right.replace("sha512=", ""), 202),
        (String::new(), 202),
    ] {
        let answer = push(&request["hub.callback"], &[("x-hub-signature", &lie)], body.clone()).await;
        assert_eq!(answer.status, status, "{lie}");
    }
    assert_eq!(push(&request["hub.callback"], &[], body.clone()).await.status, 403, "a secret was given");
    assert_eq!(station.everything().await, before);
    assert_eq!(station.standing().unwrap().ignored, 7);
    let unknown = format!("{}/websub/{}", station.address, "0".repeat(64));
    assert_eq!(push(&unknown, &[("x-hub-signature", &right)], body).await.status, 404);
}

#[tokio::test]
async fn what_is_too_long_or_no_feed_changes_nothing() {
    let station = Station::new().await;
    let mut config = Config::clone(&station.config.borrow());
    config.fetch.max_bytes = 10_000;
    station.config.send_replace(Arc::new(config));
    let request = station.subscribed(MONTH).await;
    let before = station.everything().await;
    let body = station.feed(&["lie"]) + &" ".repeat(10_000);
    let long = signature(&request["hub.secret"], body.as_bytes());
    assert_eq!(push(&request["hub.callback"], &[("x-hub-signature", &long)], body).await.status, 413);
    let page = "<!doctype html><title>An error</title>";
    let signed = signature(&request["hub.secret"], page.as_bytes());
    assert_eq!(push(&request["hub.callback"], &[("x-hub-signature", &signed)], page).await.status, 202);
    assert_eq!(station.everything().await, before);
    // A push of a document in another charset, as its Content-Type says.
    let (body, _, _) = encoding_rs::GB18030.encode("<rss version=\"2.0\"><channel><title>报</title><item><title>港口吞吐量大增</title><guid>urn:gb</guid></item></channel></rss>");
    let signed = signature(&request["hub.secret"], &body);
    let headers = [("content-type", "text/xml; charset=gbk"), ("x-hub-signature", signed.as_str())];
    assert_eq!(push(&request["hub.callback"], &headers, body.into_owned()).await.status, 202);
    station.until(|station| station.standing().unwrap().last_push.is_some()).await;
    assert!(station.titles().await.contains(&"港口吞吐量大增".to_owned()));
}

#[tokio::test]
async fn a_lease_is_renewed_in_time_under_the_same_secret() {
    let station = Station::new().await;
    let first = station.subscribed(86_400).await;
    station.world.pass_time(TimeDelta::hours(19));
    station.round(false).await;
    assert_eq!(station.hub.requests(), 1, "not yet");
    station.world.pass_time(TimeDelta::minutes(15));
    station.round(false).await;
    let second = station.hub.request(1).await;
    assert_eq!(second, first, "same callback, same secret");
    station.pushed(&first, station.feed(&["between"])).await;
    assert_eq!(verify(&second, "again", 86_400).await.status, 200);
    let standing = station.standing().unwrap();
    assert_eq!(standing.verified_until, Some(station.tools.clock.now() + TimeDelta::days(1)));
    station.world.pass_time(TimeDelta::hours(10));
    station.pushed(&second, station.feed(&["after"])).await;
    assert_eq!(station.titles().await.len(), 3);
}

#[tokio::test]
async fn a_lease_that_nobody_renews_ends_and_polls_go_on_as_usual() {
    let station = Station::new().await;
    let request = station.subscribed(3_600).await;
    station.poll().await;
    assert!(station.standing().unwrap().covered);
    let state = station.world.state("paper").await;
    let source = Arc::clone(&station.config.borrow().sources[0]);
    let due = |covered| syndic::websub::next_poll(&source, state.next_poll, state.last_attempt, covered);
    assert!(state.next_poll.is_some() && due(station.covered()) > state.next_poll);
    station.hub.answer(503, None);
    station.world.pass_time(TimeDelta::minutes(50));
    station.round(false).await;
    station.hub.request(1).await;
    station.until(|station| station.standing().unwrap().trouble.is_some()).await;
    station.world.pass_time(TimeDelta::minutes(15));
    assert!(!station.standing().unwrap().covered);
    assert_eq!(due(station.covered()), state.next_poll, "the usual time is back, whatever else happens");
    station.round(false).await;
    assert_eq!(station.hub.request(2).await, request, "it is asked again");
    station.until(|station| station.state() == Some(Phase::Asked)).await;
}

#[tokio::test]
async fn a_covered_source_is_polled_once_a_day_and_a_hub_that_misses_something_is_distrusted_until_it_pushes() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    let source = Arc::clone(&station.config.borrow().sources[0]);
    let (station, source) = (&station, &source);
    let wait = move |covered| async move {
        let state = station.world.state("paper").await;
        let next = syndic::websub::next_poll(source, state.next_poll, state.last_attempt, covered).unwrap();
        (next - state.last_attempt.unwrap()).num_minutes()
    };
    let covered = || station.tools.subscriptions.covers(&slug("paper"), station.tools.clock.now());
    assert!(!covered(), "what was published before the hub agreed is not the hub's to push");
    station.serves(&["two", "one"]);
    station.poll().await;
    assert!(covered() && !station.standing().unwrap().distrusted);
    assert_eq!((wait(true).await, wait(false).await < 24 * 60), (24 * 60, true));

    station.serves(&["three", "two", "one"]);
    station.poll().await;
    assert!(!covered() && station.standing().unwrap().distrusted);
    assert!(wait(covered()).await < 24 * 60);
    station.poll().await;
    assert!(!covered(), "a poll that finds nothing proves nothing");

    station.serves(&["four", "three", "two", "one"]);
    station.pushed(&request, station.feed(&["four"])).await;
    assert!(covered() && !station.standing().unwrap().distrusted);
}

#[tokio::test]
async fn a_subscription_survives_a_restart() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    station.poll().await;
    station.stop.cancel();
    let site = station.config.borrow().site.clone();
    let Station { world, hub, .. } = station;
    let station = Station::over(world.restarted().await, hub).await;
    // It listens at another port; its site is where it was.
    let config = Config { site, ..Config::clone(&station.config.borrow()) };
    station.config.send_replace(Arc::new(config));
    assert_eq!(station.state(), Some(Phase::Verified));
    assert!(!station.standing().unwrap().covered, "what was pushed meanwhile is not here");
    station.round(true).await;
    assert_eq!(station.hub.requests(), 1, "nothing is asked again");
    station.pushed(&moved(&request, &station.address), station.feed(&["two"])).await;
    assert_eq!(station.titles().await, ["two", "one"]);
    station.poll().await;
    assert!(station.standing().unwrap().covered);
}

#[tokio::test]
async fn a_source_that_is_switched_off_is_unsubscribed_and_its_callback_is_gone() {
    let station = Station::new().await;
    let request = station.subscribed(MONTH).await;
    let mut config = Config::clone(&station.config.borrow());
    config.poll.websub = false;
    station.config.send_replace(Arc::new(config));
    station.round(true).await;
    let bye = station.hub.request(1).await;
    assert_eq!((bye["hub.mode"].as_str(), &bye["hub.topic"]), ("unsubscribe", &request["hub.topic"]));
    assert!(!bye.contains_key("hub.secret"));
    let body = station.feed(&["two"]);
    let signed = signature(&request["hub.secret"], body.as_bytes());
    let late = push(&request["hub.callback"], &[("x-hub-signature", &signed)], body.clone()).await;
    assert_eq!(late.status, 410);
    assert_eq!(verify(&bye, "bye", 0).await.body, "bye");
    assert_eq!(push(&request["hub.callback"], &[("x-hub-signature", &signed)], body).await.status, 410);
    assert_eq!(station.titles().await, ["one"]);
    // A while later it is forgotten.
    station.world.pass_time(TimeDelta::days(11));
    station.round(false).await;
    assert_eq!(station.tools.store.subscriptions().unwrap().len(), 0);
}

#[tokio::test]
async fn another_hub_or_topic_is_another_subscription_and_a_304_without_links_is_none() {
    let station = Station::new().await;
    let first = station.subscribed(MONTH).await;
    let other = Hub::start().await;
    let body = station.feed(&["one"]).replace("<channel>", &format!("<channel><atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"hub\" href=\"{}\"/><atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"self\" href=\"{}\"/>", other.url(), station.topic()));
    station.world.upstream.serve("/paper", Reply::xml(body).with("etag", "\"b\""));
    station.poll().await;
    let bye = station.hub.request(1).await;
    assert_eq!((bye["hub.mode"].as_str(), &bye["hub.callback"]), ("unsubscribe", &first["hub.callback"]));
    let second = other.request(0).await;
    assert_eq!(second["hub.topic"], station.topic());
    assert!(second["hub.callback"] != first["hub.callback"] && second["hub.secret"] != first["hub.secret"]);
    assert_eq!(verify(&second, "x", MONTH).await.status, 200);
    assert!(matches!(station.poll().await[0], Outcome::NotModified));
    assert_eq!((station.hub.requests(), other.requests()), (2, 1));
    assert_eq!(station.state(), Some(Phase::Verified));
}

#[tokio::test]
async fn a_hub_that_hands_over_to_another_is_followed_and_one_that_refuses_is_left_alone() {
    let station = Station::new().await;
    let other = Hub::start().await;
    station.hub.answer(307, Some(&other.url()));
    station.serves(&["one"]);
    station.poll().await;
    let request = other.request(0).await;
    assert_eq!(request, station.hub.request(0).await);
    assert_eq!(verify(&request, "x", MONTH).await.status, 200);

    let station = Station::new().await;
    station.hub.answer(400, None);
    station.serves(&["one"]);
    station.poll().await;
    station.hub.request(0).await;
    station.until(|station| station.standing().unwrap().trouble.is_some()).await;
    assert_eq!(station.standing().unwrap().trouble.as_deref(), Some("400 taken"));
    let told = client().get(format!("{}/status.json", station.address)).send().await.unwrap().text().await.unwrap();
    assert!(told.contains("\"asked\"") && !told.contains("400 taken"), "its words are for the operator: {told}");
    station.world.pass_time(TimeDelta::hours(23));
    station.round(false).await;
    assert_eq!(station.hub.requests(), 1);
    station.world.pass_time(TimeDelta::hours(2));
    station.round(false).await;
    station.hub.request(1).await;
}

#[tokio::test]
async fn a_document_from_outside_does_not_lead_us_to_our_own_machines() {
    // The source is allowed by no name or address; its hub stands in `[fetch] allow`, for another source.
    let station = Station::new().await;
    let mut config = Config::clone(&station.config.borrow());
    let mut source = syndic::model::Source::clone(&config.sources[0]);
    source.kind = syndic::model::SourceKind::Feed("https://stranger.example/feed".parse().unwrap());
    let state = syndic::model::SourceState {
        address: Some(source.address()),
        last_success: Some(station.tools.clock.now()),
        answer: syndic::model::Answer { status: 200, hubs: vec![station.hub.url()], ..Default::default() },
        ..Default::default()
    };
    config.sources = vec![Arc::new(source)];
    station.tools.store.touch(&slug("paper"), state).await.unwrap();
    station.config.send_replace(Arc::new(config));
    station.round(true).await;
    station.until(|station| station.standing().is_some_and(|standing| standing.trouble.is_some())).await;
    assert_eq!(station.hub.requests(), 0);
}
