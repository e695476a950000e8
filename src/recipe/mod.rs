//! Documents that are no feeds, read by an operator's recipe: JSON lists, pages, sitemaps → what a feed would say. Pure. A
//! document in which nothing is found says what was looked for, where that is written, and what there is instead.

/// What is asked for.
mod request;

/// One field after another, whatever the document is.
mod item;

/// JSON, and what it is wrapped in.
mod json;

/// Pages.
mod page;

/// Sitemaps.
mod sitemap;

/// Items → entries.
mod assemble;

/// What was found and what was not, in words.
mod findings;

/// A recipe for whoever has none yet.
mod propose;

/// The text of one article.
pub mod detail;

#[cfg(test)]
mod tests;

pub use findings::{Findings, Missed};
pub use item::Item;
pub use propose::{Proposed, propose};
pub use request::{Moment, Request, Turn, encoded, first, further};

use crate::{
    fetch::{Body, Page, charset},
    model::{Failure, FailureKind, Form, ParsedFeed, Recipe, Source, Time},
    parse,
};
use chrono_tz::Tz;
use url::Url;

/// What a document gave.
#[derive(Clone, Debug)]
pub struct Harvest {
    /// What a feed would say.
    pub feed: ParsedFeed,
    /// What each item holds, as it stands there.
    pub items: Vec<Item>,
    /// What was found and what was not.
    pub findings: Findings,
    /// Of which kinds of elements an item of a page is made, with some of its words.
    pub kinds: Vec<(String, String)>,
    /// Further documents of the same list.
    pub further: Vec<Turn>,
    /// An index that does not say when what it lists changed: an equal one says nothing.
    pub opaque: bool,
}

impl Harvest {
    /// Of a document that is a feed.
    fn of_feed(feed: ParsedFeed) -> Harvest {
        let (items, findings, further) = (Vec::new(), Findings::default(), Vec::new());
        Harvest { feed, items, findings, kinds: Vec::new(), further, opaque: false }
    }
}

impl<'a> Place<'a> {
    /// The first document of a source, with nothing known.
    pub fn first(source: &'a Source, now: Time) -> Place<'a> {
        Place { number: 1, source: source.url(), before: None, now, zone: source.timezone }
    }
}

/// Where a document stands among those of its list, and when.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// The address that was asked, unless it is a file: further documents are of its origin.
    pub source: Option<&'a Url>,
    /// When the source was last read, if it was.
    pub before: Option<Time>,
    /// The time.
    pub now: Time,
    /// The source's zone.
    pub zone: Option<Tz>,
}

/// Reads a source's document: as a feed, or by its recipe.
///
/// Errors: those of [`read`] and of [`parse::parse`].
pub fn of_source(page: &Page, source: &Source, place: &Place<'_>) -> Result<Harvest, Failure> {
    match &source.recipe {
        Some(recipe) => read(page, recipe, place),
        None => parse::parse(page).map(Harvest::of_feed),
    }
}

/// Reads a document by a recipe.
///
/// Errors: [`Failure`] of kind `NotAFeed` for another kind of document than was promised (a login page among them), of kind
/// `Layout` where the recipe finds nothing in it.
pub fn read(page: &Page, recipe: &Recipe, place: &Place<'_>) -> Result<Harvest, Failure> {
    let Body::Document(bytes) = &page.body else {
        return Err(Failure::new(FailureKind::NotAFeed, "a folder of posts is not read by a recipe"));
    };
    let decoded = charset::decode(bytes, page.content_type.as_deref());
    let base = page.base.as_deref().and_then(|base| Url::parse(base).ok());
    let base = base.as_ref().or(place.source);
    let document = Document { text: &decoded.text, base, from: page.address.as_ref(), recipe, place };
    let read = match &recipe.form {
        Form::Json { items, spot, strip } => json::read(&document, items, spot, strip.as_ref()),
        Form::Page { items, spot } => page::read(&document, items, spot),
        Form::Sitemap => sitemap::read(&document),
    };
    // What a document holds is quoted in it.
    let mut harvest = read.map_err(|failure| Failure { message: findings::line(&failure.message), ..failure })?;
    harvest.feed.notes.splice(0..0, decoded.notes);
    // The first document of a list shows whether the recipe fits.
    if place.number == 1 {
        harvest.feed.notes.extend(harvest.findings.notes());
    }
    Ok(harvest)
}

/// A document, decoded, and how it is to be read.
struct Document<'a> {
    text: &'a str,
    base: Option<&'a Url>,
    /// Who answered.
    from: Option<&'a Url>,
    recipe: &'a Recipe,
    place: &'a Place<'a>,
}

/// A document of another kind than was promised.
fn no(what: &str, text: &str, base: Option<&Url>) -> Failure {
    Failure::new(FailureKind::NotAFeed, format!("{what}: {}", findings::what_it_is(text, base)))
}
