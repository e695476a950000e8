//! Who is named where: what RSS, Atom and JSON Feed must say alike about an item's makers and origin.

use super::{
    chars::{href, line, plain_line, some_line},
    vocabulary::Passed,
};
use crate::{
    model::{Person, SourceRef, UpstreamSource},
    view::ItemView,
};

/// The authors, then each byline that names nobody among them yet. Never us. Names are clean and not empty.
pub(super) fn creators(item: &ItemView) -> Vec<Person> {
    let mut creators = people(&item.authors);
    for byline in item.byline.iter().filter_map(|run| some_line(run)) {
        // `记者 张三` says no more than the author 张三.
        let named = creators.iter().any(|person| byline.contains(&person.name) || person.name.contains(&byline));
        if !named {
            creators.push(Person { name: byline, ..Person::default() });
        }
    }
    creators
}

/// The same for formats whose source element has no place for people: an entry without an author has that of the feed it
/// comes from (RFC 4287 §4.2.1, JSON Feed 1.1 `authors`). Whoever only handed it on is none.
pub(super) fn makers(item: &ItemView) -> Vec<Person> {
    let creators = creators(item);
    if !creators.is_empty() {
        return creators;
    }
    match &item.upstream {
        Some(above) => people(&above.authors),
        None => people(&item.source.authors),
    }
}

/// People with clean, non-empty names (RFC 4287 §3.2.1: exactly one name); an address stands in for a missing one.
pub(super) fn people(people: &[Person]) -> Vec<Person> {
    people.iter().filter_map(person).collect()
}

fn person(of: &Person) -> Option<Person> {
    // RFC 4287 §3.2.3: an addr-spec; anything else is no address.
    let email = of.email.as_deref().map(line).filter(|email| is_addr_spec(email));
    let uri = of.uri.as_deref().and_then(href);
    let name = some_line(&of.name).or_else(|| email.clone()).or_else(|| uri.clone())?;
    Some(Person { name, email, uri, avatar: of.avatar.as_deref().and_then(href) })
}

/// A person as an element of Atom, where the format's own words hold a name only.
pub(super) fn element(local: &str, who: Person) -> Passed {
    let part = |local: &str, value: Option<String>| value.map(|value| Passed::flat("atom", local, Some(value), vec![]));
    let parts = [part("name", Some(who.name)), part("uri", who.uri), part("email", who.email)];
    Passed::around("atom", local, parts.into_iter().flatten().collect())
}

fn is_addr_spec(email: &str) -> bool {
    let bare = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '@' | ','))
    };
    email.split_once('@').is_some_and(|(user, host)| bare(user) && bare(host))
}

/// The feed an item is said to come from.
pub(super) enum Origin<'a> {
    /// The element that stood above our source: kept, never replaced by ours (RFC 4287 §4.2.11).
    Upstream(&'a UpstreamSource),
    /// Our source.
    Ours(&'a SourceRef),
}

/// The upstream's own source element if it says anything, else our source.
pub(super) fn origin(item: &ItemView) -> Origin<'_> {
    match &item.upstream {
        Some(upstream) if upstream_address(upstream).is_some() || upstream_title(upstream).is_some() => {
            Origin::Upstream(upstream)
        }
        _ => Origin::Ours(&item.source),
    }
}

/// Address of an upstream source: its feed, its id where that is an address, its home page.
pub(super) fn upstream_address(upstream: &UpstreamSource) -> Option<String> {
    [&upstream.feed_url, &upstream.id, &upstream.home].into_iter().flatten().find_map(|url| href(url))
}

/// Title of an upstream source, as characters.
pub(super) fn upstream_title(upstream: &UpstreamSource) -> Option<String> {
    upstream.title.as_ref().and_then(plain_line)
}

/// Address of our source: its feed, or its home page where the feed's must not be shown.
pub(super) fn source_address(source: &SourceRef) -> Option<String> {
    [&source.feed_url, &source.home].into_iter().flatten().find_map(|url| href(url))
}

/// Whom the source element leaves out, in the words of Dublin Core.
pub(super) struct Chain {
    /// dc:source, of which there is one: the publisher that the text names, else whom upstream names, else whoever stands above us.
    pub(super) source: Option<String>,
    /// dc:publisher: whoever else made it available, on its way to us.
    pub(super) publishers: Vec<String>,
}

/// The chain of an item.
pub(super) fn chain(item: &ItemView) -> Chain {
    let above = match origin(item) {
        // RSS names no source without an address.
        Origin::Upstream(of) => upstream_title(of).filter(|_| upstream_address(of).is_none()),
        Origin::Ours(_) => None,
    };
    let ours = Some(item.source.title.as_str())
        .filter(|_| matches!(origin(item), Origin::Upstream(_)) || source_address(&item.source).is_none());
    let mut named: Vec<String> = Vec::new();
    for name in [item.publisher.as_deref(), item.dc_source.as_deref(), above.as_deref(), ours]
        .into_iter()
        .flatten()
        .filter_map(some_line)
    {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let mut named = named.into_iter();
    Chain { source: named.next(), publishers: named.collect() }
}
