//! What a body tells: its text, and its elements by what they mean. Reads the sanitiser's own output, in which every tag is
//! balanced and every attribute quoted, in one linear pass.

use super::words::{CLOSE, Words};
use crate::enrich::html::{attributes_of, split_tag};

/// Elements that stand within a line: white space around them counts as around characters. Beside all others it does not.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "mark", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike",
    "strong", "sub", "sup", "time", "track", "tt", "u", "var", "video", "wbr",
];
/// Elements without an end tag.
const VOID: [&str; 7] = ["br", "col", "hr", "img", "source", "track", "wbr"];
/// Elements that are seen without any text in them.
const SEEN: [&str; 3] = ["img", "audio", "video"];
/// Attributes that tell a reader nothing, and those whose presence is all they tell.
const SILENT: [&str; 4] = ["rel", "loading", "preload", "sizes"];
const PRESENT: [&str; 3] = ["controls", "open", "reversed"];

/// Tells a fragment.
pub fn tell(html: &str, words: &mut Words) {
    let (mut rest, mut verbatim) = (html, 0usize);
    while let Some((before, tag)) = rest.split_once('<') {
        text(before, verbatim > 0, words);
        let (tag, after) = split_tag(tag);
        match tag.strip_prefix('/') {
            Some(name) => {
                verbatim = verbatim.saturating_sub(usize::from(name == "pre"));
                beside(name, words);
                words.mark(CLOSE);
            }
            None => {
                let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                verbatim += usize::from(name == "pre");
                start(name, attributes, words);
            }
        }
        rest = after;
    }
    text(rest, verbatim > 0, words);
}

fn text(text: &str, verbatim: bool, words: &mut Words) {
    let text = html_escape::decode_html_entities(text);
    if verbatim { words.verbatim(&text) } else { words.characters(&text) }
}

fn start(name: &str, attributes: &str, words: &mut Words) {
    beside(name, words);
    // What is seen has the space before it told before it; a mere change of style lets it pass.
    if SEEN.contains(&name) {
        words.settle();
        words.thing();
    }
    words.begin(name);
    let given = attributes_of(attributes);
    let told = given.iter().filter(|(name, _)| !SILENT.contains(name));
    let told = told.map(|(name, value)| (*name, if PRESENT.contains(name) { "" } else { &**value }));
    words.attributes(told.collect());
    if VOID.contains(&name) {
        words.mark(CLOSE);
    }
}

fn beside(name: &str, words: &mut Words) {
    if !INLINE.contains(&name) {
        words.edge();
    }
}
