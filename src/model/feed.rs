//! Names of things: categories, sources, and the feeds we publish.

use super::TagName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A slug: `[a-z0-9][a-z0-9-]*`, at most 64 bytes. Names a category in paths and in feeds.toml.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// `None` when the text has not the form of a slug.
    pub fn parse(text: &str) -> Option<Slug> {
        let mut bytes = text.bytes();
        let first = bytes.next()?;
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let good = word(first) && bytes.all(|b| word(b) || b == b'-') && text.len() <= 64;
        good.then(|| Slug(text.to_owned()))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Slug::parse(&text).ok_or_else(|| format!("`{text}` is not a slug: lower-case letters, digits and `-` only"))
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The id of a source in feeds.toml; the same form as a category's slug.
pub type SourceId = Slug;

/// A category and the name it is shown under (slug `shamenribao`, shown as 厦门日报新闻).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CategoryRef {
    /// Its slug.
    pub slug: Slug,
    /// Its shown name.
    pub title: String,
}

/// A feed we publish.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FeedId {
    /// Everything public.
    All,
    /// One category.
    Category(Slug),
    /// One source.
    Source(SourceId),
    /// What publishers put under one tag of theirs.
    Tag(TagName),
}

impl FeedId {
    /// The path below the site's base, without extension: `/all`, `/category/rail`, `/source/bbc`, `/tag/%E9%93%81%E8%B7%AF`.
    pub fn path(&self) -> String {
        match self {
            FeedId::All => "/all".to_owned(),
            FeedId::Category(slug) => format!("/category/{slug}"),
            FeedId::Source(id) => format!("/source/{id}"),
            FeedId::Tag(tag) => format!("/tag/{}", tag.encoded()),
        }
    }

    /// The reverse of `path`; `None` for any other path.
    pub fn of_path(path: &str) -> Option<FeedId> {
        let mut parts = path.strip_prefix('/')?.split('/');
        match (parts.next()?, parts.next(), parts.next()) {
            ("all", None, None) => Some(FeedId::All),
            ("category", Some(slug), None) => Slug::parse(slug).map(FeedId::Category),
            ("source", Some(id), None) => Slug::parse(id).map(FeedId::Source),
            ("tag", Some(tag), None) => TagName::decode(tag).map(FeedId::Tag),
            _ => None,
        }
    }
}

/// A document of a feed: what a reader gets at one address (RFC 5005 §4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedPart {
    /// What entered the feed last: the subscription document.
    Head,
    /// An archive, by its number from 1.
    Archive(u64),
}

impl FeedPart {
    /// What follows the feed's path: nothing, or `/archive/3`.
    pub fn path(&self) -> String {
        match self {
            FeedPart::Head => String::new(),
            FeedPart::Archive(number) => format!("/archive/{number}"),
        }
    }
}
