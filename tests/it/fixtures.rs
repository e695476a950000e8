//! Every document under tests/fixtures/feeds says what it shows and what must come of it; here it is published and held to that.
//!
//! `Description: …` is one line; each `Expect: POINTER = JSON` is looked up in the JSON feed of its category
//! (RFC 6901), `absent` meaning that nothing stands there. `Content-Type: …` sets the header it is served with.

use crate::support::{Reply, World, root};
use std::path::{Path, PathBuf};
use syndic::format::Format;

struct Expectations {
    content_type: Option<String>,
    expected: Vec<(String, String)>,
}

fn read(path: &Path, bytes: &[u8]) -> Expectations {
    // JSON has no comments: what is expected of it stands in a file beside it.
    let beside = std::fs::read(path.with_extension("json.expect"));
    let text = String::from_utf8_lossy(beside.as_deref().unwrap_or(bytes));
    let field = |name: &str| {
        text.lines().filter_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned()).collect::<Vec<_>>()
    };
    assert!(!field("Description:").is_empty(), "{}: no Description", path.display());
    let expected: Vec<_> = field("Expect:")
        .into_iter()
        .map(|line| {
            let (pointer, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{}: {line}", path.display()));
            (pointer.trim().to_owned(), value.trim().to_owned())
        })
        .collect();
    assert!(!expected.is_empty(), "{}: no Expect", path.display());
    Expectations { content_type: field("Content-Type:").pop(), expected }
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension != "expect"));
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fixture_becomes_what_it_says() {
    let documents = documents(&root().join("tests/fixtures/feeds"));
    assert!(documents.len() >= 10, "the fixtures are not where they should be");
    let mut wrong = Vec::new();
    for path in documents {
        let bytes = std::fs::read(&path).unwrap();
        let expectations = read(&path, &bytes);
        let mut reply = Reply::xml(bytes);
        if let Some(content_type) = &expectations.content_type {
            reply = reply.with("content-type", content_type);
        }
        let world = World::new().await.source_with("it", "category = \"news\"\ncontent = \"full\"\ncredit = false");
        world.upstream.serve("/it", reply);
        let outcome = world.refresh().await;
        let feed = world.json("news").await;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (pointer, value) in &expectations.expected {
            let found = feed.pointer(pointer);
            let good = match value.as_str() {
                "absent" => found.is_none(),
                json => found == Some(&serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {json}: {error}"))),
            };
            if !good {
                wrong.push(format!("{name}: {pointer}: wanted {value}, found {found:?} ({outcome:?})"));
            }
        }
        agree(&world, &name, feed["items"].as_array().map_or(0, Vec::len)).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The other two formats hold the same number of entries, read by parsers that are not ours.
async fn agree(world: &World, name: &str, entries: usize) {
    let rss = rss::Channel::read_from(world.category("news", Format::Rss).await.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let atom = atom_syndication::Feed::read_from(world.category("news", Format::Atom).await.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(rss.items.len(), entries, "{name}");
    assert_eq!(atom.entries.len(), entries, "{name}");
    rss::validation::Validate::validate(&rss).unwrap_or_else(|error| panic!("{name}: {error}"));
}
