//! From the document to what would be published of it, by the daemon's own steps.

use crate::{
    config::Config,
    enrich::enrich,
    fetch::Page,
    identify::identify,
    model::{Candidate, Draft, Entry, GuidTrust, Known, Source, Time},
    parse, store,
    view::{self, FeedView},
};

/// What came of a document.
pub(super) struct Made {
    pub view: FeedView,
    pub notes: Vec<String>,
}

/// parse → identify → enrich → view, as `refresh` does it, with nothing known and nothing stored.
pub(super) fn make(config: &Config, source: &Source, page: Page, now: Time) -> anyhow::Result<Made> {
    let parsed = parse::parse(&page)?;
    let identified = identify(source, parsed.info.home.as_deref(), parsed.entries, GuidTrust::default());
    let known = Known(vec![None; identified.claims.len()]);
    let drafts = enrich(config, source, &parsed.info, identified.claims, &known, now);
    let items = drafts.into_iter().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some(view::item_view(config, &unstored(*candidate, source))),
        Draft::Unchanged(_) => None,
    });
    let view = super::upstream_view(config, source, &parsed.info, items.collect(), &page.base, now);
    let notes = parsed.notes.into_iter().chain(identified.notes).collect();
    Ok(Made { view, notes })
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
