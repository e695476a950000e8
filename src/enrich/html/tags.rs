//! Tags as our parser writes them: every attribute between double quotes, every tag balanced.

use super::super::text;
use std::borrow::Cow;

/// The tag's inside and what follows; quotes are respected, as values may hold `>`.
pub fn split_tag(tag: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, b) in tag.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b'>' if !quoted => {
                return (tag.get(..at).unwrap_or(""), tag.get(at + 1..).unwrap_or(""));
            }
            _ => {}
        }
    }
    (tag, "")
}

/// Names and values of a tag's attributes, as the parser writes them.
pub fn attributes_of(mut text: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut found = Vec::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let (value, rest) = rest.split_once('"').unwrap_or((rest, ""));
        found.push((name.trim(), text::unescape(value)));
        text = rest;
    }
    found
}
