//! Sources that are no feeds: JSON lists in the two forms of a news service, as they are polled, with all that such lists do.

use crate::support::{Reply, World};
use chrono::TimeDelta;
use serde_json::{Value, json};
use syndic::{
    format::Format,
    model::{FailureKind, GuidTrust},
    refresh::Outcome,
};

/// `records[]`, dates as people write them.
const RECORDS: &str = "category = \"news\"\ncontent = \"full\"\ncredit = false\nnamespace = \"rail.example\"\ntimezone = \"Asia/Shanghai\"\n\
    title = \"快讯\"\n[source.json]\nitems = \"$.result.records[*]\"\ncode = \"$.infoCode\"\ntitle = \"$.title\"\nsummary = \"$.digest\"\n\
    publisher = \"$.mediaName\"\npublished = \"$.showtime\"\nlink = \"https://rail.example/a/{code}.html\"\n";

/// `nodeList[]`, dates as numbers, in a wrapper.
const NODES: &str = "category = \"news\"\ncontent = \"full\"\ncredit = false\nnamespace = \"rail.example\"\ntimezone = \"Asia/Shanghai\"\n\
    [source.json]\nitems = \"$.nodeList[*]\"\ncode = \"$.infocode\"\ntitle = \"$.title\"\npublisher = \"$.from\"\npublished = \"$.showtime\"\n\
    link = \"https://rail.example/news/{code}.html\"\n";

const FIRST: &str = "NW202204222352631195";
const SECOND: &str = "NW202204222352631196";

fn record(code: &str, title: &str, showtime: &str) -> Value {
    json!({"infoCode": code, "title": title, "digest": format!("{title}。全程一百二十公里。"), "mediaName": "厦门日报", "showtime": showtime})
}

fn records(items: &[Value]) -> String {
    json!({"result": {"records": items, "total": items.len()}, "code": 0}).to_string()
}

fn reply(body: impl Into<Vec<u8>>, kind: &str) -> Reply {
    Reply::xml(body).with("content-type", kind)
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

fn committed(outcomes: &[(syndic::model::SourceId, Outcome)]) -> Vec<(usize, usize, usize)> {
    let counts = outcomes.iter().map(|(source, outcome)| match outcome {
        Outcome::Committed(changes) => (changes.new.len(), changes.updated.len(), changes.unchanged),
        other => panic!("{source}: {other:?}"),
    });
    counts.collect()
}

async fn items(world: &World) -> Vec<Value> {
    world.json("news").await["items"].as_array().unwrap().clone()
}

async fn failure(world: &World, id: &str) -> (FailureKind, String) {
    let error = world.state(id).await.error.unwrap();
    (error.kind, error.message)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_forms_of_a_list_become_one_category_with_code_newspaper_date_and_link() {
    let world = World::new().await.source_with("records", RECORDS).source_with("nodes", NODES);
    world
        .upstream
        .serve("/records", reply(records(&[record(FIRST, "新线五月开通", "今天 07:44")]), "application/json"));
    let nodes = format!(
        "var nodes_cb = {{\"nodeList\":[{{\"infocode\":\"{SECOND}\",\"from\":\"海峡导报\",\"showtime\":1650584675,\"title\":\"港口一季度吞吐量增长\"}},\
         {{\"infocode\":\"{FIRST}\",\"from\":\"厦门日报\",\"showtime\":1650584640000,\"title\":\"新线五月开通\"}}]}};"
    );
    world.upstream.serve("/nodes", reply(gbk(&nodes), "text/javascript; charset=gbk"));
    world.refresh_one("records").await;
    world.refresh_one("nodes").await;

    let items = items(&world).await;
    assert_eq!(items.len(), 2, "each article once: {items:?}");
    let of = |code: &str| items.iter().find(|item| item["_syndic"]["info_code"] == code).unwrap();
    let (first, second) = (of(FIRST), of(SECOND));
    assert_eq!(first["title"], "新线五月开通");
    assert_eq!(first["id"], FIRST, "the publisher's own id goes on");
    assert_eq!(first["url"], format!("https://rail.example/a/{FIRST}.html"));
    assert_eq!(first["_syndic"]["publisher"], "厦门日报");
    assert_eq!(first["date_published"], "2022-04-21T23:44:00Z", "今天 07:44 in Shanghai");
    assert!(first["summary"].as_str().unwrap().contains("全程一百二十公里"), "{first}");
    assert_eq!(second["_syndic"]["publisher"], "海峡导报");
    assert_eq!(second["title"], "港口一季度吞吐量增长");
    assert_eq!(second["date_published"], "2022-04-21T23:44:35Z");
    let rss = world.category("news", Format::Rss).await;
    assert!(rss.contains(&format!("<dc:identifier>{FIRST}</dc:identifier>")) && rss.contains("厦门日报"), "{rss}");
    assert_eq!(world.state("records").await.guid_trust, GuidTrust::Guid);
    assert!(world.state("records").await.notes.is_empty(), "{:?}", world.state("records").await.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_in_every_wrapping_and_charset() {
    let list = records(&[record(FIRST, "新线五月开通", "2022-04-22 07:44:35")]);
    let wrapped = [
        list.clone(),
        format!("\u{feff}\n{list}\n"),
        format!("cb_17({list});"),
        format!("/**/ window.app.cb({list})"),
        format!("typeof cb === 'function' && cb({list});").replace("typeof cb === 'function' && ", "cb && "),
        format!("var defjson={list};"),
        format!("window['x'] = {list};\n"),
        format!(")]}}',\n{list}"),
        format!("while(1);{list}"),
        list.replace("\"total\":1", "\"total\":1,"),
    ];
    for text in wrapped {
        for bytes in [text.clone().into_bytes(), gbk(&text.replace('\u{feff}', ""))] {
            let world = World::new().await.source_with("records", RECORDS);
            world.upstream.serve("/records", reply(bytes, "text/plain"));
            assert_eq!(committed(&world.refresh().await), [(1, 0, 0)], "{text}");
            assert_eq!(items(&world).await[0]["title"], "新线五月开通", "{text}");
        }
    }
    let odd = RECORDS.replace("[source.json]", "[source.json]\nstrip = '(?s)<!--(.*)-->'");
    let world = World::new().await.source_with("records", &odd);
    world.upstream.serve("/records", reply(format!("<html><!--{list}--></html>"), "text/html"));
    assert_eq!(committed(&world.refresh().await), [(1, 0, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_passes_without_a_correction_and_a_correction_is_one() {
    let world = World::new().await.source_with("records", RECORDS);
    let serve = |showtime: &str, title: &str| {
        world.upstream.serve("/records", reply(records(&[record(FIRST, title, showtime)]), "application/json"))
    };
    serve("3小时前", "新线五月开通");
    assert_eq!(committed(&world.refresh().await), [(1, 0, 0)]);
    let before = items(&world).await[0].clone();
    assert_eq!(before["date_published"], "2022-04-22T01:00:00Z");
    for (hours, showtime) in [(1, "4小时前"), (20, "昨天 09:00"), (24, "04-22"), (24, "2022-04-22 09:00")] {
        world.pass_time(TimeDelta::hours(hours));
        serve(showtime, "新线五月开通");
        assert_eq!(committed(&world.refresh().await), [(0, 0, 1)], "{showtime}");
        assert_eq!(items(&world).await[0], before, "{showtime}");
    }
    world.pass_time(TimeDelta::hours(1));
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified), "the same bytes");
    serve("2022-04-22 09:00", "新线六月开通");
    assert_eq!(committed(&world.refresh().await), [(0, 1, 0)]);
    let after = items(&world).await[0].clone();
    assert_eq!((&after["title"], &after["date_published"]), (&json!("新线六月开通"), &before["date_published"]));
    assert!(after["date_modified"].as_str() > before["date_modified"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_built_otherwise_is_a_failure_in_words_and_nothing_is_lost() {
    let world = World::new().await.source_with("records", RECORDS);
    world
        .upstream
        .serve("/records", reply(records(&[record(FIRST, "新线五月开通", "今天 07:44")]), "application/json"));
    world.refresh().await;
    let login = "<!DOCTYPE html><html><body><form><input type=\"password\"></form></body></html>";
    let cases = [
        (
            json!({"result": {"rows": [{"infoCode": SECOND}]}}).to_string(),
            FailureKind::Layout,
            [
                "feeds.toml:",
                "`source[records].json.items`",
                "$.result has no `records`",
                "$.result.rows[*] (1 with infoCode)",
            ]
            .as_slice(),
        ),
        (
            json!({"result": {"records": [{"info_code": SECOND, "title": "x"}]}}).to_string(),
            FailureKind::Layout,
            &["nothing tells them from each other", "`source[records].json.code`", "`info_code` is near"],
        ),
        (records(&[]), FailureKind::Empty, &["held entries before"]),
        (login.to_owned(), FailureKind::NotAFeed, &["JSON was promised", "a login page"]),
        ("<html><body>502</body></html>".to_owned(), FailureKind::NotAFeed, &["JSON was promised", "an HTML page"]),
        ("no list today".to_owned(), FailureKind::NotAFeed, &["JSON was promised", "no list today"]),
        ("{\"result\": {\"records\": [}".to_owned(), FailureKind::Layout, &[]),
        (String::new(), FailureKind::NotAFeed, &["empty"]),
    ];
    for (body, kind, words) in cases {
        world.upstream.serve("/records", reply(body.clone(), "application/json"));
        assert!(matches!(world.refresh().await[0].1, Outcome::Failed(_)), "{body}");
        let (found, message) = failure(&world, "records").await;
        assert!(found == kind || words.is_empty(), "{body}: {found:?} {message}");
        words.iter().for_each(|word| assert!(message.contains(word), "{word}: {message}"));
        assert_eq!(items(&world).await.len(), 1, "{body}");
    }
    world.upstream.serve("/records", reply(records(&[record(SECOND, "港口", "今天 08:00")]), "application/json"));
    assert_eq!(committed(&world.refresh().await), [(1, 0, 0)]);
    assert_eq!(items(&world).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_recipe_reads_an_unchanged_list_anew() {
    let world = World::new().await.source_with("records", RECORDS);
    world.upstream.serve(
        "/records",
        reply(records(&[record(FIRST, "新线五月开通", "今天 07:44")]), "application/json").with("etag", "\"1\""),
    );
    world.refresh().await;
    assert!(matches!(world.refresh().await[0].1, Outcome::NotModified));
    let moved = world.edited("[source.json]\n", "\n\n[source.json]\n");
    assert!(matches!(moved.refresh().await[0].1, Outcome::NotModified), "it only stands on other lines");
    let world = moved.edited("summary = \"$.digest\"", "content = \"$.digest\"");
    assert_eq!(committed(&world.refresh().await), [(0, 1, 0)]);
    assert!(items(&world).await[0]["content_html"].as_str().unwrap().contains("全程一百二十公里"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_kept_to_the_last_digit_and_tell_entries_apart() {
    let lines = "category = \"news\"\nnamespace = \"n.example\"\n[source.json]\nitems = \"$[*]\"\nid = \"$.id\"\ntitle = \"$.t\"\n";
    let world = World::new().await.source_with("list", lines);
    let list = "[{\"id\":12345678901234567890123,\"t\":\"a\"},{\"id\":12345678901234567890124,\"t\":\"b\"},{\"id\":7,\"t\":\"c &amp; d\"},{\"t\":\"e\"}]";
    world.upstream.serve("/list", reply(list, "application/json"));
    assert_eq!(committed(&world.refresh().await), [(4, 0, 0)]);
    let items = items(&world).await;
    let ids: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
    assert!(ids.contains(&"12345678901234567890123") && ids.contains(&"7"), "{ids:?}");
    assert_eq!(
        committed(&world.edited("title = \"$.t\"\n", "title = \"$.t\"\nsummary = \"$.t\"\n").refresh().await).len(),
        1
    );
}
