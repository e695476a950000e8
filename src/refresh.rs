//! One refresh of one source, the unit of work: fetch → parse → identify → enrich → apply, in one commit.
//! However it ends, the source's state says how; whatever fails, nothing that is kept or published is touched.

mod pushed;

use pushed::Arrived;
pub use pushed::{Pushed, take_pushed};

use crate::{
    config::Config,
    enrich, fetch,
    fetch::{Body, Client, Fetched, Page},
    full_text,
    full_text::Errand,
    identify::{Identified, identify},
    model::{
        Answer, Changes, Claim, Clock, Commit, Draft, Failure, FailureKind, FeedInfo, Known, ParsedFeed, Source,
        SourceState, Time, Tombstone, Validators,
    },
    parse, policy, poll,
    poll::host::Visit,
    store::{Store, StoreError},
    websub::Subscriptions,
};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// How many dates of a source's newest entries are remembered: enough for a median gap.
const RECENT: usize = 20;

/// What a refresh works with. Cheap to clone.
#[derive(Clone)]
pub struct Tools {
    /// The guarded client.
    pub client: Client,
    /// The store.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// What hubs have promised.
    pub subscriptions: Subscriptions,
}

/// How a refresh ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The publisher said nothing changed, or sent the same bytes again.
    NotModified,
    /// A document was read and committed.
    Committed(Changes),
    /// Nothing usable came.
    Failed(Failure),
}

/// Refreshes one source and saves its state. `visit` is at its host. An error means that the store itself failed.
pub async fn refresh(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    mut visit: Visit,
) -> Result<Outcome, StoreError> {
    let _alone = tools.subscriptions.alone(&source.id).await;
    let now = tools.clock.now();
    let stored = tools.store.state(&source.id).await?;
    let read_last = stored.reading;
    let before = stored.at_address(source.address()).reading(source.rules.reading());
    let failure = match fetch::fetch(&tools.client, source, &before, now).await {
        Ok(Fetched::NotModified(validators, answer)) => {
            let before = with_missing_texts(tools, config, source, &mut visit, before, now).await?;
            let state = SourceState { validators, ..usable(config, source, before, answer, now) };
            tools.store.touch(&source.id, state).await?;
            return Ok(Outcome::NotModified);
        }
        Ok(Fetched::Modified(page)) if before.body_hash.is_some() && before.body_hash == body_hash(&page) => {
            let before = with_missing_texts(tools, config, source, &mut visit, before, now).await?;
            let state = SourceState { validators: page.validators, ..usable(config, source, before, page.answer, now) };
            tools.store.touch(&source.id, state).await?;
            return Ok(Outcome::NotModified);
        }
        Ok(Fetched::Modified(page)) => {
            let polled = Arrived { page, pushed: false };
            match take_in(tools, config, source, &mut visit, &before, polled, now).await? {
                Ok(changes) => return Ok(Outcome::Committed(changes)),
                Err(failure) => failure,
            }
        }
        Err(failure) => failure,
    };
    // What changed rules want read anew is still to be.
    let state = SourceState { reading: read_last, ..failed(config, source, before, &failure, now) };
    tools.store.touch(&source.id, state).await?;
    Ok(Outcome::Failed(failure))
}

/// Everything between the bytes and the commit. The inner error is the document's fault, the outer one the store's.
async fn take_in(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    visit: &mut Visit,
    before: &SourceState,
    arrived: Arrived,
    now: Time,
) -> Result<Result<Changes, Failure>, StoreError> {
    let pushed = arrived.pushed;
    let (page, read) = match read(source, before, arrived.page, now).await {
        Ok(read) => read,
        Err(failure) => return Ok(Err(failure)),
    };
    let known = match before.last_success {
        Some(_) => tools.store.known(&source.id, &source.namespace, &read.claims).await?,
        // A source read for the first time has said nothing before: there is no hash to compare with.
        None => Known(vec![None; read.claims.len()]),
    };
    let codes: Vec<_> = known.0.iter().map(|known| known.as_ref().map(|known| known.code.clone())).collect();
    let (feed, mut notes, trust, listed) = (read.feed.clone(), read.notes, read.trust, read.claims.len());
    let deletions = enrich::deletions(source, &feed, read.tombstones, now);
    let drafts = {
        let (config, source) = (Arc::clone(config), Arc::clone(source));
        on_a_thread(move || enrich::enrich(&config, &source, &read.feed, read.claims, &known, now)).await
    };
    let Some(mut drafts) = drafts else { return Ok(Err(panicked("enrich"))) };
    let mut missing = Vec::new();
    if let Some(mut errand) = Errand::of(source, &tools.client, config, visit, now) {
        let read_anew = tools.store.state(&source.id).await?.reading != source.rules.reading();
        let new = errand.of_drafts(&tools.store, &mut drafts, &codes, read_anew).await?;
        let old = errand.of_missing(&tools.store, source, before.full_text.clone(), &policy::judge(config)).await?;
        let (waiting, beyond) = full_text::waiting(new, old);
        missing = waiting;
        notes.extend(errand.note().into_iter().chain(beyond));
    }

    // A document that broke off must not pass for known next time: the rest of it would never come.
    let (validators, body_hash) = match read.partial {
        true => (Validators::default(), None),
        false => (page.validators.clone(), body_hash(&page)),
    };
    // Posts that could not be read leave the folder without a mark; what is beyond our bound is not read either.
    let missed = matches!(page.body, Body::Posts(_)) && page.validators.etag.is_none();
    let partial = pushed || read.partial || missed || listed >= parse::MAX_ENTRIES;
    let recent = recent(&drafts, &before.recent, now);
    let before = SourceState { guid_trust: trust, recent, full_text: missing, ..before.clone() };
    let state = if pushed {
        before
    } else {
        let before = SourceState { notes, body_hash, feed: Some(feed), ..before };
        SourceState { validators, ..usable(config, source, before, page.answer, now) }
    };
    let commit = Commit {
        source: source.id.clone(),
        namespace: source.namespace.clone(),
        site_host: config.site.url.host_str().unwrap_or("localhost").to_owned(),
        new_source_entries: (!tools.store.is_first_run()).then_some(config.publish.new_source_entries),
        drafts,
        deletions,
        state,
        at: now,
        partial,
        judge: policy::judge(config),
        brings_categories: source.categories.is_empty(),
    };
    tools.store.apply(commit).await.map(Ok)
}

/// The state after trying again for the texts of articles that could not be had before.
async fn with_missing_texts(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Source,
    visit: &mut Visit,
    before: SourceState,
    now: Time,
) -> Result<SourceState, StoreError> {
    if before.full_text.is_empty() {
        return Ok(before);
    }
    let full_text = match Errand::of(source, &tools.client, config, visit, now) {
        Some(mut errand) => errand.of_missing(&tools.store, source, before.full_text, &policy::judge(config)).await?,
        None => Vec::new(),
    };
    Ok(SourceState { full_text, ..before })
}

/// A document with its claims made.
struct Read {
    feed: FeedInfo,
    claims: Vec<Claim>,
    tombstones: Vec<Tombstone>,
    notes: Vec<String>,
    trust: crate::model::GuidTrust,
    partial: bool,
}

/// Parses and identifies, off the threads that serve.
async fn read(source: &Arc<Source>, before: &SourceState, page: Page, now: Time) -> Result<(Page, Read), Failure> {
    let (source, trust, had_entries) = (Arc::clone(source), before.guid_trust, !before.recent.is_empty());
    let work = move || {
        let ParsedFeed { info, entries, tombstones, mut notes, partial, .. } = parse::parse(&page)?;
        if entries.is_empty() && tombstones.is_empty() && had_entries {
            let message =
                "the feed is empty, though it held entries before: what was published stays; look at it in a browser";
            return Err(Failure { answer: page.answer, ..Failure::new(FailureKind::Empty, message) });
        }
        let Identified { mut claims, trust, notes: id_notes } = identify(&source, info.home.as_deref(), entries, trust);
        notes.extend(id_notes);
        // What is not wanted does not count as listed either: retention may drop it.
        let beyond = enrich::beyond(&source, &info, &claims, now);
        claims.retain(|claim| !beyond.contains(&claim.code));
        Ok((page, Read { feed: info, claims, tombstones, notes, trust, partial }))
    };
    on_a_thread(work).await.unwrap_or_else(|| Err(panicked("parse")))
}

/// Runs work of some milliseconds off the threads that serve, on no more threads than there are processors: more would
/// only hold more memory. `None` when it panicked, which the panic hook has logged.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    static PROCESSORS: LazyLock<Semaphore> =
        LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
    let _permit = PROCESSORS.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

fn panicked(stage: &str) -> Failure {
    Failure::new(
        FailureKind::NotAFeed,
        format!("{stage} stopped on this document (a bug in syndic: please report the document)"),
    )
}

/// The state after an answer that could be used.
fn usable(config: &Config, source: &Source, before: SourceState, answer: Answer, now: Time) -> SourceState {
    let moved = match (&answer.moved_to, before.moved) {
        (Some(to), Some((same, since))) if *to == same => Some((same, since)),
        (Some(to), _) => Some((to.clone(), now)),
        (None, _) => None,
    };
    let state = SourceState {
        last_attempt: Some(now),
        last_success: Some(now),
        failures: 0,
        error: None,
        gone: None,
        moved,
        answer,
        ..before
    };
    scheduled(config, source, state, None, now)
}

/// The state after a failure: validators and all that is known of the source stay.
fn failed(config: &Config, source: &Source, before: SourceState, failure: &Failure, now: Time) -> SourceState {
    let gone = (failure.kind == FailureKind::Gone).then(|| match before.gone {
        Some((since, times)) => (since, times.saturating_add(1)),
        None => (now, 1),
    });
    let state = SourceState {
        last_attempt: Some(now),
        failures: before.failures.saturating_add(1),
        error: Some(failure.clone()),
        gone,
        ..before
    };
    scheduled(config, source, state, Some(failure), now)
}

fn scheduled(
    config: &Config,
    source: &Source,
    state: SourceState,
    failure: Option<&Failure>,
    now: Time,
) -> SourceState {
    let next = poll::schedule::decide(&config.poll, source, &state, failure, now);
    SourceState { next_poll: next.at, next_reason: next.reason, hold_until: next.hold_until, ..state }
}

/// The dates of the newest entries, those of this document and those known before, newest first.
fn recent(drafts: &[Draft], before: &[Time], now: Time) -> Vec<Time> {
    let fresh = drafts.iter().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some(candidate.sort_date.min(now)),
        Draft::Unchanged(_) => None,
    });
    let mut dates: Vec<Time> = fresh.chain(before.iter().copied()).collect();
    dates.sort_unstable_by(|a, b| b.cmp(a));
    dates.dedup();
    dates.truncate(RECENT);
    dates
}

/// Hash of a document's bytes. Folders have their fingerprint in the validators instead.
fn body_hash(page: &Page) -> Option<u64> {
    match &page.body {
        Body::Document(bytes) => Some(twox_hash::XxHash3_64::oneshot(bytes)),
        Body::Posts(_) => None,
    }
}
