//! What became of one poll, and who is told of it.

use crate::{model::SourceId, refresh::Outcome, vitals::Vitals};
use std::time::Duration;

/// What became of one poll.
#[derive(Clone, Debug)]
pub struct Report {
    /// The source.
    pub source: SourceId,
    /// How it ended; an error says in words why it was not asked at all.
    pub outcome: Result<Outcome, String>,
    /// How long it took, waiting for the host's turn left out.
    pub took: Duration,
}

impl Report {
    /// One line of the log, once, where the poll ended; and the numbers.
    pub(super) fn tell(&self, vitals: &Vitals) {
        vitals.metrics.polls().ended(self.outcome.as_ref().ok(), self.took);
        let (source, ms) = (&self.source, self.took.as_millis());
        match &self.outcome {
            Ok(Outcome::Committed(changes)) => tracing::info!(
                %source, ms, new = changes.new.len(), updated = changes.updated.len(), unchanged = changes.unchanged, "polled"
            ),
            Ok(Outcome::NotModified) => tracing::debug!(%source, ms, "polled: not modified"),
            Ok(Outcome::Failed(failure)) => {
                tracing::warn!(%source, ms, kind = failure.kind.name(), "poll failed: {failure}")
            }
            Err(reason) => tracing::debug!(%source, "not polled: {reason}"),
        }
    }
}
