//! A line of `export entries` read back, or what is wrong with it. Whoever wrote it is not trusted: what it holds is made safe
//! again, bounded, and dated within range. What is left out takes its default; what is unknown is an error, not a loss.

use super::{
    judge::{self, Dates},
    said::Said,
};
use crate::{
    enrich,
    model::{Alias, CategoryRef, Edition, Filed, Gone, Kept, Portable, Slug, SourceId, Standing, Time, WithdrawalKind},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The keys of an edition, which the current one has at the top of the line as well.
const EDITION: [&str; 26] = [
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
    "full_text",
    "fetched",
    "sanitiser",
    "removed",
];

/// Reads one line. `now` bounds its dates.
pub fn read(line: &str, now: Time) -> Result<Portable, String> {
    let mut fields = Fields(serde_json::from_str(line).map_err(|error| format!("no JSON object: {error}"))?);
    let dates = Dates { now };
    let ways = [
        ("retracted", WithdrawalKind::Retracted),
        ("retired", WithdrawalKind::Retired),
        ("deleted", WithdrawalKind::Deleted),
    ];
    for (name, how) in ways {
        if let Some(withdrawal) = fields.optional::<Withdrawn>(name)? {
            return gone(fields, withdrawal, how, &dates);
        }
    }
    let editions = fields.editions()?;
    let newest = editions.last().map(|(_, edition)| edition).ok_or("`editions` is empty")?;
    let owner: SourceId = fields.required("source")?;
    let first_seen: Time = fields.required("first_seen")?;
    let other_names: Vec<OtherName> = fields.optional("other_names")?.unwrap_or_default();
    let kept = Kept {
        code: fields.required("info_code")?,
        kind: fields.required("code_kind")?,
        namespace: fields.required("namespace")?,
        only_linked: fields.optional("only_linked")?.unwrap_or(false),
        filed: fields.filed(&owner)?,
        words_from: fields.optional("words_from")?.unwrap_or_else(|| owner.clone()),
        aliases: fields.optional("aliases")?.unwrap_or_default(),
        other_names: other_names.into_iter().map(|OtherName { namespace, alias }| (namespace, alias)).collect(),
        ids: fields.optional("published_ids")?,
        first_seen,
        sort_date: match fields.optional("sort_date")? {
            Some(date) => date,
            None => newest.published.unwrap_or(newest.updated).min(first_seen),
        },
        titles: fields.titles()?,
        deleted: fields.optional("deleted_at")?,
        in_feeds: fields.optional("in_feeds")?.unwrap_or(true),
        owner,
        editions,
    };
    fields.same_id(&kept)?;
    fields.nothing_left()?;
    judge::kept(&kept, &dates)?;
    let editions = kept.editions.into_iter().map(|(number, said)| (number, enrich::again(said))).collect();
    Ok(Portable::Entry(Box::new(Kept { editions, ..kept })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    at: Time,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherName {
    namespace: String,
    alias: Alias,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    namespace: String,
    hash: String,
}

/// A line that says only that there was an entry.
fn gone(mut fields: Fields, withdrawn: Withdrawn, how: WithdrawalKind, dates: &Dates) -> Result<Portable, String> {
    let name = |Name { namespace, hash }: Name| {
        let whole = hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u128::from_str_radix(&hash, 16).ok().filter(|_| whole);
        Ok((namespace, number.ok_or_else(|| format!("`names`: `{hash}` is no hash"))?.to_be_bytes()))
    };
    let names: Vec<Name> = fields.optional("names")?.unwrap_or_default();
    let first_seen = fields.optional("first_seen")?.unwrap_or(withdrawn.at);
    let deleted: Option<Time> = fields.optional("deleted_at")?;
    let gone = Gone {
        code: fields.required("info_code")?,
        kind: fields.required("code_kind")?,
        namespace: fields.required("namespace")?,
        owner: fields.required("source")?,
        first_seen,
        sort_date: fields.optional("sort_date")?.unwrap_or(first_seen),
        at: withdrawn.at,
        reason: withdrawn.reason,
        how,
        deleted: deleted.or_else(|| (how == WithdrawalKind::Deleted).then_some(withdrawn.at)),
        names: names.into_iter().map(name).collect::<Result<_, String>>()?,
    };
    fields.nothing_left()?;
    judge::gone(&gone, dates)?;
    Ok(Portable::Gone(Box::new(gone)))
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
            let other = top.iter().find(|(name, value)| last.get(*name).unwrap_or(&Value::Null) != *value);
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

    /// Where each source files it. A line that does not say so is of one that the owner files.
    fn filed(&mut self, owner: &SourceId) -> Result<Vec<Filed>, String> {
        let sources: Option<Vec<SourceId>> = self.optional("sources")?;
        let categories: Option<Vec<Slug>> = self.optional("categories")?;
        if let Some(places) = self.optional::<Vec<Place>>("filed")? {
            let place = |Place { source, categories, standing }| Filed { source, categories, standing };
            let filed: Vec<Filed> = places.into_iter().map(place).collect();
            if sources.is_some_and(|sources| !sources.iter().eq(filed.iter().map(|filed| &filed.source))) {
                return Err("`sources` are not those of `filed`".to_owned());
            }
            let of_filed: BTreeSet<&Slug> = filed.iter().flat_map(|filed| &filed.categories).collect();
            if categories.is_some_and(|categories| categories.iter().collect::<BTreeSet<_>>() != of_filed) {
                return Err("`categories` are not those of `filed`".to_owned());
            }
            return Ok(filed);
        }
        let mut categories = categories;
        let sources = sources.unwrap_or_else(|| vec![owner.clone()]);
        let place = |source: SourceId| {
            let categories = if source == *owner { categories.take().unwrap_or_default() } else { Vec::new() };
            Filed { source, categories, standing: Standing::default() }
        };
        Ok(sources.into_iter().map(place).collect())
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
struct Place {
    source: SourceId,
    #[serde(default)]
    categories: Vec<Slug>,
    #[serde(default)]
    standing: Standing,
}
