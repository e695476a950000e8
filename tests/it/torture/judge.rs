//! What a store must hold after whatever happened: judged through what it offers to everyone.

use super::{SOURCES, Toll, worker::Said};
use crate::support::press::{CATEGORIES, FRESH, Press, source_feed};
use std::{collections::BTreeSet, path::Path};
use syndic::{
    model::FeedId,
    store::{Store, StoreOptions},
};

/// Rounds of each source that were acknowledged so far.
#[derive(Clone, Default)]
pub struct Acknowledged([usize; SOURCES]);

impl Acknowledged {
    /// What a worker has said.
    pub fn hear(&mut self, said: &[Said], toll: &mut Toll) {
        for said in said {
            match said {
                Said::Acknowledged(source, round) => {
                    self.0[*source] = self.0[*source].max(round + 1);
                    toll.acknowledged += 1;
                }
                Said::Unopened(why) => {
                    eprintln!("unopened: {why}");
                    toll.unopened += 1;
                }
                Said::Open | Said::Refused(_) => {}
            }
        }
    }
}

/// Opens the store and looks at everything. What is there beyond what was acknowledged was under way, and counts from now on.
pub async fn judge(data: &Path, acknowledged: &mut Acknowledged, toll: &mut Toll) {
    let store = match Store::open(data, StoreOptions { cache: 4 << 20, editions: 3, ..StoreOptions::default() }) {
        Ok(store) => store,
        Err(error) => {
            eprintln!("unopened: {error}");
            toll.unopened += 1;
            return;
        }
    };
    let mut held = [0; SOURCES];
    for (source, (held, told)) in held.iter_mut().zip(acknowledged.0).enumerate() {
        *held = rounds(&store, source, told, toll).await;
        members(&store, source, *held, toll).await;
    }
    in_step(&store, &held, toll).await;
    acknowledged.0 = held;
    store.close(crate::support::press::at(0)).await.unwrap();
}

/// Rounds of a source that are there, by its counter and by its state, which were written together.
async fn rounds(store: &Store, source: usize, acknowledged: usize, toll: &mut Toll) -> usize {
    let entries = store.count(&source_feed(source)).await.unwrap() as usize;
    let rounds = store.state(&Press::id(source)).await.unwrap().body_hash.map_or(0, |round| round as usize + 1);
    if rounds < acknowledged || entries < acknowledged * FRESH {
        eprintln!("lost: source {source} was told of {acknowledged} rounds, has {rounds} and {entries} entries");
        toll.lost += 1;
    }
    if entries != rounds * FRESH || rounds > acknowledged + 1 {
        eprintln!("partial: source {source} has {entries} entries after {rounds} rounds, {acknowledged} acknowledged");
        toll.partial += 1;
    }
    rounds
}

/// Every member of every round is there once, with the words the last round left it, found under its code and its guid.
async fn members(store: &Store, source: usize, rounds: usize, toll: &mut Toll) {
    let entries = store.page(&source_feed(source), 0, usize::MAX).await.unwrap().entries;
    let mut missing: BTreeSet<_> =
        (0..rounds).flat_map(|round| (0..FRESH).map(move |member| (round, member))).collect();
    for entry in &entries {
        let title = entry.edition.title.as_ref().map_or("", |title| title.value.as_str());
        let numbers: Vec<usize> = title.split(' ').filter_map(|word| word.get(1..)?.parse().ok()).collect();
        let &[of, round, member] = numbers.as_slice() else { panic!("{title}") };
        let corrected = member == 0 && round + 1 < rounds;
        let words = Press::words(source, round, member, rounds.saturating_sub(1));
        let content = entry.edition.content.as_ref().map(|content| content.value.as_str());
        if of != source || content != Some(&words) || entry.edition_number != if corrected { 2 } else { 1 } {
            eprintln!(
                "lost: {title} of source {source}, {rounds} rounds, holds {content:?}, edition {}",
                entry.edition_number
            );
            toll.lost += 1;
        }
        if !missing.remove(&(round, member)) {
            eprintln!("out of step: {title} is listed once more than it should be");
            toll.out_of_step += 1;
        }
    }
    if !missing.is_empty() {
        eprintln!("lost: of source {source}, {rounds} rounds: {missing:?}");
        toll.lost += missing.len() as u64;
    }
    if let Some(last) = entries.first() {
        let guid = last.ids.rss.clone();
        let found = (store.entry(&last.code).await.unwrap(), store.find(&guid).await.unwrap());
        if [&found.0, &found.1].into_iter().any(|found| found.as_ref().is_none_or(|found| found.code != last.code)) {
            eprintln!("out of step: {} is not found under its code or {guid}: {found:?}", last.code);
            toll.out_of_step += 1;
        }
    }
}

/// Counters, pages and the scan by code say the same.
async fn in_step(store: &Store, held: &[usize; SOURCES], toll: &mut Toll) {
    let mut wanted = vec![(FeedId::All, held.iter().sum::<usize>() * FRESH)];
    for category in 0..CATEGORIES {
        let rounds = (category..SOURCES).step_by(CATEGORIES).map(|source| held[source]).sum::<usize>();
        wanted.push((FeedId::Category(Press::category(category)), rounds * FRESH));
    }
    wanted.extend((0..SOURCES).map(|source| (source_feed(source), held[source] * FRESH)));
    for (feed, entries) in wanted {
        let counted = store.count(&feed).await.unwrap() as usize;
        // A source's page was looked at above, and `All` has none.
        let paged = match feed {
            FeedId::Category(_) => store.page(&feed, 0, usize::MAX).await.unwrap().entries.len(),
            FeedId::All | FeedId::Source(_) | FeedId::Tag(_) => entries,
        };
        if counted != entries || paged != entries {
            eprintln!("out of step: {feed:?} counts {counted}, lists {paged}, should hold {entries}");
            toll.out_of_step += 1;
        }
        let newest = store.feed(&feed, 5).await.unwrap().entries.len();
        if newest < entries.min(5) {
            eprintln!("out of step: {feed:?} holds {entries} and shows {newest} as its newest");
            toll.out_of_step += 1;
        }
    }
    let scanned = store.scan(None, usize::MAX).await.unwrap().len();
    if scanned != held.iter().sum::<usize>() * FRESH {
        eprintln!("out of step: {scanned} entries by code");
        toll.out_of_step += 1;
    }
}
