//! Pages of tags and archives, and the ways between what is older and newer.

use super::{
    drawn::{self, Stamp},
    frame::Frame,
    lists::{ListPage, ROWS, category_frame, newest, views},
};
use crate::{
    model::{FeedId, FeedPart, TagName},
    serve::{
        Visit,
        access::Credentials,
        document::{Caching, Guise, Problem},
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
    let (path, archives) = (format!("{}.html", feed.path()), visit.app.store.archives(&feed).await?);
    let from = Stamp::of(&(visit.app.store.version(&feed)?, archives, catalog.hash()));
    drawn::send(visit, &path, from, visit.caching(&feed).await, Guise::Listing, async || {
        let nobody = Credentials::default();
        let items = newest(visit, &feed, ROWS, |entry| catalog.shows(entry, &nobody)).await?;
        let frame = Frame::new(&visit.config, shown(&tag, &items)).at(&visit.config, &path).with_feeds(&feed);
        let pager = Pager::of(&frame, &feed, archives, None);
        Ok(ListPage::of(frame, None, &items, pager))
    })
    .await
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
    let (store, path) = (&visit.app.store, format!("{}{}.html", feed.path(), FeedPart::Archive(number).path()));
    let archives = store.archives(&feed).await?;
    let source = match &feed {
        FeedId::Source(id) => {
            Some(status::title(feeds::known_source(visit, &catalog, id)?, Some(&store.state(id).await?)))
        }
        _ => None,
    };
    let version = store.archive_version(&feed, number).await?;
    let from = Stamp::of(&(version, archives, &source, category.map(|category| &category.title), catalog.hash()));
    let private = category.is_some_and(|category| category.token.is_some());
    let caching = if private { Caching::Private } else { Caching::Public(freshness::LONGEST) };
    drawn::send(visit, &path, from, caching, Guise::Listing, async || {
        let listing = feeds::archived(visit, &feed, number, &catalog).await?;
        let items = views(&visit.config, listing.entries).await?;
        let mut frame = match (category, &feed, &source) {
            (Some(category), _, _) => category_frame(&visit.config, category, visit.credentials.query(), &path),
            (None, FeedId::Tag(tag), _) => Frame::new(&visit.config, shown(tag, &items)).at(&visit.config, &path),
            (None, _, Some(title)) => Frame::new(&visit.config, title).at(&visit.config, &path),
            (None, _, None) => Frame::new(&visit.config, visit.words.everything).at(&visit.config, &path),
        };
        let [before, behind] = visit.words.part;
        frame.title = format!("{} | {before}{number}{behind}", frame.title);
        let frame = frame.with_feeds(&feed);
        let pager = Pager::of(&frame, &feed, archives, Some(number));
        Ok(ListPage::of(frame, None, &items, pager))
    })
    .await
}

/// The publishers' own spelling of a tag, where there is one.
fn shown<'a>(tag: &'a TagName, items: &'a [ItemView]) -> &'a str {
    items.iter().find_map(|item| tag.shown_in(&item.tags)).unwrap_or(tag.as_str())
}
