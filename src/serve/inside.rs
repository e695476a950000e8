//! Documents as anyone gets them over HTTP, without a network: what the static export is made of. And what public feeds there are,
//! each with a number that changes when one of its documents may.

use super::{App, Visit, access::Credentials, document::Problem, pages};
use crate::{
    config::Category,
    model::{CategoryRef, Entry, FeedId, Slug},
    publish::Coding,
    view,
};
use anyhow::Context;
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use bytes::Bytes;
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};
use twox_hash::XxHash3_64;

/// What is public, as of one moment.
pub struct Inventory {
    /// Changes when every page may: feeds.toml, categories.
    pub hash: u64,
    /// Its feeds, in the order of the pages: everything, categories, sources, tags.
    pub feeds: Vec<PublicFeed>,
    /// Old slugs of public categories, and the present ones.
    pub aliases: Vec<(Slug, Slug)>,
    catalog: Arc<super::Catalog>,
}

/// A feed that anyone may read.
pub struct PublicFeed {
    /// Which.
    pub id: FeedId,
    /// Changes when one of its documents may.
    pub version: u64,
    /// Numbers of its first and last archive.
    pub archives: Option<(u64, u64)>,
}

impl Inventory {
    /// Whether anyone may read the page of an entry.
    pub fn shows(&self, entry: &Entry) -> bool {
        self.catalog.shows(entry, &Credentials::default())
    }

    /// The public categories an entry stands in.
    pub fn filed(&self, entry: &Entry) -> Vec<CategoryRef> {
        self.catalog.of_entry(entry, &Credentials::default()).map(reference).collect()
    }

    /// The public categories there are.
    pub fn categories(&self) -> Vec<CategoryRef> {
        self.catalog.public().map(reference).collect()
    }

    /// Whether anyone could read the page of what stood in these categories.
    pub fn showed(&self, categories: &[Slug]) -> bool {
        self.catalog.showed(categories, &Credentials::default())
    }
}

impl App {
    /// The document at that path as whoever asks gets it uncoded; `None` where there is none.
    pub async fn document(self: &Arc<App>, path: &str) -> anyhow::Result<Option<Bytes>> {
        let (status, bytes) = self.ask(path).await?;
        Ok((status == StatusCode::OK).then_some(bytes))
    }

    /// The site's address.
    pub fn site(&self) -> String {
        self.config.borrow().site.url.to_string()
    }

    /// What is said instead of a page that is not there, and of one that was withdrawn, to browsers.
    pub fn nothing(self: &Arc<App>, gone: bool) -> anyhow::Result<Bytes> {
        let config = self.config.borrow().clone();
        let words = super::Words::of(&config.site.language);
        let (title, why) = if gone { (words.gone, Some(words.gone_why)) } else { (words.not_found, None) };
        Ok(Bytes::from(pages::problem(&config, title, why, &[])?))
    }

    async fn ask(self: &Arc<App>, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::builder().uri(path).header(header::ACCEPT, "text/html").body(());
        let (parts, ()) = request.with_context(|| format!("{path} is no path"))?.into_parts();
        let mut visit = Visit::new(self.clone(), parts.clone());
        let mut answered = visit.answer(Body::empty()).await;
        // As for every other reader: what was made of two configurations may show what neither would.
        while !visit.is_current() {
            visit = Visit::new(self.clone(), parts.clone());
            answered = visit.answer(Body::empty()).await;
        }
        match answered {
            Ok(response) => {
                let status = response.status();
                Ok((status, to_bytes(response.into_body(), usize::MAX).await?))
            }
            Err(Problem::Broken(error)) => Err(error.context(format!("make {path}"))),
            Err(_) => Ok((StatusCode::NOT_FOUND, Bytes::new())),
        }
    }

    /// The document in a coding, exactly as it is served; `None` where it is too short to be coded.
    pub fn coded(bytes: &Bytes, coding: Coding) -> std::io::Result<Option<Vec<u8>>> {
        if bytes.len() < super::negotiate::WORTH_CODING { Ok(None) } else { coding.code(bytes).map(Some) }
    }

    /// What is public now.
    pub async fn inventory(&self) -> anyhow::Result<Inventory> {
        let (config, store) = (self.config.borrow().clone(), &self.store);
        let catalog = self.catalogs.now(&config, store).await?;
        let mut feeds = vec![(FeedId::All, 0)];
        feeds.extend(catalog.public().map(|category| (FeedId::Category(category.slug.clone()), 0)));
        let states = store.states().await?;
        for source in config.sources.iter().filter(|source| catalog.names(source)) {
            let known = states.get(&source.id).cloned().unwrap_or_default();
            feeds.push((FeedId::Source(source.id.clone()), pages::standing(&config, source, &known)));
        }
        for tag in store.tags().await?.into_iter().filter(|tag| config.publish.tags.allows(tag)) {
            let feed = FeedId::Tag(tag);
            if store.is_known(&feed, view::sight(catalog.all(), &feed)).await? {
                feeds.push((feed, 0));
            }
        }
        let mut public = Vec::with_capacity(feeds.len());
        for (id, standing) in feeds {
            let (version, archives) = (store.version(&id)?, store.archives(&id).await?);
            public.push(PublicFeed { version: digest(&(version, standing)), archives, id });
        }
        let aliases = catalog
            .public()
            .flat_map(|category| category.aliases.iter().map(|alias| (alias.clone(), category.slug.clone())));
        let aliases = aliases.collect();
        Ok(Inventory { hash: digest(&(config.hash, catalog.hash())), feeds: public, aliases, catalog })
    }
}

fn reference(category: &Category) -> CategoryRef {
    CategoryRef { slug: category.slug.clone(), title: category.title.clone() }
}

fn digest(of: &impl Hash) -> u64 {
    let mut hash = XxHash3_64::with_seed(0);
    of.hash(&mut hash);
    hash.finish()
}
