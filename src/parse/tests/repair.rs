//! What is broken or unusual on the outside, and read all the same; each time with a word to the operator.

use super::*;

const ITEM: &str = "<item><title>One</title><guid>g1</guid><description>d</description></item>";

fn rss(inside: &str) -> String {
    format!("<rss version='2.0'><channel><title>T</title>{inside}</channel></rss>")
}

#[track_caller]
fn notes(feed: &ParsedFeed, word: &str) {
    assert!(feed.notes.iter().any(|note| note.contains(word)), "{word} in {:?}", feed.notes);
}

#[test]
fn a_feed_under_any_namespace_is_the_feed_it_looks_like() {
    let atom = |start: &str| format!("<{start}><title>T</title><entry><id>i</id><title>E</title></entry></feed>");
    for namespace in
        ["http://www.w3.org/1999/xhtml", "http://purl.org/dc/elements/1.1/", "urn:x", "https://www.w3.org/2005/Atom"]
    {
        let feed = read(&atom(&format!("feed xmlns='{namespace}'")));
        assert_eq!((feed.info.plain_title(), title(&feed.entries[0])), (Some("T"), "E"), "{namespace}");
        notes(&feed, "wrong namespace");
    }
    notes(&read(&atom("feed")), "wrong namespace");
    assert_eq!(read(&atom("feed xmlns='http://www.w3.org/2005/Atom'")).notes, Vec::<String>::new());
    for frame in [
        "<rss version='2.0'><channel xmlns='http://www.w3.org/1999/xhtml'>",
        "<rss version='2.0' xmlns='http://www.w3.org/2005/Atom'><channel>",
    ] {
        let feed = read(&format!("{frame}<title>T</title>{ITEM}</channel></rss>"));
        assert_eq!(title(&feed.entries[0]), "One", "{frame}");
        notes(&feed, "wrong namespace");
    }
    let prefixed = read(
        "<a:feed xmlns:a='urn:nobody'><a:title>T</a:title><a:entry><a:id>i</a:id><a:title>E</a:title></a:entry></a:feed>",
    );
    assert_eq!(title(&prefixed.entries[0]), "E");
}

#[test]
fn a_custom_prefix_at_an_unknown_address_is_read_by_custom() {
    let feed = read(
        "<rss version='2.0' xmlns:content='http://wrong.example/'><channel><title>T</title><item><title>E</title><content:encoded>&lt;p&gt;x</content:encoded></item></channel></rss>",
    );
    assert_eq!(content(&feed.entries[0]), "<p>x");
    notes(&feed, "read by custom");
}

#[test]
fn a_version_no_rss_has_is_named() {
    for (version, noted) in [
        ("version='2.0'", false),
        ("version='0.91'", false),
        ("version='2.01'", true),
        ("version='7'", true),
        ("", true),
    ] {
        let feed = read(&rss(ITEM).replace("version='2.0'", version));
        assert_eq!(title(&feed.entries[0]), "One");
        assert_eq!(feed.notes.iter().any(|note| note.contains("version")), noted, "{version}: {:?}", feed.notes);
    }
}

#[test]
fn warnings_of_a_script_before_the_feed_are_left_out() {
    for junk in [
        "<br />\n<b>Warning</b>: include(a.php) in <b>/x.php</b> on line <b>3</b><br />\n",
        "<p>Notice",
        "<!-- cached <rss> --><div>x</div>",
    ] {
        let feed = read(&format!("{junk}<?xml version='1.0'?>{}", rss(ITEM)));
        assert_eq!((feed.info.plain_title(), feed.entries.len()), (Some("T"), 1), "{junk}");
        notes(&feed, "before the first element");
    }
}

#[test]
fn a_document_type_ends_where_it_ends() {
    for kind in [
        "<!DOCTYPE rss [<!ENTITY a \"a]>b\"><!ENTITY c 'x'>]>",
        "<!DOCTYPE rss [<!-- don't ]> --><!ENTITY c 'x'>]>",
        "<!DOCTYPE rss PUBLIC '-//N//DTD > RSS 0.91//EN' 'http://x.example/rss.dtd'>",
        "<!DOCTYPE rss>",
        "<!DOCTYPE rss [ <!ENTITY a '>",
    ] {
        let feed = read(&format!("{kind}{}", rss(ITEM)));
        assert_eq!((title(&feed.entries[0]), feed.info.plain_title()), ("One", Some("T")), "{kind}");
        assert!(!feed.notes.iter().any(|note| note.contains("before the first")), "{kind}: {:?}", feed.notes);
    }
}

#[test]
fn one_item_too_deep_costs_only_its_own_markup() {
    let deep = |end: &str| {
        format!("<item><title>Deep</title><description>{}x &amp; y{end}</description></item>", "<div>".repeat(120))
    };
    for end in ["</div>".repeat(120), "</div>".repeat(7), String::new()] {
        let feed = read(&rss(&format!("{}{ITEM}", deep(&end))));
        let [first, second] = feed.entries.as_slice() else { panic!("{} entries", feed.entries.len()) };
        assert_eq!((title(first), title(second)), ("Deep", "One"));
        assert!(content(first).contains("x &amp; y"), "{}", content(first));
        assert!(!feed.partial);
        notes(&feed, "too deep");
    }
    // Not even the item's own end: the next one ends it.
    let feed = read(&rss(&format!("<item><title>Deep</title><description>{}{ITEM}", "<p>".repeat(500))));
    assert_eq!(feed.entries.iter().map(title).collect::<Vec<_>>(), ["Deep", "One"]);
    // Nor may what was left open before the first item hide the items.
    let feed = read(&rss(&format!("<description>{}{ITEM}", "<font>".repeat(500))));
    assert_eq!(feed.entries.iter().map(title).collect::<Vec<_>>(), ["One"]);
}

#[test]
fn a_long_title_is_kept_and_a_cut_one_is_noted() {
    let long = "字".repeat(30_000);
    let entry = item(&format!("<title>{long}</title>"));
    assert_eq!(title(&entry), long);
    let feed = read(&rss(&format!("<item><title>{}</title></item>", "字".repeat(60_000))));
    assert!(title(&feed.entries[0]).len() <= 128 * 1024);
    notes(&feed, "too long");
}

#[test]
fn memory_is_bounded_where_every_element_states_a_base() {
    let bases = format!("<a xml:base='x/' xml:lang='{}'>", "l".repeat(500)).repeat(20_000);
    let feed = read(&format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://e.example/{}/'><title>T</title>{bases}</feed>",
        "p".repeat(600)
    ));
    assert_eq!(feed.info.plain_title(), Some("T"));
}

/// Read once from front to back, these take seconds; looked through again at each mark, they would take hours.
#[test]
fn marks_without_an_end_are_looked_for_once() {
    for mark in ["<!a", "<![CD", "<! "] {
        let white = format!("{}{}", mark.repeat(300_000), " ".repeat(3_000_000));
        let feed = read(&format!("{}{white}", rss(ITEM)));
        assert_eq!((title(&feed.entries[0]), feed.partial), ("One", mark != "<!a"), "{mark}");
        assert!(fails(&white).message.contains("no feed"), "{mark}");
    }
    for mark in ["< ", "<a ", "<zz ", "</i "] {
        let said = mark.repeat(1_500_000 / mark.len());
        for text in [said.replace('<', "&lt;"), format!("<![CDATA[{said}]]>")] {
            let entry = item(&format!("<description>{text}</description>"));
            let summary = entry.summary.or(entry.content).unwrap();
            assert_eq!((summary.kind, summary.value.len() > 1_000_000), (TextKind::Plain, true), "{mark}");
        }
    }
}

#[test]
fn tags_that_become_no_element_are_bounded() {
    let feed = read(&format!("{}{}", rss(ITEM), "</a>".repeat(2_000_000)));
    assert_eq!(title(&feed.entries[0]), "One");
    notes(&feed, "the rest was not read");
}

#[test]
fn a_forgotten_end_costs_nothing_of_what_follows() {
    let parts = [
        ("title", "<title>One</title>"),
        ("link", "<link>http://ex.org/1</link>"),
        ("audio", "<enclosure url='http://ex.org/1.mp3' length='1' type='audio/mpeg'/>"),
        ("picture", "<media:content url='http://ex.org/1.png' type='image/png'/>"),
        ("cover", "<itunes:image href='http://ex.org/2.png'/>"),
        ("tag", "<category>news</category>"),
        ("id", "<guid isPermaLink='false'>u1</guid>"),
        ("date", "<pubDate>Fri, 22 Apr 2022 07:44:35 +0800</pubDate>"),
        ("author", "<dc:creator>N</dc:creator>"),
        ("summary", "<description>short</description>"),
        ("content", "<content:encoded>&lt;p&gt;long&lt;/p&gt;</content:encoded>"),
        ("comments", "<comments>http://ex.org/1#c</comments>"),
    ];
    let names = "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:media='http://search.yahoo.com/mrss/' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title>";
    let whole: String = parts.iter().map(|(_, part)| *part).collect();
    let read_item = |inside: &str| read(&format!("{names}<item>{inside}</item>{ITEM}</channel></rss>"));
    let right = read_item(&whole);
    assert_eq!(right.notes, Vec::<String>::new());
    for (what, part) in parts {
        let end = part.rfind("</").map(|at| &part[at..]);
        let forgotten = match end {
            Some(end) => vec![part.replace(end, ""), part.replace(end, &end.replace('/', ""))],
            None => vec![part.replace("/>", ">")],
        };
        for forgotten in forgotten {
            let feed = read_item(&whole.replace(part, &forgotten));
            assert_eq!(feed.entries, right.entries, "{what}: {forgotten}");
            notes(&feed, "unclosed");
        }
    }
}

#[test]
fn a_forgotten_end_in_a_feeds_head_or_an_atom_entry() {
    let feed = read(&rss(&format!(
        "<atom:link rel='self' href='http://ex.org/f'><link>http://ex.org/</link><itunes:image href='http://ex.org/i.png'><description>About</description>{ITEM}"
    )));
    assert_eq!(
        (feed.info.home.as_deref(), feed.info.self_url.as_deref()),
        (Some("http://ex.org/"), Some("http://ex.org/f"))
    );
    assert_eq!(feed.info.subtitle.as_ref().map(|text| text.value.as_str()), Some("About"));
    assert_eq!(title(&feed.entries[0]), "One");
    let parts = [
        "<link href='http://ex.org/1'>",
        "<title>E",
        "<id>i",
        "<updated>2022-04-22T07:44:35Z",
        "<summary>s",
        "<category term='t'>",
        "<content type='html'>&lt;p&gt;c",
    ];
    let atom = |end: fn(&str) -> String| {
        let inside: String =
            parts.iter().map(|part| format!("{part}{}", end(part[1..].split([' ', '>']).next().unwrap()))).collect();
        read(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>{inside}</entry></feed>"))
    };
    let (right, wrong) = (atom(|name| format!("</{name}>")), atom(|_| String::new()));
    assert_eq!((right.notes.len(), &wrong.entries), (0, &right.entries));
    notes(&wrong, "unclosed");
}

#[test]
fn what_rightly_holds_such_elements_keeps_them() {
    let feed = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>i</id><title>E</title>\
         <source><id>up</id><title>Up</title><link rel='self' href='http://up.example/f'/><author><name>A</name></author></source>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><title>x</title><summary>y</summary><link href='z'/></div></content>\
         </entry></feed>",
    );
    let entry = &feed.entries[0];
    assert_eq!((entry.id.as_deref(), title(entry)), (Some("i"), "E"));
    let up = entry.upstream.as_ref().unwrap();
    assert_eq!((up.id.as_deref(), up.feed_url.as_deref()), (Some("up"), Some("http://up.example/f")));
    assert!(content(entry).contains("<summary>y</summary>"), "{}", content(entry));
    let feed = read(&rss(
        "<link>http://ex.org/</link><image><url>http://ex.org/i.png</url><title>I</title><link>http://i.example/</link></image>\
         <textInput><title>S</title><description>D</description><name>q</name><link>http://s.example/</link></textInput>\
         <item><title>One</title><description>a <b>c</b> <a href='http://l.example/'>l</a> d</description>\
         <media:group><media:content url='http://ex.org/1.png'><media:title>M</media:title></media:content></media:group></item>",
    ));
    let info = &feed.info;
    assert_eq!((info.plain_title(), info.home.as_deref()), (Some("T"), Some("http://ex.org/")));
    assert_eq!(info.caption.title.as_deref(), Some("I"));
    assert_eq!(info.rare.text_input.as_ref().map(|input| input.title.as_str()), Some("S"));
    assert_eq!((title(&feed.entries[0]), feed.notes.iter().any(|note| note.contains("unclosed"))), ("One", false));
    assert_eq!(feed.entries[0].enclosures[0].title.as_deref(), Some("M"));
}

#[test]
fn marks_of_cdata_are_no_text() {
    for (said, want) in [
        ("&lt;![CDATA[<p>x</p>]]&gt;", None),
        ("&lt;![CDATA[&lt;p&gt;x&lt;/p&gt;]]&gt;", Some("<p>x</p>")),
        (" &lt;![CDATA[text]]&gt; ", Some("text")),
        ("<![CDATA[<![CDATA[<p>x</p>]]]]><![CDATA[>]]>", Some("<p>x</p>")),
        ("<![CDATA[ <![CDATA[<p>x</p>]]>]]>", Some("<p>x</p>")),
        ("\n<![CDATA[<![CDATA[x]]]]><![CDATA[>]]>\n", Some("x")),
        ("<![CDATA[<p>x</p> <![CDATA[y]]&gt;]]>", None),
    ] {
        let feed = read(&rss(&format!("<item><title>{said}</title><description>{said}</description></item>")));
        let entry = &feed.entries[0];
        if let Some(want) = want {
            assert_eq!((title(entry), content(entry)), (want, want), "{said}");
            notes(&feed, "CDATA");
        } else {
            assert!(content(entry).contains("<p>x</p>"), "{said}: {}", content(entry));
        }
    }
}

#[test]
fn a_bare_angle_in_a_value_is_a_character() {
    let feed = read(&rss(&format!(
        "<item><title>A</title><category domain=\"a<b\">x</category><category domain='<'>y</category><guid>g</guid></item>{ITEM}"
    )));
    let tags: Vec<_> = feed.entries[0].tags.iter().map(|tag| (tag.term.as_str(), tag.scheme.as_deref())).collect();
    assert_eq!(tags, [("x", Some("a<b")), ("y", Some("<"))]);
    assert_eq!((feed.entries[0].id.as_deref(), feed.entries.len()), (Some("g"), 2));
    notes(&feed, "bare `<`");
    let feed = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>i</id><content type='xhtml'>\
         <div xmlns='http://www.w3.org/1999/xhtml'><img src='i.png' alt=\"1 < 2 and > 3\"/><b>x</b></div></content></entry></feed>",
    );
    assert!(content(&feed.entries[0]).contains("alt=\"1 &lt; 2 and &gt; 3\""), "{}", content(&feed.entries[0]));
    assert!(content(&feed.entries[0]).ends_with("<b>x</b>"), "{}", content(&feed.entries[0]));
    // A quote that was forgotten does not take the next tags along.
    for tag in [
        "<enclosure url=\"http://ex.org/1.mp3/>",
        "<category domain=\"x>y</category>",
        "<source url=\"x\"y\">S</source>",
    ] {
        for quote in ['"', '\''] {
            let broken =
                format!("<item>{tag}<title>A</title><category domain=\"z\">x</category><guid>g</guid></item>{ITEM}");
            let feed = read(&rss(&broken.replace('"', &quote.to_string())));
            assert_eq!((feed.entries[0].id.as_deref(), feed.entries.len()), (Some("g"), 2), "{tag}");
            assert_eq!(title(&feed.entries[0]), "A", "{tag}");
        }
    }
    for mark in ["<a b=\"", "<a b='<c d=\"", "<a b=\"< \"=\" ", "\"<b' \" ' "] {
        let feed = read(&format!("{}{}", rss(ITEM), mark.repeat(2_000_000 / mark.len())));
        assert_eq!(title(&feed.entries[0]), "One");
    }
}

#[test]
fn a_character_in_two_halves_is_one() {
    let feed = read(&rss(
        "<item><title>a &#xD83D;&#xDE00;&#55357;&#56832; b &#xD83D; c &#xDE00;&#xD83D; d&#xD83D;&#x41;</title><category domain='&#xd83d;&#xde00;'>x</category></item>",
    ));
    assert_eq!(title(&feed.entries[0]), "a 😀😀 b  c  dA");
    assert_eq!(feed.entries[0].tags[0].scheme.as_deref(), Some("😀"));
    notes(&feed, "halves");
}

#[test]
fn names_of_extensions_go_out_as_they_are_registered() {
    let feed = read(
        "<rss version='2.0' xmlns:Media='http://search.yahoo.com/mrss/' xmlns:ITUNES='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:wfw='http://wellformedweb.org/CommentAPI/' xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel><title>T</title>\
         <item><title>E</title><Media:Thumbnail URL='http://ex.org/t.png'/><ITUNES:Duration>61</ITUNES:Duration><ITUNES:EPISODETYPE>full</ITUNES:EPISODETYPE>\
         <media:content xmlns:media='http://search.yahoo.com/mrss/' url='http://ex.org/a.mp3' FILESIZE='7'/><wfw:commentRSS>http://ex.org/c</wfw:commentRSS><podcast:liveItem status='live'/></item></channel></rss>",
    );
    let names: Vec<_> = feed.entries[0].extensions.iter().map(|element| element.name.as_str()).collect();
    assert_eq!(names, ["thumbnail", "duration", "episodeType", "content", "commentRss", "liveItem"]);
    let attributes: Vec<_> = feed.entries[0]
        .extensions
        .iter()
        .flat_map(|element| &element.attributes)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(attributes, ["url", "url", "fileSize", "status"]);
}

mod json {
    use super::*;

    const HEAD: &str = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"厦门\",\"items\":[";

    fn ids(feed: &ParsedFeed) -> Vec<&str> {
        feed.entries.iter().filter_map(|entry| entry.id.as_deref()).collect()
    }

    #[test]
    fn cut_anywhere_keeps_whole_items_only() {
        let whole = format!(
            "{HEAD}{{\"id\":\"1\",\"content_text\":\"一\",\"tags\":[\"a\",\"b\"]}}, {{\"id\":\"2\",\"authors\":[{{\"name\":\"N\"}}],\"title\":\"}}]\\\"\"}},\n{{\"id\":\"3\"}}]}}"
        );
        assert!(!read(&whole).partial);
        assert_eq!(ids(&read(&whole)), ["1", "2", "3"]);
        let ends = [whole.find(", {").unwrap(), whole.find(",\n{").unwrap(), whole.rfind(']').unwrap()];
        for cut in (HEAD.len()..whole.len()).filter(|cut| whole.is_char_boundary(*cut)) {
            let feed = read(&whole[..cut]);
            assert_eq!(ids(&feed), ["1", "2", "3"][..ends.iter().filter(|end| cut >= **end).count()], "cut at {cut}");
            assert!(feed.partial);
            assert_eq!(feed.info.plain_title(), Some("厦门"));
            notes(&feed, "ends early");
        }
    }

    #[test]
    fn what_is_broken_inside_is_mended() {
        for (inside, want, word) in [
            ("{\"id\":\"1\",\"title\":\"a\",},]}", "a", "comma"),
            ("{\"id\":\"1\",\"title\":\"a\tb\nc\"}]}", "a\tb\nc", "illegal"),
            ("{\"id\":\"1\",\"title\":\"it\\'s \\d\"}]}", "it's d", "illegal"),
            ("{\"id\":\"1\",\"title\":\"a\\ud83d b \\ud83d\\ude00\"}]}", "a\u{fffd} b 😀", "illegal"),
            ("{\"id\":\"1\",\"title\":\"a\"}]}\n<!-- cached -->", "a", "behind"),
        ] {
            let feed = read(&format!("{HEAD}{inside}"));
            assert_eq!((ids(&feed).as_slice(), title(&feed.entries[0])), (&["1"][..], want));
            assert!(!feed.partial);
            notes(&feed, word);
        }
        let deep =
            read(&format!("{HEAD}{{\"id\":\"1\",\"_x\":{}1{}}},{{\"id\":\"2\"}}]}}", "[".repeat(500), "]".repeat(500)));
        assert_eq!(ids(&deep), ["1", "2"]);
        notes(&deep, "too deep");
    }

    #[test]
    fn long_numbers_are_ids_as_they_are_written() {
        let long = ["20220422235263119501", "20220422235263119502", "7", "18446744073709551615"];
        let items: Vec<String> =
            long.iter().map(|id| format!("{{\"id\": {id} ,\"title\":\"\\\" {id}\",\"_x\":{{\"y\":1e3}}}}")).collect();
        for tail in ["]}", ",]}"] {
            let feed = read(&format!("{HEAD}{}{tail}", items.join(",")));
            assert_eq!(ids(&feed), long);
            assert_eq!(title(&feed.entries[0]), format!("\" {}", long[0]));
        }
    }

    #[test]
    fn what_is_no_item_is_counted() {
        let feed = read(&format!("{HEAD}null,{{\"id\":\"1\"}},\"x\",{{}}]}}"));
        assert_eq!(ids(&feed), ["1"]);
        notes(&feed, "3 empty entries");
    }
}

#[test]
fn a_section_without_an_end_costs_no_entry_behind_it() {
    let bad = "<item><title>Bad <![CDATA[ x ]] ></title><guid>b</guid><description><![CDATA[<p>y</description></item>";
    for after in ["", "<item><title>Last</title><guid>l</guid><description><![CDATA[<p>z</p>]]></description></item>"] {
        let feed = read(&rss(&format!("{ITEM}{bad}<item><title>Next</title><guid>n</guid></item>{after}")));
        let titles: Vec<&str> = feed.entries.iter().map(title).collect();
        let last = (!after.is_empty()).then_some("Last");
        assert_eq!(titles, ["One", "Bad  x ]] >", "Next"].into_iter().chain(last).collect::<Vec<_>>());
        let behind = feed.entries.last().unwrap();
        let text = behind.summary.as_ref().or(behind.content.as_ref()).map(|text| text.value.as_str());
        assert_eq!(text, last.map(|_| "<p>z</p>"));
        notes(&feed, "CDATA sections that never end");
        assert!(!feed.partial);
    }
    // An example in a text is none.
    let told =
        read(&rss("<item><title>E</title><description><![CDATA[write </item> <b>twice</b>]]></description></item>"));
    assert_eq!((told.entries.len(), told.notes), (1, Vec::<String>::new()));
    let cut = read(&format!(
        "<rss version='2.0'><channel><title>T</title>{ITEM}<item><title>U</title><description><![CDATA[<p>cut"
    ));
    assert_eq!((cut.entries.len(), cut.partial), (1, true));
    for piece in ["<![CDATA[", "<![CDATA[</item>", "<![CDATA[</item><![CDATA[]]"] {
        let _ = document(&format!("<rss><channel><title>T</title>{}]]>", piece.repeat(50_000)), None);
    }
}
