//! What a feed holds and how each entry looks in it. Pure: config and a listing in, a view out.

use crate::{
    config::{Category, Config},
    model::{Element, Enclosure, FeedId, InfoCode, Person, SourceRef, Tag, Text, Time, UpstreamSource},
    store::Listing,
};

/// A feed, ready for any format. All URLs are absolute.
#[derive(Clone, Debug)]
pub struct FeedView {
    /// Which feed.
    pub id: FeedId,
    /// Title.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Our page of it.
    pub home: String,
    /// Address without extension; `.rss`, `.atom`, `.json` are added by the formats.
    pub base: String,
    /// Stable atom:id of the feed.
    pub atom_id: String,
    /// Language tag.
    pub language: String,
    /// Rights.
    pub rights: Option<String>,
    /// The newest entry change or removal; `None` for an empty feed.
    pub updated: Option<Time>,
    /// Minutes until it is worth asking again, for RSS ttl.
    pub ttl_minutes: Option<u32>,
    /// Entries, newest first.
    pub items: Vec<ItemView>,
}

/// An entry as a feed or a page shows it.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// Its code.
    pub code: InfoCode,
    /// atom:id.
    pub atom_id: String,
    /// RSS guid.
    pub guid: String,
    /// guid isPermaLink.
    pub guid_is_permalink: bool,
    /// JSON Feed id.
    pub json_id: String,
    /// Title.
    pub title: Option<Text>,
    /// The original; our page when upstream gave none.
    pub link: String,
    /// The original, if upstream gave one.
    pub original: Option<String>,
    /// Our page of it.
    pub page: String,
    /// What is shown of the body.
    pub body: ItemBody,
    /// A summary the author wrote (full and excerpt).
    pub summary: Option<Text>,
    /// The publisher's date.
    pub published: Option<Time>,
    /// Last significant change.
    pub updated: Time,
    /// Authors.
    pub authors: Vec<Person>,
    /// Contributors.
    pub contributors: Vec<Person>,
    /// The publisher's categories.
    pub tags: Vec<Tag>,
    /// Attached files.
    pub enclosures: Vec<Enclosure>,
    /// Comments page.
    pub comments: Option<String>,
    /// Rights of the entry.
    pub rights: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// Our source; secrets already taken out.
    pub source: SourceRef,
    /// The source element above ours.
    pub upstream: Option<UpstreamSource>,
    /// dc:source.
    pub dc_source: Option<String>,
    /// The publisher named in the text, by its canonical name.
    pub publisher: Option<String>,
    /// Bylines.
    pub byline: Vec<String>,
    /// Other vocabularies.
    pub extensions: Vec<Element>,
}

/// What is shown of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemBody {
    /// Sanitised HTML, credit line included.
    Full(String),
    /// Plain text; the credit line as HTML beside it, for formats and pages that show HTML.
    Excerpt {
        /// The excerpt.
        text: String,
        /// The credit line, if one is due.
        credit: Option<String>,
    },
    /// Nothing but title and link.
    Link,
}

/// Builds the view of a feed.
pub fn feed_view(config: &Config, feed: &FeedId, category: Option<&Category>, listing: &Listing) -> FeedView {
    let _ = (config, feed, category, listing);
    todo!()
}

/// One entry as it is shown anywhere: the policy of its owner's source applied.
pub fn item_view(config: &Config, entry: &crate::model::Entry) -> ItemView {
    let _ = (config, entry);
    todo!()
}
