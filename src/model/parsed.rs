//! What an upstream document says, before anyone has judged it: nothing here is safe to publish.
//! URLs are absolute where a base was known; dates are the publisher's own characters.

use super::{CategoryRef, Element, InfoCode, Text};
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
}

/// What a feed says about itself (RFC 4287 §4.1.1, RSS 2.0 channel).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedInfo {
    /// atom:id, or rdf:about of the channel.
    pub id: Option<String>,
    /// Title.
    pub title: Option<Text>,
    /// Subtitle or description.
    pub subtitle: Option<Text>,
    /// Home page (rel=alternate, RSS link).
    pub home: Option<String>,
    /// The feed's own URL (rel=self).
    pub self_url: Option<String>,
    /// WebSub hubs (rel=hub).
    pub hubs: Vec<String>,
    /// All other links.
    pub links: Vec<Link>,
    /// updated, lastBuildDate, dc:date.
    pub updated: Option<RawDate>,
    /// Authors (managingEditor, dc:creator).
    pub authors: Vec<Person>,
    /// Contributors (webMaster).
    pub contributors: Vec<Person>,
    /// Categories.
    pub tags: Vec<Tag>,
    /// rights, copyright, dc:rights, a licence URL.
    pub rights: Option<Text>,
    /// Language tag.
    pub language: Option<String>,
    /// Generator.
    pub generator: Option<String>,
    /// icon, favicon.
    pub icon: Option<String>,
    /// logo, image.
    pub logo: Option<String>,
    /// What the publisher wishes of a poller.
    pub wishes: Wishes,
    /// Other vocabularies.
    pub extensions: Vec<Element>,
}

impl FeedInfo {
    /// The title as plain characters, if it is not blank.
    pub fn plain_title(&self) -> Option<&str> {
        self.title.as_ref().map(|title| title.value.trim()).filter(|title| !title.is_empty())
    }
}

/// How often the publisher wants to be asked, as the document says it (RSS 2.0 ttl, skipHours, skipDays; sy:*).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// RSS ttl, minutes.
    pub ttl_minutes: Option<u32>,
    /// Hours 0–23, UTC, in which not to ask.
    pub skip_hours: Vec<u8>,
    /// Days in which not to ask, 0 = Monday.
    pub skip_days: Vec<u8>,
    /// sy:updatePeriod / sy:updateFrequency, in seconds.
    pub update_period_seconds: Option<u64>,
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

/// The feed an entry was copied from, by whoever stands above our source (RFC 4287 §4.2.11, RSS `<source>`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UpstreamSource {
    /// Title.
    pub title: Option<String>,
    /// atom:id.
    pub id: Option<String>,
    /// Address of the feed (RSS url, rel=self).
    pub feed_url: Option<String>,
    /// Home page (rel=alternate).
    pub home: Option<String>,
    /// Rights.
    pub rights: Option<String>,
    /// atom:updated, as said.
    pub updated: Option<RawDate>,
    /// Authors.
    pub authors: Vec<Person>,
}
