//! `explain`: for every way in which an entry is not there or a source is not asked, the true reason, from what was written down when
//! it happened.

use crate::support::{Daemon, Reply, Upstream, World, syndic, write_config};
use chrono::TimeDelta;
use serde_json::Value;
use std::path::{Path, PathBuf};
use syndic::{
    cli::{Output, Request, Session, perform},
    control::Frame,
    model::{InfoCode, Slug},
    poll::Poller,
    publish::Publisher,
    refresh::Tools,
    reload::Reloads,
};
use tokio::sync::{mpsc, watch};

/// What the command said.
struct Told {
    json: Value,
    text: String,
    exit: u8,
}

impl Told {
    fn first(&self) -> &Value {
        &self.json["found"][0]
    }

    /// Of the first story's remarks, or of its first document's, the one with this reason.
    fn remark(&self, reason: &str) -> Value {
        let story = self.first();
        let remarks = [&story["remarks"], &story["documents"][0]["remarks"]];
        let all = remarks.iter().filter_map(|remarks| remarks.as_array()).flatten();
        let found = all.clone().find(|remark| remark["reason"] == reason).cloned();
        found.unwrap_or_else(|| panic!("no remark {reason} in {story:#}"))
    }

    fn why(&self) -> String {
        self.first()["why"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("; ")
    }

    fn count(&self, fate: &str) -> u64 {
        self.first()["documents"][0]["counts"][fate].as_u64().unwrap_or(0)
    }
}

/// The command itself, in this process: its clock is the world's.
async fn explain(world: &World, what: &str) -> Told {
    let (text, exit) = ask(world, what, false).await;
    let (json, again) = ask(world, what, true).await;
    assert_eq!(exit, again);
    Told { json: serde_json::from_str(&json).unwrap(), text, exit }
}

async fn ask(world: &World, what: &str, json: bool) -> (String, u8) {
    let tools: Tools = world.tools();
    let (successor, config) = watch::channel(world.config());
    let poller = Poller::new(tools.clone(), 1);
    let publisher = Publisher::holding(1 << 20);
    let session = Session { config, successor, reloads: Reloads::default(), reloader: None, tools, poller, publisher };
    let request: Request =
        serde_json::from_value(serde_json::json!({ "Explain": { "what": what, "json": json } })).unwrap();
    let (frames, mut said) = mpsc::channel(1_000);
    let exit = perform(&session, request, &Output::frames(frames)).await;
    let mut text = String::new();
    while let Ok(frame) = said.try_recv() {
        let (Frame::Out(line) | Frame::Err(line)) = frame else { continue };
        text.push_str(&line);
        text.push('\n');
    }
    (text, exit.code())
}

fn item(name: &str, more: &str) -> String {
    format!(
        "<item><title>Title of {name}</title><link>https://rail.example/2022/{name}.html</link>\
         <guid isPermaLink=\"false\">{name}</guid><description>Body of {name}</description>{more}</item>"
    )
}

fn feed(items: &[String]) -> Reply {
    let head = "<title>铁路日报</title><link>https://rail.example/</link><description>d</description>";
    Reply::xml(format!("<rss version=\"2.0\"><channel>{head}{}</channel></rss>", items.concat()))
}

const LINES: &str = "category = \"news\"\ncontent = \"full\"\nnamespace = \"rail.example\"\n";

async fn world_of(lines: &str, items: &[String]) -> World {
    let world = World::new().await.source_with("rail", &format!("{LINES}{lines}"));
    world.upstream.serve("/rail", feed(items));
    world.refreshed().await
}

fn link(name: &str) -> String {
    format!("https://rail.example/2022/{name}.html")
}

async fn code(world: &World, name: &str) -> String {
    world.store.codes_of(&link(name)).await.unwrap().remove(0).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_due_says_when_it_is_and_by_whose_wish() {
    let world = World::new().await.source_with("rail", LINES);
    let reply = feed(&[item("one", "")]).with("cache-control", "max-age=7200").with("etag", "\"a\"");
    world.upstream.serve("/rail", reply);
    let world = world.refreshed().await;
    for _ in 0..3 {
        world.pass_time(TimeDelta::hours(3));
        world.refresh().await;
    }
    let (told, state) = (explain(&world, "rail").await, world.state("rail").await);
    let next = state.next_poll.unwrap();
    assert!(told.why().contains("not due yet") && told.why().contains("publisher's max-age"), "{}", told.why());
    assert!(told.text.contains(&next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)), "{}", told.text);
    assert_eq!(told.exit, 0);
    let requests = told.first()["requests"].as_array().unwrap();
    let seen: Vec<_> =
        requests.iter().map(|it| (it["came"].as_str().unwrap(), it["status"].as_u64(), it["times"].as_u64())).collect();
    assert_eq!(seen, [("not-modified", Some(304), Some(3)), ("document", Some(200), Some(1))]);
    assert_eq!(requests[0]["next"].as_str().unwrap(), next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    assert_eq!((told.count("new"), told.first()["documents"][0]["new"].as_array().unwrap().len()), (1, 1));
    let by_address = explain(&world, &world.upstream.url("/rail")).await;
    assert_eq!(by_address.first()["id"], "rail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_tells_how_long_the_host_is_left_alone_and_that_force_breaks_it() {
    let world = world_of("", &[item("one", "")]).await;
    world.upstream.serve("/rail", Reply::status(429).with("retry-after", "7200"));
    world.refresh().await;
    let (told, hold) = (explain(&world, "rail").await, world.state("rail").await.hold_until.unwrap());
    assert!(told.why().contains("answered 429"), "{}", told.why());
    let until = hold.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert!(told.first()["status"]["next_poll"].as_str().unwrap() >= until.as_str());
    assert_eq!(told.first()["requests"][0]["status"], 429);
    assert_eq!(told.first()["requests"][0]["came"], "held");
    assert!(told.text.contains("--force"), "{}", told.text);
    assert_eq!(told.count("new"), 1, "what the last document came to is still told");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_source_of_a_host_that_was_answered_429_says_so() {
    let lines = "[[source]]\nid = \"other\"\nurl = \"https://feeds.other.example/\"\ncategory = \"news\"\n";
    let world = World::new().await.source_as_it_stands(lines);
    let now = world.tools().clock.now();
    let polled = syndic::model::SourceState {
        address: Some(world.config().sources[0].address()),
        last_attempt: Some(now),
        last_success: Some(now),
        next_poll: Some(now),
        ..Default::default()
    };
    world.store.touch(&Slug::parse("other").unwrap(), polled).await.unwrap();
    world.store.hold("other.example", now + TimeDelta::hours(5)).await.unwrap();
    let told = explain(&world, "other").await;
    assert!(told.why().contains("another source of its host was answered 429"), "{}", told.why());
    assert_eq!(told.first()["status"]["state"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_source_tells_how_often_it_was_gone_and_since_when() {
    let world = world_of("", &[item("one", "")]).await;
    world.upstream.serve("/rail", Reply::status(410));
    for _ in 0..3 {
        world.refresh().await;
        world.pass_time(TimeDelta::hours(25));
    }
    let told = explain(&world, "rail").await;
    assert!(told.why().contains("410 (gone) 3 times since 2022-04-22T04:00:00Z"), "{}", told.why());
    assert_eq!(
        (&told.first()["status"]["state"], &told.first()["requests"][0]["next"]),
        (&"parked".into(), &Value::Null)
    );
    assert!(told.text.contains("new address"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_named_in_its_words_and_by_its_number() {
    let rules = "[[source.rule]]\naction = \"exclude\"\nwords = [\"nothing like it\"]\n\
                 [[source.rule]]\naction = \"exclude\"\nmatch = \"of ad$\"\n";
    let world = world_of(rules, &[item("one", ""), item("ad", "")]).await;
    let told = explain(&world, &link("ad")).await;
    let remark = told.remark("rule");
    let why = remark["why"].as_str().unwrap();
    assert!(why.contains("exclude title ~ /of ad$/") && why.contains("number 2 of 2"), "{why}");
    assert_eq!((&told.first()["hidden"], &remark["since"]), (&true.into(), &"2022-04-22T04:00:00Z".into()));
    assert!(told.text.contains("in no feed") && told.text.contains("take the rule back"), "{}", told.text);
    let source = explain(&world, "rail").await;
    assert_eq!(source.remark("rule")["title"], "Title of ad");
    // The rule comes later, or goes: since when is told by the store.
    let world = world.edited("match = \"of ad$\"", "match = \"of one$\"");
    world.pass_time(TimeDelta::hours(1));
    syndic::upkeep::settle(&world.store, &world.config(), world.tools().clock.now()).await.unwrap();
    assert_eq!(explain(&world, &link("one")).await.remark("rule")["since"], "2022-04-22T05:00:00Z");
    assert_eq!(explain(&world, &link("ad")).await.first()["hidden"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_retracted_says_when_and_why_and_that_it_came_again() {
    let world = world_of("", &[item("one", ""), item("two", "")]).await;
    let one = code(&world, "one").await;
    world.pass_time(TimeDelta::hours(1));
    let now = world.tools().clock.now();
    world.store.retract(&InfoCode::parse(&one).unwrap(), "court order 7", false, now).await.unwrap();
    world.upstream.serve("/rail", feed(&[item("one", "<author>a</author>"), item("two", "<author>a</author>")]));
    world.refresh().await;
    let told = explain(&world, &link("one")).await;
    let remark = told.remark("retracted");
    assert!(remark["why"].as_str().unwrap().contains("court order 7"), "{remark}");
    assert_eq!(remark["since"], "2022-04-22T05:00:00Z");
    assert!(told.text.contains("listed, and refused") && told.text.contains("restore-entry"), "{}", told.text);
    let source = explain(&world, "rail").await;
    assert_eq!((source.count("refused"), source.remark("retracted")["code"].as_str()), (1, Some(one.as_str())));
    // Erased, nothing of its words is in any answer.
    world.store.retract(&InfoCode::parse(&one).unwrap(), "court order 8", true, now).await.unwrap();
    for what in [one.as_str(), "rail", &link("one")] {
        let told = explain(&world, what).await;
        assert!(told.text.contains("court order 8") && !told.text.contains("Title of one"), "{}", told.text);
        assert!(!told.json["found"].to_string().contains("Title of one"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_came_again_under_another_id_is_told_by_both() {
    let world = world_of("", &[item("one", "")]).await;
    let one = code(&world, "one").await;
    let renamed = item("one", "").replace("<guid isPermaLink=\"false\">one<", "<guid isPermaLink=\"false\">another<");
    let asked = renamed.replace("one.html", "one.html?utm_source=x");
    world.upstream.serve("/rail", feed(&[asked]));
    world.refresh().await;
    let told = explain(&world, "rail").await;
    let remark = told.remark("other-name");
    assert_eq!(remark["code"], one.as_str());
    assert!(remark["why"].as_str().unwrap().contains("it came under X-"), "{remark}");
    // Its links lead to it with and without what trackers add, and so does the code it came under.
    let claimed = remark["why"].as_str().unwrap().split_whitespace().find(|word| word.starts_with("X-")).unwrap();
    for what in [&link("one"), &format!("{}?utm_source=mail", link("one")), "another", claimed.trim_end_matches(',')] {
        assert_eq!(explain(&world, what).await.first()["code"], one.as_str(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clash_of_namespaces_names_the_owner_of_the_code() {
    let coded = |host: &str| {
        let link = format!("https://{host}/a/NW202204222352631195.html");
        item("one", "").replace("https://rail.example/2022/one.html", &link)
    };
    let world = World::new().await.source_with("rail", LINES);
    let world = world.source_with("paper", &LINES.replace("rail.example", "paper.example"));
    world.upstream.serve("/rail", feed(&[coded("rail.example")]));
    world.upstream.serve("/paper", Reply::status(503));
    world.refresh().await;
    world.upstream.serve("/paper", feed(&[coded("paper.example")]));
    world.refresh().await;
    let first = explain(&world, "paper").await;
    assert!(first.remark("clash")["why"].as_str().unwrap().contains("NW202204222352631195, which is rail.example's"));
    // Also of a later document, in which nothing is new.
    world.upstream.serve("/paper", feed(&[coded("paper.example"), item("two", "")]));
    world.refresh().await;
    let told = explain(&world, "paper").await;
    assert_eq!((told.count("new"), told.count("unchanged")), (1, 1));
    assert!(told.remark("clash")["why"].as_str().unwrap().contains("rail.example's"), "{}", told.text);
    assert_eq!(explain(&world, "NW202204222352631195").await.first()["owner"], "rail");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_flood_holds_back_is_found_by_its_link_though_it_is_not_kept() {
    let world = World::new().await.with("max_new = 4").source_with("rail", LINES);
    world.upstream.serve("/rail", feed(&[item("old", "")]));
    let world = world.refreshed().await;
    let flood: Vec<String> = (0..10).map(|number| item(&format!("archive{number}"), "")).collect();
    world.upstream.serve("/rail", feed(&flood));
    world.refresh().await;
    let source = explain(&world, "rail").await;
    assert_eq!(source.count("held-back"), 10);
    assert!(source.remark("quarantine")["why"].as_str().unwrap().contains("max_new = 4"));
    assert!(source.why().contains("more new entries than are believed at once"), "{}", source.why());
    let told = explain(&world, &link("archive3")).await;
    assert_eq!(told.exit, 1, "it is not kept");
    let held = &told.first()["held"][0];
    assert_eq!((&held["source"], &held["remark"]["reason"]), (&"rail".into(), &"quarantine".into()));
    assert_eq!(held["remark"]["title"], "Title of archive3");
    world.refresh().await;
    assert!(explain(&world, "rail").await.count("new") > 0, "and then it is let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embargo_and_an_expiry_tell_their_times() {
    let dated = item("one", "<pubDate>Fri, 22 Apr 2022 03:00:00 GMT</pubDate>");
    let world = world_of("not_before = \"2h\"\nnot_after = \"5h\"\n", &[dated]).await;
    let told = explain(&world, &link("one")).await;
    assert_eq!(told.remark("embargo")["until"], "2022-04-22T05:00:00Z");
    assert!(told.text.contains("held back until 2022-04-22T05:00:00Z"), "{}", told.text);
    world.pass_time(TimeDelta::hours(2));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert_eq!(explain(&world, &link("one")).await.first()["hidden"], false);
    world.pass_time(TimeDelta::hours(9));
    world.store.wake(world.tools().clock.now(), false).await.unwrap();
    assert_eq!(explain(&world, &link("one")).await.remark("expired")["since"], "2022-04-22T08:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_cannot_be_read_is_shown_with_what_was_taken_instead() {
    let world = world_of("", &[item("one", "<pubDate>den 31. Smarch</pubDate>")]).await;
    let told = explain(&world, &link("one")).await;
    let why = told.remark("date")["why"].as_str().unwrap().to_owned();
    assert!(why.contains("cannot read `den 31. Smarch`") && why.contains("it stands at 2022-04-22T04:00:00Z"), "{why}");
    assert!(told.first()["date_from"].as_str().unwrap().starts_with("when it was first seen"));
    assert!(explain(&world, "rail").await.text.contains("den 31. Smarch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_repaired_in_the_document_is_told() {
    let world = World::new().await.source("shop", "feeds/rss2-unescaped-ampersand.xml").refreshed().await;
    let notes = world.state("shop").await.notes;
    assert!(!notes.is_empty());
    let told = explain(&world, "shop").await;
    for note in notes {
        assert!(told.text.contains(&note), "{note}: {}", told.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_stands_tells_where_and_what_left_the_head_where_its_archive_is() {
    let items: Vec<String> = (0..120).map(|number| item(&format!("n{number}"), "")).collect();
    let world = World::new().await.with("[publish]\nentries = 5\nnew_source_entries = 1000").source_with("rail", LINES);
    for part in items.chunks(60) {
        world.upstream.serve("/rail", feed(part));
        world.refresh().await;
        world.pass_time(TimeDelta::days(2));
    }
    let places = |told: &Told| told.first()["places"].as_array().unwrap().clone();
    let newest = explain(&world, &link("n60")).await;
    let first = &places(&newest)[0];
    assert_eq!(
        (&first["feed"], &first["public"], first["position"].as_u64()),
        (&"/category/news".into(), &true.into(), Some(1))
    );
    let old = explain(&world, &link("n59")).await;
    let first = &places(&old)[0];
    assert_eq!((&first["position"], &first["archive"]), (&Value::Null, &"/category/news/archive/1".into()));
    assert!(old.text.contains("does not list it any more"), "{}", old.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_names_the_sources_of_its_host_and_what_is_like_it() {
    let world = world_of("", &[item("one", "")]).await;
    let told = explain(&world, &link("ones")).await;
    assert_eq!((told.exit, &told.first()["kind"]), (1, &"unknown".into()));
    assert_eq!(told.first()["sources"][0]["source"], "rail");
    assert!(told.first()["sources"][0]["document"].as_str().unwrap().contains("1 entry"), "{}", told.text);
    assert_eq!(told.first()["near"][0]["what"], link("one"));
    assert!(told.text.contains("syndic poll --source rail"), "{}", told.text);
    let nowhere = explain(&world, "https://elsewhere.example/1").await;
    assert!(nowhere.text.contains("no source of feeds.toml is of this host"), "{}", nowhere.text);
    assert_eq!(explain(&world, "rial").await.first()["near"][0]["name"], "rail");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_were_never_asked_are_disabled_or_were_taken_out_say_so() {
    let world = World::new().await.source_with("rail", LINES).source_with("sea", &format!("{LINES}enabled = false\n"));
    assert!(explain(&world, "rail").await.why().contains("never asked"));
    assert!(explain(&world, "rail").await.why().contains("no daemon runs"));
    let sea = explain(&world, "sea").await;
    assert!(sea.why().contains("enabled = false") && sea.text.contains("syndic enable sea"), "{}", sea.text);
    world.upstream.serve("/rail", feed(&[item("one", "")]));
    world.refresh_one("rail").await;
    let world = world.without("min = \"1s\"\n");
    let gone = explain(&world, "rail").await;
    assert_eq!((gone.exit, &gone.first()["in_feeds_toml"]), (0, &false.into()));
    assert!(gone.why().contains("not in feeds.toml any more"), "{}", gone.why());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_address_is_in_no_answer() {
    let world = World::new()
        .await
        .source_with("rail", &format!("{LINES}publish_url = false\nhomepage = \"https://rail.example/\"\n"));
    let secret = world.upstream.authority();
    for reply in [
        feed(&[item("one", "")]),
        Reply::status(500),
        Reply::xml("<html>no feed"),
        Reply::status(301).with("location", "/rail2"),
    ] {
        world.upstream.serve("/rail", reply);
        world.refresh().await;
    }
    for what in ["rail", &link("one"), &link("none")] {
        let told = explain(&world, what).await;
        assert!(!told.text.contains(&secret) && !told.json["found"].to_string().contains(&secret), "{}", told.text);
        assert!(told.text.contains("rail"), "{}", told.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_survives_a_restart() {
    let world = world_of("", &[item("one", "")]).await;
    world.upstream.serve("/rail", Reply::status(500));
    world.refresh().await;
    let before = explain(&world, "rail").await;
    let world = world.restarted().await;
    let after = explain(&world, "rail").await;
    assert_eq!((&after.json["found"], after.text), (&before.json["found"], before.text));
    assert_eq!(after.json["found"][0]["requests"].as_array().unwrap().len(), 2);
}

/// The binary, as an operator runs it.
struct Site {
    upstream: Upstream,
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Site {
    async fn new() -> Site {
        let (upstream, folder) = (Upstream::start().await, tempfile::tempdir().unwrap());
        upstream.serve("/rail", feed(&[item("one", ""), item("ad", "")]));
        let text = format!(
            "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"rail\"\nurl = \"{}\"\n\
             every = \"1h\"\n{LINES}[[source.rule]]\naction = \"exclude\"\nmatch = \"of ad$\"\n",
            upstream.url("/rail")
        );
        let config = write_config(folder.path(), &text);
        Site { upstream, folder, config }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run_on(&self, data: &Path, arguments: &[&str]) -> (String, i32) {
        let output =
            syndic().args(arguments).arg("--config").arg(&self.config).arg("--data").arg(data).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).unwrap(), output.status.code().unwrap())
    }

    fn run(&self, arguments: &[&str]) -> (String, i32) {
        self.run_on(&self.data(), arguments)
    }

    fn json(&self, what: &str) -> Value {
        let (text, _) = self.run(&["explain", "--json", what]);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_told_alone_through_the_daemon_after_a_kill_and_from_a_backup() {
    let site = Site::new().await;
    assert_eq!(site.run(&["poll"]).1, 0);
    let ad = link("ad");
    let (alone, exit) = site.run(&["explain", &ad]);
    assert!(exit == 0 && alone.contains("kept out by a rule: exclude title ~ /of ad$/"), "{alone}");
    let (source, _) = site.run(&["explain", "rail"]);
    assert!(source.contains("not due yet") && source.contains("`every` in feeds.toml"), "{source}");
    let document = site.json("rail")["found"][0]["documents"].clone();
    let daemon = Daemon::start(&site.config, &site.data());
    assert_eq!(site.run(&["explain", &ad]), (alone.clone(), 0));
    let (through, _) = site.run(&["explain", "rail"]);
    assert!(!through.contains("no daemon runs") && through.contains("kept out"), "{through}");
    site.upstream.serve("/rail", feed(&[item("one", ""), item("ad", ""), item("two", "")]));
    assert_eq!(site.run(&["poll", "--source", "rail"]).1, 0);
    assert_eq!(site.json("rail")["found"][0]["documents"][0]["counts"]["new"], 1);
    let (later, _) = site.run(&["explain", &ad]);
    assert!(alone.contains("new in it") && later.contains("listed, unchanged"), "{later}");
    let backup = site.folder.path().join("backup");
    assert_eq!(site.run(&["backup", backup.to_str().unwrap()]).1, 0);
    // Nothing was closed: what follows comes from the journal.
    daemon.kill();
    let killed = site.json("rail")["found"][0].clone();
    assert_eq!(killed["documents"][0]["counts"]["new"], 1);
    assert_eq!(killed["requests"].as_array().unwrap().len(), 2);
    assert_ne!(killed["documents"], document);
    assert_eq!(site.run(&["explain", &ad]), (later.clone(), 0));
    let elsewhere = site.folder.path().join("elsewhere");
    assert_eq!(site.run_on(&elsewhere, &["restore", backup.to_str().unwrap()]).1, 0);
    assert_eq!(site.run_on(&elsewhere, &["explain", &ad]), (later, 0));
    assert!(site.run(&["verify"]).0.contains("all is well"));
    assert_eq!(site.run(&["explain", "https://nowhere.example/"]).1, 1);
}

#[test]
fn the_help_shows_how_it_is_used() {
    let output = syndic().args(["explain", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("Examples:") && help.contains("syndic explain rail"), "{help}");
}
