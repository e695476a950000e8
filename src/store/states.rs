//! What is remembered of a source lies under two keys: `f|source` changes with every poll and is small; `g|source`, what the
//! document says about itself, changes with documents only. A poll that brings nothing writes the first alone.

use super::{StoreError, codec, keys, overlay::Overlay, sled::Tree, touches::Touches};
use crate::model::{FeedInfo, SourceId, SourceState, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a document said about itself, and at which address that was.
#[derive(Serialize, Deserialize)]
struct About {
    address: Option<u64>,
    feed: FeedInfo,
}

/// Writes the whole state, with a document's commit.
pub fn put(overlay: &mut Overlay<'_>, source: &SourceId, mut state: SourceState) -> Result<(), StoreError> {
    if let Some(feed) = state.feed.take() {
        let (key, value) = (keys::about(source), codec::encode(&About { address: state.address, feed })?);
        if overlay.get(&key)?.as_ref() != Some(&value) {
            overlay.put(key, value);
        }
    }
    overlay.put(keys::state(source), codec::encode(&state)?);
    Ok(())
}

/// The part that a poll without a document changes.
pub fn touched(mut state: SourceState) -> Result<Vec<u8>, StoreError> {
    state.feed = None;
    codec::encode(&state)
}

/// The state of one source; the default when it was never polled.
pub fn of(tree: &Tree, touches: &Touches, source: &SourceId) -> Result<SourceState, StoreError> {
    let state = match touches.of(source) {
        Some(touched) => codec::decode(&touched)?,
        None => match tree.get(&keys::state(source))? {
            Some(stored) => codec::decode(&stored)?,
            None => return Ok(SourceState::default()),
        },
    };
    Ok(whole(state, about(tree, source)?))
}

/// Some of the states, and the key to go on after, if there are more.
pub type Part = (BTreeMap<SourceId, SourceState>, Option<Vec<u8>>);

/// The states under the next `most` keys after `after`.
pub fn some(tree: &Tree, touches: &Touches, after: Option<Vec<u8>>, most: usize) -> Result<Part, StoreError> {
    let after = after.unwrap_or_else(|| keys::states().to_vec());
    let (mut found, mut last, mut looked_at) = (BTreeMap::new(), None, 0);
    for item in tree.after(keys::states(), &after).take(most) {
        let (key, value) = item?;
        if let Some(source) = keys::tail(keys::states(), &key).and_then(SourceId::parse) {
            let touched = touches.of(&source);
            let state = codec::decode(touched.as_ref().map_or(&value[..], |touched| touched.as_slice()))?;
            let state = whole(state, about(tree, &source)?);
            found.insert(source, state);
        }
        (last, looked_at) = (Some(key), looked_at + 1);
    }
    Ok((found, last.filter(|_| looked_at == most)))
}

/// When any source was asked last: of each state no more is read than that.
pub fn last_attempt(tree: &Tree, touches: &Touches) -> Result<Option<Time>, StoreError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Asked {
        last_attempt: Option<Time>,
    }
    let mut last = None;
    for (_, touched) in touches.all() {
        last = last.max(codec::decode::<Asked>(&touched)?.last_attempt);
    }
    for item in tree.under(keys::states()) {
        last = last.max(codec::decode::<Asked>(&item?.1)?.last_attempt);
    }
    Ok(last)
}

/// When each of these sources is asked next; nothing of those that were never asked. Of each state no more is read than that.
pub fn next_polls(
    tree: &Tree,
    touches: &Touches,
    sources: &[SourceId],
) -> Result<BTreeMap<SourceId, Option<Time>>, StoreError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Asked {
        next_poll: Option<Time>,
    }
    let mut found = BTreeMap::new();
    for source in sources {
        let asked: Option<Asked> = match touches.of(source) {
            Some(touched) => Some(codec::decode(&touched)?),
            None => tree.get(&keys::state(source))?.map(|stored| codec::decode(&stored)).transpose()?,
        };
        if let Some(asked) = asked {
            found.insert(source.clone(), asked.next_poll);
        }
    }
    Ok(found)
}

fn about(tree: &Tree, source: &SourceId) -> Result<Option<About>, StoreError> {
    tree.get(&keys::about(source))?.map(|bytes| codec::decode(&bytes)).transpose()
}

/// What another address said is not true of this one. (A state of an older store holds the feed itself.)
fn whole(mut state: SourceState, about: Option<About>) -> SourceState {
    let about = about.filter(|about| about.address == state.address);
    state.feed = about.map(|about| about.feed).or(state.feed);
    state
}

/// True when a value of `g|` can be read.
pub fn is_about(bytes: &[u8]) -> Result<(), StoreError> {
    codec::decode::<About>(bytes).map(drop)
}
