//! Asking for one article's page: in its host's turn, if robots.txt allows it and nobody wants us to wait.

use super::{Errand, missing::worth_another_try};
use crate::{
    fetch::{
        article::{Answered, Article},
        robots::Permission,
    },
    model::{Detailed, Failure, FailureKind, WantedText},
    poll::schedule::hold,
};
use chrono::TimeDelta;
use std::sync::Arc;
use url::Url;

/// Redirects that one page may lead to.
const MAX_MOVES: usize = 5;

impl Errand<'_> {
    /// The document with an entry's text. Where feeds.toml names its address, it is asked for like a feed: robots.txt speaks to
    /// those who follow links.
    pub(super) async fn document(&mut self, url: Url) -> Result<Article, (String, Option<TimeDelta>)> {
        let detail = match &self.wanted {
            WantedText::Detail(detail) => Arc::clone(detail),
            WantedText::Extracted | WantedText::Chosen(_) => return self.page(url).await,
        };
        let json = detail.form == Detailed::Json;
        if detail.url.is_none() && !json {
            return self.page(url).await;
        }
        if detail.url.is_none() {
            self.may_ask(&url).await?;
        } else {
            self.may_ask_named(&url).await?;
        }
        let named = detail.url.is_some();
        let answered = self.client.detail(&url, self.source, json, named || self.inside, self.now).await;
        if let Err(failure) = &answered {
            self.hold(&url, failure).await;
        }
        self.visit.has_asked();
        answered.map_err(|failure| (failure.message.clone(), worth_another_try(&failure)))
    }

    /// Waits for the turn of an address that feeds.toml names.
    async fn may_ask_named(&mut self, url: &Url) -> Result<(), (String, Option<TimeDelta>)> {
        if let Some(held) = self.held(url) {
            return Err(held);
        }
        match self.visit.go(&self.config.fetch, Some(url)).await {
            true => self.held(url).map_or(Ok(()), Err),
            false => Err(("shutting down".to_owned(), Some(TimeDelta::zero()))),
        }
    }

    /// The page at an address, redirects followed.
    pub(super) async fn page(&mut self, mut url: Url) -> Result<Article, (String, Option<TimeDelta>)> {
        for _ in 0..=MAX_MOVES {
            self.may_ask(&url).await?;
            let answered = self.client.article(&url, self.inside, self.now).await;
            if let Err(failure) = &answered {
                self.hold(&url, failure).await;
            }
            match answered {
                // The permit is kept until there is a text: no more pages lie about than there are permits.
                Ok(Answered::Article(page)) => {
                    self.visit.has_asked();
                    return Ok(page);
                }
                Ok(Answered::Elsewhere(next)) => url = next,
                Err(failure) => return Err((failure.message.clone(), worth_another_try(&failure))),
            }
            self.visit.leave();
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
