//! What makes a new edition and what does not, from the raw document on; and how an operator looks at editions.

use crate::support::{Daemon, Reply, Upstream, World, syndic, write_config};
use chrono::TimeDelta;
use std::{path::Path, process::Output};

const CODE: &str = "NW202204222352631195";

fn document(item: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
         <channel><title>Paper</title><link>https://news.example/</link><description>d</description>{item}</channel></rss>"
    )
}

const FIRST: &str = "<item><title>港口 &amp; 航线</title><link>https://news.example/n?infoCode=NW202204222352631195</link>\
    <guid isPermaLink=\"false\">1</guid><pubDate>2022-04-22 07:44:35 +0800</pubDate><category>港口</category><category>厦门</category>\
    <content:encoded><![CDATA[<p>一季度，吞吐量 增长5%。</p><p><a href=\"https://a.example/x?id=1\" title=\"t\">见此</a><img src=\"https://a.example/1.jpg\" alt=\"图\"></p>]]></content:encoded>\
    <enclosure url=\"https://a.example/1.mp3\" length=\"5\" type=\"audio/mpeg\"/>\
    <media:content url=\"https://a.example/1.jpg\" medium=\"image\"/><slash:comments>1</slash:comments></item>";

/// The same as another version of the publisher's system writes it.
const RESPELT: &str = "<item><slash:comments>7</slash:comments><title><![CDATA[港口 & 航线 ]]></title>\
    <link>http://NEWS.example/n?utm_source=rss&amp;infoCode=NW202204222352631195</link>\
    <guid isPermaLink=\"false\">1</guid><pubDate>Fri, 22 Apr 2022 07:44:35 +0800</pubDate><category>厦门</category><category>港口</category>\
    <media:content medium=\"image\" url=\"http://a.example/1.jpg\"></media:content>\
    <enclosure type=\"audio/mpeg\" length=\"5\" url=\"http://a.example/1.mp3?utm_medium=rss\"></enclosure>\
    <content:encoded>&lt;P&gt;　　一季度，吞吐量&amp;nbsp;增长5%。&lt;!-- 7 --&gt;&lt;/P&gt;\n\n&lt;p class=x&gt;&lt;a title='t' \
    href='http://A.example/x?id=1&amp;amp;spm=3'&gt;见此&lt;/a&gt;&lt;img alt='&amp;#22270;' src='https://a.example/1.jpg' /&gt;&lt;/p&gt;</content:encoded></item>";

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_reader_sees_makes_an_edition_and_moves_updated() {
    let world = World::new().await.source_with("paper", "category = \"news\"\ncontent = \"full\"");
    world.upstream.serve("/paper", Reply::xml(document(FIRST)));
    let world = world.refreshed().await;
    let first = world.entry(CODE).await.unwrap();
    world.pass_time(TimeDelta::hours(1));
    world.upstream.serve("/paper", Reply::xml(document(RESPELT)));
    let world = world.refreshed().await;
    let respelt = world.entry(CODE).await.unwrap();
    assert_eq!(respelt.edition, first.edition, "nothing was said anew");
    assert_eq!(respelt.edition_number, 1);

    let mut hours = 1;
    for (from, to) in
        [("5%", "6%"), ("?id=1", "?id=2"), ("1.jpg\" alt", "2.jpg\" alt"), ("量 增", "量增"), ("1.mp3", "2.mp3")]
    {
        hours += 1;
        let before = world.entry(CODE).await.unwrap();
        let changed = FIRST.replacen(from, to, 1);
        assert_ne!(changed, FIRST);
        world.pass_time(TimeDelta::hours(1));
        world.upstream.serve("/paper", Reply::xml(document(&changed)));
        for (source, outcome) in world.refresh().await {
            assert!(!matches!(outcome, syndic::refresh::Outcome::Failed(_)), "{source}");
        }
        let after = world.entry(CODE).await.unwrap();
        assert_eq!(after.edition_number, before.edition_number + 1, "{from} → {to}");
        assert_eq!(after.edition.updated, after.edition.fetched, "{from} → {to}");
        assert_eq!((after.edition.fetched - first.edition.fetched).num_hours(), hours);
    }
    let kept = world.store.editions(&first.code).await.unwrap();
    assert_eq!(kept.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(kept[0].1, first.edition);
    assert_eq!(kept[5].1, world.entry(CODE).await.unwrap().edition);
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    syndic().current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn corrected(versions: &[&str]) -> (Upstream, tempfile::TempDir) {
    let upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"paper\"\nurl = \"{}\"\ncategory = \"news\"\n",
        upstream.url("/paper")
    );
    write_config(folder.path(), &config);
    for version in versions {
        upstream.serve("/paper", Reply::xml(document(version)));
        let polled = run(folder.path(), &["poll"]);
        assert_eq!(polled.status.code(), Some(0), "{}", text(&polled.stdout));
    }
    (upstream, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn editions_are_listed_and_compared_alone_and_through_a_daemon() {
    let second = FIRST.replace("增长5%", "下降6%");
    let third = second.replace("港口 &amp; 航线", "港口与航线");
    let (_upstream, folder) = corrected(&[FIRST, &second, &third]).await;
    let commands: [&[&str]; 6] = [
        &["show", CODE, "--editions"],
        &["show", "--diff", CODE],
        &["show", CODE, "--diff=1..3"],
        &["show", CODE, "--editions", "--json"],
        &["show", CODE, "--diff=1..2", "--json"],
        &["show", CODE, "--diff=1..9"],
    ];
    let alone: Vec<Output> = commands.iter().map(|command| run(folder.path(), command)).collect();
    let shown: Vec<String> = alone.iter().map(|output| text(&output.stdout)).collect();
    let codes: Vec<_> = alone.iter().map(|output| output.status.code()).collect();
    assert_eq!(codes, [Some(0), Some(0), Some(0), Some(0), Some(0), Some(1)], "{shown:?}");

    let rows: Vec<Vec<&str>> = shown[0].lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["edition", "fetched", "updated", "changed"]);
    assert_eq!(
        rows[1..].iter().map(|row| (row[0], row[3])).collect::<Vec<_>>(),
        [("1", "new"), ("2", "body"), ("3", "title")]
    );
    assert_eq!(shown[1], format!("{CODE} edition 2 → 3\ntitle\n- 港口[- & -]航线\n+ 港口{{+与+}}航线\n"));
    assert!(shown[2].contains("- 一季度，吞吐量 [-增长5-]%。\n+ 一季度，吞吐量 {+下降6+}%。"), "{}", shown[2]);
    assert!(!shown.concat().contains('\u{1b}'), "no colours but on a terminal");
    let lines: Vec<serde_json::Value> = shown[3].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[2]["number"].as_u64(), &lines[2]["changed"][0]), (Some(3), &serde_json::json!("title")));
    let compared: serde_json::Value = serde_json::from_str(&shown[4]).unwrap();
    assert_eq!((&compared["info_code"], &compared["fields"][0]["field"]), (&CODE.into(), &"body".into()));
    assert!(text(&alone[5].stderr).contains("1, 2, 3"), "{}", text(&alone[5].stderr));

    let daemon = Daemon::start(&folder.path().join("feeds.toml"), &folder.path().join("data"));
    for (command, alone) in commands.iter().zip(&alone) {
        let through = run(folder.path(), command);
        assert_eq!(
            (text(&through.stdout), through.status.code()),
            (text(&alone.stdout), alone.status.code()),
            "{command:?}"
        );
    }
    assert_eq!(daemon.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_edition_alone_is_no_pair() {
    let (_upstream, folder) = corrected(&[FIRST]).await;
    let compared = run(folder.path(), &["show", CODE, "--diff"]);
    assert_eq!((compared.status.code(), text(&compared.stdout)), (Some(1), String::new()));
    assert!(text(&compared.stderr).contains("nothing to compare"), "{}", text(&compared.stderr));
    assert_eq!(run(folder.path(), &["show", CODE, "--diff=1"]).status.code(), Some(2), "wrong usage");
}
