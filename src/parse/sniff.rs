//! What kind of document this is, told by its own first characters; the media type a server claims is not believed.

use crate::fetch::discover;
use url::Url;

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Json,
    Xml,
    Html,
    Opml,
    Text,
    Empty,
}

/// How far into a document its outermost element is looked for.
const LOOK: usize = 64 * 1024;

/// Tells a feed from what is served in its place.
pub fn kind(text: &str) -> Kind {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    if text.is_empty() {
        return Kind::Empty;
    }
    if text.starts_with('{') || text.starts_with('[') {
        return Kind::Json;
    }
    let Some(name) = roots(text).find(|name| is_root(name)) else {
        return if text.starts_with("<?xml") { Kind::Xml } else { Kind::Text };
    };
    match name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase().as_str() {
        "html" | "head" | "body" | "!doctype html" => Kind::Html,
        "opml" => Kind::Opml,
        _ => Kind::Xml,
    }
}

fn is_root(name: &str) -> bool {
    const ROOTS: [&str; 7] = ["rss", "rdf", "feed", "channel", "entry", "html", "opml"];
    // Other vocabularies have a head and a body as well (SOAP), under a prefix.
    const OF_PAGES: [&str; 3] = ["head", "body", "!doctype html"];
    let name = name.to_ascii_lowercase();
    OF_PAGES.contains(&name.as_str()) || ROOTS.contains(&name.rsplit(':').next().unwrap_or(&name))
}

/// Where the outermost element of a feed begins, behind elements that are none of its own (a script's warning in HTML).
pub fn feed_at(text: &str) -> Option<usize> {
    let local = |name: &str| name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
    let name = roots(text).find(|name| matches!(local(name).as_str(), "rss" | "rdf" | "feed" | "channel"))?;
    // The name is a piece of the text: how far in tells where its `<` stands.
    (name.as_ptr() as usize).checked_sub(text.as_ptr() as usize + 1)
}

/// Names of the start tags near the beginning, comments left out; `!doctype html` for itself.
fn roots(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = super::sniff::head(text, LOOK);
    std::iter::from_fn(move || {
        loop {
            let at = memchr::memchr(b'<', rest.as_bytes())?;
            rest = rest.get(at + 1..)?;
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.get(memchr::memmem::find(comment.as_bytes(), b"-->")? + 3..)?;
                continue;
            }
            if rest.get(..13).is_some_and(|word| word.eq_ignore_ascii_case("!doctype html")) {
                return rest.get(..13);
            }
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<')).unwrap_or(rest.len());
            let name = rest.get(..end)?;
            if name.starts_with(char::is_alphabetic) {
                return Some(name);
            }
        }
    })
}

/// The first bytes of a text, cut at a character.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// What the operator is told about a document that is no feed.
pub fn explain(kind: &Kind, text: &str, base: Option<&Url>) -> String {
    match kind {
        Kind::Empty => "the document is empty".to_owned(),
        Kind::Opml => {
            "an OPML document: this is a list of feeds, not a feed; import it with `syndic import opml`".to_owned()
        }
        Kind::Html => html(text, base),
        Kind::Text | Kind::Json | Kind::Xml => format!("no feed: it begins with `{}`", short(text)),
    }
}

fn html(text: &str, base: Option<&Url>) -> String {
    let feeds = discover::named(text, base);
    if feeds.is_empty() {
        return "an HTML page, not a feed, and it names no feed of its own: `syndic preview` of its address tries the common places"
            .to_owned();
    }
    format!("an HTML page, not a feed; put one of its feeds in feeds.toml: {}", feeds.join(", "))
}

/// The first words of something unknown, fit for one line of a log.
pub fn short(text: &str) -> String {
    let line: String = text.trim().chars().take(60).collect();
    line.escape_debug().to_string()
}
