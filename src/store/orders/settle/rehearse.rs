//! What a settlement would do, without doing it: for an operator who wants to see first.

use super::{GONE, Move, Settlement, Source, gone, moves, moves_of_gone};
use crate::{
    model::{FeedId, InfoCode, Slug, SourceId},
    store::{StoreError, keys, read::Reading},
};

/// An entry that would stand elsewhere.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// Which.
    pub code: InfoCode,
    /// The source whose policy moves it.
    pub source: SourceId,
    /// Where it would be filed.
    pub categories: Vec<Slug>,
    /// Feeds it would come to stand in.
    pub gained: Vec<FeedId>,
    /// Feeds it would leave.
    pub lost: Vec<FeedId>,
    /// A feed that it stands in already, by another name: it keeps its place.
    pub renamed: bool,
    /// The rule that would keep it out, in words.
    pub why: Option<String>,
}

/// The sources that would be settled.
pub fn sources(settlement: &Settlement, reading: &Reading<'_>) -> Result<Vec<SourceId>, StoreError> {
    let mut found = Vec::new();
    for policy in &settlement.sources {
        let hash = policy.hash.to_be_bytes();
        if reading.tree.get(&keys::policy(&policy.source))?.is_none_or(|known| known != hash) {
            found.push(policy.source.clone());
        }
    }
    found.extend(gone(settlement.at, reading.tree, settlement)?.into_iter().map(|(source, _)| source));
    Ok(found)
}

/// What would become of the entries of one of them.
pub fn rehearse(
    settlement: &Settlement,
    source: &SourceId,
    reading: &Reading<'_>,
) -> Result<Vec<Rehearsed>, StoreError> {
    let get = |key: &[u8]| reading.tree.get(key);
    let look = Source { tree: reading.tree, get: &get, unpacker: reading.unpacker };
    let moves = match settlement.sources.iter().find(|policy| policy.source == *source) {
        Some(policy) => moves(&look, policy, settlement)?,
        None => moves_of_gone(&look, source, settlement)?,
    };
    let feeds = |names: Vec<String>| names.iter().filter_map(|name| feed(name)).collect();
    let told = moves.into_iter().map(|Move { code, filing, categories, gained, lost, renamed, .. }| Rehearsed {
        code,
        source: source.clone(),
        categories,
        gained: feeds(gained),
        lost: feeds(lost),
        renamed: renamed.is_some(),
        why: filing
            .standing
            .why_hidden(settlement.at)
            .map(|why| if why.ends_with(GONE) { GONE.to_owned() } else { why }),
    });
    Ok(told.collect())
}

/// Feeds of tags follow the others.
fn feed(name: &str) -> Option<FeedId> {
    match name.split_once(':')? {
        ("a", _) => Some(FeedId::All),
        ("c", slug) => Slug::parse(slug).map(FeedId::Category),
        ("s", id) => Slug::parse(id).map(FeedId::Source),
        _ => None,
    }
}
