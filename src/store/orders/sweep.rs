//! Retention: what is older, or more, than is to be kept goes, its words first of all. Never what a source still lists:
//! it would come back with the next poll.

use super::{STEP, done, withdraw};
use crate::{
    model::{ChangeKind, Changes, InfoCode, Limit, Retention, Slug, SourceId, Time},
    store::{
        StoreError,
        apply::Outcome,
        codec,
        codec::Head,
        keys,
        ledger::Ledger,
        meta::{Filing, Meta},
        place::{category_feed, source_feed},
        sled::Tree,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Decides a step: `withdrawn` names what was dropped, nothing when all is done.
pub fn sweep(mut ledger: Ledger<'_, '_>, tree: &Tree, retention: &Retention) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    if retention.is_endless() {
        return done(ledger, changes);
    }
    let mut shears = Shears { tree, retention, at: ledger.at, cuts: BTreeMap::new(), listed: BTreeMap::new() };
    'sources: for source in sources(tree)? {
        for code in oldest_first(tree, &source) {
            let Some(mut meta) = ledger.meta(&code?)?.filter(|meta| meta.withdrawn.is_none()) else { continue };
            let Some(why) = shears.beyond(&meta, &source)? else {
                // With one limit for all, whatever follows is younger and within it too.
                if retention.is_uniform(&source) && meta.seen().any(|filing| filing.source == source) {
                    break;
                } else {
                    continue;
                }
            };
            if !shears.may_go(&meta)? {
                continue;
            }
            let withdrawal = withdraw::retired(ledger.at, why);
            withdraw::withdraw(&mut ledger, tree, &mut meta, withdrawal, ChangeKind::Retired)?;
            changes.withdrawn.push(meta.code);
            if changes.withdrawn.len() >= STEP {
                break 'sources;
            }
        }
    }
    done(ledger, changes)
}

/// The hidden ones of a source, then those that stand in its feed, oldest first.
fn oldest_first<'t>(tree: &'t Tree, source: &SourceId) -> impl Iterator<Item = Result<InfoCode, StoreError>> + use<'t> {
    let prefix = keys::hidden_of(source);
    let length = prefix.len();
    let hidden = tree.under(&prefix).map(move |item| codec::code(item?.0.get(length..).unwrap_or_default()));
    hidden.chain(tree.under(&keys::orders(&source_feed(source))).map(|item| codec::code(&item?.1)))
}

struct Shears<'a> {
    tree: &'a Tree,
    retention: &'a Retention,
    at: Time,
    /// Key of the newest entry beyond a feed's number, by feed.
    cuts: BTreeMap<(String, usize), Option<Vec<u8>>>,
    /// `None` where nobody knows yet what the source lists.
    listed: BTreeMap<SourceId, Option<BTreeSet<InfoCode>>>,
}

impl Shears<'_> {
    /// Why this source would not keep it; `None` when it would.
    fn beyond(&mut self, meta: &Meta, source: &SourceId) -> Result<Option<String>, StoreError> {
        let Some(filing) = meta.filing(source) else { return Ok(None) };
        let mut why = None;
        for (feed, limit) in limits(self.retention, filing) {
            match self.beyond_limit(meta, &feed, limit)? {
                // Who wants it keeps it.
                None => return Ok(None),
                beyond => why = why.or(beyond),
            }
        }
        Ok(why)
    }

    /// True when no source that brought it still lists it or would keep it.
    fn may_go(&mut self, meta: &Meta) -> Result<bool, StoreError> {
        for filing in &meta.filed {
            if self.beyond(meta, &filing.source)?.is_none() || self.lists(&filing.source, &meta.code)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn beyond_limit(&mut self, meta: &Meta, feed: &str, limit: Limit) -> Result<Option<String>, StoreError> {
        let age = (self.at - meta.sort_date).to_std().unwrap_or_default();
        if let Some(most) = limit.age.filter(|most| age > *most) {
            return Ok(Some(format!("older than {}", humantime::format_duration(most))));
        }
        let Some(keep) = limit.keep else { return Ok(None) };
        let cut = self.cut(feed, keep)?;
        let beyond = cut.is_some_and(|cut| keys::order(feed, meta.place()) <= cut);
        Ok(beyond.then(|| format!("not among the newest {keep} of {feed}")))
    }

    /// The order key of the newest entry that is one too many.
    fn cut(&mut self, feed: &str, keep: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let known = (feed.to_owned(), keep);
        if let Some(cut) = self.cuts.get(&known) {
            return Ok(cut.clone());
        }
        let head = self.tree.get(&keys::head(feed))?.map_or(Ok(Head::default()), |bytes| Head::decode(&bytes))?;
        let too_many = head.filed > keep as u64;
        let nth = too_many.then(|| self.tree.under(&keys::orders(feed)).rev().nth(keep)).flatten();
        let cut = nth.transpose()?.map(|(key, _)| key);
        self.cuts.insert(known, cut.clone());
        Ok(cut)
    }

    fn lists(&mut self, source: &SourceId, code: &InfoCode) -> Result<bool, StoreError> {
        if !self.listed.contains_key(source) {
            let stored = self.tree.get(&keys::listed(source))?;
            let codes = stored.map(|bytes| codec::decode_codes(&bytes)).transpose()?;
            let codes = codes.map(BTreeSet::from_iter);
            self.listed.insert(source.clone(), codes);
        }
        let listed = self.listed.get(source).and_then(Option::as_ref);
        Ok(listed.is_none_or(|listed| listed.contains(code)))
    }
}

/// What limits an entry where a source files it: the source itself, else each of its categories, else the store.
fn limits(retention: &Retention, filing: &Filing) -> Vec<(String, Limit)> {
    let own = source_feed(&filing.source);
    if let Some(limit) = retention.sources.get(&filing.source) {
        return vec![(own, *limit)];
    }
    let of_category = |slug: &Slug| match retention.categories.get(slug) {
        Some(limit) => (category_feed(slug), *limit),
        None => (own.clone(), retention.otherwise),
    };
    match filing.categories.is_empty() {
        true => vec![(own, retention.otherwise)],
        false => filing.categories.iter().map(of_category).collect(),
    }
}

/// Every source that was ever polled, or has entries.
fn sources(tree: &Tree) -> Result<BTreeSet<SourceId>, StoreError> {
    let mut found = BTreeSet::new();
    for item in tree.under(keys::states()) {
        found.extend(keys::tail(keys::states(), &item?.0).and_then(SourceId::parse));
    }
    for item in tree.under(keys::heads()) {
        let key = item?.0;
        let feed = keys::tail(keys::heads(), &key).and_then(|feed| feed.strip_prefix("s:"));
        found.extend(feed.and_then(SourceId::parse));
    }
    Ok(found)
}
