//! Entries like those of the news sites syndic is for, as whole fetches: the same ones for a seed on every machine.
//! About 2.9 KB of Chinese HTML each, which gzip takes to about 1 KB, as it does real news (neither noise nor one sentence).

use crate::support;
use std::sync::Arc;
use syndic::{
    config::Config,
    enrich::enrich,
    identify::identify,
    model::{
        Answer, CategoryRef, Claim, Commit, Draft, FeedInfo, GuidTrust, Heard, IdForm, Known, ParsedEntry, RawDate,
        Slug, Source, SourceId, SourceKind, SourceState, Tag, Text, Time, Validators, Via,
    },
};
use url::Url;

/// Categories.
pub const CATEGORIES: usize = 20;
/// Words that the texts are made of.
const WORDS: usize = 40_000;
/// Characters that words are made of.
const CHARACTERS: u64 = 3_000;
/// Between two entries anywhere: about 45 a day and category, so that a feed of 50 is a day's.
const PACE: i64 = 95;

/// All sources of one seed.
pub struct News {
    seed: u64,
    config: Config,
    words: Vec<String>,
}

/// What one document holds.
pub struct Document {
    source: Arc<Source>,
    feed: FeedInfo,
    /// Its entries, newest first.
    pub entries: Vec<ParsedEntry>,
}

impl News {
    /// Of a seed.
    pub fn new(seed: u64) -> News {
        let mut dice = Dice(seed ^ 0x776f_7264);
        let words = (0..WORDS).map(|_| dice.word()).collect();
        News { seed, config: support::config(), words }
    }

    /// Entries a source has at first: 20 to 60.
    pub fn window(&self, source: usize) -> usize {
        20 + (Dice(self.seed ^ (source as u64) << 20).below(41)) as usize
    }

    /// Sources that have this many entries together.
    pub fn sources_for(&self, entries: usize) -> usize {
        let (mut sources, mut brought) = (0, 0);
        while brought < entries {
            brought += self.window(sources);
            sources += 1;
        }
        sources
    }

    /// The category of a source.
    pub fn category(number: usize) -> Slug {
        slug(&format!("cat{:02}", number % CATEGORIES))
    }

    /// The document of a source that has brought `fresh` entries since the first.
    pub fn document(&self, source: usize, fresh: usize) -> Document {
        let window = self.window(source);
        let entries = (fresh..fresh + window).rev().map(|number| self.entry(source, number)).collect();
        let home = format!("https://f{source}.example/");
        let feed = FeedInfo {
            title: Some(Text::plain(format!("{}新闻", self.words[source % WORDS]))),
            self_url: Some(format!("{home}feed.xml")),
            home: Some(home),
            language: Some("zh-CN".to_owned()),
            ..FeedInfo::default()
        };
        Document { source: self.source(source), feed, entries }
    }

    fn source(&self, number: usize) -> Arc<Source> {
        let Some(template) = self.config.sources.first() else { unreachable!("the configuration has a source") };
        let host = format!("f{number}.example");
        let Ok(url) = Url::parse(&format!("https://{host}/feed.xml")) else { unreachable!("it is a URL") };
        let category = CategoryRef { slug: News::category(number), title: format!("第{}类", number % CATEGORIES) };
        Arc::new(Source {
            id: source_id(number),
            kind: SourceKind::Feed(url),
            categories: vec![category],
            namespace: host,
            ..Source::clone(template)
        })
    }

    fn entry(&self, source: usize, number: usize) -> ParsedEntry {
        let mut dice = Dice(self.seed ^ (source as u64) << 24 ^ (number as u64) << 1 ^ 0x656e_7472);
        let guid = format!("https://f{source}.example/a/{}.html", 20_220_000_000 + number * 7_919 + source);
        ParsedEntry {
            id: Some(guid.clone()),
            id_form: IdForm::Permalink,
            title: Some(Text::plain(self.text(&mut dice, 18))),
            link: Some(format!("{guid}?utm_source=rss")),
            content: Some(Text::html(self.body(&mut dice, number))),
            published: Some(RawDate(published(source, number).to_rfc3339())),
            tags: vec![Tag { term: self.words[(dice.next() % 60) as usize].clone(), ..Tag::default() }],
            ..ParsedEntry::default()
        }
    }

    /// Paragraphs, now and then a picture, a list, a link, and the newspaper at the end.
    fn body(&self, dice: &mut Dice, number: usize) -> String {
        let mut out = String::with_capacity(4_096);
        let length = 1_500 + dice.below(1_500) as usize;
        while out.len() < length {
            let text = |dice: &mut Dice, characters| self.text(dice, characters);
            match dice.below(12) {
                0 => out.push_str(&format!(
                    r#"<p><img src="https://img.example/{}.jpg?w=640" alt="{}" width="640" height="480"></p>"#,
                    dice.below(100_000),
                    text(dice, 6)
                )),
                1 => (0..3).for_each(|_| out.push_str(&format!("<ul><li>{}</li></ul>", text(dice, 14)))),
                2 => out.push_str(&format!(r#"<h3 class="title">{}</h3>"#, text(dice, 10))),
                3 => out.push_str(&format!("<blockquote><p>{}</p></blockquote>", text(dice, 40))),
                4..=6 => out.push_str(&format!(
                    r#"<p>　　{}<a href="https://example.org/post/{}.html" target="_blank">{}</a>{}</p>"#,
                    text(dice, 40),
                    dice.below(1_000_000) + number as u64,
                    text(dice, 6),
                    text(dice, 25)
                )),
                _ => out.push_str(&format!("<p>　　{}</p>", text(dice, 70))),
            }
        }
        let paper = &self.words[(dice.next() % 40) as usize];
        out.push_str(&format!(r#"<p class="em_media">（文章来源：{paper}日报）</p>"#));
        out
    }

    fn text(&self, dice: &mut Dice, characters: usize) -> String {
        let mut out = String::with_capacity(characters * 3);
        let mut count = 0;
        while count < characters {
            let word = &self.words[dice.early(WORDS as u64) as usize];
            out.push_str(word);
            count += word.chars().count();
            match dice.below(30) {
                0..=3 => out.push('，'),
                4 | 5 => out.push('。'),
                6 => out.push('、'),
                7 => out.push_str(&dice.below(3_000).to_string()),
                _ => {}
            }
        }
        out.push('。');
        out
    }
}

impl Document {
    /// What its entries claim.
    pub fn claims(&self) -> Vec<Claim> {
        identify(&self.source, None, self.entries.clone(), GuidTrust::Guid).claims
    }

    /// Whose entries they are.
    pub fn namespace(&self) -> &str {
        &self.source.namespace
    }

    /// As `refresh` commits it: entries already known pass as unchanged.
    pub fn commit(&self, news: &News, known: &Known, at: Time) -> Commit {
        let drafts = enrich(&news.config, &self.source, &self.feed, self.claims(), known, at);
        Commit {
            source: self.source.id.clone(),
            namespace: self.source.namespace.clone(),
            site_host: "feeds.example".to_owned(),
            new_source_entries: None,
            flood: None,
            state: self.state(&drafts, at),
            drafts,
            at,
            partial: false,
            deletions: Vec::new(),
            heard: Some(Heard {
                via: Via::Poll,
                address: self.source.address(),
                others: Vec::new(),
                known_as: Vec::new(),
            }),
            judge: syndic::model::Judge::new(|_, _, _| None),
            policy: None,
            brings_categories: false,
        }
    }

    fn state(&self, drafts: &[Draft], at: Time) -> SourceState {
        let dates = drafts.iter().filter_map(|draft| match draft {
            Draft::Candidate(candidate) => Some(candidate.sort_date),
            Draft::Unchanged(_) => None,
        });
        SourceState {
            address: Some(self.source.address()),
            validators: Validators {
                etag: Some(format!("\"{:016x}\"", at.timestamp())),
                last_modified: Some(at.to_rfc2822()),
                origin: None,
            },
            body_hash: Some(at.timestamp() as u64),
            last_attempt: Some(at),
            last_success: Some(at),
            next_poll: Some(at + chrono::TimeDelta::minutes(30)),
            next_reason: "half the median gap of its last entries".to_owned(),
            answer: Answer { status: 200, fresh_seconds: Some(600), ..Answer::default() },
            feed: Some(self.feed.clone()),
            recent: dates.take(20).collect(),
            ..SourceState::default()
        }
    }

    /// The document as RSS, to compare how well it compresses.
    pub fn rss(&self) -> String {
        let escape = |html: &str| html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text = |text: &Option<Text>| escape(text.as_ref().map_or("", |text| &text.value));
        let items = self.entries.iter().map(|entry| {
            format!(
                "<item><title>{}</title><link>{}</link><guid>{}</guid><pubDate>{}</pubDate><description>{}</description></item>\n",
                text(&entry.title),
                entry.link.as_deref().unwrap_or_default(),
                entry.id.as_deref().unwrap_or_default(),
                entry.published.as_ref().map_or("", |date| &date.0),
                text(&entry.content),
            )
        });
        format!("<rss version=\"2.0\"><channel>{}</channel></rss>", items.collect::<String>())
    }
}

/// The id of a source.
pub fn source_id(number: usize) -> SourceId {
    slug(&format!("f{number:05}"))
}

/// When the document of the n-th fetch was fetched.
pub fn fetched(number: usize) -> Time {
    support::now() + chrono::TimeDelta::seconds(number as i64 * PACE * 40)
}

fn published(source: usize, number: usize) -> Time {
    fetched(source) - chrono::TimeDelta::seconds(PACE * (4_000 - 60 * number as i64))
}

fn slug(text: &str) -> Slug {
    match Slug::parse(text) {
        Some(slug) => slug,
        None => unreachable!("{text} is a slug"),
    }
}

/// Numbers from a seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }

    /// One below `limit`, each about as likely as its rank says (Zipf): early ones come often, as words do.
    pub fn early(&mut self, limit: u64) -> u64 {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((limit as f64).powf(unit) - 1.0) as u64
    }

    fn word(&mut self) -> String {
        let length = [1, 2, 2, 2, 2, 2, 3, 4][self.below(8) as usize];
        // Ranks are spread over the block, as common characters are.
        let character = |rank: u64| char::from_u32(0x4e00 + (rank * 5_381 % 20_000) as u32);
        (0..length).filter_map(|_| character(self.early(CHARACTERS))).collect()
    }
}
