//! Random fetches against a plain model: whatever happens, each entry is there once and all indexes agree.

use super::*;
use crate::model::{Limit, Retention};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Step {
    /// Source 0..3, entries: (number 0..8, wording 0..3, category 0..2).
    Fetch(u8, Vec<(u8, u8, u8)>),
    /// The operator files all of a source's entries under a category.
    Settle(u8, u8),
    /// An entry is taken away; `true` erases it.
    Retract(u8, bool),
    /// A retracted one is brought back.
    Restore(u8),
    /// What no source lists any more is too old.
    Sweep,
    /// Closed in order and opened.
    Restart,
    /// The process dies, and the machine with it: sled's files are gone.
    Crash,
    /// A checkpoint.
    Checkpoint,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let entry = (0..8u8, 0..3u8, 0..2u8);
    let fetch = (0..3u8, prop::collection::vec(entry, 1..6)).prop_map(|(source, entries)| Step::Fetch(source, entries));
    let step = prop_oneof![
        10 => fetch,
        1 => (0..3u8, 0..2u8).prop_map(|(source, to)| Step::Settle(source, to)),
        2 => (0..8u8, prop::bool::weighted(0.3)).prop_map(|(number, erase)| Step::Retract(number, erase)),
        2 => (0..8u8).prop_map(Step::Restore),
        1 => Just(Step::Sweep),
        1 => Just(Step::Restart),
        1 => Just(Step::Crash),
        1 => Just(Step::Checkpoint),
    ];
    prop::collection::vec(step, 1..18)
}

/// What the store should hold.
#[derive(Default)]
struct Model {
    entries: BTreeMap<InfoCode, Modelled>,
    /// What each source's last document lists.
    listed: BTreeMap<Slug, BTreeSet<InfoCode>>,
}

#[derive(Default)]
struct Modelled {
    /// By source: where it is filed.
    filed: BTreeMap<Slug, Slug>,
    away: Option<Away>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Away {
    Retracted,
    Erased,
    Retired,
}

/// A rule of the operator's: what the third source brings under an odd number is never shown for its sake.
fn is_dropped(source: &Slug, code: &InfoCode) -> bool {
    source.as_str() == "source2" && code.as_str().ends_with(['1', '3', '5', '7'])
}

fn judged(source: &Slug, code: &InfoCode) -> Standing {
    Standing { dropped: is_dropped(source, code).then(|| "exclude odd ones".to_owned()), ..Standing::default() }
}

/// The code that an edition's link tells.
fn told(edition: &Edition) -> InfoCode {
    code(edition.link.as_ref().unwrap().rsplit('/').next().unwrap())
}

fn place(number: u8) -> CategoryRef {
    category(["rail", "sea"][usize::from(number)])
}

fn numbered(number: u8) -> InfoCode {
    code(&format!("NW{number}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn all_indexes_agree(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

async fn play(steps: Vec<Step>) {
    let Home { mut store, mut folder } = home();
    let mut model = Model::default();
    for (minute, step) in steps.into_iter().enumerate() {
        let minute = minute as i64 + 10;
        match step {
            Step::Fetch(source, entries) => model.fetch(&store, source, entries, minute).await,
            Step::Settle(source, to) => model.settle(&store, source, to, minute).await,
            Step::Retract(number, erase) => model.retract(&store, &numbered(number), erase, minute).await,
            Step::Restore(number) => model.restore(&store, &numbered(number), minute).await,
            Step::Sweep => model.sweep(&store).await,
            Step::Restart => {
                drop(store);
                store = Store::open(folder.path(), StoreOptions::default()).unwrap();
            }
            Step::Crash => {
                let left = tempfile::tempdir().unwrap();
                for inside in ["journal", "checkpoint"] {
                    recovery::copy(&folder.path().join(inside), &left.path().join(inside));
                }
                std::fs::copy(folder.path().join("syndic.store"), left.path().join("syndic.store")).unwrap();
                drop(store);
                store = Store::open(left.path(), StoreOptions::default()).unwrap();
                assert!(store.opened().rebuilt.is_some());
                folder = left;
            }
            Step::Checkpoint => store.checkpoint().await.unwrap(),
        }
        agree(&store, &model).await;
    }
}

impl Model {
    async fn fetch(&mut self, store: &Store, source: u8, mut entries: Vec<(u8, u8, u8)>, minute: i64) {
        entries.sort();
        entries.dedup_by_key(|entry| entry.0);
        let source = slug(&format!("source{source}"));
        self.listed.insert(source.clone(), entries.iter().map(|(number, ..)| numbered(*number)).collect());
        let mut refused = Vec::new();
        let drafts = entries.iter().map(|(number, words, to)| {
            let mut one = candidate(&format!("NW{number}"), i64::from(*number));
            one.edition.title = Some(Text::plain(format!("{words}")));
            one.raw_hash = u64::from(*words) + 10;
            one.categories = vec![place(*to)];
            let entry = self.entries.entry(one.code.clone()).or_default();
            match entry.away {
                None => drop(entry.filed.insert(source.clone(), one.categories[0].slug.clone())),
                Some(_) => refused.push(one.code.clone()),
            }
            one
        });
        let mut commit = fetch(source.as_str(), minute, drafts.collect());
        commit.judge = Judge::new(|source, edition, _| Some(judged(source, &told(edition))));
        let mut changes = store.apply(commit).await.unwrap();
        changes.refused.sort();
        assert_eq!(changes.refused, refused, "what was taken away stays away");
    }

    async fn settle(&mut self, store: &Store, source: u8, to: u8, minute: i64) {
        let (source, to) = (slug(&format!("source{source}")), place(to));
        // A retracted entry moves too: brought back, it stands where policy says now.
        for entry in self.entries.values_mut().filter(|entry| matches!(entry.away, None | Some(Away::Retracted))) {
            if let Some(filed) = entry.filed.get_mut(&source) {
                filed.clone_from(&to.slug);
            }
        }
        let settled = source.clone();
        let policy = SourcePolicy { source, hash: minute as u64, categories: Some(vec![to]) };
        // The judge is asked for one source alone.
        let judge = Judge::new(move |_, edition: &Edition, _| {
            let link = edition.link.as_deref().unwrap_or_default();
            Some(judged(&settled, &code(link.rsplit('/').next().unwrap_or_default())))
        });
        let settlement = Settlement { at: at(minute), sources: vec![policy], judge, joining: 999, ..no_more() };
        store.settle(settlement).await.unwrap();
    }

    async fn retract(&mut self, store: &Store, code: &InfoCode, erase: bool, minute: i64) {
        let mut wanted = false;
        if let Some(entry) = self.entries.get_mut(code) {
            wanted = entry.away.is_none() || (erase && entry.away != Some(Away::Erased));
            if wanted {
                entry.away = Some(if erase { Away::Erased } else { Away::Retracted });
            }
        }
        assert_eq!(store.retract(code, "a reason", erase, at(minute)).await.unwrap(), wanted, "{code}");
    }

    async fn restore(&mut self, store: &Store, code: &InfoCode, minute: i64) {
        let entry = self.entries.get_mut(code).filter(|entry| entry.away == Some(Away::Retracted));
        let wanted = entry.map(|entry| entry.away = None).is_some();
        assert_eq!(store.restore_entry(code, at(minute)).await.unwrap(), wanted, "{code}");
    }

    async fn sweep(&mut self, store: &Store) {
        let mut dropped = 0;
        for (code, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.away.is_none()) {
            if !entry.filed.keys().any(|source| self.listed[source].contains(code)) {
                entry.away = Some(Away::Retired);
                dropped += 1;
            }
        }
        let limit = Limit { age: Some(std::time::Duration::from_secs(60)), keep: None };
        let polled = self.listed.keys().cloned().collect();
        let retention = Retention { otherwise: limit, polled, ..Retention::default() };
        assert_eq!(store.sweep(Arc::new(retention), at(100_000)).await.unwrap(), dropped);
    }
}

async fn agree(store: &Store, model: &Model) {
    let entries = store.scan(None, 999).await.unwrap();
    let here = || model.entries.iter().filter(|(_, entry)| entry.away.is_none());
    assert_eq!(
        entries.iter().map(|entry| &entry.code).collect::<Vec<_>>(),
        here().map(|(code, _)| code).collect::<Vec<_>>()
    );
    for (code, entry) in &model.entries {
        assert_eq!(store.withdrawn(code).await.unwrap().is_some(), entry.away.is_some(), "{code}");
        assert_eq!(
            store.entry(code).await.unwrap().is_none(),
            matches!(entry.away, Some(Away::Erased | Away::Retired)),
            "{code}"
        );
    }
    let mut filed = BTreeMap::<String, Vec<&InfoCode>>::new();
    for entry in &entries {
        let mine = &model.entries[&entry.code].filed;
        let set = |slugs: &[Slug]| slugs.iter().cloned().collect::<BTreeSet<_>>();
        let shown: BTreeMap<_, _> = mine.iter().filter(|(source, _)| !is_dropped(source, &entry.code)).collect();
        assert_eq!(set(&entry.sources), mine.keys().cloned().collect(), "{}", entry.code);
        assert_eq!(entry.hidden.is_some(), shown.is_empty(), "{}", entry.code);
        if !shown.is_empty() {
            let wanted: BTreeSet<Slug> = shown.values().map(|slug| (*slug).clone()).collect();
            assert_eq!(set(&entry.categories), wanted, "{}", entry.code);
        }
        let categories: BTreeSet<_> = shown.values().map(|slug| format!("c:{slug}")).collect();
        let sources = shown.keys().map(|source| format!("s:{source}"));
        let all = (!shown.is_empty()).then(|| "a:".to_owned());
        for feed in all.into_iter().chain(categories).chain(sources) {
            filed.entry(feed).or_default().push(&entry.code);
        }
        assert_eq!(store.find(entry.edition.link.as_deref().unwrap()).await.unwrap().unwrap().code, entry.code);
    }
    let rows = |prefix: Vec<u8>| {
        store.0.shared.look(|reading| reading.tree.under(&prefix).collect::<Result<Vec<_>, _>>()).unwrap()
    };
    for feed in ["a:", "c:rail", "c:sea", "s:source0", "s:source1", "s:source2"] {
        let expected = filed.remove(feed).unwrap_or_default();
        let mut ordered: Vec<_> =
            rows(keys::orders(feed)).iter().map(|(_, value)| codec::code(value).unwrap()).collect();
        ordered.sort();
        if feed != "a:" {
            assert_eq!(ordered.iter().collect::<Vec<_>>(), expected, "pages of {feed}");
        }
        let blocks = rows(keys::joins(feed));
        let mut joined = Vec::new();
        for (key, value) in &blocks {
            let block = codec::decode_block(value).unwrap();
            let block = block.into_iter().filter(|joined| !joined.left);
            joined.extend(block.map(|joined| ((key.clone(), joined.slot), joined.code)));
        }
        let mut members: Vec<_> = joined.iter().map(|(_, code)| code.clone()).collect();
        members.sort();
        assert_eq!(members.iter().collect::<Vec<_>>(), expected, "joins of {feed}");
        for entry in &entries {
            for join in entry.joins.iter().filter(|join| join.feed == feed) {
                let row = joined
                    .iter()
                    .find(|(place, _)| *place == (keys::joined(feed, join.number), place::slot(join.number)))
                    .expect("the join an entry names");
                assert_eq!(row.1, entry.code);
            }
        }
        let head = rows(keys::head(feed)).first().map_or_else(Head::default, |(_, value)| Head::decode(value).unwrap());
        assert_eq!(head.filed as usize, expected.len(), "counter of {feed}");
        assert!(head.joined as usize >= expected.len(), "numbers of {feed} are never given again");
    }
    // A retracted entry keeps its words until it is restored or erased.
    let worded = model.entries.values().filter(|entry| matches!(entry.away, None | Some(Away::Retracted))).count();
    let shown = entries.iter().filter(|entry| entry.hidden.is_none()).count();
    let bodies = rows(b"b|".to_vec()).len();
    assert_eq!((bodies, store.counts().await.unwrap().entries as usize), (worded, shown));
}
