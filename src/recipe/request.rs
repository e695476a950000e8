//! What is asked for: the source's address with the recipe's query and body, for the first document of a list and those after it.

use super::Document;
use crate::model::{From, Next, Recipe, Template, Time};
use chrono_tz::Tz;
use std::borrow::Cow;
use url::{Url, form_urlencoded::byte_serialize};

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where.
    pub url: Url,
    /// Sent by POST: the body and its media type.
    pub post: Option<(String, String)>,
}

/// A document of a list that is still to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At this address.
    At(Url),
    /// The one of this number, after the one that named this cursor.
    Number(usize, Option<String>),
}

/// What a request's places stand for.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The time.
    pub now: Time,
    /// The source's zone: `{today}` is its day.
    pub zone: Option<Tz>,
    /// The id of the newest entry that is known.
    pub last_id: Option<&'a str>,
}

/// The request for the first document; `None` where it needs no more than the address.
pub fn first(recipe: &Recipe, url: &Url, moment: &Moment<'_>) -> Option<Request> {
    let plain = recipe.asked.query.is_empty() && recipe.asked.post.is_none();
    (!plain).then(|| asked(recipe, url.clone(), recipe.first_page, None, moment))
}

/// The request for another document of the list.
pub fn further(recipe: &Recipe, url: &Url, turn: &Turn, moment: &Moment<'_>) -> Option<Request> {
    match (turn, &recipe.next) {
        (Turn::At(url), _) => Some(Request { url: url.clone(), post: None }),
        (Turn::Number(number, cursor), Some(Next::Made(address))) => {
            let page = page_of(recipe, *number);
            let made = fill(address, page, cursor.as_deref(), moment, &encoded);
            let url = url.join(&made).ok()?;
            Some(asked(recipe, url, page, cursor.as_deref(), moment))
        }
        (Turn::Number(number, cursor), _) => {
            Some(asked(recipe, url.clone(), page_of(recipe, *number), cursor.as_deref(), moment))
        }
    }
}

/// The turn after a document, by what stands in it: `found` looks for what `next` and `cursor` say.
pub(super) fn after(
    document: &Document<'_>,
    base: Option<&Url>,
    found: impl Fn(&From) -> Option<String>,
) -> Result<Option<Turn>, String> {
    let Document { recipe, place, from: answering, .. } = document;
    let Some(source) = place.source.filter(|_| place.number < recipe.pages) else { return Ok(None) };
    let cursor = recipe.cursor.as_ref().and_then(|(from, _)| found(from));
    match &recipe.next {
        None => Ok(None),
        Some(Next::Found(from, spot)) => {
            let Some(said) = found(from) else { return Ok(None) };
            let url =
                base.unwrap_or(source).join(said.trim()).map_err(|_| format!("{spot}: `{said}` is no address"))?;
            // What a document names is asked for only where the document is from.
            let own = |known: &Url| known.origin() == url.origin();
            if !own(source) && !answering.is_some_and(own) {
                let host = url.host_str().unwrap_or_default();
                return Err(format!(
                    "{spot}: the next document stands at another origin ({host}) and was not asked for"
                ));
            }
            Ok(Some(Turn::At(url)))
        }
        Some(Next::Made(_) | Next::Asked) => {
            // Without a cursor there is no more.
            let goes_on = recipe.cursor.is_none() || cursor.is_some();
            Ok(goes_on.then_some(Turn::Number(place.number + 1, cursor)))
        }
    }
}

fn page_of(recipe: &Recipe, number: usize) -> usize {
    recipe.first_page + number.saturating_sub(1)
}

fn asked(recipe: &Recipe, mut url: Url, page: usize, cursor: Option<&str>, moment: &Moment<'_>) -> Request {
    for (name, value) in &recipe.asked.query {
        let value = fill(value, page, cursor, moment, &|text| text.to_owned());
        // A parameter that stands for nothing yet is not sent.
        if !value.is_empty() {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    let post = recipe.asked.post.as_ref().map(|(body, kind)| {
        let form = kind.starts_with("application/x-www-form-urlencoded");
        let fit = |text: &str| if form { encoded(text) } else { in_json(text) };
        (fill(body, page, cursor, moment, &fit), kind.clone())
    });
    Request { url, post }
}

/// Every place stands for something, if only for nothing: the first request knows no last id.
fn fill(
    template: &Template,
    page: usize,
    cursor: Option<&str>,
    moment: &Moment<'_>,
    fit: &dyn Fn(&str) -> String,
) -> String {
    let day = || match moment.zone {
        Some(zone) => moment.now.with_timezone(&zone).date_naive(),
        None => moment.now.date_naive(),
    };
    let named = |name: &str| {
        let value: Cow<'_, str> = match name {
            "now" => moment.now.timestamp().to_string().into(),
            "now_ms" => moment.now.timestamp_millis().to_string().into(),
            "today" => day().to_string().into(),
            "last_id" => moment.last_id.unwrap_or_default().into(),
            "page" => page.to_string().into(),
            "cursor" => cursor.unwrap_or_default().into(),
            _ => "".into(),
        };
        Some(fit(&value))
    };
    template.fill(named, |_| None).unwrap_or_default()
}

/// What a document says cannot leave the place in an address that it is for.
pub fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Nor its place in a text of JSON.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::String(text.to_owned()).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}
