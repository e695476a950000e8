//! Characters: escaping, what XML may hold, and the text of sanitised HTML.

use std::borrow::Cow;

const BLOCKS: &[&str] = &[
    "p",
    "div",
    "br",
    "hr",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "figure",
    "figcaption",
    "section",
    "article",
    "center",
    "tbody",
    "caption",
];

/// `&`, `<`, `>` escaped.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same for a value between double quotes.
pub fn escape_attribute(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>', '"']) {
        Cow::Owned(escape(text).replace('"', "&quot;"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The characters that references stand for.
pub fn unescape(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

/// Without what XML 1.0 forbids (numeric references can bring it in); carriage returns become line feeds.
pub fn legal(text: &str) -> Cow<'_, str> {
    let good =
        |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\r' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if text.chars().all(good) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(|c| if c == '\r' { Some('\n') } else { good(c).then_some(c) }).collect())
}

/// The lines of an HTML text: its characters, without tags, split where blocks begin and end; blank ones left out.
pub fn lines(html: &str) -> Vec<String> {
    let (mut lines, mut line, mut rest) = (Vec::new(), String::new(), html);
    while let Some((before, tag)) = rest.split_once('<') {
        line.push_str(before);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) {
            take_line(&mut line, &mut lines);
        }
        rest = after;
    }
    line.push_str(rest);
    take_line(&mut line, &mut lines);
    lines
}

/// An HTML text reduced to its characters, a paragraph a line.
pub fn as_paragraphs(html: &str) -> String {
    let paragraph = |line: &String| format!("<p>{}</p>", escape(&legal(line)));
    lines(html).iter().map(paragraph).collect::<Vec<_>>().join("\n")
}

fn take_line(line: &mut String, lines: &mut Vec<String>) {
    let text = unescape(line);
    let text = text.trim();
    if !text.is_empty() {
        lines.push(text.to_owned());
    }
    line.clear();
}
