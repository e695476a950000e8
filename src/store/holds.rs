//! Hosts that asked to be left alone, `h|host`: kept over restarts, so that nobody is asked early because of one.

use super::{Store, StoreError, codec, keys, overlay::Writes, sled::Tree, writer::Job};
use crate::model::Time;
use serde::{Deserialize, Serialize};

/// Longest name of a host that is kept.
const LONGEST_NAME: usize = 255;

/// What is remembered of a host.
#[derive(Serialize, Deserialize)]
struct Host {
    hold_until: Time,
}

impl Store {
    /// A host is left alone until then. Like a source's state, it may lose its last second.
    pub async fn hold(&self, host: &str, until: Time) -> Result<(), StoreError> {
        self.ask(|reply| Job::Hold(vec![(host.to_owned(), Some(until))], reply)).await
    }

    /// The hosts that are still to be left alone at `now`; those whose time is over are forgotten.
    pub async fn holds(&self, now: Time) -> Result<Vec<(String, Time)>, StoreError> {
        let holds = self.read(|reading, _| all(reading.tree)).await?;
        let (held, over): (Vec<_>, Vec<_>) = holds.into_iter().partition(|(_, until)| *until > now);
        if !over.is_empty() {
            let over = over.into_iter().map(|(host, _)| (host, None)).collect();
            self.ask(|reply| Job::Hold(over, reply)).await?;
        }
        Ok(held)
    }
}

/// The writes that say so.
pub fn written(holds: Vec<(String, Option<Time>)>) -> Result<Writes, StoreError> {
    let mut writes = Writes::new();
    for (host, until) in holds.into_iter().filter(|(host, _)| host.len() <= LONGEST_NAME) {
        let value = until.map(|hold_until| codec::encode(&Host { hold_until })).transpose()?;
        writes.insert(keys::hold(&host), value);
    }
    Ok(writes)
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
