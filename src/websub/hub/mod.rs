//! Our own hub (WebSub §5 to §7), for our own feeds only: requests are verified, followers kept, and each is pushed what changed in
//! its feed, once. Hubs elsewhere that the operator names are told of changes. `asked`, `topic`, `following` and `line` decide (pure).

mod asked;
mod deliver;
mod desk;
mod document;
mod followers;
mod following;
mod herald;
mod line;
mod standing;
mod topic;
mod verify;
mod waiting;

pub use asked::Refusal;
pub use desk::Hub;
pub use followers::Followers;
pub use standing::{Elsewhere, Failed, HubStatus};

use crate::{config::Config, fetch, model::FeedId, poll::pace::Paces, view::site_path};
use url::Url;

/// Our hub's address, if it runs: others must be able to find it under `[site] url`, or the operator's own allowed network may.
pub fn own_hub(config: &Config) -> Option<String> {
    let site = &config.site.url;
    let reachable = fetch::is_public_url(site) || fetch::is_allowed(&config.fetch.allow, site);
    (config.publish.hub && reachable).then(|| site_path(config, "/hub"))
}

/// The hubs that a feed names: our own first. Others are not told of a private feed, nor of those of tags: there are as many as
/// publishers like.
pub fn hubs_named(config: &Config, feed: &FeedId, private: bool) -> Vec<String> {
    let told = !private && !matches!(feed, FeedId::Tag(_));
    let elsewhere = config.publish.hubs.iter().filter(|_| told).map(Url::to_string);
    own_hub(config).into_iter().chain(elsewhere).collect()
}

/// The registrable domain of a callback, or its address: whoever has one has all below it.
fn host_of(callback: &str) -> String {
    Url::parse(callback).map(|url| Paces::default().name(&url).into_owned()).unwrap_or_default()
}
