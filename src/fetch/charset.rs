//! Bytes → UTF-8 by domain §4: BOM; valid UTF-8 wins over any label; HTTP charset; declaration; detector.

use std::borrow::Cow;

/// Text, and how it was read.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text, without BOM.
    pub text: Cow<'a, str>,
    /// Name of the encoding used (WHATWG).
    pub encoding: &'static str,
    /// Characters that could not be read (U+FFFD put in by us).
    pub replaced: usize,
    /// What an operator should know ("declared gb2312, read as UTF-8").
    pub notes: Vec<String>,
}

/// Decodes a document. `content_type` is the whole header value. The XML or HTML declaration inside is read, not rewritten.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let _ = (bytes, content_type);
    todo!()
}
