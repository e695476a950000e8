//! A folder of posts taken in once, as against a source that is polled: by the same stages, in one commit. The source's state stays as
//! it was, so that nothing is taken for listed, and a later poll of the same folder reads everything.

use super::{Tools, on_a_thread};
use crate::{
    config::Config,
    enrich::{self, enrich},
    fetch::{self, Body, Fetched, Page, PostFile},
    identify::{Identified, identify},
    model::{
        Answer, Changes, CodeKind, Commit, Draft, FeedInfo, GuidTrust, Known, ParsedEntry, RawDate, Source,
        SourceState, Time, Validators,
    },
    parse, policy,
};
use anyhow::Context;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::watch;

/// Posts read, and made safe, between two words on how far it is.
const STEP: usize = 100;

/// What came of a folder.
#[derive(Debug, Default)]
pub struct TakenIn {
    /// Posts found.
    pub posts: usize,
    /// What they changed.
    pub changes: Changes,
    /// What was odd, post by post, in words.
    pub notes: Vec<String>,
    /// What was odd of many, with the names of the posts.
    pub odd: BTreeMap<Odd, Vec<String>>,
}

/// What may be odd about a post that is taken in all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Odd {
    /// It has no title.
    Untitled,
    /// It has no date, or one that cannot be read: it stands at the time of the import.
    Undated,
    /// It does not link to the original.
    Unlinked,
    /// It is filed in no category.
    Unfiled,
    /// Neither link nor name hold a code: it has one derived from them.
    Derived,
}

impl Odd {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Odd::Untitled => "without a title",
            Odd::Undated => "without a date that can be read (dated now)",
            Odd::Unlinked => "without a link to the original",
            Odd::Unfiled => "in no category",
            Odd::Derived => "without a code in link, front matter or file name (one is derived)",
        }
    }
}

/// Takes the posts of a source's folder in. `progress` hears how many steps of how many are done.
pub async fn take_in_once(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Arc<Source>,
    progress: &watch::Sender<(u64, u64)>,
) -> anyhow::Result<TakenIn> {
    let now = tools.clock.now();
    let fetched = fetch::fetch(&tools.client, source, &SourceState::default(), now).await?;
    let Fetched::Modified(Page { body: Body::Posts(files), .. }) = fetched else {
        anyhow::bail!("{} holds no posts", source.id)
    };
    let mut taken = TakenIn { posts: files.len(), ..TakenIn::default() };
    // Each post is read, and made safe.
    let (all, mut done) = (2 * files.len() as u64, 0);
    let mut said = |steps: usize| {
        done += steps as u64;
        progress.send_replace((done, all));
    };
    let mut entries = Vec::with_capacity(files.len());
    for part in files.chunks(STEP) {
        let (read, notes) = read(part.to_vec()).await?;
        for (name, entry) in read {
            for odd in odd(&entry) {
                taken.odd.entry(odd).or_default().push(name.clone());
            }
            entries.push(entry);
        }
        taken.notes.extend(notes);
        said(part.len());
    }
    let whose = source.clone();
    let identified = on_a_thread(move || identify(&whose, None, entries, GuidTrust::default())).await;
    let Identified { claims, notes, .. } =
        identified.context("finding codes stopped (a bug in syndic: please report it)")?;
    taken.notes.extend(notes);
    let newest = enrich::newest(source, &FeedInfo::default(), &claims, now);
    let feed = FeedInfo { updated: newest.map(|time| RawDate(time.to_rfc3339())), ..FeedInfo::default() };
    let known = tools.store.known(&source.id, &source.namespace, &claims).await?;
    let mut drafts = Vec::with_capacity(claims.len());
    let (mut claims, mut known) = (claims.into_iter(), known.0.into_iter());
    loop {
        let (part, known): (Vec<_>, Vec<_>) =
            (claims.by_ref().take(STEP).collect(), known.by_ref().take(STEP).collect());
        if part.is_empty() {
            break;
        }
        let (config, source, feed, count) = (config.clone(), source.clone(), feed.clone(), part.len());
        let made = on_a_thread(move || enrich(&config, &source, &feed, part, &Known(known), now)).await;
        drafts
            .extend(made.context("a post stopped the program that makes it safe (a bug in syndic: please report it)")?);
        said(count);
    }
    for draft in &drafts {
        let Draft::Candidate(candidate) = draft else { continue };
        let name = candidate.code.to_string();
        if candidate.edition.published.is_none() {
            taken.odd.entry(Odd::Undated).or_default().push(name.clone());
        }
        if matches!(candidate.kind, CodeKind::Guid | CodeKind::Link | CodeKind::Title | CodeKind::Text) {
            taken.odd.entry(Odd::Derived).or_default().push(name);
        }
    }
    taken.changes = tools.store.apply(commit(tools, config, source, drafts, now).await?).await?;
    progress.send_replace((all, all));
    Ok(taken)
}

async fn commit(
    tools: &Tools,
    config: &Arc<Config>,
    source: &Source,
    drafts: Vec<Draft>,
    now: Time,
) -> anyhow::Result<Commit> {
    Ok(Commit {
        source: source.id.clone(),
        namespace: source.namespace.clone(),
        site_host: config.site.url.host_str().unwrap_or("localhost").to_owned(),
        new_source_entries: (!tools.store.is_first_run()).then_some(config.publish.new_source_entries),
        flood: None,
        drafts,
        deletions: Vec::new(),
        heard: None,
        partial: true,
        judge: policy::judge(config),
        policy: config.source(&source.id).map(|own| policy::fingerprint(config, own)),
        state: tools.store.state(&source.id).await?,
        at: now,
        brings_categories: source.categories.is_empty(),
    })
}

/// The entries of some posts with the names of their files, and what was odd.
async fn read(files: Vec<PostFile>) -> anyhow::Result<(Vec<(String, ParsedEntry)>, Vec<String>)> {
    let work = move || {
        let page = Page {
            body: Body::Posts(files),
            content_type: None,
            base: None,
            address: None,
            validators: Validators::default(),
            answer: Answer::default(),
        };
        parse::parse(&page)
    };
    let parsed = on_a_thread(work).await.context("a post stopped its reader (a bug in syndic: please report it)")??;
    let name = |entry: &ParsedEntry| entry.extensions.first().map(|file| file.text.clone()).unwrap_or_default();
    Ok((parsed.entries.into_iter().map(|entry| (name(&entry), entry)).collect(), parsed.notes))
}

fn odd(entry: &ParsedEntry) -> impl Iterator<Item = Odd> {
    let found = [
        (Odd::Untitled, entry.title.is_none()),
        (Odd::Unlinked, entry.link.is_none()),
        (Odd::Unfiled, entry.filed.is_empty()),
    ];
    found.into_iter().filter_map(|(odd, is)| is.then_some(odd))
}
