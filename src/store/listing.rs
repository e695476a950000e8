//! What the documents of a feed hold: its head, its archives, and what has changed since a version of it.
//! Every function runs under the shared lock of its caller.

use super::{
    StoreError, codec,
    codec::{Head, Joined},
    keys,
    keys::Place,
    lately::{Event, Events, Lately},
    meta::Meta,
    read::{self, Reading},
    types::{Archive, Departed, Listing, Sight},
};
use crate::model::{ChangeKind, Cursor, Entry, FeedId, InfoCode, Time};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::Hasher,
    sync::Arc,
};
use twox_hash::XxHash3_64;

/// A feed never holds more than this, however much joined it within the day (contract: What a feed holds).
const MAX_LISTED: usize = 500;

/// Entries that a reader may not see, and that are passed over for those he may.
const MAX_PASSED: usize = 5000;

/// Entries looked at to tell whether there is anything to be seen at all.
const MAX_LOOKED: usize = 500;

/// Corrections stand in the head too, whatever their number, so many days and no more than so many.
const CORRECTED_DAYS: i64 = 7;

/// Changes looked at for a delta, and entries in one: who has missed more is better served with the whole.
const MAX_CHANGES: usize = 5000;
const MAX_DELTA: usize = 500;

/// Entries by their places.
type Members = BTreeMap<Place, Arc<Entry>>;

/// The last `entries` to enter the feed, all that entered within the day before the newest of them, and what was corrected lately.
pub fn head(
    reading: &Reading<'_>,
    head: Head,
    feed: &FeedId,
    entries: usize,
    sight: &Sight,
) -> Result<Listing, StoreError> {
    let name = keys::feed_key(feed);
    let mut members = entered(reading, &name, entries, sight)?;
    for code in corrected(reading, &name, head.changed)? {
        if let Some((place, entry)) = read::load(reading, &[code])?.pop()
            && entry.joins.iter().any(|join| join.feed == name && !join.quiet)
            && sight.sees(&entry)
        {
            members.insert(place, entry);
        }
    }
    let left = lately(reading, &name, Lately::Left)?.events;
    Ok(Listing {
        version: head.version,
        entries: newest_first(members),
        gone: gone(reading, &name, left)?,
        changed: head.changed,
        archives: archives(head),
    })
}

/// True when there is something to be seen in a feed, or there was lately.
pub fn is_known(reading: &Reading<'_>, feed: &FeedId, sight: &Sight) -> Result<bool, StoreError> {
    let name = keys::feed_key(feed);
    let seen = reading.tree.under(&keys::orders(&name)).rev().take(MAX_LOOKED);
    for item in seen {
        let code = codec::code(&item?.1)?;
        if read::load(reading, &[code])?.iter().any(|(_, entry)| sight.sees(entry)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn entered(reading: &Reading<'_>, feed: &str, entries: usize, sight: &Sight) -> Result<Members, StoreError> {
    let (mut members, mut passed) = (Members::new(), 0);
    let mut day_before: Option<Time> = None;
    for item in reading.tree.under(&keys::joins(feed)).rev() {
        for joined in codec::decode_block(&item?.1)?.into_iter().rev().filter(|joined| !joined.left && !joined.quiet) {
            let since = day_before.unwrap_or(joined.at - TimeDelta::hours(24));
            let full = members.len() >= entries && (members.len() >= MAX_LISTED || joined.at < since || entries == 0);
            if full || passed >= MAX_PASSED {
                return Ok(members);
            }
            match read::load(reading, &[joined.code])?.pop() {
                Some((place, entry)) if sight.sees(&entry) => {
                    day_before = Some(since);
                    members.insert(place, entry);
                }
                _ => passed += 1,
            }
        }
    }
    Ok(members)
}

/// Who was corrected in the week before the feed last changed: time alone must not change what it holds.
fn corrected(reading: &Reading<'_>, feed: &str, changed: Option<Time>) -> Result<Vec<InfoCode>, StoreError> {
    let events = lately(reading, feed, Lately::Corrected)?.events;
    let newest = events.last().map(|event| event.at).max(changed);
    let Some(since) = newest.map(|at| at - TimeDelta::days(CORRECTED_DAYS)) else { return Ok(Vec::new()) };
    Ok(events.into_iter().filter(|event| event.at >= since).map(|event| event.code).collect())
}

/// An archive: its members as they are now, and traces of those that left.
pub fn archive(
    reading: &Reading<'_>,
    head: Head,
    feed: &FeedId,
    number: u64,
    sight: &Sight,
) -> Result<Archive, StoreError> {
    let (name, version) = match place(head, number) {
        Standing::Full => (keys::feed_key(feed), archive_version(reading, head, feed, number)?.unwrap_or_default()),
        Standing::Cut => return Ok(Archive::Cut),
        Standing::Missing => return Ok(Archive::Missing),
    };
    let (left, here): (Vec<_>, Vec<_>) = block(reading, &name, number)?.into_iter().partition(|joined| joined.left);
    let codes: Vec<InfoCode> = here.into_iter().map(|joined| joined.code).collect();
    let members = read::load(reading, &codes)?.into_iter().filter(|(_, entry)| sight.sees(entry)).collect();
    let left = left.into_iter().map(|Joined { at, code, .. }| Event { sequence: 0, at, code }).collect();
    let (entries, gone) = (newest_first(members), gone(reading, &name, left)?);
    let changed = entries.iter().map(|entry| entry.edition.fetched).chain(gone.iter().map(|gone| gone.at)).max();
    Ok(Archive::Full(Listing { version, entries, gone, changed, archives: archives(head) }))
}

/// A number made from all that an archive holds; `None` when there is none.
pub fn archive_version(
    reading: &Reading<'_>,
    head: Head,
    feed: &FeedId,
    number: u64,
) -> Result<Option<u64>, StoreError> {
    if place(head, number) != Standing::Full {
        return Ok(None);
    }
    let mut hash = XxHash3_64::new();
    let (first, last) = archives(head).unwrap_or_default();
    hash.write(&[u8::from(number > first), u8::from(number < last)]);
    let key = keys::joined(&keys::feed_key(feed), (number - 1) * keys::BLOCK + 1);
    let stored = reading.tree.get(&key)?.unwrap_or_default();
    hash.write(&stored);
    for joined in codec::decode_block(&stored)? {
        reading.tree.look(&keys::meta(&joined.code), |meta| hash.write(meta.unwrap_or_default()))?;
    }
    Ok(Some(hash.finish()))
}

/// What changed in a feed after a version of it: what is new or corrected in it, and what left it, also outside its head.
/// `None` when so much happened since, or so long ago, that nobody knows any more.
pub fn since(
    reading: &Reading<'_>,
    head: Head,
    feed: &FeedId,
    version: u64,
    sight: &Sight,
) -> Result<Option<Listing>, StoreError> {
    let name = keys::feed_key(feed);
    let mut departed = Vec::new();
    for kind in [Lately::Left, Lately::Dropped] {
        let Events { floor, events } = lately(reading, &name, kind)?;
        if floor > version {
            return Ok(None);
        }
        departed.extend(events.into_iter().filter(|event| event.sequence > version));
    }
    departed.sort_by_key(|event| event.sequence);
    let after = Cursor { epoch: 0, sequence: version, part: u32::MAX };
    let changes = read::changes(reading, after, MAX_CHANGES)?;
    if changes.len() >= MAX_CHANGES {
        return Ok(None);
    }
    let corrected: BTreeSet<_> =
        changes.iter().filter(|change| change.kind == ChangeKind::Updated).map(|change| change.code.clone()).collect();
    let codes: BTreeSet<InfoCode> = changes.into_iter().map(|change| change.code).collect();
    let mut members = Members::new();
    for code in codes {
        // What entered archives only was not new to this reader: he is told of it when it is corrected.
        let quiet = corrected.contains(&code);
        let stands = |meta: &Meta| meta.joins.iter().any(|join| join.feed == name && (quiet || !join.quiet));
        if !read::meta(reading, &code)?.is_some_and(|meta| stands(&meta)) {
            continue;
        }
        members.extend(read::load(reading, &[code])?.into_iter().filter(|(_, entry)| sight.sees(entry)));
        if members.len() > MAX_DELTA {
            return Ok(None);
        }
    }
    Ok(Some(Listing {
        version: head.version,
        entries: newest_first(members),
        gone: gone(reading, &name, departed)?,
        changed: head.changed,
        archives: archives(head),
    }))
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Full,
    Cut,
    Missing,
}

fn place(head: Head, number: u64) -> Standing {
    match number {
        number if number == 0 || number > head.archives() => Standing::Missing,
        number if number <= head.cut => Standing::Cut,
        _ => Standing::Full,
    }
}

/// Numbers of the first and last archive.
pub fn archives(head: Head) -> Option<(u64, u64)> {
    (head.cut < head.archives()).then(|| (head.cut + 1, head.archives()))
}

fn block(reading: &Reading<'_>, feed: &str, number: u64) -> Result<Vec<Joined>, StoreError> {
    let stored = reading.tree.get(&keys::joined(feed, (number - 1) * keys::BLOCK + 1))?;
    codec::decode_block(&stored.unwrap_or_default())
}

fn lately(reading: &Reading<'_>, feed: &str, kind: Lately) -> Result<Events, StoreError> {
    let stored = reading.tree.get(&keys::lately(feed, kind.byte()))?;
    Events::decode(&stored.unwrap_or_default())
}

/// Of those that left, the latest first, each under the id it had. One that is here again never left; one whose id was
/// destroyed cannot be named.
fn gone(reading: &Reading<'_>, feed: &str, left: Vec<Event>) -> Result<Vec<Departed>, StoreError> {
    let mut gone = Vec::with_capacity(left.len());
    for Event { at, code, .. } in left.into_iter().rev() {
        let Some(meta) = read::meta(reading, &code)? else { continue };
        if meta.joins.iter().any(|join| join.feed == feed) || meta.ids.atom.is_empty() {
            continue;
        }
        let categories = meta.filed.into_iter().flat_map(|filing| filing.categories).collect();
        gone.push(Departed { code, atom_id: meta.ids.atom, at, categories });
    }
    Ok(gone)
}

fn newest_first(members: Members) -> Vec<Arc<Entry>> {
    members.into_values().rev().collect()
}
