//! How much is read of one document: each bound has a name here, and everything else in `parse` obeys it.

use url::Url;

/// Elements inside elements. feed-rs recurses, and a stack that overflows takes the process with it.
pub const DEPTH: usize = 100;
/// Elements and runs of text in one document.
pub const NODES: usize = 600_000;
/// Tags and runs of text in one document, those that become no element included: outside the root, unmatched, too deep.
pub const TOKENS: usize = 3 * NODES;
/// Attributes looked at on one element.
pub const ATTRIBUTES: usize = 64;
/// Namespace declarations in scope at once.
pub const PREFIXES: usize = 256;
/// Elements with a base or language of their own.
pub const SCOPES: usize = 10_000;
/// Bytes of a title, a subtitle, a statement of rights. There are feeds whose whole text is the title.
pub const TITLE: usize = 128 * 1024;
/// Bytes of a name, an id, a term: anything that is one line.
pub const LINE: usize = 4 * 1024;
/// Bytes of a URL.
pub const URL: usize = 8 * 1024;
/// Bytes of a path that references are resolved against: each of them grows by it.
pub const BASE: usize = 512;
/// Bytes of a language tag.
pub const LANGUAGE: usize = 100;
/// Bytes of a summary or body.
pub const BODY: usize = 2 * 1024 * 1024;
/// Persons, tags, links, enclosures, hubs of one entry or feed: this many of each.
pub const EACH: usize = 100;
/// Elements of other vocabularies kept of one entry or feed, children included.
pub const EXTENSIONS: usize = 200;
/// Nesting of those.
pub const EXTENSION_DEPTH: usize = 6;
/// Notes kept of one document.
pub const NOTES: usize = 20;

/// Cuts at a character's boundary.
pub fn cap(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let mut end = bytes;
        while end > 0 && !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

/// Whether a text is as long as a bound lets it be: `cap` has cut it.
pub fn is_cut(text: &str, bytes: usize) -> bool {
    // A character has four bytes at most.
    text.len() <= bytes && text.len() + 4 > bytes
}

/// Whether an address may serve as a base.
pub fn is_base(url: &Url) -> bool {
    url.path().len() <= BASE
}
