//! WebSub subscriptions lie under `p|callback token`. They are written alone, and are durable when the write returns: a hub must
//! never know a callback or a secret that a crash makes us forget.

use super::{Store, StoreError, keys};
use crate::model::Subscription;
use std::collections::BTreeMap;

impl Store {
    /// Every subscription, by its callback token. They are few and read once, at the start.
    pub fn subscriptions(&self) -> Result<BTreeMap<String, Subscription>, StoreError> {
        self.records(keys::subscriptions())
    }

    /// Keeps a subscription as it is now; `None` forgets it. Durable when it returns.
    pub async fn keep_subscription(&self, token: &str, now: Option<&Subscription>) -> Result<(), StoreError> {
        self.keep_record(keys::subscription(token), now).await
    }
}
