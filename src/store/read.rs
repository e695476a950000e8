//! What can be asked of the store. Every function runs under the shared lock of its caller, so what it returns is of one moment.

use super::{
    Listing, StoreError, codec,
    codec::{Bodies, Meta},
    keys,
    resolve::{Claimed, Meaning, code_alias, resolve},
    sled::Tree,
};
use crate::identify::canonical_link;
use crate::model::{
    Alias, CategoryRef, Claim, Entry, FeedId, InfoCode, Known, KnownEntry, Slug, SourceId, SourceState, Time,
};
use chrono::TimeDelta;
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};
use url::Url;

/// A feed never holds more than this, however much joined it within the day (contract: What a feed holds).
const MAX_LISTED: usize = 500;

/// What is here for the claims of one document, in their order.
pub fn known(tree: &Tree, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
    let claimed: Vec<_> = claims.iter().map(Claimed::from).collect();
    let meanings = resolve(&|key| tree.get(key), namespace, &claimed, BTreeSet::new())?;
    let answer = |(claim, meaning): (&Claim, Meaning)| match meaning {
        // A source that never spoke of it has said something else than this, whatever it says.
        Meaning::Known(meta) => Some(entry_known(&meta, meta.raw_hash(source).unwrap_or(!claim.raw_hash))),
        // Not its to change: as if it had said the same before.
        Meaning::Kept(meta) => Some(entry_known(&meta, claim.raw_hash)),
        Meaning::New { .. } | Meaning::Repeated => None,
    };
    Ok(Known(claims.iter().zip(meanings).map(answer).collect()))
}

fn entry_known(meta: &Meta, raw_hash: u64) -> KnownEntry {
    KnownEntry { code: meta.code.clone(), raw_hash, first_seen: meta.first_seen }
}

/// The members of a feed: the last `entries` to join, and all that joined within the day before the newest of them.
pub fn feed(tree: &Tree, version: u64, feed: &FeedId, entries: usize) -> Result<Listing, StoreError> {
    let mut codes = Vec::new();
    let mut day_before: Option<Time> = None;
    for item in tree.under(&keys::joins(&keys::feed_key(feed))).rev() {
        let (at, code) = codec::decode_join(&item?.1)?;
        let since = *day_before.get_or_insert(at - TimeDelta::hours(24));
        if codes.len() >= entries && (codes.len() >= MAX_LISTED || at < since || entries == 0) {
            break;
        }
        codes.push(code);
    }
    let mut members = load(tree, &codes)?;
    members.sort_by_key(|(meta, _)| std::cmp::Reverse(*meta));
    Ok(Listing { version, entries: members.into_iter().map(|(_, entry)| entry).collect() })
}

/// What is filed under a category or source, newest first.
pub fn page(tree: &Tree, version: u64, feed: &FeedId, skip: usize, take: usize) -> Result<Listing, StoreError> {
    let filed = tree.under(&keys::orders(&keys::feed_key(feed))).rev().skip(skip).take(take);
    let codes: Vec<_> = filed.map(|item| codec::code(&item?.1)).collect::<Result<_, _>>()?;
    Ok(Listing { version, entries: load(tree, &codes)?.into_iter().map(|(_, entry)| entry).collect() })
}

/// The entry of a code, or of one that it was claimed under.
pub fn entry(tree: &Tree, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
    let found =
        if tree.get(&keys::meta(code))?.is_some() { Some(code.clone()) } else { by_alias(tree, &code_alias(code))? };
    let Some(code) = found else { return Ok(None) };
    Ok(load(tree, &[code])?.pop().map(|(_, entry)| entry))
}

/// The entry that a code, one of our addresses, a published id, a guid or a link means.
pub fn find(tree: &Tree, needle: &str) -> Result<Option<Arc<Entry>>, StoreError> {
    let needle = needle.trim();
    for code in InfoCode::parse(needle).into_iter().chain(codes_in(needle)) {
        if let Some(found) = entry(tree, &code)? {
            return Ok(Some(found));
        }
    }
    if let Some(code) = tree.get(&keys::published(needle))? {
        return entry(tree, &codec::code(&code)?);
    }
    for name in names_of(needle) {
        if let Some(code) = by_alias(tree, &Alias(name))? {
            return entry(tree, &code);
        }
    }
    Ok(None)
}

/// Entries in code order.
pub fn scan(tree: &Tree, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
    let from = after.map_or_else(|| keys::metas().to_vec(), keys::meta);
    let mut bodies = Bodies::new()?;
    let metas = tree.after(keys::metas(), &from).take(take);
    metas.map(|item| whole(tree, &mut bodies, codec::decode(&item?.1)?).map(|(_, entry)| entry)).collect()
}

/// The state of every source.
pub fn states(tree: &Tree) -> Result<BTreeMap<SourceId, SourceState>, StoreError> {
    let mut states = BTreeMap::new();
    for item in tree.under(keys::states()) {
        let (key, value) = item?;
        if let Some(source) = keys::tail(keys::states(), &key).and_then(SourceId::parse) {
            states.insert(source, codec::decode(&value)?);
        }
    }
    Ok(states)
}

/// The state of one source.
pub fn state(tree: &Tree, source: &SourceId) -> Result<SourceState, StoreError> {
    tree.get(&keys::state(source))?.map_or_else(|| Ok(SourceState::default()), |bytes| codec::decode(&bytes))
}

/// Persisted categories in slug order.
pub fn categories(tree: &Tree) -> Result<Vec<CategoryRef>, StoreError> {
    let mut categories = Vec::new();
    for item in tree.under(keys::categories()) {
        let (key, value) = item?;
        if let Some(slug) = keys::tail(keys::categories(), &key).and_then(Slug::parse) {
            categories.push(CategoryRef { slug, title: String::from_utf8_lossy(&value).into_owned() });
        }
    }
    Ok(categories)
}

/// The sequence of the last commit that changed an entry.
pub fn sequence(tree: &Tree) -> Result<u64, StoreError> {
    tree.get(keys::sequence())?.map_or(Ok(0), |bytes| codec::number(&bytes))
}

/// Whole entries, each with its place.
fn load(tree: &Tree, codes: &[InfoCode]) -> Result<Vec<(keys::Place, Arc<Entry>)>, StoreError> {
    let mut bodies = Bodies::new()?;
    let mut one = |code: &InfoCode| {
        let meta =
            tree.get(&keys::meta(code))?.ok_or_else(|| codec::damaged(&format!("{code} is listed but not here")))?;
        whole(tree, &mut bodies, codec::decode(&meta)?)
    };
    let mut found = Vec::with_capacity(codes.len());
    for code in codes {
        match one(code) {
            Ok(entry) => found.push(entry),
            // One damaged entry never takes its feed with it.
            Err(StoreError::Damaged(why)) => tracing::error!(%code, "left out of a listing: {why}"),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn whole(tree: &Tree, bodies: &mut Bodies, meta: Meta) -> Result<(keys::Place, Arc<Entry>), StoreError> {
    let body = tree.get(&keys::body(&meta.code))?;
    let body = body.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
    let place = meta.place();
    Ok((place, Arc::new(meta.with(bodies.decode(&body)?))))
}

/// A name in any namespace; the first one in key order, so that the answer is always the same.
fn by_alias(tree: &Tree, alias: &Alias) -> Result<Option<InfoCode>, StoreError> {
    let first = tree.under(&keys::alias_anywhere(alias)).next();
    first.map(|item| codec::code(&item?.1)).transpose()
}

/// Codes that an address names outright: our own page of an entry, or a publisher's `infoCode` parameter.
fn codes_in(needle: &str) -> Vec<InfoCode> {
    let parameter = Url::parse(needle).ok().and_then(|url| {
        url.query_pairs()
            .find(|(key, _)| key.eq_ignore_ascii_case("infocode"))
            .and_then(|(_, value)| InfoCode::parse(&value))
    });
    let page = needle.split(['?', '#']).next().and_then(|path| path.strip_suffix(".html"));
    let page = page.and_then(|path| path.rsplit_once("/entry/")).and_then(|(_, code)| InfoCode::parse(code));
    page.into_iter().chain(parameter).collect()
}

/// The aliases under which `identify` may have stored a guid or a link.
fn names_of(needle: &str) -> Vec<String> {
    let bare = needle.split_once("://").map_or(needle, |(_, rest)| rest);
    let mut names = vec![format!("guid:{needle}"), format!("guid:{bare}")];
    names.push(format!("link:{}", canonical_link(needle)));
    names.push(format!("link:{bare}"));
    names
}
