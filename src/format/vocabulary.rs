//! Elements of other vocabularies on their way out: known namespaces under their registered prefixes, names that are
//! names, bounded in depth and number. What fails this is left out.

use super::{chars::clean, media};
use crate::{model::Element, view::ItemView};
use std::collections::{BTreeMap, BTreeSet};

/// Dublin Core, which we add to ourselves.
pub(super) const DC: (&str, &str) = ("dc", "http://purl.org/dc/elements/1.1/");
/// Atom inside RSS.
pub(super) const ATOM: (&str, &str) = ("atom", "http://www.w3.org/2005/Atom");
/// Media RSS.
pub(super) const MEDIA: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");

/// iTunes.
pub(super) const ITUNES: (&str, &str) = ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd");
/// Terms of Dublin Core.
pub(super) const DCTERMS: (&str, &str) = ("dcterms", "http://purl.org/dc/terms/");
/// RSS 2.0 inside Atom: the one URI that RSS ever had as a vocabulary, and that parsers know.
pub(super) const RSS: (&str, &str) = ("rss", "http://backend.userland.com/rss2");

/// Deleted entries (RFC 6721).
pub(super) const AT: (&str, &str) = ("at", "http://purl.org/atompub/tombstones/1.0");

/// Feed paging and archiving (RFC 5005).
pub(super) const FH: (&str, &str) = ("fh", "http://purl.org/syndication/history/1.0");

/// Prefixes that attributes have; elements of these namespaces are not passed on.
const ATTRIBUTES: [(&str, &str); 2] =
    [("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"), ("xlink", "http://www.w3.org/1999/xlink")];

const PASSED: [(&str, &str); 17] = [
    MEDIA,
    DC,
    DCTERMS,
    ITUNES,
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
    FH,
    ("podcast", "https://podcastindex.org/namespace/1.0"),
    ("georss", "http://www.georss.org/georss"),
    ("gml", "http://www.opengis.net/gml"),
    ("geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
    ("thr", "http://purl.org/syndication/thread/1.0"),
    ("wfw", "http://wellformedweb.org/CommentAPI/"),
    ("cc", "http://creativecommons.org/ns#"),
    ("ccold", "http://web.resource.org/cc/"),
    ("creativeCommons", "http://backend.userland.com/creativeCommonsRssModule"),
    ("psc", "http://podlove.org/simple-chapters"),
];

/// Deepest nesting passed on; Media RSS needs three.
const MAX_DEPTH: usize = 8;
/// Most elements passed on of one entry.
const MAX_ELEMENTS: usize = 500;

/// An element ready to be written.
#[derive(Clone)]
pub(super) struct Passed {
    pub(super) prefix: &'static str,
    pub(super) local: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: Option<String>,
    pub(super) children: Vec<Passed>,
}

impl Passed {
    /// A flat element of ours.
    pub(super) fn flat(
        prefix: &'static str,
        local: &str,
        text: Option<String>,
        attributes: Vec<(&str, String)>,
    ) -> Passed {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Passed { prefix, local: local.to_owned(), attributes, text, children: Vec::new() }
    }

    /// `prefix:local`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.prefix, self.local)
    }

    /// An element around others.
    pub(super) fn around(prefix: &'static str, local: &str, children: Vec<Passed>) -> Passed {
        Passed { children, ..Passed::flat(prefix, local, None, Vec::new()) }
    }

    fn prefixes(&self, into: &mut BTreeSet<String>) {
        into.insert(self.prefix.to_owned());
        into.extend(self.attributes.keys().filter_map(|name| Some(name.split_once(':')?.0.to_owned())));
        self.children.iter().for_each(|child| child.prefixes(into));
    }
}

/// What of these elements can be passed on.
pub(super) fn passed(elements: &[Element]) -> Vec<Passed> {
    let mut left = MAX_ELEMENTS;
    elements.iter().filter_map(|element| pass(element, MAX_DEPTH, &mut left)).collect()
}

/// The same of an item. How long its file lasts is said in the podcasts' word, unless it says so itself. dc:identifier is where our code stands: the publisher's own says the same as dcterms:identifier.
/// itunes:category is a word of channels, and says of an item what its categories do.
pub(super) fn of_item(item: &ItemView) -> Vec<Passed> {
    let mut all = media::settled(passed(&item.extensions));
    all.retain(|element| element.local != "identifier" || element.text.as_deref() != Some(item.code.as_str()));
    all.retain(|element| !(is_podcast_category(element) && is_tagged(item, element)));
    for element in &mut all {
        if (element.prefix, element.local.as_str()) == (DC.0, "identifier") {
            element.prefix = "dcterms";
        }
    }
    let lasts = item.enclosures.first().and_then(|file| file.duration);
    let is_said = |element: &Element| says_duration(element, MAX_DEPTH);
    if let Some(seconds) = lasts.filter(|_| !item.extensions.iter().any(is_said)) {
        all.push(Passed::flat(ITUNES.0, "duration", Some(seconds.to_string()), vec![]));
    }
    all
}

fn is_podcast_category(element: &Passed) -> bool {
    (element.prefix, element.local.as_str()) == (ITUNES.0, "category")
}

/// Whether all that a podcast's category says, those within it too, is among an item's tags.
fn is_tagged(item: &ItemView, category: &Passed) -> bool {
    let said = category.attributes.get("text").or(category.text.as_ref()).map(|text| text.trim());
    let known = said.is_none_or(|said| said.is_empty() || item.tags.iter().any(|tag| tag.term == said));
    known && category.children.iter().all(|child| is_podcast_category(child) && is_tagged(item, child))
}

fn says_duration(element: &Element, depth: usize) -> bool {
    (element.namespace == ITUNES.1 && element.name == "duration")
        || element.attributes.iter().any(|(name, _)| name == "duration")
        || (depth > 0 && element.children.iter().any(|child| says_duration(child, depth - 1)))
}

/// The namespace declarations these elements need: prefix → URI.
pub(super) fn namespaces<'a>(elements: impl Iterator<Item = &'a Passed>) -> BTreeMap<String, String> {
    let mut prefixes = BTreeSet::new();
    elements.for_each(|element| element.prefixes(&mut prefixes));
    let known = PASSED.into_iter().chain(ATTRIBUTES).chain([ATOM, RSS, AT]);
    known
        .filter(|(prefix, _)| prefixes.contains(*prefix))
        .map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
        .collect()
}

fn pass(element: &Element, depth: usize, left: &mut usize) -> Option<Passed> {
    // Elements of a feed stand inside of others only (podcast:liveItem): by themselves they are no extension.
    let inside = [RSS, ATOM].into_iter().filter(|_| depth < MAX_DEPTH);
    let (prefix, _) = PASSED.into_iter().chain(inside).find(|(_, uri)| *uri == element.namespace)?;
    if depth == 0 || *left == 0 || !is_name(&element.name) {
        return None;
    }
    *left -= 1;
    let attributes = element
        .attributes
        .iter()
        .filter(|(name, _)| is_attribute(name) && !name.to_ascii_lowercase().starts_with("xml"));
    let text = clean(element.text.trim());
    Some(Passed {
        prefix,
        local: element.name.clone(),
        attributes: attributes.map(|(name, value)| (name.clone(), clean(value).into_owned())).collect(),
        text: (!text.is_empty()).then(|| text.into_owned()),
        children: element.children.iter().filter_map(|child| pass(child, depth - 1, left)).collect(),
    })
}

/// An attribute's name, under one of the prefixes that are declared.
fn is_attribute(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, local)) => {
            (prefix == "thr" || ATTRIBUTES.iter().any(|(known, _)| *known == prefix)) && is_name(local)
        }
        None => is_name(name),
    }
}

/// An XML name of ASCII letters: all that these vocabularies use.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && name.len() <= 64 && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}
