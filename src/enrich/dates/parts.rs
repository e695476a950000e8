//! Dates by their parts: the clock time is found first, what precedes it is the day, what follows the zone.
//! One reader for RFC 822, W3CDTF, asctime and newspapers' own forms, because feeds mix them.

use super::{Around, local, moment, names};
use chrono::{Datelike, Duration, FixedOffset, NaiveDate, NaiveTime};
use regex::Regex;
use std::sync::LazyLock;

static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[T\s,])t?(\d{1,2}):(\d{1,2})(?::(\d{1,2})?(?:[.,]\d+)?)?\s*([ap]\.?m\b\.?)?").ok()
});
static COMPACT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(\d{8}|\d{4}-\d{2}-\d{2})T?(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?").ok());
static ZONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:(?:GMT|UTC|UT)?\s*([+-])\s*(\d{1,2}):?(\d{2})?\b|([A-Za-z]+(?:/[A-Za-z_]+)+)|([A-Za-z]{1,5})\b)",
    )
    .ok()
});
static YEAR_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:\D|$)").ok());
static YEAR_LAST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})(?:\D|$)").ok());
static WEEK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{4})-?W(\d{2})(?:-?(\d))?$").ok());
static ORDINAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{4})-?(\d{3})$").ok());
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{4})(?:(\d{2})(\d{2})?)?$").ok());
static NO_YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{1,2})-(\d{1,2})-?$").ok());
static BRACKETS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\([^)]*\)").ok());

static ZONE_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^([A-Za-z]{1,5}|(?:GMT|UTC|UT)?[+-]\d{1,2}:?(?:\d{2})?)[\s,]+((?:[A-Za-z]{3,9},?\s+)?\d.*)$").ok()
});
static SPACED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\s*([年月日号時时點点分秒년월일시분초])\s*").ok());
static ERA: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(民國|民国|令和|平成)\s*(\d{1,3}|元)\s*年").ok());
static DAY_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\d{1,2})(?:日\s*|\s+)(\d{1,2})月\s*,?\s*(\d{4})").ok());

/// Reads a date of any form that has a day in it.
pub fn read(text: &str, around: &Around) -> Option<super::Time> {
    let (text, half) = plain(text);
    let text = zone_last(text);
    let split = Split::of(&text)?;
    let (offset, zone, left) = zone_of(split.after, around);
    let words = format!("{} {left}", split.before);
    let day = day_of(words.trim(), around)?;
    let (time, next_day) = clock(split.clock, half)?;
    let day = if next_day { day.succ_opt()? } else { day };
    moment(day, time, offset, zone)
}

/// Full-width signs, comments in brackets and East Asian words in plain form; and the half of the day, if named.
fn plain(text: &str) -> (String, Option<bool>) {
    let mut plain: String = text.chars().map(narrow).collect();
    for beijing in ["北京时间", "北京時間"].into_iter().filter(|name| text.contains(name)) {
        plain = plain.replace(beijing, " ") + " +0800";
    }
    if let Some(brackets) = BRACKETS.as_ref().filter(|_| plain.contains('(')) {
        plain = brackets.replace_all(&plain, " ").into_owned();
    }
    if plain.is_ascii() {
        return (plain.trim().to_owned(), None);
    }
    for day in ["星期", "礼拜", "周", "週"] {
        if let Some(at) = plain.find(day) {
            let end = at
                + day.len()
                + plain.get(at + day.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            plain.replace_range(at..end, " ");
        }
    }
    plain = common_count(plain);
    let half = names::HALVES.iter().find(|(word, _)| plain.contains(word)).map(|(word, second)| {
        plain = plain.replace(word, " ");
        *second
    });
    for (word, sign) in names::REPLACED {
        if plain.contains(word) {
            plain = plain.replace(word, sign);
        }
    }
    (plain.trim().to_owned(), half)
}

/// `CST 2022-04-22 07:44` with the zone where all others have it.
fn zone_last(text: String) -> String {
    let found = ZONE_FIRST.as_ref().and_then(|first| first.captures(&text));
    let Some((zone, rest)) = found.as_ref().and_then(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())))
    else {
        return text;
    };
    // Months and weekdays stand there too.
    let is_zone =
        !zone.chars().all(char::is_alphabetic) || zone.eq_ignore_ascii_case("CST") || names::zone(zone).is_some();
    // Behind a bare day it would not be looked for.
    if is_zone && rest.contains(':') { format!("{rest} {zone}") } else { text }
}

/// Years of an era as years of the common count; `26 4月 2022` in the order of all others; no space around a sign.
fn common_count(text: String) -> String {
    let text = match SPACED.as_ref().filter(|_| text.contains(' ')) {
        None => text,
        Some(spaced) => spaced.replace_all(&text, "$1").into_owned(),
    };
    let text = match ERA.as_ref().filter(|_| text.contains('年')) {
        None => text,
        Some(era) => era
            .replace(&text, |found: &regex::Captures| {
                let part = |at| found.get(at).map_or("", |part| part.as_str());
                let before = match part(1) {
                    "令和" => 2018,
                    "平成" => 1988,
                    _ => 1911,
                };
                format!("{}年", before + part(2).parse().unwrap_or(1))
            })
            .into_owned(),
    };
    match DAY_MONTH.as_ref().filter(|_| text.contains('月')) {
        None => text,
        Some(day) => day.replace(&text, "$3-$2-$1").into_owned(),
    }
}

fn narrow(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' | '\u{202f}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2212}' | '\u{2013}' => '-',
        _ => c,
    }
}

/// Hour, minute, second, second half of the day: as said.
type Clock = (u32, u32, u32, Option<bool>);

struct Split<'a> {
    before: String,
    clock: Clock,
    after: &'a str,
}

impl<'a> Split<'a> {
    fn of(text: &'a str) -> Option<Split<'a>> {
        let number = |found: Option<regex::Match>| found.and_then(|found| found.as_str().parse().ok()).unwrap_or(0);
        if let Some(found) = CLOCK.as_ref()?.captures(text) {
            let whole = found.get(0)?;
            let half = found.get(4).map(|half| half.as_str().starts_with(['p', 'P']));
            let clock = (number(found.get(1)), number(found.get(2)), number(found.get(3)), half);
            return Some(Split {
                before: text.get(..whole.start())?.to_owned(),
                clock,
                after: text.get(whole.end()..)?,
            });
        }
        if let Some(found) = COMPACT.as_ref()?.captures(text) {
            let clock = (number(found.get(2)), number(found.get(3)), number(found.get(4)), None);
            return Some(Split {
                before: found.get(1)?.as_str().to_owned(),
                clock,
                after: text.get(found.get(0)?.end()..)?,
            });
        }
        // A bare day may still name its zone: `2003-12-31Z`, `2003-12-31+08:00`.
        let cut = text
            .get(10..)
            .filter(|rest| (rest.starts_with(['Z', '+']) || rest.contains(':')) && text.get(4..5) == Some("-"));
        let at = cut.map_or(text.len(), |_| 10);
        Some(Split { before: text.get(..at)?.to_owned(), clock: (0, 0, 0, None), after: text.get(at..)? })
    }
}

/// The offset said, or the zone that applies; and what is left of the text.
fn zone_of<'a>(after: &'a str, around: &Around) -> (Option<FixedOffset>, Option<chrono_tz::Tz>, &'a str) {
    let nothing = (None, around.zone, after);
    let Some(found) = ZONE.as_ref().and_then(|zone| zone.captures(after)) else {
        return nothing;
    };
    let rest = found.get(0).and_then(|whole| after.get(whole.end()..)).unwrap_or("");
    let number = |at| found.get(at).and_then(|digits| digits.as_str().parse::<i32>().ok());
    if let (Some(sign), Some(hours)) = (found.get(1), number(2)) {
        let minutes = (hours * 60 + number(3).unwrap_or(0)) * if sign.as_str() == "-" { -1 } else { 1 };
        // No place on earth is further than this from Greenwich: a wilder number is no zone.
        return if minutes.abs() <= 15 * 60 {
            (FixedOffset::east_opt(minutes * 60), around.zone, rest)
        } else {
            (None, around.zone, rest)
        };
    }
    if let Some(zone) = found.get(4) {
        return zone.as_str().parse().map_or((None, around.zone, rest), |zone| (None, Some(zone), rest));
    }
    let name = found.get(5).map_or("", |name| name.as_str());
    let minutes = match name.to_ascii_uppercase().as_str() {
        "CST" if around.chinese => Some(480),
        "CST" => Some(-360),
        _ => names::zone(name),
    };
    match minutes.and_then(|minutes| FixedOffset::east_opt(minutes * 60)) {
        Some(offset) => (Some(offset), around.zone, rest),
        // A month's or a weekday's name may follow the time: it is left for the day.
        None => nothing,
    }
}

/// The clock time, and whether it is the midnight that ends the day.
fn clock((hour, minute, second, said): Clock, half: Option<bool>) -> Option<(NaiveTime, bool)> {
    let hour = match said.or(half) {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let midnight = hour == 24 && minute == 0;
    // A leap second is told as the second before it.
    let time = NaiveTime::from_hms_opt(
        if midnight { 0 } else { hour },
        minute,
        second.min(if second == 60 { 59 } else { second }),
    )?;
    Some((time, midnight))
}

fn day_of(words: &str, around: &Around) -> Option<NaiveDate> {
    // Korean writes a space after each part's sign.
    let words = words.replace("- ", "-");
    let words = words.trim().trim_end_matches([',', '-', 'T', ' ']).trim();
    numeric(words).or_else(|| without_year(words, around)).or_else(|| named_month(words, around))
}

fn numeric(words: &str) -> Option<NaiveDate> {
    // Weekdays and the like may precede the digits: `Fri, 2006/09/15`.
    let words = words.trim_start_matches(|c: char| !c.is_ascii_digit());
    let captures = |pattern: &LazyLock<Option<Regex>>| {
        let found = pattern.as_ref()?.captures(words)?;
        let number = |at: usize| found.get(at).and_then(|digits| digits.as_str().parse::<u32>().ok());
        Some([number(1), number(2), number(3), number(4)])
    };
    let year = |year: Option<u32>| year.and_then(|year| i32::try_from(year).ok());
    if let Some([y, m, d, _]) = captures(&YEAR_FIRST) {
        return NaiveDate::from_ymd_opt(year(y)?, m?, d.unwrap_or(1));
    }
    if let Some([a, _, b, y]) = captures(&YEAR_LAST) {
        // With slashes the month stands first, unless it cannot be one.
        let slashes = words.contains('/');
        let (month, day) = if slashes && a? <= 12 || b? > 12 { (a?, b?) } else { (b?, a?) };
        return NaiveDate::from_ymd_opt(year(y)?, month, day);
    }
    if let Some([y, w, d, _]) = captures(&WEEK) {
        let weekday = chrono::Weekday::try_from(u8::try_from(d.unwrap_or(1)).ok()?.checked_sub(1)?).ok()?;
        return NaiveDate::from_isoywd_opt(year(y)?, w?, weekday);
    }
    if let Some([y, d, ..]) = captures(&ORDINAL) {
        return NaiveDate::from_yo_opt(year(y)?, d?);
    }
    let [y, m, d, _] = captures(&DIGITS)?;
    NaiveDate::from_ymd_opt(year(y)?, m.unwrap_or(1), d.unwrap_or(1))
}

/// `11月27日`, here `11-27-`: of the year in which it was first seen, or the one before, so that it is not in the future.
fn without_year(words: &str, around: &Around) -> Option<NaiveDate> {
    let found = NO_YEAR.as_ref()?.captures(words)?;
    let (month, day) = (found.get(1)?.as_str().parse().ok()?, found.get(2)?.as_str().parse().ok()?);
    nearest_past(month, day, around)
}

fn nearest_past(month: u32, day: u32, around: &Around) -> Option<NaiveDate> {
    let today = local(around.seen, around.zone).date();
    let this_year = NaiveDate::from_ymd_opt(today.year(), month, day);
    let latest = today.checked_add_signed(Duration::try_days(1)?)?;
    this_year.filter(|date| *date <= latest).or_else(|| NaiveDate::from_ymd_opt(today.year() - 1, month, day))
}

/// `22 Apr 2022`, `April 22, 2022`, `Sun Jan  4 … 2004`, `2004-július-13`, in any of the languages known.
fn named_month(words: &str, around: &Around) -> Option<NaiveDate> {
    let words: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric() && !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    // The last one: `mar. 22 mars` begins with a Tuesday.
    let month = words.iter().rev().find_map(|word| names::month(word))?;
    let digits = |word: &&str| {
        word.trim_end_matches(|c: char| c.is_alphabetic()).parse::<u32>().ok().map(|number| (number, word.len()))
    };
    let numbers: Vec<(u32, usize)> =
        words.iter().filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).filter_map(digits).collect();
    match numbers.as_slice() {
        [(day, ..=2)] | [(day, 3..=4)] if *day <= 31 => nearest_past(month, *day, around),
        [(year, 4)] => NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, month, 1),
        [(year, 4), (day, _), ..] | [(day, _), (year, 4), ..] => {
            NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, month, *day)
        }
        [(day, _), (year, 2), ..] => NaiveDate::from_ymd_opt(two_digits(*year)?, month, *day),
        _ => None,
    }
}

/// RFC 2822 §4.3.
fn two_digits(year: u32) -> Option<i32> {
    i32::try_from(if year < 50 { 2000 + year } else { 1900 + year }).ok()
}
