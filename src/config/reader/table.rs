//! A table, and which of its keys have been asked for: a key nobody asked for is unknown.

use super::{At, Value, mistyped};
use crate::config::{
    nearest::nearest,
    problems::{Place, Problems},
};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A table, and which of its keys have been asked for.
pub(in crate::config) struct Table<'a> {
    pub place: Place,
    /// As a person would say it: `[poll]`.
    name: String,
    entries: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The whole document.
    pub(in crate::config) fn root(document: &'a DeTable<'a>) -> Table<'a> {
        Table { place: Place::default(), name: "feeds.toml".to_owned(), entries: Some(document), asked: Vec::new() }
    }

    /// What an included file holds.
    pub(in crate::config) fn included(document: &'a DeTable<'a>, file: usize, name: String) -> Table<'a> {
        Table { place: Place { file, ..Place::default() }, name, entries: Some(document), asked: Vec::new() }
    }

    /// A table inside a value; the key of its place becomes the prefix of its keys.
    pub(in crate::config) fn inside(value: &Value<'a>, name: String, problems: &mut Problems) -> Option<Table<'a>> {
        match value.found {
            DeValue::Table(entries) => {
                Some(Table { place: value.place.clone(), name, entries: Some(entries), asked: Vec::new() })
            }
            other => mistyped(&value.place, other, "a table", problems),
        }
    }

    /// `[key]`; an empty one if the file has none.
    pub(in crate::config) fn section(&mut self, key: &'static str, problems: &mut Problems) -> Table<'a> {
        let name = format!("[{key}]");
        let empty = Table {
            place: Place { key: key.to_owned(), ..Place::default() },
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
    pub(in crate::config) fn sections(
        &mut self,
        key: &'static str,
        named_by: &str,
        problems: &mut Problems,
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
            let place = Place { span: Some(item.span()), key: format!("{key}[{which}]"), file: value.place.file };
            tables.extend(Table::inside(&Value { place, found: item.get_ref() }, format!("[[{key}]]"), problems));
        }
        tables
    }

    /// The value of a key, if it is there.
    pub(in crate::config) fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (_, value) = self.entries?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(Value { place: self.place_of(key, value.span()), found: value.get_ref() })
    }

    /// The value of a key, read.
    pub(in crate::config) fn read<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        reader: impl FnOnce(&Value<'a>, &mut Problems) -> Option<T>,
    ) -> Option<T> {
        self.value(key).and_then(|value| reader(&value, problems))
    }

    /// The same, with its place, for checks that come later.
    pub(in crate::config) fn read_at<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        reader: impl FnOnce(&Value<'a>, &mut Problems) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        Some(At { value: reader(&value, problems)?, place: value.place })
    }

    /// Like `read_at`, and its absence is a problem of the table.
    pub(in crate::config) fn required<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        problems: &mut Problems,
        reader: impl FnOnce(&Value<'a>, &mut Problems) -> Option<T>,
    ) -> Option<At<T>> {
        if self.entries.is_some_and(|entries| entries.iter().all(|(name, _)| name.get_ref() != key)) {
            let place = Place { key: self.key_of(key), ..self.place.clone() };
            problems.error(&place, format!("{} without `{key}`", self.name)).expected(expected);
        }
        self.read_at(key, problems, reader)
    }

    /// The pairs of a table whose keys are the operator's own.
    pub(in crate::config) fn pairs(&mut self) -> Vec<(At<String>, Value<'a>)> {
        let pairs = self.entries.into_iter().flat_map(|entries| entries.iter()).map(|(name, value)| {
            let value = Value { place: self.place_of(name.get_ref(), value.span()), found: value.get_ref() };
            let place = Place { span: Some(name.span()), ..value.place.clone() };
            (At { place, value: name.get_ref().to_string() }, value)
        });
        pairs.collect()
    }

    /// Every key that nobody asked for is reported, with the nearest one that exists.
    pub(in crate::config) fn finish(self, problems: &mut Problems) {
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
        Place { span: Some(span), key: self.key_of(key), file: self.place.file }
    }

    fn key_of(&self, key: &str) -> String {
        if self.place.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place.key) }
    }
}
