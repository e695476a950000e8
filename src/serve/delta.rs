//! RFC 3229 with the instance manipulation `feed`: to a reader that names a document it has, what changed since. A reader's tag
//! says from which version of a feed its document was made, as long as that is remembered; otherwise it gets the whole.

use super::{Visit, conditional};
use crate::{
    config::Category,
    format,
    model::FeedPart,
    publish::{Key, Stamp},
    view,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

const A_IM: HeaderName = HeaderName::from_static("a-im");
const IM: HeaderName = HeaderName::from_static("im");

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
    key: &Key,
    categories: &[Category],
    whole: Response,
    stamp: Stamp,
) -> anyhow::Result<Response> {
    let known = visit.app.publisher.version_read(key, stamp, conditional::tags_brought(&visit.headers));
    let Some(since) = known.filter(|_| whole.status() == StatusCode::OK) else { return Ok(whole) };
    let sight = view::sight(categories, &key.feed);
    let Some(listing) = visit.app.store.feed_since(&key.feed, since, sight).await? else { return Ok(whole) };
    // A commit came between: the tag of the whole would promise less than the delta holds. The next request sees it.
    if listing.version != stamp.version {
        return Ok(whole);
    }
    let (config, categories, key) = (visit.config.clone(), categories.to_vec(), key.clone());
    let drawn = tokio::task::spawn_blocking(move || {
        let mut view = view::feed_view(&config, &categories, &key.feed, &FeedPart::Head, &listing);
        view.paging.is_delta = true;
        format::render(&view, key.format)
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

    fn asking(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_delta_is_sent_to_whoever_asks_for_one() {
        for (value, wanted) in [("feed", true), ("gzip, Feed ;q=0.5", true), ("feed;q=0", false), ("vcdiff", false)] {
            assert_eq!(is_wanted(&asking(A_IM, value)), wanted, "{value}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }
}
