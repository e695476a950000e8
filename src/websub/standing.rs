//! How things stand with a source's hub, for operators.

use crate::model::{Phase, Time};

/// How things stand with a source's hub: for status.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// How far the subscription has come.
    pub state: Phase,
    /// Whom we asked.
    pub hub: String,
    /// What for.
    pub topic: String,
    /// Until when the hub's lease runs.
    pub verified_until: Option<Time>,
    /// When something signed last came.
    pub last_push: Option<Time>,
    /// The hub missed what a poll found; the source is polled as usual until it pushes again.
    pub distrusted: bool,
    /// The source is polled only once a day.
    pub covered: bool,
    /// What came without the right signature since the start, and was ignored.
    pub ignored: u64,
    /// Why the last request came to nothing.
    pub trouble: Option<String>,
}

impl Standing {
    /// For operators.
    pub fn words(&self) -> String {
        let until = self.verified_until.map(|until| until.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
        match (self.state, &self.trouble) {
            (Phase::Verified, _) if self.distrusted => {
                "its hub missed news: polled as usual until it pushes again".to_owned()
            }
            (Phase::Verified, _) => format!("its hub says when there is news (until {until})"),
            (Phase::Asked, Some(trouble)) => format!("no subscription at its hub: {trouble}"),
            (Phase::Asked, None) => "its hub has been asked for a subscription".to_owned(),
            (Phase::Leaving | Phase::Ended, _) => "its hub is being told that we leave".to_owned(),
        }
    }
}
