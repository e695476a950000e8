//! WebSub (W3C Recommendation of 23 January 2018), from both sides. As a subscriber: sources whose hub says itself when there is news need not be polled for it.
//! Nothing there is relied on: a hub that is silent, lies or misses something only means that its source is polled as usual.
//! As a hub (`hub`): whoever follows one of our feeds is pushed what changes in it.

mod book;
mod desk;
mod discovery;
mod hub;
mod pushes;
mod request;
pub mod signature;
mod standing;
mod subscriber;
mod turns;
mod words;

pub use book::Subscriptions;
pub use desk::Desk;
pub use discovery::{can_reach, names_hub};
pub use hub::{Elsewhere, Failed, Followers, Hub, HubStatus, Refusal as HubRefusal, hubs_named, own_hub};
pub use pushes::{Call, Heard, Place, Refusal};
pub use standing::Standing;

use crate::model::{Source, Time};
use chrono::TimeDelta;

/// A source that its hub covers is asked once in this time all the same.
const COVERED_INTERVAL: TimeDelta = TimeDelta::days(1);

/// When a source is polled next that is due `at` and was `asked` last: one whose hub says when there is news once a day, unless the
/// operator says how often. Coverage is no part of what is stored, so that a hub that fails leaves the usual time standing.
pub fn next_poll(source: &Source, at: Option<Time>, asked: Option<Time>, covered: bool) -> Option<Time> {
    match asked.filter(|_| covered && source.every.is_none()) {
        Some(asked) => at.map(|at| at.max(asked + COVERED_INTERVAL)),
        None => at,
    }
}
