//! What a fetch changes: new, updated or unchanged, and everything that is written for it. Pure over an overlay;
//! every number, date and id is decided here and written down, so that nothing is decided twice.

mod account;
mod document;
mod reconcile;
mod take;
mod tombstones;

use account::Fates;
use document::{joining, oldest_first, remember_listed, split};

use super::{
    StoreError, codec,
    codec::Head,
    ids, keys,
    ledger::{Ledger, Stood},
    meta::{Filing, Meta},
    overlay::Overlay,
    pack::Packer,
    place::{read_head, source_feed},
    resolve::{Claimed, code_alias, lasting, resolve, shared_names},
    states,
};
use crate::model::{
    Alias, Candidate, CategoryRef, ChangeKind, Changes, CodeKind, Commit, Edition, InfoCode, Judge, PublishedIds, Slug,
    SourceId, Standing, TagName,
};
use std::collections::{BTreeMap, BTreeSet};

/// An upstream that rotates its ids with every fetch must not make an entry grow for ever.
const MAX_ALIASES: usize = 32;

/// What a commit comes to.
pub struct Outcome {
    /// For the caller.
    pub changes: Changes,
    /// Counters of the feeds it touched, as written.
    pub heads: BTreeMap<String, Head>,
    /// Something a reader can see changed, so it must be synced before it is acknowledged.
    pub durable: bool,
}

/// Decides a whole commit into the overlay.
pub fn decide(
    commit: Commit,
    editions: usize,
    overlay: &mut Overlay<'_>,
    packer: &mut Packer,
) -> Result<Outcome, StoreError> {
    states::put(overlay, &commit.source, commit.state)?;
    let (settled, candidates) = split(commit.drafts);
    let unchanged = settled.len();
    let fates = commit.heard.map(|heard| Fates::begin(heard, &settled, commit.partial));
    let mut listed = settled.clone();

    let claims: Vec<_> = candidates.iter().map(Claimed::from).collect();
    let meanings =
        resolve(&|key| overlay.get(key), packer.unpacker(), &commit.namespace, &claims, settled.into_iter().collect())?;
    let shared = shared_names(&claims);
    let work = oldest_first(candidates.into_iter().zip(meanings).collect());
    listed.extend(work.iter().filter_map(|(_, meaning)| meaning.code().cloned()));
    // Its entries may all be hidden: then it has joined nothing, and is not new all the same.
    let first_fetch = read_head(overlay, &source_feed(&commit.source))?.joined == 0
        && overlay.get(&keys::listed(&commit.source))?.is_none();
    let limit = commit.flood.or(commit.new_source_entries.filter(|_| first_fetch));
    let joining = joining(&work, &commit.source, limit);
    let present: BTreeSet<InfoCode> = listed.iter().filter(|_| !commit.deletions.is_empty()).cloned().collect();
    remember_listed(overlay, &commit.source, listed, commit.partial)?;
    if let Some(hash) = commit.policy.map(|hash| hash.to_be_bytes().to_vec()) {
        let key = keys::policy(&commit.source);
        if overlay.get(&key)?.as_ref() != Some(&hash) {
            overlay.put(key, hash);
        }
    }

    let ledger = Ledger::begin(commit.at, overlay, packer)?;
    let mut desk = Desk {
        source: commit.source,
        namespace: commit.namespace,
        site_host: commit.site_host,
        editions,
        shared,
        changes: Changes { unchanged, ..Changes::default() },
        brings_categories: commit.brings_categories,
        judge: commit.judge,
        clashes: Vec::new(),
        fates,
        ledger,
    };
    for ((candidate, meaning), joins) in work.into_iter().zip(joining) {
        desk.take(candidate, meaning, joins)?;
    }
    for deletion in commit.deletions {
        desk.bury(deletion, &present)?;
    }
    desk.finish()
}

/// One commit being decided.
struct Desk<'a, 'o> {
    source: SourceId,
    namespace: String,
    site_host: String,
    editions: usize,
    shared: BTreeSet<Alias>,
    changes: Changes,
    brings_categories: bool,
    judge: Judge,
    clashes: Vec<(InfoCode, String)>,
    fates: Option<Fates>,
    ledger: Ledger<'a, 'o>,
}

impl Desk<'_, '_> {
    /// A new entry.
    fn begin(
        &mut self,
        new: Candidate,
        code: InfoCode,
        kind: CodeKind,
        weak: bool,
        joins: bool,
    ) -> Result<(), StoreError> {
        let ids = ids::publish(self.ledger.overlay, &code, &new.said, &self.site_host, new.first_seen)?;
        let mut meta = self.blank(&new, code, kind, weak, ids);
        meta.passed_over = !joins;
        self.pass_judgement(&mut meta, &new.edition);
        self.ledger.settle(&Stood::nowhere(), &mut meta, joins)?;
        if self.brings_categories {
            self.name_categories(&new.categories)?;
        }
        self.learn(&mut meta, &new)?;
        let body = self.ledger.packer.pack_edition(&new.edition)?;
        self.ledger.overlay.put(keys::body(&meta.code), body);
        self.ledger.keep(&mut meta, Some(ChangeKind::New))?;
        self.changes.new.push(meta.code);
        Ok(())
    }

    fn blank(&mut self, new: &Candidate, code: InfoCode, kind: CodeKind, weak: bool, ids: PublishedIds) -> Meta {
        Meta {
            code,
            kind,
            namespace: self.namespace.clone(),
            owner: self.source.clone(),
            filed: vec![self.filing(new)],
            tags: Vec::new(),
            aliases: Vec::new(),
            ids,
            first_seen: new.first_seen,
            sort_date: new.sort_date,
            edition_number: 1,
            born: self.ledger.sequence,
            changed: self.ledger.sequence,
            rank: self.ledger.next_rank(),
            joins: Vec::new(),
            passed_over: false,
            weak,
            worded: self.source.clone(),
            other_words: Vec::new(),
            withdrawn: None,
            deleted: None,
            formerly: Vec::new(),
            wake: None,
        }
    }

    /// What this source says of an entry.
    fn filing(&self, new: &Candidate) -> Filing {
        Filing {
            source: self.source.clone(),
            categories: slugs(&new.categories),
            raw_hash: new.raw_hash,
            standing: Standing::default(),
            shown: false,
            hidden_since: None,
        }
    }

    /// What policy says of the edition that stands, in the name of each source that files the entry; and what it is about.
    fn pass_judgement(&self, meta: &mut Meta, edition: &Edition) {
        meta.tags = TagName::all(&edition.tags);
        let sort_date = meta.sort_date;
        for filing in &mut meta.filed {
            if let Some(standing) = self.judge.of(&filing.source, edition, sort_date) {
                filing.standing = standing;
            }
        }
    }

    /// It was taken away: it stays away, under every name it comes under.
    fn refuse(&mut self, new: &Candidate, mut meta: Meta) -> Result<(), StoreError> {
        let before = meta.clone();
        self.learn(&mut meta, new)?;
        if meta != before {
            self.ledger.keep(&mut meta, None)?;
        }
        self.changes.refused.push(meta.code);
        Ok(())
    }

    /// Remembers the names it came under, so that it is found under any of them. A name leads to whoever had it first.
    fn learn(&mut self, meta: &mut Meta, new: &Candidate) -> Result<(), StoreError> {
        let late = code_alias(&new.code);
        let overlay = &mut *self.ledger.overlay;
        let code_is_free = new.code != meta.code && overlay.get(&keys::meta(&new.code))?.is_none();
        let names = lasting(&new.aliases).filter(|alias| !self.shared.contains(*alias));
        // An entry whose bytes were destroyed keeps no names of its own, only the hashes they are found by.
        let keeps_names = !meta.is_stub();
        for alias in names.chain(code_is_free.then_some(&late)) {
            if meta.aliases.len() >= MAX_ALIASES {
                break;
            }
            let key = keys::alias(&self.namespace, alias);
            match overlay.get(&key)? {
                Some(holder) if holder != codec::code_bytes(&meta.code) => continue,
                Some(_) => {}
                None => overlay.put(key, codec::code_bytes(&meta.code)),
            }
            if keeps_names && !meta.aliases.contains(alias) {
                meta.aliases.push(alias.clone());
            }
        }
        Ok(())
    }

    /// Persists the names of categories; the first one stays.
    fn name_categories(&mut self, categories: &[CategoryRef]) -> Result<(), StoreError> {
        name_categories(self.ledger.overlay, categories)
    }

    fn finish(mut self) -> Result<Outcome, StoreError> {
        if let Some((code, holder)) = self.clashes.first() {
            let (count, first) = (self.clashes.len(), format!("{code} is {holder}'s"));
            self.changes
                .notes
                .push(format!("{count} claimed codes belong to others ({first}): stored under codes of their own"));
        }
        if let Some(code) = self.changes.refused.first() {
            let count = self.changes.refused.len();
            self.changes.notes.push(format!("{count} entries were taken away before and stay away ({code})"));
        }
        if let Some(mut fates) = self.fates {
            fates.name_holders(&self.namespace, |code| self.ledger.meta(code))?;
            fates.put(self.ledger.overlay, &self.source, self.ledger.at, self.ledger.sequence)?;
        }
        let written = self.ledger.finish()?;
        self.changes.sequence = written.sequence;
        Ok(Outcome { changes: self.changes, heads: written.heads, durable: written.durable })
    }
}

/// Persists the names of categories that entries bring; the first name stays.
pub fn name_categories(overlay: &mut Overlay<'_>, categories: &[CategoryRef]) -> Result<(), StoreError> {
    for CategoryRef { slug, title } in categories {
        let key = keys::category(slug);
        let named = overlay.get(&key)?;
        if named.as_ref().is_none_or(|name| name.is_empty() && !title.is_empty()) {
            overlay.put(key, title.as_bytes().to_vec());
        }
    }
    Ok(())
}

/// Slugs in the order given, each once.
fn slugs(categories: &[CategoryRef]) -> Vec<Slug> {
    let mut slugs = Vec::new();
    for category in categories {
        if !slugs.contains(&category.slug) {
            slugs.push(category.slug.clone());
        }
    }
    slugs
}
