//! Pages as people read them, in a real browser: the reading path, the keyboard, a phone, dark mode; nothing in the console, no request
//! outside, nothing for axe to find, no error for an HTML parser; and hostile entries, which do nothing.

use crate::{
    attacks,
    support::{
        Browser, Daemon, Reply, Upstream,
        browser::{Look, axe},
        client, syndic, write_config,
    },
};
use std::fmt::Write as _;

/// A site of enough posts for archives, with a second category in another language, one corrected, one withdrawn.
struct Site {
    daemon: Daemon,
    _folder: tempfile::TempDir,
}

const CORRECTED: &str = "NW202206010000000001";
const WITHDRAWN: &str = "NW202206010000000002";

impl Site {
    fn new(language: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let (posts, gazette) = (folder.path().join("posts"), folder.path().join("gazette"));
        std::fs::create_dir(&posts).unwrap();
        std::fs::create_dir(&gazette).unwrap();
        for number in 0..120 {
            std::fs::write(posts.join(format!("{number}.md")), post(number, "")).unwrap();
        }
        for number in 0..6 {
            let text = format!(
                "---\ntitle: \"Harbour handles {number} more ships\"\ndate: 2022-05-1{number} 07:00:00 +0000\ntags: [x, ships]\ncategories: x\nauthor: Jane Doe\nlang: en\n---\n<p>The authority said that throughput had grown.</p><h2>Night work</h2><p>New lamps.</p>\n<https://gazette.example/{number}?infoCode=AP20220510000{number}00>\n"
            );
            std::fs::write(gazette.join(format!("{number}.md")), text).unwrap();
        }
        let text = format!(
            "[site]\ntitle = \"港口 & Harbour\"\nurl = \"https://syndic.test\"\nlanguage = \"{language}\"\ntimezone = \"Asia/Shanghai\"\n\
             rights = \"© each publisher\"\ncontact = \"desk@syndic.test\"\n[[category]]\nslug = \"gangkou\"\ntitle = \"港口新闻\"\ndescription = \"码头上的事\"\n\
             [[category]]\nslug = \"world\"\ntitle = \"World\"\n[[category]]\nslug = \"empty\"\ntitle = \"Empty\"\n\
             [[source]]\nid = \"paper\"\npath = \"posts\"\ncategory = \"gangkou\"\ncontent = \"full\"\ntitle = \"厦门日报\"\nlanguage = \"zh-CN\"\nhomepage = \"https://paper.example/\"\nlicense = \"https://creativecommons.org/licenses/by/4.0/\"\n\
             [[source]]\nid = \"gazette\"\npath = \"gazette\"\ncategory = \"world\"\ncontent = \"excerpt\"\ntitle = \"The Gazette\"\nlanguage = \"en\"\n"
        );
        let config = write_config(folder.path(), &text);
        let run = |arguments: &[&str]| {
            let output = syndic().current_dir(folder.path()).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(&["poll"]);
        std::fs::write(posts.join("1.md"), post(1, "更正：数字有误。")).unwrap();
        run(&["poll"]);
        run(&["retract", WITHDRAWN, "--reason", "wrong"]);
        let daemon = Daemon::start(&config, &folder.path().join("data"));
        Site { daemon, _folder: folder }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.daemon.address)
    }
}

fn post(number: u32, more: &str) -> String {
    format!(
        "---\nlayout: post\ntitle: \"第{number}次港口调度会：一季度吞吐量增长，“双循环”格局下的海沧码头\"\ndate: 2022-06-{:02} 07:{:02}:35 +0800\ncategories: gangkou\ntags: [港口新闻, 集装箱]\n---\n\
         > 港口一季度吞吐量增长。\n\n<p>　　本报讯（记者 张三）今天上午，集团召开调度会。{more}数据显示，全港货物吞吐量同比增长{number}.3%，创下同期新高。</p>\n\
         <p>一个很长的地址 https://example.example/{} 也在这里。</p><table><tr><th>泊位</th><th>吞吐量（万标箱）</th><th>同比</th><th>备注与说明一栏较长的文字</th><th>又一列</th></tr>\
         <tr><td>海沧一号</td><td>120.5</td><td>+3.1%</td><td>夜间作业</td><td>无</td></tr></table><pre>一行很长的程序 {}</pre>\n<p class=\"em_media\">（文章来源：厦门日报）</p>\n\n\
         <http://paper.example/html_News/NewsShare.html?infoCode=NW20220601{number:010}>\n",
        1 + number % 28,
        number % 60,
        "a".repeat(90),
        "x ".repeat(90)
    )
}

/// The pages a reader may come to.
fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("home", "/".into()),
        ("category", "/category/gangkou.html".into()),
        ("archive", "/category/gangkou/archive/1.html".into()),
        ("empty", "/category/empty.html".into()),
        ("source", "/source/paper.html".into()),
        ("tag", "/tag/%E9%9B%86%E8%A3%85%E7%AE%B1.html".into()),
        ("entry", "/entry/NW202206010000000007.html".into()),
        ("corrected", format!("/entry/{CORRECTED}.html")),
        ("excerpt", "/entry/AP20220510000100.html".into()),
        ("about", "/about.html".into()),
        ("withdrawn", format!("/entry/{WITHDRAWN}.html")),
        ("nowhere", "/category/gangku.html".into()),
        ("status", "/status.html".into()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_whole_at_every_width_in_light_and_dark_and_axe_finds_nothing() {
    let axe = axe();
    let mut browser = Browser::start();
    for (language, looks) in [("zh-CN", [Look::PHONE, Look::DESK.dark()]), ("en", [Look::PHONE.dark(), Look::DESK])] {
        let site = Site::new(language);
        let mut tab = browser.tab(Look::PHONE);
        for (name, path) in pages() {
            for look in looks {
                tab.look(look);
                tab.open(&site.url(&path));
                let page = format!("{name} ({language}, {})", look.name());
                tab.picture(&format!("{name}-{language}-{}", look.name()));
                let wide = tab.run("document.documentElement.scrollWidth - innerWidth");
                assert!(wide.as_i64().unwrap() <= 0, "{page} is {wide} pixels too wide");
                let found = tab.axe(&axe);
                assert!(found.is_empty(), "{page}: {found:#?}");
                tab.run("document.querySelectorAll('details').forEach(it => it.open = true)");
                let found = tab.axe(&axe);
                assert!(found.is_empty(), "{page}, opened: {found:#?}");
                let errors: Vec<_> = tab
                    .complaints
                    .iter()
                    .filter(|it| !it.contains("the server responded with a status of 4"))
                    .collect();
                assert!(errors.is_empty() && tab.dialogs.is_empty(), "{page}: {errors:?}");
                let outside: Vec<_> =
                    tab.requests.iter().filter(|(url, ..)| !url.starts_with(&site.daemon.address)).collect();
                assert!(outside.is_empty(), "{page} asks for {outside:?}");
            }
        }
        tab.look(Look { width: 320, height: 600, dark: false });
        for (name, path) in pages() {
            tab.open(&site.url(&path));
            let wide = tab.run("document.documentElement.scrollWidth - innerWidth");
            assert!(wide.as_i64().unwrap() <= 0, "{name} at 320 is {wide} pixels too wide");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_goes_from_the_first_page_to_the_original_and_back_by_keyboard() {
    let site = Site::new("zh-CN");
    let mut browser = Browser::start();
    let mut tab = browser.tab(Look::PHONE);
    tab.open(&site.url("/"));
    tab.press("Tab");
    assert_eq!(tab.run("document.activeElement.className"), "skip");
    assert_eq!(tab.run("document.activeElement.getBoundingClientRect().left >= 0"), true, "it comes into sight");
    tab.press("Enter");
    tab.until("location.hash === '#text' && document.activeElement.id === 'text'");
    tab.press("Tab");
    assert_eq!(tab.run("document.activeElement.tagName"), "SUMMARY");
    tab.press("Enter");
    tab.until("document.querySelector('details').open");
    tab.press("Tab");
    assert_eq!(tab.run("document.activeElement.textContent"), "RSS");
    assert_eq!(tab.run("document.activeElement.href"), "https://syndic.test/all.rss");
    let outline = tab.run("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, "solid", "who has the focus is seen");

    tab.run("document.querySelector('a[href=\"/category/gangkou.html\"]').focus()");
    tab.press("Enter");
    tab.until("document.title.startsWith('港口新闻') && document.readyState === 'complete'");
    tab.run("document.querySelector('nav.pager a[rel=prev]').focus()");
    tab.press("Enter");
    tab.until("location.pathname.endsWith('/archive/2.html') && document.readyState === 'complete'");
    tab.run("document.querySelector('article h2 a').focus()");
    tab.press("Enter");
    tab.until("location.pathname.startsWith('/entry/') && document.readyState === 'complete'");
    assert_eq!(tab.run("document.querySelector('article.entry').lang"), "zh-CN");
    assert_eq!(tab.run("document.querySelector('.original a').rel"), "noopener noreferrer nofollow");
    let data = tab
        .run("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent).publisher.name");
    assert_eq!(data, "厦门日报");
    assert_eq!(tab.run("document.querySelector('.back').textContent"), "返回港口新闻｜返回首页");
    tab.run("document.querySelector('.back a').focus()");
    tab.press("Enter");
    tab.until("location.pathname === '/category/gangkou.html' && document.readyState === 'complete'");
    assert!(tab.complaints.is_empty() && tab.dialogs.is_empty(), "{:?}", tab.complaints);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_button_is_there_where_the_script_runs_and_copies() {
    let site = Site::new("en");
    let mut browser = Browser::start();
    let mut tab = browser.tab(Look::DESK);
    tab.open(&site.url("/category/world.html"));
    tab.run("document.querySelector('details').open = true");
    assert_eq!(tab.run("document.querySelectorAll('.subscribe button').length"), 3);
    tab.run("navigator.clipboard.writeText = async text => { window.copied = text }");
    tab.run("document.querySelector('.subscribe button').click()");
    tab.until("document.querySelector('.subscribe button').textContent === 'Copied'");
    assert_eq!(tab.run("window.copied"), "https://syndic.test/category/world.rss");
    tab.open(&site.url("/entry/AP20220510000100.html"));
    assert_eq!(
        tab.run("[document.querySelectorAll('button').length, document.querySelectorAll('script[src]').length]"),
        serde_json::json!([0, 0])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_load_late_and_tell_nobody_where_they_are_seen() {
    let upstream = Upstream::start().await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"3000\" height=\"500\"><rect width=\"3000\" height=\"500\" fill=\"teal\"/></svg>";
    upstream.serve("/wide.svg", Reply::xml(svg).with("content-type", "image/svg+xml"));
    let folder = tempfile::tempdir().unwrap();
    let image = upstream.url("/wide.svg");
    let text = format!(
        "---\ntitle: \"图\"\ndate: 2022-05-01 08:00:00 +0800\ncategories: x\n---\n<p>正文</p><p><img src=\"{image}\" width=\"3000\" height=\"500\"></p>\n<https://paper.example/?infoCode=NW202205010000000001>\n"
    );
    std::fs::create_dir(folder.path().join("posts")).unwrap();
    std::fs::write(folder.path().join("posts/1.md"), text).unwrap();
    let mut browser = Browser::start();
    for images in [true, false] {
        let config = format!(
            "[site]\nurl = \"https://syndic.test\"\nimages = {images}\n[[source]]\nid = \"p\"\npath = \"posts\"\ncontent = \"full\"\n"
        );
        let config = write_config(folder.path(), &config);
        assert!(syndic().current_dir(folder.path()).arg("poll").status().unwrap().success());
        let daemon = Daemon::start(&config, &folder.path().join("data"));
        let mut tab = browser.tab(Look::PHONE);
        tab.open(&format!("{}/entry/NW202205010000000001.html", daemon.address));
        if images {
            tab.until("document.images[0].complete && document.images[0].naturalWidth > 0");
            assert_eq!(
                tab.run("document.images[0].getBoundingClientRect().right <= innerWidth"),
                true,
                "never wider than the text"
            );
            assert_eq!(
                tab.run("[document.images[0].loading, document.images[0].alt]"),
                serde_json::json!(["lazy", "Picture"])
            );
        } else {
            assert_eq!(tab.run("document.querySelector('.noimage').textContent"), "[Picture]");
        }
        let asked: Vec<_> = tab.requests.iter().filter(|(url, ..)| *url == image).collect();
        assert_eq!(asked.len(), usize::from(images));
        assert!(asked.iter().all(|(_, _, referer)| referer.is_none()), "{asked:?}");
        assert!(tab.complaints.is_empty(), "{:?}", tab.complaints);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_entries_do_nothing_in_a_real_browser() {
    let folder = tempfile::tempdir().unwrap();
    let documents = attacks::documents(&attacks::vectors_for_a_browser());
    let daemon = attacks::site(folder.path(), &documents, "images = false");
    let mut browser = Browser::start();
    let mut tab = browser.tab(Look::PHONE);
    let mut paths: Vec<String> = ["/", "/category/news.html", "/about.html", "/status.html"].map(str::to_owned).into();
    for (id, _) in &documents {
        let (_, feed) = daemon.get(&format!("/source/{id}.json")).await;
        let feed: serde_json::Value = serde_json::from_str(&feed).unwrap();
        paths.push(format!("/entry/{}.html", feed["items"][0]["_syndic"]["info_code"].as_str().unwrap()));
        paths.extend(id.starts_with('a').then(|| format!("/source/{id}.html")));
    }
    for path in paths {
        tab.open(&format!("{}{path}", daemon.address));
        let outside: Vec<_> = tab.requests.iter().filter(|(url, ..)| !url.starts_with(&daemon.address)).collect();
        assert!(
            tab.dialogs.is_empty() && outside.is_empty() && tab.complaints.is_empty(),
            "{path}: {:?} {outside:?} {:?}",
            tab.dialogs,
            tab.complaints
        );
        assert_eq!(tab.run("location.pathname"), path.as_str(), "nothing leads away");
        // What a reader might touch does nothing but lead on.
        let handlers = tab.run("[...document.querySelectorAll('*')].flatMap(it => it.getAttributeNames()).filter(it => it.startsWith('on')).length");
        assert_eq!(handlers, 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_html_parser_has_nothing_to_complain_of() {
    let site = Site::new("zh-CN");
    let mut complaints = String::new();
    for path in pages().into_iter().map(|(_, path)| path).chain(entries_of(&site).await) {
        let answer = client().get(site.url(&path)).header("accept", "text/html").send().await.unwrap();
        let html = answer.text().await.unwrap();
        assert!(html.len() < 60_000, "{path} has {} bytes", html.len());
        let document = dom_query::Document::from(html.as_str());
        let errors = document.errors.borrow();
        if !errors.is_empty() {
            let _ = writeln!(complaints, "{path}: {errors:?}");
        }
        assert_eq!(document.select("#text").length(), 1, "{path}: where the skip link leads");
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// Paths of every entry in the newest feed.
async fn entries_of(site: &Site) -> Vec<String> {
    let (_, feed) = site.daemon.get("/all.json").await;
    let feed: serde_json::Value = serde_json::from_str(&feed).unwrap();
    let code = |item: &serde_json::Value| format!("/entry/{}.html", item["_syndic"]["info_code"].as_str().unwrap());
    feed["items"].as_array().unwrap().iter().take(10).map(code).collect()
}
