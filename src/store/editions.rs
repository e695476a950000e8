//! The editions of an entry that are kept, and entries as they travel with all of them.

use super::{
    StoreError, codec,
    codec::{Bodies, Meta},
    keys,
    place::EVERYTHING,
    sled::Tree,
};
use crate::model::{CategoryRef, Edition, InfoCode, Kept};
use std::collections::BTreeSet;

/// All editions, oldest first, the current one last; nothing when the entry is not here.
pub fn kept(tree: &Tree, code: &InfoCode) -> Result<Vec<(u32, Edition)>, StoreError> {
    let Some(meta) = tree.get(&keys::meta(code))? else { return Ok(Vec::new()) };
    editions(tree, &mut Bodies::new()?, &codec::decode(&meta)?)
}

/// An entry with everything that is kept of it.
pub fn whole(tree: &Tree, code: &InfoCode) -> Result<Option<Kept>, StoreError> {
    let Some(meta) = tree.get(&keys::meta(code))? else { return Ok(None) };
    portable(tree, &mut Bodies::new()?, codec::decode(&meta)?).map(Some)
}

/// Such entries in code order.
pub fn scan(tree: &Tree, after: Option<&InfoCode>, take: usize) -> Result<Vec<Kept>, StoreError> {
    let from = after.map_or_else(|| keys::metas().to_vec(), keys::meta);
    let mut bodies = Bodies::new()?;
    let metas = tree.after(keys::metas(), &from).take(take);
    metas.map(|item| portable(tree, &mut bodies, codec::decode(&item?.1)?)).collect()
}

fn portable(tree: &Tree, bodies: &mut Bodies, meta: Meta) -> Result<Kept, StoreError> {
    let editions = editions(tree, bodies, &meta)?;
    let mut titles = Vec::new();
    for slug in &meta.categories {
        // A source that feeds.toml files brings no names.
        if let Some(name) = tree.get(&keys::category(slug))? {
            titles.push(CategoryRef { slug: slug.clone(), title: String::from_utf8_lossy(&name).into_owned() });
        }
    }
    let others = other_namespaces(tree, &meta)?;
    Ok(Kept {
        in_feeds: meta.joins.iter().any(|join| join.feed == EVERYTHING),
        code: meta.code,
        kind: meta.kind,
        namespace: meta.namespace,
        only_linked: meta.weak,
        owner: meta.owner,
        sources: meta.sources,
        words_from: meta.worded,
        other_namespaces: others,
        aliases: meta.aliases,
        ids: Some(meta.ids),
        first_seen: meta.first_seen,
        sort_date: meta.sort_date,
        filed: meta.filed,
        titles,
        editions,
    })
}

/// Where else its names lead to it. Only a taken-over entry has such places, and it has at least two sources.
fn other_namespaces(tree: &Tree, meta: &Meta) -> Result<Vec<String>, StoreError> {
    let mut found = BTreeSet::new();
    for alias in meta.aliases.iter().filter(|_| meta.sources.len() > 1) {
        let prefix = keys::alias_anywhere(alias);
        for item in tree.under(&prefix) {
            let (key, code) = item?;
            let namespace = keys::tail(&prefix, &key).filter(|namespace| *namespace != meta.namespace);
            found.extend(namespace.filter(|_| code == meta.code.as_str().as_bytes()).map(str::to_owned));
        }
    }
    Ok(found.into_iter().collect())
}

fn editions(tree: &Tree, bodies: &mut Bodies, meta: &Meta) -> Result<Vec<(u32, Edition)>, StoreError> {
    let mut editions = Vec::new();
    for item in tree.under(&keys::editions(&meta.code)) {
        let (key, value) = item?;
        match (keys::edition_number(&key), bodies.decode(&value)) {
            (Some(number), Ok(edition)) => editions.push((number, edition)),
            // One that is damaged does not take the others with it.
            (_, Err(StoreError::Damaged(why))) => {
                tracing::error!(code = %meta.code, "an earlier edition is left out: {why}")
            }
            (_, Err(error)) => return Err(error),
            (None, _) => {}
        }
    }
    let body = tree.get(&keys::body(&meta.code))?;
    let body = body.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
    editions.push((meta.edition_number, bodies.decode(&body)?));
    Ok(editions)
}
