//! What our source says about itself, made safe: whole for a preview, and as the reference that goes with each edition
//! (RFC 4287 §4.2.11, domain §5).

use super::{dates, html, safe, text};
use crate::{
    config::Site,
    model::{Caption, Element, FeedInfo, Rare, Source, SourceKind, SourceRef, Text, TextInput, TextKind, Time},
    policy,
};

/// Categories of a source that go with each of its entries.
const MAX_TAGS: usize = 20;

/// What of a podcast's own description is as true of a copy of the feed as of the original. Not: where it moved, that it
/// is locked or blocked, who owns it.
const OF_A_COPY: [(&str, &[&str]); 2] = [
    ("http://www.itunes.com/dtds/podcast-1.0.dtd", &["author", "category", "explicit", "image", "type"]),
    ("https://podcastindex.org/namespace/1.0", &["funding", "license", "location", "medium", "person"]),
];

/// Everything a document says about itself, fit to be shown: HTML sanitised, its references absolute; no address that runs.
pub fn about(feed: &FeedInfo) -> FeedInfo {
    let shown = |text: &Option<Text>| text.as_ref().map(|text| super::body(text, None)).filter(|text| !text.is_blank());
    let addresses = |of: &[String]| of.iter().filter_map(|url| safe::web(Some(url.clone()))).collect();
    let feed = feed.clone();
    FeedInfo {
        title: shown(&feed.title),
        subtitle: shown(&feed.subtitle),
        rights: shown(&feed.rights),
        home: safe::web(feed.home),
        self_url: safe::web(feed.self_url),
        hubs: addresses(&feed.hubs),
        licences: addresses(&feed.licences),
        links: safe::links(feed.links),
        authors: safe::people(feed.authors),
        contributors: safe::people(feed.contributors),
        generator_uri: safe::web(feed.generator_uri),
        icon: safe::web(feed.icon),
        logo: safe::web(feed.logo),
        caption: Caption { link: safe::web(feed.caption.link), ..feed.caption },
        rare: Rare {
            docs: safe::web(feed.rare.docs),
            text_input: feed
                .rare
                .text_input
                .and_then(|input| Some(TextInput { link: safe::web(Some(input.link))?, ..input })),
            ..feed.rare
        },
        extensions: safe::extensions(feed.extensions),
        ..feed
    }
}

/// When the feed says it was published, and when it changed.
pub fn feed_dates(source: &Source, feed: &FeedInfo, now: Time) -> (Option<Time>, Option<Time>) {
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let read = |raw: &Option<crate::model::RawDate>| dates::read(&raw.as_ref()?.0, &around).ok();
    (read(&feed.published), read(&feed.updated))
}

/// The feed's own reference to itself, with the operator's settings over it.
pub fn source_ref(site: &Site, source: &Source, feed: &FeedInfo, now: Time) -> SourceRef {
    let home = safe::web(source.homepage.clone()).or_else(|| safe::web(feed.home.clone()));
    let shown_url = source.url().filter(|_| source.publish_url).map(|url| url.to_string());
    let title =
        source.title.clone().or_else(|| feed.title.as_ref().map(plain)).filter(|title| !title.trim().is_empty());
    let (_, updated) = feed_dates(source, feed, now);
    let subtitle = feed.subtitle.as_ref().map(|text| policy::excerpt(&super::body(text, None)).text);
    // With a secret address the document's own id is a risk too, as many feeds take their address for it.
    let own_id =
        feed.id.clone().filter(|id| !id.trim().is_empty()).filter(|id| source.publish_url || !id.contains("://"));
    let page = || format!("{}/source/{}.html", site.url.as_str().trim_end_matches('/'), source.id);
    SourceRef {
        source: Some(source.id.clone()),
        title: title.unwrap_or_else(|| name_of(source)),
        id: own_id.or_else(|| shown_url.clone()).or_else(|| home.clone()).unwrap_or_else(page),
        // What a recipe reads is no feed that anybody else could follow.
        feed_url: shown_url.filter(|_| matches!(source.kind, SourceKind::Feed(_)) && source.recipe.is_none()),
        home,
        icon: safe::web(feed.icon.clone()),
        logo: safe::web(feed.logo.clone()),
        subtitle: subtitle.filter(|subtitle| !subtitle.trim().is_empty()),
        rights: source
            .rights
            .clone()
            .or_else(|| feed.rights.as_ref().map(plain))
            .filter(|rights| !rights.trim().is_empty()),
        language: source.language.clone().or_else(|| feed.language.clone()),
        updated,
        authors: safe::people(feed.authors.clone()),
        contributors: safe::people(feed.contributors.clone()),
        tags: feed.tags.iter().take(MAX_TAGS).cloned().collect(),
        extensions: safe::extensions(feed.extensions.iter().filter(is_of_a_copy).cloned().collect()),
    }
}

fn is_of_a_copy(element: &&Element) -> bool {
    OF_A_COPY.iter().any(|(namespace, names)| *namespace == element.namespace && names.contains(&element.name.as_str()))
}

/// A source without any title goes by its host, or by its id.
fn name_of(source: &Source) -> String {
    source.url().and_then(|url| url.host_str()).map_or_else(|| source.id.to_string(), str::to_owned)
}

/// A text as characters.
fn plain(from: &Text) -> String {
    match from.kind {
        TextKind::Plain => from.value.trim().to_owned(),
        TextKind::Html => text::lines(&html::sanitise_inline(from)).join(" "),
    }
}
