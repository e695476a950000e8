//! Feeds and their list: who may see it, whether they have it already, and only then the rendering.

use super::{
    Visit,
    catalog::{Catalog, Found},
    conditional, delta,
    document::{self, Caching, Document, Guise, Manner, Problem, Sending},
    freshness, links,
};
use crate::{
    config::Category,
    format::{self, Format, OpmlFeed, OpmlHead},
    model::{FeedId, FeedPart, Slug},
    publish::{Key, Stamp},
    store::{Archive, Listing},
    view, websub,
};
use axum::{http::HeaderValue, response::Response};

/// A document of a feed, in a format.
pub async fn feed(visit: &Visit, feed: FeedId, part: FeedPart, format: Format) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let rest = format!("{}.{}", part.path(), format.extension());
    let caching = match open(visit, &catalog, &feed).await? {
        Access::Open(Some(category)) if category.token.is_some() => Caching::Private,
        Access::Moved(category) => return moved_to(visit, category, &rest),
        // What an archive holds changes seldom, and not with the next poll.
        Access::Open(_) if part != FeedPart::Head => Caching::Public(freshness::LONGEST),
        Access::Open(_) => visit.caching(&feed).await,
    };
    send(visit, Key { feed, part, format }, &catalog, caching).await
}

/// The head of a feed as it is remembered, if all that the answer takes is at hand: nothing is read, rendered or waited for, and nothing
/// can go wrong that the log should hear of.
pub fn at_hand(visit: &Visit, key: &Key) -> Option<Response> {
    let is_simple = key.part == FeedPart::Head && !matches!(key.feed, FeedId::Tag(_));
    if !is_simple || delta::is_wanted(&visit.headers) {
        return None;
    }
    let (app, publisher) = (&visit.app, &visit.app.publisher);
    let stamp = Stamp::of(app.store.version(&key.feed).ok()?, &visit.config);
    let head = publisher.known(key, stamp)?;
    let catalog = app.catalogs.known(&visit.config, &app.store)?;
    let category = match &key.feed {
        FeedId::All | FeedId::Tag(_) => None,
        // Who may not see it goes the way of whoever asks for what there is not, and it takes as long.
        FeedId::Category(slug) => Some(catalog.here(slug, &visit.credentials)?),
        FeedId::Source(id) => known_source(visit, &catalog, id).map(|_| None).ok()?,
    };
    let caching = match category {
        Some(category) if category.token.is_some() => Caching::Private,
        _ => Caching::Public(app.freshness.known(&visit.config, &key.feed, visit.now)?),
    };
    let mut sending = sending(visit, key, caching);
    let unchanged = conditional::is_conditional(&visit.headers).then(|| sending.unchanged(&head));
    let response = match unchanged.flatten() {
        Some(unchanged) => unchanged,
        None => {
            let rendered = publisher.held(key, stamp)?;
            sending.manner.links = links(visit, key, caching);
            sending.ready(&rendered)?.ok()?
        }
    };
    publisher.found();
    Some(response)
}

/// Whether a visitor may see a feed.
pub enum Access<'c> {
    /// Yes; the category, if it is one's feed.
    Open(Option<&'c Category>),
    /// It is that of this category under an old name.
    Moved(&'c Category),
}

/// Looks a feed up for a visitor: what he may not see does not exist.
pub async fn open<'c>(visit: &Visit, catalog: &'c Catalog, feed: &FeedId) -> Result<Access<'c>, Problem> {
    match feed {
        FeedId::Category(slug) => match catalog.find(slug, &visit.credentials) {
            Found::Here(category) => Ok(Access::Open(Some(category))),
            Found::Moved(category) => Ok(Access::Moved(category)),
            Found::Nowhere(near) => Err(visit.nowhere(near)),
        },
        FeedId::Source(id) => known_source(visit, catalog, id).map(|_| Access::Open(None)),
        FeedId::Tag(tag) => {
            let shown = visit.config.publish.tags.allows(tag)
                && visit.app.store.is_known(feed, view::sight(catalog.all(), feed)).await?;
            if shown { Ok(Access::Open(None)) } else { Err(Problem::Missing(Vec::new())) }
        }
        FeedId::All => Ok(Access::Open(None)),
    }
}

async fn send(visit: &Visit, key: Key, catalog: &Catalog, caching: Caching) -> Result<Response, Problem> {
    let (publisher, sources) = (&visit.app.publisher, visit.sources());
    let mut sending = sending(visit, &key, caching);
    if conditional::is_conditional(&visit.headers)
        && let Some(head) = publisher.head(&sources, &key).await?
        && let Some(unchanged) = sending.unchanged(&head)
    {
        publisher.found();
        return Ok(unchanged);
    }
    let Some(rendered) = publisher.document(&sources, &key, catalog.all()).await? else {
        return Err(absent(visit, &key).await?);
    };
    sending.manner.links = links(visit, &key, caching);
    let whole = sending.feed(&key, &rendered).await?;
    if key.part == FeedPart::Head && delta::is_wanted(&visit.headers) {
        return Ok(delta::instead(visit, &key, catalog.all(), whole, rendered.head.stamp).await?);
    }
    Ok(whole)
}

fn sending<'v>(visit: &'v Visit, key: &Key, caching: Caching) -> Sending<'v> {
    let manner = Manner { content_type: key.format.content_type(), caching, guise: Guise::Feed, links: None };
    Sending { publisher: &visit.app.publisher, request: &visit.headers, now: visit.now, manner }
}

fn links(visit: &Visit, key: &Key, caching: Caching) -> Option<HeaderValue> {
    let private = matches!(caching, Caching::Private);
    let token = if private { visit.credentials.query() } else { String::new() };
    links::of(&visit.config, key, &token, &websub::hubs_named(&visit.config, &key.feed, private))
}

/// Why there is no such archive.
async fn absent(visit: &Visit, key: &Key) -> Result<Problem, Problem> {
    let first = visit.app.store.archives(&key.feed).await?.map(|(first, _)| first);
    Ok(match key.part {
        FeedPart::Archive(number) if first.is_some_and(|first| number < first) => Problem::Gone,
        FeedPart::Archive(_) | FeedPart::Head => Problem::Missing(Vec::new()),
    })
}

/// What an archive holds of what may be seen.
pub async fn archived(visit: &Visit, feed: &FeedId, number: u64, catalog: &Catalog) -> Result<Listing, Problem> {
    match visit.app.store.archive(feed, number, view::sight(catalog.all(), feed)).await? {
        Archive::Full(listing) => Ok(listing),
        Archive::Cut => Err(Problem::Gone),
        Archive::Missing => Err(Problem::Missing(Vec::new())),
    }
}

/// To the category's page or feed under its present slug.
pub fn moved(visit: &Visit, category: &Category, extension: &str) -> Result<Response, Problem> {
    moved_to(visit, category, &format!(".{extension}"))
}

/// The same of one of its other documents: `rest` follows the slug.
pub fn moved_to(visit: &Visit, category: &Category, rest: &str) -> Result<Response, Problem> {
    let (caching, key) = match category.token {
        Some(_) => (Caching::Private, visit.credentials.query()),
        None => (Caching::Day, String::new()),
    };
    document::moved(&format!("{}/category/{}{rest}{key}", base(visit), category.slug), caching)
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
    let all = Key::head(FeedId::All, Format::Atom);
    let all = visit.app.publisher.document(&visit.sources(), &all, catalog.all()).await?;
    let head = OpmlHead {
        title: site.title.clone(),
        owner: contact.unwrap_or_else(|| format!("{}/about.html", base(visit))),
        modified: all.and_then(|all| all.head.last_modified),
    };
    let bytes = format::opml(&head, &groups)?;
    visit.send(Document::file(bytes, "text/x-opml; charset=utf-8", visit.caching(&FeedId::All).await)).await
}

/// The site's address without a slash at its end.
pub fn base(visit: &Visit) -> &str {
    visit.config.site.url.as_str().trim_end_matches('/')
}
