//! An edition that was made elsewhere, made safe as if it came from a document. What our own sanitiser made stays byte for byte.

use super::{SANITISER, html, safe, sanitise};
use crate::model::{Edition, Text, TextKind};

/// Everything in it that a page or a feed would show or lead to, judged again.
pub fn again(edition: Edition) -> Edition {
    let Edition { mut attribution, .. } = edition;
    attribution.upstream = attribution.upstream.map(safe::upstream);
    let source = &mut attribution.source;
    source.feed_url = safe::web(source.feed_url.take());
    source.home = safe::web(source.home.take());
    source.icon = safe::web(source.icon.take());
    source.logo = safe::web(source.logo.take());
    source.authors = safe::people(std::mem::take(&mut source.authors));
    source.contributors = safe::people(std::mem::take(&mut source.contributors));
    source.extensions = safe::extensions(std::mem::take(&mut source.extensions));
    Edition {
        title: edition.title.map(inline),
        link: safe::page(edition.link),
        links: safe::links(edition.links),
        summary: edition.summary.map(block),
        content: edition.content.map(block),
        authors: safe::people(edition.authors),
        contributors: safe::people(edition.contributors),
        enclosures: safe::enclosures(edition.enclosures),
        comments: safe::web(edition.comments),
        rights: edition.rights.map(inline),
        attribution,
        extensions: safe::extensions(edition.extensions),
        sanitiser: SANITISER,
        ..edition
    }
}

/// Of an edition nothing is relative: there is no base.
fn block(text: Text) -> Text {
    match text.kind {
        TextKind::Plain => Text::plain(text.value),
        TextKind::Html => Text::html(sanitise(&Text::html(text.value))),
    }
}

fn inline(text: Text) -> Text {
    match text.kind {
        TextKind::Plain => Text::plain(text.value),
        TextKind::Html => Text::html(html::sanitise_inline(&Text::html(text.value))),
    }
}
