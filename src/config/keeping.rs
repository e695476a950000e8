//! What decides which entries may be seen, and for how long they are kept: `retention`, `keep`, `not_before`, `not_after`,
//! `[[source.rule]]`.

use super::{
    later,
    problems::{Place, Problems},
    reader::{At, Table, count, duration, list, one_of, string},
    values::pattern,
};
use crate::model::{Limit, Matcher, Rule, RuleAction, RuleField};
use std::time::Duration;

/// Most entries `keep` may name.
const MOST: usize = 1_000_000_000;

/// What `[[source.rule]] action` can be; those without a meaning yet are told about.
const ACTIONS: &[(&str, Option<RuleAction>)] = &[
    ("include", Some(RuleAction::Include)),
    ("exclude", Some(RuleAction::Exclude)),
    ("replace", None),
    ("remove", None),
];
/// What `[[source.rule]] field` can be.
const FIELDS: &[(&str, Option<RuleField>)] = &[
    ("title", Some(RuleField::Title)),
    ("text", Some(RuleField::Text)),
    ("author", Some(RuleField::Author)),
    ("category", Some(RuleField::Category)),
    ("link", Some(RuleField::Link)),
    ("age", None),
];

/// `retention` (an age, or `"never"`) and `keep` (a number of entries); `None` when neither is set.
pub(super) fn limit(table: &mut Table<'_>, problems: &mut Problems<'_>) -> Option<Limit> {
    let retention = table.value("retention");
    let keep = table.read("keep", problems, count(1..=MOST));
    if retention.is_none() && keep.is_none() {
        return None;
    }
    let age = retention.filter(|value| value.found.as_str() != Some("never"));
    Some(Limit { age: age.and_then(|value| duration(&value, problems)), keep })
}

/// `not_before` and `not_after`: delays after an entry's date.
pub(super) fn delays(table: &mut Table<'_>, problems: &mut Problems<'_>) -> (Option<Duration>, Option<Duration>) {
    let from = table.read("not_before", problems, duration);
    let until = table.read_at("not_after", problems, duration);
    if let Some(until) = until.as_ref().filter(|until| from.is_some_and(|from| from >= until.value)) {
        let problem = problems.error(&until.place, "entries would expire before they are shown");
        problem.expected("`not_after` longer than `not_before`");
    }
    (from, until.map(|until| until.value))
}

/// The rules of a source.
pub(super) fn rules(table: &mut Table<'_>, problems: &mut Problems<'_>) -> Vec<Rule> {
    let tables = table.sections("rule", "", problems);
    tables.into_iter().filter_map(|table| rule(table, problems)).collect()
}

fn rule(mut table: Table<'_>, problems: &mut Problems<'_>) -> Option<Rule> {
    let place = Place { key: "rule".to_owned(), ..table.place.clone() };
    let actions = "action = \"include\", \"exclude\", \"replace\" or \"remove\"";
    let action = table.required("action", actions, problems, one_of(ACTIONS));
    let field = table.read("field", problems, one_of(FIELDS));
    let pattern = table.read_at("match", problems, pattern);
    let words = table.read_at("words", problems, list(string));
    // An empty `with` deletes what matched.
    let with = table.value("with").filter(|with| with.found.as_str() != Some(""));
    with.and_then(|with| string(&with, problems));
    table.read("select", problems, string);
    table.finish(problems);
    let (action, field) = (action?.value, field.unwrap_or(Some(RuleField::Title)));
    let (Some(action), Some(field)) = (action, field) else {
        later::without_effect(&place, problems);
        return None;
    };
    let matcher = matcher(pattern, words, &place, problems)?;
    Some(Rule { action, field, matcher })
}

fn matcher(
    pattern: Option<At<regex::Regex>>,
    words: Option<At<Vec<At<String>>>>,
    place: &Place,
    problems: &mut Problems<'_>,
) -> Option<Matcher> {
    match (pattern, words) {
        (Some(_), Some(words)) => {
            problems.error(&words.place, "both `match` and `words`").expected("one of the two");
            None
        }
        (Some(pattern), None) => Some(Matcher::Pattern(pattern.value)),
        (None, Some(words)) => {
            let words: Vec<String> = words.value.into_iter().map(|word| word.value).collect();
            // An empty word stands in every text.
            if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
                problems
                    .error(place, "`words` holds nothing to look for")
                    .expected("words = [\"广告\", \"sponsored\"]");
            }
            Some(Matcher::Words(words))
        }
        (None, None) => {
            let problem = problems.error(place, "the rule does not say what it looks for");
            problem.expected("match = \"<regular expression>\" or words = [\"…\"]");
            None
        }
    }
}
