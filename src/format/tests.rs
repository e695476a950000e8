use super::*;
use crate::{
    model::{Element, Enclosure, FeedId, InfoCode, Person, Rare, SourceRef, Tag, Text, Time, UpstreamSource, Wishes},
    view::{Address, ItemBody, ItemView},
};
use ::rss::validation::Validate;
use proptest::prelude::*;

fn at(seconds: i64) -> Time {
    Time::from_timestamp(seconds, 0).unwrap()
}

fn item() -> ItemView {
    ItemView {
        code: InfoCode::parse("NW202204222352631195").unwrap(),
        atom_id: "tag:news.example,2022:NW202204222352631195".into(),
        guid: "NW202204222352631195".into(),
        guid_is_permalink: false,
        json_id: "NW202204222352631195".into(),
        title: Some(Text::plain("厦门：地铁 6 号线 <二期> A&B")),
        link: "http://paper.example/NewsShare.html?infoCode=NW202204222352631195&a=1".into(),
        original: Some("http://paper.example/NewsShare.html?infoCode=NW202204222352631195&a=1".into()),
        page: "https://news.example/sub/entry/NW202204222352631195.html".into(),
        body: ItemBody::Full(
            "<p>正文 &amp; 其他]]&gt;</p><p>来源：<a href=\"http://paper.example/\">厦门日报</a></p>".into(),
        ),
        credit: None,
        summary: Some(Text::plain("作者写的摘要。")),
        published: Some(at(1_650_584_675)),
        updated: at(1_650_600_000),
        authors: vec![],
        contributors: vec![],
        tags: vec![Tag { term: "城市".into(), ..Tag::default() }],
        enclosures: vec![
            Enclosure {
                url: "http://paper.example/a.mp3".into(),
                media_type: Some("audio/mpeg".into()),
                length: Some(9),
                ..Enclosure::default()
            },
            Enclosure { url: "http://paper.example/b.mp3".into(), ..Enclosure::default() },
        ],
        links: Vec::new(),
        comments: Some("http://paper.example/c".into()),
        rights: Some(Text::plain("版权所有")),
        language: Some("zh_CN".into()),
        source: SourceRef {
            title: "厦门日报新闻".into(),
            id: "http://paper.example/rss.xml".into(),
            feed_url: Some("http://paper.example/rss.xml".into()),
            home: Some("http://paper.example/".into()),
            ..SourceRef::default()
        },
        upstream: None,
        dc_source: None,
        publisher: Some("厦门日报".into()),
        byline: vec!["记者 张三".into()],
        extensions: vec![Element {
            namespace: "http://search.yahoo.com/mrss/".into(),
            name: "group".into(),
            children: vec![Element {
                namespace: "http://search.yahoo.com/mrss/".into(),
                name: "thumbnail".into(),
                attributes: vec![("url".into(), "http://paper.example/t.png?a=1&b=\"<".into())],
                ..Element::default()
            }],
            ..Element::default()
        }],
    }
}

fn view(items: Vec<ItemView>) -> FeedView {
    FeedView {
        id: FeedId::All,
        title: Text::plain("站点"),
        description: Text::plain("一句话"),
        home: "https://news.example/sub/".into(),
        address: Address::Ours("https://news.example/sub/all".into()),
        atom_id: "https://news.example/sub/all.atom".into(),
        language: "zh-CN".into(),
        rights: None,
        authors: vec![],
        contributors: vec![],
        tags: Vec::new(),
        image: None,
        icon: None,
        links: vec![],
        generator: ("syndic".into(), None),
        published: None,
        updated: items.first().map(|item| item.updated),
        wishes: Wishes::default(),
        rare: Rare::default(),
        extensions: vec![],
        items,
        deleted: Vec::new(),
        paging: Default::default(),
    }
}

fn text(view: &FeedView, format: Format) -> String {
    String::from_utf8(render(view, format).unwrap()).unwrap()
}

fn as_rss(view: &FeedView) -> ::rss::Channel {
    ::rss::Channel::read_from(&render(view, Format::Rss).unwrap()[..]).unwrap()
}

fn as_atom(view: &FeedView) -> atom_syndication::Feed {
    atom_syndication::Feed::read_from(&render(view, Format::Atom).unwrap()[..]).unwrap()
}

fn as_json(view: &FeedView) -> serde_json::Value {
    serde_json::from_slice(&render(view, Format::Json).unwrap()).unwrap()
}

#[test]
fn golden() {
    let view = view(vec![item()]);
    insta::assert_snapshot!("rss", text(&view, Format::Rss).replace("><", ">\n<"));
    insta::assert_snapshot!("atom", text(&view, Format::Atom).replace("><", ">\n<"));
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&as_json(&view)).unwrap());
}

#[test]
fn rss_says_whose_work_it_is_and_validates() {
    let channel = as_rss(&view(vec![item()]));
    channel.validate().unwrap();
    let read = &channel.items[0];
    assert_eq!(read.title.as_deref(), Some("厦门：地铁 6 号线 <二期> A&B"));
    assert_eq!(read.source.as_ref().unwrap().url, "http://paper.example/rss.xml");
    assert!(!read.guid.as_ref().unwrap().permalink);
    let dc = read.dublin_core_ext.as_ref().unwrap();
    assert_eq!(
        (&dc.identifiers[..], &dc.sources[..]),
        (&["NW202204222352631195".to_owned()][..], &["厦门日报".to_owned()][..])
    );
    assert_eq!(dc.creators, ["记者 张三"]);
    assert_eq!(read.description.as_deref(), Some("作者写的摘要。").map(|_| "<p>作者写的摘要。</p>"));
    assert!(read.content.as_ref().unwrap().contains("正文"));
    assert_eq!(read.pub_date.as_deref(), Some("Thu, 21 Apr 2022 23:44:35 +0000"));
}

#[test]
fn a_permalink_that_is_no_address_is_none() {
    let guid = |guid: &str| {
        let item = ItemView { guid: guid.into(), guid_is_permalink: true, ..item() };
        as_rss(&view(vec![item])).items[0].guid.clone().unwrap().permalink
    };
    assert!(guid("https://a.example/1"));
    assert!(!guid("tag:a.example,2020:1"));
}

#[test]
fn upstream_source_is_never_replaced() {
    let upstream = UpstreamSource {
        title: Some(Text::plain("上游")),
        feed_url: Some("http://up.example/f".into()),
        ..UpstreamSource::default()
    };
    let view = view(vec![ItemView { upstream: Some(upstream), ..item() }]);
    let channel = as_rss(&view);
    assert_eq!(channel.items[0].source.as_ref().unwrap().title.as_deref(), Some("上游"));
    let dc = channel.items[0].dublin_core_ext.as_ref().unwrap();
    assert_eq!((&dc.sources[..], &dc.publishers[..]), (&["厦门日报".to_owned()][..], &["厦门日报新闻".to_owned()][..]));
    let chain = "<dc:source>厦门日报</dc:source><dc:publisher>厦门日报新闻</dc:publisher>";
    let atom = text(&view, Format::Atom);
    assert!(
        chain.split_inclusive("e>").all(|part| atom.contains(part)) && atom.matches("<dc:source>").count() == 1,
        "{atom}"
    );
    let feed = as_atom(&view);
    assert_eq!(feed.entries[0].source.as_ref().unwrap().id, "http://up.example/f");
}

#[test]
fn a_hidden_address_gives_way_to_the_home_page() {
    let mut hidden = item();
    hidden.source.feed_url = None;
    hidden.source.id = "http://paper.example/".into();
    let view = view(vec![hidden]);
    assert_eq!(as_rss(&view).items[0].source.as_ref().unwrap().url, "http://paper.example/");
    for format in Format::ALL {
        assert!(!text(&view, format).contains("rss.xml"), "{format:?}");
    }
}

#[test]
fn without_an_author_the_source_is_one_and_we_never_are() {
    let feed = as_atom(&view(vec![ItemView { byline: vec![], ..item() }]));
    assert!(feed.authors.is_empty() && feed.entries[0].authors.is_empty());
    assert_eq!(feed.entries[0].source.as_ref().unwrap().authors[0].name, "厦门日报新闻");
}

#[test]
fn an_excerpt_stands_in_summary_description_and_content_text() {
    let body = ItemBody::Excerpt {
        text: "一 < 二。".into(),
        credit: Some("<p>来源：<a href=\"http://a/\">甲</a></p>".into()),
    };
    let view = view(vec![ItemView { body, summary: None, ..item() }]);
    let html = "<p>一 &lt; 二。</p><p>来源：<a href=\"http://a/\">甲</a></p>";
    assert_eq!(as_rss(&view).items[0].description.as_deref(), Some(html));
    let entry = as_atom(&view).entries.remove(0);
    assert_eq!((entry.summary.unwrap().value, entry.content), (html.to_owned(), None));
    assert_eq!(as_json(&view)["items"][0]["content_text"], "一 < 二。");
}

#[test]
fn an_item_without_title_or_summary_has_its_text_as_description_in_rss() {
    let read = as_rss(&view(vec![ItemView { title: None, summary: None, ..item() }])).items.remove(0);
    assert_eq!((read.title, read.description.as_deref()), (None, read.content.as_deref()));
    assert!(read.content.unwrap().contains("正文"));
    let nothing = ItemView { title: None, summary: None, body: ItemBody::Link, ..item() };
    let read = as_rss(&view(vec![nothing])).items.remove(0);
    assert_eq!(read.title, read.link, "RSS 2.0 wants a title or a description");
}

#[test]
fn an_entry_without_an_author_has_its_feeds() {
    let who = |name: &str| Person { name: name.into(), ..Person::default() };
    let mut quiet = ItemView { byline: vec![], ..item() };
    quiet.source.authors = vec![who("张三")];
    let read = |item: &ItemView| {
        let view = view(vec![item.clone()]);
        let rss = as_rss(&view).items.remove(0).dublin_core_ext.unwrap().creators;
        (rss, as_json(&view)["items"][0]["authors"][0]["name"].as_str().map(str::to_owned))
    };
    assert_eq!(read(&quiet), (vec!["张三".to_owned()], Some("张三".to_owned())));
    let atom = as_atom(&view(vec![quiet.clone()])).entries.remove(0);
    assert!(atom.authors.is_empty(), "its source element says it");
    let signed = ItemView { authors: vec![who("李四")], ..quiet.clone() };
    assert_eq!(read(&signed).0, ["李四"]);
    quiet.upstream = Some(UpstreamSource { title: Some(Text::plain("上游")), ..UpstreamSource::default() });
    assert_eq!(read(&quiet), (vec![], None), "whoever handed it on is no author");
    quiet.upstream.as_mut().unwrap().authors = vec![who("王五")];
    assert_eq!(read(&quiet).0, ["王五"]);
}

#[test]
fn a_category_keeps_term_scheme_and_label_in_every_format() {
    let whole = Tag { term: "c1".into(), scheme: Some("https://a.example/s".into()), label: Some("城市".into()) };
    let view = view(vec![ItemView { tags: vec![whole, Tag { term: "港".into(), ..Tag::default() }], ..item() }]);
    let json = as_json(&view);
    assert_eq!(json["items"][0]["tags"], serde_json::json!(["城市", "港"]));
    assert_eq!(
        json["items"][0]["_syndic"]["tags"],
        serde_json::json!([{"term": "c1", "scheme": "https://a.example/s", "label": "城市"}])
    );
    let rss = text(&view, Format::Rss);
    assert!(rss.contains("<category domain=\"https://a.example/s\">c1</category>"), "{rss}");
    assert!(rss.contains("<atom:category label=\"城市\" scheme=\"https://a.example/s\" term=\"c1\">"), "{rss}");
}

#[test]
fn a_podcasts_category_of_an_item_is_a_category_and_stays_where_it_is_none_of_them() {
    let category = |text: &str, children| Element {
        namespace: "http://www.itunes.com/dtds/podcast-1.0.dtd".into(),
        name: "category".into(),
        attributes: vec![("text".into(), text.into())],
        text: String::new(),
        children,
    };
    let extensions = vec![category("Arts", vec![category("Food", vec![])]), category("Kept", vec![])];
    let tags = ["Arts", "Food"].map(|term| Tag { term: term.into(), ..Tag::default() }).into();
    let view = view(vec![ItemView { extensions, tags, ..item() }]);
    for format in [Format::Rss, Format::Atom] {
        let text = text(&view, format);
        assert_eq!(text.matches("<itunes:category").count(), 1, "{text}");
        assert!(
            text.contains("itunes:category text=\"Kept\"") && text.contains("Arts") && text.contains("Food"),
            "{text}"
        );
    }
}

#[test]
fn an_author_with_a_picture_only_is_one_in_json() {
    let who = Person { avatar: Some("https://a.example/me.png".into()), ..Person::default() };
    let view = view(vec![ItemView { authors: vec![who, Person::default()], byline: vec![], ..item() }]);
    assert_eq!(as_json(&view)["items"][0]["authors"], serde_json::json!([{"avatar": "https://a.example/me.png"}]));
    assert!(as_atom(&view).entries[0].authors.is_empty(), "atom:author has a name");
}

#[test]
fn where_several_authors_are_is_said_of_each_and_an_rss_item_has_one_atom_author() {
    let who = |name: &str, email: Option<&str>, uri: Option<&str>| Person {
        name: name.into(),
        email: email.map(str::to_owned),
        uri: uri.map(str::to_owned),
        ..Person::default()
    };
    let authors = vec![
        who("甲", Some("jia@a.example"), Some("https://a.example/jia")),
        who("乙", Some("yi@a.example"), None),
        who("丙", None, Some("https://a.example/bing")),
    ];
    let view = view(vec![ItemView { authors, byline: vec![], ..item() }]);
    let rss = text(&view, Format::Rss);
    assert_eq!(rss.matches("<atom:author>").count(), 1, "{rss}");
    for part in ["<atom:email>jia@a.example<", "href=\"mailto:yi@a.example\"", "href=\"https://a.example/bing\""] {
        assert!(rss.contains(part), "{part} in {rss}");
    }
    assert!(rss.contains("rel=\"author\" title=\"乙\"") && rss.contains("rel=\"author\" title=\"丙\""), "{rss}");
    assert_eq!(as_rss(&view).items[0].dublin_core_ext.as_ref().unwrap().creators, ["甲", "乙", "丙"]);
}

#[test]
fn a_link_has_no_body() {
    let view = view(vec![ItemView { body: ItemBody::Link, summary: None, ..item() }]);
    let read = as_rss(&view).items.remove(0);
    assert_eq!((read.description, read.content), (None, None));
    assert_eq!(as_json(&view)["items"][0]["content_text"], "厦门：地铁 6 号线 <二期> A&B");
}

#[test]
fn far_dates_and_an_item_without_ids_do_not_cost_the_feed() {
    let far = ItemView { published: Some(Time::MAX_UTC), updated: Time::MIN_UTC, ..item() };
    let nameless = ItemView { guid: "\u{0}".into(), atom_id: " ".into(), json_id: String::new(), ..item() };
    let view = view(vec![far, nameless]);
    assert_eq!(as_rss(&view).items.len(), 1);
    assert_eq!(as_atom(&view).entries.len(), 1);
    assert_eq!(as_json(&view)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn opml_survives_any_name() {
    let feed = |title: &str, url: &str| OpmlFeed {
        title: title.into(),
        xml_url: url.into(),
        html_url: "https://a.example/".into(),
        description: None,
        language: None,
    };
    let head = OpmlHead { title: "我的 & \u{1}".into(), owner: "javascript:2".into(), modified: None };
    let bytes =
        opml(&head, &[("<组>\"".into(), vec![feed("a&b", "https://a.example/f.atom"), feed("x", "javascript:1")])])
            .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_well_formed(&text);
    assert!(text.contains("text=\"a&amp;b\"") && !text.contains("javascript"));
}

/// Reads every event and attribute with another reader than the one that wrote.
fn assert_well_formed(xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}")) {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(e) | quick_xml::events::Event::Empty(e) => {
                e.attributes().for_each(|attribute| {
                    let value = attribute.unwrap_or_else(|error| panic!("{error}: {xml}")).value.into_owned();
                    assert!(!value.contains('<'), "{xml}");
                    quick_xml::escape::unescape(&value).unwrap();
                });
            }
            _ => {}
        }
    }
    let legal = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{FFFD}' | '\u{10000}'..);
    assert!(xml.chars().all(legal), "{xml}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn well_formed_whatever_comes(
        title in any::<String>(), body in ".*(\\]\\]>|\u{b}|<p|&#0;)?.*", id in "[a-z\u{0}-\u{ff}]{1,12}", name in any::<String>(),
        url in "(https?://[a-z]{1,5}\\.example/)?.{0,12}", key in ".{0,6}", seconds in any::<i32>(),
    ) {
        let mut hostile = item();
        hostile.title = Some(Text::plain(title.clone()));
        hostile.atom_id = id.clone();
        hostile.guid = id.clone();
        hostile.json_id = id.clone();
        hostile.link = url.clone();
        hostile.body = ItemBody::Full(body.clone());
        hostile.summary = Some(Text::html(body));
        hostile.updated = at(i64::from(seconds));
        hostile.authors = vec![Person { name: name.clone(), email: Some(name.clone()), uri: Some(url.clone()), ..Person::default() }];
        hostile.tags = vec![Tag { term: name.clone(), scheme: Some(url.clone()), label: Some(title.clone()) }];
        hostile.enclosures = vec![Enclosure { url: url.clone(), media_type: Some(key.clone()), title: Some(name.clone()), ..Enclosure::default() }];
        hostile.comments = Some(url.clone());
        hostile.language = Some(key.clone());
        hostile.rights = Some(Text::plain(name.clone()));
        hostile.source.title = name.clone();
        hostile.source.id = name;
        hostile.extensions[0].children[0].attributes.push((key, url));
        let mut view = view(vec![hostile]);
        view.title = Text::plain(title.clone());
        let (rss, atom) = (text(&view, Format::Rss), text(&view, Format::Atom));
        assert_well_formed(&rss);
        assert_well_formed(&atom);
        feed_rs::parser::parse(rss.as_bytes()).unwrap();
        feed_rs::parser::parse(atom.as_bytes()).unwrap();
        let (rss, atom, json) = (as_rss(&view), as_atom(&view), as_json(&view));
        if let Some(id) = chars::some_line(&id) {
            prop_assert_eq!(&atom.entries[0].id, &id);
            prop_assert_eq!(&rss.items[0].guid.as_ref().unwrap().value, &id);
            prop_assert_eq!(json["items"][0]["id"].as_str(), Some(id.as_str()));
            if let Some(title) = chars::characters(&Text::plain(title)) {
                prop_assert_eq!(rss.items[0].title.as_ref(), Some(&title));
            }
        }
    }
}
