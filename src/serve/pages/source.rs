//! `/source/<id>.html`: who a source is, what may be done with its texts, how it is doing, and its newest entries.

use super::{
    drawn::{self, Stamp},
    frame::Frame,
    lists::{ListPage, ROWS, category_links, newest},
    older::Pager,
    text::{day, plain_text, safe_link},
};
use crate::{
    config::{Config, Site},
    model::{ContentPolicy, FeedId, Health, Slug, Source, SourceState},
    poll,
    serve::{Visit, access::Credentials, document::Problem, feeds, status},
    words::Words,
};
use axum::response::Response;

/// Who a source is.
#[derive(Hash)]
pub(super) struct SourceFacts {
    pub(super) homepage: Option<String>,
    pub(super) rights: Option<String>,
    /// Address of the licence its texts are under.
    pub(super) licence: Option<String>,
    /// How much of a text is published here.
    pub(super) shown: &'static str,
    /// How it is doing.
    pub(super) health: String,
    pub(super) categories: Vec<(String, String)>,
}

/// `/source/<id>.html`: without what stands in private categories only.
pub async fn source(visit: &Visit, id: &Slug) -> Result<Response, Problem> {
    let catalog = visit.catalog().await?;
    let source = feeds::known_source(visit, &catalog, id)?;
    let state = visit.app.store.state(id).await?;
    let feed = FeedId::Source(id.clone());
    let path = format!("{}.html", feed.path());
    let title = status::title(source, Some(&state));
    let frame = Frame::new(&visit.config, &title).at(&visit.config, &path).with_feeds(&feed);
    let categories = category_links(catalog.public_of(source), &frame);
    let facts = SourceFacts { categories, ..facts(&visit.config, source, &state) };
    let archives = visit.app.store.archives(&feed).await?;
    let from = Stamp::of(&(visit.app.store.version(&feed)?, archives, &title, &facts, catalog.hash()));
    drawn::send(visit, &path, from, visit.caching(&feed).await, frame.guise, async || {
        let nobody = Credentials::default();
        let items = newest(visit, &feed, ROWS, |entry| catalog.shows(entry, &nobody)).await?;
        let pager = Pager::of(&frame, &feed, archives, None);
        Ok(ListPage::of(frame, Some(facts), &items, pager))
    })
    .await
}

/// A number that changes when what its page says of a source does.
pub fn standing(config: &Config, source: &Source, state: &SourceState) -> u64 {
    Stamp::of(&(status::title(source, Some(state)), facts(config, source, state))).0
}

fn facts(config: &Config, source: &Source, state: &SourceState) -> SourceFacts {
    let (said, words) = (state.feed.as_ref(), Words::of(&config.site.language));
    let link = |link: Option<String>| link.as_deref().and_then(safe_link).map(str::to_owned);
    let rights = source.rights.clone().or_else(|| said.and_then(|feed| feed.rights.as_ref()).map(plain_text));
    SourceFacts {
        homepage: link(source.homepage.clone().or_else(|| said.and_then(|feed| feed.home.clone()))),
        rights: rights.filter(|rights| !rights.is_empty()),
        licence: link(source.license.clone().or_else(|| said.and_then(|feed| feed.licences.first().cloned()))),
        shown: match source.content {
            ContentPolicy::Full => words.whole_texts,
            ContentPolicy::Excerpt => words.excerpts,
            ContentPolicy::Link => words.titles_only,
        },
        health: health(source, state, &config.site, words),
        categories: Vec::new(),
    }
}

/// What a reader wants to know of it. It changes when it begins or ends to be true, not with each poll: same store, same bytes.
fn health(source: &Source, state: &SourceState, site: &Site, words: &Words) -> String {
    // Of a hold nothing is said here, so that no clock is asked.
    let beyond_holds = state.last_attempt.unwrap_or_default();
    match poll::health(source, Some(state), beyond_holds) {
        Health::Disabled | Health::Parked => words.left.to_owned(),
        Health::New => words.unasked.to_owned(),
        Health::Ok => words.answers.to_owned(),
        Health::Failing | Health::Held if state.error.is_none() => words.answers.to_owned(),
        Health::Failing | Health::Held => match state.last_success {
            Some(since) => format!("{} ({} {})", words.silent, words.since, day(since, site)),
            None => words.silent.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Failure, FailureKind},
        serve::hand::{config, source},
    };

    #[test]
    fn health_is_told_in_words_that_do_not_change_with_each_poll() {
        let (site, words) = (crate::config::Site { language: "en".into(), ..config().site }, Words::of("en"));
        let at = |hour: &str| format!("2026-11-23T{hour}:00:00Z").parse().ok();
        let said = |state: &SourceState| health(&source("a", &[]), state, &site, words);
        let well = SourceState {
            last_attempt: at("12"),
            last_success: at("12"),
            next_poll: at("15"),
            ..SourceState::default()
        };
        let failing = SourceState {
            last_attempt: at("13"),
            error: Some(Failure::new(FailureKind::Dns, "a.example does not resolve")),
            ..well.clone()
        };
        assert_eq!(said(&SourceState::default()), words.unasked);
        assert_eq!(said(&well), words.answers);
        assert_eq!(said(&failing), "does not answer at present (since 23 November 2026)");
        assert_eq!(said(&SourceState { last_attempt: at("14"), ..failing.clone() }), said(&failing));
    }
}
