//! Broken JSON → JSON, for the ways in which feeds are broken: cut off, commas too many, characters that must be escaped,
//! escapes that mean nothing, nesting without end. One pass; what is whole is copied as it stands.

/// serde_json recurses and refuses what is nested deeper than 128.
const DEPTH: usize = 100;

/// A mended document.
#[derive(Debug, Default)]
pub struct Mended {
    pub text: String,
    /// Its end was missing: what was not complete is left out.
    pub cut: bool,
    comma: bool,
    character: bool,
    deep: bool,
    tail: bool,
}

impl Mended {
    /// What was mended, in words for the operator.
    pub fn notes(&self) -> Vec<String> {
        let all = [
            (self.comma, "JSON with a comma before a closing bracket: left out"),
            (self.character, "JSON with characters or escapes that are illegal in it: read as far as possible"),
            (self.deep, "JSON nested too deep for any feed: left out there"),
            (self.tail, "something stood behind the JSON: left out"),
        ];
        all.iter().filter(|(found, _)| *found).map(|(_, words)| (*words).to_owned()).collect()
    }
}

/// Mends what can be mended. What is broken otherwise stays broken.
pub fn mend(text: &str) -> Mended {
    let mut mended = Mended { text: String::with_capacity(text.len() + 8), ..Mended::default() };
    let mut open: Vec<u8> = Vec::new();
    // Where the text can end, and what closes it there: behind a whole member of the feed, or a whole item of a list in it.
    let mut whole = (0, "");
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let hidden = open.len() > DEPTH;
        let from = at;
        at += 1;
        match byte {
            b'"' => {
                let Some(end) = string(text, at, &mut mended, hidden) else {
                    mended.cut = true;
                    break;
                };
                at = end;
                continue;
            }
            b'{' | b'[' => {
                open.push(byte);
                if open.len() == DEPTH + 1 {
                    mended.deep = true;
                    mended.text.push_str("null");
                }
            }
            b'}' | b']' => {
                open.pop();
                if hidden {
                    continue;
                }
                if open.is_empty() && text.get(at..).is_some_and(|rest| !rest.trim().is_empty()) {
                    mended.tail = true;
                    mended.text.push(char::from(byte));
                    break;
                }
            }
            b',' if follows(text, at, |next| matches!(next, b'}' | b']')) => {
                mended.comma = true;
                continue;
            }
            b',' if open.len() == 1 => whole = (mended.text.len(), "}"),
            _ => {}
        }
        if open.len() <= DEPTH {
            let end = (from + 1..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
            mended.text.push_str(text.get(from..end).unwrap_or_default());
            at = end;
        }
        if matches!(byte, b'}' | b']') && open == *b"{[" {
            whole = (mended.text.len(), "]}");
        }
    }
    mended.cut |= !open.is_empty();
    if mended.cut {
        mended.text.truncate(whole.0);
        mended.text.push_str(whole.1);
    }
    mended
}

/// Copies a string whose first quote stands before `at`; where it ends. `None`: it does not.
fn string(text: &str, mut at: usize, mended: &mut Mended, hidden: bool) -> Option<usize> {
    let mut out = String::from("\"");
    loop {
        let rest = text.get(at..)?;
        let plain = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
        out.push_str(rest.get(..plain)?);
        at += plain + 1;
        match *rest.as_bytes().get(plain)? {
            b'"' => break,
            b'\\' => at += escape(rest.get(plain + 1..)?, &mut out, mended)?,
            control => {
                mended.character = true;
                out.push_str(&format!("\\u{control:04x}"));
            }
        }
    }
    if !hidden {
        out.push('"');
        mended.text.push_str(&out);
    }
    Some(at)
}

/// Copies what follows a backslash; how many bytes of it were used. Half a surrogate pair is no character.
fn escape(rest: &str, out: &mut String, mended: &mut Mended) -> Option<usize> {
    let first = rest.chars().next()?;
    if first == 'u' {
        let hex = |at: usize| rest.get(at..at + 4).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = |at: usize| hex(at).and_then(|hex| u16::from_str_radix(hex, 16).ok());
        let second = || if rest.get(5..7) == Some("\\u") { unit(7) } else { None };
        let used = match unit(1) {
            Some(0xd800..=0xdbff) if matches!(second(), Some(0xdc00..=0xdfff)) => 11,
            Some(0xd800..=0xdfff) | None => 0,
            Some(_) => 5,
        };
        if used > 0 {
            out.push('\\');
            out.push_str(rest.get(..used)?);
            return Some(used);
        }
        mended.character = true;
        out.push(char::REPLACEMENT_CHARACTER);
        return Some(if unit(1).is_some() { 5 } else { 1 });
    }
    if matches!(first, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') {
        out.push('\\');
    } else {
        mended.character = true;
    }
    if first >= ' ' {
        out.push(first);
    }
    Some(first.len_utf8())
}

fn follows(text: &str, at: usize, wanted: impl Fn(u8) -> bool) -> bool {
    text.bytes().skip(at).find(|byte| !byte.is_ascii_whitespace()).is_some_and(wanted)
}
