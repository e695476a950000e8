//! What there is to remark about an entry: why it is not in a feed, or is there otherwise than its publisher said. Pure.

use crate::{
    config::Config,
    model::{Fate, FullText, InfoCode, Source, Time, Went, Withdrawal, WithdrawalKind},
    store::{Filed, Whereabouts},
};
use serde::Serialize;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A rule of its source keeps it out.
    Rule,
    /// It is not shown yet.
    Embargo,
    /// It is shown no longer.
    Expired,
    /// Its source is gone, and `[store] removed` hides what it brought.
    SourceGone,
    /// The operator took it away.
    Retracted,
    /// And destroyed it.
    Erased,
    /// Retention dropped it.
    Retired,
    /// Its publisher took it away.
    Deleted,
    /// It came with more new entries than are believed at once.
    Quarantine,
    /// Beyond the newest `max_entries`.
    MaxEntries,
    /// Its publisher has it now.
    Owner,
    /// The code it came under belongs to another namespace.
    Clash,
    /// It is kept under another code than the one it came under.
    OtherName,
    /// It stands in the document more than once.
    Repeated,
    /// It came with many others at once: in archives and on pages, not in the heads of feeds.
    PassedOver,
    /// Its date could not be used.
    Date,
    /// Its full text was asked for in vain.
    FullText,
}

impl Reason {
    /// Whether it is why an entry stands in no feed.
    pub fn keeps_out(self) -> bool {
        self <= Reason::MaxEntries
    }
}

/// A remark about an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which.
    pub code: InfoCode,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub why: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl Remark {
    fn new(code: &InfoCode, reason: Reason, why: String) -> Remark {
        Remark { code: code.clone(), title: None, reason, why, since: None, until: None }
    }
}

/// All there is to remark about an entry that is kept, as one of its sources files it; `went`: what the account of that source's last
/// document says of it.
pub fn of_kept(config: &Config, entry: &Whereabouts, filed: &Filed, went: Option<&Went>, now: Time) -> Vec<Remark> {
    let mut remarks = Vec::new();
    match &entry.withdrawn {
        Some(withdrawal) => remarks.push(withdrawn(&entry.code, withdrawal)),
        None => remarks.extend(hidden(config, entry, filed, now)),
    }
    remarks.extend(went.and_then(|went| otherwise(config, entry, filed, went)));
    if entry.passed_over && entry.withdrawn.is_none() {
        let why = "it came with many others at once and was not among the newest of them ([publish] new_source_entries): it stands on \
                   pages and in archives, not in the heads of feeds";
        remarks.push(Remark::new(&entry.code, Reason::PassedOver, why.to_owned()));
    }
    remarks.extend(odd_date(entry));
    remarks.extend(missed_text(entry));
    let title = title(entry);
    remarks.iter_mut().for_each(|remark| remark.title.clone_from(&title));
    remarks
}

/// The same of one that is not.
pub fn of_unstored(went: &Went, source: &Source, max_new: usize) -> Option<Remark> {
    let (reason, why) = match went.fate {
        Fate::HeldBack => (
            Reason::Quarantine,
            format!(
                "more new entries at once than [poll] max_new = {max_new}: it is taken in with one of the next polls, if the feed still \
                 lists it then"
            ),
        ),
        Fate::Beyond => {
            let most = source.rules.max_entries.map(|most| format!(" = {most}")).unwrap_or_default();
            (Reason::MaxEntries, format!("not among the newest of the document (max_entries{most})"))
        }
        _ => return None,
    };
    Some(Remark { title: went.title.clone(), ..Remark::new(&went.code, reason, why) })
}

/// How it was taken away.
pub fn withdrawn(code: &InfoCode, how: &Withdrawal) -> Remark {
    let (reason, words) = match how.kind {
        WithdrawalKind::Retracted => (Reason::Retracted, "retracted by the operator"),
        WithdrawalKind::Erased => (Reason::Erased, "retracted and erased by the operator"),
        WithdrawalKind::Retired => (Reason::Retired, "dropped by retention"),
        WithdrawalKind::Deleted => (Reason::Deleted, "deleted by its publisher"),
    };
    let why = format!("{words}: {}; it is refused when it comes again", how.reason);
    Remark { since: Some(how.at), ..Remark::new(code, reason, why) }
}

/// What of a source's standing hides it.
fn hidden(config: &Config, entry: &Whereabouts, filed: &Filed, now: Time) -> Option<Remark> {
    let (code, standing) = (&entry.code, &filed.standing);
    if filed.shown {
        return None;
    }
    let since = Some(filed.hidden_since.unwrap_or(entry.first_seen));
    let source = config.source(&filed.source);
    Some(match (&standing.dropped, standing.not_before, standing.not_after) {
        (Some(why), ..) if source.is_none() => Remark { since, ..Remark::new(code, Reason::SourceGone, why.clone()) },
        (Some(rule), ..) => {
            let why = format!(
                "kept out by a rule: {rule}{}",
                source.and_then(|source| number(source, rule)).unwrap_or_default()
            );
            Remark { since, ..Remark::new(code, Reason::Rule, why) }
        }
        (None, _, Some(expiry)) if expiry <= now => {
            let why = "its time has passed (not_after, or a rule about its age)".to_owned();
            Remark { since: Some(expiry), ..Remark::new(code, Reason::Expired, why) }
        }
        (None, Some(until), _) => {
            let why = format!("held back until {} (not_before, or a rule about its age)", super::print::time(until));
            Remark { since, until: Some(until), ..Remark::new(code, Reason::Embargo, why) }
        }
        (None, ..) => Remark { since, ..Remark::new(code, Reason::Embargo, "not shown yet".to_owned()) },
    })
}

/// Which of the source's rules that are, where there are several.
fn number(source: &Source, words: &str) -> Option<String> {
    let filters = &source.rules.filters;
    let at = filters.iter().position(|filter| filter.words() == words).filter(|_| filters.len() > 1)?;
    Some(format!(" (number {} of {} that include or exclude)", at + 1, filters.len()))
}

/// That it came under another name than it is kept under.
fn otherwise(config: &Config, entry: &Whereabouts, filed: &Filed, went: &Went) -> Option<Remark> {
    let owner = config.source(&filed.source).map(|source| source.namespace.as_str());
    if went.fate == Fate::Kept || (owner.is_some_and(|own| own != entry.namespace) && entry.withdrawn.is_none()) {
        let why = format!("it is {}'s own ({}): this source only links to it", entry.owner, entry.namespace);
        return Some(Remark::new(&entry.code, Reason::Owner, why));
    }
    if went.fate == Fate::Repeated {
        let why = "it stands in the document more than once, and is kept once".to_owned();
        return Some(Remark::new(&entry.code, Reason::Repeated, why));
    }
    let claimed = went.claimed.as_ref()?;
    Some(match &went.holder {
        Some(holder) => {
            let why = format!("it came under {claimed}, which is {holder}'s: it is kept under a code of its own");
            Remark::new(&entry.code, Reason::Clash, why)
        }
        None => {
            let why = format!("it came under {claimed}, and is the entry that was known under another of its names");
            Remark::new(&entry.code, Reason::OtherName, why)
        }
    })
}

/// That a date could not be used, and what was taken in its place.
fn odd_date(entry: &Whereabouts) -> Option<Remark> {
    let edition = entry.edition.as_ref()?;
    if edition.date_notes.is_empty() {
        return None;
    }
    let why = format!("{}; it stands at {}", edition.date_notes.join("; "), super::print::time(entry.sort_date));
    Some(Remark::new(&entry.code, Reason::Date, why))
}

/// That the feed's own text stands where the article's was wanted.
fn missed_text(entry: &Whereabouts) -> Option<Remark> {
    entry.edition.as_ref().filter(|edition| edition.full_text == FullText::Missed)?;
    let why = "the page of the article could not be had (robots.txt, an error, or its turn has yet to come): the feed's own text stands";
    Some(Remark::new(&entry.code, Reason::FullText, why.to_owned()))
}

/// Its title as characters.
pub fn title(entry: &Whereabouts) -> Option<String> {
    let title = entry.edition.as_ref()?.title.as_ref()?;
    Some(title.value.trim().to_owned()).filter(|title| !title.is_empty())
}
