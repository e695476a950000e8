//! `syndic export …`: what is stored, written out.

use super::{Exit, Output, Session};
use crate::{
    export::{self, Done, Progress},
    format::{self, OpmlFeed, OpmlHead},
    model::{InfoCode, Source},
    serve,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Entries read from the store at a time.
const STEP: usize = 64;

/// What to export.
#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub enum ExportCommand {
    /// Every entry with its editions as NDJSON on stdout, one line an entry, in the order of their codes
    Entries,
    /// Everything public as a Jekyll site: posts, a page for each category, layouts, settings
    Jekyll {
        /// The folder; made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// The public site as files, for any web server; of a folder that holds one already, only what changed
    Site {
        /// The folder; made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// The sources as a list of subscriptions that any reader imports (OPML 2.0) on stdout, categories as folders
    Opml,
}

impl ExportCommand {
    /// The daemon may stand in another folder.
    pub(super) fn absolute(self) -> ExportCommand {
        let absolute = |folder: PathBuf| std::path::absolute(&folder).unwrap_or(folder);
        match self {
            ExportCommand::Entries | ExportCommand::Opml => self,
            ExportCommand::Jekyll { folder } => ExportCommand::Jekyll { folder: absolute(folder) },
            ExportCommand::Site { folder } => ExportCommand::Site { folder: absolute(folder) },
        }
    }
}

/// Writes it out.
pub(super) async fn export(session: &Session, command: &ExportCommand, output: &Output) -> anyhow::Result<Exit> {
    match command {
        ExportCommand::Entries => entries(session, output).await,
        ExportCommand::Jekyll { folder } => {
            let (app, config, progress) = (session.app(), session.config.borrow().clone(), Progress::default());
            let exporting = export::jekyll(&app, &config, &session.tools.store, folder, &progress);
            told(exporting, &progress, "entries", folder, output).await
        }
        ExportCommand::Site { folder } => {
            let (app, progress) = (session.app(), Progress::default());
            let exporting = export::site(&app, &session.tools.store, folder, &progress);
            told(exporting, &progress, "documents", folder, output).await
        }
        ExportCommand::Opml => opml(session, output).await,
    }
}

/// Tells how far an export is, and what it came to.
async fn told(
    exporting: impl Future<Output = anyhow::Result<Done>>,
    progress: &Progress,
    what: &str,
    folder: &Path,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut told = progress.subscribe();
    tokio::pin!(exporting);
    let Done { documents, written, removed, .. } = loop {
        tokio::select! {
            done = &mut exporting => break done?,
            Ok(()) = told.changed() => {
                let (done, all) = *told.borrow_and_update();
                output.progress(done, all, what).await?;
            }
        }
    };
    output.line(format!("{documents} documents in {}: {written} written, {removed} removed", folder.display())).await?;
    Ok(Exit::Well)
}

async fn entries(session: &Session, output: &Output) -> anyhow::Result<Exit> {
    let mut after: Option<InfoCode> = None;
    let names = session.tools.store.gone_names().await?;
    loop {
        let batch = session.tools.store.portable_after(after.as_ref(), STEP, &names).await?;
        let Some(last) = batch.last() else { return Ok(Exit::Well) };
        after = Some(last.code().clone());
        for one in &batch {
            output.line(format::ndjson(one)?).await?;
        }
    }
}

/// What is read over HTTP, but what nobody may know: addresses with credentials, sources of private categories.
async fn opml(session: &Session, output: &Output) -> anyhow::Result<Exit> {
    let config = session.config.borrow().clone();
    let states = session.tools.store.states().await?;
    let outline = |source: &Source| {
        let state = states.get(&source.id);
        let homepage = source.homepage.clone().or_else(|| state?.feed.as_ref()?.home.clone());
        Some(OpmlFeed {
            title: serve::title(source, state),
            xml_url: source.url().filter(|_| source.publish_url)?.to_string(),
            html_url: homepage.unwrap_or_default(),
            description: None,
            language: source.language.clone(),
        })
    };
    let public = config.categories.iter().filter(|category| category.token.is_none());
    let of = |category: &crate::config::Category| {
        let fed = config.sources.iter().filter(|source| source.categories.iter().any(|of| of.slug == category.slug));
        (category.title.clone(), fed.filter_map(|source| outline(source)).collect::<Vec<_>>())
    };
    let loose = config.sources.iter().filter(|source| source.categories.is_empty());
    let loose = (String::new(), loose.filter_map(|source| outline(source)).collect());
    let groups: Vec<_> = public.map(of).chain([loose]).collect();
    let site = &config.site;
    let head = OpmlHead {
        title: site.title.clone(),
        owner: format!("{}/about.html", site.url.as_str().trim_end_matches('/')),
        modified: None,
    };
    output.line(String::from_utf8(format::opml(&head, &groups)?)?).await?;
    let told = |source: &Source| {
        let named = |url: &str| groups.iter().any(|(_, feeds)| feeds.iter().any(|feed| feed.xml_url == url));
        source.url().is_some_and(|url| named(url.as_str()))
    };
    let left_out: Vec<&str> =
        config.sources.iter().filter(|source| !told(source)).map(|source| source.id.as_str()).collect();
    if !left_out.is_empty() {
        output
            .note(format!(
                "left out, for their addresses or categories are private or they are folders: {}",
                left_out.join(", ")
            ))
            .await?;
    }
    Ok(Exit::Well)
}
