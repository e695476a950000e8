//! Between HTML and plain text. Reads sanitised HTML, where every `<` that opens no tag is escaped and every attribute
//! is quoted; for anything else the result may be poor text, but it is only ever shown as text.

use crate::model::{Text, TextKind};

/// Bytes of plain text within which an excerpt surely ends (300 graphemes of any living script, many times over).
pub(super) const ENOUGH_BYTES: usize = 16 * 1024;

/// Markup of a summary shown whole under `content = "excerpt"`, bytes.
pub(super) const SUMMARY_BYTES: usize = 8 * 1024;

/// The text as plain characters: paragraphs separated by an empty line, lines by a line break, other space collapsed.
pub fn plain(text: &Text) -> String {
    plain_start(text, usize::MAX).0
}

/// The first `enough` bytes or so of it, and whether that is all.
pub(super) fn plain_start(text: &Text, enough: usize) -> (String, bool) {
    let mut out = Plain { out: String::new(), gap: Gap::None };
    let complete = match text.kind {
        TextKind::Plain => out.plain(&text.value, enough),
        TextKind::Html => out.html(&text.value, enough),
    };
    (out.out, complete)
}

/// The text as an HTML fragment: HTML as it is, plain text escaped, its paragraphs and lines kept.
pub fn html_of(text: &Text) -> String {
    if text.kind == TextKind::Html {
        return text.value.clone();
    }
    let mut html = String::with_capacity(text.value.len() + 16);
    let mut open = false;
    for line in text.value.lines() {
        // Chinese newspapers begin a paragraph with two wide spaces, and leave no empty line between them.
        let begins = line.trim().is_empty() || line.starts_with('\u{3000}');
        if begins && open {
            html.push_str("</p>");
            open = false;
        }
        let line = line.trim();
        if !line.is_empty() {
            html.push_str(if open { "<br>" } else { "<p>" });
            html.push_str(&html_escape::encode_text(line));
            open = true;
        }
    }
    html.push_str(if open { "</p>" } else { "" });
    html
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

struct Plain {
    out: String,
    gap: Gap,
}

impl Plain {
    fn plain(&mut self, value: &str, enough: usize) -> bool {
        for line in value.lines() {
            if self.out.len() >= enough {
                return false;
            }
            let blank = line.trim().is_empty();
            self.part(if blank { Gap::Paragraph } else { Gap::Line });
            if !self.characters(line, enough) {
                return false;
            }
        }
        true
    }

    fn html(&mut self, html: &str, enough: usize) -> bool {
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, markup) = rest.split_at(at);
            if !self.characters(&html_escape::decode_html_entities(text), enough) {
                return false;
            }
            let Some((tag, after)) = split_tag(markup) else {
                // No tag: the character itself.
                rest = markup.get(1..).unwrap_or_default();
                self.push('<');
                continue;
            };
            self.part(gap_of(tag));
            rest = after;
        }
        self.characters(&html_escape::decode_html_entities(rest), enough)
    }

    /// False when it has become enough before the end.
    fn characters(&mut self, text: &str, enough: usize) -> bool {
        for c in text.chars() {
            if self.out.len() >= enough {
                return false;
            }
            if c.is_whitespace() { self.part(Gap::Space) } else { self.push(c) }
        }
        true
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn push(&mut self, c: char) {
        if !self.out.is_empty() {
            self.out.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::None;
        self.out.push(c);
    }
}

/// Splits `<name …>` off; `None` when no tag begins here.
fn split_tag(markup: &str) -> Option<(&str, &str)> {
    let begin = markup.chars().nth(1)?;
    if !(begin.is_ascii_alphabetic() || matches!(begin, '/' | '!' | '?')) {
        return None;
    }
    let mut quote = None;
    for (at, c) in markup.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(markup.split_at(at + 1)),
            (None, '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn gap_of(tag: &str) -> Gap {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "br" | "tr" | "li" | "dt" | "dd" | "option" => Gap::Line,
        "td" | "th" => Gap::Space,
        "p" | "div" | "center" | "section" | "article" | "header" | "footer" | "aside" | "blockquote" | "pre"
        | "ul" | "ol" | "dl" | "table" | "caption" | "figure" | "figcaption" | "hr" | "h1" | "h2" | "h3" | "h4"
        | "h5" | "h6" | "details" | "summary" => Gap::Paragraph,
        _ => Gap::None,
    }
}
