//! The feed an entry says it was copied from: atom:source (RFC 4287 §4.2.11) and RSS `<source>`.

use super::{
    persons, shared, text, urls,
    xml::{Id, Ns, Tree},
};
use crate::model::UpstreamSource;

/// atom:source, all of it that we carry on.
pub fn atom(tree: &Tree, id: Id) -> UpstreamSource {
    let mut source = UpstreamSource::default();
    for child in tree.elements(id) {
        match tree.name(child).1 {
            "title" => source.title = text::line(tree, child).map(|title| title.value),
            "id" => source.id = text::words(tree, child),
            "updated" | "modified" => source.updated = shared::date(tree, child),
            "rights" | "copyright" => source.rights = text::line(tree, child).map(|rights| rights.value),
            "author" => persons::add(&mut source.authors, persons::read(tree, child)),
            "link" => {
                let Some(link) = shared::link(tree, child) else { continue };
                match link.rel.as_str() {
                    "self" => source.feed_url = Some(link.href),
                    "alternate" if source.home.is_none() => source.home = Some(link.href),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    source
}

/// RSS `<source url>title</source>`.
pub fn rss(tree: &Tree, id: Id) -> Option<UpstreamSource> {
    if tree.child(id, Ns::Atom, "title").is_some() || tree.child(id, Ns::Rss, "title").is_some() {
        return Some(atom(tree, id));
    }
    let feed_url = tree.attribute(id, "url").and_then(|url| urls::page(tree.base(id), &url));
    let title = text::words(tree, id);
    (feed_url.is_some() || title.is_some()).then(|| UpstreamSource { title, feed_url, ..UpstreamSource::default() })
}
