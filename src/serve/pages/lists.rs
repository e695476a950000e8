//! Pages that list: home, category, source, about, status, and the page that says there is none.

use super::{
    frame::{FeedLink, Frame, Row, feed_links},
    older::{Pager, list},
    text::{Moment, plain_text, safe_link},
};
use crate::{
    config::{Category, Config},
    model::{ContentPolicy, Entry, FeedId, Slug, Time},
    serve::{
        Visit,
        access::Credentials,
        catalog::Found,
        document::{Caching, Document, Problem},
        feeds,
        status::{self, Status},
    },
    view::{self, ItemView},
};
use askama::Template;
use axum::response::Response;
use std::sync::Arc;

/// Titles of each category on the first page.
const HOME_ROWS: usize = 5;

/// Entries on a category's or source's page.
pub(super) const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    shelves: Vec<Shelf>,
}

/// A category on the first page.
struct Shelf {
    title: String,
    page: String,
    rows: Vec<Row>,
}

/// `/`: the newest of each public category.
pub async fn home(visit: &Visit) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let frame = Frame::new(&visit.config, "").with_feeds(&FeedId::All);
    let mut shelves = Vec::new();
    for category in catalog.public() {
        let items = newest(visit, &FeedId::Category(category.slug.clone()), HOME_ROWS, |_| true).await?;
        shelves.push(Shelf {
            title: category.title.clone(),
            page: format!("{}/category/{}.html", frame.root, category.slug),
            rows: items.iter().map(|item| Row::of(item, &frame)).collect(),
        });
    }
    // What there is to read comes first; a category that is still empty is named, below.
    shelves.sort_by_key(|shelf| shelf.rows.is_empty());
    let caching = visit.caching(&FeedId::All).await;
    send(visit, &HomePage { frame, shelves }, caching).await
}

#[derive(Template)]
#[template(path = "list.html")]
pub(super) struct ListPage {
    frame: Frame,
    about: Option<SourceFacts>,
    rows: Vec<Row>,
    pager: Pager,
}

impl ListPage {
    /// Entries without facts above them.
    pub(super) fn of(frame: Frame, items: &[ItemView], pager: Pager) -> ListPage {
        let rows = items.iter().map(|item| Row::of(item, &frame)).collect();
        ListPage { frame, about: None, rows, pager }
    }
}

/// Who a source is.
pub(super) struct SourceFacts {
    homepage: Option<String>,
    rights: Option<String>,
    /// Address of the licence its texts are under.
    licence: Option<String>,
    /// How much of a text is published here.
    shown: &'static str,
    categories: Vec<(String, String)>,
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
    let items = newest(visit, &feed, ROWS, |_| true).await?;
    let frame = category_frame(&visit.config, category, visit.credentials.query()).with_feeds(&feed);
    let caching = if frame.unlisted { Caching::Private } else { visit.caching(&feed).await };
    list(visit, frame, &feed, None, &items, caching).await
}

pub(super) fn category_frame(config: &Config, category: &Category, key: String) -> Frame {
    let mut frame = Frame::new(config, &category.title);
    frame.description = category.description.clone().unwrap_or_else(|| category.title.clone());
    if category.token.is_some() { frame.private(key) } else { frame }
}

/// `/source/<id>.html`: without what stands in private categories only.
pub async fn source(visit: &Visit, id: &Slug) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let source = feeds::known_source(visit, &catalog, id)?;
    let state = visit.app.store.state(id).await?;
    let feed = FeedId::Source(id.clone());
    let nobody = Credentials::default();
    let items = newest(visit, &feed, ROWS, |entry| catalog.shows(entry, &nobody)).await?;
    let frame = Frame::new(&visit.config, &status::title(source, Some(&state))).with_feeds(&feed);
    let said = state.feed.as_ref();
    let homepage = source.homepage.clone().or_else(|| said.and_then(|feed| feed.home.clone()));
    let rights = source.rights.clone().or_else(|| said.and_then(|feed| feed.rights.as_ref()).map(plain_text));
    let about = SourceFacts {
        homepage: homepage.as_deref().and_then(safe_link).map(str::to_owned),
        rights: rights.filter(|rights| !rights.is_empty()),
        licence: source.license.clone().or_else(|| said.and_then(|feed| feed.licences.first().cloned())),
        shown: match source.content {
            ContentPolicy::Full => visit.words.whole_texts,
            ContentPolicy::Excerpt => visit.words.excerpts,
            ContentPolicy::Link => visit.words.titles_only,
        },
        categories: category_links(catalog.public_of(source), &frame),
    };
    let about = SourceFacts { licence: about.licence.as_deref().and_then(safe_link).map(str::to_owned), ..about };
    let rows = items.iter().map(|item| Row::of(item, &frame)).collect();
    let pager = Pager::of(&frame, &feed, visit.app.store.archives(&feed).await?, None);
    send(visit, &ListPage { frame, about: Some(about), rows, pager }, visit.caching(&feed).await).await
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

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    frame: Frame,
    groups: Vec<Group>,
}

/// A heading and the feeds below it.
struct Group {
    heading: &'static str,
    members: Vec<Member>,
}

/// One thing that has feeds.
struct Member {
    title: String,
    page: String,
    feeds: Vec<FeedLink>,
}

/// `/about.html`: how to syndicate, and every public feed.
pub async fn about(visit: &Visit) -> Result<Response, Problem> {
    let (catalog, states) = (visit.catalog().await?, visit.app.store.states().await?);
    let (config, words) = (&visit.config, visit.words);
    let frame = Frame::new(config, words.about).with_feeds(&FeedId::All);
    let member = |title: String, feed: FeedId| Member {
        title,
        page: if feed == FeedId::All {
            format!("{}/", frame.root)
        } else {
            format!("{}{}.html", frame.root, feed.path())
        },
        feeds: feed_links(&frame.site, &feed, ""),
    };
    let categories =
        catalog.public().map(|category| member(category.title.clone(), FeedId::Category(category.slug.clone())));
    let named = config.sources.iter().filter(|source| catalog.names(source));
    let sources =
        named.map(|source| member(status::title(source, states.get(&source.id)), FeedId::Source(source.id.clone())));
    let groups = vec![
        Group { heading: words.everything, members: vec![member(config.site.title.clone(), FeedId::All)] },
        Group { heading: words.categories, members: categories.collect() },
        Group { heading: words.sources, members: sources.collect() },
    ];
    let caching = visit.caching(&FeedId::All).await;
    send(visit, &AboutPage { frame, groups }, caching).await
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    frame: Frame,
    status: &'a Status,
}

impl StatusPage<'_> {
    fn time(&self, time: &Option<Time>) -> String {
        time.map(|time| Moment::at(time, &self.frame.site).shown).unwrap_or_default()
    }

    fn word(&self, source: &status::SourceStatus) -> String {
        serde_json::to_value(source.state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// The table of `/status.html`.
pub fn status(visit: &Visit, status: &Status) -> anyhow::Result<String> {
    let mut frame = Frame::new(&visit.config, visit.words.status);
    frame.unlisted = true;
    Ok(StatusPage { frame, status }.render()?)
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    near: &'a [Slug],
}

/// A page for when there is none.
pub fn problem(config: &Config, title: &str, near: &[Slug]) -> anyhow::Result<String> {
    let mut frame = Frame::new(config, title);
    frame.unlisted = true;
    Ok(ProblemPage { frame, near }.render()?)
}

pub(super) async fn send(visit: &Visit, page: &impl Template, caching: Caching) -> Result<Response, Problem> {
    let html = page.render().map_err(anyhow::Error::from)?;
    visit.send(Document::page(html, caching)).await
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
        let rows = vec![Row::of(&hostile, &frame)];
        let about = SourceFacts {
            homepage: None,
            rights: Some(HOSTILE.into()),
            licence: None,
            shown: "",
            categories: vec![(HOSTILE.into(), "/category/x.html".into())],
        };
        let html = ListPage { frame, about: Some(about), rows, pager: Pager::default() }.render().unwrap();
        assert!(!html.contains("<script") && !html.contains("onload=\"x"), "{html}");
        assert!(html.contains("&lt;script&gt;") || html.contains("&#60;script&#62;"), "shown as characters: {html}");
    }

    #[test]
    fn links_between_pages_stand_below_the_sites_path_and_feeds_are_absolute() {
        let config = config();
        let frame = Frame::new(&config, "").with_feeds(&FeedId::All);
        let rows = vec![Row::of(&item("一", ItemBody::Link), &frame)];
        let shelves = vec![Shelf { title: "R".into(), page: "/news/category/rail.html".into(), rows }];
        let html = HomePage { frame, shelves }.render().unwrap();
        for part in [
            "href=\"/news/style.css\"",
            "href=\"/news/entry/NW202204222352631195.html\"",
            "<link rel=\"alternate\" type=\"application/rss+xml\"",
            "href=\"https://example.org/news/all.atom\"",
            "厦门日报",
            "2022-04-22 07:44 +08:00",
            "<html lang=\"zh-CN\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn links_of_a_private_page_carry_the_key_and_nobody_lists_it() {
        let config = config();
        let board = Category {
            token: Some("s".into()),
            ..Category::named(crate::model::CategoryRef { slug: crate::serve::hand::slug("board"), title: "B".into() })
        };
        let frame =
            category_frame(&config, &board, "?token=s".into()).with_feeds(&FeedId::Category(board.slug.clone()));
        let rows = vec![Row::of(&item("一", ItemBody::Link), &frame)];
        let html = ListPage { frame, about: None, rows, pager: Pager::default() }.render().unwrap();
        assert!(html.contains("/category/board.rss?token=s\""), "{html}");
        assert!(html.contains("/entry/NW202204222352631195.html?token=s\""), "{html}");
        assert!(html.contains("noindex"), "{html}");
    }

    #[test]
    fn a_missing_page_names_what_is_near() {
        let html = problem(&config(), "没有", &[crate::serve::hand::slug("rail")]).unwrap();
        assert!(html.contains("href=\"/news/category/rail.html\""), "{html}");
    }
}
