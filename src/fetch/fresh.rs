//! How long an answer stays fresh: what it says, kept as it says it, and what is left of that (RFC 9111 §4.2). Pure.

use crate::model::{CacheControl, Lifetime, Time};
use chrono::DateTime;
use hyper::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName};

/// Largest number of seconds believed (RFC 9111 §1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

/// What the header fields say. `now` stands in for a missing Date.
pub fn said(headers: &HeaderMap, now: Time) -> Lifetime {
    // An Expires that is no date means stale already (§5.3).
    let expires = headers.get(EXPIRES).map(|value| value.to_str().ok().and_then(http_date).unwrap_or_default());
    let age = text(headers, &AGE).and_then(delta_seconds).unwrap_or(0);
    Lifetime { cache_control: cache_control(headers), expires, date: Some(date(headers, now)), age }
}

/// What holds after a 304: each field it brings replaces the kept one (§4.3.4). How old the answer is only the 304 itself knows.
pub fn after_304(kept: &Lifetime, said: &Lifetime) -> Lifetime {
    Lifetime {
        cache_control: said.cache_control.or(kept.cache_control),
        expires: said.expires.or(kept.expires),
        date: said.date,
        age: said.age,
    }
}

/// Seconds that are left: Cache-Control max-age, else Expires less Date, less Age. A wish to be asked each time (no-cache, no-store) leaves
/// none. `s-maxage` is for the publisher's own shared cache, which he can empty.
pub fn seconds(lifetime: &Lifetime) -> Option<u64> {
    let cache = lifetime.cache_control.unwrap_or_default();
    if cache.ask_each_time {
        return Some(0);
    }
    let until_expiry = || Some(seconds_between(lifetime.date?, lifetime.expires?));
    let whole = cache.max_age.or_else(until_expiry)?;
    Some(whole.saturating_sub(lifetime.age))
}

fn cache_control(headers: &HeaderMap) -> Option<CacheControl> {
    let mut found = CacheControl::default();
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    for directive in values.flat_map(|value| value.split(',')) {
        let (name, value) = directive.split_once('=').map_or((directive, None), |(name, value)| (name, Some(value)));
        match (name.trim().to_ascii_lowercase().as_str(), value) {
            ("max-age", Some(value)) if found.max_age.is_none() => {
                found.max_age = delta_seconds(value.trim().trim_matches('"'));
            }
            // With a value it speaks of single fields only (§5.2.2.4).
            ("no-cache", None) | ("no-store", _) => found.ask_each_time = true,
            _ => {}
        }
    }
    headers.contains_key(CACHE_CONTROL).then_some(found)
}

/// When the answer was made, by its own word.
pub fn date(headers: &HeaderMap, now: Time) -> Time {
    text(headers, &DATE).and_then(http_date).unwrap_or(now)
}

/// A field as text; `None` when it holds anything else.
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Digits only; what overflows is the largest number believed.
pub fn delta_seconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(MAX_SECONDS).min(MAX_SECONDS))
}

/// Any of the three forms of RFC 9110 §5.6.7.
pub fn http_date(value: &str) -> Option<Time> {
    httpdate::parse_http_date(value.trim()).ok().map(DateTime::from)
}

/// None when the second is no later.
pub fn seconds_between(from: Time, until: Time) -> u64 {
    u64::try_from((until - from).num_seconds()).unwrap_or(0).min(MAX_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    const NOON: &str = "Mon, 23 Nov 2026 12:00:00 GMT";
    const HALF_PAST: &str = "Mon, 23 Nov 2026 12:30:00 GMT";

    fn of(fields: &[(&'static str, &str)]) -> Lifetime {
        let field = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        said(&fields.iter().map(field).collect(), http_date(NOON).unwrap())
    }

    fn left(fields: &[(&'static str, &str)]) -> Option<u64> {
        seconds(&of(fields))
    }

    #[test]
    fn max_age_else_expires_less_date_less_age() {
        let (expires, date) = (("expires", HALF_PAST), ("date", "Mon, 23 Nov 2026 11:00:00 GMT"));
        assert_eq!(left(&[("cache-control", "public, Max-Age=600"), ("age", "100")]), Some(500));
        assert_eq!(left(&[("cache-control", "max-age=\"60\""), ("age", "100")]), Some(0));
        assert_eq!(left(&[("cache-control", "max-age=99999999999999999999999")]), Some(MAX_SECONDS));
        assert_eq!(left(&[("cache-control", "s-maxage=600, no-transform")]), None);
        assert_eq!(left(&[expires]), Some(1_800));
        assert_eq!(left(&[expires, ("age", "800")]), Some(1_000));
        assert_eq!(left(&[date, ("expires", "Monday, 23-Nov-26 11:10:00 GMT")]), Some(600));
        assert_eq!(left(&[date, ("expires", "0")]), Some(0));
        assert_eq!(left(&[("cache-control", "max-age=5"), expires]), Some(5));
        for ask_each_time in ["no-cache, max-age=600", "max-age=600, No-Store", "no-cache"] {
            assert_eq!(left(&[("cache-control", ask_each_time), expires]), Some(0), "{ask_each_time}");
        }
        assert_eq!(left(&[("cache-control", "no-cache=\"set-cookie\", max-age=9, max-age=99")]), Some(9));
        assert_eq!(left(&[("cache-control", "s-maxage=86400, max-age=300"), ("age", "80000")]), Some(0));
        assert_eq!(left(&[("cache-control", "private, must-revalidate")]), None);
        assert_eq!(left(&[]), None);
    }

    #[test]
    fn a_304_leaves_what_it_does_not_repeat_whole_and_has_an_age_of_its_own() {
        let after =
            |kept: &[(&'static str, &str)], said: &[(&'static str, &str)]| seconds(&after_304(&of(kept), &of(said)));
        let max_age = ("cache-control", "max-age=600");
        // The answer was nearly stale when it came; what a 304 confirms is as fresh as ever.
        assert_eq!(after(&[max_age, ("age", "590")], &[]), Some(600));
        assert_eq!(after(&[max_age, ("age", "590")], &[("age", "40")]), Some(560));
        assert_eq!(after(&[max_age], &[("age", "700")]), Some(0));
        assert_eq!(after(&[max_age], &[("cache-control", "max-age=5")]), Some(5));
        assert_eq!(after(&[max_age], &[("cache-control", "no-cache")]), Some(0));
        assert_eq!(after(&[("cache-control", "no-cache")], &[("cache-control", "max-age=5")]), Some(5));
        // A Cache-Control without a max-age replaces the one that had it.
        assert_eq!(after(&[max_age], &[("cache-control", "public")]), None);
        // An Expires is a moment: a later Date leaves less of it.
        let (expires, quarter_past) = (("expires", HALF_PAST), ("date", "Mon, 23 Nov 2026 12:15:00 GMT"));
        assert_eq!(after(&[expires, ("age", "60")], &[quarter_past]), Some(900));
        assert_eq!(after(&[expires], &[quarter_past, ("age", "100")]), Some(800));
        assert_eq!(after(&[expires], &[("date", "Mon, 23 Nov 2026 13:00:00 GMT")]), Some(0));
        assert_eq!(after(&[max_age, expires], &[quarter_past, ("cache-control", "public")]), Some(900));
        assert_eq!(after(&[], &[]), None);
    }

    #[test]
    fn a_304_after_a_304_is_no_staler() {
        let kept = of(&[("cache-control", "max-age=600"), ("age", "100")]);
        let once = after_304(&kept, &of(&[("age", "300")]));
        assert_eq!((seconds(&once), seconds(&after_304(&once, &of(&[])))), (Some(300), Some(600)));
    }
}
