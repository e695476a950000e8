//! Where each field of an entry is: a path or selector in quotes, a template, or a table that says more.

use super::{
    super::{
        problems::{Place, Problems},
        reader::{Table, Value, mistyped, string},
    },
    Kind, cut, dollar, short,
};
use crate::{
    css::{Choice, Selector, Take},
    jsonpath::Path,
    model::{Drawn, From, Slot, Template},
};
use regex::Regex;
use toml::de::DeValue;

/// The fields that a section names, and those that a page has without being told.
pub(super) fn fields(section: &mut Table<'_>, kind: Kind, problems: &mut Problems) -> Vec<Drawn> {
    let mut fields = Vec::new();
    let mut places = Vec::new();
    for slot in Slot::ALL {
        let Some(value) = section.value(slot.name()) else { continue };
        let Some((from, cut)) = drawn(&value, slot, kind, problems) else { continue };
        fields.push(Drawn { slot, from, cut, spot: problems.spot_of(&value.place) });
        places.push(value.place);
    }
    if kind == Kind::Page {
        let place = section.place.clone();
        for (slot, written) in [(Slot::Link, "a[href]@href"), (Slot::Title, "a[href]")] {
            let named = fields.iter().any(|drawn| drawn.slot == slot) || section.value(slot.name()).is_some();
            let choice = Choice::parse(written).ok().filter(|_| !named);
            let spot = problems.spot_of(&Place { key: format!("{}.{}", place.key, slot.name()), ..place.clone() });
            fields.extend(choice.map(|choice| Drawn { slot, from: From::Choice(choice), cut: None, spot }));
        }
    }
    for (drawn, place) in fields.iter().zip(&places) {
        if let From::Text(template) = &drawn.from {
            can_be_filled(template, place, kind, &fields, problems);
        }
    }
    fields
}

/// A template is filled with fields that stand in the document.
fn can_be_filled(template: &Template, place: &Place, kind: Kind, fields: &[Drawn], problems: &mut Problems) {
    let found: Vec<&str> =
        fields.iter().filter(|drawn| !matches!(drawn.from, From::Text(_))).map(|drawn| drawn.slot.name()).collect();
    for name in template.places().filter(|name| !found.contains(name)) {
        let problem = problems.error(place, format!("`{{{name}}}` stands for nothing"));
        problem.expected(format!("one of the fields that this section finds in the document: {}", found.join(", ")));
    }
    if kind != Kind::Json && template.has_paths() {
        problems.error(place, "a page has no JSONPath").expected("the name of a field: {code}");
    }
}

/// Where a field is, and what is cut out of it.
pub(super) fn drawn(
    value: &Value<'_>,
    slot: Slot,
    kind: Kind,
    problems: &mut Problems,
) -> Option<(From, Option<Regex>)> {
    match value.found {
        DeValue::String(_) => plain(value, slot, kind, problems).map(|from| (from, None)),
        DeValue::Table(_) => told(value, slot, kind, problems),
        other => mistyped(&value.place, other, expected(kind), problems),
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Page => {
            "a selector such as \"h3 a\" or \"a@href\", text with {code} in it, or { select = \"…\", attribute = \"…\", cut = \"…\" }"
        }
        Kind::Json | Kind::Sitemap => {
            "a path such as \"$.title\", text with {code} in it, or { path = \"…\", cut = \"…\" }"
        }
    }
}

fn plain(value: &Value<'_>, slot: Slot, kind: Kind, problems: &mut Problems) -> Option<From> {
    let text = string(value, problems)?;
    let read = match kind {
        _ if text.contains('{') => Template::parse(&text).map(From::Text),
        Kind::Page => Choice::parse(&text).map(|choice| From::Choice(suited(choice, slot))),
        Kind::Json | Kind::Sitemap if text.starts_with('$') => Path::parse(&text).map(From::Path),
        Kind::Json | Kind::Sitemap => Err("is no path: a path into the item begins with `$`".to_owned()),
    };
    if let Err(why) = &read {
        let suggestion = dollar(&text).filter(|_| kind == Kind::Json && !text.contains('{'));
        let fixed = format!("{}; a fixed text is written {{ text = \"…\" }}", expected(kind));
        problems.error(&value.place, format!("`{}` {why}", short(&text))).expected(fixed).suggest(suggestion);
    }
    read.ok()
}

/// Of texts with paragraphs the HTML is taken.
fn suited(choice: Choice, slot: Slot) -> Choice {
    match (slot, &choice.take) {
        (Slot::Content | Slot::Summary, Take::Text) => Choice { take: Take::Html, ..choice },
        _ => choice,
    }
}

fn told(value: &Value<'_>, slot: Slot, kind: Kind, problems: &mut Problems) -> Option<(From, Option<Regex>)> {
    let mut table = Table::inside(value, format!("`{}`", value.place.key), problems)?;
    let mut found = Vec::new();
    let text =
        table.value("text").map(|value| string(&value, problems).and_then(|text| template(&text, &value, problems)));
    found.extend(text.map(|text| text.map(From::Text)));
    if kind == Kind::Page {
        let attribute = table.read("attribute", problems, string);
        let whole = attribute.is_some() && table.value("select").is_none();
        let select = table.value("select").map(|value| super::selector(&value, problems));
        let select = select.map(|selector| selector.map(|selector| choice(Some(selector), attribute.clone(), slot)));
        found.extend(select.or_else(|| whole.then(|| Some(choice(None, attribute, slot)))));
    } else {
        found.extend(table.value("path").map(|value| super::path(&value, problems).map(From::Path)));
    }
    let cut = table.read("cut", problems, cut);
    table.finish(problems);
    if found.len() != 1 {
        problems.error(&value.place, "a field comes from one place").expected(expected(kind));
    }
    Some((found.into_iter().next()??, cut))
}

fn choice(selector: Option<Selector>, attribute: Option<String>, slot: Slot) -> From {
    let take = attribute.map_or(Take::Text, |name| Take::Attribute(name.to_lowercase()));
    From::Choice(suited(Choice { selector, take }, slot))
}

fn template(text: &str, value: &Value<'_>, problems: &mut Problems) -> Option<Template> {
    let read = Template::parse(text);
    if let Err(why) = &read {
        let problem = problems.error(&value.place, format!("`{}` {why}", short(text)));
        problem.expected("text such as \"https://example.org/a/{code}.html\"");
    }
    read.ok()
}
