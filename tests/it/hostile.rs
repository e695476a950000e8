//! Servers that mean harm: each comes to an end, for a reason that says what it did, and the others do not wait for it.

use crate::support::{
    Reply, World,
    raw::{Act, server},
};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use std::{
    io::{Read, Write},
    path::Path,
    time::Duration,
};
use syndic::{
    config::{Config, Overrides},
    fetch::{self, Client, Page},
    model::{Failure, FailureKind},
    refresh::Outcome,
};

/// 64 MiB of zeros in Brotli.
const BROTLI_BOMB: &str =
    "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c32200ddfb7ffeffffc33f0110870500baf7ff03";
const BOMB: usize = 64 << 20;

/// Asks with small limits: a body of a megabyte, half a second.
async fn ask(scheme: &str, authority: &str) -> Result<Page, Failure> {
    let text = format!(
        "[fetch]\nmax_bytes = \"1MiB\"\ntimeout = \"500ms\"\nallow = [{authority:?}]\n[[source]]\nid = \"s\"\nurl = \"http://s.example/\"\n"
    );
    let config = Config::parse(&text, Path::new("feeds.toml"), &Overrides::default()).unwrap().config;
    let url = format!("{scheme}://{authority}/feed").parse().unwrap();
    fetch::fetch_url(&Client::new(&config.fetch).unwrap(), &url, "2026-11-23T12:00:00Z".parse().unwrap()).await
}

async fn failure(acts: Vec<Act>) -> Failure {
    ask("http", &server(acts).await).await.unwrap_err()
}

fn head(fields: &str) -> Act {
    Act::Send(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes())
}

fn zeros<W: Write>(mut encoder: W) -> W {
    let block = vec![0; 1 << 20];
    (0..BOMB >> 20).for_each(|_| encoder.write_all(&block).unwrap());
    encoder
}

#[tokio::test]
async fn a_bomb_of_any_coding_is_too_large() {
    let best = Compression::best();
    let brotli = (0..BROTLI_BOMB.len()).step_by(2).map(|at| u8::from_str_radix(&BROTLI_BOMB[at..at + 2], 16).unwrap());
    let gzip = zeros(GzEncoder::new(Vec::new(), best)).finish().unwrap();
    let mut twice = GzEncoder::new(Vec::new(), best);
    twice.write_all(&gzip).unwrap();
    let bombs = [
        ("br", brotli.collect()),
        ("zstd", zstd::encode_all(std::io::repeat(0).take(BOMB as u64), 3).unwrap()),
        ("deflate", zeros(ZlibEncoder::new(Vec::new(), best)).finish().unwrap()),
        ("deflate", zeros(DeflateEncoder::new(Vec::new(), best)).finish().unwrap()),
        ("identity", gzip.clone()),
        ("gzip", twice.finish().unwrap()),
        ("gzip", gzip),
    ];
    for (coding, bomb) in bombs {
        let fields = format!("content-encoding: {coding}\r\ncontent-length: {}\r\n", bomb.len());
        assert!(bomb.len() < 100 << 10, "{coding}: {}", bomb.len());
        let failure = failure(vec![head(&fields), Act::Send(bomb)]).await;
        assert_eq!(failure.kind, FailureKind::TooLarge, "{coding}: {failure}");
        assert!(failure.message.contains("raise [fetch] max_bytes"), "{failure}");
    }
}

#[tokio::test]
async fn bodies_without_end_end_at_their_bound() {
    let chunk = |bytes: &str| format!("{:x}\r\n{bytes}\r\n", bytes.len()).into_bytes();
    let chunked = || head("transfer-encoding: chunked\r\n");
    let slowly = Duration::from_millis(20);
    for (acts, kind) in [
        (vec![head(""), Act::Repeat(vec![b'x'; 64 << 10])], FailureKind::TooLarge),
        (vec![chunked(), Act::Repeat(chunk(&"x".repeat(64 << 10)))], FailureKind::TooLarge),
        (vec![head("content-length: 1099511627776\r\n"), Act::Hold], FailureKind::TooLarge),
        (vec![head("content-length: 1000\r\n"), Act::Drip(b"x".to_vec(), slowly)], FailureKind::Timeout),
        (vec![chunked(), Act::Drip(chunk("x"), slowly)], FailureKind::Timeout),
        (vec![chunked(), Act::Repeat(chunk("").split_off(3))], FailureKind::Body),
        (vec![Act::Hold], FailureKind::Timeout),
        (vec![head("content-length: 9\r\n"), Act::Send(b"<rss>".to_vec())], FailureKind::Body),
    ] {
        let failure = failure(acts.clone()).await;
        assert_eq!(failure.kind, kind, "{failure}\n{acts:?}");
    }
}

#[tokio::test]
async fn heads_are_bounded_too() {
    let many: String = (0..500).map(|n| format!("x-{n}: y\r\n")).collect();
    let start = || Act::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    for (acts, kind, words) in [
        (vec![head(&many), Act::Hold], FailureKind::TooLarge, "too many or too long"),
        (
            vec![head(&format!("x: {}\r\n", "y".repeat(1 << 20))), Act::Hold],
            FailureKind::TooLarge,
            "too many or too long",
        ),
        (vec![start(), Act::Repeat(b"x: y\r\n".to_vec())], FailureKind::TooLarge, "too many or too long"),
        (vec![start(), Act::Send(b"x: ".to_vec()), Act::Repeat(vec![b'y'; 1_000])], FailureKind::TooLarge, "too long"),
        (vec![start(), Act::Drip(b"y".to_vec(), Duration::from_millis(20))], FailureKind::Timeout, "within 0.5 s"),
        (
            vec![Act::Drip(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), Duration::from_millis(5))],
            FailureKind::Timeout,
            "within 0.5 s",
        ),
        (vec![Act::Send(b"220 mail.example ESMTP\r\n".to_vec())], FailureKind::Connect, "not HTTP"),
        (vec![], FailureKind::Connect, "no answer"),
    ] {
        let failure = failure(acts).await;
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    }
    let silent = server(vec![Act::Hold]).await;
    let failure = ask("https", &silent).await.unwrap_err();
    assert!(
        matches!(failure.kind, FailureKind::Connect | FailureKind::Timeout),
        "a handshake that is not answered: {failure}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_merely_slow_gets_the_memory_that_drips_hold() {
    let text =
        "[fetch]\ntimeout = \"120s\"\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"s\"\nurl = \"http://s.example/\"\n";
    let config = Config::parse(text, Path::new("feeds.toml"), &Overrides::default()).unwrap().config;
    let client = Client::new(&config.fetch).unwrap();
    let ask = |authority: String| {
        let client = client.clone();
        let url = format!("http://{authority}/feed").parse().unwrap();
        tokio::spawn(async move { fetch::fetch_url(&client, &url, "2026-11-23T12:00:00Z".parse().unwrap()).await })
    };
    let mut drips = Vec::new();
    for _ in 0..24 {
        let acts =
            vec![head(""), Act::Send(vec![b'x'; 512 << 10]), Act::Drip(b"x".to_vec(), Duration::from_millis(50))];
        drips.push(ask(server(acts).await));
    }
    // One of them has the block, and the others more of what is shared than leaves all of them what they want.
    while client.bodies().waited == 0 {
        tokio::task::yield_now().await;
    }
    let piece = || [Act::Pause(Duration::from_millis(100)), Act::Send(vec![b'x'; 60 << 10])];
    let slow = [head("content-length: 307200\r\n")].into_iter().chain((0..5).flat_map(|_| piece())).collect();
    let page = ask(server(slow).await).await.unwrap();
    assert!(page.is_ok(), "{page:?}");
    let mut reasons = Vec::new();
    while !drips.is_empty() && !reasons.iter().any(|reason: &String| reason.contains("while others wait for memory")) {
        let (ended, _, others) = futures::future::select_all(drips).await;
        let failure = ended.unwrap().unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
        (drips, reasons) = (others, [reasons, vec![failure.message]].concat());
    }
    let bound = client.bodies();
    assert!(bound.refused > 0 && bound.used <= bound.limit.unwrap(), "{bound:?}: {reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_do_not_wait_for_those_who_hang() {
    let mut world = World::new().await;
    for n in 0..6 {
        world = world.source_with(&format!("hang{n}"), "");
        world.upstream.serve(&format!("/hang{n}"), Reply::hanging());
    }
    for n in 0..6 {
        world = world.source(&format!("good{n}"), "feeds/rss2-newspaper.xml");
    }
    world.upstream.serve("/good5", Reply::xml(vec![b'x'; 16 << 20]));
    let outcomes = world.refresh_in_order().await;
    for (at, (source, outcome)) in outcomes.iter().enumerate() {
        match (source.as_str().starts_with("hang"), outcome) {
            (true, Outcome::Failed(failure)) => assert_eq!(failure.kind, FailureKind::Timeout, "{failure}"),
            (false, Outcome::Failed(failure)) => assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}"),
            (false, Outcome::Committed(_)) => assert!(at < 6, "{source} came after those who hang"),
            (_, other) => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(outcomes.len(), 12);
}
