//! A sitemap: its newest pages, as far as they are newer than the last visit; an index leads to those of its sitemaps that changed.

use super::{Document, Findings, Harvest, Item, Turn};
use crate::{
    enrich::dates::{self, Around},
    model::{Failure, FeedInfo, IdForm, ParsedEntry, ParsedFeed, SourceFormat, Time},
    parse::{self, said, sitemap},
};
use chrono::TimeDelta;
use std::cmp::Reverse;

/// Dates in sitemaps are often days, and in a zone that nobody names.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// Reads it.
pub(super) fn read(document: &Document<'_>) -> Result<Harvest, Failure> {
    let Some(read) = sitemap::read(document.text, document.base) else {
        return Err(super::no("a sitemap was promised, but this is something else", document.text, document.base));
    };
    let mut feed = ParsedFeed {
        format: SourceFormat::Sitemap,
        info: FeedInfo::default(),
        entries: Vec::new(),
        notes: read.notes,
        partial: read.partial,
        tombstones: Vec::new(),
    };
    let places = newest(read.places, document);
    let (mut further, mut opaque) = (Vec::new(), false);
    match read.lists {
        sitemap::Lists::Pages => {
            let beyond = places.len().saturating_sub(parse::MAX_ENTRIES);
            if beyond > 0 {
                feed.notes.push(format!("{beyond} older pages of the sitemap are not read"));
            }
            feed.entries.extend(places.iter().take(parse::MAX_ENTRIES).filter_map(|(_, place)| entry(place, document)));
        }
        sitemap::Lists::Sitemaps => {
            opaque = places.iter().any(|(date, _)| date.is_none());
            let room = document.recipe.pages.saturating_sub(document.place.number);
            if places.len() > room {
                let most = document.recipe.pages;
                feed.notes.push(format!(
                    "{} sitemaps are new, more than `pages = {most}` allows: the newest are read",
                    places.len()
                ));
            }
            further.extend(places.iter().filter_map(|(_, place)| turn(place, document)).take(room));
        }
    }
    let items = feed.entries.iter().map(|_| Item::default()).collect();
    let findings = Findings { items: feed.entries.len(), ..Findings::default() };
    Ok(Harvest { feed, items, findings, kinds: Vec::new(), further, opaque })
}

/// Those newer than the last visit, the newest first; those without a date after them.
fn newest(places: Vec<sitemap::Place>, document: &Document<'_>) -> Vec<(Option<Time>, sitemap::Place)> {
    let now = document.place.now;
    let around = Around { zone: document.place.zone, chinese: false, seen: now, now };
    let date = |place: &sitemap::Place| {
        let said = [&place.lastmod, &place.published].into_iter().flatten();
        said.filter_map(|raw| dates::read(raw, &around).ok()).max()
    };
    let since = document.place.before.map(|before| before - MARGIN);
    let dated = places.into_iter().map(|place| (date(&place), place));
    let mut places: Vec<_> = dated.filter(|(date, _)| date.is_none() || since.is_none() || *date > since).collect();
    places.sort_by_key(|(date, _)| Reverse(*date));
    places
}

fn turn(place: &sitemap::Place, document: &Document<'_>) -> Option<Turn> {
    let url = document.base?.join(&place.loc).ok()?;
    let own = [document.place.source, document.from].into_iter().flatten().any(|known| known.origin() == url.origin());
    own.then_some(Turn::At(url))
}

fn entry(place: &sitemap::Place, document: &Document<'_>) -> Option<ParsedEntry> {
    let link = said::address(&place.loc, document.base)?;
    Some(ParsedEntry {
        id: Some(said::line(&link)),
        id_form: IdForm::Json,
        title: place.title.as_deref().map(|title| said::title(title, document.base)),
        published: place.published.as_deref().map(said::date),
        updated: place.lastmod.as_deref().map(said::date),
        publisher: place.publication.as_deref().map(said::line),
        language: place.language.clone(),
        tags: said::tags(&place.keywords.iter().cloned().collect::<Vec<_>>()),
        extensions: place.image.as_deref().and_then(|image| said::picture(image, document.base)).into_iter().collect(),
        link: Some(link),
        ..ParsedEntry::default()
    })
}
