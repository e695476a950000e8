//! Our source's reference to itself, as it goes with each edition (RFC 4287 §4.2.11, domain §5).

use super::{dates, html, safe, text};
use crate::{
    config::Site,
    model::{FeedInfo, Source, SourceKind, SourceRef, Text, TextKind, Time},
};

/// The feed's own reference to itself, with the operator's settings over it.
pub fn source_ref(site: &Site, source: &Source, feed: &FeedInfo, now: Time) -> SourceRef {
    let home = safe::web(source.homepage.clone()).or_else(|| safe::web(feed.home.clone()));
    let shown_url = source.url().filter(|_| source.publish_url).map(|url| url.to_string());
    let title =
        source.title.clone().or_else(|| feed.title.as_ref().map(plain)).filter(|title| !title.trim().is_empty());
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    // With a secret address the document's own id is a risk too, as many feeds take their address for it.
    let own_id =
        feed.id.clone().filter(|id| !id.trim().is_empty()).filter(|id| source.publish_url || !id.contains("://"));
    let page = || format!("{}/source/{}.html", site.url.as_str().trim_end_matches('/'), source.id);
    SourceRef {
        source: Some(source.id.clone()),
        title: title.unwrap_or_else(|| name_of(source)),
        id: own_id.or_else(|| shown_url.clone()).or_else(|| home.clone()).unwrap_or_else(page),
        feed_url: shown_url.filter(|_| matches!(source.kind, SourceKind::Feed(_))),
        home,
        icon: safe::web(feed.icon.clone()).or_else(|| safe::web(feed.logo.clone())),
        rights: source
            .rights
            .clone()
            .or_else(|| feed.rights.as_ref().map(plain))
            .filter(|rights| !rights.trim().is_empty()),
        language: source.language.clone().or_else(|| feed.language.clone()),
        updated: feed.updated.as_ref().and_then(|raw| dates::read(&raw.0, &around).ok()),
        authors: safe::people(feed.authors.clone()),
    }
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
