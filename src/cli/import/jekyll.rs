//! `syndic import jekyll DIR`: a folder of posts taken in once, with a report of what was odd.

use super::super::{Exit, Output, Session};
use crate::{
    config::{Config, Overrides},
    model::{Slug, Source, SourceKind},
    refresh::{Odd, TakenIn, take_in_once},
};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

/// Posts named with each oddity.
const NAMED: usize = 5;
/// Posts told of one by one; of more the number is told.
const TOLD: usize = 1_000;

/// Arguments of `import jekyll`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct JekyllArgs {
    /// A folder of posts, or one with _posts in it
    #[arg(value_name = "DIR")]
    path: PathBuf,
    /// Whose posts they are: the id of a source; without it the source of that folder in feeds.toml, else the folder's name
    #[arg(long, value_name = "ID")]
    source: Option<String>,
}

impl JekyllArgs {
    /// The daemon may stand in another folder.
    pub(in crate::cli) fn absolute(self) -> JekyllArgs {
        JekyllArgs { path: std::path::absolute(&self.path).unwrap_or(self.path), ..self }
    }
}

/// Takes the folder in and says what came of it. Exit 1 where a post was left out.
pub(in crate::cli) async fn jekyll(session: &Session, args: &JekyllArgs, output: &Output) -> anyhow::Result<Exit> {
    let config = session.config.borrow().clone();
    let source = source(&config, args)?;
    let progress = watch::Sender::default();
    let mut told = progress.subscribe();
    let taking = take_in_once(&session.tools, &config, &source, &progress);
    tokio::pin!(taking);
    let taken = loop {
        tokio::select! {
            taken = &mut taking => break taken?,
            Ok(()) = told.changed() => {
                let (done, all) = *told.borrow_and_update();
                output.progress(done, all, "posts read and made safe").await?;
            }
        }
    };
    for note in taken.notes.iter().take(TOLD) {
        output.note(note.clone()).await?;
    }
    if taken.notes.len() > TOLD {
        output.note(format!("and {} more", taken.notes.len() - TOLD)).await?;
    }
    if config.source(&source.id).is_none() {
        output.note(unknown(&source.id, &args.path)).await?;
    }
    output.line(report(&taken)).await?;
    Ok(if left_out(&taken) > 0 { Exit::Failed } else { Exit::Well })
}

/// The source they are of: as feeds.toml describes it, but read from that folder.
fn source(config: &Config, args: &JekyllArgs) -> anyhow::Result<Arc<Source>> {
    let kind = SourceKind::Folder(args.path.clone());
    let of_folder = |source: &&Arc<Source>| matches!(&source.kind, SourceKind::Folder(path) if same(path, &args.path));
    let known = match &args.source {
        Some(id) => {
            let id = Slug::parse(id)
                .with_context(|| format!("`{id}` is no id of a source: lower-case letters, digits and -"))?;
            config.source(&id).cloned().ok_or(id)
        }
        None => config.sources.iter().find(of_folder).cloned().ok_or_else(|| named(&args.path)),
    };
    match known {
        Ok(source) => Ok(Arc::new(Source { kind, ..(*source).clone() })),
        Err(id) => {
            let path = toml::Value::String(args.path.display().to_string());
            let text = format!("[[source]]\nid = \"{id}\"\npath = {path}\ncontent = \"full\"\n");
            let own = Config::parse(&text, Path::new("import"), &Overrides::default())?.config;
            let source = own.sources.first().context("a folder of posts is a source")?;
            Ok(Arc::new(Source { kind, timezone: config.site.timezone, ..(**source).clone() }))
        }
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// An id made of the folder's name; `posts` where nothing of it is fit for one.
fn named(path: &Path) -> Slug {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let fit: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(64).collect();
    let parse = |text: &str| Slug::parse(text.trim_matches('-'));
    parse(&fit).or_else(|| parse("posts")).unwrap_or_else(|| unreachable!("`posts` is a slug"))
}

fn unknown(id: &Slug, path: &Path) -> String {
    let path = toml::Value::String(path.display().to_string());
    format!(
        "feeds.toml has no source `{id}`: of its entries only excerpts are shown, until you add\n\n\
         [[source]]\nid = \"{id}\"\npath = {path}\ncontent = \"full\"\nenabled = false\n"
    )
}

fn left_out(taken: &TakenIn) -> usize {
    taken.notes.iter().filter(|note| note.ends_with(": left out")).count()
}

fn report(taken: &TakenIn) -> String {
    let changes = &taken.changes;
    let mut text = format!(
        "{} posts: {} new, {} updated, {} unchanged, {} refused, {} left out",
        taken.posts,
        changes.new.len(),
        changes.updated.len(),
        changes.unchanged,
        changes.refused.len(),
        left_out(taken)
    );
    for (odd, names) in &taken.odd {
        let _ = write!(text, "\n  {} {}: {}", names.len(), Odd::words(*odd), first(names));
    }
    for note in &changes.notes {
        let _ = write!(text, "\n  {note}");
    }
    text
}

fn first(names: &[String]) -> String {
    let mut text = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        let _ = write!(text, ", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_source_a_name() {
        for (path, id) in [("/a/My Posts", "my-posts"), ("/a/_posts", "posts"), ("/a/文章", "posts"), ("/", "posts")]
        {
            assert_eq!(named(Path::new(path)).as_str(), id, "{path}");
        }
    }
}
