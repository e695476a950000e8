//! A public page from the store to its bytes: an entry's, a category's, the first one; drawn anew each time, nothing remembered.

mod support;

use divan::Bencher;
use std::sync::Arc;
use support::{Kind, now, page};
use syndic::{
    enrich::enrich,
    fetch::Client,
    identify::identify,
    model::{Clock, Commit, GuidTrust, Judge, SourceState},
    parse::parse,
    poll::Poller,
    publish::Publisher,
    refresh::Tools,
    reload::Reloads,
    serve::App,
    store::{Store, StoreOptions},
    vitals::Vitals,
    websub::{Desk, Followers, Hub, Subscriptions},
};
use tokio::{runtime::Runtime, sync::watch};

/// Entries in the store: a category's page shows fifty of them.
const STORED: usize = 400;

fn main() {
    divan::main();
}

#[divan::bench(args = ["/entry/NW202609011200000007.html", "/category/news.html", "/source/news.html", "/"])]
fn drawn(bencher: Bencher<'_, '_>, path: &str) {
    let (runtime, app, _folder) = match site() {
        Ok(site) => site,
        Err(error) => unreachable!("a store of generated entries: {error:#}"),
    };
    let bytes = runtime.block_on(app.document(path)).ok().flatten().map_or(0, |bytes| bytes.len());
    assert!(bytes > 2_000, "{path}: {bytes} bytes are no page");
    bencher.bench_local(|| runtime.block_on(app.document(path)));
}

fn site() -> anyhow::Result<(Runtime, Arc<App>, tempfile::TempDir)> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let config = Arc::new(support::config());
    let app = runtime.block_on(async {
        let store = Store::open(folder.path(), StoreOptions { cache: 64 << 20, ..StoreOptions::default() })?;
        let source = config.sources.first().ok_or_else(|| anyhow::anyhow!("the configuration has a source"))?;
        let parsed = parse(&page(Kind::Rss, STORED))?;
        let claims = identify(source, None, parsed.entries, GuidTrust::Guid).claims;
        let known = store.known(&source.id, &source.namespace, &claims).await?;
        let commit = Commit {
            source: source.id.clone(),
            namespace: source.namespace.clone(),
            site_host: "feeds.example".to_owned(),
            new_source_entries: None,
            flood: None,
            drafts: enrich(&config, source, &parsed.info, claims, &known, now()),
            state: SourceState::default(),
            at: now(),
            partial: false,
            deletions: Vec::new(),
            heard: None,
            judge: Judge::new(|_, _, _| None),
            policy: None,
            brings_categories: false,
        };
        store.apply(commit).await?;
        let (subscriptions, followers) = (Subscriptions::load(&store)?, Followers::load(&store)?);
        let (client, vitals) = (Client::new(&config.fetch)?, Vitals::starting(now())?);
        let tools = Tools { client, store, clock: Clock::system(), subscriptions, followers, vitals };
        let poller = Poller::new(tools.clone(), 1);
        let (_, receiver) = watch::channel(config.clone());
        let desk = Desk::new(tools.clone(), poller.clone(), receiver.clone());
        let hub = Hub::new(tools.clone(), poller, receiver.clone());
        anyhow::Ok(App::new((receiver, Reloads::default()), tools, Publisher::holding(0), desk, hub))
    })?;
    Ok((runtime, app, folder))
}
