//! What the parts of an edition tell, as bytes that are equal when they tell the same. Pure, linear in what it reads.

use super::markup;
use crate::{
    identify::{canonical_link, is_tracking},
    model::{Element, Enclosure, Link, Person, Tag, Text, TextKind},
};
use twox_hash::XxHash3_64;

/// Ends a part. Text cannot hold it (nor any other control character but tab and line feed), so parts cannot run together.
const END: u8 = 0;
/// Begins an element.
const TAG: u8 = 1;
/// Begins an attribute.
const ATTRIBUTE: u8 = 2;
/// Ends an element.
pub const CLOSE: u8 = 3;

const MEDIA: &str = "http://search.yahoo.com/mrss/";
/// Vocabularies that count readers' doings: a new comment is no correction of the article.
const COUNTERS: [&str; 2] = ["http://purl.org/rss/1.0/modules/slash/", "http://purl.org/syndication/thread/1.0"];
/// The same inside Media RSS: views and stars.
const MEDIA_COUNTERS: [&str; 3] = ["community", "statistics", "starRating"];

/// What was told so far. White space waits until something follows it, so that none counts at the edges of a text.
#[derive(Default)]
pub struct Words {
    bytes: Vec<u8>,
    gap: bool,
    filled: bool,
}

impl Words {
    /// Hash of what is told.
    pub fn hash(tell: impl FnOnce(&mut Words)) -> u64 {
        let mut words = Words::default();
        tell(&mut words);
        XxHash3_64::oneshot(&words.bytes)
    }

    /// A text construct. Plain text tells what the same characters in HTML tell.
    pub fn text(&mut self, text: Option<&Text>) {
        match text {
            Some(Text { kind: TextKind::Html, value, .. }) => markup::tell(value, self),
            Some(text) => self.characters(&text.value),
            None => {}
        }
        self.end();
    }

    /// Characters alone.
    pub fn plain(&mut self, text: Option<&str>) {
        self.characters(text.unwrap_or_default());
        self.end();
    }

    /// A name in which case does not count (media types, languages).
    pub fn name(&mut self, text: Option<&str>) {
        self.plain(text.map(str::to_ascii_lowercase).as_deref());
    }

    /// An address: without scheme, tracking and the case of its host.
    pub fn address(&mut self, address: Option<&str>) {
        self.plain(address.map(told_address).as_deref());
    }

    /// People, in their order.
    pub fn people(&mut self, people: &[Person]) {
        for person in people {
            self.plain(Some(&person.name));
            self.plain(person.email.as_deref());
            self.address(person.uri.as_deref());
        }
    }

    /// Items whose order and repetition mean nothing.
    pub fn set<T>(&mut self, items: &[T], tell: impl Fn(&mut Words, &T)) {
        let one = |item: &T| {
            let mut words = Words::default();
            tell(&mut words, item);
            words.bytes
        };
        let mut told: Vec<_> = items.iter().map(one).collect();
        told.sort_unstable();
        told.dedup();
        // Every item has the same number of parts, each ended.
        self.bytes.extend(told.concat());
    }

    /// A tag.
    pub fn tag(&mut self, tag: &Tag) {
        self.plain(Some(&tag.term));
        self.address(tag.scheme.as_deref());
        self.plain(tag.label.as_deref());
    }

    /// An attached file.
    pub fn enclosure(&mut self, file: &Enclosure) {
        self.address(Some(&file.url));
        self.name(file.media_type.as_deref());
        self.number(file.length);
        self.plain(file.title.as_deref());
        self.number(file.duration);
    }

    /// A link.
    pub fn link(&mut self, link: &Link) {
        self.address(Some(&link.href));
        self.name(Some(&link.rel));
        self.name(link.media_type.as_deref());
        self.name(link.hreflang.as_deref());
        self.plain(link.title.as_deref());
        self.number(link.length);
    }

    /// Elements: attributes in any order, children of different names in any order, no counters.
    pub fn elements(&mut self, elements: &[Element]) {
        let counts = |element: &Element| {
            COUNTERS.contains(&element.namespace.as_str())
                || element.namespace == MEDIA && MEDIA_COUNTERS.contains(&element.name.as_str())
        };
        let mut telling: Vec<_> = elements.iter().filter(|element| !counts(element)).collect();
        telling.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        for element in telling {
            self.mark(TAG);
            self.plain(Some(&element.namespace));
            self.plain(Some(&element.name));
            self.attributes(element.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect());
            // Bounded by `parse`, and in an import by the depth that is read.
            self.plain(Some(&element.text));
            self.elements(&element.children);
            self.mark(CLOSE);
        }
    }

    /// Attributes, in the order of their names. White space that waits goes past them.
    pub fn attributes(&mut self, mut attributes: Vec<(&str, &str)>) {
        attributes.sort_unstable();
        let mut words = Words::default();
        for (name, value) in attributes {
            words.mark(ATTRIBUTE);
            words.plain(Some(name));
            match name {
                "href" | "src" | "poster" | "cite" | "url" | "resource" => words.address(Some(value)),
                "srcset" => value.split(", ").for_each(|candidate| {
                    let (address, size) = candidate.split_once(' ').unwrap_or((candidate, ""));
                    words.address(Some(address));
                    words.plain(Some(size));
                }),
                "lang" | "hreflang" | "srclang" | "type" | "medium" => words.name(Some(value)),
                _ => words.plain(Some(value)),
            }
        }
        self.bytes.extend(words.bytes);
    }

    fn number(&mut self, number: Option<u64>) {
        self.plain(number.map(|number| number.to_string()).as_deref());
    }

    /// Characters in which every run of white space is one space, and none at the edges.
    pub fn characters(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                c if c.is_whitespace() => self.gap = true,
                c if is_nothing(c) => {}
                c => {
                    self.settle();
                    self.push(c);
                }
            }
        }
    }

    /// Characters in which white space counts.
    pub fn verbatim(&mut self, text: &str) {
        let lines = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_nothing(*c));
        lines.for_each(|c| self.push(c));
        self.gap = false;
    }

    /// White space around here does not count.
    pub fn edge(&mut self) {
        (self.gap, self.filled) = (false, false);
    }

    /// White space that waited is told if it stands between two things.
    pub fn settle(&mut self) {
        if self.gap && self.filled {
            self.bytes.push(b' ');
        }
        self.gap = false;
    }

    /// A mark that no text holds. White space that waits goes past it.
    pub fn mark(&mut self, mark: u8) {
        self.bytes.push(mark);
    }

    /// The beginning of a tag.
    pub fn begin(&mut self, name: &str) {
        self.mark(TAG);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(END);
    }

    /// A thing that is no character but stands between characters.
    pub fn thing(&mut self) {
        self.filled = true;
    }

    fn push(&mut self, c: char) {
        self.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.filled = true;
    }

    fn end(&mut self) {
        self.edge();
        self.bytes.push(END);
    }
}

/// Characters that show nothing: controls, zero-width spaces, soft hyphens, byte order marks.
fn is_nothing(c: char) -> bool {
    c.is_control() || matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The canonical link with its fragment, unless that is tracking too. Other schemes than those of the web stay as they are.
fn told_address(address: &str) -> String {
    let address = address.trim();
    let web = address
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    if !web {
        return address.to_owned();
    }
    let fragment = address.split_once('#').map_or("", |(_, fragment)| fragment);
    let name = fragment.split('=').next().unwrap_or_default();
    let told = if fragment.is_empty() || is_tracking(name) { "" } else { fragment };
    let mark = if told.is_empty() { "" } else { "#" };
    format!("{}{mark}{told}", canonical_link(address))
}
