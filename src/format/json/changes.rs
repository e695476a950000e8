//! A line of `/changes.ndjson`: an entry as its JSON Feed item, and what to do with it.

use super::{item, object};
use crate::{
    format::chars::rfc3339,
    view::{PartnerChange, PartnerLine},
};
use anyhow::Context;
use serde_json::{Value, json};

/// Without the line break.
pub fn line(told: &PartnerLine) -> anyhow::Result<String> {
    let (change, categories, entry, at, how) = match &told.what {
        PartnerChange::Stands { new, categories, item: shown } => {
            let slugs: Vec<&str> = categories.iter().map(|slug| slug.as_str()).collect();
            (if *new { "new" } else { "updated" }, Some(json!(slugs)), Some(item(shown)?), None, None)
        }
        PartnerChange::Retracted { at, how } => {
            ("retracted", None, None, at.map(|at| json!(rfc3339(at))), Some(json!(how.word())))
        }
    };
    let said = object([
        ("cursor", Some(Value::from(told.cursor.to_string()))),
        ("change", Some(json!(change))),
        ("info_code", Some(json!(told.code.as_str()))),
        ("how", how),
        ("at", at),
        ("categories", categories),
        ("item", entry),
    ]);
    serde_json::to_string(&said).context("write a change")
}
