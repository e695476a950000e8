//! A small world for a feature test: a publisher on loopback, a store in a temporary folder, a clock moved by hand.

use super::{Reply, Upstream, fixture};
use chrono::TimeDelta;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use syndic::{
    config::{Config, Overrides},
    fetch::Client,
    format::{self, Format},
    model::{Clock, Entry, FeedId, FeedPart, InfoCode, Slug, SourceId, SourceState, Time},
    poll::Poller,
    refresh::{Outcome, Tools},
    store::{Archive, Store, StoreOptions},
    view,
    vitals::Vitals,
    websub::{Followers, Subscriptions},
};

pub struct World {
    pub upstream: Upstream,
    pub store: Store,
    now: Arc<Mutex<Time>>,
    sources: String,
    head: String,
    folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("data"));
        let now = Arc::new(Mutex::new("2022-04-22T04:00:00Z".parse().unwrap()));
        let head = "[site]\ntitle = \"Test\"\nurl = \"https://syndic.test\"\nlanguage = \"en\"\n\
                    [fetch]\nallow = [\"127.0.0.0/8\"]\ntimeout = \"2s\"\n[poll]\nmin = \"1s\"\n";
        World { upstream: Upstream::start().await, store, now, sources: String::new(), head: head.to_owned(), folder }
    }

    /// Adds lines to feeds.toml before the sources.
    pub fn with(mut self, lines: &str) -> World {
        self.head.push_str(lines);
        self.head.push('\n');
        self
    }

    /// Names are looked up there.
    pub fn resolving(mut self, server: SocketAddr) -> World {
        self.head = self.head.replace("timeout = \"2s\"\n", &format!("timeout = \"2s\"\ndns = [\"{server}\"]\n"));
        self
    }

    /// Adds a source `id` in the category `news`, served at `/<id>` from a fixture.
    pub fn source(self, id: &str, name: &str) -> World {
        self.upstream.serve(&format!("/{id}"), Reply::xml(fixture(name)));
        // The publisher's port is another one each time; what derived codes are made from must not be.
        self.source_with(id, &format!("category = \"news\"\ncontent = \"full\"\nnamespace = \"{id}.example\""))
    }

    /// Adds a source with these lines; nothing is served at `/<id>` yet.
    pub fn source_with(mut self, id: &str, lines: &str) -> World {
        let url = self.upstream.url(&format!("/{id}"));
        self.sources.push_str(&format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\n{lines}\n"));
        self
    }

    /// Adds a whole `[[source]]`.
    pub fn source_as_it_stands(mut self, lines: &str) -> World {
        self.sources.push_str(lines);
        self
    }

    /// Takes lines out of feeds.toml, and every source with them.
    pub fn without(mut self, lines: &str) -> World {
        assert!(self.head.contains(lines));
        self.head = self.head.replace(lines, "");
        self.sources = "[[source]]\nid = \"other\"\nurl = \"http://other.example/\"\n".to_owned();
        self
    }

    /// Puts this in the place of the `[[category]]` of the same slug.
    pub fn renamed(mut self, category: &str) -> World {
        let begin = category.lines().take(2).collect::<Vec<_>>().join("\n");
        let start = self.head.find(&begin).unwrap();
        let end = start + self.head[start..].match_indices('\n').nth(2).map_or(self.head.len() - start, |(at, _)| at);
        self.head.replace_range(start..end, category);
        self
    }

    /// Readers and hubs find the site at that address.
    pub fn at(mut self, url: &str) -> World {
        let start = self.head.find("url = \"").unwrap() + 7;
        let end = start + self.head[start..].find('"').unwrap();
        self.head.replace_range(start..end, url);
        self
    }

    /// The operator corrects a source's address.
    pub fn moved(mut self, from: &str, to: &str) -> World {
        self.sources = self.sources.replace(&format!("{from}\""), &format!("{to}\""));
        self
    }

    /// The operator puts other lines in the place of these.
    pub fn edited(mut self, lines: &str, others: &str) -> World {
        assert!(self.sources.contains(lines), "{}", self.sources);
        self.sources = self.sources.replace(lines, others);
        self
    }

    pub fn config(&self) -> Arc<Config> {
        let text = format!("{}{}", self.head, self.sources);
        let loaded = Config::parse(&text, &PathBuf::from("feeds.toml"), &Overrides::default());
        Arc::new(loaded.unwrap_or_else(|errors| panic!("{errors}\n{text}")).config)
    }

    pub fn tools(&self) -> Tools {
        let now = Arc::clone(&self.now);
        let clock = Clock::from_fn(move || *now.lock().unwrap());
        let subscriptions = Subscriptions::load(&self.store).unwrap();
        let followers = Followers::load(&self.store).unwrap();
        let client = Client::new(&self.config().fetch).unwrap();
        let vitals = Vitals::starting(clock.now()).unwrap();
        Tools { client, store: self.store.clone(), clock, subscriptions, followers, vitals }
    }

    pub fn pass_time(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    /// Polls every source once and returns how each ended, by their ids.
    pub async fn refresh(&self) -> Vec<(SourceId, Outcome)> {
        let mut outcomes = self.refresh_in_order().await;
        outcomes.sort_by(|(a, _), (b, _)| a.cmp(b));
        outcomes
    }

    /// Polls one source.
    pub async fn refresh_one(&self, id: &str) -> Outcome {
        let config = self.config();
        let source = config.source(&slug(id)).unwrap().clone();
        let mut reports = Poller::new(self.tools(), 8).pass(&config, vec![source], true);
        reports.recv().await.unwrap().outcome.unwrap()
    }

    /// The same, as they came to an end.
    pub async fn refresh_in_order(&self) -> Vec<(SourceId, Outcome)> {
        let config = self.config();
        let mut reports = Poller::new(self.tools(), 8).pass(&config, config.sources.clone(), true);
        let mut outcomes = Vec::new();
        while let Some(report) = reports.recv().await {
            outcomes.push((report.source, report.outcome.unwrap()));
        }
        outcomes
    }

    /// Closes the store and opens it again, as a restart does.
    pub async fn restarted(mut self) -> World {
        let now = *self.now.lock().unwrap();
        self.store.close(now).await.unwrap();
        self.store = open(&self.folder.path().join("data"));
        self
    }

    /// Polls, and wants every source to have worked.
    pub async fn refreshed(self) -> World {
        for (source, outcome) in self.refresh().await {
            assert!(!matches!(outcome, Outcome::Failed(_)), "{source}: {outcome:?}");
        }
        self
    }

    pub async fn state(&self, id: &str) -> SourceState {
        self.store.state(&slug(id)).await.unwrap()
    }

    pub async fn entry(&self, code: &str) -> Option<Arc<Entry>> {
        self.store.entry(&InfoCode::parse(code).unwrap()).await.unwrap()
    }

    /// A category's feed as it is published.
    pub async fn category(&self, name: &str, format: Format) -> String {
        self.feed(FeedId::Category(slug(name)), format).await
    }

    pub async fn feed(&self, feed: FeedId, format: Format) -> String {
        let config = self.config();
        let categories = view::published_categories(&config, &self.store.categories().await.unwrap());
        let (wanted, sight) = (view::entries_wanted(&config, &categories, &feed), view::sight(&categories, &feed));
        let listing = self.store.head(&feed, wanted, sight).await.unwrap();
        let view = view::feed_view(&config, &categories, &feed, &FeedPart::Head, &listing);
        String::from_utf8(format::render(&view, format).unwrap()).unwrap()
    }

    /// An archive of a category as it is published; `None` when there is none.
    pub async fn archive(&self, feed: FeedId, number: u64, format: Format) -> Option<String> {
        let config = self.config();
        let categories = view::published_categories(&config, &self.store.categories().await.unwrap());
        let archive = self.store.archive(&feed, number, view::sight(&categories, &feed)).await.unwrap();
        let Archive::Full(listing) = archive else { return None };
        let view = view::feed_view(&config, &categories, &feed, &FeedPart::Archive(number), &listing);
        Some(String::from_utf8(format::render(&view, format).unwrap()).unwrap())
    }

    /// A category's JSON feed, read.
    pub async fn json(&self, category: &str) -> serde_json::Value {
        serde_json::from_str(&self.category(category, Format::Json).await).unwrap()
    }
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub fn open(data: &Path) -> Store {
    Store::open(data, StoreOptions { cache: 8 << 20, editions: 10, ..StoreOptions::default() }).unwrap()
}
