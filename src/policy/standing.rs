//! Whether and when an entry of a source may be seen: its rules, embargo, expiry. Pure; the store keeps the answer with the
//! entry, and asks again when the source's policy has another fingerprint.

use super::plain;
use crate::{
    config::Config,
    model::{Age, Edition, Filter, FilterAction, Judge, Matcher, RuleField, Source, Standing, Test, Time, span},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use twox_hash::XxHash3_64;

/// What a source's policy says of an edition. Delays and ages count from the sort date, which never changes.
pub fn standing(source: &Source, edition: &Edition, sort_date: Time) -> Standing {
    let Judgement { dropped, from, until } = judgement(source, edition, sort_date);
    Standing { dropped, not_before: from.map(|bound| bound.at), not_after: until.map(|bound| bound.at) }
}

/// What comes of an entry at a time, in words: `kept`, or which rule has it dropped or held.
pub fn verdict(source: &Source, edition: &Edition, sort_date: Time, now: Time) -> String {
    let Judgement { dropped, from, until } = judgement(source, edition, sort_date);
    let day = |at: Time| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    match (dropped, until, from) {
        (Some(why), ..) => format!("dropped: {why}"),
        (None, Some(until), _) if until.at <= now => format!("dropped: {} (since {})", until.why, day(until.at)),
        (None, _, Some(from)) if from.at > now => format!("held until {}: {}", day(from.at), from.why),
        (None, Some(until), _) => format!("kept (until {}: {})", day(until.at), until.why),
        (None, None, _) => "kept".to_owned(),
    }
}

/// Whether an entry is not seen now nor later, whatever text its page would give it. A rule that excludes by what the feed says of it
/// is content with that; one that wants a word or a length may find it on the page.
pub fn is_dropped_for_good(source: &Source, edition: &Edition, sort_date: Time, now: Time) -> bool {
    let mut bounds = Bounds { sort_date, from: None, until: None };
    if let Some(delay) = source.not_after {
        bounds.not_after(delay, String::new);
    }
    let by_page = |rule: &Filter| matches!(rule.test, Test::Text(RuleField::Text, _));
    let dropped = excluded(source, edition, &mut bounds).is_some()
        || !of(source, FilterAction::Include).any(by_page) && not_included(source, edition, &mut bounds).is_some();
    dropped || bounds.until.is_some_and(|until| until.at <= now)
}

/// The policy of everything in feeds.toml.
pub fn judge(config: &Arc<Config>) -> Judge {
    let config = Arc::clone(config);
    Judge::new(move |source, edition, sort_date| {
        config.source(source).map(|source| standing(source, edition, sort_date))
    })
}

/// Equal for policies that say the same of every entry, and file it under the same categories.
pub fn fingerprint(config: &Config, source: &Source) -> u64 {
    let rules: Vec<_> = source.rules.filters.iter().map(|rule| (rule.words(), &rule.test)).collect();
    let categories: Vec<&str> = source.categories.iter().map(|category| category.slug.as_str()).collect();
    let bounds = (source.not_before, source.not_after, source.rules.min_length);
    let policy = format!("{:?}", (rules, &categories, bounds));
    // Posts that name their categories themselves follow one that is renamed.
    let aliases = if categories.is_empty() { config.aliases() } else { BTreeMap::new() };
    let aliases = if aliases.is_empty() { String::new() } else { format!("{aliases:?}") };
    XxHash3_64::oneshot((policy + &aliases).as_bytes())
}

/// A time from which something else holds, and the rule that says so.
struct Bound {
    at: Time,
    why: String,
}

/// What is said of an entry, and by which rule. What time alone decides is told as the times at which it does.
struct Judgement {
    dropped: Option<String>,
    from: Option<Bound>,
    until: Option<Bound>,
}

fn judgement(source: &Source, edition: &Edition, sort_date: Time) -> Judgement {
    let mut bounds = Bounds { sort_date, from: None, until: None };
    if let Some(delay) = source.not_before {
        bounds.not_before(delay, || format!("not_before = \"{}\"", span(delay)));
    }
    if let Some(delay) = source.not_after {
        bounds.not_after(delay, || format!("not_after = \"{}\"", span(delay)));
    }
    let dropped = excluded(source, edition, &mut bounds)
        .or_else(|| not_included(source, edition, &mut bounds))
        .or_else(|| too_short(source, edition));
    Judgement { dropped, from: bounds.from, until: bounds.until }
}

/// The times between which an entry may be seen: each rule can only narrow them.
struct Bounds {
    sort_date: Time,
    from: Option<Bound>,
    until: Option<Bound>,
}

impl Bounds {
    fn not_before(&mut self, delay: Duration, why: impl Fn() -> String) {
        let Some(at) = self.after(delay) else { return };
        if self.from.as_ref().is_none_or(|from| from.at < at) {
            self.from = Some(Bound { at, why: why() });
        }
    }

    fn not_after(&mut self, delay: Duration, why: impl Fn() -> String) {
        let Some(at) = self.after(delay) else { return };
        if self.until.as_ref().is_none_or(|until| at < until.at) {
            self.until = Some(Bound { at, why: why() });
        }
    }

    fn after(&self, delay: Duration) -> Option<Time> {
        self.sort_date.checked_add_signed(chrono::TimeDelta::from_std(delay).ok()?)
    }
}

fn too_short(source: &Source, edition: &Edition) -> Option<String> {
    let least = source.rules.min_length?;
    let length = |text| plain(text).chars().filter(|c| !c.is_whitespace()).count();
    let longest = [&edition.summary, &edition.content].into_iter().flatten().map(length).max().unwrap_or_default();
    (longest < least).then(|| format!("min_length = {least} (it has {longest})"))
}

/// The rule that keeps an edition out; those about its age keep it out for a time.
fn excluded(source: &Source, edition: &Edition, bounds: &mut Bounds) -> Option<String> {
    for rule in of(source, FilterAction::Exclude) {
        match &rule.test {
            Test::Text(field, matcher) if finds(matcher, edition, *field) => return Some(rule.words()),
            Test::Text(..) => {}
            Test::Age(Age::Over(than)) => bounds.not_after(*than, || rule.words()),
            Test::Age(Age::Under(than)) => bounds.not_before(*than, || rule.words()),
        }
    }
    None
}

/// Where there are rules that include: that none of them does. A young or old enough entry is included for a time.
fn not_included(source: &Source, edition: &Edition, bounds: &mut Bounds) -> Option<String> {
    let wanted: Vec<&Filter> = of(source, FilterAction::Include).collect();
    let said = |rule: &&&Filter| match &rule.test {
        Test::Text(field, matcher) => finds(matcher, edition, *field),
        Test::Age(_) => false,
    };
    if wanted.is_empty() || wanted.iter().any(|rule| said(&rule)) {
        return None;
    }
    let words = || wanted.iter().map(|rule| rule.words()).collect::<Vec<_>>().join("; ");
    let ages = || wanted.iter().filter_map(|rule| if let Test::Age(age) = rule.test { Some(age) } else { None });
    let young = ages().filter_map(|age| if let Age::Under(than) = age { Some(than) } else { None }).max();
    let old = ages().filter_map(|age| if let Age::Over(than) = age { Some(than) } else { None }).min();
    match (young, old) {
        (None, None) => return Some(format!("none of: {}", words())),
        (Some(than), None) => bounds.not_after(than, || format!("none of: {}", words())),
        (None, Some(than)) => bounds.not_before(than, || format!("none of: {}", words())),
        // `config` refuses a pair with a gap between them: any age is one of the two.
        (Some(_), Some(_)) => {}
    }
    None
}

fn of(source: &Source, action: FilterAction) -> impl Iterator<Item = &Filter> {
    source.rules.filters.iter().filter(move |rule| rule.action == action)
}

/// True where a rule finds what it looks for: in one name, one category, or in summary and body as one text.
fn finds(matcher: &Matcher, edition: &Edition, field: RuleField) -> bool {
    let matches = |text: &String| matcher.matches(text);
    match field {
        RuleField::Title => matcher.matches(&edition.title.as_ref().map(plain).unwrap_or_default()),
        RuleField::Text => {
            let texts: Vec<String> = [&edition.summary, &edition.content].into_iter().flatten().map(plain).collect();
            matcher.matches(&texts.join("\n"))
        }
        RuleField::Author => {
            edition.authors.iter().map(|author| &author.name).chain(&edition.attribution.byline).any(matches)
        }
        RuleField::Category => {
            edition.tags.iter().flat_map(|tag| [Some(&tag.term), tag.label.as_ref()]).flatten().any(matches)
        }
        RuleField::Link => matcher.matches(edition.link.as_deref().unwrap_or_default()),
    }
}
