//! The Link header of a feed (RFC 8288): where it is, where people read it, which hubs tell of its changes. WebSub §4: a subscriber
//! looks here first.

use crate::{config::Config, format::Format, model::FeedId, view};
use axum::http::HeaderValue;
use std::fmt::Write;

/// `key` follows the address of a private feed that was asked for with it: that is where this reader finds it.
pub fn of(config: &Config, feed: &FeedId, format: Format, key: &str, hubs: &[String]) -> Option<HeaderValue> {
    let own = view::site_path(config, &feed.path());
    let mut links = format!("<{own}.{}{key}>; rel=\"self\"", format.extension());
    let _ = write!(links, ", <{}{key}>; rel=\"alternate\"; type=\"text/html\"", view::page_of(config, feed));
    for hub in hubs {
        let _ = write!(links, ", <{hub}>; rel=\"hub\"");
    }
    HeaderValue::try_from(links).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::{config, slug};

    #[test]
    fn a_feed_names_itself_its_page_and_its_hubs() {
        let rail = FeedId::Category(slug("rail"));
        let links = of(&config(), &rail, Format::Atom, "?token=s", &["https://hub.example/".into()]).unwrap();
        assert_eq!(
            links,
            "<https://example.org/news/category/rail.atom?token=s>; rel=\"self\", \
             <https://example.org/news/category/rail.html?token=s>; rel=\"alternate\"; type=\"text/html\", \
             <https://hub.example/>; rel=\"hub\""
        );
    }
}
