//! Where one poll is: at most at one host, and nowhere while it waits for another.

use super::{Hosts, PATIENCE, Slot};
use crate::{
    bounds::Permit,
    config::FetchConfig,
    model::{Clock, Time},
    store::Store,
};
use std::sync::Arc;
use tokio::task::AbortHandle;
use url::Url;

/// Where one poll is: at most at one host.
pub struct Visit {
    pub(super) hosts: Arc<Hosts>,
    pub(super) here: Option<Slot>,
    /// The address it went on to.
    pub(super) url: Option<Url>,
    /// Where holds are kept; without it they last as long as the program.
    pub(super) store: Option<Store>,
    /// Lets visitors in, where no poller does.
    pub(super) doorman: Option<AbortHandle>,
}

impl Visit {
    /// A poll that begins where its slot is.
    pub fn at(hosts: &Arc<Hosts>, slot: Slot, store: Store) -> Visit {
        Visit { hosts: Arc::clone(hosts), here: Some(slot), url: None, store: Some(store), doorman: None }
    }

    /// A poll's equal that has not asked anybody yet.
    pub fn nowhere(hosts: &Arc<Hosts>, store: Store) -> Visit {
        Visit { hosts: Arc::clone(hosts), here: None, url: None, store: Some(store), doorman: None }
    }

    /// Paced like any other, for a command that polls nothing else.
    pub fn alone() -> Visit {
        let hosts = Hosts::new(1, Clock::system());
        let inside = Arc::clone(&hosts);
        let doorman = tokio::spawn(async move { while inside.next().await.is_some() {} });
        Visit { hosts, here: None, url: None, store: None, doorman: Some(doorman.abort_handle()) }
    }

    /// Leaves where it is, and waits until it may ask there: who waits for a host holds nothing that another waits for.
    /// False when the program is shutting down.
    pub async fn go(&mut self, fetch: &FetchConfig, url: Option<&Url>) -> bool {
        self.leave();
        self.url = url.cloned();
        self.here = self.hosts.visit(fetch, url).await;
        self.here.is_some()
    }

    /// Waits for an answer's first byte: somebody who is kept waiting for long lets others work meanwhile, until it `resume`s.
    pub async fn patiently<T>(&mut self, answer: impl Future<Output = T>) -> T {
        let mut answer = std::pin::pin!(answer);
        if let Ok(answered) = tokio::time::timeout(PATIENCE, &mut answer).await {
            return answered;
        }
        if let Some(slot) = &mut self.here {
            slot.lend();
        }
        answer.await
    }

    /// Works on, once it may again.
    pub async fn resume(&mut self) {
        if let Some(slot) = &mut self.here {
            slot.resume().await;
        }
    }

    /// Lets others ask its host, and goes on working with what it got there.
    pub fn has_asked(&mut self) {
        if let Some(slot) = &mut self.here {
            slot.turn = None;
        }
    }

    /// Waits for a permit to work on, at no host, if it has none. Who is shutting down goes on without.
    pub async fn work_on(&mut self, fetch: &FetchConfig) {
        if self.here.is_none() {
            self.go(fetch, None).await;
            self.has_asked();
        }
    }

    /// The right to go from page to page, if not too many are doing so.
    pub fn errand(&self) -> Option<Permit> {
        self.hosts.errands.try_acquire()
    }

    /// Lets others ask, and work.
    pub fn leave(&mut self) {
        self.here = None;
    }

    /// Leaves without having asked: the host's pause does not begin anew.
    pub fn pass(&mut self) {
        if let Some(slot) = self.here.take() {
            slot.pass();
        }
    }

    /// What the clock shows.
    pub fn now(&self) -> Time {
        self.hosts.clock.now()
    }

    /// Whether it may ask for the second where it came for the first.
    pub fn is_one_host(&self, fetch: &FetchConfig, a: &Url, b: &Url) -> bool {
        let paces = self.hosts.paces();
        paces.of_url(fetch, a) == paces.of_url(fetch, b)
    }

    /// The program is shutting down: nobody is asked any more.
    pub fn is_over(&self) -> bool {
        self.hosts.is_closed()
    }

    /// The host where it is (it began at that of `first`), unless it is exempt, is left alone until then by all its sources.
    pub async fn slow_down(&self, fetch: &FetchConfig, first: Option<&Url>, until: Time) {
        if let Some(url) = self.url.as_ref().or(first).filter(|url| self.hosts.paces().of_url(fetch, url).is_some()) {
            self.hold(url, until).await;
        }
    }

    /// For how long the host of a URL wants to be left alone.
    pub fn held(&self, url: &Url) -> Option<chrono::TimeDelta> {
        self.hosts.held(url).and_then(|wait| chrono::TimeDelta::from_std(wait).ok())
    }

    /// Leaves the host of a URL alone until then, over restarts too.
    pub async fn hold(&self, url: &Url, until: Time) {
        let name = self.hosts.paces().name(url).into_owned();
        self.hosts.hold(&name, until);
        if let Some(store) = &self.store
            && let Err(error) = store.hold(&name, until).await
        {
            tracing::warn!(%error, host = name, "it is left alone until a restart only");
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(doorman) = &self.doorman {
            doorman.abort();
        }
    }
}
