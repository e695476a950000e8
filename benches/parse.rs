//! Bytes → what a document says: `parse`, and beside it the libraries alone on the same bytes.
//! The difference to feed-rs is what repairing, and keeping what feed-rs drops, costs.
//! With SYNDIC_DUMP naming a folder of documents (scripts/bench-parse): all of them, once for each library, in CPU time.

mod support;

use divan::{Bencher, counter::BytesCount};
use std::{fs, hint::black_box, io::BufReader, path::Path};
use support::{ENTRIES, Kind, page, page_of};
use syndic::parse::parse;

/// The whole dump is read so often; the quickest round counts.
const ROUNDS: usize = 15;

fn main() {
    if let Some(folder) = std::env::var_os("SYNDIC_DUMP") {
        return dump(Path::new(&folder));
    }
    for kind in Kind::ALL {
        let read = parse(&page(kind, ENTRIES)).map(|feed| feed.entries.len()).unwrap_or(0);
        assert_eq!(read, ENTRIES, "{kind:?}: a parse that loses entries is not worth measuring");
    }
    divan::main();
}

#[divan::bench(args = Kind::ALL)]
fn syndic(bencher: Bencher<'_, '_>, kind: Kind) {
    let page = page(kind, ENTRIES);
    bencher.counter(size(kind)).bench_local(|| parse(&page));
}

#[divan::bench(args = Kind::ALL)]
fn feed_rs(bencher: Bencher<'_, '_>, kind: Kind) {
    let bytes = kind.document(ENTRIES);
    bencher.counter(size(kind)).bench_local(|| feed_rs::parser::parse(bytes.as_ref()));
}

#[divan::bench]
fn rss(bencher: Bencher<'_, '_>) {
    let bytes = Kind::Rss.document(ENTRIES);
    bencher.counter(size(Kind::Rss)).bench_local(|| rss::Channel::read_from(BufReader::new(bytes.as_ref())));
}

#[divan::bench]
fn atom_syndication(bencher: Bencher<'_, '_>) {
    let bytes = Kind::Atom.document(ENTRIES);
    bencher.counter(size(Kind::Atom)).bench_local(|| atom_syndication::Feed::read_from(BufReader::new(bytes.as_ref())));
}

fn size(kind: Kind) -> BytesCount {
    BytesCount::new(kind.document(ENTRIES).len())
}

/// Every document of a folder, by each library that reads its format.
fn dump(folder: &Path) {
    let mut documents: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|item| fs::read(item.ok()?.path()).ok())
        .map(|bytes| (page_of(bytes.clone().into(), None), bytes))
        .collect();
    documents.sort_by(|(_, one), (_, other)| one.cmp(other));
    let is = |mark: &'static [u8]| {
        move |(_, bytes): &&(_, Vec<u8>)| {
            bytes.get(..400).is_some_and(|head| head.windows(mark.len()).any(|at| at == mark))
        }
    };
    let is_gbk = |document: &&(_, Vec<u8>)| is(b"gb")(document) || is(b"GB")(document);
    let groups: [(&str, Vec<_>); 4] = [
        ("all", documents.iter().collect()),
        ("Atom", documents.iter().filter(is(b"<feed")).collect()),
        ("RSS and RDF in UTF-8", documents.iter().filter(|one| !is(b"<feed")(one) && !is_gbk(one)).collect()),
        ("RSS and RDF in GBK", documents.iter().filter(|one| !is(b"<feed")(one) && is_gbk(one)).collect()),
    ];
    for (name, group) in groups.iter().filter(|(_, group)| !group.is_empty()) {
        let bytes: usize = group.iter().map(|(_, bytes)| bytes.len()).sum();
        println!("{name}: {} documents, {:.1} MB", group.len(), bytes as f64 / 1e6);
        let lost = group.iter().filter(|(page, _)| parse(page).is_ok_and(|feed| feed.entries.is_empty())).count();
        println!("  documents without an entry: {lost}");
        let theirs =
            quickest(|| group.iter().for_each(|(_, bytes)| drop(black_box(feed_rs::parser::parse(&bytes[..])))));
        let line = |library: &str, time: u64| {
            let (rate, ratio) = (bytes as f64 * 1e3 / time as f64, time as f64 / theirs as f64);
            println!("  {library:<18} {:>8.2} ms {rate:>7.0} MB/s {ratio:>6.2} of feed-rs", time as f64 / 1e6);
        };
        line("syndic", quickest(|| group.iter().for_each(|(page, _)| drop(black_box(parse(page))))));
        line("feed-rs", theirs);
        // These two read one format each, and quick-xml by itself only UTF-8.
        if name.starts_with("RSS") {
            let rss = |bytes: &[u8]| drop(black_box(rss::Channel::read_from(bytes)));
            line("rss", quickest(|| group.iter().for_each(|(_, bytes)| rss(bytes))));
        }
        if *name == "Atom" {
            let atom = |bytes: &[u8]| drop(black_box(atom_syndication::Feed::read_from(bytes)));
            line("atom_syndication", quickest(|| group.iter().for_each(|(_, bytes)| atom(bytes))));
        }
        if name.ends_with("UTF-8") || *name == "Atom" {
            line("quick-xml scan", quickest(|| group.iter().for_each(|(_, bytes)| scan(bytes))));
        }
    }
}

fn scan(bytes: &[u8]) {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    while !matches!(black_box(reader.read_event()), Ok(quick_xml::events::Event::Eof) | Err(_)) {}
}

/// CPU nanoseconds of the quickest round: what else the machine does hardly shows.
fn quickest(work: impl Fn()) -> u64 {
    let rounds = (0..ROUNDS).map(|_| {
        let began = cpu();
        work();
        cpu() - began
    });
    rounds.min().unwrap_or_default()
}

fn cpu() -> u64 {
    let said = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0)
}
