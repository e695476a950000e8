//! The static site: the same bytes as served, only what changed, nothing stale, whole files at any moment.

use crate::support::{Daemon, Reply, Served, World, root, syndic, write_config};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use syndic::export::{self, Progress};

const SITE: &str = "[site]\ntitle = \"财经\"\nurl = \"https://syndic.test\"\nlanguage = \"zh-CN\"\ntimezone = \"Asia/Shanghai\"\n\
    [[category]]\nslug = \"board\"\ntitle = \"董事会\"\ntoken = \"s3cret\"\n[[category]]\nslug = \"city\"\ntitle = \"城市\"\naliases = [\"town\"]\n";

pub struct Desk {
    folder: tempfile::TempDir,
    pub config: PathBuf,
}

impl Desk {
    /// The samples, one post in a category of its own, another in a private one, polled.
    pub fn new(more: &str) -> Desk {
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

    pub fn run(&self, arguments: &[&str]) -> Output {
        syndic().current_dir(self.folder.path()).args(arguments).output().unwrap()
    }

    pub fn export(&self, to: &str) -> String {
        let output = self.run(&["export", "site", to]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }
}

/// A client that takes answers as they come.
pub fn plain_client() -> reqwest::Client {
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
        ["entry/NW202205010000000002.html", "entry/NW202205010000000002.html.gz", "tag/路-桥.html", "tag/路-桥.rss.gz"]
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

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_private_while_it_is_exported_is_not_in_it() {
    let open = "[[category]]\nslug = \"board\"\ntitle = \"Board\"\n";
    let world = World::new().await.with(open).source_with("minutes", "category = \"board\"\ncontent = \"full\"");
    let item = |n: u32| {
        format!(
            "<item><guid isPermaLink=\"false\">{n}</guid><title>Minutes {n}</title><description>x</description></item>"
        )
    };
    let items: String = (0..150).map(item).collect();
    world.upstream.serve(
        "/minutes",
        Reply::xml(format!("<rss version=\"2.0\"><channel><title>M</title>{items}</channel></rss>")),
    );
    let mut served = Served::over(world.refreshed().await).await;
    let (folder, progress) = (tempfile::tempdir().unwrap(), Progress::default());
    let (app, store, mut told) = (served.app.clone(), served.world.store.clone(), progress.subscribe());
    let exporting = export::site(&app, &store, folder.path(), &progress);
    tokio::pin!(exporting);
    let mut edited = false;
    let done = loop {
        tokio::select! {
            done = &mut exporting => break done.unwrap(),
            Ok(()) = told.changed() => {
                if !std::mem::replace(&mut edited, true) {
                    served = served.reconfigured(|world| world.renamed(&format!("{open}token = \"s3cret\"\n")));
                }
            }
        }
    };
    assert!(edited && done.removed > 0, "it was exported before anybody could change his mind: {done:?}");
    for (name, bytes) in files(folder.path()) {
        assert!(!name.contains("board") && !String::from_utf8_lossy(&bytes).contains("Minutes"), "{name}");
    }
}
