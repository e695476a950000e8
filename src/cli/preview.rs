//! `syndic preview`: what syndic makes of a document, by the daemon's own functions; nothing is stored.

pub(super) mod diff;
mod document;
mod found;
mod listing;
mod make;
mod online;
mod upstream;

use super::{Exit, Global, Output, output::Unable, session};
use crate::{
    config::{Config, Overrides},
    enrich,
    fetch::{self, Body, Client, Page},
    format::{self, Format},
    model::{Clock, Slug, Source, SourceKind, Text, Time},
    recipe::{self, Proposed},
};
use anyhow::Context;
use clap::ValueEnum;
use document::page;
use listing::listed;
pub(super) use make::{Made, draft, make};
use std::{path::PathBuf, sync::Arc};
use url::Url;

/// Arguments of `preview`.
#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// A feed, a post, a folder of posts, an http(s) URL, or `-` for standard input; without one, what the source has now
    #[arg(value_name = "FILE|URL|-", required_unless_present_any = ["source", "diff"])]
    document: Option<String>,
    /// What relative references in a file resolve against
    #[arg(long, value_name = "URL")]
    base: Option<Url>,
    /// The Content-Type that a server would send with a file
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// How to print it: a feed format, one sanitised fragment of HTML, or a list for people
    #[arg(long = "as", value_enum, default_value = "text")]
    format: Shape,
    /// Treat it as this source of feeds.toml, with its settings
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Print lines for feeds.toml by which a page or JSON that is no feed can be read, to be edited
    #[arg(long, value_enum, value_name = "KIND", conflicts_with_all = ["source", "format"])]
    propose: Option<Kind>,
    /// The file is a changed feeds.toml: what would it change in the published feeds?
    #[arg(long, conflicts_with_all = ["source", "base", "content_type", "format"])]
    diff: bool,
}

/// What a document that is no feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A page that lists things
    Page,
    /// JSON that lists things
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Atom,
    Rss,
    Json,
    Html,
    Text,
}

/// Prints what would be published. Exit 1 when the document cannot be read as a feed.
pub(super) async fn preview(global: &Global, args: &PreviewArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.diff {
        return diff::ask(global, args.document.as_deref(), output).await;
    }
    let clock = Clock::system();
    let (config, source) = settings(global, args, output).await?;
    let page = page(args, &config, &source, clock.now()).await?;
    if let Some(kind) = args.propose {
        output.line(proposed(kind, args, &page, clock.now())?).await?;
        return Ok(Exit::Well);
    }
    if args.format == Shape::Html {
        output.line(fragment(&page)).await?;
        return Ok(Exit::Well);
    }
    // Posts have codes and categories of their own; a source of feeds.toml says itself what it is.
    let source = match (&page.body, &args.source) {
        (Body::Posts(_), None) => {
            let folder = SourceKind::Folder(args.document.as_deref().unwrap_or_default().into());
            Arc::new(Source { kind: folder, categories: Vec::new(), ..(*source).clone() })
        }
        _ => source,
    };
    let client = Client::new(&config.fetch)?;
    let mut read = match draft(&config, &source, &page, clock.now()) {
        Ok(read) => read,
        Err(error) if source.recipe.is_some() => return Err(error),
        Err(error) => {
            let address = args.document.as_deref().unwrap_or_default();
            return Err(online::with_places(error, &client, address, &config, &page, clock.now()).await);
        }
    };
    let texts = online::full_texts(&client, &config, &source, &mut read.drafts, clock.now()).await;
    read.notes.extend(texts);
    let made = make(&config, &source, read, clock.now());
    for note in &made.notes {
        output.note(format!("note: {note}")).await?;
    }
    let format = match args.format {
        Shape::Atom => Format::Atom,
        Shape::Rss => Format::Rss,
        Shape::Json => Format::Json,
        Shape::Html | Shape::Text => {
            output.line(listed(&made, args.source.is_some())).await?;
            return Ok(Exit::Well);
        }
    };
    output.line(String::from_utf8(format::render(&made.view, format)?)?).await?;
    Ok(Exit::Well)
}

/// A source for feeds.toml, made from a document.
fn proposed(kind: Kind, args: &PreviewArgs, page: &Page, now: Time) -> anyhow::Result<String> {
    let kind = match kind {
        Kind::Page => Proposed::Page,
        Kind::Json => Proposed::Json,
    };
    let section = recipe::propose(kind, page, None, now).map_err(|why| anyhow::anyhow!("nothing to propose: {why}"))?;
    let document = args.document.as_deref().unwrap_or_default();
    let url = Url::parse(document).ok().or_else(|| args.base.clone()).map_or_else(|| document.to_owned(), String::from);
    let host = Url::parse(&url)
        .ok()
        .and_then(|url| url.host_str().map(|host| host.trim_start_matches("www.").replace('.', "-")));
    let id = host.and_then(|host| Slug::parse(&host)).map_or_else(|| "new-source".to_owned(), |id| id.to_string());
    let url = toml::Value::String(url);
    Ok(format!("[[source]]\nid = \"{id}\"\nurl = {url}\ncategory = \"news\"\n{}", section.trim_end()))
}

/// The settings to look at an address through, where no source of feeds.toml reads it.
pub(super) fn neutral(global: &Global, url: &str) -> anyhow::Result<(Config, Source)> {
    neutral_with(global, url, "")
}

/// The same, with a section on how it is read.
pub(super) fn neutral_with(global: &Global, url: &str, section: &str) -> anyhow::Result<(Config, Source)> {
    let nowhere = format!("http://{}/", upstream::NOWHERE);
    let text = format!(
        "[site]\nurl = \"{nowhere}\"\n[publish]\ncredit = false\n\
         [[source]]\nid = \"preview\"\nurl = {}\ncontent = \"full\"\ncategory = \"preview\"\n{section}",
        toml::Value::String(url.to_owned()),
    );
    let mut config = Config::parse(&text, &PathBuf::from("preview"), &Overrides::default())?.config;
    // What the operator lets the daemon reach, a preview may reach too.
    if let Ok(theirs) = Config::load(&global.config, &session::overrides(global)) {
        config.fetch = theirs.config.fetch;
    }
    let source = config.sources.first().map(|source| Source::clone(source));
    let source = source.context("the neutral settings hold one source")?;
    Ok((config, source))
}

/// The settings to look through: those of a source of feeds.toml, else neutral ones that need no file.
async fn settings(global: &Global, args: &PreviewArgs, output: &Output) -> anyhow::Result<(Arc<Config>, Arc<Source>)> {
    if let Some(id) = &args.source {
        let config = session::load(global, output).await?;
        let found = config.sources.iter().find(|source| source.id.as_str() == id).cloned();
        let source = found.ok_or_else(|| Unable(format!("no source `{id}` in {}", global.config.display())))?;
        return Ok((config, source));
    }
    let nowhere = format!("http://{}/", upstream::NOWHERE);
    let base = args.base.as_ref().filter(|base| matches!(base.scheme(), "http" | "https"));
    let url = args.document.as_deref().filter(|document| is_url(document));
    let url = url.unwrap_or_else(|| base.map_or(nowhere.as_str(), Url::as_str));
    let (config, source) = neutral(global, url)?;
    Ok((Arc::new(config), Arc::new(source)))
}

fn is_url(document: &str) -> bool {
    document.starts_with("http://") || document.starts_with("https://")
}

/// One fragment of HTML, made safe.
fn fragment(page: &Page) -> String {
    let Body::Document(bytes) = &page.body else { return String::new() };
    let decoded = fetch::charset::decode(bytes, page.content_type.as_deref());
    enrich::sanitise(&Text { base: page.base.clone(), ..Text::html(decoded.text) })
}
