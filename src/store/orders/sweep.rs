//! Retention: what is older, or more, than is to be kept goes, its words first of all. Never what a source still lists:
//! it would come back with the next poll. What is to go is searched for by a reader, in one pass, and dropped by commits.

use super::{STEP, done, settle::Gone, withdraw};
use crate::{
    model::{ChangeKind, Changes, InfoCode, Limit, Removed, Retention, Slug, SourceId, Time},
    store::{
        StoreError, accounts,
        apply::Outcome,
        codec,
        codec::Head,
        keys,
        ledger::Ledger,
        meta::{Filing, Meta},
        place::{category_feed, source_feed},
        read::{self, Reading},
        sled::Tree,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A source that was taken out of feeds.toml by mistake can be put back for so long before its entries are dropped.
const TIME_TO_REPENT: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// A search for what may go. It reads, in small steps for which no commit waits long; who commits looks at each entry again.
pub struct Search {
    shears: Shears,
    /// What is still to be looked at: a source, and the prefix of the keys under which its entries stand. The present one is the last.
    left: Vec<(SourceId, Vec<u8>)>,
    /// The last key looked at in the present one; empty before the first.
    after: Vec<u8>,
}

impl Search {
    /// Begins one over every source that was ever polled, or has entries.
    pub fn begin(tree: &Tree, retention: Arc<Retention>, at: Time) -> Result<Search, StoreError> {
        let places = |source: SourceId| {
            let (hidden, shown) = (keys::hidden_of(&source), keys::orders(&source_feed(&source)));
            [(source.clone(), hidden), (source, shown)]
        };
        let left = sources(tree)?.into_iter().flat_map(places).collect();
        Ok(Search { shears: Shears::new(retention, at), left, after: Vec::new() })
    }

    /// The sources that are purged, where what they were asked and what they said is still kept.
    pub fn purged(&mut self, tree: &Tree) -> Result<Vec<SourceId>, StoreError> {
        let mut found = Vec::new();
        for source in sources(tree)? {
            if self.shears.is_purged(tree, &source)? && accounts::are_kept(tree, &source)? {
                found.push(source);
            }
        }
        Ok(found)
    }

    /// True when everything was looked at.
    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Looks at the next entries, `STEP` at most, and gives back those that may go.
    pub fn step(&mut self, reading: &Reading<'_>) -> Result<Vec<InfoCode>, StoreError> {
        let (mut seen, mut found) = (0, Vec::new());
        while let Some((source, prefix)) = self.left.last().cloned() {
            for item in reading.tree.after(&prefix, &prefix.clone().max(std::mem::take(&mut self.after))) {
                let (key, value) = item?;
                let code =
                    codec::code(if value.is_empty() { key.get(prefix.len()..).unwrap_or_default() } else { &value })?;
                match self.look(reading, &source, &code)? {
                    Looked::Goes => found.push(code),
                    Looked::Stays => {}
                    Looked::StaysWithTheRest => break,
                }
                seen += 1;
                self.after = key;
                if seen >= STEP {
                    return Ok(found);
                }
            }
            self.after.clear();
            self.left.pop();
        }
        Ok(found)
    }

    fn look(&mut self, reading: &Reading<'_>, source: &SourceId, code: &InfoCode) -> Result<Looked, StoreError> {
        let meta = read::meta(reading, code)?.filter(|meta| meta.withdrawn.is_none());
        let Some(meta) = meta else { return Ok(Looked::Stays) };
        if self.shears.beyond(reading.tree, &meta, source)?.is_none() {
            // Oldest first, and one limit for all: whatever follows is younger and within it too.
            let all = self.shears.retention.is_uniform(source) && meta.seen().any(|filing| filing.source == *source);
            return Ok(if all { Looked::StaysWithTheRest } else { Looked::Stays });
        }
        let goes = self.shears.why_it_goes(reading.tree, &meta)?.is_some();
        Ok(if goes { Looked::Goes } else { Looked::Stays })
    }
}

enum Looked {
    Goes,
    Stays,
    StaysWithTheRest,
}

/// Drops those of the entries found that may still go; `withdrawn` names them.
pub fn sweep(
    mut ledger: Ledger<'_, '_>,
    tree: &Tree,
    retention: Arc<Retention>,
    (codes, purged): (&[InfoCode], &[SourceId]),
) -> Result<Outcome, StoreError> {
    let mut changes = Changes::default();
    let mut shears = Shears::new(retention, ledger.at);
    for code in codes {
        let Some(mut meta) = ledger.meta(code)?.filter(|meta| meta.withdrawn.is_none()) else { continue };
        let Some(why) = shears.why_it_goes(tree, &meta)? else { continue };
        let withdrawal = withdraw::retired(ledger.at, why);
        withdraw::withdraw(&mut ledger, tree, &mut meta, withdrawal, ChangeKind::Retired)?;
        changes.withdrawn.push(meta.code);
    }
    for source in purged {
        if shears.is_purged(tree, source)? {
            accounts::purge(ledger.overlay, source)?;
        }
    }
    ledger.cut_archives()?;
    done(ledger, changes)
}

struct Shears {
    retention: Arc<Retention>,
    at: Time,
    /// Key of the newest entry beyond a feed's number, by feed.
    cuts: BTreeMap<(String, usize), Option<Vec<u8>>>,
    /// `None` where nobody knows yet what the source lists.
    listed: BTreeMap<SourceId, Option<BTreeSet<InfoCode>>>,
    purged: BTreeMap<SourceId, bool>,
}

impl Shears {
    fn new(retention: Arc<Retention>, at: Time) -> Shears {
        Shears { retention, at, cuts: BTreeMap::new(), listed: BTreeMap::new(), purged: BTreeMap::new() }
    }

    /// Why this source would not keep it; `None` when it would.
    fn beyond(&mut self, tree: &Tree, meta: &Meta, source: &SourceId) -> Result<Option<String>, StoreError> {
        let Some(filing) = meta.filing(source) else { return Ok(None) };
        if self.is_purged(tree, source)? {
            return Ok(Some("its source was removed".to_owned()));
        }
        let mut why = None;
        for (feed, limit) in limits(&self.retention, filing) {
            match self.beyond_limit(tree, meta, &feed, limit)? {
                // Who wants it keeps it.
                None => return Ok(None),
                beyond => why = why.or(beyond),
            }
        }
        Ok(why)
    }

    /// Why it goes; `None` when a source that brought it still lists it or would keep it.
    fn why_it_goes(&mut self, tree: &Tree, meta: &Meta) -> Result<Option<String>, StoreError> {
        let mut why = None;
        for filing in &meta.filed {
            let beyond = self.beyond(tree, meta, &filing.source)?;
            if beyond.is_none() || self.lists(tree, &filing.source, &meta.code)? {
                return Ok(None);
            }
            why = why.or(beyond);
        }
        Ok(why)
    }

    /// True a day after a source was taken out of feeds.toml, where its entries are to go with it.
    fn is_purged(&mut self, tree: &Tree, source: &SourceId) -> Result<bool, StoreError> {
        if self.retention.removed != Removed::Purge || self.retention.polled.contains(source) {
            return Ok(false);
        }
        if let Some(purged) = self.purged.get(source) {
            return Ok(*purged);
        }
        let gone = tree.get(&keys::policy(source))?.and_then(|value| Gone::read(&value));
        let purged = gone.is_some_and(|gone| self.at - gone.since >= TIME_TO_REPENT);
        self.purged.insert(source.clone(), purged);
        Ok(purged)
    }

    fn beyond_limit(
        &mut self,
        tree: &Tree,
        meta: &Meta,
        feed: &str,
        limit: Limit,
    ) -> Result<Option<String>, StoreError> {
        let age = (self.at - meta.sort_date).to_std().unwrap_or_default();
        if let Some(most) = limit.age.filter(|most| age > *most) {
            return Ok(Some(format!("older than {}", humantime::format_duration(most))));
        }
        let Some(keep) = limit.keep else { return Ok(None) };
        let cut = self.cut(tree, feed, keep)?;
        let beyond = cut.is_some_and(|cut| keys::order(feed, meta.place()) <= cut);
        Ok(beyond.then(|| format!("not among the newest {keep} of {feed}")))
    }

    /// The order key of the newest entry that is one too many.
    fn cut(&mut self, tree: &Tree, feed: &str, keep: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let known = (feed.to_owned(), keep);
        if let Some(cut) = self.cuts.get(&known) {
            return Ok(cut.clone());
        }
        let head = tree.get(&keys::head(feed))?.map_or(Ok(Head::default()), |bytes| Head::decode(&bytes))?;
        let too_many = head.filed > keep as u64;
        let nth = too_many.then(|| tree.under(&keys::orders(feed)).rev().nth(keep)).flatten();
        let cut = nth.transpose()?.map(|(key, _)| key);
        self.cuts.insert(known, cut.clone());
        Ok(cut)
    }

    /// True when the last document of a source listed it. One that is not polled any more lists nothing.
    fn lists(&mut self, tree: &Tree, source: &SourceId, code: &InfoCode) -> Result<bool, StoreError> {
        if !self.retention.polled.contains(source) {
            return Ok(false);
        }
        if !self.listed.contains_key(source) {
            let stored = tree.get(&keys::listed(source))?;
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
    let of_sources = keys::head("s:");
    for item in tree.under(&of_sources) {
        found.extend(keys::tail(&of_sources, &item?.0).and_then(SourceId::parse));
    }
    Ok(found)
}
