//! A press that prints known fetches: every source's n-th round brings the same entries and corrects the same earlier one, so that
//! what a store holds can be told from the number of its rounds.

use std::{path::PathBuf, sync::Arc};
use syndic::{
    config::{Config, Overrides},
    enrich::enrich,
    identify::identify,
    model::{
        CategoryRef, Claim, Commit, FeedId, FeedInfo, GuidTrust, Heard, IdForm, Known, ParsedEntry, RawDate, Slug,
        Source, SourceState, Text, Time, Via,
    },
    store::{Store, StoreError},
};

/// New entries of a round.
pub const FRESH: usize = 4;
/// Categories the sources stand in.
pub const CATEGORIES: usize = 3;

/// The press.
pub struct Press {
    config: Config,
}

impl Press {
    pub fn new() -> Press {
        let text = "[site]\nurl = \"https://syndic.test\"\n[[source]]\nid = \"s0\"\nurl = \"https://s0.example/\"\ncategory = \"c0\"\n";
        let loaded = Config::parse(text, &PathBuf::from("feeds.toml"), &Overrides::default());
        Press { config: loaded.unwrap_or_else(|errors| panic!("{errors}")).config }
    }

    pub fn source(&self, number: usize) -> Arc<Source> {
        let slug = Press::category(number);
        Arc::new(Source {
            id: Press::id(number),
            namespace: format!("s{number}.example"),
            categories: vec![CategoryRef { title: slug.to_string(), slug }],
            ..Source::clone(&self.config.sources[0])
        })
    }

    pub fn id(number: usize) -> Slug {
        Slug::parse(&format!("s{number}")).unwrap()
    }

    pub fn category(number: usize) -> Slug {
        Slug::parse(&format!("c{}", number % CATEGORIES)).unwrap()
    }

    pub fn guid(source: usize, round: usize, member: usize) -> String {
        format!("urn:s{source}:{round}:{member}")
    }

    /// The words of an entry as the round `by` left them: each round corrects the first entry of the one before.
    pub fn words(source: usize, round: usize, member: usize, by: usize) -> String {
        let corrected = if member == 0 && by > round { "，更正" } else { "" };
        // Bodies of quite different lengths, up to a few pages of a journal.
        let length = (source * 7 + round * 13 + member * 5) % 60;
        format!(
            "<p>来源{source}第{round}轮第{member}条{corrected}</p>{}",
            "<p>正文如下。</p>".repeat(length * length / 20)
        )
    }

    /// What the document of a round says: its new entries and the corrected one, newest first.
    pub fn entries(&self, source: usize, round: usize) -> Vec<ParsedEntry> {
        let fresh = (0..FRESH).map(|member| (round, member));
        let corrected = round.checked_sub(1).map(|before| (before, 0));
        fresh.chain(corrected).map(|(of, member)| self.entry(source, of, member, round)).collect()
    }

    fn entry(&self, source: usize, round: usize, member: usize, by: usize) -> ParsedEntry {
        ParsedEntry {
            id: Some(Press::guid(source, round, member)),
            id_form: IdForm::Guid,
            title: Some(Text::plain(format!("s{source} r{round} m{member}"))),
            link: Some(format!("https://s{source}.example/{round}/{member}.html")),
            content: Some(Text::html(Press::words(source, round, member, by))),
            published: Some(RawDate(at(round).to_rfc3339())),
            ..ParsedEntry::default()
        }
    }

    pub fn claims(&self, source: &Source, entries: Vec<ParsedEntry>) -> Vec<Claim> {
        identify(source, None, entries, GuidTrust::Guid).claims
    }

    /// A fetch of these entries as `refresh` commits it. The state carries the number of the round.
    pub async fn commit(
        &self,
        store: &Store,
        source: &Source,
        entries: Vec<ParsedEntry>,
        round: usize,
    ) -> Result<Commit, StoreError> {
        let claims = self.claims(source, entries);
        let known = store.known(&source.id, &source.namespace, &claims).await?;
        Ok(self.commit_knowing(source, claims, &known, round))
    }

    pub fn commit_knowing(&self, source: &Source, claims: Vec<Claim>, known: &Known, round: usize) -> Commit {
        let at = at(round);
        let feed = FeedInfo { title: Some(Text::plain(source.id.as_str())), ..FeedInfo::default() };
        Commit {
            source: source.id.clone(),
            namespace: source.namespace.clone(),
            site_host: "syndic.test".to_owned(),
            new_source_entries: None,
            flood: None,
            drafts: enrich(&self.config, source, &feed, claims, known, at),
            state: SourceState { last_success: Some(at), body_hash: Some(round as u64), ..SourceState::default() },
            at,
            partial: false,
            deletions: Vec::new(),
            heard: Some(Heard { via: Via::Poll, address: source.address(), others: Vec::new(), known_as: Vec::new() }),
            judge: syndic::model::Judge::new(|_, _, _| None),
            policy: None,
            brings_categories: false,
        }
    }
}

/// The time of a round: days apart, so that a feed of 50 does not take in everything of a day.
pub fn at(round: usize) -> Time {
    Time::from_timestamp(1_650_000_000 + 86_400 * round as i64, 0).unwrap()
}

/// The feed of a source.
pub fn source_feed(number: usize) -> FeedId {
    FeedId::Source(Press::id(number))
}
