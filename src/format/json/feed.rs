//! The feed's own `_syndic` object: what a feed says of itself that JSON Feed has no member for. `parse` reads it back.

use super::{list, object, people, words};
use crate::{
    format::chars::{href, media_type, plain_line, rfc3339, some_line},
    format::{Format, linked, paged},
    model::{Caption, Cloud, Deleted, Link, Tag, TextInput},
    view::FeedView,
};
use serde_json::{Value, json};

/// An entry that is gone, by its code, or by the id another gave it.
fn deleted(of: &Deleted) -> Option<Value> {
    let id = match &of.code {
        Some(code) => ("info_code", Some(json!(code.as_str()))),
        None => ("id", Some(json!(some_line(&of.id)?))),
    };
    Some(object([
        id,
        ("when", Some(json!(rfc3339(of.when)))),
        ("by", of.by.as_deref().and_then(some_line).map(Value::from)),
        ("comment", of.comment.as_deref().and_then(some_line).map(Value::from)),
    ]))
}

/// Relations that have a member of their own.
const SAID_ELSEWHERE: [&str; 3] = ["next", "hub", "license"];

/// The object.
pub(super) fn said(view: &FeedView) -> Value {
    let (generator, generator_url) = &view.generator;
    let (rare, wishes) = (&view.rare, &view.wishes);
    let page =
        |wanted: &str| paged(view, Format::Json).find(|(rel, _)| *rel == wanted).map(|(_, url)| Value::from(url));
    let further = view.links.iter().filter(|link| !SAID_ELSEWHERE.contains(&link.rel.as_str()));
    object([
        ("generator", some_line(generator).map(words)),
        ("generator_url", generator_url.as_deref().and_then(href).map(Value::from)),
        ("rights", view.rights.as_ref().and_then(plain_line).map(words)),
        ("licences", list(linked(view, "license").filter_map(|link| href(&link.href)).map(Value::from).collect())),
        ("published", view.published.map(|at| json!(rfc3339(at)))),
        ("updated", view.updated.map(|at| json!(rfc3339(at)))),
        ("contributors", list(people(&view.contributors))),
        ("tags", list(view.tags.iter().filter_map(tag).collect())),
        ("image", view.image.as_ref().and_then(|(_, caption)| about_image(caption))),
        ("links", list(further.filter_map(link).collect())),
        ("ttl_minutes", wishes.ttl_minutes.map(Value::from)),
        ("skip_hours", list(wishes.skip_hours.iter().copied().map(Value::from).collect())),
        ("skip_days", list(wishes.skip_days.iter().copied().map(Value::from).collect())),
        ("cloud", rare.cloud.as_ref().map(cloud)),
        ("text_input", rare.text_input.as_ref().and_then(text_input)),
        ("docs", rare.docs.as_deref().and_then(href).map(Value::from)),
        ("rating", rare.rating.as_deref().and_then(some_line).map(words)),
        ("archive", view.paging.is_archive.then_some(Value::Bool(true))),
        ("next_archive", page("next-archive")),
        ("current", page("current")),
        ("deleted", list(view.deleted.iter().filter_map(deleted).collect())),
    ])
}

fn tag(of: &Tag) -> Option<Value> {
    some_line(&of.term).or_else(|| of.label.as_deref().and_then(some_line)).map(Value::from)
}

fn about_image(caption: &Caption) -> Option<Value> {
    let title = caption.title.as_deref().and_then(some_line);
    let link = caption.link.as_deref().and_then(href);
    let description = caption.description.as_deref().and_then(some_line);
    let said = object([
        ("title", title.map(words)),
        ("link", link.map(Value::from)),
        ("width", caption.width.map(Value::from)),
        ("height", caption.height.map(Value::from)),
        ("description", description.map(words)),
    ]);
    Some(said).filter(|said| said.as_object().is_some_and(|said| !said.is_empty()))
}

fn link(of: &Link) -> Option<Value> {
    Some(object([
        ("rel", Some(json!(some_line(&of.rel)?))),
        ("url", Some(json!(href(&of.href)?))),
        ("type", of.media_type.as_deref().and_then(media_type).map(Value::from)),
    ]))
}

fn cloud(of: &Cloud) -> Value {
    object([
        ("domain", some_line(&of.domain).map(Value::from)),
        ("port", some_line(&of.port).map(Value::from)),
        ("path", some_line(&of.path).map(Value::from)),
        ("register_procedure", some_line(&of.register_procedure).map(Value::from)),
        ("protocol", some_line(&of.protocol).map(Value::from)),
    ])
}

fn text_input(of: &TextInput) -> Option<Value> {
    Some(object([
        ("title", some_line(&of.title).map(words)),
        ("description", some_line(&of.description).map(words)),
        ("name", some_line(&of.name).map(words)),
        ("link", Some(json!(href(&of.link)?))),
    ]))
}
