//! The commands as an operator's scripts use them, alone and through a running daemon.

use crate::support::{Daemon, Reply, Upstream, fixture, root, syndic, write_config};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

async fn desk() -> (Upstream, tempfile::TempDir, PathBuf) {
    let upstream = Upstream::start().await;
    upstream.serve("/paper", Reply::xml(fixture("feeds/rss2-newspaper.xml")));
    upstream.serve("/broken", Reply::status(500));
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"paper\"\nurl = \"{}\"\ncategory = \"news\"\ncontent = \"full\"\n\
         [[source]]\nid = \"broken\"\nurl = \"{}\"\ncategory = \"news\"\n",
        upstream.url("/paper"),
        upstream.url("/broken")
    );
    let config = write_config(folder.path(), &text);
    (upstream, folder, config)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    syndic().current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const CODE: &str = "NW202204222352631195";

#[tokio::test(flavor = "multi_thread")]
async fn poll_show_and_export_without_a_daemon() {
    let (_upstream, folder, _) = desk().await;
    let polled = run(folder.path(), &["poll"]);
    let table = text(&polled.stdout);
    assert_eq!(polled.status.code(), Some(1), "one source failed:\n{table}");
    assert!(table.lines().any(|line| line.starts_with("paper") && line.contains("ok")), "{table}");
    assert!(
        table.lines().any(|line| line.starts_with("broken") && line.contains("failed") && line.contains("500")),
        "{table}"
    );
    assert!(table.contains("2 sources: 1 ok, 0 not modified, 1 failed; 1 new, 0 updated"), "{table}");
    let again = run(folder.path(), &["poll", "--source", "paper"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(text(&again.stdout).contains("0 new, 0 updated"));

    let shown = text(&run(folder.path(), &["show", CODE]).stdout);
    for wanted in [
        CODE,
        "港口一季度吞吐量增长",
        "厦门日报",
        "本报记者 张三, 通讯员 李四",
        "NewsShare.html?infoCode=NW202204222352631195",
    ] {
        assert!(shown.contains(wanted), "{wanted}:\n{shown}");
    }
    let by_link =
        run(folder.path(), &["show", "https://news.example/html_News/NewsShare.html?infoCode=NW202204222352631195"]);
    assert_eq!(text(&by_link.stdout), shown);
    assert_eq!(run(folder.path(), &["show", "NW209901010000000000"]).status.code(), Some(1));

    let exported = text(&run(folder.path(), &["export", "entries"]).stdout);
    let line: serde_json::Value = serde_json::from_str(exported.trim_end()).unwrap();
    assert_eq!(line["info_code"], CODE);
    for name in [
        "published_id",
        "source",
        "categories",
        "title",
        "link",
        "authors",
        "published",
        "updated",
        "content",
        "attribution",
        "editions",
    ] {
        assert!(line.get(name).is_some(), "{name}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commands_through_a_running_daemon_have_the_same_output_and_exit() {
    let (_upstream, folder, config) = desk().await;
    let data = folder.path().join("data");
    let daemon = Daemon::start(&config, &data);
    let polled = run(folder.path(), &["poll", "--json"]);
    assert_eq!(polled.status.code(), Some(1), "{}", text(&polled.stderr));
    assert_eq!(text(&polled.stdout).lines().count(), 2);
    let through = ["show", "export", "status"].map(|command| match command {
        "show" => run(folder.path(), &["show", CODE]),
        "export" => run(folder.path(), &["export", "entries"]),
        _ => run(folder.path(), &["status"]),
    });
    assert!(text(&through[2].stdout).contains("failing"), "{}", text(&through[2].stdout));
    let unknown = run(folder.path(), &["poll", "--source", "papr"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("the nearest is `paper`"));
    assert_eq!(daemon.stop(), Some(0));
    assert!(!data.join("syndic.sock").exists(), "the socket is taken away");
    let alone = run(folder.path(), &["show", CODE]);
    assert_eq!(text(&alone.stdout), text(&through[0].stdout), "{}", text(&alone.stderr));
    assert_eq!(run(folder.path(), &["export", "entries"]).stdout, through[1].stdout);
}

#[test]
fn preview_needs_no_feeds_toml_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("tests/fixtures/feeds/rss2-newspaper.xml");
    for shape in ["atom", "rss", "json", "text"] {
        let shown = syndic().current_dir(folder.path()).args(["preview", "--as", shape]).arg(&file).output().unwrap();
        assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
        assert!(text(&shown.stdout).contains("港口一季度吞吐量增长"), "{shape}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written");
}

#[test]
fn preview_sanitises_a_fragment_from_standard_input() {
    let mut child =
        syndic().args(["preview", "-", "--as", "html"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("<p onclick=x()>港口<script>x()</script></p>".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout).trim_end(), "<p>港口</p>");
}

#[test]
fn a_document_that_is_no_feed_is_named_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, "<!doctype html><html><head><link rel=alternate type=application/rss+xml href=/feed.xml></head><body>x</body></html>").unwrap();
    let output = syndic().args(["preview", "--base", "https://site.example/"]).arg(&page).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("https://site.example/feed.xml"), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_online_says_what_each_source_answers_and_stores_nothing() {
    let (_upstream, folder, _) = desk().await;
    let checked = run(folder.path(), &["check", "--online"]);
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("paper: Rss, 1 entries, 厦门日报") && said.contains("broken: failed: "), "{said}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn reading_where_nothing_is_stored_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), "[[source]]\nid = \"a\"\nurl = \"http://127.0.0.1:9/\"\n");
    for command in [vec!["show", CODE], vec!["status"], vec!["export", "entries"]] {
        let output = run(folder.path(), &command);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(text(&output.stderr).contains("no store here yet"), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("data").exists());
}
