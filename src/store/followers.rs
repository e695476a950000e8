//! Who follows our feeds through our own hub (`q|token`), and how far hubs elsewhere were told of them (`o|address`). Written alone
//! and durable when the write returns: what was pushed once is not pushed again after a restart.

use super::{Store, StoreError, codec, keys, orders::Order};
use crate::model::Follower;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

impl Store {
    /// Everybody who follows, by token. Read once, at the start.
    pub fn followers(&self) -> Result<BTreeMap<String, Follower>, StoreError> {
        self.records(keys::followers())
    }

    /// Keeps a follower as it is now; `None` forgets it. Durable when it returns.
    pub async fn keep_follower(&self, token: &str, now: Option<&Follower>) -> Result<(), StoreError> {
        self.keep_record(keys::follower(token), now).await
    }

    /// Up to which commit each hub elsewhere was told, by its address.
    pub fn heralded(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.records(keys::all_heralded())
    }

    /// Keeps up to which commit a hub elsewhere was told; `None` forgets it. Durable when it returns.
    pub async fn keep_heralded(&self, hub: &str, sequence: Option<u64>) -> Result<(), StoreError> {
        self.keep_record(keys::heralded(hub), sequence.as_ref()).await
    }

    /// Records by what follows the prefix of their keys.
    pub(super) fn records<T: DeserializeOwned>(&self, prefix: &[u8]) -> Result<BTreeMap<String, T>, StoreError> {
        self.0.shared.look(|reading| {
            let mut found = BTreeMap::new();
            for item in reading.tree.under(prefix) {
                let (key, value) = item?;
                if let Some(name) = keys::tail(prefix, &key) {
                    found.insert(name.to_owned(), codec::decode(&value)?);
                }
            }
            Ok(found)
        })
    }

    /// Writes one record, or forgets it.
    pub(super) async fn keep_record<T: Serialize>(&self, key: Vec<u8>, now: Option<&T>) -> Result<(), StoreError> {
        let value = now.map(codec::encode).transpose()?;
        self.order(Order::Record { key, value }).await.map(drop)
    }
}
