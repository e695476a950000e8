mod repair;

use super::{MAX_ENTRIES, document, posts, xml};
use crate::{
    fetch::PostFile,
    model::{Failure, IdForm, ParsedEntry, ParsedFeed, Person, TextKind},
};
use url::Url;

fn read(text: &str) -> ParsedFeed {
    document(text, Some(&Url::parse("https://example.org/feeds/a.xml").unwrap())).unwrap()
}

fn fails(text: &str) -> Failure {
    document(text, Some(&Url::parse("https://example.org/feeds/a.xml").unwrap())).unwrap_err()
}

fn item(inside: &str) -> ParsedEntry {
    let feed = read(&format!("<rss version=\"2.0\"><channel><title>T</title><item>{inside}</item></channel></rss>"));
    feed.entries.into_iter().next().unwrap()
}

fn title(entry: &ParsedEntry) -> &str {
    &entry.title.as_ref().unwrap().value
}

fn content(entry: &ParsedEntry) -> &str {
    &entry.content.as_ref().unwrap().value
}

#[test]
fn rss_item_with_everything_feed_rs_drops() {
    let entry = item(
        "<title>厦门 &amp; 漳州</title><link> /n/1 </link><guid isPermaLink=\"False\">https://example.org/n/1</guid>\
         <source url=\"https://up.example/feed\">上游</source><description>短</description>\
         <content:encoded><![CDATA[<p>长</p>]]></content:encoded><dc:source>纸</dc:source>\
         <enclosure url=\"a.mp3\" length=\"12\" type=\"audio/mpeg\"/><comments>/n/1#c</comments>",
    );
    assert_eq!(title(&entry), "厦门 & 漳州");
    assert_eq!(entry.title.as_ref().unwrap().kind, TextKind::Plain);
    assert_eq!(entry.link.as_deref(), Some("https://example.org/n/1"));
    assert_eq!((entry.id.as_deref(), entry.id_form), (Some("https://example.org/n/1"), IdForm::Guid));
    let upstream = entry.upstream.as_ref().unwrap();
    assert_eq!(
        (upstream.title.as_ref().map(|title| title.value.as_str()), upstream.feed_url.as_deref()),
        (Some("上游"), Some("https://up.example/feed"))
    );
    assert_eq!(entry.summary.as_ref().unwrap().value, "短");
    assert_eq!(content(&entry), "<p>长</p>");
    assert_eq!(entry.content.as_ref().unwrap().base.as_deref(), Some("https://example.org/feeds/a.xml"));
    assert_eq!(entry.dc_source.as_deref(), Some("纸"));
    let file = entry.enclosures.first().unwrap();
    assert_eq!((file.url.as_str(), file.length), ("https://example.org/feeds/a.mp3", Some(12)));
    assert_eq!(entry.comments.as_deref(), Some("https://example.org/n/1#c"));
}

#[test]
fn a_permalink_guid_is_the_link_of_an_item_without_one() {
    let entry = item("<guid>https://example.org/n/2</guid>");
    assert_eq!(entry.link.as_deref(), Some("https://example.org/n/2"));
    assert_eq!(entry.id_form, IdForm::Permalink);
    assert_eq!(item("<guid>n2</guid>").link, None);
    assert_eq!(item("<guid>n2</guid>").id_form, IdForm::Guid);
}

#[test]
fn titles_are_html_only_where_they_hold_html() {
    let kind = |said: &str| item(&format!("<title>{said}</title>")).title.unwrap().kind;
    assert_eq!(kind("a &lt;b&gt;bold&lt;/b&gt; word"), TextKind::Html);
    assert_eq!(kind("a &amp;amp; b"), TextKind::Html);
    assert_eq!(kind("generic &lt;tag&gt; in code"), TextKind::Plain);
    assert_eq!(kind("1 &lt; 2 &amp; 3"), TextKind::Plain);
}

#[test]
fn text_with_one_reference_keeps_its_paragraphs() {
    let body = |said: &str| {
        let entry = item(&format!("<title>T</title><description>{said}</description>"));
        entry.summary.or(entry.content).unwrap().value
    };
    assert_eq!(
        body("First para it&amp;#8217;s\n\nSecond para\n line two\n"),
        "<p>First para it&#8217;s</p>\n<p>Second para<br>line two</p>"
    );
    assert_eq!(body("One &lt;b&gt;bold&lt;/b&gt;\r\n \r\nTwo"), "<p>One <b>bold</b></p>\n<p>Two</p>");
    for same in [
        "A &amp;amp; B\nwrapped",
        "One &amp;amp;&lt;br/&gt;\n\nTwo",
        "&lt;p&gt;One\n\nTwo",
        "&lt;ul class='x'&gt;\n\n&lt;li&gt;Two",
        "A &lt;a\n\nhref='x'&gt;link&lt;/a&gt;",
    ] {
        let want = same.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert_eq!(body(same), want);
    }
    assert_eq!(body("plain\n\ntext"), "plain\n\ntext");
    assert_eq!(title(&item("<title>a &amp;amp; b\n\nc</title>")), "a &amp; b\n\nc");
}

#[test]
fn attributes_have_their_meaning_by_address_not_by_prefix() {
    let document = |rdf: &str| {
        read(&format!(
            "<{rdf}:RDF xmlns:{rdf}='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:cc='http://creativecommons.org/ns#'>\
             <channel {rdf}:about='http://ex.org/c'><title>T</title></channel>\
             <item {rdf}:about='http://ex.org/1'><title>E</title><cc:license {rdf}:resource='http://l.example/by'/></item></{rdf}:RDF>"
        ))
    };
    let (usual, own) = (document("rdf"), document("r"));
    assert_eq!(own.entries[0].id.as_deref(), Some("http://ex.org/1"));
    assert_eq!(own.entries[0].id_form, IdForm::About);
    assert_eq!(
        own.entries[0].extensions[0].attributes,
        [("rdf:resource".to_owned(), "http://l.example/by".to_owned())]
    );
    assert_eq!((own.entries, own.info), (usual.entries, usual.info));
}

#[test]
fn wishes_hubs_and_rights_of_a_channel() {
    let feed = read(
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>\
         <title>T</title><ttl>90</ttl><skipHours><hour>24</hour><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>\
         <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency><copyright>版权</copyright>\
         <a:link rel='hub' href='https://hub.example/'/><a:link rel='self' href='/feed'/></channel></rss>",
    );
    let wishes = &feed.info.wishes;
    assert_eq!((wishes.ttl_minutes, wishes.update_period_seconds), (Some(90), Some(21_600)));
    assert_eq!((wishes.skip_hours.as_slice(), wishes.skip_days.as_slice()), (&[0, 3][..], &[6][..]));
    assert_eq!(feed.info.hubs, ["https://hub.example/"]);
    assert_eq!(feed.info.self_url.as_deref(), Some("https://example.org/feed"));
    assert_eq!(feed.info.rights.unwrap().value, "版权");
    assert_eq!(feed.notes, Vec::<String>::new());
}

#[test]
fn authors_in_every_spelling() {
    let author = |said: &str| item(&format!("<author>{said}</author>")).authors.into_iter().next().unwrap();
    for said in ["foo@bar.com (张三)", "张三（foo@bar.com）", "张三 &lt;foo@bar.com&gt;"] {
        let person = author(said);
        assert_eq!((person.name.as_str(), person.email.as_deref()), ("张三", Some("foo@bar.com")), "{said}");
    }
    assert_eq!(author("李四").name, "李四");
    for (said, name) in [
        ("&lt;a href=\"http://j.org/\"&gt;Joe &amp;amp; Co&lt;/a&gt;", "Joe & Co"),
        ("[Anon] &lt;anon&gt;", "Anon"),
        ("张三 [AP]", "张三 [AP]"),
        ("Name (the elder)", "Name (the elder)"),
        ("Doe, Jane", "Doe, Jane"),
    ] {
        assert_eq!(author(said), Person { name: name.into(), ..Person::default() });
    }
    let people = |inside: &str| -> Vec<(String, Option<String>)> {
        item(inside).authors.into_iter().map(|who| (who.name, who.email)).collect()
    };
    let two = |first: &str, second: &str| {
        vec![(first.to_owned(), Some("a@x.org".to_owned())), (second.to_owned(), Some("b@x.org".to_owned()))]
    };
    assert_eq!(people("<author>a@x.org (A), b@x.org (B)</author>"), two("A", "B"));
    assert_eq!(people("<author>\"A, the elder\" &lt;a@x.org&gt;; b@x.org</author>"), two("A, the elder", ""));
    assert_eq!(people("<author>a@x.org (A)</author><author>b@x.org (A)</author>"), two("A", "A"));
    let twice = item("<author>a@b.org (Ann)</author><dc:creator>Ann</dc:creator>");
    assert_eq!(twice.authors.len(), 1);
}

#[test]
fn atom_with_bases_xhtml_and_source() {
    let feed = read(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://a.example/x/' xml:lang='zh'><title>T</title>\
         <entry xml:base='y/' xml:lang='en'><id>urn:1</id><link href='1.html'/><link rel='http://www.iana.org/assignments/relation/via' href='v'/>\
         <title type='html'>a &amp;lt; b</title><published>2022-04-22T07:44:35+08:00</published>\
         <content type='xhtml'><h:div xmlns:h='http://www.w3.org/1999/xhtml'><h:p title='a\"b&lt;'>&lt;script&gt;</h:p></h:div></content>\
         <source><id>urn:up</id><title>Up</title><link rel='self' href='/up.atom'/></source></entry></feed>",
    );
    let entry = feed.entries.first().unwrap();
    assert_eq!(entry.link.as_deref(), Some("http://a.example/x/y/1.html"));
    assert_eq!(
        entry.links.first().map(|link| (link.rel.as_str(), link.href.as_str())),
        Some(("via", "http://a.example/x/y/v"))
    );
    assert_eq!(content(entry), "<p title=\"a&quot;b&lt;\">&lt;script&gt;</p>");
    assert_eq!(entry.content.as_ref().unwrap().base.as_deref(), Some("http://a.example/x/y/"));
    assert_eq!(entry.published.as_ref().unwrap().0, "2022-04-22T07:44:35+08:00");
    assert_eq!((entry.language.as_deref(), feed.info.language.as_deref()), (Some("en"), Some("zh")));
    assert_eq!(entry.upstream.as_ref().unwrap().feed_url.as_deref(), Some("http://a.example/up.atom"));
}

#[test]
fn old_dialects_and_wrong_namespaces() {
    let old = read(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title mode='escaped' type='text/html'>a&lt;b&gt;</title><entry><title>E</title><issued>2004</issued></entry></feed>",
    );
    assert_eq!(old.entries.len(), 1);
    assert_eq!(old.entries.first().unwrap().published.as_ref().unwrap().0, "2004");
    let rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>R</title></channel><item rdf:about='urn:x'><title>I</title></item></rdf:RDF>";
    let entry = read(rdf).entries.into_iter().next().unwrap();
    assert_eq!((entry.id.as_deref(), entry.id_form), (Some("urn:x"), IdForm::About));
    for namespace in ["https://www.w3.org/2005/Atom", "", "urn:nobody"] {
        let feed = read(&format!("<feed xmlns='{namespace}'><title>T</title><entry><title>E</title></entry></feed>"));
        assert_eq!(title(feed.entries.first().unwrap()), "E", "{namespace}");
    }
    let rss = read(
        "<RSS version='2.01' xmlns='http://www.w3.org/2005/Atom'><Channel><Title>T</Title><Item><Title>E</Title></Item></Channel></RSS>",
    );
    assert_eq!(title(rss.entries.first().unwrap()), "E");
}

#[test]
fn damage_is_repaired_and_named() {
    let feed = read(
        "PHP Warning: x\n<?xml version='1.0'?><rss version='2.0'><channel><title>A & B &nbsp;</title><item><title>1 < 2&#0;\u{b}</title>\
         <description><p>one<br>two</description></item><item><title>next</title></item></channel></rss>",
    );
    let [first, second] = feed.entries.as_slice() else { panic!("two entries, not {}", feed.entries.len()) };
    assert_eq!(feed.info.plain_title(), Some("A & B"));
    assert_eq!((title(first), title(second)), ("1 < 2", "next"));
    assert_eq!(content(first), "<p>one<br />two</p>");
    for word in ["`&`", "`<`", "entities", "illegal", "unclosed", "before the first element", "declaration"] {
        assert!(feed.notes.iter().any(|note| note.contains(word)), "{word} in {:?}", feed.notes);
    }
    assert!(!feed.partial);
}

const SAMPLE: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>厦门日报</title>\
    <item><title>甲</title><guid>1</guid><description><![CDATA[<p>一</p>]]></description></item>\
    <item><title>乙 &amp; 丙</title><guid isPermaLink=\"false\">2</guid></item></channel></rss>";

#[test]
fn truncation_anywhere_keeps_whole_entries_only() {
    for end in (0..SAMPLE.len()).filter(|end| SAMPLE.is_char_boundary(*end)) {
        let Ok(feed) = document(&SAMPLE[..end], None) else { continue };
        let whole = SAMPLE[..end].matches("</item>").count();
        assert_eq!(feed.entries.len(), whole, "cut at {end}");
        assert!(feed.partial || SAMPLE[..end].contains("</rss>"), "cut at {end}");
        assert!(feed.entries.iter().all(|entry| entry.id.is_some()));
    }
    assert!(!read(SAMPLE).partial);
}

#[test]
fn hostile_documents_end_in_an_error_or_a_bound() {
    for tag in ["media:group", "itunes:category", "x"] {
        let deep = format!("<rss version='2.0'><channel><title>T</title>{}", format!("<{tag}>").repeat(20_000));
        let feed = read(&deep);
        assert_eq!((feed.info.plain_title(), feed.partial), (Some("T"), true));
        assert!(feed.notes.iter().any(|note| note.contains("too deep")), "{:?}", feed.notes);
    }
    let many = format!(
        "<rss version='2.0'><channel><title>T</title>{}</channel></rss>",
        "<item><guid>1</guid></item>".repeat(MAX_ENTRIES + 5)
    );
    let feed = read(&many);
    assert_eq!((feed.entries.len(), feed.partial), (MAX_ENTRIES, false), "read as far as we go, not broken off");
    let huge =
        item("<title>x</title><itunes:duration>99999999999999999999:99:99</itunes:duration><enclosure url='a'/>");
    assert_eq!(huge.enclosures.first().unwrap().duration, None);
    let bomb = read(
        "<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><rss version='2.0'><channel><title>&b;</title></channel></rss>",
    );
    assert_eq!(bomb.info.plain_title(), Some("&b;"));
    assert_eq!(item("<title>x</title><link>javascript:alert(1)</link>").link, None);
    assert_eq!(item("<title>a&#xD800;b&#x1F600;</title>").title.unwrap().value, "ab😀");
}

#[test]
fn broken_markup_without_end_is_read_in_linear_time() {
    for piece in [
        "<a",
        "<a '",
        "<!DOCTYPE x>",
        "<!DOCTYPE [<!-- ]>",
        "<!DOCTYPE '[]>",
        "<a><item>",
        "&#",
        "<![CDATA[",
        "<a b=",
        "</a",
    ] {
        let text = format!("<rss><channel><title>T</title>{}", piece.repeat(300_000));
        // Quadratic reading of this would take minutes; the harness's patience is the bound.
        let _ = document(&text, None);
    }
}

#[test]
fn what_is_no_feed_is_named() {
    let page =
        fails("<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head><body>x");
    assert!(page.message.contains("https://example.org/rss"), "{}", page.message);
    assert!(fails("<opml version='2.0'><body/></opml>").message.contains("list of feeds"));
    assert!(fails(" \n").message.contains("empty"));
    assert!(fails("404 not\nfound").message.contains("404 not\\nfound"));
    assert!(fails("{\"error\":1}").message.contains("no JSON Feed"));
    assert!(fails("{\"items\":[").message.contains("broken JSON"));
    assert!(fails("<?xml version='1.0'?><sitemap/>").message.contains("sitemap"));
    let soap = fails("<?xml version='1.0'?><s:Envelope xmlns:s='urn:x'><s:Body/></s:Envelope>");
    assert!(soap.message.contains("<Envelope>"), "{}", soap.message);
    assert!(fails("<rss version='2.0'><channel/></rss>").message.contains("without a title"));
}

#[test]
fn json_feed_read_tolerantly() {
    let feed = read(
        "\u{feff}{\"version\":\"https://jsonfeed.org/version/1\",\"title\":null,\"hubs\":[{\"type\":\"WebSub\",\"url\":\"https://hub.example/\"}],\
         \"items\":[null,{\"id\":7,\"url\":\"/7\",\"content_html\":\"<p>x</p>\",\"author\":{\"name\":\"Ann\"},\"tags\":[\"a\",1],\
         \"attachments\":[{\"url\":\"a.mp3\",\"mime_type\":\"audio/mpeg\",\"size_in_bytes\":5,\"duration_in_seconds\":1.5}]}]}",
    );
    let [entry] = feed.entries.as_slice() else { panic!("one entry") };
    assert_eq!((entry.id.as_deref(), entry.id_form), (Some("7"), IdForm::Json));
    assert_eq!(entry.link.as_deref(), Some("https://example.org/7"));
    assert_eq!(entry.authors.first().unwrap().name, "Ann");
    assert_eq!(entry.enclosures.first().unwrap().duration, Some(1));
    assert_eq!(feed.info.hubs, ["https://hub.example/"]);
}

#[test]
fn a_category_and_its_label_are_one() {
    let read = item(
        "<category domain='s'>c1</category><category>港</category>\
         <category xmlns='http://www.w3.org/2005/Atom' term='c1' scheme='s' label='城市'/>",
    );
    let said: Vec<_> = read.tags.iter().map(|tag| (tag.term.as_str(), tag.label.as_deref())).collect();
    assert_eq!(said, [("c1", Some("城市")), ("港", None)]);
}

#[test]
fn hubs_of_a_json_feed_are_those_that_speak_websub() {
    let feed = read(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[],"hubs":[
        {"type":"rssCloud","url":"https://cloud.example/"},{"type":"WebSub","url":"https://hub.example/"},
        {"url":"https://untyped.example/"}]}"#,
    );
    assert_eq!(feed.info.hubs, ["https://hub.example/", "https://untyped.example/"]);
}

#[test]
fn other_vocabularies_are_kept_by_namespace() {
    let feed = read(
        "<rss version='2.0' xmlns:m='http://search.yahoo.com/mrss' xmlns:s='http://purl.org/rss/1.0/modules/slash/'><channel><title>T</title><item>\
         <m:group><m:content url='v.mp4' type='video/mp4' fileSize='9' duration='60'><m:thumbnail url='t.jpg'/></m:content></m:group><s:comments>3</s:comments></item></channel></rss>",
    );
    let entry = feed.entries.first().unwrap();
    let [group, comments] = entry.extensions.as_slice() else { panic!("two extensions: {:?}", entry.extensions) };
    assert_eq!((group.namespace.as_str(), group.name.as_str()), ("http://search.yahoo.com/mrss/", "group"));
    assert_eq!(group.children[0].attributes[0].1, "https://example.org/feeds/v.mp4");
    assert_eq!(comments.text, "3");
    assert_eq!(entry.enclosures.first().unwrap().length, Some(9));
}

#[test]
fn addresses_in_other_vocabularies_are_absolute() {
    let text = "<rss xmlns:wfw='http://wellformedweb.org/CommentAPI/' xmlns:podcast='https://podcastindex.org/namespace/1.0'>\
        <channel><title>T</title><item xml:base='https://a.example/x/'><title>E</title>\
        <wfw:commentRss>/c.rss</wfw:commentRss><podcast:person img='p.png'>J &lt; K</podcast:person>\
        <podcast:images srcset='1.png 1500w,\n 2.png 600w'/><podcast:remoteItem feedUrl='/f'/></item></channel></rss>";
    let extensions = read(text).entries.remove(0).extensions;
    let said: Vec<&str> = extensions
        .iter()
        .flat_map(|of| of.attributes.iter().map(|(_, value)| value.as_str()).chain([of.text.as_str()]))
        .filter(|said| !said.is_empty())
        .collect();
    assert_eq!(
        said,
        [
            "https://a.example/c.rss",
            "https://a.example/x/p.png",
            "J < K",
            "https://a.example/x/1.png 1500w, https://a.example/x/2.png 600w",
            "https://a.example/f"
        ]
    );
}

#[test]
fn feed_rs_itself_never_takes_the_process_down() {
    // Each of these panicked feed-rs 3.0.0 or lost the whole feed there.
    for inside in [
        "<author>张三（foo@bar.com）</author>",
        "<itunes:duration>99999999999999999999</itunes:duration>",
        "<media:title/>",
        "<podcast:person role='x'/>",
    ] {
        let entry = item(&format!("<title>t</title>{inside}"));
        assert_eq!(title(&entry), "t");
    }
    assert_eq!(xml::cleaned("a\u{0}\u{b}b\u{ffff}"), "ab");
}

mod folder {
    use super::*;

    fn post(name: &str, text: &str) -> ParsedFeed {
        posts::read_text(&PostFile { path: name.into(), bytes: Vec::new().into() }, text)
    }

    #[test]
    fn a_post_as_the_newspapers_write_it() {
        let feed = post(
            "_posts/2022-04-22-NW202204222352631195.md",
            "---\nlayout: post\ntitle: \"厦门：\"双报到\" 再出发\"\ndate: 2022-04-22 07:44:35 +0800\ncategories: shamenribao\ntags: 厦门日报新闻\n---\n\
             > 摘要一句\n\n<center><img src=\"//img.example/1.jpg\"></center>\n<p>\u{3000}\u{3000}正文。</p>\n<p class=\"em_media\">（文章来源：厦门日报）</p>\n\n\
             <http://news.example/NewsShare.html?infoCode=NW202204222352631195>\n\n[返回厦门日报新闻](//h/category/shamenribao.html)｜[返回首页](//h/)\n",
        );
        let entry = feed.entries.first().unwrap();
        assert_eq!(title(entry), "厦门：\"双报到\" 再出发");
        assert_eq!(entry.link.as_deref(), Some("http://news.example/NewsShare.html?infoCode=NW202204222352631195"));
        assert_eq!(entry.published.as_ref().unwrap().0, "2022-04-22 07:44:35 +0800");
        assert_eq!(entry.summary.as_ref().unwrap().value, "摘要一句");
        assert!(content(entry).contains("<p>正文。</p>") && content(entry).contains("em_media"), "{}", content(entry));
        assert!(!content(entry).contains("返回") && !content(entry).contains("NewsShare"));
        let filed = entry.filed.first().unwrap();
        assert_eq!((filed.slug.as_str(), filed.title.as_str()), ("shamenribao", "厦门日报新闻"));
        assert_eq!(entry.extensions.first().unwrap().text, "2022-04-22-NW202204222352631195");
        assert_eq!((entry.id.as_deref(), &entry.named_code), (None, &None));
    }

    #[test]
    fn variations() {
        let feed = post(
            "a.md",
            "---\ntitle: \"\"\ndate: +0800\ninfoCode: X-00FF\ncategories: [好, b]\ntags: [甲, 乙]\n---\n> 只有摘要\n<>\n",
        );
        let entry = feed.entries.first().unwrap();
        assert_eq!((entry.title.as_ref(), entry.published.as_ref(), entry.link.as_ref()), (None, None, None));
        assert_eq!((content(entry), entry.summary.as_ref()), ("只有摘要", None));
        assert_eq!(entry.named_code.as_ref().unwrap().as_str(), "X-00FF");
        assert_eq!(entry.filed.iter().map(|filed| filed.title.as_str()).collect::<Vec<_>>(), ["乙"]);
        assert!(feed.notes.iter().any(|note| note.contains('好')));
        let plain = post("b.md", "---\ntitle: x\n---\n　　一段文字\n\n**粗**");
        assert_eq!(content(plain.entries.first().unwrap()), "<p>一段文字</p>\n<p><strong>粗</strong></p>");
    }

    #[test]
    fn a_bad_post_is_noted_and_left_out() {
        let feed = post("a.md", "---\ntitle: never ends\n");
        assert!(feed.entries.is_empty());
        assert!(feed.notes.first().unwrap().contains("front matter"));
    }
}
