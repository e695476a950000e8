//! The list of our feeds, as OPML 2.0 asks for it and as readers import it.

use crate::support::{Daemon, Reply, Upstream, write_config};
use chrono::DateTime;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

type Outline = BTreeMap<String, String>;

/// A group and its feeds.
type Group = (Outline, Vec<Outline>);

fn attributes(of: &BytesStart<'_>) -> Outline {
    let read = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        (attribute.key.as_ref().to_owned(), quick_xml::escape::unescape(&attribute.value).unwrap().into_owned())
    };
    of.attributes().map(|attribute| read(attribute.unwrap())).collect()
}

/// The elements of the head with their texts, and the groups with their feeds.
fn read(opml: &str) -> (BTreeMap<String, String>, Vec<Group>) {
    let mut reader = quick_xml::Reader::from_str(opml);
    let mut head = BTreeMap::<String, String>::new();
    let (mut groups, mut path) = (Vec::<Group>::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                match name.as_str() {
                    "outline" => groups.push((attributes(&start), Vec::new())),
                    "opml" => assert_eq!(attributes(&start)["version"], "2.0"),
                    _ => {}
                }
                path.push(name);
            }
            Event::Empty(feed) => groups.last_mut().unwrap().1.push(attributes(&feed)),
            Event::Text(text) if path.get(1).is_some_and(|part| part == "head") => {
                head.entry(path.last().unwrap().clone()).or_default().push_str(&text);
            }
            Event::GeneralRef(name) if path.get(1).is_some_and(|part| part == "head") => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*name)).unwrap().into_owned();
                head.entry(path.last().unwrap().clone()).or_default().push_str(&text);
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => return (head, groups),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_public_feed_stands_in_it_and_it_is_as_old_as_they_are() {
    let upstream = Upstream::start().await;
    let item =
        "<item><title>one</title><guid isPermaLink=\"false\">urn:one</guid><link>https://p.example/1</link></item>";
    upstream.serve("/a", Reply::xml(format!("<rss version=\"2.0\"><channel><title>A &amp; B</title><link>https://p.example/</link><description>d</description>{item}</channel></rss>")));
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(
        folder.path(),
        &format!(
            "[site]\nurl = \"https://news.example/base\"\ntitle = \"News & more\"\nlanguage = \"zh-CN\"\ncontact = \"https://news.example/us\"\n\
             [fetch]\nallow = [\"{}\"]\n[[category]]\nslug = \"rail\"\ntitle = \"铁路\"\ndescription = \"On rails\"\n\
             [[category]]\nslug = \"board\"\ntoken = \"t\"\n[[source]]\nid = \"paper\"\nurl = \"{}\"\ncategory = \"rail\"\n",
            upstream.authority(),
            upstream.url("/a")
        ),
    );
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    while !daemon.get("/category/rail.atom").await.1.contains("<entry>") {}
    let (status, opml) = daemon.get("/feeds.opml").await;
    assert_eq!(status, 200);
    let (head, groups) = read(&opml);
    assert_eq!(head["title"], "News & more");
    assert_eq!((head["ownerName"].as_str(), head["ownerId"].as_str()), ("News & more", "https://news.example/us"));
    let all = feed_rs::parser::parse(daemon.get("/all.atom").await.1.as_bytes()).unwrap();
    assert_eq!(DateTime::parse_from_rfc2822(&head["dateModified"]).unwrap().to_utc(), all.updated.unwrap());
    assert_eq!(daemon.get("/feeds.opml").await.1, opml, "no time of a request stands in it");
    let base = "https://news.example/base";
    let feeds: Vec<Outline> = groups.iter().flat_map(|(_, feeds)| feeds.clone()).collect();
    assert!(groups.iter().all(|(group, feeds)| !group["text"].is_empty() && !feeds.is_empty()));
    for feed in &feeds {
        assert_eq!(feed["type"], "rss");
        assert_eq!(feed["text"], feed["title"]);
        assert!(feed["xmlUrl"].starts_with(base) && feed["htmlUrl"].starts_with(base), "{feed:?}");
        let path = feed["xmlUrl"].trim_start_matches(base).to_owned();
        let (status, text) = daemon.get(&path).await;
        assert_eq!(status, 200, "{path}");
        let read = feed_rs::parser::parse(text.as_bytes()).unwrap();
        assert_eq!(read.title.unwrap().content, feed["title"], "{path}");
        assert_eq!(daemon.get(feed["htmlUrl"].trim_start_matches(base)).await.0, 200, "{feed:?}");
    }
    let named: Vec<(&str, &str)> =
        feeds.iter().map(|feed| (feed["text"].as_str(), feed["xmlUrl"].trim_start_matches(base))).collect();
    assert_eq!(named, [("News & more", "/all.atom"), ("铁路", "/category/rail.atom"), ("A & B", "/source/paper.atom")]);
    assert_eq!((feeds[0]["language"].as_str(), feeds[1]["description"].as_str()), ("zh-CN", "On rails"));
    assert!(!opml.contains("board"), "what is private is not listed");
}
