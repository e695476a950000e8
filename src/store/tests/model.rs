//! Random fetches against a plain model: whatever happens, each entry is there once and all indexes agree.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// Source 0..3, entries: (number 0..8, wording 0..3, category 0..2).
    Fetch(u8, Vec<(u8, u8, u8)>),
    /// Closed in order and opened.
    Restart,
    /// The process dies, and the machine with it: sled's files are gone.
    Crash,
    /// A checkpoint.
    Checkpoint,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let entry = (0..8u8, 0..3u8, 0..2u8);
    let fetch = (0..3u8, prop::collection::vec(entry, 0..6)).prop_map(|(source, entries)| Step::Fetch(source, entries));
    prop::collection::vec(
        prop_oneof![8 => fetch, 1 => Just(Step::Restart), 1 => Just(Step::Crash), 1 => Just(Step::Checkpoint)],
        1..14,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn all_indexes_agree(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

async fn play(steps: Vec<Step>) {
    let Home { mut store, mut folder } = home();
    // Code → (sources, categories by source, words).
    let mut model = BTreeMap::<InfoCode, BTreeMap<Slug, Slug>>::new();
    for (minute, step) in steps.into_iter().enumerate() {
        let minute = minute as i64;
        let (source, mut entries) = match step {
            Step::Fetch(source, entries) => (source, entries),
            Step::Restart => {
                drop(store);
                store = Store::open(folder.path(), StoreOptions::default()).unwrap();
                agree(&store, &model).await;
                continue;
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
                agree(&store, &model).await;
                continue;
            }
            Step::Checkpoint => {
                store.checkpoint().await.unwrap();
                continue;
            }
        };
        entries.sort();
        entries.dedup_by_key(|entry| entry.0);
        let source = format!("source{source}");
        let drafts = entries.iter().map(|(number, words, place)| {
            let mut one = candidate(&format!("NW{number}"), i64::from(*number));
            one.edition.title = Some(Text::plain(format!("{words}")));
            one.raw_hash = u64::from(*words) + 10;
            one.categories = vec![category(["rail", "sea"][usize::from(*place)])];
            model.entry(one.code.clone()).or_default().insert(slug(&source), one.categories[0].slug.clone());
            one
        });
        store.apply(fetch(&source, minute, drafts.collect())).await.unwrap();
        agree(&store, &model).await;
    }
}

async fn agree(store: &Store, model: &BTreeMap<InfoCode, BTreeMap<Slug, Slug>>) {
    let entries = store.scan(None, 999).await.unwrap();
    assert_eq!(entries.iter().map(|entry| &entry.code).collect::<Vec<_>>(), model.keys().collect::<Vec<_>>());
    let mut filed = BTreeMap::<String, Vec<&InfoCode>>::new();
    for entry in &entries {
        let mine = &model[&entry.code];
        let set = |slugs: &[Slug]| slugs.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(set(&entry.sources), mine.keys().cloned().collect(), "{}", entry.code);
        assert_eq!(set(&entry.categories), mine.values().cloned().collect(), "{}", entry.code);
        let feeds = ["a:".into()].into_iter();
        let feeds = feeds.chain(entry.categories.iter().map(|slug| format!("c:{slug}")));
        for feed in feeds.chain(entry.sources.iter().map(|slug| format!("s:{slug}"))) {
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
            joined.extend(block.into_iter().map(|joined| ((key.clone(), joined.slot), joined.code)));
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
        if !feed.starts_with("c:") {
            assert_eq!(head.joined as usize, expected.len(), "numbers of {feed} are dense");
        }
    }
    let bodies = rows(b"b|".to_vec()).len();
    assert_eq!((bodies, store.counts().await.unwrap().entries as usize), (entries.len(), entries.len()));
}
