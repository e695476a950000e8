//! A disk that is full for a while, on a small tmpfs. Needs the right to mount; without it the test says so and passes.

use super::*;
use std::{path::Path, process::Command, time::Instant};

/// A mounted tmpfs, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    fn mount(size: &str) -> Option<Disk> {
        let disk = Disk(tempfile::tempdir().unwrap());
        mounted(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], disk.0.path()).then_some(disk)
    }

    fn resize(&self, size: &str) {
        assert!(mounted(&["-o", &format!("remount,size={size}")], self.0.path()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn mounted(arguments: &[&str], at: &Path) -> bool {
    Command::new("mount").args(arguments).arg(at).output().is_ok_and(|output| output.status.success())
}

/// An entry of about 40 KB that does not compress.
fn bulky(number: i64) -> Candidate {
    let mut one = candidate(&format!("NW{number}"), number);
    let mut state = number as u64 + 1;
    let noise = (0..40_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 40) as u8 % 90)
    });
    one.edition.content = Some(Text::html(noise.collect::<String>()));
    one
}

#[tokio::test]
async fn a_full_disk_fails_commits_serves_what_is_there_and_recovers_by_itself() {
    for (size, larger) in [("6m", "200m"), ("9m", "200m")] {
        let Some(disk) = Disk::mount(size) else {
            eprintln!("skipped: no right to mount a tmpfs");
            return;
        };
        let data = disk.0.path().join("data");
        let store = Store::open(&data, StoreOptions::default()).unwrap();
        let (mut kept, mut number) = (Vec::new(), 0);
        let full = loop {
            number += 1;
            assert!(number < 2000, "the disk does not fill up");
            match store.apply(fetch("one", number, vec![bulky(number)])).await {
                Ok(_) => kept.push(number),
                Err(error) => break error.to_string(),
            }
        };
        assert!(full.contains("disk is full") && full.contains("by itself"), "{full}");
        assert_eq!(store.trouble(), Some(full));
        // Still full: nothing of what fails is there, everything else is served.
        for _ in 0..20 {
            number += 1;
            if store.apply(fetch("one", number, vec![bulky(number)])).await.is_ok() {
                kept.push(number);
            }
            let _ = store.touch(&slug("two"), SourceState { failures: 1, ..SourceState::default() }).await;
        }
        // A sled that could not write may be unable to read some of it, or show the group it failed in, until it is opened
        // anew (ADR 0006); it must not have lost any.
        if let Ok(entries) = store.scan(None, 9999).await {
            assert!(entries.len() >= kept.len());
        }
        disk.resize(larger);
        let since = Instant::now();
        // sled may find out only now that it had failed; once it is opened anew, everything goes well.
        let mut in_a_row = 0;
        while in_a_row < 10 {
            number += 1;
            match store.apply(fetch("one", number, vec![bulky(number)])).await {
                Ok(_) => {
                    kept.push(number);
                    in_a_row += 1;
                }
                Err(error) => {
                    in_a_row = 0;
                    assert!(since.elapsed().as_secs() < 60, "{size}: it does not recover: {error}");
                }
            }
        }
        same(&store, &kept).await;
        // A sled that was made again wants a checkpoint: none may begin while its files are copied.
        store.checkpoint().await.unwrap();
        number += 1;
        store.apply(fetch("one", number, vec![bulky(number)])).await.unwrap();
        kept.push(number);
        let killed = tempfile::tempdir().unwrap();
        assert!(Command::new("cp").arg("-r").arg(&data).arg(killed.path()).status().unwrap().success());
        drop(store);
        for data in [&data, &killed.path().join("data")] {
            let store = Store::open(data, StoreOptions::default()).unwrap();
            same(&store, &kept).await;
        }
        std::fs::remove_dir_all(killed.path().join("data/sled")).unwrap();
        same(&Store::open(&killed.path().join("data"), StoreOptions::default()).unwrap(), &kept).await;
    }
}

async fn same(store: &Store, kept: &[i64]) {
    let mut found: Vec<_> = store.scan(None, 9999).await.unwrap().into_iter().map(|entry| entry.code.clone()).collect();
    found.sort_by_key(|code| code.as_str()[2..].parse::<i64>().unwrap());
    assert_eq!(found, kept.iter().map(|number| code(&format!("NW{number}"))).collect::<Vec<_>>());
    assert_eq!(store.count(&rail()).await.unwrap(), kept.len() as u64);
}
