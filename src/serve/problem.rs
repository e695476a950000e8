//! Why there is nothing to send, and how that is said: to browsers as a page, to programs in a line of text. Nothing of the
//! request is echoed.

use super::{Visit, document::plain, pages};
use crate::{model::Slug, store::StoreError};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{fmt::Write, time::Duration};

/// Why there is nothing to send.
pub enum Problem {
    /// It does not exist, or not for this visitor; public categories of a similar name.
    Missing(Vec<Slug>),
    /// It was withdrawn.
    Gone,
    /// A token or password was brought that does not open it, if it exists at all.
    Unauthorised,
    /// Only these methods are answered here.
    Method(&'static str),
    /// The client takes no coding that we have.
    Unacceptable,
    /// It is not what the client wants it to be (RFC 9110 §13.1).
    Precondition,
    /// The address is longer than any of ours.
    LongAddress,
    /// Our own fault.
    Broken(anyhow::Error),
    /// The same, and the log knows already.
    Fault,
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Problem {
        Problem::Broken(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        Problem::Broken(error.into())
    }
}

impl Problem {
    /// Our own fault is logged here, once.
    pub fn answer(self, visit: &Visit) -> Response {
        if let Problem::Broken(error) = &self {
            tracing::error!(path = shown(visit.uri.path()), "cannot answer: {error:#}");
        }
        let (status, title) = self.said(visit);
        let near = if let Problem::Missing(near) = &self { near.as_slice() } else { &[] };
        let (body, kind, policy) = match wants_page(&visit.headers) {
            true => {
                let why = matches!(self, Problem::Gone).then_some(visit.words.gone_why);
                let html = pages::problem(&visit.config, title, why, near).unwrap_or_else(|_| title.to_owned());
                (html, "text/html; charset=utf-8", super::document::PAGE_POLICY)
            }
            false => (line(title, near, visit), "text/plain; charset=utf-8", super::document::FEED_POLICY),
        };
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        match self {
            Problem::Method(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            Problem::Unauthorised => {
                let challenge = HeaderValue::from_static("Basic realm=\"syndic\", charset=\"UTF-8\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            Problem::Unacceptable => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, zstd, gzip, identity"));
            }
            _ => {}
        }
        response
    }

    fn said(&self, visit: &Visit) -> (StatusCode, &'static str) {
        let words = visit.words;
        match self {
            Problem::Missing(_) => (StatusCode::NOT_FOUND, words.not_found),
            Problem::Gone => (StatusCode::GONE, words.gone),
            Problem::Unauthorised => (StatusCode::UNAUTHORIZED, words.unauthorised),
            Problem::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, words.method),
            Problem::Unacceptable => (StatusCode::NOT_ACCEPTABLE, words.unacceptable),
            Problem::Precondition => (StatusCode::PRECONDITION_FAILED, words.precondition),
            Problem::LongAddress => (StatusCode::URI_TOO_LONG, words.long_address),
            Problem::Broken(_) | Problem::Fault => (StatusCode::INTERNAL_SERVER_ERROR, words.broken),
        }
    }
}

/// A path in one line of the log, without what opens something to whoever knows it.
pub fn shown(path: &str) -> String {
    match path.split_once("/websub/") {
        Some((before, _)) => format!("{}/websub/…", before.escape_debug()),
        None => path.escape_debug().to_string(),
    }
}

/// The words, and where to look instead.
fn line(title: &str, near: &[Slug], visit: &Visit) -> String {
    let mut text = format!("{title}\n");
    if !near.is_empty() {
        let _ = writeln!(text, "{}", visit.words.near);
        let base = super::feeds::base(visit);
        for slug in near {
            let _ = writeln!(text, "{base}/category/{slug}.html");
        }
    }
    text
}

/// Browsers name HTML; programs mostly take anything.
fn wants_page(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|list| list.split(',')).any(|range| range.trim_start().starts_with("text/html"))
}

/// What another site's script may do before it asks with a condition: If-None-Match is not a header that the browser lets pass
/// unasked (Fetch standard, CORS-preflight). Whether there is anything to read is not said here.
pub fn preflight() -> Response {
    let headers = [
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, If-Modified-Since, A-IM"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// To a client that asks more often than it may.
pub fn too_many(wait: Duration) -> Response {
    let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "too many requests from your address: see Retry-After\n");
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// Whether a method only reads.
pub fn reads(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
