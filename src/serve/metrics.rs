//! `/metrics`: read when it is asked for, kept by nobody. Numbers name nobody, so anyone may have them; each source by its id only the operator.

use super::{
    Visit,
    document::{Document, Problem},
    status::Audience,
};
use crate::metrics::{Read, TEXT};
use axum::response::Response;

/// `/metrics`
pub async fn metrics(visit: &Visit) -> Result<Response, Problem> {
    let app = &visit.app;
    let status = app.status(&visit.config, Audience::Operator, visit.now).await;
    let read = Read {
        status: &status,
        each: visit.audience() == Audience::Operator,
        fetched: app.tools.client.traffic(),
        rendered: app.publisher.rendering(),
        tries: app.reloads.tries(),
        commits: app.store.commit_times(),
        commit_failures: app.store.commit_failures(),
    };
    let text = app.tools.vitals.metrics.text(&read)?;
    visit.send(Document::file(text, TEXT, visit.momentary())).await
}
