//! What a recipe found in a document and what it missed, in words that tell how to mend it: where it is written, what was looked
//! for, what is there instead.

use super::Item;
use crate::{
    css::{self, Selector},
    jsonpath::Path,
    model::{Drawn, Failure, FailureKind, From, Recipe, Slot, Spot},
    parse,
};
use serde_json::Value;

/// Longest message, characters.
const MAX_WORDS: usize = 1_000;
/// Names of members told at most.
const MAX_NAMES: usize = 20;
/// Lists or kinds of elements told at most.
const MAX_KINDS: usize = 4;
/// Values gone through in search of lists.
const MAX_VALUES: usize = 20_000;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Items.
    pub items: usize,
    /// Of each field that was looked for, in how many of them it was found.
    pub fields: Vec<(Slot, usize)>,
    /// Fields that were found nowhere.
    pub missed: Vec<Missed>,
}

/// A field that was found in no item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The field.
    pub slot: Slot,
    /// What to mend, in words.
    pub words: String,
    /// It is there, but says nothing: nobody has to mend that.
    pub is_blank: bool,
}

impl Findings {
    /// Counts. `instead` says what an item has in the place of what was looked for.
    pub(super) fn of(recipe: &Recipe, items: &[Item], instead: &dyn Fn(&Drawn) -> Instead) -> Findings {
        let found = |slot: Slot| items.iter().filter(|item| !item.all(slot).is_empty()).count();
        let fields: Vec<(Slot, usize)> = recipe.fields.iter().map(|drawn| (drawn.slot, found(drawn.slot))).collect();
        let nowhere = recipe.fields.iter().filter(|drawn| !items.is_empty() && found(drawn.slot) == 0);
        let missed = nowhere.map(|drawn| missed(drawn, items.len(), instead(drawn))).collect();
        Findings { items: items.len(), fields, missed }
    }

    /// Items of which nothing tells one from another are no items.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        let found = |slot: Slot| self.fields.iter().any(|(known, times)| *known == slot && *times > 0);
        if self.items == 0 || [Slot::Link, Slot::Id, Slot::Code].into_iter().any(found) {
            return Ok(());
        }
        let words: Vec<&str> = self
            .missed
            .iter()
            .filter(|missed| matches!(missed.slot, Slot::Link | Slot::Id | Slot::Code))
            .map(|missed| missed.words.as_str())
            .collect();
        let message = format!("{} items, but nothing tells them from each other: {}", self.items, words.join("; "));
        Err(Failure::new(FailureKind::Layout, message))
    }

    /// What an operator should know.
    pub fn notes(&self) -> Vec<String> {
        self.missed.iter().filter(|missed| !missed.is_blank).map(|missed| missed.words.clone()).collect()
    }
}

/// What an item has in the place of what was looked for.
pub(super) struct Instead {
    words: String,
    /// What was looked for is there, but says nothing.
    is_blank: bool,
}

fn missed(drawn: &Drawn, items: usize, instead: Instead) -> Missed {
    let sought = match &drawn.from {
        From::Path(path) => path.as_str().to_owned(),
        From::Choice(choice) => choice.words(),
        From::Text(template) => template.as_str().to_owned(),
    };
    let cut = drawn.cut.as_ref().map(|cut| format!(", cut by `{cut}`,")).unwrap_or_default();
    let Instead { words, is_blank } = instead;
    let words = line(&format!("{}: `{sought}`{cut} finds nothing in any of {items} items; {words}", drawn.spot));
    Missed { slot: drawn.slot, words, is_blank: is_blank && drawn.cut.is_none() }
}

/// One line of bounded length, whatever a document holds.
pub(super) fn line(words: &str) -> String {
    let line = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MAX_WORDS).collect()
}

/// What an item of JSON has in the place of a field.
pub(super) fn keys(item: Option<&Value>, drawn: &Drawn) -> Instead {
    let other = |words: String| Instead { words, is_blank: false };
    let Some(item) = item else { return other("there is no item".to_owned()) };
    let From::Path(path) = &drawn.from else { return other(format!("an item has {}", told(item))) };
    match dead_end(path, item) {
        Some((words, whole)) => Instead { words, is_blank: whole },
        None => other(format!("an item has {}", told(item))),
    }
}

impl Instead {
    /// In words.
    pub(super) fn words(self) -> String {
        self.words
    }
}

/// What an item of a page is made of. Its words are left out: status pages tell this to everybody.
pub(super) fn kinds(kinds: &[(String, String)]) -> Instead {
    let told: Vec<&str> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
    Instead { words: format!("an item is made of {}", told.join(", ")), is_blank: false }
}

/// Why a path finds no items in a document.
pub(super) fn no_items_in_json(items: &Path, spot: &Spot, value: &Value) -> String {
    let lists: Vec<String> = lists(value)
        .into_iter()
        .take(MAX_KINDS)
        .map(|list| format!("{}[*] ({} with {})", list.path, list.members, list.names.join(", ")))
        .collect();
    let lists = if lists.is_empty() { String::new() } else { format!("; lists in the document: {}", lists.join("; ")) };
    let end = dead_end(items, value).map(|(end, _)| format!("; {end}")).unwrap_or_default();
    format!("{spot}: `{}` finds no item{end}{lists}", items.as_str())
}

/// Where the names of a path lead no further, and what was probably meant; or what stands at their end, if they are all of it.
fn dead_end(path: &Path, value: &Value) -> Option<(String, bool)> {
    let (names, more) = path.names();
    let (mut at, mut way) = (value, "$".to_owned());
    for name in names {
        match at.as_object().and_then(|members| members.get(name)) {
            Some(next) => {
                at = next;
                way = format!("{way}.{name}");
            }
            None => {
                let members = at.as_object().into_iter().flat_map(|members| members.keys().map(String::as_str));
                let meant = crate::config::nearest(name, members).map(|meant| format!(" (`{meant}` is near)"));
                let words = format!("{way} has no `{name}`{}: it has {}", meant.unwrap_or_default(), told(at));
                return Some((words, false));
            }
        }
    }
    let is_object = at.is_object();
    Some((format!("{way} is {}", told(at)), !more && !is_object)).filter(|_| way.len() > 1)
}

/// What a value is, in a few words.
fn told(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "nothing in it".to_owned(),
        Value::Object(members) => {
            let names: Vec<&str> = members.keys().take(MAX_NAMES).map(String::as_str).collect();
            format!("{}{}", names.join(", "), if members.len() > MAX_NAMES { ", …" } else { "" })
        }
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => "a single value".to_owned(),
    }
}

/// A list of objects in a document.
pub(super) struct List {
    /// Where it is.
    pub path: String,
    /// How long it is.
    pub members: usize,
    /// What the first object of it has.
    pub names: Vec<String>,
}

/// The lists of objects in a document, the longest first.
pub(super) fn lists(value: &Value) -> Vec<List> {
    let (mut waiting, mut found, mut seen) = (vec![("$".to_owned(), value)], Vec::new(), 0);
    while let Some((path, value)) = waiting.pop() {
        seen += 1;
        if seen > MAX_VALUES {
            break;
        }
        match value {
            Value::Object(members) => {
                waiting.extend(members.iter().map(|(name, value)| (format!("{path}{}", step(name)), value)));
            }
            Value::Array(values) => {
                if let Some(Value::Object(first)) = values.first() {
                    let names = first.keys().take(MAX_NAMES).cloned().collect();
                    found.push(List { path: path.clone(), members: values.len(), names });
                }
                waiting.extend(values.first().map(|first| (format!("{path}[0]"), first)));
            }
            _ => {}
        }
    }
    found.sort_by(|a, b| (b.members, &a.path).cmp(&(a.members, &b.path)));
    found
}

/// A name as a step of a path.
pub(super) fn step(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { format!(".{name}") } else { format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")) }
}

/// Why a selector finds no items on a page.
pub(super) fn no_items_on_page(items: &Selector, spot: &Spot, html: &str, page: &str) -> String {
    if let Some(login) = login(page) {
        return format!("{spot}: `{}` finds no item, for this is {login}", items.as_str());
    }
    let repeated: Vec<String> = css::repeated(html, MAX_KINDS)
        .into_iter()
        .map(|group| format!("`{}` ({}, {} with links)", group.selector, group.times, group.links))
        .collect();
    let instead = match repeated.is_empty() {
        true => "nothing with links repeats on the page (is it made by JavaScript?)".to_owned(),
        false => format!("what repeats there with links: {}", repeated.join(", ")),
    };
    format!("{spot}: `{}` finds no item; {instead}", items.as_str())
}

/// A page that wants to know who asks.
pub(super) fn login(page: &str) -> Option<&'static str> {
    let page = page.to_ascii_lowercase();
    let asks = ["type=\"password\"", "type='password'", "type=password"].iter().any(|mark| page.contains(mark));
    asks.then_some("a login page: set `headers` (Cookie) or `auth` of this source")
}

/// As [`login`], for a document where something else was promised.
pub(super) fn what_it_is(text: &str, base: Option<&url::Url>) -> String {
    login(text).map_or_else(|| parse::what_it_is(text, base), str::to_owned)
}
