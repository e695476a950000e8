//! WebSub subscriptions lie under `p|callback token`. They are written alone, and are durable when the write returns: a hub must
//! never know a callback or a secret that a crash makes us forget.

use super::{Store, StoreError, codec, keys, orders::Order};
use crate::model::Subscription;
use std::collections::BTreeMap;

impl Store {
    /// Every subscription, by its callback token. They are few and read once, at the start.
    pub fn subscriptions(&self) -> Result<BTreeMap<String, Subscription>, StoreError> {
        self.0.shared.look(|reading| {
            let mut found = BTreeMap::new();
            for item in reading.tree.under(keys::subscriptions()) {
                let (key, value) = item?;
                if let Some(token) = keys::tail(keys::subscriptions(), &key) {
                    found.insert(token.to_owned(), codec::decode(&value)?);
                }
            }
            Ok(found)
        })
    }

    /// Keeps a subscription as it is now; `None` forgets it. Durable when it returns.
    pub async fn keep_subscription(&self, token: &str, now: Option<&Subscription>) -> Result<(), StoreError> {
        let value = now.map(codec::encode).transpose()?;
        self.order(Order::Subscription { token: token.to_owned(), value }).await.map(drop)
    }
}
