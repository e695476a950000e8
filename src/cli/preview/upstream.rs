//! The upstream feed around its entries, as it describes itself, made safe; nothing that only a preview made up.

use crate::{
    enrich,
    model::{FeedId, FeedInfo, Link, Source, Time},
    view::{Address, FeedView, ItemView},
};
use url::Url;

/// Host of a site and a source that are not there (RFC 6761 §6.4).
pub(super) const NOWHERE: &str = "preview.invalid";
/// Atom wants an id (RFC 4287 §4.2.6), and a document from a file may say nowhere where it lives.
const NAMELESS: &str = "urn:syndic:preview";

/// What a document says about itself, around `items`. `base` is where it came from, if that is known.
pub(super) fn view(
    source: &Source,
    feed: &FeedInfo,
    items: Vec<ItemView>,
    base: &Option<String>,
    now: Time,
) -> FeedView {
    let (published, updated) = enrich::feed_dates(source, feed, now);
    let newest = items.iter().map(|item| item.updated).max();
    let said = enrich::about(feed);
    let address = said.self_url.clone().or_else(|| base.clone());
    let items = items.into_iter().map(|item| grounded(item, &said)).collect();
    FeedView {
        id: FeedId::Source(source.id.clone()),
        atom_id: said.id.clone().or_else(|| address.clone()).unwrap_or_else(|| NAMELESS.to_owned()),
        address: Address::Theirs(address),
        links: links(&said),
        title: said.title.unwrap_or_default(),
        description: said.subtitle.unwrap_or_default(),
        home: said.home.unwrap_or_default(),
        language: said.language.unwrap_or_default(),
        rights: said.rights,
        authors: said.authors,
        contributors: said.contributors,
        tags: said.tags,
        // An icon alone is better than no picture.
        image: said.logo.or_else(|| said.icon.clone()).map(|url| (url, said.caption)),
        icon: said.icon,
        generator: (said.generator.unwrap_or_default(), said.generator_uri),
        published,
        updated: updated.or(newest),
        wishes: said.wishes,
        rare: said.rare,
        extensions: said.extensions,
        items,
        deleted: Vec::new(),
        paging: Default::default(),
    }
}

/// Hubs and licences, then whatever else is linked.
fn links(said: &FeedInfo) -> Vec<Link> {
    let of = |rel: &str, url: &String| Link { href: url.clone(), rel: rel.to_owned(), ..Link::default() };
    let hubs = said.hubs.iter().map(|url| of("hub", url));
    let licences = said.licences.iter().map(|url| of("license", url));
    hubs.chain(licences).chain(said.links.iter().cloned()).collect()
}

/// Without pages and addresses below a site that is not there: what the document says stands instead.
fn grounded(mut item: ItemView, said: &FeedInfo) -> ItemView {
    if is_nowhere(&item.page) {
        item.link = item.original.clone().unwrap_or_default();
        item.page = String::new();
    }
    let of = &mut item.source;
    of.feed_url = of.feed_url.take().filter(|url| !is_nowhere(url)).or_else(|| said.self_url.clone());
    if is_nowhere(&of.id) {
        let known = [&said.id, &of.feed_url, &said.home].into_iter().flatten().next();
        of.id = known.cloned().unwrap_or_else(|| NAMELESS.to_owned());
    }
    if of.title == NOWHERE {
        of.title.clear();
    }
    item
}

fn is_nowhere(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.host_str() == Some(NOWHERE))
}

#[cfg(test)]
mod tests;
