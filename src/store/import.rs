//! What an export brings: entries that are not here yet, and newer editions of those that are. Pure over an overlay. It gives no
//! entry to another owner, and makes no twin: a name that leads to another entry here refuses the line.

use super::{
    StoreError,
    apply::Outcome,
    codec,
    codec::{Bodies, Meta},
    content, ids, keys,
    overlay::Overlay,
    place::{EVERYTHING, Places, category_feed, feeds_of, source_feed},
    resolve::code_alias,
};
use crate::model::{CategoryRef, Changes, Edition, InfoCode, Kept, Time};
use std::collections::BTreeMap;

/// Entries to take in, as one commit.
#[derive(Clone, Debug)]
pub struct Import {
    /// The entries.
    pub entries: Vec<Kept>,
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
    /// Newer editions of it were added.
    Updated,
    /// It brought nothing newer.
    Unchanged,
    /// It cannot be taken in: why.
    Refused(String),
}

/// Decides it all into the overlay; what came of each, in order.
pub fn decide(
    import: Import,
    editions: usize,
    overlay: &mut Overlay<'_>,
    bodies: &mut Bodies,
) -> Result<(Vec<Imported>, Outcome), StoreError> {
    let last = overlay.get(keys::sequence())?.map_or(Ok(0), |bytes| codec::number(&bytes))?;
    let Import { entries, site_host, at, fresh } = import;
    let places = Places::new(at);
    let mut desk =
        Desk { site_host, at, fresh, editions, sequence: last + 1, places, touched: Vec::new(), overlay, bodies };
    let results = entries.into_iter().map(|kept| desk.take(kept)).collect::<Result<_, _>>()?;
    let Desk { places, touched, overlay, sequence, .. } = desk;
    let durable = !touched.is_empty();
    let mut heads = BTreeMap::new();
    if durable {
        overlay.put(keys::sequence().to_vec(), sequence.to_be_bytes().to_vec());
        overlay.put(keys::change(sequence), codec::encode(&touched)?);
        heads = places.finish(overlay, sequence);
    }
    Ok((results, Outcome { changes: Changes::default(), heads, durable }))
}

struct Desk<'a, 'o> {
    site_host: String,
    at: Time,
    fresh: bool,
    editions: usize,
    sequence: u64,
    places: Places,
    touched: Vec<InfoCode>,
    overlay: &'a mut Overlay<'o>,
    bodies: &'a mut Bodies,
}

impl Desk<'_, '_> {
    fn take(&mut self, kept: Kept) -> Result<Imported, StoreError> {
        if let Some(meta) = self.here(&kept)? {
            if meta.namespace != kept.namespace {
                let (code, holder, owner) = (&meta.code, &meta.namespace, &meta.owner);
                return Ok(Imported::Refused(format!("{code} belongs to {holder} here (source {owner})")));
            }
            return self.add(kept, meta);
        }
        for alias in &kept.aliases {
            if let Some(holder) = self.overlay.get(&keys::alias(&kept.namespace, alias))? {
                let (name, holder) = (&alias.0, codec::code(&holder)?);
                return Ok(Imported::Refused(format!("its name `{name}` is that of {holder} here")));
            }
        }
        self.begin(kept)
    }

    /// The entry of that code, also where it is a late name of another.
    fn here(&self, kept: &Kept) -> Result<Option<Meta>, StoreError> {
        if let Some(meta) = self.overlay.get(&keys::meta(&kept.code))? {
            return codec::decode(&meta).map(Some);
        }
        let Some(code) = self.overlay.get(&keys::alias(&kept.namespace, &code_alias(&kept.code)))? else {
            return Ok(None);
        };
        self.overlay.get(&keys::meta(&codec::code(&code)?))?.map(|meta| codec::decode(&meta)).transpose()
    }

    fn begin(&mut self, mut kept: Kept) -> Result<Imported, StoreError> {
        let Some((number, current)) = kept.editions.pop() else { return Ok(Imported::Unchanged) };
        let ids = ids::adopt(self.overlay, &kept.code, kept.ids.take(), &self.site_host, kept.first_seen)?;
        let mut meta = Meta {
            categories: kept.categories().into_iter().cloned().collect(),
            code: kept.code,
            kind: kept.kind,
            namespace: kept.namespace,
            owner: kept.owner,
            sources: kept.sources,
            aliases: Vec::new(),
            ids,
            first_seen: kept.first_seen,
            sort_date: kept.sort_date,
            edition_number: number,
            born: self.sequence,
            changed: self.sequence,
            joins: Vec::new(),
            raw_hashes: Vec::new(),
            rank: 0,
            filed: kept.filed,
            weak: kept.only_linked,
            worded: kept.words_from,
            other_words: Vec::new(),
        };
        self.stand(&mut meta, kept.in_feeds)?;
        for namespace in std::iter::once(&meta.namespace).chain(&kept.other_namespaces) {
            for alias in &kept.aliases {
                let key = keys::alias(namespace, alias);
                if self.overlay.get(&key)?.is_none() {
                    self.overlay.put(key, meta.code.as_str().as_bytes().to_vec());
                }
            }
        }
        meta.aliases = kept.aliases;
        self.name_categories(&kept.titles)?;
        let beyond = kept.editions.len().saturating_sub(self.editions.saturating_sub(1));
        for (number, edition) in kept.editions.iter().skip(beyond) {
            let body = self.bodies.encode(edition)?;
            self.overlay.put(keys::edition(&meta.code, *number), body);
        }
        let body = self.bodies.encode(&current)?;
        self.overlay.put(keys::body(&meta.code), body);
        self.overlay.put(keys::meta(&meta.code), codec::encode(&meta)?);
        self.touched.push(meta.code);
        Ok(Imported::New)
    }

    /// Joins and files it.
    fn stand(&mut self, meta: &mut Meta, in_feeds: bool) -> Result<(), StoreError> {
        self.places.set_time(if self.fresh { meta.first_seen } else { self.at });
        meta.rank = self.places.join(self.overlay, meta, &source_feed(&meta.owner.clone()))?;
        for source in meta.sources.clone() {
            if source != meta.owner {
                self.places.join(self.overlay, meta, &source_feed(&source))?;
            }
        }
        if in_feeds {
            self.places.join(self.overlay, meta, EVERYTHING)?;
            for slug in meta.categories.clone() {
                self.places.join(self.overlay, meta, &category_feed(&slug))?;
            }
        }
        feeds_of(meta).iter().try_for_each(|feed| self.places.file(self.overlay, meta, feed))
    }

    fn name_categories(&mut self, titles: &[CategoryRef]) -> Result<(), StoreError> {
        for CategoryRef { slug, title } in titles {
            let key = keys::category(slug);
            if self.overlay.get(&key)?.is_none_or(|name| name.is_empty()) {
                self.overlay.put(key, title.as_bytes().to_vec());
            }
        }
        Ok(())
    }

    /// Adds the editions that are newer than what is here and tell something else.
    fn add(&mut self, kept: Kept, mut meta: Meta) -> Result<Imported, StoreError> {
        let stored = self.overlay.get(&keys::body(&meta.code))?;
        let mut body = stored.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
        let mut current: Edition = self.bodies.decode(&body)?;
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
            body = self.bodies.encode(&edition)?;
            current = edition;
        }
        if meta.edition_number == before {
            return Ok(Imported::Unchanged);
        }
        if meta.sources.contains(&kept.words_from) {
            meta.worded = kept.words_from;
        }
        meta.changed = self.sequence;
        self.places.touch(self.overlay, &meta)?;
        self.overlay.put(keys::body(&meta.code), body);
        self.overlay.put(keys::meta(&meta.code), codec::encode(&meta)?);
        self.touched.push(meta.code);
        Ok(Imported::Updated)
    }

    /// Keeps the current edition as an earlier one, and drops those beyond the bound.
    fn put_away(&mut self, meta: &Meta, body: Vec<u8>) -> Result<(), StoreError> {
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
