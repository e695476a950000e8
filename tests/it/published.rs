//! What other sites and readers get: every format says whose work an entry is.

use crate::support::{Reply, World};
use syndic::format::Format;

const ARTICLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>厦门日报新闻</title><link>https://news.example/</link><description>d</description><language>zh-CN</language>
<copyright>© 厦门日报社</copyright>
<item><title>港口一季度吞吐量增长</title><link>https://news.example/html_News/NewsShare.html?infoCode=NW202204222352631195</link>
<pubDate>2022-04-22 07:44:35 +0800</pubDate>
<description><![CDATA[<p>本报记者 张三</p><p>一季度，港口货物吞吐量同比增长。</p><p class="em_media">（文章来源：厦门日报）</p>]]></description></item>
</channel></rss>"#;

const LINK: &str = "https://news.example/html_News/NewsShare.html?infoCode=NW202204222352631195";

async fn world(lines: &str) -> World {
    let world = World::new().await.source_with("paper", &format!("category = \"news\"\n{lines}"));
    world.upstream.serve("/paper", Reply::xml(ARTICLE));
    world.refreshed().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_its_newspaper_byline_code_and_original_in_rss() {
    let world = world("content = \"full\"").await;
    let rss = rss::Channel::read_from(world.category("news", Format::Rss).await.as_bytes()).unwrap();
    let item = &rss.items[0];
    assert_eq!(item.link(), Some(LINK));
    let source = item.source().unwrap();
    assert_eq!((source.url(), source.title()), (world.upstream.url("/paper").as_str(), Some("厦门日报新闻")));
    let dc = item.dublin_core_ext().unwrap();
    assert_eq!(dc.identifiers(), ["NW202204222352631195"]);
    assert!(dc.sources().iter().any(|source| source == "厦门日报"), "{:?}", dc.sources());
    assert!(item.content().unwrap().contains("本报记者 张三"));
    assert_eq!(item.pub_date(), Some("Thu, 21 Apr 2022 23:44:35 +0000"));
    assert!(!item.guid().unwrap().is_permalink());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_its_newspaper_byline_code_and_original_in_atom() {
    let world = world("content = \"full\"").await;
    let atom = atom_syndication::Feed::read_from(world.category("news", Format::Atom).await.as_bytes()).unwrap();
    assert!(atom.authors.is_empty(), "the aggregator is never an author");
    let entry = &atom.entries[0];
    let alternate = entry.links.iter().find(|link| link.rel == "alternate").unwrap();
    assert_eq!(alternate.href, LINK);
    let source = entry.source.as_ref().unwrap();
    assert_eq!(source.title.value, "厦门日报新闻");
    assert_eq!(source.rights.as_ref().unwrap().value, "© 厦门日报社");
    assert!(source.links.iter().any(|link| link.rel == "self" && link.href == world.upstream.url("/paper")));
    assert!(entry.authors.first().or(source.authors.first()).is_some_and(|author| author.name == "本报记者 张三"));
    assert!(entry.content.as_ref().unwrap().value.as_ref().unwrap().contains("（文章来源：厦门日报）"));
    assert!(
        entry.extensions["dc"]["identifier"].iter().any(|code| code.value.as_deref() == Some("NW202204222352631195"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_its_newspaper_byline_code_and_original_in_json() {
    let world = world("content = \"full\"").await;
    let feed = world.json("news").await;
    let item = &feed["items"][0];
    assert_eq!(item["url"], LINK);
    assert_eq!(item["_syndic"]["info_code"], "NW202204222352631195");
    assert_eq!(item["_syndic"]["publisher"], "厦门日报");
    assert_eq!(item["_syndic"]["byline"][0], "本报记者 张三");
    assert_eq!(item["_syndic"]["source"]["title"], "厦门日报新闻");
    assert!(feed.get("authors").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credit_line_stands_only_where_the_text_does_not_say_it() {
    let full = world("content = \"full\"").await.category("news", Format::Json).await;
    assert!(!full.contains("Source: ") && !full.contains("来源：<a"), "the text ends in its attribution already");
    let world = World::new().await.source_with("rail", "category = \"news\"\ncontent = \"full\"");
    let plain = "<rss version=\"2.0\"><channel><title>Rail</title><link>https://rail.example/</link><description>d</description>\
                 <item><title>x</title><link>https://rail.example/1</link><description>&lt;p&gt;Text&lt;/p&gt;</description></item></channel></rss>";
    world.upstream.serve("/rail", Reply::xml(plain));
    let world = world.refreshed().await;
    let html = world.json("news").await["items"][0]["content_html"].as_str().unwrap().to_owned();
    assert_eq!(html, "<p>Text</p><p>Source: <a href=\"https://rail.example/1\">Rail</a></p>");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excerpt_ends_at_a_sentence_and_a_link_has_no_body() {
    let excerpt = world("content = \"excerpt\"").await;
    let item = &excerpt.json("news").await["items"][0];
    assert!(item.get("content_html").is_none());
    assert!(item["content_text"].as_str().unwrap().contains("一季度，港口货物吞吐量同比增长。"));
    let link = world("content = \"link\"").await;
    let item = &link.json("news").await["items"][0];
    assert_eq!(item["content_text"], "港口一季度吞吐量增长");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_with_credentials_never_shows_its_address() {
    let world = world("content = \"full\"\nheaders = { X-Key = \"secret-1\" }").await;
    let address = world.upstream.url("/paper");
    for format in Format::ALL {
        let feed = world.category("news", format).await;
        assert!(!feed.contains(&address) && !feed.contains("secret-1"), "{feed}");
        assert!(feed.contains("厦门日报新闻"), "its name still stands");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_address_does_not_come_out_through_bodies_ids_or_source_elements() {
    let world = World::new().await.source_with("paper", "category = \"news\"\ncontent = \"full\"\npublish_url = false");
    let own = world.upstream.url("/paper");
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>Paper</title><link>https://paper.example/</link><description>d</description>\
         <item><title>x</title><link>https://paper.example/1</link><guid isPermaLink=\"false\">{own}#1</guid>\
         <source url=\"{own}\">Paper</source>\
         <description><![CDATA[<p><a href=\"#fn1\">1</a> <a href=\"\">2</a> <a href=\"?c\">3</a> <img src=\"p.png\"></p>]]></description></item>\
         </channel></rss>"
    );
    world.upstream.serve("/paper", Reply::xml(feed));
    let world = world.refreshed().await;
    for format in Format::ALL {
        let feed = world.category("news", format).await;
        assert!(!feed.contains(own.trim_start_matches("http://")), "{feed}");
        assert!(
            feed.contains("https://paper.example/p.png"),
            "what is relative is resolved against the entry's own page: {feed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_private_category_are_nowhere_else_even_when_it_is_gone() {
    let declared = "[[category]]\nslug = \"open\"\ntitle = \"Open\"\n[[category]]\nslug = \"board\"\ntitle = \"Board\"\ntoken = \"s\"";
    let world = World::new().await.with(declared).source_with("paper", "category = \"board\"\ncontent = \"full\"");
    world.upstream.serve("/paper", Reply::xml(ARTICLE));
    let world = world.refreshed().await;
    let everywhere = [syndic::model::FeedId::All, syndic::model::FeedId::Source(crate::support::world::slug("paper"))];
    for feed in &everywhere {
        assert!(!world.feed(feed.clone(), Format::Rss).await.contains("港口"));
    }
    assert!(world.category("board", Format::Rss).await.contains("港口"));
    let world = world.without("[[category]]\nslug = \"board\"\ntitle = \"Board\"\ntoken = \"s\"");
    for feed in &everywhere {
        assert!(!world.feed(feed.clone(), Format::Rss).await.contains("港口"));
    }
}
