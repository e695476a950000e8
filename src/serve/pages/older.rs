//! Pages of tags and archives, and the ways between what is older and newer.

use super::{
    frame::Frame,
    lists::{ListPage, ROWS, category_frame, newest, send, views},
};
use crate::{
    model::{FeedId, FeedPart, TagName},
    serve::{
        Visit,
        access::Credentials,
        document::{Caching, Problem},
        feeds::{self, Access},
        freshness, status,
    },
    view::ItemView,
};
use axum::response::Response;

/// Ways to what is older and newer, as paths.
#[derive(Default)]
pub struct Pager {
    /// To what is older.
    pub older: Option<String>,
    /// To what is newer.
    pub newer: Option<String>,
}

impl Pager {
    /// Of a page of a feed whose archives have these numbers; `number` is that of an archive's own page.
    pub fn of(frame: &Frame, feed: &FeedId, archives: Option<(u64, u64)>, number: Option<u64>) -> Pager {
        let (first, last) = archives.unwrap_or((1, 0));
        let page = |number: u64| {
            let path = format!("{}{}{}.html{}", frame.root, feed.path(), FeedPart::Archive(number).path(), frame.key);
            (first..=last).contains(&number).then_some(path)
        };
        match number {
            None => Pager { older: page(last), newer: None },
            Some(number) => Pager { older: page(number.saturating_sub(1)), newer: page(number + 1) },
        }
    }
}

/// `/tag/<tag>.html`: what publishers put under it, without what stands in private categories only.
pub async fn tag(visit: &Visit, tag: TagName) -> Result<Response, Problem> {
    let (catalog, feed) = (visit.catalog().await?, FeedId::Tag(tag.clone()));
    feeds::open(visit, &catalog, &feed).await?;
    let nobody = Credentials::default();
    let items = newest(visit, &feed, ROWS, |entry| catalog.shows(entry, &nobody)).await?;
    let title = items.iter().find_map(|item| tag.shown_in(&item.tags)).unwrap_or(tag.as_str());
    let frame = Frame::new(&visit.config, title).with_feeds(&feed);
    let caching = visit.caching(&feed).await;
    list(visit, frame, &feed, None, &items, caching).await
}

/// `…/archive/<n>.html`: the entries of an archive.
pub async fn archive(visit: &Visit, feed: FeedId, number: u64) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let category = match feeds::open(visit, &catalog, &feed).await? {
        Access::Open(category) => category,
        Access::Moved(category) => {
            return feeds::moved_to(visit, category, &format!("{}.html", FeedPart::Archive(number).path()));
        }
    };
    let listing = feeds::archived(visit, &feed, number, &catalog).await?;
    let items = views(&visit.config, listing.entries).await?;
    let frame = match (category, &feed) {
        (Some(category), _) => category_frame(&visit.config, category, visit.credentials.query()),
        (None, FeedId::Source(id)) => {
            let state = visit.app.store.state(id).await?;
            Frame::new(&visit.config, &status::title(feeds::known_source(visit, &catalog, id)?, Some(&state)))
        }
        (None, FeedId::Tag(tag)) => {
            let title = items.iter().find_map(|item| tag.shown_in(&item.tags)).unwrap_or(tag.as_str());
            Frame::new(&visit.config, title)
        }
        (None, _) => Frame::new(&visit.config, visit.words.everything),
    };
    let frame = frame.with_feeds(&feed);
    let caching = if frame.unlisted { Caching::Private } else { Caching::Public(freshness::LONGEST) };
    list(visit, frame, &feed, Some(number), &items, caching).await
}

/// A list of entries without facts above it.
pub async fn list(
    visit: &Visit,
    frame: Frame,
    feed: &FeedId,
    number: Option<u64>,
    items: &[ItemView],
    caching: Caching,
) -> Result<Response, Problem> {
    let pager = Pager::of(&frame, feed, visit.app.store.archives(feed).await?, number);
    send(visit, &ListPage::of(frame, items, pager), caching).await
}
