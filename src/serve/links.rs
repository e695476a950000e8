//! The Link header of a feed's document (RFC 8288): where it is, where people read it, which feed an archive is of, which hubs tell of
//! a feed's changes. WebSub §4: a subscriber looks here first.

use crate::{config::Config, model::FeedPart, publish::Key, view};
use axum::http::HeaderValue;
use std::fmt::Write;

/// `key` follows the address of a private feed that was asked for with it: that is where this reader finds it.
pub fn of(config: &Config, document: &Key, key: &str, hubs: &[String]) -> Option<HeaderValue> {
    let Key { feed, part, format } = document;
    let (base, extension) = (view::site_path(config, &feed.path()), format.extension());
    let page = match part {
        FeedPart::Head => view::page_of(config, feed),
        FeedPart::Archive(_) => format!("{base}{}.html", part.path()),
    };
    // One piece of memory, long enough: it is made for each answer. Writing to a string does not fail.
    let mut links = String::with_capacity(512);
    let _ = write!(links, "<{base}{}.{extension}{key}>; rel=\"self\"", part.path());
    let _ = write!(links, ", <{page}{key}>; rel=\"alternate\"; type=\"text/html\"");
    // WebSub §4: what is pushed is the head.
    for hub in hubs.iter().filter(|_| *part == FeedPart::Head) {
        let _ = write!(links, ", <{hub}>; rel=\"hub\"");
    }
    if let FeedPart::Archive(_) = part {
        let _ = write!(links, ", <{base}.{extension}{key}>; rel=\"current\"");
    }
    HeaderValue::from_str(&links).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        format::Format,
        model::FeedId,
        serve::hand::{config, slug},
    };

    #[test]
    fn a_feed_names_itself_its_page_and_its_hubs() {
        let rail = Key::head(FeedId::Category(slug("rail")), Format::Atom);
        let links = of(&config(), &rail, "?token=s", &["https://hub.example/".into()]).unwrap();
        assert_eq!(
            links,
            "<https://example.org/news/category/rail.atom?token=s>; rel=\"self\", \
             <https://example.org/news/category/rail.html?token=s>; rel=\"alternate\"; type=\"text/html\", \
             <https://hub.example/>; rel=\"hub\""
        );
    }

    #[test]
    fn an_archive_names_the_feed_it_is_of_and_no_hub() {
        let third = Key { part: FeedPart::Archive(3), ..Key::head(FeedId::All, Format::Json) };
        assert_eq!(
            of(&config(), &third, "", &["https://hub.example/".into()]).unwrap(),
            "<https://example.org/news/all/archive/3.json>; rel=\"self\", \
             <https://example.org/news/all/archive/3.html>; rel=\"alternate\"; type=\"text/html\", \
             <https://example.org/news/all.json>; rel=\"current\""
        );
    }
}
