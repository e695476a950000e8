//! A publisher's date in its own characters → a moment (domain §3). Pure: "now" and "first seen" are arguments.

mod names;
mod parts;
mod relative;
#[cfg(test)]
mod tests;

use crate::model::{ParsedEntry, RawDate, Source, SourceKind, Time};
use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// Longest text that is looked at as a date, in characters.
const MAX_CHARS: usize = 100;
/// The web is no older.
const FIRST_YEAR: i32 = 1990;

pub use relative::is_relative;

/// What is known where a date leaves something out.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// The source's zone; `None` = UTC.
    pub zone: Option<Tz>,
    /// The source is Chinese, by language or zone: `CST` is China's.
    pub chinese: bool,
    /// When the entry was first seen: today's and yesterday's day, and the year of a date that names none.
    pub seen: Time,
    /// Years up to the one after this are taken.
    pub now: Time,
}

/// Why a date is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has no form we know.
    Unreadable,
    /// Its year lies outside 1990…now+1.
    OutOfRange,
}

/// The dates of an entry, judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// The publisher's published date.
    pub published: Option<Time>,
    /// The publisher's updated date.
    pub updated: Option<Time>,
    /// What was odd, in words.
    pub notes: Vec<String>,
}

impl Around {
    /// What a source says about its dates; `language` is the document's.
    pub fn source(source: &Source, language: Option<&str>, seen: Time, now: Time) -> Around {
        let language = source.language.as_deref().or(language).unwrap_or("").to_ascii_lowercase();
        let by_language = ["zh", "cn", "chinese"].iter().any(|start| language.starts_with(start));
        let by_zone = matches!(
            source.timezone,
            Some(
                Tz::Asia__Shanghai
                    | Tz::Asia__Chongqing
                    | Tz::Asia__Harbin
                    | Tz::Asia__Urumqi
                    | Tz::Asia__Hong_Kong
                    | Tz::Asia__Macau
                    | Tz::Asia__Taipei
                    | Tz::PRC
            )
        );
        Around { zone: source.timezone, chinese: by_language || by_zone, seen, now }
    }

    /// The same of one entry: a Chinese post in a folder whose zone nobody has set means China's (domain §1).
    pub fn of(self, source: &Source, entry: &ParsedEntry) -> Around {
        let is_han = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
        let is_chinese =
            || [&entry.title, &entry.content].into_iter().flatten().any(|text| text.value.chars().any(is_han));
        if self.zone.is_none() && matches!(source.kind, SourceKind::Folder(_)) && is_chinese() {
            return Around { zone: Some(Tz::Asia__Shanghai), chinese: true, ..self };
        }
        self
    }
}

/// Both dates of an entry.
pub fn of_entry(entry: &ParsedEntry, around: &Around) -> Dates {
    let mut dates = Dates::default();
    dates.published = entry.published.as_ref().and_then(|raw| noted(raw, around, &mut dates.notes));
    dates.updated = entry.updated.as_ref().and_then(|raw| noted(raw, around, &mut dates.notes));
    if dates.published.is_none() && dates.updated.is_none() {
        dates.notes.push("no date: first seen".to_owned());
    }
    dates
}

/// Reads one date.
pub fn read(raw: &str, around: &Around) -> Result<Time, Fault> {
    let found = understood(raw, around).ok_or(Fault::Unreadable)?;
    let whole = DateTime::from_timestamp(found.timestamp(), 0).ok_or(Fault::Unreadable)?;
    if (FIRST_YEAR..=around.now.year() + 1).contains(&whole.year()) { Ok(whole) } else { Err(Fault::OutOfRange) }
}

fn noted(raw: &RawDate, around: &Around, notes: &mut Vec<String>) -> Option<Time> {
    let said: String = raw.0.trim().chars().take(60).collect();
    match read(&raw.0, around) {
        _ if said.is_empty() => None,
        Ok(time) => Some(time),
        Err(Fault::Unreadable) => {
            notes.push(format!("cannot read `{said}`"));
            None
        }
        Err(Fault::OutOfRange) => {
            notes.push(format!("`{said}` is outside {FIRST_YEAR}…next year"));
            None
        }
    }
}

fn understood(raw: &str, around: &Around) -> Option<Time> {
    let text = raw.trim();
    if text.is_empty() || text.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    // The common form first; everything else takes the long way, which also knows whose CST is meant.
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    epoch(text).or_else(|| relative::read(text, around)).or_else(|| parts::read(text, around))
}

/// Seconds or milliseconds since 1970; shorter numbers are days or years.
fn epoch(text: &str) -> Option<Time> {
    let whole = text
        .split_once('.')
        .filter(|(_, part)| part.bytes().all(|b| b.is_ascii_digit()))
        .map_or(text, |(whole, _)| whole);
    let number: i64 = whole.parse().ok().filter(|_| whole.bytes().all(|b| b.is_ascii_digit()))?;
    match whole.len() {
        9 | 10 => DateTime::from_timestamp(number, 0),
        12 | 13 => DateTime::from_timestamp_millis(number),
        _ => None,
    }
}

/// A moment on the source's clock.
fn local(time: Time, zone: Option<Tz>) -> NaiveDateTime {
    zone.map_or_else(|| time.naive_utc(), |zone| time.with_timezone(&zone).naive_local())
}

/// A clock reading of the source as a moment. In the hour that a change to summer time leaves out, the clock before it counts.
fn moment(day: NaiveDate, time: NaiveTime, offset: Option<FixedOffset>, zone: Option<Tz>) -> Option<Time> {
    let clock = day.and_time(time);
    if let Some(offset) = offset {
        return Some(offset.from_local_datetime(&clock).single()?.to_utc());
    }
    let Some(zone) = zone else {
        return Some(Utc.from_utc_datetime(&clock));
    };
    let exact = zone.from_local_datetime(&clock).earliest().map(|time| time.to_utc());
    exact.or_else(|| {
        let before = zone.offset_from_utc_datetime(&clock.checked_sub_signed(Duration::try_days(1)?)?).fix();
        Some(before.from_local_datetime(&clock).single()?.to_utc())
    })
}
