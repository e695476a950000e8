//! What a JSON Feed says about itself. What the format has no word for is read back from the `_syndic` object we write.

use super::{Object, address, authors, extensions, line, list, people, tags, words};
use crate::{
    model::{Caption, Cloud, FeedInfo, Link, Rare, RawDate, Text, TextInput, Wishes},
    parse::limits,
};
use serde_json::Value;
use url::Url;

/// The feed's own members.
pub fn info(feed: &Object, base: Option<&Url>) -> FeedInfo {
    let nothing = Object::new();
    let ours = object(feed, "_syndic").unwrap_or(&nothing);
    let logo = address(feed, "icon", base).or_else(|| address(feed, "image", base));
    let about = logo.as_ref().and_then(|_| object(ours, "image")).unwrap_or(&nothing);
    FeedInfo {
        title: line(feed, "title"),
        subtitle: line(feed, "description"),
        home: address(feed, "home_page_url", base),
        self_url: address(feed, "feed_url", base),
        hubs: hubs(feed, base),
        licences: list(ours, "licences")
            .iter()
            .filter_map(|url| page(url.as_str()?, base))
            .take(limits::EACH)
            .collect(),
        links: links(feed, ours, base),
        published: words(ours, "published").map(RawDate),
        updated: words(ours, "updated").map(RawDate),
        authors: authors(feed, base),
        contributors: people(list(ours, "contributors"), base),
        tags: tags(if ours.contains_key("tags") { ours } else { feed }),
        language: words(feed, "language"),
        generator: words(feed, "generator").or_else(|| words(ours, "generator")),
        generator_uri: address(ours, "generator_url", base),
        icon: address(feed, "favicon", base),
        caption: caption(about, base),
        logo,
        rights: rights(feed, ours),
        wishes: wishes(ours),
        rare: Rare {
            cloud: object(ours, "cloud").and_then(cloud),
            text_input: object(ours, "text_input").and_then(|said| text_input(said, base)),
            docs: address(ours, "docs", base),
            rating: words(ours, "rating"),
            user_comment: words(feed, "user_comment"),
            expired: feed.get("expired") == Some(&Value::Bool(true)),
        },
        extensions: extensions::objects(feed),
        ..FeedInfo::default()
    }
}

fn caption(about: &Object, base: Option<&Url>) -> Caption {
    let side = |key: &str| about.get(key).and_then(Value::as_u64).and_then(|side| u32::try_from(side).ok());
    Caption {
        title: words(about, "title"),
        link: address(about, "link", base),
        width: side("width"),
        height: side("height"),
        description: words(about, "description"),
    }
}

fn object<'a>(of: &'a Object, key: &str) -> Option<&'a Object> {
    of.get(key).and_then(Value::as_object)
}

fn page(url: &str, base: Option<&Url>) -> Option<String> {
    crate::parse::urls::page(base, url)
}

fn rights(feed: &Object, ours: &Object) -> Option<Text> {
    line(feed, "_rights").or_else(|| line(feed, "copyright")).or_else(|| line(ours, "rights"))
}

/// Hubs that speak WebSub: those of other protocols (rssCloud) are no use to whoever asks one to.
fn hubs(feed: &Object, base: Option<&Url>) -> Vec<String> {
    let websub = |hub: &&Object| {
        let kind = words(hub, "type").map(|kind| kind.to_ascii_lowercase());
        kind.is_none_or(|kind| matches!(kind.as_str(), "websub" | "pubsubhubbub"))
    };
    let hubs = list(feed, "hubs").iter().filter_map(Value::as_object).filter(websub);
    hubs.filter_map(|hub| address(hub, "url", base)).take(limits::EACH).collect()
}

fn links(feed: &Object, ours: &Object, base: Option<&Url>) -> Vec<Link> {
    let next = address(feed, "next_url", base).map(|href| Link { href, rel: "next".to_owned(), ..Link::default() });
    let others = list(ours, "links").iter().filter_map(|said| {
        let said = said.as_object()?;
        let rel = words(said, "rel")?.to_ascii_lowercase();
        Some(Link { href: address(said, "url", base)?, rel, media_type: words(said, "type"), ..Link::default() })
    });
    next.into_iter().chain(others).take(limits::EACH).collect()
}

fn wishes(ours: &Object) -> Wishes {
    let numbers = |key: &str, below: u8| -> Vec<u8> {
        let said = list(ours, key).iter().filter_map(|number| u8::try_from(number.as_u64()?).ok());
        let mut said: Vec<u8> = said.filter(|number| *number < below).take(limits::EACH).collect();
        said.dedup();
        said
    };
    let ttl = ours.get("ttl_minutes").and_then(Value::as_u64).and_then(|minutes| u32::try_from(minutes).ok());
    Wishes {
        ttl_minutes: ttl.filter(|minutes| *minutes > 0),
        skip_hours: numbers("skip_hours", 24),
        skip_days: numbers("skip_days", 7),
        update_period_seconds: None,
    }
}

fn cloud(said: &Object) -> Option<Cloud> {
    let words = |key: &str| words(said, key).unwrap_or_default();
    Some(Cloud {
        domain: self::words(said, "domain")?,
        port: words("port"),
        path: words("path"),
        register_procedure: words("register_procedure"),
        protocol: words("protocol"),
    })
}

fn text_input(said: &Object, base: Option<&Url>) -> Option<TextInput> {
    let words = |key: &str| words(said, key).unwrap_or_default();
    let link = address(said, "link", base)?;
    Some(TextInput { title: words("title"), description: words("description"), name: words("name"), link })
}
