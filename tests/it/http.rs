//! HTTP by the book: codings, conditions, dates, who may see what, and how a bad request is told.

use crate::support::{Answer, Reply, Served, World, world::slug};
use chrono::TimeDelta;
use proptest::{prelude::*, test_runner::TestRunner};
use std::collections::BTreeMap;
use syndic::{format::Format, model::FeedId};

/// A feed's head and its first archive in each format.
const DOCUMENTS: [&str; 6] = [
    "/category/news.rss",
    "/category/news.atom",
    "/category/news.json",
    "/category/news/archive/1.rss",
    "/category/news/archive/1.atom",
    "/category/news/archive/1.json",
];
const CODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];
const BOARD: &str = "[[category]]\nslug = \"board\"\ntitle = \"Board\"\ntoken = \"s&cret\"";
const NEWS: &str = "[[category]]\nslug = \"news\"\ntitle = \"News\"";

/// A feed of entries, each in words of its own.
fn feed(entries: &[(u32, u32)]) -> String {
    let item = |(entry, words): &(u32, u32)| {
        format!(
            "<item><title>{entry}</title><guid isPermaLink=\"false\">urn:{entry}</guid><link>https://paper.example/{entry}</link>\
             <description>{}</description></item>",
            format!("Words {words} of {entry}. ").repeat(20)
        )
    };
    let items: String = entries.iter().map(item).collect();
    format!(
        "<rss version=\"2.0\"><channel><title>P</title><link>https://paper.example/</link><description>d</description>{items}</channel></rss>"
    )
}

/// A paper in the category `news`, and one in the private category `board`.
async fn served() -> Served {
    served_with("").await
}

async fn served_with(lines: &str) -> Served {
    let world = World::new().await.with(lines).with(NEWS).with(BOARD);
    let world = world.source_with("paper", "category = \"news\"\ncontent = \"full\"");
    let world = world.source_with("minutes", "category = \"board\"\ncontent = \"full\"");
    world.upstream.serve("/paper", Reply::xml(feed(&[(1, 0), (2, 0)])));
    world.upstream.serve("/minutes", Reply::xml(feed(&[(7, 0)])));
    let served = Served::over(world.refreshed().await).await;
    served.world.pass_time(TimeDelta::seconds(5));
    served
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_comes_in_every_coding_with_a_tag_of_its_own() {
    let served = served().await;
    for path in [
        "/category/news.rss",
        "/category/news.atom",
        "/all.json",
        "/",
        "/category/news.html",
        "/feeds.opml",
        "/style.css",
    ] {
        let plain = served.get(path, &[]).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        let mut tags = BTreeMap::new();
        for coding in CODINGS {
            let accept = format!("{coding}, *;q=0");
            let coded = served.get(path, &[("accept-encoding", &accept)]).await;
            assert_eq!(coded.header("content-encoding"), if coding == "identity" { "" } else { coding }, "{path}");
            assert_eq!(coded.plain(), plain.body, "{path} {coding}");
            assert!(coded.header("vary").contains("Accept-Encoding"), "{path} {coding}");
            assert_eq!(coded.header("content-length"), coded.body.len().to_string(), "{path} {coding}");
            tags.insert(coded.header("etag").to_owned(), coding);
            let head = served.ask("HEAD", path, &[("accept-encoding", &accept)]).await;
            // Each answer has its own date and the id of its own request.
            let others = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                headers.retain(|name, _| name != "date" && name != "x-request-id");
                headers
            };
            assert_eq!((head.status, others(&head)), (200, others(&coded)), "{path} {coding}");
            assert!(head.body.is_empty());
            let had = [("accept-encoding", accept.as_str()), ("if-none-match", coded.header("etag"))];
            let unchanged = served.get(path, &had).await;
            assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path} {coding}");
            for name in ["etag", "vary", "cache-control", "last-modified"] {
                assert_eq!(unchanged.header(name), coded.header(name), "{path} {coding} {name}");
            }
        }
        assert_eq!(tags.len(), CODINGS.len(), "{path}: strong tags differ");
    }
    assert_eq!(served.get("/all.rss", &[("accept-encoding", "identity;q=0")]).await.status, 406);
    assert_eq!(
        served.get("/all.rss", &[("accept-encoding", "gzip;q=0, identity")]).await.header("content-encoding"),
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_says_where_it_is_how_long_it_lasts_and_who_may_read_it() {
    let served = served().await;
    let rss = served.get("/category/news.rss", &[("range", "bytes=0-9")]).await;
    assert_eq!((rss.status, rss.header("content-type")), (200, "application/rss+xml; charset=utf-8"));
    let links = rss.header("link");
    assert!(links.starts_with("<https://syndic.test/category/news.rss>; rel=\"self\", <https://syndic.test/category/news.html>; rel=\"alternate\""));
    assert!(links.ends_with("<https://syndic.test/hub>; rel=\"hub\""), "{links}");
    assert_eq!(rss.header("vary"), "Accept-Encoding, A-IM");
    assert_eq!((rss.header("access-control-allow-origin"), rss.header("x-content-type-options")), ("*", "nosniff"));
    assert!(rss.header("content-security-policy").contains("sandbox"));
    let cache = rss.header("cache-control");
    assert!(
        cache.starts_with("public, max-age=")
            && cache.contains("stale-while-revalidate=")
            && cache.contains("stale-if-error="),
        "{cache}"
    );
    let preflight = served.ask("OPTIONS", "/category/news.rss", &[("origin", "https://reader.example")]).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-headers").contains("If-None-Match"));
    for page in ["/", "/category/news.html", "/source/paper.html", "/about.html", "/status.html"] {
        let html = served.get(page, &[]).await.text();
        assert!(html.contains("<link rel=\"alternate\" type=\"application/atom+xml\""), "{page} leads to a feed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn last_modified_moves_with_the_bytes_and_only_with_them() {
    let served = served().await;
    let modified = async |served: &Served, path: &str| served.get(path, &[]).await.header("last-modified").to_owned();
    let (rss, source) = (modified(&served, "/category/news.rss").await, modified(&served, "/source/minutes.rss").await);
    assert_eq!(rss, "Fri, 22 Apr 2022 04:00:00 GMT");
    let (tag, etag) = (served.get("/category/news.rss", &[]).await, "etag");
    served.world.pass_time(TimeDelta::hours(1));

    let served = served.restarted().await;
    assert_eq!(modified(&served, "/category/news.rss").await, rss, "a restart changes nothing");
    let had = [("if-none-match", tag.header(etag))];
    assert_eq!(served.get("/category/news.rss", &had).await.status, 304, "nor does it forget what a client has");

    let served = served.reconfigured(|world| world.renamed("[[category]]\nslug = \"news\"\ntitle = \"Other\""));
    let renamed = modified(&served, "/category/news.rss").await;
    assert_eq!(renamed, "Fri, 22 Apr 2022 05:00:05 GMT", "feeds.toml alone has changed these bytes");
    assert_eq!(modified(&served, "/source/minutes.rss").await, source, "and not those");
    let since = |date: &str| [("if-modified-since".to_owned(), date.to_owned())];
    for (date, status) in [(&rss, 200), (&renamed, 304)] {
        let [(name, value)] = since(date);
        assert_eq!(served.get("/category/news.rss", &[(&name, &value)]).await.status, status, "{date}");
    }
    served.world.pass_time(TimeDelta::hours(1));
    let served = served.restarted().await;
    assert_eq!(modified(&served, "/category/news.rss").await, renamed, "that too is remembered");

    served.world.upstream.serve("/paper", Reply::xml(feed(&[(3, 0)])));
    served.world.refresh().await;
    served.world.pass_time(TimeDelta::minutes(1));
    assert_eq!(
        modified(&served, "/category/news.rss").await,
        "Fri, 22 Apr 2022 06:00:05 GMT",
        "when it came, not when asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_category_is_there_for_its_token_and_absent_for_all_others() {
    let served = served().await;
    for extension in ["rss", "atom", "json", "html"] {
        let path = format!("/category/board.{extension}");
        assert_eq!(served.get(&path, &[]).await.status, 404, "{path}");
        let wrong = served.get(&format!("{path}?token=wrong"), &[]).await;
        assert_eq!(wrong.status, 401, "{path}");
        assert!(wrong.header("www-authenticate").starts_with("Basic "));
        let nowhere = served.get(&format!("/category/nowhere.{extension}?token=wrong"), &[]).await;
        assert_eq!((nowhere.status, &nowhere.body), (401, &wrong.body), "whether there is one is not told");
        let unchanged = [("if-none-match", "*")];
        assert_eq!(
            served.get(&path, &unchanged).await.status,
            404,
            "{path}: who may see it is asked before conditions"
        );
        let by_query = served.get(&format!("{path}?token=s%26cret"), &[]).await;
        // reader:s&cret
        let by_password = served.get(&path, &[("authorization", "Basic cmVhZGVyOnMmY3JldA==")]).await;
        for answer in [&by_query, &by_password] {
            assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-store"), "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
        if extension != "html" {
            assert_eq!(by_query.body, by_password.body);
            assert!(!by_query.text().contains("cret"), "{path}: the document is the same for everyone who may see it");
            assert!(
                by_query
                    .header("link")
                    .starts_with(&format!("<https://syndic.test{path}?token=s%26cret>; rel=\"self\""))
            );
            assert!(!by_password.header("link").contains("token"));
        }
    }
    for path in
        ["/", "/all.rss", "/all.atom", "/all.json", "/feeds.opml", "/about.html", "/status.json", "/category/news.html"]
    {
        let text = served.get(path, &[]).await.text();
        assert!(!text.contains("board") && !text.contains("Board") && !text.contains("urn:7"), "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_told_what_is_wrong_and_nothing_of_it_comes_back() {
    let served = served().await;
    let near = served.get("/category/nwes.rss", &[]).await;
    assert_eq!((near.status, near.header("content-type")), (404, "text/plain; charset=utf-8"));
    assert!(near.text().contains("https://syndic.test/category/news.html"), "{}", near.text());
    let page = served.get("/category/nwes.rss", &[("accept", "text/html,*/*;q=0.8")]).await;
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("/category/news.html"));
    for path in ["/category/%3Cscript%3E.rss", "/tag/%22onload=x.html", "/x?token=%3Cscript%3E", "/category/%ff.rss"] {
        for accept in ["*/*", "text/html"] {
            let answer = served.get(path, &[("accept", accept)]).await;
            let text = answer.text();
            assert!(
                (400..500).contains(&answer.status) && !text.contains("script>") && !text.contains("onload"),
                "{text}"
            );
        }
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "BREW"] {
        let answer = served.ask(method, "/category/news.rss", &[("content-length", "0")]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"), "{method}");
    }
    assert_eq!(served.get(&format!("/all.rss?{}", "x".repeat(9000)), &[]).await.status, 414);
    assert_eq!(served.get("/category/news%2Erss", &[]).await.status, 200, "an encoded point is a point");
    assert_eq!(served.get("/category/%2e%2e/all.rss", &[]).await.status, 404);
    assert_eq!(served.get("/all.rss", &[("if-match", "\"other\"")]).await.status, 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_waits_and_others_do_not() {
    let served = served_with("[server]\ntrusted_proxies = [\"127.0.0.1\"]\nrequests = 1\nburst = 3").await;
    let ask = async |client: &str| served.get("/all.rss", &[("x-forwarded-for", client)]).await;
    for _ in 0..3 {
        assert_eq!(ask("198.51.100.1, 192.0.2.1").await.status, 200);
    }
    let refused = ask("198.51.100.2, 192.0.2.1").await;
    assert_eq!(
        (refused.status, refused.header("retry-after"), refused.header("cache-control")),
        (429, "2", "no-store")
    );
    assert_eq!(ask("192.0.2.2").await.status, 200, "another client");
    served.world.pass_time(TimeDelta::seconds(2));
    assert_eq!(ask("192.0.2.1").await.status, 200, "after a while again");
    for _ in 0..10 {
        assert_eq!(served.get("/livez", &[]).await.status, 200, "the proxy itself is not counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rendered_before_is_served_when_the_store_cannot_be_read() {
    let served = served().await;
    let before = served.get("/category/news.atom", &[]).await;
    served.world.upstream.serve("/paper", Reply::xml(feed(&[(9, 0)])));
    served.world.refresh().await;
    served.world.store.close(chrono::Utc::now()).await.unwrap();
    let after = served.get("/category/news.atom", &[]).await;
    assert_eq!((after.status, &after.body), (200, &before.body), "older, and better than nothing");
    assert_eq!(after.header("warning"), "");
    let had = [("if-none-match", before.header("etag"))];
    assert_eq!(served.get("/category/news.atom", &had).await.status, 304, "it is told what we would send");
    assert_eq!(served.get("/category/news.json", &[]).await.status, 500, "there is nothing to serve");
    let status = served.get("/status.json", &[]).await;
    let told: serde_json::Value = serde_json::from_slice(&status.body).unwrap();
    assert!(status.status == 200 && told["trouble"].is_string(), "{told}");
    assert_eq!(served.get("/readyz", &[]).await.status, 503);
}

/// The paper has published sixty articles: there is an archive.
async fn served_for_long() -> Served {
    let served = served().await;
    let old: Vec<(u32, u32)> = (1..=60).map(|entry| (entry, 0)).collect();
    served.world.upstream.serve("/paper", Reply::xml(feed(&old)));
    served.world.pass_time(TimeDelta::hours(1));
    served.world.refresh().await;
    served.world.pass_time(TimeDelta::minutes(1));
    served
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_sent_and_remembered_like_a_feed() {
    let served = served_for_long().await;
    let path = "/category/news/archive/1.atom";
    let plain = served.get(path, &[]).await;
    assert_eq!((plain.status, plain.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    assert_eq!(plain.header("last-modified"), "Fri, 22 Apr 2022 05:00:05 GMT", "when the last of it came");
    let links = plain.header("link");
    assert!(links.starts_with("<https://syndic.test/category/news/archive/1.atom>; rel=\"self\""), "{links}");
    assert!(links.ends_with("<https://syndic.test/category/news.atom>; rel=\"current\""), "{links}");
    let gzip = served.get(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!((gzip.header("content-encoding"), gzip.plain()), ("gzip", plain.body.clone()));
    assert_ne!(gzip.header("etag"), plain.header("etag"));

    // What happens elsewhere in the feed is nothing to it.
    served.world.upstream.serve("/paper", Reply::xml(feed(&[(99, 0)])));
    served.world.pass_time(TimeDelta::hours(1));
    served.world.refresh().await;
    let had = |name: &'static str, answer: &Answer, header: &str| [(name, answer.header(header).to_owned())];
    let ask = async |served: &Served, [(name, value)]: [(&str, String); 1]| served.get(path, &[(name, &value)]).await;
    assert_eq!(ask(&served, had("if-none-match", &plain, "etag")).await.status, 304);
    let served = served.restarted().await;
    assert_eq!(ask(&served, had("if-modified-since", &plain, "last-modified")).await.status, 304);
    assert_eq!(served.get(path, &[]).await.header("last-modified"), plain.header("last-modified"));

    served.world.upstream.serve("/paper", Reply::xml(feed(&[(7, 1)])));
    served.world.pass_time(TimeDelta::hours(1));
    served.world.refresh().await;
    served.world.pass_time(TimeDelta::minutes(1));
    let corrected = ask(&served, had("if-modified-since", &plain, "last-modified")).await;
    assert_eq!((corrected.status, corrected.header("last-modified")), (200, "Fri, 22 Apr 2022 07:01:05 GMT"));
    assert!(corrected.text().contains("Words 1 of 7"));
    served.world.store.close(chrono::Utc::now()).await.unwrap();
    assert_eq!(served.get(path, &[]).await.body, corrected.body, "it is served when the store cannot be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_goes_as_it_is_under_the_tag_of_the_whole_also_after_a_restart() {
    let served = served().await;
    for (at, path) in DOCUMENTS[..3].iter().enumerate() {
        let accept = ("accept-encoding", "gzip, identity;q=0.1");
        let first = served.get(path, &[accept]).await;
        assert_eq!(first.header("content-encoding"), "gzip", "{path}");
        let tags = [first.header("etag").to_owned(), served.get(path, &[]).await.header("etag").to_owned()];
        let entry = 10 + at as u32;
        served.world.upstream.serve("/paper", Reply::xml(feed(&[(entry, 0), (1, entry)])));
        served.world.pass_time(TimeDelta::hours(1));
        served.world.refresh().await;
        for tag in &tags {
            let delta = served.get(path, &[accept, ("a-im", "feed"), ("if-none-match", tag)]).await;
            assert_eq!(
                (delta.status, delta.header("im"), delta.header("content-encoding")),
                (226, "feed", ""),
                "{path}"
            );
            let text = delta.text();
            assert!(text.contains(&format!("urn:{entry}")) && text.contains(&format!("Words {entry} of 1.")), "{text}");
            assert!(!text.contains("urn:2<") && !text.contains("\"urn:2\""), "only what changed: {text}");
            assert_eq!(delta.header("content-length"), text.len().to_string());
            let whole = served.get(path, &[accept]).await;
            assert_eq!(
                delta.header("etag"),
                whole.header("etag"),
                "{path}: that of the whole, coded as it would be sent"
            );
            let again = [accept, ("a-im", "feed"), ("if-none-match", delta.header("etag"))];
            assert_eq!(served.get(path, &again).await.status, 304, "{path}");
        }
    }
    let mut tags = Vec::new();
    for path in &DOCUMENTS[..3] {
        tags.push(served.get(path, &[("accept-encoding", "br")]).await.header("etag").to_owned());
    }
    let served = served.restarted().await;
    served.world.upstream.serve("/paper", Reply::xml(feed(&[(20, 0)])));
    served.world.pass_time(TimeDelta::hours(1));
    served.world.refresh().await;
    for (path, tag) in DOCUMENTS.iter().zip(&tags) {
        let delta = served.get(path, &[("a-im", "feed"), ("if-none-match", tag)]).await;
        assert_eq!(delta.status, 226, "{path}: a restart does not forget what a reader has");
        assert!(delta.text().contains("urn:20") && !delta.text().contains("urn:10"), "{}", delta.text());
    }
    let served = served.reconfigured(|world| world.renamed("[[category]]\nslug = \"news\"\ntitle = \"Other\""));
    let whole = served.get(DOCUMENTS[1], &[("a-im", "feed"), ("if-none-match", &tags[1])]).await;
    assert_eq!(whole.status, 200, "by another configuration it was another document");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_no_more_is_forgotten_and_what_comes_back_is_dated_later() {
    let served = served_for_long().await;
    for path in ["/category/news.rss", "/category/news/archive/1.rss", "/tag/none.rss", "/source/paper.rss"] {
        served.get(path, &[]).await;
    }
    let before = served.get("/category/news.rss", &[]).await;
    let served = served.restarted().await;
    let paths = async |served: &Served| served.world.store.printed_paths().await.unwrap();
    assert_eq!(
        paths(&served).await,
        ["/category/news.rss", "/category/news/archive/1.rss", "/source/paper.rss"],
        "of what was never there nothing is remembered"
    );
    let forget = async |served: &Served| {
        let (config, now) = (served.world.config(), served.world.tools().clock.now());
        syndic::publish::forget_vanished(&served.world.store, &config, now).await.unwrap()
    };
    assert_eq!(forget(&served).await, 0);
    served.world.pass_time(TimeDelta::hours(1));
    let served = served.reconfigured(|world| world.without(NEWS));
    assert_eq!(forget(&served).await, 3);
    assert_eq!(paths(&served).await, [""; 0]);
    served.world.pass_time(TimeDelta::hours(1));
    let served = served.reconfigured(|world| {
        let other = world.with("[[category]]\nslug = \"news\"\ntitle = \"Other\"");
        other.source_with("paper", "category = \"news\"\ncontent = \"full\"")
    });
    let served = served.restarted().await;
    let had = [("if-modified-since", before.header("last-modified"))];
    assert_eq!(served.get("/category/news.rss", &had).await.status, 200, "it is another document");
}

/// What may happen between two requests.
#[derive(Clone, Debug)]
enum Step {
    /// An entry comes, or is corrected, by these words.
    Says(u32, u32),
    /// feeds.toml gives the category another name.
    Renames(u8),
    /// Time passes.
    Waits(i64),
    /// syndic is started anew.
    Restarts,
    /// An entry is taken down.
    Retracts(u32),
    /// A client asks for a document, in a coding.
    Asks(usize, usize),
    /// It asks again, with what it had from that request.
    AsksAgain(usize, Having),
}

/// What a client names of the document that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Having {
    Tag,
    Date,
    /// It wants the same or nothing.
    Same,
}

fn step() -> impl Strategy<Value = Step> {
    let having = prop_oneof![2 => Just(Having::Tag), 2 => Just(Having::Date), 1 => Just(Having::Same)];
    prop_oneof![
        3 => (1..4_u32, 0..3_u32).prop_map(|(entry, words)| Step::Says(entry, words)),
        1 => (0..3_u8).prop_map(Step::Renames),
        2 => (0..3_i64).prop_map(Step::Waits),
        1 => Just(Step::Restarts),
        1 => (4..10_u32).prop_map(Step::Retracts),
        4 => (0..DOCUMENTS.len(), 0..CODINGS.len()).prop_map(|(document, coding)| Step::Asks(document, coding)),
        6 => (any::<usize>(), having).prop_map(|(which, having)| Step::AsksAgain(which, having)),
    ]
}

/// What a client once got, and how it asked.
struct Copy {
    document: usize,
    coding: usize,
    answer: Answer,
}

/// A tag names the same bytes for ever, and other bytes have another; a 304 is never said to whoever has other bytes than a client
/// that asks unconditionally would get in the same moment.
async fn conditions_hold(steps: Vec<Step>) {
    let mut served = served_for_long().await;
    let (mut copies, mut said): (Vec<Copy>, BTreeMap<u32, u32>) = (Vec::new(), BTreeMap::new());
    let mut bytes_of: BTreeMap<(usize, usize, String), Vec<u8>> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Says(entry, words) => {
                said.insert(entry, words);
                let entries: Vec<_> = said.iter().map(|(entry, words)| (*entry, *words)).collect();
                served.world.upstream.serve("/paper", Reply::xml(feed(&entries)));
                served.world.refresh().await;
            }
            Step::Renames(name) => {
                let line = format!("[[category]]\nslug = \"news\"\ntitle = \"N{name}\"");
                served = served.reconfigured(|world| world.renamed(&line));
            }
            Step::Waits(seconds) => served.world.pass_time(TimeDelta::seconds(seconds)),
            Step::Restarts => served = served.restarted().await,
            Step::Asks(document, coding) => {
                let answer = get(&served, document, coding, &[]).await;
                assert_eq!(answer.status, 200);
                assert_eq!(answer.text(), drawn(&served, document).await, "what is remembered is what there is");
                for ((of, by, tag), bytes) in &bytes_of {
                    if (*of, *by) == (document, coding) {
                        assert_eq!(tag == answer.header("etag"), *bytes == answer.body, "tag and bytes go together");
                    }
                }
                bytes_of.insert((document, coding, answer.header("etag").to_owned()), answer.body.clone());
                copies.push(Copy { document, coding, answer });
            }
            Step::Retracts(entry) => {
                let named = served.world.store.find(&format!("https://paper.example/{entry}")).await.unwrap();
                let (code, now) = (named.unwrap().code.clone(), served.world.tools().clock.now());
                served.world.store.retract(&code, "r", false, now).await.unwrap();
            }
            Step::AsksAgain(which, having) => {
                let Some(copy) = copies.get(which % copies.len().max(1)) else { continue };
                let date = copy.answer.header("last-modified");
                let condition = match having {
                    Having::Tag => ("if-none-match", copy.answer.header("etag")),
                    Having::Same => ("if-match", copy.answer.header("etag")),
                    Having::Date if date.is_empty() => continue,
                    Having::Date => ("if-modified-since", date),
                };
                let now = get(&served, copy.document, copy.coding, &[]).await;
                let again = get(&served, copy.document, copy.coding, &[condition]).await;
                match again.status {
                    304 => {
                        assert_eq!(now.body, copy.answer.body, "{condition:?} lied");
                        assert_eq!(again.header("etag"), now.header("etag"));
                    }
                    200 => {
                        assert_eq!(again.body, now.body);
                        assert!(
                            having != Having::Tag || now.body != copy.answer.body,
                            "a tag that holds costs no bytes"
                        );
                        assert!(having != Having::Same || now.body == copy.answer.body, "{condition:?} lied");
                    }
                    412 => assert!(having == Having::Same && now.body != copy.answer.body, "{condition:?} lied"),
                    other => panic!("{other}"),
                }
            }
        }
    }
}

/// The document as it is drawn from the store at this moment.
async fn drawn(served: &Served, document: usize) -> String {
    let news = || FeedId::Category(slug("news"));
    let format = [Format::Rss, Format::Atom, Format::Json][document % 3];
    match document {
        0..3 => served.world.feed(news(), format).await,
        _ => served.world.archive(news(), 1, format).await.unwrap(),
    }
}

async fn get(served: &Served, document: usize, coding: usize, headers: &[(&str, &str)]) -> Answer {
    let accept = format!("{}, *;q=0", CODINGS[coding]);
    let mut all = vec![("accept-encoding", accept.as_str())];
    all.extend(headers);
    served.get(DOCUMENTS[document], &all).await
}

#[test]
fn a_tag_follows_the_bytes_and_conditional_requests_never_lie() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let steps = prop::collection::vec(step(), 10..40);
    runner
        .run(&steps, |steps| {
            runtime.block_on(conditions_hold(steps));
            Ok(())
        })
        .unwrap();
}
