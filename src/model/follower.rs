//! Whom our own WebSub hub pushes a feed to, as it is kept: one record for each pair of topic and callback.

use super::{Cursor, Time};
use serde::{Deserialize, Serialize};

/// A subscription at our hub. It was verified; one that is only asked for is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    /// Where it is pushed to, character for character.
    pub callback: String,
    /// Which feed of ours, as it was asked for: what the subscriber compares with.
    pub topic: String,
    /// Signs what is pushed.
    pub secret: Option<String>,
    /// When it was first verified.
    pub since: Time,
    /// When its lease ends.
    pub until: Time,
    /// What it was pushed, and what was there before it came.
    pub cursor: Cursor,
    /// Pushes in a row that did not arrive.
    pub failures: u32,
    /// Nothing is pushed before.
    pub next: Option<Time>,
    /// When something last arrived.
    pub last_push: Option<Time>,
    /// Why the last push did not.
    pub trouble: Option<String>,
}
