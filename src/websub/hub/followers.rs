//! Everybody who follows a feed of ours, in memory and in the store alike: whatever changes a record is written first. How they come to
//! be among them is `waiting`'s to say.

use super::{
    following::{self, Event},
    herald::Heralds,
    standing::Tally,
    waiting::Requests,
};
use crate::{
    model::{Follower, Time},
    store::{Store, StoreError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Records are written in order; those of so many groups not after one another.
const LANES: usize = 16;

/// All followers. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Followers(Arc<Shared>);

struct Shared {
    store: Store,
    book: Mutex<Book>,
    lanes: [tokio::sync::Mutex<()>; LANES],
    stirred: Notify,
    heralds: Heralds,
}

#[derive(Default)]
pub(super) struct Book {
    pub kept: BTreeMap<String, Kept>,
    pub by_topic: BTreeMap<String, BTreeSet<String>>,
    pub requests: Requests,
    tally: Tally,
}

pub(super) struct Kept {
    pub follower: Follower,
    /// The registrable domain of its callback.
    pub host: String,
}

impl Followers {
    /// What the store holds.
    pub fn load(store: &Store) -> Result<Followers, StoreError> {
        let mut book = Book::default();
        for (token, follower) in store.followers()? {
            book.put(&token, Some(follower));
        }
        let lanes = std::array::from_fn(|_| tokio::sync::Mutex::default());
        Ok(Followers(Arc::new(Shared {
            store: store.clone(),
            book: Mutex::new(book),
            lanes,
            stirred: Notify::new(),
            heralds: Heralds::default(),
        })))
    }

    /// Lets something happen to a follower: what is decided is stored first.
    pub(super) async fn happen(&self, token: &str, event: &Event<'_>, now: Time) -> Result<(), StoreError> {
        let _lane = self.lane(token).await;
        let Some(before) = self.get(token) else { return Ok(()) };
        match event {
            Event::Pushed { .. } => self.book().tally.pushed(),
            Event::Failed { reason, .. } => self.book().tally.failed(&before, reason, now),
            Event::Passed { .. } | Event::Held { .. } | Event::Over => {}
        }
        let after = following::decide(&before, event, now);
        if after.as_ref() == Some(&before) { Ok(()) } else { self.write(token, after).await }
    }

    /// Forgets those whose lease has ended.
    pub(super) async fn lapse(&self, now: Time) -> Result<(), StoreError> {
        let lapsed: Vec<String> = {
            let book = self.book();
            let lapsed = book.kept.iter().filter(|(_, kept)| following::has_lapsed(&kept.follower, now));
            lapsed.map(|(token, _)| token.clone()).collect()
        };
        for token in lapsed {
            let _lane = self.lane(&token).await;
            // It may have been renewed meanwhile.
            if self.get(&token).is_some_and(|follower| following::has_lapsed(&follower, now)) {
                self.write(&token, None).await?;
            }
        }
        Ok(())
    }

    /// The record of a token.
    pub(super) fn get(&self, token: &str) -> Option<Follower> {
        self.book().kept.get(token).map(|kept| kept.follower.clone())
    }

    /// The topics that are followed.
    pub(super) fn topics(&self) -> Vec<String> {
        self.book().by_topic.keys().cloned().collect()
    }

    /// Those of a topic who may be pushed something now and have not got what came after a commit, with their hosts.
    pub(super) fn behind(&self, topic: &str, version: u64, now: Time) -> Vec<(String, String)> {
        let book = self.book();
        let tokens = book.by_topic.get(topic).into_iter().flatten();
        let all = tokens.filter_map(|token| Some((token, book.kept.get(token)?)));
        let behind =
            all.filter(|(_, kept)| following::is_ready(&kept.follower, now) && is_behind(&kept.follower, version));
        behind.map(|(token, kept)| (token.clone(), kept.host.clone())).collect()
    }

    /// When the first of them is to be looked at again.
    pub(super) fn wakes(&self, now: Time) -> Option<Time> {
        self.book().kept.values().map(|kept| following::wakes(&kept.follower, now)).min()
    }

    /// Hubs elsewhere, and what they are still to be told.
    pub(super) fn heralds(&self) -> &Heralds {
        &self.0.heralds
    }

    /// There may be something to do.
    pub(super) fn stir(&self) {
        self.0.stirred.notify_one();
    }

    /// Waits until there may be.
    pub(super) async fn stirred(&self) {
        self.0.stirred.notified().await;
    }

    /// For status: how many there are, how many of them get nothing at present, how many wait; and what was counted.
    pub(super) fn count(&self) -> (usize, usize, usize, Tally) {
        let book = self.book();
        let failing = book.kept.values().filter(|kept| kept.follower.failures > 0).count();
        (book.kept.len(), failing, book.requests.len(), book.tally.clone())
    }

    pub(super) async fn lane(&self, token: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let number = token.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let [first, ..] = &self.0.lanes;
        self.0.lanes.get(number % LANES).unwrap_or(first).lock().await
    }

    pub(super) async fn write(&self, token: &str, after: Option<Follower>) -> Result<(), StoreError> {
        self.0.store.keep_follower(token, after.as_ref()).await?;
        self.book().put(token, after);
        Ok(())
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a follower has not got all of a feed's changes. A cursor in the midst of a commit has more of it to come.
fn is_behind(follower: &Follower, version: u64) -> bool {
    follower.cursor.sequence < version || (follower.cursor.sequence == version && follower.cursor.part != u32::MAX)
}

impl Book {
    fn put(&mut self, token: &str, follower: Option<Follower>) {
        match follower {
            Some(follower) => {
                let host = super::host_of(&follower.callback);
                self.by_topic.entry(follower.topic.clone()).or_default().insert(token.to_owned());
                self.kept.insert(token.to_owned(), Kept { follower, host });
            }
            None => {
                let Some(gone) = self.kept.remove(token) else { return };
                if let Some(tokens) = self.by_topic.get_mut(&gone.follower.topic) {
                    tokens.remove(token);
                    if tokens.is_empty() {
                        self.by_topic.remove(&gone.follower.topic);
                    }
                }
            }
        }
    }
}
