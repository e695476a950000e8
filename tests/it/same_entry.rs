//! One article stays one entry, and its publisher's: corrected, under another guid, over https, with a code that comes late;
//! whoever else claims it changes nothing. Through real polls, and across restarts.

use crate::support::{Daemon, Reply, Upstream, World, syndic, write_config};
use chrono::TimeDelta;
use syndic::{format::Format, model::GuidTrust, refresh::Outcome};

const CODE: &str = "NW202204222352631195";

fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>铁路</title><link>https://rail.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn item(guid: &str, link: &str, title: &str) -> String {
    format!(
        "<item><title>{title}</title><link>{link}</link><guid isPermaLink=\"false\">{guid}</guid>\
         <pubDate>Thu, 21 Apr 2022 08:00:00 GMT</pubDate><description>正文 {title}</description></item>"
    )
}

fn notes(outcome: &Outcome) -> &[String] {
    match outcome {
        Outcome::Committed(changes) => &changes.notes,
        other => panic!("{other:?}"),
    }
}

/// Codes and published ids in the order of the feed, and what the format says of the first entry's times.
async fn published(world: &World) -> Vec<(String, String)> {
    let feed = world.json("news").await;
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| (item["_syndic"]["info_code"].to_string(), item["id"].to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_keeps_code_ids_and_place_in_every_format_and_across_a_restart() {
    let world = World::new().await.source_with("rail", "category = \"news\"\ncontent = \"full\"");
    let page = |middle: &str| {
        let link = |name: &str| format!("https://rail.example/{name}");
        rss(&(item("a", &link("a"), "One") + &item("b", &link("b"), middle) + &item("c", &link("c"), "Three")))
    };
    world.upstream.serve("/rail", Reply::xml(page("Two")));
    world.refresh().await;
    let before = published(&world).await;
    let ids = |text: &str, open: &str| {
        text.split(open).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (atom, guids) = (world.category("news", Format::Atom).await, world.category("news", Format::Rss).await);

    world.pass_time(TimeDelta::hours(3));
    let world = world.restarted().await;
    world.upstream.serve("/rail", Reply::xml(page("Two, corrected")));
    world.refresh().await;
    let world = world.restarted().await;
    assert_eq!(published(&world).await, before, "codes, ids and their order");
    let (new_atom, new_guids) = (world.category("news", Format::Atom).await, world.category("news", Format::Rss).await);
    assert_eq!(ids(&new_atom, "<id>"), ids(&atom, "<id>"));
    assert_eq!(ids(&new_guids, "<guid"), ids(&guids, "<guid"));
    assert!(new_atom.contains("Two, corrected") && !atom.contains("corrected"));
    let entry = world.store.find("b").await.unwrap().unwrap();
    assert_eq!(entry.edition_number, 2);
    assert_eq!(
        entry.edition.updated.to_rfc3339(),
        "2022-04-22T07:00:00+00:00",
        "the time of the fetch that brought it"
    );
    assert_eq!(entry.edition.published.unwrap().to_rfc3339(), "2022-04-21T08:00:00+00:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_an_article_had_leads_to_the_one_entry() {
    let world = World::new().await.source_with("rail", "category = \"news\"\ncontent = \"full\"");
    let steps = [
        // guid and link change their scheme together; then the guid rotates; then a code comes late, under yet another link.
        ("http://rail.example/one", "http://rail.example/one"),
        ("https://rail.example/one", "https://rail.example/one"),
        ("rotated-7", "https://rail.example/one?utm_source=feed"),
        ("rotated-7", "https://rail.example/share.html?infoCode=NW202204222352631195"),
        ("rotated-8", "https://rail.example/share.html?infoCode=NW202204222352631195"),
    ];
    let mut first = None;
    for (guid, link) in steps {
        world.upstream.serve("/rail", Reply::xml(rss(&item(guid, link, "One"))));
        world.refresh().await;
        let now = published(&world).await;
        assert_eq!(now.len(), 1, "{guid} {link}");
        assert_eq!(first.get_or_insert_with(|| now[0].clone()), &now[0], "code and published id stay: {guid} {link}");
    }
    let world = world.restarted().await;
    let names = steps.iter().flat_map(|(guid, link)| [*guid, *link]);
    for name in names.chain([CODE, "nw202204222352631195"]) {
        let found = world.store.find(name).await.unwrap().unwrap_or_else(|| panic!("{name} leads nowhere"));
        assert_eq!(format!("\"{}\"", found.code), first.as_ref().unwrap().0, "{name}");
    }
    assert_eq!(world.store.counts().await.unwrap().entries, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_code_is_noted_and_leads_to_the_owner_still() {
    let article = |title: &str| {
        rss(&item(
            &format!("https://p.example/x?infoCode={CODE}"),
            &format!("https://p.example/x?infoCode={CODE}"),
            title,
        ))
    };
    let world = World::new()
        .await
        .source_with("paper", "category = \"news\"\ncontent = \"full\"\nnamespace = \"p.example\"")
        .source_with("thief", "category = \"theft\"\ncontent = \"full\"\nnamespace = \"thief.example\"");
    world.upstream.serve("/paper", Reply::xml(article("True")));
    world.upstream.serve("/thief", Reply::status(500));
    world.refresh().await;
    let owners = world.entry(CODE).await.unwrap();
    let before = world.category("news", Format::Atom).await;
    for title in ["Forged", "Forged again"] {
        world.upstream.serve("/thief", Reply::xml(article(title)));
        let outcomes = world.refresh().await;
        let thief = outcomes.iter().find(|(source, _)| source.as_str() == "thief").unwrap();
        if title == "Forged" {
            let said = notes(&thief.1).join("; ");
            assert!(said.contains(CODE) && said.contains("belong to others"), "{said}");
        }
        assert_eq!(world.entry(CODE).await.unwrap(), owners);
        assert_eq!(world.category("news", Format::Atom).await, before);
    }
    let theirs = world.json("theft").await;
    assert_eq!(theirs["items"].as_array().unwrap().len(), 1, "its derived code is stable: a correction, no twin");
    assert_eq!(theirs["items"][0]["title"], "Forged again");
    for name in [CODE.to_owned(), format!("https://p.example/x?infoCode={CODE}"), owners.ids.rss.clone()] {
        assert_eq!(world.store.find(&name).await.unwrap().unwrap().code, owners.code, "{name}");
    }
}

/// Documents whose ids name nothing: all the same, or none.
fn nameless(guid: &str) -> String {
    let items: String = (0..20)
        .map(|n| format!("<item><title>N{n}</title><link>https://rail.example/{n}</link>{guid}<description>d{n}</description></item>"))
        .collect();
    rss(&items)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_guids_name_nothing_is_degraded_for_good_and_status_says_so() {
    let upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut text = "[site]\nurl = \"https://syndic.test\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n".to_owned();
    for id in ["same", "none", "good"] {
        let url = upstream.url(&format!("/{id}"));
        text.push_str(&format!("[[source]]\nid = \"{id}\"\nurl = \"{url}\"\ncategory = \"news\"\nevery = \"1h\"\n"));
    }
    let config = write_config(folder.path(), &text);
    let data = folder.path().join("data");
    let poll = || {
        let output = syndic().args(["poll", "--config"]).arg(&config).arg("--data").arg(&data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    upstream.serve("/same", Reply::xml(nameless("<guid isPermaLink=\"false\">0</guid>")));
    upstream.serve("/none", Reply::xml(nameless("<guid></guid>")));
    upstream.serve(
        "/good",
        Reply::xml(rss(&(0..20)
            .map(|n| item(&format!("g{n}"), &format!("https://rail.example/g{n}"), "t"))
            .collect::<String>())),
    );
    poll();
    // From now on each has a guid of its own; and each entry is corrected: nothing may come twice.
    let better: String = (0..20)
        .map(|n| {
            let link = format!("https://rail.example/{n}");
            item(&format!("new-{n}"), &link, &format!("N{n}, corrected"))
        })
        .collect();
    for id in ["same", "none"] {
        upstream.serve(&format!("/{id}"), Reply::xml(rss(&better)));
    }
    poll();
    let daemon = Daemon::start(&config, &data);
    let status: serde_json::Value = serde_json::from_str(&daemon.get("/status.json").await.1).unwrap();
    for (source, trust) in [("same", GuidTrust::Link), ("none", GuidTrust::Link), ("good", GuidTrust::Guid)] {
        let of = status["sources"].as_array().unwrap().iter().find(|one| one["id"] == source).unwrap();
        assert_eq!(of["entries"], 20, "{source}: {of}");
        assert_eq!(of["identified_by"], serde_json::to_value(trust).unwrap(), "{source}: {of}");
    }
    let mut show = syndic();
    show.args(["show", "http://rail.example/3", "--config"]).arg(&config).arg("--data").arg(&data);
    let shown = show.output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&shown).contains("N3, corrected"), "by its link, whatever its scheme");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_only_their_texts_tell_apart_are_all_kept_and_no_poll_makes_twins() {
    let world = World::new().await.source_with("notes", "category = \"news\"");
    let notes = |texts: &[&str], title: &str| {
        let item = |text: &&str| format!("<item>{title}<description>{text}</description></item>");
        rss(&texts.iter().map(item).collect::<String>())
    };
    let polls: [(&[&str], usize); 5] = [
        (&["one", "two", "three"], 3),
        (&["one", "two", "three"], 3),
        (&["four", "one", "two"], 4),
        (&["four"], 4),
        (&["five", "four", "one", "two", "three"], 5),
    ];
    for (texts, held) in polls {
        world.upstream.serve("/notes", Reply::xml(notes(texts, "")));
        world.pass_time(TimeDelta::hours(3));
        world.refresh().await;
        assert_eq!(published(&world).await.len(), held, "{texts:?}");
    }
    // Alone under its title, then beside others of the same: still one entry.
    for (texts, held) in [(&["a"][..], 6), (&["b", "a"][..], 7), (&["a"][..], 7)] {
        world.upstream.serve("/notes", Reply::xml(notes(texts, "<title>Status</title>")));
        world.pass_time(TimeDelta::hours(3));
        world.refresh().await;
        assert_eq!(published(&world).await.len(), held, "{texts:?}");
    }
}
