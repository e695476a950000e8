//! Whether and when an entry of a source may be seen: its rules, embargo, expiry. Pure; the store keeps the answer with the
//! entry, and asks again when the source's policy has another fingerprint.

use super::plain;
use crate::{
    config::Config,
    model::{Edition, Judge, RuleAction, RuleField, Source, Standing, Time},
};
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// What a source's policy says of an edition. Delays count from the sort date, which never changes.
pub fn standing(source: &Source, edition: &Edition, sort_date: Time) -> Standing {
    let after = |delay: Option<std::time::Duration>| {
        delay
            .and_then(|delay| chrono::TimeDelta::from_std(delay).ok())
            .and_then(|delay| sort_date.checked_add_signed(delay))
    };
    Standing {
        dropped: dropped(source, edition),
        not_before: after(source.not_before),
        not_after: after(source.not_after),
    }
}

/// The policy of everything in feeds.toml.
pub fn judge(config: &Arc<Config>) -> Judge {
    let config = Arc::clone(config);
    Judge::new(move |source, edition, sort_date| {
        config.source(source).map(|source| standing(source, edition, sort_date))
    })
}

/// Equal for policies that say the same of every entry.
pub fn fingerprint(source: &Source) -> u64 {
    let rules: Vec<_> = source.rules.iter().map(|rule| (rule.words(), &rule.matcher)).collect();
    let categories: Vec<&str> = source.categories.iter().map(|category| category.slug.as_str()).collect();
    let all = format!("{:?}", (rules, categories, source.not_before, source.not_after));
    XxHash3_64::oneshot(all.as_bytes())
}

/// The rule that keeps an edition out.
fn dropped(source: &Source, edition: &Edition) -> Option<String> {
    let of = |action: RuleAction| source.rules.iter().filter(move |rule| rule.action == action);
    let matches = |rule: &&crate::model::Rule| rule.matcher.matches(&text_of(edition, rule.field));
    if let Some(rule) = of(RuleAction::Exclude).find(matches) {
        return Some(rule.words());
    }
    let wanted: Vec<String> = of(RuleAction::Include).map(|rule| rule.words()).collect();
    let found = wanted.is_empty() || of(RuleAction::Include).any(|rule| matches(&rule));
    (!found).then(|| format!("none of: {}", wanted.join("; ")))
}

/// What a rule looks at.
fn text_of(edition: &Edition, field: RuleField) -> String {
    let said = &edition.attribution;
    match field {
        RuleField::Title => edition.title.as_ref().map(plain).unwrap_or_default(),
        RuleField::Text => {
            let texts: Vec<String> = [&edition.summary, &edition.content].into_iter().flatten().map(plain).collect();
            texts.join("\n")
        }
        RuleField::Author => {
            let names: Vec<&str> = edition.authors.iter().map(|author| author.name.as_str()).collect();
            [names.join("\n"), said.byline.join("\n")].join("\n")
        }
        RuleField::Category => edition.tags.iter().map(|tag| tag.term.as_str()).collect::<Vec<_>>().join("\n"),
        RuleField::Link => edition.link.clone().unwrap_or_default(),
    }
}
