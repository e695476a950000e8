//! The publisher's own word that an entry is no more (RFC 6721), and his word that it is there again.

use super::Desk;
use crate::{
    model::{Candidate, ChangeKind, Deletion, Fate, InfoCode, Went, Withdrawal, WithdrawalKind},
    store::{StoreError, codec, ids, keys, ledger::Stood, meta::Meta},
};
use std::collections::BTreeSet;

impl Desk<'_, '_> {
    /// Takes an entry away that this source owns. A word that was heard before changes nothing, so that an operator who
    /// brings the entry back has the last one. `listed` is what the document holds beside it.
    pub(super) fn bury(&mut self, said: Deletion, listed: &BTreeSet<InfoCode>) -> Result<(), StoreError> {
        let Some(mut meta) = self.named(&said)? else { return Ok(()) };
        let ours = meta.namespace == self.namespace && meta.owner == self.source;
        let heard = meta.deleted.is_some_and(|before| said.when <= before);
        if !ours || heard || meta.withdrawn.is_some() || self.is_newer(&meta, &said, listed)? {
            return Ok(());
        }
        let stood = Stood::at(&meta);
        meta.deleted = Some(said.when);
        meta.withdrawn = Some(Withdrawal { kind: WithdrawalKind::Deleted, at: self.ledger.at, reason: said.reason });
        self.ledger.settle(&stood, &mut meta, false)?;
        self.ledger.keep(&mut meta, Some(ChangeKind::Withdrawn))?;
        self.fates.iter_mut().for_each(|fates| fates.add(Went::new(meta.code.clone(), Fate::Deleted)));
        self.changes.withdrawn.push(meta.code);
        Ok(())
    }

    /// The same entry said again with a newer date overrides its deletion.
    pub(super) fn is_overridden(&self, new: &Candidate, meta: &Meta) -> bool {
        let by_publisher = meta.withdrawn.as_ref().is_some_and(|withdrawn| withdrawn.kind == WithdrawalKind::Deleted);
        let newer = meta.deleted.is_some_and(|when| new.edition.updated_said && new.edition.updated > when);
        by_publisher && newer && meta.owner == self.source
    }

    /// Brings it back with the words it had.
    pub(super) fn unbury(&mut self, meta: &mut Meta) -> Result<(), StoreError> {
        let stood = Stood::at(meta);
        meta.withdrawn = None;
        self.ledger.settle(&stood, meta, true)?;
        self.ledger.keep(meta, Some(ChangeKind::Restored))
    }

    /// Brings back one whose words never were here: it begins now, under the names it has.
    pub(super) fn bear(&mut self, new: Candidate, meta: Meta, joins: bool) -> Result<(), StoreError> {
        let stood = Stood::at(&meta);
        let ids = ids::publish(self.ledger.overlay, &meta.code, &new.said, &self.site_host, meta.first_seen)?;
        let (born, rank) = (self.ledger.sequence, self.ledger.next_rank());
        let mut meta = Meta { ids, born, rank, sort_date: new.sort_date, withdrawn: None, ..meta };
        meta.file(self.filing(&new));
        self.pass_judgement(&mut meta, &new.edition);
        self.ledger.settle(&stood, &mut meta, joins)?;
        if self.brings_categories {
            self.name_categories(&new.categories)?;
        }
        self.learn(&mut meta, &new)?;
        let body = self.ledger.packer.pack_edition(&new.edition)?;
        self.ledger.overlay.put(keys::body(&meta.code), body);
        self.ledger.keep(&mut meta, Some(ChangeKind::Restored))?;
        self.changes.new.push(meta.code);
        Ok(())
    }

    fn named(&self, said: &Deletion) -> Result<Option<Meta>, StoreError> {
        for name in &said.names {
            if let Some(code) = self.ledger.overlay.get(&keys::alias(&self.namespace, name))? {
                return self.ledger.meta(&codec::code(&code)?);
            }
        }
        Ok(None)
    }

    /// RFC 6721 §3: an entry updated after its deletion is there. One without a date is, where the document still has it.
    fn is_newer(&self, meta: &Meta, said: &Deletion, listed: &BTreeSet<InfoCode>) -> Result<bool, StoreError> {
        let stored = self.ledger.overlay.get(&keys::body(&meta.code))?;
        let stored = stored.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
        let edition = self.ledger.packer.unpacker().edition(&stored)?;
        Ok(if edition.updated_said { edition.updated > said.when } else { listed.contains(&meta.code) })
    }
}
