//! Hosts that asked to be left alone, `h|host`: kept over restarts, so that nobody is asked early because of one.

use super::{Store, StoreError, codec, keys, overlay::Overlay, sled::Tree, writer::Job};
use crate::model::Time;
use serde::{Deserialize, Serialize};

/// Longest name of a host that is kept.
const LONGEST_NAME: usize = 255;
/// Hosts kept, as many as `poll::agenda` remembers where nobody waits.
const MOST: usize = 4_096;

/// What is remembered of a host.
#[derive(Serialize, Deserialize)]
struct Host {
    hold_until: Time,
}

/// What becomes of the hold of a host.
pub enum Change {
    /// It is left alone until then, and no shorter than before.
    Until(Time),
    /// It is forgotten.
    Over,
}

impl Store {
    /// A host is left alone until then, or longer where that was said before. Like a source's state, it may lose its last second.
    pub async fn hold(&self, host: &str, until: Time) -> Result<(), StoreError> {
        self.change(vec![(host.to_owned(), Change::Until(until))]).await
    }

    /// The hosts that are still to be left alone at `now`; none for longer than until `latest`, whatever a wrong clock once wrote.
    pub async fn holds(&self, now: Time, latest: Time) -> Result<Vec<(String, Time)>, StoreError> {
        let holds = self.read(|reading, _| all(reading.tree)).await?.into_iter();
        Ok(holds.filter(|(_, until)| *until > now).map(|(host, until)| (host, until.min(latest))).collect())
    }

    /// Forgets holds that are over, and beyond a number of them those that end first; none lasts longer than until `latest`.
    pub async fn tidy_holds(&self, now: Time, latest: Time) -> Result<(), StoreError> {
        let mut holds = self.read(|reading, _| all(reading.tree)).await?;
        holds.sort_by_key(|(_, until)| std::cmp::Reverse(*until));
        let mut changes = Vec::new();
        for (place, (host, until)) in holds.into_iter().enumerate() {
            if until <= now || place >= MOST {
                changes.push((host, Change::Over));
            } else if until > latest {
                changes.extend([(host.clone(), Change::Over), (host, Change::Until(latest))]);
            }
        }
        if changes.is_empty() { Ok(()) } else { self.change(changes).await }
    }

    async fn change(&self, changes: Vec<(String, Change)>) -> Result<(), StoreError> {
        self.ask(|reply| Job::Hold(changes, reply)).await
    }
}

/// Writes the changes, one after the other.
pub fn decide(changes: Vec<(String, Change)>, overlay: &mut Overlay<'_>) -> Result<(), StoreError> {
    for (host, change) in changes.into_iter().filter(|(host, _)| host.len() <= LONGEST_NAME) {
        let key = keys::hold(&host);
        match change {
            Change::Over => overlay.remove(key),
            Change::Until(until) => {
                let before = overlay.get(&key)?.map(|bytes| codec::decode::<Host>(&bytes)).transpose()?;
                let hold_until = before.map_or(until, |before| before.hold_until.max(until));
                overlay.put(key, codec::encode(&Host { hold_until })?);
            }
        }
    }
    Ok(())
}

/// True when a value of `h|` can be read.
pub fn is_hold(bytes: &[u8]) -> Result<(), StoreError> {
    codec::decode::<Host>(bytes).map(drop)
}

fn all(tree: &Tree) -> Result<Vec<(String, Time)>, StoreError> {
    let mut found = Vec::new();
    for item in tree.under(keys::holds()) {
        let (key, value) = item?;
        if let Some(host) = keys::tail(keys::holds(), &key) {
            found.push((host.to_owned(), codec::decode::<Host>(&value)?.hold_until));
        }
    }
    Ok(found)
}
