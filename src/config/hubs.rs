//! `[publish] hubs`: hubs elsewhere that are told what changed.

use super::{FetchConfig, Site, problems::Problems, reader::At};
use crate::websub;
use url::Url;

/// Hubs that may be named.
const MOST: usize = 10;

/// Each once, with nothing in it that readers of our feeds, who see it, should not know; and not ourselves.
pub(super) fn elsewhere(hubs: At<Vec<At<Url>>>, site: &Site, fetch: &FetchConfig, problems: &mut Problems) -> Vec<Url> {
    let mut named: Vec<Url> = Vec::new();
    for At { place, value: hub } in hubs.value {
        if let Some((what, expected)) = wrong(&hub, site, &named) {
            problems.error(&place, what).expected(expected);
            continue;
        }
        if !websub::can_reach(&site.url, &hub, &fetch.allow) {
            problems.warning(&place, format!("this hub cannot reach [site] url {}, so it is told nothing", site.url));
        }
        named.push(hub);
    }
    if named.len() > MOST {
        let problem = problems.error(&hubs.place, format!("{} hubs are more than need to be told", named.len()));
        problem.expected(format!("at most {MOST}"));
    }
    named
}

fn wrong(hub: &Url, site: &Site, named: &[Url]) -> Option<(&'static str, &'static str)> {
    let base = site.url.path().trim_end_matches('/');
    if !hub.username().is_empty() || hub.password().is_some() || hub.fragment().is_some() {
        let what = "a hub's address stands in every feed and cannot hold a user, a password or a fragment";
        Some((what, "its public address"))
    } else if hub.origin() == site.url.origin() && hub.path().starts_with(base) {
        Some(("this hub is our own", "other sites' hubs; `hub = true` runs our own"))
    } else if named.contains(hub) {
        Some(("this hub stands there twice", "each hub once"))
    } else {
        None
    }
}
