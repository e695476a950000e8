//! Whether we live, and whether we can do our work: for whoever starts and supervises us.

use super::{Visit, document::plain};
use crate::{poll::IDLE, reload::ConfigState};
use axum::{http::StatusCode, response::Response};
use std::fmt::Write as _;

/// One thing that must be so.
struct Part {
    name: &'static str,
    /// Why it is not.
    trouble: Option<String>,
    /// What else there is to say.
    note: Option<&'static str>,
}

/// `/livez`: whoever reads this has been answered.
pub fn live() -> Response {
    plain(StatusCode::OK, "alive\n")
}

/// `/readyz`: 503 with the reason where a part does not work; each part in a line with `?verbose`.
pub async fn ready(visit: &Visit) -> Response {
    let parts = parts(visit).await;
    let is_ready = parts.iter().all(|part| part.trouble.is_none());
    let wants_all =
        visit.uri.query().is_some_and(|query| query.split('&').any(|pair| pair.split('=').next() == Some("verbose")));
    let mut text = String::new();
    for Part { name, trouble, note } in &parts {
        // Writing to a string does not fail.
        let _ = match (trouble, note) {
            (Some(trouble), _) => writeln!(text, "{name}: {trouble}"),
            (None, Some(note)) if wants_all => writeln!(text, "{name}: ok, {note}"),
            (None, None) if wants_all => writeln!(text, "{name}: ok"),
            _ => Ok(()),
        };
    }
    let (status, first) = match is_ready {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    };
    plain(status, format!("{first}{text}"))
}

async fn parts(visit: &Visit) -> [Part; 4] {
    let app = &visit.app;
    let part = |name, trouble| Part { name, trouble, note: None };
    let still = app.websub.poller().still();
    let refused = app.reloads.status().state == ConfigState::Refused;
    [
        part("store", app.store.counts().await.err().map(|error| error.to_string())),
        part("writing", app.store.trouble()),
        // The configuration in force is a good one, or we would not run.
        Part {
            name: "config",
            trouble: None,
            note: refused.then_some("feeds.toml is wrong: the last good one is in force"),
        },
        part("poller", (still > IDLE).then(|| format!("it has not looked at any source for {} s", still.as_secs()))),
    ]
}
