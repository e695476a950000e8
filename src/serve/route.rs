//! A path → what is asked for. Pure. Paths work below the path of `[site] url` and at the root, for a proxy may strip it.

use crate::{
    format::Format,
    model::{FeedId, Slug},
};

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Home,
    /// `/about.html`
    About,
    /// `/category/<slug>.html`, `/source/<id>.html`
    Page(FeedId),
    /// `/all.*`, `/category/<slug>.*`, `/source/<id>.*`
    Feed(FeedId, Format),
    /// `/entry/<infoCode>.html`, the code as it was asked for.
    Entry(String),
    /// `/feeds.opml`
    Opml,
    /// `/status.html`
    StatusPage,
    /// `/status.json`
    StatusJson,
    /// `/robots.txt`
    Robots,
    /// `/style.css`
    Style,
    /// `/livez`
    Live,
    /// `/readyz`
    Ready,
    /// `/websub/<token>`
    Callback(String),
    /// `/hub`
    Hub,
}

impl Route {
    /// `prefix` is the path of `[site] url` without a slash at its end: empty, or `/news`.
    pub fn parse(path: &str, prefix: &str) -> Option<Route> {
        below(path, prefix).and_then(Route::at_root).or_else(|| Route::at_root(path))
    }

    fn at_root(path: &str) -> Option<Route> {
        let mut segments = path.strip_prefix('/')?.split('/');
        match (segments.next()?, segments.next(), segments.next()) {
            (name, None, None) => Route::top(name),
            ("category", Some(file), None) => Route::of(file, FeedId::Category),
            ("source", Some(file), None) => Route::of(file, FeedId::Source),
            ("websub", Some(token), None) if !token.is_empty() => Some(Route::Callback(token.to_owned())),
            ("entry", Some(file), None) => {
                let code = file.strip_suffix(".html").filter(|code| !code.is_empty())?;
                Some(Route::Entry(code.to_owned()))
            }
            _ => None,
        }
    }

    fn top(name: &str) -> Option<Route> {
        match name {
            "" | "index.html" => Some(Route::Home),
            "about.html" => Some(Route::About),
            "feeds.opml" => Some(Route::Opml),
            "hub" => Some(Route::Hub),
            "status.html" => Some(Route::StatusPage),
            "status.json" => Some(Route::StatusJson),
            "robots.txt" => Some(Route::Robots),
            "style.css" => Some(Route::Style),
            "livez" => Some(Route::Live),
            "readyz" => Some(Route::Ready),
            _ => {
                let ("all", extension) = name.rsplit_once('.')? else { return None };
                Some(Route::Feed(FeedId::All, format(extension)?))
            }
        }
    }

    fn of(file: &str, feed: impl Fn(Slug) -> FeedId) -> Option<Route> {
        let (slug, extension) = file.rsplit_once('.')?;
        let feed = feed(Slug::parse(slug)?);
        if extension == "html" {
            return Some(Route::Page(feed));
        }
        Some(Route::Feed(feed, format(extension)?))
    }
}

fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    match path.strip_prefix(prefix)? {
        "" if !prefix.is_empty() => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

fn format(extension: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.extension() == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        Slug::parse(text).unwrap()
    }

    #[test]
    fn each_path_of_the_contract_is_a_route() {
        let rail = FeedId::Category(slug("rail"));
        for (path, route) in [
            ("/", Route::Home),
            ("/about.html", Route::About),
            ("/category/rail.html", Route::Page(rail.clone())),
            ("/category/rail.rss", Route::Feed(rail.clone(), Format::Rss)),
            ("/category/rail.atom", Route::Feed(rail.clone(), Format::Atom)),
            ("/category/rail.json", Route::Feed(rail, Format::Json)),
            ("/source/bbc.html", Route::Page(FeedId::Source(slug("bbc")))),
            ("/source/bbc.json", Route::Feed(FeedId::Source(slug("bbc")), Format::Json)),
            ("/all.rss", Route::Feed(FeedId::All, Format::Rss)),
            ("/entry/NW202204222352631195.html", Route::Entry("NW202204222352631195".into())),
            ("/feeds.opml", Route::Opml),
            ("/status.json", Route::StatusJson),
            ("/status.html", Route::StatusPage),
            ("/robots.txt", Route::Robots),
            ("/livez", Route::Live),
            ("/readyz", Route::Ready),
            ("/hub", Route::Hub),
            ("/websub/0a1b", Route::Callback("0a1b".into())),
        ] {
            assert_eq!(Route::parse(path, ""), Some(route), "{path}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for path in [
            "",
            "//",
            "/category/rail",
            "/category/rail.xml",
            "/category/.rss",
            "/category/../all.rss",
            "/category/Rail.rss",
            "/category/rail.rss/",
            "/category/%2e%2e.html",
            "/entry/.html",
            "/entry/a/b.html",
            "/all.html",
            "/websub/",
            "/websub/a/b",
            "/all.",
        ] {
            assert_eq!(Route::parse(path, ""), None, "{path}");
        }
    }

    #[test]
    fn the_path_of_the_site_is_stripped_but_not_needed() {
        for path in ["/news/all.rss", "/all.rss"] {
            assert_eq!(Route::parse(path, "/news"), Some(Route::Feed(FeedId::All, Format::Rss)), "{path}");
        }
        assert_eq!(Route::parse("/news", "/news"), Some(Route::Home));
        assert_eq!(Route::parse("/news/", "/news"), Some(Route::Home));
        assert_eq!(Route::parse("/newsall.rss", "/news"), None);
        let rail = Some(Route::Page(FeedId::Category(slug("rail"))));
        assert_eq!(Route::parse("/category/category/rail.html", "/category"), rail);
        assert_eq!(Route::parse("/category/rail.html", "/category"), rail);
    }
}
