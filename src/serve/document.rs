//! Bytes → answer: the coding that the client likes best, the headers of each kind of document, 304 where the client has it already.

use super::{
    conditional::{self, Verdict},
    negotiate::Accepted,
};
use crate::{
    model::Time,
    publish::{Body as Published, Coding, Head, Key, Publisher, Rendered, Tags, Whose},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::sync::Arc;

pub use super::{
    guise::{FEED_POLICY, Guise, PAGE_POLICY},
    problem::Problem,
};

/// A document that is no feed: a page, a list, a style sheet.
pub struct Document {
    body: Made,
    manner: Manner,
}

/// Where its bytes are from.
enum Made {
    /// For this request.
    Now(Bytes),
    /// Drawn before, or to be remembered.
    Kept(Arc<Published>),
}

/// How a document is sent.
pub struct Manner {
    /// Media type with charset.
    pub content_type: &'static str,
    /// How long it may be kept, and by whom.
    pub caching: Caching,
    /// What a browser may do with it.
    pub guise: Guise,
    /// Where it is, and what belongs to it (RFC 8288).
    pub links: Option<HeaderValue>,
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

impl Document {
    /// A page; its tags are made from its bytes.
    pub fn page(html: String, guise: Guise, caching: Caching) -> Document {
        Document { body: Made::Now(Bytes::from(html)), manner: Manner::of_page(guise, caching) }
    }

    /// A page that is remembered.
    pub fn kept(body: Arc<Published>, guise: Guise, caching: Caching) -> Document {
        Document { body: Made::Kept(body), manner: Manner::of_page(guise, caching) }
    }

    /// Anything else whose tags are made from its bytes.
    pub fn file(bytes: impl Into<Bytes>, content_type: &'static str, caching: Caching) -> Document {
        let manner = Manner { content_type, caching, guise: Guise::Feed, links: None };
        Document { body: Made::Now(bytes.into()), manner }
    }

    /// 200 with the bytes, 304 without, or why not.
    pub async fn answer(self, publisher: &Publisher, request: &HeaderMap, now: Time) -> Result<Response, Problem> {
        let coded = |bytes: &Bytes| Accepted::of(request).for_bytes(bytes).best() != Some(Coding::Identity);
        let body = match self.body {
            Made::Kept(body) => body,
            Made::Now(bytes) if coded(&bytes) => publisher.page(bytes),
            Made::Now(bytes) => Arc::new(Published::new(bytes)),
        };
        Sending { publisher, request, now, manner: self.manner }.send(&body, Whose::Page, None).await
    }
}

impl Manner {
    fn of_page(guise: Guise, caching: Caching) -> Manner {
        Manner { content_type: "text/html; charset=utf-8", caching, guise, links: None }
    }
}

/// A request and what is to be said to it, whatever the document turns out to be.
pub struct Sending<'a> {
    /// Where codings are made and remembered.
    pub publisher: &'a Publisher,
    /// The headers of the request.
    pub request: &'a HeaderMap,
    /// The moment it is answered by.
    pub now: Time,
    /// How it is sent.
    pub manner: Manner,
}

impl Sending<'_> {
    /// 304 from what is remembered of a feed, without having its bytes; `None` when more must be known to tell.
    pub fn unchanged(&self, head: &Head) -> Option<Response> {
        let accepted = Accepted::of(self.request);
        if let Some(tag) = self.brought(&accepted, &head.tags) {
            return Some(self.not_modified(tag, head.last_modified));
        }
        let tag = head.tags.of(accepted.best()?)?;
        let verdict = conditional::judge(self.request, tag, self.told(head.last_modified));
        (verdict == Verdict::Unchanged).then(|| self.not_modified(tag, head.last_modified))
    }

    /// A rendered feed.
    pub async fn feed(self, key: &Key, rendered: &Rendered) -> Result<Response, Problem> {
        self.send(&rendered.body, Whose::Feed(key), rendered.head.last_modified).await
    }

    /// The same if the coding that the client likes best was made before.
    pub fn ready(self, rendered: &Rendered) -> Option<Result<Response, Problem>> {
        let (body, last_modified) = (&rendered.body, rendered.head.last_modified);
        let accepted = Accepted::of(self.request).for_bytes(body.plain());
        let coding = accepted.best()?;
        let bytes = body.ready(coding)?.clone();
        Some(self.say(body.tags(), &accepted, (coding, bytes), last_modified))
    }

    async fn send(
        self,
        body: &Arc<Published>,
        whose: Whose<'_>,
        last_modified: Option<Time>,
    ) -> Result<Response, Problem> {
        let accepted = Accepted::of(self.request).for_bytes(body.plain());
        let coding = accepted.best().ok_or(Problem::Unacceptable)?;
        let bytes = self.publisher.coded(body, whose, coding).await?;
        self.say(body.tags(), &accepted, (coding, bytes), last_modified)
    }

    /// The bytes in that coding, or that the client has them.
    fn say(
        self,
        tags: &Tags,
        accepted: &Accepted,
        (coding, bytes): (Coding, Bytes),
        last_modified: Option<Time>,
    ) -> Result<Response, Problem> {
        // The tag was made with the bytes.
        let tag = tags.of(coding).unwrap_or_default();
        if let Some(tag) = self.brought(accepted, tags) {
            return Ok(self.not_modified(tag, last_modified));
        }
        match conditional::judge(self.request, tag, self.told(last_modified)) {
            Verdict::Unchanged => Ok(self.not_modified(tag, last_modified)),
            Verdict::Failed => Err(Problem::Precondition),
            Verdict::Send => {
                let mut headers = self.headers(tag, last_modified);
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.manner.content_type));
                if coding != Coding::Identity {
                    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
                }
                if let Some(links) = self.manner.links {
                    headers.insert(header::LINK, links);
                }
                Ok(response(StatusCode::OK, headers, Body::from(bytes)))
            }
        }
    }

    /// The tag that If-None-Match names of a coding the client takes: it is up to us which of these we choose, so we choose
    /// the one it has.
    fn brought<'t>(&self, accepted: &Accepted, tags: &'t Tags) -> Option<&'t str> {
        let plain_conditions =
            !self.request.contains_key(header::IF_MATCH) && !self.request.contains_key(header::IF_UNMODIFIED_SINCE);
        let mut known = accepted.all().filter_map(|coding| tags.of(coding)).filter(|_| plain_conditions);
        known.find(|tag| conditional::names_tag(self.request, tag))
    }

    /// It repeats what a cache must update (RFC 9110 §15.4.5).
    fn not_modified(&self, tag: &str, last_modified: Option<Time>) -> Response {
        response(StatusCode::NOT_MODIFIED, self.headers(tag, last_modified), Body::empty())
    }

    /// A change may be dated a little ahead of us; a Last-Modified must not be (RFC 9110 §8.8.2.1).
    fn told(&self, last_modified: Option<Time>) -> Option<Time> {
        last_modified.filter(|time| *time <= self.now)
    }

    fn headers(&self, tag: &str, last_modified: Option<Time>) -> HeaderMap {
        let Manner { caching, guise, .. } = self.manner;
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(header::CACHE_CONTROL, cache_control(caching));
        headers.insert(header::CONTENT_SECURITY_POLICY, guise.header());
        let varies = if guise == Guise::Feed { "Accept-Encoding, A-IM" } else { "Accept-Encoding" };
        headers.insert(header::VARY, HeaderValue::from_static(varies));
        if !matches!(caching, Caching::Never) {
            if let Ok(tag) = HeaderValue::try_from(tag) {
                headers.insert(header::ETAG, tag);
            }
            if let Some(date) = self.told(last_modified).and_then(conditional::http_date) {
                headers.insert(header::LAST_MODIFIED, date);
            }
        }
        if guise == Guise::Feed && !matches!(caching, Caching::Private) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag, Link"));
        }
        headers
    }
}

/// With these headers and no others.
fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
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
pub fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, headers, text.into()).into_response()
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
mod tests;
