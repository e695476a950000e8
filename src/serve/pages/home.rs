//! `/`: the newest of each public category, the first of them with titles, all of them by name.

use super::{
    drawn::{self, Stamp},
    frame::{Frame, Row},
    lists::{newest, versions},
};
use crate::{
    model::FeedId,
    serve::{Visit, document::Problem},
};
use askama::Template;
use axum::response::Response;

/// Titles of each category.
const ROWS: usize = 5;

/// Categories whose titles stand here: with more of them the page would be long, and large.
const SHELVES: usize = 24;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    shelves: Vec<Shelf>,
    /// Title and page of categories without titles here.
    others: Vec<(String, String)>,
}

/// A category with its newest titles.
struct Shelf {
    title: String,
    page: String,
    rows: Vec<Row>,
}

/// `/`
pub async fn home(visit: &Visit) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let feeds: Vec<FeedId> = catalog.public().map(|category| FeedId::Category(category.slug.clone())).collect();
    let from = Stamp::of(&(versions(visit, &feeds).await?, catalog.hash()));
    let caching = visit.caching(&FeedId::All).await;
    let frame = Frame::new(&visit.config, "").at(&visit.config, "/");
    drawn::send(visit, "/", from, caching, frame.guise, async || {
        let (mut shelves, mut others) = (Vec::new(), Vec::new());
        for (category, feed) in catalog.public().zip(&feeds) {
            let page = format!("{}{}.html", frame.root, feed.path());
            // What there is to read comes first; a category that is still empty is named, below.
            let items = if shelves.len() < SHELVES { newest(visit, feed, ROWS, |_| true).await? } else { Vec::new() };
            match items.is_empty() {
                true => others.push((category.title.clone(), page)),
                false => {
                    let rows = items.iter().map(|item| Row::of(item, &frame)).collect();
                    shelves.push(Shelf { title: category.title.clone(), page, rows });
                }
            }
        }
        Ok(HomePage { frame, shelves, others })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        serve::hand::{config, item},
        view::ItemBody,
    };

    #[test]
    fn links_between_pages_stand_below_the_sites_path_and_feeds_are_absolute() {
        let config = config();
        let frame = Frame::new(&config, "").at(&config, "/");
        let rows = vec![Row::of(&item("一", ItemBody::Link), &frame)];
        let shelves = vec![Shelf { title: "R".into(), page: "/news/category/rail.html".into(), rows }];
        let html = HomePage { frame, shelves, others: vec![("空".into(), "/news/category/x.html".into())] };
        let html = html.render().unwrap();
        for part in [
            "href=\"/news/style.css\"",
            "href=\"/news/entry/NW202204222352631195.html\"",
            "<link rel=\"alternate\" type=\"application/rss+xml\"",
            "<link rel=\"canonical\" href=\"https://example.org/news/\">",
            "href=\"https://example.org/news/all.atom\"",
            "厦门日报",
            "2022年4月22日 07:44",
            "<html lang=\"zh-CN\">",
            "href=\"/news/category/x.html\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(
            !html.contains("onclick") && html.matches("<script").count() == 1,
            "one script, and none inline: {html}"
        );
    }
}
