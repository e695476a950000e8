//! What an upstream document says, before anyone has judged it: nothing here is safe to publish.
//! URLs are absolute where a base was known; dates are the publisher's own characters.

use super::{CategoryRef, Element, FeedInfo, InfoCode, Text, Tombstone, UpstreamSource};
use serde::{Deserialize, Serialize};

/// The format a document turned out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceFormat {
    /// RSS 0.9x and 2.0.
    Rss,
    /// RSS 0.90 and 1.0.
    Rdf,
    /// Atom 0.3 and 1.0.
    Atom,
    /// JSON Feed 1.x.
    Json,
    /// A folder of Jekyll posts.
    Posts,
    /// JSON that lists things, read by a recipe.
    JsonList,
    /// A page that lists things, read by a recipe.
    Page,
    /// A sitemap.
    Sitemap,
}

/// A whole document.
#[derive(Clone, Debug)]
pub struct ParsedFeed {
    /// The format found.
    pub format: SourceFormat,
    /// What it says about itself.
    pub info: FeedInfo,
    /// Its entries, in document order, at most `parse::MAX_ENTRIES` (folders: more).
    pub entries: Vec<ParsedEntry>,
    /// What had to be repaired or was lost, in words for the operator.
    pub notes: Vec<String>,
    /// The document broke off: what it holds is kept, and it is asked for again in full.
    pub partial: bool,
    /// Entries it says are deleted.
    pub tombstones: Vec<Tombstone>,
}

/// One entry, as said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParsedEntry {
    /// guid, atom:id, rdf:about or JSON id, character for character; `None` when absent or empty.
    pub id: Option<String>,
    /// Which of them it was: decides where it may be re-emitted unchanged.
    pub id_form: IdForm,
    /// A code that the entry itself names outright (front matter, dc:identifier of another syndic).
    pub named_code: Option<InfoCode>,
    /// Title.
    pub title: Option<Text>,
    /// The original (rel=alternate, RSS link), absolute.
    pub link: Option<String>,
    /// All other links (via, related, replies, …).
    pub links: Vec<Link>,
    /// summary, description beside content:encoded.
    pub summary: Option<Text>,
    /// content, content:encoded, description alone.
    pub content: Option<Text>,
    /// published, pubDate, dc:date, created, issued.
    pub published: Option<RawDate>,
    /// updated, modified, date_modified.
    pub updated: Option<RawDate>,
    /// Authors.
    pub authors: Vec<Person>,
    /// Contributors.
    pub contributors: Vec<Person>,
    /// The publisher's own categories.
    pub tags: Vec<Tag>,
    /// Enclosures.
    pub enclosures: Vec<Enclosure>,
    /// Address of the comments page.
    pub comments: Option<String>,
    /// Rights of this entry.
    pub rights: Option<Text>,
    /// Language of this entry.
    pub language: Option<String>,
    /// atom:source or RSS `<source>`: the feed it was copied from, above our source.
    pub upstream: Option<UpstreamSource>,
    /// Who published it first, where the document says so in a field of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// dc:source.
    pub dc_source: Option<String>,
    /// Where a post says it is filed (folder sources only).
    pub filed: Vec<CategoryRef>,
    /// Other vocabularies.
    pub extensions: Vec<Element>,
}

/// Where an entry's id came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdForm {
    /// atom:id: an IRI.
    Atom,
    /// RSS guid that is no permalink.
    #[default]
    Guid,
    /// RSS guid that is a permalink (isPermaLink absent or true).
    Permalink,
    /// rdf:about.
    About,
    /// JSON Feed id.
    Json,
}

/// A date in the publisher's own characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RawDate(pub String);

/// A link (RFC 4287 §4.2.7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Absolute URL.
    pub href: String,
    /// Relation; `alternate` when the document gave none.
    pub rel: String,
    /// Media type.
    pub media_type: Option<String>,
    /// Language of the target.
    pub hreflang: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Length in bytes, as said.
    pub length: Option<u64>,
    /// thr:count of replies there (RFC 4685 §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// thr:updated, as said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
}

/// A person (RFC 4287 §3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Name; may be empty when only an address was given.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Web address.
    pub uri: Option<String>,
    /// Picture (JSON Feed avatar).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// A category of the publisher's own (RFC 4287 §4.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// The term.
    pub term: String,
    /// Scheme or RSS domain.
    pub scheme: Option<String>,
    /// Label to show.
    pub label: Option<String>,
}

/// An attached file (RSS enclosure, rel=enclosure, JSON attachment).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Enclosure {
    /// Absolute URL.
    pub url: String,
    /// Media type.
    pub media_type: Option<String>,
    /// Length in bytes, as said.
    pub length: Option<u64>,
    /// Title.
    pub title: Option<String>,
    /// Seconds.
    pub duration: Option<u64>,
}
