//! Text → markup tokens. Never fails: what is no markup is text, and `damage` says what was wrong.
//!
//! No crate reads the broken XML that real feeds are; strict parsers stop at the first bare `&`. Clean
//! documents go through the same pass, so there is one reading of a document, not two.

use super::Damage;
use crate::parse::limits;

/// How a CDATA section begins.
const OPENS: &str = "<![CDATA[";

/// One piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name attributes>`; the attributes are still raw.
    Start { name: &'a str, attributes: &'a str, empty: bool },
    /// `</name>`.
    End(&'a str),
    /// Characters with references still in them.
    Text(&'a str),
    /// Characters as they are.
    CData(&'a str),
}

/// Reads tokens one after the other.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    started: bool,
    typed: bool,
    /// The last CDATA section that was looked at.
    section: Option<Section>,
    pub damage: Damage,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0, started: false, typed: false, section: None, damage: Damage::default() }
    }

    /// The next token; comments, declarations, document types and processing instructions are skipped.
    pub fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                let end = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                let text = self.take(end);
                if self.started {
                    return Some(Token::Text(text));
                }
                self.damage.leading_junk |= !text.trim().is_empty();
            } else if let Some(token) = self.markup(rest) {
                return Some(token);
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'a str {
        let piece = self.rest().get(..length).unwrap_or_default();
        // A length inside a character cannot come from the ASCII marks searched for; the guard keeps the scan moving.
        self.at += if piece.is_empty() { self.rest().len() } else { piece.len() };
        piece
    }

    /// Something that begins with `<`. `None`: it was skipped.
    fn markup(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let second = rest.as_bytes().get(1).copied().unwrap_or(0);
        match second {
            b'!' => self.bang(rest),
            b'?' => {
                self.damage.late_declaration |= self.at > 0
                    && rest.get(2..5) == Some("xml")
                    && rest.as_bytes().get(5).is_some_and(u8::is_ascii_whitespace);
                self.skip_past(rest, "?>", 2);
                None
            }
            b'/' if rest.get(2..).is_some_and(starts_name) => self.end(rest),
            _ if rest.get(1..).is_some_and(starts_name) => self.start(rest),
            _ => Some(self.bare(rest)),
        }
    }

    /// An end tag; the next `<` ends one whose `>` was forgotten, the end of the document cuts it off.
    fn end(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let inner = rest.get(2..)?;
        let Some(end) = memchr::memchr2(b'<', b'>', inner.as_bytes()) else {
            self.damage.truncated = true;
            self.at = self.text.len();
            return None;
        };
        let whole = inner.as_bytes().get(end) == Some(&b'>');
        self.damage.crossed_tags |= !whole;
        self.at += 2 + end + usize::from(whole);
        Some(Token::End(inner.get(..end)?.trim()))
    }

    fn bare(&mut self, rest: &'a str) -> Token<'a> {
        self.damage.bare_angle = true;
        let after = rest.get(1..).unwrap_or_default();
        let end = memchr::memchr(b'<', after.as_bytes()).map_or(rest.len(), |found| found + 1);
        Token::Text(self.take(end))
    }

    fn skip_past(&mut self, rest: &'a str, end: &str, from: usize) {
        match rest.get(from..).and_then(|inner| memchr::memmem::find(inner.as_bytes(), end.as_bytes())) {
            Some(found) => self.at += from + found + end.len(),
            None => {
                self.damage.truncated = true;
                self.at = self.text.len();
            }
        }
    }

    fn bang(&mut self, rest: &'a str) -> Option<Token<'a>> {
        if rest.starts_with("<!--") {
            self.skip_past(rest, "-->", 4);
            return None;
        }
        if let Some(inner) = rest.strip_prefix(OPENS) {
            return self.section(inner);
        }
        if rest.get(2..9).is_some_and(|word| word.eq_ignore_ascii_case("DOCTYPE")) {
            self.document_type(rest);
            return None;
        }
        if is_cut_section(rest) {
            self.damage.truncated = true;
            self.at = self.text.len();
            return None;
        }
        Some(self.bare(rest))
    }

    /// A CDATA section. One whose end was forgotten would swallow the entries behind it: its mark is passed over, and what
    /// follows is markup again.
    fn section(&mut self, inner: &'a str) -> Option<Token<'a>> {
        self.at += OPENS.len();
        // Looked for once: a document full of such marks would be read again for each of them.
        let known = self.section.filter(|section| section.end >= self.at);
        let section = known.unwrap_or_else(|| Section::of(inner, self.at, self.text.len()));
        self.section = Some(section);
        let end = section.end;
        let is_whole = end < self.text.len() && self.at >= section.open_until;
        let text = inner.get(..end - self.at).filter(|_| is_whole);
        if text.is_some() {
            self.at = end + 3;
        }
        self.damage.open_cdata |= text.is_none();
        text.map(Token::CData)
    }

    /// Entities declared inside are never expanded (entity bombs); the whole is skipped.
    fn document_type(&mut self, rest: &'a str) {
        // Only a document's first one is read by the rules: looking for the ends of thousands would be quadratic.
        let first = !std::mem::replace(&mut self.typed, true);
        match first.then(|| document_type_end(rest)).flatten() {
            Some(end) => self.at += end,
            None => self.skip_past(rest, ">", 0),
        }
    }

    fn start(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let Some(end) = tag_end(rest) else {
            // In this order: the next `<` is near, and looking for `>` first would be quadratic where there is none.
            if memchr::memchr(b'<', rest.get(1..)?.as_bytes()).is_none() {
                self.damage.truncated = true;
                self.at = self.text.len();
                return None;
            }
            return Some(self.bare(rest));
        };
        self.started = true;
        let tag = self.take(end + 1);
        let inner = tag.get(1..tag.len().saturating_sub(1)).unwrap_or_default();
        let empty = inner.ends_with('/');
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let split = inner.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(split);
        self.damage.bare_angle |= memchr::memchr(b'<', attributes.as_bytes()).is_some();
        Some(Token::Start { name, attributes: attributes.trim(), empty })
    }
}

/// Where a CDATA section ends, and whether that is its own end.
#[derive(Clone, Copy)]
struct Section {
    /// Where the next `]]>` stands; the document's end if there is none.
    end: usize,
    /// Sections that begin before this were never ended: an entry ends behind them, and another section begins.
    open_until: usize,
}

impl Section {
    /// `inner` is what stands behind the mark, from `at` on.
    fn of(inner: &str, at: usize, length: usize) -> Section {
        let Some(end) = memchr::memmem::find(inner.as_bytes(), b"]]>") else {
            return Section { end: length, open_until: length };
        };
        let last = inner.get(..end).and_then(|text| text.get(..text.rfind(OPENS)?));
        let entry_end = last.and_then(|before| before.rfind("</item>").max(before.rfind("</entry>")));
        Section { end: at + end, open_until: entry_end.map_or(at, |found| at + found) }
    }
}

/// Whether the document ends within the mark of a CDATA section. Only the white space up to the next character is looked
/// at: from the document's end, it would be looked at again for each mark.
fn is_cut_section(rest: &str) -> bool {
    let common = rest.bytes().zip(OPENS.as_bytes()).take_while(|(said, mark)| said == *mark).count();
    rest.get(common..).is_some_and(|after| after.trim_start().is_empty())
}

/// Where a document type is over: behind its `>`, those in quotes, comments and the internal subset not counted.
fn document_type_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut at, mut subset) = (2, false);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        let inner = bytes.get(at..)?;
        match byte {
            b'"' | b'\'' => at += memchr::memchr(byte, inner)? + 1,
            b'<' if inner.starts_with(b"!--") => at += memchr::memmem::find(inner, b"-->")? + 3,
            b'[' => subset = true,
            b']' => subset = false,
            b'>' if !subset => return Some(at),
            _ => {}
        }
    }
}

/// Where a start tag ends: its `>`, one inside quotes not counted unless the quotes never end.
fn tag_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut quote = None;
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(at),
            (_, Some(from)) if bytes.get(from) == Some(&byte) => quote = None,
            (b'>', None) => return Some(at),
            // A `<` can stand in neither a tag nor a value: most often, whatever was opened here is broken.
            (b'<', from) => match from.and_then(|from| value_end(bytes, from, at)) {
                Some(end) => (at, quote) = (end, None),
                None => return rest.get(..at)?.find('>'),
            },
            _ => {}
        }
        at += 1;
    }
    rest.find('>')
}

/// Where a value ends that begins with the quote at `from` and holds a bare `<` at `at`. The quote at its end is one
/// behind which the tag goes on, and before which no other value begins. Not far from the tag's own beginning: in a tag
/// that turns out to be none, each `<` is looked at again.
fn value_end(bytes: &[u8], from: usize, at: usize) -> Option<usize> {
    let near = bytes.get(..limits::LINE).unwrap_or(bytes);
    let end = at + memchr::memchr(*bytes.get(from)?, near.get(at..)?)?;
    let goes_on = matches!(bytes.get(end + 1)?, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n');
    let begins_another = bytes.get(end - 1) == Some(&b'=');
    let is_over = memchr::memchr(b'>', bytes.get(from..at)?).is_some();
    (goes_on && !begins_another && !is_over).then_some(end)
}

fn starts_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
}
