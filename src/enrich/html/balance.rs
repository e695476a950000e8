//! A linear pass before the HTML parser, whose own cost grows with the square of depth, of attributes in one tag, and of tags.
//! What leaves here nests no deeper than `MAX_DEPTH` however it is read, because large texts leave it balanced.

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
                after_end_of(rest, &name)
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

/// What stands at a `<`.
enum Piece<'a> {
    Start {
        name: String,
        text: &'a str,
        attributes: usize,
        rest: &'a str,
    },
    End {
        name: String,
        rest: &'a str,
    },
    /// A comment, declaration or unfinished tag.
    Nothing {
        rest: &'a str,
    },
    /// A `<` that opens nothing.
    Bare {
        rest: &'a str,
    },
}

impl<'a> Piece<'a> {
    fn read(at: &'a str) -> Piece<'a> {
        let body = at.get(1..).unwrap_or("");
        match body.as_bytes() {
            [b, ..] if b.is_ascii_alphabetic() => match tag_end(body) {
                Some((end, attributes)) => Piece::Start {
                    name: name_of(body),
                    text: at.get(..end + 1).unwrap_or(""),
                    attributes,
                    rest: body.get(end..).unwrap_or(""),
                },
                None => Piece::Nothing { rest: "" },
            },
            [b'/', b, ..] if b.is_ascii_alphabetic() => {
                let body = body.get(1..).unwrap_or("");
                match tag_end(body) {
                    Some((end, _)) => Piece::End { name: name_of(body), rest: body.get(end..).unwrap_or("") },
                    None => Piece::Nothing { rest: "" },
                }
            }
            [b'!', b'-', b'-', ..] => {
                let inside = body.get(3..).unwrap_or("");
                // `<!-->` and `<!--->` are whole comments.
                let short = inside.strip_prefix('>').or_else(|| inside.strip_prefix("->"));
                Piece::Nothing { rest: short.or_else(|| inside.split_once("-->").map(|(_, rest)| rest)).unwrap_or("") }
            }
            [b'!' | b'?' | b'/', ..] => Piece::Nothing { rest: body.split_once('>').map_or("", |(_, rest)| rest) },
            _ => Piece::Bare { rest: body },
        }
    }
}

fn name_of(tag: &str) -> String {
    tag.split(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').next().unwrap_or("").to_ascii_lowercase()
}

/// Where a tag ends (after its `>`) and how many attributes it has, by the tokenizer's rules for quotes.
fn tag_end(tag: &str) -> Option<(usize, usize)> {
    #[derive(PartialEq)]
    enum At {
        Name,
        Between,
        Attribute,
        AfterEquals,
        Bare,
        Quoted(u8),
    }
    let (mut state, mut attributes) = (At::Name, 0);
    for (at, b) in tag.bytes().enumerate() {
        let space = b.is_ascii_whitespace();
        state = match state {
            At::Quoted(quote) if b == quote => At::Between,
            At::Quoted(quote) => At::Quoted(quote),
            _ if b == b'>' => return Some((at + 1, attributes)),
            At::Name if !space && b != b'/' => At::Name,
            At::AfterEquals if b == b'"' || b == b'\'' => At::Quoted(b),
            At::AfterEquals if space => At::AfterEquals,
            At::AfterEquals => At::Bare,
            At::Bare if !space => At::Bare,
            At::Attribute if b == b'=' => At::AfterEquals,
            // The equals sign may stand apart from its name.
            At::Between if b == b'=' && attributes > 0 => At::AfterEquals,
            At::Attribute if !space && b != b'/' => At::Attribute,
            _ if space || b == b'/' => At::Between,
            _ => {
                attributes += 1;
                At::Attribute
            }
        };
    }
    None
}

fn after_end_of<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = rest;
    while let Some((_, tail)) = from.split_once("</") {
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tag_end(tail).and_then(|(end, _)| tail.get(end..)).unwrap_or("");
        }
        from = tail;
    }
    ""
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
