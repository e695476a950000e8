//! Has the client what we would send? RFC 9110 §13.1 and §13.2.2, for GET and HEAD. Pure.

use crate::model::Time;
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::SystemTime;

/// True when 304 is the answer. If-None-Match is asked first, and alone when it is there; a header that cannot be
/// read asks nothing.
pub fn not_modified(request: &HeaderMap, etag: &str, last_modified: Option<Time>) -> bool {
    let mut none_match = request.get_all(header::IF_NONE_MATCH).iter().peekable();
    if none_match.peek().is_some() {
        return none_match.any(|value| value.to_str().is_ok_and(|list| names(list, etag)));
    }
    match (request.get(header::IF_MODIFIED_SINCE), last_modified) {
        (Some(since), Some(changed)) => read_date(since).is_some_and(|since| whole_second(changed) <= since),
        _ => false,
    }
}

/// True when there is a condition to judge at all.
pub fn is_conditional(request: &HeaderMap) -> bool {
    request.contains_key(header::IF_NONE_MATCH) || request.contains_key(header::IF_MODIFIED_SINCE)
}

/// A date as HTTP writes it (RFC 9110 §5.6.7). `None` before 1970.
pub fn http_date(time: Time) -> Option<HeaderValue> {
    let moment = whole_second(time);
    (moment >= SystemTime::UNIX_EPOCH).then(|| httpdate::fmt_http_date(moment)).and_then(|date| date.try_into().ok())
}

/// Weak comparison (§8.8.3.2) against each member of the list. Tags may hold commas, so the quotes are walked.
fn names(list: &str, etag: &str) -> bool {
    let wanted = opaque(etag);
    let mut rest = list.trim();
    if rest == "*" {
        return true;
    }
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        rest = rest.strip_prefix("W/").unwrap_or(rest);
        let Some((tag, after)) = rest.strip_prefix('"').and_then(|open| open.split_once('"')) else { return false };
        if tag == wanted {
            return true;
        }
        rest = after;
    }
}

fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

fn read_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

/// HTTP dates have no fractions: a change at .7 s is sent, and comes back, as the whole second.
fn whole_second(time: Time) -> SystemTime {
    chrono::DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    const ETAG: &str = "\"abc\"";

    fn changed() -> Option<Time> {
        Some("2022-04-22T07:44:35.7Z".parse().unwrap())
    }

    fn asks(headers: &[(HeaderName, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        not_modified(&map, ETAG, changed())
    }

    #[test]
    fn a_tag_is_found_in_a_list_weakly_and_by_star() {
        for list in
            ["\"abc\"", "W/\"abc\"", "*", "\"x\", \"abc\"", "\"x,y\" , W/\"abc\"", "\"a\",,\"abc\"", " \"abc\" "]
        {
            assert!(asks(&[(header::IF_NONE_MATCH, list)]), "{list}");
        }
        for list in ["\"ab\"", "abc", "\"x\"", "\"abc", "", "\"x,\"abc\"\"", "w/\"abc\"", "\"*\""] {
            assert!(!asks(&[(header::IF_NONE_MATCH, list)]), "{list}");
        }
        assert!(asks(&[(header::IF_NONE_MATCH, "\"x\""), (header::IF_NONE_MATCH, "\"abc\"")]), "two header lines");
    }

    #[test]
    fn the_tag_beats_the_date() {
        let late = (header::IF_MODIFIED_SINCE, "Sat, 23 Apr 2022 00:00:00 GMT");
        let early = (header::IF_MODIFIED_SINCE, "Thu, 21 Apr 2022 00:00:00 GMT");
        assert!(!asks(&[(header::IF_NONE_MATCH, "\"x\""), late]));
        assert!(asks(&[(header::IF_NONE_MATCH, "\"abc\""), early]));
    }

    #[test]
    fn dates_are_compared_as_dates_in_all_three_forms() {
        for (since, unchanged) in [
            ("Fri, 22 Apr 2022 07:44:35 GMT", true),
            ("Fri, 22 Apr 2022 07:44:36 GMT", true),
            ("Fri, 22 Apr 2022 07:44:34 GMT", false),
            ("Friday, 22-Apr-22 07:44:35 GMT", true),
            ("Fri Apr 22 07:44:35 2022", true),
            ("yesterday", false),
        ] {
            assert_eq!(asks(&[(header::IF_MODIFIED_SINCE, since)]), unchanged, "{since}");
        }
        let mut map = HeaderMap::new();
        map.insert(header::IF_MODIFIED_SINCE, HeaderValue::from_static("Fri, 22 Apr 2022 07:44:35 GMT"));
        assert!(!not_modified(&map, ETAG, None));
    }

    #[test]
    fn what_is_sent_comes_back_equal() {
        let mut map = HeaderMap::new();
        map.insert(header::IF_MODIFIED_SINCE, http_date(changed().unwrap()).unwrap());
        assert!(not_modified(&map, ETAG, changed()));
        assert_eq!(http_date("1969-12-31T23:59:59Z".parse().unwrap()), None);
    }
}
