//! `[source.detail]`: where the text of an entry is, when its list holds less.

use super::{
    super::{
        problems::Problems,
        reader::{Table, Value, string},
    },
    Kind, cut, fields, short,
};
use crate::model::{Detail, Detailed, Drawn, Slot, Template, WantedText};
use std::sync::Arc;
use toml::de::DeValue;
use url::Url;

/// What a detail may add to what its list says.
const SLOTS: [Slot; 6] = [Slot::Content, Slot::Title, Slot::Summary, Slot::Author, Slot::Publisher, Slot::Published];

/// What an address can be made of.
const PLACES: [&str; 3] = ["code", "id", "link"];

/// Where the full text is: what `full_text` says, or this section.
pub(in crate::config) fn detail(
    table: &mut Table<'_>,
    full_text: Option<WantedText>,
    problems: &mut Problems,
) -> Option<WantedText> {
    let Some(value) = table.value("detail") else { return full_text };
    let mut section = Table::inside(&value, "[source.detail]".to_owned(), problems)?;
    if full_text.is_some() {
        let problem = problems.error(&value.place, "both `full_text` and [source.detail]");
        problem.expected("one of the two");
    }
    let url = section.value("url").map(|value| address(&value, problems));
    let strip = section.read("strip", problems, cut);
    let mut drawn: Vec<Drawn> = Vec::new();
    let kind = if is_json(&mut section) { Kind::Json } else { Kind::Page };
    for slot in SLOTS {
        let Some(value) = section.value(slot.name()) else { continue };
        let Some((from, cut)) = fields::drawn(&value, slot, kind, problems) else { continue };
        drawn.push(Drawn { slot, from, cut, spot: problems.spot_of(&value.place) });
    }
    let spot = problems.spot_of(&value.place);
    section.finish(problems);
    let form = match kind {
        Kind::Json => Detailed::Json,
        _ if drawn.iter().any(|drawn| drawn.slot == Slot::Content) => Detailed::Chosen,
        _ => Detailed::Extracted,
    };
    // What could not be read is reported.
    Some(WantedText::Detail(Arc::new(Detail { url: url.flatten(), form, fields: drawn, strip, spot })))
}

/// JSON is told by the path of what stands first in it.
fn is_json(section: &mut Table<'_>) -> bool {
    let path = |value: Option<Value<'_>>| match value.map(|value| value.found) {
        Some(DeValue::String(text)) => text.trim_start().starts_with('$'),
        Some(DeValue::Table(table)) => table.iter().any(|(name, _)| name.get_ref() == "path"),
        _ => false,
    };
    SLOTS.into_iter().any(|slot| path(section.value(slot.name())))
}

fn address(value: &Value<'_>, problems: &mut Problems) -> Option<Template> {
    let text = string(value, problems)?;
    let template = match Template::parse(&text) {
        Ok(template) => template,
        Err(why) => {
            problems
                .error(&value.place, format!("`{}` {why}", short(&text)))
                .expected("\"https://example.org/detail/{code}\"");
            return None;
        }
    };
    if let Some(unknown) = template.places().find(|name| !PLACES.contains(name)) {
        let problem = problems.error(&value.place, format!("`{{{unknown}}}` stands for nothing in this address"));
        problem.expected("one of {code}, {id}, {link}");
        return None;
    }
    // Whose address it is, no document decides.
    let beginning = template.beginning();
    let host = Url::parse(beginning).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let whole = beginning.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']));
    if host.is_none() || !whole {
        let problem = problems.error(&value.place, "nobody but this file says which address leads to a host");
        problem
            .expected("an address beginning with https://, a host and a slash: \"https://example.org/detail/{code}\"");
        return None;
    }
    Some(template)
}
