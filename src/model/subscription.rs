//! A subscription at a WebSub hub, as it is kept: one record for each callback address that was ever handed out.

use super::{SourceId, Time};
use serde::{Deserialize, Serialize};

/// What is known of one. Secret and callback token stay the same for its whole life, renewals included: what was signed before
/// a renewal is verified is as good as what is signed after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Whose news it brings.
    pub source: SourceId,
    /// Whom we asked, as the publisher names it.
    pub hub: String,
    /// What for: the publisher's `self`, character for character.
    pub topic: String,
    /// The `[site] url` that its callback lies under; empty: not known.
    #[serde(default)]
    pub base: String,
    /// Signs what is pushed: hexadecimal digits of 32 random bytes.
    pub secret: String,
    /// How far it has come.
    pub phase: Phase,
    /// Requests in a row that nothing came of.
    pub tries: u32,
    /// The hub, or the publisher through it, has said that we will not have it.
    #[serde(default)]
    pub refused: bool,
    /// When something is to be done next.
    pub next: Time,
    /// When we last asked: a hub may verify for some time after, and at no other time.
    pub asked: Option<Time>,
    /// Since when it has held without a gap.
    pub verified: Option<Time>,
    /// When the hub's lease ends.
    pub until: Option<Time>,
    /// When something signed last came.
    pub last_push: Option<Time>,
    /// Since when the hub is distrusted: it missed what a poll found.
    pub distrusted: Option<Time>,
    /// Why the last request came to nothing, in words for the operator.
    pub trouble: Option<String>,
}

/// How far a subscription has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Asked for, or about to be; not verified.
    Asked,
    /// The hub has verified that we mean it, and pushes.
    Verified,
    /// Not wanted any more; the hub is being told.
    Leaving,
    /// Over. Kept for a while, so that a hub that goes on pushing is told so.
    Ended,
}
