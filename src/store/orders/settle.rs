//! Changed policy, applied to what is stored as one commit: categories, rules, embargo, expiry. The store keeps what
//! policy did not touch, so that a rule that is taken back brings everything back.

use super::done;
use crate::{
    model::{CategoryRef, ChangeKind, Changes, InfoCode, Judge, SourceId, Time},
    store::{
        StoreError,
        apply::Outcome,
        codec, keys,
        keys::Place,
        ledger::{Ledger, Stood},
        meta::{Filing, Meta},
        overlay::Overlay,
        pack::Packer,
        place::{feeds_of, source_feed},
        sled::Tree,
    },
};
use std::collections::BTreeMap;

/// What holds now.
pub struct Settlement {
    /// The time.
    pub at: Time,
    /// Every source of feeds.toml.
    pub sources: Vec<SourcePolicy>,
    /// What policy says of an entry.
    pub judge: Judge,
    /// Of the entries that newly come to stand in a feed, so many of each source join it: the newest.
    pub joining: usize,
}

/// What policy says of a source.
pub struct SourcePolicy {
    /// The source.
    pub source: SourceId,
    /// Equal hashes mean equal policies.
    pub hash: u64,
    /// Where its entries stand; `None` when they say it themselves.
    pub categories: Option<Vec<CategoryRef>>,
}

/// Decides it.
pub fn settle(
    settlement: Settlement,
    tree: &Tree,
    overlay: &mut Overlay<'_>,
    packer: &mut Packer,
) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    let mut ledger = Ledger::begin(settlement.at, overlay, packer)?;
    let mut any = false;
    for policy in &settlement.sources {
        let (key, hash) = (keys::policy(&policy.source), policy.hash.to_be_bytes().to_vec());
        if ledger.overlay.get(&key)?.as_ref() == Some(&hash) {
            continue;
        }
        ledger.overlay.put(key, hash);
        any = true;
        let moves = moves(&ledger, tree, policy, &settlement)?;
        changes.moved += apply(&mut ledger, moves, settlement.joining)?;
    }
    let durable = any || ledger.has_changes();
    let outcome = done(ledger, changes)?;
    Ok(Outcome { durable, ..outcome })
}

/// An entry that policy files otherwise than before.
struct Move {
    code: InfoCode,
    place: Place,
    filing: Filing,
    /// Feeds it newly comes to stand in.
    gained: Vec<String>,
}

fn moves(
    ledger: &Ledger<'_, '_>,
    tree: &Tree,
    policy: &SourcePolicy,
    settlement: &Settlement,
) -> Result<Vec<Move>, StoreError> {
    let mut moves = Vec::new();
    for code in codes_of(tree, &policy.source)? {
        let Some(meta) = ledger.meta(&code)? else { continue };
        let Some(old) = meta.filing(&policy.source) else { continue };
        let body = tree.get(&keys::body(&code))?.ok_or_else(|| codec::damaged("it has no body"));
        let edition = match body.and_then(|body| ledger.packer.unpacker().edition(&body)) {
            Ok(edition) => edition,
            // One damaged entry must not keep syndic from starting.
            Err(error) => {
                tracing::error!(%code, %error, "policy is not applied to it");
                continue;
            }
        };
        let filing = Filing {
            categories: policy.categories.as_ref().map_or_else(|| old.categories.clone(), |now| slugs(now)),
            standing: settlement.judge.of(&policy.source, &edition, meta.sort_date).unwrap_or_default(),
            ..old.clone()
        };
        if filing != *old {
            moves.push(moved(meta, filing, settlement.at));
        }
    }
    moves.sort_by_key(|entry| entry.place);
    Ok(moves)
}

fn moved(mut meta: Meta, filing: Filing, at: Time) -> Move {
    let before = feeds_of(&meta);
    meta.file(filing.clone());
    meta.filed.iter_mut().for_each(|filing| filing.shown = filing.standing.is_shown(at));
    let mut gained = feeds_of(&meta);
    gained.retain(|feed| !before.contains(feed));
    Move { place: meta.place(), code: meta.code, filing, gained }
}

/// Oldest first, so that the newest get the highest join numbers.
fn apply(ledger: &mut Ledger<'_, '_>, moves: Vec<Move>, joining: usize) -> Result<usize, StoreError> {
    let mut gaining = BTreeMap::<String, usize>::new();
    moves.iter().flat_map(|entry| &entry.gained).for_each(|feed| *gaining.entry(feed.clone()).or_default() += 1);
    let mut count = 0;
    for Move { code, filing, gained, .. } in moves {
        let Some(mut meta) = ledger.meta(&code)? else { continue };
        let stood = Stood::at(&meta);
        meta.file(filing);
        let among_newest = |feed: &str| gaining.get(feed).is_none_or(|left| *left <= joining);
        let changed = ledger.settle_where(&stood, &mut meta, among_newest)?;
        for feed in &gained {
            gaining.entry(feed.clone()).and_modify(|left| *left -= 1);
        }
        let told = changed && meta.withdrawn.is_none();
        ledger.keep(&mut meta, told.then_some(ChangeKind::Moved))?;
        count += usize::from(told);
    }
    Ok(count)
}

/// All entries of a source that have words, in its feed or hidden.
fn codes_of(tree: &Tree, source: &SourceId) -> Result<Vec<InfoCode>, StoreError> {
    let filed = tree.under(&keys::orders(&source_feed(source))).map(|item| codec::code(&item?.1));
    let prefix = keys::hidden_of(source);
    let hidden = tree.under(&prefix).map(|item| codec::code(item?.0.get(prefix.len()..).unwrap_or_default()));
    filed.chain(hidden).collect()
}

fn slugs(categories: &[CategoryRef]) -> Vec<crate::model::Slug> {
    categories.iter().map(|category| category.slug.clone()).collect()
}
