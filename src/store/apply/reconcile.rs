//! What a document changes in an entry that is here already: whose it is, where it stands, how it reads.

use super::Desk;
use crate::{
    model::{Candidate, ChangeKind, Edition, Fate, SourceId, Went},
    store::{
        StoreError, codec, content, keys,
        ledger::{Ledger, Stood},
        meta::Meta,
    },
};

/// What a document does to an entry's words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Nothing.
    Same,
    /// Nothing, but we read more of it than an older program did.
    ReadAnew,
    /// It corrects them.
    Edited,
}

impl Desk<'_, '_> {
    /// An entry that is here already.
    pub(super) fn reconcile(&mut self, new: Candidate, mut meta: Meta, joins: bool) -> Result<Went, StoreError> {
        let (before, stood) = (meta.clone(), Stood::at(&meta));
        let taken_over = self.take_over(&mut meta);
        let brought = before.filing(&self.source).is_none();
        let refiled = before.filing(&self.source).is_none_or(|old| old.categories != super::slugs(&new.categories));
        meta.file(self.filing(&new));
        if taken_over {
            // The owner stands first.
            meta.filed.sort_by_key(|filing| filing.source != self.source);
        }
        self.learn(&mut meta, &new)?;
        let (turn, edition) = self.reword(&mut meta, new.edition, taken_over)?;
        self.pass_judgement(&mut meta, &edition);
        // What did not join everything when it came joins nothing later.
        let may_join = joins && (Ledger::joined_everything(&before) || stood.is_nowhere());
        let moved = self.ledger.settle(&stood, &mut meta, may_join)?;
        // Names of categories that feeds.toml knows are not kept: one that is gone from there may have been private.
        if self.brings_categories && refiled && moved {
            self.name_categories(&new.categories)?;
        }
        let mut went = Went::new(meta.code.clone(), Fate::Alike);
        if turn == Turn::Edited {
            self.changes.updated.push(meta.code.clone());
            (went.fate, went.edition) = (Fate::Updated, Some(meta.edition_number));
        } else {
            self.changes.unchanged += 1;
        }
        let change = match (turn, moved || brought || taken_over) {
            (Turn::Edited, _) => Some(ChangeKind::Updated),
            // Readers and partners get what is read anew, under the same edition.
            (Turn::ReadAnew, _) | (Turn::Same, true) => Some(ChangeKind::Moved),
            (Turn::Same, false) => None,
        };
        if change.is_some() || meta != before {
            self.ledger.keep(&mut meta, change)?;
        }
        Ok(went)
    }

    /// The publisher himself brings what somebody else had only linked to: it is his from now on.
    fn take_over(&mut self, meta: &mut Meta) -> bool {
        if meta.namespace == self.namespace {
            return false;
        }
        self.changes.notes.push(format!("{} came from {} before and is now this source's", meta.code, meta.owner));
        meta.namespace.clone_from(&self.namespace);
        meta.owner.clone_from(&self.source);
        meta.weak = false;
        true
    }

    /// Makes a new edition if what it tells a reader has changed; and the edition that stands.
    fn reword(&mut self, meta: &mut Meta, new: Edition, taken_over: bool) -> Result<(Turn, Edition), StoreError> {
        let stored = self.ledger.overlay.get(&keys::body(&meta.code))?;
        let stored = stored.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
        let old = self.ledger.packer.unpacker().edition(&stored)?;
        let Some(edition) = self.wording(meta, new, &old, taken_over) else { return Ok((Turn::Same, old)) };
        let tells_the_same = content::fingerprint(&edition) == content::fingerprint(&old);
        if content::is_read_anew(&old, &edition) {
            let edition = Edition { updated: old.updated, fetched: old.fetched, ..edition };
            let body = self.ledger.packer.pack_edition(&edition)?;
            self.ledger.overlay.put(keys::body(&meta.code), body);
            return Ok((if tells_the_same { Turn::Same } else { Turn::ReadAnew }, edition));
        }
        if tells_the_same {
            return Ok((Turn::Same, old));
        }
        self.keep_edition(meta, stored)?;
        meta.edition_number = meta.edition_number.saturating_add(1);
        let body = self.ledger.packer.pack_edition(&edition)?;
        self.ledger.overlay.put(keys::body(&meta.code), body);
        Ok((Turn::Edited, edition))
    }

    /// Whose words stand: a source corrects its own; another one's words count when it changes them, not because they differ.
    fn wording(&self, meta: &mut Meta, new: Edition, old: &Edition, taken_over: bool) -> Option<Edition> {
        if meta.worded == self.source || taken_over {
            meta.worded.clone_from(&self.source);
            return Some(content::correct(new, old, self.ledger.at));
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
                Some(content::correct(new, old, self.ledger.at))
            }
            None => {
                set(&mut meta.other_words, &self.source, says);
                Some(content::complete(old, &new, self.ledger.at))
            }
        }
    }

    /// Puts the current edition away, and drops those beyond the bound.
    fn keep_edition(&mut self, meta: &Meta, body: Vec<u8>) -> Result<(), StoreError> {
        let kept = u32::try_from(self.editions.saturating_sub(1)).unwrap_or(u32::MAX);
        if kept > 0 {
            self.ledger.overlay.put(keys::edition(&meta.code, meta.edition_number), body);
        }
        let mut beyond = meta.edition_number.saturating_sub(kept);
        while beyond > 0 && self.ledger.overlay.get(&keys::edition(&meta.code, beyond))?.is_some() {
            self.ledger.overlay.remove(keys::edition(&meta.code, beyond));
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
