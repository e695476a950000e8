//! The static site: every public page, feed and archive as it is served, in a folder. Only what changed since the last export is drawn,
//! and only what differs is written.

use super::{
    manifest::{Kind, Made, Manifest, Written},
    plan::{self, Entries, Wanted, What},
    tree::{Coded, Tree},
};
use crate::{
    publish::Coding,
    serve::{App, Inventory},
    store::Store,
};
use anyhow::Context;
use bytes::Bytes;
use futures::{StreamExt, stream};
use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

/// Documents between two words on how far it is.
const TOLD_EVERY: u64 = 64;

/// Folders in which everything is ours.
const OURS: [&str; 5] = ["all", "category", "source", "tag", "entry"];

/// What an export came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Documents in the folder.
    pub documents: u64,
    /// Of these, drawn anew.
    pub drawn: u64,
    /// Of these, written: they were not there, or not the same.
    pub written: u64,
    /// Documents that were there and are no more.
    pub removed: u64,
}

impl Done {
    /// What one more pass came to.
    fn add(&mut self, passed: Done) {
        self.documents = passed.documents;
        self.drawn += passed.drawn;
        self.written += passed.written;
        self.removed += passed.removed;
    }
}

/// Documents that are done, of how many.
pub type Progress = watch::Sender<(u64, u64)>;

/// Brings a folder up to date, and tells how far it is. Whoever lets it go ends it; the next one knows.
pub async fn site(app: &Arc<App>, store: &Store, folder: &Path, progress: &Progress) -> anyhow::Result<Done> {
    let mut done = Done::default();
    loop {
        let inventory = app.inventory().await?;
        let hash = inventory.hash;
        let passed = pass(app, store, inventory, folder, progress).await?;
        done.add(passed);
        // What anyone may read was judged at the beginning. Where feeds.toml says otherwise by now, that holds.
        if app.inventory().await?.hash == hash {
            return Ok(done);
        }
    }
}

async fn pass(
    app: &Arc<App>,
    store: &Store,
    inventory: Inventory,
    folder: &Path,
    progress: &Progress,
) -> anyhow::Result<Done> {
    let root = folder.to_owned();
    let (tree, before) = tokio::task::spawn_blocking(move || Tree::open(&root, Kind::Site)).await??;
    let by = plan::digest(&(inventory.hash, program()));
    // What a killed export left may be newer than the manifest says.
    let known = (!tree.broke_off() && before.made.by == by).then(|| before.made.clone());
    let (entries, cursor) = entries(store, &inventory, known.as_ref(), &before).await?;
    let (lists, kept) = lists(store, &inventory, known.as_ref(), &before, &tree).await?;
    let mut manifest =
        Manifest { made: Made { by, kind: Kind::Site, ..Made::default() }, documents: kept.into_iter().collect() };
    // Whatever is linked to comes before what links to it.
    let wanted: Vec<Wanted> = plan::pages(&entries).into_iter().chain(lists).chain(plan::house(&inventory)).collect();
    tree.begin()?;
    // What may no longer be read goes before anything else is done.
    let stays: HashSet<String> = wanted.iter().map(|it| &it.file).chain(manifest.documents.keys()).cloned().collect();
    let ((tree, before), removed) = tokio::task::spawn_blocking(move || leave(tree, before, &stays)).await??;
    let mut done = Done { removed, ..Done::default() };
    let export =
        Arc::new(Export { app: app.clone(), tree, before, trusts: known.is_some(), written: AtomicU64::new(0) });
    export.make(wanted, &mut manifest, &mut done, progress).await?;
    // What was published meanwhile may be linked to already.
    let cursor = match plan::entries(store, &inventory, Some(cursor), Entries::new()).await? {
        Some((late, _)) if late.is_empty() => cursor,
        Some((late, next)) => {
            export.make(plan::pages(&late), &mut manifest, &mut done, progress).await?;
            next
        }
        None => cursor,
    };
    manifest.made.cursor = cursor.to_string();
    manifest.made.feeds = inventory.feeds.iter().map(|feed| (feed.id.path(), feed.version)).collect();
    manifest.made.site = app.site();
    (done.documents, done.written) = (manifest.documents.len() as u64, export.written.load(Ordering::Relaxed));
    let export = Arc::into_inner(export).context("a document is still being written")?;
    done.removed += tokio::task::spawn_blocking(move || export.end(&manifest)).await??;
    Ok(done)
}

/// The entries that are to have pages, and up to where the record of changes says so.
async fn entries(
    store: &Store,
    inventory: &Inventory,
    known: Option<&Made>,
    before: &Manifest,
) -> anyhow::Result<(Entries, crate::model::Cursor)> {
    if let Some(since) = known.and_then(Made::cursor)
        && let Some(found) = plan::entries(store, inventory, Some(since), plan::exported(before)).await?
    {
        return Ok(found);
    }
    plan::entries(store, inventory, None, Entries::new()).await?.context("the store's record of changes cannot be read")
}

/// Removes the documents of the last export that are to be there no more, and counts them.
fn leave(tree: Tree, mut before: Manifest, stays: &HashSet<String>) -> anyhow::Result<((Tree, Manifest), u64)> {
    let stale: Vec<String> = before.documents.keys().filter(|file| !stays.contains(*file)).cloned().collect();
    for file in &stale {
        tree.take_away(file)?;
        before.documents.remove(file);
    }
    Ok(((tree, before), stale.len() as u64))
}

type Kept = Vec<(String, Written)>;

/// Documents of feeds that are to be looked at, and those of feeds in which nothing changed.
async fn lists(
    store: &Store,
    inventory: &Inventory,
    known: Option<&Made>,
    before: &Manifest,
    tree: &Tree,
) -> anyhow::Result<(Vec<Wanted>, Kept)> {
    let mut there: BTreeMap<String, Kept> = BTreeMap::new();
    for (file, written) in before.documents.iter().filter(|_| known.is_some()) {
        if let Some(feed) = plan::feed_of(file) {
            there.entry(feed).or_default().push((file.clone(), written.clone()));
        }
    }
    let (mut wanted, mut kept) = (Vec::new(), Vec::new());
    for feed in &inventory.feeds {
        let path = feed.id.path();
        let same = known.and_then(|made| made.feeds.get(&path)) == Some(&feed.version);
        match there.remove(&path).filter(|files| same && files.iter().all(|(file, written)| tree.holds(file, written)))
        {
            Some(files) => kept.extend(files),
            None => wanted.extend(plan::feed(store, feed).await?),
        }
    }
    Ok((wanted, kept))
}

/// One export under way.
struct Export {
    app: Arc<App>,
    tree: Tree,
    before: Manifest,
    /// What the manifest says of what documents were drawn from holds.
    trusts: bool,
    written: AtomicU64,
}

impl Export {
    async fn make(
        self: &Arc<Export>,
        wanted: Vec<Wanted>,
        manifest: &mut Manifest,
        done: &mut Done,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let all = wanted.len() as u64;
        let mut to_draw = Vec::new();
        for wanted in wanted {
            match self.unchanged(&wanted) {
                Some(written) => {
                    manifest.documents.insert(wanted.file, written);
                }
                None => to_draw.push(wanted),
            }
        }
        let mut passed = all - to_draw.len() as u64;
        let works = std::thread::available_parallelism().map_or(2, usize::from) * 2;
        let drawn = stream::iter(to_draw).map(|wanted| {
            let export = self.clone();
            tokio::spawn(async move { export.draw(wanted).await })
        });
        let mut drawn = drawn.buffered(works);
        while let Some(written) = drawn.next().await {
            if let Some((file, written)) = written?? {
                manifest.documents.insert(file, written);
                done.drawn += 1;
            }
            passed += 1;
            if passed.is_multiple_of(TOLD_EVERY) || passed == all {
                progress.send_replace((passed, all));
            }
        }
        Ok(())
    }

    /// A document that is there as it would be drawn.
    fn unchanged(&self, wanted: &Wanted) -> Option<Written> {
        let written = self.before.documents.get(&wanted.file).filter(|_| self.trusts)?;
        (wanted.stamp != 0 && written.stamp == wanted.stamp && self.tree.holds(&wanted.file, written))
            .then(|| written.clone())
    }

    /// Draws a document and writes it where it is another. `None`: there is none any more.
    async fn draw(
        self: Arc<Export>,
        Wanted { file, what, stamp }: Wanted,
    ) -> anyhow::Result<Option<(String, Written)>> {
        let bytes = match &what {
            What::Served(path) => self.app.document(path).await?,
            What::Nothing { gone } => Some(self.app.nothing(*gone)?),
            What::Gone => Some(Bytes::new()),
            What::Redirects(lines) => Some(Bytes::from(lines.clone())),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let written = tokio::task::spawn_blocking(move || {
            let written = self.write(&file, &what, &bytes)?;
            anyhow::Ok((file, Written { stamp, ..written }))
        });
        written.await?.map(Some)
    }

    fn write(&self, file: &str, what: &What, bytes: &Bytes) -> anyhow::Result<Written> {
        // The codings of equal bytes are equal.
        let same = self.before.documents.get(file).filter(|_| !self.tree.broke_off());
        if let Some(same) = same.filter(|same| self.tree.holds(file, same) && self.tree.has(file, bytes)) {
            return Ok(same.clone());
        }
        let code = |coding| match plan::codings(file, what).contains(&coding) {
            true => App::coded(bytes, coding).with_context(|| format!("code {file}")),
            false => Ok(None),
        };
        let coded = Coded { plain: bytes, gz: code(Coding::Gzip)?, br: code(Coding::Brotli)? };
        if self.tree.put(file, &coded)? {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        let long = |coded: &Option<Vec<u8>>| coded.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Ok(Written { stamp: 0, bytes: bytes.len() as u64, gz: long(&coded.gz), br: long(&coded.br) })
    }

    /// Removes what is no more, and says what there is.
    fn end(self, manifest: &Manifest) -> anyhow::Result<u64> {
        let mut removed = 0;
        for file in self.before.documents.keys().filter(|file| !manifest.documents.contains_key(*file)) {
            self.tree.take_away(file)?;
            removed += 1;
        }
        if self.tree.broke_off() {
            removed += self.tree.sweep(&OURS, manifest)?;
        }
        self.tree.finish(manifest)?;
        Ok(removed)
    }
}

/// A number for the program: what another one draws may be other bytes.
fn program() -> u64 {
    let about = std::env::current_exe().and_then(|path: PathBuf| path.metadata());
    let changed = about.as_ref().ok().and_then(|about| about.modified().ok());
    plan::digest(&(env!("CARGO_PKG_VERSION"), about.map(|about| about.len()).ok(), changed))
}
