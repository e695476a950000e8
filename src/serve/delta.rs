//! RFC 3229 with the instance manipulation `feed`: to a reader that names a document it has, what changed since. A reader's tag
//! says from which version of a feed its document was made, as long as that is remembered; otherwise it gets the whole.

use super::Visit;
use crate::{
    format::{self, Format},
    lru::Lru,
    model::{FeedId, FeedPart},
    publish::Stamp,
    view,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use std::sync::{Mutex, PoisonError};

/// Tags remembered, with their feeds.
const TAGS: usize = 32_768;

const A_IM: HeaderName = HeaderName::from_static("a-im");
const IM: HeaderName = HeaderName::from_static("im");

/// Which version each tag that was given out is of.
pub struct Past(Mutex<Lru<(FeedId, Format, String), Stamp>>);

impl Default for Past {
    fn default() -> Past {
        Past(Mutex::new(Lru::new(TAGS)))
    }
}

impl Past {
    /// Remembers what an answer calls its document. The first version of equal bytes counts: whoever has them may have read
    /// nothing since.
    pub fn remember(&self, feed: &FeedId, format: Format, response: &Response, stamp: Stamp) {
        let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return };
        let key = (feed.clone(), format, tag.to_owned());
        let mut tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tags.get(&key).is_none_or(|known| known.config != stamp.config || known.render != stamp.render) {
            tags.put(key, stamp, 1);
        }
    }

    /// The version that a reader has, if one of its tags is known: the oldest. What another configuration showed is none.
    fn version(&self, feed: &FeedId, format: Format, request: &HeaderMap, now: Stamp) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
        let tags = lists.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_start_matches("W/").to_owned());
        let stamps = tags.filter_map(|tag| known.get(&(feed.clone(), format, tag)).copied());
        stamps.filter(|stamp| (stamp.config, stamp.render) == (now.config, now.render)).map(|stamp| stamp.version).min()
    }
}

/// True when the request takes a delta of a feed (RFC 3229 §10.5.3).
pub fn is_wanted(request: &HeaderMap) -> bool {
    let lists = request.get_all(A_IM).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|wanted| {
        let mut parts = wanted.split(';').map(str::trim);
        let refused = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("feed")) && !parts.any(refused)
    })
}

/// 226 with what changed, in the place of an answer with the whole; the whole where it is not known what changed.
pub async fn instead(
    visit: &Visit,
    feed: &FeedId,
    categories: &[crate::config::Category],
    format: Format,
    whole: Response,
    stamp: Stamp,
) -> anyhow::Result<Response> {
    let known = visit.app.past.version(feed, format, &visit.headers, stamp);
    let Some(since) = known.filter(|_| whole.status() == StatusCode::OK) else { return Ok(whole) };
    let sight = view::sight(categories, feed);
    let Some(listing) = visit.app.store.feed_since(feed, since, sight).await? else { return Ok(whole) };
    // A commit came between: the tag of the whole would promise less than the delta holds. The next request sees it.
    if listing.version != stamp.version {
        return Ok(whole);
    }
    let (config, categories, feed) = (visit.config.clone(), categories.to_vec(), feed.clone());
    let drawn = tokio::task::spawn_blocking(move || {
        let mut view = view::feed_view(&config, &categories, &feed, &FeedPart::Head, &listing);
        view.paging.is_delta = true;
        format::render(&view, format)
    });
    let bytes = drawn.await??;
    let (mut parts, _) = whole.into_parts();
    parts.status = StatusCode::IM_USED;
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(IM, HeaderValue::from_static("feed"));
    // A cache that knows nothing of deltas would give it to others as the whole.
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(version: u64, config: u64) -> Stamp {
        Stamp { version, config, render: 1 }
    }

    fn tagged(tag: &'static str) -> Response {
        Response::builder().header(header::ETAG, tag).body(Body::empty()).unwrap()
    }

    fn asking(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_first_version_of_equal_bytes_is_what_a_reader_has() {
        let past = Past::default();
        for (tag, version) in [("\"a\"", 1), ("\"b\"", 2), ("\"a\"", 3)] {
            past.remember(&FeedId::All, Format::Atom, &tagged(tag), stamp(version, 1));
        }
        let version = |tags, config| {
            past.version(&FeedId::All, Format::Atom, &asking(header::IF_NONE_MATCH, tags), stamp(9, config))
        };
        assert_eq!(version("\"a\"", 1), Some(1));
        assert_eq!(version("\"x\", W/\"b\"", 1), Some(2));
        assert_eq!((version("\"x\"", 1), version("\"b\"", 2)), (None, None));
        past.remember(&FeedId::All, Format::Atom, &tagged("\"b\""), stamp(7, 2));
        assert_eq!(version("\"b\"", 2), Some(7), "by another configuration it is another document");
        let request = asking(header::IF_NONE_MATCH, "\"a\"");
        assert_eq!(past.version(&FeedId::All, Format::Rss, &request, stamp(9, 1)), None);
    }

    #[test]
    fn a_delta_is_sent_to_whoever_asks_for_one() {
        for (value, wanted) in [("feed", true), ("gzip, Feed ;q=0.5", true), ("feed;q=0", false), ("vcdiff", false)] {
            assert_eq!(is_wanted(&asking(A_IM, value)), wanted, "{value}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }
}
