//! When a document became what it is: its Last-Modified. Pure.

use crate::model::{Past, Printed, Time};
use chrono::{SubsecRound, TimeDelta};

/// The document has these bytes now. `before` is what was known of it, `updated` when the newest thing in it changed.
///
/// What the store brought has the store's time; what feeds.toml or a removal alone changed has the time at which it was first seen.
/// Other bytes never have the same second: HTTP dates have no fractions, and whoever asks by date must not be told of two
/// documents that they are one (RFC 9110 §8.8.2.2). The second may thus lie a little ahead; it is told once it has come.
pub fn printed(before: Option<Printed>, hash: u64, updated: Option<Time>, now: Time) -> Printed {
    let (now, updated) = (now.trunc_subsecs(0), updated.map(|updated| updated.trunc_subsecs(0)));
    let Some(before) = before else {
        return Printed { hash, changed: updated.map_or(now, |updated| updated.min(now)), past: Past::default() };
    };
    if before.hash == hash {
        return before;
    }
    let since = updated.filter(|updated| (before.changed..=now).contains(updated) && *updated > before.changed);
    Printed { hash, changed: since.unwrap_or(now).max(before.changed + TimeDelta::seconds(1)), ..before }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 700_000_000).unwrap()
    }

    fn known(hash: u64, seconds: i64) -> Option<Printed> {
        Some(Printed { hash, changed: Time::from_timestamp(seconds, 0).unwrap(), past: Past::default() })
    }

    #[test]
    fn the_same_bytes_keep_their_date() {
        assert_eq!(printed(known(1, 100), 1, Some(at(500)), at(900)), known(1, 100).unwrap());
    }

    #[test]
    fn news_has_the_time_it_came_and_all_else_the_time_it_was_seen() {
        assert_eq!(printed(None, 1, Some(at(500)), at(900)), known(1, 500).unwrap());
        assert_eq!(printed(None, 1, None, at(900)), known(1, 900).unwrap());
        assert_eq!(printed(known(1, 100), 2, Some(at(500)), at(900)), known(2, 500).unwrap());
        assert_eq!(printed(known(1, 100), 2, Some(at(50)), at(900)), known(2, 900).unwrap(), "a removal, feeds.toml");
        assert_eq!(printed(known(1, 100), 2, Some(at(5000)), at(900)), known(2, 900).unwrap(), "a clock set back");
    }

    #[test]
    fn two_changes_of_a_second_are_told_apart() {
        assert_eq!(printed(known(1, 900), 2, Some(at(900)), at(900)), known(2, 901).unwrap());
    }

    proptest! {
        #[test]
        fn whoever_asks_by_date_is_never_told_of_other_bytes_that_they_are_his(
            steps in prop::collection::vec((0_u64..4, prop::option::of(0_i64..2000), 0_i64..20), 1..30),
        ) {
            let (mut known, mut now) = (None::<Printed>, 1000);
            for (hash, updated, passed) in steps {
                now += passed;
                let next = printed(known.clone(), hash, updated.map(at), at(now));
                if let Some(known) = known {
                    prop_assert_eq!(known == next, known.hash == hash);
                    prop_assert!(known == next || next.changed > known.changed);
                }
                known = Some(next);
            }
        }
    }
}
