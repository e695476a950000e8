//! `[source.json]`, `[source.page]`, `[source.sitemap]`: how a source is read that is no feed. Everything is made ready here, so
//! that nothing of it can fail later but for what a document holds.

/// Where the fields of an entry are.
mod fields;

/// What is asked for, and how often.
mod asked;

/// `[source.detail]`.
mod detail;

#[cfg(test)]
mod tests;

pub(super) use detail::detail;

use super::{
    problems::{Place, Problems},
    reader::{Table, Value, string},
    values::pattern,
};
use crate::{
    css::Selector,
    jsonpath::Path,
    model::{Form, Recipe, Slot},
};
use regex::Regex;

/// The kinds of documents there are recipes for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Page,
    Sitemap,
}

const KINDS: [(&str, &str, Kind); 3] = [
    ("json", "[source.json]", Kind::Json),
    ("page", "[source.page]", Kind::Page),
    ("sitemap", "[source.sitemap]", Kind::Sitemap),
];

/// The recipe of a source, if it has one.
pub(super) fn recipe(table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<Recipe>> {
    let mut found = None;
    for (key, name, kind) in KINDS {
        let Some(value) = table.value(key) else { continue };
        let Some(section) = Table::inside(&value, name.to_owned(), problems) else { continue };
        if found.is_some() {
            let problem = problems.error(&value.place, "a source is read in one way only");
            problem.expected("one of [source.json], [source.page] and [source.sitemap]");
        }
        found = read(section, kind, problems).or(found);
    }
    found.map(Box::new)
}

/// Posts are read as posts.
pub(super) fn not_of_a_folder(recipe: &Recipe, address: &Place, problems: &mut Problems) {
    let key = super::reader::last(&recipe.spot.key).to_owned();
    let problem = problems.error(address, format!("a folder of posts is not read by [source.{key}]"));
    problem.expected("url = \"https://…\", or the path of a file");
}

fn read(mut section: Table<'_>, kind: Kind, problems: &mut Problems) -> Option<Recipe> {
    let place = section.place.clone();
    let form = match kind {
        Kind::Json => json(&mut section, problems),
        Kind::Page => page(&mut section, problems),
        Kind::Sitemap => Some(Form::Sitemap),
    };
    let fields = if kind == Kind::Sitemap { Vec::new() } else { fields::fields(&mut section, kind, problems) };
    let asked = asked::asked(&mut section, kind, problems);
    section.finish(problems);
    let named = |slot: Slot| fields.iter().any(|drawn| drawn.slot == slot);
    if kind == Kind::Json && ![Slot::Link, Slot::Id, Slot::Code].into_iter().any(named) {
        let problem = problems.error(&place, "nothing tells the entries of this list from each other");
        problem.expected("at least one of `link`, `code` and `id`: link = \"$.url\"");
    }
    let asked::Asking { asked, pages, next, cursor, first_page } = asked?;
    Some(Recipe { form: form?, spot: problems.spot_of(&place), fields, asked, pages, next, cursor, first_page })
}

fn json(section: &mut Table<'_>, problems: &mut Problems) -> Option<Form> {
    let items = section.required("items", "items = \"$.data.list[*]\", a JSONPath to the items", problems, path);
    let strip = section.read("strip", problems, cut);
    let items = items?;
    Some(Form::Json { spot: problems.spot_of(&items.place), items: items.value, strip })
}

fn page(section: &mut Table<'_>, problems: &mut Problems) -> Option<Form> {
    let items =
        section.required("items", "items = \"ul.news > li\", a CSS selector of the items", problems, selector)?;
    Some(Form::Page { spot: problems.spot_of(&items.place), items: items.value })
}

/// A JSONPath.
pub(super) fn path(value: &Value<'_>, problems: &mut Problems) -> Option<Path> {
    let text = string(value, problems)?;
    let read = Path::parse(&text);
    if let Err(why) = &read {
        let problem = problems.error(&value.place, format!("`{}` {why}", short(&text)));
        problem.expected("a JSONPath such as \"$.data.list[*]\" or \"$.title\"").suggest(dollar(&text));
    }
    read.ok()
}

/// A CSS selector.
pub(super) fn selector(value: &Value<'_>, problems: &mut Problems) -> Option<Selector> {
    let text = string(value, problems)?;
    let read = Selector::parse(&text);
    if let Err(why) = &read {
        let problem = problems.error(&value.place, format!("`{}` {why}", short(&text)));
        problem.expected("a CSS selector such as \"ul.news > li\" or \"article\"");
    }
    read.ok()
}

/// A pattern with the one group that is taken.
pub(super) fn cut(value: &Value<'_>, problems: &mut Problems) -> Option<Regex> {
    let pattern = pattern(value, problems)?;
    let groups = pattern.captures_len() - 1;
    if groups != 1 {
        let problem = problems.error(&value.place, format!("the pattern has {groups} groups, not one"));
        problem.expected("one group ( ) around what is taken; others as (?: )");
        return None;
    }
    Some(pattern)
}

/// `data.list` was meant as `$.data.list`.
fn dollar(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['.', '@', '/']);
    let meant = format!("$.{text}");
    Path::parse(&meant).is_ok().then_some(meant)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
