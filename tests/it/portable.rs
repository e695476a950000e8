//! `export entries` and `import entries` as an operator uses them: from one data folder into another, alone and through a daemon.

use crate::support::{Daemon, Reply, Upstream, World, fixture, root, syndic, write_config};
use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};
use syndic::{
    format,
    model::Portable,
    refresh::Outcome,
    store::{Import, Imported},
};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    syndic().current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn documents() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join("tests/fixtures/feeds"))
        .unwrap()
        .map(|file| format!("feeds/{}", file.unwrap().file_name().to_string_lossy()))
        .filter(|name| !name.ends_with(".expect"))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fixture_goes_through_an_export_unchanged_and_the_next_poll_finds_nothing_new() {
    let mut world = World::new().await;
    for (number, name) in documents().iter().enumerate() {
        let id = format!("s{number}");
        world.upstream.serve(&format!("/{id}"), Reply::xml(fixture(name)));
        world =
            world.source_with(&id, &format!("category = \"news\"\ncontent = \"full\"\nnamespace = \"{id}.example\""));
    }
    let mut world = world.refreshed().await;
    let names = world.store.gone_names().await.unwrap();
    let kept = world.store.portable_after(None, 9999, &names).await.unwrap();
    assert!(kept.len() >= documents().len());
    let now = world.tools().clock.now();
    let lines: Vec<String> = kept.iter().map(|one| format::ndjson(one).unwrap()).collect();
    let entries: Vec<Portable> = lines.iter().map(|line| format::read_ndjson(line, now).unwrap()).collect();
    assert_eq!(entries, kept, "what our sanitiser made is not changed by it");

    let folder = tempfile::tempdir().unwrap();
    let other = crate::support::world::open(folder.path());
    let import = Import { entries, site_host: "syndic.test".into(), at: now, fresh: true };
    assert!(other.import(import).await.unwrap().iter().all(|one| *one == Imported::New));
    assert_eq!(other.portable_after(None, 9999, &names).await.unwrap(), kept);
    world.store = other;
    for (source, outcome) in world.refresh().await {
        let Outcome::Committed(changes) = outcome else { panic!("{source}: {outcome:?}") };
        assert_eq!((&changes.new[..], &changes.updated[..]), (&[][..], &[][..]), "{source}");
    }
    assert_eq!(world.store.portable_after(None, 9999, &names).await.unwrap(), kept);
    for (source, outcome) in world.refresh().await {
        assert!(matches!(outcome, Outcome::NotModified), "{source}: {outcome:?}");
    }
}

async fn filled() -> (Upstream, tempfile::TempDir, String) {
    let upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n".to_owned();
    for (id, name) in [("paper", "feeds/rss2-newspaper.xml"), ("blog", "feeds/atom-xml-base.xml")] {
        upstream.serve(&format!("/{id}"), Reply::xml(fixture(name)));
        let url = upstream.url(&format!("/{id}"));
        config += &format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\ncategory = \"news\"\n");
    }
    write_config(folder.path(), &config);
    assert_eq!(run(folder.path(), &["poll"]).status.code(), Some(0));
    let newspaper = String::from_utf8(fixture("feeds/rss2-newspaper.xml")).unwrap();
    upstream.serve("/paper", Reply::xml(newspaper.replace("港口", "口岸")));
    assert_eq!(run(folder.path(), &["poll"]).status.code(), Some(0));
    let exported = text(&run(folder.path(), &["export", "entries"]).stdout);
    assert!(exported.lines().count() >= 2 && exported.contains("\"number\":2"), "{exported}");
    std::fs::write(folder.path().join("entries.ndjson"), &exported).unwrap();
    (upstream, folder, exported)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_comes_into_another_folder_as_the_same_bytes_alone_and_through_a_daemon() {
    let (_upstream, folder, exported) = filled().await;
    let lines = exported.lines().count();
    let alone = run(folder.path(), &["--data", "alone", "import", "entries", "entries.ndjson"]);
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
    assert_eq!(text(&alone.stdout), format!("{lines} lines: {lines} new, 0 updated, 0 unchanged, 0 refused\n"));
    assert_eq!(text(&run(folder.path(), &["--data", "alone", "export", "entries"]).stdout), exported);

    let config = folder.path().join("feeds.toml");
    let daemon = Daemon::start(&config, &folder.path().join("served"));
    // Its own first poll and the import come in any order; both say the same.
    let through = run(folder.path(), &["--data", "served", "import", "entries", "entries.ndjson"]);
    assert_eq!(through.status.code(), Some(0), "{}", text(&through.stderr));
    let again = run(folder.path(), &["--data", "served", "import", "entries", "entries.ndjson"]);
    assert_eq!(text(&again.stdout), format!("{lines} lines: 0 new, 0 updated, {lines} unchanged, 0 refused\n"));
    assert_eq!(daemon.stop(), Some(0));

    let mut child = syndic()
        .current_dir(folder.path())
        .args(["--data", "piped", "import", "entries", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(exported.as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(text(&run(folder.path(), &["--data", "piped", "export", "entries"]).stdout), exported);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_line_is_named_by_its_number_and_costs_no_other() {
    let (_upstream, folder, exported) = filled().await;
    let good: Vec<&str> = exported.lines().collect();
    let mixed = format!("\u{feff}{}\r\n\n{{\"info_code\":\"NW1\"}}\nno line\n{}\n", good[0], good[1..].join("\n"));
    std::fs::write(folder.path().join("mixed.ndjson"), mixed).unwrap();
    let config = folder.path().join("feeds.toml");
    let mut said = Vec::new();
    for (data, served) in [("alone", false), ("served", true)] {
        let daemon = served.then(|| Daemon::start(&config, &folder.path().join(data)));
        let imported = run(folder.path(), &["--data", data, "import", "entries", "mixed.ndjson"]);
        assert_eq!(imported.status.code(), Some(1));
        let stderr = text(&imported.stderr);
        assert!(stderr.contains("line 3: ") && stderr.contains("line 4: no JSON object"), "{stderr}");
        assert!(text(&imported.stdout).contains(&format!("{} lines: ", good.len() + 2)), "{}", text(&imported.stdout));
        assert!(text(&imported.stdout).contains("2 refused"), "{}", text(&imported.stdout));
        said.push(stderr);
        assert!(daemon.is_none_or(|daemon| daemon.stop() == Some(0)));
    }
    assert_eq!(said[0], said[1], "the same lines through a daemon");
    assert_eq!(text(&run(folder.path(), &["--data", "alone", "export", "entries"]).stdout), exported);
    assert_eq!(run(folder.path(), &["import", "entries", "absent.ndjson"]).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_long_lines_go_through_a_daemon_while_it_answers() {
    let (_upstream, folder, exported) = filled().await;
    let first = exported.lines().next().unwrap();
    let line: serde_json::Value = serde_json::from_str(first).unwrap();
    let mut many = Vec::new();
    for number in 0..600 {
        let mut line = serde_json::json!({
            "info_code": format!("NW2022042200000{number:04}"), "code_kind": "query", "source": "mass", "namespace": "mass.example",
            "categories": ["mass"], "category_titles": { "mass": "Mass" }, "first_seen": line["first_seen"], "updated": line["updated"], "title": format!("第{number}"),
            "content": format!("<p>{}</p>", "港口".repeat(4000)),
        });
        if number % 3 == 0 {
            line["namespace"] = serde_json::json!(""); // Refused: as many answers as lines must not stop either side.
        }
        many.push(line.to_string());
    }
    std::fs::write(folder.path().join("many.ndjson"), many.join("\n")).unwrap();
    let daemon = Daemon::start(&folder.path().join("feeds.toml"), &folder.path().join("data"));
    let imported = run(folder.path(), &["import", "entries", "many.ndjson"]);
    assert_eq!(text(&imported.stdout), "600 lines: 400 new, 0 updated, 0 unchanged, 200 refused\n");
    let refused = text(&imported.stderr);
    assert_eq!(refused.lines().filter(|line| line.starts_with("line ")).count(), 200, "{refused}");
    assert_eq!(daemon.get("/entry/NW20220422000000001.html").await.0, 200);
    assert_eq!(daemon.stop(), Some(0));
}
