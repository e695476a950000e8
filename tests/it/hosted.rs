//! An exported site behind web servers with the examples that ship: they answer as the daemon does.

use crate::{
    export::{Desk, plain_client},
    support::{Daemon, WebServer},
};

/// What a reader is owed by whatever serves the site.
async fn hold(address: &str) {
    let get = async |path: &str, name: &'static str, value: &str| {
        plain_client().get(format!("{address}{path}")).header(name, value).send().await.unwrap()
    };
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/category/city.html", "text/html; charset=utf-8"),
        ("/category/city.rss", "application/rss+xml; charset=utf-8"),
        ("/category/city.atom", "application/atom+xml; charset=utf-8"),
        ("/category/city.json", "application/feed+json; charset=utf-8"),
        ("/tag/%E8%B7%AF-%E6%A1%A5.atom", "application/atom+xml; charset=utf-8"),
        ("/entry/NW202204222352631195.html", "text/html; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/copy.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ] {
        let plain = get(path, "accept-encoding", "identity").await;
        assert_eq!(
            (plain.status().as_u16(), &plain.headers()["content-type"].to_str().unwrap()),
            (200, &kind),
            "{path}"
        );
        let headers = plain.headers().clone();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            policy.contains("script-src 'self'"),
            kind.starts_with("text/html") && !path.starts_with("/entry/"),
            "{path}"
        );
        assert!(headers["cache-control"].to_str().unwrap().starts_with("public, max-age="), "{path}");
        let open = kind.contains("xml;") || kind.contains("json") || kind.contains("opml");
        assert!(!open || headers["access-control-allow-origin"] == "*", "{path}");
        assert!(
            open || !kind.starts_with("text/html") || !headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
        let body = plain.bytes().await.unwrap();
        let tag = headers["etag"].to_str().unwrap();
        assert_eq!(get(path, "if-none-match", tag).await.status(), 304, "{path}");
        let head = plain_client().head(format!("{address}{path}")).send().await.unwrap();
        assert_eq!((head.status().as_u16(), head.headers()["etag"].to_str().unwrap()), (200, tag), "{path}");
        if body.len() > 600 {
            let coded = get(path, "accept-encoding", "gzip").await;
            assert_eq!(coded.headers()["content-encoding"], "gzip", "{path}");
            assert_eq!(coded.headers()["content-type"].to_str().unwrap(), kind, "{path}");
            assert!(
                coded.headers()["vary"].to_str().unwrap().to_ascii_lowercase().contains("accept-encoding"),
                "{path}"
            );
            assert_ne!(coded.headers()["etag"].to_str().unwrap(), tag, "{path}");
            let mut text = Vec::new();
            let coded = coded.bytes().await.unwrap();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*coded), &mut text).unwrap();
            assert!(text == body, "{path}");
        }
    }
    for (path, status) in [
        ("/entry/NW209901010000000000.html", 404),
        ("/category/none.html", 404),
        ("/category/board.html", 404),
        ("/entry/NW202205010000000001.html", 404),
        ("/entry/NW202205010000000002.html", 410),
        ("/entry/NW202205010000000002.gone", 404),
        ("/style.css.gz", 404),
        ("/redirects.map", 404),
        ("/.unfinished/0", 404),
    ] {
        let answer = get(path, "accept", "text/html").await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(answer.text().await.unwrap().contains(if status == 410 { "已撤回" } else { "没有这个页面" }), "{path}");
    }
    for extension in ["rss", "atom", "json"] {
        let path = format!("/category/city/archive/1.{extension}");
        let plain = get(&path, "accept-encoding", "identity").await;
        assert_eq!(plain.status(), 200, "{path}");
        let coded = get(&path, "accept-encoding", "gzip").await;
        assert_eq!(coded.headers()["content-encoding"], "gzip", "{path}");
        assert_eq!(coded.headers()["content-type"], plain.headers()["content-type"], "{path}");
        let mut text = Vec::new();
        let coded = coded.bytes().await.unwrap();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*coded), &mut text).unwrap();
        assert!(text == plain.bytes().await.unwrap(), "{path}");
    }
    for extension in ["html", "rss", "atom", "json"] {
        let moved = get(&format!("/category/town.{extension}"), "accept", "*/*").await;
        assert_eq!(moved.status(), 301);
        assert!(moved.headers()["location"].to_str().unwrap().ends_with(&format!("/category/city.{extension}")));
    }
    assert_eq!(plain_client().post(format!("{address}/all.rss")).send().await.unwrap().status(), 405);
}

/// A site to be served: enough for an archive stays in the category and under the tag of what is withdrawn.
fn withdrawn() -> Desk {
    let desk = Desk::new("");
    let post = std::fs::read_to_string(desk.path("city/1.md")).unwrap();
    for n in 0..60 {
        let another = post.replace("0000000002", &format!("{:010}", 100 + n));
        std::fs::write(desk.path(&format!("city/{}.md", 100 + n)), another).unwrap();
    }
    assert!(desk.run(&["poll"]).status.success());
    assert!(desk.run(&["retract", "NW202205010000000002", "--reason", "wrong"]).status.success());
    desk.export("out");
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_with_the_shipped_example_answers_as_the_daemon_does() {
    let desk = withdrawn();
    let nginx = WebServer::nginx(&desk.path("out"));
    hold(&nginx.address).await;
    let daemon = Daemon::start(&desk.config, &desk.data());
    hold(&daemon.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_with_the_shipped_example_answers_as_the_daemon_does() {
    let desk = withdrawn();
    match WebServer::caddy(&desk.path("out")) {
        Some(caddy) => hold(&caddy.address).await,
        None => eprintln!("no caddy here (apt-get install caddy): packaging/Caddyfile is not tested"),
    }
}
