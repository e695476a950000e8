//! The feed an entry says it was copied from: atom:source (RFC 4287 §4.2.11) and RSS `<source>`.

use super::{
    info, persons, shared, text, urls,
    xml::{Id, Ns, Tree},
};
use crate::model::{Text, UpstreamSource};

/// atom:source, all of it.
pub fn atom(tree: &Tree, id: Id) -> UpstreamSource {
    let mut source = UpstreamSource::default();
    for child in tree.elements(id) {
        match tree.name(child).1 {
            "title" => source.title = text::line(tree, child),
            "subtitle" | "tagline" => source.subtitle = text::line(tree, child),
            "id" => source.id = text::words(tree, child),
            "updated" | "modified" => source.updated = shared::date(tree, child),
            "rights" | "copyright" => source.rights = text::line(tree, child),
            "author" => persons::add(&mut source.authors, persons::read(tree, child)),
            "contributor" => persons::add(&mut source.contributors, persons::read(tree, child)),
            "category" => shared::tags(tree, child, &mut source.tags),
            "generator" => source.generator = info::generator(tree, child),
            "icon" => source.icon = shared::address(tree, child),
            "logo" => source.logo = shared::address(tree, child),
            "link" => link(tree, child, &mut source),
            _ => {}
        }
    }
    source
}

fn link(tree: &Tree, id: Id, source: &mut UpstreamSource) {
    let Some(link) = shared::link(tree, id) else { return };
    match link.rel.as_str() {
        "self" if source.feed_url.is_none() => source.feed_url = Some(link.href),
        "alternate" if source.home.is_none() => source.home = Some(link.href),
        _ => shared::add_link(&mut source.links, link),
    }
}

/// RSS `<source url>title</source>`.
pub fn rss(tree: &Tree, id: Id) -> Option<UpstreamSource> {
    if tree.child(id, Ns::Atom, "title").is_some() || tree.child(id, Ns::Rss, "title").is_some() {
        return Some(atom(tree, id));
    }
    let feed_url = tree.attribute(id, "url").and_then(|url| urls::page(tree.base(id), &url));
    let title = text::words(tree, id).map(Text::plain);
    (feed_url.is_some() || title.is_some()).then(|| UpstreamSource { title, feed_url, ..UpstreamSource::default() })
}
