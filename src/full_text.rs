//! The full text of articles, for sources that ask for it: each new entry's page is asked for once, politely and within a
//! budget. Nothing here fails a poll: the feed's own text is kept, and what could not be had is tried again a few times.

mod asking;
mod missing;

use crate::{
    bounds::Permit,
    config::Config,
    css::Selector,
    enrich::{
        article,
        dates::{self, Around},
    },
    fetch::{self, Client},
    model::{Candidate, Draft, Edition, Entry, FullText, InfoCode, Judge, Missing, RawDate, Source, Time, WantedText},
    policy,
    poll::host::Visit,
    recipe,
    refresh::on_a_thread,
    store::{Filling, Store, StoreError},
};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use url::Url;

pub use missing::waiting;
use missing::{again, says_the_same};

/// Pages asked for in one poll of a source; the rest waits for the next one.
const MAX_PAGES: usize = 20;
/// Bytes of pages in one poll.
const MAX_BYTES: usize = 20 << 20;
/// How long one poll may spend on pages.
const MAX_TIME: Duration = Duration::from_secs(60);

/// What became of one entry's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is the page's now.
    Filled,
    /// The feed's is no worse.
    Kept(&'static str),
    /// The page could not be had: why, and how long to wait at least before it is worth another try, if it is.
    Missed(String, Option<TimeDelta>),
    /// The budget of this poll is spent, or too many others ask for pages.
    Later,
}

/// One source's pages, in one poll.
pub struct Errand<'a> {
    source: &'a Source,
    client: &'a Client,
    config: &'a Config,
    /// The right to ask for pages at all, once one was wanted; without it they wait for another poll.
    permit: Option<Option<Permit>>,
    /// The source may reach what `[fetch] allow` opens: it is itself there.
    inside: bool,
    wanted: WantedText,
    removals: Vec<Selector>,
    visit: &'a mut Visit,
    now: Time,
    deadline: Instant,
    pages: usize,
    bytes: usize,
    missed: Vec<String>,
}

impl<'a> Errand<'a> {
    /// `None` when the source is content with its feed.
    pub fn of(
        source: &'a Source,
        client: &'a Client,
        config: &'a Config,
        visit: &'a mut Visit,
        now: Time,
    ) -> Option<Errand<'a>> {
        let wanted = source.full_text.clone()?;
        let inside = source.url().is_some_and(|url| fetch::is_allowed(&config.fetch.allow, url));
        let deadline = Instant::now() + MAX_TIME;
        Some(Errand {
            source,
            client,
            config,
            permit: None,
            inside,
            wanted,
            removals: source.rules.removals.clone(),
            visit,
            now,
            deadline,
            pages: MAX_PAGES,
            bytes: MAX_BYTES,
            missed: Vec::new(),
        })
    }

    /// What the operator should know of this poll's pages.
    pub fn note(&self) -> Option<String> {
        let first = self.missed.first()?;
        Some(format!("the full text of {} articles could not be had: {first}", self.missed.len()))
    }

    /// The pages of a document's new entries, newest first. Gives back those that are to be tried again. What rules drop, whatever
    /// its page says, is not asked for.
    ///
    /// `known` holds, in the drafts' order, the codes of entries that are here already. Of these a page is asked for
    /// again only when the feed says something else: of what it counts (comments, views) it says something else daily;
    /// or when it is `read_anew`: what rules take out of a page shows only on the page.
    pub async fn of_drafts(
        &mut self,
        store: &Store,
        drafts: &mut [Draft],
        known: &[Option<InfoCode>],
        read_anew: bool,
    ) -> Result<Vec<Missing>, StoreError> {
        let known = known.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        let mut work: Vec<_> = drafts
            .iter_mut()
            .zip(known)
            .filter_map(|(draft, known)| match draft {
                Draft::Candidate(candidate) => Some((candidate, known)),
                Draft::Unchanged(_) => None,
            })
            .collect();
        work.sort_by_key(|(candidate, _)| std::cmp::Reverse(candidate.sort_date));
        let mut missing = Vec::new();
        for (candidate, known) in work {
            let stored = match known {
                Some(code) => store.entry(code).await?,
                None => None,
            };
            let as_before = |stored: &Arc<Entry>| {
                let (old, new) = (&stored.edition, &candidate.edition);
                // A list often says of a correction only when it was made.
                let newer = self.source.recipe.is_some() && new.updated_said && new.updated > old.updated;
                says_the_same(old, new) && !newer && !(read_anew && old.full_text == FullText::Page)
            };
            if let Some(stored) = stored.filter(as_before) {
                candidate.edition.full_text = match stored.edition.full_text {
                    FullText::Page => FullText::Missed,
                    other => other,
                };
                continue;
            }
            if policy::is_dropped_for_good(self.source, &candidate.edition, candidate.sort_date, self.now) {
                continue;
            }
            let at = self.detail_of(candidate);
            let ended = self.text_of(&mut candidate.edition, at.as_deref()).await;
            candidate.sort_date =
                candidate.edition.published.map_or(candidate.sort_date, |at| at.min(candidate.first_seen));
            let code = known.unwrap_or(&candidate.code);
            missing.extend(again(code, 0, &ended, self.now, at));
        }
        Ok(missing)
    }

    /// The pages of entries that were stored without them, or with an older one. Gives back those that still are.
    pub async fn of_missing(
        &mut self,
        store: &Store,
        source: &Source,
        missing: Vec<Missing>,
        judge: &Judge,
    ) -> Result<Vec<Missing>, StoreError> {
        let mut left = Vec::new();
        for entry in missing {
            if entry.due > self.now {
                left.push(entry);
                continue;
            }
            let found = store.entry(&entry.code).await?;
            let Some(found) = found.filter(|found| {
                matches!(found.edition.full_text, FullText::Missed | FullText::Page)
                    && found.withdrawn.is_none()
                    && found.sources.contains(&source.id)
                    && !policy::is_dropped_for_good(source, &found.edition, found.sort_date, self.now)
            }) else {
                continue;
            };
            let mut edition = found.edition.clone();
            // An older page says nothing of what the feed has.
            if edition.full_text == FullText::Page {
                edition.content = None;
            }
            let ended = self.text_of(&mut edition, entry.at.as_deref()).await;
            if ended == Ended::Filled {
                let (code, edition_number, judge, at) =
                    (entry.code.clone(), found.edition_number, judge.clone(), self.now);
                store.fill(Filling { code, edition_number, edition, judge, at }).await?;
            }
            left.extend(again(&entry.code, entry.tries, &ended, self.now, entry.at));
        }
        Ok(left)
    }

    /// Where feeds.toml says that the text of an entry is; `None`: at its link.
    pub fn detail_of(&self, candidate: &Candidate) -> Option<String> {
        let WantedText::Detail(detail) = &self.wanted else { return None };
        let id = candidate.said.id.as_deref();
        let named = |name: &str| {
            let own = Some(candidate.code.as_str()).filter(|_| !candidate.kind.is_derived());
            let value = match name {
                // As the list wrote it, if that is all the difference.
                "code" => id.filter(|id| own.is_some_and(|own| own.eq_ignore_ascii_case(id))).or(own).or(id),
                "id" => id,
                _ => candidate.edition.link.as_deref(),
            };
            value.map(recipe::encoded)
        };
        // An address that lacks what it is made of is none.
        Some(detail.url.as_ref()?.fill(named, |_| None).unwrap_or_default())
    }

    /// The page of one entry, at its link or at `at`. Whatever happens, the edition says where its text is from.
    pub async fn text_of(&mut self, edition: &mut Edition, at: Option<&str>) -> Ended {
        edition.full_text = FullText::Missed;
        let Some(url) = at.or(edition.link.as_deref()).and_then(|link| Url::parse(link).ok()) else {
            edition.full_text = FullText::Kept;
            return Ended::Kept("the entry has no link");
        };
        let permit = self.permit.get_or_insert_with(|| self.visit.errand());
        if permit.is_none() || self.pages == 0 || self.bytes == 0 || Instant::now() >= self.deadline {
            return Ended::Later;
        }
        let first = self.pages == MAX_PAGES;
        self.pages -= 1;
        let ended = self.read(url, edition, first).await;
        self.visit.leave();
        ended
    }

    /// Makes the text of a page that of the edition. `first`: it has all the time that a poll may take.
    async fn read(&mut self, url: Url, edition: &mut Edition, first: bool) -> Ended {
        let page = match tokio::time::timeout_at(self.deadline, self.document(url)).await {
            Ok(Ok(page)) => page,
            Ok(Err((why, again))) => return self.miss(why, again),
            // It had what time there is, and would have no more of it next time.
            Err(_) if first => return self.miss("it took longer than a poll may".to_owned(), Some(TimeDelta::zero())),
            Err(_) => return Ended::Later,
        };
        self.bytes = self.bytes.saturating_sub(page.bytes);
        let (wanted, removals, mut filled) = (self.wanted.clone(), self.removals.clone(), edition.clone());
        let work = move || {
            let verdict = article::fill(&mut filled, &page.html, page.base.as_deref(), &wanted, &removals);
            (filled, verdict)
        };
        let Some((filled, verdict)) = on_a_thread(work).await else {
            return self.miss("the extraction stopped on a page (a bug: please report it)".to_owned(), None);
        };
        *edition = filled;
        match verdict {
            Ok(published) => {
                self.date(edition, published);
                Ended::Filled
            }
            Err(worse) => Ended::Kept(worse.words()),
        }
    }

    /// A list without dates has those of its articles.
    fn date(&self, edition: &mut Edition, published: Option<RawDate>) {
        let Some(raw) = published.filter(|_| edition.published.is_none()) else { return };
        let around = Around::source(self.source, edition.language.as_deref(), self.now, self.now);
        match dates::read(&raw.0, &around) {
            Ok(at) => {
                edition.published = Some(at);
                edition.date_notes.clear();
                if !edition.updated_said {
                    (edition.updated, edition.updated_said) = (at, true);
                }
            }
            Err(_) => edition.date_notes.push(format!("cannot read `{}`", raw.0.chars().take(60).collect::<String>())),
        }
    }

    fn miss(&mut self, why: String, again: Option<TimeDelta>) -> Ended {
        self.missed.push(why.clone());
        Ended::Missed(why, again)
    }
}
