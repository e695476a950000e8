//! What is in the repository works as it is: the shipped feeds.toml with no network, and the README's own commands.

use crate::support::{Daemon, root};

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_feeds_toml_serves_its_samples_where_no_name_resolves() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&root().join("feeds.toml"), data.path());
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
        } else if source["state"] != "ok" {
            // Where these tests run with a network, a public feed may well answer.
            assert_eq!(source["state"], "failing", "{source}");
            assert!(source["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{source}");
        }
    }
    assert_eq!(daemon.get("/category/shamenribao.atom").await.0, 200);
    let (_, home) = daemon.get("/").await;
    assert!(home.contains("厦门日报新闻"));
    assert_eq!(daemon.stop(), Some(0));
}

/// Both commands of the README are the ones that are run here and in continuous integration.
#[test]
fn the_readmes_commands_are_the_ones_that_are_run() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().map(str::trim).filter(|line| ["cargo run --release", "scripts/test"].contains(line)).collect();
    assert_eq!(commands, ["cargo run --release", "scripts/test"], "each stands alone on a line of a code block");
    let test = std::fs::read_to_string(root().join("scripts/test")).unwrap();
    assert!(test.contains("cargo test --locked"), "scripts/test runs this very test");
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.contains("scripts/test"));
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("default-run = \"syndic\""), "a bare `cargo run` starts the daemon");
}
