//! The daemon over HTTP: pages, feeds, conditional requests, status; started as an operator starts it.

use crate::support::{Daemon, client, root, syndic, write_config};
use std::path::PathBuf;

struct Site {
    daemon: Daemon,
    _folder: tempfile::TempDir,
}

async fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[site]\ntitle = \"财经\"\nurl = \"https://syndic.test/base\"\nlanguage = \"zh-CN\"\ntimezone = \"Asia/Shanghai\"\n\
         [[source]]\nid = \"samples\"\npath = \"{}\"\ncontent = \"full\"\n",
        root().join("samples/posts").display()
    );
    let config = write_config(folder.path(), &text);
    let daemon = Daemon::start(&config, &PathBuf::from(folder.path()).join("data"));
    loop {
        let (_, status) = daemon.get("/status.json").await;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        if status["sources"][0]["state"] == "ok" {
            return Site { daemon, _folder: folder };
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_feeds_of_every_sample_category_are_served() {
    let site = site().await;
    let (status, opml) = site.daemon.get("/feeds.opml").await;
    assert_eq!(status, 200);
    let slugs: Vec<&str> = opml
        .split("/category/")
        .skip(1)
        .filter_map(|rest| rest.split(".atom").next())
        .filter(|slug| !slug.contains('"'))
        .collect();
    assert!(slugs.len() >= 3, "{opml}");
    for slug in &slugs {
        for (extension, kind) in [
            ("html", "text/html; charset=utf-8"),
            ("rss", "application/rss+xml; charset=utf-8"),
            ("atom", "application/atom+xml; charset=utf-8"),
            ("json", "application/feed+json; charset=utf-8"),
        ] {
            let url = format!("{}/category/{slug}.{extension}", site.daemon.address);
            let answer = client().get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{url}");
            assert_eq!(answer.headers()["content-type"], kind);
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            let body = answer.text().await.unwrap();
            assert!(!body.contains("127.0.0.1"), "links come from [site] url: {body}");
        }
    }
    let style = client().get(format!("{}/style.css", site.daemon.address)).send().await.unwrap();
    let lasts = style.headers()["cache-control"].to_str().unwrap();
    assert!(lasts.starts_with("public, max-age=60,"), "an upgrade may change it: {lasts}");
    for path in [
        "/",
        "/all.atom",
        "/all.rss",
        "/all.json",
        "/source/samples.html",
        "/source/samples.atom",
        "/about.html",
        "/robots.txt",
        "/livez",
        "/readyz",
        "/status.html",
    ] {
        assert_eq!(site.daemon.get(path).await.0, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_has_a_page_with_its_newspaper_and_original() {
    let site = site().await;
    let (_, feed) = site.daemon.get("/all.json").await;
    let feed: serde_json::Value = serde_json::from_str(&feed).unwrap();
    let mut items = feed["items"].as_array().unwrap().iter();
    let named = |item: &&serde_json::Value| item["_syndic"]["publisher"].is_string() && item["url"].is_string();
    let with_link = items.find(named).unwrap();
    let code = with_link["_syndic"]["info_code"].as_str().unwrap();
    let (status, page) = site.daemon.get(&format!("/entry/{code}.html")).await;
    assert_eq!(status, 200);
    assert!(page.contains(with_link["_syndic"]["publisher"].as_str().unwrap()), "{page}");
    assert!(page.contains("｜返回<a href=\"/base/\">首页</a>"), "{page}");
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(page.contains("<script type=\"application/ld+json\">"), "what search engines read, and nothing that runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditional_requests_are_answered_by_the_book() {
    let site = site().await;
    let url = format!("{}/all.atom", site.daemon.address);
    let first = client().get(&url).send().await.unwrap();
    let (etag, modified) = (first.headers()["etag"].clone(), first.headers()["last-modified"].clone());
    assert!(first.headers()["cache-control"].to_str().unwrap().contains("max-age="));
    let ask = async |name: &str, value: &str| client().get(&url).header(name, value).send().await.unwrap();
    let same = ask("if-none-match", etag.to_str().unwrap()).await;
    assert_eq!(same.status(), 304);
    assert_eq!(same.headers()["etag"], etag);
    assert_eq!(ask("if-none-match", "*").await.status(), 304);
    assert_eq!(ask("if-none-match", "\"other\"").await.status(), 200);
    assert_eq!(ask("if-modified-since", modified.to_str().unwrap()).await.status(), 304);
    let both = client()
        .get(&url)
        .header("if-none-match", "\"other\"")
        .header("if-modified-since", modified.to_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(both.status(), 200, "If-None-Match is asked first");
    let head = client().head(&url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["etag"]), (200, &etag));
    assert_eq!(client().post(&url).send().await.unwrap().status(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_without_echo() {
    let site = site().await;
    let (status, body) = site.daemon.get("/category/shamenriba.rss").await;
    assert_eq!(status, 404);
    assert!(body.contains("shamenribao"), "the nearest name is told: {body}");
    for path in [
        "/category/%3Cscript%3E.html",
        "/entry/%3Cimg%20src=x%3E.html",
        "/entry/NW209901010000000000.html",
        "/../../etc/passwd",
        "/nothing",
    ] {
        let (status, body) = site.daemon.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(!body.contains("<script>") && !body.contains("<img"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bound_of_polling_is_told_in_the_status() {
    let site = site().await;
    let (_, status) = site.daemon.get("/status.json").await;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let bounds = status["bounds"].as_array().unwrap();
    let names: Vec<&str> = bounds.iter().map(|bound| bound["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "polls",
            "polls whose permit others have",
            "hosts that somebody waits for",
            "sources whose articles are asked for",
            "bytes of bodies in flight",
            "threads that parse",
            "writes that wait for the store",
            "pushes being taken in",
            "connections",
            "connections of one client",
            "requests of one client",
        ]
    );
    for bound in bounds {
        let (used, limit) = (bound["used"].as_u64().unwrap(), bound["limit"].as_u64());
        assert!(limit.is_none_or(|limit| used <= limit) && bound["waited"].is_u64() && bound["refused"].is_u64());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_stands_on_every_page_and_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let theme = folder.path().join("theme");
    std::fs::create_dir(&theme).unwrap();
    let put = |name: &str, text: &str| std::fs::write(theme.join(name), text).unwrap();
    put("header.html", "<p class=\"top\"><a href=\"{{ root }}/\">{{ title }}, the paper</a></p>");
    put("footer.html", "<p>Made in Xiamen</p>");
    put("head.html", "<meta name=\"theme-color\" content=\"#123456\">");
    put("more.css", ":root { --link: #123456 }");
    let samples = root().join("samples/posts");
    let text = format!(
        "[site]\ntitle = \"A & B\"\nurl = \"https://syndic.test/base\"\ntheme = \"theme\"\n[[source]]\nid = \"samples\"\npath = \"{}\"\n",
        samples.display()
    );
    let config = write_config(folder.path(), &text);
    let polled = syndic().current_dir(folder.path()).arg("poll").output().unwrap();
    assert!(polled.status.success());
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    for path in ["/", "/category/shamenribao.html", "/entry/NW202204222352631195.html", "/about.html", "/nowhere"] {
        let asked = client().get(format!("{}{path}", daemon.address)).header("accept", "text/html").send().await;
        let page = asked.unwrap().text().await.unwrap();
        for part in ["<a href=\"/base/\">A &amp; B, the paper</a>", "Made in Xiamen", "content=\"#123456\""] {
            assert_eq!(page.matches(part).count(), 1, "{part} on {path}: {page}");
        }
        assert!(!page.contains("class=\"site\""), "{path}: our own header went");
    }
    let (_, style) = daemon.get("/style.css").await;
    assert!(style.contains(".skip") && style.ends_with(":root { --link: #123456 }"), "ours, and the theme's after it");
    put("footer.html", "<p>Made in Zhangzhou</p>");
    while !daemon.get("/").await.1.contains("Made in Zhangzhou") {
        tokio::task::yield_now().await;
    }
}
