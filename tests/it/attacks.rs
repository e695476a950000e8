//! Whatever stands in whichever field of a feed: nothing of it lives in any feed or page that is published, and what does no harm is not harmed.
//! Read as a browser reads pages, and as a careless reader reads feeds, who takes any text for HTML.

use crate::support::{Daemon, syndic, write_config};
use quick_xml::{Reader, escape::unescape, events::Event};
use serde_json::{Value, json};
use std::path::Path;

/// One of each way in; the corpus beside the repository has hundreds (`scripts/check-xss`).
const VECTORS: &[&str] = &[
    "<script>alert(1)</script>",
    "a<img src=x onerror=alert(1)>b",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></textarea></style></noscript><script>alert(1)</script>",
    "]]><script>alert(1)</script><![CDATA[",
    "--><script>alert(1)</script><!--",
    "?><?xml-stylesheet href='javascript:alert(1)'?>",
    "<a href=\"java&#9;script:alert(1)\">x</a>",
    "<a href='\u{1}vbscript:x'>x</a><a href='data:text/html,x'>y</a>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><use href='data:image/svg+xml,x#a'/><animate attributeName=href values='javascript:alert(1)'/></svg>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "<object data='javascript:alert(1)'><embed src='javascript:alert(1)'></object>",
    "<base href='javascript:'><meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><input name=x><button formaction='javascript:alert(1)'>x</button></form>",
    "<p style='background:url(javascript:alert(1));behavior:url(x)'>x</p><style>@import 'x'</style>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    "<video poster='javascript:alert(1)'><source src='javascript:alert(1)' onerror='alert(1)'></video>",
    "<img srcset='javascript:alert(1) 1x' data-src='javascript:alert(1)'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)//",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "javascript:alert(1)",
    "JaVaScRiPt&colon;alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "//evil.example/\" onclick=\"alert(1)",
    "https://a.example/\"><script>alert(1)</script>",
    "{{7*7}}<%=7%>${7}<!--#exec cmd='x'-->",
];

/// HTML that every reader shows as it is; `{}` is where a formula goes in, which comes out in characters.
const HARMLESS: &str = "<h2>标题</h2>\
    <table><caption>表</caption><thead><tr><th colspan=\"2\" scope=\"col\">a</th></tr></thead><tbody><tr><td rowspan=\"2\">b</td><td>c</td></tr></tbody></table>\
    <p><ruby>明日<rp>(</rp><rt>あした</rt><rp>)</rp></ruby> H<sub>2</sub>O x<sup>2</sup> {}</p>\
    <figure><img src=\"https://a.example/b.jpg\" alt=\"图\"><figcaption>图注</figcaption></figure>\
    <pre><code>if a &lt; b &amp;&amp; c {\n\n    d\n}</code></pre>\
    <ol start=\"3\"><li>a<ul><li>b</li></ul></li></ol><dl><dt>a</dt><dd>b</dd></dl>\
    <details><summary>s</summary><p>t</p></details>\
    <blockquote cite=\"https://a.example/\"><p>q</p></blockquote><p dir=\"rtl\" lang=\"ar\">مرحبا</p>";

const OTHERS: &str = "xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
    xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"";

fn escaped(vector: &str) -> String {
    // XML cannot hold a control character, as it is or as a reference.
    let held =
        |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    quick_xml::escape::escape(vector.chars().filter(|c| held(*c)).collect::<String>()).into_owned()
}

fn rss(vector: &str) -> String {
    let x = escaped(vector);
    let others = format!(
        "<media:title type=\"html\">{x}</media:title><media:credit role=\"{x}\">{x}</media:credit><media:thumbnail url=\"{x}\"/>\
         <itunes:summary>{x}</itunes:summary><itunes:image href=\"{x}\"/><podcast:person href=\"{x}\" img=\"{x}\">{x}</podcast:person>\
         <dc:rights>{x}</dc:rights><atom:link rel=\"related\" href=\"{x}\" title=\"{x}\"/>"
    );
    format!(
        "<rss version=\"2.0\" {OTHERS}><channel><title>{x}</title><link>https://a.example/</link><description>{x}</description>\
         <copyright>{x}</copyright><generator>{x}</generator><managingEditor>{x}</managingEditor><category domain=\"{x}\">{x}</category>\
         <image><url>{x}</url><title>{x}</title><link>{x}</link></image>{others}\
         <item><title>{x}</title><link>{x}</link><guid isPermaLink=\"false\">g</guid><description>{x}</description>\
         <content:encoded>{x}</content:encoded><author>{x}</author><dc:creator>{x}</dc:creator><category domain=\"{x}\">{x}</category>\
         <comments>{x}</comments><enclosure url=\"{x}\" type=\"{x}\" length=\"1\"/><source url=\"{x}\">{x}</source>{others}</item></channel></rss>"
    )
}

fn atom(vector: &str) -> String {
    let x = escaped(vector);
    let person = format!("<name>{x}</name><uri>{x}</uri><email>{x}</email>");
    let links: String = ["alternate", "related", "enclosure", "via", "license", "replies"]
        .map(|rel| format!("<link rel=\"{rel}\" href=\"{x}\" type=\"{x}\" title=\"{x}\"/>"))
        .concat();
    let about = format!(
        "<title type=\"html\">{x}</title><rights type=\"html\">{x}</rights><category term=\"{x}\" label=\"{x}\" scheme=\"{x}\"/>\
         <author>{person}</author><contributor>{person}</contributor>{links}<updated>2022-04-22T00:00:00Z</updated>"
    );
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:f</id>{about}<subtitle type=\"html\">{x}</subtitle><icon>{x}</icon><logo>{x}</logo>\
         <generator uri=\"{x}\">{x}</generator><entry xml:base=\"{x}\"><id>urn:e</id>{about}<summary type=\"html\">{x}</summary>\
         <content type=\"html\">{x}</content><source><id>{x}</id>{about}<icon>{x}</icon></source></entry></feed>"
    )
}

fn json_feed(x: &str) -> String {
    let person = json!({"name": x, "url": x, "avatar": x});
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": x, "description": x, "home_page_url": x, "icon": x, "favicon": x,
        "authors": [person], "_x": {"about": x, x: x},
        "items": [{
            "id": "j", "url": x, "external_url": x, "title": x, "summary": x, "content_html": x, "image": x, "banner_image": x,
            "tags": [x], "authors": [person], "attachments": [{"url": x, "mime_type": x, "title": x}], "_x": {"about": x, x: x},
        }],
    })
    .to_string()
}

/// Each vector in every field of a feed of each format, with the ids of their sources.
pub fn documents(vectors: &[String]) -> Vec<(String, String)> {
    let kinds = |(n, x): (usize, &String)| {
        [(format!("r{n}"), rss(x)), (format!("a{n}"), atom(x)), (format!("j{n}"), json_feed(x))]
    };
    vectors.iter().enumerate().flat_map(kinds).collect()
}

/// Our own.
fn vectors() -> Vec<String> {
    VECTORS.iter().map(|vector| (*vector).to_owned()).collect()
}

/// Our own, and those of a file that SYNDIC_VECTORS names (`scripts/check-xss --browser` names the corpus).
pub fn vectors_for_a_browser() -> Vec<String> {
    let mut vectors = vectors();
    if let Some(path) = std::env::var_os("SYNDIC_VECTORS") {
        let named: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        vectors.extend(named.iter().map(|vector| vector["payload"].as_str().unwrap().to_owned()));
    }
    vectors
}

/// Writes documents as sources of a folder and polls them. `more` are lines for `[site]`.
pub fn site(folder: &Path, documents: &[(String, String)], more: &str) -> Daemon {
    let mut text = format!(
        "[site]\nurl = \"https://syndic.test\"\n{more}\n[publish]\ncredit = false\n[[category]]\nslug = \"news\"\ntitle = \"News\"\n"
    );
    for (id, document) in documents {
        std::fs::write(folder.join(id), document).unwrap();
        text.push_str(&format!(
            "[[source]]\nid = \"{id}\"\npath = \"{id}\"\ncategory = \"news\"\ncontent = \"full\"\n"
        ));
    }
    let (config, data) = (write_config(folder, &text), folder.join("data"));
    let polled = syndic().args(["poll", "--config"]).arg(&config).arg("--data").arg(&data).output().unwrap();
    assert!(polled.status.success(), "{}", String::from_utf8_lossy(&polled.stderr));
    Daemon::start(&config, &data)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_lives_whatever_stands_in_whichever_field() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(&vectors());
    let daemon = site(folder.path(), &documents, "");
    for (id, document) in &documents {
        for extension in ["rss", "atom"] {
            let (_, feed) = daemon.get(&format!("/source/{id}.{extension}")).await;
            for (name, text) in said_in_xml(&feed) {
                assert_eq!(live(&name, &text), None, "{id}.{extension}, {name}: {text}\nfrom {document}");
            }
        }
        let (_, feed) = daemon.get(&format!("/source/{id}.json")).await;
        let feed: Value = serde_json::from_str(&feed).unwrap();
        let mut said = Vec::new();
        said_in_json("", &feed, &mut said);
        for (name, text) in said {
            assert_eq!(live(&name, &text), None, "{id}.json, {name}: {text}\nfrom {document}");
        }
        let code = feed["items"][0]["_syndic"]["info_code"].as_str().expect("one entry");
        for path in [format!("/source/{id}.html"), format!("/entry/{code}.html")] {
            let (status, page) = daemon.get(&path).await;
            let body = page.split_once("<body").expect("a page").1;
            assert_eq!((status, live("page", body)), (200, None), "{path}: {page}\nfrom {document}");
        }
    }
    for path in ["/", "/category/news.html", "/status.html"] {
        let page = daemon.get(path).await.1;
        assert_eq!(live("page", page.split_once("<body").expect("a page").1), None, "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_no_harm_is_not_harmed() {
    let given = HARMLESS.replace("{}", "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>");
    let kept = HARMLESS.replace("{}", "1/2");
    let x = escaped(&given);
    let rss = format!(
        "<rss version=\"2.0\"><channel><title>T</title><link>https://a.example/</link><description>d</description><item><title>t</title>\
         <link>https://a.example/1</link><guid isPermaLink=\"false\">g</guid><description>{x}</description></item></channel></rss>"
    );
    let folder = tempfile::tempdir().unwrap();
    let daemon = site(folder.path(), &[("r".to_owned(), rss)], "");
    let feed: Value = serde_json::from_str(&daemon.get("/source/r.json").await.1).unwrap();
    assert_eq!(feed["items"][0]["content_html"], kept);
    for extension in ["rss", "atom"] {
        let said = said_in_xml(&daemon.get(&format!("/source/r.{extension}")).await.1);
        assert!(said.iter().any(|(_, text)| *text == kept), "{extension}: {said:?}");
    }
    let code = feed["items"][0]["_syndic"]["info_code"].as_str().unwrap();
    let (_, page) = daemon.get(&format!("/entry/{code}.html")).await;
    // What a page adds so that pictures load late and wide tables can be moved by keyboard.
    let page = page.replace(" loading=\"lazy\" decoding=\"async\" referrerpolicy=\"no-referrer\"", "");
    let page = page.replace("<table tabindex=\"0\">", "<table>");
    assert!(page.contains(&kept), "{page}");
}

/// What would run or be sent away if this were read as HTML, or followed where it is an address.
fn live(name: &str, text: &str) -> Option<String> {
    const ELEMENTS: &str = " script iframe frame object embed applet base meta link style form input button textarea select svg math \
        template noscript noembed noframes xmp plaintext portal animate set use foreignobject title dialog ";
    const ADDRESSES: [&str; 8] = ["href", "src", "action", "formaction", "poster", "cite", "background", "data"];
    // What its format calls plain characters, whatever stands in it.
    const PLAIN: &str = " id guid identifier feed_id content_text member name email category tags creator contributor publisher source term label \
        scheme domain dc_source ";
    // Words, which nobody follows even where they read `javascript:`.
    const WORDS: &str = " title subtitle description summary content content_html encoded rights copyright ";
    let name_of_attribute = name.strip_prefix('@');
    let among = |names: &str| names.contains(&format!(" {} ", name_of_attribute.unwrap_or(name)));
    if among(PLAIN) {
        return None;
    }
    if !among(WORDS) && runs(text) {
        return Some("an address".to_owned());
    }
    if name_of_attribute.is_some() || !text.contains(['<', '&']) {
        return None;
    }
    let read = dom_query::Document::fragment(text);
    read.select("*").nodes().iter().find_map(|node| {
        let element = node.node_name()?.to_lowercase();
        if ELEMENTS.contains(&format!(" {element} ")) {
            return Some(format!("<{element}>"));
        }
        node.attrs().iter().find_map(|attribute| {
            let (name, value) = (attribute.name.local.to_lowercase(), &attribute.value);
            let bad = name.starts_with("on") || ["style", "srcdoc"].contains(&name.as_str());
            let followed = ADDRESSES.contains(&name.as_str()) || name == "srcset";
            (bad || followed && runs(value)).then(|| format!("<{element} {name}={value}>"))
        })
    })
}

/// As URLs are read (WHATWG): white space and controls go first.
fn runs(address: &str) -> bool {
    let bare: String = address.chars().filter(|c| *c > ' ').take(20).collect();
    let bare = bare.to_lowercase();
    ["javascript:", "vbscript:", "data:", "file:", "blob:"].iter().any(|scheme| bare.starts_with(scheme))
}

/// Every text and every attribute, with the name it stands under. A document that is not well-formed fails.
fn said_in_xml(document: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(document);
    let (mut said, mut text, mut open) = (Vec::new(), String::new(), Vec::new());
    let local = |name: &str| name.rsplit(':').next().unwrap_or(name).to_owned();
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {document}")) {
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&escaped(&part)),
            Event::GeneralRef(part) => text.push_str(&format!("&{};", &*part)),
            Event::Eof => return said,
            event @ (Event::Start(_) | Event::Empty(_) | Event::End(_)) => {
                let name = open.last().cloned().unwrap_or_default();
                said.push((name, unescape(&std::mem::take(&mut text)).unwrap().into_owned()));
                if let Event::Start(element) | Event::Empty(element) = &event {
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        said.push((
                            format!("@{}", local(attribute.key.as_ref())),
                            unescape(&attribute.value).unwrap().into_owned(),
                        ));
                    }
                }
                match event {
                    Event::Start(element) => open.push(local(element.name().as_ref())),
                    Event::End(_) => drop(open.pop()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn said_in_json(name: &str, value: &Value, said: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => said.push((name.to_owned(), text.clone())),
        Value::Array(values) => values.iter().for_each(|value| said_in_json(name, value, said)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            said.push(("member".to_owned(), name.clone()));
            said_in_json(name, value, said);
        }),
        _ => {}
    }
}
