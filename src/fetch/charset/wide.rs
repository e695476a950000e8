//! UTF-16 and UTF-32: by their marks, or by the zero bytes around the first `<` or `{`.

use super::{Decoded, unreadable};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// `None`: the bytes are neither.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded<'static>> {
    let little = |unit: &[u8; 4]| u32::from_le_bytes(*unit);
    let big = |unit: &[u8; 4]| u32::from_be_bytes(*unit);
    // The UTF-32 mark begins with UTF-16's: the longer one first.
    match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] if rest.len() % 4 == 0 => Some(four(rest, "UTF-32LE", little)),
        [0, 0, 0xfe, 0xff, rest @ ..] => Some(four(rest, "UTF-32BE", big)),
        [0xff, 0xfe, rest @ ..] => Some(two(rest, UTF_16LE)),
        [0xfe, 0xff, rest @ ..] => Some(two(rest, UTF_16BE)),
        [b'<' | b'{', 0, 0, 0, ..] => Some(four(bytes, "UTF-32LE", little)),
        [0, 0, 0, b'<' | b'{', ..] => Some(four(bytes, "UTF-32BE", big)),
        [b'<' | b'{', 0, _, 0, ..] => Some(two(bytes, UTF_16LE)),
        [0, b'<' | b'{', 0, _, ..] => Some(two(bytes, UTF_16BE)),
        _ => None,
    }
}

fn two(bytes: &[u8], encoding: &'static Encoding) -> Decoded<'static> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let replaced = super::count(&text, '\u{fffd}');
    decoded(text.into_owned(), encoding.name(), replaced)
}

/// encoding_rs has no UTF-32. Four bytes give at most four, so the text is never longer than the document.
fn four(bytes: &[u8], name: &'static str, unit: impl Fn(&[u8; 4]) -> u32) -> Decoded<'static> {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut text = String::with_capacity(units.len());
    let mut replaced = 0;
    for four in units {
        text.push(char::from_u32(unit(four)).unwrap_or_else(|| {
            replaced += 1;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
        replaced += 1;
    }
    decoded(text, name, replaced)
}

fn decoded(text: String, encoding: &'static str, replaced: usize) -> Decoded<'static> {
    let notes = if replaced > 0 {
        vec![unreadable(replaced, encoding)]
    } else {
        Vec::new()
    };
    Decoded {
        text: Cow::Owned(text),
        encoding,
        replaced,
        notes,
    }
}
