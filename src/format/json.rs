//! JSON Feed 1.1. What it has no word for stands in the extension object `_syndic`.

mod changes;
mod extensions;
mod feed;

use super::{
    Format,
    chars::{clean, href, language, media_type, plain_line, rfc3339, some_line, unrunnable},
    credits, linked, links,
};
use crate::{
    model::{Enclosure, Link, Person, SourceRef, Tag, UpstreamSource},
    policy,
    view::{FeedView, ItemBody, ItemView},
};
use anyhow::Context;
use serde_json::{Map, Value, json};

pub(super) use changes::line as change;

/// Renders a feed as JSON.
pub(super) fn render(view: &FeedView) -> anyhow::Result<Vec<u8>> {
    let mut feed = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(unrunnable(&plain_line(&view.title).unwrap_or_default())))),
        ("home_page_url", href(&view.home).map(Value::from)),
        ("feed_url", super::own_address(view, Format::Json).and_then(|(url, _)| href(&url)).map(Value::from)),
        ("description", plain_line(&view.description).map(words)),
        ("user_comment", view.rare.user_comment.as_deref().and_then(some_line).map(words)),
        ("next_url", older(view).map(Value::from)),
        ("icon", view.image.as_ref().and_then(|(url, _)| href(url)).map(Value::from)),
        ("favicon", view.icon.as_deref().and_then(href).map(Value::from)),
        ("authors", list(people(&view.authors))),
        ("language", language(&view.language).map(Value::from)),
        ("expired", view.rare.expired.then_some(Value::Bool(true))),
        ("hubs", list(linked(view, "hub").filter_map(hub).collect())),
        ("_syndic", Some(feed::said(view))),
    ]);
    if let Value::Object(feed) = &mut feed {
        feed.extend(extensions::objects(&view.extensions));
        feed.insert("items".to_owned(), Value::from(super::writable(view, item)));
    }
    serde_json::to_vec(&feed).context("write JSON Feed")
}

/// Where what is older stands: the archive before this document, or what a feed of another's says.
fn older(view: &FeedView) -> Option<String> {
    let previous = super::paged(view, Format::Json).find(|(rel, _)| *rel == "prev-archive");
    previous.map(|(_, url)| url).or_else(|| linked(view, "next").find_map(|link| href(&link.href)))
}

fn hub(link: &Link) -> Option<Value> {
    Some(object([("type", Some(json!("WebSub"))), ("url", Some(json!(href(&link.href)?)))]))
}

fn item(item: &ItemView) -> anyhow::Result<Value> {
    let id = some_line(&item.json_id).context("no id")?;
    let title = item.title.as_ref().and_then(plain_line).map(|title| unrunnable(&title).into_owned());
    let summary = item.summary.as_ref().map(policy::plain).filter(|summary| !summary.is_empty());
    let shown = summary.clone().or_else(|| title.clone()).unwrap_or_default();
    let (html, text) = match &item.body {
        ItemBody::Full(body) if !body.trim().is_empty() => (Some(clean(body).into_owned()), None),
        ItemBody::Excerpt { text, .. } if !text.is_empty() => (None, Some(clean(text).into_owned())),
        // JSON Feed 1.1: an item has content_html or content_text.
        ItemBody::Full(_) | ItemBody::Excerpt { .. } => (None, Some(shown)),
        ItemBody::Link => (None, Some(title.clone().unwrap_or_default())),
    };
    let others = links::others(item);
    let mut said = object([
        ("id", Some(json!(id))),
        ("url", href(&item.link).or_else(|| href(&item.page)).map(Value::from)),
        ("external_url", links::external(&others).map(Value::from)),
        ("title", title.map(Value::from)),
        ("content_html", html.map(Value::from)),
        ("content_text", text.map(Value::from)),
        ("summary", summary.map(|summary| json!(unrunnable(&clean(&summary))))),
        ("image", extensions::image(&item.extensions).map(Value::from)),
        ("banner_image", extensions::banner(&item.extensions).map(Value::from)),
        ("date_published", item.published.map(|date| json!(rfc3339(date)))),
        ("date_modified", Some(json!(rfc3339(item.updated)))),
        ("authors", list(people(&credits::makers(item)).into_iter().chain(pictured(&item.authors)).collect())),
        ("tags", list(item.tags.iter().filter_map(tag).collect())),
        ("language", item.language.as_deref().and_then(language).map(Value::from)),
        ("attachments", list(item.enclosures.iter().filter_map(attachment).collect())),
        ("_syndic", Some(syndic(item, &others))),
    ]);
    if let Value::Object(said) = &mut said {
        said.extend(extensions::objects(&item.extensions));
    }
    Ok(said)
}

fn syndic(item: &ItemView, others: &[Link]) -> Value {
    object([
        ("info_code", Some(json!(item.code.as_str()))),
        ("page", href(&item.page).map(Value::from)),
        ("source", Some(source(&item.source))),
        ("upstream", item.upstream.as_ref().map(upstream)),
        ("dc_source", item.dc_source.as_deref().and_then(some_line).map(Value::from)),
        ("publisher", item.publisher.as_deref().and_then(some_line).map(words)),
        ("byline", list(item.byline.iter().filter_map(|run| some_line(run)).map(words).collect())),
        ("contributors", list(people(&item.contributors))),
        ("rights", item.rights.as_ref().and_then(plain_line).map(words)),
        ("tags", list(item.tags.iter().filter_map(whole_tag).collect())),
        ("links", list(others.iter().map(link).collect())),
        ("comments", item.comments.as_deref().and_then(href).map(Value::from)),
    ])
}

/// Words as a member that holds plain characters: none of them is run by who takes any text for HTML.
fn words(line: String) -> Value {
    json!(unrunnable(&line))
}

fn source(of: &SourceRef) -> Value {
    object([
        ("id", of.source.as_ref().map(|id| json!(id.as_str()))),
        ("title", some_line(&of.title).map(words)),
        ("feed_id", some_line(&of.id).map(Value::from)),
        ("feed_url", of.feed_url.as_deref().and_then(href).map(Value::from)),
        ("home_page_url", of.home.as_deref().and_then(href).map(Value::from)),
        ("rights", of.rights.as_deref().and_then(some_line).map(words)),
        ("authors", list(people(&of.authors))),
    ])
}

fn upstream(of: &UpstreamSource) -> Value {
    object([
        ("title", credits::upstream_title(of).map(words)),
        ("feed_id", of.id.as_deref().and_then(some_line).map(Value::from)),
        ("feed_url", of.feed_url.as_deref().and_then(href).map(Value::from)),
        ("home_page_url", of.home.as_deref().and_then(href).map(Value::from)),
        ("rights", of.rights.as_ref().and_then(plain_line).map(words)),
        ("authors", list(people(&of.authors))),
    ])
}

fn link(of: &Link) -> Value {
    object([
        ("rel", Some(json!(of.rel))),
        ("href", Some(json!(of.href))),
        ("type", of.media_type.as_deref().map(Value::from)),
        ("hreflang", of.hreflang.as_deref().map(Value::from)),
        ("title", of.title.as_deref().map(|title| json!(unrunnable(title)))),
    ])
}

fn people(of: &[Person]) -> Vec<Value> {
    let person = |who: Person| {
        let url = who.uri.or_else(|| who.email.map(|email| format!("mailto:{email}")));
        object([
            ("name", Some(json!(who.name))),
            ("url", url.map(Value::from)),
            ("avatar", who.avatar.map(Value::from)),
        ])
    };
    credits::people(of).into_iter().map(person).collect()
}

/// People of whom nothing is known but a picture (JSON Feed 1.1 asks for any one of name, url, avatar).
fn pictured(of: &[Person]) -> impl Iterator<Item = Value> {
    let nameless = of.iter().filter(|who| credits::people(std::slice::from_ref(who)).is_empty());
    let avatar = nameless.filter_map(|who| href(who.avatar.as_deref()?));
    avatar.map(|avatar| object([("avatar", Some(Value::from(avatar)))]))
}

fn tag(of: &Tag) -> Option<Value> {
    of.label.as_deref().and_then(some_line).or_else(|| some_line(&of.term)).map(Value::from)
}

/// A tag that says more than one word.
fn whole_tag(of: &Tag) -> Option<Value> {
    let (term, label) = (some_line(&of.term), of.label.as_deref().and_then(some_line));
    let scheme = of.scheme.as_deref().and_then(some_line);
    let more = scheme.is_some() || (term.is_some() && label.is_some() && term != label);
    let [term, label, scheme] = [term, label, scheme].map(|said| said.map(Value::from));
    more.then(|| object([("term", term), ("scheme", scheme), ("label", label)]))
}

fn attachment(of: &Enclosure) -> Option<Value> {
    let media = of.media_type.as_deref().and_then(media_type);
    Some(object([
        ("url", Some(json!(href(&of.url)?))),
        ("mime_type", Some(json!(media.as_deref().unwrap_or("application/octet-stream")))),
        ("title", of.title.as_deref().and_then(some_line).map(words)),
        ("size_in_bytes", of.length.map(Value::from)),
        ("duration_in_seconds", of.duration.map(Value::from)),
    ]))
}

fn list(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then(|| Value::from(values))
}

/// An object of the members that are there, in this order.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let there = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}
