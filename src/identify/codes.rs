//! The publisher's own forms of a code, and where in an address they count (domain §2, rules 1–3).

use crate::model::{CodeKind, InfoCode, ParsedEntry};
use chrono::{Datelike, NaiveDate};
use regex::Regex;
use std::{borrow::Cow, sync::LazyLock};
use url::Url;

/// Digits after the letters: a date and a number of 6 to 12 digits.
const DIGITS: std::ops::RangeInclusive<usize> = 14..=20;

/// Paths of eastmoney.com that hold the digits without the letters.
static DIGITS_PATH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|/)(?:a/|news/[0-9]{3,5},)([0-9]{17,18})\.html$").ok());

/// Rules 1, 2 and 3, each tried on the link, then the id, then rel=via and rel=alternate.
pub fn in_addresses(entry: &ParsedEntry) -> Option<(InfoCode, CodeKind)> {
    let others =
        entry.links.iter().filter(|link| link.rel == "via" || link.rel == "alternate").map(|link| link.href.as_str());
    let link = entry.link.as_deref().map(|text| (text, false));
    let id = entry.id.as_deref().map(|text| (text, true));
    let addresses: Vec<(Cow<str>, bool)> = link
        .into_iter()
        .chain(id)
        .chain(others.map(|text| (text, false)))
        .map(|(text, is_id)| (html_escape::decode_html_entities(text), is_id))
        .collect();
    let by = |kind: CodeKind, rule: &dyn Fn(&str, bool) -> Option<InfoCode>| {
        addresses.iter().find_map(|(text, is_id)| Some((rule(text, *is_id)?, kind)))
    };
    by(CodeKind::Query, &|text, _| in_query(text))
        .or_else(|| by(CodeKind::Path, &|text, is_id| first(if is_id { text } else { path(text) })))
        .or_else(|| by(CodeKind::Digits, &|text, _| in_eastmoney_path(text)))
}

/// Any rule that an address alone can satisfy: for links in a body.
pub fn in_address(address: &str) -> Option<InfoCode> {
    let text = html_escape::decode_html_entities(address);
    in_query(&text).or_else(|| first(path(&text))).or_else(|| in_eastmoney_path(&text))
}

/// The code in the file name of a post: a whole one, or 17–18 bare digits, which mean `NW` and them.
pub fn in_file_name(stem: &str) -> Option<InfoCode> {
    first(stem).or_else(|| {
        let digits = stem.rsplit('-').next()?;
        bare_digits(digits)
    })
}

/// The form of a code that only syndic or this publisher gives.
pub fn is_ours(code: &InfoCode) -> bool {
    let text = code.as_str();
    let derived =
        text.strip_prefix("X-").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    derived || first(text).is_some_and(|found| found == *code)
}

/// The first `NW`, `AP` or `AN` code in a text that touches no other letter or digit and holds a real date.
pub fn first(text: &str) -> Option<InfoCode> {
    all(text).next()
}

/// Every such code, in order.
pub fn all(text: &str) -> impl Iterator<Item = InfoCode> + '_ {
    let bytes = text.as_bytes();
    let letters = bytes.windows(2).enumerate().filter(|(_, pair)| is_prefix(pair)).map(|(at, _)| at);
    letters.filter_map(move |at| {
        let alone = at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|b| !b.is_ascii_alphanumeric());
        let rest = text.get(at + 2..).filter(|_| alone)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let ends = rest.as_bytes().get(digits).is_none_or(|b| !b.is_ascii_alphanumeric());
        let dated = DIGITS.contains(&digits) && ends && holds_real_date(rest);
        InfoCode::parse(text.get(at..at + 2 + digits).filter(|_| dated)?)
    })
}

/// Rule 1: the query parameter `infoCode`, its name in any case. A fragment that acts as a query counts too.
fn in_query(text: &str) -> Option<InfoCode> {
    let (_, query) = text.split_once('?')?;
    query.split(['&', '?', '#']).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        // Only the value's own beginning: what follows a wrapper's prefix is still the whole value.
        name.eq_ignore_ascii_case("infoCode").then(|| first(value)).flatten()
    })
}

/// Rule 3.
fn in_eastmoney_path(text: &str) -> Option<InfoCode> {
    if !text.contains("eastmoney.com") {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let theirs = host == "eastmoney.com" || host.ends_with(".eastmoney.com");
    let found = DIGITS_PATH.as_ref()?.captures(url.path()).filter(|_| theirs)?;
    bare_digits(found.get(1)?.as_str())
}

fn bare_digits(digits: &str) -> Option<InfoCode> {
    let good =
        (17..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && holds_real_date(digits);
    good.then(|| InfoCode::parse(&format!("NW{digits}"))).flatten()
}

/// Scheme, host, query and fragment are no part of where a code may stand.
fn path(address: &str) -> &str {
    let after = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(""));
    after.split(['?', '#']).next().unwrap_or(after)
}

fn is_prefix(pair: &[u8]) -> bool {
    [b"NW", b"AP", b"AN"].iter().any(|prefix| pair.eq_ignore_ascii_case(*prefix))
}

/// `NW20221399…` has the form but no such date; a date before any such publisher was on line is a number by chance.
fn holds_real_date(digits: &str) -> bool {
    let date = digits.get(..8).and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok());
    date.is_some_and(|date| (1990..=2100).contains(&date.year()))
}
