//! What is in the repository works as it is: the shipped feeds.toml with no network, and the README's own commands.

use crate::support::{Daemon, root, write_config};

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_feeds_toml_serves_its_samples_where_no_name_resolves() {
    // RFC 6761: no name below `.invalid` resolves, so that nobody is asked anything, wherever this runs.
    let shipped = std::fs::read_to_string(root().join("feeds.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let closed: Vec<String> = shipped.lines().map(closed).collect();
    let config = write_config(folder.path(), &closed.join("\n"));
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    let status = loop {
        let (_, body) = daemon.get("/status.json").await;
        let status: serde_json::Value = serde_json::from_str(&body).unwrap();
        if status["sources"].as_array().unwrap().iter().all(|source| source["state"] != "new") {
            break status;
        }
    };
    let sources = status["sources"].as_array().unwrap();
    assert!(sources.len() >= 7);
    for source in sources {
        if source["id"] == "samples" {
            assert_eq!(source["state"], "ok");
            assert!(source["entries"].as_u64().unwrap() >= 15);
        } else {
            assert_eq!(source["state"], "failing", "{source}");
            assert_eq!(source["error"]["kind"], "dns", "{source}");
            assert!(source["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{source}");
        }
    }
    assert_eq!(daemon.get("/category/shamenribao.atom").await.0, 200);
    let (_, home) = daemon.get("/").await;
    assert!(home.contains("厦门日报新闻"));
    assert_eq!(daemon.stop(), Some(0));
}

/// A line of feeds.toml with the host of its `url` made one that cannot resolve, and its path made absolute.
fn closed(line: &str) -> String {
    if let Some(url) = line.strip_prefix("url = \"https://")
        && let Some((host, path)) = url.split_once('/')
    {
        return format!("url = \"https://{host}.invalid/{path}");
    }
    match line.strip_prefix("path = \"samples") {
        Some(rest) => format!("path = \"{}/samples{rest}", root().display()),
        None => line.to_owned(),
    }
}

/// Both commands of the README are the ones that are run here and in continuous integration.
#[test]
fn the_readmes_commands_are_the_ones_that_are_run() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().map(str::trim).filter(|line| ["cargo run --release", "scripts/test"].contains(line)).collect();
    assert_eq!(commands[..2], ["cargo run --release", "scripts/test"], "each stands alone on a line of a code block");
    let test = std::fs::read_to_string(root().join("scripts/test")).unwrap();
    assert!(test.contains("cargo test --locked"), "scripts/test runs this very test");
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.contains("scripts/test"));
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("default-run = \"syndic\""), "a bare `cargo run` starts the daemon");
}
