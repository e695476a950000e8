//! How a source that is no feed is read, as feeds.toml says: what is asked for, where its items are, and where each field of
//! an entry stands in them. Everything in it was made ready when feeds.toml was read, so that none of it can fail later.

use super::Template;
use crate::{
    css::{Choice, Selector},
    jsonpath::Path,
};
use regex::Regex;
use std::fmt;

/// The recipe of one source.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What kind of document it is for.
    pub form: Form,
    /// Where the recipe stands.
    pub spot: Spot,
    /// Where the fields of an entry are.
    pub fields: Vec<Drawn>,
    /// What is asked for, beside the source's address.
    pub asked: Asked,
    /// Documents read of one list in one poll, at most.
    pub pages: usize,
    /// How the next document of a list is found; `None`: there is but one.
    pub next: Option<Next>,
    /// Where what `{cursor}` stands for is found in a document.
    pub cursor: Option<(From, Spot)>,
    /// What `{page}` stands for in the first document.
    pub first_page: usize,
}

/// A kind of document that lists things.
#[derive(Clone, Debug)]
pub enum Form {
    /// JSON, also in a wrapper of JavaScript.
    Json {
        /// The items.
        items: Path,
        /// Where that is written.
        spot: Spot,
        /// Cuts the JSON out of a wrapper that is not known: one group.
        strip: Option<Regex>,
    },
    /// An HTML page.
    Page {
        /// The items.
        items: Selector,
        /// Where that is written.
        spot: Spot,
    },
    /// A sitemap, or an index of sitemaps (sitemaps.org 0.9).
    Sitemap,
}

/// What is asked for beside the address. Empty for most.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Query parameters, by their names.
    pub query: Vec<(String, Template)>,
    /// Sent by POST: the body and its media type.
    pub post: Option<(Template, String)>,
}

/// How the next document of a list is found.
#[derive(Clone, Debug)]
pub enum Next {
    /// Its address stands in the document.
    Found(From, Spot),
    /// Its address is made: `{page}`, `{cursor}`.
    Made(Template),
    /// Its query or body differs by `{page}` or `{cursor}`.
    Asked,
}

/// Where a field comes from, and what is cut out of it.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The field.
    pub slot: Slot,
    /// Where from.
    pub from: From,
    /// One group: only that is taken.
    pub cut: Option<Regex>,
    /// Where that is written.
    pub spot: Spot,
}

/// Where a field comes from.
#[derive(Clone, Debug)]
pub enum From {
    /// Out of an item that is JSON.
    Path(Path),
    /// Out of an item of a page.
    Choice(Choice),
    /// Made of other fields.
    Text(Template),
}

/// A field of an entry that a recipe can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The publisher's own code of it.
    Code,
    /// Its id.
    Id,
    /// Title.
    Title,
    /// The original.
    Link,
    /// Summary.
    Summary,
    /// Body.
    Content,
    /// Who wrote it.
    Author,
    /// Who published it first: the newspaper.
    Publisher,
    /// When.
    Published,
    /// When it was corrected.
    Updated,
    /// What it is about.
    Tags,
    /// A picture.
    Image,
}

impl Slot {
    /// All of them, as a list shows them.
    pub const ALL: [Slot; 12] = [
        Slot::Code,
        Slot::Id,
        Slot::Title,
        Slot::Link,
        Slot::Published,
        Slot::Updated,
        Slot::Author,
        Slot::Publisher,
        Slot::Summary,
        Slot::Content,
        Slot::Tags,
        Slot::Image,
    ];

    /// As in feeds.toml.
    pub fn name(self) -> &'static str {
        match self {
            Slot::Code => "code",
            Slot::Id => "id",
            Slot::Title => "title",
            Slot::Link => "link",
            Slot::Summary => "summary",
            Slot::Content => "content",
            Slot::Author => "author",
            Slot::Publisher => "publisher",
            Slot::Published => "published",
            Slot::Updated => "updated",
            Slot::Tags => "tags",
            Slot::Image => "image",
        }
    }
}

/// Where something stands in feeds.toml, for messages.
#[derive(Clone, Default)]
pub struct Spot {
    /// The file, as it was named to us.
    pub file: String,
    /// From 1.
    pub line: Option<usize>,
    /// `source[list].json.items`.
    pub key: String,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line} `{}`", self.file, self.key),
            None => write!(f, "`{}`", self.key),
        }
    }
}

/// A recipe that only moved to another line is the same recipe.
impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spot")
    }
}

impl Recipe {
    /// A number that differs when documents would be read otherwise.
    pub fn reading(&self) -> u64 {
        twox_hash::XxHash3_64::oneshot(format!("{self:?}").as_bytes())
    }

    /// What is asked for depends on what came last: an answer without items then only says that there is nothing new.
    pub fn asks_since(&self) -> bool {
        let Asked { query, post } = &self.asked;
        let body = post.iter().map(|(body, _)| body);
        query.iter().map(|(_, value)| value).chain(body).any(|template| template.names("last_id"))
    }

    /// A document without items says that there is nothing new, not that there is nothing.
    pub fn tells_news_only(&self) -> bool {
        self.asks_since() || matches!(self.form, Form::Sitemap)
    }

    /// Where a field comes from.
    pub fn drawn(&self, slot: Slot) -> Option<&Drawn> {
        self.fields.iter().find(|drawn| drawn.slot == slot)
    }
}
