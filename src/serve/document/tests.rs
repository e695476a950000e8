//! What is said with a document, and to whom.

use super::*;

fn now() -> Time {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

const TEXT: &str = "厦门日报：港口一季度吞吐量增长。";

async fn ask(document: Document, request: &HeaderMap) -> Response {
    let answer = document.answer(&Publisher::holding(1 << 20), request, now()).await;
    answer.unwrap_or_else(|_| panic!("there is a document"))
}

fn feed(caching: Caching) -> Document {
    Document::file(TEXT.repeat(100), "application/rss+xml; charset=utf-8", caching)
}

fn asking(name: HeaderName, value: &HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(name, value.clone())])
}

#[tokio::test]
async fn a_304_repeats_what_a_cache_must_update() {
    let full = ask(feed(Caching::Public(300)), &HeaderMap::new()).await;
    let request = asking(header::IF_NONE_MATCH, &full.headers()[header::ETAG]);
    let short = ask(feed(Caching::Public(300)), &request).await;
    assert_eq!((full.status(), short.status()), (StatusCode::OK, StatusCode::NOT_MODIFIED));
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        assert!(full.headers().contains_key(&name), "{name}");
        assert_eq!(full.headers().get(&name), short.headers().get(&name), "{name}");
    }
    assert!(!short.headers().contains_key(header::CONTENT_TYPE));
}

#[tokio::test]
async fn whoever_has_a_coding_it_takes_is_told_so_and_nobody_else() {
    let gzip = HeaderValue::from_static("gzip");
    let coded = ask(feed(Caching::Public(300)), &asking(header::ACCEPT_ENCODING, &gzip)).await;
    let plain = ask(feed(Caching::Public(300)), &HeaderMap::new()).await;
    let (coded, plain) = (&coded.headers()[header::ETAG], &plain.headers()[header::ETAG]);
    assert_ne!(coded, plain);
    let status = async |accept: &HeaderValue, tag: &HeaderValue| {
        let mut request = asking(header::ACCEPT_ENCODING, accept);
        request.insert(header::IF_NONE_MATCH, tag.clone());
        ask(feed(Caching::Public(300)), &request).await.status()
    };
    assert_eq!(status(&gzip, coded).await, StatusCode::NOT_MODIFIED);
    assert_eq!(status(&gzip, plain).await, StatusCode::NOT_MODIFIED, "it takes that one too");
    assert_eq!(status(&HeaderValue::from_static("gzip, identity;q=0"), plain).await, StatusCode::OK);
    assert_eq!(status(&HeaderValue::from_static("gzip;q=0"), coded).await, StatusCode::OK);
    assert_eq!(status(&HeaderValue::from_static("br"), &HeaderValue::from_static("*")).await, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn short_documents_are_not_coded_unless_they_must_be() {
    let short = |accept: &'static str| async move {
        let request = asking(header::ACCEPT_ENCODING, &HeaderValue::from_static(accept));
        ask(Document::file("short", "text/plain", Caching::Day), &request).await
    };
    assert!(!short("gzip").await.headers().contains_key(header::CONTENT_ENCODING));
    assert_eq!(short("gzip, identity;q=0").await.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn private_documents_are_kept_by_nobody_and_read_by_no_other_site() {
    let private = ask(feed(Caching::Private), &HeaderMap::new()).await;
    assert_eq!(private.headers().get(header::CACHE_CONTROL).unwrap(), "private, no-store");
    assert!(!private.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let public = ask(feed(Caching::Public(60)), &HeaderMap::new()).await;
    assert_eq!(public.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
}

#[tokio::test]
async fn last_modified_is_never_ahead_of_us() {
    let publisher = Publisher::holding(1 << 20);
    let request = HeaderMap::new();
    let manner = Manner { content_type: "text/plain", caching: Caching::Day, guise: Guise::Feed, links: None };
    let sending = Sending { publisher: &publisher, request: &request, now: now(), manner };
    let dated = |seconds| sending.headers("\"t\"", Some(now() + chrono::TimeDelta::seconds(seconds)));
    assert!(dated(0).contains_key(header::LAST_MODIFIED) && !dated(1).contains_key(header::LAST_MODIFIED));
}

#[tokio::test]
async fn the_style_of_a_page_is_ours_and_a_feed_runs_nothing() {
    let policy = async |guise| {
        let page = ask(Document::page("<p>".into(), guise, Caching::Public(60)), &HeaderMap::new()).await;
        page.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().to_owned()
    };
    for guise in [Guise::Page, Guise::Listing] {
        let policy = policy(guise).await;
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.starts_with(guise.policy()), "the page itself says the same");
    }
    assert!(!policy(Guise::Page).await.contains("script-src"), "where others' HTML is, nothing runs");
    let feed = ask(feed(Caching::Public(60)), &HeaderMap::new()).await;
    assert!(feed.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().contains("sandbox"));
}
