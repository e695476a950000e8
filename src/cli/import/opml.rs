//! `syndic import opml FILE`: a list of subscriptions becomes sources of feeds.toml, its folders their categories.

use super::super::{Exit, Global, Output, change, output::Unable, session};
use crate::{
    config::{Editing, Said},
    fetch::charset,
    parse,
    proposal::List,
};
use std::{
    collections::BTreeSet,
    io::Read,
    path::{Path, PathBuf},
};

/// Longest list that is read.
const LONGEST: u64 = 32 << 20;

/// Arguments of `import opml`.
#[derive(Debug, clap::Args)]
pub struct OpmlArgs {
    /// A list of subscriptions as readers export it; `-` reads standard input
    #[arg(value_name = "FILE|-")]
    path: PathBuf,
    /// Write the sources into this file, which feeds.toml includes
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Leave categories alone: the sources stand in none
    #[arg(long)]
    no_categories: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Adds what is new. Exit 1 when something of the list cannot be used.
pub(super) async fn import(global: &Global, args: OpmlArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut editing = Editing::begin(&global.config, &session::overrides(global))
        .map_err(|error| Unable(format!("{}: {error}", global.config.display())))?;
    let read = parse::opml(&text(&args.path)?).map_err(|why| Unable(format!("{}: {why}", args.path.display())))?;
    for note in &read.notes {
        output.note(format!("note: {note}")).await?;
    }
    let loaded = editing.loaded();
    let mut list = List::over(loaded.map(|loaded| &loaded.config));
    // Where none is declared, categories are made by being named.
    let declares =
        loaded.is_none_or(|loaded| loaded.written.declares_categories() || loaded.config.categories.is_empty());
    for outline in read.outlines {
        if let Some(note) = list.take(outline, !args.no_categories) {
            output.note(note).await?;
        }
    }
    let List { sources, folders, unusable, known, .. } = list;
    let wanted: BTreeSet<&String> = sources.iter().flat_map(|source| &source.categories).collect();
    for (slug, title) in folders.iter().filter(|(slug, _)| declares && wanted.contains(slug)) {
        let lines = vec![("slug", Said::Text(slug.clone())), ("title", Said::Text(title.clone()))];
        editing.add("category", &lines, None).map_err(Unable)?;
    }
    for source in &sources {
        editing.add("source", &source.lines(), args.file.as_deref()).map_err(Unable)?;
    }
    output.line(format!("{} new, {known} there already, {unusable} unusable", sources.len())).await?;
    let exit = change::finish(global, &editing, args.dry_run, output).await?;
    Ok(if exit == Exit::Well && unusable > 0 { Exit::Failed } else { exit })
}

fn text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Unable(format!("{}: {error}", path.display())))?;
    Ok(charset::decode(&bytes, None).text.into_owned())
}
