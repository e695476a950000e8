//! Values made by hand for the tests of this module.

use crate::{
    config::{Config, FetchConfig, PollConfig, PublishConfig, Server, Site, StoreConfig},
    model::{CategoryRef, ContentPolicy, InfoCode, Slug, Source, SourceKind, SourceRef, Text},
    view::{ItemBody, ItemView},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub fn config() -> Config {
    Config {
        path: "feeds.toml".into(),
        site: Site {
            title: "厦门<新闻>".into(),
            url: "https://example.org/news".parse().unwrap(),
            description: "One & all".into(),
            language: "zh-CN".into(),
            timezone: Some(chrono_tz::Asia::Shanghai),
            rights: None,
            contact: None,
            theme: Default::default(),
            images: true,
            noindex: false,
        },
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
        poll: PollConfig {
            min: Duration::from_secs(900),
            max: Duration::from_secs(86_400),
            concurrency: 1,
            max_new: 200,
            websub: true,
        },
        fetch: FetchConfig {
            user_agent: "syndic".into(),
            max_bytes: 1,
            timeout: Duration::from_secs(1),
            allow: Vec::new(),
            dns: Vec::new(),
        },
        hosts: Vec::new(),
        publish: PublishConfig {
            entries: 50,
            new_source_entries: 10,
            credit: true,
            hub: false,
            hubs: Vec::new(),
            tags: Default::default(),
        },
        export: Default::default(),
        categories: Vec::new(),
        publishers: BTreeMap::new(),
        sources: Vec::new(),
        hash: 1,
    }
}

pub fn source(id: &str, categories: &[&str]) -> Arc<Source> {
    let category = |name: &&str| CategoryRef { slug: slug(name), title: name.to_uppercase() };
    Arc::new(Source {
        id: slug(id),
        kind: SourceKind::Feed(format!("https://{id}.example/feed").parse().unwrap()),
        categories: categories.iter().map(category).collect(),
        title: None,
        homepage: None,
        rights: None,
        license: None,
        language: None,
        timezone: None,
        namespace: format!("{id}.example"),
        content: ContentPolicy::Full,
        credit: true,
        every: None,
        headers: Vec::new(),
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
    })
}

pub fn item(title: &str, body: ItemBody) -> ItemView {
    ItemView {
        code: InfoCode::parse("NW202204222352631195").unwrap(),
        atom_id: String::new(),
        guid: String::new(),
        guid_is_permalink: false,
        json_id: String::new(),
        title: Some(Text::plain(title)),
        link: "https://paper.example/1".into(),
        original: Some("https://paper.example/1".into()),
        page: "https://example.org/news/entry/NW202204222352631195.html".into(),
        body,
        credit: None,
        summary: None,
        published: Some("2022-04-21T23:44:35Z".parse().unwrap()),
        updated: "2022-04-21T23:44:35Z".parse().unwrap(),
        authors: Vec::new(),
        contributors: Vec::new(),
        tags: Vec::new(),
        enclosures: Vec::new(),
        links: Vec::new(),
        comments: None,
        rights: None,
        language: Some("zh".into()),
        source: SourceRef { title: "Paper".into(), ..SourceRef::default() },
        upstream: None,
        dc_source: None,
        publisher: Some("厦门日报".into()),
        byline: Vec::new(),
        extensions: Vec::new(),
    }
}
