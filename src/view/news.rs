//! What changed in a feed, for whoever is told of changes instead of asking for them.

use super::{FeedView, Paging, are_public, assemble, category_of};
use crate::{
    config::{Category, Config},
    format::Format,
    model::{Deleted, Entry, FeedId, Slug},
    store::News,
};
use std::sync::Arc;

/// What changed in a feed, as a feed of that alone. In a format, because each has ids of its own for what was withdrawn.
pub fn news_view(config: &Config, categories: &[Category], feed: &FeedId, format: Format, news: &News) -> FeedView {
    let category = category_of(categories, feed);
    let seen = |standing: &[Slug]| category.is_some() || are_public(categories, standing);
    let shown: Vec<&Arc<Entry>> = news.entries.iter().filter(|entry| seen(&entry.categories)).collect();
    let gone = news.withdrawn.iter().filter(|gone| seen(&gone.categories));
    let deleted = gone.map(|gone| Deleted {
        id: format.id_of(&gone.ids).to_owned(),
        code: None,
        when: gone.withdrawal.at,
        by: None,
        comment: None,
    });
    let deleted: Vec<Deleted> = deleted.filter(|gone| !gone.id.is_empty()).collect();
    let view = assemble(config, category, feed, &shown);
    let updated = view.updated.max(deleted.iter().map(|gone| gone.when).max());
    FeedView { deleted, updated, paging: Paging { is_delta: true, ..Paging::default() }, ..view }
}
