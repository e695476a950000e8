//! Which client a request goes through: guarded, open or by a proxy; and whose connection is kept for another request.

use super::build::Maker;
use crate::{
    fetch::guard::{Guard, Refusal, Way},
    lru::Lru,
    model::Secret,
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// Idle connections are kept just long enough for a second feed of the same host.
pub(super) const IDLE: Duration = Duration::from_secs(10);
/// Of each host; they are asked one request at a time.
const IDLE_EACH: usize = 1;
/// Of each host that is the operator's own, and may be asked for many feeds at once; of so many such hosts.
const IDLE_OWN: usize = 8;
const MOST_OWN: usize = 128;
/// Origins whose connections are kept at a time: a pass over ten thousand hosts must not hold ten thousand sockets.
const MOST_IDLE: usize = 256;
/// Proxies whose clients are kept at a time.
const MOST_PROXIES: usize = 64;

/// All clients of one guard.
pub(super) struct Lines {
    guard: Arc<Guard>,
    maker: Maker,
    guarded: Arc<Line>,
    /// For hosts allowed by name and port, whose addresses are not judged: a pool of its own, so that none of its
    /// connections ever serves a guarded request. Present only if there are such hosts.
    open: Option<Arc<Line>>,
    proxied: Mutex<Lru<(Url, bool), Arc<Line>>>,
    idle: Mutex<HashMap<String, Instant>>,
    idle_own: Mutex<HashMap<String, Instant>>,
}

/// Clients over one way to connect.
pub(super) struct Line {
    /// Offers gzip, br and zstd, and undoes them.
    coded: reqwest::Client,
    /// The same for hosts of the operator's own. Present only if there may be such.
    own: Option<reqwest::Client>,
    /// The same, and closes its connections.
    once: reqwest::Client,
    /// Offers nothing and undoes nothing: for servers whose coding is broken. Closes its connections.
    identity: reqwest::Client,
}

/// Which codings a request offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Offered,
    Identity,
}

/// Why there is no client for an address.
pub(super) enum Barred {
    /// The guard refuses it.
    Refused(Refusal),
    /// The proxy cannot be used.
    Proxy(anyhow::Error),
}

impl From<Refusal> for Barred {
    fn from(refusal: Refusal) -> Barred {
        Barred::Refused(refusal)
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl Lines {
    pub(super) fn new(guard: Arc<Guard>, maker: Maker) -> anyhow::Result<Lines> {
        let guarded = Arc::new(Line::new(&maker, Some(&guard), None)?);
        let open = guard.has_hosts().then(|| Line::new(&maker, None, None)).transpose()?.map(Arc::new);
        let proxied = Mutex::new(Lru::new(MOST_PROXIES));
        Ok(Lines { guard, maker, guarded, open, proxied, idle: Mutex::default(), idle_own: Mutex::default() })
    }

    /// Through which clients an address is asked, if it may be.
    pub(super) fn line(&self, url: &Url, proxy: Option<&Secret<Url>>) -> Result<Arc<Line>, Barred> {
        match (proxy, &self.open) {
            (Some(proxy), _) => {
                let way = self.guard.judge_proxied(url, proxy.reveal())?;
                self.proxied(proxy.reveal(), way == Way::Open).map_err(Barred::Proxy)
            }
            (None, Some(open)) if self.guard.judge(url)? == Way::Open => Ok(Arc::clone(open)),
            (None, _) => self.guard.judge(url).map(|_| Arc::clone(&self.guarded)).map_err(Barred::from),
        }
    }

    /// The client of a line for one request.
    pub(super) fn client<'l>(&self, line: &'l Line, url: &Url, coding: Coding) -> &'l reqwest::Client {
        match coding {
            Coding::Identity => &line.identity,
            Coding::Offered => match line.own.as_ref().filter(|_| self.guard.allows(url)) {
                Some(own) if keeps(&self.idle_own, MOST_OWN, url) => own,
                None if keeps(&self.idle, MOST_IDLE, url) => &line.coded,
                _ => &line.once,
            },
        }
    }

    fn proxied(&self, proxy: &Url, open: bool) -> anyhow::Result<Arc<Line>> {
        let key = (proxy.clone(), open);
        let mut lines = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&key) {
            return Ok(Arc::clone(line));
        }
        let line = Arc::new(Line::new(&self.maker, Some(&self.guard).filter(|_| !open), Some(proxy))?);
        lines.put(key, Arc::clone(&line), 1);
        Ok(line)
    }
}

/// Whether connections to this origin are kept for another request, as those of so many origins are.
fn keeps(idle: &Mutex<HashMap<String, Instant>>, most: usize, url: &Url) -> bool {
    let (origin, now) = (url.origin().ascii_serialization(), Instant::now());
    let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(since) = idle.get_mut(&origin) {
        *since = now;
        return true;
    }
    if idle.len() >= most {
        // The pool looks for what has idled too long only every so often.
        idle.retain(|_, since| now.duration_since(*since) < 2 * IDLE);
    }
    let keeps = idle.len() < most;
    if keeps {
        idle.insert(origin, now);
    }
    keeps
}

impl Line {
    fn new(maker: &Maker, guard: Option<&Arc<Guard>>, proxy: Option<&Url>) -> anyhow::Result<Line> {
        let client = |codings, idle| maker.client(guard.cloned(), proxy, codings, idle);
        let may_be_own = proxy.is_none() && guard.is_none_or(|guard| guard.has_nets());
        Ok(Line {
            coded: client(true, IDLE_EACH)?,
            own: may_be_own.then(|| client(true, IDLE_OWN)).transpose()?,
            once: client(true, 0)?,
            identity: client(false, 0)?,
        })
    }
}
