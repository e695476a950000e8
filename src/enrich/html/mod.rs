//! HTML fit to be shown: an allowlist of elements, attributes and schemes, applied once, at ingest (threats 11–13).
//! The result is stable: sanitising it again changes nothing, because a browser reads it the same way we did.

mod balance;
mod finish;
#[cfg(test)]
mod tests;

use super::text;
use crate::model::{Text, TextKind};
use ammonia::Builder;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use url::Url;

/// Longest HTML text that is read as HTML; a longer one is reduced to its characters.
const MAX_BYTES: usize = 1 << 20;
/// Passes until the result reads the same again. Two are the rule; a text that needs more plays games.
const MAX_PASSES: usize = 4;

/// Elements that may be shown.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "big",
    "acronym",
    "address",
];
/// Elements that go with all that is in them.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "applet",
    "noembed",
    "noframes",
    "noscript",
    "template",
    "textarea",
    "title",
    "xmp",
    "svg",
    "math",
    "select",
    "frameset",
    "frame",
    "base",
    "meta",
    "link",
    "head",
    "portal",
    "plaintext",
];
/// Attributes that reach `finish`, which decides on their values; it emits `finish::ATTRIBUTES` only.
const SEEN: &[&str] = &["lang", "dir", "title", "style", "hidden"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

/// Makes a fragment safe. Plain text becomes its escaped characters.
pub fn sanitise(html: &Text) -> String {
    match html.kind {
        TextKind::Plain => text::escape(&html.value),
        TextKind::Html => safe(&html.value, html.base.as_deref(), finish::Shape::Block),
    }
}

/// Makes a title safe: inline markup only, without links and images.
pub fn sanitise_inline(html: &str) -> String {
    safe(html, None, finish::Shape::Inline).trim().to_owned()
}

fn safe(html: &str, base: Option<&str>, shape: finish::Shape) -> String {
    if !html.contains(['<', '&']) {
        return text::escape(&text::legal(html));
    }
    let base = base.and_then(|base| Url::parse(base).ok());
    let Some(bounded) = Some(html)
        .filter(|html| html.len() <= MAX_BYTES)
        .and_then(balance::bounded)
    else {
        return text::as_paragraphs(html);
    };
    let mut passed = finish::finish(&parsed(&bounded), base.as_ref(), shape);
    for _ in 1..MAX_PASSES {
        if passed.reads_the_same {
            return passed.html;
        }
        let again = finish::finish(&parsed(&passed.html), base.as_ref(), shape);
        let settled = again.html == passed.html;
        passed = finish::Finished {
            reads_the_same: again.reads_the_same || settled,
            html: again.html,
        };
    }
    if passed.reads_the_same {
        passed.html
    } else {
        text::as_paragraphs(&passed.html)
    }
}

/// The parser's own output; the one named reference that XML does not know becomes its character.
fn parsed(html: &str) -> String {
    CLEANER.clean(html).to_string().replace("&nbsp;", "\u{a0}")
}

fn cleaner() -> Builder<'static> {
    let mut builder = Builder::empty();
    let attributes: HashMap<&str, HashSet<&str>> = finish::ATTRIBUTES
        .iter()
        .map(|(element, names)| {
            (
                *element,
                names
                    .iter()
                    .copied()
                    .chain(finish::lazy_attributes(element))
                    .collect(),
            )
        })
        .collect();
    builder
        .tags(ELEMENTS.iter().copied().collect())
        .clean_content_tags(DROPPED.iter().copied().collect())
        .generic_attributes(SEEN.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(finish::SCHEMES.iter().copied().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
}
