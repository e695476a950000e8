//! How much is read of one document: each bound has a name here, and everything else in `parse` obeys it.

/// Elements inside elements. feed-rs recurses, and a stack that overflows takes the process with it.
pub const DEPTH: usize = 100;
/// Elements and runs of text in one document.
pub const NODES: usize = 600_000;
/// Attributes looked at on one element.
pub const ATTRIBUTES: usize = 64;
/// Namespace declarations in scope at once.
pub const PREFIXES: usize = 256;
/// Bytes of a title, a name, an id, a term: anything that is one line.
pub const LINE: usize = 4 * 1024;
/// Bytes of a URL.
pub const URL: usize = 8 * 1024;
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
