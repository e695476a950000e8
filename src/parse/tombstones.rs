//! at:deleted-entry (RFC 6721): what a feed says is no more.

use super::{
    MAX_ENTRIES, persons, text,
    xml::{Id, Ns, Tree},
};
use crate::model::{RawDate, Tombstone};

/// Those of a feed, and a note on the ones that lack what they must have.
pub fn read(tree: &Tree, root: Id, notes: &mut Vec<String>) -> Vec<Tombstone> {
    let places = tree.elements(root).filter(|&child| tree.name(child) == (Ns::Rss, "channel")).chain([root]);
    let said = places.flat_map(|place| tree.elements(place));
    let deleted = said.filter(|&child| tree.name(child) == (Ns::Tombstones, "deleted-entry")).take(MAX_ENTRIES);
    let read: Vec<_> = deleted.map(|id| tombstone(tree, id)).collect();
    let lost = read.iter().filter(|one| one.is_none()).count();
    if lost > 0 {
        notes.push(format!("{lost} at:deleted-entry without `ref` or `when`: ignored"));
    }
    read.into_iter().flatten().collect()
}

fn tombstone(tree: &Tree, id: Id) -> Option<Tombstone> {
    let child = |name: &str| tree.child(id, Ns::Tombstones, name).or_else(|| tree.child(id, Ns::Atom, name));
    Some(Tombstone {
        id: tree.attribute(id, "ref")?,
        when: RawDate(super::limits::cap(tree.attribute(id, "when")?, 200)),
        by: child("by")
            .and_then(|by| persons::read(tree, by).into_iter().next())
            .map(|by| by.name)
            .filter(|name| !name.is_empty()),
        comment: child("comment").and_then(|comment| text::words(tree, comment)),
    })
}
