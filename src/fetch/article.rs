//! The page of an article: one request through the guarded client, smaller and stricter than one for a feed.

use super::{Body, Client, Fetched, charset, client, words};
use crate::model::{Failure, FailureKind, Source, Time};
use url::Url;

/// Longest page read; articles are far shorter.
const MAX_BYTES: usize = 2 << 20;

const ACCEPT_JSON: &str = "application/json, text/javascript;q=0.9, */*;q=0.1";
const ACCEPT: &str = "text/html, application/xhtml+xml, */*;q=0.1";

/// How asking for a page ended well.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The page.
    Article(Article),
    /// It stands elsewhere: whoever asks on waits for that host's turn, and for its permission.
    Elsewhere(Url),
}

/// A page.
#[derive(Clone, Debug)]
pub struct Article {
    /// Its text, decoded.
    pub html: String,
    /// What relative references in it resolve against.
    pub base: Option<String>,
    /// Bytes it took.
    pub bytes: usize,
}

impl Client {
    /// Asks for an article's page. `inside`: what `[fetch] allow` opens may be reached. No secrets of a source are sent.
    pub async fn article(&self, url: &Url, inside: bool, now: Time) -> Result<Answered, Failure> {
        let limit = MAX_BYTES.min(self.max_bytes());
        let ask = client::Ask { accept: Some(ACCEPT), redirects: false, ..client::Ask::plain(url, limit) };
        let page = match self.web(inside).get(&ask, now).await {
            Ok(Fetched::Modified(page)) => page,
            Ok(Fetched::NotModified(..)) => return Err(client::unasked_304(url)),
            Err(failure) => {
                let other = failure.answer.moved_to.as_deref().filter(|_| failure.kind == FailureKind::Redirect);
                return other.and_then(|to| to.parse().ok()).map(Answered::Elsewhere).ok_or(failure);
            }
        };
        let Body::Document(bytes) = &page.body else { return Err(no_page(url)) };
        if !is_html(page.content_type.as_deref()) {
            return Err(no_page(url));
        }
        let html = charset::decode(bytes, page.content_type.as_deref()).text.into_owned();
        Ok(Answered::Article(Article { html, base: page.base, bytes: bytes.len() }))
    }
}

impl Client {
    /// Asks for the document that holds an article's text, JSON or a page, where feeds.toml says it is. The source's headers and
    /// credentials go with it to their own origin. Redirects are followed, each judged.
    pub async fn detail(
        &self,
        url: &Url,
        source: &Source,
        json: bool,
        inside: bool,
        now: Time,
    ) -> Result<Article, Failure> {
        let accept = if json { ACCEPT_JSON } else { ACCEPT };
        let ask = client::Ask {
            accept: Some(accept),
            baggage: super::baggage(source, url),
            hidden: !source.publish_url,
            ..client::Ask::plain(url, MAX_BYTES.min(self.max_bytes()))
        };
        let Fetched::Modified(page) = self.web(inside).get(&ask, now).await? else {
            return Err(client::unasked_304(url));
        };
        let Body::Document(bytes) = &page.body else { return Err(no_page(url)) };
        if !json && !is_html(page.content_type.as_deref()) {
            return Err(no_page(url));
        }
        let html = charset::decode(bytes, page.content_type.as_deref()).text.into_owned();
        Ok(Article { html, base: page.base, bytes: bytes.len() })
    }
}

fn no_page(url: &Url) -> Failure {
    words::failure(FailureKind::NotAFeed, format!("{} is no HTML page", words::shown(url, false)))
}

fn is_html(content_type: Option<&str>) -> bool {
    let of = content_type.unwrap_or("text/html").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"].contains(&of.as_str())
}
