//! Keys of the contract that this version understands but does not act on: their form is checked,
//! so that a file written for a later version loads, and the operator is told.

use super::{
    problems::{Place, Problems},
    reader::{Table, Value, boolean, duration, list, one_of, string},
    values::{pattern, proxy_url},
};
use std::time::Duration;
use toml::de::DeValue;

/// What `[[source.rule]] action` can be.
const ACTIONS: &[(&str, ())] = &[("include", ()), ("exclude", ()), ("replace", ()), ("remove", ())];
/// What `[[source.rule]] field` can be.
const FIELDS: &[(&str, ())] =
    &[("title", ()), ("text", ()), ("author", ()), ("category", ()), ("link", ()), ("age", ())];

/// Says that a key is understood and ignored.
pub(super) fn without_effect(place: &Place, problems: &mut Problems<'_>) {
    let key = super::reader::last(&place.key).to_owned();
    problems.warning(place, format!("`{key}` has no effect in this version yet"));
}

/// `retention`: an age, or `"never"`, which is what happens anyway.
pub(super) fn retention(table: &mut Table<'_>, problems: &mut Problems<'_>) -> Option<Duration> {
    let value = table.value("retention")?;
    if value.found.as_str() == Some("never") {
        return None;
    }
    let age = duration(&value, problems)?;
    without_effect(&value.place, problems);
    Some(age)
}

/// The keys of a source that come later.
pub(super) fn of_source(table: &mut Table<'_>, problems: &mut Problems<'_>) {
    retention(table, problems);
    let places = [
        table.read_at("full_text", problems, full_text).filter(|it| it.value).map(|it| it.place),
        table.read_at("proxy", problems, proxy_url).map(|it| it.place),
        table.read_at("not_before", problems, duration).map(|it| it.place),
        table.read_at("not_after", problems, duration).map(|it| it.place),
    ];
    for place in places.iter().flatten() {
        without_effect(place, problems);
    }
    for rule in table.sections("rule", "", problems) {
        without_effect(&Place { key: "rule".to_owned(), ..rule.place.clone() }, problems);
        check_rule(rule, problems);
    }
}

fn check_rule(mut table: Table<'_>, problems: &mut Problems<'_>) {
    table.required("action", "action = \"include\", \"exclude\", \"replace\" or \"remove\"", problems, one_of(ACTIONS));
    table.read("field", problems, one_of(FIELDS));
    table.read("match", problems, pattern);
    table.read("words", problems, list(string));
    // An empty `with` deletes what matched.
    let with = table.value("with").filter(|with| with.found.as_str() != Some(""));
    with.and_then(|with| string(&with, problems));
    table.read("select", problems, string);
    table.finish(problems);
}

/// `true`, or the CSS selector of the text.
fn full_text(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<bool> {
    match value.found {
        DeValue::String(_) => string(value, problems).map(|_| true),
        _ => boolean(value, problems),
    }
}
