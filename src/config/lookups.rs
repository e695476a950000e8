//! What others look up in a configuration.

use super::{Category, Config};
use crate::model::{CategoryRef, Retention, Slug, Source};
use std::{collections::BTreeMap, sync::Arc};

impl Config {
    /// The source of that id.
    pub fn source(&self, id: &Slug) -> Option<&Arc<Source>> {
        self.sources.iter().find(|source| source.id == *id)
    }

    /// The category of that slug, if feeds.toml knows it (folders bring others: `Store::categories`).
    pub fn category(&self, slug: &Slug) -> Option<&Category> {
        self.categories.iter().find(|category| category.slug == *slug)
    }

    /// A category that a post names, as it is called now.
    pub fn renamed(&self, named: &CategoryRef) -> CategoryRef {
        let now = self.categories.iter().find(|category| category.aliases.contains(&named.slug));
        now.map_or_else(|| named.clone(), |now| CategoryRef { slug: now.slug.clone(), title: now.title.clone() })
    }

    /// Old slugs of categories → new ones.
    pub fn aliases(&self) -> BTreeMap<Slug, Slug> {
        let of = |category: &Category| {
            let slug = category.slug.clone();
            category.aliases.clone().into_iter().map(move |alias| (alias, slug.clone()))
        };
        self.categories.iter().flat_map(of).collect()
    }

    /// How much is kept of everything.
    pub fn retention(&self) -> Retention {
        let sources = self.sources.iter().filter_map(|source| Some((source.id.clone(), source.retention?)));
        let categories =
            self.categories.iter().filter_map(|category| Some((category.slug.clone(), category.retention?)));
        Retention {
            sources: sources.collect(),
            categories: categories.collect(),
            otherwise: self.store.retention,
            polled: self.sources.iter().map(|source| source.id.clone()).collect(),
            removed: self.store.removed,
        }
    }
}
