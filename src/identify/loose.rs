//! The last resort (docs/adr/0012): entries that nothing but title and date names, where those are empty or stand over
//! several texts of one document, are told apart by their text.

use super::{alias, census::Census};
use crate::enrich::lines;
use crate::model::{Alias, CodeKind, InfoCode, ParsedEntry, Text, TextKind};
use std::collections::{HashMap, HashSet};

/// What names the entries of one document that have no id and no link of their own.
pub struct Loose(HashSet<(CodeKind, String)>);

impl Loose {
    /// Finds the facts that stand over more than one text.
    pub fn of(entries: &[ParsedEntry], census: &Census) -> Loose {
        let (mut first, mut several) = (HashMap::<_, String>::new(), HashSet::new());
        for entry in entries {
            let names = census.names(entry);
            if names.is_loose() {
                let (facts, text) = (names.identity(entry), text(entry));
                if *first.entry(facts.clone()).or_insert_with(|| text.clone()) != text {
                    several.insert(facts);
                }
            }
        }
        Loose(several)
    }

    /// The facts, while they name one entry; else the text with them. An entry that says nothing at all has only the
    /// empty facts: one such entry a namespace.
    pub fn identity(&self, facts: (CodeKind, String), entry: &ParsedEntry) -> (CodeKind, String) {
        let (kind, value) = &facts;
        let silent = *kind == CodeKind::Title && value.trim().is_empty() && !text(entry).is_empty();
        if silent || self.0.contains(&facts) { (CodeKind::Text, everything(entry)) } else { facts }
    }
}

/// The name that finds an entry whichever of the two its code was made of: neighbours come and go.
pub fn alias_of(namespace: &str, entry: &ParsedEntry) -> Alias {
    alias("text", InfoCode::derived(namespace, CodeKind::Text, &everything(entry)).as_str())
}

/// Two entries that are equal in this are one.
fn everything(entry: &ParsedEntry) -> String {
    let title = entry.title.as_ref().map_or("", |title| title.value.trim());
    let date = entry.published.as_ref().map_or("", |date| date.0.trim());
    format!("{title}\n{date}\n{}", text(entry))
}

/// What a reader reads: without markup, where trackers and random names live, and with white space as one blank. Where
/// nothing is to be read the markup (a picture), or what is attached.
fn text(entry: &ParsedEntry) -> String {
    let bodies = || entry.content.iter().chain(&entry.summary);
    let read = bodies().map(plain).find(|text| !text.is_empty());
    let markup = || bodies().map(|body| one_line(&body.value)).find(|text| !text.is_empty());
    let attached = || entry.enclosures.first().map(|enclosure| enclosure.url.clone());
    read.or_else(markup).or_else(attached).unwrap_or_default()
}

fn plain(body: &Text) -> String {
    match body.kind {
        TextKind::Plain => one_line(&body.value),
        TextKind::Html => one_line(&lines(&body.value).join(" ")),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
