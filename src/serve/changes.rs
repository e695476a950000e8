//! `/changes.ndjson?since=<cursor>`: the record of changes for partners, a page at a time, resumable. Private categories are absent.

use super::{
    Visit,
    document::{self, Caching, Document, Problem},
};
use crate::{
    config::Config,
    format,
    model::Cursor,
    store::ToldPage,
    view::{self, PartnerLine},
};
use anyhow::Context;
use axum::{http::StatusCode, response::Response};
use std::sync::Arc;

/// Changes looked at for one page: a page has as many lines at most, and one that says where to go on.
const PAGE: usize = 200;

const CONTENT_TYPE: &str = "application/x-ndjson; charset=utf-8";

const NO_CURSOR: &str =
    "`since` is not a cursor: give the `next` of the last page, or nothing to begin at the beginning\n";

const OTHER_HISTORY: &str = "This cursor is of another history: the store was restored from a backup since. Begin again at \
                             /changes.ndjson without `since`; drop what you hold and do not find there\n";

/// A page of changes.
pub async fn changes(visit: &Visit) -> Result<Response, Problem> {
    let since = match asked(visit.uri.query()) {
        Ok(since) => since,
        Err(()) => return Ok(document::plain(StatusCode::BAD_REQUEST, NO_CURSOR)),
    };
    let store = &visit.app.store;
    let Some(page) = store.told_since(since, PAGE).await? else {
        return Ok(document::plain(StatusCode::GONE, OTHER_HISTORY));
    };
    let from = since.unwrap_or_else(|| Cursor::start(page.next.epoch));
    let (config, categories) = (visit.config.clone(), visit.catalog().await?.all().to_vec());
    // Excerpts are cut from whole bodies: not on a thread that others wait for.
    let work = move || lines(&config, &categories, from, &page);
    let text = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)??;
    visit.send(Document::file(text, CONTENT_TYPE, Caching::Never)).await
}

/// The cursor asked for; an error when it is none. The first of several counts.
fn asked(query: Option<&str>) -> Result<Option<Cursor>, ()> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    match pairs.find(|(name, _)| name == "since").filter(|(_, cursor)| !cursor.is_empty()) {
        Some((_, cursor)) => Cursor::parse(&cursor).map(Some).ok_or(()),
        None => Ok(None),
    }
}

fn lines(
    config: &Arc<Config>,
    categories: &[crate::config::Category],
    from: Cursor,
    page: &ToldPage,
) -> anyhow::Result<String> {
    let mut text = String::new();
    for told in &page.told {
        let Some(line) = view::partner_line(config, categories, from, told) else { continue };
        // One that cannot be written must not stop the partner: it would ask for this page for ever.
        match format::change(&line) {
            Ok(written) => text.extend([&written, "\n"]),
            Err(error) => left_out(&line, &error),
        }
    }
    let end = serde_json::json!({ "next": page.next.to_string(), "more": page.more });
    text.extend([&serde_json::to_string(&end).context("write the end of a page")?, "\n"]);
    Ok(text)
}

fn left_out(line: &PartnerLine, error: &anyhow::Error) {
    tracing::warn!(code = %line.code, "a change is left out: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_asked_for_or_not_or_refused() {
        assert_eq!(asked(None), Ok(None));
        assert_eq!(asked(Some("since=")), Ok(None));
        assert_eq!(asked(Some("a=b&since=7-3")), Ok(Cursor::parse("7-3")));
        assert_eq!(asked(Some("since=%3Cscript%3E")), Err(()));
    }
}
