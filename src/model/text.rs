//! Text as a document gave it or as we keep it, with its kind, and elements of other vocabularies.

use serde::{Deserialize, Serialize};

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// Characters as they are: `<b>` means the three characters.
    #[default]
    Plain,
    /// An HTML fragment. Between `parse` and `enrich` it is hostile; in an `Edition` it is sanitised.
    Html,
}

/// A text construct (RFC 4287 §3.1; xhtml is held as HTML).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// How to read `value`.
    pub kind: TextKind,
    /// The characters, unescaped once.
    pub value: String,
    /// The base that relative references inside HTML resolve against (xml:base, else the document's).
    /// Always `None` once the text is in an `Edition`: its references are absolute then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

impl Text {
    /// A plain text.
    pub fn plain(value: impl Into<String>) -> Text {
        Text { kind: TextKind::Plain, value: value.into(), base: None }
    }

    /// An HTML fragment without a base of its own.
    pub fn html(value: impl Into<String>) -> Text {
        Text { kind: TextKind::Html, value: value.into(), base: None }
    }

    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.value.trim().is_empty()
    }
}

/// An element of a vocabulary we pass through (Media RSS, iTunes, podcast, GeoRSS, threading, slash, licences),
/// held by namespace URI so that the publisher's choice of prefix does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Element {
    /// Namespace URI, normalised to the vocabulary's registered spelling.
    pub namespace: String,
    /// Local name.
    pub name: String,
    /// Attributes in document order, those of another namespace (`rdf:resource`, `thr:count`) under its usual prefix; URLs are
    /// absolute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, String)>,
    /// Character data directly inside.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Child elements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Element>,
}

impl Element {
    /// Namespace of what only JSON Feed has a word for.
    pub const JSON_FEED: &str = "https://jsonfeed.org/version/1.1";
}
