//! An edition as a line says it.

use crate::model::{Attribution, Edition, Element, Enclosure, FullText, Link, Person, Tag, Text, TextKind, Time};
use serde::Deserialize;

/// An edition as a line says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub number: Option<u32>,
    title: Option<String>,
    title_kind: Option<TextKind>,
    link: Option<String>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    authors: Vec<Person>,
    #[serde(default)]
    contributors: Vec<Person>,
    published: Option<Time>,
    updated: Time,
    #[serde(default)]
    updated_said: bool,
    summary: Option<String>,
    summary_kind: Option<TextKind>,
    content: Option<String>,
    content_kind: Option<TextKind>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    enclosures: Vec<Enclosure>,
    comments: Option<String>,
    rights: Option<String>,
    rights_kind: Option<TextKind>,
    language: Option<String>,
    #[serde(default)]
    attribution: Attribution,
    #[serde(default)]
    extensions: Vec<Element>,
    #[serde(default)]
    date_notes: Vec<String>,
    full_text: Option<FullText>,
    fetched: Option<Time>,
    #[serde(default)]
    sanitiser: u32,
    #[serde(default)]
    removed: Vec<String>,
}

impl Said {
    /// The edition, not yet made safe.
    pub fn edition(self) -> Result<Edition, String> {
        let text = |value: Option<String>, kind: Option<TextKind>| {
            value.map(|value| Text { kind: kind.unwrap_or_default(), value, base: None })
        };
        let html = |kind: Option<TextKind>| Some(kind.unwrap_or(TextKind::Html));
        Ok(Edition {
            title: text(self.title, self.title_kind),
            link: self.link,
            links: self.links,
            summary: text(self.summary, html(self.summary_kind)),
            content: text(self.content, html(self.content_kind)),
            authors: self.authors,
            contributors: self.contributors,
            tags: self.tags,
            enclosures: self.enclosures,
            comments: self.comments,
            rights: text(self.rights, self.rights_kind),
            language: self.language,
            published: self.published,
            updated: self.updated,
            updated_said: self.updated_said,
            date_notes: self.date_notes,
            attribution: self.attribution,
            extensions: self.extensions,
            full_text: self.full_text.unwrap_or_default(),
            fetched: self.fetched.unwrap_or(self.updated),
            sanitiser: self.sanitiser,
            removed: self.removed,
        })
    }
}
