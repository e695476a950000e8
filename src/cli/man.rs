//! `syndic man [DIR]`: the manual pages, a page a command, and feeds.toml(5). The same bytes from the same program, without a date.

mod pages;
mod section5;

use super::{Exit, Output, command};
use anyhow::Context;
use std::path::PathBuf;

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write all pages into this folder, below man1 and man5; without it, print syndic(1)
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Prints one, or writes all.
pub(super) async fn man(args: &ManArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut pages = pages::pages(command());
    let Some(folder) = &args.folder else {
        let (_, first) = pages.swap_remove(0);
        output.line(first.trim_end().to_owned()).await?;
        return Ok(Exit::Well);
    };
    pages.push(("man5/feeds.toml.5".to_owned(), section5::feeds_toml()));
    for (name, page) in &pages {
        let path = folder.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, page));
        written.with_context(|| path.display().to_string())?;
    }
    output.line(format!("{} pages in {}", pages.len(), folder.display())).await?;
    Ok(Exit::Well)
}
