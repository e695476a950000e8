//! JSON that lists things, also in what a page of JavaScript wraps it in: an assignment, a call (JSONP), a guard against both.

use super::{
    Document, Harvest, Item,
    assemble::assemble,
    findings::{self, Findings},
    request::after,
};
use crate::{
    jsonpath::Path,
    model::{Drawn, Failure, FailureKind, FeedInfo, From, SourceFormat, Spot},
    parse,
};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Before the JSON: a comment, a guard, the name that it is assigned to or the function that it is given to.
static WRAPPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // ASCII classes: those of all alphabets, two hundred times, are too large a pattern.
    Regex::new(
        r"^(?:\)\]\}',?\s*|while\s*\(1\);\s*|for\s*\(;;\);\s*)?(?s:/\*.{0,400}?\*/\s*)?(?:(?:(?:var|let|const)\s+)?[A-Za-z_$][A-Za-z0-9_$.\[\]'\x22]*\s*(?:=|&&\s*[A-Za-z_$][A-Za-z0-9_$.]*\s*\(|\()\s*)?",
    )
    .ok()
});

/// Reads the list.
pub(super) fn read(
    document: &Document<'_>,
    items: &Path,
    spot: &Spot,
    strip: Option<&Regex>,
) -> Result<Harvest, Failure> {
    let (text, recipe) = (inside(document.text, strip), document.recipe);
    if !text.starts_with(['{', '[']) {
        return Err(super::no("JSON was promised, but this is something else", document.text, document.base));
    }
    let (value, mut notes, cut) = parse::json_value(text)?;
    let found = items.find(&value).map_err(|why| Failure::new(FailureKind::Layout, format!("{spot}: {why}")))?;
    let since = recipe.asks_since() || items.finds_an_empty_list(&value);
    if found.is_empty() && !since {
        return Err(Failure::new(FailureKind::Layout, findings::no_items_in_json(items, spot, &value)));
    }
    let beyond = found.len().saturating_sub(parse::MAX_ENTRIES);
    if beyond > 0 {
        notes.push(format!("{beyond} items beyond {} were not read", parse::MAX_ENTRIES));
    }
    let found: Vec<&Value> = found.into_iter().take(parse::MAX_ENTRIES).collect();
    let drawn: Vec<Item> = found.iter().map(|item| draw(&recipe.fields, item)).collect();
    let findings = Findings::of(recipe, &drawn, &|drawn| findings::keys(found.first().copied(), drawn));
    findings.judge()?;
    let further = match after(document, document.base, |from| first(from, &value)) {
        Ok(turn) if !drawn.is_empty() => turn.into_iter().collect(),
        Ok(_) => Vec::new(),
        Err(why) => {
            notes.push(why);
            Vec::new()
        }
    };
    let mut feed = assemble(document, SourceFormat::JsonList, FeedInfo::default(), &drawn, document.base);
    feed.notes.splice(0..0, notes);
    feed.partial = cut;
    Ok(Harvest { feed, items: drawn, findings, kinds: Vec::new(), further, opaque: false })
}

/// The fields of one item.
pub(super) fn draw(fields: &[Drawn], item: &Value) -> Item {
    let found = |_, from: &From| match from {
        From::Path(path) => path.find(item).unwrap_or_default().into_iter().flat_map(texts).collect(),
        From::Choice(_) | From::Text(_) => Vec::new(),
    };
    let path = |path: &Path| path.find(item).unwrap_or_default().into_iter().flat_map(texts).next();
    Item::draw(fields, found, path)
}

fn first(from: &From, value: &Value) -> Option<String> {
    let From::Path(path) = from else { return None };
    path.find(value).ok()?.into_iter().flat_map(texts).find(|text| !text.trim().is_empty())
}

/// What a value says: words and numbers; those of a list one by one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![parse::said::legal(text)],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.iter().filter(|value| !value.is_array()).flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}

/// The JSON in a text: what the operator's pattern takes, else what stands behind a wrapper's beginning; its end is cut off too.
pub(super) fn inside<'t>(text: &'t str, strip: Option<&Regex>) -> &'t str {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0';
    let text = text.trim_matches(blank);
    let taken = strip.and_then(|strip| strip.captures(text)).and_then(|found| found.get(1)).map(|found| found.as_str());
    if let Some(taken) = taken {
        return taken.trim();
    }
    if text.starts_with(['{', '[']) {
        return text;
    }
    let start = WRAPPER.as_ref().and_then(|wrapper| wrapper.find(text)).map_or(0, |found| found.end());
    let rest = text.get(start..).unwrap_or_default();
    match rest.rfind(['}', ']']) {
        Some(end) if rest.starts_with(['{', '[']) => rest.get(..=end).unwrap_or(rest),
        _ => rest,
    }
}
