//! References and characters: what XML and HTML name is resolved, what XML 1.0 forbids is left out.
//! Entities that a document declares are never expanded (entity bombs).

use super::Damage;
use std::borrow::Cow;

/// Resolves character references and leaves out what XML forbids. Borrowed when there is nothing to do.
pub fn unescape<'a>(raw: &'a str, damage: &mut Damage) -> Cow<'a, str> {
    if memchr::memchr(b'&', raw.as_bytes()).is_none() {
        return clean(raw, damage);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(&clean(before, damage));
        let used = reference(from, &mut out, damage);
        rest = from.get(used..).unwrap_or_default();
    }
    out.push_str(&clean(rest, damage));
    Cow::Owned(out)
}

/// One reference at the start of `from`; how many bytes of it were used.
fn reference(from: &str, out: &mut String, damage: &mut Damage) -> usize {
    let body = from.get(1..).unwrap_or_default();
    let end = body.bytes().take(40).position(|b| b == b';').unwrap_or(0);
    let name = body.get(..end).unwrap_or_default();
    let one = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    if let Some(one) = one {
        out.push(one);
        return end + 2;
    }
    if let Some(number) = name.strip_prefix('#') {
        let half = from.get(end + 2..).and_then(|rest| pair(number, rest));
        if let Some((whole, length)) = half {
            damage.halved_character = true;
            push_clean(whole, out, damage);
            return end + 2 + length;
        }
        return numeric(number, end, out, damage);
    }
    if let Some(text) = named(name) {
        damage.named_entity = true;
        out.push_str(&text);
        return end + 2;
    }
    damage.bare_ampersand = true;
    out.push('&');
    1
}

/// A character written as the two halves that UTF-16 makes of it; how many bytes the second one takes.
fn pair(first: &str, rest: &str) -> Option<(char, usize)> {
    let first = value(first).filter(|half| (0xd800..0xdc00).contains(half))?;
    let number = rest.strip_prefix("&#")?;
    let end = number.bytes().take(10).position(|byte| byte == b';')?;
    let second = value(number.get(..end)?).filter(|half| (0xdc00..0xe000).contains(half))?;
    Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?, end + 3))
}

fn value(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

fn numeric(number: &str, end: usize, out: &mut String, damage: &mut Damage) -> usize {
    let Some(value) = value(number) else {
        damage.bare_ampersand = true;
        out.push('&');
        return 1;
    };
    match char::from_u32(value) {
        Some(c) => push_clean(c, out, damage),
        None => damage.illegal_character = true,
    }
    end + 2
}

/// The characters of an HTML entity, by HTML's own table.
pub fn named(name: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let whole = format!("&{name};");
    let decoded = html_escape::decode_html_entities(&whole);
    (decoded != whole).then(|| decoded.into_owned())
}

/// Leaves out characters that XML 1.0 forbids (they would break a whole category's feed).
pub fn clean<'a>(text: &'a str, damage: &mut Damage) -> Cow<'a, str> {
    // Suspects in UTF-8: controls, and the lead bytes of U+0080…U+00BF (C2) and of U+F000…U+FFFF (EF).
    let suspect = |&b: &u8| (b < 0x20 && b != b'\n' && b != b'\t') || b == 0xC2 || b == 0xEF;
    let Some(first) = text.as_bytes().iter().position(suspect) else {
        return Cow::Borrowed(text);
    };
    let odd = |c: char| {
        (c < ' ' && c != '\n' && c != '\t')
            || ('\u{80}'..='\u{9f}').contains(&c)
            || ('\u{fffe}'..='\u{ffff}').contains(&c)
    };
    if !text.get(first..).unwrap_or(text).contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        push_clean(c, &mut out, damage);
    }
    Cow::Owned(out)
}

fn push_clean(c: char, out: &mut String, damage: &mut Damage) {
    match c {
        '\r' => out.push('\n'),
        '\n' | '\t' => out.push(c),
        '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => damage.illegal_character = true,
        '\u{80}'..='\u{9f}' => {
            // What a page in windows-1252 calls U+0092 is an apostrophe; browsers read it so too.
            let meant = WINDOWS_1252.chars().nth(c as usize - 0x80).filter(|&meant| meant != '.').unwrap_or(c);
            damage.windows_character |= meant != c;
            out.push(meant);
        }
        _ => out.push(c),
    }
}

/// 0x80–0x9F; a dot where windows-1252 has nothing.
const WINDOWS_1252: &str = "€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ";
