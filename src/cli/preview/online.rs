//! What a preview asks the network for besides the document: other places of a feed, and the pages of articles.

use crate::{
    config::Config,
    discovery,
    fetch::{Client, Page},
    full_text::{Ended, Errand},
    model::{Draft, Source, Time},
    poll::host::Visit,
};
use url::Url;

/// Articles whose full text a preview asks for.
const FULL_TEXTS: usize = 5;

/// A page that names no feed: where else one was looked for, and what was found.
pub async fn with_places(
    error: anyhow::Error,
    client: &Client,
    document: &str,
    config: &Config,
    page: &Page,
    now: Time,
) -> anyhow::Error {
    let url = Url::parse(document).ok().filter(|_| super::is_url(document));
    let Some(url) = url else { return error };
    match discovery::elsewhere(client, &config.fetch, &url, page, now).await {
        Some(found) => anyhow::anyhow!("{error}; {found}"),
        None => error,
    }
}

/// Asks for the pages of the first entries, as a poll would, and says what became of each.
pub async fn full_texts(
    client: &Client,
    config: &Config,
    source: &Source,
    drafts: &mut [Draft],
    now: Time,
) -> Vec<String> {
    let (mut visit, mut notes) = (Visit::alone(), Vec::new());
    let Some(mut errand) = Errand::of(source, client, config, &mut visit, now) else { return notes };
    let candidates = drafts.iter_mut().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some(candidate),
        Draft::Unchanged(_) => None,
    });
    for candidate in candidates.take(FULL_TEXTS) {
        let at = errand.detail_of(candidate);
        let ended = match errand.text_of(&mut candidate.edition, at.as_deref()).await {
            Ended::Filled => "from its page".to_owned(),
            Ended::Kept(why) => format!("the feed's own: {why}"),
            Ended::Missed(why, _) => format!("the feed's own: {why}"),
            Ended::Later => "not looked for: the time for it is over".to_owned(),
        };
        notes.push(format!("{}: full text {ended}", candidate.code));
    }
    notes
}
