//! The account of a document while its commit is decided (`model::Account`).

use crate::{
    model::{Account, Fate, Heard, InfoCode, SourceId, Time, Via, Went},
    store::{StoreError, accounts, meta::Meta, overlay::Overlay},
};
use std::collections::{BTreeMap, BTreeSet};

/// Entries of a document that are told of one by one.
const MOST: usize = 400;
/// Titles among them: a flood has many.
const TITLES: usize = 50;

/// What is known so far.
pub(super) struct Fates {
    via: Via,
    address: u64,
    partial: bool,
    counts: BTreeMap<Fate, u32>,
    went: Vec<Went>,
}

impl Fates {
    /// Begins with what never came as far as the store, and with what is unchanged.
    pub fn begin(heard: Heard, settled: &[InfoCode], partial: bool) -> Fates {
        let Heard { via, address, others, known_as } = heard;
        let mut fates = Fates { via, address, partial, counts: BTreeMap::new(), went: Vec::new() };
        others.into_iter().for_each(|went| fates.add(went));
        let unchanged: BTreeSet<&InfoCode> = settled.iter().collect();
        let mut told = BTreeSet::new();
        for (claimed, code) in known_as {
            if unchanged.contains(&code) && told.insert(code.clone()) {
                fates.add(Went { claimed: Some(claimed), ..Went::new(code, Fate::Unchanged) });
            }
        }
        for code in settled.iter().filter(|code| !told.contains(*code)) {
            fates.add(Went::new(code.clone(), Fate::Unchanged));
        }
        fates
    }

    /// What became of one more.
    pub fn add(&mut self, went: Went) {
        *self.counts.entry(went.fate).or_default() += 1;
        // What else is listed is unchanged, and what is new is known by its birth: of a part of a list that cannot be said.
        let follows = match went.fate {
            Fate::Unchanged => !self.partial,
            Fate::New => true,
            _ => false,
        };
        if !follows || went.claimed.is_some() || went.holder.is_some() {
            self.went.push(went);
        }
    }

    /// Notes who owns the codes that the document led to in vain.
    pub fn name_holders(
        &mut self,
        own: &str,
        holder: impl Fn(&InfoCode) -> Result<Option<Meta>, StoreError>,
    ) -> Result<(), StoreError> {
        for went in self.went.iter_mut().filter(|went| went.holder.is_none()) {
            let Some(claimed) = &went.claimed else { continue };
            went.holder = holder(claimed)?.map(|meta| meta.namespace).filter(|namespace| namespace != own);
        }
        Ok(())
    }

    /// Writes it down.
    pub fn put(
        mut self,
        overlay: &mut Overlay<'_>,
        source: &SourceId,
        at: Time,
        sequence: u64,
    ) -> Result<(), StoreError> {
        self.went.sort_by_key(|went| went.fate);
        self.went.truncate(MOST);
        self.went.iter_mut().filter(|went| went.title.is_some()).skip(TITLES).for_each(|went| went.title = None);
        let Fates { via, address, partial, counts, went } = self;
        accounts::put(overlay, source, via, &Account { since: at, sequence, address, partial, counts, went })
    }
}
