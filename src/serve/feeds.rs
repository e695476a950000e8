//! Feeds and their list: who may see it, whether they have it already, and only then the rendering.

use super::{
    Visit,
    catalog::{Catalog, Found},
    conditional,
    document::{self, Caching, Document, Guise, Problem, Validators},
};
use crate::{
    config::Category,
    format::{self, Format, OpmlFeed, OpmlHead},
    model::{FeedId, Slug},
    publish::Head,
};
use axum::response::Response;

/// A feed, in a format.
pub async fn feed(visit: &Visit, feed: FeedId, format: Format) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let category = match &feed {
        FeedId::Category(slug) => match catalog.find(slug, &visit.credentials) {
            Found::Here(category) => Some(category),
            Found::Moved(category) => return moved(visit, category, format.extension()),
            Found::Nowhere(near) => return Err(Problem::Missing(near)),
        },
        FeedId::Source(id) => {
            known_source(visit, &catalog, id)?;
            None
        }
        FeedId::All => None,
    };
    let caching = match category {
        Some(category) if category.token.is_some() => Caching::Private,
        _ => visit.caching(&feed).await?,
    };
    send(visit, feed, &catalog, format, caching).await
}

async fn send(
    visit: &Visit,
    feed: FeedId,
    catalog: &Catalog,
    format: Format,
    caching: Caching,
) -> Result<Response, Problem> {
    let (config, store, publisher) = (&visit.config, &visit.app.store, &visit.app.publisher);
    if conditional::is_conditional(&visit.headers)
        && let Some(head) = publisher.head(config, store, &feed, format).await?
        && let Some(unchanged) =
            document::unchanged(&visit.headers, &validators(&head), caching, Guise::Feed, visit.now)
    {
        return Ok(unchanged);
    }
    let rendered = publisher.feed(config, store, &feed, catalog.all(), format).await?;
    Ok(visit.send(Document {
        bytes: rendered.bytes.clone(),
        content_type: format.content_type(),
        validators: validators(&rendered.head),
        caching,
        guise: Guise::Feed,
    }))
}

fn validators(head: &Head) -> Validators {
    Validators { etag: head.etag.clone(), last_modified: head.last_modified }
}

/// To the category's page or feed under its present slug.
pub fn moved(visit: &Visit, category: &Category, extension: &str) -> Result<Response, Problem> {
    let (caching, key) = match category.token {
        Some(_) => (Caching::Private, visit.credentials.query()),
        None => (Caching::Day, String::new()),
    };
    document::moved(&format!("{}/category/{}.{extension}{key}", base(visit), category.slug), caching)
}

/// The source, if feeds.toml knows it and it may be named.
pub fn known_source<'a>(visit: &'a Visit, catalog: &Catalog, id: &Slug) -> Result<&'a crate::model::Source, Problem> {
    let source = visit.config.source(id).filter(|source| catalog.names(source));
    source.map(|source| source.as_ref()).ok_or(Problem::Missing(Vec::new()))
}

/// OPML of all public feeds.
pub async fn opml(visit: &Visit) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let (site, words) = (&visit.config.site, visit.words);
    let outline = |feed: FeedId, title: &str, description: Option<String>| {
        let address = format!("{}{}", base(visit), feed.path());
        let html_url = if feed == FeedId::All { format!("{}/", base(visit)) } else { format!("{address}.html") };
        OpmlFeed {
            title: title.to_owned(),
            xml_url: format!("{address}.atom"),
            html_url,
            description,
            language: (feed == FeedId::All).then(|| site.language.clone()),
        }
    };
    let all = outline(FeedId::All, &site.title, Some(site.description.clone()).filter(|text| !text.is_empty()));
    let categories = catalog.public().map(|category| {
        outline(FeedId::Category(category.slug.clone()), &category.title, category.description.clone())
    });
    let states = visit.app.store.states().await?;
    let named = visit.config.sources.iter().filter(|source| catalog.names(source));
    let sources = named.map(|source| {
        let title = super::status::title(source, states.get(&source.id));
        outline(FeedId::Source(source.id.clone()), &title, None)
    });
    let groups = [
        (words.everything.to_owned(), vec![all]),
        (words.categories.to_owned(), categories.collect()),
        (words.sources.to_owned(), sources.collect()),
    ];
    let contact = site.contact.clone().filter(|contact| contact.starts_with("http"));
    let all =
        visit.app.publisher.feed(&visit.config, &visit.app.store, &FeedId::All, catalog.all(), Format::Atom).await?;
    let head = OpmlHead {
        title: site.title.clone(),
        owner: contact.unwrap_or_else(|| format!("{}/about.html", base(visit))),
        modified: all.head.last_modified,
    };
    let bytes = format::opml(&head, &groups)?;
    Ok(visit.send(Document::file(bytes, "text/x-opml; charset=utf-8", visit.caching(&FeedId::All).await?)))
}

/// The site's address without a slash at its end.
pub fn base(visit: &Visit) -> &str {
    visit.config.site.url.as_str().trim_end_matches('/')
}
