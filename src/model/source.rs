//! A source: what we read, as feeds.toml describes it, with every default filled in.

use super::{CategoryRef, Limit, Recipe, Rules, Secret, SourceId, WantedText};
use chrono_tz::Tz;
use regex::Regex;
use std::{path::PathBuf, time::Duration};
use url::Url;

/// One thing we read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its id: names it in paths, in the store and in messages.
    pub id: SourceId,
    /// Where it is.
    pub kind: SourceKind,
    /// Categories its entries stand in. Empty for a folder whose posts say it themselves.
    pub categories: Vec<CategoryRef>,
    /// Title set by the operator; else the document's own is used.
    pub title: Option<String>,
    /// Home page set by the operator.
    pub homepage: Option<String>,
    /// Rights statement set by the operator.
    pub rights: Option<String>,
    /// Address of the licence its texts are under, set by the operator.
    pub license: Option<String>,
    /// Language tag set by the operator.
    pub language: Option<String>,
    /// Zone for dates that name none (source, else site; `None` = UTC).
    pub timezone: Option<Tz>,
    /// Who owns the codes it brings first (domain: ownership).
    pub namespace: String,
    /// How much of each entry is published.
    pub content: ContentPolicy,
    /// Whether a visible credit line ends each body.
    pub credit: bool,
    /// Exact polling interval, instead of the adaptive one.
    pub every: Option<Duration>,
    /// Extra request headers, cookies among them. Sent to the origin of the source's address only.
    pub headers: Vec<(String, Secret)>,
    /// Basic credentials: user, password. Sent to the origin of the source's address only.
    pub auth: Option<(String, Secret)>,
    /// What its requests go through: http, https, socks5 or socks5h, credentials of the proxy in it.
    pub proxy: Option<Secret<Url>>,
    /// The operator's pattern for codes, one group.
    pub info_code: Option<Regex>,
    /// How it is read where it is no feed.
    pub recipe: Option<Box<Recipe>>,
    /// The text of the article itself, and how it is found; `None`: the feed's own is enough.
    pub full_text: Option<WantedText>,
    /// What may be seen of it, and how it is changed.
    pub rules: Rules,
    /// Embargo: entries are shown so long after their sort date.
    pub not_before: Option<Duration>,
    /// Expiry: entries are shown no longer than this after their sort date.
    pub not_after: Option<Duration>,
    /// How much is kept; `None`: as its categories say, else the store.
    pub retention: Option<Limit>,
    /// False: kept and published, never polled.
    pub enabled: bool,
    /// Whether the feed's address may be shown (false with credentials, or when the operator says so).
    pub publish_url: bool,
}

/// Where a source is read from.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// A feed over HTTP.
    Feed(Url),
    /// A folder of Jekyll posts, or one with `_posts` in it.
    Folder(PathBuf),
    /// A feed in a local file.
    File(PathBuf),
}

impl SourceKind {
    /// What is read there, so that two of them can be compared: scheme and a last slash make no difference.
    pub fn place(&self) -> String {
        match self {
            SourceKind::Feed(url) => {
                let text = url.as_str().trim_end_matches('/');
                text.split_once("://").map_or(text, |(_, rest)| rest).to_owned()
            }
            SourceKind::Folder(path) | SourceKind::File(path) => format!("file:{}", path.display()),
        }
    }
}

/// How much of an entry is published (contract: Content).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ContentPolicy {
    /// The whole sanitised body.
    Full,
    /// 300 graphemes at a sentence's end, as plain text.
    #[default]
    Excerpt,
    /// No body.
    Link,
}

/// What identifies this source's entries (domain: a guid that repeats). Sticky, worse only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuidTrust {
    /// Guids are trusted.
    #[default]
    Guid,
    /// Guids are empty or repeat: the canonical link is used.
    Link,
    /// Links repeat too: link and date.
    LinkDate,
}

impl Source {
    /// A number for where the source is read from: another address, another number.
    pub fn address(&self) -> u64 {
        let text = match &self.kind {
            SourceKind::Feed(url) => url.as_str().to_owned(),
            SourceKind::Folder(path) | SourceKind::File(path) => path.display().to_string(),
        };
        twox_hash::XxHash3_64::oneshot(text.as_bytes())
    }

    /// A number for how documents are read: another one, and they must be read again though they did not change. 0 where nothing
    /// but the document itself has a say in it.
    pub fn reading(&self) -> u64 {
        self.rules.reading() ^ self.recipe.as_ref().map_or(0, |recipe| recipe.reading())
    }

    /// The address of the feed, for requests and messages; `None` for folders and files.
    pub fn url(&self) -> Option<&Url> {
        match &self.kind {
            SourceKind::Feed(url) => Some(url),
            SourceKind::Folder(_) | SourceKind::File(_) => None,
        }
    }
}
