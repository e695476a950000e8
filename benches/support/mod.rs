//! Documents and a configuration to measure with: the same bytes on every machine and in every run.
//! Shaped like the news sites syndic is for: 40 entries of about 2.9 KB of Chinese HTML.

#![allow(dead_code, reason = "each bench is a crate of its own and uses its part of this")]

use bytes::Bytes;
use std::{fmt::Write, path::Path};
use syndic::{
    config::{Config, Overrides},
    fetch::{Body, Page},
    model::{Answer, Time, Validators},
};

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
    page_of(kind.document(entries), Some(kind.content_type()))
}

/// Bytes as `fetch` hands them on.
pub fn page_of(bytes: Bytes, content_type: Option<&str>) -> Page {
    Page {
        body: Body::Document(bytes),
        content_type: content_type.map(str::to_owned),
        base: Some("https://news.example/feed.xml".to_owned()),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    }
}

/// The time of the fetch.
pub fn now() -> Time {
    Time::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

const FEEDS_TOML: &str = r#"
[site]
url = "https://feeds.example"
language = "zh-CN"
[[category]]
slug = "news"
title = "新闻"
[[source]]
id = "news"
url = "https://news.example/feed.xml"
category = "news"
content = "full"
"#;

/// One source, whole bodies, one category: what costs most to render.
pub fn config() -> Config {
    match Config::parse(FEEDS_TOML, Path::new("feeds.toml"), &Overrides::default()) {
        Ok(loaded) => loaded.config,
        Err(errors) => unreachable!("{errors}"),
    }
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
