//! Where a feed may be when the page an operator gave names none: the common addresses, one after another, politely, and
//! only when somebody asks (`preview`, `check --online`), never in a poll.

use crate::{
    config::FetchConfig,
    fetch::{self, Client, Page, discover, robots::Permission},
    model::Time,
    parse,
    poll::host::Visit,
};
use url::Url;

/// The feed found at a common address of a page that names none, or what was done in words. `None`: it is no such page.
pub async fn elsewhere(client: &Client, fetch: &FetchConfig, url: &Url, page: &Page, now: Time) -> Option<String> {
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
            return Some(format!("a feed was found at a common address: {place}"));
        }
    }
    let host = base.host_str().unwrap_or_default();
    Some(match asked {
        0 => format!("{host}/robots.txt allows none of the common addresses to be tried"),
        _ => format!("none of {asked} common addresses of {host} has one either"),
    })
}
