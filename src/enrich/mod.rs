//! From what a document says to what may be shown: dates, attribution, safe HTML. Pure; new or changed entries only.

mod again;
pub mod article;
pub mod attribution;
pub mod dates;
pub mod html;
mod limit;
mod remove;
mod safe;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod tombstones;

use crate::{
    config::Config,
    model::{
        Attribution, Candidate, Claim, Draft, Edition, FeedInfo, IdForm, Known, KnownEntry, ParsedEntry, Publisher,
        SaidIds, Source, SourceRef, Text, TextKind, Time,
    },
};

pub use again::again;
pub use html::sanitise;
pub use limit::beyond;
pub use remove::{without, without_named};
pub use safe::web;
pub use source::{about, feed_dates, source_ref};
pub(crate) use text::lines;
pub use tombstones::{deletions, told};

/// Version of our reading of documents and of the sanitiser. What an older one made is sanitised again, and what only a newer
/// one reads out of an unchanged document is no correction.
pub const SANITISER: u32 = 2;

/// Turns claims into drafts. A claim whose hash the store already knows is `Unchanged` and costs nothing more.
pub fn enrich(
    config: &Config,
    source: &Source,
    feed: &FeedInfo,
    claims: Vec<Claim>,
    known: &Known,
    now: Time,
) -> Vec<Draft> {
    let mut whose = source_ref(&config.site, source, feed, now);
    // A feed that does not say when it changed did so with its newest entry.
    whose.updated = whose.updated.or_else(|| newest(source, feed, &claims, now));
    let document = Document { config, source, feed, whose, now };
    let known = known.0.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    claims.into_iter().zip(known).map(|(claim, known)| document.draft(claim, known)).collect()
}

/// What all entries of one document share.
struct Document<'a> {
    config: &'a Config,
    source: &'a Source,
    feed: &'a FeedInfo,
    whose: SourceRef,
    now: Time,
}

impl Document<'_> {
    fn draft(&self, claim: Claim, known: Option<&KnownEntry>) -> Draft {
        match known {
            Some(known) if known.raw_hash == claim.raw_hash => Draft::Unchanged(known.code.clone()),
            _ => Draft::Candidate(Box::new(self.candidate(claim, known.map_or(self.now, |known| known.first_seen)))),
        }
    }

    fn candidate(&self, claim: Claim, first_seen: Time) -> Candidate {
        let Claim { code, kind, aliases, raw_hash, entry } = claim;
        let categories = match self.source.categories.as_slice() {
            [] => entry.filed.iter().map(|filed| self.config.renamed(filed)).collect(),
            of_source => of_source.to_vec(),
        };
        let said = self.said_ids(&entry);
        let edition = self.edition(entry, first_seen);
        let sort_date = edition.published.unwrap_or(edition.updated).min(first_seen);
        Candidate { code, kind, aliases, raw_hash, said, first_seen, sort_date, categories, edition }
    }

    fn edition(&self, mut entry: ParsedEntry, first_seen: Time) -> Edition {
        // "3 hours ago" is true of the day on which it was read for the first time.
        if first_seen < self.now {
            for date in [&mut entry.published, &mut entry.updated] {
                date.take_if(|date| dates::is_relative(&date.0));
            }
        }
        let (entry, removed) = remove::removed(entry, &self.source.rules.removals);
        let around = dates::Around::source(self.source, self.feed.language.as_deref(), first_seen, self.now);
        let dates = dates::of_entry(&entry, &around.of(self.source, &entry));
        let newer = dates.updated.max(dates.published);
        let place = self.place(&entry);
        let body = |text: &Text| body(text, place.as_deref());
        let title = |text: &Text| title(text, place.as_deref());
        let content = entry.content.as_ref().map(body);
        let summary = entry.summary.as_ref().map(body);
        let named = match (&entry.content, &content, &entry.summary, &summary) {
            (Some(raw), Some(safe), ..) | (None, _, Some(raw), Some(safe)) => attribution::find(raw, &safe.value),
            _ => attribution::Found::default(),
        };
        let publisher = named.publisher.or_else(|| said_publisher(entry.publisher.as_deref()));
        Edition {
            title: entry.title.as_ref().map(title),
            link: safe::page(entry.link),
            links: safe::links(entry.links),
            summary,
            content,
            authors: safe::people(entry.authors),
            contributors: safe::people(entry.contributors),
            tags: entry.tags,
            enclosures: safe::enclosures(entry.enclosures),
            comments: safe::web(entry.comments),
            rights: entry.rights.as_ref().map(safe::line),
            language: entry.language.or_else(|| self.feed.language.clone()).or_else(|| self.source.language.clone()),
            published: dates.published,
            updated: newer.unwrap_or(self.now),
            updated_said: newer.is_some(),
            date_notes: dates.notes,
            attribution: Attribution {
                source: self.whose.clone(),
                upstream: entry.upstream.map(safe::upstream),
                dc_source: entry.dc_source,
                publisher,
                byline: named.byline,
            },
            extensions: safe::extensions(entry.extensions),
            full_text: Default::default(),
            fetched: self.now,
            sanitiser: SANITISER,
            removed,
        }
    }
}

impl Document<'_> {
    /// What relative references in a body resolve against, where the address of the document itself must not show.
    fn place(&self, entry: &ParsedEntry) -> Option<String> {
        let elsewhere = || safe::web(entry.link.clone()).or_else(|| safe::web(self.feed.home.clone()));
        (!self.source.publish_url).then(|| elsewhere().unwrap_or_default())
    }

    /// An id that holds a secret address (many are the feed's own with a fragment) cannot be published as it came.
    fn said_ids(&self, entry: &ParsedEntry) -> SaidIds {
        let tells = |id: &String| {
            let secret = self.source.url().map(|url| &url[url::Position::BeforeHost..url::Position::AfterPath]);
            secret.is_some_and(|secret| id.contains(secret.trim_end_matches('/')))
        };
        let id = entry.id.clone().filter(|id| self.source.publish_url || !tells(id));
        let web = safe::web(id.clone()).is_some();
        SaidIds { id, permalink: entry.id_form == IdForm::Permalink && web }
    }
}

/// The publisher that a field of its own names. What the text itself says of it comes first.
fn said_publisher(name: Option<&str>) -> Option<Publisher> {
    let name = name.map(str::trim).filter(|name| !name.is_empty())?;
    Some(Publisher { name: name.to_owned(), raw: name.to_owned(), ends_text: false })
}

/// The newest date of any entry in the document.
pub fn newest(source: &Source, feed: &FeedInfo, claims: &[Claim], now: Time) -> Option<Time> {
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let dates = claims.iter().map(|claim| dates::of_entry(&claim.entry, &around.of(source, &claim.entry)));
    dates.flat_map(|dates| [dates.published, dates.updated]).flatten().max()
}

/// A body, safe; plain text stays plain. `place`, where given, stands for the document's own base.
fn body(text: &Text, place: Option<&str>) -> Text {
    made_safe(text, place, html::sanitise)
}

/// A title or a rights statement: inline markup only.
fn title(text: &Text, place: Option<&str>) -> Text {
    made_safe(text, place, html::sanitise_inline)
}

fn made_safe(text: &Text, place: Option<&str>, sanitise: impl Fn(&Text) -> String) -> Text {
    match (text.kind, place) {
        (TextKind::Plain, _) => Text::plain(text.value.clone()),
        (TextKind::Html, None) => Text::html(sanitise(text)),
        (TextKind::Html, Some(place)) => {
            let base = Some(place.to_owned()).filter(|place| !place.is_empty());
            Text::html(sanitise(&Text { base, ..text.clone() }))
        }
    }
}
