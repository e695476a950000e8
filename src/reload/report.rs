//! What came of taking feeds.toml anew: for the log, for `/status.json`. Strangers are told neither names nor problems.

use super::{Refused, Taken};
use crate::{
    config::{Diagnostic, Severity},
    model::Time,
};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// Problems told in one line of the log.
const LOGGED: usize = 5;

/// How it stands with feeds.toml. Cheap to clone; all clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Reloads {
    status: Arc<Mutex<ConfigStatus>>,
    tries: Arc<Mutex<Tries>>,
}

/// How often feeds.toml was read anew, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// It is in force.
    pub taken: u64,
    /// It was wrong.
    pub refused: u64,
    /// It could not be taken.
    pub failed: u64,
}

/// The same, written down.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConfigStatus {
    /// Whether what stands in the file is in force.
    pub state: ConfigState,
    /// When it was last read; `None`: when syndic started.
    pub read: Option<Time>,
    /// What the last one that was taken changed, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// How many things are wrong with it.
    pub errors: usize,
    /// What is wrong with it, and what should be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Diagnostic>,
    /// Why it is not in force although nothing is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Settings that were changed and take effect at the next start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at_next_start: Vec<String>,
}

/// Whether what stands in feeds.toml is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigState {
    /// It is.
    #[default]
    Ok,
    /// It is wrong, and the last good one is in force.
    Refused,
    /// It could not be taken, and is tried again.
    Waiting,
}

impl Reloads {
    /// What the operator may know.
    pub fn status(&self) -> ConfigStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What anybody may know.
    pub fn public(&self) -> ConfigStatus {
        let ConfigStatus { state, read, errors, .. } = self.status();
        ConfigStatus { state, read, errors, ..ConfigStatus::default() }
    }

    /// How often, so far.
    pub fn tries(&self) -> Tries {
        *self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how a try ended, and says so in the log, once.
    pub(super) fn tell(&self, taken: &Result<Taken, Refused>, now: Time) {
        log(taken);
        {
            let tries = &mut *self.tries.lock().unwrap_or_else(PoisonError::into_inner);
            let count = match taken {
                Ok(_) => &mut tries.taken,
                Err(Refused::Config(_)) => &mut tries.refused,
                Err(_) => &mut tries.failed,
            };
            *count += 1;
        }
        let status = &mut *self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(status);
        *status = match taken {
            Ok(Taken { difference, at_next_start, warnings }) => ConfigStatus {
                state: ConfigState::Ok,
                read: Some(now),
                changes: Some(difference.to_string()),
                problems: warnings.clone(),
                at_next_start: at_next_start.clone(),
                ..ConfigStatus::default()
            },
            Err(Refused::Config(wrong)) => {
                let errors = wrong.diagnostics.iter().filter(|problem| problem.severity == Severity::Error).count();
                let problems = wrong.diagnostics.clone();
                ConfigStatus { state: ConfigState::Refused, read: Some(now), errors, problems, trouble: None, ..before }
            }
            Err(other) => {
                let trouble = Some(other.to_string());
                ConfigStatus { state: ConfigState::Waiting, read: Some(now), trouble, ..before }
            }
        };
    }
}

fn log(taken: &Result<Taken, Refused>) {
    match taken {
        Ok(Taken { difference, at_next_start, warnings }) => {
            let warnings = warnings.len();
            tracing::info!(changes = %difference, warnings, "feeds.toml taken anew");
            if !at_next_start.is_empty() {
                tracing::warn!(settings = at_next_start.join(", "), "takes effect at the next start");
            }
        }
        Err(Refused::Config(wrong)) => {
            let lines: Vec<String> = wrong.diagnostics.iter().take(LOGGED).map(Diagnostic::line).collect();
            let problems = wrong.diagnostics.len();
            tracing::error!(problems, "feeds.toml is wrong, the last good one stays in force: {}", lines.join("; "));
        }
        Err(other) => tracing::error!("{other}"),
    }
}
