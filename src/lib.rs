//! syndic: fetches feeds, keeps every entry under its infoCode, re-emits them by category with their attribution.
//!
//! The modules stand in the order of the flow; `docs/architecture.md` walks through it.

/// What syndic talks about: entries, sources, texts. Plain data.
pub mod model;

/// CSS selectors over HTML.
pub mod css;

/// JSONPath over JSON.
pub mod jsonpath;

/// feeds.toml → `Config`.
pub mod config;

/// When to ask whom.
pub mod poll;

/// Publishers that say themselves when there is news.
pub mod websub;

/// The only place that makes requests or reads source files.
pub mod fetch;

/// Bytes → what a document says.
pub mod parse;

/// Documents that are no feeds, read by an operator's recipe.
pub mod recipe;

/// One refresh of one source: the unit of work.
pub mod refresh;

/// Each entry's claim to a code.
pub mod identify;

/// Dates, attribution, safe HTML.
pub mod enrich;

/// The text of the article itself, where a source asks for it.
pub mod full_text;

/// The feeds of a page that is none.
pub mod discovery;

/// The keys of feeds.toml, as a schema and as a page.
pub mod schema;

/// What to write into feeds.toml for a feed that was found.
pub mod proposal;

/// Where an entry stands and how much of it is shown.
pub mod policy;

/// A map bounded by weight.
mod lru;

/// Bounds, told.
pub mod bounds;

/// Numbers for Prometheus.
pub mod metrics;

/// What is known of this process.
pub mod vitals;

/// What is told to systemd.
pub mod supervisor;

/// What is kept, and what is promised about it.
pub mod store;

/// Policy and time, applied to what is stored.
pub mod upkeep;

/// What a changed feeds.toml would change.
pub mod rehearsal;

/// feeds.toml, taken anew.
pub mod reload;

/// What a feed holds.
pub mod view;

/// `FeedView` → bytes, one file a format.
pub mod format;

/// Rendered feeds, remembered by version.
pub mod publish;

/// The words of the interface.
mod words;

/// Pages and feeds over HTTP.
pub mod serve;

/// Why something is where it is, or is not.
pub mod explain;

/// What an operator should know of without looking for it.
pub mod alarms;

/// What is published, as folders of files.
pub mod export;

/// The Unix socket through which commands reach a running daemon.
pub mod control;

/// The command line, one file a command.
pub mod cli;
