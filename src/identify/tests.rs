use super::*;
use crate::model::{ContentPolicy, Element, Link, RawDate, Slug, Text};

fn source() -> Source {
    let kind = SourceKind::Feed("https://feed.example.com/rss".parse().unwrap());
    Source {
        id: Slug::parse("paper").unwrap(),
        kind,
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

fn folder() -> Source {
    Source { kind: SourceKind::Folder("posts".into()), namespace: "posts".into(), ..source() }
}

fn entry(id: &str, link: &str) -> ParsedEntry {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ParsedEntry {
        id: some(id),
        link: some(link),
        title: Some(Text::plain(format!("title of {id}{link}"))),
        ..Default::default()
    }
}

fn one(source: &Source, entry: ParsedEntry) -> Claim {
    identify(source, None, vec![entry], GuidTrust::Guid).claims.remove(0)
}

fn code_of(link: &str) -> (String, CodeKind) {
    let claim = one(&source(), entry("", link));
    (claim.code.to_string(), claim.kind)
}

#[test]
fn links_that_hold_a_code() {
    for (link, code, kind) in [
        (
            "http://caifuhao.eastmoney.com/NewsShare.html?infoCode=NW202204222352631195",
            "NW202204222352631195",
            CodeKind::Query,
        ),
        ("http://a.cn/x?a=1&amp;INFOCODE=nw202204222352631195#top", "NW202204222352631195", CodeKind::Query),
        ("http://a.cn/#/n?infoCode=AP202605251822844635", "AP202605251822844635", CodeKind::Query),
        ("https://pdf.dfcfw.com/pdf/H2_AN201308280004279263_1.pdf", "AN201308280004279263", CodeKind::Path),
        ("https://pdf.dfcfw.com/pdf/H3_AP202605251822844635_01.pdf?1", "AP202605251822844635", CodeKind::Path),
        ("https://data.example.cn/NW20170401725887367.html", "NW20170401725887367", CodeKind::Path),
        ("http://finance.eastmoney.com/a/202112082206928461.html", "NW202112082206928461", CodeKind::Digits),
        ("https://wap.eastmoney.com/news/1344,202112082206928461.html", "NW202112082206928461", CodeKind::Digits),
    ] {
        assert_eq!(code_of(link), (code.to_owned(), kind), "{link}");
    }
}

#[test]
fn links_that_hold_none() {
    for link in [
        "http://a.cn/SNOW202204222352631195.html",
        "http://a.cn/NW202213992352631195.html",
        "http://a.cn/NW202202302352631195.html",
        "http://a.cn/H2_AN1_1.pdf",
        "http://finance.eastmoney.com/a/20211208220692846100000.html",
        "http://finance.eastmoney.com/a/209913082206928461.html",
        "http://noteastmoney.com/a/202112082206928461.html",
        "http://a.cn/?infoCode=",
        "http://a.cn/NW20220422235263119500000.html",
        "http://a.cn/x?other=NW202204222352631195",
        "<>",
        "",
    ] {
        assert!(code_of(link).1.is_derived(), "{link}");
    }
}

#[test]
fn rules_come_in_order_and_addresses_within_a_rule() {
    let mut both = entry("http://b.cn/?infoCode=NW202201012352631195", "http://a.cn/AN201308280004279263_1.pdf");
    assert_eq!(one(&source(), both.clone()).code.as_str(), "NW202201012352631195", "a query anywhere precedes a path");
    both.id = None;
    both.links.push(Link {
        href: "http://a.cn/?infoCode=AP202605251822844635".into(),
        rel: "via".into(),
        ..Default::default()
    });
    assert_eq!(one(&source(), both.clone()).kind, CodeKind::Query);
    both.links[0].rel = "related".into();
    assert_eq!(one(&source(), both).kind, CodeKind::Path);
}

#[test]
fn the_operators_pattern_comes_first() {
    let mut source = source();
    source.info_code = Some(regex::Regex::new(r"/story/([a-z0-9-]+)").unwrap());
    let claim = one(&source, entry("http://x.com/story/abc-1", "http://x.com/NW202204222352631195"));
    assert_eq!((claim.code.as_str(), claim.kind), ("ABC-1", CodeKind::Pattern));
}

#[test]
fn a_body_gives_its_only_code_when_it_stands_bare_or_last() {
    let body = |html: &str| {
        one(&source(), ParsedEntry { content: Some(Text::html(html)), ..entry("", "http://x.com/1") }).kind
    };
    let code = "http://e.cn/s.html?infoCode=NW202204222352631195";
    assert_eq!(body(&format!("<p>x</p>{code}")), CodeKind::Body);
    assert_eq!(body(&format!("<a href='{code}'>original</a><p>x</p>")), CodeKind::Body);
    assert_eq!(body(&format!("<a href=\"{code}\">related</a> <a href='http://e.cn/'>home</a>")), CodeKind::Link);
    assert_eq!(body(&format!("{code} <a href='http://e.cn/AN201308280004279263'>x</a>")), CodeKind::Link);
    assert_eq!(body(&format!("<img src='{code}'>")), CodeKind::Link);
    assert_eq!(body("in passing NW202204222352631195"), CodeKind::Link);
}

fn post(file: &str) -> ParsedEntry {
    let file =
        Element { namespace: "urn:syndic:post".into(), name: "file".into(), text: file.into(), ..Default::default() };
    ParsedEntry { extensions: vec![file], ..entry("", "") }
}

#[test]
fn a_posts_file_name_is_read_and_taken_out() {
    for file in ["2022-04-22-NW202204222352631195", "2022-4-22-202204222352631195", "-202204222352631195"] {
        let claim = one(&folder(), post(file));
        assert_eq!((claim.code.as_str(), claim.kind), ("NW202204222352631195", CodeKind::FileName), "{file}");
        assert!(claim.entry.extensions.is_empty());
    }
    for file in ["2022-04-22-a-title", "-202213992352631195", "2022-04-22-2022042223526311950000"] {
        assert!(one(&folder(), post(file)).kind.is_derived(), "{file}");
    }
}

#[test]
fn front_matter_precedes_the_link_and_the_link_the_file_name() {
    let mut post = post("2022-04-22-202204222352631195");
    post.link = Some("http://a.cn/?infoCode=AN201308280004279263".into());
    assert_eq!(one(&folder(), post.clone()).kind, CodeKind::Query);
    post.named_code = InfoCode::parse("x-0123");
    let claim = one(&folder(), post.clone());
    assert_eq!((claim.code.as_str(), claim.kind), ("X-0123", CodeKind::FrontMatter));
    assert_eq!(one(&source(), post).kind, CodeKind::Query, "a feed does not name codes over its links");
}

#[test]
fn derived_codes_take_the_first_value_that_names_the_entry() {
    let kind = |entry| one(&source(), entry).kind;
    assert_eq!(kind(entry("g", "http://x.com/1")), CodeKind::Guid);
    assert_eq!(kind(entry(" ", "http://x.com/1")), CodeKind::Link);
    assert_eq!(kind(entry("", "")), CodeKind::Title);
    let code = one(&source(), entry("g", "")).code;
    assert_eq!(code, InfoCode::derived("example.com", CodeKind::Guid, "g"));
}

#[test]
fn canonical_links() {
    for (link, canonical) in [
        ("HTTPS://User@WWW.Example.com:443/A?b=2&utm_source=x&a=1&spm=3#top", "www.example.com/A?b=2&a=1"),
        ("http://example.com:80/?from=rss", "example.com/"),
        ("http://example.com:8080/x?share_token=1&gclid=2", "example.com:8080/x"),
        ("not a url", "not a url"),
    ] {
        assert_eq!(canonical_link(link), canonical);
    }
}

#[test]
fn aliases_name_guid_and_link() {
    let claim = one(&source(), entry("http://x.com/g?1", "https://x.com/1?utm_source=a"));
    let texts: Vec<&str> = claim.aliases.iter().map(|alias| alias.0.as_str()).collect();
    assert_eq!(texts, ["guid:http://x.com/g?1", "guid:x.com/g?1", "link:x.com/1"]);
}

#[test]
fn a_guid_that_repeats_names_nothing() {
    let entries =
        vec![entry("same", "http://x.com/1"), entry("same", "http://x.com/2"), entry("own", "http://x.com/3")];
    let found = identify(&source(), None, entries, GuidTrust::Guid);
    let kinds: Vec<CodeKind> = found.claims.iter().map(|claim| claim.kind).collect();
    assert_eq!(kinds, [CodeKind::Link, CodeKind::Link, CodeKind::Guid]);
    assert_eq!(found.trust, GuidTrust::Guid, "three entries say too little");
    assert!(found.claims[0].aliases.iter().all(|alias| alias.0.starts_with("link:")));
}

#[test]
fn a_link_shared_by_entries_is_no_alias() {
    let found =
        identify(&source(), None, vec![entry("a", "http://x.com/"), entry("b", "http://x.com/")], GuidTrust::Guid);
    assert_eq!(found.claims.len(), 2);
    assert!(found.claims.iter().flat_map(|claim| &claim.aliases).all(|alias| !alias.0.starts_with("link:")));
}

#[test]
fn a_link_to_the_front_page_is_no_alias_beside_an_id() {
    let home = Some("https://x.com/blog/");
    for (link, names) in [("http://x.com/blog/", false), ("http://x.com/", false), ("http://x.com/blog/1", true)] {
        let found = identify(&source(), home, vec![entry("a", link)], GuidTrust::Guid);
        let aliases = &found.claims[0].aliases;
        assert_eq!(aliases.iter().any(|alias| alias.0.starts_with("link:")), names, "{link}");
        let found = identify(&source(), home, vec![entry("", link)], GuidTrust::Guid);
        assert_eq!(found.claims[0].kind, CodeKind::Link, "{link}: all there is");
    }
}

#[test]
fn an_entry_listed_twice_is_kept_once_and_noted() {
    let found =
        identify(&source(), None, vec![entry("a", "http://x.com/1"), entry("a", "http://x.com/1")], GuidTrust::Guid);
    assert_eq!((found.claims.len(), found.notes.len()), (1, 1));
    assert_eq!(found.claims[0].kind, CodeKind::Guid);
}

#[test]
fn trust_falls_beyond_five_in_a_hundred_and_never_rises() {
    let document = |bad: usize, of: usize| -> Vec<ParsedEntry> {
        (0..of)
            .map(|at| entry(&if at < bad { String::new() } else { format!("g{at}") }, &format!("http://x.com/{at}")))
            .collect()
    };
    let trust = |bad, of, before| identify(&source(), None, document(bad, of), before).trust;
    assert_eq!(trust(1, 40, GuidTrust::Guid), GuidTrust::Guid);
    assert_eq!(trust(2, 40, GuidTrust::Guid), GuidTrust::Guid, "exactly five in a hundred");
    assert_eq!(trust(3, 40, GuidTrust::Guid), GuidTrust::Link);
    assert_eq!(trust(1, 10, GuidTrust::Guid), GuidTrust::Guid, "one is an accident");
    assert_eq!(trust(5, 5, GuidTrust::Guid), GuidTrust::Guid, "too few to judge by");
    assert_eq!(trust(0, 40, GuidTrust::LinkDate), GuidTrust::LinkDate);
    let same_link: Vec<_> = (0..12)
        .map(|at| ParsedEntry { title: Some(Text::plain(at.to_string())), ..entry("0", "http://x.com/") })
        .collect();
    let found = identify(&source(), None, same_link, GuidTrust::Guid);
    assert_eq!((found.trust, found.notes.len() >= 2), (GuidTrust::LinkDate, true));
}

#[test]
fn without_trust_in_guids_they_are_no_aliases() {
    let found = identify(&source(), None, vec![entry("a", "http://x.com/1")], GuidTrust::Link);
    assert_eq!(found.claims[0].aliases, [alias("link", "x.com/1")]);
    assert_eq!(found.claims[0].kind, CodeKind::Link);
}

#[test]
fn link_and_date_tell_entries_of_one_link_apart() {
    let dated = |date: &str| ParsedEntry { published: Some(RawDate(date.into())), ..entry("", "http://x.com/") };
    let found = identify(&source(), None, vec![dated("2022-01-01"), dated("2022-01-02")], GuidTrust::LinkDate);
    assert_eq!(found.claims.len(), 2);
    let by_text = |claim: &Claim| claim.aliases.iter().all(|alias| alias.0.starts_with("text:"));
    assert!(found.claims.iter().all(|claim| by_text(claim) && claim.kind == CodeKind::Link));
}

fn said(title: &str, text: &str) -> ParsedEntry {
    let title = (!title.is_empty()).then(|| Text::plain(title));
    ParsedEntry { title, content: Some(Text::html(text)), ..Default::default() }
}

fn identified(entries: &[ParsedEntry]) -> Vec<Claim> {
    identify(&source(), None, entries.to_vec(), GuidTrust::Guid).claims
}

#[test]
fn texts_tell_apart_what_nothing_else_does_and_only_that() {
    let three = [said("", "<p>one</p>"), said("", "two"), said("", "<img src='3.png'>")];
    let claims = identified(&three);
    assert_eq!(claims.iter().map(|claim| claim.kind).collect::<Vec<_>>(), [CodeKind::Text; 3]);
    assert_eq!(identified(&[said("", "<div>\n one<img src='track?2'></div>")])[0].code, claims[0].code, "what is read");
    assert_eq!(identified(&[said("", "one"), said("", "<b>one</b>")]).len(), 1, "equal in all");
    let home = |text: &str| ParsedEntry { link: Some("http://x.com/".into()), ..said("Status", text) };
    assert_eq!(identified(&[home("a"), home("b"), home("c")]).len(), 3, "a link and a title that repeat");
    for named in [entry("g", ""), entry("", "http://x.com/1"), said("Title", "a")] {
        let corrected = ParsedEntry { content: Some(Text::html("corrected")), ..named.clone() };
        assert_eq!(identified(&[named])[0].code, identified(&[corrected])[0].code, "a name is a name");
    }
    let dated = ParsedEntry { published: Some(RawDate("2022-01-01".into())), ..said("", "a") };
    assert_eq!(identified(&[dated])[0].kind, CodeKind::Title, "so is a date");
    assert_eq!(identified(&[said("", ""), said("", " ")]).len(), 1, "nothing at all");
}

#[test]
fn an_entry_is_found_by_its_text_whatever_its_neighbours_are() {
    let alone = identified(&[said("Status", "a")]);
    let beside = identified(&[said("Status", "b"), said("Status", "a")]);
    assert_eq!((alone[0].kind, beside[1].kind), (CodeKind::Title, CodeKind::Text));
    assert_eq!(alone[0].aliases, beside[1].aliases);
    assert_ne!(beside[0].aliases, beside[1].aliases);
}

#[test]
fn the_hash_changes_with_anything_said_and_with_nothing_else() {
    let first = entry("a", "b");
    assert_eq!(hash::raw_hash(&first), hash::raw_hash(&first.clone()));
    let mut other = first.clone();
    (other.id, other.link) = (Some("ab".into()), Some(String::new()));
    assert_ne!(hash::raw_hash(&first), hash::raw_hash(&other));
    other = first.clone();
    other.summary = Some(Text::plain(""));
    assert_ne!(hash::raw_hash(&first), hash::raw_hash(&other));
}
