//! What a document changes in an entry that is here already: whose it is, where it stands, how it reads.

use super::{Desk, slugs};
use crate::{
    model::{Candidate, CategoryRef, Edition, SourceId},
    store::{
        StoreError, codec,
        codec::Meta,
        content, keys,
        place::{EVERYTHING, category_feed, source_feed},
    },
};

impl Desk<'_, '_> {
    /// An entry that is here already.
    pub(super) fn reconcile(&mut self, new: Candidate, mut meta: Meta, joins: bool) -> Result<(), StoreError> {
        let before = meta.clone();
        let taken_over = self.take_over(&mut meta);
        let brought = !before.sources.contains(&self.source);
        if brought {
            if !meta.sources.contains(&self.source) {
                meta.sources.push(self.source.clone());
            }
            let feed = source_feed(&self.source);
            self.places.join(self.overlay, &mut meta, &feed)?;
            self.places.file(self.overlay, &meta, &feed)?;
        }
        let moved = self.refile(&mut meta, &new.categories, joins)?;
        self.learn(&mut meta, &new)?;
        set(&mut meta.raw_hashes, &self.source, new.raw_hash);
        let edited = self.reword(&mut meta, new.edition, taken_over)?;
        if edited {
            self.changes.updated.push(meta.code.clone());
        } else {
            self.changes.unchanged += 1;
        }
        if edited || moved || brought || taken_over {
            meta.changed = self.sequence;
            self.places.touch(self.overlay, &meta)?;
            self.touched.push(meta.code.clone());
        }
        if meta != before {
            self.overlay.put(keys::meta(&meta.code), codec::encode(&meta)?);
        }
        Ok(())
    }

    /// The publisher himself brings what somebody else had only linked to: it is his from now on.
    fn take_over(&mut self, meta: &mut Meta) -> bool {
        if meta.namespace == self.namespace {
            return false;
        }
        self.changes.notes.push(format!("{} came from {} before and is now this source's", meta.code, meta.owner));
        meta.namespace.clone_from(&self.namespace);
        meta.owner.clone_from(&self.source);
        meta.sources.retain(|source| *source != self.source);
        meta.sources.insert(0, self.source.clone());
        meta.weak = false;
        true
    }

    /// Files it where its sources now say. What was passed over when its source was new does not join later either.
    fn refile(&mut self, meta: &mut Meta, categories: &[CategoryRef], joins: bool) -> Result<bool, StoreError> {
        set(&mut meta.filed, &self.source, slugs(categories));
        let old = std::mem::take(&mut meta.categories);
        for slug in meta.filed.iter().flat_map(|(_, slugs)| slugs) {
            if !meta.categories.contains(slug) {
                meta.categories.push(slug.clone());
            }
        }
        let now = meta.categories.clone();
        let joins = joins && meta.joins.iter().any(|join| join.feed == EVERYTHING);
        for slug in old.iter().filter(|slug| !now.contains(slug)) {
            self.places.leave(self.overlay, meta, &category_feed(slug))?;
        }
        for slug in now.iter().filter(|slug| !old.contains(slug)) {
            let feed = category_feed(slug);
            if joins {
                self.places.join(self.overlay, meta, &feed)?;
            }
            self.places.file(self.overlay, meta, &feed)?;
        }
        if old != now {
            self.name_categories(categories)?;
        }
        Ok(old != now)
    }

    /// Makes a new edition if what it tells a reader has changed. True when it has.
    fn reword(&mut self, meta: &mut Meta, new: Edition, taken_over: bool) -> Result<bool, StoreError> {
        let stored = self.overlay.get(&keys::body(&meta.code))?;
        let stored = stored.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
        let old = self.bodies.decode(&stored)?;
        let Some(edition) = self.wording(meta, new, &old, taken_over) else { return Ok(false) };
        if content::fingerprint(&edition) == content::fingerprint(&old) {
            return Ok(false);
        }
        self.keep_edition(meta, stored)?;
        meta.edition_number += 1;
        let body = self.bodies.encode(&edition)?;
        self.overlay.put(keys::body(&meta.code), body);
        Ok(true)
    }

    /// Whose words stand: a source corrects its own; another one's words count when it changes them, not because they differ.
    fn wording(&self, meta: &mut Meta, new: Edition, old: &Edition, taken_over: bool) -> Option<Edition> {
        if meta.worded == self.source || taken_over {
            meta.worded.clone_from(&self.source);
            return Some(content::correct(new, old, self.at));
        }
        let says = content::fingerprint(&new);
        let said = meta.other_words.iter().find(|(id, _)| *id == self.source).map(|(_, hash)| *hash);
        // What an older program noted is of another reading: it counts as if the source had said nothing yet.
        let said = said.filter(|said| content::is_comparable(*said));
        match said {
            Some(said) if said == says => None,
            Some(_) => {
                meta.other_words.retain(|(id, _)| *id != self.source);
                let (author, words) = (meta.worded.clone(), content::fingerprint(old));
                set(&mut meta.other_words, &author, words);
                meta.worded.clone_from(&self.source);
                Some(content::correct(new, old, self.at))
            }
            None => {
                set(&mut meta.other_words, &self.source, says);
                Some(content::complete(old, &new, self.at))
            }
        }
    }

    /// Puts the current edition away, and drops those beyond the bound.
    fn keep_edition(&mut self, meta: &Meta, body: Vec<u8>) -> Result<(), StoreError> {
        let kept = u32::try_from(self.editions.saturating_sub(1)).unwrap_or(u32::MAX);
        if kept > 0 {
            self.overlay.put(keys::edition(&meta.code, meta.edition_number), body);
        }
        let mut beyond = meta.edition_number.saturating_sub(kept);
        while beyond > 0 && self.overlay.get(&keys::edition(&meta.code, beyond))?.is_some() {
            self.overlay.remove(keys::edition(&meta.code, beyond));
            beyond -= 1;
        }
        Ok(())
    }
}

fn set<T>(list: &mut Vec<(SourceId, T)>, source: &SourceId, value: T) {
    match list.iter_mut().find(|(id, _)| id == source) {
        Some((_, old)) => *old = value,
        None => list.push((source.clone(), value)),
    }
}
