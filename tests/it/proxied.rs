//! The shipped example of nginx in front of a running daemon: what readers, followers and hubs get through it.

use crate::support::{Daemon, WebServer, client, root, write_config};

/// A daemon with the samples, a private category, and the proxy's word believed.
fn daemon(folder: &std::path::Path) -> Daemon {
    let text = format!(
        "[site]\ntitle = \"x\"\nurl = \"https://news.example.org\"\n[server]\ntrusted_proxies = [\"127.0.0.1\"]\nburst = 30\nrequests = 1\n\
         [[category]]\nslug = \"news\"\ntitle = \"News\"\n[[category]]\nslug = \"board\"\ntitle = \"Board\"\ntoken = \"s3cret\"\n\
         [[source]]\nid = \"samples\"\npath = \"{}\"\ncategories = [\"news\", \"board\"]\ncontent = \"full\"\n",
        root().join("samples/posts").display()
    );
    let config = write_config(folder, &text);
    let polled = crate::support::syndic().args(["poll", "--config"]).arg(&config).output().unwrap();
    assert!(polled.status.success(), "{}", String::from_utf8_lossy(&polled.stderr));
    Daemon::start(&config, &folder.join("data"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_as_shipped_passes_on_what_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path());
    let nginx = WebServer::nginx_before(&daemon.address);
    let at = |path: &str| format!("{}{path}", nginx.address);
    let get = |path: &str, name: &'static str, value: &str| client().get(at(path)).header(name, value).send();

    // A feed, whole and conditional; and the second time from what nginx kept.
    let first = get("/category/news.atom", "accept", "*/*").await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["x-test-cache"], "MISS");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let body = first.text().await.unwrap();
    assert!(body.contains("https://news.example.org/"), "links are made from [site] url");
    let second = get("/category/news.atom", "accept", "*/*").await.unwrap();
    assert_eq!(second.headers()["x-test-cache"], "HIT");
    assert_eq!(second.headers()["etag"].to_str().unwrap(), tag);
    assert_eq!(second.text().await.unwrap(), body);
    assert_eq!(get("/category/news.atom", "if-none-match", &tag).await.unwrap().status(), 304);
    // Each coding is kept apart.
    let coded = get("/category/news.atom", "accept-encoding", "gzip").await.unwrap();
    assert_eq!(coded.headers()["x-test-cache"], "MISS");

    // Who takes deltas is answered by the daemon itself.
    let delta = client().get(at("/category/news.atom")).header("a-im", "feed").header("if-none-match", &tag);
    let delta = delta.send().await.unwrap();
    assert_eq!(delta.status(), 304);
    assert!(!delta.headers().contains_key("x-test-cache"));

    // What is private is never kept.
    for _ in 0..2 {
        let private = get("/category/board.atom?token=s3cret", "accept", "*/*").await.unwrap();
        assert_eq!(private.status(), 200);
        assert!(!private.headers().contains_key("x-test-cache"));
    }
    assert_eq!(get("/category/board.atom", "accept", "*/*").await.unwrap().status(), 404);

    // The hub and pushes take POST; it is the daemon that answers.
    let subscribing = client()
        .post(at("/hub"))
        .body("hub.mode=subscribe")
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(subscribing.send().await.unwrap().status(), 400);
    assert_eq!(client().post(at("/websub/nobody-knows")).body("x").send().await.unwrap().status(), 404);
    assert_eq!(client().post(at("/all.rss")).body("x").send().await.unwrap().status(), 405);
    assert_eq!(get("/changes.ndjson", "accept", "*/*").await.unwrap().status(), 200);
    // From this machine, as for those who operate it.
    assert_eq!(get("/readyz", "accept", "*/*").await.unwrap().status(), 200);

    // Stopped for an upgrade, what was kept is served.
    assert_eq!(daemon.stop(), Some(0));
    let meanwhile = client().get(at("/category/news.atom")).header("accept", "*/*").send().await.unwrap();
    assert_eq!(meanwhile.status(), 200);
    assert_eq!(meanwhile.text().await.unwrap(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_the_proxy_are_counted_apart_and_cannot_lie_about_who_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path());
    let nginx = WebServer::nginx_before(&daemon.address);
    // This machine has more addresses than the one of the proxy.
    let of = |address: [u8; 4]| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().no_proxy().local_address(std::net::IpAddr::from(address)).build().unwrap()
    };
    let (one, other) = (of([127, 0, 0, 2]), of([127, 0, 0, 3]));
    // Past the cache, so that each request is the daemon's.
    let ask = |client: &reqwest::Client, lie: u8| {
        let request = client.get(format!("{}/category/none.atom", nginx.address)).header("authorization", "Basic eDp5");
        request.header("x-forwarded-for", format!("198.51.100.{lie}")).send()
    };
    let mut statuses = Vec::new();
    for lie in 0..40 {
        statuses.push(ask(&one, lie).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses[..20], [401; 20], "{statuses:?}");
    assert_eq!(statuses[39], 429, "a new lie is no new client: {statuses:?}");
    assert_eq!(ask(&other, 1).await.unwrap().status(), 401, "somebody else is not held up");
    for path in ["/metrics", "/status.json", "/readyz"] {
        let answer = other.get(format!("{}{path}", nginx.address)).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path} is for this machine");
    }
}
