//! An entry: what is kept. An edition: one version of it. And the steps from a claim to a committed change.

use super::{
    Alias, CategoryRef, CodeKind, Deletion, Element, Enclosure, FullText, Heard, InfoCode, Judge, Link, ParsedEntry,
    Person, Slug, SourceId, SourceRef, SourceState, Tag, Text, Time, UpstreamSource, Withdrawal,
};
use serde::{Deserialize, Serialize};

/// A parsed entry and the code it lays claim to (`identify`).
#[derive(Clone, Debug)]
pub struct Claim {
    /// The code claimed.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Other names of the same entry, most telling first.
    pub aliases: Vec<Alias>,
    /// Hash of everything the document says of it: equal means nothing to do.
    pub raw_hash: u64,
    /// What it says.
    pub entry: ParsedEntry,
}

/// What the store already has for each claim, in the claims' order.
#[derive(Clone, Debug, Default)]
pub struct Known(pub Vec<Option<KnownEntry>>);

/// An entry already here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEntry {
    /// Its code, which may not be the one claimed (aliases, ownership).
    pub code: InfoCode,
    /// Hash of what this source last said of it.
    pub raw_hash: u64,
    /// When it was first seen.
    pub first_seen: Time,
}

/// A claim after enriching: either nothing changed, or an edition to be stored.
#[derive(Clone, Debug)]
pub enum Draft {
    /// The document says what it said before.
    Unchanged(InfoCode),
    /// New, or changed in its characters; the store decides whether that is a new edition.
    Candidate(Box<Candidate>),
}

/// An edition on its way into the store.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The code claimed.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// Hash of what the document says.
    pub raw_hash: u64,
    /// Upstream's own id, for re-emission.
    pub said: SaidIds,
    /// First seen: now, or when the entry already here was.
    pub first_seen: Time,
    /// min(published or updated, first seen).
    pub sort_date: Time,
    /// Categories it is to stand in.
    pub categories: Vec<CategoryRef>,
    /// The edition.
    pub edition: Edition,
}

/// The id the upstream document gave, as far as each format can carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaidIds {
    /// The id itself.
    pub id: Option<String>,
    /// It is an absolute http(s) URL and upstream called it a permalink.
    pub permalink: bool,
}

/// The ids an entry is published under; given once, never changed (contract: Published id).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedIds {
    /// atom:id, an IRI.
    pub atom: String,
    /// RSS guid.
    pub rss: String,
    /// The RSS guid may say isPermaLink="true".
    pub rss_permalink: bool,
    /// JSON Feed id.
    pub json: String,
}

/// A whole fetch on its way into the store: one atomic, durable commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The source.
    pub source: SourceId,
    /// Who owns the codes it brings first.
    pub namespace: String,
    /// Host of our own `[site] url`: our `tag:` ids are made with it (RFC 4151).
    pub site_host: String,
    /// At most this many entries of a source's first fetch join category and `all` feeds; `None` on the store's first run.
    pub new_source_entries: Option<usize>,
    /// They come from a flood: at most so many of those that are new join these feeds, whether the source is new or not.
    pub flood: Option<usize>,
    /// The entries, in document order.
    pub drafts: Vec<Draft>,
    /// What it says is deleted.
    pub deletions: Vec<Deletion>,
    /// There is more that was not read: what is not among these may still be listed.
    pub partial: bool,
    /// What policy says. Asked here, of the edition that will stand.
    pub judge: Judge,
    /// The hash of that policy (`SourcePolicy::hash`). Where it is not the one that was settled last, feeds.toml has changed
    /// while the source was fetched, and the source is to be settled again.
    pub policy: Option<u64>,
    /// What else the document holds; `None`: of no document is there an account to give.
    pub heard: Option<Heard>,
    /// The source's state after this fetch.
    pub state: SourceState,
    /// The time of the fetch.
    pub at: Time,
    /// The entries name categories that no feeds.toml knows (a folder of posts): their names are persisted.
    pub brings_categories: bool,
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Codes stored for the first time.
    pub new: Vec<InfoCode>,
    /// Codes with a new edition.
    pub updated: Vec<InfoCode>,
    /// Codes that came again although they were taken away: refused.
    pub refused: Vec<InfoCode>,
    /// Codes that were taken away.
    pub withdrawn: Vec<InfoCode>,
    /// How many stand elsewhere than before.
    pub moved: usize,
    /// How many were as before.
    pub unchanged: usize,
    /// What was refused or went another way than claimed, in words for the operator.
    pub notes: Vec<String>,
    /// The sequence number of the last change; the version readers compare.
    pub sequence: u64,
}

/// What is kept under a code. Immutable but for what a commit writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its code.
    pub code: InfoCode,
    /// The rule that gave it.
    pub kind: CodeKind,
    /// Who owns it.
    pub namespace: String,
    /// The source that first brought it.
    pub owner: SourceId,
    /// Every source that has brought it, the owner first.
    pub sources: Vec<SourceId>,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// The ids it is published under.
    pub ids: PublishedIds,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stands in time; fixed at first sight.
    pub sort_date: Time,
    /// Number of the current edition, from 1.
    pub edition_number: u32,
    /// Sequence of the commit that first stored it.
    pub born: u64,
    /// Sequence of its last change.
    pub changed: u64,
    /// Categories it stands in.
    pub categories: Vec<Slug>,
    /// Its place in each feed it has joined.
    pub joins: Vec<Join>,
    /// Not to be seen in any output: why, in words.
    pub hidden: Option<String>,
    /// How it was taken away, if it was.
    pub withdrawn: Option<Withdrawal>,
    /// The current edition.
    pub edition: Edition,
}

/// A dense, never reused number within a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Key of the feed (`store` decides the spelling).
    pub feed: String,
    /// From 1.
    pub number: u64,
    /// It stands in the archives only: it came with others of a new source, and not among the newest of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

/// One version of an entry: everything in it may be shown. HTML is sanitised, URLs are absolute, dates are in range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    /// Title; `None` when the document gave none.
    pub title: Option<Text>,
    /// The original.
    pub link: Option<String>,
    /// Other links.
    #[serde(default)]
    pub links: Vec<Link>,
    /// A summary the author wrote.
    pub summary: Option<Text>,
    /// The body.
    pub content: Option<Text>,
    /// Authors.
    #[serde(default)]
    pub authors: Vec<Person>,
    /// Contributors.
    #[serde(default)]
    pub contributors: Vec<Person>,
    /// The publisher's own categories.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Attached files.
    #[serde(default)]
    pub enclosures: Vec<Enclosure>,
    /// Comments page.
    pub comments: Option<String>,
    /// Rights of this entry.
    pub rights: Option<Text>,
    /// Language of this entry.
    pub language: Option<String>,
    /// The publisher's date.
    pub published: Option<Time>,
    /// The publisher's newer date, else when this edition was fetched.
    pub updated: Time,
    /// The publisher said `updated` or `published`: a correction whose said date did not move takes the fetch time.
    #[serde(default)]
    pub updated_said: bool,
    /// What was odd about the dates, in words ("no date: first seen", "cannot read `…`").
    #[serde(default)]
    pub date_notes: Vec<String>,
    /// Whose work it is.
    pub attribution: Attribution,
    /// Other vocabularies.
    #[serde(default)]
    pub extensions: Vec<Element>,
    /// Where its text is from.
    #[serde(default, skip_serializing_if = "FullText::is_unasked")]
    pub full_text: FullText,
    /// When this edition was fetched.
    pub fetched: Time,
    /// Version of the sanitiser that made it safe (`enrich::SANITISER`).
    pub sanitiser: u32,
    /// CSS selectors by which the operator had something taken out before it was stored.
    #[serde(default)]
    pub removed: Vec<String>,
}

/// Who made it, who published it, where it first stood (domain §5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribution {
    /// Our source, as it described itself when this edition was stored.
    pub source: SourceRef,
    /// The source element above our source, kept as it was.
    pub upstream: Option<UpstreamSource>,
    /// dc:source.
    pub dc_source: Option<String>,
    /// The publisher named in the text.
    pub publisher: Option<Publisher>,
    /// Bylines, each run as one string.
    pub byline: Vec<String>,
}

/// （文章来源：X）: the publisher a text names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// The name.
    pub name: String,
    /// The raw text, brackets included.
    pub raw: String,
    /// The name ends the text, so a credit line would say it twice.
    pub ends_text: bool,
}
