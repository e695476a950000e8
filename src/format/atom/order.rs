//! A feed's entries stand behind all that is said of the feed.

use anyhow::Context;
use atom_syndication::{Entry, Feed};

/// RFC 4287 Appendix B wants all that is said of a feed before its entries; the crate writes other vocabularies behind them.
pub(super) fn entries_last(feed: &Feed, entries: Vec<Entry>) -> anyhow::Result<Vec<u8>> {
    const END: &[u8] = b"</feed>";
    let mut bytes = feed.write_to(Vec::new()).context("write Atom")?;
    if entries.is_empty() {
        return Ok(bytes);
    }
    // In texts and attributes an angle is escaped: these are tags.
    let written = Feed { entries, ..Feed::default() }.write_to(Vec::new()).context("write Atom")?;
    let first = memchr::memmem::find(&written, b"<entry>").context("no entry was written")?;
    let last = memchr::memmem::rfind(&written, END).context("no end was written")?;
    let head = bytes.len().checked_sub(END.len()).filter(|at| bytes.ends_with(END) && *at > 0);
    bytes.truncate(head.context("no end was written")?);
    bytes.extend_from_slice(written.get(first..last).unwrap_or_default());
    bytes.extend_from_slice(END);
    Ok(bytes)
}
