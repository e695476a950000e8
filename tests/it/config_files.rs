//! Broken feeds.toml files (tests/fixtures/config) and what is said of each, byte by byte; and that a daemon goes on by its last good
//! one whichever of them is put in its place.

use crate::support::{Daemon, Reply, Upstream, fixture, root, syndic, write_config};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

fn folder() -> PathBuf {
    root().join("tests/fixtures/config")
}

/// Names of all files, sorted.
fn names() -> Vec<String> {
    let files = fs::read_dir(folder()).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names
}

fn is_broken(name: &str) -> bool {
    !name.starts_with("warns-of")
}

fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = syndic().current_dir(folder).arg("check").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn each_broken_file_is_explained_so_that_it_can_be_mended_from_the_words_alone() {
    assert!(names().iter().filter(|name| is_broken(name)).count() >= 40);
    let mut others = Vec::new();
    for name in names() {
        let (code, _, said) = check(&folder(), &["--config", &format!("{name}.toml")]);
        assert_eq!(code, Some(if is_broken(&name) { 2 } else { 0 }), "{name}: {said}");
        assert!(!said.contains("hunter2"), "{name} shows a secret: {said}");
        let golden = folder().join(format!("{name}.txt"));
        if std::env::var_os("SYNDIC_BLESS").is_some() {
            fs::write(golden, &said).unwrap();
        } else if fs::read_to_string(&golden).ok().as_ref() != Some(&said) {
            others.push(format!("{name}:\n{said}"));
        }
    }
    assert!(others.is_empty(), "said otherwise than before (SYNDIC_BLESS=1 writes it down):\n{}", others.join("\n"));
}

#[test]
fn editors_are_told_the_same_one_json_object_a_problem() {
    for name in names() {
        let (_, told, _) = check(&folder(), &["--json", "--config", &format!("{name}.toml")]);
        let problems: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!problems.is_empty(), "{name}");
        for problem in problems {
            let severity = if is_broken(&name) { "error" } else { "warning" };
            assert!(problem["severity"] == severity || problem["severity"] == "warning", "{name}: {problem}");
            assert!(problem["file"].as_str().unwrap().ends_with(".toml"), "{name}: {problem}");
            assert!(problem["line"].is_u64() == problem["column"].is_u64(), "{name}: {problem}");
        }
    }
    let (_, told, _) = check(&folder(), &["--json", "--config", "source-twice.toml"]);
    let problem: serde_json::Value = serde_json::from_str(told.trim_end()).unwrap();
    assert_eq!((problem["line"].as_u64(), problem["related"][0]["line"].as_u64()), (Some(9 + 1), Some(2)), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_goes_on_whichever_of_them_is_put_in_its_place_and_takes_the_mended_one_soon() {
    let upstream = Upstream::start().await;
    upstream.serve("/paper", Reply::xml(fixture("feeds/rss2-newspaper.xml")));
    let home = tempfile::tempdir().unwrap();
    let good = format!(
        "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"paper\"\nurl = \"{}\"\n",
        upstream.url("/paper")
    );
    let first = format!("{good}category = \"news\"\n");
    let config = write_config(home.path(), &first);
    let daemon = Daemon::start(&config, &home.path().join("data"));
    while !daemon.get("/category/news.atom").await.1.contains("<entry>") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let pages = ["/category/news.atom", "/all.rss", "/source/paper.html", "/feeds.opml", "/"];
    let mut before = Vec::new();
    for page in pages {
        before.push(daemon.get(page).await);
    }
    fs::create_dir(home.path().join("parts")).unwrap();
    for part in ["parts/rail.toml", "parts/sea.toml", "secret"] {
        fs::copy(folder().join(part), home.path().join(part)).unwrap();
    }
    for name in names().into_iter().filter(|name| is_broken(name)) {
        fs::copy(folder().join(format!("{name}.toml")), &config).unwrap();
        let reload = syndic().current_dir(home.path()).arg("reload").arg("--data").arg("data").output().unwrap();
        assert_eq!(reload.status.code(), Some(2), "{name}: {}", String::from_utf8_lossy(&reload.stderr));
        for (page, before) in pages.iter().zip(&before) {
            assert_eq!(daemon.get(page).await, *before, "{name}: {page}");
        }
    }
    let status: serde_json::Value = serde_json::from_str(&daemon.get("/status.json").await.1).unwrap();
    assert_eq!(status["config"]["state"], "refused");
    write_config(home.path(), &format!("{good}category = \"mended\"\n"));
    let mended = Instant::now();
    while daemon.get("/category/mended.atom").await.0 != 200 {
        assert!(mended.elapsed() < Duration::from_secs(3), "it is not taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
