//! From the document to what would be published of it, by the daemon's own steps.

use super::{found::found, upstream};
use crate::{
    config::Config,
    enrich::{self, enrich},
    fetch::{Body, Page, charset},
    identify::identify,
    model::{
        Candidate, Deleted, Draft, Entry, FeedInfo, GuidTrust, InfoCode, Known, ParsedFeed, Source, SourceFormat, Time,
    },
    policy,
    recipe::{self, Place},
    store,
    view::{self, FeedView, ItemView},
};
use std::collections::HashSet;

/// What came of a document.
pub(in crate::cli) struct Made {
    /// What would be published of it today.
    pub view: FeedView,
    /// All its entries, in the order of the document.
    pub entries: Vec<Seen>,
    /// What the document was read as.
    pub read_as: String,
    /// What the source's recipe found in it, where it has one.
    pub found: Option<String>,
    /// What was odd about it.
    pub notes: Vec<String>,
    info: FeedInfo,
}

impl Made {
    /// What the document says of itself.
    pub fn info(&self) -> &FeedInfo {
        &self.info
    }
}

/// An entry, and what the source's rules say of it.
pub(in crate::cli) struct Seen {
    /// As it would be shown, if it would.
    pub item: ItemView,
    /// `kept`, or why not.
    pub verdict: String,
    /// What was changed in it.
    pub rewrites: Vec<String>,
    /// What was odd about its dates.
    pub date_notes: Vec<String>,
}

/// A document read: what it says of itself, and its entries before anyone judged them.
pub(in crate::cli) struct Drafted {
    info: FeedInfo,
    base: Option<String>,
    beyond: HashSet<InfoCode>,
    /// Its entries; a text may still be put in place of the feed's.
    pub drafts: Vec<Draft>,
    deleted: Vec<Deleted>,
    read_as: String,
    found: Option<String>,
    /// What was odd about it.
    pub notes: Vec<String>,
}

/// parse → identify → enrich, as `refresh` does it, with nothing known.
pub(in crate::cli) fn draft(config: &Config, source: &Source, page: &Page, now: Time) -> anyhow::Result<Drafted> {
    let harvest = recipe::of_source(page, source, &Place::first(source, now))?;
    let found = source.recipe.as_ref().map(|recipe| found(recipe, &harvest));
    let parsed = harvest.feed;
    let read_as = read_as(page, &parsed);
    let identified = identify(source, parsed.info.home.as_deref(), parsed.entries, GuidTrust::default());
    let beyond = enrich::beyond(source, &parsed.info, &identified.claims, now);
    let known = Known(vec![None; identified.claims.len()]);
    let drafts = enrich(config, source, &parsed.info, identified.claims, &known, now);
    let notes = parsed.notes.into_iter().chain(identified.notes).collect();
    let deleted = enrich::told(source, &parsed.info, &parsed.tombstones, now);
    Ok(Drafted { info: parsed.info, base: page.base.clone(), beyond, drafts, deleted, read_as, found, notes })
}

/// → view, as if it had been stored.
pub(in crate::cli) fn make(config: &Config, source: &Source, read: Drafted, now: Time) -> Made {
    let Drafted { info, base, beyond, drafts, deleted, read_as, found, notes } = read;
    let (mut items, mut entries) = (Vec::new(), Vec::new());
    for draft in drafts {
        let Draft::Candidate(candidate) = draft else { continue };
        let entry = unstored(*candidate, source);
        let is_beyond = beyond.contains(&entry.code);
        let item = view::item_view(config, &entry);
        if !is_beyond && policy::standing(source, &entry.edition, entry.sort_date).is_shown(now) {
            items.push(item.clone());
        }
        entries.push(seen(source, entry, item, is_beyond, now));
    }
    let view = FeedView { deleted, ..upstream::view(source, &info, items, &base, now) };
    Made { view, entries, read_as, found, notes, info }
}

fn seen(source: &Source, entry: Entry, item: ItemView, is_beyond: bool, now: Time) -> Seen {
    let verdict = match source.rules.max_entries {
        Some(most) if is_beyond => format!("dropped: max_entries = {most} (not among the newest)"),
        _ => policy::verdict(source, &entry.edition, entry.sort_date, now),
    };
    let (_, rewrites) = policy::rewritten(source, &entry.edition);
    Seen { item, verdict, rewrites, date_notes: entry.edition.date_notes }
}

/// The format, and for one document the encoding of its bytes.
fn read_as(page: &Page, parsed: &ParsedFeed) -> String {
    let format = match parsed.format {
        SourceFormat::Rss => "RSS",
        SourceFormat::Rdf => "RSS 1.0 (RDF)",
        SourceFormat::Atom => "Atom",
        SourceFormat::Json => "JSON Feed",
        SourceFormat::Posts => "posts",
        SourceFormat::JsonList => "JSON list",
        SourceFormat::Page => "page",
        SourceFormat::Sitemap => "sitemap",
    };
    match &page.body {
        Body::Posts(posts) => format!("{} {format}", posts.len()),
        Body::Document(bytes) => {
            format!("{format}, {}", charset::decode(bytes, page.content_type.as_deref()).encoding)
        }
    }
}

/// The entry as the store would keep it, had it never seen another.
fn unstored(candidate: Candidate, source: &Source) -> Entry {
    let ids = store::unstored_ids(&candidate.code, &candidate.said, "localhost", candidate.first_seen);
    Entry {
        code: candidate.code,
        kind: candidate.kind,
        namespace: source.namespace.clone(),
        owner: source.id.clone(),
        sources: vec![source.id.clone()],
        aliases: candidate.aliases,
        ids,
        first_seen: candidate.first_seen,
        sort_date: candidate.sort_date,
        edition_number: 1,
        born: 1,
        changed: 1,
        categories: candidate.categories.into_iter().map(|category| category.slug).collect(),
        joins: Vec::new(),
        hidden: None,
        withdrawn: None,
        edition: candidate.edition,
    }
}
