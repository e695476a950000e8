//! Who is named where: what RSS, Atom and JSON Feed must say alike about an item's makers and origin.

use super::chars::{href, line, some_line};
use crate::{
    model::{Person, SourceRef, UpstreamSource},
    view::ItemView,
};

/// The authors, then each byline that names nobody among them yet. Never us. Names are clean and not empty.
pub(super) fn creators(item: &ItemView) -> Vec<Person> {
    let mut creators = people(&item.authors);
    for byline in item.byline.iter().filter_map(|run| some_line(run)) {
        // `记者 张三` says no more than the author 张三.
        let named = creators
            .iter()
            .any(|person| byline.contains(&person.name) || person.name.contains(&byline));
        if !named {
            creators.push(Person {
                name: byline,
                email: None,
                uri: None,
            });
        }
    }
    creators
}

/// People with clean, non-empty names (RFC 4287 §3.2.1: exactly one name); an address stands in for a missing one.
pub(super) fn people(people: &[Person]) -> Vec<Person> {
    people.iter().filter_map(person).collect()
}

fn person(of: &Person) -> Option<Person> {
    // RFC 4287 §3.2.3: an addr-spec; anything else is no address.
    let email = of
        .email
        .as_deref()
        .map(line)
        .filter(|email| is_addr_spec(email));
    let uri = of.uri.as_deref().and_then(href);
    let name = some_line(&of.name)
        .or_else(|| email.clone())
        .or_else(|| uri.clone())?;
    Some(Person { name, email, uri })
}

fn is_addr_spec(email: &str) -> bool {
    let bare = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '@' | ','))
    };
    email
        .split_once('@')
        .is_some_and(|(user, host)| bare(user) && bare(host))
}

/// The feed an item is said to come from.
pub(super) enum Origin<'a> {
    /// The element that stood above our source: kept, never replaced by ours (RFC 4287 §4.2.11).
    Upstream(&'a UpstreamSource),
    /// Our source.
    Ours(&'a SourceRef),
}

/// The upstream's own source element if it leads anywhere, else our source.
pub(super) fn origin(item: &ItemView) -> Origin<'_> {
    match &item.upstream {
        Some(upstream) if upstream_address(upstream).is_some() => Origin::Upstream(upstream),
        _ => Origin::Ours(&item.source),
    }
}

/// Address of an upstream source: its feed, its id where that is an address, its home page.
pub(super) fn upstream_address(upstream: &UpstreamSource) -> Option<String> {
    [&upstream.feed_url, &upstream.id, &upstream.home]
        .into_iter()
        .flatten()
        .find_map(|url| href(url))
}

/// Address of our source: its feed, or its home page where the feed's must not be shown.
pub(super) fn source_address(source: &SourceRef) -> Option<String> {
    [&source.feed_url, &source.home]
        .into_iter()
        .flatten()
        .find_map(|url| href(url))
}

/// The dc:source values: the publisher named in the text, what upstream said, and whoever the source element leaves out.
pub(super) fn dc_sources(item: &ItemView) -> Vec<String> {
    let ours = || Some(item.source.title.as_str());
    let left_out = match origin(item) {
        Origin::Upstream(_) => ours(),
        Origin::Ours(source) => item
            .upstream
            .as_ref()
            .and_then(|of| of.title.as_deref())
            .or_else(|| source_address(source).is_none().then(ours).flatten()),
    };
    let mut sources: Vec<String> = Vec::new();
    for source in [
        item.publisher.as_deref(),
        item.dc_source.as_deref(),
        left_out,
    ]
    .into_iter()
    .flatten()
    .filter_map(some_line)
    {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}
