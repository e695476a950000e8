//! Tags as the HTML tokenizer finds them, read from raw text in one linear pass: for the steps before the parser, which
//! decides alone what is safe.

use super::super::text;
use std::borrow::Cow;

/// What stands at a `<`.
pub enum Piece<'a> {
    /// A start tag: what it is called, as it stands, and how many attributes it has.
    Start { name: String, text: &'a str, attributes: usize, rest: &'a str },
    /// An end tag.
    End { name: String, rest: &'a str },
    /// A comment, declaration or unfinished tag.
    Nothing { rest: &'a str },
    /// A `<` that opens nothing.
    Bare { rest: &'a str },
}

impl<'a> Piece<'a> {
    /// Reads it.
    pub fn read(at: &'a str) -> Piece<'a> {
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

/// What stands before the next end tag of that name, and what follows the tag; without one, everything and nothing.
pub fn until_end_of<'a>(rest: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut from = rest;
    while let Some((_, tail)) = from.split_once("</") {
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let inside = rest.len() - tail.len() - "</".len();
            let after = tag_end(tail).and_then(|(end, _)| tail.get(end..)).unwrap_or("");
            return (rest.get(..inside).unwrap_or(""), after);
        }
        from = tail;
    }
    (rest, "")
}

/// The value of an attribute of a start tag, references resolved.
pub fn attribute<'a>(tag: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let space = |c: char| c.is_ascii_whitespace();
    let (_, mut rest) = tag.split_at_checked(tag.find(|c: char| space(c) || c == '/').unwrap_or(tag.len()))?;
    loop {
        rest = rest.trim_start_matches(|c: char| space(c) || matches!(c, '/' | '='));
        let end = rest.find(|c: char| space(c) || matches!(c, '/' | '=' | '>'))?;
        let (name, after) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
        let (value, after) = match after.trim_start_matches(space).strip_prefix('=').map(|value| value.trim_start()) {
            None => ("", after),
            Some(value) => match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value.get(1..)?.split_once(quote)?,
                _ => value.split_at_checked(value.find(|c: char| space(c) || c == '>')?)?,
            },
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text::unescape(value));
        }
        rest = after;
    }
}
