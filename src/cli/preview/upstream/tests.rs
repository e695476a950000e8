use super::*;
use crate::{
    config::{Config, Overrides},
    fetch::{Body, Page},
    format::{self, Format},
    model::{Answer, Element, Person, Text, TextKind, Validators},
    parse, policy,
};
use chrono::DateTime;

const RSS: &str = r#"<rss version="2.0" xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:p="https://podcastindex.org/namespace/1.0"
xmlns:s="http://purl.org/rss/1.0/modules/syndication/" xmlns:a="http://www.w3.org/2005/Atom" xmlns:h="http://purl.org/syndication/history/1.0"
xmlns:l="http://backend.userland.com/creativeCommonsRssModule"><channel>
<title>厦门 &amp;lt;b&amp;gt; &lt;b&gt;日报&lt;/b&gt;</title><link>https://p.example/</link><description>Day &lt;i&gt;by&lt;/i&gt; day</description>
<language>zh-CN</language><copyright>© P</copyright><managingEditor>ed@p.example (Ed)</managingEditor><webMaster>wm@p.example (Wm)</webMaster>
<pubDate>Fri, 22 Apr 2022 07:44:35 +0800</pubDate><lastBuildDate>Sat, 23 Apr 2022 07:44:35 +0800</lastBuildDate>
<category domain="http://s.example/">城市</category><generator>Gen 1</generator><docs>https://d.example/</docs>
<cloud domain="c.example" port="80" path="/RPC2" registerProcedure="p.n" protocol="xml-rpc"/><ttl>60</ttl>
<image><url>https://p.example/i.png</url><title>Picture</title><link>https://p.example/il</link>
<width>88</width><height>31</height><description>About</description></image><rating>PICS</rating>
<textInput><title>go</title><description>search</description><name>q</name><link>https://p.example/q</link></textInput>
<skipHours><hour>1</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<s:updatePeriod>hourly</s:updatePeriod><s:updateFrequency>2</s:updateFrequency>
<a:link rel="self" href="https://p.example/f.xml"/><a:link rel="hub" href="https://hub.example/"/><a:icon>https://p.example/favicon.ico</a:icon>
<a:link rel="prev-archive" href="https://p.example/a1"/><a:link rel="license" href="https://l.example/by/4.0/"/>
<h:archive/><l:license>https://l.example/by/3.0/</l:license>
<i:category text="News"><i:category text="Daily"/></i:category><i:explicit>no</i:explicit><p:funding url="https://f.example/">give</p:funding>
<item><title>x</title><guid isPermaLink="false">1</guid></item></channel></rss>"#;

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://purl.org/dc/terms/" xmlns:h="http://purl.org/syndication/history/1.0"
xmlns:g="http://www.georss.org/georss" xml:lang="zh-CN" xml:base="https://p.example/">
<title type="html">A &lt;b&gt;b&lt;/b&gt; &amp;amp; c</title><subtitle type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Day <a href="about">by</a> day</div></subtitle>
<id>tag:p.example,2022:f</id><updated>2022-04-23T07:44:35+08:00</updated><d:issued>2022-04-22T07:44:35+08:00</d:issued>
<author><name>Ed</name><email>ed@p.example</email><uri>https://ed.example/</uri></author><author><name>Fay</name></author>
<contributor><name>Wm</name><uri>https://wm.example/</uri></contributor><category term="c" scheme="http://s.example/"/>
<generator uri="https://gen.example/" version="2">Gen</generator><icon>favicon.ico</icon><logo>logo.png</logo><rights type="html">© &lt;i&gt;P&lt;/i&gt;</rights>
<link href="https://p.example/"/><link rel="self" href="f.atom"/><link rel="hub" href="https://hub.example/"/><link rel="next" href="f2.atom"/>
<link rel="license" href="https://l.example/by/4.0/"/><link rel="related" href="https://r.example/" type="text/html"/>
<h:complete/><g:point>24.5 118.1</g:point><entry><id>urn:e</id><title>x</title><updated>2022-04-23T07:44:35Z</updated></entry></feed>"#;

const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"A <b> c","description":"Day by day","home_page_url":"https://p.example/",
"feed_url":"https://p.example/f.json","user_comment":"Not for people","next_url":"https://p.example/f2.json","icon":"https://p.example/logo.png",
"favicon":"https://p.example/favicon.ico","authors":[{"name":"Ed","url":"https://ed.example/"},{"name":"Fay"}],"language":"zh-CN","expired":true,
"hubs":[{"type":"WebSub","url":"https://hub.example/"}],"_syndic":{"rights":"© P","tags":["c"],"contributors":[{"name":"Wm","url":"mailto:wm@p.example"}],
"generator":"Gen"},"items":[{"id":"1","content_text":"x"}]}"#;

fn preview(document: &str, base: Option<&str>) -> FeedView {
    let text = format!(
        "[site]\nurl = \"http://{NOWHERE}/\"\n[publish]\ncredit = false\n[[source]]\nid = \"p\"\nurl = \"http://{NOWHERE}/\"\ncategory = \"p\"\n"
    );
    let config = Config::parse(&text, "p".as_ref(), &Overrides::default()).unwrap().config;
    let page = page(document, base);
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let read = super::super::draft(&config, &config.sources[0], &page, now).unwrap();
    super::super::make(&config, &config.sources[0], read, now).view
}

fn page(document: &str, base: Option<&str>) -> Page {
    Page {
        body: Body::Document(document.to_owned().into()),
        content_type: None,
        base: base.map(str::to_owned),
        address: None,
        validators: Validators::default(),
        answer: Answer::default(),
    }
}

fn written(view: &FeedView, format: Format) -> String {
    String::from_utf8(format::render(view, format).unwrap()).unwrap()
}

fn read(document: &str) -> FeedInfo {
    parse::parse(&page(document, None)).unwrap().info
}

#[test]
fn deleted_entries_go_in_and_come_out() {
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:gone="http://purl.org/atompub/tombstones/1.0"><id>urn:f</id><title>t</title>
<gone:deleted-entry ref="urn:e2" when="2022-04-22T12:00:00+08:00"><gone:by><name>Ed</name></gone:by><gone:comment>withdrawn &lt;b&gt;</gone:comment></gone:deleted-entry>
<entry><id>urn:e1</id><title>e</title></entry></feed>"#;
    let view = preview(atom, None);
    for format in [Format::Atom, Format::Rss] {
        let document = written(&view, format);
        assert!(document.contains("xmlns:at=\"http://purl.org/atompub/tombstones/1.0\""), "{document}");
        let again = preview(&document, None);
        assert_eq!(again.deleted, view.deleted, "{document}");
    }
    let json: serde_json::Value = serde_json::from_str(&written(&view, Format::Json)).unwrap();
    let deleted = &json["_syndic"]["deleted"][0];
    assert_eq!((&deleted["id"], &deleted["when"]), (&"urn:e2".into(), &"2022-04-22T04:00:00Z".into()));
    assert_eq!((&deleted["by"], &deleted["comment"]), (&"Ed".into(), &"withdrawn <b>".into()));
}

/// Every field by its name, as a reader would see it; one that says nothing is empty.
fn told(info: &FeedInfo) -> Vec<(&'static str, String)> {
    let text = |text: &Option<Text>| text.as_ref().map(policy::plain).unwrap_or_default();
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    let date = |raw: &Option<crate::model::RawDate>| {
        let said = raw.as_ref().map(|raw| raw.0.as_str()).unwrap_or_default();
        let date = DateTime::parse_from_rfc3339(said).or_else(|_| DateTime::parse_from_rfc2822(said));
        date.map(|date| date.to_utc().to_rfc3339()).unwrap_or_default()
    };
    let people = |people: &[Person], what: fn(&Person) -> Option<String>| {
        people.iter().filter_map(what).collect::<Vec<_>>().join(", ")
    };
    let extension = |local: &str| {
        let of = info.extensions.iter().filter(|element: &&Element| element.name == local);
        of.map(|element| format!("{element:?}")).collect::<String>()
    };
    let debug = |shown: String| if matches!(shown.as_str(), "None" | "[]") { String::new() } else { shown };
    let mut hubs_and_links: Vec<String> = info.links.iter().map(|link| format!("{} {}", link.rel, link.href)).collect();
    hubs_and_links.sort();
    let (rare, wishes) = (&info.rare, &info.wishes);
    vec![
        ("title", text(&info.title)),
        ("subtitle", text(&info.subtitle)),
        ("home", word(&info.home)),
        ("self", word(&info.self_url)),
        ("hubs", info.hubs.join(" ")),
        ("licences", info.licences.join(" ")),
        ("links", hubs_and_links.join(", ")),
        ("published", date(&info.published)),
        ("updated", date(&info.updated)),
        ("authors", people(&info.authors, |who| Some(who.name.clone()))),
        ("author email", people(&info.authors, |who| who.email.clone())),
        ("author uri", people(&info.authors, |who| who.uri.clone())),
        ("contributors", people(&info.contributors, |who| Some(who.name.clone()))),
        ("contributor email", people(&info.contributors, |who| who.email.clone())),
        ("tags", info.tags.iter().map(|tag| tag.term.clone()).collect::<Vec<_>>().join(", ")),
        ("schemes", info.tags.iter().filter_map(|tag| tag.scheme.clone()).collect()),
        ("rights", text(&info.rights)),
        ("language", word(&info.language)),
        ("generator", word(&info.generator)),
        ("generator uri", word(&info.generator_uri)),
        ("icon", word(&info.icon)),
        ("logo", word(&info.logo)),
        ("image title", word(&info.caption.title)),
        ("image link", word(&info.caption.link)),
        ("image size", debug(format!("{:?}", info.caption.width.zip(info.caption.height)))),
        ("image description", word(&info.caption.description)),
        ("ttl", wishes.ttl_minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        ("skipHours", debug(format!("{:?}", wishes.skip_hours))),
        ("skipDays", debug(format!("{:?}", wishes.skip_days))),
        ("sy", wishes.update_period_seconds.map(|seconds| seconds.to_string()).unwrap_or_default()),
        ("cloud", debug(format!("{:?}", rare.cloud))),
        ("textInput", debug(format!("{:?}", rare.text_input))),
        ("docs", word(&rare.docs)),
        ("rating", word(&rare.rating)),
        ("user_comment", word(&rare.user_comment)),
        ("expired", if rare.expired { "true".to_owned() } else { String::new() }),
        ("fh:archive", extension("archive")),
        ("fh:complete", extension("complete")),
        ("itunes:category", extension("category")),
        ("itunes:explicit", extension("explicit")),
        ("podcast:funding", extension("funding")),
        ("georss:point", extension("point")),
    ]
}

/// What a format has no way to say, and what it says where nothing was said.
fn is_beyond(format: Format, field: &str) -> bool {
    match format {
        Format::Rss => matches!(field, "user_comment" | "expired" | "image title" | "image link"),
        Format::Atom => matches!(field, "user_comment" | "expired"),
        Format::Json => field.contains(':') || matches!(field, "schemes" | "sy" | "author email"),
    }
}

#[test]
fn what_a_feed_says_of_itself_comes_out_in_every_format_that_can_say_it() {
    let only_json = ["user_comment", "expired"];
    let only_xml = ["author email", "licences", "published", "updated", "schemes"];
    let rss = [
        "image title",
        "image link",
        "image size",
        "image description",
        "ttl",
        "skipHours",
        "skipDays",
        "sy",
        "cloud",
        "textInput",
        "docs",
        "rating",
    ];
    let rss_only = [&rss[..], &["fh:archive", "itunes:category", "itunes:explicit", "podcast:funding"]].concat();
    let atom_only = ["author uri", "generator uri", "fh:complete", "georss:point"];
    for (name, document, silent) in [
        ("RSS", RSS, [&only_json[..], &atom_only].concat()),
        ("Atom", ATOM, [&only_json[..], &rss_only, &["contributor email"]].concat()),
        ("JSON", JSON, [&only_xml[..], &rss_only, &["generator uri", "fh:complete", "georss:point"]].concat()),
    ] {
        let said = told(&read(document));
        for (field, value) in &said {
            assert_eq!(value.is_empty(), silent.contains(field), "{name} in: {field} is `{value}`");
        }
        let view = preview(document, None);
        for format in Format::ALL {
            let out = written(&view, format);
            let again = told(&read(&out));
            for ((field, before), (_, after)) in said.iter().zip(&again) {
                // Of a document without a date of its own the newest entry's stands.
                let beyond = is_beyond(format, field) || (*field == "updated" && before.is_empty());
                // JSON's titles are characters, of which a careless reader must run none.
                let shown = if format == Format::Json { before.replace("<b>", "＜b>") } else { before.clone() };
                assert!(
                    beyond || [before, &shown].contains(&after),
                    "{name} as {format:?}, {field}: `{before}` became `{after}`\n{out}"
                );
            }
        }
    }
}

#[test]
fn texts_keep_their_kind_and_lose_what_runs() {
    let hostile = "k <img src=x onerror=alert(1)><a href='javascript:alert(1)'>a</a><script>alert(1)</script> <b>b</b>";
    let escaped = html_escape::encode_text(hostile);
    let rss = format!(
        "<rss version='2.0'><channel><title>{escaped}</title><description>{escaped}</description><copyright>{escaped}</copyright></channel></rss>"
    );
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>{escaped}</title><subtitle type='html'>{escaped}</subtitle>\
         <rights type='html'>{escaped}</rights></feed>"
    );
    for document in [rss, atom] {
        let view = preview(&document, Some("https://p.example/f"));
        for format in Format::ALL {
            let info = read(&written(&view, format));
            for text in [info.title, info.subtitle, info.rights].into_iter().flatten() {
                let value = text.value.to_lowercase();
                for evil in ["<script", "onerror", "javascript:", "alert"] {
                    assert!(!value.contains(evil), "{format:?}: {value}");
                }
                assert_eq!(policy::plain(&text).replace(' ', ""), "kab", "{format:?}");
                assert!(format != Format::Atom || text.kind == TextKind::Html);
            }
        }
    }
    // What JSON says is characters; whoever reads RSS takes them for HTML, as we do.
    let characters = r#"{"version":"https://jsonfeed.org/version/1.1","title":"<script>x</script>","description":"<b>1</b> & 2","items":[]}"#;
    let info = read(&written(&preview(characters, None), Format::Rss));
    assert_eq!(info.title, Some(Text::html("&lt;script&gt;x&lt;/script&gt;")));
    assert_eq!(info.subtitle.map(|text| policy::plain(&text)).as_deref(), Some("<b>1</b> & 2"));
    let plain = |title: &str| {
        let atom = format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>{title}</title></feed>");
        read(&written(&preview(&atom, None), Format::Atom)).title
    };
    assert_eq!(plain("1 &lt; 2 &amp; &lt;三>"), Some(Text::plain("1 < 2 & <三>")));
    assert_eq!(plain("&lt;script>"), Some(Text::html("&lt;script&gt;")), "whoever ignores the kind must not run it");
}

#[test]
fn a_preview_makes_up_no_address() {
    let bare = "<rss version='2.0'><channel><title>t</title><item><title>x</title><description>y</description></item></channel></rss>";
    for format in Format::ALL {
        let out = written(&preview(bare, None), format);
        assert!(!out.contains(NOWHERE) && !out.contains("http://localhost"), "{out}");
        assert!(!out.contains("rel=\"self\"") && !out.contains("rel=\"via\"") && !out.contains("feed_url"), "{out}");
        let theirs = written(&preview(RSS, Some("https://moved.example/f.xml")), format);
        assert!(theirs.contains("https://p.example/f.xml") && !theirs.contains("f.xml."), "{theirs}");
    }
}
