//! What a document says is deleted, in the terms of the store.

use super::{dates, text};
use crate::{
    identify,
    model::{Deleted, Deletion, FeedInfo, Source, Time, Tombstone},
};

/// Longest reason kept, in characters.
const MAX_REASON: usize = 500;

/// The same, as others may be told of it.
pub fn told(source: &Source, feed: &FeedInfo, said: &[Tombstone], now: Time) -> Vec<Deleted> {
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let deleted = |said: &Tombstone| {
        let when = dates::read(&said.when.0, &around).ok()?.min(now);
        Some(Deleted { id: said.id.clone(), code: None, when, by: said.by.clone(), comment: said.comment.clone() })
    };
    said.iter().filter_map(deleted).collect()
}

/// Deletions whose date can be read.
pub fn deletions(source: &Source, feed: &FeedInfo, said: Vec<Tombstone>, now: Time) -> Vec<Deletion> {
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let deletion = |said: Tombstone| {
        let when = dates::read(&said.when.0, &around).ok()?.min(now);
        let words =
            [said.by.map(|by| format!("by {by}")), said.comment].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let words: String = text::legal(&words).chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
        let reason = if words.is_empty() { "the publisher's feed says so".to_owned() } else { words };
        Some(Deletion { names: identify::names_of_id(&said.id), when, reason })
    };
    said.into_iter().filter_map(deletion).collect()
}
