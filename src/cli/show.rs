//! `syndic show CODE|URL`: one entry, with whose work it is and where it stands.

use super::{Exit, Output, Session};
use crate::{
    format,
    model::{Entry, Text, Time},
    view,
};
use serde::{Deserialize, Serialize};

/// Arguments of `show`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct ShowArgs {
    /// An infoCode, an alias, or the link of an entry
    #[arg(value_name = "CODE|URL")]
    pub what: String,
    /// The line that `export entries` would write
    #[arg(long)]
    pub json: bool,
}

/// Prints the entry. Exit 1 when there is none.
pub(super) async fn show(session: &Session, args: &ShowArgs, output: &Output) -> anyhow::Result<Exit> {
    let Some(entry) = session.tools.store.find(&args.what).await? else {
        output.note(format!("no entry has the code, id or link `{}`", args.what)).await?;
        return Ok(Exit::Failed);
    };
    let text = match args.json {
        true => format::ndjson(&entry)?,
        false => described(&entry, &view::item_view(&session.config.borrow(), &entry).page),
    };
    output.line(text).await?;
    Ok(Exit::Well)
}

fn described(entry: &Entry, page: &str) -> String {
    let edition = &entry.edition;
    let said = &edition.attribution;
    let list = |texts: Vec<String>| texts.join(", ");
    let names = |people: &[crate::model::Person]| list(people.iter().map(|person| person.name.clone()).collect());
    let publisher = said.publisher.as_ref().map(|publisher| format!("{}  {}", publisher.name, publisher.raw));
    let upstream = said.upstream.as_ref().and_then(|upstream| upstream.title.clone());
    let rows = [
        ("infoCode", Some(format!("{} ({})", entry.code, entry.kind.name()))),
        ("title", edition.title.as_ref().map(plain)),
        ("link", edition.link.clone()),
        ("page", Some(page.to_owned())),
        ("source", Some(format!("{} ({})", said.source.title, list(entry.sources.iter().map(ToString::to_string).collect())))),
        ("publisher", publisher),
        ("byline", Some(list(said.byline.clone()))),
        ("authors", Some(names(&edition.authors))),
        ("copied from", upstream),
        ("rights", edition.rights.as_ref().map(plain).or_else(|| said.source.rights.clone())),
        ("published", edition.published.map(time)),
        ("updated", Some(time(edition.updated))),
        ("first seen", Some(time(entry.first_seen))),
        ("dates", Some(list(edition.date_notes.clone()))),
        ("categories", Some(list(entry.categories.iter().map(ToString::to_string).collect()))),
        ("tags", Some(list(edition.tags.iter().map(|tag| tag.term.clone()).collect()))),
        ("atom:id", Some(entry.ids.atom.clone())),
        ("guid", Some(entry.ids.rss.clone())),
        ("owner", Some(format!("{} ({})", entry.owner, entry.namespace))),
        ("aliases", Some(list(entry.aliases.iter().map(|alias| alias.0.clone()).collect()))),
        ("edition", Some(format!("{}, fetched {}", entry.edition_number, time(edition.fetched)))),
    ];
    let shown = rows.into_iter().filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| (name, value)));
    let mut text: String = shown.map(|(name, value)| format!("{name:<12}{value}\n")).collect();
    if let Some(body) = edition.content.as_ref().or(edition.summary.as_ref()) {
        text.push('\n');
        text.push_str(&body.value);
    }
    text.trim_end().to_owned()
}

fn plain(text: &Text) -> String {
    text.value.trim().to_owned()
}

fn time(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
