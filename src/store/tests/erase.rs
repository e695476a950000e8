//! `retract --erase`: no file of the data folder holds a passage that only the erased entry had, compressed or not.

use super::*;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a passage.
const PASSAGE: usize = 32;

/// An article of the paper: words of its own, and those that all have.
fn article(number: u32) -> Candidate {
    let mut one = candidate(&format!("N{number:05}"), i64::from(number % 1000));
    let word = |n: u32| char::from_u32(0x4e00 + (number.wrapping_mul(7919).wrapping_add(n * n * 31)) % 8000).unwrap();
    let own: String = (0..60).map(word).collect();
    one.edition.content = Some(Text::html(format!("<p>厦门日报讯（记者 王一）{own}</p><p>（文章来源：厦门日报）</p>")));
    one.edition.link = Some(format!("https://paper.example/html/20220422/content_{number}_{}.html", number * 31));
    one.aliases = vec![Alias(format!("link:paper.example/html/20220422/content_{number}_{}.html", number * 31))];
    one.said.id = one.edition.link.clone();
    one
}

/// What its editions and its meta say, in every form it may be written in: as stored, and each text alone.
fn passages(plain: &[Vec<u8>]) -> BTreeSet<Vec<u8>> {
    plain.iter().flat_map(|bytes| bytes.windows(PASSAGE)).map(<[u8]>::to_vec).collect()
}

/// Every value under these prefixes, unpacked; of one entry, or of all others.
fn plain(store: &Store, mine: bool) -> Vec<Vec<u8>> {
    let code = codec::code_bytes(&code("N00777"));
    let read = |reading: &Reading<'_>| {
        let mut found = Vec::new();
        for prefix in keys::packed() {
            for item in reading.tree.under(&prefix) {
                let (key, value) = item?;
                if key[2..].starts_with(&code) == mine {
                    found.push(reading.unpacker.plain(&value)?);
                }
            }
        }
        Ok(found)
    };
    store.0.shared.look(read).unwrap()
}

/// Whatever can be read in a file: its bytes, what it is as a whole when decompressed, and every zstd frame that begins
/// anywhere in it, with each of the dictionaries there ever were.
fn readable(bytes: &[u8], dictionaries: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let whole = zstd::decode_all(bytes).ok();
    let mut found: Vec<Vec<u8>> = whole.into_iter().chain([bytes.to_vec()]).collect();
    let mut frames = Vec::new();
    for layer in &found {
        for at in memchr::memmem::find_iter(layer, &[0x28, 0xb5, 0x2f, 0xfd]) {
            for dictionary in dictionaries {
                let mut decompressor = zstd::bulk::Decompressor::with_dictionary(dictionary).unwrap();
                // A frame's end is not known: what follows it is cut off by its own blocks.
                let end = (at + 4096).min(layer.len());
                let frame = zstd::zstd_safe::find_frame_compressed_size(&layer[at..end]).map_or(end, |size| at + size);
                frames.extend(decompressor.decompress(&layer[at..frame.min(layer.len())], 1 << 16).ok());
            }
        }
    }
    found.extend(frames);
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    items.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Files in which one of the passages can be read.
fn holders(folder: &Path, passages: &BTreeSet<Vec<u8>>, dictionaries: &[Vec<u8>]) -> Vec<String> {
    let held = |path: &PathBuf| {
        let layers = readable(&fs::read(path).unwrap_or_default(), dictionaries);
        let found = layers.iter().flat_map(|bytes| bytes.windows(PASSAGE)).find(|window| passages.contains(*window));
        found.inspect(|passage| println!("{}: {}", path.display(), passage.escape_ascii())).is_some()
    };
    files(folder)
        .into_iter()
        .filter(held)
        .map(|path| path.strip_prefix(folder).unwrap().display().to_string())
        .collect()
}

fn dictionaries(store: &Store) -> Vec<Vec<u8>> {
    let read = |reading: &Reading<'_>| reading.tree.under(keys::dictionaries()).collect::<Result<Vec<_>, _>>();
    let found = store.0.shared.look(read).unwrap();
    found.into_iter().map(|(_, value)| value[5..].to_vec()).chain([Vec::new()]).collect()
}

#[tokio::test]
async fn no_passage_of_an_erased_entry_is_left_in_any_file() {
    let Home { store, folder } = home();
    for step in 0..16 {
        store.apply(fetch("one", 1, (step * 200..step * 200 + 200).map(article).collect())).await.unwrap();
    }
    while dictionaries(&store).len() < 3 {
        store.touch(&slug("tick"), SourceState::default()).await.unwrap();
        tokio::task::yield_now().await;
    }
    store.checkpoint().await.unwrap();
    let mut corrected = article(777);
    corrected.raw_hash = 2;
    corrected.edition.title = Some(Text::plain("这一版的标题与先前的不同，而且只有这一篇才有这样的标题"));
    store.apply(fetch("one", 3, vec![corrected])).await.unwrap();
    let mut only_here = passages(&plain(&store, true));
    for shared in passages(&plain(&store, false)) {
        only_here.remove(&shared);
    }
    // Its code stays, to refuse it by.
    only_here.retain(|passage| memchr::memmem::find(passage, b"N00777").is_none());
    assert!(only_here.len() > 300, "{}", only_here.len());
    let mut known = dictionaries(&store);
    let before = holders(folder.path(), &only_here, &known);
    for place in ["sled", "journal", "checkpoint"] {
        assert!(before.iter().any(|path| path.starts_with(place)), "{place} of {before:?}");
    }

    assert!(store.retract(&code("N00777"), "court order", true, at(9)).await.unwrap());
    store.forget().await.unwrap();
    known.extend(dictionaries(&store));
    assert_eq!(holders(folder.path(), &only_here, &known), Vec::<String>::new());
    assert_eq!(store.counts().await.unwrap().entries, 3199);
    assert_eq!(store.apply(fetch("one", 10, vec![article(777)])).await.unwrap().refused, [code("N00777")]);
    assert_eq!(holders(folder.path(), &only_here, &known), Vec::<String>::new(), "nor when it comes again");
}

#[tokio::test]
async fn an_erasure_cut_off_before_its_end_is_finished_at_the_next_start() {
    let Home { store, folder } = home();
    store.apply(fetch("one", 1, (770..780).map(article).collect())).await.unwrap();
    let mut only_here = passages(&plain(&store, true));
    for shared in passages(&plain(&store, false)) {
        only_here.remove(&shared);
    }
    only_here.retain(|passage| memchr::memmem::find(passage, b"N00777").is_none());
    store.retract(&code("N00777"), "court order", true, at(9)).await.unwrap();
    assert!(!holders(folder.path(), &only_here, &[Vec::new()]).is_empty());
    drop(store);
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    while store.0.shared.look(|reading| reading.tree.get(keys::forget())).unwrap().is_some() {
        store.touch(&slug("tick"), SourceState::default()).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(holders(folder.path(), &only_here, &[Vec::new()]), Vec::<String>::new());
}
