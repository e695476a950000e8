use super::*;
use crate::model::{InfoCode, Time};

fn entry_of(line: &str) -> Kept {
    match read(line, now()) {
        Ok(Portable::Entry(kept)) => *kept,
        other => panic!("{other:?}: {line}"),
    }
}

fn now() -> Time {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

/// What version 2 of the store exported, which had less to say.
fn older_lines() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/store-v2/entries.ndjson");
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn smallest() -> Value {
    json!({
        "info_code": "NW1", "code_kind": "query", "source": "rail", "namespace": "rail.example",
        "first_seen": "2022-04-22T00:00:00Z", "updated": "2022-04-21T00:00:00Z", "title": "题", "content": "<p>文</p>",
    })
}

fn with(name: &str, value: Value) -> String {
    let mut line = smallest();
    line[name] = value;
    line.to_string()
}

#[test]
fn what_was_written_is_read_and_written_the_same() {
    for older in older_lines() {
        let kept = read(&older, now()).unwrap_or_else(|why| panic!("{why}: {older}"));
        let written = line(&kept).unwrap();
        let again = read(&written, now()).unwrap();
        assert_eq!(again, kept);
        assert_eq!(line(&again).unwrap(), written);
        // What an older sanitiser made has been sanitised again; ours leaves this to the pages.
        let older = older.replace(r#" rel=\"noopener noreferrer nofollow\""#, "");
        let (older, written): (Value, Value) =
            (serde_json::from_str(&older).unwrap(), serde_json::from_str(&written).unwrap());
        // What comes in was made safe by the present rules.
        let said = |(name, _): &(&String, &Value)| !matches!(name.as_str(), "editions" | "sanitiser");
        for (name, value) in older.as_object().unwrap().iter().filter(said) {
            assert_eq!(written[name], *value, "{name}");
        }
        for (name, value) in older["editions"][0].as_object().unwrap().iter().filter(said) {
            assert_eq!(written["editions"][0][name], *value, "{name}");
        }
    }
}

#[test]
fn what_a_line_leaves_out_takes_its_default() {
    let kept = entry_of(&smallest().to_string());
    assert_eq!((kept.editions.len(), kept.editions[0].0), (1, 1));
    assert_eq!(kept.sort_date, "2022-04-21T00:00:00Z".parse::<Time>().unwrap());
    assert_eq!((&kept.filed[0].source, kept.filed.len(), kept.in_feeds, &kept.ids), (&kept.owner, 1, true, &None));
    assert_eq!(kept.editions[0].1.fetched, kept.editions[0].1.updated);
}

#[test]
fn a_line_that_is_wrong_says_what_is_wrong() {
    let edition = |number: u32| json!({ "number": number, "updated": "2022-04-21T00:00:00Z", "title": "题" });
    let listing = |editions: Value| {
        let mut line = smallest();
        for name in ["title", "content", "updated"] {
            line.as_object_mut().unwrap().remove(name);
        }
        line["editions"] = editions;
        line.to_string()
    };
    let without = |name: &str| {
        let mut line = smallest();
        line.as_object_mut().unwrap().remove(name);
        line.to_string()
    };
    for (line, why) in [
        ("{".to_owned(), "no JSON object"),
        ("[]".to_owned(), "no JSON object"),
        (without("info_code"), "no `info_code`"),
        (without("namespace"), "no `namespace`"),
        (without("updated"), "missing field `updated`"),
        (with("info_code", json!("no code")), "is not an infoCode"),
        (with("first_seen", json!("yesterday")), "`first_seen`"),
        (with("first_seen", json!("1970-01-01T00:00:00Z")), "outside 1990"),
        (with("updated", json!("2199-01-01T00:00:00Z")), "outside 1990"),
        (with("titel", json!("x")), "unknown key `titel`"),
        (listing(json!([])), "`editions` is empty"),
        (listing(json!([edition(2), edition(1)])), "do not rise"),
        (listing(json!([edition(0)])), "the number 0"),
        (
            listing(json!([{ "number": 1, "updated": "2022-04-21T00:00:00Z", "boddy": 1 }])),
            "edition 1 of the line: unknown field `boddy`",
        ),
        (
            with("editions", json!([{ "number": 1, "updated": "2022-04-21T00:00:00Z", "title": "题" }])),
            "`content` is not that of the last",
        ),
        (
            with("editions", json!([{ "number": 1, "updated": "2022-04-21T00:00:00Z", "title": "别" }])),
            "`title` is not that of the last",
        ),
        (with("sources", json!(["sea"])), "`source` is not among `sources`"),
        (with("sources", json!(["rail", "rail"])), "names one twice"),
        (with("words_from", json!("sea")), "`words_from`"),
        (with("filed", json!([{ "source": "sea" }])), "`source` is not among `sources`"),
        (with("filed", json!([{ "source": "rail", "kategories": [] }])), "unknown field `kategories`"),
        (with("retracted", json!({ "at": "2022-04-22T00:00:00Z" })), "unknown key `"),
        (with("categories", json!(["a b"])), "is not a slug"),
        (with("published_id", json!("tag:x,2022:y")), "`published_id` is not"),
        (with("aliases", json!(vec!["guid:x"; 33])), "more than 32"),
        (with("namespace", json!("a\u{0}b")), "`namespace`"),
    ] {
        let said = read(&line, now()).expect_err(&line);
        assert!(said.contains(why), "{said}: {line}");
    }
}

#[test]
fn a_hostile_line_becomes_harmless() {
    let line = json!({
        "info_code": "NW1", "code_kind": "query", "source": "rail", "namespace": "rail.example",
        "first_seen": "2022-04-22T00:00:00Z", "updated": "2022-04-21T00:00:00Z", "sanitiser": 99,
        "title": "<img src=x onerror=x()>题", "title_kind": "html", "rights": "<script>x()</script>r", "rights_kind": "html",
        "summary": "<p onclick=x()>s</p>", "content": "<p>文<iframe src=//x></iframe><a href=\"javascript:x()\">y</a></p>",
        "link": "javascript:x()", "comments": "data:text/html,x",
        "links": [{ "href": "javascript:x()", "rel": "via" }], "enclosures": [{ "url": "javascript:x()" }],
        "authors": [{ "name": "a", "uri": "javascript:x()" }],
        "attribution": { "source": { "title": "t", "home": "javascript:x()", "feed_url": "javascript:x()", "icon": "javascript:x()" },
            "upstream": { "home": "javascript:x()", "feed_url": "javascript:x()" } },
        "extensions": [{ "namespace": "http://search.yahoo.com/mrss/", "name": "content", "attributes": [["url", "javascript:x()"]] }],
    });
    let (_, edition) = entry_of(&line.to_string()).editions.remove(0);
    let shown = format!("{edition:?}");
    for harm in ["javascript:", "data:", "onerror", "onclick", "script", "iframe"] {
        assert!(!shown.contains(harm), "{harm}: {shown}");
    }
    assert_eq!(edition.content.unwrap().value, "<p>文 <a href=\"https://x/\">x</a> y</p>");
    assert_eq!(edition.sanitiser, crate::enrich::SANITISER);
}

#[test]
fn a_code_in_lower_case_and_a_time_of_another_zone_are_the_same() {
    let mut line = smallest();
    line["info_code"] = json!("nw1");
    line["first_seen"] = json!("2022-04-22T08:00:00+08:00");
    let kept = entry_of(&line.to_string());
    assert_eq!(
        (kept.code, kept.first_seen),
        (InfoCode::parse("NW1").unwrap(), "2022-04-22T00:00:00Z".parse::<Time>().unwrap())
    );
}

#[test]
fn what_was_taken_away_is_read_and_written_the_same() {
    let text = r#"{"info_code":"NW1","retracted":{"at":"2022-04-23T00:00:00Z","reason":"Bitte des Verlags"},"source":"rail","namespace":"rail.example","code_kind":"query","first_seen":"2022-04-22T00:00:00Z","sort_date":"2022-04-21T00:00:00Z","names":[{"namespace":"rail.example","hash":"00112233445566778899aabbccddeeff"}]}"#;
    assert_eq!(line(&read(text, now()).unwrap()).unwrap(), text);
    let retired = text.replace("retracted", "retired");
    assert_eq!(line(&read(&retired, now()).unwrap()).unwrap(), retired);
    for (from, to, why) in
        [("00112233", "0011223", "no hash"), ("00112233", "+0112233", "no hash"), ("2022-04-23", "1922-04-23", "`at`")]
    {
        assert!(read(&text.replacen(from, to, 1), now()).expect_err(to).contains(why));
    }
}
