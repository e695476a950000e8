//! Which alarms are on, and since when: remembered as long as syndic runs, for what the store does not date. Each is told to the log when it
//! begins and when it is over, once.

use super::Alarm;
use crate::model::Time;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

/// Those that are over and still told of.
const LATEST: usize = 50;
/// For so long.
const TOLD_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// The book. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    on: HashMap<String, Alarm>,
    over: VecDeque<Over>,
}

/// An alarm that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// As it was last.
    pub alarm: Alarm,
    /// When it was seen to be over.
    pub at: Time,
}

impl Book {
    /// Notes which are on, all that there are; what begins or ends is told to the log.
    pub fn note(&self, alarms: &[Alarm], now: Time) {
        let Pages { on, over } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(on);
        for alarm in alarms {
            let known = before.remove(&alarm.id);
            let since = alarm.since.or_else(|| known.as_ref().and_then(|known| known.since)).or(Some(now));
            if known.is_none() {
                let (id, level) = (alarm.id.as_str(), alarm.level.name());
                tracing::warn!(alarm = id, level, advice = alarm.advice, "{}", alarm.message);
            }
            on.insert(alarm.id.clone(), Alarm { since, ..alarm.clone() });
        }
        let mut ended: Vec<Alarm> = before.into_values().collect();
        ended.sort_by(|a, b| a.id.cmp(&b.id));
        for alarm in ended {
            tracing::info!(alarm = alarm.id, "over: {}", alarm.message);
            over.push_front(Over { alarm, at: now });
        }
        over.retain(|over| now - over.at < TOLD_FOR);
        over.truncate(LATEST);
    }

    /// The same alarms, those that only the book can date dated.
    pub fn dated(&self, alarms: Vec<Alarm>) -> Vec<Alarm> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |alarm: &Alarm| alarm.since.or_else(|| pages.on.get(&alarm.id).and_then(|known| known.since));
        alarms.into_iter().map(|alarm| Alarm { since: known(&alarm), ..alarm }).collect()
    }

    /// Those that were over lately, the latest first.
    pub fn over(&self) -> Vec<Over> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).over.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Kind, Level},
        *,
    };

    fn alarm(kind: Kind) -> Alarm {
        Alarm::new(kind, Level::Warning, None, "x".into(), "y")
    }

    #[test]
    fn an_alarm_has_begun_when_it_was_first_seen_and_is_told_of_when_it_is_over() {
        let (book, at) = (Book::default(), |hour: i64| Time::from_timestamp(3_600 * hour, 0).unwrap());
        book.note(&[alarm(Kind::Store), alarm(Kind::Panic)], at(1));
        book.note(&[alarm(Kind::Store)], at(2));
        assert_eq!(book.dated(vec![alarm(Kind::Store)])[0].since, Some(at(1)));
        assert_eq!(book.dated(vec![alarm(Kind::Panic)])[0].since, None, "it may begin anew");
        let told: Vec<_> = book.over().into_iter().map(|over| (over.alarm.kind, over.alarm.since, over.at)).collect();
        assert_eq!(told, [(Kind::Panic, Some(at(1)), at(2))]);
        book.note(&[alarm(Kind::Store)], at(2 + 7 * 24));
        assert!(book.over().is_empty(), "for a week");
    }

    #[test]
    fn what_the_store_dates_keeps_that_date() {
        let (book, at) = (Book::default(), |hour: i64| Time::from_timestamp(3_600 * hour, 0).unwrap());
        let dated = Alarm { since: Some(at(1)), ..alarm(Kind::SourceFailing) };
        book.note(std::slice::from_ref(&dated), at(9));
        assert_eq!(book.dated(vec![dated])[0].since, Some(at(1)));
    }
}
