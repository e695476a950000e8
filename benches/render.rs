//! A stored category → bytes: the view of 50 entries with whole bodies, and each format of it.

mod support;

use divan::{Bencher, counter::BytesCount};
use support::{Kind, config, now, page};
use syndic::{
    config::Config,
    enrich::enrich,
    format::{Format, render},
    identify::identify,
    model::{Commit, FeedId, FeedPart, GuidTrust, SourceState},
    parse::parse,
    store::{Listing, Store, StoreOptions},
    view::{FeedView, feed_view},
};

/// Entries of the feed.
const SHOWN: usize = 50;

fn main() {
    divan::main();
}

#[divan::bench]
fn view(bencher: Bencher<'_, '_>) {
    let (config, listing) = (config(), listing());
    bencher.bench_local(|| feed_view(&config, &config.categories, &FeedId::All, &FeedPart::Head, &listing));
}

#[divan::bench(args = Format::ALL)]
fn format(bencher: Bencher<'_, '_>, format: Format) {
    let view = shown(&config());
    let bytes = render(&view, format).map(|bytes| bytes.len()).unwrap_or(0);
    assert!(bytes > SHOWN * 2_000, "{format:?}: {bytes} bytes are not fifty whole entries");
    bencher.counter(BytesCount::new(bytes)).bench_local(|| render(&view, format));
}

fn shown(config: &Config) -> FeedView {
    feed_view(config, &config.categories, &FeedId::All, &FeedPart::Head, &listing())
}

/// Fifty entries that went through the real stages and a real store.
fn listing() -> Listing {
    match try_listing() {
        Ok(listing) if listing.entries.len() == SHOWN => listing,
        Ok(listing) => unreachable!("{} entries were stored instead of {SHOWN}", listing.entries.len()),
        Err(error) => unreachable!("the store takes a generated document: {error:#}"),
    }
}

fn try_listing() -> anyhow::Result<Listing> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let store = Store::open(folder.path(), StoreOptions { cache: 16 << 20, editions: 1, ..StoreOptions::default() })?;
    runtime.block_on(async {
        store.apply(commit(&store).await?).await?;
        let listing = store.feed(&FeedId::All, SHOWN).await?;
        store.close(now()).await?;
        Ok(listing)
    })
}

async fn commit(store: &Store) -> anyhow::Result<Commit> {
    let config = config();
    let source = config.sources.first().ok_or_else(|| anyhow::anyhow!("the configuration has no source"))?;
    let parsed = parse(&page(Kind::Rss, SHOWN))?;
    let claims = identify(source, parsed.info.home.as_deref(), parsed.entries, GuidTrust::Guid).claims;
    let known = store.known(&source.id, &source.namespace, &claims).await?;
    Ok(Commit {
        source: source.id.clone(),
        namespace: source.namespace.clone(),
        site_host: "news.example".to_owned(),
        new_source_entries: None,
        flood: None,
        drafts: enrich(&config, source, &parsed.info, claims, &known, now()),
        state: SourceState::default(),
        at: now(),
        partial: false,
        deletions: Vec::new(),
        heard: None,
        judge: syndic::model::Judge::new(|_, _, _| None),
        policy: None,
        brings_categories: false,
    })
}
