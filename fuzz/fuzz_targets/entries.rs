//! Bytes → entries: parsed, identified, enriched, as a refresh does it. Finds panics, overflows, bad memory, hangs.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use std::{path::Path, sync::LazyLock};
use syndic::{
    config::{Config, Overrides},
    enrich::enrich,
    fetch::{Body, Page},
    identify::identify,
    model::{Answer, GuidTrust, Known, Time, Validators},
    parse::{MAX_ENTRIES, parse},
};

const FEEDS_TOML: &str = r#"
[site]
url = "https://feeds.example"
[[category]]
slug = "news"
title = "News"
[[source]]
id = "news"
url = "https://news.example/feed.xml"
category = "news"
content = "full"
"#;

const TYPES: [Option<&str>; 4] =
    [None, Some("text/xml"), Some("text/html; charset=iso-8859-1"), Some("application/rss+xml; charset=gbk")];

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::parse(FEEDS_TOML, Path::new("feeds.toml"), &Overrides::default())
        .expect("the configuration is right")
        .config
});

fuzz_target!(
    init: {
        // What feed-rs panics at is caught on purpose: only a panic that gets out is a finding.
        drop(std::panic::take_hook());
    },
    |bytes: &[u8]| {
        let page = Page {
            body: Body::Document(Bytes::copy_from_slice(bytes)),
            content_type: TYPES[bytes.len() % TYPES.len()].map(str::to_owned),
            base: Some("https://news.example/feed.xml".to_owned()),
            address: None,
            validators: Validators::default(),
            answer: Answer::default(),
        };
        let Ok(feed) = parse(&page) else { return };
        assert!(feed.entries.len() <= MAX_ENTRIES);
        let source = &CONFIG.sources[0];
        let claims = identify(source, feed.info.home.as_deref(), feed.entries, GuidTrust::Guid).claims;
        let known = Known(vec![None; claims.len()]);
        let now = Time::from_timestamp(1_790_000_000, 0).expect("a time");
        drop(enrich(&CONFIG, source, &feed.info, claims, &known, now));
    }
);
