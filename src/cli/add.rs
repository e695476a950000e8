//! `syndic add URL`: finds the feed, shows its newest entries, proposes what to write, and writes it into feeds.toml.

use super::{
    Exit, Global, Output,
    ask::Asker,
    change,
    output::Unable,
    preview::{Made, draft, make, neutral, neutral_with},
    session,
};
use crate::{
    config::{Config, Editing, FetchConfig, Loaded, Said},
    discovery::{self, Found},
    fetch::{self, Client},
    model::{Clock, Source, SourceKind, Time},
    policy,
    proposal::{self, Proposal},
    recipe::{self, Proposed},
};
use chrono_tz::Tz;
use std::{collections::BTreeSet, path::PathBuf};
use url::Url;

/// Entries shown.
const SHOWN: usize = 5;
/// What may be published of an entry.
const CONTENT: [&str; 3] = ["excerpt", "full", "link"];

/// Arguments of `add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The address of a feed, or of a page that names one
    #[arg(value_name = "URL")]
    url: String,
    /// Its id in addresses and messages, instead of the one proposed
    #[arg(long)]
    id: Option<String>,
    /// A title of your own, instead of the feed's
    #[arg(long)]
    title: Option<String>,
    /// The category its entries stand in; several times for several
    #[arg(long, value_name = "SLUG")]
    category: Vec<String>,
    /// Add categories that are not there yet
    #[arg(long)]
    create: bool,
    /// How much of each entry is published
    #[arg(long, value_parser = CONTENT)]
    content: Option<String>,
    /// Its language, where the feed does not say it
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The zone of dates that name none
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Which of the feeds that a page names, from 1
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=8))]
    feed: u8,
    /// The address is of a page that lists things: propose how to read it
    #[arg(long, conflicts_with = "feed")]
    page: bool,
    /// The address is of JSON that lists things: propose how to read it
    #[arg(long, conflicts_with_all = ["feed", "page"])]
    json: bool,
    /// Write it into this file, which feeds.toml includes
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Ask nothing, take what is proposed
    #[arg(long, short)]
    yes: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl AddArgs {
    /// What the document is, where it is no feed.
    fn no_feed(&self) -> Option<Proposed> {
        match (self.page, self.json) {
            (true, _) => Some(Proposed::Page),
            (_, true) => Some(Proposed::Json),
            _ => None,
        }
    }
}

/// Adds it. Exit 1 when there is no feed, 2 when it cannot be written as it stands.
pub(super) async fn add(global: &Global, args: AddArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut editing = Editing::begin(&global.config, &session::overrides(global))
        .map_err(|error| Unable(format!("{}: {error}", global.config.display())))?;
    let now = Clock::system().now();
    let url = address(&args.url)?;
    let (mut config, source) = neutral(global, url.as_str())?;
    config.fetch = fetch_of(&editing, &url).unwrap_or(config.fetch);
    let client = Client::new(&config.fetch)?;
    let (found, source, recipe) = match args.no_feed() {
        Some(kind) => listed(global, &client, url, kind, now).await?,
        None => (discovery::find(&client, &config.fetch, &url, usize::from(args.feed) - 1, now).await?, source, None),
    };
    if let Some(known) = editing.loaded().and_then(|loaded| reads(&loaded.config, &found.url)) {
        anyhow::bail!("`{known}` reads {} already", found.url);
    }
    let made = made(&config, &source, &found, now)?;
    show(&found, &made, output).await?;

    let asker = Asker::new(args.yes || args.dry_run);
    let proposed = Proposal { recipe, ..propose(&args, editing.loaded(), (&config, &source), &found, &made, now) };
    let proposal = settle(&args, proposed, editing.loaded(), &asker)?;
    if args.create {
        for slug in missing(editing.loaded(), &proposal.categories) {
            let lines = vec![("slug", Said::Text(slug))];
            editing.add("category", &lines, None).map_err(Unable)?;
        }
    }
    editing.add("source", &proposal.lines(), args.file.as_deref()).map_err(Unable)?;
    if !args.dry_run && !asker.agrees(&format!("add `{}` to {}?", proposal.id, global.config.display()))? {
        output.note("nothing was written".to_owned()).await?;
        return Ok(Exit::Failed);
    }
    change::finish(global, &editing, args.dry_run, output).await
}

/// A list that is no feed, with a proposal of how to read it and the source that reads it so.
async fn listed(
    global: &Global,
    client: &Client,
    url: Url,
    kind: Proposed,
    now: Time,
) -> anyhow::Result<(Found, Source, Option<String>)> {
    let page = fetch::fetch_url(client, &url, now).await?;
    let section =
        recipe::propose(kind, &page, None, now).map_err(|why| anyhow::anyhow!("nothing to propose: {why}"))?;
    let (_, source) = neutral_with(global, url.as_str(), &section)?;
    Ok((Found { url, page, others: Vec::new() }, source, Some(section)))
}

/// How requests are made, also where the file lacks nothing but a source.
fn fetch_of(editing: &Editing, url: &Url) -> Option<FetchConfig> {
    let mut with_source = editing.clone();
    let lines = vec![("id", Said::Text("syndic-add".to_owned())), ("url", Said::Text(url.to_string()))];
    with_source.add("source", &lines, None).ok()?;
    Some(with_source.judge().ok()?.loaded?.config.fetch)
}

/// What an operator has in the clipboard.
fn address(text: &str) -> anyhow::Result<Url> {
    let text = text.trim();
    let text = text.strip_prefix("feed:").map_or(text, |rest| rest.trim_start_matches("//"));
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    Ok(url.ok_or_else(|| Unable(format!("`{text}` is no address such as https://example.org/")))?)
}

fn reads(config: &Config, url: &Url) -> Option<String> {
    let place = SourceKind::Feed(url.clone()).place();
    config.sources.iter().find(|source| source.kind.place() == place).map(|source| source.id.to_string())
}

fn made(config: &Config, source: &Source, found: &Found, now: Time) -> anyhow::Result<Made> {
    Ok(make(config, source, draft(config, source, &found.page, now)?, now))
}

async fn show(found: &Found, made: &Made, output: &Output) -> anyhow::Result<()> {
    let view = &made.view;
    output.line(format!("{}\n  {}", policy::plain(&view.title).trim(), found.url)).await?;
    output.line(format!("  read as {}, {} entries; the newest:", made.read_as, made.entries.len())).await?;
    let mut items: Vec<_> = made.entries.iter().map(|entry| &entry.item).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.published.unwrap_or(item.updated)));
    for item in items.into_iter().take(SHOWN) {
        let day = item.published.map_or_else(|| "no date   ".to_owned(), |at| at.format("%Y-%m-%d").to_string());
        let title = item.title.as_ref().map(policy::plain).unwrap_or_default();
        output.line(format!("  {day}  {}", title.trim())).await?;
    }
    for note in &made.notes {
        output.note(format!("note: {note}")).await?;
    }
    for (at, other) in found.others.iter().enumerate() {
        output.note(format!("note: the page also names {other} (--feed {})", at + 2)).await?;
    }
    Ok(())
}

fn propose(
    args: &AddArgs,
    loaded: Option<&Loaded>,
    (config, source): (&Config, &Source),
    found: &Found,
    made: &Made,
    now: Time,
) -> Proposal {
    let taken: BTreeSet<String> = loaded
        .map(|loaded| loaded.config.sources.iter().map(|source| source.id.to_string()).collect())
        .unwrap_or_default();
    let info = made.info();
    let titles: Vec<String> =
        made.entries.iter().filter_map(|entry| entry.item.title.as_ref().map(policy::plain)).collect();
    let title = proposal::title(info);
    let language = args.language.clone().or_else(|| proposal::language(info, &titles));
    let likely = proposal::zone(language.as_deref().or(info.language.as_deref()));
    let zoneless = dates_need_a_zone((config, source), found, made, now);
    // The page that led to it, where the feed names none.
    let homepage = address(&args.url).ok().filter(|page| info.home.is_none() && *page != found.url);
    Proposal {
        id: args.id.clone().unwrap_or_else(|| proposal::id(&title, &found.url, &taken)),
        url: found.url.to_string(),
        categories: args.category.clone(),
        title: args
            .title
            .clone()
            .or_else(|| title.is_empty().then(|| found.url.host_str().map(str::to_owned)).flatten()),
        homepage: homepage.map(String::from),
        language,
        timezone: args.timezone.clone().or_else(|| (zoneless && likely != "UTC").then(|| likely.to_owned())),
        content: args.content.clone(),
        recipe: None,
    }
}

/// Whether another zone would make other dates of it.
fn dates_need_a_zone((config, source): (&Config, &Source), found: &Found, as_utc: &Made, now: Time) -> bool {
    let elsewhere = Source { timezone: Some(Tz::Asia__Tokyo), ..source.clone() };
    let Ok(other) = self::made(config, &elsewhere, found, now) else { return false };
    let dates = |made: &Made| made.entries.iter().map(|entry| entry.item.published).collect::<Vec<_>>();
    dates(as_utc) != dates(&other)
}

/// Asks for what a person may want otherwise; on a terminal only.
fn settle(args: &AddArgs, proposed: Proposal, loaded: Option<&Loaded>, asker: &Asker) -> anyhow::Result<Proposal> {
    let ask = |what: &str, proposed: String, given: bool| {
        if given { Ok(proposed) } else { asker.ask(what, proposed) }
    };
    let known: Vec<String> = loaded
        .map(|loaded| loaded.config.categories.iter().map(|category| category.slug.to_string()).collect())
        .unwrap_or_default();
    let words = if known.is_empty() { "category".to_owned() } else { format!("category ({})", known.join(", ")) };
    let categories = ask(&words, proposed.categories.join(" "), !args.category.is_empty())?;
    let content = ask(
        "content (excerpt, full, link)",
        proposed.content.unwrap_or_else(|| "excerpt".to_owned()),
        args.content.is_some(),
    )?;
    let zone = match proposed.timezone {
        Some(zone) => Some(ask("its dates name no zone; they are in", zone, args.timezone.is_some())?),
        None => None,
    };
    Ok(Proposal {
        id: ask("id", proposed.id, args.id.is_some())?,
        categories: categories.split([' ', ',']).filter(|slug| !slug.is_empty()).map(str::to_owned).collect(),
        content: Some(content).filter(|content| content != "excerpt" || args.content.is_some()),
        timezone: zone,
        ..proposed
    })
}

/// Categories that feeds.toml would have to declare: where it declares none, sources do.
fn missing(loaded: Option<&Loaded>, wanted: &[String]) -> Vec<String> {
    let Some(loaded) = loaded else { return wanted.to_vec() };
    if !loaded.written.declares_categories() && !loaded.config.categories.is_empty() {
        return Vec::new();
    }
    let known = |slug: &String| loaded.config.categories.iter().any(|category| category.slug.as_str() == slug);
    wanted.iter().filter(|slug| !known(slug)).cloned().collect()
}
