//! Addresses outside of HTML: only absolute http(s) ones survive, so that no output can hold a live `javascript:`.

use super::html::without_tracking;
use crate::model::{Element, Enclosure, Link, Person, UpstreamSource};
use url::Url;

/// The address if it is an absolute http(s) URL, as it was written but for white space around it.
pub fn web(address: Option<String>) -> Option<String> {
    let address = address?;
    let trimmed = address.trim();
    let url = Url::parse(trimmed).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // What a URL parser skips (tabs, line breaks, backslashes) is written out as it was understood.
    let plain = trimmed.contains("://")
        && !trimmed.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"'));
    Some(if plain { trimmed.to_owned() } else { url.into() })
}

/// The same for the page that a reader is led to, without parameters that only follow readers.
pub fn page(address: Option<String>) -> Option<String> {
    web(address).map(|address| without_tracking(&address).into_owned())
}

/// Other links.
pub fn links(links: Vec<Link>) -> Vec<Link> {
    links.into_iter().filter_map(|link| Some(Link { href: web(Some(link.href))?, ..link })).collect()
}

/// Attached files.
pub fn enclosures(enclosures: Vec<Enclosure>) -> Vec<Enclosure> {
    enclosures.into_iter().filter_map(|file| Some(Enclosure { url: web(Some(file.url))?, ..file })).collect()
}

/// People, without addresses that are no web pages.
pub fn people(people: Vec<Person>) -> Vec<Person> {
    people.into_iter().map(|person| Person { uri: web(person.uri), ..person }).collect()
}

/// The source above ours: kept as it was, but for addresses that could be run.
pub fn upstream(source: UpstreamSource) -> UpstreamSource {
    UpstreamSource { feed_url: web(source.feed_url), home: web(source.home), authors: people(source.authors), ..source }
}

/// Elements passed through, without attributes that hold an address of a scheme that runs.
pub fn extensions(elements: Vec<Element>) -> Vec<Element> {
    elements.into_iter().map(extension).collect()
}

fn extension(element: Element) -> Element {
    let address = |name: &str| matches!(name, "url" | "href" | "src" | "resource" | "rss");
    let good = |(name, value): &(String, String)| !address(name) || web(Some(value.clone())).is_some();
    Element {
        attributes: element.attributes.into_iter().filter(good).collect(),
        // Nesting is bounded by `parse`.
        children: extensions(element.children),
        ..element
    }
}
