//! UTF-8 that was taken for windows-1252 or Latin-1 and encoded once more (`cafÃ©`): undone only where that is certain.

use std::borrow::Cow;

/// So many characters, each one read wrongly, are no accident. Fewer may be what a text on charsets quotes.
const CERTAIN: usize = 3;

/// The text as it was before, and a note. A text that is merely Latin gives up at its first `é`, one in Chinese at its
/// first character: only if *every* run of characters beyond ASCII is UTF-8 read wrongly, the text is.
pub(super) fn undone(text: &str) -> (Cow<'_, str>, Option<&'static str>) {
    let Some((found, characters)) = again(text) else {
        return (Cow::Borrowed(text), None);
    };
    if characters < CERTAIN {
        return (
            Cow::Borrowed(text),
            Some("looks like UTF-8 encoded twice, too little of it to be sure: left as it is"),
        );
    }
    (Cow::Owned(found), Some("UTF-8 encoded twice: undone"))
}

fn again(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut characters = 0;
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !c.is_ascii()) {
        let (ascii, from) = rest.split_at(at);
        let (run, after) = from.split_at(from.find(|c: char| c.is_ascii()).unwrap_or(from.len()));
        bytes.clear();
        for c in run.chars() {
            bytes.push(byte(c)?);
        }
        let meant = std::str::from_utf8(&bytes).ok()?;
        characters += meant.chars().count();
        out.push_str(ascii);
        out.push_str(meant);
        rest = after;
    }
    out.push_str(rest);
    Some((out, characters))
}

/// The byte that windows-1252, or where that has nothing Latin-1, reads as this character.
fn byte(c: char) -> Option<u8> {
    if let found @ Some(_) = u8::try_from(u32::from(c)).ok() {
        return found;
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    bytes.first().copied().filter(|_| !unmappable)
}
