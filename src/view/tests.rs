use super::*;
use crate::{
    config::{FetchConfig, PollConfig, PublishConfig, Server, Site, StoreConfig},
    model::{
        Attribution, CategoryRef, CodeKind, ContentPolicy, Edition, Entry, PublishedIds, Publisher, Slug, Source,
        SourceKind,
    },
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use url::Url;

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn source() -> Source {
    Source {
        id: slug("xm"),
        kind: SourceKind::Feed(Url::parse("https://paper.example/feed.xml?key=1").unwrap()),
        categories: vec![],
        title: None,
        homepage: None,
        rights: None,
        license: None,
        language: None,
        timezone: None,
        namespace: "paper.example".into(),
        content: ContentPolicy::Full,
        credit: true,
        every: None,
        headers: vec![],
        auth: None,
        proxy: None,
        info_code: None,
        recipe: None,
        full_text: None,
        rules: Default::default(),
        not_before: None,
        not_after: None,
        retention: None,
        enabled: true,
        publish_url: true,
    }
}

fn config(sources: Vec<Source>) -> Config {
    let site = Site {
        title: "站".into(),
        url: Url::parse("https://news.example/sub").unwrap(),
        description: "述".into(),
        language: "zh-CN".into(),
        timezone: None,
        rights: None,
        contact: None,
        theme: Default::default(),
        images: true,
        noindex: false,
    };
    let hour = Duration::from_secs(3600);
    Config {
        path: "feeds.toml".into(),
        site,
        server: Server {
            listen: "127.0.0.1:0".parse().unwrap(),
            trusted_proxies: Vec::new(),
            cache: 1 << 20,
            requests: 20,
            burst: 400,
            connections: 8,
            client_connections: 8,
            status_token: None,
            access_log: false,
        },
        store: StoreConfig {
            path: "data".into(),
            cache: 0,
            editions: 10,
            retention: Default::default(),
            removed: Default::default(),
        },
        poll: PollConfig { min: hour, max: hour, concurrency: 1, max_new: 200, websub: true },
        fetch: FetchConfig { user_agent: String::new(), max_bytes: 0, timeout: hour, allow: vec![], dns: vec![] },
        hosts: Vec::new(),
        publish: PublishConfig {
            entries: 50,
            new_source_entries: 10,
            credit: true,
            hub: false,
            hubs: Vec::new(),
            tags: Default::default(),
        },
        categories: vec![Category::named(CategoryRef { slug: slug("rail"), title: "铁路".into() })],
        export: Default::default(),
        publishers: BTreeMap::from([("厦门日报社".to_owned(), "厦门日报".to_owned())]),
        sources: sources.into_iter().map(Arc::new).collect(),
        hash: 0,
    }
}

fn entry() -> Entry {
    let time = |seconds| Time::from_timestamp(seconds, 0).unwrap();
    let code = InfoCode::parse("NW202204222352631195").unwrap();
    let kept = SourceRef {
        source: Some(slug("xm")),
        title: "厦门日报新闻".into(),
        id: "https://paper.example/feed.xml?key=1".into(),
        feed_url: Some("https://paper.example/feed.xml?key=1".into()),
        home: Some("https://paper.example/".into()),
        ..SourceRef::default()
    };
    let publisher =
        Publisher { name: "厦门日报社".into(), raw: "（来源：厦门日报社）".into(), ends_text: false };
    let attribution = Attribution { source: kept, publisher: Some(publisher), ..Attribution::default() };
    Entry {
        code,
        kind: CodeKind::Query,
        namespace: "paper.example".into(),
        owner: slug("xm"),
        sources: vec![slug("xm")],
        aliases: vec![],
        ids: PublishedIds::default(),
        first_seen: time(100),
        sort_date: time(50),
        edition_number: 1,
        born: 1,
        changed: 1,
        categories: vec![],
        joins: vec![],
        hidden: None,
        withdrawn: None,
        edition: Edition {
            updated_said: true,
            title: None,
            link: None,
            links: vec![],
            summary: None,
            content: Some(Text::html("<p>正文。</p>")),
            authors: vec![],
            contributors: vec![],
            tags: vec![],
            enclosures: vec![],
            comments: None,
            rights: None,
            language: None,
            published: None,
            updated: time(9_000),
            date_notes: vec![],
            attribution,
            extensions: vec![],
            full_text: Default::default(),
            fetched: time(200),
            sanitiser: 1,
            removed: Vec::new(),
        },
    }
}

#[test]
fn credit_names_the_canonical_publisher_and_links_home_without_an_original() {
    let item = item_view(&config(vec![source()]), &entry());
    let credit = "<p>来源：<a href=\"https://paper.example/\">厦门日报</a></p>";
    assert_eq!(item.body, ItemBody::Full(format!("<p>正文。</p>{credit}")));
    assert_eq!(item.link, "https://news.example/sub/entry/NW202204222352631195.html");
}

#[test]
fn no_credit_when_the_text_says_it_last() {
    let mut entry = entry();
    entry.edition.attribution.publisher.as_mut().unwrap().ends_text = true;
    assert_eq!(item_view(&config(vec![source()]), &entry).body, ItemBody::Full("<p>正文。</p>".into()));
    let cut = Source { content: ContentPolicy::Excerpt, ..source() };
    entry.edition.content = Some(Text::plain("句。".repeat(400)));
    let ItemBody::Excerpt { credit, .. } = item_view(&config(vec![cut]), &entry).body else { panic!("no excerpt") };
    assert!(credit.is_some(), "the end of the text is not shown");
}

#[test]
fn a_hidden_url_is_nowhere() {
    let hidden = Source { publish_url: false, ..source() };
    let item = item_view(&config(vec![hidden]), &entry());
    assert_eq!((item.source.feed_url.as_deref(), item.source.id.as_str()), (None, "https://paper.example/"));
    assert!(!format!("{item:?}").contains("feed.xml"));
}

#[test]
fn a_source_no_longer_configured_shows_an_excerpt() {
    let item = item_view(&config(vec![]), &entry());
    assert!(matches!(item.body, ItemBody::Excerpt { .. }));
}

#[test]
fn a_feed_dates_from_its_newest_edition_as_we_saw_it() {
    let listing = Listing { version: 1, entries: vec![Arc::new(entry())], ..Listing::default() };
    let config = config(vec![source()]);
    let view = feed_view(
        &config,
        &config.categories,
        &FeedId::Category(slug("rail")),
        &crate::model::FeedPart::Head,
        &listing,
    );
    assert_eq!(view.updated, Time::from_timestamp(200, 0));
    assert_eq!(
        (view.title.value, view.address.to_string()),
        ("铁路".to_owned(), "https://news.example/sub/category/rail".to_owned())
    );
    assert_eq!(view.home, "https://news.example/sub/category/rail.html");
}

#[test]
fn declared_categories_come_first() {
    let brought = |slug_: &str| CategoryRef { slug: slug(slug_), title: slug_.to_uppercase() };
    let all = published_categories(&config(vec![]), &[brought("z"), brought("rail"), brought("a")]);
    let slugs: Vec<&str> = all.iter().map(|category| category.slug.as_str()).collect();
    assert_eq!((slugs, all[0].title.as_str()), (vec!["rail", "a", "z"], "铁路"));
}

#[test]
fn the_feed_of_a_source_says_what_its_source_says() {
    let mut entry = entry();
    let kept = &mut entry.edition.attribution.source;
    kept.subtitle = Some("每日".into());
    kept.logo = Some("https://paper.example/logo.png".into());
    kept.language = Some("zh-TW".into());
    kept.rights = Some("© 报社".into());
    kept.tags = vec![Tag { term: "城市".into(), ..Tag::default() }];
    let listing = Listing { version: 1, entries: vec![Arc::new(entry)], ..Listing::default() };
    let config = config(vec![source()]);
    let drawn = |feed: FeedId| feed_view(&config, &config.categories, &feed, &crate::model::FeedPart::Head, &listing);
    let view = drawn(FeedId::Source(slug("xm")));
    assert_eq!((view.title.value.as_str(), view.description.value.as_str()), ("厦门日报新闻", "每日"));
    assert_eq!(view.image.map(|(url, _)| url).as_deref(), Some("https://paper.example/logo.png"));
    assert_eq!((view.language.as_str(), view.rights.unwrap().value.as_str()), ("zh-TW", "© 报社"));
    assert_eq!((view.tags.len(), view.links[0].rel.as_str()), (1, "via"));
    assert!(view.authors.is_empty());
    let all = drawn(FeedId::All);
    assert_eq!((all.image, all.tags.len(), all.links.len(), all.language.as_str()), (None, 0, 0, "zh-CN"));
    let hidden = Config { sources: vec![Arc::new(Source { publish_url: false, ..source() })], ..config.clone() };
    let view =
        feed_view(&hidden, &hidden.categories, &FeedId::Source(slug("xm")), &crate::model::FeedPart::Head, &listing);
    assert!(view.links.is_empty(), "a secret address is no link");
}
