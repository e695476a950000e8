//! An entry as a Jekyll post (domain §1). Pure. `parse::posts` reads a post again as it was: what
//! its reading would change is written as a reference that means the same character.

mod house;

pub use house::{category, config, index, layouts};

use crate::{
    config::Site,
    model::{CategoryRef, Text, Time},
    policy,
    view::{ItemBody, ItemView},
    words::Words,
};
use chrono::{TimeZone, Utc};
use std::fmt::Write;

/// Of whom it is, and in which words.
pub struct Setting<'s> {
    /// The site.
    pub site: &'s Site,
    /// The words of its language.
    pub words: &'static Words,
}

/// A post: the name of its file, and its text. `filed` are the public categories it stands in; `digest` is all of its text, where that
/// is characters only; `sort_date` stands in the name of one whose publisher gave no date.
pub fn post(
    Setting { site, words }: &Setting<'_>,
    item: &ItemView,
    filed: &[CategoryRef],
    digest: Option<&str>,
    sort_date: Time,
) -> (String, String) {
    let date = local(site, item.published.unwrap_or(sort_date));
    let name = format!("{}-{}.md", date.split(' ').next().unwrap_or_default(), item.code);
    let mut text = String::from("---\nlayout: post\n");
    let title = item.title.as_ref().map(plain_line).unwrap_or_default();
    let _ = writeln!(text, "title: {}", quoted(&title));
    if let Some(published) = item.published {
        let _ = writeln!(text, "date: {}", local(site, published));
        if item.updated > published {
            let _ = writeln!(text, "last_modified_at: {}", local(site, item.updated));
        }
    }
    list(&mut text, "categories", filed.iter().map(|category| category.slug.to_string()).collect());
    let tags = item.tags.iter().map(|tag| tag.label.clone().unwrap_or_else(|| tag.term.clone()));
    let named = filed.iter().map(|category| category.title.clone());
    list(&mut text, "tags", named.chain(tags.map(|tag| one_line(&tag)).filter(|tag| !tag.is_empty())).collect());
    let _ = writeln!(text, "infoCode: {}", word(item.code.as_str()));
    let authors = item.authors.iter().map(|author| one_line(&author.name)).filter(|name| !name.is_empty());
    list(&mut text, "author", authors.collect());
    if let Some(language) = item.language.as_deref().filter(|language| is_bare(language)) {
        let _ = writeln!(text, "lang: {}", word(language));
    }
    let publisher = item.publisher.as_deref().unwrap_or(&item.source.title);
    let _ = writeln!(text, "source: {}", quoted(&one_line(publisher)));
    let bare_digest = digest.filter(|digest| is_tame(digest) && matches!(item.body, ItemBody::Full(_)));
    let (digest, excerpt) = match bare_digest {
        Some(digest) => (Some(digest.to_owned()), None),
        None => summary(item),
    };
    if let Some(excerpt) = excerpt {
        let _ = writeln!(text, "excerpt: {}", quoted(&excerpt));
    }
    let original = item.original.as_deref().filter(|link| link.starts_with("http"));
    let bare = original.filter(|link| !link.contains(['<', '>', ' ', '"']));
    if let Some(odd) = original.filter(|_| bare.is_none()) {
        let _ = writeln!(text, "link: {}", quoted(odd));
    }
    // Nothing in a text is an order to Liquid.
    text.push_str("render_with_liquid: false\n---\n\n");
    for line in digest.iter().flat_map(|digest| digest.lines()) {
        let _ = writeln!(text, "> {line}");
    }
    if digest.is_some() {
        text.push('\n');
    }
    if let Some(body) = body(item).filter(|_| bare_digest.is_none()) {
        let _ = write!(text, "{body}\n\n");
    }
    if let Some(link) = bare {
        let _ = write!(text, "<{link}>\n\n");
    }
    text.push_str(&way_back(site, words, filed));
    (name, text)
}

/// What is shown of the body, as HTML from end to end; without our credit line, which the layout puts below.
fn body(item: &ItemView) -> Option<String> {
    let html = match &item.body {
        ItemBody::Full(html) => {
            html.strip_suffix(item.credit.as_deref().unwrap_or_default()).unwrap_or(html).trim().to_owned()
        }
        ItemBody::Excerpt { text, .. } => policy::html_of(&Text::plain(text.as_str())),
        ItemBody::Link => return None,
    };
    if html.is_empty() {
        return None;
    }
    let whole = html.starts_with('<') && html.ends_with('>');
    let html = if whole { html } else { format!("<p>{html}</p>") };
    let html = kept(&html);
    Some(if is_plain_sailing(&html) { html } else { format!("<div markdown=\"0\">\n{html}\n</div>") })
}

/// Markdown leaves it alone: it begins with a block, and no line is so far from the margin that it would be code. All else goes into an
/// element that says so, which `parse::posts` takes off again.
fn is_plain_sailing(html: &str) -> bool {
    const BLOCKS: [&str; 14] =
        ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "table", "blockquote", "figure"];
    let first = html.trim_start_matches('<').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    BLOCKS.contains(&first) && !html.lines().any(|line| line.starts_with("    ") || line.starts_with('\t'))
}

/// HTML of which no reading by lines takes anything away: neither space at the ends of lines nor the wide spaces a paragraph begins with;
/// and in which Liquid of any version finds nothing.
fn kept(html: &str) -> String {
    let html = html.replace("{{", "&#123;{").replace("{%", "&#123;%").replace("<p>\u{3000}", "<p>&#12288;");
    let lines: Vec<String> = html
        .split('\n')
        .map(|line| {
            let line = match line.strip_prefix('\u{3000}') {
                Some(rest) => format!("&#12288;{rest}"),
                None => line.to_owned(),
            };
            match line.char_indices().next_back() {
                Some((at, last)) if last.is_whitespace() => {
                    format!("{}&#{};", line.get(..at).unwrap_or_default(), u32::from(last))
                }
                _ => line,
            }
        })
        .map(|line| if line.starts_with('[') { format!("&#91;{}", line.get(1..).unwrap_or_default()) } else { line })
        .collect();
    lines.join("\n")
}

/// The summary as a digest above the text, or in the front matter, where Markdown would find something in it or there is no text.
fn summary(item: &ItemView) -> (Option<String>, Option<String>) {
    let summary = item.summary.as_ref().map(policy::plain).filter(|summary| !summary.trim().is_empty());
    let Some(summary) = summary else { return (None, None) };
    match is_tame(&summary) && body(item).is_some() {
        true => (Some(summary), None),
        false => (None, Some(one_line(&summary))),
    }
}

/// Markdown finds nothing in it.
fn is_tame(text: &str) -> bool {
    let begins = |line: &str| line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '=' | ' '));
    !text.contains(['<', '>', '&', '*', '_', '`', '[', ']', '\\', '{', '}', '#', '!', '|', '~', '$'])
        && !text.lines().any(|line| line.trim().is_empty() || begins(line))
}

fn way_back(site: &Site, words: &Words, filed: &[CategoryRef]) -> String {
    let base = site.url.as_str().trim_end_matches('/');
    let base = base.split_once(':').map_or(base, |(_, rest)| rest);
    let mut line = String::new();
    for CategoryRef { slug, title } in filed {
        let title = title.replace(['[', ']', '\n'], " ");
        let _ = write!(line, "[{}{title}]({base}/category/{slug}.html){}", words.back_to, words.back_between);
    }
    let _ = writeln!(line, "[{}{}]({base}/)", words.back_to, words.back_home);
    line
}

/// `2022-04-22 07:44:35 +0800`, in the zone of the site.
fn local(site: &Site, time: Time) -> String {
    let form = "%Y-%m-%d %H:%M:%S %z";
    match site.timezone {
        Some(zone) => zone.from_utc_datetime(&time.naive_utc()).format(form).to_string(),
        None => time.with_timezone(&Utc).format(form).to_string(),
    }
}

fn plain_line(text: &Text) -> String {
    one_line(&policy::plain(text))
}

fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_bare(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// One value as Jekyll's posts have it, several as YAML lists them.
fn list(text: &mut String, key: &str, values: Vec<String>) {
    let simple =
        |value: &str| is_bare(value) || !value.contains(|c: char| c.is_ascii_punctuation() || c.is_whitespace());
    match values.as_slice() {
        [] => {}
        [one] if simple(one) => {
            let _ = writeln!(text, "{key}: {}", word(one));
        }
        many => {
            let _ = writeln!(text, "{key}:");
            for value in many {
                let _ = writeln!(text, "- {}", quoted(value));
            }
        }
    }
}

/// A word as it is, unless YAML takes it for a number, a date or a truth: Jekyll builds nothing where a category is one.
fn word(word: &str) -> String {
    let magic = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let odd = word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        || magic.iter().any(|it| word.eq_ignore_ascii_case(it));
    if odd { quoted(word) } else { word.to_owned() }
}

/// A YAML scalar that a reading by the line takes for the same characters: in double quotes where nothing in it means anything there,
/// else in single ones.
fn quoted(text: &str) -> String {
    match text.contains(['"', '\\']) {
        true => format!("'{}'", text.replace('\'', "''")),
        false => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Slug, parse::read_post, serve::hand};

    fn filed() -> Vec<CategoryRef> {
        vec![CategoryRef { slug: Slug::parse("shamenribao").unwrap(), title: "厦门日报新闻".into() }]
    }

    fn written(item: &ItemView) -> (String, String) {
        let site = hand::config().site;
        post(&Setting { site: &site, words: Words::of("zh") }, item, &filed(), None, item.updated)
    }

    #[test]
    fn a_post_has_the_shape_of_those_the_site_came_from() {
        let mut item = hand::item("题", ItemBody::Full("<p>正文</p>".into()));
        item.summary = Some(Text::plain("导语。"));
        let (name, text) = written(&item);
        assert_eq!(name, "2022-04-22-NW202204222352631195.md");
        for part in [
            "---\nlayout: post\ntitle: \"题\"\ndate: 2022-04-22 07:44:35 +0800\ncategories: shamenribao\ntags: 厦门日报新闻\n",
            "\n> 导语。\n\n<p>正文</p>\n\n<https://paper.example/1>\n\n",
            "[返回厦门日报新闻](//example.org/news/category/shamenribao.html)｜[返回首页](//example.org/news/)\n",
        ] {
            assert!(text.contains(part), "{part}\nin\n{text}");
        }
    }

    #[test]
    fn whatever_stands_in_titles_and_bodies_is_read_again_as_it_was() {
        let bodies = [
            "<p>　　正文</p>",
            "<pre>a  \n　b\n[返回</pre>\n<p>{{ x }} {% y %}</p>",
            "<p>一</p>\n\n    <p>indented</p>",
            "<blockquote><p>&gt; x</p></blockquote>",
            "<em>一</em> *二* <b>三</b>",
        ];
        let titles = [
            "“引号”: 冒号",
            "a \"b\" c",
            "it's",
            "it's \"both\": #1",
            "back\\slash",
            "- dash",
            "'quoted'",
            "\"quoted\"",
            "{{ x }}",
        ];
        for (title, body) in titles.into_iter().zip(bodies.iter().cycle()) {
            let mut item = hand::item(title, ItemBody::Full((*body).to_owned()));
            item.summary = Some(Text::plain("a <script> *b*"));
            let (name, text) = written(&item);
            let read = read_post(&name, &text);
            assert_eq!(read.title.map(|title| title.value).as_deref(), Some(title), "{text}");
            let decoded = html_escape::decode_html_entities(&read.content.unwrap().value).into_owned();
            assert_eq!(decoded, html_escape::decode_html_entities(body), "{text}");
            assert_eq!(read.summary.unwrap().value, "a <script> *b*", "{text}");
            assert_eq!(read.named_code, Some(item.code));
            assert!(!text.contains("<script") || text.contains("excerpt: \"a <script>"), "{text}");
        }
    }

    #[test]
    fn several_categories_and_tags_are_lists() {
        let mut text = String::new();
        list(&mut text, "tags", vec!["路 桥".into(), "a: \"b\"".into()]);
        list(&mut text, "categories", vec!["rail".into()]);
        assert_eq!(text, "tags:\n- \"路 桥\"\n- 'a: \"b\"'\ncategories: rail\n");
    }

    #[test]
    fn what_yaml_would_take_for_something_else_stands_in_quotes() {
        for odd in ["2022", "1e3", "2022-04-22", "true", "No", "null", "-1"] {
            assert_eq!(word(odd), format!("\"{odd}\""));
        }
        for plain in ["rail", "nokia", "NW202204222352631195", "厦门日报新闻", "zh-CN"] {
            assert_eq!(word(plain), plain);
        }
    }
}
