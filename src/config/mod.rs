//! feeds.toml → `Config`: every default filled in, every problem found at once, each with its place.
//! The types here are what the rest of syndic sees; nobody else reads TOML.

/// The way in.
mod load;

/// What a feeds.toml may refer to.
mod surroundings;

/// Lists in files of their own.
mod include;

/// Typed walking of a parsed document.
mod reader;

/// What was probably meant.
mod nearest;

/// All sections but `[[source]]`.
mod sections;

/// `[[host]]`.
mod host;

/// `[[source]]`.
mod source;

/// `[publish] hubs`.
mod hubs;

/// Where a source is: URL or path, namespace.
mod address;

/// What its requests carry: headers, credentials, proxy.
mod access;

/// Delays, retention.
mod keeping;

/// `[source.json]`, `[source.page]`, `[source.sitemap]`.
mod recipe;

/// `[[source.rule]]`.
mod rules;

/// The operator's own style sheet and parts of pages.
mod theme;

/// Forms of single values: slugs, zones, languages.
mod values;

/// Hosts and networks.
mod allow;

/// Text from the environment or a file.
mod secrets;

/// What holds between sections.
mod links;

/// Looking something up in it.
mod lookups;

/// The hash of what is published.
mod fingerprint;

/// How feeds are published.
mod publishing;

/// What a file says in its own words, to be compared.
mod written;

/// Every key, its form and meaning.
mod keys;

/// A text with something changed.
mod edit;

/// An edit, judged and written.
mod editing;

/// Collecting what is wrong.
mod problems;

/// Showing it.
mod diagnostic;

/// Every default, once.
pub mod defaults;

#[cfg(test)]
mod tests;

pub use allow::contains;
pub use diagnostic::{ConfigErrors, Diagnostic, Related, Severity, render};
pub use edit::{Lines, Said};
pub use editing::{Editing, Judged};
pub use keys::{Default, Form, Key, ROOT, TableOfKeys};
pub use load::{Attempt, Edited, Loaded, Overrides, likely_data};
pub(crate) use nearest::nearest;
pub use publishing::{EntryOrder, ExportConfig, PublishConfig, TagPolicy};
pub use theme::{Part, Theme};
pub use written::{Difference, Differing, Written};

use crate::model::{CategoryRef, Limit, Removed, Secret, Slug, Source};
use chrono_tz::Tz;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use surroundings::Surroundings;
use url::Url;

/// A feeds.toml without errors.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// `[site]`.
    pub site: Site,
    /// `[server]`.
    pub server: Server,
    /// `[store]`.
    pub store: StoreConfig,
    /// `[poll]`.
    pub poll: PollConfig,
    /// `[fetch]`.
    pub fetch: FetchConfig,
    /// `[[host]]`: hosts with a pause of their own.
    pub hosts: Vec<HostConfig>,
    /// `[publish]`.
    pub publish: PublishConfig,
    /// `[export]`.
    pub export: ExportConfig,
    /// `[[category]]`, in the file's order, then those only named by sources.
    pub categories: Vec<Category>,
    /// `[[publisher]]`: spelling → name.
    pub publishers: BTreeMap<String, String>,
    /// `[[source]]`, in the file's order, with defaults filled in.
    pub sources: Vec<Arc<Source>>,
    /// Hash of everything that can change what is published: part of each feed's stamp.
    pub hash: u64,
}

/// `[site]`: who we are.
#[derive(Clone, Debug)]
pub struct Site {
    /// Shown name.
    pub title: String,
    /// Public base, without a trailing slash; may have a path. All links are made from it.
    pub url: Url,
    /// One sentence.
    pub description: String,
    /// Language tag of the interface.
    pub language: String,
    /// Zone for dates that name none.
    pub timezone: Option<Tz>,
    /// Rights statement of our own feeds.
    pub rights: Option<String>,
    /// Who to write to; goes into the User-Agent when it is a URL.
    pub contact: Option<String>,
    /// What the theme's folder brings.
    pub theme: Theme,
    /// Pages show pictures.
    pub images: bool,
    /// Pages ask search engines to leave them out.
    pub noindex: bool,
}

/// `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Proxies (networks) whose word on who asks is believed.
    pub trusted_proxies: Vec<(std::net::IpAddr, u8)>,
    /// Rendered documents held, bytes, all codings counted.
    pub cache: usize,
    /// Requests a second that one client may send in the long run.
    pub requests: usize,
    /// Requests that it may send at once.
    pub burst: usize,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once of one client.
    pub client_connections: usize,
    /// Opens the operator's view of the status, and its feed of alarms.
    pub status_token: Option<Secret>,
    /// A line in the log for each request.
    pub access_log: bool,
}

/// `[store]`.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Data folder.
    pub path: PathBuf,
    /// sled's page cache, bytes.
    pub cache: u64,
    /// Editions kept of an entry.
    pub editions: usize,
    /// How much is kept of what no source lists any more, where neither source nor category says.
    pub retention: Limit,
    /// What becomes of the entries of a source that is taken out of feeds.toml.
    pub removed: Removed,
}

/// `[poll]`.
#[derive(Clone, Debug)]
pub struct PollConfig {
    /// Shortest interval.
    pub min: Duration,
    /// Longest interval.
    pub max: Duration,
    /// Fetches under way at once.
    pub concurrency: usize,
    /// New entries a poll before quarantine; not the first poll.
    pub max_new: usize,
    /// Subscribe at the hubs that sources name.
    pub websub: bool,
}

/// `[fetch]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchConfig {
    /// User-Agent.
    pub user_agent: String,
    /// Longest body after decoding, bytes.
    pub max_bytes: usize,
    /// Whole request, redirects included.
    pub timeout: Duration,
    /// Inside addresses that may be reached; exempt from pacing.
    pub allow: Vec<Allow>,
    /// Name servers that are asked instead of the system's; empty: those of the system.
    pub dns: Vec<SocketAddr>,
}

/// `[[host]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostConfig {
    /// A name, with all below it, as URLs spell it; or an address.
    pub name: String,
    /// Between the end of one request and the start of the next.
    pub every: Duration,
}

/// One entry of `[fetch] allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// `host:port`, the host as written in URLs (name or address).
    HostPort(String, u16),
    /// CIDR: address and prefix length.
    Net(std::net::IpAddr, u8),
}

/// `[[category]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Slug.
    pub slug: Slug,
    /// Shown name.
    pub title: String,
    /// One sentence.
    pub description: Option<String>,
    /// Entries in its feeds, instead of `[publish] entries`.
    pub entries: Option<usize>,
    /// Private: only with this token.
    pub token: Option<String>,
    /// Old slugs.
    pub aliases: Vec<Slug>,
    /// How much is kept, where a source does not say.
    pub retention: Option<Limit>,
    /// How its feeds are ordered.
    pub order: EntryOrder,
}

impl Category {
    /// A public category of that name with nothing else set.
    pub fn named(of: CategoryRef) -> Category {
        let CategoryRef { slug, title } = of;
        Category {
            slug,
            title,
            description: None,
            entries: None,
            token: None,
            aliases: Vec::new(),
            retention: None,
            order: EntryOrder::Date,
        }
    }
}
