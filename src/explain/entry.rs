//! An entry: where it stands, by whose word, and what its sources' last documents said of it.

use super::{
    Teller,
    document::is_new,
    print,
    remark::{self, Reason, Remark},
};
use crate::{
    config::Category,
    model::{Account, Edition, Entry, Fate, FeedId, FeedPart, InfoCode, Slug, SourceId, Time, Via, Went},
    store::{Filed, StoreError, Whereabouts, feed_key},
    view,
};
use serde::Serialize;

/// An entry.
#[derive(Debug, Serialize)]
pub struct EntryStory {
    /// Its code.
    pub code: InfoCode,
    /// The rule that gave it.
    pub code_from: &'static str,
    /// The name it was asked for by, where that is no name it is published under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_as: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The original.
    pub link: Option<String>,
    /// Our page of it.
    pub page: Option<String>,
    /// The source that owns it.
    pub owner: SourceId,
    /// The namespace that owns its code.
    pub namespace: String,
    /// The source whose words stand.
    pub words_from: SourceId,
    /// It stands in no feed.
    pub hidden: bool,
    /// Where it stands, and where it would.
    pub places: Vec<Place>,
    /// Why it is not where one looks for it, and what else is odd.
    pub remarks: Vec<Remark>,
    /// What its sources say of it.
    pub said: Vec<Said>,
    /// When it was first seen.
    pub first_seen: Time,
    /// Where it stands in time.
    pub sort_date: Time,
    /// Where that date is from.
    pub date_from: String,
    /// Its editions that are kept, by number, and when each was fetched.
    pub editions: Vec<(u32, Time)>,
    /// What the operator can do.
    pub to_do: Vec<String>,
}

/// A feed in which an entry stands, or would.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its path, without extension.
    pub feed: String,
    /// Anyone may read it.
    pub public: bool,
    /// The entry's place in the head of the feed, from 1.
    pub position: Option<usize>,
    /// The archive it stands in.
    pub archive: Option<String>,
    /// In words.
    pub why: String,
}

/// What a source says of an entry.
#[derive(Debug, Serialize)]
pub struct Said {
    /// The source.
    pub source: SourceId,
    /// Where it files it.
    pub categories: Vec<Slug>,
    /// By its word the entry may be seen.
    pub shown: bool,
    /// Its documents list it, as far as is known.
    pub listed: Option<bool>,
    /// What its last documents said of it, in words.
    pub documents: Vec<String>,
}

impl Teller<'_> {
    /// The story of an entry that was found by a name.
    pub(super) async fn entry(&self, what: &str, found: Whereabouts) -> Result<EntryStory, StoreError> {
        let (mut said, mut remarks) = (Vec::new(), Vec::<Remark>::new());
        for filed in &found.filed {
            let accounts = self.accounts(&filed.source).await?;
            let went = accounts.iter().find_map(|(_, account)| account.of(&found.code));
            for remark in remark::of_kept(self.config, &found, filed, went, self.now) {
                let remark = by_whom(remark, &found, filed);
                if !found_among(&remarks, &remark) {
                    remarks.push(remark);
                }
            }
            let documents = accounts.iter().map(|(via, account)| last_word(*via, account, &found, filed)).collect();
            let Filed { source, categories, shown, listed, .. } = filed.clone();
            said.push(Said { source, categories, shown, listed, documents });
        }
        remarks.sort_by_key(|remark| remark.reason);
        let entry = self.store.entry(&found.code).await?;
        let page = entry.as_ref().map(|entry| view::item_view(self.config, entry).page);
        let places = match &entry {
            Some(entry) if !found.is_hidden() => self.places(&found, entry).await?,
            _ => Vec::new(),
        };
        let editions = self.store.editions(&found.code).await?;
        let edition = found.edition.as_ref();
        Ok(EntryStory {
            code_from: found.kind.name(),
            asked_as: asked_as(what, &found),
            title: remark::title(&found),
            link: edition.and_then(|edition| edition.link.clone()),
            page: page.filter(|_| !found.is_hidden()),
            hidden: found.is_hidden(),
            to_do: to_do(&found, &remarks),
            date_from: edition.map_or_else(|| "its words are gone".to_owned(), |edition| date_from(edition, &found)),
            editions: editions.into_iter().map(|(number, edition)| (number, edition.fetched)).collect(),
            places,
            remarks,
            said,
            code: found.code,
            owner: found.owner,
            namespace: found.namespace,
            words_from: found.words_from,
            first_seen: found.first_seen,
            sort_date: found.sort_date,
        })
    }

    async fn accounts(&self, source: &SourceId) -> Result<Vec<(Via, Account)>, StoreError> {
        let mut accounts = Vec::new();
        for via in [Via::Poll, Via::Push] {
            accounts.extend(self.store.account(source, via).await?.map(|account| (via, account)));
        }
        Ok(accounts)
    }

    /// Everything, its sources and its categories; of tags there may be too many.
    async fn places(&self, found: &Whereabouts, entry: &Entry) -> Result<Vec<Place>, StoreError> {
        let shown = || found.filed.iter().filter(|filed| filed.shown);
        let mut feeds: Vec<FeedId> = entry.categories.iter().cloned().map(FeedId::Category).collect();
        feeds.extend(shown().map(|filed| FeedId::Source(filed.source.clone())));
        feeds.push(FeedId::All);
        let mut places = Vec::new();
        for feed in feeds {
            places.push(self.place(feed, found, entry).await?);
        }
        Ok(places)
    }

    async fn place(&self, feed: FeedId, found: &Whereabouts, entry: &Entry) -> Result<Place, StoreError> {
        let public = match &feed {
            FeedId::Category(slug) => !is_private(&self.categories, slug),
            _ => true,
        };
        let sight = view::sight(&self.categories, &feed);
        let name = feed.path();
        if !sight.sees(entry) {
            let why = "it stands in private categories only".to_owned();
            return Ok(Place { feed: name, public, position: None, archive: None, why });
        }
        let key = feed_key(&feed);
        let join = found.joins.iter().find(|join| join.feed == key);
        let wanted = view::entries_wanted(self.config, &self.categories, &feed);
        let head = self.store.head(&feed, wanted, sight).await?;
        let position = head.entries.iter().position(|other| other.code == found.code).map(|at| at + 1);
        let archive = join.map(|join| join.number.div_ceil(50));
        let archive =
            archive.filter(|number| head.archives.is_some_and(|(first, last)| (first..=last).contains(number)));
        let why = match (position, join) {
            (Some(position), _) => format!("number {position} of {}", head.entries.len()),
            (None, Some(join)) if join.quiet => {
                "on pages and in archives only: it came with many others at once".to_owned()
            }
            (None, Some(_)) => format!("no more among the newest {wanted}: others have entered since"),
            (None, None) => "not joined".to_owned(),
        };
        let archive = archive.map(|number| format!("{name}{}", FeedPart::Archive(number).path()));
        Ok(Place { feed: name, public, position, archive, why })
    }
}

fn is_private(categories: &[Category], slug: &Slug) -> bool {
    categories.iter().any(|category| category.slug == *slug && category.token.is_some())
}

/// Where several sources bring it, what keeps it out by the word of one is that one's word.
fn by_whom(remark: Remark, found: &Whereabouts, filed: &Filed) -> Remark {
    let several = found.filed.len() > 1 && found.withdrawn.is_none();
    match several && !filed.shown && remark.reason.keeps_out() {
        true => Remark { why: format!("as {} files it: {}", filed.source, remark.why), ..remark },
        false => remark,
    }
}

/// Sources that agree are one remark.
fn found_among(remarks: &[Remark], remark: &Remark) -> bool {
    remarks.iter().any(|known| known.reason == remark.reason && known.why == remark.why)
}

/// The name, if it is another code than the entry's own.
fn asked_as(what: &str, found: &Whereabouts) -> Option<String> {
    super::as_code(what).filter(|code| *code != found.code).map(|code| code.to_string())
}

/// What the last document of a source said of an entry.
fn last_word(via: Via, account: &Account, entry: &Whereabouts, filed: &Filed) -> String {
    let how = match via {
        Via::Poll => "its last document",
        Via::Push => "the last push of its hub",
    };
    let since = format!("(so since {})", print::time(account.since));
    let went = account.of(&entry.code);
    match went {
        Some(went) => format!("{how} {since}: {}", words(went)),
        None if is_new(account, entry) => format!("{how} {since}: new in it"),
        None if account.partial => format!("{how} {since} was a part of what the source lists, and does not name it"),
        None if filed.listed == Some(true) => format!("{how} {since}: listed, unchanged"),
        None => format!("{how} {since} does not list it any more; it stays all the same"),
    }
}

fn words(went: &Went) -> String {
    let words = match went.fate {
        Fate::Refused => "listed, and refused: it was taken away",
        Fate::Deleted => "it says that the entry is deleted",
        Fate::HeldBack => "held back: more new entries at once than are believed",
        Fate::Beyond => "beyond max_entries",
        Fate::Repeated => "listed more than once",
        Fate::Kept => "listed; its own publisher has the say",
        Fate::Updated => "corrected",
        Fate::Restored => "listed again after it was deleted",
        Fate::New => "new in it",
        Fate::Alike => "written otherwise, but nothing that a reader sees",
        Fate::Unchanged => "listed, unchanged",
    };
    let edition = went.edition.map(|number| format!(" (edition {number})")).unwrap_or_default();
    let claimed = went.claimed.as_ref().map(|code| format!(", as {code}")).unwrap_or_default();
    format!("{words}{edition}{claimed}")
}

/// Where an entry's place in time is from.
fn date_from(edition: &Edition, found: &Whereabouts) -> String {
    let from = match (edition.published, edition.updated_said) {
        (Some(published), _) if published > found.sort_date => "when it was first seen: the publisher's date lay ahead",
        (Some(published), _) if published == found.sort_date => "the publisher's date of publication",
        (None, true) if edition.updated == found.sort_date => "the publisher's date of change",
        (Some(_), _) | (None, true) => "the date of its first edition",
        (None, false) => "when it was first seen",
    };
    match edition.date_notes.is_empty() {
        true => from.to_owned(),
        false => format!("{from} ({})", edition.date_notes.join("; ")),
    }
}

/// Whether there was a date at all.
fn was_unreadable(found: &Whereabouts) -> bool {
    let notes = found.edition.iter().flat_map(|edition| &edition.date_notes);
    notes.into_iter().any(|note| note.contains('`'))
}

fn to_do(found: &Whereabouts, remarks: &[Remark]) -> Vec<String> {
    let (code, source) = (&found.code, &found.owner);
    let mut to_do: Vec<String> = Vec::new();
    for reason in remarks.iter().map(|remark| remark.reason) {
        to_do.extend(match reason {
            Reason::Rule => Some("take the rule back or narrow it in feeds.toml, and it is there again".to_owned()),
            Reason::Embargo => Some("wait, or shorten not_before in feeds.toml".to_owned()),
            Reason::Expired => Some("lengthen not_after in feeds.toml".to_owned()),
            Reason::SourceGone => Some("put its source back into feeds.toml".to_owned()),
            Reason::Retracted | Reason::Deleted => Some(format!("syndic restore-entry {code}: brings it back")),
            Reason::Clash => {
                Some("give sources of one publisher one `namespace` in feeds.toml, if they are one".to_owned())
            }
            Reason::Date if was_unreadable(found) => Some(format!(
                "`timezone` of the source, or its recipe, if its dates can be read: syndic preview --source {source}"
            )),
            _ => None,
        });
    }
    to_do.push(match found.edition {
        Some(_) => format!("syndic show {code}: its words; syndic explain {source}: its source"),
        None => format!("syndic explain {source}: its source"),
    });
    to_do
}
