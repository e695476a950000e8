//! What to write into feeds.toml for a feed that was found: id, title, language, zone. Pure: whoever asks decides.

/// Many at once.
mod list;

use crate::{
    config::{Lines, Said},
    model::{FeedInfo, Slug},
    policy,
};
pub use list::List;
use std::collections::BTreeSet;
use url::Url;

/// Longest id that is proposed, characters.
const LONGEST: usize = 32;
/// What hosts begin with and says nothing.
const EMPTY_LABELS: [&str; 6] = ["www", "feeds", "feed", "rss", "blog", "news"];

/// A source that may be added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// Where its entries stand.
    pub categories: Vec<String>,
    /// A title of the operator's own; else the feed's is used.
    pub title: Option<String>,
    /// Its home page, where the feed does not name it.
    pub homepage: Option<String>,
    /// Its language, where the feed does not say it.
    pub language: Option<String>,
    /// The zone of its dates, where they do not say it.
    pub timezone: Option<String>,
    /// How much of each entry is published.
    pub content: Option<String>,
    /// How it is read where it is no feed: `[source.page]` and what follows.
    pub recipe: Option<String>,
}

impl Proposal {
    /// As it is written.
    pub fn lines(&self) -> Lines {
        let text = |text: &Option<String>| text.clone().map(Said::Text);
        let categories = match self.categories.as_slice() {
            [] => None,
            [one] => Some(("category", Said::Text(one.clone()))),
            several => Some(("categories", Said::Texts(several.to_vec()))),
        };
        let said = [
            Some(("id", Said::Text(self.id.clone()))),
            Some(("url", Said::Text(self.url.clone()))),
            text(&self.title).map(|title| ("title", title)),
            categories,
            text(&self.homepage).map(|page| ("homepage", page)),
            text(&self.language).map(|language| ("language", language)),
            text(&self.timezone).map(|zone| ("timezone", zone)),
            text(&self.content).map(|content| ("content", content)),
            self.recipe.clone().map(|recipe| ("recipe", Said::Section(recipe))),
        ];
        said.into_iter().flatten().collect()
    }
}

/// An id that nobody has: from the title, else from the host.
pub fn id(title: &str, url: &Url, taken: &BTreeSet<String>) -> String {
    let from_title = slug(title).filter(|slug| slug.len() > 2);
    let first = from_title.or_else(|| slug(&host_words(url))).unwrap_or_else(|| "source".to_owned());
    let numbered = (2..).map(|number| format!("{first}-{number}"));
    std::iter::once(first.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or(first)
}

/// A slug from words in Latin letters; `None` where there are too few of them.
pub fn slug(words: &str) -> Option<String> {
    let latin = words.chars().filter(char::is_ascii_alphanumeric).count();
    if latin * 2 < words.chars().filter(|c| c.is_alphanumeric()).count() {
        return None;
    }
    let lower = words.to_lowercase().replace(['\'', '’'], "");
    let mut slug = String::new();
    for word in lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !slug.is_empty() && slug.len() + 1 + word.len() > LONGEST {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word.get(..LONGEST).unwrap_or(word));
    }
    Slug::parse(&slug).map(|slug| slug.to_string())
}

/// The language of a feed that does not say it, where its letters do.
pub fn language(info: &FeedInfo, titles: &[String]) -> Option<String> {
    if info.language.is_some() {
        return None;
    }
    let text = titles.concat();
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    let (kana, han) =
        (count(|c| matches!(*c, '\u{3040}'..='\u{30ff}')), count(|c| matches!(*c, '\u{4e00}'..='\u{9fff}')));
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if kana > 0 && kana * 20 > letters {
        return Some("ja".to_owned());
    }
    (han * 2 > letters).then(|| "zh".to_owned())
}

/// The zone that dates without one are most likely in.
pub fn zone(language: Option<&str>) -> &'static str {
    match language.and_then(|language| language.split('-').next()) {
        Some("zh") => "Asia/Shanghai",
        Some("ja") => "Asia/Tokyo",
        Some("ko") => "Asia/Seoul",
        _ => "UTC",
    }
}

/// The title as a line of text.
pub fn title(info: &FeedInfo) -> String {
    info.title.as_ref().map(policy::plain).unwrap_or_default().trim().to_owned()
}

/// What of a host says who it is.
fn host_words(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    if !matches!(url.host(), Some(url::Host::Domain(_))) {
        return host.to_owned();
    }
    let suffix = psl::suffix_str(host).map_or(0, |suffix| suffix.len() + 1);
    let own = host.get(..host.len().saturating_sub(suffix)).unwrap_or(host);
    let mut labels: Vec<&str> = own.split('.').collect();
    while labels.len() > 1 && labels.first().is_some_and(|first| EMPTY_LABELS.contains(first)) {
        labels.remove(0);
    }
    labels.reverse();
    labels.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(title: &str, url: &str, taken: &[&str]) -> String {
        id(title, &url.parse().unwrap(), &taken.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn an_id_is_the_title_in_short_or_the_host_and_always_free() {
        let url = "https://blog.rust-lang.org/feed.xml";
        assert_eq!(proposed("The Rust Blog", url, &[]), "the-rust-blog");
        assert_eq!(proposed("The Rust Blog", url, &["the-rust-blog", "the-rust-blog-2"]), "the-rust-blog-3");
        assert_eq!(proposed("", url, &[]), "rust-lang");
        assert_eq!(proposed("厦门日报 A1", "https://www.xmnn.com.cn/rss", &[]), "xmnn");
        assert_eq!(proposed("BBC", "https://bbc.co.uk/", &[]), "bbc");
        assert_eq!(proposed("People's Daily", url, &[]), "peoples-daily");
        let long = "A very long title of a journal about everything that there is";
        assert_eq!(proposed(long, url, &[]), "a-very-long-title-of-a-journal");
        assert_eq!(proposed("", "https://192.0.2.7/", &[]), "192-0-2-7");
    }

    #[test]
    fn a_language_is_proposed_only_where_the_feed_says_none_and_the_letters_do() {
        let info = FeedInfo::default();
        let of = |title: &str| language(&info, &[title.to_owned()]);
        assert_eq!(of("港口一季度吞吐量增长 3%").as_deref(), Some("zh"));
        assert_eq!(of("港の新しいニュース").as_deref(), Some("ja"));
        assert_eq!(of("Harbour news"), None);
        let said = FeedInfo { language: Some("en".into()), ..FeedInfo::default() };
        assert_eq!(language(&said, &["港口".to_owned()]), None);
    }
}
