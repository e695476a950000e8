//! What of a feed changed after a cursor: whoever follows a feed is told this, and not the whole of it. Read in one look, so that
//! it is of one moment, and bounded: who is too far behind takes the feed as it stands.

use super::{
    Store, StoreError, keys,
    meta::Meta,
    place::feeds_of,
    read::{self, Reading},
};
use crate::model::{Cursor, Entry, FeedId, InfoCode, WithdrawalKind, Withdrawn};
use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

/// Changes looked through for one answer, those of other feeds among them.
const LOOKED_THROUGH: usize = 10_000;

/// What changed in a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// Where whoever has this goes on.
    pub upto: Cursor,
    /// New and corrected entries that stand in the feed, in the feed's order.
    pub entries: Vec<Arc<Entry>>,
    /// Entries that stood in it and were withdrawn; those that retention dropped are not among them.
    pub withdrawn: Vec<Withdrawn>,
}

impl Store {
    /// The end of the record of changes: nothing that is committed later stands before it.
    pub async fn cursor(&self) -> Result<Cursor, StoreError> {
        self.0.shared.look(end)
    }

    /// What changed in a feed after a cursor. `None`: more than `most` entries did, or so much elsewhere that it was not looked
    /// through, or this history does not know the cursor.
    pub async fn news(&self, feed: &FeedId, after: Cursor, most: usize) -> Result<Option<News>, StoreError> {
        let feed = keys::feed_key(feed);
        self.read(move |reading, _| news(reading, &feed, after, most)).await
    }
}

fn end(reading: &Reading<'_>) -> Result<Cursor, StoreError> {
    let (epoch, sequence) = (read::epoch(reading.tree)?, read::sequence(reading.tree)?);
    Ok(Cursor { sequence, ..Cursor::start(epoch) })
}

fn news(reading: &Reading<'_>, feed: &str, after: Cursor, most: usize) -> Result<Option<News>, StoreError> {
    let upto = end(reading)?;
    if after.epoch != upto.epoch || after.sequence > upto.sequence {
        return Ok(None);
    }
    let changes = read::changes(reading, after, LOOKED_THROUGH)?;
    if changes.len() >= LOOKED_THROUGH {
        return Ok(None);
    }
    let changed: BTreeSet<InfoCode> = changes.into_iter().map(|change| change.code).collect();
    let (mut standing, mut withdrawn) = (Vec::new(), Vec::new());
    for code in changed {
        let key = keys::meta(&code);
        let Some(packed) = reading.tree.get(&key)? else { continue };
        let meta = reading.unpacker.meta(&key, &packed)?;
        if meta.joins.iter().any(|join| join.feed == feed && !join.quiet) {
            standing.push(code);
        } else if stood_in(&meta, feed) {
            withdrawn.extend(meta.gone());
        }
        if standing.len() + withdrawn.len() > most {
            return Ok(None);
        }
    }
    let mut entries = read::load(reading, &standing)?;
    entries.sort_by_key(|(place, _)| Reverse(*place));
    Ok(Some(News { upto, entries: entries.into_iter().map(|(_, entry)| entry).collect(), withdrawn }))
}

/// Whether an entry stood in a feed until it was withdrawn. One that was never to be seen there is not spoken of.
fn stood_in(meta: &Meta, feed: &str) -> bool {
    let kind = meta.withdrawn.as_ref().map(|withdrawn| withdrawn.kind);
    let told = matches!(kind, Some(WithdrawalKind::Retracted | WithdrawalKind::Erased | WithdrawalKind::Deleted));
    let joined = !meta.passed_over || feed.starts_with("s:");
    told && joined && feeds_of(&Meta { withdrawn: None, ..meta.clone() }).iter().any(|stood| stood == feed)
}
