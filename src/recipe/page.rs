//! A page that lists things: its items by a selector, their fields by selectors inside them.

use super::{
    Document, Harvest, Item,
    assemble::assemble,
    findings::{self, Findings},
    request::after,
};
use crate::{
    css::{self, Choice, Selector},
    enrich::html,
    model::{Failure, FailureKind, FeedInfo, From, Next, SourceFormat, Spot, Text},
    parse,
};

/// Reads the page.
pub(super) fn read(document: &Document<'_>, items: &Selector, spot: &Spot) -> Result<Harvest, Failure> {
    let recipe = document.recipe;
    if !parse::is_page(document.text) {
        return Err(super::no("a page was promised, but this is something else", document.text, document.base));
    }
    let layout = |message: String| Failure::new(FailureKind::Layout, message);
    let html = html::bounded(document.text).ok_or_else(|| {
        layout("the page has too many elements, or they stand too deep in each other, to be read".to_owned())
    })?;
    let choices: Vec<&Choice> = recipe.fields.iter().filter_map(|drawn| choice(&drawn.from)).collect();
    let places: Vec<Option<usize>> = {
        let mut next = 0..;
        recipe.fields.iter().map(|drawn| choice(&drawn.from).and_then(|_| next.next())).collect()
    };
    let wanted = match (&recipe.next, &recipe.cursor) {
        (Some(Next::Found(from, _)), _) | (_, Some((from, _))) => choice(from),
        _ => None,
    };
    let rows = css::rows(&html, items, &choices, wanted, parse::MAX_ENTRIES)
        .map_err(|why| layout(format!("{spot}: {why}")))?;
    if rows.rows.is_empty() {
        return Err(layout(findings::no_items_on_page(items, spot, &html, document.text)));
    }
    let base = rows.base.as_deref().and_then(|said| document.base?.join(said).ok());
    let base = base.as_ref().or(document.base);
    let values = |row: &Vec<Vec<String>>, at: usize| {
        places.get(at).copied().flatten().and_then(|place| row.get(place)).cloned().unwrap_or_default()
    };
    let drawn: Vec<Item> =
        rows.rows.iter().map(|row| Item::draw(&recipe.fields, |at, _| values(row, at), |_| None)).collect();
    let findings = Findings::of(recipe, &drawn, &|_| findings::kinds(&rows.kinds));
    findings.judge()?;
    let mut notes = Vec::new();
    if rows.beyond > 0 {
        notes.push(format!("{} items beyond {} were not read", rows.beyond, parse::MAX_ENTRIES));
    }
    let further = after(document, base, |_| rows.next.clone());
    let further = further.unwrap_or_else(|why| {
        notes.push(why);
        None
    });
    let info = FeedInfo {
        title: title(document.text).map(Text::plain),
        home: document.base.map(|base| base.to_string()),
        ..FeedInfo::default()
    };
    let mut feed = assemble(document, SourceFormat::Page, info, &drawn, base);
    feed.notes.splice(0..0, notes);
    Ok(Harvest {
        feed,
        items: drawn,
        findings,
        kinds: rows.kinds,
        further: further.into_iter().collect(),
        opaque: false,
    })
}

fn choice(from: &From) -> Option<&Choice> {
    match from {
        From::Choice(choice) => Some(choice),
        From::Path(_) | From::Text(_) => None,
    }
}

/// What the page calls itself.
fn title(html: &str) -> Option<String> {
    let at = memchr::memmem::find(html.as_bytes(), b"<title")
        .or_else(|| memchr::memmem::find(html.as_bytes(), b"<TITLE"))?;
    let inside = html.get(at..)?.split_once('>')?.1;
    let words = html_escape::decode_html_entities(inside.split('<').next()?).into_owned();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(words.chars().take(200).collect()).filter(|title: &String| !title.is_empty())
}
