//! From what a document says to what may be shown: dates, attribution, safe HTML. Pure; new or changed entries only.

pub mod attribution;
pub mod dates;
pub mod html;
mod safe;
mod source;
#[cfg(test)]
mod tests;
mod text;

use crate::{
    config::Config,
    model::{
        Attribution, Candidate, Claim, Draft, Edition, FeedInfo, IdForm, Known, KnownEntry, ParsedEntry, SaidIds,
        Source, SourceRef, Text, TextKind, Time,
    },
};

pub use html::sanitise;
pub use source::source_ref;

/// Version of the sanitiser; entries of an older one are sanitised again.
pub const SANITISER: u32 = 1;

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
    let document = Document { source, feed, whose, now };
    let known = known.0.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    claims.into_iter().zip(known).map(|(claim, known)| document.draft(claim, known)).collect()
}

/// What all entries of one document share.
struct Document<'a> {
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
        let categories =
            if self.source.categories.is_empty() { entry.filed.clone() } else { self.source.categories.clone() };
        let said = said_ids(&entry);
        let edition = self.edition(entry, first_seen);
        let sort_date = edition.published.unwrap_or(edition.updated).min(first_seen);
        Candidate { code, kind, aliases, raw_hash, said, first_seen, sort_date, categories, edition }
    }

    fn edition(&self, entry: ParsedEntry, first_seen: Time) -> Edition {
        let around = dates::Around::source(self.source, self.feed.language.as_deref(), first_seen, self.now);
        let dates = dates::of_entry(&entry, &around);
        let newer = dates.updated.max(dates.published);
        let content = entry.content.as_ref().map(body);
        let summary = entry.summary.as_ref().map(body);
        let named = match (&entry.content, &content, &entry.summary, &summary) {
            (Some(raw), Some(safe), ..) | (None, _, Some(raw), Some(safe)) => attribution::find(raw, &safe.value),
            _ => attribution::Found::default(),
        };
        Edition {
            title: entry.title.as_ref().map(title),
            link: safe::web(entry.link),
            links: safe::links(entry.links),
            summary,
            content,
            authors: safe::people(entry.authors),
            contributors: safe::people(entry.contributors),
            tags: entry.tags,
            enclosures: safe::enclosures(entry.enclosures),
            comments: safe::web(entry.comments),
            rights: entry.rights.as_ref().map(title),
            language: entry.language.or_else(|| self.feed.language.clone()).or_else(|| self.source.language.clone()),
            published: dates.published,
            updated: newer.unwrap_or(self.now),
            updated_said: newer.is_some(),
            date_notes: dates.notes,
            attribution: Attribution {
                source: self.whose.clone(),
                upstream: entry.upstream.map(safe::upstream),
                dc_source: entry.dc_source,
                publisher: named.publisher,
                byline: named.byline,
            },
            extensions: safe::extensions(entry.extensions),
            fetched: self.now,
            sanitiser: SANITISER,
        }
    }
}

/// The newest date of any entry in the document.
fn newest(source: &Source, feed: &FeedInfo, claims: &[Claim], now: Time) -> Option<Time> {
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let said = claims.iter().flat_map(|claim| [&claim.entry.published, &claim.entry.updated]).flatten();
    said.filter_map(|raw| dates::read(&raw.0, &around).ok()).max()
}

fn said_ids(entry: &ParsedEntry) -> SaidIds {
    let web = safe::web(entry.id.clone()).is_some();
    SaidIds { id: entry.id.clone(), permalink: entry.id_form == IdForm::Permalink && web }
}

/// A body, safe; plain text stays plain.
fn body(text: &Text) -> Text {
    match text.kind {
        TextKind::Plain => Text::plain(text.value.clone()),
        TextKind::Html => Text::html(sanitise(text)),
    }
}

/// A title or a rights statement: inline markup only.
fn title(text: &Text) -> Text {
    match text.kind {
        TextKind::Plain => Text::plain(text.value.clone()),
        TextKind::Html => Text::html(html::sanitise_inline(&text.value)),
    }
}
