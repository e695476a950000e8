//! The full text of articles, for sources that ask for it: each new entry's page is asked for once, politely and within a
//! budget. Nothing here fails a poll: the feed's own text is kept, and what could not be had is tried again a few times.

mod missing;

use crate::{
    config::Config,
    css::Selector,
    enrich::article,
    fetch::{self, Client, article::Answered, article::Article, robots::Permission},
    model::{
        Draft, Edition, Entry, Failure, FailureKind, FullText, InfoCode, Judge, Missing, Source, Time, WantedText,
    },
    poll::{host::Visit, schedule::hold},
    refresh::on_a_thread,
    store::{Filling, Store, StoreError},
};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use url::Url;

pub use missing::waiting;
use missing::{again, says_the_same, worth_another_try};

/// Pages asked for in one poll of a source; the rest waits for the next one.
const MAX_PAGES: usize = 20;
/// Bytes of pages in one poll.
const MAX_BYTES: usize = 20 << 20;
/// How long one poll may spend on pages.
const MAX_TIME: Duration = Duration::from_secs(60);
/// Redirects that one page may lead to.
const MAX_MOVES: usize = 5;

/// What became of one entry's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is the page's now.
    Filled,
    /// The feed's is no worse.
    Kept(&'static str),
    /// The page could not be had: why, and how long to wait at least before it is worth another try, if it is.
    Missed(String, Option<TimeDelta>),
    /// The budget of this poll is spent.
    Later,
}

/// One source's pages, in one poll.
pub struct Errand<'a> {
    client: &'a Client,
    config: &'a Config,
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
        source: &Source,
        client: &'a Client,
        config: &'a Config,
        visit: &'a mut Visit,
        now: Time,
    ) -> Option<Errand<'a>> {
        let wanted = source.full_text.clone()?;
        let inside = source.url().is_some_and(|url| fetch::is_allowed(&config.fetch.allow, url));
        let deadline = Instant::now() + MAX_TIME;
        Some(Errand {
            client,
            config,
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

    /// The pages of a document's new entries, newest first. Gives back those that are to be tried again.
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
                says_the_same(old, new) && !(read_anew && old.full_text == FullText::Page)
            };
            if let Some(stored) = stored.filter(as_before) {
                candidate.edition.full_text = match stored.edition.full_text {
                    FullText::Page => FullText::Missed,
                    other => other,
                };
                continue;
            }
            let ended = self.text_of(&mut candidate.edition).await;
            let code = known.unwrap_or(&candidate.code);
            missing.extend(again(code, 0, &ended, self.now));
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
            }) else {
                continue;
            };
            let mut edition = found.edition.clone();
            // An older page says nothing of what the feed has.
            if edition.full_text == FullText::Page {
                edition.content = None;
            }
            let ended = self.text_of(&mut edition).await;
            if ended == Ended::Filled {
                let (code, edition_number, judge, at) =
                    (entry.code.clone(), found.edition_number, judge.clone(), self.now);
                store.fill(Filling { code, edition_number, edition, judge, at }).await?;
            }
            left.extend(again(&entry.code, entry.tries, &ended, self.now));
        }
        Ok(left)
    }

    /// The page of one entry. Whatever happens, the edition says where its text is from.
    pub async fn text_of(&mut self, edition: &mut Edition) -> Ended {
        edition.full_text = FullText::Missed;
        let Some(url) = edition.link.as_deref().and_then(|link| Url::parse(link).ok()) else {
            edition.full_text = FullText::Kept;
            return Ended::Kept("the entry has no link");
        };
        if self.pages == 0 || self.bytes == 0 || Instant::now() >= self.deadline {
            return Ended::Later;
        }
        let first = self.pages == MAX_PAGES;
        self.pages -= 1;
        let page = tokio::time::timeout_at(self.deadline, self.page(url)).await;
        self.visit.leave();
        let page = match page {
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
            Ok(()) => Ended::Filled,
            Err(worse) => Ended::Kept(worse.words()),
        }
    }

    fn miss(&mut self, why: String, again: Option<TimeDelta>) -> Ended {
        self.missed.push(why.clone());
        Ended::Missed(why, again)
    }

    async fn page(&mut self, mut url: Url) -> Result<Article, (String, Option<TimeDelta>)> {
        for _ in 0..=MAX_MOVES {
            self.may_ask(&url).await?;
            let answered = self.client.article(&url, self.inside, self.now).await;
            if let Err(failure) = &answered {
                self.hold(&url, failure).await;
            }
            self.visit.leave();
            match answered {
                Ok(Answered::Article(page)) => return Ok(page),
                Ok(Answered::Elsewhere(next)) => url = next,
                Err(failure) => return Err((failure.message.clone(), worth_another_try(&failure))),
            }
        }
        Err((format!("{}: more than {MAX_MOVES} redirects", host_of(&url)), None))
    }

    /// A host that asks us to slow down (429) is left alone by all, for as long as it wants from now on. Whatever else asks us to wait
    /// (out of service, a challenge) speaks for the host's pages only: no article keeps feeds from being asked.
    async fn hold(&mut self, url: &Url, failure: &Failure) {
        let until = self.visit.now() + hold(failure);
        match (failure.kind, failure.answer.status) {
            (FailureKind::Held, 429) => self.visit.hold(url, until).await,
            (FailureKind::Held, _) => self.client.hold_pages(url, until),
            // The guard did not let the question out: nobody was asked, and no pause begins.
            (FailureKind::Blocked, 0) => self.visit.pass(),
            _ => {}
        }
    }

    /// For how long nothing may be asked there, and why.
    fn held(&self, url: &Url) -> Option<(String, Option<TimeDelta>)> {
        let wait = self.visit.held(url).max(self.client.pages_held(url, self.visit.now()));
        wait.map(|wait| (format!("{} asked us to wait", host_of(url)), Some(wait)))
    }

    /// Waits until a page may be asked for; an error if it may not.
    async fn may_ask(&mut self, url: &Url) -> Result<(), (String, Option<TimeDelta>)> {
        let stopping = || ("shutting down".to_owned(), Some(TimeDelta::zero()));
        if let Some(held) = self.held(url) {
            return Err(held);
        }
        let mut permission = self.client.permission(url, self.now);
        if permission == Permission::Unasked {
            if !self.visit.go(&self.config.fetch, Some(url)).await {
                return Err(stopping());
            }
            let (said, failure) = self.client.ask_robots(url, self.inside, self.now).await;
            permission = said;
            if let Some(failure) = failure {
                self.hold(url, &failure).await;
            }
            if let Some(held) = self.held(url) {
                return Err(held);
            }
        }
        match permission {
            Permission::Granted(delay) => {
                // Whoever waits keeps nobody else waiting.
                self.visit.leave();
                tokio::time::sleep(delay).await;
                match self.visit.go(&self.config.fetch, Some(url)).await {
                    true => self.held(url).map_or(Ok(()), Err),
                    false => Err(stopping()),
                }
            }
            Permission::Denied => Err((format!("{}/robots.txt does not allow it", host_of(url)), None)),
            Permission::Unknown | Permission::Unasked => {
                let why = format!("{}/robots.txt cannot be read at present", host_of(url));
                Err((why, Some(TimeDelta::hours(1))))
            }
        }
    }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
