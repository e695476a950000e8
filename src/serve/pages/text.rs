//! Text for pages: plain characters from what may be HTML, paragraphs, dates in the site's zone, links that are safe to follow.

use crate::{
    config::Site,
    model::{Text, TextKind, Time},
};
use chrono::{TimeZone, Utc};

/// A moment as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub exact: String,
    /// `2022-04-22 07:44 +08:00`.
    pub shown: String,
}

impl Moment {
    /// In the zone of the site, UTC where it has none.
    pub fn at(time: Time, site: &Site) -> Moment {
        match site.timezone {
            Some(zone) => Moment::within(time, zone),
            None => Moment::within(time, Utc),
        }
    }

    /// `2022-04-22`.
    pub fn day(&self) -> &str {
        self.shown.split(' ').next().unwrap_or_default()
    }

    fn within<Z: TimeZone>(time: Time, zone: Z) -> Moment
    where
        Z::Offset: std::fmt::Display,
    {
        let local = time.with_timezone(&zone);
        let exact = local.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
        Moment { exact, shown: local.format("%Y-%m-%d %H:%M %:z").to_string() }
    }
}

/// The characters a reader would see, white space run together.
pub fn plain_text(text: &Text) -> String {
    match text.kind {
        TextKind::Plain => squeeze(&text.value),
        TextKind::Html => squeeze(&html_escape::decode_html_entities(&without_tags(&text.value))),
    }
}

/// The beginning of a text, at most so many characters.
pub fn beginning(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// One a line, blank ones left out.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The link, if following it opens a page and runs nothing.
pub fn safe_link(link: &str) -> Option<&str> {
    let scheme = link.split_once("://")?.0;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(link)
}

/// The language, if it has the form of a tag (BCP 47): a browser chooses letters, voice and hyphens by it.
pub fn language_tag(language: &str) -> Option<&str> {
    let mut parts = language.split('-');
    let primary =
        parts.next().is_some_and(|part| matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let others = parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    (primary && others).then_some(language)
}

/// `rtl` for languages that are written from right to left.
pub fn direction(language: &str) -> Option<&'static str> {
    let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    ["ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"].contains(&primary.as_str()).then_some("rtl")
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of well-formed HTML: a `>` inside an attribute's quotes ends no tag. A tag parts words, as a paragraph's end does.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside: Option<Option<char>> = None;
    for c in html.chars() {
        inside = match (inside, c) {
            (None, '<') => {
                text.push(' ');
                Some(None)
            }
            (None, c) => {
                text.push(c);
                None
            }
            (Some(None), '>') => None,
            (Some(None), '"' | '\'') => Some(Some(c)),
            (Some(Some(quote)), c) if c == quote => Some(None),
            (within, _) => within,
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::config;

    #[test]
    fn html_is_read_and_plain_text_is_left_alone() {
        assert_eq!(plain_text(&Text::plain(" a <b>\n &amp; ")), "a <b> &amp;");
        assert_eq!(plain_text(&Text::html("<p title=\"a>b\">一</p><p>二 &lt;b&gt; &amp;amp;</p>")), "一 二 <b> &amp;");
    }

    #[test]
    fn a_language_is_a_tag_or_none() {
        for tag in ["zh", "zh-Hant-TW", "EN", "de-1996"] {
            assert_eq!(language_tag(tag), Some(tag), "{tag}");
        }
        for odd in ["", "z", "zh_CN", "zh-", "\"><script>", "chinese language", "123", "abcdefghi"] {
            assert_eq!(language_tag(odd), None, "{odd}");
        }
        assert_eq!((direction("ar-EG"), direction("zh")), (Some("rtl"), None));
    }

    #[test]
    fn only_web_links_are_followed() {
        assert_eq!(safe_link("HTTPS://a.example/"), Some("HTTPS://a.example/"));
        for bad in ["javascript:alert(1)", "javascript://x%0aalert(1)", "data:text/html,x", " https://a", "//a", ""] {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_the_sites_and_name_their_zone() {
        let mut site = config().site;
        let time = "2022-04-21T23:44:35Z".parse().unwrap();
        let shown = Moment::at(time, &site);
        assert_eq!(shown.shown, "2022-04-22 07:44 +08:00");
        assert_eq!(shown.exact, "2022-04-22T07:44:35+08:00");
        site.timezone = None;
        assert_eq!(Moment::at(time, &site).shown, "2022-04-21 23:44 +00:00");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(beginning("厦门日报", 2), "厦门…");
        assert_eq!(beginning("厦门", 2), "厦门");
        assert_eq!(paragraphs("一\n\n　二 \r\n三"), ["一", "二", "三"]);
    }
}
