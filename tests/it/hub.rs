//! Our own WebSub hub: whoever is verified is pushed each change of its feed once, signed, over restarts too; and whoever is dead, slow,
//! lying or not ours costs bounded work. Hubs elsewhere are told what changed.

use crate::support::{
    Canary, Daemon, Reply, World, client,
    follower::{Follower, Manner},
    hub::Hub as Elsewhere,
    syndic,
};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{sync::Arc, time::Duration};
use syndic::{
    config::Config,
    poll::Poller,
    publish::Publisher,
    refresh::{Outcome, Tools},
    serve::{self, App},
    websub::{Desk, Hub},
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

const FORM: &str = "application/x-www-form-urlencoded";

/// Syndic with a source `paper` in the category `news`, its hub, and somebody who may follow.
struct House {
    world: World,
    tools: Tools,
    poller: Poller,
    hub: Hub,
    config: watch::Sender<Arc<Config>>,
    follower: Follower,
    address: String,
    stop: CancellationToken,
}

impl House {
    async fn new() -> House {
        House::with("").await
    }

    async fn with(lines: &str) -> House {
        let world = World::new().await.source_with("paper", "category = \"news\"\ncontent = \"full\"").with(lines);
        House::over(world, Follower::start().await).await
    }

    async fn over(world: World, follower: Follower) -> House {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = world.at(&address);
        let (tools, stop) = (world.tools(), CancellationToken::new());
        let poller = Poller::new(tools.clone(), 8);
        let (sender, config) = watch::channel(world.config());
        let hub = Hub::new(tools.clone(), poller.clone(), config.clone());
        let desk = Desk::new(tools.clone(), poller.clone(), config.clone());
        let app = App::new(
            (config, syndic::reload::Reloads::default()),
            tools.clone(),
            Publisher::holding(1 << 20),
            desk,
            hub.clone(),
        );
        tokio::spawn(serve::serve(listener, app, stop.clone()));
        tokio::spawn(hub.clone().run(stop.clone()));
        House { world, tools, poller, hub, config: sender, follower, address, stop }
    }

    /// The same after a restart; what happens in between is up to the caller.
    async fn stopped(self) -> (World, Follower) {
        self.stop.cancel();
        drop((self.hub, self.poller, self.tools));
        (self.world, self.follower)
    }

    /// What the source says from now on, newest first, and a poll of it.
    async fn prints(&self, entries: &[(&str, &str)]) {
        self.world.upstream.serve("/paper", Reply::xml(feed(entries)));
        let config = self.config.borrow().clone();
        let mut reports = self.poller.pass(&config, config.sources.clone(), true);
        while let Some(report) = reports.recv().await {
            assert!(!matches!(report.outcome, Ok(Outcome::Failed(_)) | Err(_)), "{report:?}");
        }
    }

    fn topic(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }

    async fn ask(&self, form: &[(&str, &str)]) -> (u16, String, reqwest::header::HeaderMap) {
        let answer = client()
            .post(format!("{}/hub", self.address))
            .header("content-type", FORM)
            .body(encoded(form))
            .send()
            .await
            .unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, answer.text().await.unwrap(), headers)
    }

    async fn asks(&self, mode: &str, name: &str, topic: &str, more: &[(&str, &str)]) -> u16 {
        let (topic, callback) = (self.topic(topic), self.follower.callback(name));
        let form = [("hub.mode", mode), ("hub.topic", topic.as_str()), ("hub.callback", callback.as_str())];
        self.ask(&[&form[..], more].concat()).await.0
    }

    /// Asks to be pushed a feed, and waits until that was verified and is kept.
    async fn follows(&self, name: &str, topic: &str, more: &[(&str, &str)]) {
        let before = self.followers();
        assert_eq!(self.asks("subscribe", name, topic, more).await, 202);
        until(|| self.followers() > before).await;
    }

    /// How many are kept in the store.
    fn followers(&self) -> usize {
        self.tools.store.followers().unwrap().len()
    }

    /// What is kept of the one follower of a name.
    fn kept(&self, name: &str) -> syndic::model::Follower {
        let all = self.tools.store.followers().unwrap().into_values();
        all.into_iter().find(|kept| kept.callback == self.follower.callback(name)).unwrap()
    }

    /// Lets time pass, and the hub notice.
    async fn pass_time(&self, time: TimeDelta) {
        self.world.pass_time(time);
        let config = self.config.borrow().clone();
        self.hub.round(&config, &self.stop).await.unwrap();
    }

    /// Until there is nothing left to do now.
    async fn settled(&self) {
        let config = self.config.borrow().clone();
        for _ in 0..2 {
            self.hub.round(&config, &self.stop).await.unwrap();
            until(|| self.hub.is_idle()).await;
        }
    }
}

fn feed(entries: &[(&str, &str)]) -> String {
    let item = |(name, words): &(&str, &str)| {
        format!(
            "<item><title>{name}</title><guid isPermaLink=\"false\">urn:{name}</guid><link>https://paper.example/{name}</link><description>{words}</description><pubDate>Fri, 22 Apr 2022 03:00:00 GMT</pubDate></item>"
        )
    };
    let items: String = entries.iter().map(item).collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn encoded(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// Waits for what others do, but not for ever.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..4_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to that");
}

/// `X-Hub-Signature`, not made by the program's own code.
fn signature(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[tokio::test]
async fn the_feed_of_a_tag_is_a_topic_once_something_stands_under_it() {
    let house = House::with("[publish]\nhubs = [\"https://hub.example/\"]\ntags_denied = [\"odd\"]").await;
    let tagged = |entries: &[(&str, &str)], tag: &str| {
        feed(entries).replace("</guid>", &format!("</guid><category>{tag}</category><category>odd</category>"))
    };
    let print = async |text: String| {
        house.world.upstream.serve("/paper", Reply::xml(text));
        let config = house.config.borrow().clone();
        let mut reports = house.poller.pass(&config, config.sources.clone(), true);
        while let Some(report) = reports.recv().await {
            assert!(!matches!(report.outcome, Ok(Outcome::Failed(_)) | Err(_)), "{report:?}");
        }
    };
    let topic = "tag/%E6%B8%AF.atom";
    assert_eq!(house.asks("subscribe", "one", topic, &[]).await, 404, "anybody can think of a tag");
    print(tagged(&[("first", "words")], "港")).await;
    assert_eq!(house.asks("subscribe", "one", "tag/odd.atom", &[]).await, 404, "the operator publishes no feed of it");
    house.follows("one", topic, &[]).await;
    print(tagged(&[("second", "words")], "港")).await;
    let push = house.follower.pushed("one", 0).await;
    assert!(push.body.contains("second") && !push.body.contains("first"), "{}", push.body);
    let links = push.headers["link"].to_str().unwrap();
    assert!(links.contains(&format!("<{}>; rel=\"self\"", house.topic(topic))), "{links}");
    print(tagged(&[("third", "words")], "else")).await;
    house.settled().await;
    assert_eq!(house.follower.pushes("one"), 1, "that stands under another tag");
    let answer = client().get(house.topic(topic)).send().await.unwrap();
    let named = answer.headers()["link"].to_str().unwrap().to_owned();
    for links in [links, &named, &answer.text().await.unwrap()] {
        assert!(links.contains("/hub") && !links.contains("hub.example"), "others are not told of tags: {links}");
    }
}

#[tokio::test]
async fn whoever_is_verified_is_pushed_what_changed_and_nothing_else_once_and_signed() {
    let house = House::new().await;
    house.prints(&[("old", "was here before")]).await;
    for (name, topic) in
        [("a", "category/news.atom"), ("r", "category/news.rss"), ("j", "all.json"), ("s", "source/paper.atom")]
    {
        house.follows(name, topic, &[("hub.secret", "s3cret"), ("hub.lease_seconds", "86400")]).await;
        let asked = house.follower.asked(name, 0).await;
        let said = |field: &str| asked.query[field].as_str();
        assert_eq!((said("of"), said("hub.mode"), said("hub.topic")), (name, "subscribe", house.topic(topic).as_str()));
        assert_eq!(said("hub.lease_seconds"), "86400");
        assert!(said("hub.challenge").len() >= 32 && !asked.query.contains_key("hub.secret"));
    }
    house.prints(&[("new", "just came"), ("old", "was here before")]).await;
    for (name, topic, of_type) in [
        ("a", "category/news.atom", "application/atom+xml; charset=utf-8"),
        ("r", "category/news.rss", "application/rss+xml; charset=utf-8"),
        ("j", "all.json", "application/feed+json; charset=utf-8"),
        ("s", "source/paper.atom", "application/atom+xml; charset=utf-8"),
    ] {
        let push = house.follower.pushed(name, 0).await;
        assert!(push.body.contains("just came") && !push.body.contains("was here before"), "{}", push.body);
        assert_eq!(push.headers["content-type"], of_type);
        assert_eq!(push.headers["x-hub-signature"], signature("s3cret", &push.body).as_str());
        let links = format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", house.topic("hub"), house.topic(topic));
        assert_eq!(push.headers["link"], links.as_str());
        let read = feed_rs::parser::parse(push.body.as_bytes()).unwrap();
        assert_eq!(read.entries.len(), 1);
    }
    house.settled().await;
    house.prints(&[("new", "just came"), ("old", "was here before")]).await;
    house.settled().await;
    assert_eq!(["a", "r", "j", "s"].map(|name| house.follower.pushes(name)), [1; 4], "each change once");
}

#[tokio::test]
async fn corrections_and_withdrawals_are_pushed_too() {
    let house = House::new().await;
    house.prints(&[("one", "first words"), ("two", "other words")]).await;
    house.follows("a", "category/news.atom", &[]).await;
    house.follows("j", "category/news.json", &[]).await;
    house.prints(&[("one", "corrected words"), ("two", "other words")]).await;
    let push = house.follower.pushed("a", 0).await;
    assert!(push.body.contains("corrected words") && !push.body.contains("other words"), "{}", push.body);
    assert!(!push.headers.contains_key("x-hub-signature"), "no secret, no signature");
    let two = house.tools.store.find("urn:two").await.unwrap().unwrap();
    let when = house.tools.clock.now();
    assert!(house.tools.store.retract(&two.code, "a mistake", false, when).await.unwrap());
    let push = house.follower.pushed("a", 1).await;
    assert!(push.body.contains("at:deleted-entry") && push.body.contains("ref=\"urn:two\""), "{}", push.body);
    assert!(
        !push.body.contains("<entry>") && !push.body.contains("a mistake") && !push.body.contains("1970"),
        "{}",
        push.body
    );
    let push: serde_json::Value = serde_json::from_str(&house.follower.pushed("j", 1).await.body).unwrap();
    assert_eq!(push["_syndic"]["deleted"][0]["id"], "urn:two");
    assert_eq!(push["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_changes_while_nobody_pushes_is_pushed_once_after_the_restart() {
    let house = House::new().await;
    house.prints(&[("one", "w1")]).await;
    house.follows("a", "category/news.atom", &[("hub.secret", "s")]).await;
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    house.follower.pushed("a", 0).await;
    house.settled().await;
    let (world, follower) = house.stopped().await;
    world.upstream.serve("/paper", Reply::xml(feed(&[("four", "w4"), ("three", "w3"), ("two", "w2"), ("one", "w1")])));
    let world = world.restarted().await;
    world.refresh().await;
    let (tools, stop) = (world.tools(), CancellationToken::new());
    let poller = Poller::new(tools.clone(), 8);
    let (_config, config) = watch::channel(world.config());
    let hub = Hub::new(tools.clone(), poller, config.clone());
    let current = config.borrow().clone();
    hub.round(&current, &stop).await.unwrap();
    let push = follower.pushed("a", 1).await;
    assert!(push.body.contains("w3") && push.body.contains("w4"), "{}", push.body);
    assert!(!push.body.contains("w2") && !push.body.contains("w1"), "what was pushed before is not pushed again");
    assert_eq!(push.headers["x-hub-signature"], signature("s", &push.body).as_str());
    until(|| hub.is_idle()).await;
    hub.round(&current, &stop).await.unwrap();
    until(|| hub.is_idle()).await;
    assert_eq!(follower.pushes("a"), 2);
}

#[tokio::test]
async fn nothing_changes_before_the_callback_has_said_yes() {
    let house = House::new().await;
    house.prints(&[("one", "w1")]).await;
    for (name, manner) in [("lies", Manner::Lying), ("denies", Manner::Denying), ("elsewhere", Manner::Redirecting)] {
        house.follower.behaves(name, manner);
        assert_eq!(house.asks("subscribe", name, "all.atom", &[]).await, 202, "{name}");
        house.follower.asked(name, 0).await;
    }
    house.follows("a", "all.atom", &[("hub.secret", "mine")]).await;
    let before = house.kept("a");
    // Somebody else unsubscribes it, and renews it with a secret of his own.
    house.follower.behaves("a", Manner::Denying);
    assert_eq!(house.asks("unsubscribe", "a", "all.atom", &[]).await, 202);
    assert_eq!(house.follower.asked("a", 1).await.query["hub.mode"], "unsubscribe");
    house.settled().await;
    assert_eq!(house.asks("subscribe", "a", "all.atom", &[("hub.secret", "his")]).await, 202);
    house.follower.asked("a", 2).await;
    house.settled().await;
    assert_eq!((house.kept("a"), house.followers()), (before, 1));
    assert_eq!(house.follower.questions("elsewhere-kind"), 0, "redirects are not followed");
    house.follower.behaves("a", Manner::Kind);
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    let push = house.follower.pushed("a", 0).await;
    assert_eq!(push.headers["x-hub-signature"], signature("mine", &push.body).as_str());
    assert_eq!(house.asks("unsubscribe", "a", "all.atom", &[]).await, 202);
    until(|| house.followers() == 0).await;
    assert_eq!(house.asks("unsubscribe", "a", "all.atom", &[]).await, 404);
    house.prints(&[("three", "w3")]).await;
    house.settled().await;
    assert_eq!(["a", "lies", "denies", "elsewhere"].map(|name| house.follower.pushes(name)), [1, 0, 0, 0]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_plain_words() {
    let house = House::with("[[category]]\nslug = \"news\"\n[[category]]\nslug = \"board\"\ntoken = \"key\"").await;
    let (topic, callback) = (house.topic("all.atom"), house.follower.callback("a"));
    let mode = ("hub.mode", "subscribe");
    let long = "x".repeat(200);
    for (form, status, words) in [
        (vec![("hub.topic", topic.as_str())], 400, "hub.mode is missing"),
        (vec![("hub.mode", "listen")], 400, "hub.mode"),
        (vec![mode, ("hub.topic", &topic)], 400, "hub.callback is missing"),
        (vec![mode, ("hub.topic", &topic), ("hub.callback", "ftp://x.example/")], 400, "hub.callback"),
        (vec![mode, ("hub.topic", &topic), ("hub.callback", &callback), ("hub.secret", &long)], 400, "hub.secret"),
        (vec![mode, ("hub.topic", "https://other.example/<b>"), ("hub.callback", &callback)], 404, "hub.topic"),
        (vec![mode, ("hub.topic", &topic), ("hub.callback", &house.topic("websub/0a"))], 403, "this site itself"),
        (
            vec![("hub.mode", "unsubscribe"), ("hub.topic", &topic), ("hub.callback", &callback)],
            404,
            "no such subscription",
        ),
        (vec![("hub.mode", "publish"), ("hub.url", &topic)], 202, "taken"),
        (vec![("hub.mode", "publish"), ("hub.url", "https://other.example/")], 404, "hub.topic"),
    ] {
        let (answered, text, headers) = house.ask(&form).await;
        assert_eq!(answered, status, "{form:?}: {text}");
        assert!(text.contains(words) && !text.contains('<'), "{form:?}: {text}");
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    for (path, status) in
        [("category/board.atom", 404), ("category/board.atom?token=no", 404), ("category/none.atom", 404)]
    {
        assert_eq!(house.asks("subscribe", "a", path, &[]).await, status, "{path}");
    }
    let hub = format!("{}/hub", house.address);
    let got = client().get(&hub).send().await.unwrap();
    assert_eq!(
        (got.status().as_u16(), &got.headers()["allow"]),
        (405, &reqwest::header::HeaderValue::from_static("POST"))
    );
    assert_eq!(client().post(&hub).body("{}").send().await.unwrap().status().as_u16(), 415);
    let long = "x".repeat(20_000);
    let huge = [("hub.mode", long.as_str())];
    assert_eq!(
        client().post(&hub).header("content-type", FORM).body(encoded(&huge)).send().await.unwrap().status().as_u16(),
        413
    );
    assert_eq!(house.follower.questions("a"), 0, "nobody was asked anything");
}

#[tokio::test]
async fn a_private_feed_is_pushed_only_to_who_brought_its_token_and_no_more_when_it_changes() {
    let categories = "[publish]\nhubs = [\"https://hub.example/\"]\n[[category]]\nslug = \"news\"\ntoken = \"k&y\"\naliases = [\"old\"]";
    let house = House::with(categories).await;
    house.prints(&[("one", "w1")]).await;
    house.follows("a", "category/old.atom?token=k%26y", &[]).await;
    house.follows("all", "all.atom", &[]).await;
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    let push = house.follower.pushed("a", 0).await;
    assert!(push.body.contains("w2"));
    let links = format!(
        "<{}>; rel=\"hub\", <{}>; rel=\"self\"",
        house.topic("hub"),
        house.topic("category/news.atom?token=k%26y")
    );
    assert_eq!(push.headers["link"], links.as_str(), "under its present name, and no hub elsewhere learns of it");
    house.settled().await;
    assert_eq!(house.follower.pushes("all"), 0, "what stands in no public feed is pushed to nobody else");
    let text = categories.replace("k&y", "new");
    let changed =
        World::new().await.source_with("paper", "category = \"news\"").with(&text).at(&house.address).config();
    house.config.send(changed).unwrap();
    let denied = house.follower.asked("a", 1).await;
    assert_eq!((denied.query["hub.mode"].as_str(), denied.query.contains_key("hub.reason")), ("denied", true));
    until(|| house.followers() == 1).await;
}

#[tokio::test]
async fn what_does_not_arrive_is_repeated_later_with_all_that_came_meanwhile_and_410_ends_it() {
    let house = House::new().await;
    house.prints(&[("one", "w1")]).await;
    house.follower.behaves("a", Manner::Status(503));
    house.follower.behaves("gone", Manner::Status(410));
    house.follower.behaves("moved", Manner::Redirecting);
    house.follows("a", "all.atom", &[]).await;
    house.follows("gone", "all.atom", &[]).await;
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    house.follower.pushed("gone", 0).await;
    house.follower.pushed("a", 0).await;
    until(|| house.followers() == 1).await;
    until(|| house.kept("a").failures == 1).await;
    house.prints(&[("three", "w3"), ("two", "w2"), ("one", "w1")]).await;
    house.settled().await;
    assert_eq!(house.follower.pushes("a"), 1, "not before its time");
    house.follower.behaves("a", Manner::Kind);
    house.pass_time(TimeDelta::seconds(61)).await;
    let push = house.follower.pushed("a", 1).await;
    assert!(push.body.contains("w2") && push.body.contains("w3") && !push.body.contains("w1"), "{}", push.body);
    until(|| house.kept("a").failures == 0).await;
    house.pass_time(TimeDelta::days(10)).await;
    assert_eq!(house.followers(), 0, "a lease that nobody renews ends");
    house.prints(&[("four", "w4")]).await;
    house.settled().await;
    assert_eq!((house.follower.pushes("a"), house.follower.pushes("gone")), (2, 1));
}

#[tokio::test]
async fn a_lease_is_renewed_with_a_new_secret_and_nothing_is_lost_in_between() {
    let house = House::new().await;
    house.prints(&[("one", "w1")]).await;
    house.follows("a", "all.atom", &[("hub.secret", "first"), ("hub.lease_seconds", "3600")]).await;
    let first = house.kept("a");
    house.pass_time(TimeDelta::minutes(50)).await;
    assert_eq!(
        house.asks("subscribe", "a", "all.atom", &[("hub.secret", "second"), ("hub.lease_seconds", "1")]).await,
        202
    );
    until(|| house.kept("a").secret.as_deref() == Some("second")).await;
    let second = house.kept("a");
    assert_eq!((second.since, second.cursor), (first.since, first.cursor));
    assert_eq!(second.until - house.tools.clock.now(), TimeDelta::seconds(60), "the shortest lease");
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    let push = house.follower.pushed("a", 0).await;
    assert_eq!(push.headers["x-hub-signature"], signature("second", &push.body).as_str());
    assert_eq!(house.followers(), 1);
}

#[tokio::test]
async fn whoever_hangs_keeps_nobody_else_waiting_and_costs_one_request_at_a_time() {
    let house = House::new().await;
    house.prints(&[("one", "w1")]).await;
    for name in ["slow", "quick"] {
        house.follows(name, "all.atom", &[]).await;
    }
    house.follower.behaves("slow", Manner::Hanging);
    for round in 0..3 {
        let words = format!("round{round}");
        house.prints(&[(words.as_str(), words.as_str()), ("one", "w1")]).await;
        assert!(house.follower.pushed("quick", round).await.body.contains(&words));
    }
    until(|| house.kept("slow").failures == 1).await;
    assert_eq!(house.follower.pushes("slow"), 1);
    assert!(house.kept("slow").trouble.unwrap().contains("no whole answer"));
    let status = client().get(house.topic("status.json")).send().await.unwrap().text().await.unwrap();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let hub = &status["hub"];
    assert_eq!((&hub["subscriptions"], &hub["failing"], &hub["pushes"]), (&2.into(), &1.into(), &3.into()), "{hub}");
    assert!(!hub.to_string().contains(&house.follower.address.to_string()), "callbacks are nobody's business: {hub}");
}

#[tokio::test]
async fn requests_that_wait_are_bounded_for_each_host_and_a_host_that_never_means_it_is_left_alone() {
    let house = House::new().await;
    let mut answers = Vec::new();
    for number in 0..20 {
        let name = format!("n{number}");
        house.follower.behaves(&name, Manner::Hanging);
        answers.push(house.asks("subscribe", &name, "all.atom", &[]).await);
    }
    assert_eq!(answers.iter().filter(|status| **status == 202).count(), 16, "{answers:?}");
    assert!(answers[16..].iter().all(|status| *status == 429), "{answers:?}");
    let strangers = House::new().await;
    for number in 0..5 {
        let name = format!("d{number}");
        strangers.follower.behaves(&name, Manner::Denying);
        assert_eq!(strangers.asks("subscribe", &name, "all.atom", &[]).await, 202, "{name}");
        strangers.follower.asked(&name, 0).await;
        strangers.settled().await;
    }
    let (topic, callback) = (strangers.topic("all.atom"), strangers.follower.callback("kind"));
    let form = [("hub.mode", "subscribe"), ("hub.topic", topic.as_str()), ("hub.callback", callback.as_str())];
    let (status, words, headers) = strangers.ask(&form).await;
    assert_eq!((status, headers.contains_key("retry-after")), (429, true), "{words}");
    strangers.pass_time(TimeDelta::hours(7)).await;
    strangers.follows("kind", "all.atom", &[]).await;
}

#[tokio::test]
async fn no_callback_leads_inside() {
    let canary = Canary::start().await;
    let names = std::collections::HashMap::from([("inside.example".to_owned(), "127.0.0.1".parse().unwrap())]);
    let dns = crate::support::NameServer::start(names).await;
    let world = World::new().await.source_with("paper", "category = \"news\"");
    let upstream = world.upstream.authority();
    let world = world.without("[fetch]\nallow = [\"127.0.0.0/8\"]\ntimeout = \"2s\"\n").with(&format!(
        "[fetch]\nallow = [\"{upstream}\", \"127.0.0.1:1\"]\ndns = [\"{}\"]\ntimeout = \"2s\"",
        dns.address
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = world.at("https://news.example");
    let (tools, stop) = (world.tools(), CancellationToken::new());
    let poller = Poller::new(tools.clone(), 8);
    let (_sender, config) = watch::channel(world.config());
    let hub = Hub::new(tools.clone(), poller, config.clone());
    let port = canary.port;
    for callback in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://inside.example:{port}/"),
    ] {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("hub.mode", "subscribe"),
                ("hub.topic", "https://news.example/all.atom"),
                ("hub.callback", &callback),
            ])
            .finish();
        let current = config.borrow().clone();
        let _ = hub.ask(&current, form.as_bytes()).await;
        hub.round(&current, &stop).await.unwrap();
        until(|| hub.is_idle()).await;
    }
    assert_eq!((canary.seen(), tools.store.followers().unwrap().len()), (0, 0));
    drop(listener);
}

#[tokio::test]
async fn feeds_name_the_hub_where_others_can_reach_it() {
    let house = House::with("[publish]\nhubs = [\"https://hub.example/?a=1&b=2\"]").await;
    house.prints(&[("one", "w1")]).await;
    let get = async |path: &str| client().get(house.topic(path)).send().await.unwrap();
    let own = house.topic("hub");
    for path in ["all.atom", "category/news.rss", "source/paper.json"] {
        let text = get(path).await.text().await.unwrap();
        for hub in [own.as_str(), "https://hub.example/?a=1&"] {
            assert!(text.contains(hub), "{path} does not name {hub}: {text}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&get("all.json").await.text().await.unwrap()).unwrap();
    assert_eq!(json["hubs"][0], serde_json::json!({"type": "WebSub", "url": own}));
    let silent = House::with("[publish]\nhub = false").await;
    silent.prints(&[("one", "w1")]).await;
    let text = client().get(silent.topic("all.atom")).send().await.unwrap().text().await.unwrap();
    assert!(!text.contains("rel=\"hub\""), "{text}");
    assert_eq!(silent.asks("subscribe", "a", "all.atom", &[]).await, 404);
}

#[tokio::test]
async fn hubs_elsewhere_are_told_of_each_feed_that_changed_and_again_when_they_did_not_listen() {
    let elsewhere = Elsewhere::start().await;
    let house = House::with(&format!("[publish]\nhubs = [\"{}\"]", elsewhere.url())).await;
    house.settled().await;
    house.prints(&[("one", "w1")]).await;
    let mut told = Vec::new();
    for n in 0..9 {
        let request = elsewhere.request(n).await;
        assert_eq!((request["hub.mode"].as_str(), &request["hub.topic"]), ("publish", &request["hub.url"]));
        told.push(request["hub.url"].replace(&house.address, ""));
    }
    told.sort();
    let names = ["/all", "/category/news", "/source/paper"];
    let wanted: Vec<String> =
        names.iter().flat_map(|name| ["atom", "json", "rss"].map(|of| format!("{name}.{of}"))).collect();
    assert_eq!(told, wanted);
    let kept = || house.tools.store.heralded().unwrap()[&elsewhere.url()];
    let end = house.tools.store.cursor().await.unwrap().sequence;
    until(|| kept() == end).await;
    house.prints(&[("one", "w1")]).await;
    house.settled().await;
    assert_eq!(elsewhere.requests(), 9, "nothing changed");
    elsewhere.answer(503, None);
    house.prints(&[("two", "w2"), ("one", "w1")]).await;
    elsewhere.request(9).await;
    house.prints(&[("three", "w3"), ("two", "w2"), ("one", "w1")]).await;
    house.settled().await;
    assert_eq!(elsewhere.requests(), 10, "it is left alone for a while");
    house.pass_time(TimeDelta::seconds(61)).await;
    let end = house.tools.store.cursor().await.unwrap().sequence;
    until(|| kept() == end).await;
    assert_eq!(elsewhere.requests(), 19, "each feed once for both changes");
}

/// Two daemons, one of which reads the other: news goes through both without a poll of the second.
#[tokio::test]
async fn our_own_subscriber_follows_our_own_hub() {
    let upstream = crate::support::Upstream::start().await;
    upstream.serve("/paper", Reply::xml(feed(&[("one", "w1")])));
    let folder = tempfile::tempdir().unwrap();
    let config = |name: &str, url: &str, every: &str| {
        let text = format!(
            "[fetch]\nallow = [\"127.0.0.0/8\"]\n[poll]\nmin = \"1s\"\n[[source]]\nid = \"{name}\"\nurl = \"{url}\"\ncategory = \"news\"\ncontent = \"full\"\n{every}\n"
        );
        let path = folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, text).unwrap();
        path
    };
    let first_config = config("first", &upstream.url("/paper"), "every = \"1s\"");
    let first = Daemon::start(&first_config, &folder.path().join("first"));
    let second_config = config("second", &format!("{}/category/news.atom", first.address), "");
    let second = Daemon::start(&second_config, &folder.path().join("second"));
    let shows = async |daemon: &Daemon, path: &str, words: &str| {
        for _ in 0..4_000 {
            if daemon.get(path).await.1.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{words} never showed: {}", daemon.get("/status.json").await.1);
    };
    shows(&second, "/status.json", "\"state\": \"verified\"").await;
    shows(&first, "/status.json", "\"subscriptions\": 1").await;
    let polled =
        |status: &str| serde_json::from_str::<serde_json::Value>(status).unwrap()["sources"][0]["last_attempt"].clone();
    let before = polled(&second.get("/status.json").await.1);
    upstream.serve("/paper", Reply::xml(feed(&[("two", "through both"), ("one", "w1")])));
    shows(&second, "/category/news.atom", "through both").await;
    assert_eq!(polled(&second.get("/status.json").await.1), before, "it was not polled for it");
    let operator = syndic()
        .args(["status", "--config"])
        .arg(&first_config)
        .arg("--data")
        .arg(folder.path().join("first"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&operator.stdout).contains("hub: 1 subscriptions"), "{operator:?}");
}
