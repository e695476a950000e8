//! Requests to our hub that are not verified yet, within bounds, each with its name; and what becomes of them.

use super::{
    asked::{Asked, Refusal},
    followers::{Book, Followers},
    following,
};
use crate::{
    lru::Lru,
    model::{Cursor, Time},
    store::StoreError,
    websub::subscriber::Mode,
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Followers in all.
const MOST: usize = 10_000;
/// Of these, whose callbacks lie at one host: readers' services have one for each feed.
const MOST_OF_HOST: usize = 2_000;
/// Of these, of one feed in one format.
const MOST_OF_TOPIC: usize = 2_000;
/// Requests that wait to be verified.
const MOST_WAITING: usize = 256;
/// Of these, at one host: nobody can have us knock at a stranger's door for long.
const MOST_WAITING_OF_HOST: usize = 16;
/// Hosts whose failed verifications are remembered.
const MOST_STRIKES: usize = 1_024;
/// A host is left alone after so many verifications in a row that failed, for a time that doubles with each further one.
const STRIKES: u32 = 5;
const REST: TimeDelta = TimeDelta::minutes(2);
const LONGEST_REST: TimeDelta = TimeDelta::hours(6);
/// A request that is not verified yet.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What was asked.
    pub asked: Asked,
    /// The registrable domain of its callback.
    pub host: String,
    /// Where the record of changes ended then.
    pub cursor: Cursor,
    /// How often its callback did not answer.
    pub tries: u32,
    /// When its callback is asked, or asked again; `None` while it is.
    pub next: Option<Time>,
}

/// All of them, and which hosts did not mean what was asked in their name.
pub(super) struct Requests {
    waiting: BTreeMap<String, Waiting>,
    strikes: Lru<String, (u32, Time)>,
}

impl Default for Requests {
    fn default() -> Requests {
        Requests { waiting: BTreeMap::new(), strikes: Lru::new(MOST_STRIKES) }
    }
}

impl Requests {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl Followers {
    /// A request waits to be verified; a newer one takes the place of an older one for the same callback and topic.
    pub(super) fn wait(&self, asked: Asked, host: String, cursor: Cursor, now: Time) -> Result<(), Refusal> {
        let token = asked.token();
        let mut book = self.book();
        let known = book.kept.contains_key(&token);
        let waits = book.requests.waiting.contains_key(&token);
        if asked.mode == Mode::Unsubscribe && !known && !waits {
            return Err(Refusal::NotFollowed);
        }
        if !known && !waits {
            book.admits(&asked, &host, now)?;
        }
        if !waits {
            if book.requests.waiting.len() >= MOST_WAITING {
                return Err(Refusal::Full);
            }
            if book.requests.waiting.values().filter(|waiting| waiting.host == host).count() >= MOST_WAITING_OF_HOST {
                return Err(Refusal::TooMany("too many requests of this host wait to be verified", 60));
            }
        }
        // One whose callback is being asked stays: its answer would be taken for that to the newer one.
        if book.requests.waiting.get(&token).is_some_and(|waiting| waiting.next.is_none()) {
            return Err(Refusal::TooMany("this callback is being verified already", 30));
        }
        book.requests.waiting.insert(token, Waiting { asked, host, cursor, tries: 0, next: Some(now) });
        drop(book);
        self.stir();
        Ok(())
    }

    /// The requests whose callbacks may be asked now; they are taken for being asked. And when the next one may.
    pub(super) fn due_to_verify(&self, now: Time, most: usize) -> (Vec<(String, Waiting)>, Option<Time>) {
        let mut book = self.book();
        let mut due = Vec::new();
        for (token, waiting) in &mut book.requests.waiting {
            if due.len() < most && waiting.next.is_some_and(|next| next <= now) {
                waiting.next = None;
                due.push((token.clone(), waiting.clone()));
            }
        }
        let next = book.requests.waiting.values().filter_map(|waiting| waiting.next).min();
        (due, next)
    }

    /// Its callback gave no answer: it is asked again then.
    pub(super) fn verify_again(&self, token: &str, at: Time) {
        if let Some(waiting) = self.book().requests.waiting.get_mut(token) {
            waiting.tries += 1;
            waiting.next = Some(at);
        }
        self.stir();
    }

    /// A request was not meant, or its callback is not there. Enough of these in a row, and its host is left alone for a while.
    pub(super) fn not_meant(&self, token: &str, now: Time) {
        let mut book = self.book();
        let Some(waiting) = book.requests.waiting.remove(token) else { return };
        let before = book.requests.strikes.get(&waiting.host).map_or(0, |(strikes, _)| *strikes);
        let strikes = before.saturating_add(1);
        let rest = match strikes.checked_sub(STRIKES) {
            None => TimeDelta::zero(),
            Some(beyond) => (REST * (1 << beyond.min(10))).min(LONGEST_REST),
        };
        book.requests.strikes.put(waiting.host, (strikes, now + rest), 1);
    }

    /// A request was verified: it is done.
    pub(super) async fn meant(&self, token: &str, waiting: &Waiting, now: Time) -> Result<(), StoreError> {
        let lane = self.lane(token).await;
        let before = self.get(token);
        let after = match waiting.asked.mode {
            Mode::Unsubscribe => None,
            Mode::Subscribe => Some(match &before {
                Some(before) => following::renewed(before, &waiting.asked, now),
                None => following::begin(&waiting.asked, waiting.cursor, now),
            }),
        };
        let written = self.write(token, after).await;
        drop(lane);
        let mut book = self.book();
        book.requests.waiting.remove(token);
        book.requests.strikes.put(waiting.host.clone(), (0, now), 1);
        drop(book);
        self.stir();
        written
    }
}

impl Book {
    /// Whether there is room for one more.
    fn admits(&mut self, asked: &Asked, host: &String, now: Time) -> Result<(), Refusal> {
        if let Some((_, until)) = self.requests.strikes.get(host).filter(|(_, until)| *until > now) {
            let seconds = u32::try_from((*until - now).num_seconds()).unwrap_or(u32::MAX).max(1);
            return Err(Refusal::TooMany("too many callbacks of this host could not be verified", seconds));
        }
        if self.kept.len() >= MOST {
            return Err(Refusal::Full);
        }
        if self.by_topic.get(&asked.topic).is_some_and(|tokens| tokens.len() >= MOST_OF_TOPIC) {
            return Err(Refusal::TooMany("this feed has as many subscriptions as it may", 3_600));
        }
        if self.kept.values().filter(|kept| kept.host == *host).count() >= MOST_OF_HOST {
            return Err(Refusal::TooMany("this host has as many subscriptions as it may", 3_600));
        }
        Ok(())
    }
}
