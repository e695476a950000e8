//! One refresh of one source, the unit of work: fetch → parse → identify → enrich → apply, in one commit.
//! However it ends, the source's state says how; whatever fails, nothing that is kept or published is touched.

mod ask;
mod heard;
mod list;
mod once;
mod pushed;
mod reading;
mod texts;
mod threads;

use ask::{alone, ask, come_back};
pub use once::{Odd, TakenIn, take_in_once};
use pushed::{Arrived, only_newer};
pub use pushed::{Pushed, take_pushed};
use reading::{Arrival, read};
use texts::with_missing_texts;
use threads::panicked;
pub(crate) use threads::{on_a_thread, threads};

use crate::{
    config::Config,
    enrich,
    fetch::{Body, Client, Fetched, Page},
    full_text,
    full_text::Errand,
    model::{
        Came, Changes, Clock, Commit, Failure, FailureKind, Heard, Known, Request, Source, SourceState, Time,
        Validators, Via,
    },
    parse, policy,
    poll::{
        flood,
        history::{failed, recent, remembered, to_confirm, usable},
        host::Visit,
        moves,
        schedule::{calendar::Skips, skips},
    },
    store::{Store, StoreError},
    vitals::Vitals,
    websub,
    websub::{Followers, Subscriptions},
};
use std::sync::Arc;
use url::Url;

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
    /// Who is pushed our feeds.
    pub followers: Followers,
    /// What is known of this process.
    pub vitals: Vitals,
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

/// A refresh that ended, and when the source is due.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// How it ended.
    pub outcome: Outcome,
    /// When to ask next; `None`: the source is parked.
    pub next_poll: Option<Time>,
    /// When the publisher does not want to be asked.
    pub skips: Skips,
    /// Where to ask; `None`: where feeds.toml says.
    pub elsewhere: Option<Url>,
    /// The publisher names a hub, in its answer or its document.
    pub names_hub: bool,
}

/// Refreshes one source and saves its state. `visit` is at its host. An error means that the store itself failed.
pub async fn refresh(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    mut visit: Visit,
) -> Result<Refreshed, StoreError> {
    let alone = alone(tools, source, &mut visit).await;
    let stored = tools.store.state(&source.id).await?;
    let read_last = stored.reading;
    let before = moves::permitted(source, stored.at_address(source.address())).reading(source.reading());
    if alone.waited && !come_back(config, source, &before, &mut visit).await {
        let failure = Failure::new(FailureKind::Connect, "not asked: syndic is shutting down");
        return Ok(Refreshed::of(source, Outcome::Failed(failure), &before));
    }
    let now = tools.clock.now();
    let (fetched, answered) = ask(tools, config, source, &before, &mut visit, now).await;
    let failure = match fetched {
        Ok(Fetched::NotModified(validators, answer)) => {
            let before = with_missing_texts(tools, config, source, &mut visit, before, now).await?;
            let request = Request::answered(Came::NotModified, &answer, now, answered);
            let state = SourceState { validators, ..usable(&config.poll, source, before, answer, answered) };
            return touched(tools, source, remembered(state, request), Outcome::NotModified).await;
        }
        Ok(Fetched::Modified(page)) if before.body_hash.is_some() && before.body_hash == body_hash(&page) => {
            let before = with_missing_texts(tools, config, source, &mut visit, before, now).await?;
            let request = Request::answered(Came::SameBytes, &page.answer, now, answered);
            let request = Request { bytes: heard::bytes(&page), ..request };
            let state = usable(&config.poll, source, before, page.answer, answered);
            let state = SourceState { validators: page.validators, ..state };
            return touched(tools, source, remembered(state, request), Outcome::NotModified).await;
        }
        Ok(Fetched::Modified(page)) => {
            let polled = Arrived { page, pushed: false, answered };
            // Its future is large, and most polls bring nothing.
            match Box::pin(take_in(tools, config, source, &mut visit, &before, polled, now)).await? {
                Ok((changes, plan)) => return Ok(Refreshed { outcome: Outcome::Committed(changes), ..plan }),
                Err(failure) => failure,
            }
        }
        Err(failure) => failure,
    };
    // Nobody was asked, so nobody has failed.
    if visit.is_over() && failure.kind == FailureKind::Connect {
        return Ok(Refreshed::of(source, Outcome::Failed(failure), &before));
    }
    // What changed rules want read anew is still to be.
    let state = SourceState { reading: read_last, ..failed(&config.poll, source, before, &failure, answered) };
    let state = remembered(state, Request::failed(&failure, now, answered));
    touched(tools, source, state, Outcome::Failed(failure)).await
}

/// Saves the state of a source of which nothing else changed.
async fn touched(
    tools: &Tools,
    source: &Source,
    state: SourceState,
    outcome: Outcome,
) -> Result<Refreshed, StoreError> {
    let refreshed = Refreshed::of(source, outcome, &state);
    tools.store.touch(&source.id, state).await?;
    Ok(refreshed)
}

impl Refreshed {
    fn of(source: &Source, outcome: Outcome, state: &SourceState) -> Refreshed {
        let elsewhere = moves::elsewhere(source, state);
        let names_hub = websub::names_hub(state);
        Refreshed { outcome, next_poll: state.next_poll, skips: skips(state), elsewhere, names_hub }
    }
}

/// Everything between the bytes and the commit: what changed, and the plan from now on. The inner error is the document's fault,
/// the outer one the store's.
async fn take_in(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    visit: &mut Visit,
    before: &SourceState,
    Arrived { page, pushed, answered }: Arrived,
    now: Time,
) -> Result<Result<(Changes, Refreshed), Failure>, StoreError> {
    let came = if pushed { Came::Pushed } else { Came::Document };
    let request = Request { bytes: heard::bytes(&page), ..Request::answered(came, &page.answer, now, answered) };
    let read = match read(tools, config, source, visit, before, page, now).await? {
        Ok(read) => read,
        Err(failure) => return Ok(Err(failure)),
    };
    let Arrival { validators, answer, body_hash, missed } = read.arrival;
    let unfinished = read.unfinished;
    let known = match before.last_success {
        Some(_) => tools.store.known(&source.id, &source.namespace, &read.claims).await?,
        // A source read for the first time has said nothing before: there is no hash to compare with.
        None => Known(vec![None; read.claims.len()]),
    };
    let codes: Vec<_> = known.0.iter().map(|known| known.as_ref().map(|known| known.code.clone())).collect();
    let (feed, mut notes, trust, listed) = (read.feed.clone(), read.notes, read.trust, read.claims.len());
    let (mut others, known_as) = (read.others, heard::known_as(&read.claims, &codes));
    let deletions = enrich::deletions(source, &feed, read.tombstones, now);
    let drafts = {
        let (config, source) = (Arc::clone(config), Arc::clone(source));
        on_a_thread(move || enrich::enrich(&config, &source, &read.feed, read.claims, &known, now)).await
    };
    let Some(drafts) = drafts else { return Ok(Err(panicked("enrich"))) };
    let flood = match before.last_success {
        Some(_) => flood::judge(&drafts, &codes, &before.quarantine, config.poll.max_new),
        None => flood::Verdict::default(),
    };
    notes.extend(flood::note(flood.held_back.len(), config.poll.max_new));
    others.extend(heard::held_back(&drafts, &flood));
    let (mut drafts, codes) = flood.let_in(drafts, codes);
    let corrects = pushed && (only_newer(&tools.store, &mut drafts, &codes).await? || !deletions.is_empty());
    let mut missing = Vec::new();
    if let Some(mut errand) = Errand::of(source, &tools.client, config, visit, now) {
        let read_anew = tools.store.state(&source.id).await?.reading != source.reading();
        let new = errand.of_drafts(&tools.store, &mut drafts, &codes, read_anew).await?;
        let old = errand.of_missing(&tools.store, source, before.full_text.clone(), &policy::judge(config)).await?;
        let (waiting, beyond) = full_text::waiting(new, old);
        missing = waiting;
        notes.extend(errand.note().into_iter().chain(beyond));
    }
    if !pushed {
        visit.work_on(&config.fetch).await;
    }

    // A document that broke off must not pass for known next time: the rest of it would never come. Nor one of which
    // something is held back.
    let (validators, body_hash) = match read.partial || !flood.held_back.is_empty() {
        true => (Validators::default(), None),
        // The same bytes say something else as a whole than as a delta.
        false => (validators, body_hash.filter(|_| !answer.is_delta())),
    };
    let held_back = !flood.held_back.is_empty();
    // What is beyond our bound is not read either.
    let since = source.recipe.as_ref().is_some_and(|recipe| recipe.asks_since());
    let some_of_it = read.partial || answer.is_delta() || since || listed >= parse::MAX_ENTRIES;
    let partial = pushed || missed || some_of_it || held_back;
    let is_new_flood = held_back && before.quarantine.is_empty();
    let recent = recent(&drafts, &before.recent, now);
    let last_id = list::last_id(&drafts).or_else(|| before.last_id.clone());
    let before = SourceState { guid_trust: trust, recent, last_id, unfinished, full_text: missing, ..before.clone() };
    let state = match (pushed, held_back) {
        (false, _) => {
            let before = SourceState { notes, body_hash, feed: Some(feed), quarantine: flood.quarantine, ..before };
            let state = SourceState { validators, ..usable(&config.poll, source, before, answer, answered) };
            if is_new_flood { to_confirm(&config.poll, source, state, answered) } else { state }
        }
        // The next poll is to confirm it.
        (true, true) => SourceState { validators, body_hash, quarantine: flood.quarantine, ..before },
        // Nor is a correction's word taken for good: what a poll reads in full settles it.
        (true, false) if corrects => SourceState { validators: Validators::default(), body_hash: None, ..before },
        (true, false) => before,
    };
    let state = remembered(state, request);
    let plan = Refreshed::of(source, Outcome::NotModified, &state);
    let via = if pushed { Via::Push } else { Via::Poll };
    let commit = Commit {
        source: source.id.clone(),
        namespace: source.namespace.clone(),
        site_host: config.site.url.host_str().unwrap_or("localhost").to_owned(),
        new_source_entries: (!tools.store.is_first_run()).then_some(config.publish.new_source_entries),
        flood: flood.quiet.then_some(config.publish.new_source_entries),
        drafts,
        deletions,
        heard: Some(Heard { via, address: source.address(), others, known_as }),
        state,
        at: now,
        partial,
        judge: policy::judge(config),
        policy: Some(policy::fingerprint(config, source)),
        brings_categories: source.categories.is_empty(),
    };
    let changes = tools.store.apply(commit).await?;
    Ok(Ok((changes, plan)))
}

/// Hash of a document's bytes. Folders have their fingerprint in the validators instead.
fn body_hash(page: &Page) -> Option<u64> {
    match &page.body {
        Body::Document(bytes) => Some(twox_hash::XxHash3_64::oneshot(bytes)),
        Body::Posts(_) => None,
    }
}
