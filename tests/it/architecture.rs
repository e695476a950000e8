//! The house rules that a reader of the code relies on, checked.

use crate::support::root;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What ships: a file of tests is nothing, tests at the end of a file are left out.
fn without_tests(path: &Path, text: &str) -> String {
    let tests =
        path.ends_with("tests.rs") || path.iter().any(|part| part == "tests") || path.ends_with("serve/hand.rs");
    let shipped = if tests { "" } else { text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("") };
    shipped.to_owned()
}

#[test]
fn each_outside_library_stays_in_its_own_place() {
    let src = root().join("src");
    let places = [
        ("reqwest::", vec!["fetch"]),
        ("hickory_resolver::", vec!["fetch"]),
        ("feed_rs::", vec!["parse"]),
        ("sled::", vec!["store"]),
        ("axum::", vec!["serve"]),
        ("rss::", vec!["format/rss", "format/mod"]),
        ("atom_syndication::", vec!["format/atom"]),
        ("ammonia::", vec!["enrich"]),
        ("dom_smoothie::", vec!["enrich/article"]),
        ("dom_query::", vec!["css"]),
        ("jsonpath_rust::", vec!["jsonpath"]),
        ("html5ever::", vec!["fetch/discover"]),
        ("texting_robots::", vec!["fetch/robots"]),
        ("glob::", vec!["config/include"]),
        ("toml_edit::", vec!["config/edit"]),
        ("prometheus::", vec!["metrics"]),
        ("sd_notify::", vec!["supervisor"]),
        ("clap_mangen::", vec!["cli/man"]),
        ("clap_complete::", vec!["cli/completions"]),
        ("anstream::", vec!["cli/output"]),
    ];
    for (path, text) in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        let text = without_tests(&path, &text);
        for (library, own) in &places {
            let named = code(&text).match_indices(library).any(|(at, _)| {
                !text.is_char_boundary(at)
                    || !code(&text)[..at]
                        .ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
            });
            assert!(!named || own.iter().any(|own| inside.starts_with(own)), "{inside} names {library}");
        }
    }
}

#[test]
fn every_file_says_what_it_promises_and_stays_small_or_says_why() {
    for (path, text) in sources(&root().join("src")) {
        if path.ends_with("tests.rs") || path.iter().any(|part| part == "tests") {
            continue;
        }
        assert!(text.starts_with("//!"), "{} does not open with a line on what it is", path.display());
        let code_lines = without_tests(&path, &text).lines().count();
        assert!(
            code_lines <= 300 || text.contains("// Long because"),
            "{} has {code_lines} lines and no reason",
            path.display()
        );
    }
}

#[test]
fn nothing_between_fetch_and_apply_reads_a_clock() {
    let src = root().join("src");
    for (path, text) in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        let pure = ["parse", "recipe", "identify", "enrich", "policy", "view", "format", "model/"]
            .iter()
            .any(|pure| inside.starts_with(pure));
        if pure && inside != "model/clock.rs" {
            let body = code(&without_tests(&path, &text));
            for call in ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"] {
                assert!(!body.contains(call), "{inside} calls {call}");
            }
        }
    }
}
