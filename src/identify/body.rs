//! Rule 4: a code in the body, which counts only when nothing else there could be meant.

use super::codes;
use crate::model::{InfoCode, ParsedEntry};
use regex::Regex;
use std::{collections::BTreeSet, sync::LazyLock};

/// Links looked at in one body; more of them make no article.
const MAX_LINKS: usize = 500;

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"https?://[^\s<>"'（）]+"#).ok());

/// The body's only code, if it stands as a bare link or as the last one. Several are related articles: none is taken.
pub fn only_code(entry: &ParsedEntry) -> Option<InfoCode> {
    let body = entry.content.as_ref().or(entry.summary.as_ref())?.value.as_str();
    if !may_hold_code(body) {
        return None;
    }
    let links = links(body);
    let distinct: BTreeSet<InfoCode> =
        codes::all(body).chain(links.iter().filter_map(|link| codes::in_address(link.address))).collect();
    let only = distinct.first().filter(|_| distinct.len() == 1)?;
    let last = links.len().checked_sub(1);
    let stands = |(at, link): (usize, &Link)| {
        (link.bare || Some(at) == last) && codes::in_address(link.address).as_ref() == Some(only)
    };
    links.iter().enumerate().any(stands).then(|| only.clone())
}

struct Link<'a> {
    address: &'a str,
    /// Written out as text, not hidden behind words.
    bare: bool,
}

/// Every form of a code has at least fourteen digits in a row, which few bodies have: this spares the rest the search.
fn may_hold_code(body: &str) -> bool {
    let mut run = 0;
    body.bytes().any(|b| {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        run == 14
    })
}

/// Addresses in text and in `href`, in order; those of images and the like are no links.
fn links(body: &str) -> Vec<Link<'_>> {
    let Some(pattern) = ADDRESS.as_ref() else {
        return Vec::new();
    };
    let found = pattern.find_iter(body).take(MAX_LINKS).filter_map(|found| {
        let before = body.get(..found.start())?;
        let quoted = before.strip_suffix(['"', '\'']).unwrap_or(before).trim_end();
        let Some(attribute) = quoted.strip_suffix('=') else {
            return Some(Link { address: found.as_str(), bare: true });
        };
        let name = attribute.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
        name.eq_ignore_ascii_case("href").then_some(Link { address: found.as_str(), bare: false })
    });
    found.collect()
}
