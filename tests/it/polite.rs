//! What a request carries and what an answer means, by the book: validators, deltas, credentials, proxies.

use crate::support::{Reply, Upstream, World, syndic, write_config};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use syndic::{
    config::{Config, Overrides},
    fetch::{self, Client, Fetched},
    format::Format,
    model::{Failure, FailureKind, SourceState, Validators},
    refresh::Outcome,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn rss(guids: &[&str]) -> String {
    let items: String = guids
        .iter()
        .map(|guid| {
            format!(
                "<item><title>{guid}</title><link>https://rail.example/{guid}</link><guid>{guid}</guid>\
                 <pubDate>Thu, 21 Apr 2022 08:00:00 GMT</pubDate><description>Body of {guid}</description></item>"
            )
        })
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Rail</title><link>https://rail.example/</link>{items}</channel></rss>"
    )
}

fn delta(guids: &[&str], etag: &str) -> Reply {
    Reply::xml(rss(guids)).answered(226).with("im", "feed").with("etag", etag)
}

async fn world() -> World {
    World::new().await.source_with("rail", "category = \"news\"\ncontent = \"full\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_is_asked_for_with_a_tag_and_only_adds() {
    let world = world().await;
    world.upstream.serve("/rail", Reply::xml(rss(&["a", "b"])).with("etag", "\"1\""));
    world.refresh().await;
    world.upstream.serve("/rail", delta(&["c"], "\"2\""));
    let Outcome::Committed(changes) = &world.refresh().await[0].1 else { panic!() };
    assert_eq!((changes.new.len(), changes.updated.len()), (1, 0));
    assert_eq!(world.state("rail").await.validators.etag.as_deref(), Some("\"2\""), "the new tag is kept");
    let feed = world.category("news", Format::Rss).await;
    for guid in ["Body of a", "Body of b", "Body of c"] {
        assert!(feed.contains(guid), "{guid}: {feed}");
    }
    world.upstream.serve("/rail", delta(&[], "\"3\""));
    assert!(matches!(world.refresh().await[0].1, Outcome::Committed(_)), "no news is no empty feed");
    assert_eq!(world.state("rail").await.validators.etag.as_deref(), Some("\"3\""));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    let asked = world.upstream.requests("/rail");
    assert!(!asked[0].contains_key("a-im"), "nothing to be a delta of");
    assert!(asked[1..].iter().all(|headers| headers["a-im"] == "feed"));
    let tags: Vec<_> = asked[1..].iter().map(|headers| headers["if-none-match"].to_str().unwrap()).collect();
    assert_eq!(tags, ["\"1\"", "\"2\"", "\"3\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_226_that_was_not_asked_for_or_is_something_else_is_no_feed() {
    let world = world().await;
    for reply in
        [delta(&["a"], "\"1\""), Reply::xml(rss(&["a"])).answered(226), delta(&["a"], "\"1\"").with("im", "vcdiff")]
    {
        world.upstream.serve("/rail", reply);
        let Outcome::Failed(failure) = &world.refresh().await[0].1 else { panic!() };
        assert_eq!(failure.kind, FailureKind::Status, "{failure}");
        assert!(failure.message.contains("226"), "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_delta_leaves_out_is_still_listed_for_retention() {
    let upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = upstream.url("/rail");
    let text = format!(
        "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"rail\"\nurl = \"{url}\"\ncategory = \"news\"\nkeep = 1\n"
    );
    let config = write_config(folder.path(), &text);
    let kept = || {
        // Retention looks after what the poll before it has listed.
        for words in [&["poll"][..], &["poll"]] {
            syndic().arg("--config").arg(&config).args(words).output().unwrap();
        }
        let output = syndic().arg("--config").arg(&config).args(["export", "entries"]).output().unwrap();
        // What retention dropped is exported as well, as what must not come back.
        String::from_utf8(output.stdout).unwrap().lines().filter(|line| !line.contains("\"retired\":")).count()
    };
    upstream.serve("/rail", Reply::xml(rss(&["a", "b"])).with("etag", "\"1\""));
    assert_eq!(kept(), 2);
    upstream.serve("/rail", delta(&["c"], "\"2\""));
    assert_eq!(kept(), 3, "all three are listed");
    upstream.serve("/rail", Reply::xml(rss(&["c"])).with("etag", "\"4\""));
    assert_eq!(kept(), 1, "now two are not");
}

#[tokio::test(flavor = "multi_thread")]
async fn validators_go_back_to_who_gave_them_behind_a_redirect_and_to_nobody_else() {
    let (world, other) = (world().await, Upstream::start().await);
    world.upstream.serve("/rail", Reply::status(302).with("location", &other.url("/feed")));
    other.serve("/feed", Reply::xml(rss(&["a"])).with("etag", "\"theirs\""));
    world.refresh().await;
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    let Validators { origin, .. } = world.state("rail").await.validators;
    assert_eq!(origin, Some(other.url("")));
    // The redirect leads elsewhere now: what the other gave is not told there.
    let third = Upstream::start().await;
    third.serve("/feed", Reply::xml(rss(&["a", "b"])).with("etag", "\"third\""));
    world.upstream.serve("/rail", Reply::status(302).with("location", &third.url("/feed")));
    assert!(matches!(world.refresh().await[0].1, Outcome::Committed(_)));
    let tags = |upstream: &Upstream, path: &str| -> Vec<Option<String>> {
        let tag = |headers: &axum::http::HeaderMap| Some(headers.get("if-none-match")?.to_str().unwrap().to_owned());
        upstream.requests(path).iter().map(tag).collect()
    };
    assert_eq!(tags(&other, "/feed"), [None, Some("\"theirs\"".to_owned())]);
    assert_eq!(tags(&third, "/feed"), [None]);
    assert_eq!(tags(&world.upstream, "/rail"), [None, None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_and_freshness_outlive_a_304_that_does_not_repeat_them() {
    let world = world().await;
    let reply = Reply::xml(rss(&["a"])).with("etag", "\"1\"").with("cache-control", "max-age=7200").with("age", "7100");
    world.upstream.serve("/rail", reply.with("link", "<https://hub.example/>; rel=hub"));
    world.refresh().await;
    assert_eq!(world.state("rail").await.answer.fresh_seconds, Some(100));
    world.upstream.serve("/rail", Reply::status(304).with("etag", "\"1\"").with("age", "200"));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    let answer = world.state("rail").await.answer;
    assert_eq!((answer.hubs, answer.fresh_seconds), (vec!["https://hub.example/".to_owned()], Some(7_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_headers_and_credentials_are_sent_home_and_never_shown() {
    let world = World::new().await.source_with(
        "rail",
        "category = \"news\"\nheaders = { Cookie = \"session=hush\", X-Key = \"hush\" }\nauth = { user = \"me\", password = \"hush\" }",
    );
    let other = Upstream::start().await;
    world.upstream.serve("/rail", Reply::status(301).with("location", &other.url("/feed?key=hush")));
    other.serve("/feed", Reply::status(401));
    let Outcome::Failed(failure) = &world.refresh().await[0].1 else { panic!() };
    assert!(failure.message.contains("are not sent") && failure.message.contains("/… refuses us"), "{failure}");
    for headers in other.requests("/feed") {
        assert!(["cookie", "x-key", "authorization", "referer"].iter().all(|name| !headers.contains_key(*name)));
    }
    let asked = &world.upstream.requests("/rail")[0];
    assert_eq!((&asked["cookie"], &asked["x-key"]), (&"session=hush".parse().unwrap(), &"hush".parse().unwrap()));
    assert_eq!(asked["authorization"], "Basic bWU6aHVzaA==");
    let shown = format!("{:?} {:?} {failure:?}", world.config(), world.tools().client);
    assert!(!shown.replace("key=hush", "").contains("hush"), "{shown}");
    assert!(!failure.message.contains("hush"));
}

async fn by_proxy(url: &str, proxy: &str) -> Result<Fetched, Failure> {
    let text = format!("[[source]]\nid = \"s\"\nurl = {url:?}\nproxy = {proxy:?}\n");
    let config = Config::parse(&text, Path::new("feeds.toml"), &Overrides::default()).unwrap().config;
    let client = Client::new(&config.fetch).unwrap();
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    fetch::fetch(&client, &config.sources[0], &SourceState::default(), now).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_proxy_is_asked_instead_and_for_nothing_inside() {
    let proxy = Upstream::start().await;
    let address = format!("http://me:hush@{}", proxy.authority());
    proxy.serve("/feed", Reply::xml(rss(&["a"])));
    assert!(matches!(by_proxy("http://paper.example/feed", &address).await, Ok(Fetched::Modified(_))));
    let asked = &proxy.requests("/feed")[0];
    assert_eq!(asked["host"], "paper.example");
    assert_eq!(asked["proxy-authorization"], "Basic bWU6aHVzaA==");
    for inside in ["http://127.0.0.1/feed", "http://localhost/feed", "http://a.localhost./feed", "http://[::1]/feed"] {
        proxy.serve("/led", Reply::status(302).with("location", inside));
        for url in [inside, "http://paper.example/led"] {
            let failure = by_proxy(url, &address).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Blocked, "{url}: {failure}");
        }
    }
    assert_eq!(proxy.requests("/feed").len(), 1);
    proxy.serve("/feed", Reply::status(407));
    let failure = by_proxy("http://paper.example/feed", &address).await.unwrap_err();
    assert!(failure.message.contains("proxy") && !failure.message.contains("hush"), "{failure}");
    let nobody = by_proxy("http://paper.example/feed", "http://me:hush@127.0.0.1:9").await.unwrap_err();
    assert_eq!(nobody.kind, FailureKind::Connect);
    assert!(nobody.message.contains("proxy") && !nobody.message.contains("hush"), "{nobody}");
}

/// A SOCKS5 proxy (RFC 1928, 1929) that says who was asked for, and answers itself.
async fn socks() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap().to_string(), Arc::<Mutex<Vec<String>>>::default());
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut said = [0; 1_024];
            let mut hear = async |answer: &[u8]| -> Vec<u8> {
                let length = connection.read(&mut said).await.unwrap_or(0);
                let _ = connection.write_all(answer).await;
                said[..length].to_vec()
            };
            hear(&[5, 2]).await;
            let credentials = hear(&[1, 0]).await;
            let wanted = hear(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            let request = hear(b"HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n<rss version='2.0'><channel/>\n\n").await;
            let text = [credentials, wanted, request].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            seen.lock().unwrap().push(text.join("|"));
        }
    });
    (address, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socks_proxy_that_looks_names_up_gets_the_name_and_no_inside_address() {
    let (address, asked) = socks().await;
    let proxy = format!("socks5h://me:hush@{address}");
    by_proxy("http://paper.example/feed", &proxy).await.unwrap();
    let seen = asked.lock().unwrap().clone();
    assert!(
        seen[0].contains("hush|") && seen[0].contains("paper.example") && seen[0].contains("GET /feed"),
        "{seen:?}"
    );
    for scheme in ["socks5h", "socks5"] {
        for inside in ["http://127.0.0.1/", "http://0x7f.1/", "http://localhost/", "http://[::ffff:10.0.0.1]/"] {
            let failure = by_proxy(inside, &format!("{scheme}://me:hush@{address}")).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Blocked, "{scheme} {inside}: {failure}");
        }
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
}
