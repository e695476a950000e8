//! What a journal says after failures: nothing that failed comes back, nothing that was acknowledged is missing.

use super::*;
use crate::store::tally::Tally;

fn applied(sequence: u64) -> Applied {
    Applied { sequence, tally: Tally::default() }
}

fn writes(key: &str, value: &str) -> Writes {
    [(key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()))].into()
}

fn new(folder: &Path) -> Journal {
    fs::create_dir_all(super::folder(folder)).unwrap();
    let mut journal = Journal::after(folder, &History::default(), 0);
    journal.next_number = 1;
    journal.begin().unwrap();
    journal
}

fn replayed(folder: &Path, limit: u64) -> (History, Vec<(u64, Writes)>) {
    let history = read(&super::folder(folder), limit).unwrap();
    let mut all = Vec::new();
    history
        .replay(0, |applied, writes| {
            all.push((applied.sequence, writes));
            Ok(())
        })
        .unwrap();
    (history, all)
}

#[test]
fn what_lay_unsynced_in_a_file_that_is_given_up_is_said_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    journal.append(applied(1), &writes("a", "1"), true).unwrap();
    journal.append(applied(2), &writes("touched", "2"), false).unwrap();
    assert!(journal.is_loose());
    journal.give_up();
    assert!(journal.sync().is_err(), "there is nothing that a sync would put on the disk");
    journal.append(applied(3), &writes("b", "3"), true).unwrap();
    let both = [writes("b", "3"), writes("touched", "2")].into_iter().flatten().collect();
    let (history, all) = replayed(folder.path(), u64::MAX);
    assert_eq!(all, [(1, writes("a", "1")), (3, both)]);
    assert!(history.covers(0) && history.is_whole());
    // Whatever the given-up file holds beyond what was synced, also when it could not be cut.
    let (first, second) = (journal.files[0].path.clone(), journal.files[1].path.clone());
    fs::remove_file(&second).unwrap();
    assert_eq!(replayed(folder.path(), u64::MAX).1.len(), 2);
    assert_eq!(replayed(folder.path(), 1).1.len(), 1, "a limit given by who knows of the failure");
    fs::remove_file(&first).unwrap();
    assert!(!replayed(folder.path(), u64::MAX).0.is_whole());
}

#[test]
fn a_group_that_is_taken_back_is_not_replayed_and_its_number_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    journal.append(applied(1), &writes("a", "1"), true).unwrap();
    journal.append(applied(2), &writes("failed", "2"), true).unwrap();
    // As if cutting it off had failed too.
    let kept = fs::read(&journal.files[0].path).unwrap();
    journal.take_back(2);
    assert_eq!(replayed(folder.path(), u64::MAX).1.len(), 1);
    fs::write(&journal.files[0].path, kept).unwrap();
    journal.append(applied(2), &writes("b", "2"), true).unwrap();
    let (history, all) = replayed(folder.path(), u64::MAX);
    assert_eq!(all, [(1, writes("a", "1")), (2, writes("b", "2"))]);
    assert!(history.is_whole());
}

#[test]
fn what_was_taken_back_is_not_said_again_with_what_lay_unsynced_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    journal.append(applied(1), &writes("touched", "1"), false).unwrap();
    journal.append(applied(2), &writes("failed", "2"), false).unwrap();
    journal.take_back(2);
    journal.append(applied(2), &writes("b", "2"), true).unwrap();
    let (_, all) = replayed(folder.path(), u64::MAX);
    let both = writes("touched", "1").into_iter().chain(writes("b", "2")).collect();
    assert_eq!(all.last(), Some(&(2, both)));
}

#[test]
fn a_folder_that_fails_for_a_while_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    journal.append(applied(1), &writes("a", "1"), true).unwrap();
    journal.turn().unwrap();
    let (here, away) = (super::folder(folder.path()), folder.path().join("away"));
    fs::rename(&here, &away).unwrap();
    let failed = journal.append(applied(2), &writes("b", "2"), true).unwrap_err().to_string();
    assert!(failed.contains("tries again by itself"), "{failed}");
    fs::rename(&away, &here).unwrap();
    journal.append(applied(2), &writes("c", "2"), true).unwrap();
    let (history, all) = replayed(folder.path(), u64::MAX);
    assert_eq!(all, [(1, writes("a", "1")), (2, writes("c", "2"))]);
    assert!(history.is_whole() && history.cut.is_none());
}

#[test]
fn a_lost_file_or_a_damaged_middle_is_missed_only_by_who_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    for sequence in 1..=6 {
        journal.append(applied(sequence), &writes("a", &sequence.to_string()), true).unwrap();
        if sequence % 2 == 0 {
            journal.turn().unwrap();
        }
    }
    assert_eq!(journal.count(), 3);
    let second = fs::read(&journal.files[1].path).unwrap();
    let mut bent = second.clone();
    bent[HEADER + 20] ^= 1;
    fs::write(&journal.files[1].path, &bent).unwrap();
    let (history, all) = replayed(folder.path(), u64::MAX);
    assert_eq!(all.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), [1, 2, 4, 5, 6]);
    assert!(!history.covers(2) && history.covers(3) && !history.is_whole());
    fs::remove_file(&journal.files[1].path).unwrap();
    let history = replayed(folder.path(), u64::MAX).0;
    assert!(!history.covers(3) && history.covers(4));
    fs::write(&journal.files[1].path, &second).unwrap();
    journal.forget(3);
    assert_eq!(journal.count(), 2, "a file goes once all of it is covered");
    let history = replayed(folder.path(), u64::MAX).0;
    assert!(history.covers(2) && !history.covers(1));
    journal.forget(6);
    assert_eq!(journal.count(), 0);
    journal.append(applied(7), &writes("a", "7"), true).unwrap();
    assert!(replayed(folder.path(), u64::MAX).0.covers(6));
}

#[test]
fn one_buffer_serves_and_a_large_one_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = new(folder.path());
    journal.append(applied(1), &writes("a", &"x".repeat(KEPT_BUFFER * 2)), true).unwrap();
    assert_eq!(journal.buffer.capacity(), 0);
    journal.append(applied(2), &writes("a", &"x".repeat(60_000)), true).unwrap();
    let capacity = journal.buffer.capacity();
    journal.append(applied(3), &writes("a", &"y".repeat(50_000)), true).unwrap();
    assert_eq!(journal.buffer.capacity(), capacity);
    let before = journal.syncs();
    journal.append(applied(4), &writes("a", "4"), true).unwrap();
    assert_eq!(journal.syncs() - before, 1, "one group, one sync");
}
