//! Items → what a feed would say: the rest of syndic needs no second way.

use super::{Document, Item};
use crate::{
    model::{FeedInfo, Form, IdForm, InfoCode, ParsedEntry, ParsedFeed, Slot, SourceFormat},
    parse::said,
};
use url::Url;

/// Entries of items, in the order of the document.
pub(super) fn assemble(
    document: &Document<'_>,
    format: SourceFormat,
    info: FeedInfo,
    items: &[Item],
    base: Option<&Url>,
) -> ParsedFeed {
    let html = matches!(document.recipe.form, Form::Page { .. });
    let entries: Vec<ParsedEntry> =
        items.iter().filter(|item| !item.is_blank()).map(|item| entry(item, html, base)).collect();
    ParsedFeed { format, info, entries, notes: Vec::new(), partial: false, tombstones: Vec::new() }
}

fn entry(item: &Item, html: bool, base: Option<&Url>) -> ParsedEntry {
    let code = item.first(Slot::Code);
    ParsedEntry {
        id: item.first(Slot::Id).or(code).map(said::line),
        id_form: IdForm::Json,
        named_code: code.and_then(InfoCode::parse),
        title: item.first(Slot::Title).map(|title| said::title(title, base)),
        link: item.first(Slot::Link).and_then(|link| said::address(link, base)),
        summary: item.first(Slot::Summary).map(|text| said::body(text, html, base)),
        content: item.first(Slot::Content).map(|text| said::body(text, html, base)),
        published: item.first(Slot::Published).map(said::date),
        updated: item.first(Slot::Updated).map(said::date),
        authors: said::people(item.all(Slot::Author)),
        tags: said::tags(item.all(Slot::Tags)),
        publisher: item.first(Slot::Publisher).map(said::line),
        extensions: item.first(Slot::Image).and_then(|image| said::picture(image, base)).into_iter().collect(),
        ..ParsedEntry::default()
    }
}
