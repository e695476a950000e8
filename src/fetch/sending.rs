//! One request of a source: what it carries, what it can read, in whose turn it is sent.

use super::{Client, Fetched, Page, client};
use crate::{
    config::FetchConfig,
    model::{Failure, Form, Source, Time, Validators},
    poll::host::Visit,
    recipe::Request,
};
use url::Url;

/// Asks for a further document of a source's list, in the turn of its host where `visit` is one.
pub async fn fetch_further(
    client: &Client,
    source: &Source,
    request: &Request,
    turns: Option<(&mut Visit, &FetchConfig)>,
    now: Time,
) -> Result<Page, Failure> {
    match send(client, source, request, None, turns, now).await? {
        Fetched::Modified(page) => Ok(page),
        Fetched::NotModified(..) => Err(client::unasked_304(&request.url)),
    }
}

pub(super) async fn send(
    client: &Client,
    source: &Source,
    request: &Request,
    validators: Option<&Validators>,
    turns: Option<(&mut Visit, &FetchConfig)>,
    now: Time,
) -> Result<Fetched, Failure> {
    let ask = client::Ask {
        // Of what is sent the answer depends on, validators know nothing.
        validators: validators.filter(|_| request.post.is_none()),
        baggage: baggage(source, &request.url),
        accept: source.recipe.as_ref().map(|recipe| accepted(&recipe.form)),
        hidden: !source.publish_url,
        post: request.post.as_ref(),
        redirects: request.post.is_none(),
        ..client::Ask::plain(&request.url, client.max_bytes())
    };
    match turns {
        Some((visit, config)) => client.web(true).get_in_turn(&ask, visit, config, now).await,
        None => client.web(true).get(&ask, now).await,
    }
}

/// Headers and credentials are for the origin that feeds.toml names.
pub(super) fn baggage<'s>(source: &'s Source, url: &Url) -> client::Baggage<'s> {
    let whole = client::Baggage::of(source);
    // Where the source has moved for good, its whole address has: `moves` lets no source with secrets move.
    match source.url().is_some_and(|own| own.origin() == url.origin()) {
        true => whole,
        false => client::Baggage { proxy: whole.proxy, ..client::Baggage::default() },
    }
}

/// What a recipe can read.
fn accepted(form: &Form) -> &'static str {
    match form {
        Form::Json { .. } => "application/json, text/javascript;q=0.9, */*;q=0.1",
        Form::Page { .. } => "text/html, application/xhtml+xml, */*;q=0.1",
        Form::Sitemap => "application/xml, text/xml, */*;q=0.1",
    }
}
