//! The fields of an edition as lines that a person can compare.

use crate::{
    enrich::html::{attributes_of, split_tag},
    model::{Edition, Element, Enclosure, Field, Link, Person, Tag, Text, TextKind},
    policy,
};

/// The lines of a field in the older and the newer edition; of a text first what it says, then where it leads.
pub fn forms(field: Field, old: &Edition, new: &Edition) -> Vec<(Vec<String>, Vec<String>)> {
    let text = |of: fn(&Edition) -> Option<&Text>| texts(of(old), of(new));
    let lines = |of: fn(&Edition) -> Vec<String>| vec![(of(old), of(new))];
    match field {
        Field::Title => text(|edition| edition.title.as_ref()),
        Field::Summary => text(|edition| edition.summary.as_ref()),
        Field::Body => text(|edition| edition.content.as_ref()),
        Field::Rights => text(|edition| edition.rights.as_ref()),
        Field::Link => lines(|edition| one(edition.link.as_deref())),
        Field::Comments => lines(|edition| one(edition.comments.as_deref())),
        Field::Language => lines(|edition| one(edition.language.as_deref())),
        Field::Published => lines(|edition| one(edition.published.map(|time| time.to_rfc3339()).as_deref())),
        Field::Authors => lines(|edition| edition.authors.iter().map(person).collect()),
        Field::Contributors => lines(|edition| edition.contributors.iter().map(person).collect()),
        Field::Byline => lines(|edition| edition.attribution.byline.iter().map(|byline| clean(byline)).collect()),
        Field::Publisher => lines(|edition| one(edition.attribution.publisher.as_ref().map(|named| &*named.name))),
        Field::Source => lines(above),
        Field::Tags => lines(|edition| edition.tags.iter().map(tag).collect()),
        Field::Enclosures => lines(|edition| edition.enclosures.iter().map(enclosure).collect()),
        Field::Links => lines(|edition| edition.links.iter().map(link).collect()),
        Field::Extensions => lines(|edition| {
            let mut lines = Vec::new();
            elements("", &edition.extensions, &mut lines);
            lines
        }),
    }
}

/// What a text says; where it leads and what it shows, if that differs; its markup, if nothing else does.
fn texts(old: Option<&Text>, new: Option<&Text>) -> Vec<(Vec<String>, Vec<String>)> {
    let both = |of: fn(&Text) -> Vec<String>| (old.map(of).unwrap_or_default(), new.map(of).unwrap_or_default());
    let said = both(|text| policy::plain(text).lines().map(clean).filter(|line| !line.is_empty()).collect());
    let mut forms: Vec<_> = [said, both(addresses)].into_iter().filter(|(old, new)| old != new).collect();
    if forms.is_empty() {
        forms.push(both(|text| text.value.split_inclusive('>').map(clean).collect()));
    }
    forms
}

/// The addresses in a text, each with what it is.
fn addresses(text: &Text) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text.value.as_str());
    while let Some((_, tag)) = rest.split_once('<').filter(|_| text.kind == TextKind::Html) {
        let (tag, after) = split_tag(tag);
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        for (attribute, value) in attributes_of(attributes) {
            if matches!(attribute, "href" | "src" | "srcset" | "poster" | "cite" | "alt") {
                found.push(clean(&format!("<{name} {attribute}> {value}")));
            }
        }
        rest = after;
    }
    found
}

fn one(text: Option<&str>) -> Vec<String> {
    text.map(clean).filter(|text| !text.is_empty()).into_iter().collect()
}

fn joined(parts: &[Option<&str>]) -> String {
    let parts: Vec<_> = parts.iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    clean(&parts.join(" "))
}

fn person(person: &Person) -> String {
    joined(&[Some(&person.name), person.email.as_deref(), person.uri.as_deref()])
}

fn tag(tag: &Tag) -> String {
    joined(&[Some(&tag.term), tag.label.as_deref(), tag.scheme.as_deref()])
}

fn enclosure(file: &Enclosure) -> String {
    let bytes = file.length.map(|length| format!("{length} bytes"));
    let seconds = file.duration.map(|duration| format!("{duration} s"));
    let rest = [file.media_type.as_deref(), bytes.as_deref(), seconds.as_deref(), file.title.as_deref()];
    joined(&[&[Some(file.url.as_str())], &rest[..]].concat())
}

fn link(link: &Link) -> String {
    let bytes = link.length.map(|length| format!("{length} bytes"));
    let rest = [link.media_type.as_deref(), link.hreflang.as_deref(), link.title.as_deref(), bytes.as_deref()];
    joined(&[&[Some(link.rel.as_str()), Some(link.href.as_str())], &rest[..]].concat())
}

fn above(edition: &Edition) -> Vec<String> {
    let said = &edition.attribution;
    let above = said.upstream.as_ref();
    let title = above.and_then(|above| above.title.as_ref()).map(policy::plain);
    let lines = [said.dc_source.as_deref(), title.as_deref(), above.and_then(|above| above.home.as_deref())];
    lines.into_iter().flat_map(one).collect()
}

/// One line an element, with the path to it.
fn elements(path: &str, elements_here: &[Element], lines: &mut Vec<String>) {
    for element in elements_here {
        let path = if path.is_empty() { element.name.clone() } else { format!("{path}/{}", element.name) };
        let attributes: String =
            element.attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect();
        lines.push(clean(&format!("{path}{attributes} {}", element.text.trim())));
        elements(&path, &element.children, lines);
    }
}

/// Fit for a terminal: one line, and nothing in it that steers one or turns the order of what is shown.
fn clean(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !steers(*c)).collect();
    text.trim().to_owned()
}
