//! `syndic preview`: what syndic makes of a document, by the daemon's own functions; nothing is stored.

use super::{Exit, Global, Output, output::Unable, session};
use crate::{
    config::{Config, Overrides},
    enrich::{self, enrich},
    fetch::{self, Body, Client, Page},
    format::{self, Format},
    identify::identify,
    model::{
        Answer, Candidate, Clock, Draft, Entry, FeedId, FeedInfo, GuidTrust, Known, Source, SourceKind, Text, Time,
        Validators,
    },
    parse, store,
    view::{self, FeedView, ItemBody, ItemView},
};
use anyhow::Context;
use clap::ValueEnum;
use std::{io::Read, path::PathBuf, sync::Arc};
use url::Url;

/// The longest document read from a file or standard input.
const MAX_BYTES: u64 = 15 * 1024 * 1024;

/// Arguments of `preview`.
#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// A file, an http(s) URL, or `-` for standard input
    #[arg(value_name = "FILE|URL|-")]
    document: String,
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
    let clock = Clock::system();
    let (config, source) = settings(global, args, output).await?;
    let page = page(args, &config, &source, clock.now()).await?;
    if args.format == Shape::Html {
        output.line(fragment(&page)).await?;
        return Ok(Exit::Well);
    }
    let made = make(&config, &source, page, clock.now())?;
    for note in &made.notes {
        output.note(format!("note: {note}")).await?;
    }
    let format = match args.format {
        Shape::Atom => Format::Atom,
        Shape::Rss => Format::Rss,
        Shape::Json => Format::Json,
        Shape::Html | Shape::Text => {
            output.line(listed(&made.view)).await?;
            return Ok(Exit::Well);
        }
    };
    output.line(String::from_utf8(format::render(&made.view, format)?)?).await?;
    Ok(Exit::Well)
}

/// The settings to look through: those of a source of feeds.toml, else neutral ones that need no file.
async fn settings(global: &Global, args: &PreviewArgs, output: &Output) -> anyhow::Result<(Arc<Config>, Arc<Source>)> {
    if let Some(id) = &args.source {
        let config = session::load(global, output).await?;
        let found = config.sources.iter().find(|source| source.id.as_str() == id).cloned();
        let source = found.ok_or_else(|| Unable(format!("no source `{id}` in {}", global.config.display())))?;
        return Ok((config, source));
    }
    let url = if is_url(&args.document) { args.document.as_str() } else { "http://localhost/" };
    let text = format!(
        "[site]\nurl = \"http://localhost\"\n[publish]\ncredit = false\n\
         [[source]]\nid = \"preview\"\nurl = {}\ncontent = \"full\"\ncategory = \"preview\"\n",
        toml::Value::String(url.to_owned())
    );
    let mut config = Config::parse(&text, &PathBuf::from("preview"), &Overrides::default())?.config;
    // What the operator lets the daemon reach, a preview may reach too.
    if let Ok(theirs) = Config::load(&global.config, &session::overrides(global)) {
        config.fetch = theirs.config.fetch;
    }
    let source = config.sources.first().cloned().context("the neutral settings hold one source")?;
    Ok((Arc::new(config), source))
}

fn is_url(document: &str) -> bool {
    document.starts_with("http://") || document.starts_with("https://")
}

/// The document: over HTTP with the daemon's client, or from a file as if it had come so.
async fn page(args: &PreviewArgs, config: &Config, source: &Source, now: Time) -> anyhow::Result<Page> {
    if is_url(&args.document) {
        let client = Client::new(&config.fetch)?;
        let url = args.document.parse().with_context(|| format!("{} is no URL", args.document))?;
        return Ok(fetch::fetch_url(&client, &url, now).await?);
    }
    let mut bytes = Vec::new();
    let read = |from: &mut dyn Read, bytes: &mut Vec<u8>| from.take(MAX_BYTES).read_to_end(bytes);
    match args.document.as_str() {
        "-" => read(&mut std::io::stdin().lock(), &mut bytes).context("standard input")?,
        path => {
            let mut file = std::fs::File::open(path).with_context(|| format!("{path}: cannot open"))?;
            read(&mut file, &mut bytes).with_context(|| format!("{path}: cannot read"))?
        }
    };
    let own = matches!(source.kind, SourceKind::Feed(_)) && args.source.is_some();
    let base = args.base.clone().or_else(|| source.url().filter(|_| own).cloned());
    Ok(Page {
        body: Body::Document(fetch::uncompressed(bytes.into(), MAX_BYTES as usize)?),
        content_type: args.content_type.clone(),
        base: base.map(String::from),
        validators: Validators::default(),
        answer: Answer::default(),
    })
}

/// One fragment of HTML, made safe.
fn fragment(page: &Page) -> String {
    let Body::Document(bytes) = &page.body else { return String::new() };
    let decoded = fetch::charset::decode(bytes, page.content_type.as_deref());
    enrich::sanitise(&Text { base: page.base.clone(), ..Text::html(decoded.text) })
}

struct Made {
    view: FeedView,
    notes: Vec<String>,
}

/// parse → identify → enrich → view, as `refresh` does it, with nothing known and nothing stored.
fn make(config: &Config, source: &Source, page: Page, now: Time) -> anyhow::Result<Made> {
    let parsed = parse::parse(&page)?;
    let identified = identify(source, parsed.info.home.as_deref(), parsed.entries, GuidTrust::default());
    let known = Known(vec![None; identified.claims.len()]);
    let drafts = enrich(config, source, &parsed.info, identified.claims, &known, now);
    let items = drafts.into_iter().filter_map(|draft| match draft {
        Draft::Candidate(candidate) => Some(view::item_view(config, &unstored(*candidate, source))),
        Draft::Unchanged(_) => None,
    });
    let view = upstream_view(config, source, &parsed.info, items.collect(), &page.base, now);
    let notes = parsed.notes.into_iter().chain(identified.notes).collect();
    Ok(Made { view, notes })
}

/// The entry as the store would keep it, had it never seen another.
fn unstored(candidate: Candidate, source: &Source) -> Entry {
    let ids = store::unstored_ids(&candidate.code, &candidate.said, "localhost", candidate.first_seen);
    Entry {
        code: candidate.code,
        kind: candidate.kind,
        namespace: source.namespace.clone(),
        owner: source.id.clone(),
        sources: vec![source.id.clone()],
        aliases: candidate.aliases,
        ids,
        first_seen: candidate.first_seen,
        sort_date: candidate.sort_date,
        edition_number: 1,
        born: 1,
        changed: 1,
        categories: candidate.categories.into_iter().map(|category| category.slug).collect(),
        joins: Vec::new(),
        hidden: None,
        withdrawn: None,
        edition: candidate.edition,
    }
}

/// A list for people: what each entry would be stored and shown as.
fn listed(view: &FeedView) -> String {
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

/// The upstream feed's own title, authors, rights, language and image, around its entries.
fn upstream_view(
    config: &Config,
    source: &Source,
    feed: &FeedInfo,
    items: Vec<ItemView>,
    base: &Option<String>,
    now: Time,
) -> FeedView {
    let newest = items.iter().map(|item| item.updated).max();
    let value = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    let address = feed.self_url.clone().or_else(|| base.clone());
    // A document from a file may say nowhere where it lives; Atom wants an id all the same (RFC 4287 §4.2.6).
    let address = address.unwrap_or_else(|| "urn:syndic:preview".to_owned());
    FeedView {
        id: FeedId::Source(source.id.clone()),
        title: value(&feed.title).unwrap_or_default(),
        description: value(&feed.subtitle).unwrap_or_default(),
        home: feed.home.clone().unwrap_or_default(),
        base: address.clone(),
        atom_id: feed.id.clone().unwrap_or(address),
        language: feed.language.clone().unwrap_or_default(),
        rights: value(&feed.rights),
        authors: feed.authors.clone(),
        tags: feed.tags.clone(),
        image: feed.logo.clone().or_else(|| feed.icon.clone()),
        updated: enrich::source_ref(&config.site, source, feed, now).updated.or(newest),
        ttl_minutes: feed.wishes.ttl_minutes,
        items,
    }
}
