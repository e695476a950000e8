//! The text of an article's own page: found on it, and taken only if it is better than what the feed said. Pure; the only
//! file that knows the extraction library. Pages are bounded in depth and tags before any parser sees them.

use super::{attribution, html, remove, sanitise, text};
use crate::{
    css::{self, Selector},
    model::{Detail, Detailed, Edition, FullText, RawDate, Slot, Text, TextKind, WantedText},
    parse::said,
    recipe::{self, Item},
};
use dom_smoothie::{Config, Readability};

/// Letters below which the extraction tries again with laxer rules. (A Chinese article of 200 characters is a long one.)
const SHORT: usize = 200;
/// Elements of one page; no article has as many.
const MAX_ELEMENTS: usize = 20_000;
/// Elements times how deep they stand: what the parser's cost grows with. Ten times what large pages have.
const MAX_WORK: usize = 1_000_000;
/// Letters that make a text at all.
const LEAST: usize = 20;
/// Letters of the feed's that show its script.
const TELLING: usize = 8;

/// Why the feed's own text stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// Nothing was found, or next to nothing.
    Empty,
    /// It says no more than the feed does.
    NoLonger,
    /// Mostly links: a list of other articles.
    Links,
    /// In another script: a notice, a login, another edition of the site.
    OtherLanguage,
}

impl Worse {
    /// For the operator.
    pub fn words(self) -> &'static str {
        match self {
            Worse::Empty => "no text was found on the page",
            Worse::NoLonger => "the page has no more text than the feed",
            Worse::Links => "what was found on the page is mostly links",
            Worse::OtherLanguage => "the page is in another language than the feed",
        }
    }
}

/// Puts the page's text into an edition made from the feed, if it is better; either way the edition says so. Gives the date that a
/// section of its own found there.
pub fn fill(
    edition: &mut Edition,
    page: &str,
    base: Option<&str>,
    wanted: &WantedText,
    removals: &[Selector],
) -> Result<Option<RawDate>, Worse> {
    edition.full_text = FullText::Kept;
    let (found, published) = match wanted {
        WantedText::Detail(detail) => {
            let (text, item) = detailed(page, base, detail)?;
            // What a list lacks is welcome also where the text is not.
            complete(edition, &item, base);
            (text, item.first(Slot::Published).map(said::date))
        }
        _ => (found(page, base, wanted).ok_or(Worse::Empty)?, None),
    };
    let (found, removed) = remove::from_text(found, removals);
    let safe = sanitise(&found);
    let feed = [&edition.content, &edition.summary].into_iter().flatten().map(plain).max_by_key(|text| letters(text));
    judge(&feed.unwrap_or_default(), &safe, is_chosen(wanted))?;
    let named = attribution::find(&found, &safe);
    let said = &mut edition.attribution;
    // What the feed's text ended in does not end this one.
    let before = said.publisher.take().map(|publisher| crate::model::Publisher { ends_text: false, ..publisher });
    said.publisher = named.publisher.or(before);
    if said.byline.is_empty() {
        said.byline = named.byline;
    }
    edition.content = Some(Text::html(safe));
    // The summary stays, perhaps from before there was such a rule: what is named is true of both.
    let later: Vec<String> = removed.into_iter().filter(|new| !edition.removed.contains(new)).collect();
    edition.summary = edition.summary.take().map(|text| remove::without_named(&text, &later));
    edition.removed.extend(later);
    edition.full_text = FullText::Page;
    Ok(published)
}

/// The operator said himself where it is.
fn is_chosen(wanted: &WantedText) -> bool {
    match wanted {
        WantedText::Extracted => false,
        WantedText::Chosen(_) => true,
        WantedText::Detail(detail) => detail.form != Detailed::Extracted,
    }
}

/// The article as a section of its own finds it, and what else stands there.
fn detailed(page: &str, base: Option<&str>, detail: &Detail) -> Result<(Text, Item), Worse> {
    let bounded = match detail.form {
        Detailed::Json => std::borrow::Cow::Borrowed(page),
        _ => html::bounded(page).filter(|page| is_light(page)).ok_or(Worse::Empty)?,
    };
    let read = recipe::detail::read(&bounded, base, detail).map_err(|_| Worse::Empty)?;
    let text = match detail.form {
        Detailed::Extracted => found(page, base, &WantedText::Extracted),
        _ => read.content,
    };
    text.map(|text| (text, read.item)).ok_or(Worse::Empty)
}

/// Adds what the list did not say.
fn complete(edition: &mut Edition, item: &Item, base: Option<&str>) {
    let base = base.and_then(|base| url::Url::parse(base).ok());
    let first = |slot: Slot| item.first(slot);
    if edition.title.as_ref().is_none_or(Text::is_blank) {
        edition.title = first(Slot::Title).map(|title| super::title(&said::title(title, base.as_ref()), None));
    }
    if edition.summary.as_ref().is_none_or(Text::is_blank) {
        edition.summary = first(Slot::Summary).map(|text| super::body(&said::body(text, false, base.as_ref()), None));
    }
    if edition.authors.is_empty() {
        edition.authors = super::safe::people(said::people(item.all(Slot::Author)));
    }
    if edition.attribution.publisher.is_none() {
        edition.attribution.publisher = super::said_publisher(first(Slot::Publisher));
    }
}

/// The article on a page, as hostile as it came.
fn found(page: &str, base: Option<&str>, wanted: &WantedText) -> Option<Text> {
    let page = html::bounded(page).filter(|page| is_light(page))?;
    match wanted {
        // It has been read.
        WantedText::Detail(_) => None,
        WantedText::Chosen(selector) => {
            let chosen = css::chosen(&page, selector)?;
            let base = match (base.and_then(|base| url::Url::parse(base).ok()), &chosen.base) {
                (Some(url), Some(said)) => url.join(said).ok().map(String::from),
                (_, said) => said.clone().or_else(|| base.map(str::to_owned)),
            };
            Some(Text { base, ..Text::html(chosen.html) })
        }
        WantedText::Extracted => {
            let config = Config {
                max_elements_to_parse: MAX_ELEMENTS,
                char_threshold: SHORT,
                disable_json_ld: true,
                // What the operator wants out of it is chosen by them.
                keep_classes: true,
                ..Config::default()
            };
            let article = Readability::new(page.as_ref(), base, Some(config)).ok()?.parse().ok()?;
            Some(Text { base: base.map(str::to_owned), ..Text::html(article.content.to_string()) })
        }
    }
}

/// True of a page that is read in a moment. Large ones come here balanced.
fn is_light(html: &str) -> bool {
    let (mut depth, mut work) = (0usize, 0usize);
    html.split('<').skip(1).all(|tag| {
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !html::VOID.contains(&name.to_ascii_lowercase().as_str()) {
            depth += 1;
        }
        work += depth;
        work <= MAX_WORK
    })
}

/// Whether a page's text is better than the feed's. What the operator chose himself may be mostly links.
fn judge(feed: &str, page: &str, chosen: bool) -> Result<(), Worse> {
    let text = text::lines(page).join("\n");
    let (had, has) = (letters(feed), letters(&text));
    if has < LEAST {
        return Err(Worse::Empty);
    }
    if has <= had {
        return Err(Worse::NoLonger);
    }
    if !chosen && 2 * letters(&linked(page)) > has {
        return Err(Worse::Links);
    }
    // Most of one and next to none of the other: short texts quote and name things in other scripts.
    let (mine, theirs) = (ideographs(feed), ideographs(&text));
    let apart = |most: usize, of: usize, few: usize, among: usize| most * 2 > of && few * 10 < among;
    let (latin, others) = (had - mine, has - theirs);
    let strange = apart(mine, had, theirs, has)
        || apart(theirs, has, mine, had)
        || apart(latin, had, others, has)
        || apart(others, has, latin, had);
    if had >= TELLING && strange {
        return Err(Worse::OtherLanguage);
    }
    Ok(())
}

/// The text inside the links of sanitised HTML.
fn linked(html: &str) -> String {
    let inside = html.split("<a ").skip(1).filter_map(|link| link.split_once('>'));
    inside.flat_map(|(_, rest)| text::lines(rest.split("</a>").next().unwrap_or_default())).collect()
}

fn plain(text: &Text) -> String {
    match text.kind {
        TextKind::Plain => text.value.clone(),
        TextKind::Html => text::lines(&text.value).join("\n"),
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn ideographs(text: &str) -> usize {
    text.chars().filter(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "<p>4月22日，记者从铁路部门获悉，新线将于五月开通，全程一百二十公里，设站八座。</p>\
        <p>据介绍，该线建成后，两地之间的车程将由两个半小时缩短到四十分钟，沿线居民出行更加方便。</p>\
        <p>项目负责人说，联调联试已经结束，运行试验正在进行，各项指标达到设计要求。<img src=a.jpg></p>";

    fn page(body: &str) -> String {
        let menu: String = (0..30).map(|n| format!("<li><a href=/{n}>栏目{n}</a>")).collect();
        format!(
            "<html><head><title>新线五月开通</title></head><body><div class=nav><ul>{menu}</ul></div><div id=main><h1>新线五月开通</h1>\
             <div class=content>{body}</div></div><div class=footer>版权所有 京ICP备0000号</div></body></html>"
        )
    }

    fn extracted(page: &str) -> String {
        let found = found(page, Some("https://news.example/a/1.html"), &WantedText::Extracted);
        found.map(|found| sanitise(&found)).unwrap_or_default()
    }

    #[test]
    fn an_article_is_found_among_what_surrounds_it() {
        let text = extracted(&page(BODY));
        assert!(text.contains("全程一百二十公里") && text.contains("达到设计要求"), "{text}");
        assert!(!text.contains("栏目7") && !text.contains("ICP"), "{text}");
        assert!(text.contains("src=\"https://news.example/a/a.jpg\""), "{text}");
    }

    #[test]
    fn a_selector_finds_what_the_operator_means() {
        let wanted = |selector| WantedText::Chosen(Selector::parse(selector).unwrap());
        let at = Some("https://news.example/a/1.html");
        let text = sanitise(&found(&page(BODY), at, &wanted(".content")).unwrap());
        assert!(text.starts_with("<p>4月22日") || text.starts_with("<div><p>4月22日"), "{text}");
        assert!(text.contains("src=\"https://news.example/a/a.jpg\""), "{text}");
        let based = format!("<base href=/img/>{}", page(BODY));
        assert!(sanitise(&found(&based, at, &wanted(".content")).unwrap()).contains("https://news.example/img/a.jpg"));
        assert!(found(&page(BODY), at, &wanted("table")).is_none());
    }

    #[test]
    fn what_is_taken_out_of_the_page_is_not_in_the_summary_either() {
        let selectors = [Selector::parse(".x").unwrap(), Selector::parse("table").unwrap()];
        let advert = format!("<p class=x>买一送一</p><table><tr><td>广告</td></tr></table>{BODY}");
        let blank =
            r#"{"updated":"2022-04-22T00:00:00Z","fetched":"2022-04-22T00:00:00Z","attribution":{},"sanitiser":1}"#;
        let mut edition: Edition = serde_json::from_str(blank).unwrap();
        edition.summary = Some(Text::html("<p>摘要</p><table><tr><td>广告</td></tr></table>"));
        edition.removed = vec!["h9".to_owned()];
        let wanted = WantedText::Chosen(Selector::parse(".content").unwrap());
        fill(&mut edition, &page(&advert), None, &wanted, &selectors).unwrap();
        assert_eq!(edition.summary.unwrap().value, "<p>摘要</p>");
        assert_eq!(edition.removed, ["h9", ".x", "table"]);
        let text = edition.content.unwrap().value;
        assert!(!text.contains("广告") && !text.contains("买一送一") && text.contains("八座"), "{text}");
        let found = found(&page(&advert), None, &WantedText::Extracted).unwrap();
        let (cut, _) = remove::from_text(found, &selectors);
        assert!(!sanitise(&cut).contains("买一送一"), "classes are still there to choose by");
    }

    #[test]
    fn what_is_worse_than_the_feed_is_told_apart() {
        let long = "新线将于五月开通，全程一百二十公里。".repeat(4);
        let page = |text: &str| format!("<p>{text}</p>");
        assert_eq!(judge("新线将于五月开通。", &page(&long), false), Ok(()));
        assert_eq!(judge("", &page(&long), false), Ok(()));
        assert_eq!(judge("", &page("请登录"), false), Err(Worse::Empty));
        assert_eq!(judge(&long, &page(&long), false), Err(Worse::NoLonger));
        assert_eq!(
            judge(&long, &page("新线将于五月开通，全程一百二十公里。新线将于五月开通"), false),
            Err(Worse::NoLonger)
        );
        let english = "Please enable JavaScript and cookies in your browser to go on reading. ".repeat(4);
        assert_eq!(
            judge("新线将于五月开通，全程一百二十公里，设站八座。", &page(&english), false),
            Err(Worse::OtherLanguage)
        );
        assert_eq!(judge(&english, &page(&(long.repeat(10))), false), Err(Worse::OtherLanguage));
        assert_eq!(
            judge("Короткий текст.", &page(&"Длинный текст статьи о новой железной дороге. ".repeat(4)), false),
            Ok(())
        );
        let quoting = "新线五月开通 See the Western Express timetable";
        let whole = page(&format!("{} Western Express timetable, 2022", long.repeat(2)));
        assert_eq!(judge(quoting, &whole, false), Ok(()), "each has some of both");
        let list: String =
            (0..9).map(|n| format!("<li><a href=\"https://a.example/{n}\">新线将于五月开通{n}</a></li>")).collect();
        assert_eq!(judge("", &format!("<ul>{list}</ul><p>相关</p>"), false), Err(Worse::Links));
        assert_eq!(judge("", &format!("<ul>{list}</ul><p>相关</p>"), true), Ok(()), "the operator chose it");
    }

    #[test]
    fn pages_made_to_hurt_cost_little_and_harm_nothing() {
        for part in [
            "<div>",
            "<b><p>",
            "<font color=1><p>x",
            "<table><tr><td>",
            "<a href=x>",
            "<p>x<br>",
            "<",
            "<!--",
            "<select><option>",
        ] {
            let _ = extracted(&part.repeat(40_000));
            let _ = extracted(&format!("{}{}", page(BODY), part.repeat(4_000)));
        }
        let deep =
            format!("{}{}", "<div>".repeat(250), "<p>一二三四五六七八九十，一二三四五六七八九十</p>".repeat(18_000));
        assert_eq!(extracted(&deep), "", "it would take many seconds");
        let wide = page(&format!("{BODY}{}", "<p>一二三四五六七八九十，一二三四五六七八九十</p>".repeat(5_000)));
        assert!(extracted(&wide).contains("联调联试"));
        let hostile =
            page(&format!("{BODY}<script>x()</script><p onclick=x()>联调联试已经结束<img src=x onerror=x()></p>"));
        let text = extracted(&hostile);
        assert!(text.contains("联调联试") && !text.contains("x()"), "{text}");
    }
}
