//! A path → what is asked for. Pure. Paths work below the path of `[site] url` and at the root, for a proxy may strip it.

use crate::{
    format::Format,
    metrics::Kind,
    model::{FeedId, FeedPart, Slug, TagName},
};
use std::borrow::Cow;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Home,
    /// `/about.html`
    About,
    /// `/category/<slug>.html`, `/source/<id>.html`, `/tag/<tag>.html`; older ones at `…/archive/<n>.html`
    Page(FeedId, FeedPart),
    /// `/all.*`, `/category/<slug>.*`, `/source/<id>.*`, `/tag/<tag>.*`; archives at `…/archive/<n>.*`
    Feed(FeedId, FeedPart, Format),
    /// `/changes.ndjson`
    Changes,
    /// `/entry/<infoCode>.html`, the code as it was asked for.
    Entry(String),
    /// `/feeds.opml`
    Opml,
    /// `/status.html`
    StatusPage,
    /// `/status.json`
    StatusJson,
    /// `/status.atom`
    StatusFeed,
    /// `/robots.txt`
    Robots,
    /// `/style.css`
    Style,
    /// `/copy.js`
    Script,
    /// `/icon.svg`
    Icon,
    /// `/metrics`
    Metrics,
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
    /// What it is for the numbers.
    pub fn kind(&self) -> Kind {
        match self {
            Route::Page(_, FeedPart::Archive(_)) | Route::Feed(_, FeedPart::Archive(_), _) => Kind::Archive,
            Route::Home | Route::About | Route::Page(..) => Kind::Page,
            Route::Feed(..) => Kind::Feed,
            Route::Entry(_) => Kind::Entry,
            Route::Changes => Kind::Changes,
            Route::Opml => Kind::Opml,
            Route::StatusPage | Route::StatusJson | Route::StatusFeed => Kind::Status,
            Route::Metrics => Kind::Metrics,
            Route::Live | Route::Ready => Kind::Health,
            Route::Hub => Kind::Hub,
            Route::Callback(_) => Kind::Websub,
            Route::Robots | Route::Style | Route::Script | Route::Icon => Kind::Asset,
        }
    }

    /// `prefix` is the path of `[site] url` without a slash at its end: empty, or `/news`.
    pub fn parse(path: &str, prefix: &str) -> Option<Route> {
        let (path, prefix) = (segments(path)?, segments(prefix).unwrap_or_default());
        let below = path.strip_prefix(prefix.as_slice());
        below.and_then(Route::at_root).or_else(|| Route::at_root(&path))
    }

    fn at_root(segments: &[Cow<'_, str>]) -> Option<Route> {
        let segments: Vec<&str> = segments.iter().map(Cow::as_ref).collect();
        if let Some(route) = Route::of_a_feed(&segments) {
            return Some(route);
        }
        match segments.as_slice() {
            [] => Some(Route::Home),
            [name] => Route::top(name),
            ["websub", token] if !token.is_empty() => Some(Route::Callback((*token).to_owned())),
            ["entry", file] => {
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
            "status.atom" => Some(Route::StatusFeed),
            "robots.txt" => Some(Route::Robots),
            "style.css" => Some(Route::Style),
            "copy.js" => Some(Route::Script),
            "icon.svg" => Some(Route::Icon),
            "metrics" => Some(Route::Metrics),
            "livez" => Some(Route::Live),
            "readyz" => Some(Route::Ready),
            "changes.ndjson" => Some(Route::Changes),
            _ => None,
        }
    }

    /// A document of a feed, or the page of one.
    fn of_a_feed(segments: &[&str]) -> Option<Route> {
        let (file, name, part) = match segments {
            [.., name, "archive", file] => (*file, Some(*name), true),
            [.., file] => (*file, None, false),
            [] => return None,
        };
        let (stem, extension) = file.rsplit_once('.')?;
        let part = if part { FeedPart::Archive(number(stem)?) } else { FeedPart::Head };
        let name = name.unwrap_or(stem);
        let feed = match (segments.first()?, segments.len() - if part == FeedPart::Head { 0 } else { 2 }) {
            (_, 1) if name == "all" => FeedId::All,
            (&"category", 2) => FeedId::Category(Slug::parse(name)?),
            (&"source", 2) => FeedId::Source(Slug::parse(name)?),
            (&"tag", 2) => FeedId::Tag(TagName::of(name)?),
            _ => return None,
        };
        match extension {
            // The page of everything is the home page.
            "html" if feed == FeedId::All && part == FeedPart::Head => None,
            "html" => Some(Route::Page(feed, part)),
            _ => Some(Route::Feed(feed, part, format(extension)?)),
        }
    }
}

/// The number of an archive, in the one spelling it has.
fn number(text: &str) -> Option<u64> {
    let number = text.parse().ok().filter(|number| *number > 0)?;
    (text == format!("{number}")).then_some(number)
}

/// The segments of a path, each with its percent-encoding taken off: `%2E` is a point (RFC 3986 §6.2.2.2), and `%2F` no slash
/// between two segments (§2.2).
fn segments(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let Some(path) = path.strip_prefix('/') else { return path.is_empty().then(Vec::new) };
    let decode = |segment| percent_encoding::percent_decode_str(segment).decode_utf8().ok();
    path.split('/').map(decode).collect()
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
        let tag = FeedId::Tag(TagName::of("铁路").unwrap());
        for (path, route) in [
            ("/", Route::Home),
            ("/about.html", Route::About),
            ("/category/rail.html", Route::Page(rail.clone(), FeedPart::Head)),
            ("/category/rail.rss", Route::Feed(rail.clone(), FeedPart::Head, Format::Rss)),
            ("/category/rail.atom", Route::Feed(rail.clone(), FeedPart::Head, Format::Atom)),
            ("/category/rail.json", Route::Feed(rail.clone(), FeedPart::Head, Format::Json)),
            ("/category/rail/archive/12.json", Route::Feed(rail.clone(), FeedPart::Archive(12), Format::Json)),
            ("/category/rail/archive/1.html", Route::Page(rail, FeedPart::Archive(1))),
            ("/source/bbc.html", Route::Page(FeedId::Source(slug("bbc")), FeedPart::Head)),
            ("/source/bbc.json", Route::Feed(FeedId::Source(slug("bbc")), FeedPart::Head, Format::Json)),
            ("/tag/%E9%93%81%E8%B7%AF.atom", Route::Feed(tag.clone(), FeedPart::Head, Format::Atom)),
            ("/tag/%E9%93%81%E8%B7%AF/archive/2.rss", Route::Feed(tag, FeedPart::Archive(2), Format::Rss)),
            ("/tag/archive.html", Route::Page(FeedId::Tag(TagName::of("archive").unwrap()), FeedPart::Head)),
            ("/all.rss", Route::Feed(FeedId::All, FeedPart::Head, Format::Rss)),
            ("/all/archive/3.atom", Route::Feed(FeedId::All, FeedPart::Archive(3), Format::Atom)),
            ("/changes.ndjson", Route::Changes),
            ("/entry/NW202204222352631195.html", Route::Entry("NW202204222352631195".into())),
            ("/feeds.opml", Route::Opml),
            ("/status.json", Route::StatusJson),
            ("/status.html", Route::StatusPage),
            ("/status.atom", Route::StatusFeed),
            ("/robots.txt", Route::Robots),
            ("/metrics", Route::Metrics),
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
            "all.rss",
            "//",
            "/category/rail",
            "/category/rail.xml",
            "/category/.rss",
            "/category/../all.rss",
            "/category/Rail.rss",
            "/category/rail.rss/",
            "/category/%2e%2e.html",
            "/category/%2e%2e/all.rss",
            "/category%2Frail.rss",
            "/category/rail.rss%00",
            "/category/%ff.rss",
            "/category/rail%252erss",
            "/entry/.html",
            "/entry/a/b.html",
            "/all.html",
            "/websub/",
            "/websub/a/b",
            "/category/rail/archive/0.atom",
            "/category/rail/archive/01.atom",
            "/category/rail/archive/+1.atom",
            "/category/rail/archive/1.xml",
            "/category/rail/archive/99999999999999999999.atom",
            "/archive/1.atom",
            "/a/all.rss",
            "/category/all.rss/archive/1.rss",
            "/tag/%2F.atom",
            "/tag/...atom",
            "/all.",
        ] {
            assert_eq!(Route::parse(path, ""), None, "{path}");
        }
    }

    #[test]
    fn an_encoded_character_is_the_character() {
        let rail = Some(Route::Feed(FeedId::Category(slug("rail")), FeedPart::Head, Format::Rss));
        for path in
            ["/category/rail%2erss", "/category/%72ail%2Erss", "/%63ategory/rail.rss", "/ne%77s/category/rail.rss"]
        {
            assert_eq!(Route::parse(path, "/news"), rail, "{path}");
        }
    }

    #[test]
    fn the_path_of_the_site_is_stripped_but_not_needed() {
        for path in ["/news/all.rss", "/all.rss"] {
            assert_eq!(
                Route::parse(path, "/news"),
                Some(Route::Feed(FeedId::All, FeedPart::Head, Format::Rss)),
                "{path}"
            );
        }
        assert_eq!(Route::parse("/news", "/news"), Some(Route::Home));
        assert_eq!(Route::parse("/news/", "/news"), Some(Route::Home));
        assert_eq!(Route::parse("/newsall.rss", "/news"), None);
        let rail = Some(Route::Page(FeedId::Category(slug("rail")), FeedPart::Head));
        assert_eq!(Route::parse("/category/category/rail.html", "/category"), rail);
        assert_eq!(Route::parse("/category/rail.html", "/category"), rail);
    }
}
