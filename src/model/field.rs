//! The parts of an edition that a reader can see change.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A part of an edition. Two editions differ in it when a reader is told something else, not when its characters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Title.
    Title,
    /// Address of the original.
    Link,
    /// A summary the author wrote.
    Summary,
    /// The body.
    Body,
    /// The publisher's date.
    Published,
    /// Authors.
    Authors,
    /// Contributors.
    Contributors,
    /// Bylines that the text names.
    Byline,
    /// The publisher that the text names.
    Publisher,
    /// The source above ours: dc:source, source element.
    Source,
    /// The publisher's own categories.
    Tags,
    /// Attached files.
    Enclosures,
    /// Other links.
    Links,
    /// Comments page.
    Comments,
    /// Rights.
    Rights,
    /// Language.
    Language,
    /// Elements of other vocabularies (Media RSS, iTunes, …).
    Extensions,
}

impl Field {
    /// The stable name in output.
    pub fn name(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Link => "link",
            Field::Summary => "summary",
            Field::Body => "body",
            Field::Published => "published",
            Field::Authors => "authors",
            Field::Contributors => "contributors",
            Field::Byline => "byline",
            Field::Publisher => "publisher",
            Field::Source => "source",
            Field::Tags => "tags",
            Field::Enclosures => "enclosures",
            Field::Links => "links",
            Field::Comments => "comments",
            Field::Rights => "rights",
            Field::Language => "language",
            Field::Extensions => "extensions",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
