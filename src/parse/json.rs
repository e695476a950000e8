//! JSON Feed 1.0 and 1.1, read tolerantly: numbers as ids, one `author`, a missing title, null anywhere, broken JSON.

mod extensions;
mod feed;
mod mend;
mod numbers;

use super::{MAX_ENTRIES, limits, persons, shared, urls, xml};
use crate::model::{
    Enclosure, Failure, FailureKind, IdForm, InfoCode, Link, ParsedEntry, ParsedFeed, Person, RawDate, SourceFormat,
    Tag, Text,
};
use serde_json::{Map, Value};
use url::Url;

type Object = Map<String, Value>;

/// Reads a JSON Feed.
///
/// Errors: JSON that is broken, or none of a feed.
pub fn read(text: &str, base: Option<&Url>) -> Result<ParsedFeed, Failure> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').trim_end_matches('\0');
    let (value, mut notes, cut) = value(text)?;
    let feed = value.as_object().filter(|feed| is_feed(feed));
    let feed = feed.ok_or_else(|| {
        not_a_feed("JSON, but no JSON Feed: it has neither a jsonfeed.org version nor items".to_owned())
    })?;
    let info = feed::info(feed, base);
    let named = info.generator.as_deref().is_some_and(|name| name.to_ascii_lowercase().starts_with("syndic"));
    let empty = Vec::new();
    let items = feed.get("items").and_then(Value::as_array).unwrap_or(&empty);
    if items.len() > MAX_ENTRIES {
        notes.push(format!("more than {MAX_ENTRIES} entries: the rest was not read"));
    }
    let read = items.iter().take(MAX_ENTRIES);
    let found = read.len();
    let mut entries: Vec<_> = read.filter_map(Value::as_object).map(|item| entry(item, base, named)).collect();
    entries.retain(super::document::says_something);
    if entries.len() < found {
        notes.push(format!("{} empty entries left out", found - entries.len()));
    }
    Ok(ParsedFeed {
        format: SourceFormat::Json,
        info,
        entries,
        notes,
        partial: cut || items.len() > MAX_ENTRIES,
        tombstones: Vec::new(),
    })
}

/// The document as JSON, mended if it is not; what was mended; whether its end is missing.
pub(super) fn value(text: &str) -> Result<(Value, Vec<String>, bool), Failure> {
    let text = &*numbers::quoted(text);
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok((value, Vec::new(), false)),
        Err(error) => error,
    };
    let mended = mend::mend(text);
    let value = serde_json::from_str(&mended.text).map_err(|_| {
        let (line, column) = (error.line(), error.column());
        not_a_feed(format!(
            "broken JSON (line {line}, column {column}), beginning with `{}`",
            super::sniff::short(text)
        ))
    })?;
    let cut = mended.cut.then(|| "the document ends early: only complete entries are kept".to_owned());
    Ok((value, mended.notes().into_iter().chain(cut).collect(), mended.cut))
}

fn is_feed(feed: &Object) -> bool {
    let version = feed.get("version").and_then(Value::as_str).unwrap_or_default();
    version.contains("jsonfeed.org") || feed.get("items").is_some_and(Value::is_array)
}

fn not_a_feed(message: String) -> Failure {
    Failure::new(FailureKind::NotAFeed, message)
}

fn entry(item: &Object, base: Option<&Url>, named: bool) -> ParsedEntry {
    let external = address(item, "external_url", base);
    let link = address(item, "url", base);
    let id = words(item, "id");
    // An id that is a page's address stands in for a missing url (JSON Feed 1.1: "ideally the full URL").
    let from_id = id.as_deref().filter(|id| id.starts_with("http")).and_then(|id| urls::page(None, id));
    let links = external.clone().filter(|_| link.is_some()).into_iter();
    let html = body(item, "content_html").map(|value| Text { base: base.map(Url::to_string), ..Text::html(value) });
    let content = html.or_else(|| body(item, "content_text").map(Text::plain));
    let code = item.get("_syndic").and_then(Value::as_object).and_then(|ours| words(ours, "info_code"));
    ParsedEntry {
        id_form: IdForm::Json,
        named_code: code.filter(|_| named).and_then(|code| InfoCode::parse(&code)),
        title: line(item, "title"),
        link: link.or(external).or(from_id),
        links: links.map(|href| Link { href, rel: "related".to_owned(), ..Link::default() }).collect(),
        summary: body(item, "summary").map(Text::plain),
        content,
        published: words(item, "date_published").map(RawDate),
        updated: words(item, "date_modified").map(RawDate),
        authors: authors(item, base),
        tags: tags(item),
        enclosures: attachments(item, base),
        language: words(item, "language"),
        extensions: extensions::read(item, base),
        id,
        ..ParsedEntry::default()
    }
}

/// A string, or a number as one; cleaned of what XML forbids; `None` when blank.
fn string(object: &Object, key: &str) -> Option<String> {
    let said = match object.get(key)? {
        Value::String(said) => xml::cleaned(said),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

fn words(object: &Object, key: &str) -> Option<String> {
    string(object, key).map(|said| limits::cap(said, limits::LINE))
}

/// Titles are plain text in JSON Feed; characters that look like markup are characters.
fn line(object: &Object, key: &str) -> Option<Text> {
    string(object, key).map(|said| Text::plain(limits::cap(said, limits::TITLE)))
}

fn body(object: &Object, key: &str) -> Option<String> {
    string(object, key).map(|said| limits::cap(said, limits::BODY))
}

fn address(object: &Object, key: &str, base: Option<&Url>) -> Option<String> {
    urls::page(base, &string(object, key)?)
}

fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn authors(object: &Object, base: Option<&Url>) -> Vec<Person> {
    people(list(object, "authors").iter().chain(object.get("author")), base)
}

fn people<'a>(of: impl IntoIterator<Item = &'a Value>, base: Option<&Url>) -> Vec<Person> {
    let mut people = Vec::new();
    for said in of {
        let person = match said {
            Value::Object(said) => Some(Person {
                name: words(said, "name").unwrap_or_default(),
                // JSON Feed 1.1: the url "could be a mailto: link".
                email: words(said, "email").or_else(|| Some(words(said, "url")?.strip_prefix("mailto:")?.to_owned())),
                uri: address(said, "url", base),
                avatar: address(said, "avatar", base),
            }),
            Value::String(said) => Some(persons::from_words(said)),
            _ => None,
        };
        persons::add(&mut people, person.filter(|person| *person != Person::default()));
    }
    people
}

fn tags(item: &Object) -> Vec<Tag> {
    let mut tags = Vec::new();
    for term in item.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let term = term.as_str().map(|term| xml::cleaned(term).trim().to_owned()).unwrap_or_default();
        shared::add_tag(&mut tags, Tag { term, ..Tag::default() });
    }
    tags
}

fn attachments(item: &Object, base: Option<&Url>) -> Vec<Enclosure> {
    let mut files = Vec::new();
    for file in item.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let Some(file) = file.as_object() else { continue };
        let seconds =
            file.get("duration_in_seconds").and_then(Value::as_f64).filter(|seconds| (0.0..1e7).contains(seconds));
        let url = string(file, "url").and_then(|url| urls::file(base, &url));
        let length =
            file.get("size_in_bytes").and_then(|size| size.as_u64().or_else(|| size.as_f64().map(|size| size as u64)));
        shared::add_enclosure(
            &mut files,
            url.map(|url| Enclosure {
                url,
                media_type: words(file, "mime_type"),
                length,
                title: words(file, "title"),
                duration: seconds.map(|seconds| seconds as u64),
            }),
        );
    }
    files
}
