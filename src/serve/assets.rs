//! What pages are dressed in, and what robots are told.

use super::document::{Caching, Document};
use crate::config::Config;

/// Of every page.
pub const STYLE: &str = include_str!("templates/style.css");

const SCRIPT: &str = include_str!("templates/copy.js");

const ICON: &str = include_str!("templates/icon.svg");

const ROBOTS: &str = "User-agent: *\nDisallow: /status.html\nDisallow: /status.json\nDisallow: /status.atom\n";

/// The style sheet and the script keep their addresses when an upgrade changes them: pages must not be dressed in the old ones for a day.
const SHORT: Caching = Caching::Public(60);

/// `/style.css`
pub fn style(config: &Config) -> Document {
    Document::file(config.site.theme.style(STYLE).into_owned(), "text/css; charset=utf-8", SHORT)
}

/// `/copy.js`
pub fn script() -> Document {
    Document::file(SCRIPT, "text/javascript; charset=utf-8", SHORT)
}

/// `/icon.svg`
pub fn icon() -> Document {
    Document::file(ICON, "image/svg+xml", Caching::Day)
}

/// `/robots.txt`
pub fn robots() -> Document {
    Document::file(ROBOTS, "text/plain; charset=utf-8", Caching::Day)
}
