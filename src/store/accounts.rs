//! Accounts of documents (`k|`): written with their commits, and only where they say something that the one before did not. No word of
//! what was erased stays in one, and a source that is purged takes its own along.

use super::{Store, StoreError, codec, keys, overlay::Overlay, sled::Tree};
use crate::model::{Account, SourceId, SourceState, Via};

/// Writes the account of a source's last document. What cannot be read any more is written anew.
pub fn put(overlay: &mut Overlay<'_>, source: &SourceId, via: Via, account: &Account) -> Result<(), StoreError> {
    let key = keys::account(source, via);
    let before = overlay.get(&key)?.and_then(|bytes| codec::decode::<Account>(&bytes).ok());
    if !before.is_some_and(|before| account.says_as(&before)) {
        overlay.put(key, codec::encode(account)?);
    }
    Ok(())
}

/// Titles of what was never stored may be those of something that is erased now under another name: all of them go.
pub fn forget_words(tree: &Tree, overlay: &mut Overlay<'_>) -> Result<(), StoreError> {
    for item in tree.under(keys::accounts()) {
        let (key, value) = item?;
        let mut account: Account = codec::decode(&value)?;
        let titles = account.went.iter_mut().filter_map(|went| went.title.take()).count();
        if titles > 0 {
            overlay.put(key, codec::encode(&account)?);
        }
    }
    Ok(())
}

/// Whether there is anything for `purge` to do.
pub fn are_kept(tree: &Tree, source: &SourceId) -> Result<bool, StoreError> {
    for via in [Via::Poll, Via::Push] {
        if tree.get(&keys::account(source, via))?.is_some() {
            return Ok(true);
        }
    }
    let state = tree.get(&keys::state(source))?.map(|bytes| codec::decode::<SourceState>(&bytes)).transpose()?;
    Ok(state.is_some_and(|state| !state.requests.is_empty()))
}

/// A source is purged: what it was asked and what its documents held goes with its entries.
pub fn purge(overlay: &mut Overlay<'_>, source: &SourceId) -> Result<(), StoreError> {
    for via in [Via::Poll, Via::Push] {
        let key = keys::account(source, via);
        if overlay.get(&key)?.is_some() {
            overlay.remove(key);
        }
    }
    let key = keys::state(source);
    let state = overlay.get(&key)?.map(|bytes| codec::decode::<SourceState>(&bytes)).transpose()?;
    if let Some(state) = state.filter(|state| !state.requests.is_empty()) {
        overlay.put(key, codec::encode(&SourceState { requests: Default::default(), ..state })?);
    }
    Ok(())
}

/// True when a value of `k|` can be read.
pub fn is_account(bytes: &[u8]) -> Result<(), StoreError> {
    codec::decode::<Account>(bytes).map(drop)
}

impl Store {
    /// What became of the last document of a source that came one way.
    pub async fn account(&self, source: &SourceId, via: Via) -> Result<Option<Account>, StoreError> {
        let key = keys::account(source, via);
        self.0.shared.look(|reading| reading.tree.get(&key)?.map(|bytes| codec::decode(&bytes)).transpose())
    }

    /// Those of all sources.
    pub async fn accounts(&self) -> Result<Vec<(SourceId, Account)>, StoreError> {
        self.read(|reading, _| {
            let mut found = Vec::new();
            for item in reading.tree.under(keys::accounts()) {
                let (key, value) = item?;
                found.extend(keys::account_of(&key).zip(codec::decode(&value).ok()));
            }
            Ok(found)
        })
        .await
    }
}
