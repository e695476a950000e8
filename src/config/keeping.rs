//! When entries may be seen, and for how long they are kept: `retention`, `keep`, `not_before`, `not_after`.

use super::{
    problems::Problems,
    reader::{Table, count, duration},
};
use crate::model::Limit;
use std::time::Duration;

/// Most entries `keep` may name.
const MOST: usize = 1_000_000_000;

/// `retention` (an age, or `"never"`) and `keep` (a number of entries); `None` when neither is set.
pub(super) fn limit(table: &mut Table<'_>, problems: &mut Problems) -> Option<Limit> {
    let retention = table.value("retention");
    let keep = table.read("keep", problems, count(1..=MOST));
    if retention.is_none() && keep.is_none() {
        return None;
    }
    let age = retention.filter(|value| value.found.as_str() != Some("never"));
    Some(Limit { age: age.and_then(|value| duration(&value, problems)), keep })
}

/// `not_before` and `not_after`: delays after an entry's date.
pub(super) fn delays(table: &mut Table<'_>, problems: &mut Problems) -> (Option<Duration>, Option<Duration>) {
    let from = table.read("not_before", problems, duration);
    let until = table.read_at("not_after", problems, duration);
    if let Some(until) = until.as_ref().filter(|until| from.is_some_and(|from| from >= until.value)) {
        let problem = problems.error(&until.place, "entries would expire before they are shown");
        problem.expected("`not_after` longer than `not_before`");
    }
    (from, until.map(|until| until.value))
}
