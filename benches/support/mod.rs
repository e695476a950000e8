//! Documents and a configuration to measure with: the same bytes on every machine and in every run.
//! Shaped like the news sites syndic is for: 40 entries of about 2.9 KB of Chinese HTML.

#![allow(dead_code, reason = "each bench is a crate of its own and uses its part of this")]

use bytes::Bytes;
use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};
use syndic::{
    config::{Category, Config, FetchConfig, PollConfig, PublishConfig, Server, Site, StoreConfig},
    fetch::{Body, Page},
    model::{Answer, CategoryRef, ContentPolicy, Slug, Source, SourceKind, Time, Validators},
};
use url::Url;

/// Entries of a document.
pub const ENTRIES: usize = 40;

/// The format of a generated document.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// RSS 2.0, bodies escaped in `description`.
    Rss,
    /// Atom 1.0, bodies as `type="html"`.
    Atom,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Rss, Kind::Atom];

    /// A document of `entries` entries.
    pub fn document(self, entries: usize) -> Bytes {
        let mut words = Words(0x5eed);
        let mut out = String::new();
        match self {
            Kind::Rss => rss(&mut out, &mut words, entries),
            Kind::Atom => atom(&mut out, &mut words, entries),
        }
        Bytes::from(out)
    }

    /// The Content-Type it is served with.
    pub fn content_type(self) -> &'static str {
        match self {
            Kind::Rss => "application/rss+xml; charset=utf-8",
            Kind::Atom => "application/atom+xml; charset=utf-8",
        }
    }
}

/// A document as `fetch` hands it on.
pub fn page(kind: Kind, entries: usize) -> Page {
    Page {
        body: Body::Document(kind.document(entries)),
        content_type: Some(kind.content_type().to_owned()),
        base: Some("https://news.example/feed.xml".to_owned()),
        validators: Validators::default(),
        answer: Answer::default(),
    }
}

/// The time of the fetch.
pub fn now() -> Time {
    Time::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

/// One source, whole bodies, one category: what costs most to render.
pub fn config() -> Config {
    match try_config() {
        Some(config) => config,
        None => unreachable!("the names and addresses below are well-formed"),
    }
}

fn try_config() -> Option<Config> {
    let category = CategoryRef { slug: Slug::parse("news")?, title: "新闻".to_owned() };
    Some(Config {
        path: "feeds.toml".into(),
        site: site()?,
        server: Server { listen: ([127, 0, 0, 1], 8080).into(), trusted_proxies: Vec::new() },
        store: StoreConfig { path: "data".into(), cache: 64 << 20, editions: 10, retention: None },
        poll: PollConfig {
            min: Duration::from_secs(900),
            max: Duration::from_secs(86_400),
            concurrency: 64,
            max_new: 200,
        },
        fetch: FetchConfig {
            user_agent: "syndic".to_owned(),
            max_bytes: 15 << 20,
            timeout: Duration::from_secs(30),
            allow: Vec::new(),
        },
        publish: PublishConfig { entries: 50, new_source_entries: 10, credit: true, hub: false },
        categories: vec![Category::named(category.clone())],
        publishers: BTreeMap::new(),
        sources: vec![Arc::new(source(category)?)],
        hash: 1,
    })
}

fn site() -> Option<Site> {
    Some(Site {
        title: "syndic".to_owned(),
        url: Url::parse("https://feeds.example/").ok()?,
        description: "bench".to_owned(),
        language: "zh-CN".to_owned(),
        timezone: None,
        rights: None,
        contact: None,
        theme: None,
    })
}

fn source(category: CategoryRef) -> Option<Source> {
    Some(Source {
        id: Slug::parse("news")?,
        kind: SourceKind::Feed(Url::parse("https://news.example/feed.xml").ok()?),
        categories: vec![category],
        title: None,
        homepage: None,
        rights: None,
        language: None,
        timezone: None,
        namespace: "news.example".to_owned(),
        content: ContentPolicy::Full,
        credit: true,
        every: None,
        headers: Vec::new(),
        auth: None,
        info_code: None,
        enabled: true,
        publish_url: true,
    })
}

fn rss(out: &mut String, words: &mut Words, entries: usize) {
    out.push_str(concat!(
        r#"<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>示例新闻</title>"#,
        "<link>https://news.example/</link><description>综合新闻</description><language>zh-cn</language>",
    ));
    for number in 0..entries {
        let (title, link, body) = (words.title(), link(number), escape(&body(words, number)));
        let date = date(number).to_rfc2822();
        let _ = write!(
            out,
            "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{date}</pubDate><category>财经</category><description>{body}</description></item>"
        );
    }
    out.push_str("</channel></rss>");
}

fn atom(out: &mut String, words: &mut Words, entries: usize) {
    let updated = now().to_rfc3339();
    let _ = write!(
        out,
        r#"<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><title>示例新闻</title><id>tag:news.example,2020:feed</id><updated>{updated}</updated><link href="https://news.example/"/>"#
    );
    for number in 0..entries {
        let (title, link, body) = (words.title(), link(number), escape(&body(words, number)));
        let date = date(number).to_rfc3339();
        let _ = write!(
            out,
            r#"<entry><title>{title}</title><id>tag:news.example,2020:{number}</id><link href="{link}"/><published>{date}</published><updated>{date}</updated><author><name>张三</name></author><category term="财经"/><content type="html">{body}</content></entry>"#
        );
    }
    out.push_str("</feed>");
}

fn link(number: usize) -> String {
    format!("https://news.example/share.html?infoCode=NW2026090112{number:08}&amp;from=feed")
}

fn date(number: usize) -> Time {
    now() - chrono::TimeDelta::minutes(17 * number as i64)
}

/// About 2.9 KB: four paragraphs, a picture, a relative link, the newspaper at the end.
fn body(words: &mut Words, number: usize) -> String {
    let mut out = String::new();
    for paragraph in 0..4 {
        let text = words.sentences(4);
        let _ = match paragraph {
            1 => write!(out, r#"<center><img src="/img/{number}.jpg" alt="配图" onerror="x()"></center><p>{text}</p>"#),
            2 => write!(out, r#"<p class="b">　　{text}<a href="../stock/{number}.html">行情</a></p>"#),
            _ => write!(out, "<p>　　{text}</p>"),
        };
    }
    out.push_str(r#"<p class="em_media">（文章来源：厦门日报）</p>"#);
    out
}

fn escape(html: &str) -> String {
    html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Chinese characters by a small linear congruential generator.
struct Words(u64);

impl Words {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn characters(&mut self, count: usize) -> String {
        (0..count).filter_map(|_| char::from_u32(0x4e00 + self.next(5_000) as u32)).collect()
    }

    fn title(&mut self) -> String {
        self.characters(18)
    }

    fn sentences(&mut self, count: usize) -> String {
        (0..count).map(|_| self.characters(26) + "，" + &self.characters(24) + "。").collect()
    }
}
