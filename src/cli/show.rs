//! `syndic show CODE|URL`: one entry, with whose work it is and where it stands; its editions, and what changed between them.

use super::{Exit, Output, Session};
use crate::{
    format,
    model::{Edition, Entry, Field, Text, Time},
    store, view,
};
use serde::{Deserialize, Serialize};

/// Arguments of `show`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct ShowArgs {
    /// An infoCode, an alias, or the link of an entry
    #[arg(value_name = "CODE|URL")]
    pub what: String,
    /// List the editions that are kept, and what changed in each
    #[arg(long)]
    pub editions: bool,
    /// Compare the last two editions, or those with these numbers
    #[arg(long, value_name = "OLD..NEW", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = between)]
    pub diff: Option<Between>,
    /// The line that `export entries` would write; with --editions one line an edition, with --diff the comparison
    #[arg(long)]
    pub json: bool,
    /// The terminal that asks shows colours: it is not the daemon that can tell
    #[arg(skip)]
    pub coloured: bool,
}

/// Which editions to compare.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Between {
    /// The current one with the one before.
    LastTwo,
    /// By their numbers.
    Numbers(u32, u32),
}

fn between(text: &str) -> Result<Between, String> {
    if text.is_empty() {
        return Ok(Between::LastTwo);
    }
    let numbers = text.split_once("..").and_then(|(old, new)| Some((old.parse().ok()?, new.parse().ok()?)));
    let (old, new) = numbers.ok_or("two numbers of editions are wanted, such as --diff=1..3")?;
    Ok(Between::Numbers(old, new))
}

impl ShowArgs {
    /// With what only the process at the terminal knows.
    pub(super) fn for_terminal(self, output: &Output) -> ShowArgs {
        ShowArgs { coloured: output.has_coloured_results(), ..self }
    }
}

/// There is no such entry, or its words are gone.
async fn why_not(session: &Session, what: &str) -> anyhow::Result<String> {
    let store = &session.tools.store;
    let Some(code) = store.codes_of(what).await?.into_iter().next() else {
        return Ok(format!("no entry has the code, id or link `{what}`"));
    };
    let gone = store.withdrawn(&code).await?;
    Ok(format!("{code} is {}", gone.map_or_else(|| "gone".to_owned(), |gone| super::retract::told(&gone.withdrawal))))
}

/// Prints the entry. Exit 1 when there is none.
pub(super) async fn show(session: &Session, args: &ShowArgs, output: &Output) -> anyhow::Result<Exit> {
    let Some(entry) = session.tools.store.find(&args.what).await? else {
        output.note(why_not(session, &args.what).await?).await?;
        return Ok(Exit::Failed);
    };
    if args.editions || args.diff.is_some() {
        return editions(session, args, &entry, output).await;
    }
    let text = match args.json {
        true => match session.tools.store.portable(&entry.code).await? {
            Some(one) => format::ndjson(&one)?,
            // Gone between the two looks.
            None => return Ok(Exit::Failed),
        },
        false => described(&entry, &view::item_view(&session.config.borrow(), &entry).page),
    };
    output.line(text).await?;
    Ok(Exit::Well)
}

async fn editions(session: &Session, args: &ShowArgs, entry: &Entry, output: &Output) -> anyhow::Result<Exit> {
    let kept = session.tools.store.editions(&entry.code).await?;
    if args.editions {
        for line in if args.json { listed_as_json(&kept) } else { listed(&kept) } {
            output.line(line).await?;
        }
    }
    let Some(between) = args.diff else { return Ok(Exit::Well) };
    let Some((old, new)) = pair(&kept, between) else {
        let numbers: Vec<_> = kept.iter().map(|(number, _)| number.to_string()).collect();
        output
            .note(format!("nothing to compare: of {} these editions are kept: {}", entry.code, numbers.join(", ")))
            .await?;
        return Ok(Exit::Failed);
    };
    let (old, new) = (old.clone(), new.clone());
    let compared = tokio::task::spawn_blocking(move || format::compare((old.0, &old.1), (new.0, &new.1))).await?;
    if args.json {
        let mut line = serde_json::json!({ "info_code": entry.code });
        if let (Some(line), serde_json::Value::Object(compared)) =
            (line.as_object_mut(), serde_json::to_value(&compared)?)
        {
            line.extend(compared);
        }
        output.line(line.to_string()).await?;
    } else {
        output.line(format!("{} edition {} → {}", entry.code, compared.from, compared.to)).await?;
        let nothing = || "nothing that a reader sees".to_owned();
        output.line(if compared.fields.is_empty() { nothing() } else { compared.text(args.coloured) }).await?;
    }
    Ok(Exit::Well)
}

type Numbered = (u32, Edition);

fn pair(kept: &[Numbered], between: Between) -> Option<(&Numbered, &Numbered)> {
    let numbered = |wanted: u32| kept.iter().find(|(number, _)| *number == wanted);
    match between {
        Between::LastTwo => kept.len().checked_sub(2).and_then(|at| kept.get(at)).zip(kept.last()),
        Between::Numbers(old, new) => numbered(old).zip(numbered(new)),
    }
}

/// Each edition with the fields that changed against the one before; `None` for the first that is kept.
fn with_changes(kept: &[Numbered]) -> impl Iterator<Item = (&Numbered, Option<Vec<Field>>)> {
    let before = std::iter::once(None).chain(kept.iter().map(Some));
    kept.iter().zip(before).map(|(this, before)| (this, before.map(|before| store::changes(&before.1, &this.1))))
}

fn listed(kept: &[Numbered]) -> Vec<String> {
    let row = |number: &str, fetched: &str, updated: &str, changed: &str| {
        format!("{number:<9}{fetched:<22}{updated:<22}{changed}").trim_end().to_owned()
    };
    let rows = with_changes(kept).map(|((number, edition), changed)| {
        let changed = match changed {
            Some(fields) => fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            None if *number == 1 => "new".to_owned(),
            None => "earlier ones are no longer kept".to_owned(),
        };
        row(&number.to_string(), &time(edition.fetched), &time(edition.updated), &changed)
    });
    std::iter::once(row("edition", "fetched", "updated", "changed")).chain(rows).collect()
}

fn listed_as_json(kept: &[Numbered]) -> Vec<String> {
    let line = |((number, edition), changed): (&Numbered, Option<Vec<Field>>)| {
        let (fetched, updated) = (edition.fetched, edition.updated);
        serde_json::json!({ "number": number, "fetched": fetched, "updated": updated, "changed": changed }).to_string()
    };
    with_changes(kept).map(line).collect()
}

fn described(entry: &Entry, page: &str) -> String {
    let edition = &entry.edition;
    let said = &edition.attribution;
    let list = |texts: Vec<String>| texts.join(", ");
    let names = |people: &[crate::model::Person]| list(people.iter().map(|person| person.name.clone()).collect());
    let publisher = said.publisher.as_ref().map(|publisher| format!("{}  {}", publisher.name, publisher.raw));
    let upstream = said.upstream.as_ref().and_then(|upstream| upstream.title.as_ref()).map(plain);
    let rows = [
        ("infoCode", Some(format!("{} ({})", entry.code, entry.kind.name()))),
        ("title", edition.title.as_ref().map(plain)),
        ("link", edition.link.clone()),
        ("page", Some(page.to_owned())),
        (
            "source",
            Some(format!("{} ({})", said.source.title, list(entry.sources.iter().map(ToString::to_string).collect()))),
        ),
        ("publisher", publisher),
        ("byline", Some(list(said.byline.clone()))),
        ("authors", Some(names(&edition.authors))),
        ("copied from", upstream),
        ("rights", edition.rights.as_ref().map(plain).or_else(|| said.source.rights.clone())),
        ("withdrawn", entry.withdrawn.as_ref().map(super::retract::told)),
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
    let shown =
        rows.into_iter().filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| (name, value)));
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
