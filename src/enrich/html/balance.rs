//! A linear pass before the HTML parser, whose own cost grows with the square of depth, of attributes in one tag, and of tags.
//! What leaves here nests no deeper than `MAX_DEPTH` however it is read, because large texts leave it balanced.

use super::tokens::{Piece, until_end_of};
use std::borrow::Cow;

/// Elements within one another.
const MAX_DEPTH: usize = 256;
/// Start tags of one text; no article has as many.
const MAX_TAGS: usize = 20_000;
/// Attributes of one tag; a tag with more loses them all.
const MAX_ATTRIBUTES: usize = 64;
/// A text of so few bytes and tags is cheap in the worst case and goes to the parser as it is.
const SMALL_BYTES: usize = 16 << 10;

/// Elements that have no end.
pub const VOID: &[&str] = &[
    "area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "base",
    "frame",
];
/// Their content is no markup, or markup by other rules than HTML's: left out with it.
const OPAQUE: &[&str] = &[
    "script",
    "style",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "textarea",
    "title",
    "xmp",
    "plaintext",
    "svg",
    "math",
    "template",
    "select",
    "object",
];
/// Start tags that end an open paragraph.
const BLOCK: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "figure",
    "figcaption",
    "section",
    "article",
    "aside",
    "center",
    "details",
    "summary",
    "header",
    "footer",
    "main",
    "nav",
    "address",
    "li",
    "dt",
    "dd",
];

/// The text, or a balanced form of it; `None` when it is too deep or has too many tags to be read at all.
pub fn bounded(html: &str) -> Option<Cow<'_, str>> {
    let small =
        html.len() <= SMALL_BYTES && html.bytes().filter(|b| *b == b'<').take(MAX_DEPTH + 1).count() <= MAX_DEPTH;
    if small { Some(Cow::Borrowed(html)) } else { balanced(html).map(Cow::Owned) }
}

fn balanced(html: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len() + 64);
    let (mut open, mut tags, mut rest): (Vec<String>, usize, &str) = (Vec::new(), 0, html);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        rest = match Piece::read(tag) {
            Piece::Start { name, text, attributes, rest } if OPAQUE.contains(&name.as_str()) => {
                let _ = (text, attributes);
                until_end_of(rest, &name).1
            }
            Piece::Start { name, text, attributes, rest } => {
                tags += 1;
                close_implied(&mut open, &name, &mut out);
                if attributes > MAX_ATTRIBUTES {
                    out.push_str(&format!("<{name}>"))
                } else {
                    out.push_str(text)
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
                rest
            }
            Piece::End { name, rest } => {
                if let Some(at) = open.iter().rposition(|other| *other == name) {
                    close_to(&mut open, at, &mut out);
                }
                rest
            }
            Piece::Nothing { rest } => rest,
            Piece::Bare { rest } => {
                out.push_str("&lt;");
                rest
            }
        };
        if open.len() > MAX_DEPTH || tags > MAX_TAGS {
            return None;
        }
    }
    out.push_str(rest);
    close_to(&mut open, 0, &mut out);
    Some(out)
}

/// Elements whose end tags may be left out end where the next of their kind begins.
fn close_implied(open: &mut Vec<String>, name: &str, out: &mut String) {
    let (ends, within): (&[&str], &[&str]) = match name {
        "li" => (&["li"], &["ul", "ol", "table"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "table"]),
        "td" | "th" => (&["td", "th"], &["table"]),
        "tr" => (&["tr"], &["table"]),
        "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
        "rt" | "rp" => (&["rt", "rp"], &["ruby"]),
        _ => (&[], &[]),
    };
    close_nearest(open, ends, within, out);
    if BLOCK.contains(&name) {
        close_nearest(open, &["p"], &["td", "th", "table", "caption"], out);
    }
}

fn close_nearest(open: &mut Vec<String>, ends: &[&str], within: &[&str], out: &mut String) {
    let found = open.iter().rposition(|other| ends.contains(&other.as_str()) || within.contains(&other.as_str()));
    if let Some(at) = found.filter(|at| open.get(*at).is_some_and(|other| ends.contains(&other.as_str()))) {
        close_to(open, at, out);
    }
}

fn close_to(open: &mut Vec<String>, at: usize, out: &mut String) {
    for name in open.drain(at.min(open.len())..).rev() {
        out.push_str("</");
        out.push_str(&name);
        out.push('>');
    }
}
