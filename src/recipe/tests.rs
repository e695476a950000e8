//! Documents of the kinds there are recipes for, whole and wrong.

use super::json::inside;

#[test]
fn json_is_found_in_its_wrapper_and_nowhere_else() {
    for wrapped in [
        "{\"a\":1}",
        " \u{feff}{\"a\":1}\n",
        "cb({\"a\":1});",
        "/**/jQuery1_2({\"a\":1})",
        "/* by */ a.b.c && a.b.c({\"a\":1});",
        "var x = {\"a\":1};",
        "window.x={\"a\":1}",
        "window['x'][\"y\"] = {\"a\":1};//end",
        ")]}',\n{\"a\":1}",
        "for(;;);{\"a\":1}",
        "while (1); {\"a\":1}",
    ] {
        assert_eq!(inside(wrapped, None), "{\"a\":1}", "{wrapped}");
    }
    assert_eq!(inside("var x=[1];", None), "[1]");
    for other in ["", "no", "<html>{}</html>", "a b({})", "cb()", "cb(7)"] {
        assert!(!inside(other, None).starts_with(['{', '[']), "{other}");
    }
}

use super::{Place, Proposed, propose, read};
use crate::{
    config::{Config, Overrides},
    fetch::{Body, Page},
    model::{Answer, Slot, Time, Validators},
};

fn page(text: &str) -> Page {
    Page {
        body: Body::Document(text.to_owned().into()),
        content_type: None,
        base: Some("https://news.example/city/".to_owned()),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    }
}

fn now() -> Time {
    "2022-04-22T04:00:00Z".parse().unwrap()
}

/// What a proposal finds in the document that it was made from: `title | link | published | summary | image` of each entry.
fn proposed(kind: Proposed, text: &str) -> (String, Vec<String>) {
    let lines = propose(kind, &page(text), None, now()).unwrap();
    let toml = format!("[[source]]\nid = \"a\"\nurl = \"https://news.example/city/\"\n{lines}");
    let loaded = Config::parse(&toml, std::path::Path::new("feeds.toml"), &Overrides::default());
    let config = loaded.unwrap_or_else(|errors| panic!("{errors}\n{toml}")).config;
    let recipe = config.sources[0].recipe.as_ref().unwrap();
    let harvest = read(&page(text), recipe, &Place::first(&config.sources[0], now()))
        .unwrap_or_else(|failure| panic!("{failure}\n{toml}"));
    let said = |item: &super::Item| {
        let slots = [Slot::Title, Slot::Link, Slot::Published, Slot::Summary, Slot::Image];
        slots.map(|slot| item.first(slot).unwrap_or("-")).join(" | ")
    };
    (lines, harvest.items.iter().map(said).collect())
}

/// Pages of three makes, as a menu, a list and what surrounds it.
const SHAPES: [(&str, [&str; 2]); 3] = [
    (
        "<html><body><ul class=nav><li><a href=/>首页</a><li><a href=/city>城市</a><li><a href=/sport>体育</a><li><a href=/tv>视频</a></ul>\
         <div class=list><div class=item><h3><a href=/c/2.html>老城区步行街改造完工</a></h3><p class=intro>步行街全长八百米，新增座椅与遮阳棚，夜间照明同步开启。</p><span class=meta>3小时前</span><img data-src=/2.jpg src=/blank.gif></div>\
         <div class=item><h3><a href=/c/1.html>图书馆延长开放时间</a></h3><p class=intro>周五、周六开放至二十二时，阅览室与自习室同时延长开放。</p><span class=meta>昨天 18:20</span><img data-src=/1.jpg src=/blank.gif></div>\
         <div class=item><h3><a href=/c/0.html>公园樱花进入盛花期</a></h3><p class=intro>花期预计持续到月底，周末将增开临时公交线路两条。</p><span class=meta>4月19日</span></div></div></body></html>",
        [
            "老城区步行街改造完工 | /c/2.html | 3小时前 | 步行街全长八百米，新增座椅与遮阳棚，夜间照明同步开启。 | /2.jpg",
            "图书馆延长开放时间 | /c/1.html | 昨天 18:20 | 周五、周六开放至二十二时，阅览室与自习室同时延长开放。 | /1.jpg",
        ],
    ),
    (
        "<html><body><table><tr><th>No.<th>Notice<th>Date</tr><tr><td>3<td><a href=n3.html>Bridge closed to lorries until further notice</a><td>2022-04-20</tr>\
         <tr><td>2<td><a href=n2.html>New opening hours of the registry office</a><td>2022-04-11</tr><tr><td>1<td><a href=n1.html>Consultation on the harbour plan begins</a><td>2022-04-02</tr></table></body></html>",
        [
            "Bridge closed to lorries until further notice | n3.html | 2022-04-20 | - | -",
            "New opening hours of the registry office | n2.html | 2022-04-11 | - | -",
        ],
    ),
    (
        "<html><body><main><article class=\"teaser big\"><a class=teaser__link href=/a><img src=a.jpg></a><h2 class=teaser__title><a href=/a>Harbour cranes go electric</a></h2><time datetime=2022-04-22T06:30:00Z>this morning</time></article>\
         <article class=\"teaser big\"><a class=teaser__link href=/b><img src=b.jpg></a><h2 class=teaser__title><a href=/b>Night train returns in June</a></h2><time datetime=2022-04-21T06:30:00Z>yesterday</time></article>\
         <article class=\"teaser big\"><a class=teaser__link href=/c><img src=c.jpg></a><h2 class=teaser__title><a href=/c>Ferry timetable changes in May</a></h2><time datetime=2022-04-20T06:30:00Z>on Wednesday</time></article></main></body></html>",
        [
            "Harbour cranes go electric | /a | 2022-04-22T06:30:00Z | - | a.jpg",
            "Night train returns in June | /b | 2022-04-21T06:30:00Z | - | b.jpg",
        ],
    ),
];

#[test]
fn a_recipe_proposed_for_a_page_reads_it() {
    for (text, expected) in SHAPES {
        let (lines, found) = proposed(Proposed::Page, text);
        assert_eq!((found.len(), &found[..2]), (3, &expected.map(str::to_owned)[..]), "{lines}");
    }
}

#[test]
fn a_recipe_proposed_for_json_reads_it() {
    let list = "cb({\"columns\":[{\"id\":1,\"name\":\"x\"}],\"result\":{\"records\":[\
        {\"infoCode\":\"NW202204222352631195\",\"title\":\"新线五月开通\",\"digest\":\"全程\",\"mediaName\":\"厦门日报\",\"showtime\":\"今天 16:25\",\"a b\":1},\
        {\"infoCode\":\"NW202204222352631196\",\"title\":\"港口\",\"digest\":\"\",\"mediaName\":\"海峡导报\",\"showtime\":\"昨天\"}]}});";
    let (lines, found) = proposed(Proposed::Json, list);
    assert_eq!(found, ["新线五月开通 | - | 今天 16:25 | 全程 | -", "港口 | - | 昨天 | - | -"], "{lines}");
    for part in [
        "items = \"$.result.records[*]\"",
        "code = \"$.infoCode\"",
        "publisher = \"$.mediaName\"",
        "# link = ",
        "an item also has a b",
    ] {
        assert!(lines.contains(part), "{part}\n{lines}");
    }
    let (lines, found) = proposed(
        Proposed::Json,
        "[{\"标题\":\"一\",\"文 章\":{\"x\":[1]},\"id\":7,\"url\":\"/a/7\",\"ctime\":1650584675},{\"id\":8}]",
    );
    assert_eq!(found, ["一 | /a/7 | 1650584675 | - | -", "- | - | - | - | -"], "{lines}");
}

#[test]
fn where_nothing_repeats_nothing_is_proposed() {
    for (kind, text, why) in [
        (Proposed::Page, "<html><body><p>Hello</p><div id=app></div></body></html>", "JavaScript"),
        (Proposed::Page, "<html><form><input type=password></form></html>", "login page"),
        (Proposed::Page, "{\"a\":1}", "no page: JSON"),
        (Proposed::Json, "<html></html>", "no JSON: an HTML page"),
        (Proposed::Json, "{\"a\":[1,2]}", "no list of objects"),
    ] {
        let told = propose(kind, &page(text), None, now()).unwrap_err();
        assert!(told.contains(why), "{why}: {told}");
    }
}

#[test]
fn what_a_document_holds_cannot_leave_its_line() {
    let list = "[{\"title\":\"a\\nid = \\\"evil\\\"\\u001b[31m\",\"id\":\"1\",\"x\\\"]\\n[fetch]\\nallow = [\\\"0.0.0.0/0\\\"]\":1}]";
    let lines = propose(Proposed::Json, &page(list), None, now()).unwrap();
    let toml = format!("[[source]]\nid = \"a\"\nurl = \"https://news.example/\"\n{lines}");
    let config = Config::parse(&toml, std::path::Path::new("feeds.toml"), &Overrides::default()).unwrap().config;
    assert!(config.fetch.allow.is_empty() && config.sources.len() == 1 && !lines.contains('\u{1b}'), "{lines}");
}
