//! What feeds and entries say in the same elements: links, tags, attached files, dates, licences.

use super::{
    limits, text, urls,
    xml::{Id, Ns, Tree},
};
use crate::model::{Enclosure, Link, RawDate, Tag, Text};

/// A date in the publisher's own characters.
pub fn date(tree: &Tree, id: Id) -> Option<RawDate> {
    let said = text::words(tree, id).or_else(|| tree.attribute(id, "value"))?;
    Some(RawDate(limits::cap(said, 200)))
}

/// A link with attributes (Atom, and everything that imitates it).
pub fn link(tree: &Tree, id: Id) -> Option<Link> {
    // `href=""` is a reference to the base (RFC 3986 §4.4), but only where the document states one.
    let here = || {
        tree.attributes(id).any(|(name, _)| name == "href").then(|| tree.stated_base(id).map(|base| base.to_string()))
    };
    let href = tree.attribute(id, "href").or_else(|| text::words(tree, id)).or_else(|| here().flatten())?;
    let rel = tree.attribute(id, "rel").unwrap_or_else(|| "alternate".to_owned()).to_ascii_lowercase();
    // RFC 4287 §4.2.7.2: a registered relation may be written as its IANA address.
    let rel = rel.trim_start_matches("http://www.iana.org/assignments/relation/").to_owned();
    Some(Link {
        href: urls::file(tree.base(id), &href)?,
        rel,
        media_type: tree.attribute(id, "type"),
        hreflang: tree.attribute(id, "hreflang"),
        title: tree.attribute(id, "title").map(|title| limits::cap(title, limits::LINE)),
        length: number(tree.attribute(id, "length")),
        count: number(tree.attribute(id, "count")),
        updated: tree.attribute(id, "updated").map(|said| limits::cap(said, 200)),
    })
}

/// A page address written as text, or as `href`, `url` or `rdf:resource`.
pub fn address(tree: &Tree, id: Id) -> Option<String> {
    let said =
        text::words(tree, id).or_else(|| ["href", "url", "resource"].iter().find_map(|name| tree.attribute(id, name)));
    urls::page(tree.base(id), &said?)
}

/// How well a link serves as the page of what it belongs to; 0: not at all.
pub fn page_rank(link: &Link) -> u8 {
    let web = |url: &str| url.starts_with("http://") || url.starts_with("https://") || !url.contains(':');
    if link.rel != "alternate" || !web(&link.href) {
        return 0;
    }
    match link.media_type.as_deref() {
        None | Some("text/html" | "application/xhtml+xml") => 7,
        Some(_) => 6,
    }
}

/// Tags of one element: a category of any vocabulary, dc:subject, keywords.
pub fn tags(tree: &Tree, id: Id, into: &mut Vec<Tag>) {
    match tree.name(id) {
        (Ns::Itunes, "category") => nested(tree, id, into, 0),
        (Ns::Itunes | Ns::Media, "keywords") => {
            let said = tree.text(id).into_owned();
            said.split([',', '，', ';', '；'])
                .for_each(|term| add_tag(into, Tag { term: term.trim().to_owned(), ..Tag::default() }));
        }
        _ => {
            let said = text::words(tree, id);
            let label = tree.attribute(id, "label");
            let term = tree.attribute(id, "term").or(said).or_else(|| label.clone());
            let scheme = tree.attribute(id, "scheme").or_else(|| tree.attribute(id, "domain"));
            add_tag(into, Tag { term: term.unwrap_or_default(), scheme, label });
        }
    }
}

fn nested(tree: &Tree, id: Id, into: &mut Vec<Tag>, depth: usize) {
    let term = tree.attribute(id, "text").or_else(|| Some(tree.own_text(id).trim().to_owned()));
    add_tag(into, Tag { term: term.unwrap_or_default(), ..Tag::default() });
    if depth < limits::EXTENSION_DEPTH {
        tree.elements(id)
            .filter(|&child| tree.name(child) == (Ns::Itunes, "category"))
            .for_each(|child| nested(tree, child, into, depth + 1));
    }
}

/// Adds a tag that says something new.
pub fn add_tag(into: &mut Vec<Tag>, mut tag: Tag) {
    tag.term = limits::cap(tag.term, limits::LINE);
    // RSS has no word for a label: `<category>` and an atom:category that has one are the same.
    let same = |known: &&mut Tag| {
        known.term == tag.term && known.scheme == tag.scheme && (known.label.is_none() || tag.label.is_none())
    };
    if let Some(known) = into.iter_mut().find(same) {
        known.label = known.label.take().or(tag.label);
        return;
    }
    if !tag.term.is_empty() && into.len() < limits::EACH && !into.contains(&tag) {
        into.push(tag);
    }
}

/// An attached file: RSS enclosure, media:content.
pub fn enclosure(tree: &Tree, id: Id) -> Option<Enclosure> {
    let url = ["url", "href"].iter().find_map(|name| tree.attribute(id, name))?;
    let title = tree.child(id, Ns::Media, "title").and_then(|title| text::words(tree, title));
    Some(Enclosure {
        url: urls::file(tree.base(id), &url)?,
        media_type: tree.attribute(id, "type"),
        length: number(tree.attribute(id, "length").or_else(|| tree.attribute(id, "fileSize"))),
        title,
        duration: number(tree.attribute(id, "duration")),
    })
}

/// Adds a file once; what a second mention knows more is taken over.
pub fn add_enclosure(into: &mut Vec<Enclosure>, file: Option<Enclosure>) {
    let Some(file) = file else { return };
    let full = into.len() >= limits::EACH;
    match into.iter_mut().find(|known| known.url == file.url) {
        Some(known) => {
            known.media_type = known.media_type.take().or(file.media_type);
            known.length = known.length.or(file.length);
            known.title = known.title.take().or(file.title);
            known.duration = known.duration.or(file.duration);
        }
        None if !full => into.push(file),
        None => {}
    }
}

/// Adds a link once.
pub fn add_link(into: &mut Vec<Link>, link: Link) {
    let twin = |known: &Link| {
        known.href == link.href
            && known.rel == link.rel
            && known.media_type == link.media_type
            && known.hreflang == link.hreflang
    };
    if into.len() < limits::EACH && !into.iter().any(twin) {
        into.push(link);
    }
}

/// The address of a licence as a rights statement.
pub fn licence(tree: &Tree, id: Id) -> Option<Text> {
    let said = tree.attribute(id, "resource").or_else(|| text::words(tree, id))?;
    urls::page(tree.base(id), &said).map(Text::plain)
}

/// `h:mm:ss`, `mm:ss` or seconds.
pub fn duration(said: &str) -> Option<u64> {
    let mut total = 0u64;
    for part in said.trim().split(':') {
        let part: u64 = part.split('.').next()?.trim().parse().ok()?;
        total = total.checked_mul(60)?.checked_add(part)?;
    }
    (total < 10_000_000).then_some(total)
}

fn number(said: Option<String>) -> Option<u64> {
    said?.trim().parse().ok()
}
