//! Bytes → answer: the headers of each kind of document, 304 where the client has it already, and what is said when
//! there is nothing to send.

use super::{Visit, conditional, pages};
use crate::{
    model::{Slug, Time},
    publish::entity_tag,
    store::StoreError,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src http: https: data:; media-src http: https:; style-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const FEED_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// A document and what is known of it.
pub struct Document {
    /// What goes over the wire.
    pub bytes: Bytes,
    /// Media type with charset.
    pub content_type: &'static str,
    /// What can be compared.
    pub validators: Validators,
    /// How long it may be kept, and by whom.
    pub caching: Caching,
    /// What a browser may do with it.
    pub guise: Guise,
}

/// RFC 9110 §8.8.
pub struct Validators {
    /// Strong entity tag, quotes included.
    pub etag: String,
    /// Last change.
    pub last_modified: Option<Time>,
}

/// Cache-Control.
#[derive(Clone, Copy)]
pub enum Caching {
    /// By anyone, for so many seconds; a stale one is better than waiting or than none.
    Public(i64),
    /// By nobody: only for who brought the token.
    Private,
    /// By nobody: it is about this moment.
    Never,
    /// By anyone, for a day.
    Day,
}

/// What a document is to a browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Guise {
    /// A page of ours, with our style sheet.
    Page,
    /// A feed, or anything else a browser should not run.
    Feed,
}

impl Document {
    /// A page; its tag is made from its bytes.
    pub fn page(html: String, caching: Caching) -> Document {
        Document {
            validators: Validators { etag: entity_tag(html.as_bytes()), last_modified: None },
            bytes: Bytes::from(html),
            content_type: "text/html; charset=utf-8",
            caching,
            guise: Guise::Page,
        }
    }

    /// Anything else whose tag is made from its bytes.
    pub fn file(bytes: impl Into<Bytes>, content_type: &'static str, caching: Caching) -> Document {
        let bytes = bytes.into();
        let validators = Validators { etag: entity_tag(&bytes), last_modified: None };
        Document { bytes, content_type, validators, caching, guise: Guise::Feed }
    }

    /// 200 with the bytes, or 304 without.
    pub fn answer(self, request: &HeaderMap, now: Time) -> Response {
        if let Some(unchanged) = unchanged(request, &self.validators, self.caching, self.guise, now) {
            return unchanged;
        }
        let mut headers = headers(&self.validators, self.caching, self.guise, now);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        (headers, Body::from(self.bytes)).into_response()
    }
}

/// 304 if the client has what these validators name; it repeats what a cache must update (RFC 9110 §15.4.5).
pub fn unchanged(
    request: &HeaderMap,
    validators: &Validators,
    caching: Caching,
    guise: Guise,
    now: Time,
) -> Option<Response> {
    conditional::not_modified(request, &validators.etag, validators.last_modified)
        .then(|| (StatusCode::NOT_MODIFIED, headers(validators, caching, guise, now)).into_response())
}

fn headers(validators: &Validators, caching: Caching, guise: Guise, now: Time) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, cache_control(caching));
    headers.insert(header::CONTENT_SECURITY_POLICY, if guise == Guise::Page { PAGE_POLICY } else { FEED_POLICY });
    if !matches!(caching, Caching::Never) {
        if let Ok(etag) = HeaderValue::try_from(&validators.etag) {
            headers.insert(header::ETAG, etag);
        }
        // A publisher's date may lie ahead of us; a Last-Modified must not (RFC 9110 §8.8.2.1).
        if let Some(date) = validators.last_modified.filter(|time| *time <= now).and_then(conditional::http_date) {
            headers.insert(header::LAST_MODIFIED, date);
        }
    }
    if guise == Guise::Feed {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, A-IM"));
        if !matches!(caching, Caching::Private) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
    }
    headers
}

fn cache_control(caching: Caching) -> HeaderValue {
    let fixed = match caching {
        Caching::Public(seconds) => {
            let value = format!("public, max-age={seconds}, stale-while-revalidate=3600, stale-if-error=86400");
            return HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("no-cache"));
        }
        Caching::Private => "private, no-store",
        Caching::Never => "no-store",
        Caching::Day => "public, max-age=86400",
    };
    HeaderValue::from_static(fixed)
}

/// To its new place, for good. Whether the old name may be known was decided before.
pub fn moved(location: &str, caching: Caching) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(location).map_err(anyhow::Error::from)?;
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, cache_control(caching))];
    Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
}

/// A short answer for machines.
pub fn plain(status: StatusCode, text: &'static str) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, headers, text).into_response()
}

/// Why there is nothing to send.
pub enum Problem {
    /// It does not exist, or not for this visitor; public categories of a similar name.
    Missing(Vec<Slug>),
    /// It was withdrawn.
    Gone,
    /// Only GET and HEAD are answered here.
    Method,
    /// Our own fault.
    Broken(anyhow::Error),
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
    /// A page that says so and echoes nothing of the request. Our own fault is logged here, once.
    pub fn answer(self, visit: &Visit) -> Response {
        let (status, title, near) = match self {
            Problem::Missing(near) => (StatusCode::NOT_FOUND, visit.words.not_found, near),
            Problem::Gone => (StatusCode::GONE, visit.words.gone, Vec::new()),
            Problem::Method => (StatusCode::METHOD_NOT_ALLOWED, visit.words.method, Vec::new()),
            Problem::Broken(error) => {
                tracing::error!(path = visit.path.escape_debug().to_string(), "cannot answer: {error:#}");
                (StatusCode::INTERNAL_SERVER_ERROR, visit.words.broken, Vec::new())
            }
        };
        let html = pages::problem(&visit.config, title, &near).unwrap_or_else(|_| title.to_owned());
        let mut response = (status, Body::from(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

/// What every answer says: the type is what we say it is, and where the reader goes on to learns nothing of a token.
pub fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let same_site = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(same_site, HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn feed(caching: Caching, last_modified: &str) -> Document {
        let validators = Validators { etag: "\"t\"".into(), last_modified: Some(last_modified.parse().unwrap()) };
        let content_type = "application/rss+xml; charset=utf-8";
        Document { bytes: Bytes::from_static(b"<rss/>"), content_type, validators, caching, guise: Guise::Feed }
    }

    #[test]
    fn a_304_repeats_what_a_cache_must_update() {
        let mut request = HeaderMap::new();
        let full = feed(Caching::Public(300), "2026-11-23T11:00:00Z").answer(&request, now());
        request.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"t\""));
        let short = feed(Caching::Public(300), "2026-11-23T11:00:00Z").answer(&request, now());
        assert_eq!((full.status(), short.status()), (StatusCode::OK, StatusCode::NOT_MODIFIED));
        for name in [header::ETAG, header::CACHE_CONTROL, header::VARY, header::LAST_MODIFIED] {
            assert!(full.headers().contains_key(&name), "{name}");
            assert_eq!(full.headers().get(&name), short.headers().get(&name), "{name}");
        }
    }

    #[test]
    fn private_documents_are_kept_by_nobody_and_read_by_no_other_site() {
        let private = feed(Caching::Private, "2026-11-23T11:00:00Z").answer(&HeaderMap::new(), now());
        assert_eq!(private.headers().get(header::CACHE_CONTROL).unwrap(), "private, no-store");
        assert!(!private.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        let public = feed(Caching::Public(60), "2026-11-23T11:00:00Z").answer(&HeaderMap::new(), now());
        assert_eq!(public.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    }

    #[test]
    fn last_modified_is_never_ahead_of_us() {
        let ahead = feed(Caching::Public(60), "2027-01-01T00:00:00Z").answer(&HeaderMap::new(), now());
        assert!(!ahead.headers().contains_key(header::LAST_MODIFIED));
    }

    #[test]
    fn the_style_of_a_page_is_ours_and_a_feed_runs_nothing() {
        let page = Document::page("<p>".into(), Caching::Public(60)).answer(&HeaderMap::new(), now());
        let policy = page.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"));
        let feed = feed(Caching::Public(60), "2026-11-23T11:00:00Z").answer(&HeaderMap::new(), now());
        assert!(feed.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap().contains("sandbox"));
    }
}
