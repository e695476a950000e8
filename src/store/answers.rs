//! What the store answers: every question but that for all sources' states is answered from one moment, and none of them changes anything.

use super::{
    Archive, Counts, Listing, Shared, Sight, Store, StoreError, checkpoint, codec, files, journal, listing, meta::Meta,
    read, read::Reading, states,
};
use crate::model::{
    CategoryRef, Change, Claim, Cursor, Entry, FeedId, InfoCode, Known, SourceId, SourceState, TagName, Time, Withdrawn,
};
use std::{collections::BTreeMap, sync::Arc};

/// States of sources that are read under one lock: some ten milliseconds where they are not in memory.
const STATES: usize = 512;

impl Store {
    /// What is already here for these claims, aliases and ownership considered.
    pub async fn known(&self, source: &SourceId, namespace: &str, claims: &[Claim]) -> Result<Known, StoreError> {
        // Two or three point look-ups a claim, almost always in the cache: dearer to send elsewhere than to do.
        self.0.shared.look_settled(|reading| read::known(reading, source, namespace, claims))
    }

    /// The state of every source ever polled. Read a part at a time: a commit that waits meanwhile, and all readers behind it, would wait for
    /// tens of thousands. Each state is whole; two may be of different moments.
    pub async fn states(&self) -> Result<BTreeMap<SourceId, SourceState>, StoreError> {
        let touched = self.0.shared.touches.all().into_iter().map(|(source, _)| source);
        let (mut unseen, mut found, mut after) = (touched.collect::<Vec<_>>(), BTreeMap::new(), None);
        loop {
            let from = after.take();
            let part =
                self.read(move |reading, shared| states::some(reading.tree, &shared.touches, from, STATES)).await?;
            found.extend(part.0);
            after = part.1;
            if after.is_none() {
                break;
            }
        }
        // Not in the tree yet when it was looked at.
        unseen.retain(|source| !found.contains_key(source));
        for source in unseen {
            let of = source.clone();
            let state = self.read(move |reading, shared| states::of(reading.tree, &shared.touches, &of)).await?;
            found.insert(source, state);
        }
        Ok(found)
    }

    /// When each of these sources is asked next; nothing of those that were never asked.
    pub async fn next_polls(&self, sources: Vec<SourceId>) -> Result<BTreeMap<SourceId, Option<Time>>, StoreError> {
        self.read(move |reading, shared| states::next_polls(reading.tree, &shared.touches, &sources)).await
    }

    /// When any source was asked last.
    pub async fn last_attempt(&self) -> Result<Option<Time>, StoreError> {
        self.read(|reading, shared| states::last_attempt(reading.tree, &shared.touches)).await
    }

    /// The state of one source; the default when it was never polled.
    pub async fn state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        let shared = &self.0.shared;
        shared.look_settled(|reading| states::of(reading.tree, &shared.touches, source))
    }

    /// Version of a feed: the sequence of the last commit that touched it. Cheap: asked on every request.
    pub fn version(&self, feed: &FeedId) -> Result<u64, StoreError> {
        match feed {
            FeedId::Tag(_) => self.0.shared.look(|reading| Ok(read::head(reading, feed)?.version)),
            _ => Ok(self.0.shared.held(feed).version),
        }
    }

    /// Number of the last write of any kind: equal numbers mean that nothing was written. Cheap: asked on every request.
    pub fn written(&self) -> u64 {
        self.0.shared.applied.load(std::sync::atomic::Ordering::Acquire)
    }

    /// What the feed holds: the `entries` that entered it last, and all that entered within 24 h before the newest
    /// of them, up to 500, and what was corrected lately; ordered newest first (contract: What a feed holds).
    pub async fn feed(&self, feed: &FeedId, entries: usize) -> Result<Listing, StoreError> {
        self.head(feed, entries, Sight::everything()).await
    }

    /// The same of those entries alone that may be seen.
    pub async fn head(&self, feed: &FeedId, entries: usize, sight: Sight) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| listing::head(reading, shared.head(reading, &feed)?, &feed, entries, &sight))
            .await
    }

    /// An archive of a feed, by its number from 1: who joined it as number (n−1)·50+1 … n·50.
    pub async fn archive(&self, feed: &FeedId, number: u64, sight: Sight) -> Result<Archive, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| listing::archive(reading, shared.head(reading, &feed)?, &feed, number, &sight))
            .await
    }

    /// Numbers of a feed's first and last archive, if there are any.
    pub async fn archives(&self, feed: &FeedId) -> Result<Option<(u64, u64)>, StoreError> {
        self.0.shared.look(|reading| Ok(listing::archives(self.0.shared.head(reading, feed)?)))
    }

    /// A number that changes when an archive does; `None` when there is no such archive, or it was cut off.
    pub async fn archive_version(&self, feed: &FeedId, number: u64) -> Result<Option<u64>, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| listing::archive_version(reading, shared.head(reading, &feed)?, &feed, number))
            .await
    }

    /// What changed in a feed after a version of it; `None` when that is not known any more.
    pub async fn feed_since(&self, feed: &FeedId, version: u64, sight: Sight) -> Result<Option<Listing>, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| listing::since(reading, shared.head(reading, &feed)?, &feed, version, &sight))
            .await
    }

    /// True when a reader may know of a feed: there is something in it that he may see.
    pub async fn is_known(&self, feed: &FeedId, sight: Sight) -> Result<bool, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, _| listing::is_known(reading, &feed, &sight)).await
    }

    /// Everything filed under a category or source, newest first by sort date, for pages (`All` has none): `skip` of them passed over, then up to `take`.
    pub async fn page(&self, feed: &FeedId, skip: usize, take: usize) -> Result<Listing, StoreError> {
        let feed = feed.clone();
        self.read(move |reading, shared| read::page(reading, shared.head(reading, &feed)?.version, &feed, skip, take))
            .await
    }

    /// The entry of a code, or of an alias of one.
    pub async fn entry(&self, code: &InfoCode) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|reading| read::entry(reading, code))
    }

    /// The entry a person means by a code, a link or an id; the first of several.
    pub async fn find(&self, needle: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        self.0.shared.look(|reading| match read::find(reading, needle)?.first() {
            Some(code) => read::entry(reading, code),
            None => Ok(None),
        })
    }

    /// Up to `take` entries whose codes come after `after`, in code order: for exports.
    pub async fn scan(&self, after: Option<&InfoCode>, take: usize) -> Result<Vec<Arc<Entry>>, StoreError> {
        let after = after.cloned();
        self.read(move |reading, _| read::scan(reading, after.as_ref(), take)).await
    }

    /// The codes that a code, one of our addresses, a published id, a guid or a link means, also of what was taken away: several
    /// where publishers of several namespaces use one name.
    pub async fn codes_of(&self, needle: &str) -> Result<Vec<InfoCode>, StoreError> {
        self.0.shared.look(|reading| read::find(reading, needle))
    }

    /// How the entry of a code was taken away, if it was.
    pub async fn withdrawn(&self, code: &InfoCode) -> Result<Option<Withdrawn>, StoreError> {
        self.0.shared.look(|reading| Ok(read::meta(reading, code)?.and_then(Meta::gone)))
    }

    /// Which history this is: a part of every cursor.
    pub async fn epoch(&self) -> Result<u64, StoreError> {
        self.0.shared.look(|reading| read::epoch(reading.tree))
    }

    /// Up to `take` changes after a cursor, in the order of their commits; `None` when this history does not know the cursor.
    /// Nothing is ever committed before a cursor that was handed out.
    pub async fn changed_since(&self, after: Option<Cursor>, take: usize) -> Result<Option<Vec<Change>>, StoreError> {
        self.read(move |reading, _| {
            let epoch = read::epoch(reading.tree)?;
            match after.unwrap_or_else(|| Cursor::start(epoch)) {
                after if after.epoch != epoch || after.sequence > read::sequence(reading.tree)? => Ok(None),
                after => read::changes(reading, after, take).map(Some),
            }
        })
        .await
    }

    /// Categories that entries brought with them (folders of posts), persisted, in slug order. The first name stays.
    pub async fn categories(&self) -> Result<Vec<CategoryRef>, StoreError> {
        self.read(|reading, _| read::categories(reading.tree)).await
    }

    /// Every tag that entries stand under, in the order of their names.
    pub async fn tags(&self) -> Result<Vec<TagName>, StoreError> {
        self.read(|reading, _| read::tags(reading.tree)).await
    }

    /// Entries filed under each feed-able thing: for status.
    pub async fn count(&self, feed: &FeedId) -> Result<u64, StoreError> {
        self.0.shared.look(|reading| Ok(self.0.shared.head(reading, feed)?.filed))
    }

    /// What there is.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|reading, shared| {
            Ok(Counts {
                entries: shared.held(&FeedId::All).filed,
                sequence: read::sequence(reading.tree)?,
                bytes: reading.tree.bytes()?
                    + files::bytes_in(&[journal::folder(&shared.data), checkpoint::folder(&shared.data)]),
            })
        })
        .await
    }

    /// Reads on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Reading<'_>, &Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (shared, span) = (self.0.shared.clone(), tracing::Span::current());
        let look = move || span.in_scope(|| shared.look(|reading| what(reading, &shared)));
        let read = tokio::task::spawn_blocking(look);
        read.await.map_err(|error| codec::damaged(&error.to_string()))?
    }
}
