//! Where an entry came from, as it may be shown now. An address that is secret now is not shown, whatever was stored.

use super::{page_of, site_path};
use crate::{
    config::Config,
    model::{Entry, FeedId, Link, Source, SourceRef, UpstreamSource},
};
use url::Url;

/// The reference kept with the edition, with what the operator says today over it.
pub(super) fn source_ref(config: &Config, entry: &Entry) -> SourceRef {
    let mut of = entry.edition.attribution.source.clone();
    let id = of.source.clone().unwrap_or_else(|| entry.owner.clone());
    if let Some(source) = config.source(&id) {
        apply_settings(&mut of, source);
    }
    let page = page_of(config, &FeedId::Source(id.clone()));
    if of.title.trim().is_empty() {
        of.title = of.home.clone().unwrap_or_else(|| id.to_string());
    }
    if of.id.trim().is_empty() {
        of.id = [&of.feed_url, &of.home].into_iter().flatten().next().cloned().unwrap_or(page);
    } else if Url::parse(&of.id).is_err() {
        // atom:id is an IRI (RFC 4287 §4.2.6).
        of.id = of.feed_url.clone().unwrap_or_else(|| site_path(config, &FeedId::Source(id.clone()).path()));
    }
    of.source = Some(id);
    of
}

fn apply_settings(of: &mut SourceRef, source: &Source) {
    let set = |value: &mut Option<String>, by: &Option<String>| {
        if by.is_some() {
            value.clone_from(by);
        }
    };
    set(&mut of.home, &source.homepage);
    set(&mut of.rights, &source.rights);
    set(&mut of.language, &source.language);
    if let Some(title) = &source.title {
        of.title.clone_from(title);
    }
    if is_open(source) {
        let feed = source.url().filter(|_| source.recipe.is_none()).map(Url::to_string);
        of.feed_url = of.feed_url.take().or(feed);
    } else {
        hide_address(of, source);
    }
}

fn is_open(source: &Source) -> bool {
    let bare = |url: &Url| url.username().is_empty() && url.password().is_none();
    source.publish_url && source.url().is_none_or(bare)
}

/// Takes the address out of every field that may repeat it: many feeds use it as their id.
fn hide_address(of: &mut SourceRef, source: &Source) {
    let mut secret: Vec<Url> = of.feed_url.take().iter().filter_map(|url| Url::parse(url).ok()).collect();
    secret.extend(source.url().cloned());
    let is_secret = |text: &str| Url::parse(text).is_ok_and(|url| secret.iter().any(|hidden| same_place(hidden, &url)));
    of.home = of.home.take().filter(|home| !is_secret(home));
    of.icon = of.icon.take().filter(|icon| !is_secret(icon));
    of.logo = of.logo.take().filter(|logo| !is_secret(logo));
    if is_secret(&of.id) {
        of.id = of.home.clone().unwrap_or_default();
    }
}

/// The source element above ours, unless it is our own source naming itself by an address that must not show.
pub(super) fn upstream(config: &Config, entry: &Entry) -> Option<UpstreamSource> {
    let above = entry.edition.attribution.upstream.clone()?;
    let source = config.source(&entry.owner).filter(|source| !is_open(source));
    let Some(secret) = source.and_then(|source| source.url()) else { return Some(above) };
    let tells = |text: &Option<String>| {
        text.as_deref().and_then(|text| Url::parse(text).ok()).is_some_and(|url| same_place(secret, &url))
    };
    let links = above.links.iter().any(|link| tells(&Some(link.href.clone())));
    let told = tells(&above.id) || tells(&above.feed_url) || tells(&above.home) || links;
    (!told).then_some(above)
}

/// Links of an entry, without the address of a source whose address must not show.
pub(super) fn links(config: &Config, entry: &Entry) -> Vec<Link> {
    let source = config.source(&entry.owner).filter(|source| !is_open(source));
    let secret = source.and_then(|source| source.url());
    let tells =
        |link: &&Link| secret.is_some_and(|secret| Url::parse(&link.href).is_ok_and(|url| same_place(secret, &url)));
    let mut links: Vec<Link> = entry.edition.links.iter().filter(|link| !tells(link)).cloned().collect();
    // RFC 4946: the publisher's own word on an entry stands before the operator's on its source.
    let licence = config.source(&entry.owner).and_then(|source| source.license.clone());
    if let Some(href) = licence.filter(|_| links.iter().all(|link| link.rel != "license")) {
        links.push(Link { href, rel: "license".to_owned(), ..Link::default() });
    }
    links
}

/// Host and path decide: scheme, user and fragment are where one secret address has several spellings. A home page that
/// differs from `/?feed=rss2&key=…` only by having no query gives nothing away.
fn same_place(hidden: &Url, shown: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let gives_away = shown.query().is_some() || hidden.query().is_none();
    hidden.host_str() == shown.host_str() && path(hidden) == path(shown) && gives_away
}
