//! Pages about the house itself: how to take its feeds, and the one that says there is none.

use super::{
    drawn::{self, Stamp},
    frame::{FeedLink, Frame, feed_links},
    text::safe_link,
};
use crate::{
    config::Config,
    model::{FeedId, Slug},
    serve::{Visit, document::Problem, status},
};
use askama::Template;
use axum::response::Response;

/// Categories and sources listed each: more are in the OPML.
const LISTED: usize = 60;

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    frame: Frame,
    groups: Vec<Group>,
}

impl AboutPage {
    fn mail_or_web(&self, contact: &str) -> Option<String> {
        let mail = contact.contains('@') && !contact.contains([':', '/', ' ', '?']);
        let written = contact.strip_prefix("mailto:").is_some() || safe_link(contact).is_some();
        if mail { Some(format!("mailto:{contact}")) } else { written.then(|| contact.to_owned()) }
    }
}

/// A heading and the feeds below it.
struct Group {
    heading: &'static str,
    members: Vec<Member>,
    beyond: usize,
}

impl Group {
    fn of(heading: &'static str, mut members: Vec<Member>) -> Group {
        let beyond = members.len().saturating_sub(LISTED);
        members.truncate(LISTED);
        Group { heading, members, beyond }
    }
}

/// One thing that has feeds.
struct Member {
    title: String,
    page: String,
    feeds: Vec<FeedLink>,
}

/// `/about.html`: how to syndicate, and the public feeds.
pub async fn about(visit: &Visit) -> Result<Response, Problem> {
    let (catalog, states) = (visit.catalog().await?, visit.app.store.states().await?);
    let (config, words) = (&visit.config, visit.words);
    let sources = config.sources.iter().filter(|source| catalog.names(source));
    let sources: Vec<(String, FeedId)> = sources
        .map(|source| (status::title(source, states.get(&source.id)), FeedId::Source(source.id.clone())))
        .collect();
    let frame = Frame::new(config, words.about).at(config, "/about.html");
    let from = Stamp::of(&(catalog.hash(), &sources));
    drawn::send(visit, "/about.html", from, visit.caching(&FeedId::All).await, frame.guise, async || {
        let member = |title: String, feed: FeedId| Member {
            title,
            page: format!("{}{}.html", frame.root, feed.path()),
            feeds: feed_links(&frame.site, &feed, ""),
        };
        let categories =
            catalog.public().map(|category| member(category.title.clone(), FeedId::Category(category.slug.clone())));
        let groups = vec![
            Group::of(words.categories, categories.collect()),
            Group::of(words.sources, sources.into_iter().map(|(title, feed)| member(title, feed)).collect()),
        ];
        Ok(AboutPage { frame, groups })
    })
    .await
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    why: Option<&'static str>,
    near: &'a [Slug],
}

/// A page for when there is none: a title, what there is to say, and where to look instead.
pub fn problem(config: &Config, title: &str, why: Option<&'static str>, near: &[Slug]) -> anyhow::Result<String> {
    let mut frame = Frame::new(config, title).with_others_words();
    frame.unlisted = true;
    Ok(ProblemPage { frame, why, near }.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::{config, slug};

    #[test]
    fn a_missing_page_names_what_is_near() {
        let html = problem(&config(), "没有", None, &[slug("rail")]).unwrap();
        assert!(html.contains("href=\"/news/category/rail.html\""), "{html}");
    }

    #[test]
    fn who_to_write_to_is_a_link_where_it_can_be_one() {
        let page = AboutPage { frame: Frame::new(&config(), ""), groups: Vec::new() };
        assert_eq!(page.mail_or_web("news@example.org").as_deref(), Some("mailto:news@example.org"));
        assert_eq!(page.mail_or_web("https://example.org/about").as_deref(), Some("https://example.org/about"));
        for none in ["javascript:alert(1)//@", "the desk", "a@b?subject=x"] {
            assert_eq!(page.mail_or_web(none), None, "{none}");
        }
    }

    #[test]
    fn a_long_list_is_told_in_part() {
        let member = |n: usize| Member { title: n.to_string(), page: String::new(), feeds: Vec::new() };
        let group = Group::of("", (0..LISTED + 5).map(member).collect());
        assert_eq!((group.members.len(), group.beyond), (LISTED, 5));
    }
}
