//! What is there to be seen: categories of feeds.toml and those that posts brought, which of them are public, and
//! where an old or misspelt name leads. Private categories are absent from every list.

use super::access::Credentials;
use crate::{
    config::{Category, Config},
    model::{CategoryRef, Entry, Slug, Source},
    store::{Store, StoreError},
    view::published_categories,
};
use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};
use twox_hash::XxHash3_64;

/// At most this many near names are given.
const NEAR: usize = 3;

/// How near a name must be: 0 nothing in common, 1 the same.
const NEAR_ENOUGH: f64 = 0.5;

/// All categories, in the order they are shown.
#[derive(Debug)]
pub struct Catalog {
    all: Vec<Category>,
    by_slug: HashMap<Slug, usize>,
    hash: u64,
}

/// The catalog that was read last: there is none newer until something is written, or feeds.toml changes.
#[derive(Default)]
pub struct Catalogs(Mutex<Option<Read>>);

#[derive(Clone)]
struct Read {
    config: Arc<Config>,
    written: u64,
    brought: Arc<[CategoryRef]>,
    catalog: Arc<Catalog>,
}

impl Catalogs {
    /// As it is now, if nothing was written since it was read.
    pub fn known(&self, config: &Arc<Config>, store: &Store) -> Option<Arc<Catalog>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = |last: &&Read| last.written == store.written() && Arc::ptr_eq(&last.config, config);
        last.as_ref().filter(of_this).map(|last| last.catalog.clone())
    }

    /// As it is now. When the store cannot be read, as it was read last.
    pub async fn now(&self, config: &Arc<Config>, store: &Store) -> Result<Arc<Catalog>, StoreError> {
        if let Some(catalog) = self.known(config, store) {
            return Ok(catalog);
        }
        // Before the reading: what is written meanwhile is read by the next one.
        let written = store.written();
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let brought = match (store.categories().await, last) {
            (Ok(brought), _) => brought.into(),
            (Err(error), Some(last)) => {
                tracing::error!("the store cannot be read, categories are as they were before: {error}");
                last.brought
            }
            (Err(error), None) => return Err(error),
        };
        let catalog = Arc::new(Catalog::new(config, &brought));
        let read = Read { config: config.clone(), written, brought, catalog: catalog.clone() };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
        Ok(catalog)
    }
}

/// Where a slug leads.
#[derive(Debug, PartialEq)]
pub enum Found<'a> {
    /// To this category.
    Here(&'a Category),
    /// It is an old name of this one.
    Moved(&'a Category),
    /// Nowhere; these public ones sound like it, the nearest first.
    Nowhere(Vec<Slug>),
}

impl Catalog {
    /// Those of feeds.toml and those that posts brought.
    pub fn new(config: &Config, brought: &[CategoryRef]) -> Catalog {
        Catalog::of(published_categories(config, brought))
    }

    fn of(all: Vec<Category>) -> Catalog {
        let by_slug = all.iter().enumerate().map(|(at, category)| (category.slug.clone(), at)).collect();
        let mut hash = XxHash3_64::with_seed(0);
        for category in &all {
            (&category.slug, &category.title, &category.description, category.token.is_some()).hash(&mut hash);
        }
        Catalog { all, by_slug, hash: hash.finish() }
    }

    /// A number that changes when a category comes, goes, is renamed, or is closed or opened.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// All of them, private ones too.
    pub fn all(&self) -> &[Category] {
        &self.all
    }

    /// Those that anyone may see.
    pub fn public(&self) -> impl Iterator<Item = &Category> {
        self.all.iter().filter(|category| category.token.is_none())
    }

    /// The category of that very slug, for someone with these credentials.
    pub fn here(&self, slug: &Slug, credentials: &Credentials) -> Option<&Category> {
        let category = self.by_slug.get(slug).and_then(|at| self.all.get(*at));
        category.filter(|category| opens(category, credentials))
    }

    /// Where a slug leads for someone with these credentials: what they do not open is nowhere.
    pub fn find(&self, slug: &Slug, credentials: &Credentials) -> Found<'_> {
        if self.by_slug.contains_key(slug) {
            return self.here(slug, credentials).map_or_else(|| self.nowhere(slug), Found::Here);
        }
        let mut seen = self.all.iter().filter(|category| opens(category, credentials));
        match seen.find(|category| category.aliases.contains(slug)) {
            Some(category) => Found::Moved(category),
            None => self.nowhere(slug),
        }
    }

    /// The categories an entry stands in that these credentials open.
    pub fn of_entry<'a>(
        &'a self,
        entry: &'a Entry,
        credentials: &'a Credentials,
    ) -> impl Iterator<Item = &'a Category> {
        let standing = self.all.iter().filter(|category| entry.categories.contains(&category.slug));
        standing.filter(|category| opens(category, credentials))
    }

    /// Whether an entry may be shown: policy lets it be seen, and it stands in no category at all, or in one that is open.
    pub fn shows(&self, entry: &Entry, credentials: &Credentials) -> bool {
        entry.hidden.is_none() && (entry.categories.is_empty() || self.of_entry(entry, credentials).next().is_some())
    }

    /// Whether these credentials would have seen what stood in these categories.
    pub fn showed(&self, categories: &[Slug], credentials: &Credentials) -> bool {
        let mut open = self.all.iter().filter(|category| opens(category, credentials));
        categories.is_empty() || open.any(|category| categories.contains(&category.slug))
    }

    /// Whether a source may be named: not when all it feeds is private.
    pub fn names(&self, source: &Source) -> bool {
        source.categories.is_empty() || self.public_of(source).next().is_some()
    }

    /// The public categories a source feeds.
    pub fn public_of<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a Category> {
        self.public().filter(|category| source.categories.iter().any(|fed| fed.slug == category.slug))
    }

    fn nowhere(&self, slug: &Slug) -> Found<'_> {
        let likeness = |category: &Category| {
            let names = std::iter::once(&category.slug).chain(&category.aliases);
            names.map(|name| strsim::normalized_damerau_levenshtein(name.as_str(), slug.as_str())).fold(0.0, f64::max)
        };
        let mut near: Vec<(f64, &Slug)> = self.public().map(|category| (likeness(category), &category.slug)).collect();
        near.retain(|(likeness, _)| *likeness >= NEAR_ENOUGH);
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Found::Nowhere(near.into_iter().take(NEAR).map(|(_, slug)| slug.clone()).collect())
    }
}

fn opens(category: &Category, credentials: &Credentials) -> bool {
    category.token.as_ref().is_none_or(|token| credentials.open(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::{config, slug, source};
    use axum::http::HeaderMap;

    fn catalog() -> Catalog {
        let named = |name: &str| Category::named(CategoryRef { slug: slug(name), title: name.to_uppercase() });
        let mut config = config();
        let rail = Category { aliases: vec![slug("trains")], ..named("rail") };
        let board = Category { token: Some("s".into()), aliases: vec![slug("council")], ..named("board") };
        config.categories = vec![rail, board];
        let brought = |name: &str| CategoryRef { slug: slug(name), title: name.into() };
        Catalog::new(&config, &[brought("trains"), brought("shamenribao"), brought("board")])
    }

    fn nobody() -> Credentials {
        Credentials::default()
    }

    fn member() -> Credentials {
        Credentials::of(Some("token=s"), &HeaderMap::new())
    }

    #[test]
    fn brought_categories_follow_those_of_the_file_without_twins() {
        let slugs: Vec<_> = catalog().all.iter().map(|category| category.slug.to_string()).collect();
        assert_eq!(slugs, ["rail", "board", "shamenribao"]);
    }

    #[test]
    fn old_names_lead_on_and_wrong_ones_are_helped() {
        let catalog = catalog();
        assert!(matches!(catalog.find(&slug("rail"), &nobody()), Found::Here(found) if found.title == "RAIL"));
        assert!(matches!(catalog.find(&slug("trains"), &nobody()), Found::Moved(found) if found.title == "RAIL"));
        assert_eq!(catalog.find(&slug("xiamenribao"), &nobody()), Found::Nowhere(vec![slug("shamenribao")]));
        assert_eq!(catalog.find(&slug("train"), &nobody()), Found::Nowhere(vec![slug("rail")]));
        assert_eq!(catalog.find(&slug("qqq"), &nobody()), Found::Nowhere(vec![]));
    }

    #[test]
    fn a_private_category_is_nowhere_without_its_token() {
        let catalog = catalog();
        for name in ["board", "council", "boards"] {
            assert_eq!(catalog.find(&slug(name), &nobody()), Found::Nowhere(vec![]), "{name}");
        }
        assert!(matches!(catalog.find(&slug("board"), &member()), Found::Here(_)));
        assert!(matches!(catalog.find(&slug("council"), &member()), Found::Moved(_)));
        assert!(catalog.public().all(|category| category.slug != slug("board")));
    }

    #[test]
    fn a_source_of_private_categories_only_is_not_named() {
        let catalog = catalog();
        assert!(!catalog.names(&source("a", &["board"])));
        assert!(catalog.names(&source("a", &["board", "rail"])));
        assert!(catalog.names(&source("folder", &[])));
    }
}
