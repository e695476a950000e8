//! Subscribers that miss nothing: one walks a feed's archives from nothing, others keep up by deltas, in each format, while articles come,
//! are corrected, taken down, moved, and grow too old, feeds.toml changes, and syndic is started anew. All hold what the store holds.

use crate::support::{Answer, Reply, Served, World, world::slug};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use syndic::{model::FeedId, upkeep};

const SITE: &str = "https://syndic.test";
const FORMATS: [&str; 3] = ["atom", "rss", "json"];
/// Articles that a source lists.
const LISTED: usize = 70;

/// What a document of any format says.
struct Document {
    /// Title by code, in order.
    entries: Vec<(String, String)>,
    gone: Vec<String>,
    older: Option<String>,
}

fn read(format: &str, text: &str) -> Document {
    match format {
        "json" => read_json(text),
        "atom" => {
            let feed = atom_syndication::Feed::read_from(text.as_bytes()).unwrap();
            let code = |entry: &atom_syndication::Entry| {
                let said = entry.extensions["dc"]["identifier"].iter();
                said.map(|said| said.value.clone().unwrap()).next().unwrap()
            };
            let told = feed.extensions.get("at").and_then(|at| at.get("deleted-entry")).into_iter().flatten();
            Document {
                entries: feed.entries.iter().map(|entry| (code(entry), entry.title.value.clone())).collect(),
                gone: told.map(|gone| gone.children["identifier"][0].value.clone().unwrap()).collect(),
                older: feed.links.iter().find(|link| link.rel == "prev-archive").map(|link| link.href.clone()),
            }
        }
        _ => {
            let channel = rss::Channel::read_from(text.as_bytes()).unwrap();
            let code = |item: &rss::Item| item.dublin_core_ext().unwrap().identifiers()[0].clone();
            let told = channel.extensions().get("at").and_then(|at| at.get("deleted-entry")).into_iter().flatten();
            let links = channel.extensions().get("atom").and_then(|atom| atom.get("link")).into_iter().flatten();
            let older =
                links.filter(|link| link.attrs()["rel"] == "prev-archive").map(|link| link.attrs()["href"].clone());
            Document {
                entries: channel.items().iter().map(|item| (code(item), item.title().unwrap().to_owned())).collect(),
                gone: told.map(|gone| gone.children()["identifier"][0].value().unwrap().to_owned()).collect(),
                older: older.into_iter().next(),
            }
        }
    }
}

fn read_json(text: &str) -> Document {
    let feed: serde_json::Value = serde_json::from_str(text).unwrap();
    let word = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let entry =
        |item: &serde_json::Value| (word(&item["_syndic"]["info_code"]).unwrap(), word(&item["title"]).unwrap());
    let told = feed["_syndic"]["deleted"].as_array().into_iter().flatten();
    Document {
        entries: feed["items"].as_array().unwrap().iter().map(entry).collect(),
        gone: told.map(|gone| word(&gone["info_code"]).unwrap()).collect(),
        older: word(&feed["next_url"]),
    }
}

/// From nothing: the head, then what is older. The newest document counts, and it is read first.
async fn walk(
    served: &Served,
    path: &str,
    format: &str,
    archives: &mut BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, String> {
    let (mut held, mut next) = (BTreeMap::new(), Some(format!("{path}.{format}")));
    while let Some(address) = next {
        let answer = served.get(&address, &[]).await;
        assert_eq!(answer.status, 200, "{address}");
        let document = read(format, &answer.text());
        let codes: Vec<String> = document.entries.iter().map(|(code, _)| code.clone()).collect();
        if address.contains("/archive/") {
            let before = archives.entry(address.clone()).or_insert_with(|| codes.clone());
            let mut left = before.clone();
            left.retain(|code| codes.contains(code));
            assert_eq!(left, codes, "{address} gained or reordered members");
            if format == "atom" {
                let lost: BTreeSet<&String> = before.iter().filter(|code| !codes.contains(code)).collect();
                let told: BTreeSet<&String> = document.gone.iter().collect();
                assert!(lost.is_subset(&told), "{address}: {lost:?} went, told of {told:?}");
            }
            *before = codes;
        }
        for (code, title) in document.entries {
            held.entry(code).or_insert(title);
        }
        next = document.older.map(|older| older.strip_prefix(SITE).expect("an address of ours").to_owned());
    }
    held
}

/// Keeps up by deltas.
struct Subscriber {
    path: &'static str,
    format: &'static str,
    tag: String,
    held: BTreeMap<String, String>,
    deltas: usize,
    wholes: usize,
}

impl Subscriber {
    async fn new(served: &Served, path: &'static str, format: &'static str) -> Subscriber {
        let tag = served.get(&format!("{path}.{format}"), &[]).await.header("etag").to_owned();
        let held = walk(served, path, format, &mut BTreeMap::new()).await;
        Subscriber { path, format, tag, held, deltas: 0, wholes: 0 }
    }

    async fn polls(&mut self, served: &Served) {
        let asked = [("a-im", "feed"), ("if-none-match", self.tag.as_str())];
        let answer: Answer = served.get(&format!("{}.{}", self.path, self.format), &asked).await;
        match answer.status {
            304 => return,
            226 => {
                let delta = read(self.format, &answer.text());
                self.held.extend(delta.entries);
                delta.gone.iter().for_each(|code| drop(self.held.remove(code)));
                self.deltas += 1;
            }
            _ => {
                self.held = walk(served, self.path, self.format, &mut BTreeMap::new()).await;
                self.wholes += 1;
            }
        }
        self.tag = answer.header("etag").to_owned();
    }
}

/// What two sources print.
struct Press {
    dice: u64,
    printed: u32,
    articles: [BTreeMap<u32, (String, String)>; 2],
}

impl Press {
    /// Below a number, the same each run (xorshift).
    fn throw(&mut self, below: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice % below as u64) as usize
    }

    fn prints(&mut self, date: &str) {
        self.printed += 1;
        let source = self.throw(2);
        self.articles[source].insert(self.printed, (format!("story {}", self.printed), date.to_owned()));
    }

    /// One that is still listed; its address.
    fn any(&mut self) -> (usize, u32) {
        let source = self.throw(2);
        let back = self.throw(LISTED.min(self.articles[source].len()));
        (source, *self.articles[source].keys().rev().nth(back).unwrap())
    }

    fn serve(&self, served: &Served) {
        for (name, articles) in ["paper", "wire"].iter().zip(&self.articles) {
            let item = |(number, (title, date)): (&u32, &(String, String))| {
                format!(
                    "<item><title>{title}</title><link>{}</link><guid isPermaLink=\"false\">{number}</guid><category>港</category>\
                     <pubDate>{date}</pubDate><description>text</description></item>",
                    address(name, *number)
                )
            };
            let items: String = articles.iter().rev().take(LISTED).map(item).collect();
            let text = format!(
                "<rss version=\"2.0\"><channel><title>P</title><link>https://{name}.example/</link><description>d</description>{items}</channel></rss>"
            );
            served.world.upstream.serve(&format!("/{name}"), Reply::xml(text));
        }
    }
}

fn address(name: &str, number: u32) -> String {
    format!("https://{name}.example/{number}.html")
}

/// Everything that stands in a feed.
async fn stored(served: &Served, feed: &FeedId) -> BTreeMap<String, String> {
    let all = served.world.store.page(feed, 0, 99_999).await.unwrap().entries;
    all.iter().map(|entry| (entry.code.to_string(), entry.edition.title.clone().unwrap().value)).collect()
}

fn agree(held: &BTreeMap<String, String>, stored: &BTreeMap<String, String>, whose: &str) {
    let only = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
        these
            .iter()
            .filter(|(code, title)| those.get(*code) != Some(title))
            .map(|(_, title)| title.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((only(held, stored), only(stored, held)), (vec![], vec![]), "{whose}: (held, stored)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changes_reach_whoever_walks_and_whoever_polls_deltas_in_every_format() {
    let lines = |name: &str, category: &str| {
        format!("category = \"{category}\"\ncontent = \"full\"\nnamespace = \"{name}.example\"\n# {name}")
    };
    let world = World::new().await.with("max_new = 1000\n[publish]\nnew_source_entries = 1000\n[store]\nretention = \"6d\"\n[[category]]\nslug = \"news\"\n[[category]]\nslug = \"sea\"");
    let world = world.source_with("paper", &lines("paper", "news")).source_with("wire", &lines("wire", "sea"));
    let mut served = Served::over(world).await;
    let mut press = Press { dice: 20_220_422, printed: 0, articles: Default::default() };
    let (mut archives, mut subscribers) = (BTreeMap::new(), Vec::new());
    let news = FeedId::Category(slug("news"));
    let (mut place, mut changes, mut reconfigured, mut dropped) = ("sea", 0, 0, 0);
    for round in 0..110u32 {
        served.world.pass_time(TimeDelta::hours(3));
        let now = served.world.tools().clock.now();
        let date = now.to_rfc2822();
        for _ in 0..if round == 0 { 150 } else { 4 } {
            press.prints(&date);
            changes += 1;
        }
        for _ in 0..5 {
            let (source, number) = press.any();
            let title = format!("story {number}, corrected in {round}");
            press.articles[source].get_mut(&number).unwrap().0 = title;
            changes += 1;
        }
        press.serve(&served);
        served.world.refresh().await;
        match press.throw(8) {
            0..=2 => {
                let (source, number) = press.any();
                let entry = served.world.store.find(&address(["paper", "wire"][source], number)).await.unwrap();
                served.world.store.retract(&entry.unwrap().code, "r", false, now).await.unwrap();
                changes += 1;
            }
            3 => {
                let dropping = served.world.store.sweep(Arc::new(served.world.config().retention()), now);
                dropped += dropping.await.unwrap();
            }
            4 => served = served.restarted().await,
            5 if round.is_multiple_of(3) => {
                let to = if place == "sea" { "news" } else { "sea" };
                let (from, to) = (std::mem::replace(&mut place, to), to);
                served = served.reconfigured(|world| world.edited(&lines("wire", from), &lines("wire", to)));
                upkeep::settle(&served.world.store, &served.world.config(), now).await.unwrap();
                reconfigured += 1;
            }
            _ => {}
        }
        if round == 0 {
            for format in FORMATS {
                subscribers.push(Subscriber::new(&served, "/category/news", format).await);
            }
            subscribers.push(Subscriber::new(&served, "/tag/%E6%B8%AF", "atom").await);
            subscribers.push(Subscriber::new(&served, "/all", "json").await);
        }
        let expected = stored(&served, &news).await;
        for subscriber in subscribers.iter_mut().filter(|of| round.is_multiple_of(3) || of.path == "/category/news") {
            subscriber.polls(&served).await;
            if subscriber.path == "/category/news" {
                agree(&subscriber.held, &expected, &format!("{} in round {round}", subscriber.format));
            }
        }
        if round.is_multiple_of(10) {
            for format in FORMATS {
                let walked = walk(&served, "/category/news", format, &mut archives).await;
                agree(&walked, &expected, &format!("a walk of {format} in round {round}"));
            }
        }
    }
    let everything: BTreeMap<_, _> = stored(&served, &FeedId::Source(slug("paper")))
        .await
        .into_iter()
        .chain(stored(&served, &FeedId::Source(slug("wire"))).await)
        .collect();
    for subscriber in &mut subscribers {
        subscriber.polls(&served).await;
        let Subscriber { path, format, deltas, wholes, .. } = subscriber;
        let expected = if *path == "/category/news" { stored(&served, &news).await } else { everything.clone() };
        agree(&subscriber.held, &expected, &format!("{path}.{format}"));
        assert!(
            *deltas > 25 && *wholes <= reconfigured,
            "{path}.{format}: {deltas} deltas, {wholes} wholes, {reconfigured}"
        );
    }
    assert!(
        changes >= 1000 && dropped > 50 && reconfigured > 2,
        "{changes} changes, {dropped} dropped, {reconfigured} moves"
    );
}
