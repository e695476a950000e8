//! A data folder of version 2 (tests/fixtures/store-v2), in every state it may be left in, opens with everything it held.

use super::*;
use crate::model::ChangeKind;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store-v2")
}

/// The fixture, unpacked.
fn left() -> TempDir {
    fn unpack(from: &Path, to: &Path) {
        for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let path = item.path();
            if path.is_dir() {
                fs::create_dir_all(to.join(item.file_name())).unwrap();
                unpack(&path, &to.join(item.file_name()));
            } else if path.extension().is_some_and(|extension| extension == "zst") {
                let plain = zstd::decode_all(fs::File::open(&path).unwrap()).unwrap();
                fs::write(to.join(path.file_stem().unwrap()), plain).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    unpack(&kept(), folder.path());
    folder
}

fn open(folder: &Path) -> Store {
    Store::open(folder, StoreOptions { editions: 3, ..StoreOptions::default() }).unwrap()
}

async fn holds_everything(store: &Store) {
    let lines = fs::read_to_string(kept().join("entries.ndjson")).unwrap();
    let expected: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let entries = store.scan(None, 999).await.unwrap();
    assert_eq!(entries.len(), expected.len());
    for (entry, expected) in entries.iter().zip(&expected) {
        let now = serde_json::to_value(&**entry).unwrap();
        for (name, was) in [
            ("code", "info_code"),
            ("ids", "published_ids"),
            ("owner", "owner"),
            ("sources", "sources"),
            ("aliases", "aliases"),
            ("first_seen", "first_seen"),
            ("sort_date", "sort_date"),
            ("namespace", "namespace"),
        ] {
            let was = expected.get(was).or_else(|| expected.get("source").filter(|_| name == "owner"));
            assert_eq!(Some(&now[name]), was, "{name} of {}", entry.code);
        }
        let sorted = |value: &serde_json::Value| {
            value.as_array().unwrap().iter().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(sorted(&now["categories"]), sorted(&expected["categories"]), "{}", entry.code);
        assert_eq!(now["edition"]["content"]["value"], expected["content"], "{}", entry.code);
        assert_eq!(now["edition_number"], expected["editions"][0]["number"]);
        assert_eq!(entry.hidden, None);
    }
    // The entry with three editions, its feeds and its changes.
    let corrected = store.find("g1").await.unwrap().unwrap();
    assert_eq!(corrected.edition_number, 3);
    let earlier = |number| {
        store.0.shared.look(|reading| {
            let packed = reading.tree.get(&keys::edition(&corrected.code, number))?.unwrap();
            Ok(reading.unpacker.edition(&packed)?.content.unwrap().value)
        })
    };
    assert!(earlier(1).unwrap().contains("第一版") && earlier(2).unwrap().contains("第二版"));
    let rail = store.feed(&FeedId::Category(slug("rail")), 50).await.unwrap();
    assert!(rail.entries.len() >= 50 && rail.entries.iter().any(|entry| entry.code == corrected.code));
    assert_eq!(
        rail.entries.len(),
        rail.entries.iter().map(|entry| &entry.code).collect::<std::collections::BTreeSet<_>>().len()
    );
    assert_eq!(store.page(&FeedId::Source(slug("rail")), 0, 999).await.unwrap().entries.len(), 63);
    assert_eq!(store.count(&FeedId::All).await.unwrap(), 143);
    let changes = store.changed_since(None, 999).await.unwrap().unwrap();
    let of_it: Vec<_> =
        changes.iter().filter(|change| change.code == corrected.code).map(|change| change.kind).collect();
    assert_eq!(of_it, [ChangeKind::New, ChangeKind::Updated, ChangeKind::Updated]);
    let states = store.states().await.unwrap();
    assert_eq!(states.len(), 3);
    assert_eq!(states[&slug("rail")].feed.as_ref().unwrap().plain_title(), Some("铁路日报"));
    assert_eq!(store.state(&slug("rail")).await.unwrap(), states[&slug("rail")]);
}

async fn opens_whole(folder: &Path) {
    let store = open(folder);
    holds_everything(&store).await;
    store.apply(fetch("one", 1, vec![candidate("NEWER", 0)])).await.unwrap();
    store.close(at(0)).await.unwrap();
    drop(store);
    let store = open(folder);
    assert_eq!(store.opened().rebuilt, None);
    get(&store, "NEWER").await;
    drop(store);
    // What follows can be made again without the files it was upgraded from.
    for (_, tree) in recover::tree_folders(folder) {
        fs::remove_dir_all(tree).unwrap();
    }
    let store = open(folder);
    assert!(store.opened().rebuilt.is_some());
    assert_eq!(store.counts().await.unwrap().entries, 144);
}

#[tokio::test]
async fn a_store_of_version_2_is_upgraded_with_everything_it_held() {
    opens_whole(left().path()).await;
}

#[tokio::test]
async fn so_is_one_whose_sled_is_lost_or_bent() {
    let folder = left();
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    opens_whole(folder.path()).await;
    let folder = left();
    let db = folder.path().join("sled/db");
    let mut bytes = fs::read(&db).unwrap();
    bytes[200_000..200_100].fill(0x5a);
    fs::write(&db, bytes).unwrap();
    opens_whole(folder.path()).await;
}

#[tokio::test]
async fn so_is_one_whose_upgrade_was_cut_off_at_any_step() {
    // Before the checkpoint: a half-written sled beside.
    let folder = left();
    fs::create_dir_all(folder.path().join("sled.1")).unwrap();
    fs::write(folder.path().join("sled.1/db"), [7; 5000]).unwrap();
    opens_whole(folder.path()).await;
    // After it: the old sled still there, or gone.
    let upgraded = left();
    drop(open(upgraded.path()));
    for gone in [false, true] {
        let folder = left();
        recovery::copy(&upgraded.path().join("checkpoint"), &folder.path().join("checkpoint"));
        if gone {
            fs::remove_dir_all(folder.path().join("sled")).unwrap();
        }
        opens_whole(folder.path()).await;
    }
}

/// Takes out of a closed store what version 3 did not know.
fn as_version_3(folder: &Path) {
    let tree = sled::Tree::open(&recover::tree_folder(folder, 0), 1 << 20).unwrap();
    let dictionaries = Dictionaries::load(&tree).unwrap();
    let (unpacker, mut packer) = (Unpacker::new(dictionaries.clone()), Packer::new(dictionaries).unwrap());
    let mut writes = overlay::Writes::new();
    for prefix in [&b"j|t:"[..], b"c|t:", b"v|t:", b"r|", b"y|", keys::tagged()] {
        writes.extend(tree.under(prefix).map(|item| (item.unwrap().0, None)));
    }
    for item in tree.under(keys::metas()) {
        let (key, value) = item.unwrap();
        let mut meta = unpacker.meta(&key, &value).unwrap();
        meta.tags.clear();
        meta.joins.retain(|join| !join.feed.starts_with("t:"));
        writes.insert(key, Some(packer.pack_meta(&meta).unwrap()));
    }
    let applied = tally::Applied::decode(&tree.get(keys::applied()).unwrap().unwrap()).unwrap();
    let applied = tally::Applied { tally: applied.tally.after(&tree, &writes, &HashSet::new()).unwrap(), ..applied };
    writes.insert(keys::schema().to_vec(), Some(3u64.to_be_bytes().to_vec()));
    writes.insert(keys::applied().to_vec(), Some(applied.encode()));
    tree.apply(writes).unwrap();
    tree.flush().unwrap();
    marker::Marker { schema: 3, ..marker::Marker::at(applied.sequence) }.write(folder).unwrap();
}

#[tokio::test]
async fn what_version_3_stored_is_filed_under_its_tags_as_if_they_had_always_been() {
    let Home { store, folder } = home();
    let tagged = |number: i64| {
        let mut one = candidate(&format!("NW{number:03}"), number);
        let tag = if number % 2 == 0 { "城市" } else { "Rail" };
        one.edition.tags = vec![crate::model::Tag { term: tag.into(), ..Default::default() }];
        one
    };
    store.apply(fetch("one", 1, (0..150).map(tagged).collect())).await.unwrap();
    let mut new = fetch("two", 2, (150..170).map(tagged).collect());
    new.new_source_entries = Some(3);
    store.apply(new).await.unwrap();
    store.retract(&code("NW004"), "r", false, at(3)).await.unwrap();
    let tags = ["城市", "rail"].map(|tag| FeedId::Tag(crate::model::TagName::of(tag).unwrap()));
    let found = async |store: &Store| {
        let mut found = Vec::new();
        for tag in &tags {
            let (head, page) = (store.feed(tag, 50).await.unwrap(), store.page(tag, 0, 999).await.unwrap());
            found.push((codes(&head).join(" "), codes(&page).join(" "), head.archives));
        }
        found
    };
    let before = found(&store).await;
    store.close(at(4)).await.unwrap();
    drop(store);
    as_version_3(folder.path());
    let store = open(folder.path());
    assert_eq!(store.opened().rebuilt, None);
    assert!(found(&store).await.iter().all(|(head, page, _)| head.is_empty() && page.is_empty()));
    while store.renew(at(5)).await.unwrap() {}
    assert_eq!(found(&store).await, before);
    let report = store.verify().await.unwrap();
    assert!(report.is_well(), "{report:?}");
    store.restore_entry(&code("NW004"), at(6)).await.unwrap();
    assert!(found(&store).await[0].0.contains("NW004"), "what was away meanwhile has its tags too");
}
