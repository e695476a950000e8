//! What an answer's header fields wish for and name: freshness, Retry-After, hubs, validators, base. Pure.

use super::{
    fresh::{self, delta_seconds, http_date, seconds_between, text},
    hops, link,
};
use crate::model::{Answer, Time, Validators};
use hyper::header::{CONTENT_LOCATION, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LINK, RETRY_AFTER};
use url::Url;

/// A challenge page is for people with browsers: we stay away for a day.
const CHALLENGE_HOLD: u64 = 86_400;

/// What was done to the whole before it was sent (RFC 3229 §10.5.2).
const IM: HeaderName = HeaderName::from_static("im");

/// Hubs taken from one answer at most.
const MAX_HUBS: usize = 10;

/// Reads the wishes of an answer that came from `url`. `now` stands in for a missing Date.
pub fn read(status: u16, headers: &HeaderMap, url: &Url, now: Time) -> Answer {
    let mut answer = Answer { status, ..Answer::default() };
    answer.lifetime = fresh::said(headers, now);
    answer.fresh_seconds = fresh::seconds(&answer.lifetime);
    answer.retry_after_seconds =
        text(headers, &RETRY_AFTER).and_then(|value| retry_after(value, fresh::date(headers, now)));
    if is_challenge(headers) {
        hold_for_challenge(&mut answer);
    }
    for value in headers.get_all(LINK) {
        for link in link::parse(&String::from_utf8_lossy(value.as_bytes()), url) {
            let is = |rel: &str| link.rels.iter().any(|known| known == rel);
            let target = hops::without_userinfo(&link.target);
            if is("self") && answer.self_url.is_none() {
                answer.self_url = Some(target.clone());
            }
            if is("hub") && answer.hubs.len() < MAX_HUBS && !answer.hubs.contains(&target) {
                answer.hubs.push(target);
            }
        }
    }
    answer
}

/// Marks an answer as a challenge: at least a day.
pub fn hold_for_challenge(answer: &mut Answer) {
    answer.retry_after_seconds = Some(answer.retry_after_seconds.unwrap_or(0).max(CHALLENGE_HOLD));
}

/// Whether the header fields say that a browser's challenge stands here instead of the feed (Cloudflare, AWS WAF).
pub fn is_challenge(headers: &HeaderMap) -> bool {
    const FIELDS: [HeaderName; 2] =
        [HeaderName::from_static("cf-mitigated"), HeaderName::from_static("x-amzn-waf-action")];
    FIELDS.iter().any(|name| {
        text(headers, name).is_some_and(|value| {
            let value = value.trim();
            value.eq_ignore_ascii_case("challenge") || value.eq_ignore_ascii_case("captcha")
        })
    })
}

/// Whether the beginning of an HTML page is a challenge's.
pub fn is_challenge_page(page: &[u8]) -> bool {
    ["/cdn-cgi/challenge-platform/", "_cf_chl_opt", "cf-browser-verification", "awsWafCookieDomainList"]
        .iter()
        .any(|mark| memchr::memmem::find(page, mark.as_bytes()).is_some())
}

/// Whether a 226 is a delta of a feed (RFC 3229 §10.5.2): what was done to the whole is `feed`, and nothing else that we
/// would have to undo.
pub fn is_feed_delta(headers: &HeaderMap) -> bool {
    let mut done =
        headers.get_all(IM).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    done.next().is_some_and(|first| first.trim().eq_ignore_ascii_case("feed")) && done.next().is_none()
}

/// The validators exactly as the answer has them.
pub fn validators(headers: &HeaderMap) -> Validators {
    let (etag, last_modified) = (headers.get(ETAG).map(verbatim), headers.get(LAST_MODIFIED).map(verbatim));
    Validators { etag, last_modified, origin: None }
}

/// What a 304 says, and what it leaves as it was said before (RFC 9111 §4.3.4): `kept`.
pub fn after_304(kept: &Answer, said: Answer) -> Answer {
    let silent = said.hubs.is_empty() && said.self_url.is_none();
    let (hubs, self_url) = match silent {
        true => (kept.hubs.clone(), kept.self_url.clone()),
        false => (said.hubs, said.self_url),
    };
    let lifetime = fresh::after_304(&kept.lifetime, &said.lifetime);
    Answer { hubs, self_url, fresh_seconds: fresh::seconds(&lifetime), lifetime, ..said }
}

/// The validators to keep after a 304: each one is replaced only if the answer brings it (RFC 9111 §4.3.4).
pub fn validators_after_304(kept: &Validators, headers: &HeaderMap) -> Validators {
    let new = validators(headers);
    Validators {
        etag: new.etag.or_else(|| kept.etag.clone()),
        last_modified: new.last_modified.or_else(|| kept.last_modified.clone()),
        origin: kept.origin.clone(),
    }
}

/// A validator as it is sent back: byte for byte what came. `None` when no header can hold it.
pub fn to_header(kept: &str) -> Option<HeaderValue> {
    if kept.is_ascii() {
        return HeaderValue::from_str(kept).ok();
    }
    let bytes: Option<Vec<u8>> = kept.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// What relative references resolve against: Content-Location, else where the answer came from.
pub fn base(headers: &HeaderMap, url: &Url) -> String {
    let said = text(headers, &CONTENT_LOCATION).and_then(|value| url.join(value.trim()).ok());
    hops::without_userinfo(said.as_ref().filter(|said| matches!(said.scheme(), "http" | "https")).unwrap_or(url))
}

/// A field's bytes as characters of the same number, so that bytes outside ASCII survive being kept as text.
fn verbatim(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

fn retry_after(value: &str, date: Time) -> Option<u64> {
    delta_seconds(value).or_else(|| http_date(value).map(|until| seconds_between(date, until)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        pairs.collect()
    }

    fn of(fields: &[(&'static str, &str)]) -> Answer {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        read(200, &headers(fields), &Url::parse("https://news.example/a/feed.xml").unwrap(), now)
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        assert_eq!(of(&[("retry-after", " 120 ")]).retry_after_seconds, Some(120));
        assert_eq!(of(&[("retry-after", "Mon, 23 Nov 2026 12:01:00 GMT")]).retry_after_seconds, Some(60));
        let date = ("date", "Mon, 23 Nov 2026 11:00:00 GMT");
        assert_eq!(of(&[date, ("retry-after", "Mon Nov 23 12:00:00 2026")]).retry_after_seconds, Some(3_600));
        assert_eq!(of(&[("retry-after", "Sun, 22 Nov 2026 12:01:00 GMT")]).retry_after_seconds, Some(0));
        assert_eq!(of(&[("retry-after", "soon")]).retry_after_seconds, None);
    }

    #[test]
    fn a_challenge_holds_for_a_day() {
        assert_eq!(of(&[("cf-mitigated", "challenge")]).retry_after_seconds, Some(CHALLENGE_HOLD));
        assert_eq!(of(&[("cf-mitigated", "challenge"), ("retry-after", "172800")]).retry_after_seconds, Some(172_800));
    }

    #[test]
    fn hubs_and_self_from_every_link_field() {
        let mut fields =
            headers(&[("link", "<https://hub.example/>; rel=\"hub\", <feed2.xml>; rel=\"alternate self\"")]);
        fields.append(
            LINK,
            HeaderValue::from_static("<https://hub2.example/>; rel=hub, <https://hub.example/>; rel=hub"),
        );
        let answer = read(200, &fields, &Url::parse("https://news.example/a/feed.xml").unwrap(), Time::default());
        assert_eq!(answer.hubs, ["https://hub.example/", "https://hub2.example/"]);
        assert_eq!(answer.self_url.as_deref(), Some("https://news.example/a/feed2.xml"));
    }

    #[test]
    fn validators_come_back_byte_for_byte() {
        let fields = headers(&[("etag", "W/\"é中\\\""), ("last-modified", "yesterday, or so")]);
        let kept = validators(&fields);
        assert_eq!(to_header(kept.etag.as_deref().unwrap()).unwrap(), fields[ETAG]);
        assert_eq!(kept.last_modified.as_deref(), Some("yesterday, or so"));
    }

    #[test]
    fn a_304_replaces_each_validator_on_its_own() {
        let kept = Validators { etag: Some("\"1\"".into()), last_modified: Some("then".into()), origin: None };
        assert_eq!(validators_after_304(&kept, &headers(&[])), kept);
        let after = validators_after_304(&kept, &headers(&[("etag", "\"2\"")]));
        assert_eq!((after.etag.as_deref(), after.last_modified.as_deref()), (Some("\"2\""), Some("then")));
        let after = validators_after_304(&kept, &headers(&[("last-modified", "now")]));
        assert_eq!((after.etag.as_deref(), after.last_modified.as_deref()), (Some("\"1\""), Some("now")));
    }

    #[test]
    fn a_304_says_again_only_what_has_changed() {
        let kept = of(&[("link", "<https://hub.example/>; rel=hub, <x>; rel=self"), ("cache-control", "max-age=60")]);
        let silent = after_304(&kept, of(&[("cache-control", "max-age=5")]));
        assert_eq!((&silent.hubs, &silent.self_url, silent.fresh_seconds), (&kept.hubs, &kept.self_url, Some(5)));
        assert_eq!(after_304(&kept, of(&[])).fresh_seconds, Some(60));
        let moved = after_304(&kept, of(&[("link", "<https://hub2.example/>; rel=hub")]));
        assert_eq!((moved.hubs, moved.self_url), (vec!["https://hub2.example/".to_owned()], None));
    }

    #[test]
    fn a_delta_is_of_a_feed_and_of_nothing_else() {
        assert!(is_feed_delta(&headers(&[("im", " Feed ")])));
        for no in ["", "vcdiff", "feed, gzip", "feed;x", "feeds"] {
            assert!(!is_feed_delta(&headers(&[("im", no)])), "{no}");
        }
        assert!(!is_feed_delta(&headers(&[])));
    }

    #[test]
    fn the_base_is_content_location_or_the_address() {
        let url = Url::parse("https://me:pw@news.example/a/feed.xml?k=1").unwrap();
        assert_eq!(base(&headers(&[]), &url), "https://news.example/a/feed.xml?k=1");
        assert_eq!(base(&headers(&[("content-location", "/b/c.xml")]), &url), "https://news.example/b/c.xml");
        assert_eq!(
            base(&headers(&[("content-location", "file:///etc/")]), &url),
            "https://news.example/a/feed.xml?k=1"
        );
    }
}
