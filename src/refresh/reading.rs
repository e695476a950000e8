//! From the bytes to claims: parsed, or read by the source's recipe, and identified, off the threads that serve.

use super::{Tools, body_hash, list, on_a_thread, panicked};
use crate::{
    config::Config,
    enrich,
    fetch::{Body, Page},
    identify::{Identified, identify},
    model::{
        Answer, Claim, Failure, FailureKind, Fate, FeedInfo, GuidTrust, ParsedFeed, Source, SourceState, Time,
        Tombstone, Validators, Went,
    },
    poll::{host::Visit, moves},
    recipe::{self, Harvest, Place, Turn},
    store::StoreError,
};
use std::sync::Arc;
use url::Url;

/// What came with a document; the document itself is let go when it has been parsed.
pub(super) struct Arrival {
    pub validators: Validators,
    pub answer: Answer,
    pub body_hash: Option<u64>,
    /// Posts that could not be read leave the folder without a mark.
    pub missed: bool,
}

/// A document with its claims made.
pub(super) struct Read {
    pub arrival: Arrival,
    pub feed: FeedInfo,
    pub claims: Vec<Claim>,
    pub tombstones: Vec<Tombstone>,
    pub notes: Vec<String>,
    pub trust: GuidTrust,
    pub partial: bool,
    /// A list's further documents could not all be had.
    pub unfinished: bool,
    /// Entries that are not taken in.
    pub others: Vec<Went>,
}

/// A document as it was understood.
pub(super) struct Opened {
    pub arrival: Arrival,
    pub parsed: ParsedFeed,
    /// Further documents of the same list.
    pub further: Vec<Turn>,
    pub unfinished: bool,
}

/// Parses and identifies. The inner error is the document's fault, the outer one the store's.
pub(super) async fn read(
    tools: &Tools,
    config: &Config,
    source: &Arc<Source>,
    visit: &mut Visit,
    before: &SourceState,
    page: Page,
    now: Time,
) -> Result<Result<Read, Failure>, StoreError> {
    let opened = match open(source, before, page, now).await {
        Ok(opened) => opened,
        Err(failure) => return Ok(Err(failure)),
    };
    let opened = match opened.further.is_empty() {
        true => opened,
        false => Box::pin(list::with_further(tools, config, source, visit, before, opened, now)).await?,
    };
    let (source, trust) = (Arc::clone(source), before.guid_trust);
    let identified = on_a_thread(move || identified(&source, trust, opened, now)).await;
    Ok(identified.ok_or_else(|| panicked("identify")))
}

async fn open(source: &Arc<Source>, before: &SourceState, page: Page, now: Time) -> Result<Opened, Failure> {
    let (source, had_entries) = (Arc::clone(source), !before.recent.is_empty());
    let (place, visited) = (moves::elsewhere(&source, before), list::visited(before));
    let work = move || {
        let asked = place.as_ref().or(source.url());
        let place = Place { number: 1, source: asked, before: visited, now, zone: source.timezone };
        let Harvest { feed: parsed, further, opaque, .. } = recipe::of_source(&page, &source, &place)?;
        if parsed.entries.is_empty()
            && parsed.tombstones.is_empty()
            && had_entries
            && may_not_be_empty(&source, &page, &further)
        {
            let message =
                "the feed is empty, though it held entries before: what was published stays; look at it in a browser";
            return Err(Failure { answer: page.answer, ..Failure::new(FailureKind::Empty, message) });
        }
        let missed = matches!(page.body, Body::Posts(_)) && page.validators.etag.is_none();
        // What does not say when the documents it lists changed is read each time.
        let (validators, body_hash) = match opaque {
            true => (Validators::default(), None),
            false => (page.validators.clone(), body_hash(&page)),
        };
        let arrival = Arrival { validators, answer: page.answer, body_hash, missed };
        Ok(Opened { arrival, parsed, further, unfinished: false })
    };
    on_a_thread(work).await.unwrap_or_else(|| Err(panicked("parse")))
}

/// A document that tells only what is new may have nothing to tell.
fn may_not_be_empty(source: &Source, page: &Page, further: &[Turn]) -> bool {
    let since = source.recipe.as_ref().is_some_and(|recipe| recipe.tells_news_only());
    !page.answer.is_delta() && !since && further.is_empty()
}

fn identified(source: &Source, trust: GuidTrust, opened: Opened, now: Time) -> Read {
    let Opened { arrival, parsed, unfinished, .. } = opened;
    let ParsedFeed { info, entries, tombstones, mut notes, partial, .. } = parsed;
    let identified = identify(source, info.home.as_deref(), entries, trust);
    let Identified { mut claims, repeated, trust, notes: id_notes } = identified;
    notes.extend(id_notes);
    // What is not wanted does not count as listed either: retention may drop it.
    let beyond = enrich::beyond(source, &info, &claims, now);
    let mut others: Vec<Went> = repeated.into_iter().map(|code| Went::new(code, Fate::Repeated)).collect();
    let left_out = claims.iter().filter(|claim| beyond.contains(&claim.code));
    others.extend(left_out.map(|claim| Went::unstored(claim.code.clone(), Fate::Beyond, &claim.aliases)));
    claims.retain(|claim| !beyond.contains(&claim.code));
    Read { others, arrival, feed: info, claims, tombstones, notes, trust, partial, unfinished }
}

/// Where a source's documents are asked for.
pub(super) fn address(source: &Source, before: &SourceState) -> Option<Url> {
    moves::elsewhere(source, before).or_else(|| source.url().cloned())
}
