//! feeds.toml edited by commands, as an operator does who has an address in the clipboard: with a daemon and without one.

use crate::support::{Daemon, Reply, Upstream, fixture, syndic, write_config};
use std::{path::Path, time::Duration};

const HEAD: &str = "# Our news.\n[site]\nurl = \"https://syndic.test\"   # public\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[poll]\nmin = \"1s\"\n\n\
                    # ---- Categories ----\n[[category]]\nslug = \"news\"\n\n# ---- Sources ----\n\n# the paper of the town\n";

struct Home {
    upstream: Upstream,
    folder: tempfile::TempDir,
}

impl Home {
    /// A publisher with a home page that names its feed, and a feeds.toml that reads another one.
    async fn new() -> Home {
        let upstream = Upstream::start().await;
        upstream.serve("/paper", Reply::xml(fixture("feeds/rss2-newspaper.xml")));
        upstream.serve("/blog/feed", Reply::xml(fixture("feeds/atom-xml-base.xml")));
        let page = "<html><head><title>A blog</title>\
                    <link rel=\"alternate\" type=\"application/atom+xml\" href=\"/blog/feed\"></head><body>Hello</body></html>";
        upstream.serve("/blog", Reply::xml(page).with("content-type", "text/html"));
        let folder = tempfile::tempdir().unwrap();
        let home = Home { upstream, folder };
        let paper = format!(
            "[[source]]\nid = \"paper\"   # for ever\nurl = \"{}\"\ncategory = \"news\"\n",
            home.upstream.url("/paper")
        );
        write_config(home.path(), &format!("{HEAD}{paper}"));
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path().join("feeds.toml")).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let done = syndic().current_dir(self.path()).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    }

    fn well(&self, arguments: &[&str]) -> String {
        let (code, said, noted) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}{noted}");
        said
    }
}

async fn until(daemon: &Daemon, path: &str, wanted: impl Fn(u16, &str) -> bool) {
    for _ in 0..500 {
        let (status, text) = daemon.get(path).await;
        if wanted(status, &text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} never came to that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_added_by_its_home_page_moved_and_taken_out_while_the_daemon_runs() {
    let home = Home::new().await;
    let daemon = Daemon::start(&home.path().join("feeds.toml"), &home.path().join("data"));
    let before = home.text();
    let blog = home.upstream.url("/blog");

    let said = home.well(&["add", &blog, "--category", "news", "--content", "full", "--dry-run"]);
    assert!(said.contains("+[[source]]") && said.contains("nothing was written"), "{said}");
    assert_eq!(home.text(), before);

    let said = home.well(&["add", &blog, "--category", "news", "--content", "full", "--id", "blog", "--yes"]);
    let feed = home.upstream.url("/blog/feed");
    assert!(said.contains(&feed) && said.contains("+1 source (blog)") && said.contains("in force"), "{said}");
    let added = format!(
        "{before}\n[[source]]\nid = \"blog\"\nurl = \"{feed}\"\ncategory = \"news\"\nhomepage = \"{blog}\"\ncontent = \"full\"\n"
    );
    assert_eq!(home.text(), added, "nothing else is touched");
    until(&daemon, "/source/blog.atom", |status, text| status == 200 && text.contains("<entry>")).await;

    let (code, _, noted) = home.run(&["add", &feed, "--yes"]);
    assert_eq!(code, Some(1));
    assert!(noted.contains("`blog` reads"), "{noted}");

    let (code, _, noted) = home.run(&["move", "blog", "nwes"]);
    assert_eq!(code, Some(2));
    assert!(noted.contains("did you mean `news`?") && home.text() == added, "{noted}");
    home.well(&["move", "blog", "weblogs", "--create", "--title", "Weblogs"]);
    until(&daemon, "/category/weblogs.atom", |status, text| status == 200 && text.contains("<entry>")).await;
    let moved = home.text();
    assert!(
        moved.contains("[[category]]\nslug = \"news\"\n\n[[category]]\nslug = \"weblogs\"\ntitle = \"Weblogs\"\n"),
        "{moved}"
    );

    home.well(&["disable", "blog"]);
    let status: serde_json::Value = serde_json::from_str(&home.well(&["status", "--json"])).unwrap();
    assert_eq!(status["sources"][1]["state"], "disabled", "{status}");
    home.well(&["enable", "blog"]);
    let status: serde_json::Value = serde_json::from_str(&home.well(&["status", "--json"])).unwrap();
    assert_ne!(status["sources"][1]["state"], "disabled");

    let (code, _, noted) = home.run(&["remove", "blgo"]);
    assert_eq!(code, Some(2));
    assert!(noted.contains("did you mean `blog`?"), "{noted}");
    home.well(&["remove", "paper"]);
    let left = home.text();
    assert!(!left.contains("paper") && left.contains("# ---- Sources ----") && left.contains("# public"), "{left}");
    let status: serde_json::Value = serde_json::from_str(&home.well(&["status", "--json"])).unwrap();
    assert_eq!(status["sources"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_and_without_a_file_a_first_source_can_be_added() {
    let home = Home::new().await;
    std::fs::remove_file(home.path().join("feeds.toml")).unwrap();
    // Loopback may be asked only where a file says so.
    let (code, _, noted) = home.run(&["add", &home.upstream.url("/blog/feed"), "--yes"]);
    assert_eq!((code, home.path().join("feeds.toml").exists()), (Some(1), false), "{noted}");
    write_config(home.path(), "[fetch]\nallow = [\"127.0.0.0/8\"]\n");
    let (code, said, noted) =
        home.run(&["add", &home.upstream.url("/blog/feed"), "--id", "blog", "--category", "blogs", "--yes"]);
    assert_eq!(code, Some(0), "{said}{noted}");
    let wanted =
        format!("[[source]]\nid = \"blog\"\nurl = \"{}\"\ncategory = \"blogs\"\n", home.upstream.url("/blog/feed"));
    assert_eq!(home.text(), format!("[fetch]\nallow = [\"127.0.0.0/8\"]\n\n{wanted}"));
    write_config(home.path(), &format!("{HEAD}[[source]]\nid = \"x\"\npath = \"x.xml\"\ncategory = \"news\"\n"));
    let said = home.well(&["add", &home.upstream.url("/blog/feed"), "--id", "blog", "--category", "news", "--yes"]);
    assert!(said.contains("no daemon runs here"), "{said}");
    home.well(&["check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_meanwhile_is_not_overwritten_and_links_stay_links() {
    let home = Home::new().await;
    let real = home.path().join("etc/real.toml");
    std::fs::create_dir(home.path().join("etc")).unwrap();
    std::fs::rename(home.path().join("feeds.toml"), &real).unwrap();
    std::os::unix::fs::symlink(&real, home.path().join("feeds.toml")).unwrap();
    std::fs::set_permissions(&real, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    home.well(&["disable", "paper"]);
    assert!(home.path().join("feeds.toml").is_symlink());
    let mode = std::os::unix::fs::PermissionsExt::mode(&real.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o640);
    assert!(home.text().contains("category = \"news\"\nenabled = false\n"), "{}", home.text());
    assert_eq!(std::fs::read_dir(home.path().join("etc")).unwrap().count(), 1, "nothing is left beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_an_included_file_is_edited_there() {
    let home = Home::new().await;
    let text = home.text();
    let at = text.find("# the paper").unwrap();
    std::fs::create_dir(home.path().join("sources.d")).unwrap();
    std::fs::write(home.path().join("sources.d/paper.toml"), &text[at..]).unwrap();
    write_config(home.path(), &format!("include = [\"sources.d/*.toml\"]\n{}", &text[..at]));
    let before = home.text();
    home.well(&["disable", "paper"]);
    assert_eq!(home.text(), before);
    let part = std::fs::read_to_string(home.path().join("sources.d/paper.toml")).unwrap();
    assert!(part.ends_with("category = \"news\"\nenabled = false\n"), "{part}");
}

const LIST: &str = r#"<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="News"><outline type="rss" text="The Harbour" xmlUrl="https://harbour.example/feed" htmlUrl="https://harbour.example/"/>
  <outline type="rss" text="The paper" xmlUrl="PAPER"/></outline>
  <outline text="Science &amp; Space"><outline type="rss" text="Stars" xmlUrl="https://stars.example/rss"/>
  <outline type="rss" text="The Harbour again" xmlUrl="http://harbour.example/feed/"/></outline>
  <outline text="No feed" type="link" url="https://x.example/"/>
  <outline type="rss" text="A secret" xmlUrl="https://me:hunter2@s.example/"/>
</body></opml>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_subscriptions_comes_in_once_and_goes_out_again() {
    let home = Home::new().await;
    let list = home.path().join("list.opml");
    std::fs::write(&list, LIST.replace("PAPER", &home.upstream.url("/paper"))).unwrap();
    let before = home.text();
    let (code, said, noted) = home.run(&["import", "opml", "list.opml", "--dry-run"]);
    assert_eq!(home.text(), before);
    assert!(said.contains("2 new, 1 there already, 1 unusable"), "{said}{noted}");
    assert!(noted.contains("is read by `paper`") && !noted.contains("hunter2") && !said.contains("hunter2"), "{noted}");
    assert_eq!(code, Some(1), "one cannot be used");
    let (_, said, noted) = home.run(&["import", "opml", "list.opml"]);
    assert!(said.contains("+2 sources (stars, the-harbour)"), "{said}{noted}");
    let text = home.text();
    let harbour = "[[source]]\nid = \"the-harbour\"\nurl = \"https://harbour.example/feed\"\ntitle = \"The Harbour\"\n\
                   categories = [\"news\", \"science-space\"]\nhomepage = \"https://harbour.example/\"\n";
    assert!(
        text.contains(harbour) && text.contains("slug = \"science-space\"\ntitle = \"Science & Space\"\n"),
        "{text}"
    );
    let (_, said, _) = home.run(&["import", "opml", "list.opml"]);
    assert!(
        said.contains("0 new, 3 there already, 1 unusable") || said.contains("0 new, 4 there already, 1 unusable"),
        "{said}"
    );
    assert!(said.contains("nothing to change") && home.text() == text, "{said}");

    home.run(&["poll", "--source", "paper"]);
    let exported = home.well(&["export", "opml"]);
    std::fs::write(home.path().join("out.opml"), &exported).unwrap();
    std::fs::create_dir(home.path().join("other")).unwrap();
    let other = Home { upstream: home.upstream, folder: tempfile::tempdir().unwrap() };
    std::fs::write(other.path().join("out.opml"), &exported).unwrap();
    other.well(&["import", "opml", "out.opml"]);
    let read = other.text();
    for wanted in ["https://harbour.example/feed", "https://stars.example/rss", "/paper", "title = \"Science & Space\""]
    {
        assert!(read.contains(wanted), "{wanted}: {read}\n{exported}");
    }
    other.well(&["check"]);
}
