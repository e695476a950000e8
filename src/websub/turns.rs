//! One at a time: a poll and a push of the same source take turns, so that neither overwrites what the other has just saved.

use crate::model::SourceId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Sources that somebody works on; those that nobody does are forgotten.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<SourceId, Weak<AsyncMutex<()>>>>);

impl Turns {
    /// Waits until nobody else works on that source, and keeps others waiting until the guard is dropped.
    pub async fn of(&self, source: &SourceId) -> OwnedMutexGuard<()> {
        self.turn(source).lock_owned().await
    }

    /// The same, if nobody else works on it now.
    pub fn now(&self, source: &SourceId) -> Option<OwnedMutexGuard<()>> {
        self.turn(source).try_lock_owned().ok()
    }

    fn turn(&self, source: &SourceId) -> Arc<AsyncMutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = turns.get(source).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = Arc::new(AsyncMutex::new(()));
            turns.insert(source.clone(), Arc::downgrade(&turn));
            turn
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Slug;

    #[tokio::test]
    async fn one_source_one_at_a_time_and_nothing_is_kept() {
        let (turns, a, b) = (Turns::default(), Slug::parse("a").unwrap(), Slug::parse("b").unwrap());
        let first = turns.of(&a).await;
        drop(turns.of(&b).await);
        assert!(tokio::time::timeout(std::time::Duration::ZERO, turns.of(&a)).await.is_err());
        assert!(turns.now(&a).is_none());
        drop(first);
        assert!(turns.now(&a).is_some());
        drop(turns.of(&a).await);
        drop(turns.of(&b).await);
        assert_eq!(turns.0.lock().unwrap().len(), 1, "the last one, until the next comes");
    }
}
