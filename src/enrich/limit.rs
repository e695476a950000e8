//! Which entries of a long document are not taken in (`max_entries`).

use super::dates;
use crate::model::{Claim, FeedInfo, InfoCode, Source, Time};
use std::{cmp::Reverse, collections::HashSet};

/// The codes beyond the source's newest `max_entries`. Documents list the newest first or last: dates decide, and the
/// order of the document among equal dates; an entry without a date counts as of now.
pub fn beyond(source: &Source, feed: &FeedInfo, claims: &[Claim], now: Time) -> HashSet<InfoCode> {
    let Some(most) = source.rules.max_entries.filter(|most| *most < claims.len()) else { return HashSet::new() };
    let around = dates::Around::source(source, feed.language.as_deref(), now, now);
    let mut dated: Vec<(Time, &InfoCode)> = claims
        .iter()
        .map(|claim| {
            let dates = dates::of_entry(&claim.entry, &around.of(source, &claim.entry));
            (dates.published.or(dates.updated).unwrap_or(now), &claim.code)
        })
        .collect();
    dated.sort_by_key(|(date, _)| Reverse(*date));
    dated.into_iter().skip(most).map(|(_, code)| code.clone()).collect()
}
