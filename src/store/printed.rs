//! Since when published documents are as they are, `d|path`. Like a source's state, it may lose its last second: whoever lost it
//! finds the same date again, or a later one.

use super::{Store, StoreError, codec, keys, overlay::Writes, writer::Job};
use crate::model::{Past, Printed, Time};
use std::collections::BTreeMap;

/// The path of no document. Under it stands when documents were forgotten last: one of which nothing is remembered may have been
/// another until then, and must not be dated before.
const FORGOTTEN: &str = "";

impl Store {
    /// What is remembered of the document at a path of ours; where that may have been forgotten, that it was something else.
    pub fn printed(&self, path: &str) -> Result<Option<Printed>, StoreError> {
        self.0.shared.look(|reading| {
            let stored = |path| reading.tree.get(&keys::printed(path));
            let found = stored(path)?.map_or_else(|| stored(FORGOTTEN), |found| Ok(Some(found)))?;
            found.map(|value| codec::decode(&value)).transpose()
        })
    }

    /// Remembers documents by their paths.
    pub async fn keep_printed(&self, documents: &BTreeMap<String, Printed>) -> Result<(), StoreError> {
        let write = |(path, printed): (&String, &Printed)| Ok((keys::printed(path), Some(codec::encode(printed)?)));
        let writes = documents.iter().map(write).collect::<Result<Writes, StoreError>>()?;
        self.ask(|reply| Job::Keep(writes, reply)).await
    }

    /// The paths of all documents of which something is remembered.
    pub async fn printed_paths(&self) -> Result<Vec<String>, StoreError> {
        self.read(|reading, _| {
            let mut paths = Vec::new();
            for item in reading.tree.under(keys::all_printed()) {
                paths.extend(keys::tail(keys::all_printed(), &item?.0).map(str::to_owned));
            }
            paths.retain(|path| path != FORGOTTEN);
            Ok(paths)
        })
        .await
    }

    /// Forgets documents.
    pub async fn forget_printed(&self, paths: &[String], now: Time) -> Result<(), StoreError> {
        let forgotten = Printed { hash: 0, changed: now, past: Past::default() };
        let mut writes: Writes = paths.iter().map(|path| (keys::printed(path), None)).collect();
        writes.insert(keys::printed(FORGOTTEN), Some(codec::encode(&forgotten)?));
        self.ask(|reply| Job::Keep(writes, reply)).await
    }
}

/// True when a value of `d|` can be read.
pub fn is_printed(bytes: &[u8]) -> Result<(), StoreError> {
    codec::decode::<Printed>(bytes).map(drop)
}
