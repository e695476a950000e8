//! What is remembered of documents is forgotten when they are published no more: of categories and sources that feeds.toml does not
//! name, of tags under which nothing stands, of archives that retention cut off.

use super::key::Key;
use crate::{
    config::{Category, Config},
    model::{FeedId, FeedPart, Time},
    store::{Sight, Store, StoreError},
    view,
};

/// Forgets them; says of how many.
pub async fn forget_vanished(store: &Store, config: &Config, now: Time) -> Result<usize, StoreError> {
    let categories = view::published_categories(config, &store.categories().await?);
    let mut vanished = Vec::new();
    for path in store.printed_paths().await? {
        let there = match Key::of_path(&path) {
            Some(key) => is_published(store, config, &categories, &key).await?,
            None => false,
        };
        if !there {
            vanished.push(path);
        }
    }
    if !vanished.is_empty() {
        store.forget_printed(&vanished, now).await?;
    }
    Ok(vanished.len())
}

async fn is_published(store: &Store, config: &Config, categories: &[Category], key: &Key) -> Result<bool, StoreError> {
    let there = match &key.feed {
        FeedId::All => true,
        FeedId::Category(slug) => categories.iter().any(|category| category.slug == *slug),
        FeedId::Source(id) => config.source(id).is_some(),
        FeedId::Tag(_) => store.is_known(&key.feed, Sight::everything()).await?,
    };
    let in_time = match key.part {
        FeedPart::Head => true,
        FeedPart::Archive(number) => {
            store.archives(&key.feed).await?.is_some_and(|(first, last)| (first..=last).contains(&number))
        }
    };
    Ok(there && in_time)
}
