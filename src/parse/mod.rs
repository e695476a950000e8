//! Bytes → what a document says. The only place that knows feed-rs; bounded in depth, size and count before any parser runs.

use crate::{
    fetch::Page,
    model::{Failure, ParsedFeed},
};

/// Entries read from one document at most (folders of posts are not bounded by this).
pub const MAX_ENTRIES: usize = 1_000;

/// Reads a fetched page. A damaged entry is left out and noted; only a document that is no feed is an error.
///
/// Errors: [`Failure`] of kind `NotAFeed`, saying what the document is instead and what to do.
pub fn parse(page: &Page) -> Result<ParsedFeed, Failure> {
    let _ = page;
    todo!()
}
