//! Pages that list entries: a category's, and what those of sources, tags and archives have in common with it.

use super::{
    drawn::{self, Stamp},
    frame::{Frame, Row},
    older::Pager,
    source::SourceFacts,
};
use crate::{
    config::{Category, Config},
    model::{Entry, FeedId, Slug},
    serve::{Visit, catalog::Found, document::Problem, feeds},
    view::{self, ItemView},
};
use askama::Template;
use axum::response::Response;
use std::sync::Arc;

/// Entries on a page.
pub(super) const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "list.html")]
pub(super) struct ListPage {
    frame: Frame,
    about: Option<SourceFacts>,
    rows: Vec<Row>,
    pager: Pager,
}

impl ListPage {
    /// Entries, with facts above them where they are of a source.
    pub(super) fn of(frame: Frame, about: Option<SourceFacts>, items: &[ItemView], pager: Pager) -> ListPage {
        let rows = items.iter().map(|item| Row::of(item, &frame)).collect();
        ListPage { frame, about, rows, pager }
    }
}

/// `/category/<slug>.html`
pub async fn category(visit: &Visit, slug: &Slug) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let category = match catalog.find(slug, &visit.credentials) {
        Found::Here(category) => category,
        Found::Moved(category) => return feeds::moved(visit, category, "html"),
        Found::Nowhere(near) => return Err(visit.nowhere(near)),
    };
    let feed = FeedId::Category(category.slug.clone());
    let path = format!("{}.html", feed.path());
    let frame = category_frame(&visit.config, category, visit.credentials.query(), &path).with_feeds(&feed);
    let archives = visit.app.store.archives(&feed).await?;
    let from = Stamp::of(&(visit.app.store.version(&feed)?, archives, &category.title));
    let caching = drawn::caching(&frame, visit.caching(&feed).await);
    drawn::send(visit, &path, from, caching, frame.guise, async || {
        let items = newest(visit, &feed, ROWS, |_| true).await?;
        let pager = Pager::of(&frame, &feed, archives, None);
        Ok(ListPage::of(frame, None, &items, pager))
    })
    .await
}

pub(super) fn category_frame(config: &Config, category: &Category, key: String, path: &str) -> Frame {
    let mut frame = Frame::new(config, &category.title).at(config, path);
    frame.description = category.description.clone().unwrap_or_else(|| category.title.clone());
    if category.token.is_some() { frame.private(key) } else { frame }
}

/// Title and page of each.
pub(super) fn category_links<'a>(
    categories: impl Iterator<Item = &'a Category>,
    frame: &Frame,
) -> Vec<(String, String)> {
    let link = |category: &Category| {
        let key = if category.token.is_some() { frame.key.as_str() } else { "" };
        (category.title.clone(), format!("{}/category/{}.html{key}", frame.root, category.slug))
    };
    categories.map(link).collect()
}

/// The versions of feeds.
pub(super) async fn versions(visit: &Visit, feeds: &[FeedId]) -> Result<Vec<u64>, Problem> {
    let mut versions = Vec::with_capacity(feeds.len());
    for feed in feeds {
        versions.push(visit.app.store.version(feed)?);
    }
    Ok(versions)
}

/// The newest entries that may be shown, as they are shown.
pub(super) async fn newest(
    visit: &Visit,
    feed: &FeedId,
    take: usize,
    may: impl Fn(&Entry) -> bool,
) -> Result<Vec<ItemView>, Problem> {
    let mut entries = visit.app.store.page(feed, 0, take).await?.entries;
    entries.retain(|entry| may(entry));
    views(&visit.config, entries).await
}

/// Excerpts are cut from whole bodies: not on a thread that others wait for.
pub(super) async fn views(config: &Arc<Config>, entries: Vec<Arc<Entry>>) -> Result<Vec<ItemView>, Problem> {
    let config = config.clone();
    let work = move || entries.iter().map(|entry| view::item_view(&config, entry)).collect();
    Ok(tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        serve::hand::{config, item},
        view::ItemBody,
    };

    const HOSTILE: &str = "</title><script>alert('1')</script>\" onload=\"x";

    #[test]
    fn a_list_escapes_what_came_from_outside() {
        let config = config();
        let frame = Frame::new(&config, HOSTILE).with_feeds(&FeedId::All);
        let mut hostile = item(HOSTILE, ItemBody::Full(format!("<p>{}</p>", "&lt;script&gt;")));
        hostile.publisher = Some(HOSTILE.into());
        hostile.language = Some("\"><script>".into());
        let about = SourceFacts {
            homepage: None,
            rights: Some(HOSTILE.into()),
            licence: None,
            shown: "",
            health: HOSTILE.into(),
            categories: vec![(HOSTILE.into(), "/category/x.html".into())],
        };
        let html = ListPage::of(frame, Some(about), &[hostile], Pager::default()).render().unwrap();
        assert!(!html.contains("<script>") && !html.contains("onload=\"x"), "{html}");
        assert!(html.contains("&lt;script&gt;") || html.contains("&#60;script&#62;"), "shown as characters: {html}");
    }

    #[test]
    fn links_of_a_private_page_carry_the_key_and_nobody_lists_it() {
        let config = config();
        let board = Category {
            token: Some("s".into()),
            ..Category::named(crate::model::CategoryRef { slug: crate::serve::hand::slug("board"), title: "B".into() })
        };
        let frame = category_frame(&config, &board, "?token=s".into(), "/category/board.html")
            .with_feeds(&FeedId::Category(board.slug.clone()));
        let html = ListPage::of(frame, None, &[item("一", ItemBody::Link)], Pager::default()).render().unwrap();
        assert!(html.contains("/category/board.rss?token=s\""), "{html}");
        assert!(html.contains("/entry/NW202204222352631195.html?token=s\""), "{html}");
        assert!(html.contains("noindex") && !html.contains("og:url") && !html.contains("rel=\"canonical\""), "{html}");
    }

    #[test]
    fn a_page_of_fifty_long_entries_is_under_60_kb_and_the_style_under_20() {
        let config = config();
        let title = "港口一季度吞吐量增长，海沧码头夜间作业灯光改造完成".repeat(2);
        let body = ItemBody::Full(format!("<p>{}</p>", "厦门日报讯，今天上午。".repeat(200)));
        let items: Vec<ItemView> = (0..ROWS).map(|_| item(&title, body.clone())).collect();
        let page = ListPage::of(Frame::new(&config, "厦门"), None, &items, Pager::default()).render().unwrap();
        assert!(page.len() < 60_000 && page.contains("今天上午"), "{}", page.len());
        assert!(crate::serve::assets::STYLE.len() < 20_000);
    }
}
