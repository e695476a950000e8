//! What is not kept: whether a source's last document held it all the same, whose it would be, and what looks like it.

use super::{
    Teller, as_code, print,
    remark::{self, Remark},
};
use crate::{
    config::nearest,
    identify::canonical_link,
    model::{Came, Fate, FeedId, InfoCode, Source, SourceId, Time, Via, name_hash},
    store::{StoreError, names_of},
};
use serde::Serialize;
use url::Url;

/// Entries of a source that are looked at for one that looks like it.
const LOOK: usize = 200;
/// So many that do are told.
const NEAR: usize = 3;
/// Sources of one host that are told.
const SOURCES: usize = 10;
/// How much alike two links must be: 0 nothing in common, 1 the same.
const NEAR_ENOUGH: f64 = 0.8;

/// What is not kept.
#[derive(Debug, Serialize)]
pub struct Unknown {
    /// What was asked for.
    pub asked: String,
    /// What was told of it by a source's last document, which did not come as far as the store.
    pub held: Vec<Held>,
    /// The sources of its host.
    pub sources: Vec<Candidate>,
    /// What is kept and looks like it.
    pub near: Vec<Near>,
    /// What the operator can do.
    pub to_do: Vec<String>,
}

/// A source's last document holds it.
#[derive(Debug, Serialize)]
pub struct Held {
    /// The source.
    pub source: SourceId,
    /// Since when.
    pub since: Time,
    /// Why it is not kept.
    pub remark: Remark,
}

/// A source that would bring it.
#[derive(Debug, Serialize)]
pub struct Candidate {
    /// The source.
    pub source: SourceId,
    /// What its last document held, in words.
    pub document: String,
    /// When it is asked next.
    pub next_poll: Option<Time>,
}

/// Something that looks like it.
#[derive(Debug, Serialize)]
pub struct Near {
    /// A code or an id.
    pub name: String,
    /// Its title or link.
    pub what: String,
}

impl Teller<'_> {
    /// What can be said of what is not kept.
    pub(super) async fn unknown(&self, what: &str) -> Result<Unknown, StoreError> {
        let held = self.held(what).await?;
        let host = Url::parse(what).ok().and_then(|url| url.host_str().map(str::to_owned));
        let of_host: Vec<_> = self
            .config
            .sources
            .iter()
            .filter(|source| host.as_deref().is_some_and(|host| is_of(source, host)))
            .collect();
        let (mut sources, mut near) = (Vec::new(), self.near_code(what).await?);
        for source in of_host.iter().take(SOURCES) {
            sources.push(self.candidate(source).await?);
            near.extend(self.near_links(what, source).await?);
        }
        let ids = self.config.sources.iter().map(|source| source.id.as_str());
        near.extend(nearest(what, ids).map(|id| Near { name: id, what: "a source".to_owned() }));
        near.truncate(NEAR);
        let to_do = to_do(what, &held, &sources, host.is_some());
        Ok(Unknown { asked: what.to_owned(), held, sources, near, to_do })
    }

    /// What last documents told of it.
    async fn held(&self, what: &str) -> Result<Vec<Held>, StoreError> {
        let code = as_code(what);
        let names: Vec<u64> = names_of(what).iter().map(|name| name_hash(name)).collect();
        let mut held = Vec::new();
        for (id, account) in self.store.accounts().await? {
            let Some(source) = self.config.source(&id) else { continue };
            let told =
                account.named(code.as_ref(), &names).filter(|went| matches!(went.fate, Fate::HeldBack | Fate::Beyond));
            let remark = told.and_then(|went| remark::of_unstored(went, source, self.config.poll.max_new));
            held.extend(remark.map(|remark| Held { source: id, since: account.since, remark }));
        }
        Ok(held)
    }

    async fn candidate(&self, source: &Source) -> Result<Candidate, StoreError> {
        let state = self.store.state(&source.id).await?;
        let last = state.requests.latest().into_iter().find(|request| request.came == Came::Document);
        let document = match (self.store.account(&source.id, Via::Poll).await?, state.last_attempt) {
            (Some(account), _) => {
                let at = print::time(last.map_or(account.since, |request| request.at));
                format!(
                    "its last document, of {at}, held {}: this one is not among them",
                    print::entries(account.entries())
                )
            }
            (None, Some(_)) => "no document of it has been read since accounts of them are kept".to_owned(),
            (None, None) => "it was never asked".to_owned(),
        };
        let next_poll = self.status_of(&source.id).and_then(|status| status.next_poll);
        Ok(Candidate { source: source.id.clone(), document, next_poll })
    }

    /// Codes that begin like it.
    async fn near_code(&self, what: &str) -> Result<Vec<Near>, StoreError> {
        let digits = what.bytes().filter(u8::is_ascii_digit).count();
        let stem = what.get(..what.len().saturating_sub(3)).filter(|_| digits >= 6 && as_code(what).is_some());
        let Some(stem) = stem.and_then(InfoCode::parse) else { return Ok(Vec::new()) };
        let entries = self.store.scan(Some(&stem), NEAR).await?;
        let alike = entries.into_iter().filter(|entry| entry.code.as_str().starts_with(stem.as_str()));
        Ok(alike
            .map(|entry| near(entry.code.as_str(), entry.edition.title.as_ref().map(|title| title.value.as_str())))
            .collect())
    }

    /// Entries of a source whose links are much like it.
    async fn near_links(&self, what: &str, source: &Source) -> Result<Vec<Near>, StoreError> {
        let wanted = canonical_link(what);
        let listing = self.store.page(&FeedId::Source(source.id.clone()), 0, LOOK).await?;
        let likeness = |link: &str| strsim::normalized_damerau_levenshtein(&canonical_link(link), &wanted);
        let links = listing.entries.iter().filter_map(|entry| Some((entry, entry.edition.link.as_deref()?)));
        let mut alike: Vec<_> = links.map(|(entry, link)| (likeness(link), entry, link)).collect();
        alike.retain(|(likeness, ..)| *likeness >= NEAR_ENOUGH);
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(alike.into_iter().take(NEAR).map(|(_, entry, link)| near(entry.code.as_str(), Some(link))).collect())
    }
}

fn near(name: &str, what: Option<&str>) -> Near {
    Near { name: name.to_owned(), what: what.unwrap_or_default().trim().to_owned() }
}

/// Whether an article of this host would be this source's. The host of an address that must not be shown is not told by this.
fn is_of(source: &Source, host: &str) -> bool {
    let home = source.homepage.as_deref().and_then(|home| Url::parse(home).ok());
    let hosts = source.url().filter(|_| source.publish_url).into_iter().chain(home.as_ref()).filter_map(Url::host_str);
    let namespace = source.namespace.as_str();
    let inside = host == namespace || host.strip_suffix(namespace).is_some_and(|rest| rest.ends_with('.'));
    inside || hosts.into_iter().any(|known| known == host)
}

fn to_do(what: &str, held: &[Held], sources: &[Candidate], is_url: bool) -> Vec<String> {
    if let Some(held) = held.first() {
        let id = &held.source;
        return vec![format!(
            "syndic explain {id}: what its last document came to; syndic poll --source {id}: asks it now"
        )];
    }
    match sources.first() {
        Some(Candidate { source, .. }) => vec![
            format!("syndic poll --source {source}: asks it now; syndic explain {source}: why it is asked when it is"),
            format!("syndic preview --source {source}: what its document has at this moment"),
        ],
        None if is_url => {
            vec!["no source of feeds.toml is of this host".to_owned(), format!("syndic add {what}: finds a feed there")]
        }
        None => vec![
            "a code, the link of an article, the id or the address of a source is wanted; syndic status lists sources"
                .to_owned(),
        ],
    }
}
