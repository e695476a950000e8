//! Rules that can never do anything: what they look for was decided by another one.

use crate::{
    config::{problems::Problems, reader::At},
    model::{Age, Filter, FilterAction, Matcher, Test},
};

/// Warns of each, and of a rule that catches everything.
pub(super) fn warn(filters: &[At<Filter>], problems: &mut Problems) {
    for (at, later) in filters.iter().enumerate() {
        if catches_everything(&later.value) {
            let what = match later.value.action {
                FilterAction::Exclude => "this rule finds what it looks for in every entry: none is ever seen",
                FilterAction::Include => {
                    "this rule finds what it looks for in every entry: other rules that include do nothing"
                }
            };
            problems.warning(&later.place, what).expected("a pattern that does not match the empty text");
            continue;
        }
        let others = filters.iter().enumerate().filter(|(other, _)| *other != at);
        let mut told = others.filter_map(|(other, rule)| Some((rule, why(&later.value, &rule.value, other < at)?)));
        if let Some((rule, why)) = told.next() {
            problems
                .warning(&later.place, format!("this rule is never reached: {why}"))
                .see(&rule.place, "by this one");
        }
    }
}

/// Why `rule` does nothing beside `other`. Of two that say the same the later one does nothing.
fn why(rule: &Filter, other: &Filter, other_is_earlier: bool) -> Option<&'static str> {
    let covered = match (&rule.test, &other.test) {
        (Test::Text(field, wanted), Test::Text(other_field, found)) => {
            field == other_field && covers(found, wanted, other_is_earlier)
        }
        (Test::Age(Age::Over(than)), Test::Age(Age::Over(first))) => {
            first < than || (first == than && other_is_earlier)
        }
        (Test::Age(Age::Under(than)), Test::Age(Age::Under(last))) => last > than || (last == than && other_is_earlier),
        _ => false,
    };
    match (rule.action, other.action) {
        (FilterAction::Exclude, FilterAction::Exclude) if covered => Some("what it excludes is excluded already"),
        (FilterAction::Include, FilterAction::Include) if covered => Some("what it includes is included already"),
        (FilterAction::Include, FilterAction::Exclude) if covered || same(&rule.test, &other.test) => {
            Some("what it includes is excluded all the same")
        }
        _ => None,
    }
}

/// Whether `found` finds all that `wanted` does.
fn covers(found: &Matcher, wanted: &Matcher, is_earlier: bool) -> bool {
    match (found, wanted) {
        (Matcher::Words(all), Matcher::Words(some)) => {
            some.iter().all(|word| all.contains(word)) && (is_earlier || some.len() < all.len())
        }
        (Matcher::Pattern(one), Matcher::Pattern(other)) => one.as_str() == other.as_str() && is_earlier,
        _ => false,
    }
}

fn same(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Text(field, one), Test::Text(other_field, other)) => field == other_field && covers(other, one, true),
        (Test::Age(one), Test::Age(other)) => one == other,
        _ => false,
    }
}

fn catches_everything(rule: &Filter) -> bool {
    matches!(&rule.test, Test::Text(_, Matcher::Pattern(pattern)) if pattern.is_match(""))
}
