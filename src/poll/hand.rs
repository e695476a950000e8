//! A source and limits made by hand, for the tests of what is pure here.

use crate::{
    config::PollConfig,
    model::{ContentPolicy, Slug, Source, SourceKind},
};
use std::time::Duration;

pub fn source(url: &str) -> Source {
    Source {
        id: Slug::parse("rail").unwrap(),
        kind: SourceKind::Feed(url.parse().unwrap()),
        categories: Vec::new(),
        title: None,
        homepage: None,
        rights: None,
        license: None,
        language: None,
        timezone: None,
        namespace: "example.org".into(),
        content: ContentPolicy::Excerpt,
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
    }
}

pub fn limits() -> PollConfig {
    PollConfig {
        min: Duration::from_secs(900),
        max: Duration::from_secs(86_400),
        concurrency: 8,
        max_new: 200,
        websub: true,
    }
}
