//! What a feed holds and how each entry looks in it. Pure: config and a listing in, a view out; the same in, the same out.

use crate::{
    config::{Category, Config, EntryOrder},
    model::{
        Caption, Deleted, Element, Enclosure, Entry, FeedId, FeedPart, InfoCode, Link, Person, Rare, SourceRef, Tag,
        Text, Time, UpstreamSource, Wishes,
    },
    store::Listing,
};
use std::{fmt, sync::Arc};

mod about;
mod item;
mod news;
mod origin;
mod paging;
mod partner;
mod seen;

pub use item::item_view;
pub use news::news_view;
pub use paging::Paging;
pub use partner::{Gone, PartnerChange, PartnerLine, partner_line};
pub use seen::{are_public, entries_wanted, is_public, published_categories, sight};
use seen::{category_of, deleted};

/// A feed, ready for any format. All URLs are absolute.
#[derive(Clone, Debug)]
pub struct FeedView {
    /// Which feed.
    pub id: FeedId,
    /// Title; HTML is sanitised.
    pub title: Text,
    /// One sentence; HTML is sanitised.
    pub description: Text,
    /// Our page of it.
    pub home: String,
    /// Where the feed itself is.
    pub address: Address,
    /// Stable atom:id of the feed.
    pub atom_id: String,
    /// Language tag.
    pub language: String,
    /// Rights; HTML is sanitised.
    pub rights: Option<Text>,
    /// Authors of the feed: always empty in what we publish (RFC 4287 §4.2.1: they would claim others' entries);
    /// `preview` shows the upstream feed's own here.
    pub authors: Vec<Person>,
    /// Contributors; only `preview` has some.
    pub contributors: Vec<Person>,
    /// Categories of the feed itself: its source's.
    pub tags: Vec<Tag>,
    /// Logo, and what it is called.
    pub image: Option<(String, Caption)>,
    /// Icon.
    pub icon: Option<String>,
    /// Links beside self and alternates: the source's feed (via), licences; in `preview` hubs and archives too.
    pub links: Vec<Link>,
    /// What made it, and that one's home page; ours is made by syndic.
    pub generator: (String, Option<String>),
    /// When what it holds was published, if that is said.
    pub published: Option<Time>,
    /// The newest entry change or removal; `None` for an empty feed.
    pub updated: Option<Time>,
    /// When it is worth asking again.
    pub wishes: Wishes,
    /// What only one format has a word for; only `preview` has some.
    pub rare: Rare,
    /// Other vocabularies.
    pub extensions: Vec<Element>,
    /// Entries, newest first.
    pub items: Vec<ItemView>,
    /// Entries it held once.
    pub deleted: Vec<Deleted>,
    /// Where its older and newer documents are.
    pub paging: Paging,
}

/// Where a feed is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// One of ours: without extension; `.rss`, `.atom`, `.json` are added by the formats.
    Ours(String),
    /// An upstream's own, as far as it is known; it has one format.
    Theirs(Option<String>),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Address::Ours(base) => base,
            Address::Theirs(url) => url.as_deref().unwrap_or_default(),
        })
    }
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
    /// The credit line that ends a full body.
    pub credit: Option<String>,
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
    /// Other links of the entry.
    pub links: Vec<Link>,
    /// Comments page.
    pub comments: Option<String>,
    /// Rights of the entry.
    pub rights: Option<Text>,
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
    /// Sanitised HTML, credit line included; empty when there is neither.
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

/// Builds the view of a document of a feed. `categories` are all there are (`published_categories`); entries that stand in
/// none that is public are seen in their own category's feed only.
pub fn feed_view(
    config: &Config,
    categories: &[Category],
    feed: &FeedId,
    part: &FeedPart,
    listing: &Listing,
) -> FeedView {
    let category = category_of(categories, feed);
    let sight = sight(categories, feed);
    let mut shown: Vec<&Arc<Entry>> = listing.entries.iter().filter(|entry| sight.sees(entry)).collect();
    if category.is_some_and(|category| category.order == EntryOrder::Entered) {
        shown.sort_by_key(|entry| std::cmp::Reverse(number_in(entry, feed)));
    }
    let mut view = assemble(config, category, feed, &shown);
    // WebSub §4: a hub pushes the head.
    view.links.retain(|link| *part == FeedPart::Head || link.rel != "hub");
    let deleted = deleted(categories, feed, &listing.gone);
    // When the newest entry came to stand here or went, by our own clock at the time: a publisher's `updated` may lie in the
    // future, or years back although the feed has changed today. What a reader may not see must not show in it.
    let everything = category.is_some() || categories.iter().all(|category| category.token.is_none());
    let changed = listing.changed.filter(|_| everything);
    let updated = view.updated.max(changed).max(deleted.iter().map(|gone| gone.when).max());
    let base = site_path(config, &feed.path());
    FeedView {
        paging: Paging::of(&base, part, listing.archives),
        address: Address::Ours(base + &part.path()),
        deleted,
        updated,
        ..view
    }
}

fn assemble(config: &Config, category: Option<&Category>, feed: &FeedId, shown: &[&Arc<Entry>]) -> FeedView {
    let items: Vec<ItemView> = shown.iter().map(|entry| item_view(config, entry)).collect();
    let about = about::source(feed, &items);
    let (title, description) = about::names(config, feed, category, about, &items);
    let said = about.cloned().unwrap_or_default();
    let base = site_path(config, &feed.path());
    FeedView {
        id: feed.clone(),
        title: Text::plain(title),
        description: Text::plain(description),
        home: page_of(config, feed),
        // RFC 4287 §4.2.6 wants a permanent IRI. The feed's own first address is one as long as `[site] url` stays;
        // when that changes, subscribers follow a new address anyway. (Entries' ids do not depend on it: they are stored.)
        // All documents of a feed have one (RFC 5005 §4).
        atom_id: format!("{base}.atom"),
        paging: Paging::default(),
        address: Address::Ours(base),
        language: said.language.unwrap_or_else(|| config.site.language.clone()),
        rights: said.rights.or_else(|| config.site.rights.clone()).map(Text::plain),
        authors: Vec::new(),
        contributors: Vec::new(),
        tags: said.tags,
        image: said.logo.map(|url| (url, Caption::default())),
        icon: said.icon,
        links: about::links(config, feed, said.feed_url, category.is_some_and(|category| category.token.is_some())),
        generator: ("syndic".to_owned(), None),
        published: None,
        updated: shown.iter().map(|entry| entry.edition.fetched).max(),
        wishes: Wishes::default(),
        rare: Rare::default(),
        extensions: said.extensions,
        items,
        deleted: Vec::new(),
    }
}

/// The number under which an entry joined a feed; 0: it did not.
pub fn number_in(entry: &Entry, feed: &FeedId) -> u64 {
    let key = crate::store::feed_key(feed);
    entry.joins.iter().find(|join| join.feed == key).map_or(0, |join| join.number)
}

/// An address below the site's base, which may have a path of its own. `path` begins with a slash.
pub fn site_path(config: &Config, path: &str) -> String {
    format!("{}{path}", config.site.url.as_str().trim_end_matches('/'))
}

/// Our page of a feed; that of everything is the home page.
pub fn page_of(config: &Config, feed: &FeedId) -> String {
    match feed {
        FeedId::All => site_path(config, "/"),
        FeedId::Category(_) | FeedId::Source(_) | FeedId::Tag(_) => site_path(config, &format!("{}.html", feed.path())),
    }
}

#[cfg(test)]
mod tests;
