//! What a document's ids and links are worth: which of them repeat, and so name nothing.

use super::{alias, links};
use crate::model::{Alias, CodeKind, GuidTrust, ParsedEntry};
use std::collections::HashMap;

/// Below this many entries a document says too little about a source's habits to distrust it for good.
const ENOUGH_ENTRIES: usize = 10;
/// One odd entry is an accident, whatever its share.
const ENOUGH_BAD: usize = 2;
/// More than one in twenty (5 %) empty or repeated: the source is degraded.
const ONE_IN: usize = 20;

/// Which guids and links of one document stand for more than one entry.
pub struct Census {
    trust: GuidTrust,
    home: Option<String>,
    guids: HashMap<String, Seen>,
    links: HashMap<String, Seen>,
}

/// How often a value was seen: an article listed twice is not a value that repeats, so the other facts decide.
struct Seen {
    other: String,
    titles: Vec<String>,
    times: usize,
    shared: bool,
}

/// The values that name one entry and no other of the document.
pub struct Names {
    trust: GuidTrust,
    guid: Option<String>,
    link: Option<String>,
    /// The link leads to the front of a site, where tomorrow another entry stands.
    to_front: bool,
}

/// Trust in what names this source's entries, after this document; it only ever falls, and says so when it does.
pub fn judge(entries: &[ParsedEntry], trust: GuidTrust, notes: &mut Vec<String>) -> GuidTrust {
    let mut trust = trust;
    while let Some((worse, what)) = next_worse(trust) {
        let census = Census::of(entries, trust, None);
        let bad = entries.iter().filter(|entry| census.lacks(entry)).count();
        if entries.len() < ENOUGH_ENTRIES || bad < ENOUGH_BAD || bad * ONE_IN <= entries.len() {
            break;
        }
        notes.push(format!(
            "{bad} of {} entries have {what}: entries are identified by {} from now on",
            entries.len(),
            instead(worse)
        ));
        trust = worse;
    }
    trust
}

fn next_worse(trust: GuidTrust) -> Option<(GuidTrust, &'static str)> {
    match trust {
        GuidTrust::Guid => Some((GuidTrust::Link, "no id, or one that repeats")),
        GuidTrust::Link => Some((GuidTrust::LinkDate, "no link, or one that repeats")),
        GuidTrust::LinkDate => None,
    }
}

fn instead(trust: GuidTrust) -> &'static str {
    match trust {
        GuidTrust::Guid => "id",
        GuidTrust::Link => "link",
        GuidTrust::LinkDate => "link and date",
    }
}

impl Census {
    /// Counts the values of a document; `home` is the page it is the feed of.
    pub fn of(entries: &[ParsedEntry], trust: GuidTrust, home: Option<&str>) -> Census {
        let home = home.map(links::canonical_link);
        let mut census = Census { trust, home, guids: HashMap::new(), links: HashMap::new() };
        for entry in entries {
            let (guid, link, title) = (guid(entry), link(entry), title(entry));
            // The same guid under two links is a guid that repeats; without links the titles decide.
            let beside_guid = link.clone().unwrap_or_else(|| title.to_owned());
            // A guid that is not trusted cannot tell two entries of one link apart.
            let told_apart = if trust == GuidTrust::Guid { guid.unwrap_or_default() } else { "" };
            let beside_link = format!("{told_apart}\n{title}");
            guid.into_iter().for_each(|guid| see(&mut census.guids, guid.to_owned(), &beside_guid, title));
            link.into_iter().for_each(|link| see(&mut census.links, link, &beside_link, title));
        }
        census
    }

    /// What names this entry and no other here.
    pub fn names(&self, entry: &ParsedEntry) -> Names {
        let alone = |seen: &HashMap<String, Seen>, value: &str| seen.get(value).is_some_and(|seen| !seen.shared);
        let trusted = guid(entry).filter(|guid| self.trust == GuidTrust::Guid && alone(&self.guids, guid));
        let dated = self.trust == GuidTrust::LinkDate;
        let link = link(entry);
        let to_front = link.as_ref().is_some_and(|link| self.home.as_ref() == Some(link) || links::is_root(link));
        // No article is listed twice that has no page of its own.
        let repeats = |link: &String| to_front && self.links.get(link).is_some_and(|seen| seen.times > 1);
        let link = link.filter(|link| dated || (alone(&self.links, link) && !repeats(link)));
        Names { trust: self.trust, guid: trusted.map(str::to_owned), link, to_front }
    }

    /// Whether the value that is trusted at present is missing or repeats.
    fn lacks(&self, entry: &ParsedEntry) -> bool {
        let names = self.names(entry);
        match self.trust {
            GuidTrust::Guid => names.guid.is_none(),
            GuidTrust::Link => names.link.is_none(),
            GuidTrust::LinkDate => false,
        }
    }
}

impl Names {
    /// Whether only title and date, or a link with one of them, name the entry: facts that another may share.
    pub fn is_loose(&self) -> bool {
        self.guid.is_none() && (self.link.is_none() || self.trust == GuidTrust::LinkDate)
    }

    /// Rule 5: the first non-empty of guid, canonical link, title and date.
    pub fn identity(&self, entry: &ParsedEntry) -> (CodeKind, String) {
        let date = entry.published.as_ref().map_or("", |date| date.0.trim());
        // Without a date the title is all that is left beside a link that repeats.
        let beside = if date.is_empty() { title(entry) } else { date };
        match (&self.guid, &self.link) {
            (Some(guid), _) => (CodeKind::Guid, guid.clone()),
            (None, Some(link)) if self.trust == GuidTrust::LinkDate => (CodeKind::Link, format!("{link}\n{beside}")),
            (None, Some(link)) => (CodeKind::Link, link.clone()),
            (None, None) => (CodeKind::Title, format!("{}\n{date}", title(entry))),
        }
    }

    /// Under which other names the entry may come again. Links that are known to repeat name nothing, nor does one to the
    /// front of a site where an id names the entry: the next entry of a feed that holds one at a time has the same link.
    pub fn aliases(&self) -> Vec<Alias> {
        let guid = self.guid.as_deref();
        let bare = guid.and_then(links::without_scheme);
        let names_one = self.trust != GuidTrust::LinkDate && !(self.to_front && guid.is_some());
        let link = self.link.as_deref().filter(|_| names_one);
        let guids = guid.into_iter().chain(bare).map(|text| alias("guid", text));
        guids.chain(link.map(|text| alias("link", text))).collect()
    }
}

/// An article that stands twice may have a corrected title; a value under three titles is no article's.
fn see(seen: &mut HashMap<String, Seen>, value: String, other: &str, title: &str) {
    let first = || Seen { other: other.to_owned(), titles: Vec::new(), times: 0, shared: false };
    let seen = seen.entry(value).or_insert_with(first);
    seen.times += 1;
    if seen.titles.len() < 3 && !seen.titles.iter().any(|known| known == title) {
        seen.titles.push(title.to_owned());
    }
    seen.shared |= seen.other != other || seen.titles.len() >= 3;
}

fn guid(entry: &ParsedEntry) -> Option<&str> {
    entry.id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

fn link(entry: &ParsedEntry) -> Option<String> {
    entry.link.as_deref().map(links::canonical_link).filter(|link| !link.is_empty())
}

fn title(entry: &ParsedEntry) -> &str {
    entry.title.as_ref().map_or("", |title| title.value.trim())
}
