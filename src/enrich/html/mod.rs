//! HTML fit to be shown: an allowlist of elements, attributes and schemes, applied once, at ingest (threats 11–13).
//! The result is stable: sanitising it again changes nothing, because a browser reads it the same way we did.

mod address;
mod allowed;
mod balance;
mod embeds;
mod finish;
mod foreign;
mod images;
mod judge;
mod place;
mod players;
mod tags;
#[cfg(test)]
mod tests;
mod tokens;

pub use address::{srcset, without_tracking};
pub(super) use balance::VOID;
pub(crate) use balance::bounded;
pub(crate) use tags::{attributes_of, split_tag};

use self::judge::Shape;
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

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

/// Makes a fragment safe. Plain text becomes its escaped characters.
pub fn sanitise(html: &Text) -> String {
    match html.kind {
        TextKind::Plain => text::escape(&html.value),
        TextKind::Html => safe(&html.value, html.base.as_deref(), Shape::Block),
    }
}

/// Makes a title safe: lines, links and styles; nothing that is loaded.
pub fn sanitise_inline(html: &Text) -> String {
    match html.kind {
        TextKind::Plain => text::escape(&html.value),
        TextKind::Html => safe(&html.value, html.base.as_deref(), Shape::Inline).trim().to_owned(),
    }
}

fn safe(html: &str, base: Option<&str>, shape: Shape) -> String {
    without_first_line_feeds(settled(html, base, shape))
}

/// A line feed right behind `<pre>` is dropped each time the text is read (HTML §13.2.6.4.7): it is no part of it.
fn without_first_line_feeds(html: String) -> String {
    if !html.contains("<pre") {
        return html;
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, tag)) = rest.split_once("<pre") {
        let (tag, text) = tag.split_once('>').unwrap_or((tag, ""));
        out.extend([before, "<pre", tag, ">"]);
        rest = text.trim_start_matches('\n');
    }
    out.push_str(rest);
    out
}

fn settled(html: &str, base: Option<&str>, shape: Shape) -> String {
    if !html.contains(['<', '&']) {
        return text::escape(&text::legal(html));
    }
    let base = base.and_then(|base| Url::parse(base).ok());
    if html.len() > MAX_BYTES {
        return text::as_paragraphs(html);
    }
    let plain = embeds::in_plain_forms(html, base.as_ref());
    let Some(bounded) = balance::bounded(&plain) else {
        return text::as_paragraphs(&plain);
    };
    let mut passed = finish::finish(&parsed(&bounded), base.as_ref(), shape);
    for _ in 1..MAX_PASSES {
        if passed.reads_the_same {
            return passed.html;
        }
        let again = finish::finish(&parsed(&passed.html), base.as_ref(), shape);
        let settled = again.html == passed.html;
        passed = finish::Finished { reads_the_same: again.reads_the_same || settled, html: again.html };
    }
    if passed.reads_the_same { passed.html } else { text::as_paragraphs(&passed.html) }
}

/// The parser's own output; the one named reference that XML does not know becomes its character.
fn parsed(html: &str) -> String {
    CLEANER.clean(html).to_string().replace("&nbsp;", "\u{a0}")
}

fn cleaner() -> Builder<'static> {
    let mut builder = Builder::empty();
    let attributes: HashMap<&str, HashSet<&str>> = allowed::ATTRIBUTES
        .iter()
        .map(|(element, names)| (*element, names.iter().copied().chain(allowed::lazy_attributes(element)).collect()))
        .collect();
    builder
        .tags(allowed::ELEMENTS.iter().copied().collect())
        .clean_content_tags(allowed::DROPPED.iter().copied().collect())
        .generic_attributes(allowed::SEEN.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(address::SCHEMES.iter().copied().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
}
