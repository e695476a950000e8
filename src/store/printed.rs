//! Since when published documents are as they are, `d|path`. Like a source's state, it may lose its last second: whoever lost it
//! finds the same date again, or a later one.

use super::{Store, StoreError, codec, keys, overlay::Writes, writer::Job};
use crate::model::Printed;
use std::collections::BTreeMap;

impl Store {
    /// What is remembered of the document at a path of ours.
    pub fn printed(&self, path: &str) -> Result<Option<Printed>, StoreError> {
        self.0
            .shared
            .look(|reading| reading.tree.get(&keys::printed(path))?.map(|value| codec::decode(&value)).transpose())
    }

    /// Remembers documents by their paths.
    pub async fn keep_printed(&self, documents: &BTreeMap<String, Printed>) -> Result<(), StoreError> {
        let write = |(path, printed): (&String, &Printed)| Ok((keys::printed(path), Some(codec::encode(printed)?)));
        let writes = documents.iter().map(write).collect::<Result<Writes, StoreError>>()?;
        self.ask(|reply| Job::Keep(writes, reply)).await
    }
}

/// True when a value of `d|` can be read.
pub fn is_printed(bytes: &[u8]) -> Result<(), StoreError> {
    codec::decode::<Printed>(bytes).map(drop)
}
