//! A line of `export entries` read back, or what is wrong with it. Whoever wrote it is not trusted: what it holds is made safe
//! again, bounded, and dated within range. What is left out takes its default; what is unknown is an error, not a loss.

use crate::{
    enrich,
    model::{
        Attribution, CategoryRef, CodeKind, Edition, Element, Enclosure, InfoCode, Kept, Link, Person, PublishedIds,
        Slug, SourceId, Tag, Text, TextKind, Time,
    },
};
use chrono::Datelike;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The web is no older, and a date must be written in four digits.
const FIRST_YEAR: i32 = 1990;
/// The store keeps no more names of an entry.
const MAX_ALIASES: usize = 32;
/// Longest name or namespace, bytes.
const LONGEST: usize = 4096;
/// Most editions, sources and categories in a line.
const MOST: usize = 1000;

/// The keys of an edition, which the current one has at the top of the line as well.
const EDITION: [&str; 24] = [
    "title",
    "title_kind",
    "link",
    "links",
    "authors",
    "contributors",
    "published",
    "updated",
    "updated_said",
    "summary",
    "summary_kind",
    "content",
    "content_kind",
    "tags",
    "enclosures",
    "comments",
    "rights",
    "rights_kind",
    "language",
    "attribution",
    "extensions",
    "date_notes",
    "fetched",
    "sanitiser",
];

/// Reads one line. `now` bounds its dates.
pub fn read(line: &str, now: Time) -> Result<Kept, String> {
    let mut fields = Fields(serde_json::from_str(line).map_err(|error| format!("no JSON object: {error}"))?);
    let editions = fields.editions()?;
    let newest = editions.last().map(|(_, edition)| edition).ok_or("`editions` is empty")?;
    let owner: SourceId = fields.required("source")?;
    let first_seen: Time = fields.required("first_seen")?;
    let categories: Vec<Slug> = fields.optional("categories")?.unwrap_or_default();
    let filed: Option<Vec<Filed>> = fields.optional("filed")?;
    let filed = filed.map(|filed| filed.into_iter().map(|filed| (filed.source, filed.categories)).collect());
    let kept = Kept {
        code: fields.required::<InfoCode>("info_code")?,
        kind: fields.required::<CodeKind>("code_kind")?,
        namespace: fields.required("namespace")?,
        only_linked: fields.optional("only_linked")?.unwrap_or(false),
        sources: fields.optional("sources")?.unwrap_or_else(|| vec![owner.clone()]),
        words_from: fields.optional("words_from")?.unwrap_or_else(|| owner.clone()),
        aliases: fields.optional("aliases")?.unwrap_or_default(),
        other_namespaces: fields.optional("other_namespaces")?.unwrap_or_default(),
        ids: fields.optional::<PublishedIds>("published_ids")?,
        first_seen,
        sort_date: match fields.optional("sort_date")? {
            Some(date) => date,
            None => newest.published.unwrap_or(newest.updated).min(first_seen),
        },
        filed: filed.unwrap_or_else(|| vec![(owner.clone(), categories.clone())]),
        titles: fields.titles()?,
        in_feeds: fields.optional("in_feeds")?.unwrap_or(true),
        owner,
        editions,
    };
    fields.same_id(&kept)?;
    fields.nothing_left()?;
    judge(&kept, &categories, now)?;
    Ok(Kept {
        editions: kept.editions.into_iter().map(|(number, said)| (number, enrich::again(said))).collect(),
        ..kept
    })
}

/// A line's keys, taken out as they are read.
struct Fields(Map<String, Value>);

impl Fields {
    fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|error| format!("`{name}`: {error}")),
        }
    }

    fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        self.optional(name)?.ok_or_else(|| format!("no `{name}`"))
    }

    /// The editions; without a list of them the line itself is the only one.
    fn editions(&mut self) -> Result<Vec<(u32, Edition)>, String> {
        let top: Map<String, Value> =
            EDITION.iter().filter_map(|name| Some(((*name).to_owned(), self.0.remove(*name)?))).collect();
        let Some(listed) = self.optional::<Vec<Map<String, Value>>>("editions")? else {
            let number = self.optional("number")?;
            let said: Said = serde_json::from_value(Value::Object(top)).map_err(|error| error.to_string())?;
            return Ok(vec![(number.unwrap_or(1), said.edition()?)]);
        };
        if let Some(last) = listed.last() {
            let other = top.iter().find(|(name, value)| last.get(*name).is_some_and(|listed| listed != *value));
            if let Some((name, _)) = other {
                return Err(format!(
                    "`{name}` is not that of the last of the `editions`: change it there, and here or not at all"
                ));
            }
        }
        let edition = |fields: Map<String, Value>| {
            let said: Said = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
            Ok((said.number.ok_or("no `number`")?, said.edition()?))
        };
        let numbered = listed.into_iter().enumerate();
        numbered
            .map(|(at, fields)| edition(fields).map_err(|why: String| format!("edition {} of the line: {why}", at + 1)))
            .collect()
    }

    fn titles(&mut self) -> Result<Vec<CategoryRef>, String> {
        let titles: Map<String, Value> = self.optional("category_titles")?.unwrap_or_default();
        let named = |(slug, title): (String, Value)| {
            let slug = Slug::try_from(slug)?;
            let title = title.as_str().ok_or_else(|| format!("the title of {slug} is no text"))?.to_owned();
            Ok(CategoryRef { slug, title })
        };
        titles.into_iter().map(named).collect::<Result<_, String>>().map_err(|why| format!("`category_titles`: {why}"))
    }

    /// `published_id` stands in the line for those who look for it there; it says nothing of its own.
    fn same_id(&mut self, kept: &Kept) -> Result<(), String> {
        let id: Option<String> = self.optional("published_id")?;
        if id.as_deref() == kept.ids.as_ref().map(|ids| ids.atom.as_str()) || id.is_none() {
            return Ok(());
        }
        Err("`published_id` is not the `atom` of `published_ids`".to_owned())
    }

    fn nothing_left(&self) -> Result<(), String> {
        self.0.keys().next().map_or(Ok(()), |name| Err(format!("unknown key `{name}`")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filed {
    source: SourceId,
    #[serde(default)]
    categories: Vec<Slug>,
}

/// An edition as a line says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    number: Option<u32>,
    title: Option<String>,
    title_kind: Option<TextKind>,
    link: Option<String>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    authors: Vec<Person>,
    #[serde(default)]
    contributors: Vec<Person>,
    published: Option<Time>,
    updated: Time,
    #[serde(default)]
    updated_said: bool,
    summary: Option<String>,
    summary_kind: Option<TextKind>,
    content: Option<String>,
    content_kind: Option<TextKind>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    enclosures: Vec<Enclosure>,
    comments: Option<String>,
    rights: Option<String>,
    rights_kind: Option<TextKind>,
    language: Option<String>,
    #[serde(default)]
    attribution: Attribution,
    #[serde(default)]
    extensions: Vec<Element>,
    #[serde(default)]
    date_notes: Vec<String>,
    fetched: Option<Time>,
    #[serde(default)]
    sanitiser: u32,
}

impl Said {
    fn edition(self) -> Result<Edition, String> {
        let text = |value: Option<String>, kind: Option<TextKind>| {
            value.map(|value| Text { kind: kind.unwrap_or_default(), value, base: None })
        };
        let html = |kind: Option<TextKind>| Some(kind.unwrap_or(TextKind::Html));
        Ok(Edition {
            title: text(self.title, self.title_kind),
            link: self.link,
            links: self.links,
            summary: text(self.summary, html(self.summary_kind)),
            content: text(self.content, html(self.content_kind)),
            authors: self.authors,
            contributors: self.contributors,
            tags: self.tags,
            enclosures: self.enclosures,
            comments: self.comments,
            rights: text(self.rights, self.rights_kind),
            language: self.language,
            published: self.published,
            updated: self.updated,
            updated_said: self.updated_said,
            date_notes: self.date_notes,
            attribution: self.attribution,
            extensions: self.extensions,
            fetched: self.fetched.unwrap_or(self.updated),
            sanitiser: self.sanitiser,
        })
    }
}

/// What a line may not say, whatever its form.
fn judge(kept: &Kept, categories: &[Slug], now: Time) -> Result<(), String> {
    let in_range = |name: &str, date: Time| {
        let good = (FIRST_YEAR..=now.year() + 1).contains(&date.year());
        if good { Ok(()) } else { Err(format!("`{name}` is outside {FIRST_YEAR}…next year: {date}")) }
    };
    in_range("first_seen", kept.first_seen)?;
    in_range("sort_date", kept.sort_date)?;
    for (_, edition) in &kept.editions {
        in_range("updated", edition.updated)?;
        in_range("fetched", edition.fetched)?;
        edition.published.map_or(Ok(()), |date| in_range("published", date))?;
    }
    let numbers: Vec<u32> = kept.editions.iter().map(|(number, _)| *number).collect();
    let all_said: Vec<&Slug> = categories.iter().collect();
    let rules = [
        (
            kept.other_namespaces.iter().all(|name| is_name(name) && *name != kept.namespace)
                && kept.other_namespaces.len() <= MAX_ALIASES,
            "`other_namespaces` holds one too many, `namespace` itself or a text that can be none",
        ),
        (is_name(&kept.namespace), "`namespace` is empty, too long or holds control characters"),
        (kept.aliases.iter().all(|alias| !alias.0.trim().is_empty()), "an alias is empty"),
        (kept.aliases.len() <= MAX_ALIASES, "more than 32 `aliases`"),
        (is_set(&kept.sources), "`sources` is empty or names one twice"),
        (kept.sources.contains(&kept.owner), "`source` is not among `sources`"),
        (kept.sources.contains(&kept.words_from), "`words_from` is not among `sources`"),
        (
            kept.filed.iter().all(|(source, _)| kept.sources.contains(source)),
            "`filed` names a source that is not among `sources`",
        ),
        (
            kept.filed
                .iter()
                .enumerate()
                .all(|(at, (source, _))| !kept.filed.iter().skip(at + 1).any(|(other, _)| other == source)),
            "`filed` names a source twice",
        ),
        (
            kept.filed.len() <= MOST && kept.filed.iter().map(|(_, slugs)| slugs.len()).sum::<usize>() <= MOST,
            "more than 1,000 categories",
        ),
        (categories.is_empty() || kept.categories() == all_said, "`categories` are not those of `filed`"),
        (
            numbers.first() != Some(&0) && numbers.is_sorted_by(|a, b| a < b),
            "the numbers of the `editions` do not rise from 1",
        ),
        (numbers.len() <= MOST, "more than 1,000 `editions`"),
    ];
    rules.iter().find(|(good, _)| !good).map_or(Ok(()), |(_, why)| Err((*why).to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
}

fn is_set(sources: &[SourceId]) -> bool {
    let twice = |(at, source): (usize, &SourceId)| sources.iter().skip(at + 1).any(|other| other == source);
    !sources.is_empty() && sources.len() <= MOST && !sources.iter().enumerate().any(twice)
}
