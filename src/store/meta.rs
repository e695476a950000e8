//! What the store keeps of an entry besides its words: whose it is, where it stands, under which names it came.

use super::keys::Place;
use crate::model::{
    Alias, CodeKind, Edition, Entry, InfoCode, Join, PublishedIds, Slug, SourceId, Standing, TagName, Time, Withdrawal,
    WithdrawalKind, Withdrawn,
};
use serde::{Deserialize, Serialize};

/// Most categories that an entry remembers to have left.
const FORMERLY: usize = 8;

/// An entry without its words, and what only the store needs to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The key holds it.
    #[serde(skip, default = "InfoCode::none")]
    pub code: InfoCode,
    pub kind: CodeKind,
    pub namespace: String,
    pub owner: SourceId,
    /// Every source that has brought it, the owner first, and where each files it.
    pub filed: Vec<Filing>,
    /// What its publisher files it under, as the current edition says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagName>,
    #[serde(default)]
    pub aliases: Vec<Alias>,
    #[serde(default)]
    pub ids: PublishedIds,
    pub first_seen: Time,
    pub sort_date: Time,
    pub edition_number: u32,
    pub born: u64,
    pub changed: u64,
    /// Among those born with it: part of its place, fixed.
    pub rank: u64,
    #[serde(default)]
    pub joins: Vec<Join>,
    /// It came with the first fetch of a new source and was not among its newest: it is filed, and joins nothing.
    #[serde(default)]
    pub passed_over: bool,
    /// The code came from a link outside the namespace: no claim of ownership against the publisher himself (domain §2).
    #[serde(default)]
    pub weak: bool,
    /// The source whose words the current edition is.
    pub worded: SourceId,
    /// Hash of the content of what every other source last said, so that two wordings do not take turns.
    #[serde(default)]
    pub other_words: Vec<(SourceId, u64)>,
    /// Taken away.
    #[serde(default)]
    pub withdrawn: Option<Withdrawal>,
    /// When its publisher deleted it; stays when it is brought back, so that the same word is not heard twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Time>,
    /// Categories it was shown in once, and is filed under no more: who reads the record of changes is told if one was public.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formerly: Vec<Slug>,
    /// When time alone changes where it stands: the key of its wake.
    #[serde(default)]
    pub wake: Option<Time>,
}

/// What one source says of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    pub source: SourceId,
    pub categories: Vec<Slug>,
    /// Hash of what it last said.
    pub raw_hash: u64,
    #[serde(default)]
    pub standing: Standing,
    /// As the last commit found it; time passes only in commits.
    pub shown: bool,
    /// When it was hidden, if it had been shown before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_since: Option<Time>,
}

impl Filing {
    /// Lets time pass.
    pub fn judge(&mut self, at: Time) {
        let shown = self.standing.is_shown(at);
        if shown || self.shown {
            self.hidden_since = (!shown).then_some(at);
        }
        self.shown = shown;
    }
}

impl Meta {
    /// Where it stands in time.
    pub fn place(&self) -> Place {
        Place::new(self.sort_date, self.born, self.rank)
    }

    /// What a source says of it.
    pub fn filing(&self, source: &SourceId) -> Option<&Filing> {
        self.filed.iter().find(|filing| filing.source == *source)
    }

    /// Adds what a source says of it, or replaces it.
    pub fn file(&mut self, filing: Filing) {
        match self.filed.iter_mut().find(|old| old.source == filing.source) {
            Some(old) => *old = Filing { shown: old.shown, hidden_since: old.hidden_since, ..filing },
            None => self.filed.push(filing),
        }
    }

    /// Remembers a category it was shown in, if it is filed there no more.
    pub fn has_left(&mut self, slug: Slug) {
        let filed = self.filed.iter().any(|filing| filing.categories.contains(&slug));
        if !filed && !self.formerly.contains(&slug) {
            self.formerly.truncate(FORMERLY - 1);
            self.formerly.insert(0, slug);
        }
    }

    /// The filings by which it is seen.
    pub fn seen(&self) -> impl Iterator<Item = &Filing> {
        self.filed.iter().filter(|filing| filing.shown && self.withdrawn.is_none())
    }

    /// Categories it stands in, each once.
    pub fn categories(&self) -> Vec<Slug> {
        let mut all: Vec<Slug> = Vec::new();
        for slug in self.seen().flat_map(|filing| &filing.categories) {
            if !all.contains(slug) {
                all.push(slug.clone());
            }
        }
        all
    }

    /// True when its words are gone, or never came: what its publisher deleted elsewhere was never published here.
    pub fn is_stub(&self) -> bool {
        match self.withdrawn.as_ref().map(|withdrawn| withdrawn.kind) {
            Some(WithdrawalKind::Erased | WithdrawalKind::Retired) => true,
            Some(WithdrawalKind::Deleted) => self.ids == PublishedIds::default(),
            Some(WithdrawalKind::Retracted) | None => false,
        }
    }

    /// Why it is not seen. `None` when it is.
    pub fn why_hidden(&self) -> Option<String> {
        if let Some(withdrawn) = &self.withdrawn {
            return Some(format!("withdrawn {}: {}", withdrawn.at, withdrawn.reason));
        }
        if self.seen().next().is_some() {
            return None;
        }
        let filing = self.filed.first()?;
        // What was decided at the last commit, in the words of that moment.
        let at = filing
            .standing
            .not_before
            .filter(|_| filing.standing.dropped.is_none())
            .map(|from| from - chrono::TimeDelta::microseconds(1));
        let why = at.or(filing.standing.not_after).and_then(|at| filing.standing.why_hidden(at));
        Some(why.or_else(|| filing.standing.dropped.clone()).unwrap_or_else(|| "its time has passed".to_owned()))
    }

    /// How it was taken away, and where it stood.
    pub fn gone(self) -> Option<Withdrawn> {
        let categories = self.filed.into_iter().flat_map(|filing| filing.categories).collect();
        Some(Withdrawn { code: self.code, withdrawal: self.withdrawn?, categories, ids: self.ids })
    }

    /// With its words, as the rest of the program knows it.
    pub fn with(self, edition: Edition) -> Entry {
        let (categories, hidden) = (self.categories(), self.why_hidden());
        Entry {
            code: self.code,
            kind: self.kind,
            namespace: self.namespace,
            owner: self.owner,
            sources: self.filed.into_iter().map(|filing| filing.source).collect(),
            aliases: self.aliases,
            ids: self.ids,
            first_seen: self.first_seen,
            sort_date: self.sort_date,
            edition_number: self.edition_number,
            born: self.born,
            changed: self.changed,
            categories,
            joins: self.joins,
            hidden,
            withdrawn: self.withdrawn,
            edition,
        }
    }
}
