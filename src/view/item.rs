//! One entry as it is shown anywhere: its edition, its owner's policy, the operator's present settings.

use super::{ItemView, origin, site_path};
use crate::{
    config::Config,
    model::{ContentPolicy, Entry, Source, Text},
    policy,
};
use std::borrow::Cow;

/// One entry as it is shown anywhere: the policy of its owner's source applied.
pub fn item_view(config: &Config, entry: &Entry) -> ItemView {
    let owner = config.source(&entry.owner).map(|source| &**source);
    let edition = owner.map_or(Cow::Borrowed(&entry.edition), |source| policy::rewritten(source, &entry.edition).0);
    let edition = &*edition;
    let said = &edition.attribution;
    let page = site_path(config, &format!("/entry/{}.html", entry.code));
    let source = origin::source_ref(config, entry);
    let publisher = said.publisher.as_ref().map(|publisher| canonical(config, &publisher.name));
    let original = edition.link.clone().filter(|link| !link.trim().is_empty());
    let credit = credit_wanted(config, owner).then(|| {
        let link = original.as_deref().or(source.home.as_deref()).unwrap_or(&page);
        // The link leads to the original: who published that is credited, not whoever handed it on.
        let above = said.upstream.as_ref().and_then(|upstream| upstream.title.as_ref()).map(policy::plain);
        policy::credit_line(
            &config.site.language,
            publisher.as_deref().or(above.as_deref()).unwrap_or(&source.title),
            link,
        )
    });
    // A source that is no longer configured has nobody who vouches for more than an excerpt.
    let content = owner.map_or(ContentPolicy::Excerpt, |source| source.content);
    let shown = policy::shown(content, edition, credit);
    ItemView {
        code: entry.code.clone(),
        atom_id: entry.ids.atom.clone(),
        guid: entry.ids.rss.clone(),
        guid_is_permalink: entry.ids.rss_permalink,
        json_id: entry.ids.json.clone(),
        title: edition.title.clone(),
        link: original.clone().unwrap_or_else(|| page.clone()),
        original,
        page,
        body: shown.body,
        credit: shown.credit,
        summary: shown.summary,
        published: edition.published,
        updated: edition.updated,
        authors: edition.authors.clone(),
        contributors: edition.contributors.clone(),
        tags: edition.tags.clone(),
        enclosures: edition.enclosures.clone(),
        links: origin::links(config, entry),
        comments: edition.comments.clone(),
        rights: edition
            .rights
            .clone()
            .filter(|rights| !rights.is_blank())
            .or_else(|| source.rights.clone().map(Text::plain)),
        language: edition.language.clone().or_else(|| source.language.clone()),
        upstream: origin::upstream(config, entry),
        dc_source: said.dc_source.clone(),
        publisher,
        byline: said.byline.clone(),
        extensions: edition.extensions.clone(),
        source,
    }
}

/// The one name for the several spellings of a publisher.
fn canonical(config: &Config, name: &str) -> String {
    config.publishers.get(name.trim()).cloned().unwrap_or_else(|| name.trim().to_owned())
}

fn credit_wanted(config: &Config, owner: Option<&Source>) -> bool {
    owner.map_or(config.publish.credit, |source| source.credit)
}
