//! What the operator wants taken out of a publisher's HTML. Done before it is made safe, while classes and ids are still there.

use super::html;
use crate::{
    css::{self, Selector},
    model::{ParsedEntry, Text, TextKind},
};

/// An entry without what the selectors choose, and those that chose something.
pub fn removed(mut entry: ParsedEntry, selectors: &[Selector]) -> (ParsedEntry, Vec<String>) {
    let selectors: Vec<&Selector> = selectors.iter().collect();
    let mut done: Vec<String> = Vec::new();
    for text in [&mut entry.content, &mut entry.summary].into_iter().flatten() {
        let Some((shorter, found)) = without(text, &selectors) else { continue };
        *text = shorter;
        let found = found.into_iter().map(Selector::as_str);
        let new: Vec<_> = found.filter(|new| !done.iter().any(|old| old == new)).map(str::to_owned).collect();
        done.extend(new);
    }
    (entry, done)
}

/// One text without what the selectors choose, and those that chose something.
pub fn from_text(text: Text, selectors: &[Selector]) -> (Text, Vec<String>) {
    let selectors: Vec<&Selector> = selectors.iter().collect();
    match without(&text, &selectors) {
        Some((shorter, found)) => (shorter, found.into_iter().map(|found| found.as_str().to_owned()).collect()),
        None => (text, Vec::new()),
    }
}

/// A text that is safe already, without what selectors of these words choose; they were read before, so none is no selector.
pub fn without_named(text: &Text, names: &[String]) -> Text {
    let selectors: Vec<Selector> = names.iter().filter_map(|name| Selector::parse(name).ok()).collect();
    match without(text, &selectors.iter().collect::<Vec<_>>()) {
        Some((shorter, _)) => Text::html(html::sanitise(&shorter)),
        None => text.clone(),
    }
}

/// An HTML text without what the selectors choose, and those that chose something; `None` when none did.
/// A text too deep to be read as HTML keeps everything: it is shown as its characters only.
pub fn without<'s>(text: &Text, selectors: &[&'s Selector]) -> Option<(Text, Vec<&'s Selector>)> {
    if text.kind != TextKind::Html || selectors.is_empty() {
        return None;
    }
    let (value, found) = css::without(&html::bounded(&text.value)?, selectors)?;
    Some((Text { kind: text.kind, value, base: text.base.clone() }, found))
}
