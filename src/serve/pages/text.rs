//! Text for pages: plain characters from what may be HTML, paragraphs, dates in the site's zone, links that are safe to follow.

use crate::{
    config::Site,
    model::{Text, TextKind, Time},
    words::Words,
};
use chrono::{DateTime, FixedOffset};

/// A moment as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub exact: String,
    /// `2022年4月22日 07:44`, `22 April 2022, 07:44`: by the clock of the site's zone; where it has none, `UTC` stands behind.
    pub shown: String,
}

impl Moment {
    /// In the words of the site's language.
    pub fn at(time: Time, site: &Site) -> Moment {
        let (local, zone) = (local(time, site), if site.timezone.is_some() { "" } else { " UTC" });
        Moment {
            exact: local.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            shown: format!("{}{zone}", local.format(Words::of(&site.language).minute)),
        }
    }
}

/// `2022年4月22日`, `22 April 2022`.
pub fn day(time: Time, site: &Site) -> String {
    local(time, site).format(Words::of(&site.language).day).to_string()
}

fn local(time: Time, site: &Site) -> DateTime<FixedOffset> {
    site.timezone.map_or(time.fixed_offset(), |zone| time.with_timezone(&zone).fixed_offset())
}

/// The characters a reader would see, white space run together.
pub fn plain_text(text: &Text) -> String {
    match text.kind {
        TextKind::Plain => squeeze(&text.value),
        TextKind::Html => seen(&text.value, usize::MAX),
    }
}

/// The beginning of what a reader would see of HTML, at most so many characters; what comes after it is not looked at.
pub fn beginning_of_html(html: &str, characters: usize) -> String {
    seen(html, characters)
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

/// Tags inside a line: they part no words. All others do, as a paragraph's end does.
const WITHIN_A_LINE: [&str; 28] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "wbr",
];

fn seen(html: &str, characters: usize) -> String {
    let (mut out, mut count, mut gap) = (String::new(), 0, false);
    let mut rest = html;
    while !rest.is_empty() {
        let (before, tagged) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        for c in html_escape::decode_html_entities(before).chars() {
            if c.is_whitespace() {
                gap = true;
                continue;
            }
            if std::mem::take(&mut gap) && !out.is_empty() {
                out.push(' ');
                count += 1;
            }
            if count >= characters {
                return format!("{}…", out.trim_end());
            }
            out.push(c);
            count += 1;
        }
        let (tag, after) = tagged.split_at(end_of_tag(tagged));
        let name = tag.trim_start_matches(['<', '/']).split(|c: char| !c.is_ascii_alphanumeric()).next();
        gap |= !name.is_some_and(|name| WITHIN_A_LINE.contains(&name));
        rest = after;
    }
    out
}

/// Where the tag that a text begins with ends: a `>` inside quotes does not end it.
pub fn end_of_tag(tagged: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tagged.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tagged.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::hand::config;

    #[test]
    fn html_is_read_and_plain_text_is_left_alone() {
        assert_eq!(plain_text(&Text::plain(" a <b>\n &amp; ")), "a <b> &amp;");
        assert_eq!(plain_text(&Text::html("<p title=\"a>b\">一</p><p>二 &lt;b&gt; &amp;amp;</p>")), "一 二 <b> &amp;");
        assert_eq!(
            plain_text(&Text::html("<p>详见<a href=\"x\">说明</a>。</p><p>H<sub>2</sub>O<br>二</p>")),
            "详见说明。 H2O 二"
        );
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
    fn times_are_those_of_the_sites_clock_in_its_own_words() {
        let mut site = config().site;
        let time = "2022-04-21T23:44:35Z".parse().unwrap();
        let shown = |site: &Site| (Moment::at(time, site).shown, day(time, site));
        assert_eq!(Moment::at(time, &site).exact, "2022-04-22T07:44:35+08:00");
        assert_eq!(shown(&site), ("2022年4月22日 07:44".into(), "2022年4月22日".into()));
        site.language = "en-GB".into();
        assert_eq!(shown(&site), ("22 April 2022, 07:44".into(), "22 April 2022".into()));
        site.timezone = None;
        assert_eq!(shown(&site), ("21 April 2022, 23:44 UTC".into(), "21 April 2022".into()));
        assert_eq!(Moment::at(time, &site).exact, "2022-04-21T23:44:35+00:00");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(beginning("厦门日报", 2), "厦门…");
        assert_eq!(beginning("厦门", 2), "厦门");
        for (html, told) in
            [("<p>厦门</p><p>日报</p>", "厦门…"), ("<p>厦门", "厦门"), ("<b>厦</b>门&amp;", "厦门…"), ("厦<br>", "厦")]
        {
            assert_eq!(beginning_of_html(html, 2), told, "{html}");
            assert_eq!(beginning_of_html(html, 2), beginning(&plain_text(&Text::html(html)), 2), "{html}");
        }
        assert_eq!(paragraphs("一\n\n　二 \r\n三"), ["一", "二", "三"]);
    }
}
