//! Walks a parsed TOML document with small typed readers. A reader that cannot use a value reports it and gives `None`,
//! so the walk goes on and every problem is found in one run. A key nobody asked for is unknown.

use super::{
    nearest::nearest,
    problems::{Place, Problems},
};
use bytesize::ByteSize;
use std::{ops::Range, str::FromStr, time::Duration};
use toml::de::{DeTable, DeValue};

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

/// A table, and which of its keys have been asked for.
pub(super) struct Table<'a> {
    pub place: Place,
    /// As a person would say it: `[poll]`.
    name: String,
    entries: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The whole document.
    pub(super) fn root(document: &'a DeTable<'a>) -> Table<'a> {
        Table { place: Place::default(), name: "feeds.toml".to_owned(), entries: Some(document), asked: Vec::new() }
    }

    /// A table inside a value; the key of its place becomes the prefix of its keys.
    pub(super) fn inside(value: &Value<'a>, name: String, problems: &mut Problems<'_>) -> Option<Table<'a>> {
        match value.found {
            DeValue::Table(entries) => {
                Some(Table { place: value.place.clone(), name, entries: Some(entries), asked: Vec::new() })
            }
            other => mistyped(&value.place, other, "a table", problems),
        }
    }

    /// `[key]`; an empty one if the file has none.
    pub(super) fn section(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Table<'a> {
        let name = format!("[{key}]");
        let empty = Table {
            place: Place { span: None, key: key.to_owned() },
            name: name.clone(),
            entries: None,
            asked: Vec::new(),
        };
        let Some(value) = self.value(key) else { return empty };
        if let DeValue::Array(_) = value.found {
            problems
                .error(&value.place, format!("`{key}` can stand only once"))
                .expected(format!("{name}, in single brackets"));
            return Table { entries: None, ..empty };
        }
        Table::inside(&value, name, problems).unwrap_or(empty)
    }

    /// `[[key]]`, each with a key that tells which one it is by what stands under `named_by`.
    pub(super) fn sections(
        &mut self,
        key: &'static str,
        named_by: &str,
        problems: &mut Problems<'_>,
    ) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(array) = value.found else {
            let problem = problems.error(&value.place, format!("`{key}` is a list, there can be several"));
            problem.expected(format!("[[{key}]], in double brackets"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (at, item) in array.iter().enumerate() {
            let id = item.get_ref().get(named_by).and_then(|id| id.get_ref().as_str()).filter(|id| id.len() <= 64);
            let which = id.map_or_else(|| (at + 1).to_string(), str::to_owned);
            let place = Place { span: Some(item.span()), key: format!("{key}[{which}]") };
            tables.extend(Table::inside(&Value { place, found: item.get_ref() }, format!("[[{key}]]"), problems));
        }
        tables
    }

    /// The value of a key, if it is there.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (_, value) = self.entries?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(Value { place: self.place_of(key, value.span()), found: value.get_ref() })
    }

    /// The value of a key, read.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems<'_>,
        reader: impl FnOnce(&Value<'a>, &mut Problems<'_>) -> Option<T>,
    ) -> Option<T> {
        self.value(key).and_then(|value| reader(&value, problems))
    }

    /// The same, with its place, for checks that come later.
    pub(super) fn read_at<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems<'_>,
        reader: impl FnOnce(&Value<'a>, &mut Problems<'_>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        Some(At { value: reader(&value, problems)?, place: value.place })
    }

    /// Like `read_at`, and its absence is a problem of the table.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        problems: &mut Problems<'_>,
        reader: impl FnOnce(&Value<'a>, &mut Problems<'_>) -> Option<T>,
    ) -> Option<At<T>> {
        if self.entries.is_some_and(|entries| entries.iter().all(|(name, _)| name.get_ref() != key)) {
            let place = Place { span: self.place.span.clone(), key: self.key_of(key) };
            problems.error(&place, format!("{} without `{key}`", self.name)).expected(expected);
        }
        self.read_at(key, problems, reader)
    }

    /// The pairs of a table whose keys are the operator's own.
    pub(super) fn pairs(&mut self) -> Vec<(At<String>, Value<'a>)> {
        let pairs = self.entries.into_iter().flat_map(|entries| entries.iter()).map(|(name, value)| {
            let value = Value { place: self.place_of(name.get_ref(), value.span()), found: value.get_ref() };
            let place = Place { span: Some(name.span()), key: value.place.key.clone() };
            (At { place, value: name.get_ref().to_string() }, value)
        });
        pairs.collect()
    }

    /// Every key that nobody asked for is reported, with the nearest one that exists.
    pub(super) fn finish(self, problems: &mut Problems<'_>) {
        for (name, _) in self.entries.into_iter().flat_map(|entries| entries.iter()) {
            let key: &str = name.get_ref();
            if self.asked.contains(&key) {
                continue;
            }
            let problem =
                problems.error(&self.place_of(key, name.span()), format!("unknown key `{key}` in {}", self.name));
            problem
                .expected(format!("one of {}", self.asked.join(", ")))
                .suggest(nearest(key, self.asked.iter().copied()));
        }
    }

    fn place_of(&self, key: &str, span: Range<usize>) -> Place {
        Place { span: Some(span), key: self.key_of(key) }
    }

    fn key_of(&self, key: &str) -> String {
        if self.place.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place.key) }
    }
}

/// Text with something in it.
pub(super) fn string(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<String> {
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
pub(super) fn boolean(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<bool> {
    match value.found {
        DeValue::Boolean(yes) => Some(*yes),
        other => mistyped(&value.place, other, "true or false", problems),
    }
}

/// A whole number of that range.
pub(super) fn count(range: std::ops::RangeInclusive<usize>) -> impl Fn(&Value<'_>, &mut Problems<'_>) -> Option<usize> {
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
pub(super) fn duration(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<Duration> {
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
pub(super) fn size(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<u64> {
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
    reader: impl Fn(&Value<'a>, &mut Problems<'_>) -> Option<T>,
) -> impl Fn(&Value<'a>, &mut Problems<'_>) -> Option<Vec<At<T>>> {
    move |value, problems| {
        let DeValue::Array(items) = value.found else {
            return mistyped(&value.place, value.found, "a list in [ ]", problems);
        };
        let mut good = Vec::new();
        for item in items.iter() {
            let place = Place { span: Some(item.span()), key: value.place.key.clone() };
            let read = reader(&Value { place: place.clone(), found: item.get_ref() }, problems);
            good.extend(read.map(|value| At { place, value }));
        }
        Some(good)
    }
}

/// One of a closed set of words.
pub(super) fn one_of<T: Copy>(
    words: &'static [(&'static str, T)],
) -> impl Fn(&Value<'_>, &mut Problems<'_>) -> Option<T> {
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
pub(super) fn mistyped<T>(
    place: &Place,
    found: &DeValue<'_>,
    expected: &str,
    problems: &mut Problems<'_>,
) -> Option<T> {
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
