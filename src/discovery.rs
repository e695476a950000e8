//! Where a feed may be when the page an operator gave names none: the common addresses, one after another, politely, and
//! only when somebody asks (`add`, `preview`, `check --online`), never in a poll.

use crate::{
    config::FetchConfig,
    fetch::{self, Client, Page, discover, robots::Permission},
    model::{Failure, FailureKind, Time},
    parse,
    poll::host::Visit,
};
use std::fmt;
use url::Url;

/// Where else a feed is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// There.
    At(Url),
    /// Nowhere that may be looked at, in words.
    Nowhere(String),
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Elsewhere::At(url) => write!(f, "a feed was found at a common address: {url}"),
            Elsewhere::Nowhere(why) => f.write_str(why),
        }
    }
}

/// A feed that an address leads to.
pub struct Found {
    /// Where it is.
    pub url: Url,
    /// What came from there.
    pub page: Page,
    /// Other feeds that the page names.
    pub others: Vec<Url>,
}

/// The feed at an address, or the one that the page there names; else one at a common address. `which` of those named, from 0.
///
/// Errors: nothing came, or it leads to no feed; the message says what was tried.
pub async fn find(client: &Client, fetch: &FetchConfig, url: &Url, which: usize, now: Time) -> Result<Found, Failure> {
    let page = fetch::fetch_url(client, url, now).await?;
    let Err(failure) = read(&page).await else { return Ok(Found { url: url.clone(), page, others: Vec::new() }) };
    let mut named = parse::named_feeds(&page);
    let inside = fetch::is_allowed(&fetch.allow, url);
    if which < named.len() {
        let url = named.remove(which);
        let page = client.place(&url, inside, now).await?;
        read(&page).await?;
        return Ok(Found { url, page, others: named });
    }
    match elsewhere(client, fetch, url, &page, now).await {
        Some(Elsewhere::At(url)) => {
            let page = client.place(&url, inside, now).await?;
            Ok(Found { url, page, others: Vec::new() })
        }
        Some(nowhere) => Err(Failure { message: format!("{}; {nowhere}", failure.message), ..failure }),
        None => Err(failure),
    }
}

async fn read(page: &Page) -> Result<(), Failure> {
    let page = page.clone();
    let read = tokio::task::spawn_blocking(move || parse::parse(&page).map(drop)).await;
    read.unwrap_or_else(|_| Err(Failure::new(FailureKind::NotAFeed, "reading it stopped (a bug in syndic)")))
}

/// The feed found at a common address of a page that names none, or what was done. `None`: it is no such page.
pub async fn elsewhere(client: &Client, fetch: &FetchConfig, url: &Url, page: &Page, now: Time) -> Option<Elsewhere> {
    if !parse::is_page_without_feeds(page) {
        return None;
    }
    let (mut visit, inside) = (Visit::alone(), fetch::is_allowed(&fetch.allow, url));
    let base = page.address.as_ref().unwrap_or(url);
    let places = discover::common(base);
    let mut asked = 0;
    for place in &places {
        let mut permission = client.permission(place, now);
        if permission == Permission::Unasked && visit.go(fetch, Some(place)).await {
            permission = client.ask_robots(place, inside, now).await.0;
        }
        let Permission::Granted(delay) = permission else { continue };
        visit.leave();
        tokio::time::sleep(delay).await;
        if !visit.go(fetch, Some(place)).await {
            break;
        }
        asked += 1;
        let Ok(found) = client.place(place, inside, now).await else { continue };
        if tokio::task::spawn_blocking(move || parse::parse(&found).is_ok()).await.unwrap_or(false) {
            return Some(Elsewhere::At(place.clone()));
        }
    }
    let host = base.host_str().unwrap_or_default();
    Some(Elsewhere::Nowhere(match asked {
        0 => format!("{host}/robots.txt allows none of the common addresses to be tried"),
        _ => format!("none of {asked} common addresses of {host} has one either"),
    }))
}
