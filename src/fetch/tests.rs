//! Against a real upstream on loopback, scripted per test.

use super::*;
use crate::{
    config::{Allow, FetchConfig},
    model::{ContentPolicy, FailureKind, Secret, Slug},
};
use axum::{
    Router,
    body::Body as AxumBody,
    extract::Request,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// What an upstream was asked, in order: path and header fields.
type Asked = Arc<Mutex<Vec<(String, HeaderMap)>>>;

struct Upstream {
    address: SocketAddr,
    asked: Asked,
}

impl Upstream {
    async fn new(answer: impl Fn(&str, &HeaderMap) -> Response + Clone + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Asked::default();
        let record = asked.clone();
        let app = Router::new().fallback(move |request: Request| {
            let (path, headers) = (request.uri().to_string(), request.headers().clone());
            let answer = answer(&path, &headers);
            record.lock().unwrap().push((path, headers));
            async move { answer }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Upstream { address, asked }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    fn allow(&self) -> Allow {
        Allow::HostPort(self.address.ip().to_string(), self.address.port())
    }

    fn asked(&self) -> Vec<(String, HeaderMap)> {
        self.asked.lock().unwrap().clone()
    }
}

fn client(allow: Vec<Allow>) -> Client {
    limited(allow, 1 << 20, Duration::from_secs(20))
}

fn limited(allow: Vec<Allow>, max_bytes: usize, timeout: Duration) -> Client {
    Client::new(&FetchConfig { user_agent: "syndic-test/1".into(), max_bytes, timeout, allow, dns: Vec::new() })
        .unwrap()
}

fn source(url: Url) -> Source {
    Source {
        id: Slug::parse("s").unwrap(),
        kind: SourceKind::Feed(url),
        categories: Vec::new(),
        title: None,
        homepage: None,
        rights: None,
        license: None,
        language: None,
        timezone: None,
        namespace: "s".into(),
        content: ContentPolicy::Full,
        credit: true,
        every: None,
        headers: Vec::new(),
        auth: None,
        proxy: None,
        info_code: None,
        recipe: None,
        full_text: None,
        rules: Default::default(),
        not_before: None,
        not_after: None,
        retention: None,
        enabled: true,
        publish_url: true,
    }
}

fn now() -> Time {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn document(page: &Page) -> &[u8] {
    match &page.body {
        Body::Document(bytes) => bytes,
        Body::Posts(_) => panic!("posts"),
    }
}

/// A listener that counts connections and never answers.
async fn canary() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(connection) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            held.push(connection);
        }
    });
    (address, seen)
}

#[tokio::test]
async fn validators_are_kept_sent_back_and_renewed() {
    let upstream = Upstream::new(|_, headers| match headers.get("if-none-match") {
        None => (
            [("etag", "W/\"a b\""), ("last-modified", "Monday-ish"), ("content-type", "text/xml; charset=gbk")],
            "<rss/>",
        )
            .into_response(),
        Some(_) => (StatusCode::NOT_MODIFIED, [("etag", "\"new\""), ("cache-control", "max-age=60")]).into_response(),
    })
    .await;
    let client = client(vec![upstream.allow()]);
    let source = source(upstream.url("/feed"));
    let mut state = SourceState::default();
    let Fetched::Modified(page) = fetch(&client, &source, &state, now()).await.unwrap() else { panic!() };
    assert_eq!(document(&page), b"<rss/>");
    assert_eq!(page.content_type.as_deref(), Some("text/xml; charset=gbk"));
    assert_eq!(page.base.as_deref(), Some(upstream.url("/feed").as_str()));
    state.validators = page.validators;
    let Fetched::NotModified(kept, answer) = fetch(&client, &source, &state, now()).await.unwrap() else { panic!() };
    assert_eq!((kept.etag.as_deref(), kept.last_modified.as_deref()), (Some("\"new\""), Some("Monday-ish")));
    assert_eq!((answer.status, answer.fresh_seconds), (304, Some(60)));
    let asked = upstream.asked();
    assert!(asked[0].1.get("if-none-match").is_none() && asked[0].1.get("if-modified-since").is_none());
    assert_eq!(
        (&asked[1].1["if-none-match"], &asked[1].1["if-modified-since"]),
        (&"W/\"a b\"".parse().unwrap(), &"Monday-ish".parse().unwrap())
    );
    assert_eq!(asked[0].1["user-agent"], "syndic-test/1");
    assert!(asked[0].1["accept-encoding"].to_str().unwrap().contains("gzip"));
    assert!(asked[0].1["accept"].to_str().unwrap().starts_with("application/atom+xml"));
}

#[tokio::test]
async fn a_304_to_an_unconditional_request_is_no_success() {
    let upstream = Upstream::new(|_, _| StatusCode::NOT_MODIFIED.into_response()).await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Status);
}

#[tokio::test]
async fn credentials_headers_and_validators_stay_with_their_origin() {
    let other = Upstream::new(|_, _| "<rss/>".into_response()).await;
    let away = other.url("/there").to_string();
    let upstream = Upstream::new(move |path, _| match path {
        "/0" => (StatusCode::MOVED_PERMANENTLY, [("location", "/1")]).into_response(),
        _ => (StatusCode::PERMANENT_REDIRECT, [("location", away.as_str())]).into_response(),
    })
    .await;
    let mut source = source(upstream.url("/0"));
    source.auth = Some(("me".into(), Secret::new("secret".into())));
    source.headers = vec![
        ("X-Key".into(), Secret::new("secret".into())),
        ("Cookie".into(), Secret::new("session=secret".into())),
        ("User-Agent".into(), Secret::new("mine".into())),
    ];
    let mut state = SourceState::default();
    state.validators.etag = Some("\"1\"".into());
    let client = client(vec![upstream.allow(), other.allow()]);
    let Fetched::Modified(page) = fetch(&client, &source, &state, now()).await.unwrap() else { panic!() };
    assert_eq!(page.answer.moved_to.as_deref(), Some(other.url("/there").as_str()));
    assert_eq!(page.base.as_deref(), Some(other.url("/there").as_str()));
    for (path, headers) in upstream.asked() {
        assert!(
            ["authorization", "x-key", "cookie", "if-none-match"].iter().all(|name| headers.contains_key(*name)),
            "{path}"
        );
        assert_eq!(headers.get_all("user-agent").iter().collect::<Vec<_>>(), ["mine"]);
    }
    let asked = other.asked();
    assert_eq!(asked.len(), 1);
    assert!(
        ["authorization", "x-key", "if-none-match", "referer", "cookie"]
            .iter()
            .all(|name| !asked[0].1.contains_key(*name))
    );
    assert_eq!(asked[0].1["user-agent"], "syndic-test/1");
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let upstream = Upstream::new(|path, _| {
        (StatusCode::FOUND, [("location", if path == "/a" { "/b" } else { "/a" })]).into_response()
    })
    .await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/a"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirect);
    assert_eq!(upstream.asked().len(), 2);
}

#[tokio::test]
async fn six_redirects_are_too_many() {
    let upstream =
        Upstream::new(|path, _| (StatusCode::FOUND, [("location", format!("{path}x"))]).into_response()).await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirect);
    assert_eq!(upstream.asked().len(), hops::MAX_HOPS + 1);
}

#[tokio::test]
async fn bodies_are_bounded_whether_their_length_is_said_or_not() {
    let upstream = Upstream::new(|path, _| {
        let chunk = Bytes::from(vec![b'x'; 64 << 10]);
        match path {
            "/said" => vec![b'x'; 5 << 20].into_response(),
            "/fits" => vec![b'x'; 1 << 20].into_response(),
            _ => AxumBody::from_stream(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone())))
                .into_response(),
        }
    })
    .await;
    let client = client(vec![upstream.allow()]);
    for path in ["/said", "/endless"] {
        let failure = fetch_url(&client, &upstream.url(path), now()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge, "{path}");
        assert!(failure.message.contains("max_bytes"));
    }
    assert_eq!(document(&fetch_url(&client, &upstream.url("/fits"), now()).await.unwrap()).len(), 1 << 20);
}

#[tokio::test]
async fn a_bomb_is_counted_after_decoding() {
    let bomb = zstd::bulk::compress(&vec![0; 50 << 20], 3).unwrap();
    assert!(bomb.len() < 100 << 10);
    let upstream = Upstream::new(move |_, _| ([("content-encoding", "zstd")], bomb.clone()).into_response()).await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge);
}

#[tokio::test]
async fn a_gzip_bomb_is_counted_after_decoding() {
    let upstream = Upstream::new(move |_, _| ([("content-encoding", "gzip")], gzip_zeros(5_000)).into_response()).await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
}

#[tokio::test]
async fn compression_that_no_header_speaks_of_is_undone_within_the_same_bound() {
    let small = Arc::new(gzip_zeros(100));
    let upstream = Upstream::new(move |_, _| small.to_vec().into_response()).await;
    let page = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap();
    assert!(document(&page).len() >= 100 * 258 && document(&page).iter().all(|byte| *byte == 0));
    let upstream = Upstream::new(move |_, _| gzip_zeros(5_000).into_response()).await;
    let failure = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
}

#[tokio::test]
async fn a_false_gzip_label_is_seen_through() {
    for stubborn in [false, true] {
        let upstream = Upstream::new(move |_, headers| {
            let asked_plain = headers.get("accept-encoding").is_some_and(|value| value == "identity");
            if asked_plain && !stubborn {
                "<rss/>".into_response()
            } else {
                ([("content-encoding", "gzip")], "<rss/>").into_response()
            }
        })
        .await;
        let page = fetch_url(&client(vec![upstream.allow()]), &upstream.url("/"), now()).await.unwrap();
        assert_eq!(document(&page), b"<rss/>", "stubborn: {stubborn}");
        assert_eq!(upstream.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_body_cut_short_is_a_failure_and_not_asked_for_twice() {
    let gzip = gzip_zeros(100);
    for (head, body) in [("", &b"<rss>"[..]), ("content-encoding: gzip\r\n", &gzip[..20])] {
        let answer = [format!("HTTP/1.1 200 OK\r\n{head}content-length: 1000\r\n\r\n").as_bytes(), body].concat();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4_096];
                assert!(connection.read(&mut request).await.unwrap() > 0);
                connection.write_all(&answer).await.unwrap();
            }
        });
        let client = client(vec![Allow::HostPort("127.0.0.1".into(), address.port())]);
        let url = Url::parse(&format!("http://{address}/")).unwrap();
        let failure = fetch_url(&client, &url, now()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Body, "{failure}");
        assert!(failure.message.contains("broke off"), "{failure}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_meets_the_deadline() {
    let upstream = Upstream::new(|path, _| match path {
        "/drip" => {
            let first = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"<")) });
            AxumBody::from_stream(futures::StreamExt::chain(first, futures::stream::pending())).into_response()
        }
        _ => (StatusCode::FOUND, [("location", "/drip")]).into_response(),
    })
    .await;
    let client = limited(vec![upstream.allow()], 1 << 20, Duration::from_millis(300));
    for path in ["/drip", "/redirect"] {
        let failure = fetch_url(&client, &upstream.url(path), now()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{path}");
    }
    let (silent, _) = canary().await;
    let client = limited(vec![Allow::HostPort("127.0.0.1".into(), silent.port())], 1 << 20, Duration::from_millis(300));
    let failure = fetch_url(&client, &Url::parse(&format!("http://{silent}/")).unwrap(), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[tokio::test]
async fn inside_addresses_are_never_dialled() {
    let (canary, seen) = canary().await;
    let port = canary.port();
    let upstream = Upstream::new(move |path, _| {
        let target = match path {
            "/literal" => format!("http://127.0.0.1:{port}/"),
            "/odd" => format!("http://0x7f.1:{port}/"),
            "/name" => format!("http://localhost:{port}/"),
            _ => "file:///etc/passwd".to_owned(),
        };
        (StatusCode::FOUND, [("location", target)]).into_response()
    })
    .await;
    let client = client(vec![upstream.allow()]);
    let direct = ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"];
    let direct = direct.iter().map(|host| Url::parse(&format!("http://{host}:{port}/")).unwrap());
    let redirects = ["/literal", "/odd", "/name", "/file"].iter().map(|path| upstream.url(path));
    for url in direct.chain(redirects) {
        let failure = fetch_url(&client, &url, now()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Blocked, "{url}: {failure}");
        assert!(url.path() == "/file" || failure.message.contains("[fetch] allow"), "{failure}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_allowed_with_its_port_is_reached_and_on_no_other() {
    let upstream = Upstream::new(|_, _| "<rss/>".into_response()).await;
    let port = upstream.address.port();
    let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
    let allowed = client(vec![Allow::HostPort("localhost".into(), port)]);
    assert_eq!(document(&fetch_url(&allowed, &url, now()).await.unwrap()), b"<rss/>");
    let elsewhere = client(vec![Allow::HostPort("localhost".into(), port ^ 1)]);
    let failure = fetch_url(&elsewhere, &url, now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Blocked);
    assert!(failure.message.contains(&format!("localhost:{port}")), "{failure}");
    let net = client(vec![Allow::Net("127.0.0.0".parse().unwrap(), 8)]);
    assert_eq!(document(&fetch_url(&net, &url, now()).await.unwrap()), b"<rss/>");
}

#[tokio::test]
async fn a_form_is_posted_once_and_its_redirect_is_not_followed() {
    let upstream = Upstream::new(|path, headers| {
        let whole = "hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F%3Fa%3D1%26b%3D%E5%8E%A6";
        assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(headers["content-length"], whole.len().to_string());
        match path {
            "/hub?id=1" => (StatusCode::ACCEPTED, "x".repeat(1 << 20)).into_response(),
            _ => (StatusCode::TEMPORARY_REDIRECT, [("location", "/hub?id=1"), ("retry-after", "60")]).into_response(),
        }
    })
    .await;
    let client = client(vec![upstream.allow()]);
    let form = [("hub.mode", "subscribe"), ("hub.topic", "https://a.example/?a=1&b=厦")];
    let posted = client.post_form(&upstream.url("/hub?id=1"), &form, true, now()).await.unwrap();
    assert_eq!((posted.answer.status, posted.text.len()), (202, 4 << 10));
    let posted = client.post_form(&upstream.url("/elsewhere"), &form, true, now()).await.unwrap();
    assert_eq!((posted.answer.status, posted.answer.retry_after_seconds), (307, Some(60)));
    assert_eq!(posted.elsewhere, Some(upstream.url("/hub?id=1")));
    assert_eq!(upstream.asked().len(), 2);
    let refused = client.post_form(&upstream.url("/hub?id=1"), &form, false, now()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Blocked, "a hub that a stranger names is outside");
    assert_eq!(upstream.asked().len(), 2);
}

#[tokio::test]
async fn statuses_have_their_kinds_and_wishes() {
    let upstream = Upstream::new(|path, _| {
        let status = StatusCode::from_u16(path[1..4].parse().unwrap()).unwrap();
        match &path[4..] {
            "r" => (status, [("retry-after", "120")]).into_response(),
            "c" => (status, [("cf-mitigated", "challenge")]).into_response(),
            "p" => (status, [("content-type", "text/html")], "<script src=/cdn-cgi/challenge-platform/x.js>")
                .into_response(),
            _ => status.into_response(),
        }
    })
    .await;
    let client = client(vec![upstream.allow()]);
    for (path, kind, wait) in [
        ("/404", FailureKind::Status, None),
        ("/500", FailureKind::Status, None),
        ("/204", FailureKind::Status, None),
        ("/410", FailureKind::Gone, None),
        ("/429", FailureKind::Held, None),
        ("/429r", FailureKind::Held, Some(120)),
        ("/503", FailureKind::Status, None),
        ("/503r", FailureKind::Held, Some(120)),
        ("/403c", FailureKind::Held, Some(86_400)),
        ("/200c", FailureKind::Held, Some(86_400)),
        ("/403p", FailureKind::Held, Some(86_400)),
    ] {
        let failure = fetch_url(&client, &upstream.url(path), now()).await.unwrap_err();
        assert_eq!((failure.kind, failure.answer.retry_after_seconds), (kind, wait), "{path}: {failure}");
        assert_eq!(failure.answer.status.to_string(), path[1..4]);
    }
}

#[tokio::test]
async fn messages_hold_no_secret() {
    let upstream = Upstream::new(|_, _| StatusCode::NOT_FOUND.into_response()).await;
    let mut source = source(Url::parse(&format!("http://me:hush@{}/token?key=hush", upstream.address)).unwrap());
    let failure = fetch(&client(vec![upstream.allow()]), &source, &SourceState::default(), now()).await.unwrap_err();
    assert!(failure.message.contains("/token?…") && !failure.message.contains("hush"), "{failure}");
    assert!(upstream.asked()[0].1.contains_key("authorization"));
    source.publish_url = false;
    let failure = fetch(&client(vec![upstream.allow()]), &source, &SourceState::default(), now()).await.unwrap_err();
    assert!(!failure.message.contains("token"), "{failure}");
}

#[tokio::test]
async fn nobody_listening_is_a_connect_failure_and_plain_text_is_no_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let allow = vec![Allow::HostPort("127.0.0.1".into(), address.port())];
    let failure =
        fetch_url(&client(allow), &Url::parse(&format!("http://{address}/")).unwrap(), now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect, "{failure}");
    let upstream = Upstream::new(|_, _| "x".into_response()).await;
    let mut url = upstream.url("/");
    url.set_scheme("https").unwrap();
    let failure = fetch_url(&client(vec![upstream.allow()]), &url, now()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
}

#[tokio::test]
async fn folders_and_files_go_through_the_same_door() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.md"), "一").unwrap();
    let mut source = source(Url::parse("http://unused.example/").unwrap());
    source.kind = SourceKind::Folder(folder.path().to_owned());
    let Fetched::Modified(page) = fetch(&client(vec![]), &source, &SourceState::default(), now()).await.unwrap() else {
        panic!()
    };
    let state = SourceState { validators: page.validators, ..SourceState::default() };
    assert!(matches!(fetch(&client(vec![]), &source, &state, now()).await.unwrap(), Fetched::NotModified(..)));
    source.kind = SourceKind::File(folder.path().join("a.md"));
    assert!(matches!(fetch(&client(vec![]), &source, &state, now()).await.unwrap(), Fetched::Modified(_)));
}

/// gzip by hand: 258 zeros a run, in fixed Huffman codes.
fn gzip_zeros(runs: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false]; // final block, fixed codes
    let mut code = |value: u32, length: u32| (0..length).rev().for_each(|bit| bits.push(value >> bit & 1 == 1));
    code(0x30, 8); // literal 0
    for _ in 0..runs {
        code(0b1100_0101, 8); // length 258
        code(0, 5); // distance 1
    }
    code(0, 7); // end of block
    let deflated: Vec<u8> =
        bits.chunks(8).map(|byte| byte.iter().enumerate().map(|(at, bit)| u8::from(*bit) << at).sum()).collect();
    let size = 1 + 258 * runs;
    let crc = !(0..size).fold(u32::MAX, |crc, _| {
        (0..8).fold(crc, |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff][..], &deflated, &crc.to_le_bytes(), &(size as u32).to_le_bytes()].concat()
}
