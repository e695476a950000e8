//! A Jekyll site of everything public: posts, a page for each category, layouts, settings. Whole files at any moment, only what differs
//! is written, and of what an earlier export wrote nothing stale is left.

use super::{
    Done, Progress,
    manifest::{Kind, Manifest, Written},
    tree::{Coded, Tree},
};
use crate::{
    config::Config,
    format::jekyll as format,
    model::{CategoryRef, Entry, InfoCode, TextKind},
    policy,
    serve::{App, Inventory},
    store::Store,
    view,
    words::Words,
};
use std::{path::Path, sync::Arc};

/// Entries read from the store at a time.
const STEP: usize = 256;

/// Writes it, or brings it up to date.
pub async fn jekyll(
    app: &Arc<App>,
    config: &Arc<Config>,
    store: &Store,
    folder: &Path,
    progress: &Progress,
) -> anyhow::Result<Done> {
    let root = folder.to_owned();
    let (tree, before) = tokio::task::spawn_blocking(move || Tree::open(&root, Kind::Jekyll)).await??;
    tree.begin()?;
    let inventory = Arc::new(app.inventory().await?);
    let mut writing = Writing { tree, manifest: Manifest::default(), written: 0 };
    writing.manifest.made.kind = Kind::Jekyll;
    writing.manifest.made.site = config.site.url.to_string();
    let all = store.counts().await?.entries;
    let (mut after, mut seen): (Option<InfoCode>, _) = (None, 0);
    loop {
        let entries = store.scan(after.as_ref(), STEP).await?;
        let Some(last) = entries.last() else { break };
        after = Some(last.code.clone());
        seen += entries.len() as u64;
        let (config, inventory) = (config.clone(), inventory.clone());
        writing = tokio::task::spawn_blocking(move || {
            let mut writing = writing;
            for entry in entries.iter().filter(|entry| inventory.shows(entry)) {
                let (name, text) = post(&config, &inventory, entry);
                writing.put(&format!("_posts/{name}"), &text)?;
            }
            anyhow::Ok(writing)
        })
        .await??;
        progress.send_replace((seen.min(all), all));
    }
    let words = Words::of(&config.site.language);
    for category in inventory.categories() {
        writing.put(&format!("category/{}.html", category.slug), &format::category(&category))?;
    }
    for (name, text) in format::layouts(words) {
        writing.put(&format!("_layouts/{name}"), &text)?;
    }
    writing.put("_config.yml", &format::config(&config.site))?;
    writing.put("index.html", &format::index(&config.site, words))?;
    progress.send_replace((all, all));
    tokio::task::spawn_blocking(move || writing.end(&before)).await?
}

fn post(config: &Config, inventory: &Inventory, entry: &Entry) -> (String, String) {
    let item = view::item_view(config, entry);
    let filed: Vec<CategoryRef> = inventory.filed(entry);
    // A text that is characters only is a digest without more below it (domain §1).
    let content = entry.edition.content.as_ref().filter(|content| content.kind == TextKind::Plain);
    let digest = content.map(policy::plain).filter(|_| item.summary.is_none());
    let words = Words::of(&config.site.language);
    format::post(&format::Setting { site: &config.site, words }, &item, &filed, digest.as_deref(), entry.sort_date)
}

struct Writing {
    tree: Tree,
    manifest: Manifest,
    written: u64,
}

impl Writing {
    fn put(&mut self, path: &str, text: &str) -> anyhow::Result<()> {
        let coded = Coded { plain: text.as_bytes(), gz: None, br: None };
        self.written += u64::from(self.tree.put(path, &coded)?);
        let written = Written { bytes: text.len() as u64, ..Written::default() };
        self.manifest.documents.insert(path.to_owned(), written);
        Ok(())
    }

    fn end(self, before: &Manifest) -> anyhow::Result<Done> {
        let Writing { tree, manifest, written } = self;
        let stale: Vec<&String> =
            before.documents.keys().filter(|path| !manifest.documents.contains_key(*path)).collect();
        for path in &stale {
            tree.take_away(path)?;
        }
        let mut removed = stale.len() as u64;
        if tree.broke_off() {
            removed += tree.sweep(&["_posts", "category"], &manifest)?;
        }
        let documents = manifest.documents.len() as u64;
        tree.finish(&manifest)?;
        Ok(Done { documents, drawn: documents, written, removed })
    }
}
