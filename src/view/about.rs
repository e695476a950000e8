//! What a feed says of itself: its names, its links, and what it repeats of its source.

use super::ItemView;
use crate::{
    config::{Category, Config},
    model::{FeedId, Link, SourceRef},
    websub::hubs_named,
};

/// Title and description.
pub(super) fn names(
    config: &Config,
    feed: &FeedId,
    category: Option<&Category>,
    about: Option<&SourceRef>,
    items: &[ItemView],
) -> (String, String) {
    let site = &config.site;
    match feed {
        FeedId::All => (site.title.clone(), site.description.clone()),
        FeedId::Tag(tag) => {
            let shown = items.iter().find_map(|item| tag.shown_in(&item.tags)).unwrap_or(tag.as_str());
            (shown.to_owned(), format!("{shown} | {}", site.title))
        }
        FeedId::Category(slug) => {
            let category = category.or_else(|| config.category(slug));
            let title = category.map_or_else(|| slug.to_string(), |category| category.title.clone());
            let sentence = category.and_then(|category| category.description.clone());
            let sentence = sentence.unwrap_or_else(|| format!("{title} | {}", site.title));
            (title, sentence)
        }
        FeedId::Source(id) => {
            let set = config.source(id).and_then(|source| source.title.clone());
            let title = set.or_else(|| about.map(|of| of.title.clone())).unwrap_or_else(|| id.to_string());
            let said = about.and_then(|of| of.subtitle.clone());
            let sentence = said.unwrap_or_else(|| format!("{title} | {}", site.title));
            (title, sentence)
        }
    }
}

/// What a source's feed repeats of what the source says about itself: as it stood with the newest entry shown.
pub(super) fn source<'a>(feed: &FeedId, items: &'a [ItemView]) -> Option<&'a SourceRef> {
    let FeedId::Source(id) = feed else { return None };
    items.iter().map(|item| &item.source).find(|of| of.source.as_ref() == Some(id))
}

/// The source's own feed, the licence its texts are under, and the hubs that push this one.
pub(super) fn links(config: &Config, feed: &FeedId, source: Option<String>, private: bool) -> Vec<Link> {
    let link = |rel: &str, href: String| Link { href, rel: rel.to_owned(), ..Link::default() };
    let licence = match feed {
        FeedId::Source(id) => config.source(id).and_then(|source| source.license.clone()),
        FeedId::All | FeedId::Category(_) | FeedId::Tag(_) => None,
    };
    let via = source.map(|href| link("via", href));
    let hubs = hubs_named(config, feed, private).into_iter().map(|hub| link("hub", hub));
    via.into_iter().chain(licence.map(|href| link("license", href))).chain(hubs).collect()
}
