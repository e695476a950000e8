//! Bytes → what a document says: `parse`, and beside it the libraries alone on the same bytes.
//! The difference to feed-rs is what repairing, and keeping what feed-rs drops, costs.

mod support;

use divan::{Bencher, counter::BytesCount};
use std::io::BufReader;
use support::{ENTRIES, Kind, page};
use syndic::parse::parse;

fn main() {
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
