//! What a line may not say, whatever its form: dates out of range, names that are none, more than there can be.

use crate::model::{Alias, Gone, Kept, Time};
use chrono::Datelike;
use std::collections::BTreeSet;

/// The web is no older, and a date must be written in four digits.
const FIRST_YEAR: i32 = 1990;
/// The store keeps no more names of an entry.
const MAX_ALIASES: usize = 32;
/// Longest namespace, bytes.
const LONGEST: usize = 4096;
/// No entry was ever corrected so often.
const LAST: u32 = 1 << 30;
/// Most editions, sources, categories, names of what is gone.
const MOST: usize = 1000;

/// What dates are judged by.
pub struct Dates {
    /// Now.
    pub now: Time,
}

impl Dates {
    fn check(&self, name: &str, date: Time) -> Result<(), String> {
        let good = (FIRST_YEAR..=self.now.year() + 1).contains(&date.year());
        if good { Ok(()) } else { Err(format!("`{name}` is outside {FIRST_YEAR}…next year: {date}")) }
    }

    /// What a publisher says of the past may be any date; one to come would outlast all that he says later.
    fn has_come(&self, name: &str, date: Time) -> Result<(), String> {
        let good = date.year() >= 0 && date <= self.now + chrono::TimeDelta::days(1);
        if good { Ok(()) } else { Err(format!("`{name}` is not of the past: {date}")) }
    }
}

/// An entry.
pub fn kept(kept: &Kept, dates: &Dates) -> Result<(), String> {
    dates.check("first_seen", kept.first_seen)?;
    dates.check("sort_date", kept.sort_date)?;
    kept.deleted.map_or(Ok(()), |when| dates.has_come("deleted_at", when))?;
    for (_, edition) in &kept.editions {
        dates.check("updated", edition.updated)?;
        dates.check("fetched", edition.fetched)?;
        edition.published.map_or(Ok(()), |date| dates.check("published", date))?;
    }
    let sources: BTreeSet<_> = kept.filed.iter().map(|filed| &filed.source).collect();
    let categories: usize = kept.filed.iter().map(|filed| filed.categories.len()).sum();
    let numbers: Vec<u32> = kept.editions.iter().map(|(number, _)| *number).collect();
    let other = |(namespace, alias): &(String, Alias)| {
        is_name(namespace) && *namespace != kept.namespace && !alias.0.trim().is_empty()
    };
    first_broken(&[
        (is_name(&kept.namespace), "`namespace` is empty, too long or holds control characters"),
        (kept.other_names.iter().all(other), "`other_names` holds what is none"),
        (kept.other_names.len() <= MOST, "more than 1,000 `other_names`"),
        (kept.aliases.iter().all(|alias| !alias.0.trim().is_empty()), "an alias is empty"),
        (kept.aliases.len() <= MAX_ALIASES, "more than 32 `aliases`"),
        (sources.len() == kept.filed.len(), "`sources` or `filed` names one twice"),
        (sources.contains(&kept.owner), "`source` is not among `sources`"),
        (sources.contains(&kept.words_from), "`words_from` is not among `sources`"),
        (sources.len() <= MOST && categories <= MOST, "more than 1,000 sources or categories"),
        (numbers.first() != Some(&0), "an edition has the number 0"),
        (numbers.last().is_none_or(|last| *last < LAST), "an edition's number is beyond all counting"),
        (numbers.is_sorted_by(|a, b| a < b), "the numbers of the `editions` do not rise"),
        (numbers.len() <= MOST, "more than 1,000 `editions`"),
    ])
}

/// What was taken away.
pub fn gone(gone: &Gone, dates: &Dates) -> Result<(), String> {
    dates.check("first_seen", gone.first_seen)?;
    dates.check("sort_date", gone.sort_date)?;
    dates.check("at", gone.at)?;
    gone.deleted.map_or(Ok(()), |when| dates.has_come("deleted_at", when))?;
    first_broken(&[
        (is_name(&gone.namespace), "`namespace` is empty, too long or holds control characters"),
        (gone.names.iter().all(|(namespace, _)| is_name(namespace)), "the namespace of a name is none"),
        (gone.names.len() <= MOST, "more than 1,000 `names`"),
        (gone.reason.len() <= LONGEST, "the reason is too long"),
    ])
}

fn first_broken(rules: &[(bool, &str)]) -> Result<(), String> {
    rules.iter().find(|(good, _)| !good).map_or(Ok(()), |(_, why)| Err((*why).to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
}
