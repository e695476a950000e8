//! The list for people.

use crate::{
    model::Time,
    view::{FeedView, ItemBody, ItemView},
};

/// A list for people: what each entry would be stored and shown as.
pub(super) fn listed(view: &FeedView) -> String {
    let mut text = format!("{}\n{}\n{} entries\n", view.title, view.home, view.items.len());
    for item in &view.items {
        text.push('\n');
        for (name, value) in rows(item) {
            if !value.is_empty() {
                text.push_str(&format!("{name:<12}{value}\n"));
            }
        }
    }
    text.trim_end().to_owned()
}

fn rows(item: &ItemView) -> [(&'static str, String); 9] {
    let time = |time: Time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let names: Vec<&str> = item.authors.iter().map(|person| person.name.as_str()).collect();
    let body = match &item.body {
        ItemBody::Full(html) => format!("{} bytes of HTML", html.len()),
        ItemBody::Excerpt { text, .. } => text.clone(),
        ItemBody::Link => "link only".to_owned(),
    };
    [
        ("title", item.title.as_ref().map(|title| title.value.clone()).unwrap_or_default()),
        ("infoCode", item.code.to_string()),
        ("link", item.original.clone().unwrap_or_default()),
        ("published", item.published.map(time).unwrap_or_default()),
        ("updated", time(item.updated)),
        ("authors", names.join(", ")),
        ("publisher", item.publisher.clone().unwrap_or_default()),
        ("byline", item.byline.join("; ")),
        ("body", body),
    ]
}
