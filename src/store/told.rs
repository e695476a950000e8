//! The record of changes with what became of each entry: for partners, who take in what is new and give up what is gone.

use super::{Store, StoreError, read, read::Reading};
use crate::model::{Change, Cursor, Entry, InfoCode, Slug, Withdrawal};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A change, and what is true of its entry now.
#[derive(Clone, Debug)]
pub struct Told {
    /// The last change to the entry on this page of the record.
    pub change: Change,
    /// Sequence of the commit that first stored it.
    pub born: u64,
    /// The entry, if it stands anywhere.
    pub entry: Option<Arc<Entry>>,
    /// How it was taken away, if it was.
    pub withdrawal: Option<Withdrawal>,
    /// Where its sources file it, and where they filed it once.
    pub filed: Vec<Slug>,
}

/// A page of the record.
#[derive(Clone, Debug)]
pub struct ToldPage {
    /// Each entry that changed, once, in the order of their last changes.
    pub told: Vec<Told>,
    /// Where to go on.
    pub next: Cursor,
    /// There is more already.
    pub more: bool,
}

impl Store {
    /// Up to `take` changes after a cursor; `None` when this history does not know the cursor.
    pub async fn told_since(&self, after: Option<Cursor>, take: usize) -> Result<Option<ToldPage>, StoreError> {
        self.read(move |reading, _| {
            let epoch = read::epoch(reading.tree)?;
            let after = after.unwrap_or_else(|| Cursor::start(epoch));
            if after.epoch != epoch || after.sequence > read::sequence(reading.tree)? {
                return Ok(None);
            }
            page(reading, after, take).map(Some)
        })
        .await
    }
}

fn page(reading: &Reading<'_>, after: Cursor, take: usize) -> Result<ToldPage, StoreError> {
    let changes = read::changes(reading, after, take)?;
    let (next, more) = (changes.last().map_or(after, |change| change.cursor), changes.len() >= take);
    let last: BTreeMap<InfoCode, Cursor> = changes.iter().map(|change| (change.code.clone(), change.cursor)).collect();
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    for change in changes {
        if last.get(&change.code) == Some(&change.cursor) && seen.insert(change.code.clone()) {
            told.extend(one(reading, change)?);
        }
    }
    Ok(ToldPage { told, next, more })
}

fn one(reading: &Reading<'_>, change: Change) -> Result<Option<Told>, StoreError> {
    let Some(meta) = read::meta(reading, &change.code)? else { return Ok(None) };
    let stands = meta.seen().next().is_some();
    let entry = match stands {
        true => read::load(reading, std::slice::from_ref(&change.code))?.pop().map(|(_, entry)| entry),
        false => None,
    };
    let filed = meta.filed.into_iter().flat_map(|filing| filing.categories).chain(meta.formerly).collect();
    Ok(Some(Told { change, born: meta.born, entry, withdrawal: meta.withdrawn, filed }))
}
