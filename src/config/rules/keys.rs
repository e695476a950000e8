//! What the keys of a rule may hold: words, replacements, selectors.

use super::super::{
    problems::Problems,
    reader::{Value, list, mistyped, string},
};
use crate::css::Selector;
use regex::Regex;
use toml::de::DeValue;

/// Longest `with`, characters.
const LONGEST_WITH: usize = 1000;

/// Words with something in them: an empty one stands in every text.
pub(super) fn words(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let found = match value.found {
        DeValue::Array(_) => list(plain)(value, problems)?,
        other => return mistyped(&value.place, other, "a list in [ ]", problems),
    };
    let words: Vec<String> = found.into_iter().map(|word| word.value).collect();
    if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
        let problem = problems.error(&value.place, "`words` holds nothing to look for");
        problem.expected("words = [\"广告\", \"sponsored\"]");
        return None;
    }
    Some(words)
}

/// Text as it stands, spaces around it included; it may be empty, which deletes what matched.
pub(super) fn with(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let text = plain(value, problems)?;
    if text.chars().count() > LONGEST_WITH {
        problems.error(&value.place, format!("`with` is longer than {LONGEST_WITH} characters"));
    }
    Some(text)
}

fn plain(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    match value.found {
        DeValue::String(text) => Some(text.clone().into_owned()),
        other => mistyped(&value.place, other, "text in quotes", problems),
    }
}

/// A CSS selector.
pub(super) fn selector(value: &Value<'_>, problems: &mut Problems) -> Option<Selector> {
    let text = string(value, problems)?;
    match Selector::parse(&text) {
        Ok(selector) => Some(selector),
        Err(why) => {
            let shown: String = text.chars().take(60).collect();
            let problem = problems.error(&value.place, format!("`{shown}` {why}"));
            problem.expected("a CSS selector such as \".advert\", \"#share\" or \"p > a[href*='ads.example']\"");
            None
        }
    }
}

/// A group that `with` names and the pattern does not have: it would stand for nothing, without a word.
pub(super) fn unknown_group(with: &str, pattern: &Regex) -> Option<String> {
    let mut rest = with;
    while let Some((_, after)) = rest.split_once('$') {
        let (name, tail) = match after.strip_prefix('{') {
            Some(inside) => inside.split_once('}')?,
            None => {
                after.split_at(after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len()))
            }
        };
        let known = match name.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => pattern.capture_names().flatten().any(|group| group == name),
        };
        if !name.is_empty() && !known {
            return Some(name.to_owned());
        }
        rest = if name.is_empty() { after.strip_prefix('$').unwrap_or(after) } else { tail };
    }
    None
}
