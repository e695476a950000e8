//! Text constructs: what an element says, and whether it says it in HTML or in plain characters.

use super::{
    limits, paragraphs,
    xml::{self, Id, Ns, Tree},
};
use crate::model::{Text, TextKind};
use std::{collections::HashSet, sync::LazyLock};

/// A title or rights line of any vocabulary.
pub fn line(tree: &Tree, id: Id) -> Option<Text> {
    read(tree, id, limits::TITLE)
}

/// A summary or body of any vocabulary.
pub fn body(tree: &Tree, id: Id) -> Option<Text> {
    read(tree, id, limits::BODY)
}

/// Plain characters of one line: names, terms, ids.
pub fn words(tree: &Tree, id: Id) -> Option<String> {
    let text = tree.text(id);
    let text = text.trim();
    (!text.is_empty()).then(|| limits::cap(text.to_owned(), limits::LINE))
}

/// Characters that hold markup or references are HTML, all others are plain. This is how RSS and JSON titles are read,
/// which have no way to say what they are.
pub fn sniffed(value: String) -> Text {
    if holds_html(&value) { Text::html(value) } else { Text::plain(value) }
}

fn read(tree: &Tree, id: Id, bytes: usize) -> Option<Text> {
    let mut text = match tree.name(id).0 {
        Ns::Atom => atom(tree, id),
        Ns::Content => Text::html(markup_or_text(tree, id)),
        Ns::Xhtml => Text::html(tree.inner_html(id)),
        Ns::Media => media(tree, id),
        _ => rss(tree, id),
    };
    let trimmed = text.value.trim();
    if trimmed.len() != text.value.len() {
        text.value = trimmed.to_owned();
    }
    text.value = limits::cap(text.value, bytes);
    if text.value.is_empty() {
        return None;
    }
    if text.kind == TextKind::Html {
        if bytes == limits::BODY && is_sniffed(tree, id) {
            text.value = paragraphs::kept(text.value);
        }
        text.base = tree.base(id).map(|base| base.to_string());
    }
    Some(text)
}

fn markup_or_text(tree: &Tree, id: Id) -> String {
    if tree.has_elements(id) { tree.inner_html(id) } else { tree.text(id).into_owned() }
}

/// RSS says nothing about kinds, except by the `type` and `mode` that some borrow from Atom.
fn rss(tree: &Tree, id: Id) -> Text {
    if tree.has_elements(id) {
        return Text::html(unwrapped(tree, id));
    }
    match tree.attribute(id, "type").as_deref() {
        Some("text/plain" | "plain") => Text::plain(tree.text(id)),
        Some("text/html" | "html" | "application/xhtml+xml" | "xhtml") => Text::html(tree.text(id)),
        _ => sniffed(tree.text(id).into_owned()),
    }
}

/// Whether only its characters tell that an element holds HTML.
fn is_sniffed(tree: &Tree, id: Id) -> bool {
    let says = matches!(tree.name(id).0, Ns::Atom | Ns::Content | Ns::Xhtml);
    !says && tree.attribute(id, "type").is_none() && !tree.has_elements(id)
}

fn media(tree: &Tree, id: Id) -> Text {
    match tree.attribute(id, "type").as_deref() {
        Some("html") => Text::html(markup_or_text(tree, id)),
        _ => rss(tree, id),
    }
}

/// RFC 4287 §3.1 and §4.1.3; the `mode` of Atom 0.3 (§3.1.2 there).
fn atom(tree: &Tree, id: Id) -> Text {
    let said = tree.attribute(id, "type").unwrap_or_default().to_ascii_lowercase();
    let said = said.split(';').next().unwrap_or_default().trim();
    let mode = tree.attribute(id, "mode").unwrap_or_default().to_ascii_lowercase();
    if tree.has_elements(id) {
        return Text::html(if said == "xhtml" || said.ends_with("xhtml+xml") || mode == "xml" || said.is_empty() {
            unwrapped(tree, id)
        } else {
            tree.inner_html(id)
        });
    }
    let text = tree.text(id);
    match said {
        _ if mode == "base64" => decoded(&text, said != "text/plain"),
        "xhtml" => Text::html(tree.inner_html(id)),
        "" | "text" | "plain" | "text/plain" => Text::plain(text),
        "html" | "text/html" | "application/xhtml+xml" | "application/html+xml" => Text::html(text),
        _ if said.ends_with("+xml") || said.ends_with("/xml") => Text::html(text),
        _ if said.starts_with("text/") => Text::plain(text),
        // Bytes of no stated kind may well be HTML; those of a stated one are shown as what they are.
        _ if said.contains('/') => decoded(&text, said.ends_with("octet-stream")),
        _ => sniffed(text.into_owned()),
    }
}

/// The media type of content that is no text (RFC 4287 §4.1.3.3): base64 that decodes to no characters, drawings.
pub fn foreign(tree: &Tree, id: Id) -> Option<String> {
    let said = tree.attribute(id, "type")?.to_ascii_lowercase();
    let said = said.split(';').next().unwrap_or_default().trim();
    let readable =
        said.starts_with("text/") || said.ends_with("xml") && said != "image/svg+xml" || said.ends_with("html");
    if readable || !said.contains('/') {
        return None;
    }
    let text = tree.text(id);
    let characters = || base64(&text).and_then(|bytes| String::from_utf8(bytes).ok());
    let binary = said.starts_with("image/") || (!text.trim().is_empty() && characters().is_none());
    (binary && (tree.has_elements(id) || !text.trim().is_empty())).then(|| limits::cap(said.to_owned(), 100))
}

/// What stands inside the one `<div>` that wraps XHTML (RFC 4287 §3.1.1.3: it is no part of the text), or inside `<body>`.
fn unwrapped(tree: &Tree, id: Id) -> String {
    let mut inside = tree.elements(id);
    let only = inside.next().filter(|_| inside.next().is_none());
    match only {
        Some(div) if tree.own_text(id).trim().is_empty() && matches!(tree.name(div).1, "div" | "body") => {
            tree.inner_html(div)
        }
        _ => tree.inner_html(id),
    }
}

/// Base64 of text (RFC 4287 §4.1.3.3); what does not decode to characters stays as it was written.
fn decoded(text: &str, html: bool) -> Text {
    match base64(text).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(plain) if html => sniffed(plain),
        Some(plain) => Text::plain(plain),
        None => sniffed(text.to_owned()),
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// Whether characters hold a tag of HTML, a comment, or a reference HTML knows. `<tag>` of no HTML is text.
pub fn holds_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Looked for once: looking for the end of each `<` would be quadratic where there is none.
    let last = memchr::memrchr(b'>', bytes).unwrap_or(0);
    memchr::memchr2_iter(b'<', b'&', bytes).any(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        if bytes.get(at) == Some(&b'&') { begins_reference(rest) } else { begins_tag(rest, at < last) }
    })
}

fn begins_tag(rest: &str, ends: bool) -> bool {
    if rest.starts_with("!--") || rest.starts_with("![CDATA[") {
        return true;
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let end = name.bytes().take(16).position(|b| !b.is_ascii_alphanumeric()).unwrap_or(0);
    let (name, after) = name.split_at(end);
    ends && end > 0
        && after.starts_with(['>', ' ', '/', '\n', '\t', '\r'])
        && is_html_element(&name.to_ascii_lowercase())
}

fn begins_reference(rest: &str) -> bool {
    let Some(end) = rest.bytes().take(34).position(|b| b == b';') else {
        return false;
    };
    let name = rest.get(..end).unwrap_or_default();
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => xml::named(name).is_some(),
    }
}

const ELEMENTS: &str = " a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br \
 button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset \
 figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend \
 li link main map mark marquee math menu meta meter nav nobr noframes noscript object ol optgroup option output p param picture \
 plaintext pre progress q rp rt ruby s samp script section select small source span strike strong style sub summary sup svg table \
 tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp ";

/// Whether HTML has, or ever had, an element of that lower-case name.
pub fn is_html_element(name: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| ELEMENTS.split_whitespace().collect());
    KNOWN.contains(name)
}
