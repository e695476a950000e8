//! The editions of an entry that are kept, and entries as they travel with all of them.

use super::{Store, StoreError, codec, keys, meta::Meta, read::Reading, resolve::code_alias};
use crate::model::{Alias, CategoryRef, Edition, Filed, Gone, InfoCode, Kept, Portable, Withdrawal};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Store {
    /// The editions of an entry that are kept, oldest first, the current one last, each with its number.
    pub async fn editions(&self, code: &InfoCode) -> Result<Vec<(u32, Edition)>, StoreError> {
        let code = code.clone();
        self.read(move |reading, _| kept(reading, &code)).await
    }

    /// An entry with everything that is kept of it, as it travels.
    pub async fn portable(&self, code: &InfoCode) -> Result<Option<Portable>, StoreError> {
        let code = code.clone();
        self.read(move |reading, _| one(reading, &code)).await
    }

    /// Up to `take` of them whose codes come after `after`, in code order, those that were taken away too: for exports.
    pub async fn portable_after(
        &self,
        after: Option<&InfoCode>,
        take: usize,
        names: &Arc<GoneNames>,
    ) -> Result<Vec<Portable>, StoreError> {
        let (after, names) = (after.cloned(), names.clone());
        self.read(move |reading, _| scan(reading, after.as_ref(), take, &names)).await
    }

    /// The names of all that was taken away, for `portable_after`.
    pub async fn gone_names(&self) -> Result<Arc<GoneNames>, StoreError> {
        self.read(|reading, _| gone_names(reading, None).map(Arc::new)).await
    }
}

/// All editions, oldest first, the current one last; nothing when the entry is not here or its words are gone.
fn kept(reading: &Reading<'_>, code: &InfoCode) -> Result<Vec<(u32, Edition)>, StoreError> {
    match meta(reading, code)?.filter(|meta| !meta.is_stub()) {
        Some(meta) => editions(reading, &meta),
        None => Ok(Vec::new()),
    }
}

/// An entry with everything that is kept of it.
fn one(reading: &Reading<'_>, code: &InfoCode) -> Result<Option<Portable>, StoreError> {
    let Some(meta) = meta(reading, code)? else { return Ok(None) };
    let names = if meta.withdrawn.is_some() { gone_names(reading, Some(code))? } else { GoneNames::default() };
    portable(reading, meta, &names).map(Some)
}

/// Such entries in code order.
fn scan(
    reading: &Reading<'_>,
    after: Option<&InfoCode>,
    take: usize,
    names: &GoneNames,
) -> Result<Vec<Portable>, StoreError> {
    let from = after.map_or_else(|| keys::metas().to_vec(), keys::meta);
    let metas = reading.tree.after(keys::metas(), &from).take(take);
    metas
        .map(|item| {
            let (key, meta) = item?;
            portable(reading, reading.unpacker.meta(&key, &meta)?, names)
        })
        .collect()
}

type Named = BTreeMap<InfoCode, Vec<(String, [u8; 16])>>;

/// Namespaces and hashes of the names of entries that were taken away.
#[derive(Clone, Debug, Default)]
pub struct GoneNames(Named);

/// Those of one, or of all. One whose bytes were destroyed keeps its names only as keys that lead to it: all are looked through.
fn gone_names(reading: &Reading<'_>, of: Option<&InfoCode>) -> Result<GoneNames, StoreError> {
    let mut names = Named::new();
    for item in reading.tree.under(keys::tombstones()) {
        let code = code_after(keys::tombstones(), &item?.0);
        names.extend(code.filter(|code| of.is_none_or(|of| of == code)).map(|code| (code, Vec::new())));
    }
    if names.is_empty() {
        return Ok(GoneNames::default());
    }
    for item in reading.tree.under(keys::aliases()) {
        let (key, code) = item?;
        if let Ok(code) = codec::code(&code)
            && let Some(names) = names.get_mut(&code)
            && let Some((hash, namespace)) = keys::alias_parts(&key)
        {
            names.push((namespace.to_owned(), hash));
        }
    }
    without_codes_in_use(reading, &mut names)?;
    Ok(GoneNames(names))
}

/// A late code under which there is an entry after all is no name of the one that was taken away.
fn without_codes_in_use(reading: &Reading<'_>, names: &mut Named) -> Result<(), StoreError> {
    let hashes: BTreeSet<[u8; 16]> = names.values().flatten().map(|(_, hash)| *hash).collect();
    let mut in_use = BTreeSet::new();
    for item in reading.tree.under(keys::metas()) {
        let code = code_after(keys::metas(), &item?.0);
        let key = code.map(|code| keys::alias_anywhere(&code_alias(&code)));
        let hash = key.and_then(|key| keys::alias_parts(&key).map(|(hash, _)| hash));
        in_use.extend(hash.filter(|hash| hashes.contains(hash)));
    }
    names.values_mut().for_each(|names| names.retain(|(_, hash)| !in_use.contains(hash)));
    Ok(())
}

fn code_after(prefix: &[u8], key: &[u8]) -> Option<InfoCode> {
    key.strip_prefix(prefix).and_then(|code| codec::code(code).ok())
}

fn meta(reading: &Reading<'_>, code: &InfoCode) -> Result<Option<Meta>, StoreError> {
    let key = keys::meta(code);
    reading.tree.get(&key)?.map(|meta| reading.unpacker.meta(&key, &meta)).transpose()
}

fn portable(reading: &Reading<'_>, meta: Meta, names: &GoneNames) -> Result<Portable, StoreError> {
    if let Some(Withdrawal { kind, at, reason }) = meta.withdrawn {
        return Ok(Portable::Gone(Box::new(Gone {
            names: names.0.get(&meta.code).cloned().unwrap_or_default(),
            code: meta.code,
            kind: meta.kind,
            namespace: meta.namespace,
            owner: meta.owner,
            first_seen: meta.first_seen,
            sort_date: meta.sort_date,
            at,
            reason,
            how: kind,
            deleted: meta.deleted,
        })));
    }
    let editions = editions(reading, &meta)?;
    let (aliases, other_names) = aliases(reading, &meta)?;
    let filed = |filing: super::meta::Filing| Filed {
        source: filing.source,
        categories: filing.categories,
        standing: filing.standing,
    };
    let mut kept = Kept {
        code: meta.code,
        kind: meta.kind,
        namespace: meta.namespace,
        only_linked: meta.weak,
        owner: meta.owner,
        filed: meta.filed.into_iter().map(filed).collect(),
        words_from: meta.worded,
        aliases,
        other_names,
        ids: Some(meta.ids),
        first_seen: meta.first_seen,
        sort_date: meta.sort_date,
        titles: Vec::new(),
        in_feeds: !meta.passed_over,
        deleted: meta.deleted,
        editions,
    };
    let mut titles = Vec::new();
    for slug in kept.categories() {
        // A source that feeds.toml files brings no names.
        if let Some(name) = reading.tree.get(&keys::category(slug))? {
            titles.push(CategoryRef { slug: slug.clone(), title: String::from_utf8_lossy(&name).into_owned() });
        }
    }
    kept.titles = titles;
    Ok(Portable::Entry(Box::new(kept)))
}

/// Names in its own namespace, and in others.
type Aliases = (Vec<Alias>, Vec<(String, Alias)>);

/// Its names, and those that lead to it elsewhere. Only an entry that was taken over has such, and it has at least two sources.
/// A late code under which there is an entry after all leads to that one.
fn aliases(reading: &Reading<'_>, meta: &Meta) -> Result<Aliases, StoreError> {
    let (mut own, mut others) = (Vec::new(), BTreeSet::new());
    let code = codec::code_bytes(&meta.code);
    for alias in &meta.aliases {
        if let Some(late) = alias.0.strip_prefix("code:").and_then(InfoCode::parse)
            && reading.tree.get(&keys::meta(&late))?.is_some()
        {
            continue;
        }
        if meta.filed.len() < 2 {
            own.push(alias.clone());
            continue;
        }
        let prefix = keys::alias_anywhere(alias);
        for item in reading.tree.under(&prefix) {
            let (key, holder) = item?;
            match keys::tail(&prefix, &key).filter(|_| holder == code) {
                Some(namespace) if namespace == meta.namespace => own.push(alias.clone()),
                Some(namespace) => drop(others.insert((namespace.to_owned(), alias.clone()))),
                None => {}
            }
        }
    }
    Ok((own, others.into_iter().collect()))
}

fn editions(reading: &Reading<'_>, meta: &Meta) -> Result<Vec<(u32, Edition)>, StoreError> {
    let mut editions = Vec::new();
    for item in reading.tree.under(&keys::editions(&meta.code)) {
        let (key, value) = item?;
        match (keys::edition_number(&key), reading.unpacker.edition(&value)) {
            (Some(number), Ok(edition)) => editions.push((number, edition)),
            // One that is damaged does not take the others with it.
            (_, Err(StoreError::Damaged(why))) => tracing::error!(code = %meta.code, "an edition is left out: {why}"),
            (_, Err(error)) => return Err(error),
            (None, _) => {}
        }
    }
    let body = reading.tree.get(&keys::body(&meta.code))?;
    let body = body.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
    editions.push((meta.edition_number, reading.unpacker.edition(&body)?));
    Ok(editions)
}
