//! Documents damaged in every way: cut, flipped, spliced. None may take the process down, hold it up, or make it grow.
//! The same damage in every run; `SYNDIC_MUTATIONS` asks for more of it, `SYNDIC_SEED` for another.

use crate::support::root;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic, mpsc},
    thread,
    time::Duration,
};
use syndic::{
    config::{Config, Overrides},
    enrich::enrich,
    fetch::{Body, Page},
    identify::identify,
    model::{Answer, GuidTrust, Known, Time, Validators},
    parse::parse,
};

const MUTATIONS: usize = 20_000;
/// Longest document that is damaged: the unoptimised build has to read each of them.
const LONGEST: usize = 8 << 10;
/// CPU time of one document, from bytes to entries.
const PATIENCE: Duration = Duration::from_secs(1);
/// After so long without a document read, something hangs.
const HANGS: Duration = Duration::from_secs(120);
/// What comes out of a document is bounded by what went in: addresses grow by their base, markup by its spelling.
const GROWTH: usize = 2_000;
const WORKERS: usize = 2;

const FEEDS_TOML: &str = r#"
[site]
url = "https://feeds.example"
[[category]]
slug = "news"
title = "News"
[[source]]
id = "news"
url = "https://news.example/feed.xml"
category = "news"
content = "full"
"#;

#[test]
fn damaged_documents_do_no_harm() {
    let seeds = seeds();
    let count = number("SYNDIC_MUTATIONS").unwrap_or(MUTATIONS);
    let seed = number("SYNDIC_SEED").unwrap_or(20_220_422) as u64;
    let next = Arc::new(atomic::AtomicUsize::new(0));
    let (tell, told) = mpsc::channel();
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (seeds, next, tell) = (seeds.clone(), next.clone(), tell.clone());
            thread::spawn(move || {
                let config = Config::parse(FEEDS_TOML, Path::new("feeds.toml"), &Overrides::default()).unwrap().config;
                loop {
                    let number = next.fetch_add(1, atomic::Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let (bytes, what) = damaged(&seeds, seed, number);
                    let began = cpu();
                    read(&config, bytes, number);
                    let took = cpu() - began;
                    assert!(took < PATIENCE, "{took:?} for number {number}: {what}");
                    tell.send(number).unwrap();
                }
            })
        })
        .collect();
    drop(tell);
    let mut done = 0;
    loop {
        match told.recv_timeout(HANGS) {
            Ok(_) => done += 1,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("one of the {WORKERS} numbers before {} hangs", next.load(atomic::Ordering::Relaxed))
            }
        }
    }
    for worker in workers {
        worker.join().unwrap();
    }
    assert_eq!(done, count);
}

/// The whole way of a refresh, without store.
fn read(config: &Config, bytes: Vec<u8>, number: usize) {
    const TYPES: [Option<&str>; 3] = [None, Some("text/xml; charset=gb2312"), Some("text/html; charset=iso-8859-1")];
    let given = bytes.len();
    let page = Page {
        body: Body::Document(Bytes::from(bytes)),
        content_type: TYPES[number % TYPES.len()].map(str::to_owned),
        base: Some("https://news.example/feed.xml".to_owned()),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    };
    let Ok(feed) = parse(&page) else { return };
    let source = &config.sources[0];
    let claims = identify(source, feed.info.home.as_deref(), feed.entries, GuidTrust::Guid).claims;
    let known = Known(vec![None; claims.len()]);
    let entries = enrich(config, source, &feed.info, claims, &known, Time::from_timestamp(1_790_000_000, 0).unwrap());
    let size = format!("{:?}{entries:?}", feed.info).len();
    assert!(size <= 64_000 + given * GROWTH, "{size} bytes out of {given}, number {number}");
}

/// What a number means is decided by it and the seed alone.
fn damaged(seeds: &[(PathBuf, Vec<u8>)], seed: u64, number: usize) -> (Vec<u8>, String) {
    let mut dice = Dice(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let (path, whole) = &seeds[number % seeds.len()];
    let mut bytes = whole.clone();
    let what = match dice.below(5) {
        // Cut at every tenth byte, in turn.
        0 | 1 => {
            let at = ((number / seeds.len()) * 10 + 10) % (bytes.len() + 1);
            bytes.truncate(at);
            format!("cut at {at}")
        }
        2 => {
            let flips = 1 + dice.below(12);
            for _ in 0..flips.min(bytes.len()) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            format!("{flips} bits flipped")
        }
        3 => {
            let (other, piece) = &seeds[dice.below(seeds.len())];
            let from = dice.below(piece.len().max(1));
            let length = dice.below(piece.len() - from + 1);
            let at = dice.below(bytes.len() + 1);
            bytes.splice(at..at, piece[from..from + length].iter().copied());
            format!("{length} bytes of {} at {at}", other.display())
        }
        _ => {
            let at = dice.below(bytes.len() + 1);
            let end = (at + 1 + dice.below(200)).min(bytes.len());
            let piece = bytes[at.min(end)..end].to_vec();
            let times = dice.below(40);
            bytes.splice(at..at, std::iter::repeat_n(piece, times).flatten());
            format!("{at}..{end} repeated {times} times")
        }
    };
    (bytes, format!("{}, {what}", path.display()))
}

/// Our own fixtures, and the corpus beside the repository where it is.
fn seeds() -> Arc<Vec<(PathBuf, Vec<u8>)>> {
    let mut found = BTreeMap::new();
    collect(&root().join("tests/fixtures/feeds"), &mut found);
    assert!(found.len() > 10, "the fixtures are not there");
    let shared = std::env::var_os("SYNDIC_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let corpus = shared.join("corpus/cases/files");
    if corpus.is_dir() {
        collect(&corpus, &mut found);
    } else {
        eprintln!(
            "{} is not there: only the fixtures are damaged (SYNDIC_SHARED names another folder)",
            shared.display()
        );
    }
    Arc::new(found.into_iter().collect())
}

fn collect(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            let mut bytes = fs::read(&path).unwrap();
            bytes.truncate(LONGEST);
            into.insert(path, bytes);
        }
    }
}

/// CPU time of this thread: a busy machine is no reason to fail.
fn cpu() -> Duration {
    let said = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(said.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0))
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|said| said.parse().unwrap())
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}
