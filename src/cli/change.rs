//! `syndic remove`, `enable`, `disable`, `move`: a line of feeds.toml changed, comments and order kept. The daemon, if one runs, takes it at once.

use super::{Exit, Global, Output, Request, output::Unable, session};
use crate::{
    config::{self, Editing, Judged, Said},
    control::{self, Frame},
};
use similar::TextDiff;
use tokio::sync::mpsc;

/// Arguments of `remove`, `enable` and `disable`.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    /// The id of the source
    #[arg(value_name = "ID")]
    id: String,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `move`.
#[derive(Debug, clap::Args)]
pub struct MoveArgs {
    /// The id of the source
    #[arg(value_name = "ID")]
    id: String,
    /// The category its entries stand in from now on
    #[arg(value_name = "SLUG")]
    slug: String,
    /// Add the category, if it is not there yet
    #[arg(long)]
    create: bool,
    /// The title of an added category
    #[arg(long, requires = "create")]
    title: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Takes a source out.
pub(super) async fn remove(global: &Global, args: ChangeArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut editing = begin(global)?;
    editing.remove(&args.id).map_err(Unable)?;
    finish(global, &editing, args.dry_run, output).await
}

/// Polls it, or leaves it alone; what it brought stays published.
pub(super) async fn enable(global: &Global, args: ChangeArgs, on: bool, output: &Output) -> anyhow::Result<Exit> {
    let mut editing = begin(global)?;
    // It is polled where the file says nothing.
    if !on || editing.has(&args.id, "enabled") {
        editing.set(&args.id, "enabled", &Said::Flag(on)).map_err(Unable)?;
    } else if !editing.has(&args.id, "id") {
        editing.set(&args.id, "id", &Said::Text(args.id.clone())).map_err(Unable)?;
    }
    finish(global, &editing, args.dry_run, output).await
}

/// Puts a source into another category.
pub(super) async fn move_source(global: &Global, args: MoveArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut editing = begin(global)?;
    let is_known = editing.loaded().is_none_or(|loaded| {
        let known = loaded.config.categories.iter().any(|category| category.slug.as_str() == args.slug);
        known || !loaded.written.declares_categories() && !loaded.config.categories.is_empty()
    });
    if args.create && !is_known {
        let title = args.title.clone().map(|title| ("title", Said::Text(title)));
        let lines = [("slug", Said::Text(args.slug.clone()))].into_iter().chain(title).collect();
        editing.add("category", &lines, None).map_err(Unable)?;
    }
    let slug = || args.slug.clone();
    let (key, value) = match editing.has(&args.id, "categories") {
        true => ("categories", Said::Texts(vec![slug()])),
        false => ("category", Said::Text(slug())),
    };
    editing.set(&args.id, key, &value).map_err(Unable)?;
    finish(global, &editing, args.dry_run, output).await
}

fn begin(global: &Global) -> anyhow::Result<Editing> {
    let begun = Editing::begin(&global.config, &session::overrides(global));
    Ok(begun.map_err(|error| Unable(format!("{}: {error}", global.config.display())))?)
}

/// Judges an edit, writes it, and has the daemon take it; or shows it only.
pub(super) async fn finish(global: &Global, editing: &Editing, dry_run: bool, output: &Output) -> anyhow::Result<Exit> {
    let Judged { loaded, difference } = editing.judge()?;
    let warnings = loaded.map(|loaded| loaded.warnings).unwrap_or_default();
    let old: Vec<&str> =
        editing.loaded().iter().flat_map(|loaded| &loaded.warnings).map(|known| known.message.as_str()).collect();
    let new: Vec<_> = warnings.into_iter().filter(|warning| !old.contains(&warning.message.as_str())).collect();
    if !new.is_empty() {
        output.note(config::render(&new, output.is_coloured())).await?;
    }
    if editing.changes().next().is_none() {
        output.line(format!("{}: nothing to change", global.config.display())).await?;
        return Ok(Exit::Well);
    }
    for (path, before, after) in editing.changes() {
        let name = path.display().to_string();
        let diff = TextDiff::from_lines(before, after);
        let shown = diff.unified_diff().context_radius(2).header(&name, &name).to_string();
        if dry_run {
            output.line(shown.trim_end().to_owned()).await?;
        }
    }
    let told = difference.map(|difference| format!(": {difference}")).unwrap_or_default();
    if dry_run {
        output.line(format!("would change {}{told}; nothing was written", global.config.display())).await?;
        return Ok(Exit::Well);
    }
    editing.save().map_err(|error| Unable(error.to_string()))?;
    output.line(format!("changed {}{told}", global.config.display())).await?;
    take(global, output).await
}

/// Has the daemon take it. What it says of it stands on the screen already, unless it refuses.
async fn take(global: &Global, output: &Output) -> anyhow::Result<Exit> {
    let data = config::likely_data(&global.config, &session::overrides(global));
    let (frames, mut said) = mpsc::channel(256);
    let answered = control::ask(&data, &Request::Reload, &Output::frames(frames)).await?;
    let Some(exit) = answered else {
        output.line("no daemon runs here: it takes effect at the next start".to_owned()).await?;
        return Ok(Exit::Well);
    };
    if exit == Exit::Well {
        output.line("in force".to_owned()).await?;
        return Ok(exit);
    }
    while let Some(frame) = said.recv().await {
        if let Frame::Out(line) | Frame::Err(line) = frame {
            output.note(line).await?;
        }
    }
    output.note("the daemon does not take it, and goes on by the last good feeds.toml".to_owned()).await?;
    Ok(exit)
}
