//! What a feed holds and how each entry looks in it. Pure: config and a listing in, a view out; the same in, the same out.

use crate::{
    config::{Category, Config},
    model::{
        Caption, CategoryRef, Deleted, Element, Enclosure, Entry, FeedId, InfoCode, Link, Person, Rare, Slug,
        SourceRef, Tag, Text, Time, UpstreamSource, Wishes,
    },
    store::Listing,
};
use std::{fmt, sync::Arc};

mod about;
mod item;
mod news;
mod origin;

pub use item::item_view;
pub use news::news_view;

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

/// Builds the view of a feed. `categories` are all there are (`published_categories`); entries that stand in none that is
/// public are seen in their own category's feed only.
pub fn feed_view(config: &Config, categories: &[Category], feed: &FeedId, listing: &Listing) -> FeedView {
    let category = match feed {
        FeedId::Category(slug) => categories.iter().find(|category| category.slug == *slug),
        FeedId::All | FeedId::Source(_) => None,
    };
    let seen = |entry: &&Arc<Entry>| matches!(feed, FeedId::Category(_)) || is_public(categories, entry);
    let mut shown: Vec<&Arc<Entry>> = listing.entries.iter().filter(seen).collect();
    if entries_wanted(config, categories, feed) > config.publish.entries && category.is_none() {
        keep_newest(&mut shown, config.publish.entries);
    }
    assemble(config, category, feed, &shown)
}

fn assemble(config: &Config, category: Option<&Category>, feed: &FeedId, shown: &[&Arc<Entry>]) -> FeedView {
    let items: Vec<ItemView> = shown.iter().map(|entry| item_view(config, entry)).collect();
    let about = about::source(feed, &items);
    let (title, description) = about::names(config, feed, category, about);
    let said = about.cloned().unwrap_or_default();
    let base = site_path(config, &feed.path());
    FeedView {
        id: feed.clone(),
        title: Text::plain(title),
        description: Text::plain(description),
        home: page_of(config, feed),
        // RFC 4287 §4.2.6 wants a permanent IRI. The feed's own first address is one as long as `[site] url` stays;
        // when that changes, subscribers follow a new address anyway. (Entries' ids do not depend on it: they are stored.)
        atom_id: format!("{base}.atom"),
        address: Address::Ours(base),
        language: said.language.unwrap_or_else(|| config.site.language.clone()),
        rights: said.rights.or_else(|| config.site.rights.clone()).map(Text::plain),
        authors: Vec::new(),
        contributors: Vec::new(),
        tags: said.tags,
        image: said.logo.map(|url| (url, Caption::default())),
        icon: said.icon,
        links: about::links(config, said.feed_url, category.is_some_and(|category| category.token.is_some())),
        generator: ("syndic".to_owned(), None),
        published: None,
        // When the newest edition came to stand here, by our own clock at the time: a publisher's `updated` may lie
        // in the future, or years back although the feed has changed today.
        updated: shown.iter().map(|entry| entry.edition.fetched).max(),
        wishes: Wishes::default(),
        rare: Rare::default(),
        extensions: said.extensions,
        items,
        deleted: Vec::new(),
    }
}

/// True for an entry that stands in a category anyone may see, or in none at all. A category that is gone shows nothing:
/// it may have been a private one.
pub fn is_public(categories: &[Category], entry: &Entry) -> bool {
    stands_in_public(categories, &entry.categories)
}

fn stands_in_public(categories: &[Category], standing: &[Slug]) -> bool {
    let mut public = categories.iter().filter(|category| category.token.is_none());
    standing.is_empty() || public.any(|category| standing.contains(&category.slug))
}

/// Keeps the entries that came last, in the order they stand in.
fn keep_newest(entries: &mut Vec<&Arc<Entry>>, most: usize) {
    let mut born: Vec<u64> = entries.iter().map(|entry| entry.born).collect();
    born.sort_unstable_by(|a, b| b.cmp(a));
    if let Some(oldest) = born.get(most.saturating_sub(1)).copied() {
        entries.retain(|entry| entry.born >= oldest);
        entries.truncate(most);
    }
}

/// How many entries to ask the store for, so that enough are left when the private ones are taken out.
pub fn entries_wanted(config: &Config, categories: &[Category], feed: &FeedId) -> usize {
    match feed {
        FeedId::Category(slug) => {
            let set = categories.iter().find(|category| category.slug == *slug).and_then(|category| category.entries);
            set.unwrap_or(config.publish.entries)
        }
        _ if categories.iter().any(|category| category.token.is_some()) => config.publish.entries.saturating_mul(4),
        _ => config.publish.entries,
    }
}

/// The categories there are: those of feeds.toml in its order, then those that folders brought, in slug order;
/// a brought one that is an old name of another is no category. Private ones (`token`) are among them: the caller leaves
/// them out where they must not be seen.
pub fn published_categories(config: &Config, stored: &[CategoryRef]) -> Vec<Category> {
    let mut brought: Vec<&CategoryRef> = stored
        .iter()
        .filter(|of| !config.categories.iter().any(|known| known.slug == of.slug || known.aliases.contains(&of.slug)))
        .collect();
    brought.sort_by(|a, b| a.slug.cmp(&b.slug));
    brought.dedup_by(|a, b| a.slug == b.slug);
    config.categories.iter().cloned().chain(brought.into_iter().cloned().map(Category::named)).collect()
}

/// An address below the site's base, which may have a path of its own. `path` begins with a slash.
pub fn site_path(config: &Config, path: &str) -> String {
    format!("{}{path}", config.site.url.as_str().trim_end_matches('/'))
}

/// Our page of a feed; that of everything is the home page.
pub fn page_of(config: &Config, feed: &FeedId) -> String {
    match feed {
        FeedId::All => site_path(config, "/"),
        FeedId::Category(_) | FeedId::Source(_) => site_path(config, &format!("{}.html", feed.path())),
    }
}

#[cfg(test)]
mod tests;
