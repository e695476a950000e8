//! Whether and when an entry may be seen: what policy says of it, and what was withdrawn.

use super::{Alias, Edition, InfoCode, PublishedIds, Slug, SourceId, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What policy says of one source's entry (`policy::standing`). Kept with the entry; time alone then decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// A rule keeps it out: which one, in words.
    pub dropped: Option<String>,
    /// Embargo: not shown before.
    pub not_before: Option<Time>,
    /// Expiry: not shown from then on.
    pub not_after: Option<Time>,
}

impl Standing {
    /// True when it may be seen at a time.
    pub fn is_shown(&self, at: Time) -> bool {
        self.dropped.is_none()
            && self.not_before.is_none_or(|from| from <= at)
            && self.not_after.is_none_or(|until| at < until)
    }

    /// When `is_shown` changes next.
    pub fn next_change(&self, at: Time) -> Option<Time> {
        if self.dropped.is_some() || self.not_after.is_some_and(|until| until <= at) {
            return None;
        }
        self.not_before.into_iter().chain(self.not_after).filter(|time| *time > at).min()
    }

    /// Why it is not seen at a time; `None` when it is.
    pub fn why_hidden(&self, at: Time) -> Option<String> {
        if let Some(rule) = &self.dropped {
            return Some(format!("kept out by a rule: {rule}"));
        }
        if let Some(until) = self.not_after.filter(|until| *until <= at) {
            return Some(format!("expired {until}"));
        }
        self.not_before.filter(|from| *from > at).map(|from| format!("held until {from}"))
    }
}

/// What policy says of a source's entry: its words, its sort date. `None`: it knows no such source, and what was said stays.
#[derive(Clone)]
pub struct Judge(Arc<Judgement>);

type Judgement = dyn Fn(&SourceId, &Edition, Time) -> Option<Standing> + Send + Sync;

impl Judge {
    /// From a function without a clock.
    pub fn new(judge: impl Fn(&SourceId, &Edition, Time) -> Option<Standing> + Send + Sync + 'static) -> Judge {
        Judge(Arc::new(judge))
    }

    /// Asks it.
    pub fn of(&self, source: &SourceId, edition: &Edition, sort_date: Time) -> Option<Standing> {
        (self.0)(source, edition, sort_date)
    }
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Judge")
    }
}

/// How an entry was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithdrawalKind {
    /// By the operator; can be restored.
    Retracted,
    /// By the operator, its bytes destroyed.
    Erased,
    /// By retention, its bytes dropped.
    Retired,
    /// By the publisher's own word (RFC 6721); can be restored.
    Deleted,
}

/// The publisher's word that an entry is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Names its id gives it.
    pub names: Vec<Alias>,
    /// When it was deleted.
    pub when: Time,
    /// Why, in the publisher's words.
    pub reason: String,
}

/// An entry that was taken away: it is refused when it comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// How.
    pub kind: WithdrawalKind,
    /// When.
    pub at: Time,
    /// Why, in the words of whoever took it away.
    pub reason: String,
}

/// An entry that was taken away, and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// Its code.
    pub code: InfoCode,
    /// How it was taken away.
    pub withdrawal: Withdrawal,
    /// Where its sources filed it.
    pub categories: Vec<Slug>,
    /// The ids it was published under; empty once they were erased with it.
    pub ids: PublishedIds,
}

/// What happened to an entry in a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// A new edition.
    Updated,
    /// Stands elsewhere than before: other categories, a further source, shown or hidden by policy or time.
    Moved,
    /// Taken away.
    Withdrawn,
    /// Back after it was taken away.
    Restored,
    /// Not kept here any longer: no withdrawal.
    Retired,
}

/// One line of the record of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where a reader who has this one goes on.
    pub cursor: Cursor,
    /// Which entry.
    pub code: InfoCode,
    /// What happened.
    pub kind: ChangeKind,
}

/// A place in the record of changes. No later commit ever stands before a cursor that was handed out.
/// Written `epoch-sequence` or `epoch-sequence-part`; another epoch is another history (a restored backup).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// Which history.
    pub epoch: u64,
    /// The last commit seen whole, or the one that `part` is of.
    pub sequence: u64,
    /// Changes of that commit seen; `u32::MAX` for all.
    pub part: u32,
}

impl Cursor {
    /// Before the first change of a history.
    pub fn start(epoch: u64) -> Cursor {
        Cursor { epoch, sequence: 0, part: u32::MAX }
    }

    /// `None` for what is no cursor.
    pub fn parse(text: &str) -> Option<Cursor> {
        let mut parts = text.split('-').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then_some(part));
        let epoch = parts.next()??.parse().ok()?;
        let sequence = parts.next()??.parse().ok()?;
        let part = parts.next().map_or(Some(u32::MAX), |part| part?.parse().ok())?;
        parts.next().is_none().then_some(Cursor { epoch, sequence, part })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.part {
            u32::MAX => write!(f, "{}-{}", self.epoch, self.sequence),
            part => write!(f, "{}-{}-{part}", self.epoch, self.sequence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_embargo_ends_and_an_expiry_begins_to_the_second() {
        let standing = Standing { dropped: None, not_before: Some(at(10)), not_after: Some(at(20)) };
        assert_eq!([9, 10, 19, 20].map(|second| standing.is_shown(at(second))), [false, true, true, false]);
        assert_eq!([9, 10, 20].map(|second| standing.next_change(at(second))), [Some(at(10)), Some(at(20)), None]);
        assert!(standing.why_hidden(at(9)).unwrap().starts_with("held until"));
        assert_eq!(standing.why_hidden(at(10)), None);
        let dropped = Standing { dropped: Some("no".into()), ..standing };
        assert_eq!((dropped.is_shown(at(10)), dropped.next_change(at(0))), (false, None));
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        for text in ["17-0", "17-3", "17-3-5"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
        for odd in ["", "3", "-1-2", "1-2-3-4", "1--2", "+1-2", "1-2-99999999999", "a-b"] {
            assert_eq!(Cursor::parse(odd), None, "{odd}");
        }
        assert!(Cursor::start(1) < Cursor::parse("1-1-0").unwrap());
    }
}
