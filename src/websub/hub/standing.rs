//! How our hub is doing, for status. Callbacks are secrets of those who gave them: only the operator is told even their hosts.

use super::{Followers, host_of, verify::shown};
use crate::{
    model::{Follower, Time},
    websub::words::short,
};
use serde::Serialize;
use std::collections::VecDeque;

/// Failures that are remembered.
const LATEST: usize = 10;

/// What was counted since the start.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pushes: u64,
    failures: u64,
    latest: VecDeque<Failed>,
}

impl Tally {
    /// A push arrived.
    pub fn pushed(&mut self) {
        self.pushes += 1;
    }

    /// A push did not.
    pub fn failed(&mut self, follower: &Follower, reason: &str, at: Time) {
        self.failures += 1;
        self.latest.truncate(LATEST - 1);
        let (host, topic) = (host_of(&follower.callback), shown(&follower.topic).to_owned());
        self.latest.push_front(Failed { at, host, topic, reason: short(reason) });
    }
}

/// A push that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// When.
    pub at: Time,
    /// At which host.
    pub host: String,
    /// Of which feed, as it was asked for.
    pub topic: String,
    /// Why.
    pub reason: String,
}

/// How the hub is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HubStatus {
    /// Its address; `None`: it does not run.
    pub url: Option<String>,
    /// Subscriptions that hold.
    pub subscriptions: usize,
    /// Of these, to which the last push did not arrive.
    pub failing: usize,
    /// Requests that wait to be verified.
    pub waiting: usize,
    /// Pushes that arrived since the start.
    pub pushes: u64,
    /// Pushes that did not.
    pub failures: u64,
    /// The latest of these, the newest first; for the operator only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_failures: Vec<Failed>,
    /// When the latest of these was.
    pub last_failure: Option<Time>,
    /// Hubs elsewhere that are told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
}

/// A hub elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// Its address.
    pub hub: String,
    /// Feeds that changed and of which it is still to be told.
    pub waiting: usize,
    /// Requests in a row that it did not take.
    pub failures: u32,
    /// When it last took what it was told.
    pub last_told: Option<Time>,
    /// Why it last did not; for the operator only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl HubStatus {
    /// For the operator: nothing where nobody is pushed anything and no hub is told.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.subscriptions > 0 || self.waiting > 0 {
            let HubStatus { subscriptions, failing, waiting, pushes, failures, .. } = self;
            lines.push(format!(
                "hub: {subscriptions} subscriptions ({failing} of them failing), {waiting} to be verified; {pushes} pushes arrived, {failures} did not"
            ));
        }
        if let Some(Failed { at, host, topic, reason }) = self.last_failures.first() {
            lines.push(format!("hub: {} {host} {topic}: {reason}", at.format("%Y-%m-%d %H:%M")));
        }
        for Elsewhere { hub, waiting, trouble, .. } in &self.elsewhere {
            let trouble = trouble.as_ref().map(|trouble| format!("; {trouble}")).unwrap_or_default();
            if *waiting > 0 || !trouble.is_empty() {
                lines.push(format!("{hub}: still to be told of {waiting} feeds{trouble}"));
            }
        }
        lines
    }
}

impl Followers {
    /// How things stand. `operator`: with what only the operator may know.
    pub fn standing(&self, url: Option<String>, operator: bool) -> HubStatus {
        let (subscriptions, failing, waiting, tally) = self.count();
        let shown = |hub: Elsewhere| if operator { hub } else { Elsewhere { trouble: None, ..hub } };
        HubStatus {
            url,
            subscriptions,
            failing,
            waiting,
            pushes: tally.pushes,
            failures: tally.failures,
            last_failure: tally.latest.front().map(|failed| failed.at),
            last_failures: if operator { tally.latest.into() } else { Vec::new() },
            elsewhere: self.heralds().standing().into_iter().map(shown).collect(),
        }
    }
}
