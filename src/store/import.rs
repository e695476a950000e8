//! What an export brings: entries that are not here yet, newer editions of those that are, and what was taken away. Pure over an
//! overlay. It gives no entry to another owner, and makes no twin: a name that leads to another entry here refuses the line.

use super::{
    Store, StoreError,
    apply::{Outcome, name_categories},
    codec, content, ids, keys,
    ledger::{Ledger, Stood},
    meta::{Filing, Meta},
    overlay::Overlay,
    pack::Packer,
    resolve::code_alias,
    writer::Job,
};
use crate::model::{
    ChangeKind, Changes, Edition, Filed, Gone, InfoCode, Kept, Portable, PublishedIds, TagName, Time, Withdrawal,
    WithdrawalKind,
};

/// What to take in, as one commit.
#[derive(Clone, Debug)]
pub struct Import {
    /// The lines.
    pub entries: Vec<Portable>,
    /// Host of our own `[site] url`, for those that bring no id.
    pub site_host: String,
    /// Now.
    pub at: Time,
    /// The store was empty when the import began: entries enter feeds when they were first seen, not now.
    pub fresh: bool,
}

/// What came of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It was not here.
    New,
    /// Newer editions of it were added, or it was taken away.
    Updated,
    /// It brought nothing newer.
    Unchanged,
    /// It cannot be taken in: why.
    Refused(String),
}

impl Store {
    /// Takes in what was exported elsewhere, as one commit; what came of each line, in order. Durable when it returns.
    pub async fn import(&self, import: Import) -> Result<Vec<Imported>, StoreError> {
        self.ask(|reply| Job::Import(Box::new(import), reply)).await
    }
}

/// Decides it all into the overlay; what came of each, in order.
pub fn decide(
    import: Import,
    editions: usize,
    overlay: &mut Overlay<'_>,
    packer: &mut Packer,
) -> Result<(Vec<Imported>, Outcome), StoreError> {
    let Import { entries, site_host, at, fresh } = import;
    let mut desk = Desk { site_host, fresh, editions, ledger: Ledger::begin(at, overlay, packer)? };
    let one = |one| match one {
        Portable::Entry(kept) => desk.take(*kept),
        Portable::Gone(gone) => desk.withdraw(*gone),
    };
    let results = entries.into_iter().map(one).collect::<Result<_, _>>()?;
    let written = desk.ledger.finish()?;
    let changes = Changes { sequence: written.sequence, ..Changes::default() };
    Ok((results, Outcome { changes, heads: written.heads, durable: written.durable }))
}

struct Desk<'a, 'o> {
    site_host: String,
    fresh: bool,
    editions: usize,
    ledger: Ledger<'a, 'o>,
}

impl Desk<'_, '_> {
    fn take(&mut self, kept: Kept) -> Result<Imported, StoreError> {
        if let Some(meta) = self.here(&kept.code, &kept.namespace)? {
            if let Some(withdrawn) = &meta.withdrawn {
                return Ok(Imported::Refused(format!("{} was taken away here: {}", meta.code, withdrawn.reason)));
            }
            return match whose(&meta, &kept.namespace) {
                Some(refused) => Ok(refused),
                None => self.add(kept, meta),
            };
        }
        for alias in &kept.aliases {
            if let Some(holder) = self.ledger.overlay.get(&keys::alias(&kept.namespace, alias))? {
                let (name, holder) = (&alias.0, codec::code(&holder)?);
                return Ok(Imported::Refused(format!("its name `{name}` is that of {holder} here")));
            }
        }
        self.begin(kept)
    }

    /// The entry of that code, also where it is a late name of another.
    fn here(&self, code: &InfoCode, namespace: &str) -> Result<Option<Meta>, StoreError> {
        if let Some(meta) = self.ledger.meta(code)? {
            return Ok(Some(meta));
        }
        let holder = self.ledger.overlay.get(&keys::alias(namespace, &code_alias(code)))?;
        holder.map_or(Ok(None), |holder| self.ledger.meta(&codec::code(&holder)?))
    }

    fn begin(&mut self, mut kept: Kept) -> Result<Imported, StoreError> {
        let Some((number, current)) = kept.editions.pop() else { return Ok(Imported::Unchanged) };
        let (code, first_seen) = (&kept.code, kept.first_seen);
        let ids = ids::adopt(self.ledger.overlay, code, kept.ids.take(), &self.site_host, first_seen)?;
        let mut meta = Meta {
            code: kept.code,
            kind: kept.kind,
            namespace: kept.namespace,
            filed: kept.filed.into_iter().map(filing).collect(),
            tags: TagName::all(&current.tags),
            aliases: kept.aliases,
            ids,
            first_seen,
            sort_date: kept.sort_date,
            edition_number: number,
            born: self.ledger.sequence,
            changed: self.ledger.sequence,
            rank: self.ledger.next_rank(),
            joins: Vec::new(),
            passed_over: !kept.in_feeds,
            weak: kept.only_linked,
            worded: kept.words_from,
            owner: kept.owner,
            other_words: Vec::new(),
            withdrawn: None,
            deleted: kept.deleted,
            formerly: Vec::new(),
            wake: None,
        };
        self.ledger.join_at(if self.fresh { first_seen.min(self.ledger.at) } else { self.ledger.at });
        self.ledger.settle(&Stood::nowhere(), &mut meta, true)?;
        for alias in &meta.aliases {
            self.name(keys::alias(&meta.namespace, alias), &meta.code)?;
        }
        for (namespace, alias) in kept.other_names {
            self.name(keys::alias(&namespace, &alias), &meta.code)?;
            if !meta.aliases.contains(&alias) {
                meta.aliases.push(alias);
            }
        }
        name_categories(self.ledger.overlay, &kept.titles)?;
        let beyond = kept.editions.len().saturating_sub(self.editions.saturating_sub(1));
        for (number, edition) in kept.editions.iter().skip(beyond) {
            let body = self.ledger.packer.pack_edition(edition)?;
            self.ledger.overlay.put(keys::edition(&meta.code, *number), body);
        }
        let body = self.ledger.packer.pack_edition(&current)?;
        self.ledger.overlay.put(keys::body(&meta.code), body);
        self.ledger.keep(&mut meta, Some(ChangeKind::New))?;
        Ok(Imported::New)
    }

    /// A name leads to whoever had it first.
    fn name(&mut self, key: Vec<u8>, code: &InfoCode) -> Result<(), StoreError> {
        if self.ledger.overlay.get(&key)?.is_none() {
            self.ledger.overlay.put(key, codec::code_bytes(code));
        }
        Ok(())
    }

    /// Adds the editions that are newer than what is here and tell something else.
    fn add(&mut self, kept: Kept, mut meta: Meta) -> Result<Imported, StoreError> {
        let stored = self.ledger.overlay.get(&keys::body(&meta.code))?;
        let mut body = stored.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
        let mut current: Edition = self.ledger.packer.unpacker().edition(&body)?;
        let before = meta.edition_number;
        for (_, edition) in kept.editions {
            if edition.fetched <= current.fetched {
                continue;
            }
            let at = edition.fetched;
            let edition = content::correct(edition, &current, at);
            if content::changes(&current, &edition).is_empty() {
                continue;
            }
            self.put_away(&meta, body)?;
            meta.edition_number += 1;
            body = self.ledger.packer.pack_edition(&edition)?;
            current = edition;
        }
        if meta.edition_number == before {
            return Ok(Imported::Unchanged);
        }
        if meta.filing(&kept.words_from).is_some() {
            meta.worded = kept.words_from;
        }
        self.ledger.overlay.put(keys::body(&meta.code), body);
        let stood = Stood::at(&meta);
        meta.tags = TagName::all(&current.tags);
        self.ledger.settle(&stood, &mut meta, true)?;
        self.ledger.keep(&mut meta, Some(ChangeKind::Updated))?;
        Ok(Imported::Updated)
    }

    /// Keeps the current edition as an earlier one, and drops those beyond the bound.
    fn put_away(&mut self, meta: &Meta, body: Vec<u8>) -> Result<(), StoreError> {
        let kept = u32::try_from(self.editions.saturating_sub(1)).unwrap_or(u32::MAX);
        let overlay = &mut *self.ledger.overlay;
        if kept > 0 {
            overlay.put(keys::edition(&meta.code, meta.edition_number), body);
        }
        let mut beyond = meta.edition_number.saturating_sub(kept);
        while beyond > 0 && overlay.get(&keys::edition(&meta.code, beyond))?.is_some() {
            overlay.remove(keys::edition(&meta.code, beyond));
            beyond -= 1;
        }
        Ok(())
    }

    /// What was taken away elsewhere is taken away here: what is not here is refused when it comes, what is here is retracted
    /// and can be restored. What retention dropped there stays here.
    fn withdraw(&mut self, gone: Gone) -> Result<Imported, StoreError> {
        let kind = if gone.how == WithdrawalKind::Retracted { WithdrawalKind::Erased } else { gone.how };
        let retired = kind == WithdrawalKind::Retired;
        let change = if retired { ChangeKind::Retired } else { ChangeKind::Withdrawn };
        let withdrawal = Withdrawal { kind, at: gone.at, reason: gone.reason };
        if let Some(mut meta) = self.here(&gone.code, &gone.namespace)? {
            // A word of the publisher that was heard here before has been overruled since.
            let heard =
                kind == WithdrawalKind::Deleted && meta.deleted.is_some_and(|heard| gone.deleted <= Some(heard));
            if meta.withdrawn.is_some() || retired || heard {
                return Ok(Imported::Unchanged);
            }
            if let Some(refused) = whose(&meta, &gone.namespace) {
                return Ok(refused);
            }
            let stood = Stood::at(&meta);
            // Its words are here.
            let kind = if kind == WithdrawalKind::Erased { WithdrawalKind::Retracted } else { kind };
            meta.withdrawn = Some(Withdrawal { kind, ..withdrawal });
            meta.deleted = meta.deleted.max(gone.deleted);
            self.ledger.settle(&stood, &mut meta, false)?;
            self.ledger.keep(&mut meta, Some(change))?;
            return Ok(Imported::Updated);
        }
        let filed = Filed { source: gone.owner.clone(), categories: Vec::new(), standing: Default::default() };
        let mut meta = Meta {
            code: gone.code,
            kind: gone.kind,
            namespace: gone.namespace,
            filed: vec![filing(filed)],
            tags: Vec::new(),
            aliases: Vec::new(),
            ids: PublishedIds::default(),
            first_seen: gone.first_seen,
            sort_date: gone.sort_date,
            edition_number: 1,
            born: self.ledger.sequence,
            changed: self.ledger.sequence,
            rank: self.ledger.next_rank(),
            joins: Vec::new(),
            passed_over: false,
            weak: false,
            worded: gone.owner.clone(),
            owner: gone.owner,
            other_words: Vec::new(),
            withdrawn: Some(withdrawal),
            deleted: gone.deleted,
            formerly: Vec::new(),
            wake: None,
        };
        self.ledger.settle(&Stood::nowhere(), &mut meta, false)?;
        for (namespace, hash) in &gone.names {
            self.name(keys::alias_hashed(namespace, hash), &meta.code)?;
        }
        self.ledger.keep(&mut meta, Some(change))?;
        Ok(Imported::New)
    }
}

/// An entry of another namespace is not changed.
fn whose(meta: &Meta, namespace: &str) -> Option<Imported> {
    let (code, holder, owner) = (&meta.code, &meta.namespace, &meta.owner);
    (holder != namespace).then(|| Imported::Refused(format!("{code} belongs to {holder} here (source {owner})")))
}

/// The hash of what the source last said is not known: its next document is compared by what it tells.
fn filing(filed: Filed) -> Filing {
    let Filed { source, categories, standing } = filed;
    Filing { source, categories, raw_hash: 0, standing, shown: false, hidden_since: None }
}
