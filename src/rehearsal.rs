//! What a changed feeds.toml would change in the feeds that are published: by the same functions that would change them, nothing written.

/// In words.
mod told;

use crate::{
    config::{Category, Config},
    model::{Entry, FeedId, FeedPart, InfoCode, Time},
    policy,
    store::{Listing, Rehearsed, Sight, Store, StoreError},
    upkeep, view,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Entries that a feed holds at most, whatever came within a day.
const MOST: usize = 500;

/// All that would change.
pub struct Rehearsal {
    /// The feeds that would hold something else.
    pub feeds: Vec<FeedChange>,
}

/// What would change in a feed.
pub struct FeedChange {
    /// Which.
    pub feed: FeedId,
    /// There was none before, or would be none.
    pub standing: Standing,
    /// Its title, before and then, where these differ.
    pub title: Option<(String, String)>,
    /// Entries that would leave it, with the reason.
    pub left: Vec<(Line, String)>,
    /// Entries that would come into it.
    pub joined: Vec<Line>,
    /// Entries that would read otherwise, with what is different.
    pub changed: Vec<(Line, String)>,
}

/// Whether a feed is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Before and then.
    Stays,
    /// It would be new.
    New,
    /// It would be gone, or lead elsewhere.
    Gone,
}

/// An entry, in short.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The publisher's date, else when it came.
    pub date: Time,
    /// Its title.
    pub title: String,
    /// Its code.
    pub code: InfoCode,
}

/// A configuration with the categories there are by it.
struct Side {
    config: Arc<Config>,
    categories: Vec<Category>,
}

/// Rehearses it.
pub async fn rehearse(
    store: &Store,
    (old, new): (&Arc<Config>, &Arc<Config>),
    now: Time,
) -> Result<Rehearsal, StoreError> {
    let moves = store.rehearse(upkeep::settlement(new, now)).await?;
    let brought = store.categories().await?;
    let side = |config: &Arc<Config>| Side {
        config: Arc::clone(config),
        categories: view::published_categories(config, &brought),
    };
    let (old, new) = (side(old), side(new));
    let moved: HashMap<&InfoCode, &Rehearsed> = moves.iter().map(|moved| (&moved.code, moved)).collect();
    let mut feeds = Vec::new();
    for feed in worth_a_look(&old, &new, &moves) {
        feeds.extend(change(store, (&old, &new), &feed, &moved).await?);
    }
    Ok(Rehearsal { feeds })
}

/// Everything, every category, and the sources that are moved or described otherwise.
fn worth_a_look(old: &Side, new: &Side, moves: &[Rehearsed]) -> BTreeSet<FeedId> {
    let categories = [old, new].into_iter().flat_map(|side| &side.categories);
    let categories = categories.map(|category| FeedId::Category(category.slug.clone()));
    let of_moves = moves.iter().flat_map(|moved| moved.gained.iter().chain(&moved.lost)).cloned();
    let described = |side: &Side| -> BTreeMap<_, _> {
        side.config.sources.iter().map(|source| (source.id.clone(), format!("{source:?}"))).collect()
    };
    let (before, then) = (described(old), described(new));
    let others = before.keys().chain(then.keys()).filter(|id| before.get(*id) != then.get(*id));
    let others = others.map(|id| FeedId::Source(id.clone())).collect::<Vec<_>>();
    [FeedId::All].into_iter().chain(categories).chain(of_moves).chain(others).collect()
}

impl Side {
    /// Whether anybody finds the feed.
    fn has(&self, feed: &FeedId) -> bool {
        match feed {
            FeedId::All | FeedId::Tag(_) => true,
            FeedId::Category(slug) => self.categories.iter().any(|category| category.slug == *slug),
            FeedId::Source(id) => self.config.source(id).is_some(),
        }
    }

    fn wanted(&self, feed: &FeedId) -> usize {
        view::entries_wanted(&self.config, &self.categories, feed)
    }

    fn title(&self, feed: &FeedId, listing: &Listing) -> String {
        let view = view::feed_view(&self.config, &self.categories, feed, &FeedPart::Head, listing);
        policy::plain(&view.title)
    }
}

async fn change(
    store: &Store,
    (old, new): (&Side, &Side),
    feed: &FeedId,
    moved: &HashMap<&InfoCode, &Rehearsed>,
) -> Result<Option<FeedChange>, StoreError> {
    let standing = match (old.has(feed), new.has(feed)) {
        (true, true) => Standing::Stays,
        (false, true) => Standing::New,
        (true, false) => Standing::Gone,
        (false, false) => return Ok(None),
    };
    let before = store.head(feed, old.wanted(feed), view::sight(&old.categories, feed)).await?;
    let then = if standing == Standing::Gone { Vec::new() } else { members(store, new, feed, &before, moved).await? };
    let held: BTreeSet<&InfoCode> = before.entries.iter().map(|entry| &entry.code).collect();
    let holds: HashMap<&InfoCode, &Arc<Entry>> = then.iter().map(|entry| (&entry.code, entry)).collect();
    let (mut left, mut changed) = (Vec::new(), Vec::new());
    for entry in before.entries.iter().filter(|_| standing != Standing::New) {
        match holds.get(&entry.code) {
            None => left.push((line(entry), why(entry, moved.get(&entry.code).copied(), feed))),
            Some(now) => {
                let (was, is) = (view::item_view(&old.config, entry), view::item_view(&new.config, now));
                changed.extend(told::difference(&was, &is).map(|what| (line(entry), what)));
            }
        }
    }
    let joined: Vec<Line> = then.iter().filter(|entry| !held.contains(&entry.code)).map(|entry| line(entry)).collect();
    let titles = (old.title(feed, &before), new.title(feed, &before));
    let title = Some(titles).filter(|(was, is)| standing == Standing::Stays && was != is);
    let nothing = left.is_empty() && joined.is_empty() && changed.is_empty() && title.is_none();
    let change = FeedChange { feed: feed.clone(), standing, title, left, joined, changed };
    Ok((!nothing || standing != Standing::Stays).then_some(change))
}

/// What the feed would hold: of what stands in it what stays, and what comes to stand in it, those last that entered it last.
async fn members(
    store: &Store,
    new: &Side,
    feed: &FeedId,
    before: &Listing,
    moved: &HashMap<&InfoCode, &Rehearsed>,
) -> Result<Vec<Arc<Entry>>, StoreError> {
    let (wanted, sight) = (new.wanted(feed), view::sight(&new.categories, feed));
    let leaving = moved.values().filter(|moved| moved.lost.contains(feed)).count();
    let pool = store.head(feed, wanted.max(before.entries.len()) + leaving, Sight::everything()).await?;
    let stays =
        pool.entries.into_iter().filter(|entry| !moved.get(&entry.code).is_some_and(|it| it.lost.contains(feed)));
    let mut stays: Vec<Arc<Entry>> =
        stays.map(|entry| refiled(entry, moved)).filter(|entry| sight.sees(entry)).collect();
    stays.sort_by_key(|entry| Reverse(view::number_in(entry, feed)));

    let mut coming = Vec::new();
    for moved in moved.values().filter(|moved| moved.gained.contains(feed)) {
        if let Some(entry) = store.entry(&moved.code).await? {
            coming.push((entry, *moved));
        }
    }
    coming.sort_by(|(a, _), (b, _)| b.sort_date.cmp(&a.sort_date).then_with(|| a.code.cmp(&b.code)));
    let (mut gained, mut of_source) = (Vec::new(), HashMap::<_, usize>::new());
    for (entry, moved) in coming {
        let joined = of_source.entry(moved.source.clone()).or_default();
        *joined += 1;
        let may = matches!(feed, FeedId::Source(_)) || *joined <= new.config.publish.new_source_entries;
        gained.extend(Some(entry).filter(|_| moved.renamed || may));
    }
    let gained = gained.into_iter().map(|entry| refiled(entry, moved)).filter(|entry| sight.sees(entry));
    let held = |entry: &Arc<Entry>| before.entries.iter().any(|held| held.code == entry.code);
    let all = gained.chain(stays).take(MOST).enumerate();
    Ok(all.filter(|(at, entry)| *at < wanted || held(entry)).map(|(_, entry)| entry).collect())
}

/// As it would be filed.
fn refiled(entry: Arc<Entry>, moved: &HashMap<&InfoCode, &Rehearsed>) -> Arc<Entry> {
    match moved.get(&entry.code) {
        Some(moved) => Arc::new(Entry { categories: moved.categories.clone(), ..Entry::clone(&entry) }),
        None => entry,
    }
}

fn why(entry: &Entry, moved: Option<&Rehearsed>, feed: &FeedId) -> String {
    match moved {
        Some(Rehearsed { why: Some(why), .. }) => why.clone(),
        Some(moved) if moved.lost.contains(feed) => {
            let slugs: Vec<&str> = moved.categories.iter().map(|slug| slug.as_str()).collect();
            format!("filed under {} then", if slugs.is_empty() { "nothing".to_owned() } else { slugs.join(", ") })
        }
        _ if entry.categories.is_empty() => "not seen there then".to_owned(),
        _ => "no room for it, or its category is not public then".to_owned(),
    }
}

fn line(entry: &Entry) -> Line {
    let title = entry.edition.title.as_ref().map(policy::plain).unwrap_or_default();
    Line { date: entry.sort_date, title: title.trim().to_owned(), code: entry.code.clone() }
}
