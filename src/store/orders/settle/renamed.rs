//! A category with a new name is the same feed: its entries stand in it in the order in which they came, since when they came, and
//! those that stood in its archives only still do.

use super::Source;
use crate::{
    model::{Join, Slug, Time},
    store::{
        StoreError, codec, keys,
        meta::Meta,
        place::{category_feed, slot},
    },
};
use std::collections::BTreeMap;

/// Where an entry stood in a feed that has another name now.
pub(super) struct Renamed {
    old: String,
    new: String,
    number: u64,
    quiet: bool,
    /// Since when.
    pub at: Time,
}

impl Renamed {
    /// Where an entry that comes to stand in these feeds stood in one of them under its old name.
    pub(super) fn find(
        look: &Source<'_>,
        meta: &Meta,
        gained: &[String],
        aliases: &BTreeMap<Slug, Slug>,
    ) -> Result<Option<Renamed>, StoreError> {
        for (old, new) in aliases {
            let (old, new) = (category_feed(old), category_feed(new));
            let join = meta.joins.iter().find(|join| join.feed == old).filter(|_| gained.contains(&new));
            if let Some(Join { number, quiet, .. }) = join {
                let block = (look.get)(&keys::joined(&old, *number))?;
                let block = codec::decode_block(block.as_deref().unwrap_or_default())?;
                let joined = block.iter().find(|joined| joined.slot == slot(*number));
                let at = joined.map_or(meta.first_seen, |joined| joined.at);
                return Ok(Some(Renamed { old, new, number: *number, quiet: *quiet, at }));
            }
        }
        Ok(None)
    }

    /// The order in which they came to stand there.
    pub(super) fn order(&self) -> (String, u64) {
        (self.old.clone(), self.number)
    }

    /// Whether it enters the head of a feed: of the renamed one if it stood there, of no other.
    pub(super) fn joins(&self, feed: &str) -> bool {
        feed == self.new && !self.quiet
    }
}

/// Slugs as they are now, each once.
pub(super) fn slugs(categories: &[Slug], aliases: &BTreeMap<Slug, Slug>) -> Vec<Slug> {
    let mut now: Vec<Slug> = Vec::new();
    for slug in categories {
        let slug = aliases.get(slug).unwrap_or(slug);
        if !now.contains(slug) {
            now.push(slug.clone());
        }
    }
    now
}
