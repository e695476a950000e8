//! What can be asked of the store. Every function runs under the shared lock of its caller, so what it returns is of one moment.

use super::{
    Listing, StoreError, codec,
    codec::Head,
    keys,
    meta::Meta,
    pack::Unpacker,
    recent::Recent,
    resolve::{Claimed, Meaning, code_alias, resolve},
    sled::Tree,
};
use crate::identify::canonical_link;
use crate::model::{
    Alias, CategoryRef, Change, Claim, Cursor, Entry, FeedId, InfoCode, Known, KnownEntry, Slug, SourceId, TagName,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use url::Url;

/// Changes in one value, as `ledger` writes them.
const PART: u32 = super::ledger::PART as u32;

/// What a reader works with.
pub struct Reading<'a> {
    /// The keys.
    pub tree: &'a Tree,
    /// The values.
    pub unpacker: &'a Unpacker,
    /// Entries unpacked lately.
    pub recent: &'a Recent,
}

/// What is here for the claims of one document, in their order.
pub fn known(reading: &Reading<'_>, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
    let claimed: Vec<_> = claims.iter().map(Claimed::from).collect();
    let meanings = resolve(&|key| reading.tree.get(key), reading.unpacker, namespace, &claimed, BTreeSet::new())?;
    let answer = |(claim, meaning): (&Claim, Meaning)| match meaning {
        // A source that never spoke of it has said something else than this, whatever it says.
        Meaning::Known(meta) => {
            let said = meta.filing(source).map_or(!claim.raw_hash, |filing| filing.raw_hash);
            Some(entry_known(&meta, said))
        }
        // Not its to change: as if it had said the same before.
        Meaning::Kept(meta) => Some(entry_known(&meta, claim.raw_hash)),
        // Never "the same as before": the writer must learn each new name it comes under.
        Meaning::Refused(meta) => Some(entry_known(&meta, !claim.raw_hash)),
        Meaning::New { .. } | Meaning::Repeated => None,
    };
    Ok(Known(claims.iter().zip(meanings).map(answer).collect()))
}

fn entry_known(meta: &Meta, raw_hash: u64) -> KnownEntry {
    KnownEntry { code: meta.code.clone(), raw_hash, first_seen: meta.first_seen }
}

/// The counters of every feed that is no tag's.
pub fn heads(tree: &Tree) -> Result<HashMap<String, Head>, StoreError> {
    let mut heads = HashMap::new();
    for prefix in keys::held_heads() {
        for item in tree.under(&prefix) {
            let (key, value) = item?;
            if let Some(feed) = keys::tail(keys::heads(), &key) {
                heads.insert(feed.to_owned(), Head::decode(&value)?);
            }
        }
    }
    Ok(heads)
}

/// The tags that have a feed in which something stands.
pub fn tags(tree: &Tree) -> Result<Vec<TagName>, StoreError> {
    let mut tags = Vec::new();
    for item in tree.under(&keys::head(keys::TAGS)) {
        let (key, value) = item?;
        let name = keys::tail(&keys::head(keys::TAGS), &key).and_then(TagName::of);
        tags.extend(name.filter(|_| Head::decode(&value).is_ok_and(|head| head.filed > 0)));
    }
    Ok(tags)
}

/// The counters of a feed.
pub fn head(reading: &Reading<'_>, feed: &FeedId) -> Result<Head, StoreError> {
    let key = keys::head(&keys::feed_key(feed));
    reading.tree.get(&key)?.map_or(Ok(Head::default()), |bytes| Head::decode(&bytes))
}

/// What is filed under a category or source, newest first.
pub fn page(
    reading: &Reading<'_>,
    version: u64,
    feed: &FeedId,
    skip: usize,
    take: usize,
) -> Result<Listing, StoreError> {
    let filed = reading.tree.under(&keys::orders(&keys::feed_key(feed))).rev().skip(skip).take(take);
    let codes: Vec<_> = filed.map(|item| codec::code(&item?.1)).collect::<Result<_, _>>()?;
    let entries = load(reading, &codes)?.into_iter().map(|(_, entry)| entry).collect();
    Ok(Listing { version, entries, ..Listing::default() })
}

/// The entry of a code, or of one that it was claimed under. One whose words are gone is none.
pub fn entry(reading: &Reading<'_>, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
    let Some(meta) = meta(reading, code)?.filter(|meta| !meta.is_stub()) else { return Ok(None) };
    Ok(load(reading, &[meta.code])?.pop().map(|(_, entry)| entry))
}

/// What is kept under a code, or under one it was claimed under.
pub fn meta(reading: &Reading<'_>, code: &InfoCode) -> Result<Option<Meta>, StoreError> {
    let mut key = keys::meta(code);
    let mut stored = reading.tree.get(&key)?;
    // A late code that leads to several entries leads to none: anyone can claim one.
    if stored.is_none()
        && let [code] = by_alias(reading.tree, &code_alias(code))?.as_slice()
    {
        key = keys::meta(code);
        stored = reading.tree.get(&key)?;
    }
    stored.map(|bytes| reading.unpacker.meta(&key, &bytes)).transpose()
}

/// The codes that a code, one of our addresses, a published id, a guid or a link means: several where publishers of several
/// namespaces use one name.
pub fn find(reading: &Reading<'_>, needle: &str) -> Result<Vec<InfoCode>, StoreError> {
    let (needle, tree) = (needle.trim(), reading.tree);
    for code in InfoCode::parse(needle).into_iter().chain(codes_in(needle)) {
        if let Some(found) = meta(reading, &code)? {
            return Ok(vec![found.code]);
        }
    }
    let mut found = Vec::new();
    if let Some(code) = tree.get(&keys::published(needle))? {
        found.push(codec::code(&code)?);
    }
    for name in names_of(needle) {
        for code in by_alias(tree, &Alias(name))? {
            if !found.contains(&code) {
                found.push(code);
            }
        }
    }
    Ok(found)
}

/// Entries in code order, those that were taken away left out.
pub fn scan(reading: &Reading<'_>, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
    let from = after.map_or_else(|| keys::metas().to_vec(), keys::meta);
    let metas = reading.tree.after(keys::metas(), &from);
    let metas = metas.map(|item| item.and_then(|(key, meta)| reading.unpacker.meta(&key, &meta)));
    let kept = metas.filter(|meta| meta.as_ref().map_or(true, |meta| meta.withdrawn.is_none()));
    kept.take(take).map(|meta| whole(reading, meta?).map(|(_, entry)| entry)).collect()
}

/// Changes after a cursor of this history, in order, up to `take`.
pub fn changes(reading: &Reading<'_>, after: Cursor, take: usize) -> Result<Vec<Change>, StoreError> {
    let from = keys::change(after.sequence, 0);
    let parts = reading.tree.get(&from)?.map(|value| Ok((from.clone(), value)));
    let parts = parts.into_iter().chain(reading.tree.after(keys::changes(), &from));
    let mut found = Vec::new();
    for item in parts {
        let (key, value) = item?;
        let (sequence, part) = keys::change_of(&key).ok_or_else(|| codec::damaged("a change has no number"))?;
        let changes = codec::decode_changes(&value)?;
        for ((code, kind), number) in changes.into_iter().zip((part * PART + 1)..) {
            let cursor = Cursor { epoch: after.epoch, sequence, part: number };
            if cursor > after {
                found.push(Change { cursor, code, kind });
            }
            if found.len() >= take {
                return Ok(found);
            }
        }
    }
    Ok(found)
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

/// Which history this is.
pub fn epoch(tree: &Tree) -> Result<u64, StoreError> {
    tree.get(keys::epoch())?.map_or(Ok(0), |bytes| codec::number(&bytes))
}

/// Whole entries, each with its place.
pub fn load(reading: &Reading<'_>, codes: &[InfoCode]) -> Result<Vec<(keys::Place, Arc<Entry>)>, StoreError> {
    let one = |code: &InfoCode| {
        let key = keys::meta(code);
        let meta = reading.tree.get(&key)?;
        let packed = meta.ok_or_else(|| codec::damaged(&format!("{code} is listed but not here")))?;
        if let Some(found) = reading.recent.get(code, &packed) {
            return Ok(found);
        }
        let found = whole(reading, reading.unpacker.meta(&key, &packed)?)?;
        reading.recent.put(code, &packed, &found);
        Ok(found)
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

fn whole(reading: &Reading<'_>, meta: Meta) -> Result<(keys::Place, Arc<Entry>), StoreError> {
    let body = reading.tree.get(&keys::body(&meta.code))?;
    let body = body.ok_or_else(|| codec::damaged(&format!("{} has no body", meta.code)))?;
    let place = meta.place();
    Ok((place, Arc::new(meta.with(reading.unpacker.edition(&body)?))))
}

/// Whoever has a name, in any namespace; in key order, so that the answer is always the same.
fn by_alias(tree: &Tree, alias: &Alias) -> Result<Vec<InfoCode>, StoreError> {
    let mut found = Vec::new();
    for item in tree.under(&keys::alias_anywhere(alias)) {
        let code = codec::code(&item?.1)?;
        if !found.contains(&code) {
            found.push(code);
        }
    }
    Ok(found)
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
pub fn names_of(needle: &str) -> Vec<String> {
    let bare = needle.split_once("://").map_or(needle, |(_, rest)| rest);
    let mut names = vec![format!("guid:{needle}"), format!("guid:{bare}")];
    names.push(format!("link:{}", canonical_link(needle)));
    names.push(format!("link:{bare}"));
    names
}
