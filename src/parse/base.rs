//! feed-rs, the second reading: where ours found no title or no text in a well-formed document, feed-rs's model of it is laid
//! under and fills what was left open.
//! It runs behind a depth bound, caught panics and a large stack, because hostile documents overflow or panic it.

use super::{limits, shared, text::sniffed, urls, xml::Tree};
use crate::model::{Enclosure, ParsedEntry, ParsedFeed, Person, Tag, Text};
use feed_rs::{model as theirs, parser};
use std::{panic, thread};
use url::Url;

/// Deeper documents are parsed on a thread of their own with `STACK` bytes.
const SHALLOW: usize = 40;
const STACK: usize = 16 * 1024 * 1024;

/// Fills what our reading of a well-formed document left open from feed-rs's model of it. Entries are matched by their order.
pub fn lay_under(text: &str, tree: &Tree, parsed: &mut ParsedFeed) {
    if tree.damage.any() || tree.stopped.is_some() || !wants(parsed) || panics(parsed) {
        return;
    }
    let Some(feed) = guarded(without_declaration(text), tree.depth) else {
        return;
    };
    let info = &mut parsed.info;
    fill(&mut info.title, || feed.title.as_ref().map(words));
    fill(&mut info.subtitle, || feed.description.as_ref().map(words));
    fill(&mut info.rights, || feed.rights.as_ref().map(words));
    if info.wishes.ttl_minutes.is_none() {
        info.wishes.ttl_minutes = feed.ttl.filter(|minutes| *minutes > 0);
    }
    // It leaves out items it cannot use (RDF without a link): then the order says nothing.
    if feed.entries.len() == parsed.entries.len() {
        parsed.entries.iter_mut().zip(&feed.entries).for_each(|(ours, base)| lay_under_entry(ours, base));
    }
}

/// Whether something that nearly every feed says was not found in this one. Else feed-rs has nothing to add, and
/// asking it would double the price of a clean document.
fn wants(parsed: &ParsedFeed) -> bool {
    let lacks = |entry: &ParsedEntry| entry.title.is_none() || (entry.summary.is_none() && entry.content.is_none());
    parsed.entries.is_empty() || parsed.info.title.is_none() || parsed.entries.iter().any(lacks)
}

fn lay_under_entry(ours: &mut ParsedEntry, base: &theirs::Entry) {
    fill(&mut ours.title, || base.title.as_ref().map(words));
    if ours.summary.is_none() && ours.content.is_none() {
        ours.summary = base.summary.as_ref().map(words);
    }
    if ours.tags.is_empty() {
        for tag in &base.categories {
            let tag = Tag { term: tag.term.trim().to_owned(), scheme: tag.scheme.clone(), label: tag.label.clone() };
            shared::add_tag(&mut ours.tags, tag);
        }
    }
    if ours.authors.is_empty() {
        ours.authors = base.authors.iter().filter_map(person).take(limits::EACH).collect();
    }
    for media in &base.media {
        for content in &media.content {
            shared::add_enclosure(&mut ours.enclosures, enclosure(media, content));
        }
    }
}

fn fill<T>(ours: &mut Option<T>, base: impl FnOnce() -> Option<T>) {
    if ours.is_none() {
        *ours = base();
    }
}

fn words(text: &theirs::Text) -> Text {
    sniffed(limits::cap(text.content.trim().to_owned(), limits::LINE))
}

fn person(person: &theirs::Person) -> Option<Person> {
    let name = person.name.clone().unwrap_or_default();
    (!name.trim().is_empty())
        .then(|| Person { name: limits::cap(name.trim().to_owned(), limits::LINE), ..Person::default() })
}

fn enclosure(media: &theirs::MediaObject, content: &theirs::MediaContent) -> Option<Enclosure> {
    Some(Enclosure {
        url: urls::file(None, content.url.as_ref().map(Url::as_str)?)?,
        media_type: content.content_type.as_ref().map(ToString::to_string),
        length: content.size,
        title: media.title.as_ref().map(|title| title.content.clone()),
        duration: content.duration.or(media.duration).map(|duration| duration.as_secs()),
    })
}

/// Known to panic feed-rs 3.0.0: other than ASCII next to an e-mail address. Checked, so that the log stays quiet.
fn panics(parsed: &ParsedFeed) -> bool {
    let people = |people: &[Person]| people.iter().any(|person| person.email.is_some() && !person.name.is_ascii());
    let feed = people(&parsed.info.authors) || people(&parsed.info.contributors);
    feed || parsed.entries.iter().any(|entry| people(&entry.authors) || people(&entry.contributors))
}

/// The text is UTF-8 by now, whatever its declaration says.
fn without_declaration(text: &str) -> &str {
    if !text.starts_with("<?xml") {
        return text;
    }
    text.split_once("?>").map_or(text, |(_, rest)| rest)
}

fn guarded(text: &str, depth: usize) -> Option<theirs::Feed> {
    if depth <= SHALLOW {
        return caught(text);
    }
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("parse".to_owned()).stack_size(STACK);
        worker.spawn_scoped(scope, || caught(text)).ok()?.join().ok().flatten()
    })
}

fn caught(text: &str) -> Option<theirs::Feed> {
    panic::catch_unwind(|| {
        // An empty id keeps absence visible; dates are read elsewhere, from the publisher's own characters.
        let parser = parser::Builder::new()
            .id_generator(|_, _, _| String::new())
            .timestamp_parser(|_| None)
            .sanitize_content(false);
        parser.build().parse(text.as_bytes()).ok()
    })
    .ok()
    .flatten()
}
