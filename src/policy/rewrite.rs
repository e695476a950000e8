//! An edition as the operator wants it to read: other words in title and link, parts of the text taken out. Pure; the store
//! keeps what these rules did not touch, so that a changed rule holds for what is stored, too.

use super::plain;
use crate::{
    css::{Selector, is_too_large},
    enrich,
    model::{Edition, ReplacedField, Replacement, Source, Text},
};
use regex::Regex;
use std::borrow::Cow;

/// Bytes of a title or link after a replacement; one that would make it longer is not done.
const MOST_BYTES: usize = 4 * 1024;

/// The edition as it is shown, and what was done to it, in words.
pub fn rewritten<'e>(source: &Source, edition: &'e Edition) -> (Cow<'e, Edition>, Vec<String>) {
    let rules = &source.rules;
    let mut done: Vec<String> = edition.removed.iter().map(|selector| removal(selector)).collect();
    if rules.replacements.is_empty() && rules.removals.is_empty() {
        return (Cow::Borrowed(edition), done);
    }
    let mut edition = Cow::Borrowed(edition);
    for rule in &rules.replacements {
        if replace(&mut edition, rule) {
            done.push(format!("{} rewritten by {}", rule.field.name(), rule.words()));
        }
    }
    // What was taken out when it was read is not looked for again: `p:first-child` would find another one.
    let new = rules.removals.iter().filter(|selector| !edition.removed.iter().any(|done| done == selector.as_str()));
    let new: Vec<&Selector> = new.collect();
    if !new.is_empty() {
        let texts = || [&edition.content, &edition.summary].into_iter().flatten();
        let large = |selector: &&&Selector| texts().any(|text| is_too_large(&text.value, selector));
        done.extend(new.iter().filter(large).map(|selector| format!("too long to look for {}", selector.as_str())));
        done.extend(remove(&mut edition, &new).into_iter().map(|selector| removal(selector.as_str())));
    }
    (edition, done)
}

fn removal(selector: &str) -> String {
    format!("text without {selector}")
}

/// True when it changed something.
fn replace(edition: &mut Cow<'_, Edition>, rule: &Replacement) -> bool {
    match rule.field {
        ReplacedField::Title => {
            let title = edition.title.as_ref().map(plain).unwrap_or_default();
            let Some(title) = replaced(&rule.pattern, &rule.with, &title) else { return false };
            edition.to_mut().title = Some(Text::plain(title));
        }
        ReplacedField::Link => {
            let link = edition.link.as_deref().and_then(|link| replaced(&rule.pattern, &rule.with, link));
            // What is no address of a page leads nowhere: the publisher's own is better.
            let Some(link) = enrich::web(link) else { return false };
            edition.to_mut().link = Some(link);
        }
    }
    true
}

/// The text with every match replaced; `None` where nothing matches, or nothing or too much would be left.
fn replaced(pattern: &Regex, with: &str, text: &str) -> Option<String> {
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    for found in pattern.captures_iter(text) {
        let whole = found.get_match();
        out.push_str(text.get(end..whole.start())?);
        found.expand(with, &mut out);
        end = whole.end();
        if out.len() > MOST_BYTES {
            return None;
        }
    }
    out.push_str(text.get(end..)?);
    let out = out.trim();
    (!out.is_empty() && out.len() <= MOST_BYTES && out != text).then(|| out.to_owned())
}

/// Takes out of body and summary what the selectors choose, and gives those that chose something.
fn remove<'s>(edition: &mut Cow<'_, Edition>, selectors: &[&'s Selector]) -> Vec<&'s Selector> {
    let without = |text: &Option<Text>| text.as_ref().and_then(|text| enrich::without(text, selectors));
    let safe = |text: &Text| Some(Text::html(enrich::sanitise(text)));
    let (content, summary) = (without(&edition.content), without(&edition.summary));
    let mut found = Vec::new();
    if let Some((text, by)) = content {
        edition.to_mut().content = safe(&text);
        found.extend(by);
    }
    if let Some((text, by)) = summary {
        edition.to_mut().summary = safe(&text);
        found.extend(
            by.into_iter()
                .filter(|new| !found.iter().any(|old: &&Selector| std::ptr::eq(*old, *new)))
                .collect::<Vec<_>>(),
        );
    }
    found
}
