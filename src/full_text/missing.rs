//! Entries that wait for their full text: for how long, how often, how many. Pure.

use super::Ended;
use crate::{
    model::{Edition, Failure, FailureKind, FullText, InfoCode, Missing, Time},
    poll::schedule::wished,
};
use chrono::TimeDelta;

/// Entries of one source that wait for their text.
const MAX_MISSING: usize = 200;
/// How long to wait after each failed attempt, minutes; after the last the feed's text stays for good.
const WAITS: [i64; 4] = [30, 3 * 60, 12 * 60, 24 * 60];

/// Those that wait from now on, the newest first, and what to say of those that cannot.
pub fn waiting(mut new: Vec<Missing>, old: Vec<Missing>) -> (Vec<Missing>, Option<String>) {
    let old = old.into_iter().filter(|old| new.iter().all(|new| new.code != old.code)).collect::<Vec<_>>();
    new.extend(old);
    let beyond = new.len().saturating_sub(MAX_MISSING);
    new.truncate(MAX_MISSING);
    let note = format!("the full text of {beyond} articles is not asked for: {MAX_MISSING} others wait for theirs");
    (new, (beyond > 0).then_some(note))
}

/// When to try again, if at all.
pub fn again(code: &InfoCode, tries: u32, ended: &Ended, now: Time, at: Option<String>) -> Option<Missing> {
    match ended {
        Ended::Filled | Ended::Kept(_) | Ended::Missed(_, None) => None,
        Ended::Later => Some(Missing { code: code.clone(), tries, due: now, at }),
        Ended::Missed(_, Some(wish)) => {
            let wait = TimeDelta::minutes(*WAITS.get(usize::try_from(tries).ok()?)?);
            Some(Missing { code: code.clone(), tries: tries + 1, due: now + wait.max(*wish), at })
        }
    }
}

/// How long to wait at least before another try, if it is worth one.
pub fn worth_another_try(failure: &Failure) -> Option<TimeDelta> {
    match (failure.kind, failure.answer.status) {
        (FailureKind::Gone | FailureKind::Blocked | FailureKind::TooLarge | FailureKind::NotAFeed, _) => None,
        (FailureKind::Redirect, _) | (FailureKind::Status, 400..=403 | 405..=407 | 451) => None,
        _ => Some(wished(failure)),
    }
}

/// Whether the feed says of an entry what it said before, as far as a reader would notice.
pub fn says_the_same(old: &Edition, new: &Edition) -> bool {
    let text = old.full_text == FullText::Page || old.content == new.content;
    let dated = new.updated_said && new.updated > old.updated;
    text && !dated && old.title == new.title && old.summary == new.summary && old.link == new.link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(names: std::ops::Range<usize>) -> Vec<Missing> {
        let one =
            |n| Missing { code: InfoCode::parse(&format!("N{n}")).unwrap(), tries: 0, due: Time::default(), at: None };
        names.map(one).collect()
    }

    #[test]
    fn those_beyond_the_bound_are_counted() {
        assert_eq!(waiting(missing(0..150), missing(100..200)), (missing(0..200), None));
        let (kept, note) = waiting(missing(0..150), missing(100..230));
        assert_eq!(kept, missing(0..200), "the newest wait");
        assert!(note.unwrap().contains("of 30 articles"));
    }
}
