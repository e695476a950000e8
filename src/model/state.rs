//! What is remembered of a source between polls, and how a poll can end.

use super::{FeedInfo, GuidTrust, Missing, Requests, Time};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Saved with the entries of the same fetch, in one commit: a validator that outlives lost entries hides them for ever.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceState {
    /// Hash of the address these are about (`Source::address`).
    pub address: Option<u64>,
    /// How documents were read (`Rules::reading`).
    pub reading: u64,
    /// Sent back on the next request.
    pub validators: Validators,
    /// Hash of the last whole body that was parsed: an equal one is not parsed again.
    pub body_hash: Option<u64>,
    /// When we asked last.
    pub last_attempt: Option<Time>,
    /// When an answer was last usable (200 parsed, or 304).
    pub last_success: Option<Time>,
    /// When to ask next.
    pub next_poll: Option<Time>,
    /// Why then, in words.
    pub next_reason: String,
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// How the last poll failed; `None` when it did not.
    pub error: Option<Failure>,
    /// Nothing may be asked before this (429, Retry-After).
    pub hold_until: Option<Time>,
    /// What the publisher's HTTP answer wishes.
    pub answer: Answer,
    /// What the document says about itself; kept for status, attribution and scheduling.
    pub feed: Option<FeedInfo>,
    /// What had to be repaired in the last document, in words.
    pub notes: Vec<String>,
    /// What identifies entries here.
    pub guid_trust: GuidTrust,
    /// Dates of the newest entries, newest first, at most 20: the publisher's habit.
    pub recent: Vec<Time>,
    /// When a gone (410) answer was first seen in a row, and how many times since.
    pub gone: Option<(Time, u32)>,
    /// Where a permanent redirect has pointed since.
    pub moved: Option<(String, Time)>,
    /// The address that is asked instead, after a permanent redirect has stood for long enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted: Option<Adopted>,
    /// New entries of the last document, as hashes, that were too many to be believed at once (`poll::flood`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quarantine: Vec<u64>,
    /// The id of the newest entry of the last document, as it said it: for requests that ask what came since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_id: Option<String>,
    /// A list's further documents could not all be had: the next poll reads on over what is known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// Entries whose full text is still to be fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub full_text: Vec<Missing>,
    /// The last requests to this address, and how they were answered.
    #[serde(skip_serializing_if = "Requests::is_empty")]
    pub requests: Requests,
}

impl SourceState {
    /// The state as far as it is true of this address: what another address answered says nothing about it.
    pub fn at_address(self, address: u64) -> SourceState {
        if self.address.is_none_or(|known| known == address) {
            return SourceState { address: Some(address), ..self };
        }
        let SourceState { feed, notes, guid_trust, recent, full_text, quarantine, .. } = self;
        SourceState {
            address: Some(address),
            feed,
            notes,
            guid_trust,
            recent,
            full_text,
            quarantine,
            ..SourceState::default()
        }
    }

    /// The state as far as it is true of a document that is read this way: one read otherwise must come again, and be read again.
    pub fn reading(self, reading: u64) -> SourceState {
        if self.reading == reading {
            return self;
        }
        SourceState { reading, validators: Validators::default(), body_hash: None, ..self }
    }
}

/// A permanent redirect that is believed (`poll::moves`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Where the source is now.
    pub to: String,
    /// Since when its old address has said so.
    pub since: Time,
    /// When the old address was last asked whether it still does.
    pub checked: Time,
    /// The old address is asked next.
    pub ask_old: bool,
}

/// Kept verbatim, character for character, across restarts (RFC 9110 §8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// ETag, weak mark included.
    pub etag: Option<String>,
    /// Last-Modified.
    pub last_modified: Option<String>,
    /// Who gave them, where a redirect led away from the source's own origin: they are sent to nobody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// The part of an HTTP answer that says when to come again (RFC 9111 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// HTTP status; 0 for folders and files.
    pub status: u16,
    /// Seconds the answer stays fresh: max-age less Age, else Expires less Date.
    pub fresh_seconds: Option<u64>,
    /// What that was read from: a 304 need not repeat it.
    pub lifetime: Lifetime,
    /// Retry-After in seconds from the answer.
    pub retry_after_seconds: Option<u64>,
    /// Where 301 or 308 hops only led, when they did.
    pub moved_to: Option<String>,
    /// Hubs named in the Link header.
    pub hubs: Vec<String>,
    /// Self named in the Link header.
    pub self_url: Option<String>,
}

/// What an answer says of how long it stays true, as it says it (RFC 9111 §4.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    /// Cache-Control, where there is one.
    pub cache_control: Option<CacheControl>,
    /// Expires; what is no date is long past.
    pub expires: Option<Time>,
    /// When it was said: Date, else when it came.
    pub date: Option<Time>,
    /// Age: how many of its seconds had passed by then.
    pub age: u64,
}

/// The directives of Cache-Control that say when to come again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheControl {
    /// Seconds; the first, if there are several (RFC 9111 §4.2.1).
    pub max_age: Option<u64>,
    /// no-cache or no-store.
    pub ask_each_time: bool,
}

impl Answer {
    /// The document holds only what is new since the version that was asked with (226, RFC 3229): what is absent means nothing.
    pub fn is_delta(&self) -> bool {
        self.status == 226
    }
}

/// A poll that gave nothing usable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// One line for the operator: what, and what to do where that is known. No secret, no line break.
    pub message: String,
    /// What the answer wished, where there was one.
    #[serde(default)]
    pub answer: Answer,
}

impl Failure {
    /// A failure without an answer.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), answer: Answer::default() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Each has its own consequence in `poll::schedule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The name did not resolve.
    Dns,
    /// No connection.
    Connect,
    /// TLS refused or broken.
    Tls,
    /// The total deadline passed.
    Timeout,
    /// An address we do not talk to, or a scheme that is not http(s).
    Blocked,
    /// An HTTP status that is no success.
    Status,
    /// 429, or 503 with Retry-After.
    Held,
    /// 410.
    Gone,
    /// More than five hops, or a loop.
    Redirect,
    /// More bytes than allowed, after decoding.
    TooLarge,
    /// The body broke off or its coding is broken.
    Body,
    /// Not a feed (HTML, OPML, anything else), or too broken to read.
    NotAFeed,
    /// A feed with nothing in it, where there was something before.
    Empty,
    /// A document in which a recipe finds nothing: it is built otherwise now, or the recipe is wrong.
    Layout,
    /// A folder or file could not be read.
    File,
    /// The store refused the write.
    Store,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [FailureKind; 16] = [
        FailureKind::Dns,
        FailureKind::Connect,
        FailureKind::Tls,
        FailureKind::Timeout,
        FailureKind::Blocked,
        FailureKind::Status,
        FailureKind::Held,
        FailureKind::Gone,
        FailureKind::Redirect,
        FailureKind::TooLarge,
        FailureKind::Body,
        FailureKind::NotAFeed,
        FailureKind::Empty,
        FailureKind::Layout,
        FailureKind::File,
        FailureKind::Store,
    ];

    /// The stable name in status and metrics.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Dns => "dns",
            FailureKind::Connect => "connect",
            FailureKind::Tls => "tls",
            FailureKind::Timeout => "timeout",
            FailureKind::Blocked => "blocked",
            FailureKind::Status => "status",
            FailureKind::Held => "held",
            FailureKind::Gone => "gone",
            FailureKind::Redirect => "redirect",
            FailureKind::TooLarge => "too-large",
            FailureKind::Body => "body",
            FailureKind::NotAFeed => "not-a-feed",
            FailureKind::Empty => "empty",
            FailureKind::Layout => "layout",
            FailureKind::File => "file",
            FailureKind::Store => "store",
        }
    }
}

/// A source's state in one word (contract: status.json).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// The last poll was usable.
    Ok,
    /// The last poll failed.
    Failing,
    /// The publisher asked us to stay away for now.
    Held,
    /// Gone; asked no more until the operator says so.
    Parked,
    /// `enabled = false`.
    Disabled,
    /// Never polled.
    New,
}
