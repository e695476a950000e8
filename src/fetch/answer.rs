//! What an answer's header fields wish for and name: freshness, Retry-After, hubs, validators, base. Pure.

use super::{hops, link};
use crate::model::{Answer, Time, Validators};
use chrono::DateTime;
use hyper::header::{
    AGE, CACHE_CONTROL, CONTENT_LOCATION, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LINK,
    RETRY_AFTER,
};
use url::Url;

/// A challenge page is for people with browsers: we stay away for a day.
const CHALLENGE_HOLD: u64 = 86_400;

/// What was done to the whole before it was sent (RFC 3229 §10.5.2).
const IM: HeaderName = HeaderName::from_static("im");

/// Largest number of seconds believed (RFC 9111 §1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

/// Hubs taken from one answer at most.
const MAX_HUBS: usize = 10;

/// Reads the wishes of an answer that came from `url`. `now` stands in for a missing Date.
pub fn read(status: u16, headers: &HeaderMap, url: &Url, now: Time) -> Answer {
    let mut answer = Answer { status, ..Answer::default() };
    answer.fresh_seconds = fresh_seconds(headers, now);
    answer.retry_after_seconds = text(headers, &RETRY_AFTER).and_then(|value| retry_after(value, date(headers, now)));
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

/// What holds after a 304: what it does not say has not changed (RFC 9111 §4.3.4).
pub fn after_304(kept: &Answer, said: Answer) -> Answer {
    let silent = said.hubs.is_empty() && said.self_url.is_none();
    let (hubs, self_url) = match silent {
        true => (kept.hubs.clone(), kept.self_url.clone()),
        false => (said.hubs, said.self_url),
    };
    Answer { hubs, self_url, fresh_seconds: said.fresh_seconds.or(kept.fresh_seconds), ..said }
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

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// How long the publisher's answer says it stays true: Cache-Control max-age less Age, else Expires less Date; an Expires that
/// is no date means stale already (RFC 9111 §5.3), and so does a wish to be asked each time (no-cache, no-store). `s-maxage` is for the publisher's own shared cache, which he can empty.
fn fresh_seconds(headers: &HeaderMap, now: Time) -> Option<u64> {
    let cache = CacheControl::of(headers);
    if cache.ask_each_time {
        return Some(0);
    }
    if let Some(max_age) = cache.max_age {
        let age = text(headers, &AGE).and_then(delta_seconds).unwrap_or(0);
        return Some(max_age.saturating_sub(age));
    }
    let expires = headers.get(EXPIRES)?;
    let until = expires.to_str().ok().and_then(http_date);
    Some(until.map_or(0, |until| seconds_between(date(headers, now), until)))
}

/// The directives of Cache-Control that say when to come again.
#[derive(Default)]
struct CacheControl {
    /// The first, if there are several (RFC 9111 §4.2.1).
    max_age: Option<u64>,
    ask_each_time: bool,
}

impl CacheControl {
    fn of(headers: &HeaderMap) -> CacheControl {
        let mut found = CacheControl::default();
        let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        for directive in values.flat_map(|value| value.split(',')) {
            let (name, value) =
                directive.split_once('=').map_or((directive, None), |(name, value)| (name, Some(value)));
            match (name.trim().to_ascii_lowercase().as_str(), value) {
                ("max-age", Some(value)) if found.max_age.is_none() => {
                    found.max_age = delta_seconds(value.trim().trim_matches('"'));
                }
                // With a value it speaks of single fields only (§5.2.2.4).
                ("no-cache", None) | ("no-store", _) => found.ask_each_time = true,
                _ => {}
            }
        }
        found
    }
}

fn retry_after(value: &str, date: Time) -> Option<u64> {
    delta_seconds(value).or_else(|| http_date(value).map(|until| seconds_between(date, until)))
}

/// Digits only; what overflows is the largest number believed.
fn delta_seconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(MAX_SECONDS).min(MAX_SECONDS))
}

fn date(headers: &HeaderMap, now: Time) -> Time {
    text(headers, &DATE).and_then(http_date).unwrap_or(now)
}

/// Any of the three forms of RFC 9110 §5.6.7.
fn http_date(value: &str) -> Option<Time> {
    httpdate::parse_http_date(value.trim()).ok().map(DateTime::from)
}

fn seconds_between(from: Time, until: Time) -> u64 {
    u64::try_from((until - from).num_seconds()).unwrap_or(0).min(MAX_SECONDS)
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
    fn freshness_is_max_age_less_age_else_expires_less_date() {
        let date = ("date", "Mon, 23 Nov 2026 11:00:00 GMT");
        assert_eq!(of(&[("cache-control", "public, Max-Age=600"), ("age", "100")]).fresh_seconds, Some(500));
        assert_eq!(of(&[("cache-control", "max-age=\"60\""), ("age", "100")]).fresh_seconds, Some(0));
        assert_eq!(of(&[("cache-control", "max-age=99999999999999999999999")]).fresh_seconds, Some(MAX_SECONDS));
        assert_eq!(of(&[("cache-control", "s-maxage=600, no-transform")]).fresh_seconds, None);
        assert_eq!(of(&[("expires", "Mon, 23 Nov 2026 12:30:00 GMT")]).fresh_seconds, Some(1_800));
        assert_eq!(of(&[date, ("expires", "Monday, 23-Nov-26 11:10:00 GMT")]).fresh_seconds, Some(600));
        assert_eq!(of(&[date, ("expires", "0")]).fresh_seconds, Some(0));
        assert_eq!(
            of(&[("cache-control", "max-age=5"), ("expires", "Mon, 23 Nov 2026 12:30:00 GMT")]).fresh_seconds,
            Some(5)
        );
        for ask_each_time in ["no-cache, max-age=600", "max-age=600, No-Store", "no-cache"] {
            let expires = ("expires", "Mon, 23 Nov 2026 12:30:00 GMT");
            assert_eq!(of(&[("cache-control", ask_each_time), expires]).fresh_seconds, Some(0), "{ask_each_time}");
        }
        assert_eq!(of(&[("cache-control", "no-cache=\"set-cookie\", max-age=9, max-age=99")]).fresh_seconds, Some(9));
        assert_eq!(of(&[("cache-control", "s-maxage=86400, max-age=300"), ("age", "80000")]).fresh_seconds, Some(0));
        assert_eq!(of(&[("cache-control", "private, must-revalidate")]).fresh_seconds, None);
        assert_eq!(of(&[]).fresh_seconds, None);
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
        assert_eq!(after_304(&kept, of(&[("cache-control", "no-cache")])).fresh_seconds, Some(0));
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
