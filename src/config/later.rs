//! Keys of the contract that this version understands but does not act on: their form is checked,
//! so that a file written for a later version loads, and the operator is told.

use super::{
    problems::{Place, Problems},
    reader::{Table, Value, boolean, string},
    values::proxy_url,
};
use toml::de::DeValue;

/// Says that a key is understood and ignored.
pub(super) fn without_effect(place: &Place, problems: &mut Problems<'_>) {
    let key = super::reader::last(&place.key).to_owned();
    problems.warning(place, format!("`{key}` has no effect in this version yet"));
}

/// The keys of a source that come later.
pub(super) fn of_source(table: &mut Table<'_>, problems: &mut Problems<'_>) {
    let places = [
        table.read_at("full_text", problems, full_text).filter(|it| it.value).map(|it| it.place),
        table.read_at("proxy", problems, proxy_url).map(|it| it.place),
    ];
    for place in places.iter().flatten() {
        without_effect(place, problems);
    }
}

/// `true`, or the CSS selector of the text.
fn full_text(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<bool> {
    match value.found {
        DeValue::String(_) => string(value, problems).map(|_| true),
        _ => boolean(value, problems),
    }
}
