//! Has the client what we would send? RFC 9110 §13.1 and §13.2.2, for GET and HEAD. Pure.

use crate::model::Time;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::time::SystemTime;

/// What the conditions of a request ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The document.
    Send,
    /// Nothing: the client has it (304).
    Unchanged,
    /// Nothing: it is not what the client wants it to be (412).
    Failed,
}

/// Judges the conditions for a representation, in the order of §13.2.2; a header that cannot be read asks nothing.
pub fn judge(request: &HeaderMap, etag: &str, last_modified: Option<Time>) -> Verdict {
    let fits = match request.contains_key(header::IF_MATCH) {
        // Strong comparison: what the client calls weak is not the same to it.
        true => lists(request, header::IF_MATCH).any(|list| names(list, etag, Comparison::Strong)),
        false => match (date(request, header::IF_UNMODIFIED_SINCE), last_modified) {
            (Some(since), Some(changed)) => whole_second(changed) <= since,
            _ => true,
        },
    };
    let has = match request.contains_key(header::IF_NONE_MATCH) {
        // Asked alone when it is there.
        true => has_tag(request, etag),
        false => match (date(request, header::IF_MODIFIED_SINCE), last_modified) {
            (Some(since), Some(changed)) => whole_second(changed) <= since,
            _ => false,
        },
    };
    match (fits, has) {
        (false, _) => Verdict::Failed,
        (true, true) => Verdict::Unchanged,
        (true, false) => Verdict::Send,
    }
}

/// Whether If-None-Match names this tag outright: then the client has these very bytes, whatever else it would take.
pub fn names_tag(request: &HeaderMap, etag: &str) -> bool {
    lists(request, header::IF_NONE_MATCH).any(|list| list.trim() != "*" && names(list, etag, Comparison::Weak))
}

/// The tags that If-None-Match names, without their quotes.
pub fn tags_brought(request: &HeaderMap) -> impl Iterator<Item = &str> {
    lists(request, header::IF_NONE_MATCH).flat_map(tags).map(|(tag, _)| tag)
}

/// True when there is a condition to judge at all.
pub fn is_conditional(request: &HeaderMap) -> bool {
    let conditions = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_MATCH, header::IF_UNMODIFIED_SINCE];
    conditions.iter().any(|name| request.contains_key(name))
}

fn has_tag(request: &HeaderMap, etag: &str) -> bool {
    lists(request, header::IF_NONE_MATCH).any(|list| names(list, etag, Comparison::Weak))
}

fn lists(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    request.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

fn date(request: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    read_date(request.get(name)?)
}

/// A date as HTTP writes it (RFC 9110 §5.6.7). `None` before 1970.
pub fn http_date(time: Time) -> Option<HeaderValue> {
    let moment = whole_second(time);
    (moment >= SystemTime::UNIX_EPOCH).then(|| httpdate::fmt_http_date(moment)).and_then(|date| date.try_into().ok())
}

/// §8.8.3.2.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Compares with each member of the list.
fn names(list: &str, etag: &str, comparison: Comparison) -> bool {
    let strong = |weak: bool| !(weak && comparison == Comparison::Strong);
    list.trim() == "*" || tags(list).any(|(tag, weak)| tag == opaque(etag) && strong(weak))
}

/// The members of a list, without their quotes, and which of them are weak; up to the first that is none. Tags may hold commas, so
/// the quotes are walked.
fn tags(list: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let bare = rest.strip_prefix("W/");
        let (tag, after) = bare.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        rest = after;
        Some((tag, bare.is_some()))
    })
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

    const ETAG: &str = "\"abc\"";

    fn changed() -> Option<Time> {
        Some("2022-04-22T07:44:35.7Z".parse().unwrap())
    }

    fn asks(headers: &[(HeaderName, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        judge(&map, ETAG, changed()) == Verdict::Unchanged
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
        assert_eq!(judge(&map, ETAG, None), Verdict::Send);
    }

    #[test]
    fn what_must_match_is_compared_strongly_and_asked_first() {
        let judged = |name: HeaderName, value: &'static str| {
            let mut map = HeaderMap::new();
            map.insert(name, HeaderValue::from_static(value));
            map.insert(header::IF_NONE_MATCH, HeaderValue::from_static(ETAG));
            judge(&map, ETAG, changed())
        };
        assert_eq!(judged(header::IF_MATCH, "\"x\", \"abc\""), Verdict::Unchanged);
        assert_eq!(judged(header::IF_MATCH, "*"), Verdict::Unchanged);
        assert_eq!(judged(header::IF_MATCH, "W/\"abc\""), Verdict::Failed);
        assert_eq!(judged(header::IF_MATCH, "\"x\""), Verdict::Failed);
        assert_eq!(judged(header::IF_UNMODIFIED_SINCE, "Fri, 22 Apr 2022 07:44:34 GMT"), Verdict::Failed);
        assert_eq!(judged(header::IF_UNMODIFIED_SINCE, "Fri, 22 Apr 2022 07:44:35 GMT"), Verdict::Unchanged);
        assert_eq!(judged(header::IF_UNMODIFIED_SINCE, "yesterday"), Verdict::Unchanged);
    }

    #[test]
    fn what_is_sent_comes_back_equal() {
        let mut map = HeaderMap::new();
        map.insert(header::IF_MODIFIED_SINCE, http_date(changed().unwrap()).unwrap());
        assert_eq!(judge(&map, ETAG, changed()), Verdict::Unchanged);
        assert_eq!(http_date("1969-12-31T23:59:59Z".parse().unwrap()), None);
    }
}
