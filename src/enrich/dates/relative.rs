//! Dates told from the moment of reading: `今天 16:25`, `3小时前`, `yesterday 08:00`, `2 hours ago`, `刚刚`.

use super::{Around, Time, local, parts};
use chrono::Duration;
use regex::Regex;
use std::sync::LazyLock;

/// Words for a day, and how many days ago it was. Longer ones first.
const DAYS: &[(&str, i64)] = &[
    ("今天", 0),
    ("今日", 0),
    ("昨天", 1),
    ("昨日", 1),
    ("昨夜", 1),
    ("昨晚", 1),
    ("大前天", 3),
    ("前天", 2),
    ("前日", 2),
    ("today", 0),
    ("yesterday", 1),
    ("heute", 0),
    ("gestern", 1),
    ("aujourd'hui", 0),
    ("hier", 1),
    ("hoy", 0),
    ("ayer", 1),
];

/// Words for this moment.
const NOW: &[&str] = &["刚刚", "刚才", "剛剛", "剛才", "just now", "now", "moments ago", "gerade eben", "à l'instant"];

/// Units of time and their seconds; the first that a word begins with counts.
const UNITS: &[(&str, i64)] = &[
    ("秒", 1),
    ("second", 1),
    ("sec", 1),
    ("sekunde", 1),
    ("分", 60),
    ("min", 60),
    ("小时", 3_600),
    ("小時", 3_600),
    ("个小时", 3_600),
    ("個小時", 3_600),
    ("钟头", 3_600),
    ("個鐘頭", 3_600),
    ("时间", 3_600),
    ("時間", 3_600),
    ("hour", 3_600),
    ("hr", 3_600),
    ("stunde", 3_600),
    ("heure", 3_600),
    ("天", 86_400),
    ("日", 86_400),
    ("day", 86_400),
    ("tag", 86_400),
    ("jour", 86_400),
    ("周", 604_800),
    ("週", 604_800),
    ("星期", 604_800),
    ("个星期", 604_800),
    ("week", 604_800),
    ("woche", 604_800),
    ("semaine", 604_800),
    ("个月", 2_592_000),
    ("個月", 2_592_000),
    ("月", 2_592_000),
    ("month", 2_592_000),
    ("monat", 2_592_000),
    ("mois", 2_592_000),
    ("年", 31_536_000),
    ("year", 31_536_000),
    ("jahr", 31_536_000),
    ("an", 31_536_000),
    ("h", 3_600),
    ("m", 60),
    ("d", 86_400),
    ("s", 1),
];

/// So long ago: a number (or one, or half of one), a unit, a word for the past before or behind it.
static AGO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:vor|il y a|hace|about|around|约|大约)?\s*(\d{1,4}|an?|one|半|几|一|两|兩)\s*([\p{L}]+?)\s*(前|之前|以前|ago|)$").ok()
});

/// The moment meant.
pub fn read(text: &str, around: &Around) -> Option<Time> {
    let text = text.trim().to_lowercase();
    if NOW.contains(&text.as_str()) {
        return Some(around.seen);
    }
    if let Some((rest, back)) = day(&text) {
        let today = local(around.seen, around.zone).date();
        let day = today.checked_sub_signed(Duration::try_days(back)?)?;
        let clock = rest
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '·'))
            .trim_start_matches("at ");
        return parts::read(&format!("{} {}", day.format("%Y-%m-%d"), clock.trim()), around);
    }
    around.seen.checked_sub_signed(ago(&text)?)
}

/// Whether a date is told from the moment of reading, and says another moment each time it is read.
pub fn is_relative(text: &str) -> bool {
    // Dates of feeds are looked at in their thousands: most begin with a digit and have a colon or a dash.
    let text = text.trim();
    if text.chars().nth(40).is_some()
        || (text.is_ascii() && text.contains(['-', ':', ',']) && !text.starts_with(|c: char| c.is_alphabetic()))
    {
        return false;
    }
    let text = text.to_lowercase();
    NOW.contains(&text.as_str()) || day(&text).is_some() || ago(&text).is_some()
}

fn day(text: &str) -> Option<(&str, i64)> {
    let (rest, back) = DAYS.iter().find_map(|(word, back)| Some((text.strip_prefix(word)?, *back)))?;
    // `hiermit` is no yesterday.
    rest.starts_with(|c: char| !c.is_ascii_alphabetic())
        .then_some((rest, back))
        .or((rest.is_empty()).then_some((rest, back)))
}

fn ago(text: &str) -> Option<Duration> {
    let found = AGO.as_ref()?.captures(text)?;
    let part = |at| found.get(at).map_or("", |part| part.as_str());
    let past = !part(3).is_empty() || ["vor", "il y a", "hace"].iter().any(|word| text.starts_with(word));
    let unit = part(2).trim_end_matches("之").trim_end_matches("以");
    let (_, seconds) = UNITS.iter().find(|(word, _)| unit.starts_with(word)).filter(|_| past)?;
    let halves = match part(1) {
        "半" => 1,
        "a" | "an" | "one" | "一" => 2,
        "两" | "兩" => 4,
        // A few: which of them nobody says.
        "几" => 6,
        number => number.parse::<i64>().ok()? * 2,
    };
    Duration::try_seconds(halves.checked_mul(*seconds)? / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn around() -> Around {
        let seen = "2022-04-22T04:30:00Z".parse().unwrap();
        Around { zone: Some(Tz::Asia__Shanghai), chinese: true, seen, now: seen }
    }

    #[test]
    fn told_from_the_moment_of_reading() {
        let cases = [
            ("今天 16:25", "2022-04-22T08:25:00Z"),
            ("今天16:25", "2022-04-22T08:25:00Z"),
            ("昨天", "2022-04-20T16:00:00Z"),
            ("昨天 08:00", "2022-04-21T00:00:00Z"),
            ("大前天 08:00", "2022-04-19T00:00:00Z"),
            ("刚刚", "2022-04-22T04:30:00Z"),
            ("3小时前", "2022-04-22T01:30:00Z"),
            ("3 小时之前", "2022-04-22T01:30:00Z"),
            ("半小时前", "2022-04-22T04:00:00Z"),
            ("5分钟前", "2022-04-22T04:25:00Z"),
            ("2天前", "2022-04-20T04:30:00Z"),
            ("1周前", "2022-04-15T04:30:00Z"),
            ("2 hours ago", "2022-04-22T02:30:00Z"),
            ("an hour ago", "2022-04-22T03:30:00Z"),
            ("5 mins ago", "2022-04-22T04:25:00Z"),
            ("3h ago", "2022-04-22T01:30:00Z"),
            ("Yesterday at 08:00", "2022-04-21T00:00:00Z"),
            ("yesterday, 08:00", "2022-04-21T00:00:00Z"),
            ("vor 2 Stunden", "2022-04-22T02:30:00Z"),
            ("il y a 3 jours", "2022-04-19T04:30:00Z"),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text, &around()), Some(wanted.parse().unwrap()), "{text}");
            assert!(is_relative(text), "{text}");
        }
    }

    #[test]
    fn dates_of_their_own_are_not_relative() {
        for text in [
            "2022-04-22 07:44:35 +0800",
            "Fri, 22 Apr 2022 07:44:35 GMT",
            "04-22 16:25",
            "4月22日 16:25",
            "2022年04月22日",
            "1650600000",
            "22 avril 2022",
            "16:25",
            "hiermit",
            "3 hours",
            "9999999 hours ago",
            "",
        ] {
            assert!(!is_relative(text), "{text}");
        }
    }
}
