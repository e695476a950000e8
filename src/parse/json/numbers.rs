//! Numbers that no machine number holds, kept as they are written: as ids, they differ in their last digits.

use std::borrow::Cow;

/// The largest whole number that is read exactly has so many digits.
const DIGITS: usize = 19;

/// JSON whose whole numbers of more digits are strings.
pub fn quoted(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let (bytes, mut at) = (text.as_bytes(), 0);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'"' => behind_string(bytes, at + 1),
            b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                let end = at + rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
                let number = text.get(at..end).unwrap_or_default();
                if number.len() > DIGITS && number.bytes().all(|byte| byte.is_ascii_digit()) {
                    out.push_str(text.get(copied..at).unwrap_or_default());
                    out.extend(["\"", number, "\""]);
                    copied = end;
                }
                end
            }
            _ => at + 1,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

fn behind_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(mark) if rest.get(mark) == Some(&b'"') => return at + mark + 1,
            Some(mark) => at += mark + 2,
            None => return bytes.len(),
        }
    }
}
