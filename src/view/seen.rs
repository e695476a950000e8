//! Who may see what: the categories there are, which of them are public, and what of a feed its readers see. Pure.

use crate::{
    config::{Category, Config},
    model::{CategoryRef, Deleted, Entry, FeedId, Slug},
    store::{Departed, Sight},
};

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

/// How many entries a feed holds (contract: What a feed holds).
pub fn entries_wanted(config: &Config, categories: &[Category], feed: &FeedId) -> usize {
    category_of(categories, feed).and_then(|category| category.entries).unwrap_or(config.publish.entries)
}

/// What of a feed its readers may see: all of a category, which they were let into; of any other feed what is public.
pub fn sight(categories: &[Category], feed: &FeedId) -> Sight {
    if matches!(feed, FeedId::Category(_)) {
        return Sight::everything();
    }
    let categories = categories.to_vec();
    Sight::new(move |entry| is_public(&categories, entry))
}

/// True for an entry that stands in a category anyone may see, or in none at all. A category that is gone shows nothing:
/// it may have been a private one.
pub fn is_public(categories: &[Category], entry: &Entry) -> bool {
    are_public(categories, &entry.categories)
}

/// The same of where something stands or stood.
pub fn are_public(categories: &[Category], standing: &[Slug]) -> bool {
    let mut public = categories.iter().filter(|category| category.token.is_none());
    standing.is_empty() || public.any(|category| standing.contains(&category.slug))
}

/// The category whose feed it is.
pub(super) fn category_of<'a>(categories: &'a [Category], feed: &FeedId) -> Option<&'a Category> {
    match feed {
        FeedId::Category(slug) => categories.iter().find(|category| category.slug == *slug),
        FeedId::All | FeedId::Source(_) | FeedId::Tag(_) => None,
    }
}

/// What readers of a feed are told has left it. Nobody is told of what he could not see.
pub(super) fn deleted(categories: &[Category], feed: &FeedId, gone: &[Departed]) -> Vec<Deleted> {
    let told = |of: &&Departed| matches!(feed, FeedId::Category(_)) || are_public(categories, &of.categories);
    let deleted = |of: &Departed| Deleted {
        id: of.atom_id.clone(),
        code: Some(of.code.clone()),
        when: of.at,
        by: None,
        comment: None,
    };
    gone.iter().filter(told).map(deleted).collect()
}
