//! What the page for the night says, held against the program: its messages exist, its drill works.

use crate::support::{Daemon, root, syndic, write_config};
use std::path::Path;

/// All of the program's text, as it comes out: joined where a string goes on in the next line.
fn source_text() -> String {
    fn collect(folder: &Path, text: &mut String) {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            match path.is_dir() {
                true => collect(&path, text),
                false if path.extension().is_some_and(|extension| extension == "rs") => {
                    text.push_str(&std::fs::read_to_string(&path).unwrap());
                }
                false => {}
            }
        }
    }
    let mut text = String::new();
    collect(&root().join("src"), &mut text);
    let mut joined = String::with_capacity(text.len());
    let mut parts = text.split("\\\n");
    joined.push_str(parts.next().unwrap_or_default());
    for part in parts {
        joined.push_str(part.trim_start());
    }
    joined
}

/// The first cell of a row, without its marks of code; a bar that is no border is escaped.
fn messages(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.strip_prefix("| ")?.split(" | ").next());
    // `error: …` with `--> …`: two pieces of code.
    cells.map(|cell| cell.replace("` with `", "…").trim_matches(['`', ' ']).to_owned()).collect()
}

#[test]
fn every_message_of_the_page_is_one_that_the_program_has() {
    let page = std::fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let (text, messages) = (source_text(), messages(&page));
    assert!(messages.len() > 45, "{}", messages.len());
    // What others say: the system, and how diagnostics are drawn.
    let of_others = ["Permission denied", "error:", "--> feeds.toml:LINE"];
    for message in messages {
        let pieces = message
            .split('…')
            .flat_map(|piece| piece.split("LINE"))
            .map(|piece| piece.trim_matches([' ', '(', ')', '`']));
        let pieces: Vec<&str> =
            pieces.filter(|piece| piece.chars().filter(|c| c.is_alphabetic()).count() > 4).collect();
        assert!(!pieces.is_empty(), "{message}");
        for piece in pieces {
            assert!(
                text.contains(piece) || of_others.iter().any(|said| said.contains(piece) || piece.contains(said)),
                "nothing says `{piece}`: {message}"
            );
        }
    }
}

#[test]
fn the_kinds_of_failure_are_those_that_there_are() {
    let page = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    let section = page.split("## When a source fails").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut told: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let state = std::fs::read_to_string(root().join("src/model/state.rs")).unwrap();
    let names = state.split("pub fn name(self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let mut known: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

fn drill(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let program = syndic().get_program().to_owned();
    let output = std::process::Command::new("sh")
        .arg(root().join("scripts/restore-drill"))
        .args(arguments)
        .current_dir(folder)
        .env("SYNDIC", program)
        .env("SYNDIC_CONFIG", folder.join("feeds.toml"))
        .env("TMPDIR", folder)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_restore_drill_beside_a_daemon_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let posts = root().join("samples/posts");
    let text = format!(
        "[site]\nurl = \"https://syndic.test\"\n[[source]]\nid = \"samples\"\npath = \"{}\"\ncontent = \"full\"\n",
        posts.display()
    );
    let config = write_config(folder.path(), &text);
    assert!(syndic().current_dir(folder.path()).arg("poll").output().unwrap().status.success());
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    let (code, said) = drill(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("WELL") && said.contains("the same bytes"), "{said}");
    assert_eq!(daemon.stop(), Some(0));

    // A backup that was cut short does not pass, and nothing is left behind.
    let backup = folder.path().join("cut.bak");
    assert!(syndic().current_dir(folder.path()).arg("backup").arg(&backup).output().unwrap().status.success());
    let (code, said) = drill(folder.path(), &["cut.bak"]);
    assert_eq!(code, Some(0), "{said}");
    let bytes = std::fs::read(&backup).unwrap();
    std::fs::write(&backup, &bytes[..bytes.len() - 100]).unwrap();
    let (code, said) = drill(folder.path(), &["cut.bak"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no whole backup") && said.contains("FAILED"), "{said}");
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["cut.bak", "data", "feeds.toml"]);
}
