//! Bytes → what a document says. The only place that knows feed-rs; bounded in depth, size and count before any parser runs.

mod sniff;

mod xml;

mod document;

mod base;

mod info;

mod rare;

mod entry;

mod upstream;

mod tombstones;

mod text;

mod opml;

mod paragraphs;

mod persons;

mod shared;

mod slot;

mod urls;

mod json;

mod posts;

mod frontmatter;

pub(crate) mod sitemap;

mod limits;

pub(crate) mod said;

#[cfg(test)]
mod tests;

pub(crate) use text::{holds_html, is_html_element};

use crate::{
    fetch::{Body, Page, charset, discover},
    model::{Failure, FailureKind, ParsedEntry, ParsedFeed, Text},
};
pub use opml::{Opml, Outline, opml};
use sniff::Kind;
use url::Url;

/// Entries read from one document at most (folders of posts are not bounded by this).
pub const MAX_ENTRIES: usize = 1_000;

/// Reads a fetched page. A damaged entry is left out and noted; only a document that is no feed is an error.
///
/// Errors: [`Failure`] of kind `NotAFeed`, saying what the document is instead and what to do.
pub fn parse(page: &Page) -> Result<ParsedFeed, Failure> {
    match &page.body {
        Body::Posts(files) => Ok(posts::read(files)),
        Body::Document(bytes) => {
            let decoded = charset::decode(bytes, page.content_type.as_deref());
            let base = page.base.as_deref().and_then(|base| Url::parse(base).ok()).filter(limits::is_base);
            let mut parsed = document(&decoded.text, base.as_ref())?;
            parsed.notes.splice(0..0, decoded.notes);
            Ok(parsed)
        }
    }
}

/// True of an HTML page that names no feed.
pub fn is_page_without_feeds(page: &Page) -> bool {
    let Body::Document(bytes) = &page.body else { return false };
    let decoded = charset::decode(bytes, page.content_type.as_deref());
    let base = page.base.as_deref().and_then(|base| Url::parse(base).ok());
    sniff::kind(&decoded.text) == Kind::Html && discover::named(&decoded.text, base.as_ref()).is_empty()
}

/// JSON of whatever kind, mended where it is broken: what it is, what was mended, whether its end is missing.
pub(crate) fn json_value(text: &str) -> Result<(serde_json::Value, Vec<String>, bool), Failure> {
    json::value(text)
}

/// Whether a text is a page.
pub(crate) fn is_page(text: &str) -> bool {
    // A fragment, as some servers send, has tags but no root.
    sniff::kind(text) == Kind::Html || (sniff::kind(text) == Kind::Text && holds_html(text))
}

/// What a document is that is not what was promised, in words.
pub(crate) fn what_it_is(text: &str, base: Option<&Url>) -> String {
    match sniff::kind(text) {
        Kind::Html => "an HTML page".to_owned(),
        Kind::Json => "JSON".to_owned(),
        Kind::Xml => format!("XML, beginning with `{}`", sniff::short(text)),
        kind => sniff::explain(&kind, text, base),
    }
}

/// A post of that file name, as another's tests read it.
#[cfg(test)]
pub(crate) fn read_post(name: &str, text: &str) -> ParsedEntry {
    let file = crate::fetch::PostFile { path: name.into(), bytes: Default::default() };
    posts::read_text(&file, text).entries.pop().unwrap()
}

/// The feeds that an HTML page names, the most likely first; none of anything else.
pub fn named_feeds(page: &Page) -> Vec<Url> {
    let Body::Document(bytes) = &page.body else { return Vec::new() };
    let decoded = charset::decode(bytes, page.content_type.as_deref());
    let base = page.base.as_deref().and_then(|base| Url::parse(base).ok());
    if sniff::kind(&decoded.text) != Kind::Html {
        return Vec::new();
    }
    discover::named(&decoded.text, base.as_ref()).iter().filter_map(|url| Url::parse(url).ok()).collect()
}

/// Reads decoded text.
fn document(text: &str, base: Option<&Url>) -> Result<ParsedFeed, Failure> {
    let mut parsed = match sniff::kind(text) {
        Kind::Json => json::read(text, base),
        Kind::Xml => document::read(text, base),
        other => Err(Failure::new(FailureKind::NotAFeed, sniff::explain(&other, text, base))),
    }?;
    let cut = parsed.entries.iter().filter(|entry| is_cut(entry)).count();
    if cut > 0 {
        parsed.notes.push(format!("{cut} entries with a text too long to keep whole: cut"));
    }
    Ok(parsed)
}

fn is_cut(entry: &ParsedEntry) -> bool {
    let text = |text: &Option<Text>, bytes| text.as_ref().is_some_and(|text| limits::is_cut(&text.value, bytes));
    text(&entry.title, limits::TITLE)
        || text(&entry.content, limits::BODY)
        || text(&entry.summary, limits::BODY)
        || entry.id.as_deref().is_some_and(|id| limits::is_cut(id, limits::LINE))
}
