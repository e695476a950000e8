//! Formulas and drawings as text: readers show neither MathML nor SVG safely, and what they say must not be lost.

use super::{
    super::text,
    tokens::{Piece, attribute, until_end_of},
};

/// Elements of a drawing whose characters are meant to be read.
const WORDS: &[&str] = &["text", "tspan", "textpath", "title", "desc"];
/// Elements whose characters are none of what is shown.
const SILENT: &[&str] = &["script", "style", "metadata", "annotation-xml"];
/// What a formula's markup says by position: the signs before its second and third part.
const SIGNS: &[(&str, &[&str])] = &[
    ("mfrac", &["/"]),
    ("msup", &["^"]),
    ("mover", &["^"]),
    ("msub", &["_"]),
    ("munder", &["_"]),
    ("msubsup", &["_", "^"]),
    ("munderover", &["_", "^"]),
];
/// Longest text of one formula or drawing, in bytes.
const MAX_TEXT: usize = 16 << 10;
/// Parts within one another that are followed.
const MAX_DEPTH: usize = 64;

/// The text of a formula (`tag` is its start tag), escaped, and what follows it; `None` when it never ends.
pub fn formula<'a>(tag: &str, rest: &'a str) -> Option<(String, &'a str)> {
    let (mut said, mut tex, mut open) = (String::new(), None, Vec::<Part>::new());
    let after = pieces(rest, "math", |piece| match piece {
        Inner::Text(characters) => said.push_str(characters.trim_matches(|c: char| c.is_ascii_whitespace())),
        Inner::Start("annotation", tag, inside) => {
            let is_tex =
                attribute(tag, "encoding").is_some_and(|encoding| encoding.to_ascii_lowercase().contains("tex"));
            tex = tex.take().or_else(|| is_tex.then(|| text::escape(text::unescape(inside).trim())));
        }
        Inner::Start(name, tag, _) => {
            let sign = open.last_mut().and_then(Part::next_sign);
            said.push_str(sign.unwrap_or_default());
            if open.len() < MAX_DEPTH && !tag.ends_with("/>") {
                // A group under a sign keeps together.
                let grouped = name == "mrow" && open.last().is_some_and(|part| !part.signs.is_empty());
                let rooted = matches!(name, "msqrt" | "mroot");
                said.push_str(if rooted {
                    "√("
                } else if grouped {
                    "("
                } else {
                    ""
                });
                let signs = SIGNS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, signs)| signs);
                open.push(Part { name: name.to_owned(), signs, seen: 0, close: grouped || rooted });
            }
        }
        Inner::End(name) => {
            if let Some(at) = open.iter().rposition(|part| part.name == name) {
                let closed = open.split_off(at);
                said.extend(closed.iter().filter(|part| part.close).map(|_| ')'));
            }
            if matches!(name, "mtd" | "mtr") {
                said.push(' ');
            }
        }
    })?;
    let alternative = attribute(tag, "alttext").map(|text| text::escape(&text)).filter(|text| !text.trim().is_empty());
    let said = text::unescape(&said).chars().filter_map(shown).collect::<String>();
    Some((alternative.or(tex).unwrap_or_else(|| text::escape(said.trim())), after))
}

/// The same for a drawing: its title, description and labels.
pub fn drawing<'a>(tag: &str, rest: &'a str) -> Option<(String, &'a str)> {
    let decoration = attribute(tag, "aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let (mut said, mut depth) = (String::new(), 0usize);
    let after = pieces(rest, "svg", |piece| match piece {
        Inner::Text(characters) if depth > 0 && !decoration => said.push_str(characters),
        Inner::Text(_) => {}
        Inner::Start(name, tag, _) => {
            if WORDS.contains(&name) && !tag.ends_with("/>") {
                depth += 1;
                said.push(' ');
            }
        }
        Inner::End(name) => depth = depth.saturating_sub(usize::from(WORDS.contains(&name))),
    })?;
    Some((said.split_ascii_whitespace().collect::<Vec<_>>().join(" "), after))
}

/// Invisible signs of a formula: the application of a function parts words, the others say nothing to a reader.
fn shown(c: char) -> Option<char> {
    match c {
        '\u{2061}' => Some(' '),
        '\u{2062}'..='\u{2064}' => None,
        c => Some(c),
    }
}

/// An open part of a formula.
struct Part {
    name: String,
    signs: &'static [&'static str],
    /// Children begun.
    seen: usize,
    close: bool,
}

impl Part {
    fn next_sign(&mut self) -> Option<&'static str> {
        let sign = self.seen.checked_sub(1).and_then(|at| self.signs.get(at)).copied();
        self.seen += 1;
        sign
    }
}

/// What stands in a formula or drawing; tags by their names in lower case.
enum Inner<'a> {
    Text(&'a str),
    /// The name, the tag, and for an `annotation` what it holds.
    Start(&'a str, &'a str, &'a str),
    End(&'a str),
}

/// Goes through all that stands before the end tag of `whole`; returns what follows it.
fn pieces<'a>(from: &'a str, whole: &str, mut each: impl FnMut(Inner<'_>)) -> Option<&'a str> {
    let (mut rest, mut budget) = (from, MAX_TEXT);
    loop {
        let (before, tag) = rest.split_at(rest.find('<')?);
        if before.len() <= budget {
            budget -= before.len();
            each(Inner::Text(before));
        }
        rest = match Piece::read(tag) {
            Piece::Start { name, rest, .. } if SILENT.contains(&name.as_str()) => until_end_of(rest, &name).1,
            Piece::Start { name, text, rest, .. } if name == "annotation" => {
                let (inside, rest) = until_end_of(rest, &name);
                each(Inner::Start(&name, text, inside));
                rest
            }
            Piece::Start { name, text, rest, .. } => {
                each(Inner::Start(&name, text, ""));
                rest
            }
            Piece::End { name, rest } if name == whole => return Some(rest),
            Piece::End { name, rest } => {
                each(Inner::End(&name));
                rest
            }
            Piece::Nothing { rest } | Piece::Bare { rest } => rest,
        };
    }
}
