//! Every default of feeds.toml, each written once. Documentation is made from these, so nothing else repeats one.

use crate::model::ContentPolicy;
use std::time::Duration;

/// `[site] title`.
pub const TITLE: &str = "syndic";
/// `[site] description`.
pub const DESCRIPTION: &str = "What our sources publish, by category";
/// `[site] language`.
pub const LANGUAGE: &str = "en";

/// `[site] images`.
pub const IMAGES: bool = true;
/// `[site] noindex`.
pub const NOINDEX: bool = false;

/// `[server] listen`.
pub const LISTEN: &str = "127.0.0.1:8080";

/// `[server] cache`, bytes.
pub const BODIES: u64 = 32 << 20;
/// `[server] requests`, a second.
pub const REQUESTS: usize = 20;
/// `[server] burst`.
pub const BURST: usize = 400;
/// `[server] connections`.
pub const CONNECTIONS: usize = 1024;
/// `[server] client_connections`.
pub const CLIENT_CONNECTIONS: usize = 64;
/// `[server] access_log`.
pub const ACCESS_LOG: bool = false;

/// `[store] path`, below the folder of feeds.toml.
pub const DATA: &str = "data";
/// `[store] cache`, bytes.
pub const CACHE: u64 = 64 << 20;
/// `[store] editions`.
pub const EDITIONS: usize = 10;

/// `[poll] min`.
pub const POLL_MIN: Duration = Duration::from_secs(15 * 60);
/// `[poll] max`.
pub const POLL_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest `[poll] min` that is allowed, for sources of one's own.
pub const POLL_FLOOR: Duration = Duration::from_secs(1);
/// `[poll] concurrency`.
pub const CONCURRENCY: usize = 32;
/// `[poll] max_new`.
pub const MAX_NEW: usize = 200;
/// `[poll] websub`.
pub const WEBSUB: bool = true;

/// `[fetch] max_bytes`.
pub const MAX_BYTES: u64 = 15 << 20;
/// `[fetch] timeout`.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// `[publish] entries`.
pub const ENTRIES: usize = 50;
/// `[publish] new_source_entries`.
pub const NEW_SOURCE_ENTRIES: usize = 10;
/// `[publish] credit`.
pub const CREDIT: bool = true;
/// `[publish] hub`.
pub const HUB: bool = true;

/// `[[source]] content`.
pub const CONTENT: ContentPolicy = ContentPolicy::Excerpt;
/// `[[source]] enabled`.
pub const ENABLED: bool = true;
/// `[[source]] publish_url`, where the source has no credentials.
pub const PUBLISH_URL: bool = true;

/// `[fetch] user_agent`: name, version, and where to complain.
pub fn user_agent(contact: &str) -> String {
    format!("syndic/{} (+{contact})", env!("CARGO_PKG_VERSION"))
}
