//! The account of a document: what became of each of its entries, as far as that does not follow from what is kept of them. Written with
//! the document's own commit, for whoever asks later why something is not there.

use super::{Alias, InfoCode, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of a title that are kept.
const TITLE: usize = 120;
/// Names of an entry that are kept, as hashes.
const NAMES: usize = 4;

/// What became of an entry that a document lists. In the order in which they are worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Taken away before; it stays away.
    Refused,
    /// This document says that it is deleted.
    Deleted,
    /// More new entries at once than are believed: it waits until the next document confirms it.
    HeldBack,
    /// Beyond the newest `max_entries`.
    Beyond,
    /// It stands in the document more than once.
    Repeated,
    /// Its own publisher has it now: no longer this source's to change.
    Kept,
    /// A new edition.
    Updated,
    /// Back after its publisher had deleted it.
    Restored,
    /// Stored for the first time.
    New,
    /// Written otherwise, and nothing that a reader sees.
    Alike,
    /// As the last document said it.
    Unchanged,
}

/// Which way documents come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The source was asked.
    Poll,
    /// A hub pushed it.
    Push,
}

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Went {
    /// The code it has, or would have.
    pub code: InfoCode,
    /// What became of it.
    pub fate: Fate,
    /// Number of the new edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<u32>,
    /// The code that the document led to, where it is kept under another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<InfoCode>,
    /// The namespace that owns the code claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Hashes of its names, where it is not kept: it can be found by its link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<u64>,
    /// Its title, where it is not kept. Gone as soon as anything is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl Went {
    /// An entry that is kept, or was.
    pub fn new(code: InfoCode, fate: Fate) -> Went {
        Went { code, fate, edition: None, claimed: None, holder: None, names: Vec::new(), title: None }
    }

    /// One that is not.
    pub fn unstored(code: InfoCode, fate: Fate, aliases: &[Alias]) -> Went {
        let names = aliases.iter().take(NAMES).map(|alias| name_hash(&alias.0)).collect();
        Went { names, ..Went::new(code, fate) }
    }

    /// With the title by which a person knows it.
    pub fn titled(self, title: &str) -> Went {
        let title = title.trim();
        let short = title.get(..title.floor_char_boundary(TITLE)).unwrap_or_default();
        Went { title: (!short.is_empty()).then(|| short.to_owned()), ..self }
    }
}

/// Of a name, to find it by.
pub fn name_hash(name: &str) -> u64 {
    twox_hash::XxHash3_64::oneshot(name.as_bytes())
}

/// What a document holds besides what can be stored: a part of its commit.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Which way it came.
    pub via: Via,
    /// Hash of the address it came from.
    pub address: u64,
    /// Entries that do not come as far as the store.
    pub others: Vec<Went>,
    /// Codes that it led to, and under which their entries are known.
    pub known_as: Vec<(InfoCode, InfoCode)>,
}

/// The account of a source's last document of one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The first document of which all this was true; later ones said the same.
    pub since: Time,
    /// The commit in which its new entries were born.
    pub sequence: u64,
    /// Hash of the address it came from.
    pub address: u64,
    /// It was a part of what the source lists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// How many went where.
    pub counts: BTreeMap<Fate, u32>,
    /// Those of which there is something to tell: a bounded number. New ones are those born in its commit; what else the source lists is
    /// unchanged, unless the document was a part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub went: Vec<Went>,
}

impl Account {
    /// Whether a later document says nothing that an earlier one did not.
    pub fn says_as(&self, before: &Account) -> bool {
        let what = |it: &Account| (it.address, it.partial);
        let brings = self.counts.contains_key(&Fate::New) || self.counts.contains_key(&Fate::Restored);
        !brings && what(self) == what(before) && self.counts == before.counts && self.went == before.went
    }

    /// How many entries the document lists.
    pub fn entries(&self) -> u32 {
        self.counts.iter().filter(|(fate, _)| **fate != Fate::Deleted).map(|(_, count)| count).sum()
    }

    /// What it says of an entry; `None`: nothing of its own.
    pub fn of(&self, code: &InfoCode) -> Option<&Went> {
        self.went.iter().find(|went| went.code == *code)
    }

    /// What it says of an entry that has one of these names, or whose code was claimed.
    pub fn named(&self, claimed: Option<&InfoCode>, names: &[u64]) -> Option<&Went> {
        let is_it = |went: &&Went| {
            Some(&went.code) == claimed
                || (claimed.is_some() && went.claimed.as_ref() == claimed)
                || went.names.iter().any(|name| names.contains(name))
        };
        self.went.iter().find(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(went: Vec<Went>, counts: &[(Fate, u32)]) -> Account {
        let since = Time::from_timestamp(7, 0).unwrap();
        let counts = counts.iter().copied().collect();
        Account { since, sequence: 3, address: 1, partial: false, counts, went }
    }

    #[test]
    fn an_account_with_new_entries_is_never_the_one_before() {
        let code = |text: &str| InfoCode::parse(text).unwrap();
        let (quiet, bringing) = (account(vec![], &[(Fate::Unchanged, 3)]), account(vec![], &[(Fate::New, 3)]));
        let later = Account { since: Time::from_timestamp(9, 0).unwrap(), sequence: 8, ..quiet.clone() };
        assert!(later.says_as(&quiet) && !bringing.says_as(&bringing));
        let refused = account(vec![Went::new(code("A1"), Fate::Refused)], &[(Fate::Unchanged, 3)]);
        assert!(!refused.says_as(&quiet) && refused.says_as(&refused));
    }

    #[test]
    fn what_is_not_kept_is_found_by_any_of_its_names() {
        let code = |text: &str| InfoCode::parse(text).unwrap();
        let aliases = [Alias("guid:7".into()), Alias("link:a.example/7".into())];
        let long = "长".repeat(100);
        let held = Went::unstored(code("X7"), Fate::HeldBack, &aliases).titled(&long);
        assert_eq!(held.title.as_ref().map(String::len), Some(TITLE));
        let twin = Went { claimed: Some(code("NW8")), ..Went::new(code("NW7"), Fate::Unchanged) };
        let account = account(vec![held.clone(), twin.clone()], &[]);
        assert_eq!(account.named(None, &[name_hash("link:a.example/7")]), Some(&held));
        assert_eq!(account.named(Some(&code("NW8")), &[]), Some(&twin));
        assert_eq!(account.named(Some(&code("NW9")), &[name_hash("link:a.example/8")]), None);
        assert_eq!(Went::new(code("A"), Fate::Beyond).titled("  ").title, None);
    }
}
