//! What a feeds.toml says, key by key, so that two of them can be compared in the operator's own words. Of each value
//! only a hash is kept: it may be a secret.

use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::Hasher,
};
use toml::de::{DeTable, DeValue};
use twox_hash::XxHash3_64;

/// Lists, and the key that tells their tables apart.
const LISTS: [(&str, &str); 4] = [("source", "id"), ("category", "slug"), ("publisher", "name"), ("host", "name")];

/// Settings that are taken once, when syndic starts.
const TAKEN_AT_START: [&str; 8] = [
    "[server] listen",
    "[server] cache",
    "[server] connections",
    "[server] client_connections",
    "[store] path",
    "[store] cache",
    "[store] editions",
    "[poll] concurrency",
];

/// Names told one by one; of more the number is told.
const NAMED: usize = 8;

/// The keys of one table, each with a hash of what stands there. There may be tens of thousands of tables.
type Keys = Vec<(Box<str>, u64)>;

/// What a feeds.toml says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// By `[section] key`.
    settings: Keys,
    /// `source` → id → keys.
    lists: BTreeMap<&'static str, BTreeMap<String, Keys>>,
}

/// What another feeds.toml says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `[[source]]`.
    pub sources: Differing,
    /// `[[category]]`.
    pub categories: Differing,
    /// Everything else, as `[site] title` or `[[publisher]] Reuters`.
    pub settings: Vec<String>,
}

/// How a list differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differing {
    /// New ones.
    pub added: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
    /// Those that say something else, with the keys that do.
    pub changed: BTreeMap<String, Vec<String>>,
}

impl Written {
    /// Adds what one file says; several may make up one configuration.
    pub(super) fn read(&mut self, document: &DeTable<'_>) {
        for (section, value) in document.iter() {
            let section: &str = section.get_ref();
            let list = LISTS.iter().find(|(list, _)| *list == section);
            match (value.get_ref(), list) {
                (DeValue::Array(tables), Some((list, named_by))) => {
                    let known = self.lists.entry(list).or_default();
                    for table in tables.iter().filter_map(|table| table.get_ref().as_table()) {
                        let name = table.get(*named_by).and_then(|name| name.get_ref().as_str()).unwrap_or_default();
                        known.insert(name.trim().to_owned(), keys(table));
                    }
                }
                (DeValue::Table(table), _) => {
                    let named = keys(table).into_iter().map(|(key, hash)| (format!("[{section}] {key}").into(), hash));
                    self.settings.extend(named);
                }
                (other, _) => self.settings.push((section.into(), hash(other))),
            }
        }
    }

    /// Whether categories are declared by `[[category]]`, and not made by being named.
    pub fn declares_categories(&self) -> bool {
        self.lists.contains_key("category")
    }

    /// Without the lists: what may be taken at the start only stands in none of them.
    pub fn without_lists(&self) -> Written {
        Written { settings: self.settings.clone(), lists: BTreeMap::new() }
    }

    /// What `new` says otherwise.
    pub fn difference(&self, new: &Written) -> Difference {
        let of = |list: &str| {
            let (before, now) = (self.lists.get(list), new.lists.get(list));
            differing(before.unwrap_or(&BTreeMap::new()), now.unwrap_or(&BTreeMap::new()))
        };
        let mut settings = unequal(&self.settings, &new.settings);
        for list in ["publisher", "host"] {
            let Differing { added, removed, changed } = of(list);
            let names = added.into_iter().chain(removed).chain(changed.into_keys());
            settings.extend(names.map(|name| format!("[[{list}]] {name}")));
        }
        Difference { sources: of("source"), categories: of("category"), settings }
    }
}

impl Difference {
    /// True when both say the same.
    pub fn is_empty(&self) -> bool {
        *self == Difference::default()
    }

    /// The settings among them that take effect at the next start only.
    pub fn at_next_start(&self) -> Vec<String> {
        let taken = |setting: &&String| TAKEN_AT_START.contains(&setting.as_str());
        self.settings.iter().filter(taken).cloned().collect()
    }
}

/// `+2 sources (bbc, rail), −1 (old), 1 changed (cnn: category, rule); [site] title`
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [self.sources.words("source", "sources"), self.categories.words("category", "categories")];
        let settings = Some(few(&self.settings)).filter(|settings| !settings.is_empty());
        let parts: Vec<String> = lists.into_iter().flatten().chain(settings).collect();
        f.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        f.write_str(&parts.join("; "))
    }
}

impl Differing {
    fn words(&self, one: &str, several: &str) -> Option<String> {
        let noun = |count: usize| if count == 1 { one } else { several };
        let changed: Vec<String> =
            self.changed.iter().map(|(name, keys)| format!("{name}: {}", keys.join(", "))).collect();
        let parts = [
            ("+", &self.added, ""),
            // A minus sign, as wide as the plus.
            ("−", &self.removed, ""),
            ("", &changed, " changed"),
        ];
        let told = parts.into_iter().filter(|(_, names, _)| !names.is_empty()).enumerate();
        let told: Vec<String> = told
            .map(|(at, (sign, names, what))| {
                let noun = if at == 0 { format!(" {}", noun(names.len())) } else { String::new() };
                let between = if what.is_empty() { ", " } else { "; " };
                format!("{sign}{}{noun}{what} ({})", names.len(), few_by(names, between))
            })
            .collect();
        Some(told.join(", ")).filter(|told| !told.is_empty())
    }
}

fn few(names: &[String]) -> String {
    few_by(names, ", ")
}

fn few_by(names: &[String], between: &str) -> String {
    let shown = names.get(..NAMED).unwrap_or(names).join(between);
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown}{between}and {more} more"),
    }
}

fn differing(before: &BTreeMap<String, Keys>, now: &BTreeMap<String, Keys>) -> Differing {
    let missing = |from: &BTreeMap<String, Keys>, of: &BTreeMap<String, Keys>| {
        of.keys().filter(|name| !from.contains_key(*name)).cloned().collect()
    };
    let changed = before.iter().filter_map(|(name, before)| {
        let keys = unequal(before, now.get(name)?);
        (!keys.is_empty()).then(|| (name.clone(), keys))
    });
    Differing { added: missing(before, now), removed: missing(now, before), changed: changed.collect() }
}

/// The keys under which the two do not hold the same.
fn unequal(before: &Keys, now: &Keys) -> Vec<String> {
    let said = |keys: &Keys, name: &str| keys.iter().find(|(key, _)| **key == *name).map(|(_, hash)| *hash);
    let names: BTreeSet<&str> = before.iter().chain(now).map(|(name, _)| &**name).collect();
    names.into_iter().filter(|name| said(before, name) != said(now, name)).map(str::to_owned).collect()
}

fn keys(table: &DeTable<'_>) -> Keys {
    table.iter().map(|(key, value)| (Box::from(&**key.get_ref()), hash(value.get_ref()))).collect()
}

fn hash(value: &DeValue<'_>) -> u64 {
    let mut hasher = XxHash3_64::new();
    feed(value, &mut hasher);
    hasher.finish()
}

/// The value without its place and spelling: the order of keys, and the kind of quotes, mean nothing.
fn feed(value: &DeValue<'_>, hasher: &mut XxHash3_64) {
    let mut text = |kind: u8, text: &str| {
        hasher.write_u8(kind);
        hasher.write_usize(text.len());
        hasher.write(text.as_bytes());
    };
    match value {
        DeValue::String(found) => text(1, found),
        DeValue::Integer(found) => text(2, &found.to_string()),
        DeValue::Float(found) => text(3, &found.to_string()),
        DeValue::Boolean(found) => text(4, if *found { "true" } else { "false" }),
        DeValue::Datetime(found) => text(5, &found.to_string()),
        DeValue::Array(items) => {
            text(6, &items.len().to_string());
            items.iter().for_each(|item| feed(item.get_ref(), hasher));
        }
        DeValue::Table(table) => {
            text(7, &table.len().to_string());
            for (key, value) in table.iter() {
                hasher.write(key.get_ref().as_bytes());
                feed(value.get_ref(), hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Written {
        let mut written = Written::default();
        written.read(DeTable::parse(text).unwrap().get_ref());
        written
    }

    const BEFORE: &str = "[site]\ntitle = \"a\"\n[server]\nlisten = \"127.0.0.1:1\"\n[[source]]\nid = \"a\"\nurl = \"x\"\n\
                          [[source]]\nid = \"b\"\nurl = \"x\"\ncategory = \"news\"\n[[category]]\nslug = \"news\"\n";

    #[test]
    fn what_changed_is_told_in_the_operators_words() {
        let now = "[site]\ntitle = \"b\"\n[server]\nlisten = \"127.0.0.1:2\"\n[[source]]\nurl = \"x\"\nid = \"c\"\n\
                   [[source]]\nid = \"d\"\n[[source]]\nid = \"b\"\nurl = \"y\"\n[[source.rule]]\naction = \"exclude\"\n\
                   [[category]]\nslug = \"new\"\naliases = [\"news\"]\n";
        let difference = written(BEFORE).difference(&written(now));
        assert_eq!(
            difference.to_string(),
            "+2 sources (c, d), −1 (a), 1 changed (b: category, rule, url); +1 category (new), −1 (news); \
             [server] listen, [site] title"
        );
        assert_eq!(difference.at_next_start(), ["[server] listen"]);
    }

    #[test]
    fn spelling_order_and_comments_change_nothing() {
        let now = "# the news\n[[category]]\nslug = 'news'\n[[source]]\ncategory = \"news\"\nurl = \"x\"\nid = \"b\"\n\
                   [[source]]\nurl = \"x\"\nid = \"a\"\n[server]\nlisten = \"127.0.0.1:1\"\n[site]\ntitle = '''a'''\n";
        let difference = written(BEFORE).difference(&written(now));
        assert!(difference.is_empty(), "{difference}");
        assert_eq!(difference.to_string(), "nothing");
    }

    #[test]
    fn of_many_names_some_are_told() {
        let many: String = (0..100).map(|n| format!("[[source]]\nid = \"s{n:02}\"\n")).collect();
        let told = written("").difference(&written(&many)).to_string();
        assert_eq!(told, "+100 sources (s00, s01, s02, s03, s04, s05, s06, s07, and 92 more)");
    }
}
