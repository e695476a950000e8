//! The links an item has beside its original: which of them every format says, and in which words.

use super::{
    chars::{href, language, media_type, some_line},
    vocabulary::Passed,
};
use crate::{model::Link, view::ItemView};

/// What is for the publisher's own tools, or would not be true of our copy.
const LEFT_OUT: [&str; 6] = ["self", "edit", "edit-media", "enclosure", "hub", "shortlink"];

/// The publisher's other links, each fit to be written and said once.
pub(super) fn others(item: &ItemView) -> Vec<Link> {
    let mut others: Vec<Link> = Vec::new();
    for mut link in item.links.iter().filter_map(fit) {
        // RFC 4287 §4.1.2: one alternate of a type and language, and the original is the one without either.
        let same = |known: &Link| {
            (&known.rel, &known.media_type, &known.hreflang) == (&link.rel, &link.media_type, &link.hreflang)
        };
        if link.rel == "alternate"
            && ((link.media_type.is_none() && link.hreflang.is_none()) || others.iter().any(same))
        {
            "related".clone_into(&mut link.rel);
        }
        let here = link.rel == "alternate" && link.href == item.link && link.hreflang.is_none();
        if !here && !others.contains(&link) {
            others.push(link);
        }
    }
    others
}

/// Links of a feed, as far as they can be written.
pub(super) fn fit_all(links: &[Link]) -> Vec<Link> {
    links.iter().filter_map(fit).collect()
}

/// A page elsewhere that the item is about (JSON Feed 1.1, external_url).
pub(super) fn external(links: &[Link]) -> Option<&str> {
    let page = |link: &&Link| link.rel == "related" && link.media_type.as_deref().is_none_or(|of| of.contains("html"));
    links.iter().find(page).map(|link| link.href.as_str())
}

/// A link as an element of Atom, for what the formats' own links cannot say, and for RSS.
pub(super) fn element(link: &Link) -> Passed {
    let said = [
        ("rel", Some(link.rel.clone())),
        ("href", Some(link.href.clone())),
        ("type", link.media_type.clone()),
        ("hreflang", link.hreflang.clone()),
        ("title", link.title.clone()),
        ("length", link.length.map(|length| length.to_string())),
        ("thr:count", link.count.map(|count| count.to_string())),
        ("thr:updated", link.updated.clone()),
    ];
    let attributes = said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Passed::flat("atom", "link", None, attributes)
}

fn fit(link: &Link) -> Option<Link> {
    let rel = link.rel.trim();
    let good = !rel.is_empty() && rel.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/#?=%".contains(&b));
    if !good || rel.len() > 200 || LEFT_OUT.contains(&rel) {
        return None;
    }
    Some(Link {
        href: href(&link.href)?,
        rel: rel.to_owned(),
        media_type: link.media_type.as_deref().and_then(media_type),
        hreflang: link.hreflang.as_deref().and_then(language),
        title: link.title.as_deref().and_then(some_line),
        length: link.length,
        count: link.count,
        updated: link
            .updated
            .as_deref()
            .and_then(some_line)
            .filter(|said| chrono::DateTime::parse_from_rfc3339(said).is_ok()),
    })
}
