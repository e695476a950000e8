//! A list that goes on in further documents: each is asked for in its host's turn, as far as there is something new and the
//! recipe's bound allows. What could not be had is looked for by the next poll, which reads on over what is known then.

use super::{
    Tools, on_a_thread,
    reading::{Opened, address},
};
use crate::{
    config::Config,
    fetch::{Page, fetch_further},
    identify::identify,
    model::{Draft, Failure, FailureKind, ParsedFeed, Source, SourceState, Time},
    parse,
    poll::{host::Visit, schedule::hold},
    recipe::{self, Harvest, Moment, Place, Request, Turn},
    store::StoreError,
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long one poll may spend on further documents.
const MAX_TIME: Duration = Duration::from_secs(120);

/// The first document with what further ones add.
pub(super) async fn with_further(
    tools: &Tools,
    config: &Config,
    source: &Arc<Source>,
    visit: &mut Visit,
    before: &SourceState,
    mut opened: Opened,
    now: Time,
) -> Result<Opened, StoreError> {
    let (Some(recipe), Some(url)) = (source.recipe.as_ref(), address(source, before)) else { return Ok(opened) };
    let moment = Moment { now, zone: source.timezone, last_id: before.last_id.as_deref() };
    let deadline = Instant::now() + MAX_TIME;
    let (mut waiting, mut asked, mut number) = (VecDeque::from(std::mem::take(&mut opened.further)), Vec::new(), 1);
    let mut last = opened.parsed.clone_last();
    while let Some(turn) = waiting.pop_front() {
        let goes_on = matches!(recipe.form, crate::model::Form::Sitemap)
            || before.unfinished
            || !ends_in_known(tools, source, before, &last).await?;
        if number >= recipe.pages || opened.parsed.entries.len() >= parse::MAX_ENTRIES || !goes_on {
            break;
        }
        let Some(request) = recipe::further(recipe, &url, &turn, &moment) else { break };
        if asked.contains(&request) {
            opened.parsed.notes.push("the next document is one that was read already: the list ends there".to_owned());
            break;
        }
        number += 1;
        let got = match Instant::now() < deadline {
            true => get(tools, config, source, visit, &request, now).await,
            false => {
                Err(Failure::new(FailureKind::Timeout, "further documents of the list took longer than a poll may"))
            }
        };
        asked.push(request);
        match read(source, &url, got, (number, visited(before), now)).await {
            Ok(Harvest { feed, further, .. }) => {
                last = feed.clone_last();
                merge(&mut opened.parsed, feed);
                waiting.extend(further);
            }
            // Behind its last page a list is empty.
            Err(failure) if failure.kind == FailureKind::Layout => break,
            Err(failure) => {
                opened.parsed.notes.push(format!("document {number} of the list could not be had: {failure}"));
                opened.parsed.partial = true;
                opened.unfinished = true;
                if visit.is_over() || !matches!(turn, Turn::At(_)) {
                    break;
                }
            }
        }
    }
    Ok(opened)
}

/// When the source was last read to its end, as far as that says what need not be looked at again.
pub(super) fn visited(before: &SourceState) -> Option<Time> {
    before.last_success.filter(|_| !before.unfinished)
}

/// The id of the newest entry, as its publisher gave it.
pub(super) fn last_id(drafts: &[Draft]) -> Option<String> {
    let ids = drafts.iter().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some((candidate.sort_date, candidate.said.id.clone()?)),
        Draft::Unchanged(_) => None,
    });
    // Of several of one time the first: lists begin with the newest.
    ids.rev().max_by_key(|(date, _)| *date).map(|(_, id)| id)
}

/// Whether the end of a document is known already: what follows is older still.
async fn ends_in_known(
    tools: &Tools,
    source: &Arc<Source>,
    before: &SourceState,
    last: &Option<ParsedFeed>,
) -> Result<bool, StoreError> {
    let Some(feed) = last.clone().filter(|_| before.last_success.is_some()) else { return Ok(false) };
    let claims = identify(source, feed.info.home.as_deref(), feed.entries, before.guid_trust).claims;
    let known = tools.store.known(&source.id, &source.namespace, &claims).await?;
    Ok(known.0.iter().any(Option::is_some))
}

async fn get(
    tools: &Tools,
    config: &Config,
    source: &Source,
    visit: &mut Visit,
    request: &Request,
    now: Time,
) -> Result<Page, Failure> {
    let url = &request.url;
    if !visit.go(&config.fetch, Some(url)).await {
        return Err(Failure::new(FailureKind::Connect, "not asked: syndic is shutting down"));
    }
    if visit.held(url).is_some() {
        visit.pass();
        return Err(Failure::new(FailureKind::Held, "its host asked us to wait"));
    }
    let got = fetch_further(&tools.client, source, request, Some((visit, &config.fetch)), now).await;
    if let Err(failure) = &got
        && failure.answer.status == 429
    {
        visit.slow_down(&config.fetch, Some(url), tools.clock.now() + hold(failure)).await;
    }
    visit.has_asked();
    got
}

async fn read(
    source: &Arc<Source>,
    url: &url::Url,
    got: Result<Page, Failure>,
    (number, before, now): (usize, Option<Time>, Time),
) -> Result<Harvest, Failure> {
    let (page, source, url) = (got?, Arc::clone(source), url.clone());
    let work = move || {
        let recipe = source.recipe.as_ref()?;
        Some(recipe::read(&page, recipe, &Place { number, source: Some(&url), before, now, zone: source.timezone }))
    };
    let read = on_a_thread(work).await.flatten();
    read.unwrap_or_else(|| Err(super::panicked("parse")))
}

/// Adds what a further document says. What stands in two, because the list moved on meanwhile, is told apart by `identify`.
fn merge(into: &mut ParsedFeed, feed: ParsedFeed) {
    into.entries.extend(feed.entries);
    into.entries.truncate(parse::MAX_ENTRIES);
    into.partial |= feed.partial;
    let new: Vec<String> = feed.notes.into_iter().filter(|note| !into.notes.contains(note)).collect();
    into.notes.extend(new);
}

impl ParsedFeed {
    /// It with its last entry only.
    fn clone_last(&self) -> Option<ParsedFeed> {
        let last = self.entries.last()?.clone();
        let (notes, tombstones) = (Vec::new(), Vec::new());
        Some(ParsedFeed {
            format: self.format,
            info: self.info.clone(),
            entries: vec![last],
            notes,
            tombstones,
            partial: false,
        })
    }
}
