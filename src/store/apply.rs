//! What a fetch changes: new, updated or unchanged, and everything that is written for it. Pure over an overlay;
//! every number, date and id is decided here and written down, so that nothing is decided twice.

mod reconcile;

use super::{
    StoreError, codec,
    codec::{Bodies, Head, Meta},
    ids, keys,
    overlay::Overlay,
    place::{EVERYTHING, Places, category_feed, feeds_of, read_head, source_feed},
    resolve::{Claimed, Meaning, code_alias, resolve, shared_names},
};
use crate::model::{
    Alias, Candidate, CategoryRef, Changes, CodeKind, Commit, Draft, InfoCode, PublishedIds, Slug, SourceId, Time,
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
    /// Something a reader can see changed, so it must be flushed before it is acknowledged.
    pub durable: bool,
}

/// Decides a whole commit into the overlay.
pub fn decide(
    commit: Commit,
    editions: usize,
    overlay: &mut Overlay<'_>,
    bodies: &mut Bodies,
) -> Result<Outcome, StoreError> {
    let state = codec::encode(&commit.state)?;
    overlay.put(keys::state(&commit.source), state);
    let (settled, candidates) = split(commit.drafts);
    let unchanged = settled.len();

    let claims: Vec<_> = candidates.iter().map(Claimed::from).collect();
    let meanings = resolve(&|key| overlay.get(key), &commit.namespace, &claims, settled.into_iter().collect())?;
    let shared = shared_names(&claims);
    let work = oldest_first(candidates.into_iter().zip(meanings).collect());
    let first_fetch = read_head(overlay, &source_feed(&commit.source))?.joined == 0;
    let joining = joining(&work, &commit.source, commit.new_source_entries.filter(|_| first_fetch));

    let last = overlay.get(keys::sequence())?.map_or(Ok(0), |bytes| codec::number(&bytes))?;
    let mut desk = Desk {
        source: commit.source,
        namespace: commit.namespace,
        site_host: commit.site_host,
        at: commit.at,
        editions,
        sequence: last + 1,
        shared,
        places: Places::new(commit.at),
        changes: Changes { unchanged, sequence: last, ..Changes::default() },
        touched: Vec::new(),
        brings_categories: commit.brings_categories,
        clashes: Vec::new(),
        overlay,
        bodies,
    };
    for ((candidate, meaning), joins) in work.into_iter().zip(joining) {
        desk.take(candidate, meaning, joins)?;
    }
    desk.finish()
}

fn split(drafts: Vec<Draft>) -> (Vec<InfoCode>, Vec<Candidate>) {
    let (mut settled, mut candidates) = (Vec::new(), Vec::new());
    for draft in drafts {
        match draft {
            Draft::Unchanged(code) => settled.push(code),
            Draft::Candidate(candidate) => candidates.push(*candidate),
        }
    }
    (settled, candidates)
}

/// The order of joining: by sort date, and within one date the last of the document first, so that the newest gets the
/// highest number.
fn oldest_first(mut work: Vec<(Candidate, Meaning)>) -> Vec<(Candidate, Meaning)> {
    work.reverse();
    work.sort_by_key(|(candidate, _)| candidate.sort_date);
    work
}

/// Which of them may join category and `all` feeds: on a source's first fetch only the newest of those it brings.
fn joining(work: &[(Candidate, Meaning)], source: &SourceId, limit: Option<usize>) -> Vec<bool> {
    let brought = |meaning: &Meaning| match meaning {
        Meaning::New { .. } => true,
        Meaning::Known(meta) => !meta.sources.contains(source),
        Meaning::Kept(_) | Meaning::Repeated => false,
    };
    let total = work.iter().filter(|(_, meaning)| brought(meaning)).count();
    let mut passed_over = limit.map_or(0, |limit| total.saturating_sub(limit));
    let mut may_join = |meaning: &Meaning| {
        let held_back = brought(meaning) && passed_over > 0;
        passed_over -= usize::from(held_back);
        !held_back
    };
    work.iter().map(|(_, meaning)| may_join(meaning)).collect()
}

/// One commit being decided.
struct Desk<'a, 'o> {
    source: SourceId,
    namespace: String,
    site_host: String,
    at: Time,
    editions: usize,
    sequence: u64,
    shared: BTreeSet<Alias>,
    places: Places,
    changes: Changes,
    touched: Vec<InfoCode>,
    brings_categories: bool,
    clashes: Vec<(InfoCode, String)>,
    overlay: &'a mut Overlay<'o>,
    bodies: &'a mut Bodies,
}

impl Desk<'_, '_> {
    fn take(&mut self, candidate: Candidate, meaning: Meaning, joins: bool) -> Result<(), StoreError> {
        match meaning {
            Meaning::New { code, kind, weak, clash } => {
                if let Some(holder) = clash {
                    self.clashes.push((candidate.code.clone(), holder));
                }
                self.begin(candidate, code, kind, weak, joins)
            }
            Meaning::Known(meta) => self.reconcile(candidate, *meta, joins),
            Meaning::Kept(_) => {
                self.changes.unchanged += 1;
                Ok(())
            }
            Meaning::Repeated => {
                self.changes.notes.push(format!("{} stands in the document more than once", candidate.code));
                Ok(())
            }
        }
    }

    /// A new entry.
    fn begin(
        &mut self,
        new: Candidate,
        code: InfoCode,
        kind: CodeKind,
        weak: bool,
        joins: bool,
    ) -> Result<(), StoreError> {
        let ids = ids::publish(self.overlay, &code, &new.said, &self.site_host, new.first_seen)?;
        let mut meta = self.blank(&new, code, kind, weak, ids);
        meta.rank = self.places.join(self.overlay, &mut meta, &source_feed(&self.source))?;
        if joins {
            self.places.join(self.overlay, &mut meta, EVERYTHING)?;
            for slug in meta.categories.clone() {
                self.places.join(self.overlay, &mut meta, &category_feed(&slug))?;
            }
        }
        for feed in feeds_of(&meta) {
            self.places.file(self.overlay, &meta, &feed)?;
        }
        if self.brings_categories {
            self.name_categories(&new.categories)?;
        }
        self.learn(&mut meta, &new)?;
        let body = self.bodies.encode(&new.edition)?;
        self.overlay.put(keys::body(&meta.code), body);
        self.overlay.put(keys::meta(&meta.code), codec::encode(&meta)?);
        self.touched.push(meta.code.clone());
        self.changes.new.push(meta.code);
        Ok(())
    }

    fn blank(&self, new: &Candidate, code: InfoCode, kind: CodeKind, weak: bool, ids: PublishedIds) -> Meta {
        let categories = slugs(&new.categories);
        Meta {
            code,
            kind,
            namespace: self.namespace.clone(),
            owner: self.source.clone(),
            sources: vec![self.source.clone()],
            aliases: Vec::new(),
            ids,
            first_seen: new.first_seen,
            sort_date: new.sort_date,
            edition_number: 1,
            born: self.sequence,
            changed: self.sequence,
            filed: vec![(self.source.clone(), categories.clone())],
            categories,
            joins: Vec::new(),
            raw_hashes: vec![(self.source.clone(), new.raw_hash)],
            rank: 0,
            weak,
            worded: self.source.clone(),
            other_words: Vec::new(),
        }
    }

    /// Remembers the names it came under, so that it is found under any of them. A name leads to whoever had it first.
    fn learn(&mut self, meta: &mut Meta, new: &Candidate) -> Result<(), StoreError> {
        let late = code_alias(&new.code);
        let code_is_free = new.code != meta.code && self.overlay.get(&keys::meta(&new.code))?.is_none();
        let names = new.aliases.iter().filter(|alias| !self.shared.contains(*alias));
        for alias in names.chain(code_is_free.then_some(&late)) {
            if meta.aliases.len() >= MAX_ALIASES {
                break;
            }
            let key = keys::alias(&self.namespace, alias);
            match self.overlay.get(&key)? {
                Some(holder) if holder != meta.code.as_str().as_bytes() => continue,
                Some(_) => {}
                None => self.overlay.put(key, meta.code.as_str().as_bytes().to_vec()),
            }
            if !meta.aliases.contains(alias) {
                meta.aliases.push(alias.clone());
            }
        }
        Ok(())
    }

    /// Persists the names of categories; the first one stays.
    fn name_categories(&mut self, categories: &[CategoryRef]) -> Result<(), StoreError> {
        for CategoryRef { slug, title } in categories {
            let key = keys::category(slug);
            let named = self.overlay.get(&key)?;
            if named.as_ref().is_none_or(|name| name.is_empty() && !title.is_empty()) {
                self.overlay.put(key, title.as_bytes().to_vec());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, StoreError> {
        if let Some((code, holder)) = self.clashes.first() {
            let (count, first) = (self.clashes.len(), format!("{code} is {holder}'s"));
            self.changes
                .notes
                .push(format!("{count} claimed codes belong to others ({first}): stored under codes of their own"));
        }
        let durable = !self.touched.is_empty();
        let mut heads = BTreeMap::new();
        if durable {
            self.changes.sequence = self.sequence;
            self.overlay.put(keys::sequence().to_vec(), self.sequence.to_be_bytes().to_vec());
            self.overlay.put(keys::change(self.sequence), codec::encode(&self.touched)?);
            heads = self.places.finish(self.overlay, self.sequence);
        }
        Ok(Outcome { changes: self.changes, heads, durable })
    }
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
