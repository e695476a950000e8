//! The static site: the same bytes as served, only what changed, nothing stale, whole files at any moment, and nginx in front of it.

use crate::support::{Daemon, Nginx, root, syndic, write_config};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

const SITE: &str = "[site]\ntitle = \"财经\"\nurl = \"https://syndic.test\"\nlanguage = \"zh-CN\"\ntimezone = \"Asia/Shanghai\"\n\
    [[category]]\nslug = \"board\"\ntitle = \"董事会\"\ntoken = \"s3cret\"\n[[category]]\nslug = \"city\"\ntitle = \"城市\"\naliases = [\"town\"]\n";

struct Desk {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Desk {
    /// The samples, one post in a category of its own, another in a private one, polled.
    fn new(more: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        for name in ["board", "city"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let post = |title: &str, code: &str, tag: &str| {
            format!(
                "---\ntitle: \"{title}\"\ndate: 2022-05-01 08:00:00 +0800\ncategories: x\ntags: [x, {tag}]\n---\n<p>正文。</p>\n<https://paper.example/a?infoCode={code}>\n"
            )
        };
        let put = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        put("board/1.md", post("秘密", "NW202205010000000001", "秘密标签"));
        put("city/1.md", post("城市新闻", "NW202205010000000002", "路 桥"));
        let source = |id: &str, path: &Path, lines: &str| {
            format!("[[source]]\nid = \"{id}\"\npath = \"{}\"\ncontent = \"full\"\n{lines}\n", path.display())
        };
        let text = [
            SITE.to_owned(),
            more.to_owned(),
            source("samples", &root().join("samples/posts"), ""),
            source("board", &folder.path().join("board"), "category = \"board\""),
            source("city", &folder.path().join("city"), "category = \"city\""),
        ];
        let config = write_config(folder.path(), &text.concat());
        let desk = Desk { folder, config };
        assert!(desk.run(&["poll"]).status.success());
        desk
    }

    fn run(&self, arguments: &[&str]) -> Output {
        syndic().current_dir(self.folder.path()).args(arguments).output().unwrap()
    }

    fn export(&self, to: &str) -> String {
        let output = self.run(&["export", "site", to]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }
}

/// A client that takes answers as they come.
fn plain_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.no_gzip().no_brotli().no_zstd().build().unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for item in std::fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_what_is_served_in_every_coding() {
    let desk = Desk::new("");
    let said = desk.export("out");
    assert!(said.contains("0 removed"), "{said}");
    let out = files(&desk.path("out"));
    for name in ["index.html", "about.html", "feeds.opml", "style.css", "copy.js", "robots.txt", "404.html", "410.html"]
    {
        assert!(out.contains_key(name), "{name}");
    }
    for name in
        ["category/city.html", "source/samples.atom", "all.json", "tag/路-桥.rss", "entry/NW202205010000000002.html"]
    {
        assert!(out.contains_key(name), "{name} in {:?}", out.keys());
    }
    let names = out.keys().cloned().collect::<Vec<_>>().join("\n");
    for private in ["board", "NW202205010000000001", "秘密", "status", "hub", "changes"] {
        assert!(!names.contains(private), "{private} in {names}");
    }
    for (name, bytes) in out.iter().filter(|(name, _)| !name.ends_with(".gz") && !name.ends_with(".br")) {
        assert!(!String::from_utf8_lossy(bytes).contains("秘密"), "{name}");
    }
    let daemon = Daemon::start(&desk.config, &desk.data());
    let mut compared = 0;
    for (name, bytes) in &out {
        let (path, coding) = match (name.strip_suffix(".gz"), name.strip_suffix(".br")) {
            (Some(path), _) => (path, "gzip"),
            (_, Some(path)) => (path, "br"),
            _ => (name.as_str(), "identity"),
        };
        if matches!(path, "manifest.ndjson" | "redirects.map" | "404.html" | "410.html") {
            continue;
        }
        let path = if path == "index.html" { "" } else { path };
        let url = format!("{}/{path}", daemon.address);
        let answer = plain_client().get(&url).header("accept-encoding", coding).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        let said =
            answer.headers().get("content-encoding").map_or("identity", |said| said.to_str().unwrap()).to_owned();
        assert_eq!(said, coding, "{url}");
        assert!(answer.bytes().await.unwrap() == *bytes, "{url} as {coding}");
        compared += 1;
    }
    assert!(compared > 150, "{compared}");
}

#[test]
fn only_what_changed_is_written_and_nothing_stale_is_left() {
    let desk = Desk::new("");
    desk.export("out");
    let before = files(&desk.path("out"));
    let again = desk.export("out");
    assert!(again.contains(" 0 written, 0 removed"), "{again}");
    std::fs::write(desk.path("out/CNAME"), "news.example.org").unwrap();
    std::fs::remove_file(desk.path("out/entry/NW202205010000000002.html.gz")).unwrap();
    std::fs::remove_file(desk.path("out/source/samples.atom")).unwrap();
    desk.export("out");
    let mended = files(&desk.path("out"));
    assert!(
        before.iter().all(|(name, bytes)| name == "manifest.ndjson" || mended.get(name) == Some(bytes)),
        "what went missing is there again"
    );

    assert!(desk.run(&["retract", "NW202205010000000002", "--reason", "wrong"]).status.success());
    desk.export("out");
    let after = files(&desk.path("out"));
    assert!(after.contains_key("entry/NW202205010000000002.gone") && after.contains_key("CNAME"));
    for gone in
        ["entry/NW202205010000000002.html", "entry/NW202205010000000002.html.br", "tag/路-桥.html", "tag/路-桥.rss.gz"]
    {
        assert!(before.contains_key(gone) && !after.contains_key(gone), "{gone}");
    }
    let of_others = |name: &&String| name.starts_with("entry/") || name.starts_with("category/shamenribao");
    assert!(
        before
            .keys()
            .filter(of_others)
            .filter(|name| !name.contains("00000002"))
            .all(|name| before[name] == after[name])
    );
    let fresh = desk.export("fresh");
    assert!(fresh.contains(" written, 0 removed"), "{fresh}");
    let (mut fresh, mut after) = (files(&desk.path("fresh")), after);
    for tree in [&mut fresh, &mut after] {
        tree.retain(|name, _| name != "manifest.ndjson" && name != "CNAME");
    }
    assert_eq!(fresh.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(fresh == after, "step by step and at once come to the same");
}

#[test]
fn a_kill_at_any_moment_leaves_whole_files_and_the_next_export_sets_it_right() {
    let desk = Desk::new("");
    desk.export("whole");
    let whole = files(&desk.path("whole"));
    let mut kinds = [0; 2];
    for round in 0..24_u64 {
        let mut child = syndic()
            .current_dir(desk.folder.path())
            .args(["export", "site", "out"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + round * 12));
        child.kill().unwrap();
        child.wait().unwrap();
        let out = if desk.path("out").exists() { files(&desk.path("out")) } else { BTreeMap::new() };
        for (name, bytes) in
            out.iter().filter(|(name, _)| !name.starts_with(".unfinished") && *name != "manifest.ndjson")
        {
            assert!(whole.get(name) == Some(bytes), "{name} is not whole");
        }
        kinds[usize::from(out.contains_key("manifest.ndjson"))] += 1;
    }
    assert!(kinds[0] > 0, "no kill came before the end: {kinds:?}");
    // As one leaves it that was killed between two files.
    std::fs::create_dir_all(desk.path("out/.unfinished")).unwrap();
    std::fs::create_dir_all(desk.path("out/entry")).unwrap();
    std::fs::write(desk.path("out/entry/X-OLD.html"), "left behind").unwrap();
    desk.export("out");
    let mut out = files(&desk.path("out"));
    out.remove("manifest.ndjson");
    assert!(out.iter().all(|(name, bytes)| whole.get(name) == Some(bytes)) && out.len() + 1 == whole.len());
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let desk = Desk::new("");
    std::fs::create_dir(desk.path("out")).unwrap();
    std::fs::write(desk.path("out/thesis.txt"), "x").unwrap();
    let output = desk.run(&["export", "site", "out"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("name an empty folder"));
    assert_eq!(files(&desk.path("out")).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_keeps_its_folder_up_to_date() {
    let desk = Desk::new("[export]\ndir = \"kept\"\n");
    let daemon = Daemon::start(&desk.config, &desk.data());
    let there = |name: &str| desk.path("kept").join(name).exists();
    while !there("manifest.ndjson") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(there("entry/NW202205010000000002.html"));
    assert!(desk.run(&["retract", "NW202205010000000002", "--reason", "wrong"]).status.success());
    while there("entry/NW202205010000000002.html") || there("tag/路-桥.html") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(daemon.stop(), Some(0));
}

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
    for extension in ["html", "rss", "atom", "json"] {
        let moved = get(&format!("/category/town.{extension}"), "accept", "*/*").await;
        assert_eq!(moved.status(), 301);
        assert!(moved.headers()["location"].to_str().unwrap().ends_with(&format!("/category/city.{extension}")));
    }
    assert_eq!(plain_client().post(format!("{address}/all.rss")).send().await.unwrap().status(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_with_the_shipped_example_answers_as_the_daemon_does() {
    let desk = Desk::new("");
    // Something stays in the category and under the tag.
    let post = std::fs::read_to_string(desk.path("city/1.md")).unwrap().replace("00000002", "00000003");
    std::fs::write(desk.path("city/2.md"), post).unwrap();
    assert!(desk.run(&["poll"]).status.success());
    assert!(desk.run(&["retract", "NW202205010000000002", "--reason", "wrong"]).status.success());
    desk.export("out");
    let nginx = Nginx::serving(&desk.path("out")).await;
    hold(&nginx.address).await;
    let daemon = Daemon::start(&desk.config, &desk.data());
    hold(&daemon.address).await;
}
