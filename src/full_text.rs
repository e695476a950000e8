//! The full text of articles, for sources that ask for it: each new entry's page is asked for once, politely and within a
//! budget. Nothing here fails a poll: the feed's own text is kept, and what could not be had is tried again a few times.

use crate::{
    config::Config,
    css::Selector,
    enrich::article,
    fetch::{self, Client, article::Answered, article::Article, robots::Permission},
    model::{Draft, Edition, Failure, FailureKind, FullText, InfoCode, Judge, Missing, Source, Time, WantedText},
    poll::host::Visit,
    refresh::on_a_thread,
    store::{Filling, Store, StoreError},
};
use chrono::TimeDelta;
use std::time::Duration;
use tokio::time::Instant;
use url::{Host, Url};

/// Pages asked for in one poll of a source; the rest waits for the next one.
const MAX_PAGES: usize = 20;
/// Bytes of pages in one poll.
const MAX_BYTES: usize = 20 << 20;
/// How long one poll may spend on pages.
const MAX_TIME: Duration = Duration::from_secs(60);
/// Other hosts that one page may lead to.
const MAX_MOVES: usize = 3;
/// Entries of one source that wait for their text.
const MAX_MISSING: usize = 200;
/// How long to wait after each failed attempt, minutes; after the last the feed's text stays for good.
const WAITS: [i64; 4] = [30, 3 * 60, 12 * 60, 24 * 60];

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
    /// Hosts that do not want to be asked for now, and for how long.
    closed: Vec<(Host<String>, TimeDelta)>,
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
            closed: Vec::new(),
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
    /// again only when the feed says something else: of what it counts (comments, views) it says something else daily.
    pub async fn of_drafts(
        &mut self,
        store: &Store,
        drafts: &mut [Draft],
        known: &[Option<InfoCode>],
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
            if let Some(stored) = stored.filter(|stored| says_the_same(&stored.edition, &candidate.edition)) {
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
        missing.truncate(MAX_MISSING);
        Ok(missing)
    }

    /// The pages of entries that were stored without them. Gives back those that still are.
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
                found.edition.full_text == FullText::Missed
                    && found.withdrawn.is_none()
                    && found.sources.contains(&source.id)
            }) else {
                continue;
            };
            let mut edition = found.edition.clone();
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
        let page = match tokio::time::timeout_at(self.deadline, self.page(url)).await {
            Ok(Ok(page)) => page,
            Ok(Err((why, again))) => return self.miss(why, again),
            Err(_) => return self.miss("the pages of this poll took too long".to_owned(), Some(TimeDelta::zero())),
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
            self.pages = self.pages.saturating_sub(1);
            let answered = self.client.article(&url, self.inside, self.now).await;
            self.visit.leave();
            match answered {
                Ok(Answered::Article(page)) => return Ok(page),
                Ok(Answered::Elsewhere(next)) => url = next,
                Err(failure) => {
                    let wait = worth_another_try(&failure);
                    if let (FailureKind::Held, Some(wait), Some(host)) = (failure.kind, wait, url.host()) {
                        self.closed.push((host.to_owned(), wait));
                    }
                    return Err((failure.message, wait));
                }
            }
        }
        Err((format!("{}: more than {MAX_MOVES} redirects from host to host", host_of(&url)), None))
    }

    /// Waits until a page may be asked for; an error if it may not.
    async fn may_ask(&mut self, url: &Url) -> Result<(), (String, Option<TimeDelta>)> {
        let host = host_of(url);
        let stopping = || ("shutting down".to_owned(), Some(TimeDelta::zero()));
        if let Some((_, wait)) =
            self.closed.iter().find(|(closed, _)| url.host().is_some_and(|it| it.to_owned() == *closed))
        {
            return Err((format!("{host} asked us to wait"), Some(*wait)));
        }
        let mut permission = self.client.permission(url, self.now);
        if permission == Permission::Unasked {
            if !self.visit.go(&self.config.fetch, Some(url)).await {
                return Err(stopping());
            }
            permission = self.client.ask_robots(url, self.inside, self.now).await;
        }
        match permission {
            Permission::Granted(delay) => {
                if !self.visit.go(&self.config.fetch, Some(url)).await {
                    return Err(stopping());
                }
                tokio::time::sleep(delay).await;
                Ok(())
            }
            Permission::Denied => Err((format!("{host}/robots.txt does not allow it"), None)),
            Permission::Unknown | Permission::Unasked => {
                Err((format!("{host}/robots.txt cannot be read at present"), Some(TimeDelta::hours(1))))
            }
        }
    }
}

/// Those that wait from now on, the newest first.
pub fn waiting(mut new: Vec<Missing>, old: Vec<Missing>) -> Vec<Missing> {
    let old = old.into_iter().filter(|old| new.iter().all(|new| new.code != old.code)).collect::<Vec<_>>();
    new.extend(old);
    new.truncate(MAX_MISSING);
    new
}

fn again(code: &InfoCode, tries: u32, ended: &Ended, now: Time) -> Option<Missing> {
    match ended {
        Ended::Filled | Ended::Kept(_) | Ended::Missed(_, None) => None,
        Ended::Later => Some(Missing { code: code.clone(), tries, due: now }),
        Ended::Missed(_, Some(wish)) => {
            let wait = TimeDelta::minutes(*WAITS.get(usize::try_from(tries).ok()?)?);
            Some(Missing { code: code.clone(), tries: tries + 1, due: now + wait.max(*wish) })
        }
    }
}

fn worth_another_try(failure: &Failure) -> Option<TimeDelta> {
    /// What a site may ask for is believed this far.
    const LONGEST: i64 = 7 * 86_400;
    let wish = failure.answer.retry_after_seconds.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    match (failure.kind, failure.answer.status) {
        (FailureKind::Gone | FailureKind::Blocked | FailureKind::TooLarge | FailureKind::NotAFeed, _) => None,
        (FailureKind::Redirect, _) | (FailureKind::Status, 400..=403 | 405..=407 | 451) => None,
        _ => Some(TimeDelta::seconds(wish.min(LONGEST))),
    }
}

/// Whether the feed says of an entry what it said before, as far as a reader would notice.
fn says_the_same(old: &Edition, new: &Edition) -> bool {
    let text = old.full_text == FullText::Page || old.content == new.content;
    let dated = new.updated_said && new.updated > old.updated;
    text && !dated && old.title == new.title && old.summary == new.summary && old.link == new.link
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
