//! Characters and values as every format may carry them. What was ingested is clean already; a writer does not rely on it.

use chrono::{DateTime, SecondsFormat, Timelike};
use std::borrow::Cow;
use url::Url;

use crate::{
    model::{Text, TextKind, Time},
    parse::{holds_html, is_html_element},
};

/// Without what XML 1.0 cannot hold (§2.2), line ends as parsers give them back (§2.11).
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| is_xml(c) && c != '\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_xml(*c)).collect())
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// One clean line: white space collapsed, none at the ends.
pub(super) fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One clean line, if anything is left of it.
pub(super) fn some_line(text: &str) -> Option<String> {
    Some(line(text)).filter(|line| !line.is_empty())
}

/// A text construct as one line of plain characters, for elements that hold no markup.
pub(super) fn plain_line(text: &Text) -> Option<String> {
    match text.kind {
        TextKind::Plain => some_line(&text.value),
        TextKind::Html => some_line(&crate::policy::plain(text)),
    }
}

/// The same text in a form that no reader can take for markup where it is none: many ignore the kind a text is said to be.
pub(super) fn unmistakable(text: &Text) -> Text {
    match text.kind {
        TextKind::Plain if is_mistakable(&text.value) => Text::html(html_escape::encode_text(&text.value)),
        _ => text.clone(),
    }
}

/// A line of RSS, which cannot say whether it is HTML: characters that would be read as markup are escaped.
pub(super) fn characters(of: &Text) -> Option<String> {
    let line = plain_line(of)?;
    Some(if is_mistakable(&line) { html_escape::encode_text(&line).into_owned() } else { line })
}

/// Characters where a format has plain text only and an escape would be shown. They stay as they are, but for a `<` of
/// something that a careless reader would run: it is written in its full-width form, which looks the same.
pub(super) fn unrunnable(plain: &str) -> Cow<'_, str> {
    if !opens_tag(plain) {
        return Cow::Borrowed(plain);
    }
    let mut rest = plain;
    let mut out = String::with_capacity(plain.len() + 8);
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        out.push(if begins_tag(after) && !is_bare(after) { '\u{FF1C}' } else { '<' });
        rest = after;
    }
    Cow::Owned(out + rest)
}

/// Elements of no HTML, or of a former one, that a browser reads in a way of their own.
const READ_SPECIALLY: &str = "animate animatemotion animatetransform bgsound fencedframe foreignobject handler ilayer image \
 isindex layer listener listing noembed plaintext portal set use xml xmp";

/// A tag of no HTML that has no attributes does nothing: `Vec<String>`.
fn is_bare(after: &str) -> bool {
    let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    let (name, behind) = after.split_at(end);
    let name = name.to_ascii_lowercase();
    let is_read = is_html_element(&name) || READ_SPECIALLY.split_whitespace().any(|known| known == name);
    !name.is_empty() && behind.starts_with('>') && !is_read
}

fn is_mistakable(text: &str) -> bool {
    opens_tag(text) || holds_html(text)
}

/// Whether an HTML parser would see a tag begin anywhere (HTML §13.2.5.6).
fn opens_tag(text: &str) -> bool {
    text.split('<').skip(1).any(begins_tag)
}

fn begins_tag(after: &str) -> bool {
    after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
}

/// A paragraph of plain text as HTML.
pub(super) fn html(text: &str) -> String {
    crate::policy::html_of(&Text::plain(text))
}

/// An absolute address that is safe to follow; `None` for anything else.
pub(super) fn href(url: &str) -> Option<String> {
    let url = clean(url.trim());
    let parsed = Url::parse(&url).ok()?;
    let followed = matches!(parsed.scheme(), "http" | "https" | "ftp" | "mailto" | "news" | "magnet" | "gemini");
    // As it was written, if that is an IRI: readers compare addresses character by character.
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    followed.then(|| if url.contains(odd) { parsed.to_string() } else { url.into_owned() })
}

/// True for an absolute http(s) address: what RSS may call a permalink.
pub(super) fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A language tag in the form of RFC 3066 (`xsd:language`), with `_` put right.
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let good = tag.split('-').enumerate().all(|(at, part)| {
        let letters = if at == 0 {
            part.bytes().all(|b| b.is_ascii_alphabetic())
        } else {
            part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        letters && (1..=8).contains(&part.len())
    });
    good.then_some(tag)
}

/// A media type of the form `a/b`.
pub(super) fn media_type(text: &str) -> Option<String> {
    let text = line(text);
    let essence = text.split(';').next().unwrap_or_default().trim();
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&b));
    let (kind, sort) = essence.split_once('/')?;
    (word(kind) && word(sort)).then(|| essence.to_owned())
}

/// A time that can be written with a four-digit year (chrono panics on RFC 2822 past 9999), in whole seconds.
pub(super) fn clamp(time: Time) -> Time {
    let first = DateTime::UNIX_EPOCH;
    let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(first);
    let time = time.clamp(first, last);
    time.with_nanosecond(0).unwrap_or(time)
}

/// RFC 822 with a four-digit year.
pub(super) fn rfc822(time: Time) -> String {
    clamp(time).to_rfc2822()
}

/// RFC 3339.
pub(super) fn rfc3339(time: Time) -> String {
    clamp(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_look_like_markup_are_characters_to_every_reader() {
        let title = Text::plain("How <script>alert(1)</script> & 1 < 2 work");
        let escaped = "How &lt;script&gt;alert(1)&lt;/script&gt; &amp; 1 &lt; 2 work";
        assert_eq!(unmistakable(&title), Text::html(escaped));
        assert_eq!(characters(&title).unwrap(), escaped);
        assert_eq!(unrunnable(&title.value), "How ＜script>alert(1)＜/script> & 1 < 2 work");
        assert_eq!(unrunnable("Vec<String> and <T>"), "Vec<String> and <T>", "a title is not rewritten without need");
        for unclosed in ["<noembed>", "<foreignObject>", "<img src=x onerror=y()", "</p", "<!--", "<?x"] {
            assert_ne!(characters(&Text::plain(unclosed)).unwrap(), unclosed);
            assert_ne!(unrunnable(unclosed), unclosed);
        }
        for plain in ["1 < 2 & 3 > 2", "AT&T", "a <3 b", "x <"] {
            assert_eq!(unmistakable(&Text::plain(plain)), Text::plain(plain));
            assert_eq!(characters(&Text::plain(plain)).unwrap(), plain);
            assert_eq!(unrunnable(plain), plain);
        }
    }
}
