//! What is a correction and what only looks like one: from the raw markup, through the sanitiser, to the fingerprint.

use super::*;
use crate::{
    enrich::{html::sanitise_inline, sanitise},
    model::{Attribution, Element, Enclosure, Link, Person, Tag, UpstreamSource},
};
use proptest::prelude::*;

fn edition() -> Edition {
    let at = "2022-04-22T00:00:00Z".parse().unwrap();
    Edition {
        title: None,
        link: None,
        links: Vec::new(),
        summary: None,
        content: None,
        authors: Vec::new(),
        contributors: Vec::new(),
        tags: Vec::new(),
        enclosures: Vec::new(),
        comments: None,
        rights: None,
        language: None,
        published: None,
        updated: at,
        updated_said: false,
        date_notes: Vec::new(),
        attribution: Attribution::default(),
        extensions: Vec::new(),
        full_text: Default::default(),
        fetched: at,
        sanitiser: 1,
        removed: Vec::new(),
    }
}

fn body(html: &str) -> Edition {
    Edition { content: Some(Text::html(sanitise(&Text::html(html)))), ..edition() }
}

#[track_caller]
fn same(a: &Edition, b: &Edition) {
    assert_eq!(changes(a, b), [], "{a:#?}\n{b:#?}");
    assert_eq!(fingerprint(a), fingerprint(b));
}

#[track_caller]
fn other(a: &Edition, b: &Edition, field: Field) {
    assert_eq!(changes(a, b), [field], "{a:#?}\n{b:#?}");
    assert_ne!(fingerprint(a), fingerprint(b));
}

#[test]
fn another_spelling_of_the_same_markup_is_no_correction() {
    for (one, two) in [
        ("<p>港口 吞吐量</p><p>增长</p>", "<p>\u{3000}\u{3000}港口\u{a0}\n吞吐量 </p>\n\n <p>增长</p>\n"),
        ("<p>a &amp; b – c</p>", "<p>a &#38; b &ndash; c</p>"),
        ("<p>a<br>b<img src=https://a.example/1.jpg></p>", "<P>a <br />\nb<IMG SRC='https://a.example/1.jpg' /></P>"),
        ("<p>a <b>b</b> c</p>", "<p>a<b> b</b><!-- ad --> c<!-- /ad --></p>"),
        (
            "<a href=\"https://a.example/x?id=1\" title=\"t\" hreflang=\"en\">x</a>",
            "<a hreflang=EN title='t' href=\"http://A.EXAMPLE:80/x?utm_source=rss&amp;id=1#utm_medium=x\">x</a>",
        ),
        (
            "<img src=https://a.example/1.jpg alt=x width=2 height=2>",
            "<img height=2 loading=lazy width=2 alt=' x' src='https://a.example/1.jpg?spm=7'>",
        ),
        ("<p>a</p>", "<div hidden>ad</div><p>a\u{200b}</p>"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul>\n<li>a\n<li>b</ul>"),
        (
            "<video controls src=https://a.example/v.mp4></video>",
            "<video src=https://a.example/v.mp4 controls=controls></video>",
        ),
        ("<p>a</p>", "<p>a</p><script>track()</script>"),
    ] {
        same(&body(one), &body(two));
    }
}

#[test]
fn what_a_reader_sees_or_follows_is_a_correction() {
    let whole = "<p>一季度，港口吞吐量增长5%。<a href=\"https://a.example/x?id=1\">见此</a> <img src=\"https://a.example/1.jpg\" alt=\"图\"></p><pre>a\n  b</pre>";
    for (from, to) in [
        ("增长", "下降"),
        ("5%", "6%"),
        ("量增", "量 增"),
        ("。", ""),
        ("/x?id=1", "/x?id=2"),
        ("/x?id=1", "/y?id=1"),
        ("a.example/x", "b.example/x"),
        ("/x?id=1", "/x?id=1#part"),
        ("1.jpg", "2.jpg"),
        ("<img src=\"https://a.example/1.jpg\" alt=\"图\">", ""),
        ("alt=\"图\"", "alt=\"表\""),
        ("<a href=\"https://a.example/x?id=1\">见此</a>", "见此"),
        ("a\n  b", "a\n b"),
        ("。", "。</p><p>"),
        ("增长", "<b>增长</b>"),
        ("<pre>", "<pre>\u{3000}"),
    ] {
        let changed = whole.replacen(from, to, 1);
        assert_ne!(changed, whole);
        other(&body(whole), &body(&changed), Field::Body);
    }
}

#[test]
fn a_title_is_the_same_as_characters_and_as_markup() {
    let title = |text| Edition { title: Some(text), ..edition() };
    let html = |text: &str| title(Text::html(sanitise_inline(&Text::html(text))));
    same(&title(Text::plain("A & B <c>")), &html("A &amp; B\n &lt;c&gt;"));
    other(&title(Text::plain("<b>A</b>")), &html("<b>A</b>"), Field::Title);
    other(&title(Text::plain("港口")), &title(Text::plain("海口")), Field::Title);
}

#[test]
fn addresses_lists_and_counters() {
    let enclosure = |url: &str, length| Enclosure { url: url.into(), length: Some(length), ..Enclosure::default() };
    let tag = |term: &str| Tag { term: term.into(), ..Tag::default() };
    let element = |namespace: &str, name: &str, attributes: &[(&str, &str)], children: Vec<Element>| Element {
        namespace: namespace.into(),
        name: name.into(),
        attributes: attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        children,
        ..Element::default()
    };
    let media = "http://search.yahoo.com/mrss/";
    let views = |views| element(media, "statistics", &[("views", views)], Vec::new());
    let thumb = |url, width| element(media, "thumbnail", &[("url", url), ("width", width)], Vec::new());
    let one = Edition {
        link: Some("https://a.example/1?from=rss".into()),
        comments: Some("http://a.example/1".into()),
        tags: vec![tag("港口"), tag("厦门")],
        enclosures: vec![enclosure("https://a.example/1.mp3", 5), enclosure("https://a.example/2.pdf", 6)],
        links: vec![Link { href: "https://a.example/via".into(), rel: "via".into(), ..Link::default() }],
        language: Some("zh-CN".into()),
        extensions: vec![element(media, "group", &[], vec![thumb("https://a.example/t.jpg", "9"), views("1")])],
        authors: vec![Person { name: "王一".into(), ..Person::default() }],
        ..edition()
    };
    let two = Edition {
        link: Some("http://a.example/1".into()),
        comments: Some("https://A.example/1#utm_source=x".into()),
        tags: vec![tag("厦门 "), tag("港口"), tag("港口")],
        enclosures: vec![enclosure("http://a.example/2.pdf?utm_medium=f", 6), enclosure("https://a.example/1.mp3", 5)],
        language: Some("zh-cn".into()),
        extensions: vec![
            element("http://purl.org/rss/1.0/modules/slash/", "comments", &[], Vec::new()),
            element(media, "group", &[], vec![views("2"), thumb("http://a.example/t.jpg", "9")]),
        ],
        ..one.clone()
    };
    same(&one, &two);
    other(&one, &Edition { tags: vec![tag("港口")], ..two.clone() }, Field::Tags);
    other(
        &one,
        &Edition { enclosures: vec![enclosure("https://a.example/1.mp3", 5)], ..two.clone() },
        Field::Enclosures,
    );
    let wider = element(media, "group", &[], vec![thumb("https://a.example/t.jpg", "10")]);
    other(&one, &Edition { extensions: vec![wider], ..two.clone() }, Field::Extensions);
    other(
        &one,
        &Edition { authors: vec![Person { name: "王二".into(), ..Person::default() }], ..two.clone() },
        Field::Authors,
    );
    let above = Some(UpstreamSource { title: Some(Text::plain("原报")), ..UpstreamSource::default() });
    let said = Attribution { upstream: above, ..Attribution::default() };
    other(&one, &Edition { attribution: said, ..two }, Field::Source);
}

#[test]
fn a_fingerprint_of_another_reading_is_not_comparable() {
    assert!(is_comparable(fingerprint(&edition())));
    assert!(!is_comparable(0x01ff_ffff_ffff_ffff));
}

fn later() -> Time {
    "2022-04-23T00:00:00Z".parse().unwrap()
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_page_that_stays_keeps_what_was_taken_out_of_it_and_loses_what_the_rules_take_out_now() {
    let publisher = |name: &str| Publisher { name: name.into(), raw: name.into(), ends_text: true };
    let mut old = body("<p>页</p><table><tr><td>广告</td></tr></table><p>文</p>");
    (old.full_text, old.removed) = (FullText::Page, named(&["p:first-child"]));
    old.attribution.publisher = Some(publisher("甲报"));
    let mut new = body("<p>摘</p>");
    (new.full_text, new.removed) = (FullText::Missed, named(&["table"]));
    new.attribution.publisher = Some(publisher("乙报"));
    let stands = correct(new.clone(), &old, later());
    assert_eq!(stands.content.unwrap().value, "<p>页</p><p>文</p>");
    assert_eq!(stands.removed, named(&["p:first-child", "table"]), "none is looked for again");
    assert_eq!(stands.attribution.publisher, old.attribution.publisher);

    new.removed.clear();
    let stands = correct(new.clone(), &old, later());
    assert!(stands.content.unwrap().value.contains("广告"), "no rule wants it out");
    assert_eq!(stands.removed, old.removed);

    old.attribution.publisher = None;
    let stands = correct(new, &old, later());
    let publisher = stands.attribution.publisher.unwrap();
    assert_eq!((publisher.name.as_str(), publisher.ends_text), ("乙报", false), "it ended another text");
}

#[test]
fn what_the_rules_emptied_does_not_come_back_and_what_is_kept_is_without_it() {
    let safe = |html: &str| Some(Text::html(sanitise(&Text::html(html))));
    let old = Edition { summary: safe("<table><tr><td>广告</td></tr></table>"), ..body("<p>正文</p>") };
    let emptied = Edition { summary: safe(""), removed: named(&[".ad"]), ..body("<p>新文</p>") };
    let stands = correct(emptied, &old, later());
    assert!(stands.summary.is_none_or(|text| text.is_blank()));
    let silent = Edition { removed: named(&["table"]), ..body("<p>新文</p>") };
    let stands = correct(silent, &old, later());
    assert!(stands.summary.is_none_or(|text| text.is_blank()), "the rule holds for what is kept");
    let stands = correct(body("<p>新文</p>"), &old, later());
    assert_eq!(stands.summary, old.summary, "empty never overwrites filled");
}

/// A small document, and spellings of it.
#[derive(Clone, Debug)]
enum Node {
    Text(String),
    Link(u8, String),
    Image(u8),
    Strong(String),
}

fn node() -> impl Strategy<Value = Node> {
    let words = "[a-c港口五&<> ]{0,3}[a-c港口五]";
    prop_oneof![
        4 => words.prop_map(Node::Text),
        1 => (0..3u8, words).prop_map(|(to, text)| Node::Link(to, text)),
        1 => (0..3u8).prop_map(Node::Image),
        1 => words.prop_map(Node::Strong),
    ]
}

fn plainly(paragraphs: &[Vec<Node>]) -> String {
    spelt(paragraphs, &mut std::iter::repeat(0))
}

/// The same document as another system would write it; `taste` picks at each turn.
fn spelt(paragraphs: &[Vec<Node>], taste: &mut impl Iterator<Item = u8>) -> String {
    let mut pick = |of: &[&str]| of[usize::from(taste.next().unwrap_or(0)) % of.len()].to_owned();
    let mut html = String::new();
    for paragraph in paragraphs {
        html += &pick(&["<p>", "<P>", "\n<p >", "<p class=x> ", "<!-- x --><p>\u{3000}\u{3000}"]);
        for node in paragraph {
            match node {
                Node::Text(text) => html += &text.chars().map(|c| character(c, &mut pick)).collect::<String>(),
                Node::Strong(text) => {
                    let text: String = text.chars().map(|c| character(c, &mut pick)).collect();
                    let name = pick(&["strong", "STRONG"]);
                    html += &format!("<{name}>{text}</{name}>");
                }
                Node::Link(to, text) => {
                    let scheme = pick(&["https://a.example/", "http://a.example/", "https://A.Example:443/"]);
                    let query = pick(&["", "&amp;utm_source=r", "&amp;spm=1"]);
                    let href = format!("href=\"{scheme}{to}?id={to}{query}\"");
                    let all = pick(&["HREF title='t'", "title=\"t\" HREF", " title=t  HREF "]).replace("HREF", &href);
                    let text: String = text.chars().map(|c| character(c, &mut pick)).collect();
                    html += &format!("<a {all}>{text}</a>");
                }
                Node::Image(number) => {
                    let all = pick(&["SRC alt=x", "alt='x' SRC", "loading=lazy SRC alt=\"x\" /"]);
                    html +=
                        &format!("<img {}>", all.replace("SRC", &format!("src=\"https://a.example/{number}.jpg\"")));
                }
            }
        }
        html += &pick(&["</p>", "</P>", " </p>\n", "\u{a0}</p >"]);
    }
    html
}

fn character(c: char, pick: &mut impl FnMut(&[&str]) -> String) -> String {
    match c {
        '&' => pick(&["&amp;", "&#38;", "&#x26;"]),
        '<' => pick(&["&lt;", "&#60;"]),
        '>' => pick(&["&gt;", ">", "&#62;"]),
        ' ' => pick(&[" ", "\n", "  ", "&nbsp;", "\u{3000}", " <!-- y -->"]),
        '港' => pick(&["港", "&#28207;", "港&#8203;"]),
        c => c.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn cosmetic_mutations_keep_the_hash_and_any_visible_change_moves_it(
        paragraphs in prop::collection::vec(prop::collection::vec(node(), 1..5), 1..4),
        taste in prop::collection::vec(any::<u8>(), 120),
        (at, within, what) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8),
    ) {
        let plain = body(&plainly(&paragraphs));
        let spelling = spelt(&paragraphs, &mut taste.into_iter());
        let respelt = body(&spelling);
        prop_assert!(changes(&plain, &respelt).is_empty(), "{}\n{}\n{plain:?}\n{respelt:?}", plainly(&paragraphs), spelling);
        prop_assert_eq!(fingerprint(&plain), fingerprint(&respelt));

        let mut changed = paragraphs.clone();
        let paragraph = at.get_mut(&mut changed);
        let node = within.get_mut(paragraph);
        *node = match (node.clone(), what) {
            (Node::Text(text), _) => Node::Text(format!("{text}x")),
            (Node::Strong(text), 0) => Node::Link(0, text),
            (Node::Strong(text), _) => Node::Strong(format!("x{text}")),
            (Node::Link(to, text), 0) => Node::Link(to, format!("{text}口x")),
            (Node::Link(to, text), _) => Node::Link(to + 1, text),
            (Node::Image(_), 0) => Node::Text("x".into()),
            (Node::Image(number), _) => Node::Image(number + 1),
        };
        prop_assert_eq!(changes(&plain, &body(&plainly(&changed))), [Field::Body]);
        prop_assert_ne!(fingerprint(&plain), fingerprint(&body(&plainly(&changed))));
    }
}
