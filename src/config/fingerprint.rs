//! The hash of everything in feeds.toml that can change what is published: equal over runs and machines,
//! different when a feed's bytes could be.

use super::{Category, Config};
use crate::{
    model::{FeedId, Source},
    websub,
};
use twox_hash::XxHash3_64;

/// XXH3 over one line a section, made of plain values whose `Debug` escapes what could run together.
pub(super) fn of(config: &Config) -> u64 {
    let site = &config.site;
    let publish = &config.publish;
    let mut lines = vec![
        format!(
            "{:?}",
            (&site.title, site.url.as_str(), &site.description, &site.language, &site.rights, &site.contact,)
        ),
        // What only pages show.
        format!("{:?}", (&site.timezone, &site.theme, site.images, site.noindex, &publish.tags)),
        format!("{:?}", (publish.entries, publish.new_source_entries, publish.credit, publish.hub)),
        format!("{:?}", websub::hubs_named(config, &FeedId::All, false)),
        format!("{:?}", config.publishers),
    ];
    lines.extend(config.categories.iter().map(category));
    lines.extend(config.sources.iter().map(|source| published(source)));
    XxHash3_64::oneshot(lines.join("\n").as_bytes())
}

fn category(category: &Category) -> String {
    // Retention changes what is stored, and shows there.
    let Category { slug, title, description, entries, token, aliases, retention: _, order } = category;
    let aliases: Vec<&str> = aliases.iter().map(|alias| alias.as_str()).collect();
    format!("{:?}", (slug.as_str(), title, description, entries, token, aliases, order))
}

fn published(source: &Source) -> String {
    let categories: Vec<(&str, &str)> =
        source.categories.iter().map(|category| (category.slug.as_str(), category.title.as_str())).collect();
    let url = source.url().filter(|_| source.publish_url).map(|url| url.as_str());
    let said = (&source.title, &source.homepage, &source.rights, &source.license, &source.language);
    // Which entries are seen is the store's to say; how they read is ours.
    let rewrites: Vec<String> = source.rules.replacements.iter().map(|rule| rule.words()).collect();
    let rewrites = (rewrites, &source.rules.removals);
    format!("{:?}", (source.id.as_str(), url, categories, said, source.content, source.credit, rewrites))
}
