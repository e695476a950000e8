//! What becomes of a subscription when something happens to it (WebSub §5, §7). Pure: the record, the event and the time go in;
//! the new record, and the one thing to do about it, come out.

use super::words::short;
use crate::model::{Phase, SourceId, Subscription, Time};
use chrono::TimeDelta;

/// The lease we ask for, and the longest that is believed.
pub const LEASE: TimeDelta = TimeDelta::days(10);
/// A hub may verify so long after it was asked.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::days(1);
/// After the first request that nothing came of; doubled after each.
const RETRY: TimeDelta = TimeDelta::minutes(10);
const LONGEST_RETRY: TimeDelta = TimeDelta::days(1);
/// After a request that the hub will refuse next time, too.
const REFUSED: TimeDelta = TimeDelta::days(1);
/// After the hub, or the publisher through it, has denied us.
const DENIED: TimeDelta = TimeDelta::days(7);
/// No lease is so short that we would ask again sooner.
const SHORTEST_RENEWAL: TimeDelta = TimeDelta::seconds(30);
/// A hub that cannot be told that we leave is told no more than this often.
const FAREWELLS: u32 = 3;
/// How long a hub that goes on pushing is told that the subscription is over.
const REMEMBERED: TimeDelta = TimeDelta::days(10);
/// A hub that was asked so often in a row is no more waited for than one that refuses.
const IN_VAIN: u32 = 3;

/// The two things a hub can be asked (`hub.mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Begin, or renew.
    Subscribe,
    /// End.
    Unsubscribe,
}

impl Mode {
    /// As it stands in requests.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Subscribe => "subscribe",
            Mode::Unsubscribe => "unsubscribe",
        }
    }
}

/// What can happen to a subscription.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Its `next` has come.
    Due,
    /// The hub took our request.
    Taken,
    /// It did not. `lasting`: nor will it the next time; `wait`: it said how long to stay away.
    Refused { reason: &'a str, lasting: bool, wait: Option<TimeDelta> },
    /// Its host wants to be left alone until then.
    Held { until: Time },
    /// Hubs find us under another `[site] url` now.
    Moved { base: &'a str },
    /// The hub asks whether we mean it. The lease is in seconds; a hub that names none means ours.
    Verify { mode: Mode, topic: &'a str, lease: Option<u64> },
    /// The hub says that we will not have it.
    Denied { topic: &'a str, reason: &'a str },
    /// A document with the right signature was taken in.
    Pushed,
    /// A poll found what should have been pushed.
    Missed,
    /// The source is gone, or its hub or topic is another now.
    Unwanted,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Send the hub a request.
    Ask(Mode),
    /// Answer a verification: yes, with its challenge.
    Confirm,
    /// Answer that nobody here asked for that (404).
    Deny,
}

/// What comes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The record from now on; `None`: forget it.
    pub after: Option<Subscription>,
    /// What to do.
    pub act: Act,
    /// For the log.
    pub said: Option<String>,
}

/// A subscription that is about to be asked for.
pub fn begin(source: SourceId, hub: String, topic: String, base: String, secret: String, now: Time) -> Subscription {
    Subscription {
        source,
        hub,
        topic,
        base,
        secret,
        phase: Phase::Asked,
        tries: 0,
        refused: false,
        next: now,
        asked: None,
        verified: None,
        until: None,
        last_push: None,
        distrusted: None,
        trouble: None,
    }
}

/// Whether what comes with the right signature is taken in.
pub fn accepts(subscription: &Subscription) -> bool {
    subscription.phase == Phase::Verified
}

/// Whether its hub can be relied on to say when there is news.
pub fn covers(subscription: &Subscription, now: Time) -> bool {
    let knows_where = subscription.verified.is_some();
    let trusted = accepts(subscription) && knows_where && subscription.distrusted.is_none();
    trusted && subscription.until.is_some_and(|until| now < until)
}

/// Whether another hub may do better.
pub fn is_in_vain(subscription: &Subscription) -> bool {
    subscription.phase == Phase::Asked && (subscription.refused || subscription.tries >= IN_VAIN)
}

/// Decides.
pub fn decide(before: &Subscription, event: &Event<'_>, now: Time) -> Decision {
    match event {
        Event::Due => due(before, now),
        Event::Taken => just(Subscription { trouble: None, ..before.clone() }),
        Event::Refused { reason, lasting, wait } => refused(before, reason, *lasting, *wait, now),
        Event::Held { until } => just(Subscription { next: before.next.max(*until), ..before.clone() }),
        Event::Moved { base } => just(moved(before, base, now)),
        Event::Verify { mode, topic, lease } => verify(before, *mode, topic, *lease, now),
        Event::Denied { topic, reason } => denied(before, topic, reason, now),
        Event::Pushed => {
            let said = before.distrusted.map(|_| "its hub pushes again and is trusted again".to_owned());
            let after = Subscription { last_push: Some(now), distrusted: None, ..before.clone() };
            Decision { said, ..just(after) }
        }
        Event::Missed if before.distrusted.is_none() && accepts(before) => {
            let said = "a poll found what its hub had not pushed: polled as usual until it pushes again".to_owned();
            Decision { said: Some(said), ..just(Subscription { distrusted: Some(now), ..before.clone() }) }
        }
        Event::Missed => just(before.clone()),
        Event::Unwanted => unwanted(before, now),
    }
}

fn just(after: Subscription) -> Decision {
    Decision { after: Some(after), act: Act::Nothing, said: None }
}

fn due(before: &Subscription, now: Time) -> Decision {
    match before.phase {
        Phase::Asked => ask(before.clone(), Mode::Subscribe, now),
        Phase::Verified if before.until.is_none_or(|until| until <= now) => {
            let said = Some("the hub's lease ended before it was renewed: polled as usual meanwhile".to_owned());
            let lapsed = Subscription { phase: Phase::Asked, verified: None, until: None, ..before.clone() };
            Decision { said, ..ask(lapsed, Mode::Subscribe, now) }
        }
        Phase::Verified => ask(before.clone(), Mode::Subscribe, now),
        Phase::Leaving if before.tries >= FAREWELLS => just(ended(before, now)),
        Phase::Leaving => ask(before.clone(), Mode::Unsubscribe, now),
        Phase::Ended => Decision { after: None, act: Act::Nothing, said: None },
    }
}

/// The hub is told at once where to push from now on; until it has verified that, it is not relied on.
fn moved(before: &Subscription, base: &str, now: Time) -> Subscription {
    match before.phase {
        Phase::Asked | Phase::Verified if before.base != base => {
            let base = base.to_owned();
            Subscription { base, tries: 0, next: now, verified: None, ..before.clone() }
        }
        _ => before.clone(),
    }
}

/// Asks, and looks again later whether anything came of it.
fn ask(before: Subscription, mode: Mode, now: Time) -> Decision {
    let next = now + patience(before.tries);
    // The end of a lease is not slept through.
    let next = before.until.filter(|until| *until > now).map_or(next, |until| next.min(until));
    let after = Subscription { asked: Some(now), tries: before.tries.saturating_add(1), next, ..before };
    Decision { act: Act::Ask(mode), ..just(after) }
}

fn patience(tries: u32) -> TimeDelta {
    (RETRY * (1 << tries.min(10))).min(LONGEST_RETRY)
}

fn refused(before: &Subscription, reason: &str, lasting: bool, wait: Option<TimeDelta>, now: Time) -> Decision {
    // Some hubs verify first and answer then: what was verified meanwhile stands.
    if before.phase == Phase::Ended || (before.phase == Phase::Verified && before.tries == 0) {
        return just(before.clone());
    }
    if before.phase == Phase::Leaving && lasting {
        return just(ended(before, now));
    }
    let wait = wait.unwrap_or_default().max(if lasting { REFUSED } else { TimeDelta::zero() });
    let after = Subscription {
        next: before.next.max(now + wait.min(LEASE)),
        trouble: Some(short(reason)),
        refused: lasting,
        ..before.clone()
    };
    Decision { said: Some(format!("the hub did not take the request: {}", short(reason))), ..just(after) }
}

fn verify(before: &Subscription, mode: Mode, topic: &str, lease: Option<u64>, now: Time) -> Decision {
    let expected = topic == before.topic && before.asked.is_some_and(|asked| now - asked <= ANSWERS_WITHIN);
    match (before.phase, mode) {
        (Phase::Asked | Phase::Verified, Mode::Subscribe) if expected => verified(before, lease, now),
        (Phase::Leaving, Mode::Unsubscribe) if expected => {
            Decision { act: Act::Confirm, said: Some("unsubscribed".to_owned()), ..just(ended(before, now)) }
        }
        // Asked once more because our answer was lost: the same answer.
        (Phase::Ended, Mode::Unsubscribe) if expected => Decision { act: Act::Confirm, ..just(before.clone()) },
        _ => Decision { act: Act::Deny, ..just(before.clone()) },
    }
}

fn verified(before: &Subscription, lease: Option<u64>, now: Time) -> Decision {
    let seconds = lease.and_then(|seconds| i64::try_from(seconds).ok());
    let lease = seconds.and_then(TimeDelta::try_seconds).unwrap_or(LEASE).min(LEASE);
    let gapless = before.phase == Phase::Verified && before.until.is_some_and(|until| now <= until);
    let after = Subscription {
        phase: Phase::Verified,
        tries: 0,
        refused: false,
        // A fifth of the lease is left for a hub that does not answer at once.
        next: now + (lease * 4 / 5).max(SHORTEST_RENEWAL),
        verified: before.verified.filter(|_| gapless).or(Some(now)),
        until: Some(now + lease),
        trouble: None,
        ..before.clone()
    };
    let what = if gapless { "renewed" } else { "subscribed" };
    let said = Some(format!("{what} for {} s", lease.num_seconds()));
    Decision { act: Act::Confirm, said, ..just(after) }
}

fn denied(before: &Subscription, topic: &str, reason: &str, now: Time) -> Decision {
    if topic != before.topic {
        return Decision { act: Act::Deny, ..just(before.clone()) };
    }
    let said = Some(format!("the hub denies the subscription: {}", short(reason)));
    match before.phase {
        Phase::Asked | Phase::Verified => {
            let after = Subscription {
                phase: Phase::Asked,
                asked: None,
                verified: None,
                until: None,
                next: now + DENIED,
                trouble: Some(format!("denied: {}", short(reason))),
                refused: true,
                ..before.clone()
            };
            Decision { said, ..just(after) }
        }
        Phase::Leaving => Decision { said, ..just(ended(before, now)) },
        Phase::Ended => just(before.clone()),
    }
}

fn unwanted(before: &Subscription, now: Time) -> Decision {
    match before.phase {
        Phase::Asked if before.asked.is_none() => Decision { after: None, act: Act::Nothing, said: None },
        Phase::Asked | Phase::Verified => {
            let after =
                Subscription { phase: Phase::Leaving, tries: 0, next: now, asked: None, until: None, ..before.clone() };
            Decision { said: Some("no longer wanted: unsubscribing".to_owned()), ..just(after) }
        }
        Phase::Leaving | Phase::Ended => just(before.clone()),
    }
}

fn ended(before: &Subscription, now: Time) -> Subscription {
    Subscription { phase: Phase::Ended, next: now + REMEMBERED, ..before.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Slug;

    const BASE: &str = "https://news.example/";
    const TOPIC: &str = "https://paper.example/feed?a=1&b=2";

    fn at(minutes: i64) -> Time {
        "2026-11-23T12:00:00Z".parse::<Time>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn new() -> Subscription {
        let source = Slug::parse("paper").unwrap();
        begin(source, "https://hub.example/".into(), TOPIC.into(), BASE.into(), "5ec2e7".into(), at(0))
    }

    fn after(subscription: &Subscription, event: &Event<'_>, minutes: i64) -> Subscription {
        decide(subscription, event, at(minutes)).after.unwrap()
    }

    fn yes(lease: u64) -> Event<'static> {
        Event::Verify { mode: Mode::Subscribe, topic: TOPIC, lease: Some(lease) }
    }

    /// Asked at 0, verified a minute later.
    fn held(lease: u64) -> Subscription {
        after(&after(&new(), &Event::Due, 0), &yes(lease), 1)
    }

    #[test]
    fn a_subscription_is_asked_for_and_holds_once_it_is_verified() {
        let asked = decide(&new(), &Event::Due, at(0));
        assert_eq!(asked.act, Act::Ask(Mode::Subscribe));
        let asked = asked.after.unwrap();
        assert!(!accepts(&asked) && !covers(&asked, at(0)));
        let verified = decide(&asked, &yes(3_600), at(1));
        assert_eq!((verified.act, verified.said.as_deref()), (Act::Confirm, Some("subscribed for 3600 s")));
        let held = verified.after.unwrap();
        assert!(accepts(&held) && covers(&held, at(60)) && !covers(&held, at(61)));
        assert_eq!((held.next, held.until), (at(1 + 48), Some(at(61))));
    }

    #[test]
    fn only_what_was_asked_for_is_confirmed() {
        let deny = |subscription: &Subscription, event: &Event<'_>, minutes| {
            let Decision { after, act, .. } = decide(subscription, event, at(minutes));
            assert_eq!((act, after.as_ref()), (Act::Deny, Some(subscription)), "{event:?}");
        };
        deny(&new(), &yes(60), 0);
        let asked = after(&new(), &Event::Due, 0);
        deny(&asked, &Event::Verify { mode: Mode::Subscribe, topic: "https://paper.example/feed", lease: Some(60) }, 1);
        deny(&asked, &Event::Verify { mode: Mode::Unsubscribe, topic: TOPIC, lease: None }, 1);
        deny(&held(3_600), &Event::Verify { mode: Mode::Unsubscribe, topic: TOPIC, lease: None }, 2);
        deny(&asked, &yes(60), 24 * 60 + 1);
        let leaving = after(&held(3_600), &Event::Unwanted, 2);
        deny(&leaving, &Event::Verify { mode: Mode::Unsubscribe, topic: TOPIC, lease: None }, 2);
        deny(&leaving, &yes(60), 2);
        deny(&held(3_600), &Event::Denied { topic: "https://other.example/", reason: "" }, 2);
    }

    #[test]
    fn a_lease_is_renewed_before_it_ends_and_at_most_ten_days_are_believed() {
        let long = held(400 * 86_400);
        assert_eq!((long.until, long.next), (Some(at(1) + LEASE), at(1) + TimeDelta::days(8)));
        assert_eq!(held(u64::MAX).until, Some(at(1) + LEASE));
        assert_eq!(held(5).next, at(1) + SHORTEST_RENEWAL);
        let renewing = decide(&held(3_600), &Event::Due, at(49));
        assert_eq!(renewing.act, Act::Ask(Mode::Subscribe));
        let renewing = renewing.after.unwrap();
        assert!(covers(&renewing, at(50)), "the old lease holds meanwhile");
        assert_eq!(renewing.secret, held(3_600).secret);
        let renewed = decide(&renewing, &yes(3_600), at(50));
        assert_eq!(renewed.said.as_deref(), Some("renewed for 3600 s"));
        let renewed = renewed.after.unwrap();
        assert_eq!((renewed.until, renewed.verified), (Some(at(110)), Some(at(1))));
    }

    #[test]
    fn a_lease_that_ends_is_no_longer_relied_on_and_asked_for_again() {
        let renewing = after(&held(3_600), &Event::Due, 49);
        let lapsed = decide(&renewing, &Event::Due, at(70));
        assert_eq!((lapsed.act, lapsed.said.is_some()), (Act::Ask(Mode::Subscribe), true));
        let lapsed = lapsed.after.unwrap();
        assert!(!accepts(&lapsed));
        assert_eq!(after(&lapsed, &yes(3_600), 71).verified, Some(at(71)), "with a gap");
    }

    #[test]
    fn requests_that_nothing_comes_of_grow_rarer() {
        let (mut subscription, mut waits) = (new(), Vec::new());
        for _ in 0..10 {
            let now = subscription.next;
            subscription = decide(&subscription, &Event::Due, now).after.unwrap();
            waits.push((subscription.next - now).num_minutes());
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 1_440, 1_440]);
        let asked = after(&new(), &Event::Due, 0);
        let refuse = |lasting, wait| {
            let event = Event::Refused { reason: "no\nroom", lasting, wait };
            after(&asked, &event, 0)
        };
        assert_eq!(refuse(false, None).next, at(10));
        assert_eq!(refuse(true, None).next, at(0) + REFUSED);
        assert_eq!(refuse(false, Some(TimeDelta::hours(2))).next, at(120));
        assert_eq!(refuse(false, None).trouble.as_deref(), Some("no room"));
    }

    #[test]
    fn under_another_address_it_is_renewed_at_once_and_not_relied_on_before() {
        let moved = after(&held(3_600), &Event::Moved { base: "https://new.example/" }, 5);
        assert_eq!((moved.base.as_str(), moved.next), ("https://new.example/", at(5)));
        assert!(accepts(&moved) && !covers(&moved, at(5)));
        assert_eq!(after(&moved, &Event::Moved { base: "https://new.example/" }, 6), moved, "said once");
        let asked = after(&moved, &Event::Due, 5);
        assert!(!covers(&asked, at(6)));
        assert!(covers(&after(&asked, &yes(3_600), 6), at(7)));
    }

    #[test]
    fn another_hub_may_do_better_than_one_that_was_asked_three_times_refuses_or_denies() {
        let mut asked = new();
        for n in 0..IN_VAIN {
            assert!(!is_in_vain(&asked), "{n}");
            let now = asked.next;
            asked = decide(&asked, &Event::Due, now).after.unwrap();
        }
        assert!(is_in_vain(&asked));
        assert!(!is_in_vain(&after(&asked, &yes(3_600), 1)), "it has agreed after all");
        let asked = after(&new(), &Event::Due, 0);
        let refuse = |lasting| after(&asked, &Event::Refused { reason: "no", lasting, wait: None }, 0);
        assert_eq!((is_in_vain(&refuse(true)), is_in_vain(&refuse(false))), (true, false));
        assert!(is_in_vain(&after(&asked, &Event::Denied { topic: TOPIC, reason: "no" }, 0)));
    }

    #[test]
    fn a_refusal_after_the_verification_changes_nothing() {
        let event = Event::Refused { reason: "late", lasting: true, wait: None };
        assert_eq!(after(&held(3_600), &event, 1), held(3_600));
    }

    #[test]
    fn a_denial_ends_it_for_a_week() {
        let denied = after(&held(3_600), &Event::Denied { topic: TOPIC, reason: "" }, 5);
        assert!(!accepts(&denied));
        assert_eq!((denied.next, denied.trouble.as_deref()), (at(5) + DENIED, Some("denied: no reason given")));
    }

    #[test]
    fn a_hub_that_missed_something_is_distrusted_until_it_pushes_again() {
        let missed = after(&held(3_600), &Event::Missed, 10);
        assert!(!covers(&missed, at(10)) && accepts(&missed));
        assert_eq!(after(&missed, &Event::Missed, 20), missed, "said once");
        assert!(!covers(&after(&missed, &yes(3_600), 20), at(21)), "a renewal is no push");
        let pushed = after(&missed, &Event::Pushed, 30);
        assert!(covers(&pushed, at(31)));
        assert_eq!(pushed.last_push, Some(at(30)));
    }

    #[test]
    fn what_is_unwanted_is_left_told_so_a_few_times_and_remembered() {
        assert_eq!(decide(&new(), &Event::Unwanted, at(0)).after, None, "nobody knows of it");
        let leaving = after(&held(3_600), &Event::Unwanted, 2);
        let told = decide(&leaving, &Event::Due, at(2));
        assert_eq!(told.act, Act::Ask(Mode::Unsubscribe));
        let told = told.after.unwrap();
        let bye = Event::Verify { mode: Mode::Unsubscribe, topic: TOPIC, lease: None };
        let over = decide(&told, &bye, at(3));
        assert_eq!((over.act, over.after.as_ref().unwrap().phase), (Act::Confirm, Phase::Ended));
        let over = over.after.unwrap();
        assert_eq!(decide(&over, &bye, at(4)).act, Act::Confirm, "our answer may have been lost");
        assert_eq!(decide(&over, &Event::Due, over.next).after, None);

        let mut deaf = leaving;
        for _ in 0..FAREWELLS {
            let now = deaf.next;
            deaf = decide(&deaf, &Event::Due, now).after.unwrap();
        }
        let now = deaf.next;
        assert_eq!(decide(&deaf, &Event::Due, now).after.unwrap().phase, Phase::Ended);
    }
}
