//! Which feed of ours a URL means, and under which one it is pushed (WebSub §5.1). Pure. A private feed is one only for who brings
//! its token; without, it is no more there than one that does not exist.

use crate::{
    config::{Category, Config},
    format::Format,
    model::{self, FeedId},
    view::site_path,
};
use url::Url;

/// A feed of ours in one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Under its present name.
    pub feed: FeedId,
    /// In this format.
    pub format: Format,
    /// What opens it, where it is private.
    token: Option<String>,
}

impl Topic {
    /// The feed that an address of ours leads to. `categories` are all there are. Whether anything stands under a tag is for the
    /// store to say.
    pub fn of(address: &str, config: &Config, categories: &[Category]) -> Option<Topic> {
        let (url, site) = (Url::parse(address).ok()?, &config.site.url);
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !plain || !is_at(&url, site) {
            return None;
        }
        let below = |prefix: &str| url.path().strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
        // A proxy may strip the path of the site's address: both ways lead to the same feed.
        let named = |path: &str| {
            let (path, extension) = path.rsplit_once('.')?;
            let format = Format::ALL.into_iter().find(|format| format.extension() == extension)?;
            Some((FeedId::of_path(path)?, format))
        };
        let (feed, format) = below(site.path().trim_end_matches('/')).and_then(named).or_else(|| named(url.path()))?;
        let brought = only_token(&url)?;
        let open = || brought.is_none().then(|| Topic { feed: feed.clone(), format, token: None });
        let slug = match &feed {
            FeedId::Category(slug) => slug,
            FeedId::Tag(tag) => return open().filter(|_| config.publish.tags.allows(tag)),
            FeedId::All | FeedId::Source(_) => {
                return open().filter(|topic| feeds(config, categories).any(|public| public == topic.feed));
            }
        };
        let category = categories.iter().find(|category| category.slug == *slug);
        let category = category.or_else(|| categories.iter().find(|category| category.aliases.contains(slug)))?;
        let feed = FeedId::Category(category.slug.clone());
        match (&category.token, brought) {
            (None, None) => Some(Topic { feed, format, token: None }),
            (Some(token), Some(brought)) if model::opens(&brought, token) => {
                Some(Topic { feed, format, token: Some(brought) })
            }
            _ => None,
        }
    }

    /// Whether only who has its token may read it.
    pub fn is_private(&self) -> bool {
        self.token.is_some()
    }

    /// Its address, as its readers know it: what a push calls `self`.
    pub fn address(&self, config: &Config) -> String {
        let address = address(config, &self.feed, self.format);
        address + &self.token.as_deref().map(model::token_query).unwrap_or_default()
    }
}

/// The address of a feed in a format, without what opens a private one.
pub fn address(config: &Config, feed: &FeedId, format: Format) -> String {
    format!("{}.{}", site_path(config, &feed.path()), format.extension())
}

/// The feeds that anyone may read, but for those of tags: there are as many as publishers like.
pub fn feeds<'a>(config: &'a Config, categories: &'a [Category]) -> impl Iterator<Item = FeedId> + 'a {
    let public = || categories.iter().filter(|category| category.token.is_none());
    let named = config.sources.iter().filter(move |source| {
        let fed = |category: &Category| source.categories.iter().any(|fed| fed.slug == category.slug);
        source.categories.is_empty() || public().any(fed)
    });
    let sources = named.map(|source| FeedId::Source(source.id.clone()));
    std::iter::once(FeedId::All).chain(public().map(|category| FeedId::Category(category.slug.clone()))).chain(sources)
}

/// The same host and port; a proxy may speak http and https for us, each at its usual port.
fn is_at(url: &Url, site: &Url) -> bool {
    let usual = |url: &Url| url.port().is_none();
    let web = matches!(url.scheme(), "http" | "https");
    let port = url.port() == site.port() && (usual(url) || url.scheme() == site.scheme());
    web && port && url.host() == site.host()
}

/// What `?token=` holds, if anything; nothing at all when the query says more: each feed is one topic, not as many as there are
/// parameters.
fn only_token(url: &Url) -> Option<Option<String>> {
    let mut pairs = url.query_pairs();
    match (pairs.next(), pairs.next()) {
        (None, _) => Some(None),
        (Some((name, value)), None) if name == "token" => Some(Some(value.into_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Overrides, view::published_categories};
    use std::path::Path;

    fn config() -> Config {
        let text = "[site]\nurl = \"https://news.example/base\"\n[publish]\ntags_denied = [\"odd\"]\n\
                    [[category]]\nslug = \"rail\"\naliases = [\"trains\"]\n[[category]]\nslug = \"board\"\ntoken = \"s&t\"\n\
                    [[source]]\nid = \"paper\"\nurl = \"https://paper.example/\"\ncategory = \"rail\"\n\
                    [[source]]\nid = \"secret\"\nurl = \"https://other.example/\"\ncategory = \"board\"\n";
        let loaded = Config::parse(text, Path::new("feeds.toml"), &Overrides::default());
        loaded.unwrap_or_else(|errors| panic!("{errors}")).config
    }

    fn of(address: &str) -> Option<String> {
        let config = config();
        let categories = published_categories(&config, &[]);
        Topic::of(address, &config, &categories).map(|topic| topic.address(&config))
    }

    #[test]
    fn every_address_of_a_feed_means_that_feed() {
        for (asked, means) in [
            ("https://news.example/base/category/rail.atom", "category/rail.atom"),
            ("HTTPS://News.Example:443/category/rail.atom", "category/rail.atom"),
            ("http://news.example/base/category/trains.rss", "category/rail.rss"),
            ("https://news.example/base/all.json", "all.json"),
            ("https://news.example/base/source/paper.json", "source/paper.json"),
            ("https://news.example/base/category/board.rss?token=s%26t", "category/board.rss?token=s%26t"),
            ("https://news.example/tag/%E9%93%81%E8%B7%AF.atom", "tag/%E9%93%81%E8%B7%AF.atom"),
        ] {
            assert_eq!(of(asked), Some(format!("https://news.example/base/{means}")), "{asked}");
        }
    }

    #[test]
    fn nothing_else_is_a_topic() {
        for asked in [
            "https://other.example/base/all.atom",
            "https://news.example:8443/base/all.atom",
            "http://news.example:443/base/all.atom",
            "https://news.example/base/all.html",
            "https://news.example/base/all.atom?page=2",
            "https://news.example/base/all.atom#x",
            "https://me@news.example/base/all.atom",
            "https://news.example/base/category/sea.atom",
            "https://news.example/base/tag/odd.atom",
            "https://news.example/base/tag/even.atom?token=x",
            "https://news.example/base/source/secret.atom",
            "https://news.example/base/category/board.atom",
            "https://news.example/base/category/board.atom?token=wrong",
            "https://news.example/base/category/board.atom?token=s%26t&token=x",
            "ftp://news.example/base/all.atom",
            "all.atom",
            "",
        ] {
            assert_eq!(of(asked), None, "{asked}");
        }
    }
}
