//! The list for people: the document, then each entry with what became of it.

use super::make::{Made, Seen};
use crate::{
    model::{Person, Time},
    policy,
    view::ItemBody,
};

/// What each entry would be stored and shown as. `judged` where a source of feeds.toml has a say.
pub(super) fn listed(made: &Made, judged: bool) -> String {
    let Made { view, entries, read_as, found, .. } = made;
    let hidden = entries.len().saturating_sub(view.items.len());
    let hidden = if hidden == 0 { String::new() } else { format!(", {hidden} of them not shown") };
    let title = policy::plain(&view.title);
    let heads = [title.trim(), view.home.trim()].into_iter().filter(|line| !line.is_empty());
    let mut text: String = heads.map(|line| format!("{line}\n")).collect();
    text.push_str(&format!("read as {read_as}\n"));
    if let Some(found) = found {
        text.push_str(&format!("\n{found}\n"));
    }
    text.push_str(&format!("{} entries{hidden}\n", entries.len()));
    for entry in entries {
        text.push('\n');
        for (name, value) in rows(entry, judged) {
            if !value.is_empty() {
                text.push_str(&format!("{name:<12}{value}\n"));
            }
        }
    }
    text.trim_end().to_owned()
}

fn rows(entry: &Seen, judged: bool) -> Vec<(&'static str, String)> {
    let item = &entry.item;
    let time = |time: Time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let named = |who: &Person| -> Option<String> {
        let known = [Some(&who.name), who.email.as_ref(), who.uri.as_ref()];
        known.into_iter().flatten().find(|said| !said.is_empty()).cloned()
    };
    let names: Vec<String> = item.authors.iter().filter_map(named).collect();
    let body = match &item.body {
        ItemBody::Full(html) => format!("{} bytes of HTML", html.len()),
        ItemBody::Excerpt { text, .. } => text.clone(),
        ItemBody::Link => "link only".to_owned(),
    };
    let verdict = if judged { entry.verdict.clone() } else { String::new() };
    let mut rows = vec![
        ("title", item.title.as_ref().map(policy::plain).unwrap_or_default()),
        ("verdict", verdict),
        ("infoCode", item.code.to_string()),
        ("link", item.original.clone().unwrap_or_default()),
        ("published", item.published.map(time).unwrap_or_default()),
        ("updated", time(item.updated)),
        ("authors", names.join(", ")),
        ("publisher", item.publisher.clone().unwrap_or_default()),
        ("byline", item.byline.join("; ")),
        ("body", body),
    ];
    rows.extend(entry.rewrites.iter().map(|done| ("changed", done.clone())));
    rows.extend(entry.date_notes.iter().map(|note| ("date", note.clone())));
    rows
}
