//! From what a document says to what may be shown: dates, attribution, safe HTML. Pure; new or changed entries only.

use crate::{
    config::{Config, Site},
    model::{Claim, Draft, FeedInfo, Known, Source, SourceRef, Text, Time},
};

/// Version of the sanitiser; entries of an older one are sanitised again.
pub const SANITISER: u32 = 1;

/// Turns claims into drafts. A claim whose hash the store already knows is `Unchanged` and costs nothing more.
pub fn enrich(config: &Config, source: &Source, feed: &FeedInfo, claims: Vec<Claim>, known: &Known, now: Time) -> Vec<Draft> {
    let _ = (config, source, feed, claims, known, now);
    todo!()
}

/// The feed's own reference to itself, with the operator's settings over it.
pub fn source_ref(site: &Site, source: &Source, feed: &FeedInfo, now: Time) -> SourceRef {
    let _ = (site, source, feed, now);
    todo!()
}

/// Makes one HTML fragment safe (`preview --as html`); `base` resolves relative references.
pub fn sanitise(html: &Text) -> String {
    let _ = html;
    todo!()
}
