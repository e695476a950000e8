//! Forms of single values: slugs, zones, languages, patterns, URLs. Each reports what it cannot take.

use super::{
    nearest::nearest,
    problems::{Place, Problems},
    reader::{Value, mistyped, string},
};
use crate::{
    css::Selector,
    model::{Slug, WantedText},
};
use chrono_tz::{TZ_VARIANTS, Tz};
use regex::{Regex, RegexBuilder};
use toml::de::DeValue;
use url::Url;

/// Largest compiled pattern, bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// `[a-z0-9][a-z0-9-]*`.
pub(super) fn slug(value: &Value<'_>, problems: &mut Problems) -> Option<Slug> {
    let text = string(value, problems)?;
    let good = Slug::parse(&text);
    if good.is_none() {
        let problem = problems.error(&value.place, format!("`{text}` cannot stand in an address"));
        problem.expected("at most 64 of a-z, 0-9 and -, beginning with a letter or digit").suggest(slug_like(&text));
    }
    good
}

/// An IANA zone, in any case.
pub(super) fn timezone(value: &Value<'_>, problems: &mut Problems) -> Option<Tz> {
    let text = string(value, problems)?;
    let zone = Tz::from_str_insensitive(&text).ok();
    if zone.is_none() {
        let problem = problems.error(&value.place, format!("unknown time zone `{text}`"));
        problem
            .expected("an IANA name such as \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\"")
            .suggest(zone_like(&text));
    }
    zone
}

/// A language tag (RFC 5646): its form only.
pub(super) fn language(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let text = string(value, problems)?;
    if is_language(&text) {
        return Some(text);
    }
    let dashed = text.split('.').next().unwrap_or_default().replace('_', "-");
    let problem = problems.error(&value.place, format!("`{text}` is not a language tag"));
    problem
        .expected("a tag such as \"en\", \"zh-CN\" or \"zh-Hant\"")
        .suggest(Some(dashed).filter(|it| is_language(it)));
    None
}

/// A regular expression of the linear-time kind. A space at its end is part of it.
pub(super) fn pattern(value: &Value<'_>, problems: &mut Problems) -> Option<Regex> {
    string(value, problems)?;
    let text = value.found.as_str()?;
    match RegexBuilder::new(text).size_limit(PATTERN_SIZE).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let problem = problems.error(&value.place, format!("`{text}` is not a regular expression: {why}"));
            problem.expected("a regular expression without look-around or back-references");
            None
        }
    }
}

/// A pattern for any of these words, in upper or lower case.
pub(super) fn any_of(words: &[String], place: &Place, problems: &mut Problems) -> Option<Regex> {
    let any: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    let pattern = RegexBuilder::new(&any.join("|")).case_insensitive(true).size_limit(PATTERN_SIZE).build();
    if pattern.is_err() {
        problems.error(place, "the words are too many to be looked for").expected("fewer or shorter ones");
    }
    pattern.ok()
}

/// A pattern with the one group that holds the code.
pub(super) fn code_pattern(value: &Value<'_>, problems: &mut Problems) -> Option<Regex> {
    let pattern = pattern(value, problems)?;
    let groups = pattern.captures_len() - 1;
    if groups == 1 {
        return Some(pattern);
    }
    let problem = problems.error(&value.place, format!("the pattern has {groups} groups, not one"));
    problem.expected("one group ( ) around the code; others as (?: )");
    None
}

/// Whether the full text is wanted, and how it is found: `true`, or the CSS selector of the text.
pub(super) fn full_text(value: &Value<'_>, problems: &mut Problems) -> Option<Option<WantedText>> {
    match value.found {
        DeValue::Boolean(wanted) => Some(wanted.then_some(WantedText::Extracted)),
        DeValue::String(_) => {
            let text = string(value, problems)?;
            match Selector::parse(&text) {
                Ok(selector) => Some(Some(WantedText::Chosen(selector))),
                Err(why) => {
                    let problem = problems.error(&value.place, format!("`full_text` {why}"));
                    problem.expected("true, or a CSS selector such as \"article .content\"");
                    None
                }
            }
        }
        other => mistyped(&value.place, other, "true, false or a CSS selector in quotes", problems),
    }
}

/// An absolute http(s) URL with a host.
pub(super) fn http_url(value: &Value<'_>, problems: &mut Problems) -> Option<Url> {
    let text = string(value, problems)?;
    let expected = match value.place.key.starts_with("source") && value.place.key.ends_with(".url") {
        true => {
            "an address such as \"https://example.org/feed.xml\"; a file or folder of this machine stands in `path`"
        }
        false => "an address such as \"https://example.org/\"",
    };
    url_of(&text, &value.place, (&["http", "https"], "https"), expected, problems)
}

/// What `proxy` takes.
pub(super) const A_PROXY: &str = "an address such as \"http://proxy.example.org:3128\" or \"socks5h://localhost:1080\"";

/// The URL of a proxy.
pub(super) fn proxy_url(text: &str, place: &Place, problems: &mut Problems) -> Option<Url> {
    url_of(text, place, (&["http", "https", "socks5", "socks5h"], "http"), A_PROXY, problems)
}

/// Messages never quote it: it may hold a password.
fn url_of(
    text: &str,
    place: &Place,
    (schemes, likely): (&[&str], &str),
    expected: &str,
    problems: &mut Problems,
) -> Option<Url> {
    let (wrong, suggestion) = match Url::parse(text) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => return Some(url),
        // `example.org:8080/feed` parses, with the host as its scheme.
        Ok(url) if !text.contains("://") && text.contains('.') && !url.scheme().contains('/') => {
            (if likely == "http" { "lacks http://" } else { "lacks https://" }, complete(text, likely))
        }
        Ok(url) => (
            if url.has_host() { "has a scheme that cannot be used" } else { "has no host" },
            respell(&url, schemes, text),
        ),
        Err(url::ParseError::RelativeUrlWithoutBase) => ("is not a whole address", complete(text, likely)),
        Err(url::ParseError::EmptyHost) => ("has no host", None),
        Err(error) => {
            problems
                .error(place, format!("`{}` is not a URL: {error}", super::reader::last(&place.key)))
                .expected(expected);
            return None;
        }
    };
    let problem = problems.error(place, format!("`{}` {wrong}", super::reader::last(&place.key)));
    problem.expected(expected).suggest(suggestion.filter(|it| !it.contains('@')));
    None
}

/// What begins with a host lacks only the scheme; anything else is a path.
fn complete(text: &str, likely: &str) -> Option<String> {
    let rest = text.trim_start_matches('/');
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    (host.contains('.') && !text.starts_with('.')).then(|| format!("{likely}://{rest}"))
}

/// `htps://` → `https://`; also `feed://`, which some sites link.
fn respell(url: &Url, schemes: &[&str], text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let meant = if scheme == "feed" { Some("https".to_owned()) } else { nearest(scheme, schemes.iter().copied()) };
    meant.filter(|_| url.has_host()).map(|meant| format!("{meant}://{rest}"))
}

fn slug_like(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let joined: String = parts.collect::<Vec<_>>().join("-").chars().take(64).collect();
    Slug::parse(joined.trim_end_matches('-')).map(|slug| slug.to_string())
}

fn zone_like(text: &str) -> Option<String> {
    // The capital is what many write; the database has only Shanghai.
    let wanted = text.to_lowercase().replace(' ', "_");
    if ["beijing", "peking", "北京", "中国", "china"].iter().any(|it| wanted.ends_with(it)) {
        return Some("Asia/Shanghai".to_owned());
    }
    let city = |zone: &&Tz| zone.name().rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&wanted));
    let by_city = TZ_VARIANTS.iter().find(city).map(|zone| zone.name().to_owned());
    by_city.or_else(|| nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())))
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let good_first = matches!(first.len(), 2..=3) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    good_first && parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
