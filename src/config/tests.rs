//! feeds.toml files, broken one way each, and what must be said about them; and good ones.

use super::{Config, ConfigErrors, Loaded, Overrides, Part, Severity, load::parse_with};
use crate::model::{Secret, SourceKind, WantedText};
use std::path::Path;

fn parse(text: &str) -> Result<Loaded, ConfigErrors> {
    let env = |name: &str| match name {
        "KEY" => Some("s3cret".to_owned()),
        "PROXY" => Some("https://me:hush@p.example".to_owned()),
        _ => None,
    };
    parse_with(text, Path::new("feeds.toml"), &Overrides::default(), &env)
}

const ONE: &str = "[[source]]\nid = \"a\"\nurl = \"https://example.org/feed\"\n";

/// A file (a good source is added in front of it), the line and column counted from its own first line, and what is said.
const BROKEN: &[(&str, usize, usize, &[&str])] = &[
    ("[site]\ntitel = \"x\"", 2, 1, &["unknown key `titel` in [site]", "did you mean `title`?"]),
    ("[[sources]]\nid = \"b\"", 1, 3, &["unknown key `sources`", "did you mean `source`?"]),
    ("[site]\ntitle = 7", 2, 9, &["`title` cannot be a number", "text in quotes"]),
    ("[site]\ntitle = \"\"", 2, 9, &["`title` is empty"]),
    ("[site]\ntitle = \"新闻\" x", 2, 14, &["not TOML"]),
    ("[site]\nlanguage = \"zh_CN\"", 2, 12, &["not a language tag", "did you mean `zh-CN`?"]),
    ("[site]\ntimezone = \"Asia/Shangai\"", 2, 12, &["unknown time zone", "did you mean `Asia/Shanghai`?"]),
    ("[site]\ntimezone = \"Asia/Beijing\"", 2, 12, &["did you mean `Asia/Shanghai`?"]),
    ("[site]\nurl = \"/news\"", 2, 7, &["not a whole address"]),
    ("[site]\nurl = \"https://example.org/?a=1\"", 2, 7, &["more than a host and a path"]),
    ("[[site]]\ntitle = \"x\"", 1, 1, &["`site` can stand only once", "single brackets"]),
    ("[server]\nlisten = \"8080\"", 2, 10, &["cannot listen on `8080`", "did you mean `127.0.0.1:8080`?"]),
    ("[server]\ntrusted_proxies = [\"10.0.0.0/33\"]", 2, 20, &["neither an address nor a network"]),
    ("[store]\ncache = \"0\"", 2, 9, &["not a usable size", "15MiB"]),
    ("[store]\neditions = 0", 2, 12, &["`editions` cannot be 0"]),
    ("[poll]\nmin = \"soon\"", 2, 7, &["`soon` is not a duration"]),
    ("[poll]\nmin = \"10ms\"", 2, 7, &["more than once a second"]),
    ("[poll]\nmin = \"2h\"\nmax = \"1h\"", 2, 7, &["is longer than `max`"]),
    ("[[host]]\nname = \"example.org\"", 1, 1, &["[[host]] without `every`", "500ms"]),
    (
        "[[host]]\nname = \"https://example.org/\"\nevery = \"5s\"",
        2,
        8,
        &["no name of a host", "did you mean `example.org`?"],
    ),
    ("[[host]]\nname = \"example.org\"\nevery = \"2h\"", 3, 9, &["more than an hour"]),
    (
        "[[host]]\nname = \"example.org\"\npause = \"2s\"\nevery = \"2s\"",
        3,
        1,
        &["unknown key `pause` in [[host]]", "name, every"],
    ),
    (
        "[[host]]\nname = \"example.org\"\nevery = \"2s\"\n[[host]]\nname = \"Example.ORG.\"\nevery = \"2s\"",
        5,
        8,
        &["two [[host]] with the name `example.org`"],
    ),
    ("[poll]\nconcurrency = 0", 2, 15, &["`concurrency` cannot be 0"]),
    ("[fetch]\nallow = [\"localhost:80\", \"10.0.0.0\"]", 2, 26, &["neither host:port", "did you mean `10.0.0.0/32`?"]),
    ("[fetch]\nallow = \"localhost:80\"", 2, 9, &["`allow` cannot be text", "a list"]),
    ("[fetch]\ndns = [\"ns.example\"]", 2, 8, &["`ns.example` is not the address of a name server"]),
    ("[publish]\ncredit = \"yes\"", 2, 10, &["true or false"]),
    ("[[category]]\nslug = \"World News\"", 2, 8, &["cannot stand in an address", "did you mean `world-news`?"]),
    ("[[category]]\ntitle = \"x\"", 1, 1, &["[[category]] without `slug`"]),
    ("[[category]]\nslug = \"x\"\n[[category]]\nslug = \"x\"", 4, 8, &["two categories with the slug `x`"]),
    ("[[category]]\nslug = \"x\"\naliases = [\"x\"]", 3, 12, &["already a slug or an alias"]),
    ("[[publisher]]\naliases = [\"a\"]", 1, 1, &["[[publisher]] without `name`"]),
    ("[[source]]\nid = \"a\"\nurl = \"https://b.example/\"", 2, 6, &["two sources with the id `a`"]),
    ("[[source]]\nid = \"b\"", 1, 1, &["without `url` or `path`"]),
    ("[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\npath = \".\"", 4, 8, &["not both"]),
    ("[[source]]\nurl = \"https://b.example/\"", 1, 1, &["[[source]] without `id`"]),
    ("[[source]]\nid = \"b\"\nurl = \"ftp://b.example/\"", 3, 7, &["a scheme that cannot be used"]),
    ("[[source]]\nid = \"b\"\nurl = \"b.example/feed\"", 3, 7, &["did you mean `https://b.example/feed`?"]),
    ("[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\ncontent = \"ful\"", 4, 11, &["did you mean `full`?"]),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nevery = \"1m\"",
        4,
        9,
        &["shorter than `[poll] min` (15m)"],
    ),
    ("[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\ninfo_code = '(a'", 4, 13, &["not a regular expression"]),
    ("[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\ninfo_code = '(a)(b)'", 4, 13, &["has 2 groups"]),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { X = { env = \"NOPE\" } }",
        4,
        17,
        &["`NOPE`", "source[b].headers.X"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { X = { file = \"nope\" } }",
        4,
        17,
        &["`nope`", "source[b].headers.X"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { \"X Key\" = \"k\" }",
        4,
        13,
        &["`X Key` is not the name of a header", "X-Api-Key"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { Host = \"b.example\" }",
        4,
        13,
        &["`Host` is a header that each request gets by itself"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { X-A = \"1\", x-a = \"2\" }",
        4,
        24,
        &["`x-a` stands twice"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { X = \"é\" }",
        4,
        17,
        &["the value of `X` cannot stand in a header", "plain ASCII"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nauth = { user = \"me:pw\", password = \"x\" }",
        4,
        17,
        &["cannot hold a colon"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nauth = { user = \"me\" }",
        4,
        8,
        &["`auth` without `password`"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nheaders = { Authorization = \"Bearer x\" }\nauth = { user = \"me\", password = \"x\" }",
        5,
        8,
        &["both in `auth` and in the header Authorization"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nproxy = \"p.example:3128\"",
        4,
        9,
        &["lacks http://", "did you mean `http://p.example:3128`?"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nproxy = \"ftp://p.example\"",
        4,
        9,
        &["a scheme that cannot be used", "socks5h://localhost:1080"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nproxy = \"http://p.example/pac\"",
        4,
        9,
        &["nothing behind them"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nproxy = { env = \"NOPE\" }",
        4,
        9,
        &["`NOPE`", "source[b].proxy"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\nproxy = { env = \"KEY\" }",
        4,
        9,
        &["`proxy` is not a whole address"],
    ),
    (
        "[[category]]\nslug = \"world\"\n[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\ncategory = \"wrold\"",
        6,
        12,
        &["did you mean `world`?"],
    ),
    (
        "[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n[[source.rule]]\naction = \"drop\"",
        5,
        10,
        &["`action` cannot be `drop`"],
    ),
];

#[test]
fn each_broken_file_is_explained_where_it_is_broken() {
    for (text, line, column, fragments) in BROKEN {
        let errors = parse(&format!("{ONE}{text}\n")).err().unwrap_or_else(|| panic!("accepted: {text}"));
        let found: Vec<_> = errors.diagnostics.iter().filter(|it| it.severity == Severity::Error).collect();
        assert_eq!(found.len(), 1, "{text}\n{errors}");
        assert_eq!((found[0].line, found[0].column), (Some(line + 3), Some(*column)), "{text}\n{errors}");
        for fragment in *fragments {
            assert!(errors.to_string().contains(fragment), "{text}\nlacks {fragment}:\n{errors}");
        }
    }
}

#[test]
fn all_problems_are_reported_at_once_in_the_files_order() {
    let errors = parse("[poll]\nmin = 1\n[site]\nlanguage = \"?\"\n[[source]]\nid = \"A\"\n").unwrap_err();
    let lines: Vec<_> = errors.diagnostics.iter().filter_map(|it| it.line).collect();
    assert_eq!(lines, [2, 4, 5, 6]);
}

#[test]
fn an_empty_file_asks_for_a_source() {
    assert!(parse("").unwrap_err().to_string().contains("needs at least one [[source]]"));
}

#[test]
fn a_folder_that_is_not_there_is_a_warning_because_it_may_come() {
    let Loaded { config, warnings, .. } = parse("[[source]]\nid = \"b\"\npath = \"no/such\"").unwrap();
    assert_eq!((config.sources.len(), warnings.len(), warnings[0].line), (1, 1, Some(3)));
    assert!(warnings[0].message.contains("cannot find `no/such`"), "{warnings:?}");
}

#[test]
fn a_missing_file_says_how_to_make_one() {
    let errors = Config::load(Path::new("no/such/feeds.toml"), &Overrides::default()).unwrap_err();
    let text = errors.to_string();
    assert!(text.contains("no/such/feeds.toml") && text.contains("[[source]]"), "{text}");
}

#[test]
fn no_secret_is_shown() {
    let text = "[[source]]\nid = \"b\"\nurl = \"htp://me:hunter2@b.example/\"\nauth = { user = \"me\", pasword = 1, password = \"hunter3\" }\n";
    let errors = parse(text).unwrap_err();
    let json = serde_json::to_string(&errors.diagnostics).unwrap();
    assert!(!errors.to_string().contains("hunter") && !json.contains("hunter"), "{errors}");
    assert!(json.contains(r#""severity":"error""#));
}

#[test]
fn a_source_alone_gets_every_default() {
    let Loaded { config, warnings, .. } = parse(ONE).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(config.site.url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!((config.publish.entries, config.poll.concurrency), (50, 32));
    assert_eq!(config.sources[0].namespace, "example.org");
    assert!(config.sources[0].publish_url && config.sources[0].credit);
}

#[test]
fn credentials_leave_the_url_and_hide_it() {
    let text = "[[source]]\nid = \"b\"\nurl = \"https://m%40e:p%3Aw@news.example.co.uk/f\"\nheaders = { X = { env = \"KEY\" } }\n";
    let config = parse(text).unwrap().config;
    let source = &config.sources[0];
    assert_eq!(source.url().unwrap().as_str(), "https://news.example.co.uk/f");
    assert_eq!(source.auth, Some(("m@e".to_owned(), Secret::new("p:w".to_owned()))));
    assert_eq!(source.headers, [("X".to_owned(), Secret::new("s3cret".to_owned()))]);
    assert_eq!(source.namespace, "example.co.uk");
    assert!(!source.publish_url);
}

#[test]
fn a_proxy_is_read_from_where_it_stands_and_never_shown() {
    let proxy = |value: &str| {
        let config = parse(&format!("{ONE}proxy = {value}\n")).unwrap().config;
        let source = config.sources[0].clone();
        assert!(source.publish_url, "a proxy says nothing of the address behind it");
        assert!(!format!("{source:?}").contains("hush"), "{source:?}");
        source.proxy.clone().unwrap().reveal().to_string()
    };
    assert_eq!(proxy("\"socks5h://localhost\""), "socks5h://localhost:1080");
    assert_eq!(proxy("\"http://me:hush@p.example:3128\""), "http://me:hush@p.example:3128/");
    assert_eq!(proxy("{ env = \"PROXY\" }"), "https://me:hush@p.example/");
    let errors = parse(&format!("{ONE}proxy = \"htp://me:hush@p.example\"\n")).unwrap_err();
    assert!(!errors.to_string().contains("hush"), "{errors}");
}

#[test]
fn a_theme_is_read_with_the_file_and_all_that_is_wrong_with_it_is_told() {
    let house = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(house.path().join(name), text).unwrap();
    put("footer.html", "<p>© {{ title }} {{root}}</p>");
    put("more.css", ":root { --link: #00f }");
    put("foter.html", "");
    let folder = house.path().display();
    let text = format!("[site]\ntitle = \"A & B\"\nurl = \"https://a.example/n/\"\ntheme = \"{folder}\"\n{ONE}");
    let Loaded { config, warnings, .. } = parse(&text).unwrap();
    assert_eq!(config.site.theme.part(Part::Footer), Some("<p>© A &amp; B /n</p>"));
    assert_eq!(
        (config.site.theme.part(Part::Header), &*config.site.theme.style("a")),
        (None, "a\n:root { --link: #00f }")
    );
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].message.contains("foter.html") && warnings[0].suggestion.as_deref() == Some("footer.html"));
    put("header.html", "<p>\n{{ titel }}");
    put("style.css", "\u{0}");
    std::fs::write(house.path().join("head.html"), [0xff]).unwrap();
    let errors = parse(&text).unwrap_err().to_string();
    for part in ["header.html:2: nothing is called `titel`", "{{ root }}", "head.html of the theme: not UTF-8"] {
        assert!(errors.contains(part), "{part} in {errors}");
    }
    let nowhere = parse(&text.replace(&folder.to_string(), "/nowhere")).unwrap_err().to_string();
    assert!(nowhere.contains("cannot read the theme's folder /nowhere"), "{nowhere}");
    let other = parse(&format!("[site]\nimages = false\n{ONE}")).unwrap().config.hash;
    assert_ne!(parse(ONE).unwrap().config.hash, other, "pages drawn before are drawn again");
}

#[test]
fn rules_delays_and_retention_are_read_where_they_stand() {
    let text = format!(
        "[store]\nretention = \"90d\"\n[[category]]\nslug = \"news\"\nkeep = 500\n{ONE}category = \"news\"\nnot_before = \"1h\"\nnot_after = \"2d\"\nretention = \"never\"\n[[source.rule]]\naction = \"exclude\"\nmatch = \"广告\"\n[[source.rule]]\naction = \"include\"\nfield = \"text\"\nwords = [\"铁路\"]\n"
    );
    let Loaded { config, warnings, .. } = parse(&text).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let source = &config.sources[0];
    assert_eq!(
        source.rules.filters.iter().map(|rule| rule.words()).collect::<Vec<_>>(),
        ["exclude title ~ /广告/", "include text has 铁路"]
    );
    let hours = |hours: u64| Some(std::time::Duration::from_secs(hours * 3600));
    assert_eq!((source.not_before, source.not_after), (hours(1), hours(48)));
    let retention = config.retention();
    assert_eq!(
        (retention.otherwise.age, retention.sources.values().next().copied()),
        (hours(90 * 24), Some(Default::default()))
    );
    assert_eq!(retention.categories.values().next().unwrap().keep, Some(500));
}

#[test]
fn each_kind_of_rule_is_read_and_made_ready() {
    let text = format!(
        "{ONE}max_entries = 20\nmin_length = 30\n\
         [[source.rule]]\naction = \"exclude\"\nfield = \"age\"\nmatch = \"30d\"\n\
         [[source.rule]]\naction = \"include\"\nfield = \"age\"\nmatch = \"90d\"\n\
         [[source.rule]]\naction = \"include\"\nfield = \"age\"\nmatch = \"> 1h\"\n\
         [[source.rule]]\naction = \"replace\"\nmatch = '^(\\d+)版 '\nwith = \"第${{1}}版：\"\n\
         [[source.rule]]\naction = \"replace\"\nfield = \"link\"\nwords = [\"//M.\"]\nwith = \"//$.\"\n\
         [[source.rule]]\naction = \"remove\"\nselect = \".ad, p > a[href*='x']\"\n"
    );
    let Loaded { config, warnings, .. } = parse(&text).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let rules = &config.sources[0].rules;
    assert_eq!((rules.max_entries, rules.min_length), (Some(20), Some(30)));
    let filters: Vec<_> = rules.filters.iter().map(|rule| rule.words()).collect();
    assert_eq!(filters, ["exclude age > 30d", "include age < 90d", "include age > 1h"]);
    let replacements: Vec<_> = rules.replacements.iter().map(|rule| rule.words()).collect();
    assert_eq!(
        replacements,
        [r"replace title ~ /^(\d+)版 / with `第${1}版：`", r"replace link ~ ///M\./ with `//$$.`"]
    );
    assert_eq!(rules.removals[0].as_str(), ".ad, p > a[href*='x']");
    assert_ne!(rules.reading(), 0);
    assert_eq!(parse(ONE).unwrap().config.sources[0].rules.reading(), 0, "no rule, nothing to read again");
}

#[test]
fn a_rule_that_cannot_work_is_explained_where_it_stands() {
    let bomb = "action = \"exclude\"\nmatch = '((a{1000}){1000}){1000}'";
    // The lines of a rule, the line of it that is marked (1 is `[[source.rule]]`), the key, what is said.
    for (lines, line, key, part) in [
        ("action = \"exclude\"", 1, "rule", "does not say what it looks for"),
        ("action = \"exclude\"\nwords = []", 3, "words", "holds nothing to look for"),
        ("action = \"exclude\"\nwords = [\" \"]", 3, "words", "holds nothing to look for"),
        ("action = \"exclude\"\nwords = \"a\"", 3, "words", "`words` cannot be text"),
        ("action = \"exclude\"\nmatch = \"a\"\nwords = [\"b\"]", 4, "words", "both `match` and `words`"),
        ("action = \"exclude\"\nmatch = '(a'", 3, "match", "not a regular expression"),
        ("action = \"exclude\"\nmatch = '(a)\\1'", 3, "match", "not a regular expression"),
        (bomb, 3, "match", "size limit"),
        ("action = \"replace\"\nmatch = 'a{1000000}'\nwith = \"b\"", 3, "match", "size limit"),
        ("action = \"exclud\"\nmatch = \"a\"", 2, "action", "did you mean `exclude`?"),
        ("action = \"exclude\"\nfield = \"titel\"\nmatch = \"a\"", 3, "field", "did you mean `title`?"),
        ("action = \"exclude\"\nmacht = \"a\"\nwords = [\"b\"]", 3, "macht", "did you mean `match`?"),
        (
            "action = \"exclude\"\nmatch = \"a\"\nselect = \".b\"",
            4,
            "select",
            "means nothing where action = \"exclude\"",
        ),
        ("action = \"remove\"", 1, "rule", "does not say what it removes"),
        ("action = \"remove\"\nselect = \"p[\"", 3, "select", "`p[` is not a CSS selector"),
        ("action = \"remove\"\nselect = \"p\"\nmatch = \"a\"", 4, "match", "means nothing where action = \"remove\""),
        ("action = \"replace\"\nfield = \"text\"\nmatch = \"a\"", 3, "field", "only a title or a link"),
        ("action = \"replace\"\nmatch = \"(a)\"\nwith = \"$1b\"", 4, "with", "has no group `1b`"),
        ("action = \"replace\"\nmatch = \"(a)\"\nwith = \"${2}\"", 4, "with", "has no group `2`"),
        ("action = \"exclude\"\nfield = \"age\"\nmatch = \"old\"", 4, "match", "`old` is not a duration"),
        ("action = \"exclude\"\nfield = \"age\"\nwords = [\"30d\"]", 4, "words", "an age is no words"),
        ("action = \"exclude\"\nfield = \"age\"", 1, "rule", "does not say which age"),
    ] {
        let errors = parse(&format!("{ONE}[[source.rule]]\n{lines}\n")).unwrap_err();
        let told = errors.to_string();
        assert!(told.contains(part) && told.contains('^'), "{lines}\n{told}");
        let found = errors
            .diagnostics
            .iter()
            .any(|it| it.line == Some(3 + line) && it.key.as_ref().is_some_and(|it| it.ends_with(key)));
        assert!(found, "line {line}, key {key}: {lines}\n{:?}", errors.diagnostics);
    }
    let gap = "[[source.rule]]\naction = \"include\"\nfield = \"age\"\n";
    for (text, part) in [
        (format!("{ONE}not_before = \"2h\"\nnot_after = \"1h\"\n"), "expire before they are shown"),
        (format!("{ONE}max_entries = 0\n"), "`max_entries` cannot be 0"),
        (format!("{ONE}min_length = \"long\"\n"), "`min_length` cannot be text"),
        (format!("{ONE}{gap}match = \"< 1d\"\n{gap}match = \"> 2d\"\n"), "hidden, and shown again later"),
        (
            format!("{ONE}{}", "[[source.rule]]\naction = \"exclude\"\nmatch = \"a\"\n".repeat(201)),
            "more than 200 rules",
        ),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn the_same_address_twice_is_a_warning() {
    let warnings =
        parse(&format!("{ONE}[[source]]\nid = \"b\"\nurl = \"http://example.org/feed/\"\n")).unwrap().warnings;
    assert_eq!(warnings[0].line, Some(6));
}

#[test]
fn undeclared_categories_come_from_sources_where_none_is_declared() {
    let config = parse(&format!("{ONE}categories = [\"x\", \"y\"]\n")).unwrap().config;
    let slugs: Vec<_> = config.categories.iter().map(|it| it.slug.as_str()).collect();
    assert_eq!(slugs, ["x", "y"]);
}

#[test]
fn the_hash_follows_what_is_published_only() {
    let of = |tail: &str| parse(&format!("{ONE}{tail}")).unwrap().config.hash;
    assert_eq!(of(""), of("every = \"1h\"\n[poll]\nmax = \"9h\"\n"));
    assert_ne!(of(""), of("content = \"full\"\n"));
    assert_ne!(of(""), of("[site]\ntitle = \"x\"\n"));
}

#[test]
fn the_command_line_stands_above_the_file() {
    let overrides = Overrides { data: Some("elsewhere".into()), listen: Some("nowhere".to_owned()) };
    let errors = Config::parse(ONE, Path::new("feeds.toml"), &overrides).unwrap_err();
    assert!(errors.to_string().contains("cannot listen on `nowhere`"));
    let overrides = Overrides { listen: Some("[::]:9".to_owned()), ..overrides };
    let config = Config::parse(ONE, Path::new("feeds.toml"), &overrides).unwrap().config;
    assert_eq!(config.store.path, Path::new("elsewhere"));
    assert_eq!(config.site.url.as_str(), "http://[::1]:9/");
}

#[test]
fn the_shipped_file_loads_without_a_word() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml");
    let Loaded { config, warnings, .. } = Config::load(&path, &Overrides::default()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(config.sources.len() >= 7);
    let SourceKind::Folder(posts) = &config.sources[0].kind else { panic!("the samples are a folder") };
    assert!(posts.read_dir().unwrap().count() >= 15);
}

#[test]
fn a_config_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Config>();
}

const EVERYTHING: &str = r#"
[site]
title = "新闻"
url = "https://news.example.org/base/"
description = "d"
language = "zh-CN"
timezone = "asia/shanghai"
rights = "r"
contact = "https://example.org/about"
[server]
listen = "localhost:9000"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
cache = "8MiB"
requests = 5
burst = 50
connections = 100
client_connections = 10
[store]
path = "store"
cache = "32MiB"
editions = 3
retention = "never"
[poll]
min = "1s"
max = "2h"
concurrency = 4
max_new = 9
websub = false
[fetch]
user_agent = "me/1"
max_bytes = 1000
timeout = "5s"
allow = ["LocalHost:8000", "[::1]:80", "10.0.0.0/8"]
[[host]]
name = "Feeds.Example.org"
every = "500ms"
[publish]
entries = 20
new_source_entries = 0
credit = false
hub = false
[[category]]
slug = "x"
title = "X"
description = "d"
entries = 7
token = { env = "KEY" }
aliases = ["old-x"]
[[publisher]]
name = "上海证券报"
aliases = ["上证报"]
[[source]]
id = "b"
url = "http://10.0.0.1:81/feed#top"
category = "x"
title = "B"
homepage = "https://b.example/"
rights = "r"
language = "en"
timezone = "Europe/Berlin"
namespace = "b"
content = "link"
credit = true
every = "1s"
headers = { X-Key = "v" }
auth = { user = "u", password = { env = "KEY" } }
info_code = 'id=(\d+)'
enabled = false
publish_url = false
[[source]]
id = "c"
url = "http://10.0.0.1:81/other"
"#;

#[test]
fn everything_that_can_be_said_is_heard() {
    let Loaded { config, warnings, .. } = parse(EVERYTHING).unwrap();
    let later: Vec<_> = warnings.iter().filter_map(|warning| warning.key.as_deref()).collect();
    assert!(later.is_empty(), "{warnings:?}");
    assert_eq!(config.server.trusted_proxies, [("127.0.0.1".parse().unwrap(), 32), ("10.0.0.0".parse().unwrap(), 8)]);
    assert_eq!((config.server.cache, config.server.requests, config.server.burst), (8 << 20, 5, 50));
    assert_eq!((config.server.connections, config.server.client_connections), (100, 10));
    assert_eq!(config.site.url.as_str(), "https://news.example.org/base");
    assert_eq!(config.server.listen.port(), 9000);
    assert_eq!(config.fetch.allow.len(), 3);
    assert_eq!(config.fetch.allow[0], super::Allow::HostPort("localhost".to_owned(), 8000));
    assert_eq!((config.store.cache, config.fetch.max_bytes), (32 << 20, 1000));
    assert_eq!(config.publishers["上证报"], "上海证券报");
    assert_eq!(config.categories[0].token.as_deref(), Some("s3cret"));
    let [b, c] = config.sources.as_slice() else { panic!("two sources") };
    assert_eq!((b.namespace.as_str(), c.namespace.as_str()), ("b", "10.0.0.1:81"));
    assert_eq!((b.timezone, c.timezone), (Some(chrono_tz::Europe::Berlin), Some(chrono_tz::Asia::Shanghai)));
    assert_eq!(b.categories[0].title, "X");
    assert!(!b.enabled && b.credit && !c.credit && !b.publish_url && c.publish_url);
    assert_eq!(b.url().unwrap().as_str(), "http://10.0.0.1:81/feed");
}

#[test]
fn wide_characters_keep_the_mark_under_the_value() {
    let text =
        "[site]\ntitle = \"新闻\"\ntimezone = 7 # 时区\n[[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n新 = 1\n";
    let shown = parse(&text.replace("\n新 = 1", "\n\"新\" = { a = \"闻\", b = 2 }")).unwrap_err().to_string();
    println!("{shown}");
    assert!(shown.contains("3 | timezone = 7 # 时区\n  |            ^"), "{shown}");
}

#[test]
fn hubs_elsewhere_are_named_once_and_are_not_our_own() {
    let parsed =
        |hubs: &str| parse(&format!("[site]\nurl = \"https://news.example/base\"\n[publish]\nhubs = [{hubs}]\n{ONE}"));
    let good = parsed("\"https://hub.example/\", \"http://other.example/hub?x=1\"").unwrap();
    assert_eq!(good.config.publish.hubs.len(), 2);
    assert!(good.warnings.is_empty(), "{:?}", good.warnings);
    let local = parse(&format!("[publish]\nhubs = [\"https://hub.example/\"]\n{ONE}")).unwrap();
    assert!(local.warnings[0].message.contains("cannot reach"), "{:?}", local.warnings);
    for (bad, said) in [
        ("\"hub.example\"", "https://hub.example"),
        ("\"https://me:pw@hub.example/\"", "password"),
        ("\"https://hub.example/#x\"", "fragment"),
        ("\"https://news.example/base/hub\"", "our own"),
        ("\"https://hub.example/\", \"https://hub.example\"", "twice"),
        ("7", "text in quotes"),
    ] {
        let errors = parsed(bad).unwrap_err();
        assert!(errors.to_string().contains(said), "{bad}: {errors}");
        assert!(!errors.to_string().contains("me:pw"), "{errors}");
    }
    let many: Vec<String> = (0..11).map(|number| format!("\"https://h{number}.example/\"")).collect();
    assert!(parsed(&many.join(", ")).unwrap_err().to_string().contains("at most 10"));
}

#[test]
fn full_text_is_true_or_a_selector() {
    let wanted = |line: &str| parse(&format!("{ONE}{line}\n")).map(|loaded| loaded.config.sources[0].full_text.clone());
    assert!(matches!(wanted("full_text = true").unwrap(), Some(WantedText::Extracted)));
    assert!(wanted("full_text = false").unwrap().is_none());
    assert!(matches!(wanted("full_text = \"article .text\"").unwrap(), Some(WantedText::Chosen(_))));
    for bad in ["full_text = \"p[\"", "full_text = \"\"", "full_text = 3"] {
        let errors = wanted(bad).unwrap_err().diagnostics;
        assert_eq!(errors.len(), 1, "{bad}: {errors:?}");
        assert_eq!(errors[0].key.as_deref(), Some("source[a].full_text"), "{bad}");
    }
}
