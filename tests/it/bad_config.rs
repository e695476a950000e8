//! What an operator is told when something stands in the way: where, what, and what to do; exit 2, nothing touched.

use crate::support::{Daemon, syndic, write_config};
use std::path::Path;

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = syndic().current_dir(folder).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

const GOOD: &str = "[[source]]\nid = \"a\"\nurl = \"http://127.0.0.1:9/\"\ncategory = \"news\"\n";

#[test]
fn a_missing_an_empty_and_a_half_written_file_are_each_explained() {
    let folder = tempfile::tempdir().unwrap();
    for (text, wanted) in
        [(None, "feeds.toml"), (Some(""), "[[source]]"), (Some("[[source]]\nid = \"a\nurl"), "feeds.toml:")]
    {
        if let Some(text) = text {
            write_config(folder.path(), text);
        }
        for command in ["check", "run", "poll"] {
            let (code, said) = run(folder.path(), &[command]);
            assert_eq!(code, Some(2), "{command}: {said}");
            assert!(said.contains(wanted), "{command}: {said}");
        }
        assert!(!folder.path().join("data").exists(), "nothing was touched");
    }
}

#[test]
fn every_problem_is_named_at_once_with_its_place_and_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[poll]\nmni = \"15m\"\n[fetch]\ntimeout = \"soon\"\n[[source]]\nid = \"a\"\nurl = \"ftp://example.org/\"\ncategroy = \"news\"\n";
    write_config(folder.path(), text);
    let (code, said) = run(folder.path(), &["check"]);
    assert_eq!(code, Some(2));
    for wanted in
        ["feeds.toml:2", "`min`", "feeds.toml:4", "soon", "feeds.toml:7", "http", "feeds.toml:8", "`category`"]
    {
        assert!(said.contains(wanted), "{wanted} is missing:\n{said}");
    }
}

#[test]
fn a_taken_port_and_an_unwritable_folder_are_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), GOOD);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = run(folder.path(), &["run", "--listen", &address]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains(&address), "{said}");

    std::fs::write(folder.path().join("file"), "").unwrap();
    let (code, said) = run(folder.path(), &["run", "--listen", "127.0.0.1:0", "--data", "file/data"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains("file/data"), "{said}");
}

#[test]
fn a_store_that_is_held_names_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), GOOD);
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    let (code, said) = run(folder.path(), &["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("process") && said.chars().any(|c| c.is_ascii_digit()), "{said}");
    assert_eq!(daemon.stop(), Some(0), "SIGTERM drains and ends well");
}
