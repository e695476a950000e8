//! What is asked for beside the source's address: query, body, and further documents of the same list.

use super::{
    super::{
        problems::Problems,
        reader::{At, Table, Value, count, mistyped, string},
    },
    Kind, fields, short,
};
use crate::model::{Asked, From, Next, Slot, Spot, Template};
use toml::de::DeValue;

/// Documents of one list in one poll, at most.
const MOST_PAGES: usize = 50;
/// The same where the section does not say.
const PAGES: usize = 5;
/// Largest number of a first page.
const MOST_FIRST: usize = 1_000_000;
/// Query parameters.
const MOST_PARAMETERS: usize = 50;

/// What places of a request can stand for.
const PLACES: [&str; 6] = ["now", "now_ms", "today", "last_id", "page", "cursor"];

/// What is asked for, and how it goes on.
pub(super) struct Asking {
    pub asked: Asked,
    pub pages: usize,
    pub next: Option<Next>,
    pub cursor: Option<(From, Spot)>,
    pub first_page: usize,
}

pub(super) fn asked(section: &mut Table<'_>, kind: Kind, problems: &mut Problems) -> Option<Asking> {
    let pages = section.read_at("pages", problems, count(1..=MOST_PAGES));
    if kind == Kind::Sitemap {
        let pages = pages.map_or(PAGES, |pages| pages.value);
        return Some(Asking { asked: Asked::default(), pages, next: None, cursor: None, first_page: 1 });
    }
    let first_page = section.read("first_page", problems, count(0..=MOST_FIRST)).unwrap_or(1);
    let next = section.value("next").and_then(|value| next(&value, kind, problems));
    let cursor = section.value("cursor").and_then(|value| found(&value, kind, problems));
    let query = section.read("query", problems, query).unwrap_or_default();
    // JSON is full of braces.
    let body = section.read_at("body", problems, string);
    let body = body.map(|body| At { value: Template::around(&body.value, &PLACES), place: body.place });
    let content_type = section.read_at("content_type", problems, string);
    if let Some(idle) = content_type.as_ref().filter(|_| body.is_none()) {
        problems.error(&idle.place, "`content_type` without a `body`").expected("body = \"…\", which is sent by POST");
    }
    let asked_for = || query.iter().map(|(_, value)| value).chain(body.as_ref().map(|body| &body.value));
    let names = |place: &str| asked_for().any(|template| template.names(place));
    let next = next.or_else(|| (names("page") || names("cursor")).then_some(Next::Asked));
    let made_of_cursor = matches!(&next, Some(Next::Made(template)) if template.names("cursor")) || names("cursor");
    if made_of_cursor && cursor.is_none() {
        let problem = problems.error(&section.place, "`{cursor}` stands for nothing");
        problem.expected("cursor = \"$.data.next_cursor\", where the document says it");
    }
    if let Some(lonely) = pages.as_ref().filter(|pages| pages.value > 1 && next.is_none()) {
        let problem = problems.error(&lonely.place, "`pages` without a way to the next document");
        problem.expected("next = \"…\", or {page} or {cursor} in `query` or `body`");
    }
    let pages = pages.map_or(if next.is_some() { PAGES } else { 1 }, |pages| pages.value);
    let kind_of_body = content_type.map_or_else(|| "application/json".to_owned(), |kind| kind.value);
    let post = body.map(|body| (body.value, kind_of_body));
    Some(Asking { asked: Asked { query, post }, pages, next, cursor, first_page })
}

/// The next document's address: found in the document, or made.
fn next(value: &Value<'_>, kind: Kind, problems: &mut Problems) -> Option<Next> {
    let made = matches!(value.found, DeValue::String(text) if text.contains('{'));
    if !made {
        return found(value, kind, problems).map(|(from, spot)| Next::Found(from, spot));
    }
    let template = template(value, problems)?;
    if !template.names("page") && !template.names("cursor") {
        let problem = problems.error(&value.place, "the next document would be the same one");
        problem.expected("an address with {page} or {cursor} in it");
    }
    Some(Next::Made(template))
}

fn found(value: &Value<'_>, kind: Kind, problems: &mut Problems) -> Option<(From, Spot)> {
    let (from, cut) = fields::drawn(value, Slot::Link, kind, problems)?;
    if cut.is_some() || matches!(from, From::Text(_)) {
        problems.error(&value.place, "nothing is cut or made here").expected("only where it stands in the document");
    }
    Some((from, problems.spot_of(&value.place)))
}

fn query(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<(String, Template)>> {
    let DeValue::Table(_) = value.found else {
        return mistyped(&value.place, value.found, "a table such as { t = \"{now}\" }", problems);
    };
    let mut table = Table::inside(value, "`query`".to_owned(), problems)?;
    let pairs: Vec<(At<String>, Value<'_>)> = table.pairs();
    if pairs.len() > MOST_PARAMETERS {
        problems.error(&value.place, format!("more than {MOST_PARAMETERS} parameters"));
    }
    Some(pairs.into_iter().filter_map(|(name, value)| Some((name.value, template(&value, problems)?))).collect())
}

/// Text with places that a request fills.
fn template(value: &Value<'_>, problems: &mut Problems) -> Option<Template> {
    let text = string(value, problems)?;
    let expected = || format!("text, with any of {{{}}}", PLACES.join("}, {"));
    let template = match Template::parse(&text) {
        Ok(template) => template,
        Err(why) => {
            problems.error(&value.place, format!("`{}` {why}", short(&text))).expected(expected());
            return None;
        }
    };
    let unknown = template.places().find(|name| !PLACES.contains(name)).map(str::to_owned);
    let unknown = unknown.or_else(|| template.has_paths().then(|| "$…".to_owned()));
    let Some(name) = unknown else { return Some(template) };
    let meant = super::super::nearest::nearest(&name, PLACES);
    let problem = problems.error(&value.place, format!("`{{{name}}}` stands for nothing in a request"));
    problem.expected(expected()).suggest(meant);
    None
}
