//! One line an entry, for `export entries` and `import entries`: everything kept of it, under the names of the contract.
//! The same entry is always the same bytes.

mod judge;
mod read;
mod said;
#[cfg(test)]
mod tests;

use crate::model::{Alias, Edition, Filed, Gone, Kept, Portable, Standing, Text, WithdrawalKind};
use anyhow::Context;
use serde_json::{Value, json};

pub(super) use read::read;

/// One entry as one line, without the line break. The current edition stands at the top, too.
pub(super) fn line(one: &Portable) -> anyhow::Result<String> {
    let line = match one {
        Portable::Entry(kept) => entry(kept)?,
        Portable::Gone(gone) => withdrawn(gone),
    };
    serde_json::to_string(&line).context("write an entry as JSON")
}

fn entry(kept: &Kept) -> anyhow::Result<Value> {
    let other_name = |(namespace, alias): &(String, Alias)| json!({ "namespace": namespace, "alias": alias });
    let filed = |filed: &Filed| match filed.standing == Standing::default() {
        true => json!({ "source": filed.source, "categories": filed.categories }),
        false => json!({ "source": filed.source, "categories": filed.categories, "standing": filed.standing }),
    };
    let titles = kept.titles.iter().map(|named| (named.slug.to_string(), json!(named.title)));
    let mut line = json!({
        "info_code": kept.code,
        "published_id": kept.ids.as_ref().map(|ids| &ids.atom),
        "published_ids": kept.ids,
        "source": kept.owner,
        "sources": kept.filed.iter().map(|filed| &filed.source).collect::<Vec<_>>(),
        "words_from": kept.words_from,
        "namespace": kept.namespace,
        "code_kind": kept.kind,
        "only_linked": kept.only_linked,
        "aliases": kept.aliases,
        "other_names": kept.other_names.iter().map(other_name).collect::<Vec<_>>(),
        "categories": kept.categories(),
        "filed": kept.filed.iter().map(filed).collect::<Vec<_>>(),
        "category_titles": Value::Object(titles.collect()),
        "in_feeds": kept.in_feeds,
        "first_seen": kept.first_seen,
        "sort_date": kept.sort_date,
    });
    let (_, current) = kept.editions.last().context("an entry without an edition")?;
    if let (Value::Object(line), Value::Object(said)) = (&mut line, said(current)) {
        line.extend(said);
        line.extend(kept.deleted.map(|when| ("deleted_at".to_owned(), json!(when))));
        line.insert("editions".to_owned(), kept.editions.iter().map(numbered).collect());
    }
    Ok(line)
}

/// What is left of an entry that was taken away: no word of it, no name but as a hash.
fn withdrawn(gone: &Gone) -> Value {
    let how = match gone.how {
        WithdrawalKind::Retired => "retired",
        WithdrawalKind::Deleted => "deleted",
        WithdrawalKind::Retracted | WithdrawalKind::Erased => "retracted",
    };
    let name = |(namespace, hash): &(String, [u8; 16])| json!({ "namespace": namespace, "hash": format!("{:032x}", u128::from_be_bytes(*hash)) });
    let mut line = json!({
        "info_code": gone.code,
        how: { "at": gone.at, "reason": gone.reason },
        "source": gone.owner,
        "namespace": gone.namespace,
        "code_kind": gone.kind,
        "first_seen": gone.first_seen,
        "sort_date": gone.sort_date,
        "names": gone.names.iter().map(name).collect::<Vec<_>>(),
    });
    if let (Value::Object(line), Some(when)) = (&mut line, gone.deleted) {
        line.insert("deleted_at".to_owned(), json!(when));
    }
    line
}

fn numbered((number, edition): &(u32, Edition)) -> Value {
    let mut value = json!({ "number": number });
    if let (Value::Object(value), Value::Object(said)) = (&mut value, said(edition)) {
        value.extend(said);
    }
    value
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
        "updated_said": edition.updated_said,
        "summary": value(edition.summary.as_ref()),
        "summary_kind": kind(edition.summary.as_ref()),
        "content": value(edition.content.as_ref()),
        "content_kind": kind(edition.content.as_ref()),
        "tags": edition.tags,
        "enclosures": edition.enclosures,
        "comments": edition.comments,
        "rights": value(edition.rights.as_ref()),
        "rights_kind": kind(edition.rights.as_ref()),
        "language": edition.language,
        "attribution": edition.attribution,
        "extensions": edition.extensions,
        "date_notes": edition.date_notes,
        "full_text": (!edition.full_text.is_unasked()).then_some(edition.full_text),
        "fetched": edition.fetched,
        "sanitiser": edition.sanitiser,
        "removed": edition.removed,
    })
}

fn value(text: Option<&Text>) -> Option<&str> {
    text.map(|text| text.value.as_str())
}

fn kind(text: Option<&Text>) -> Value {
    text.map_or(Value::Null, |text| json!(text.kind))
}
