//! What becomes of a follower when something happens to it (WebSub §5.3, §7). Pure: the record, the event and the time go in, the
//! record as it is from now on comes out.

use super::asked::Asked;
use crate::{
    model::{Cursor, Follower, Time},
    websub::words::short,
};
use chrono::TimeDelta;

/// The longest lease that is given, and the one given to who names none.
pub const LONGEST_LEASE: TimeDelta = TimeDelta::days(10);
/// The shortest: who wants less would have us verify without end.
pub const SHORTEST_LEASE: TimeDelta = TimeDelta::seconds(60);
/// After a push that did not arrive; doubled after each further one.
const RETRY: TimeDelta = TimeDelta::minutes(1);
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(6);
/// Pushes in a row that did not arrive, over a day and more, after which nothing is pushed any more: the lease ends by itself, or
/// whoever is there again renews it, and gets what was missed.
pub const MOST_FAILURES: u32 = 12;

/// What can happen.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A push arrived.
    Pushed { upto: Cursor },
    /// There was nothing to push.
    Passed { upto: Cursor },
    /// A push did not arrive. `wait`: for so long the subscriber wants to be left alone.
    Failed { reason: &'a str, wait: Option<TimeDelta> },
    /// Its host wants to be left alone until then.
    Held { until: Time },
    /// It wants no more (410), or the feed is not for it any more.
    Over,
}

/// A follower that was just verified. `cursor`: where the record of changes ended when it asked.
pub fn begin(asked: &Asked, cursor: Cursor, now: Time) -> Follower {
    Follower {
        callback: asked.callback.clone(),
        topic: asked.topic.clone(),
        secret: asked.secret.clone(),
        since: now,
        until: now + asked.lease,
        cursor,
        failures: 0,
        next: None,
        last_push: None,
        trouble: None,
    }
}

/// One that asked again and was verified again: it goes on where it was, with what could not be delivered meanwhile.
pub fn renewed(before: &Follower, asked: &Asked, now: Time) -> Follower {
    Follower {
        secret: asked.secret.clone(),
        until: now + asked.lease,
        failures: 0,
        next: None,
        trouble: None,
        ..before.clone()
    }
}

/// Decides; `None`: it is over.
pub fn decide(before: &Follower, event: &Event<'_>, now: Time) -> Option<Follower> {
    let before = before.clone();
    match event {
        Event::Over => None,
        Event::Passed { upto } => Some(Follower { cursor: *upto, ..before }),
        Event::Pushed { upto } => {
            Some(Follower { cursor: *upto, failures: 0, next: None, last_push: Some(now), trouble: None, ..before })
        }
        Event::Failed { reason, wait } => {
            let doubled = RETRY * (1 << before.failures.min(16));
            let wait = wait.unwrap_or_default().min(LONGEST_LEASE).max(doubled.min(LONGEST_RETRY));
            let failures = before.failures.saturating_add(1);
            Some(Follower { failures, next: Some(now + wait), trouble: Some(short(reason)), ..before })
        }
        Event::Held { until } => Some(Follower { next: before.next.max(Some(*until)), ..before }),
    }
}

/// Whether its lease has ended.
pub fn has_lapsed(follower: &Follower, now: Time) -> bool {
    follower.until <= now
}

/// Whether it may be pushed something now.
pub fn is_ready(follower: &Follower, now: Time) -> bool {
    !has_lapsed(follower, now) && follower.failures < MOST_FAILURES && follower.next.is_none_or(|next| next <= now)
}

/// When to look at it again, if nothing happens before.
pub fn wakes(follower: &Follower, now: Time) -> Time {
    let next = follower.next.filter(|next| *next > now && follower.failures < MOST_FAILURES);
    next.map_or(follower.until, |next| next.min(follower.until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::subscriber::Mode;

    fn at(minutes: i64) -> Time {
        "2026-11-27T12:00:00Z".parse::<Time>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn asked(minutes: i64) -> Asked {
        let callback = "https://reader.example/cb".to_owned();
        Asked {
            mode: Mode::Subscribe,
            url: callback.parse().unwrap(),
            callback,
            topic: "https://news.example/all.atom".into(),
            secret: Some("s".into()),
            lease: TimeDelta::minutes(minutes),
        }
    }

    fn cursor(sequence: u64) -> Cursor {
        Cursor { sequence, ..Cursor::start(1) }
    }

    #[test]
    fn a_push_that_does_not_arrive_is_repeated_ever_more_rarely_and_not_for_ever() {
        let mut follower = begin(&asked(60 * 24 * 10), cursor(3), at(0));
        let (mut now, mut tries) = (at(0), 0);
        while tries < 100 && is_ready(&follower, now) {
            tries += 1;
            follower = decide(&follower, &Event::Failed { reason: "500", wait: None }, now).unwrap();
            assert!(!is_ready(&follower, now) && follower.cursor == cursor(3));
            now = follower.next.unwrap();
        }
        assert_eq!(tries, MOST_FAILURES);
        assert!(now - at(0) > TimeDelta::days(1) && wakes(&follower, at(0)) == follower.until);
        let back = renewed(&follower, &asked(60), now);
        assert!(is_ready(&back, now) && back.cursor == cursor(3), "what was missed is pushed");
    }

    #[test]
    fn what_a_subscriber_asks_for_is_kept_within_its_lease() {
        let follower = begin(&asked(60), cursor(3), at(0));
        let wait = |minutes| {
            let wait = Some(TimeDelta::minutes(minutes));
            decide(&follower, &Event::Failed { reason: "429", wait }, at(0)).unwrap()
        };
        assert_eq!(wait(30).next, Some(at(30)));
        assert_eq!(wait(0).next, Some(at(1)));
        assert_eq!(wakes(&wait(30), at(0)), at(30));
        assert_eq!(wakes(&wait(600), at(0)), at(60));
        assert!(!is_ready(&follower, at(60)) && has_lapsed(&follower, at(60)) && !has_lapsed(&follower, at(59)));
    }

    #[test]
    fn what_arrived_is_not_pushed_again_and_410_is_the_end() {
        let failed = decide(&begin(&asked(60), cursor(3), at(0)), &Event::Failed { reason: "x", wait: None }, at(1));
        let pushed = decide(&failed.unwrap(), &Event::Pushed { upto: cursor(7) }, at(2)).unwrap();
        assert_eq!((pushed.cursor, pushed.failures, pushed.next, pushed.last_push), (cursor(7), 0, None, Some(at(2))));
        assert_eq!(pushed.trouble, None);
        assert_eq!(decide(&pushed, &Event::Over, at(3)), None);
    }
}
