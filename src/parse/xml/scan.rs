//! Text → markup tokens. Never fails: what is no markup is text, and `damage` says what was wrong.
//!
//! No crate reads the broken XML that real feeds are; strict parsers stop at the first bare `&`. Clean
//! documents go through the same pass, so there is one reading of a document, not two.

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

/// What a document had wrong with it; each kind is noted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    pub bare_ampersand: bool,
    pub bare_angle: bool,
    pub named_entity: bool,
    pub illegal_character: bool,
    pub windows_character: bool,
    pub crossed_tags: bool,
    pub bad_attribute: bool,
    pub late_declaration: bool,
    pub leading_junk: bool,
    pub unknown_prefix: bool,
    pub wrong_namespace: bool,
    pub truncated: bool,
}

impl Damage {
    /// Anything at all that an XML parser would stop at.
    pub fn any(&self) -> bool {
        *self != Damage::default()
    }

    /// In words for the operator.
    pub fn notes(&self) -> Vec<String> {
        let all = [
            (self.leading_junk, "something stood before the first element: left out"),
            (self.late_declaration, "an XML declaration that is not at the very start: ignored"),
            (self.bare_ampersand, "a bare `&`: read as the character"),
            (self.bare_angle, "a bare `<`: read as the character"),
            (self.named_entity, "HTML entities that XML does not know: read as their characters"),
            (self.illegal_character, "characters that are illegal in XML: left out"),
            (self.windows_character, "control characters that mean windows-1252 characters: read as those"),
            (self.crossed_tags, "tags unclosed or crossed: closed where their parent ends"),
            (self.bad_attribute, "attributes without quotes or value: read as far as possible"),
            (self.unknown_prefix, "undeclared namespace prefixes: read by custom"),
            (self.wrong_namespace, "known prefixes with an address of no known vocabulary: read by custom"),
            (self.truncated, "the document ends early: only complete entries are kept"),
        ];
        all.iter().filter(|(found, _)| *found).map(|(_, words)| (*words).to_owned()).collect()
    }
}

/// Reads tokens one after the other.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    started: bool,
    pub damage: Damage,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0, started: false, damage: Damage::default() }
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
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let found = memchr::memmem::find(inner.as_bytes(), b"]]>");
            self.damage.truncated |= found.is_none();
            let end = found.unwrap_or(inner.len());
            self.at += 9 + (end + 3).min(inner.len());
            return Some(Token::CData(inner.get(..end).unwrap_or_default()));
        }
        if rest.get(2..9).is_some_and(|word| word.eq_ignore_ascii_case("DOCTYPE")) {
            // Entities declared inside are never expanded (entity bombs); the subset is skipped whole.
            let head = rest.find('>').and_then(|close| rest.get(..close)).unwrap_or_default();
            let subset = head.find('[');
            match subset {
                Some(open) => {
                    self.skip_past(rest, "]", open);
                    let rest = self.rest();
                    self.skip_past(rest, ">", 0);
                }
                None => self.skip_past(rest, ">", 0),
            }
            return None;
        }
        if "<![CDATA[".starts_with(rest.trim_end()) {
            self.damage.truncated = true;
            self.at = self.text.len();
            return None;
        }
        Some(self.bare(rest))
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
        Some(Token::Start { name, attributes: attributes.trim(), empty })
    }
}

/// Where a start tag ends: its `>`, one inside quotes not counted unless the quotes never end.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'>', None) => return Some(at),
            // A `<` can stand in neither a tag nor a value: whatever was opened here is broken.
            (b'<', _) => return rest.get(..at)?.find('>'),
            _ => {}
        }
    }
    rest.find('>')
}

fn starts_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
}

/// The attributes of a tag in order: qualified name and raw value.
pub struct Attributes<'a> {
    rest: &'a str,
    pub damaged: bool,
}

impl<'a> Attributes<'a> {
    pub fn new(raw: &'a str) -> Attributes<'a> {
        Attributes { rest: raw, damaged: false }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/' || c == '"' || c == '\'');
        if rest.is_empty() {
            self.rest = rest;
            return None;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            self.damaged = true;
            self.rest = after;
            return Some((name, ""));
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(mark) => {
                let inner = value.get(1..).unwrap_or_default();
                match inner.find(mark) {
                    Some(end) => (inner.get(..end).unwrap_or_default(), inner.get(end + 1..).unwrap_or_default()),
                    None => {
                        self.damaged = true;
                        (inner, "")
                    }
                }
            }
            None => {
                self.damaged = true;
                value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
            }
        };
        self.rest = after;
        Some((name, value))
    }
}
