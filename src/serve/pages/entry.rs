//! The page of an entry: whose it is, what may be shown of it, where it stands first.

use super::{
    body::Dress,
    card::Card,
    drawn::{self, Stamp},
    frame::{Frame, newspaper, title},
    lists::{category_links, views},
    text::{Moment, beginning, direction, language_tag, paragraphs, plain_text, safe_link},
};
use crate::{
    config::Config,
    model::{Enclosure, Entry, FeedId, InfoCode, TagName, Text, Withdrawn},
    policy,
    serve::{
        Visit,
        access::Credentials,
        document::{self, Caching, Problem},
        feeds,
    },
    view::{ItemBody, ItemView},
};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    frame: Frame,
    code: InfoCode,
    language: Option<String>,
    direction: Option<&'static str>,
    newspaper: String,
    newspaper_page: Option<String>,
    byline: String,
    published: Option<Moment>,
    updated: Option<Moment>,
    lead: Vec<String>,
    /// Sanitised when it was stored.
    html: Option<String>,
    text: Vec<String>,
    /// Made by us.
    credit: Option<String>,
    original: Option<String>,
    via: Option<(String, Option<String>)>,
    attachments: Vec<Attachment>,
    comments: Option<String>,
    rights: Vec<String>,
    notes: Vec<String>,
    categories: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    /// What it said before it was corrected, the latest first.
    editions: Vec<Earlier>,
}

/// Characters shown of an earlier edition.
const EARLIER: usize = 4000;

/// An earlier edition, as characters.
struct Earlier {
    number: u32,
    moment: Moment,
    title: String,
    text: Vec<String>,
}

/// A file that comes with an entry.
struct Attachment {
    url: String,
    name: String,
    note: String,
}

/// `/entry/<infoCode>.html`; another code of the same entry leads to its own.
pub async fn entry(visit: &Visit, asked: &str) -> Result<Response, Problem> {
    let missing = || visit.nowhere(Vec::new());
    let code = InfoCode::parse(asked).ok_or_else(missing)?;
    let (catalog, found) = (visit.catalog().await?, visit.app.store.entry(&code).await?);
    let Some(entry) = found.filter(|entry| catalog.shows(entry, &visit.credentials)) else {
        let gone = visit.app.store.withdrawn(&code).await?;
        let may_know = |gone: &Withdrawn| catalog.showed(&gone.categories, &visit.credentials);
        return Err(if gone.as_ref().is_some_and(may_know) { Problem::Gone } else { missing() });
    };
    let is_public = catalog.shows(&entry, &Credentials::default());
    let key = if is_public { String::new() } else { visit.credentials.query() };
    if entry.code.as_str() != asked {
        let caching = if is_public { Caching::Day } else { Caching::Private };
        return document::moved(&format!("{}/entry/{}.html{key}", feeds::base(visit), entry.code), caching);
    }
    let path = format!("/entry/{}.html", entry.code);
    let frame = Frame::new(&visit.config, "").at(&visit.config, &path).with_others_words();
    let frame = if is_public { frame } else { frame.private(key) };
    let nobody = Credentials::default();
    let seen_by = if is_public { &nobody } else { &visit.credentials };
    let categories = category_links(catalog.of_entry(&entry, seen_by), &frame);
    let source = visit.config.source(&entry.owner).filter(|source| catalog.names(source));
    let newspaper_page = source.map(|source| format!("{}/source/{}.html", frame.root, source.id));
    let public = visit.caching(&FeedId::Source(entry.owner.clone())).await;
    let from = Stamp::of(&(entry.changed, entry.edition.sanitiser, &entry.categories, catalog.hash()));
    drawn::send(visit, &path, from, drawn::caching(&frame, public), frame.guise, async || {
        let tags = if is_public { tag_links(&visit.config, &entry, &frame) } else { Vec::new() };
        let (notes, editions) = (entry.edition.date_notes.clone(), earlier(visit, &entry).await?);
        let view = views(&visit.config, vec![entry]).await?.pop().ok_or_else(missing)?;
        let page = EntryPage::of(&visit.config, frame, view);
        Ok(EntryPage { notes, categories, newspaper_page, tags, editions, ..page })
    })
    .await
}

/// The publisher's tags that have pages here.
fn tag_links(config: &Config, entry: &Entry, frame: &Frame) -> Vec<(String, String)> {
    let tags = TagName::all(&entry.edition.tags).into_iter().filter(|tag| config.publish.tags.allows(tag));
    let link = |tag: TagName| {
        let shown = tag.shown_in(&entry.edition.tags).unwrap_or(tag.as_str()).to_owned();
        (shown, format!("{}{}.html", frame.root, FeedId::Tag(tag).path()))
    };
    tags.map(link).collect()
}

/// What the entry said before, as much of it as may be shown.
async fn earlier(visit: &Visit, entry: &Entry) -> Result<Vec<Earlier>, Problem> {
    if entry.edition_number < 2 {
        return Ok(Vec::new());
    }
    let editions = visit.app.store.editions(&entry.code).await?;
    let before: Vec<_> = editions.into_iter().filter(|(number, _)| *number < entry.edition_number).collect();
    let numbers: Vec<u32> = before.iter().map(|(number, _)| *number).collect();
    let as_entry = |edition| std::sync::Arc::new(Entry { edition, ..entry.clone() });
    let views = views(&visit.config, before.into_iter().map(|(_, edition)| as_entry(edition)).collect()).await?;
    let words = visit.words;
    let mut earlier: Vec<Earlier> = numbers
        .into_iter()
        .zip(views)
        .map(|(number, item)| Earlier {
            number,
            moment: Moment::at(item.updated, &visit.config.site),
            title: title(&item, words),
            text: match &item.body {
                ItemBody::Full(html) => paragraphs(&beginning(&policy::plain(&Text::html(html.as_str())), EARLIER)),
                ItemBody::Excerpt { text, .. } => paragraphs(text),
                ItemBody::Link => Vec::new(),
            },
        })
        .collect();
    earlier.sort_by_key(|edition| std::cmp::Reverse(edition.number));
    Ok(earlier)
}

impl EntryPage {
    fn of(config: &Config, mut frame: Frame, item: ItemView) -> EntryPage {
        let words = frame.words;
        frame.title = title(&item, words);
        let lead = item.summary.as_ref().map(plain_text).filter(|lead| !lead.is_empty());
        frame.description = lead.clone().unwrap_or_else(|| frame.title.clone());
        let original = item.original.as_deref().and_then(safe_link).map(str::to_owned);
        if let Some(original) = original.as_ref().filter(|_| !frame.is_private) {
            frame.canonical = Some(original.clone());
        }
        let (newspaper, byline) = (newspaper(&item), byline(&item));
        if frame.card.is_some() {
            let whole = if let ItemBody::Full(html) = &item.body { html.as_str() } else { "" };
            let lead = lead.as_deref().unwrap_or_default();
            frame.card = Some(Card::of_article(&item, &config.site, (&frame.title, &newspaper, lead), whole));
        }
        let dress = Dress { images: config.site.images, words };
        let language = item.language.as_deref().and_then(language_tag).map(str::to_owned);
        let (html, text, credit) = match item.body {
            ItemBody::Full(html) => (Some(html), Vec::new(), None),
            ItemBody::Excerpt { text, credit } => (None, paragraphs(&text), credit),
            ItemBody::Link => (None, Vec::new(), None),
        };
        // An excerpt may have been cut from the summary itself.
        let lead = lead.filter(|lead| !text.join(" ").starts_with(lead.trim_end_matches('…')));
        let rights = item.rights.as_ref().map(plain_text).into_iter().chain(item.source.rights);
        let via = item.upstream.and_then(|above| {
            let home = above.home.as_deref().and_then(safe_link).map(str::to_owned);
            above.title.as_ref().map(plain_text).or_else(|| home.clone()).map(|name| (name, home))
        });
        EntryPage {
            code: item.code,
            direction: language.as_deref().and_then(direction),
            language,
            newspaper,
            newspaper_page: None,
            byline,
            published: item.published.map(|time| Moment::at(time, &config.site)),
            updated: (item.published != Some(item.updated)).then(|| Moment::at(item.updated, &config.site)),
            lead: lead.into_iter().collect(),
            html: html.as_deref().map(|html| dress.put_on(html)),
            text,
            credit: credit.as_deref().map(|credit| dress.put_on(credit)),
            original,
            via,
            attachments: item.enclosures.iter().filter_map(attachment).collect(),
            comments: item.comments.as_deref().and_then(safe_link).map(str::to_owned),
            rights: distinct(rights.filter(|rights| !rights.trim().is_empty())),
            notes: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            editions: Vec::new(),
            frame,
        }
    }
}

/// The bylines of the text, else the authors' names.
fn byline(item: &ItemView) -> String {
    if !item.byline.is_empty() {
        return item.byline.join("　");
    }
    let names = item.authors.iter().map(|author| author.name.trim().to_owned()).filter(|name| !name.is_empty());
    distinct(names).join(", ")
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

fn attachment(file: &Enclosure) -> Option<Attachment> {
    let url = safe_link(&file.url)?.to_owned();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(&url).to_owned();
    let size = file.length.filter(|length| *length > 0).map(|length| bytesize::ByteSize(length).to_string());
    let note = [file.media_type.clone(), size].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some(Attachment { name: file.title.clone().unwrap_or(last), url, note })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Person, Text, UpstreamSource},
        serve::hand::{config, item},
    };

    const HOSTILE: &str = "<script>alert('1')</script>\" onload=\"x";

    fn page(item: ItemView) -> String {
        let config = config();
        let frame = Frame::new(&config, "").at(&config, "/entry/x.html").with_others_words();
        let page = EntryPage::of(&config, frame, item);
        EntryPage { categories: vec![("厦门日报新闻".into(), "/news/category/shamenribao.html".into())], ..page }
            .render()
            .unwrap()
    }

    #[test]
    fn only_the_body_and_the_credit_are_html() {
        let mut hostile = item(HOSTILE, ItemBody::Full("<p>正文<em>一</em></p>".into()));
        hostile.summary = Some(Text::plain(HOSTILE));
        hostile.publisher = Some(HOSTILE.into());
        hostile.byline = vec![HOSTILE.into()];
        hostile.rights = Some(Text::plain(HOSTILE));
        hostile.language = Some(HOSTILE.into());
        hostile.comments = Some("javascript:alert(1)".into());
        hostile.original = Some("javascript:alert(2)".into());
        hostile.enclosures = vec![
            Enclosure { url: "javascript:alert(3)".into(), ..Enclosure::default() },
            Enclosure {
                url: "https://a.example/a.mp3?\"x".into(),
                title: Some(HOSTILE.into()),
                media_type: Some(HOSTILE.into()),
                ..Enclosure::default()
            },
        ];
        hostile.upstream = Some(UpstreamSource {
            title: Some(Text::plain(HOSTILE)),
            home: Some("javascript:alert(4)".into()),
            ..UpstreamSource::default()
        });
        let html = page(hostile);
        assert!(html.contains("<p>正文<em>一</em></p>"), "{html}");
        assert_eq!(html.matches("<script").count(), 1, "what search engines read, and nothing that runs: {html}");
        assert!(html.contains("<script type=\"application/ld+json\">"), "{html}");
        assert!(!html.contains("javascript:") && !html.contains("onload=\"x"), "{html}");
    }

    #[test]
    fn an_excerpt_is_paragraphs_of_characters_with_our_credit_below() {
        let credit = "<p>来源：<a href=\"https://paper.example/1\">厦门日报</a></p>";
        let body = ItemBody::Excerpt { text: "一 < 二\n三".into(), credit: Some(credit.into()) };
        let html = page(item("题", body));
        assert!(
            html.contains(
                "<p>来源：<a rel=\"noopener noreferrer nofollow\" href=\"https://paper.example/1\">厦门日报</a></p>"
            ) && html.contains("<p>三</p>"),
            "{html}"
        );
        assert!(!html.contains("一 < 二"), "{html}");
    }

    #[test]
    fn it_says_whose_it_is_and_leads_back() {
        let mut of = item("题", ItemBody::Link);
        of.byline = vec!["记者 张三".into()];
        let html = page(of);
        for part in [
            "<link rel=\"canonical\" href=\"https://paper.example/1\">",
            "厦门日报",
            "记者 张三",
            "2022年4月22日 07:44",
            "lang=\"zh\"",
            "返回<a href=\"/news/category/shamenribao.html\">厦门日报新闻</a>｜返回<a href=\"/news/\">首页</a>",
            "NW202204222352631195",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<span>更新"), "published and never changed: {html}");
    }

    #[test]
    fn authors_stand_where_no_byline_does_and_each_once() {
        let mut of = item("题", ItemBody::Link);
        let named = |name: &str| Person { name: name.into(), ..Person::default() };
        of.authors = vec![named("甲"), named(""), named("乙"), named("甲")];
        assert_eq!(byline(&of), "甲, 乙");
    }

    #[test]
    fn a_summary_that_the_excerpt_repeats_is_shown_once() {
        let mut of = item("题", ItemBody::Excerpt { text: "头一句。第二句。".into(), credit: None });
        of.summary = Some(Text::plain("头一句。"));
        let config = config();
        assert!(EntryPage::of(&config, Frame::new(&config, ""), of).lead.is_empty());
    }
}
