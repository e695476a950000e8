//! The text of one article and what else its own document says, by `[source.detail]`: JSON by paths, a page by selectors.

use super::{Item, json};
use crate::{
    css::{self, Choice},
    model::{Detail, Detailed, From, Slot, Text},
    parse::{self, said},
};
use url::Url;

/// What a detail says.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The text; hostile.
    pub content: Option<Text>,
    /// The rest.
    pub item: Item,
}

/// Reads one. A page was bounded before.
///
/// Errors, in words: another kind of document than was promised.
pub fn read(text: &str, base: Option<&str>, detail: &Detail) -> Result<Found, String> {
    let base = base.and_then(|base| Url::parse(base).ok());
    match detail.form {
        Detailed::Json => in_json(text, base.as_ref(), detail),
        Detailed::Chosen | Detailed::Extracted => Ok(on_page(text, base.as_ref(), detail)),
    }
}

fn in_json(text: &str, base: Option<&Url>, detail: &Detail) -> Result<Found, String> {
    let inside = json::inside(text, detail.strip.as_ref());
    if !inside.starts_with(['{', '[']) {
        return Err(format!(
            "{}: JSON was promised, but this is {}",
            detail.spot,
            super::findings::what_it_is(text, base)
        ));
    }
    let (value, ..) = parse::json_value(inside).map_err(|failure| failure.message)?;
    let item = json::draw(&detail.fields, &value);
    let content = item.first(Slot::Content).map(|text| said::body(text, false, base));
    match content {
        Some(content) => Ok(Found { content: Some(content), item }),
        None => {
            let missed = detail.fields.iter().find(|drawn| drawn.slot == Slot::Content);
            let why =
                missed.map(|drawn| format!("{}: {}", drawn.spot, super::findings::keys(Some(&value), drawn).words()));
            Err(why.unwrap_or_else(|| format!("{} names no `content`", detail.spot)))
        }
    }
}

fn on_page(html: &str, base: Option<&Url>, detail: &Detail) -> Found {
    let choices: Vec<Option<&Choice>> = detail.fields.iter().map(|drawn| choice(&drawn.from)).collect();
    let looked: Vec<&Choice> = choices.iter().copied().flatten().collect();
    let mut values = css::beside(html, &looked).into_iter();
    let values: Vec<Vec<String>> =
        choices.iter().map(|choice| choice.and_then(|_| values.next()).flatten().into_iter().collect()).collect();
    let item = Item::draw(&detail.fields, |at, _| values.get(at).cloned().unwrap_or_default(), |_| None);
    let whole = detail.fields.iter().find(|drawn| drawn.slot == Slot::Content).filter(|drawn| drawn.cut.is_none());
    let chosen = whole.and_then(|drawn| css::chosen(html, choice(&drawn.from)?.selector.as_ref()?));
    let content = match &chosen {
        Some(chosen) => Some(chosen.html.as_str()),
        None => item.first(Slot::Content),
    };
    // What a page says its references are relative to.
    let said = chosen.as_ref().and_then(|chosen| base?.join(chosen.base.as_deref()?).ok());
    let content = content.map(|text| said::body(text, true, said.as_ref().or(base)));
    Found { content, item }
}

fn choice(from: &From) -> Option<&Choice> {
    match from {
        From::Choice(choice) => Some(choice),
        From::Path(_) | From::Text(_) => None,
    }
}
