//! Walks a parsed TOML document with small typed readers. A reader that cannot use a value reports it and gives `None`,
//! so the walk goes on and every problem is found in one run. A key nobody asked for is unknown.

/// Tables, and which of their keys were asked for.
mod table;

use super::{
    nearest::nearest,
    problems::{Place, Problems},
};
use bytesize::ByteSize;
use std::{str::FromStr, time::Duration};
pub(super) use table::Table;
use toml::de::DeValue;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Value<'a> {
    pub place: Place,
    pub found: &'a DeValue<'a>,
}

/// Something read, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub place: Place,
    pub value: T,
}

/// Text with something in it.
pub(super) fn string(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    match value.found {
        DeValue::String(text) if text.trim().is_empty() => {
            problems
                .error(&value.place, format!("`{}` is empty", last(&value.place.key)))
                .expected("some text, or no such line");
            None
        }
        DeValue::String(text) => Some(text.trim().to_owned()),
        other => mistyped(&value.place, other, "text in quotes", problems),
    }
}

/// Yes or no.
pub(super) fn boolean(value: &Value<'_>, problems: &mut Problems) -> Option<bool> {
    match value.found {
        DeValue::Boolean(yes) => Some(*yes),
        other => mistyped(&value.place, other, "true or false", problems),
    }
}

/// A whole number of that range.
pub(super) fn count(range: std::ops::RangeInclusive<usize>) -> impl Fn(&Value<'_>, &mut Problems) -> Option<usize> {
    move |value, problems| {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let DeValue::Integer(number) = value.found else {
            return mistyped(&value.place, value.found, &expected, problems);
        };
        let parsed = i128::from_str_radix(number.as_str(), number.radix()).ok().and_then(|it| usize::try_from(it).ok());
        let good = parsed.filter(|parsed| range.contains(parsed));
        if good.is_none() {
            problems.error(&value.place, format!("`{}` cannot be {number}", last(&value.place.key))).expected(expected);
        }
        good
    }
}

/// `"30m"`; not nothing, and not more than ten years, beyond which sums with dates overflow.
pub(super) fn duration(value: &Value<'_>, problems: &mut Problems) -> Option<Duration> {
    const EXPECTED: &str = "a duration such as \"30s\", \"15m\", \"24h\" or \"7d\"";
    const LONGEST: Duration = Duration::from_secs(3660 * 24 * 60 * 60);
    let DeValue::String(text) = value.found else { return mistyped(&value.place, value.found, EXPECTED, problems) };
    let parsed = humantime::parse_duration(text.trim()).ok();
    let good = parsed.filter(|it| !it.is_zero() && *it <= LONGEST);
    if good.is_none() {
        let what = if parsed.is_some() { "is out of range" } else { "is not a duration" };
        problems.error(&value.place, format!("`{text}` {what}")).expected(EXPECTED);
    }
    good
}

/// `"15MiB"` or a plain number of bytes; from one byte to one TiB.
pub(super) fn size(value: &Value<'_>, problems: &mut Problems) -> Option<u64> {
    const EXPECTED: &str = "a size above zero such as \"15MiB\"";
    let text = match value.found {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        other => return mistyped(&value.place, other, EXPECTED, problems),
    };
    let good = ByteSize::from_str(&text).ok().map(|size| size.as_u64()).filter(|size| (1..=1 << 40).contains(size));
    if good.is_none() {
        problems.error(&value.place, format!("`{text}` is not a usable size")).expected(EXPECTED);
    }
    good
}

/// A list whose items are all of one kind; those that are not are reported and left out.
pub(super) fn list<'a, T>(
    reader: impl Fn(&Value<'a>, &mut Problems) -> Option<T>,
) -> impl Fn(&Value<'a>, &mut Problems) -> Option<Vec<At<T>>> {
    move |value, problems| {
        let DeValue::Array(items) = value.found else {
            return mistyped(&value.place, value.found, "a list in [ ]", problems);
        };
        let mut good = Vec::new();
        for item in items.iter() {
            let place = Place { span: Some(item.span()), ..value.place.clone() };
            let read = reader(&Value { place: place.clone(), found: item.get_ref() }, problems);
            good.extend(read.map(|value| At { place, value }));
        }
        Some(good)
    }
}

/// One of a closed set of words.
pub(super) fn one_of<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&Value<'_>, &mut Problems) -> Option<T> {
    move |value, problems| {
        let text = string(value, problems)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let names: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let problem = problems.error(&value.place, format!("`{}` cannot be `{text}`", last(&value.place.key)));
            problem
                .expected(format!("one of {}", names.join(", ")))
                .suggest(nearest(&text, words.iter().map(|(word, _)| *word)));
        }
        found
    }
}

/// Reports a value of the wrong kind.
pub(super) fn mistyped<T>(place: &Place, found: &DeValue<'_>, expected: &str, problems: &mut Problems) -> Option<T> {
    let kind = match found {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    problems.error(place, format!("`{}` cannot be {kind}", last(&place.key))).expected(expected);
    None
}

/// The last part of a dotted key.
pub(super) fn last(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(_, last)| last)
}
