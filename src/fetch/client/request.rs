//! What a request carries: the operator's headers and credentials only to where they belong, validators only to who gave them.

use super::{Ask, lines::Coding};
use crate::{
    fetch::{answer, hops::Hops, words},
    model::{Failure, FailureKind, Secret, Source, Validators},
};
use reqwest::{
    RequestBuilder,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH},
};
use url::Url;

/// A delta of a feed is welcome (RFC 3229 §10.5.3): only what is new since the version that If-None-Match names.
const A_IM: HeaderName = HeaderName::from_static("a-im");
const FEED: HeaderValue = HeaderValue::from_static("feed");

/// What the operator gives the requests of a source.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::fetch) struct Baggage<'a> {
    /// They replace ours of the same name.
    pub headers: &'a [(String, Secret)],
    /// User, password.
    pub auth: Option<&'a (String, Secret)>,
    /// Every hop goes through it.
    pub proxy: Option<&'a Secret<Url>>,
}

impl<'a> Baggage<'a> {
    pub(in crate::fetch) fn of(source: &'a Source) -> Baggage<'a> {
        Baggage { headers: &source.headers, auth: source.auth.as_ref(), proxy: source.proxy.as_ref() }
    }

    /// Whether it holds what may be sent to one origin only.
    pub(super) fn is_secret(&self) -> bool {
        self.auth.is_some() || !self.headers.is_empty()
    }
}

/// The request for this hop.
pub(super) fn carrying(
    mut request: RequestBuilder,
    ask: &Ask<'_>,
    hops: &Hops,
    coding: Coding,
) -> Result<RequestBuilder, Failure> {
    if let Some(accept) = ask.accept {
        request = request.header(ACCEPT, HeaderValue::from_static(accept));
    }
    if hops.home {
        let Baggage { headers, auth, .. } = ask.baggage;
        request = match auth {
            Some((user, password)) => request.basic_auth(user, Some(password.reveal())),
            None => request,
        };
        if !headers.is_empty() {
            request = request.headers(extra_headers(headers)?);
        }
    }
    // A repeat without codings wants the body, whatever was known before.
    match sent_validators(ask, hops) {
        Some(validators) if coding == Coding::Offered => Ok(conditional(request, validators)),
        _ => Ok(request),
    }
}

/// The validators that go with the request for this hop: those that its origin gave us.
pub(super) fn sent_validators<'a>(ask: &Ask<'a>, hops: &Hops) -> Option<&'a Validators> {
    ask.validators.filter(|kept| match &kept.origin {
        Some(origin) => *origin == hops.url.origin().ascii_serialization(),
        None => hops.home,
    })
}

fn conditional(mut request: RequestBuilder, validators: &Validators) -> RequestBuilder {
    if let Some(etag) = validators.etag.as_deref().and_then(answer::to_header) {
        request = request.header(IF_NONE_MATCH, etag).header(A_IM, FEED);
    }
    if let Some(since) = validators.last_modified.as_deref().and_then(answer::to_header) {
        request = request.header(IF_MODIFIED_SINCE, since);
    }
    request
}

fn extra_headers(headers: &[(String, Secret)]) -> Result<HeaderMap, Failure> {
    let read = |(name, value): &(String, Secret)| -> Option<(HeaderName, HeaderValue)> {
        let mut value = HeaderValue::from_str(value.reveal()).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
    };
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let Some((name, value)) = read(header) else {
            let message =
                format!("header {:?} of this source cannot be sent: correct its name or value in feeds.toml", header.0);
            return Err(words::failure(FailureKind::Connect, message));
        };
        map.append(name, value);
    }
    Ok(map)
}
