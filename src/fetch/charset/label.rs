//! What a header or a document says its charset is, in the spellings found in the wild.

use encoding_rs::{Encoding, GB18030, GBK, REPLACEMENT, UTF_8};

/// Bytes at the beginning of a document in which a declaration is looked for.
const HEAD: usize = 1_024;

/// A charset label.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// As said, shortened to what a note may hold.
    pub said: String,
    /// What it means; `None` if nothing we know.
    pub encoding: Option<&'static Encoding>,
}

/// `charset=` of a Content-Type value.
pub(super) fn in_content_type(value: &str) -> Option<Label> {
    after(value.as_bytes(), b"charset").map(label)
}

/// The XML declaration's encoding, else an HTML page's meta charset. Junk may stand before either.
pub(super) fn in_document(bytes: &[u8]) -> Option<Label> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let lower = head.to_ascii_lowercase();
    if let Some(at) = memchr::memmem::find(&lower, b"<?xml") {
        let declaration = lower.get(at..).unwrap_or_default();
        let end = memchr::memmem::find(declaration, b"?>").unwrap_or(declaration.len());
        return after(declaration.get(..end).unwrap_or_default(), b"encoding").map(label);
    }
    let is_html = [&b"<html"[..], b"<!doctype html", b"<head"]
        .iter()
        .any(|mark| memchr::memmem::find(&lower, mark).is_some());
    let meta = is_html.then(|| memchr::memmem::find(&lower, b"<meta"))??;
    after(lower.get(meta..).unwrap_or_default(), b"charset").map(label)
}

/// Notes on labels under which the text was not read.
pub(super) fn contradicted(labels: &[Label], used: &'static Encoding) -> Vec<String> {
    let mut notes = Vec::new();
    for label in labels.iter().filter(|label| label.encoding != Some(used)) {
        let note = format!("declared {}, read as {}", label.said, used.name());
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// The value of `name=`, bare or quoted, in any case.
fn after<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = text
        .windows(name.len())
        .position(|window| window.eq_ignore_ascii_case(name))?;
    let value = text
        .get(at + name.len()..)?
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let (value, quote) = match value.split_first()? {
        (quote @ (b'"' | b'\''), rest) => (rest, Some(*quote)),
        _ => (value, None),
    };
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote,
        None => byte.is_ascii_whitespace() || matches!(byte, b';' | b',' | b'"' | b'\'' | b'>' | b'/' | b'?'),
    };
    value.get(..value.iter().position(ends).unwrap_or(value.len()))
}

fn label(value: &[u8]) -> Label {
    let printable = value
        .iter()
        .filter(|byte| byte.is_ascii_graphic())
        .take(40)
        .map(|byte| char::from(*byte));
    let said: String = printable
        .collect::<String>()
        .trim_matches([';', ',', '"', '\''])
        .to_ascii_lowercase();
    Label {
        encoding: meaning(&said),
        said,
    }
}

/// WHATWG's labels, and those databases and code pages have brought into headers. gb2312 and gbk mean GB18030.
fn meaning(label: &str) -> Option<&'static Encoding> {
    let label = match label {
        "utf8mb4" | "utf8mb3" | "utf_8" | "cp65001" | "utf-8-sig" => return Some(UTF_8),
        "cp936" | "ms936" | "windows-936" | "euc-cn" | "euccn" | "gb_18030" | "gb-2312" | "gb-18030" => "gb18030",
        "cp950" | "ms950" | "windows-950" | "big-5" => "big5",
        "cp932" | "windows-932" => "shift_jis",
        "cp949" | "ms949" | "uhc" => "euc-kr",
        label => label,
    };
    let known = Encoding::for_label(label.as_bytes()).filter(|known| *known != REPLACEMENT)?;
    Some(if known == GBK { GB18030 } else { known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(label: Option<Label>) -> Option<&'static str> {
        label.and_then(|label| label.encoding).map(Encoding::name)
    }

    #[test]
    fn labels_in_headers() {
        for (value, want) in [
            ("text/xml; charset=gb2312", Some("gb18030")),
            ("text/xml;charset=\"GBK\"", Some("gb18030")),
            ("text/xml; Charset = utf8mb4", Some("UTF-8")),
            ("text/xml; charset=utf-8;", Some("UTF-8")),
            ("text/xml; charset='cp936'; x=y", Some("gb18030")),
            ("text/xml; charset=x-gbk", Some("gb18030")),
            ("text/xml; charset=\"utf-8;\"", Some("UTF-8")),
            ("text/xml; charset=martian", None),
            ("text/xml; charset=", None),
            ("text/xml; charset", None),
            ("text/xml", None),
        ] {
            assert_eq!(name(in_content_type(value)), want, "{value}");
        }
    }

    #[test]
    fn labels_in_documents() {
        for (document, want) in [
            ("<?xml version='1.0' encoding='Big5'?><rss/>", Some("Big5")),
            (
                "\n Warning: x\n<?XML version=\"1.0\" ENCODING = \"euc-kr\"?>",
                Some("EUC-KR"),
            ),
            ("<?xml version='1.0'?><a encoding='big5'/>", None),
            ("<!DOCTYPE html><html><head><meta charset=gbk><title>", Some("gb18030")),
            (
                "<html><meta http-equiv=Content-Type content=\"text/html; charset=shift_jis\">",
                Some("Shift_JIS"),
            ),
            (
                "<rss><description>charset=big5 &lt;meta charset=big5</description>",
                None,
            ),
            ("", None),
        ] {
            assert_eq!(name(in_document(document.as_bytes())), want, "{document}");
        }
    }
}
