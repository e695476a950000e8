//! What leaves a store as lines and comes into another: nothing lost, nothing doubled, nothing taken from its owner.

use super::*;
use crate::{
    format,
    model::{Deletion, Kept, Portable},
};
use proptest::prelude::*;

fn now() -> Time {
    at(10_000_000)
}

async fn exported(store: &Store) -> Vec<String> {
    let names = store.gone_names().await.unwrap();
    let mut lines = Vec::new();
    let mut after = None;
    loop {
        let batch = store.portable_after(after.as_ref(), 3, &names).await.unwrap();
        let Some(last) = batch.last() else { return lines };
        after = Some(last.code().clone());
        lines.extend(batch.iter().map(|one| format::ndjson(one).unwrap()));
    }
}

async fn import(store: &Store, lines: &[String]) -> Vec<Imported> {
    let mut results = Vec::new();
    for group in lines.chunks(4) {
        let entries = group.iter().map(|line| format::read_ndjson(line, now()).unwrap()).collect();
        let import = Import { entries, site_host: "news.example".into(), at: now(), fresh: true };
        results.extend(store.import(import).await.unwrap());
    }
    results
}

async fn copied(store: &Store) -> Home {
    let lines = exported(store).await;
    let other = home();
    let results = import(&other.store, &lines).await;
    assert!(results.iter().all(|result| *result == Imported::New), "{results:?}\n{}", lines.join("\n"));
    assert_eq!(exported(&other.store).await, lines);
    other
}

fn said(text: &str, minute: i64, body: &str, hash: u64) -> Candidate {
    let mut candidate = candidate(text, minute);
    candidate.edition.content = Some(Text::html(format!("<p>{body}</p>")));
    candidate.edition.fetched = at(minute);
    candidate.raw_hash = hash;
    candidate
}

#[tokio::test]
async fn an_entry_goes_with_its_editions_ids_and_place_and_the_next_fetch_finds_it() {
    let Home { store, folder: _folder } = home();
    for (minute, body) in [(1, "一"), (2, "二"), (3, "三"), (4, "四")] {
        store.apply(fetch("one", minute, vec![said("NW1", minute, body, minute as u64)])).await.unwrap();
    }
    store.apply(fetch("two", 5, vec![said("NW1", 5, "别", 9), candidate("NW2", 5)])).await.unwrap();
    let other = copied(&store).await;
    let (here, there) = (get(&store, "NW1").await, get(&other.store, "NW1").await);
    assert_eq!((&there.ids, there.edition_number, &there.categories), (&here.ids, 4, &here.categories));
    assert_eq!(there.edition, here.edition);
    let kept = other.store.editions(&code("NW1")).await.unwrap();
    assert_eq!(kept, store.editions(&code("NW1")).await.unwrap());
    assert_eq!(kept.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 3, 4]);
    // The sources say what they said: compared once, found equal, and known by its hash from then on.
    let known = other.store.known(&slug("one"), "a.example", &[claim(&said("NW1", 4, "四", 4))]).await.unwrap();
    assert_ne!(known.0[0].as_ref().unwrap().raw_hash, 4);
    for (source, body, hash) in [("one", "四", 4), ("two", "别", 9), ("one", "四", 4)] {
        let changes = other.store.apply(fetch(source, 9, vec![said("NW1", 4, body, hash)])).await.unwrap();
        assert_eq!((changes.new.len(), changes.updated.len(), changes.unchanged), (0, 0, 1), "{source}");
    }
    assert_eq!(other.store.counts().await.unwrap().entries, 2);
    let corrected = other.store.apply(fetch("one", 9, vec![said("NW1", 9, "五", 5)])).await.unwrap();
    assert_eq!(corrected.updated, vec![code("NW1")]);
}

#[tokio::test]
async fn entries_enter_an_empty_store_when_they_were_first_seen() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, (0..60).map(|n| candidate(&format!("NW{n}"), n)).collect())).await.unwrap();
    let mut lines = exported(&store).await;
    lines.sort_by_key(|line| match format::read_ndjson(line, now()).unwrap() {
        Portable::Entry(kept) => (kept.first_seen, kept.sort_date),
        Portable::Gone(_) => (at(0), at(0)),
    });
    let other = home();
    import(&other.store, &lines).await;
    let (here, there) = (store.feed(&rail(), 50).await.unwrap(), other.store.feed(&rail(), 50).await.unwrap());
    assert_eq!(codes(&there), codes(&here));
}

#[tokio::test]
async fn what_its_publisher_deleted_goes_with_his_word_and_comes_back_by_it() {
    let Home { store, folder: _folder } = home();
    let dated = |text: &str, minute: i64, hash: u64| {
        let mut new = said(text, minute, "新", hash);
        (new.edition.updated, new.edition.updated_said) = (at(minute), true);
        new
    };
    let deletes = |text: &str, minute: i64, when: i64| {
        let names = vec![Alias(format!("guid:{text}"))];
        let deletion = Deletion { names, when: at(when), reason: "撤稿".into() };
        Commit { deletions: vec![deletion], ..fetch("one", minute, Vec::new()) }
    };
    store.apply(fetch("one", 1, vec![candidate("NW1", 0), candidate("NW2", 0)])).await.unwrap();
    store.apply(deletes("NW1", 5, 4)).await.unwrap();
    store.apply(deletes("NW2", 5, 4)).await.unwrap();
    assert!(store.restore_entry(&code("NW2"), at(6)).await.unwrap());
    let lines = exported(&store).await;
    assert!(!lines[0].contains("正文") && lines[0].contains("\"deleted\""), "{lines:?}");

    let other = copied(&store).await;
    assert!(other.store.verify().await.unwrap().is_well());
    assert!(!other.store.restore_entry(&code("NW1"), at(7)).await.unwrap(), "its words are not here");
    assert_eq!(other.store.apply(deletes("NW2", 8, 4)).await.unwrap().withdrawn, [], "overruled before");
    assert_eq!(other.store.apply(fetch("one", 9, vec![dated("NW1", 3, 7)])).await.unwrap().refused, [code("NW1")]);
    let back = other.store.apply(fetch("one", 10, vec![dated("NW1", 9, 8)])).await.unwrap();
    assert_eq!((back.refused, back.new), (vec![], vec![code("NW1")]));
    assert!(codes(&other.store.feed(&rail(), 9).await.unwrap()).contains(&"NW1"));
    assert_eq!(get(&other.store, "NW1").await.edition.content, Some(Text::html("<p>新</p>")));
    assert!(other.store.verify().await.unwrap().is_well());
    assert_eq!(other.store.apply(deletes("NW1", 11, 4)).await.unwrap().withdrawn, [], "heard already");
    let again = other.store.apply(fetch("one", 12, vec![said("NW1", 12, "更正", 9)])).await.unwrap();
    assert_eq!(again.updated, [code("NW1")], "it is an entry like any other");

    // Where its words are, they stay for a restore, and the word is heard once.
    let standing = home();
    standing.store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    assert_eq!(import(&standing.store, &lines[..1]).await, [Imported::Updated]);
    assert!(standing.store.restore_entry(&code("NW1"), at(9)).await.unwrap());
    assert_eq!(import(&standing.store, &lines[..1]).await, [Imported::Unchanged]);
    assert!(standing.store.verify().await.unwrap().is_well());
}

#[tokio::test]
async fn what_was_taken_away_stays_away_where_it_comes_to() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0), candidate("NW2", 0), candidate("NW3", 0)])).await.unwrap();
    assert!(store.retract(&code("NW1"), "Bitte", false, at(2)).await.unwrap());
    assert!(store.retract(&code("NW2"), "Urteil", true, at(3)).await.unwrap());
    let lines = exported(&store).await;
    assert!(!lines[..2].concat().contains("正文") && !lines[..2].concat().contains("guid:"), "{lines:?}");
    let other = copied(&store).await;
    let mut renamed = candidate("NW9", 0);
    renamed.aliases = vec![Alias("guid:NW2".into())];
    let again = other.store.apply(fetch("one", 5, vec![candidate("NW1", 0), renamed])).await.unwrap();
    assert_eq!((again.new.len(), again.refused.len()), (0, 2), "under the same name and under another");
    assert_eq!(other.store.counts().await.unwrap().entries, 1);
    // Where it still stands it is retracted, and its words are kept for a restore.
    let standing = home();
    standing.store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    assert_eq!(import(&standing.store, &lines[..1]).await, [Imported::Updated]);
    assert_eq!(standing.store.count(&rail()).await.unwrap(), 0);
    assert!(standing.store.restore_entry(&code("NW1"), at(9)).await.unwrap());
    let before = exported(&other.store).await;
    assert_eq!(import(&other.store, &lines).await, [const { Imported::Unchanged }; 3]);
    assert_eq!(exported(&other.store).await, before);
}

#[tokio::test]
async fn newer_editions_are_added_and_older_or_equal_ones_change_nothing() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![said("NW1", 1, "一", 1)])).await.unwrap();
    let other = copied(&store).await;
    let old = exported(&store).await;
    for (minute, body) in [(2, "二"), (3, "三")] {
        store.apply(fetch("one", minute, vec![said("NW1", minute, body, minute as u64)])).await.unwrap();
    }
    let new = exported(&store).await;
    assert_eq!(import(&other.store, &new).await, [Imported::Updated]);
    assert_eq!(exported(&other.store).await, new);
    let sequence = other.store.counts().await.unwrap().sequence;
    for lines in [&new, &old] {
        assert_eq!(import(&other.store, lines).await, [Imported::Unchanged]);
    }
    assert_eq!(other.store.counts().await.unwrap().sequence, sequence);
}

fn changed(line: &str, change: impl FnOnce(&mut Kept)) -> String {
    match format::read_ndjson(line, now()).unwrap() {
        Portable::Entry(mut kept) => {
            change(&mut kept);
            format::ndjson(&Portable::Entry(kept)).unwrap()
        }
        Portable::Gone(_) => panic!("no entry"),
    }
}

#[tokio::test]
async fn a_line_takes_no_entry_name_or_id_from_its_owner() {
    let Home { store, folder: _folder } = home();
    store.apply(fetch("one", 1, vec![candidate("NW1", 0)])).await.unwrap();
    let owners = exported(&store).await;
    let stranger = changed(&owners[0], |kept| {
        kept.namespace = "b.example".into();
        kept.editions[0].1.fetched = at(99);
        kept.editions[0].1.title = Some(Text::plain("假"));
    });
    let twin = changed(&owners[0], |kept| kept.code = code("NW2"));
    let namesake = changed(&owners[0], |kept| {
        (kept.code, kept.aliases) = (code("NW3"), Vec::new());
    });
    let stranger_gone = r#"{"info_code":"NW1","retracted":{"at":"2022-04-23T00:00:00Z","reason":"x"},"source":"one","namespace":"b.example","code_kind":"query"}"#;
    let results = import(&store, &[stranger, twin, namesake, stranger_gone.to_owned()]).await;
    assert!(matches!(&results[0], Imported::Refused(why) if why.contains("belongs to a.example")), "{results:?}");
    assert!(matches!(&results[1], Imported::Refused(why) if why.contains("`guid:NW1` is that of NW1")), "{results:?}");
    assert_eq!(results[2], Imported::New);
    assert!(matches!(&results[3], Imported::Refused(_)), "{results:?}");
    assert_eq!(exported(&store).await[0], owners[0]);
    let third = get(&store, "NW3").await;
    assert_eq!(third.ids.atom, "tag:news.example,2022:NW3", "the id is the other's");
}

#[tokio::test]
async fn what_a_publisher_took_over_is_found_by_those_who_linked_to_it() {
    let Home { store, folder: _folder } = home();
    let mut linked = candidate("NW1", 0);
    linked.kind = CodeKind::Query;
    linked.aliases = vec![Alias("guid:digest-7".into())];
    let digest = |minute, linked: &Candidate| Commit {
        namespace: "b.example".into(),
        ..fetch("digest", minute, vec![linked.clone()])
    };
    store.apply(digest(1, &linked)).await.unwrap();
    store.apply(fetch("one", 2, vec![candidate("NW1", 0)])).await.unwrap();
    let other = copied(&store).await;
    for store in [&store, &other.store] {
        let changes = store.apply(digest(3, &linked)).await.unwrap();
        assert_eq!((changes.new.len(), changes.unchanged), (0, 1), "no twin");
    }
}

#[tokio::test]
async fn what_version_2_exported_comes_in_whole() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/store-v2/entries.ndjson");
    let lines: Vec<String> = std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    let first = home();
    assert!(import(&first.store, &lines).await.iter().all(|result| *result == Imported::New));
    let again = exported(&first.store).await;
    for (old, new) in lines.iter().zip(&again) {
        // The sanitiser is a newer one, which leaves this to the pages.
        let old = old.replace(r#" rel=\"noopener noreferrer nofollow\""#, "");
        let (old, new): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&old).unwrap(), serde_json::from_str(new).unwrap());
        let kept_so = |(name, _): &(&String, &serde_json::Value)| !matches!(name.as_str(), "editions" | "sanitiser");
        for (name, value) in old.as_object().unwrap().iter().filter(kept_so) {
            assert_eq!(new[name], *value, "{name} of {}", old["info_code"]);
        }
    }
    copied(&first.store).await;
}

#[derive(Clone, Debug)]
enum Step {
    Fetch(u8, Vec<(u8, u8, u8, u8)>),
    Retract(u8, bool),
    Restore(u8),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let entry = (0..8u8, 0..4u8, 0..3u8, 0..6u8);
    let fetch = (0..4u8, prop::collection::vec(entry, 0..5)).prop_map(|(source, entries)| Step::Fetch(source, entries));
    let retract = (0..8u8, any::<bool>()).prop_map(|(number, erase)| Step::Retract(number, erase));
    prop::collection::vec(
        prop_oneof![12 => fetch, 2 => retract, 1 => (0..8u8).prop_map(Step::Restore), 1 => Just(Step::Restart)],
        1..16,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_store_comes_out_of_an_import_as_it_went_into_the_export(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = played(steps).await;
            copied(&store.store).await;
        });
    }
}

/// Sources 0 and 1 share a namespace; 2 and 3 have others and link to what is theirs.
async fn played(steps: Vec<Step>) -> Home {
    let Home { mut store, folder } = home();
    for (minute, step) in (1i64..).zip(steps) {
        match step {
            Step::Fetch(source, mut entries) => {
                entries.sort_unstable();
                entries.dedup_by_key(|entry| entry.0);
                let drafts = entries.into_iter().map(|entry| drafted(source, minute, entry)).collect();
                let namespace = ["a.example", "a.example", "b.example", "c.example"][usize::from(source)];
                let limit = (source == 1).then_some(1);
                let commit = fetch(&format!("source{source}"), minute, drafts);
                let commit = Commit { namespace: namespace.into(), new_source_entries: limit, ..commit };
                store.apply(commit).await.unwrap();
            }
            Step::Retract(number, erase) => {
                store.retract(&code(&named(number)), "so", erase, at(minute)).await.unwrap();
            }
            Step::Restore(number) => {
                store.restore_entry(&code(&named(number)), at(minute)).await.unwrap();
            }
            Step::Restart => {
                drop(store);
                let options = StoreOptions { editions: 3, ..StoreOptions::default() };
                store = Store::open(folder.path(), options).unwrap();
            }
        }
    }
    Home { folder, store }
}

/// Some have derived codes, which are kept in another form.
fn named(number: u8) -> String {
    match number {
        0..5 => format!("NW{number}"),
        _ => InfoCode::derived("a.example", CodeKind::Guid, &number.to_string()).to_string(),
    }
}

fn drafted(source: u8, minute: i64, (number, words, place, odd): (u8, u8, u8, u8)) -> Candidate {
    let mut one = said(&named(number), minute, &format!("第{words}版，一季度。"), u64::from(words) + 10);
    one.categories = vec![category(["rail", "sea", "air"][usize::from(place)])];
    one.kind = CodeKind::Query;
    match odd {
        0 => one.edition.title = None,
        1 => one.aliases = vec![Alias(format!("guid:other-{}", number % 3))],
        2 => one.edition.title = Some(Text::plain("dropped")),
        3 => one.edition.title = Some(Text::plain("brief")),
        4 => one.said = SaidIds { id: Some(format!("id {}", number % 2)), permalink: false },
        _ => {}
    }
    // A code seen in a link that leads elsewhere claims nothing.
    if source == 2 {
        one.edition.link = Some(format!("https://a.example/NW{number}"));
    }
    one
}
