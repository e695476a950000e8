//! One line an entry, for `export entries`: everything kept of it, under the names of the contract.

use crate::model::{Edition, Entry, Text};
use anyhow::Context;
use serde_json::{Value, json};

/// One entry as one line, without the line break. Of the editions the current one is there; `number` says which it is.
pub(super) fn line(entry: &Entry) -> anyhow::Result<String> {
    let edition = &entry.edition;
    let mut line = json!({
        "info_code": entry.code,
        "published_id": entry.ids.atom,
        "published_ids": entry.ids,
        "source": entry.owner,
        "sources": entry.sources,
        "namespace": entry.namespace,
        "code_kind": entry.kind,
        "aliases": entry.aliases,
        "categories": entry.categories,
        "first_seen": entry.first_seen,
        "sort_date": entry.sort_date,
    });
    let current = said(edition);
    if let (Value::Object(line), Value::Object(said)) = (&mut line, current.clone()) {
        line.extend(said);
    }
    if let (Value::Object(line), Value::Object(mut current)) = (&mut line, current) {
        current.insert("number".to_owned(), json!(entry.edition_number));
        line.insert("editions".to_owned(), json!([current]));
    }
    serde_json::to_string(&line).context("write an entry as JSON")
}

fn said(edition: &Edition) -> Value {
    json!({
        "title": value(edition.title.as_ref()),
        "title_kind": kind(edition.title.as_ref()),
        "link": edition.link,
        "links": edition.links,
        "authors": edition.authors,
        "contributors": edition.contributors,
        "published": edition.published,
        "updated": edition.updated,
        "summary": value(edition.summary.as_ref()),
        "summary_kind": kind(edition.summary.as_ref()),
        "content": value(edition.content.as_ref()),
        "content_kind": kind(edition.content.as_ref()),
        "tags": edition.tags,
        "enclosures": edition.enclosures,
        "comments": edition.comments,
        "rights": value(edition.rights.as_ref()),
        "language": edition.language,
        "attribution": edition.attribution,
        "extensions": edition.extensions,
        "date_notes": edition.date_notes,
        "fetched": edition.fetched,
        "sanitiser": edition.sanitiser,
    })
}

fn value(text: Option<&Text>) -> Option<&str> {
    text.map(|text| text.value.as_str())
}

fn kind(text: Option<&Text>) -> Value {
    text.map_or(Value::Null, |text| json!(text.kind))
}
