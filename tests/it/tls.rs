//! https as an operator has it: roots from the system (`SSL_CERT_FILE`), HTTP/2 where the server speaks it, tunnels through a proxy.

use crate::support::{
    NameServer, syndic,
    tls::{Secure, tunnel},
    write_config,
};
use axum::http::Version;
use std::{collections::HashMap, net::SocketAddr};
use tokio::task::spawn_blocking;

const FEED: &str = "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>\
    <item><title>One</title><link>https://paper.example/1</link><guid>1</guid></item></channel></rss>";

/// Polls the one source of this feeds.toml, trusting these roots only; gives the row of its report.
async fn poll(text: String, roots: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let (config, pem) = (write_config(folder.path(), &text), folder.path().join("roots.pem"));
    std::fs::write(&pem, roots).unwrap();
    let polled = move || {
        let mut command = syndic();
        command.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", &pem);
        command.args(["poll", "--json", "--config"]).arg(&config).output().unwrap()
    };
    let output = spawn_blocking(polled).await.unwrap();
    let rows = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(rows.lines().next().unwrap_or_else(|| panic!("{:?}", output.stderr))).unwrap()
}

/// feeds.toml with a source at that server, found by its name; the name is allowed, as it leads to this machine.
fn at(server: &Secure, host: &str, names: SocketAddr) -> String {
    let port = server.address.port();
    format!(
        "[fetch]\nallow = [\"{host}:{port}\"]\ndns = [\"{names}\"]\n[[source]]\nid = \"paper\"\nurl = \"https://{host}:{port}/feed\"\ncategory = \"news\"\n"
    )
}

async fn names() -> NameServer {
    let names = ["paper.example", "other.example"].map(|name| (name.to_owned(), "127.0.0.1".parse().unwrap()));
    NameServer::start(HashMap::from(names)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_spoken_with_servers_that_offer_it_and_http_1_with_the_others() {
    let names = names().await;
    for (protocols, version) in [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["h2"], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let server = Secure::start("paper.example", protocols, FEED).await;
        let row = poll(at(&server, "paper.example", names.address), &server.root).await;
        assert_eq!((row["result"].as_str(), row["new"].as_u64()), (Some("ok"), Some(1)), "{protocols:?}: {row}");
        let asked: Vec<_> = server.asked().iter().map(|asked| (asked.version, asked.path.clone())).collect();
        assert_eq!(asked, [(version, "/feed".to_owned())], "{protocols:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_or_of_another_name_is_no_answer() {
    let names = names().await;
    let (server, stranger) =
        tokio::join!(Secure::start("paper.example", &["h2"], FEED), Secure::start("paper.example", &["h2"], FEED));
    for (host, root) in [("paper.example", &stranger.root), ("other.example", &server.root)] {
        let row = poll(at(&server, host, names.address), root).await;
        assert_eq!(row["result"], "failed", "{row}");
        assert!(row["reason"].as_str().unwrap().contains("no trustworthy connection"), "{row}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn https_goes_through_a_proxy_in_a_tunnel_that_the_proxy_does_not_see_into() {
    let server = Secure::start("paper.example", &["h2", "http/1.1"], FEED).await;
    let (proxy, heads) = tunnel(server.address).await;
    let source = |url: &str| {
        format!(
            "[[source]]\nid = \"paper\"\nurl = \"{url}\"\ncategory = \"news\"\nproxy = \"http://me:hush@{proxy}\"\n"
        )
    };
    let row = poll(source("https://paper.example/feed"), &server.root).await;
    assert_eq!((row["result"].as_str(), row["new"].as_u64()), (Some("ok"), Some(1)), "{row}");
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].version, asked[0].path.as_str()), (1, Version::HTTP_2, "/feed"));
    assert!(!asked[0].headers.contains_key("proxy-authorization"), "{:?}", asked[0].headers);
    let head = heads.lock().unwrap().join("").to_ascii_lowercase();
    assert!(head.starts_with("connect paper.example:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic bwu6ahvzaa==") && !head.contains("/feed"), "{head}");

    let row = poll(source("https://127.0.0.1/feed"), &server.root).await;
    assert!(row["result"] == "failed" && row["reason"].as_str().unwrap().contains("inside address"), "{row}");
    assert_eq!(heads.lock().unwrap().len(), 1, "nobody is asked for what is inside");
}
