use super::*;
use crate::{
    config::{Overrides, Site},
    model::*,
};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn now() -> Time {
    at("2026-03-01T02:00:00Z")
}

fn config() -> Config {
    let text = "[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n";
    Config::parse(text, std::path::Path::new("feeds.toml"), &Overrides::default()).unwrap().config
}

fn site() -> Site {
    Site {
        title: "s".into(),
        url: "https://news.example/".parse().unwrap(),
        description: String::new(),
        language: "zh".into(),
        timezone: None,
        rights: None,
        contact: None,
        theme: Default::default(),
        images: true,
        noindex: false,
    }
}

fn source() -> Source {
    Source {
        id: Slug::parse("paper").unwrap(),
        kind: SourceKind::Feed("https://feed.example.com/rss".parse().unwrap()),
        categories: Vec::new(),
        title: None,
        homepage: None,
        rights: None,
        license: None,
        language: None,
        timezone: None,
        namespace: "example.com".into(),
        content: ContentPolicy::Full,
        credit: true,
        every: None,
        headers: Vec::new(),
        auth: None,
        proxy: None,
        info_code: None,
        recipe: None,
        full_text: None,
        rules: Default::default(),
        not_before: None,
        not_after: None,
        retention: None,
        enabled: true,
        publish_url: true,
    }
}

fn candidate(entry: ParsedEntry, known: Option<&KnownEntry>) -> Draft {
    let (source, feed) = (source(), FeedInfo::default());
    let whose = source_ref(&site(), &source, &feed, now());
    let claim =
        Claim { code: InfoCode::parse("A").unwrap(), kind: CodeKind::Guid, aliases: Vec::new(), raw_hash: 7, entry };
    Document { config: &config(), source: &source, feed: &feed, whose, now: now() }.draft(claim, known)
}

fn made(entry: ParsedEntry) -> Candidate {
    match candidate(entry, None) {
        Draft::Candidate(made) => *made,
        Draft::Unchanged(_) => panic!("nothing was known"),
    }
}

#[test]
fn an_equal_hash_is_unchanged_under_the_code_that_is_known() {
    let code = InfoCode::parse("B").unwrap();
    let known = |raw_hash| KnownEntry { code: code.clone(), raw_hash, first_seen: at("2026-01-01T00:00:00Z") };
    assert!(matches!(candidate(ParsedEntry::default(), Some(&known(7))), Draft::Unchanged(found) if found == code));
    let Draft::Candidate(changed) = candidate(ParsedEntry::default(), Some(&known(8))) else { panic!() };
    assert_eq!((changed.first_seen, changed.sort_date), (at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z")));
}

#[test]
fn dates_of_an_edition() {
    let raw = |text: &str| Some(RawDate(text.into()));
    let both = made(ParsedEntry { published: raw("2022-01-01"), updated: raw("2022-01-02"), ..Default::default() });
    assert_eq!(
        (both.edition.published, both.edition.updated, both.sort_date),
        (Some(at("2022-01-01T00:00:00Z")), at("2022-01-02T00:00:00Z"), at("2022-01-01T00:00:00Z"))
    );
    let updated = made(ParsedEntry { updated: raw("2022-01-02"), ..Default::default() });
    assert_eq!((updated.edition.published, updated.edition.updated_said), (None, true));
    let none = made(ParsedEntry::default());
    assert_eq!((none.edition.updated, none.edition.updated_said, none.sort_date), (now(), false, now()));
    let future = made(ParsedEntry { published: raw("2027-01-01"), ..Default::default() });
    assert_eq!(future.sort_date, now(), "never pinned on top");
}

#[test]
fn a_chinese_post_without_a_zone_means_chinas() {
    let post = |title: &str| ParsedEntry {
        title: Some(Text::plain(title)),
        published: Some(RawDate("2022-04-22 07:44:35".into())),
        ..Default::default()
    };
    let folder = Source { kind: SourceKind::Folder("posts".into()), ..source() };
    let read = |source: &Source, title: &str| {
        let around = dates::Around::source(source, None, now(), now());
        let entry = post(title);
        dates::of_entry(&entry, &around.of(source, &entry)).published
    };
    assert_eq!(read(&folder, "厦门"), Some(at("2022-04-21T23:44:35Z")));
    assert_eq!(read(&folder, "Amoy"), Some(at("2022-04-22T07:44:35Z")));
    assert_eq!(read(&source(), "厦门"), Some(at("2022-04-22T07:44:35Z")), "a feed is no folder");
    let set = Source { timezone: Some(chrono_tz::Europe::Berlin), ..folder };
    assert_eq!(read(&set, "厦门"), Some(at("2022-04-22T05:44:35Z")), "what is set counts");
}

#[test]
fn only_web_addresses_survive_outside_of_html() {
    let bad = || Some("javascript:alert(1)".to_owned());
    let entry = ParsedEntry {
        id: bad(),
        id_form: IdForm::Permalink,
        link: bad(),
        comments: bad(),
        authors: vec![Person { name: "n".into(), uri: bad(), ..Person::default() }],
        enclosures: vec![Enclosure { url: "data:x".into(), ..Default::default() }],
        links: vec![Link { href: "/x".into(), ..Default::default() }],
        title: Some(Text::html("<b onclick=x>t</b><script>")),
        ..Default::default()
    };
    let made = made(entry);
    assert_eq!(made.said, SaidIds { id: bad(), permalink: false });
    let edition = made.edition;
    assert_eq!(
        (edition.link, edition.comments, edition.authors[0].uri.clone(), edition.enclosures.len(), edition.links.len()),
        (None, None, None, 0, 0)
    );
    assert_eq!(edition.title, Some(Text::html("<b>t</b>")));
}

#[test]
fn a_plain_title_stays_text() {
    let edition = made(ParsedEntry { title: Some(Text::plain("<tag>")), ..Default::default() }).edition;
    assert_eq!(edition.title, Some(Text::plain("<tag>")));
}

#[test]
fn a_secret_address_is_not_shown() {
    let source = Source { publish_url: false, homepage: Some("https://paper.example/".into()), ..source() };
    let feed = FeedInfo { id: Some("https://feed.example.com/rss?key=1".into()), ..Default::default() };
    let whose = source_ref(&site(), &source, &feed, now());
    assert_eq!(
        (whose.feed_url, whose.id.as_str(), whose.title.as_str()),
        (None, "https://paper.example/", "feed.example.com")
    );
    let folder = Source { kind: SourceKind::Folder("posts".into()), ..source };
    assert_eq!(
        source_ref(&site(), &Source { homepage: None, ..folder }, &FeedInfo::default(), now()).id,
        "https://news.example/source/paper.html"
    );
}

fn found(html: &str) -> attribution::Found {
    let raw = Text::html(html);
    attribution::find(&raw, &sanitise(&raw))
}

#[test]
fn publishers_named_in_a_text() {
    for (html, name, ends) in [
        ("<p>文。</p><p class=\"em_media\">（文章来源：厦门日报）</p>", "厦门日报", true),
        ("<p class=\"em_media\">(来源:厦门日报)</p><p>其后</p>", "厦门日报", false),
        (
            "<p>文。</p><p class='em_media'>（文章来源：上海<span><a href='x'>证券</a></span>报）</p>",
            "上海证券报",
            true,
        ),
        ("<p>文。</p><p>（文章来源：央视新闻）（央视新闻客户端）</p>", "央视新闻", true),
        ("<p>文。（来源：新华社）</p>", "新华社", true),
        ("<p>文。</p><p>（文章来源：安信国际证券(香港)）</p>", "安信国际证券(香港)", true),
        ("<p>（文章来源：厦门日报）</p><p>（责任编辑：某）</p>", "厦门日报", false),
    ] {
        let publisher = found(html).publisher;
        assert_eq!(publisher.map(|p| (p.name, p.ends_text)), Some((name.to_owned(), ends)), "{html}");
    }
}

#[test]
fn what_is_no_attribution() {
    for html in [
        "<p>图片来源：某</p>",
        "<p>（图片来源：某）</p>",
        "<p>(资料图/某提供)</p>",
        "<p>（责任编辑：某）</p>",
        "<p>收入来源：工资</p>",
        "<p>无</p>",
        "",
    ] {
        assert_eq!(found(html).publisher, None, "{html}");
    }
}

#[test]
fn bylines_are_kept_as_runs() {
    for (html, runs) in [
        ("<p>本报记者 张三 李四</p><p>文</p>", vec!["本报记者 张三 李四"]),
        ("<p>文</p><p>（记者 张三）</p>", vec!["记者 张三"]),
        ("<p>文</p><p>记者 王五 通讯员 赵六</p>", vec!["记者 王五", "通讯员 赵六"]),
        ("<p>本报讯（记者林晓舟 通讯员陈海）渡轮下水</p>", vec!["记者林晓舟", "通讯员陈海"]),
        ("<p>记者从市政府了解到，明天有雨。</p>", vec![]),
        ("<p>来源可靠</p>", vec![]),
        ("<p>本报记者张三 北京报道</p><p>文</p>", vec!["本报记者张三"]),
        ("<p>記者 陳大文／台北報導</p><p>文</p>", vec!["記者 陳大文"]),
        ("<p>记者 张三、李四 武汉报道</p>", vec!["记者 张三、李四"]),
        ("<p>记者：热孜万·吐尔逊</p>", vec!["记者：热孜万·吐尔逊"]),
        ("<p>小记者活动。</p><p>小记者 张三</p>", vec![]),
        ("<p>记者节快乐</p><p>记者手记</p><p>记者 观察</p><p>通讯员证发放</p>", vec![]),
        ("<p>记者于昨日抵达。</p><p>一名记者 王五</p>", vec![]),
    ] {
        assert_eq!(found(html).byline, runs, "{html}");
    }
}

#[test]
fn a_reference_carries_what_is_true_of_a_copy() {
    let element = |name: &str| crate::model::Element {
        namespace: "http://www.itunes.com/dtds/podcast-1.0.dtd".into(),
        name: name.into(),
        ..Default::default()
    };
    let feed = FeedInfo {
        subtitle: Some(Text::html("<p>每日<script>x</script></p>")),
        logo: Some("https://paper.example/logo.png".into()),
        contributors: vec![Person { name: "c".into(), uri: Some("javascript:1".into()), ..Person::default() }],
        tags: vec![crate::model::Tag { term: "t".into(), ..Default::default() }; 30],
        extensions: vec![element("explicit"), element("new-feed-url")],
        ..FeedInfo::default()
    };
    let whose = source_ref(&site(), &source(), &feed, now());
    assert_eq!((whose.subtitle.as_deref(), whose.logo.as_deref()), (Some("每日"), feed.logo.as_deref()));
    assert_eq!((whose.contributors[0].uri.as_deref(), whose.tags.len()), (None, 20));
    assert_eq!(whose.extensions, [element("explicit")]);
}
