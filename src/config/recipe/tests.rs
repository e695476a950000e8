//! Recipes, broken one way each, and what must be said about them; and good ones.

use super::super::{ConfigErrors, Loaded, Overrides, load::parse_with};
use crate::model::{Form, From, Next, Slot, WantedText};
use std::path::Path;

fn parse(lines: &str) -> Result<Loaded, ConfigErrors> {
    let text = format!("[[source]]\nid = \"a\"\nurl = \"https://example.org/list\"\n{lines}\n");
    parse_with(&text, Path::new("feeds.toml"), &Overrides::default(), &|_| None)
}

const LIST: &str = "[source.json]\nitems = \"$.records[*]\"\ncode = \"$.infoCode\"\n";
const PAGE: &str = "[source.page]\nitems = \"li\"\n";

#[test]
fn each_broken_recipe_is_explained_where_it_is_broken() {
    let json = |line: &str| format!("{LIST}{line}");
    let page = |line: &str| format!("{PAGE}{line}");
    // The recipe, the line of it that is marked, the key, what is said.
    let cases: [(String, usize, &str, &[&str]); 32] = [
        ("[source.json]\nlink = \"$.url\"".to_owned(), 1, "items", &["[source.json] without `items`", "a JSONPath"]),
        ("[source.json]\nitems = \"$.a[*]\"".to_owned(), 1, "json", &["nothing tells the entries", "link = \"$.url\""]),
        (
            "[source.json]\nitems = \"data.list\"\nid = \"$.id\"".to_owned(),
            2,
            "items",
            &["not a JSONPath", "did you mean `$.data.list`?"],
        ),
        ("[source.json]\nitems = \"$..a..b\"\nid = \"$.id\"".to_owned(), 2, "items", &["more than one `..`"]),
        (json("title = \"title\""), 4, "title", &["is no path", "did you mean `$.title`?"]),
        (json("titel = \"$.t\""), 4, "titel", &["unknown key `titel` in [source.json]", "did you mean `title`?"]),
        (json("title = 7"), 4, "title", &["`title` cannot be a number", "a path such as"]),
        (json("link = \"https://x/{cod}\""), 4, "link", &["`{cod}` stands for nothing", "code"]),
        (json("title = \"{code}\"\nlink = \"https://x/{title}\""), 5, "link", &["`{title}` stands for nothing"]),
        (json("link = \"https://x/{code\""), 4, "link", &["a `{` without a `}`"]),
        (json("title = { path = \"$.t\", cut = \"a(b)(c)\" }"), 4, "cut", &["2 groups, not one"]),
        (json("title = { path = \"$.t\", text = \"x\" }"), 4, "title", &["comes from one place"]),
        (json("title = {}"), 4, "title", &["comes from one place"]),
        (json("title = { path = \"$.t\", select = \"a\" }"), 4, "select", &["unknown key `select`"]),
        (json("strip = \"x\""), 4, "strip", &["0 groups, not one"]),
        (json("pages = 3"), 4, "pages", &["without a way to the next document"]),
        (json("pages = 51\nnext = \"$.next\""), 4, "pages", &["`pages` cannot be 51"]),
        (json("next = \"/list/{pgae}\""), 4, "next", &["stands for nothing in a request", "did you mean `page`?"]),
        (json("next = \"/list/{now}\""), 4, "next", &["would be the same one"]),
        (json("query = { c = \"{cursor}\" }"), 1, "json", &["`{cursor}` stands for nothing", "cursor ="]),
        (json("query = { c = \"{x}\" }"), 4, "c", &["stands for nothing in a request"]),
        (json("query = \"a=b\""), 4, "query", &["`query` cannot be text"]),
        (json("content_type = \"text/plain\""), 4, "content_type", &["without a `body`"]),
        (
            json("cursor = { path = \"$.c\", cut = \"(.)\" }\nquery = { c = \"{cursor}\" }"),
            4,
            "cursor",
            &["nothing is cut"],
        ),
        (
            "[source.page]\nlink = \"a@href\"".to_owned(),
            1,
            "items",
            &["[source.page] without `items`", "a CSS selector"],
        ),
        (page("link = \"a[@href\""), 3, "link", &["is not a CSS selector"]),
        (page("link = \"{$.x}\""), 3, "link", &["a page has no JSONPath"]),
        (page("strip = \"(x)\""), 3, "strip", &["unknown key `strip` in [source.page]"]),
        (format!("{PAGE}{LIST}"), 1, "page", &["read in one way only"]),
        (
            "[source.sitemap]\nitems = \"$[*]\"".to_owned(),
            2,
            "items",
            &["unknown key `items` in [source.sitemap]", "pages"],
        ),
        ("[source]\n".replace("[source]", "[[source.json]]"), 1, "json", &["`json` cannot be a list"]),
        ("[source.sitemap]\npages = 0".to_owned(), 2, "pages", &["`pages` cannot be 0"]),
    ];
    for (lines, line, key, parts) in cases {
        let errors = parse(&lines).err().unwrap_or_else(|| panic!("accepted: {lines}"));
        let told = errors.to_string();
        assert_eq!(errors.diagnostics.len(), 1, "{lines}\n{told}");
        assert_eq!(errors.diagnostics[0].line, Some(3 + line), "{lines}\n{told}");
        assert!(errors.diagnostics[0].key.as_ref().is_some_and(|it| it.ends_with(key)), "{lines}\n{errors:?}");
        parts.iter().for_each(|part| assert!(told.contains(part), "{lines}\nlacks {part}:\n{told}"));
    }
    let folder = "[[source]]\nid = \"a\"\npath = \".\"\n[source.sitemap]\n";
    let told = parse_with(folder, Path::new("feeds.toml"), &Overrides::default(), &|_| None).unwrap_err().to_string();
    assert!(told.contains("a folder of posts is not read by [source.sitemap]"), "{told}");
}

#[test]
fn a_recipe_is_made_ready() {
    let lines = format!(
        "{LIST}title = {{ path = \"$.t\", cut = '^(?:\\d+:)?(.*)' }}\nlink = \"https://x.example/{{code}}/{{$.n}}\"\nauthor = {{ text = \"本报\" }}\n\
         next = \"/list?p={{page}}\"\npages = 4\nfirst_page = 0\nquery = {{ t = \"{{now}}\", a = \"b\" }}\nbody = '{{\"p\":{{page}},\"x\":{{}}}}'\n"
    );
    let source = parse(&lines).unwrap().config.sources[0].clone();
    let recipe = source.recipe.as_ref().unwrap();
    assert!(matches!(&recipe.form, Form::Json { items, .. } if items.as_str() == "$.records[*]"));
    let slots: Vec<_> = recipe.fields.iter().map(|drawn| drawn.slot).collect();
    assert_eq!(slots, [Slot::Code, Slot::Title, Slot::Link, Slot::Author]);
    assert_eq!(recipe.drawn(Slot::Title).unwrap().spot.to_string(), "feeds.toml:7 `source[a].json.title`");
    assert!(matches!(&recipe.next, Some(Next::Made(template)) if template.as_str() == "/list?p={page}"));
    assert_eq!((recipe.pages, recipe.first_page, recipe.asked.query.len()), (4, 0, 2));
    let (body, kind) = recipe.asked.post.as_ref().unwrap();
    assert_eq!((body.places().collect::<Vec<_>>(), kind.as_str()), (vec!["page"], "application/json"));
    assert_ne!(source.reading(), 0);
    let moved = parse(&format!("\n\n{lines}")).unwrap().config.sources[0].clone();
    assert_eq!(source.reading(), moved.reading(), "on other lines it is the same recipe");
}

#[test]
fn a_page_needs_no_more_than_its_items() {
    let source = parse(&format!("{PAGE}content = \"p\"\n")).unwrap().config.sources[0].clone();
    let recipe = source.recipe.as_ref().unwrap();
    let written = |slot: Slot| match &recipe.drawn(slot).unwrap().from {
        From::Choice(choice) => (choice.words(), choice.take.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(written(Slot::Link).0, "a[href]@href");
    assert_eq!(written(Slot::Title), ("a[href]".to_owned(), crate::css::Take::Text));
    assert_eq!(written(Slot::Content), ("p".to_owned(), crate::css::Take::Html));
    assert!(parse("[source.sitemap]\n").unwrap().config.sources[0].recipe.is_some());
}

#[test]
fn where_the_text_of_an_article_is() {
    let wanted = |lines: &str| parse(&format!("{LIST}{lines}\n")).unwrap().config.sources[0].full_text.clone().unwrap();
    let WantedText::Detail(detail) = wanted(
        "[source.detail]\nurl = \"https://api.example/d?c={code}\"\ncontent = \"$.data.body\"\nauthor = \"$.data.by\"",
    ) else {
        panic!()
    };
    assert_eq!(detail.fields.len(), 2);
    for (lines, line, parts) in [
        (
            "[source.detail]\nurl = \"https://{code}.example/d\"\ncontent = \"$.b\"",
            5,
            ["leads to a host", "beginning with"],
        ),
        ("[source.detail]\nurl = \"/d/{code}\"\ncontent = \"$.b\"", 5, ["leads to a host", "beginning with"]),
        ("[source.detail]\nurl = \"https://a.example/{title}\"", 5, ["`{title}` stands for nothing", "{code}"]),
        ("[source.detail]\ncontent = \"$.b\"\ntitle = \"h1\"", 6, ["is no path", "`$`"]),
        ("[source.detail]\ncontent = \"p[\"", 5, ["not a CSS selector", "selector"]),
        ("[source.detail]\nimage = \"img@src\"", 5, ["unknown key `image`", "[source.detail]"]),
    ] {
        let errors = parse(&format!("{LIST}{lines}\n")).err().unwrap_or_else(|| panic!("accepted: {lines}"));
        let told = errors.to_string();
        assert_eq!((errors.diagnostics.len(), errors.diagnostics[0].line), (1, Some(3 + line)), "{lines}\n{told}");
        parts.iter().for_each(|part| assert!(told.contains(part), "{lines}\nlacks {part}:\n{told}"));
    }
    let both = parse(&format!("full_text = true\n{LIST}[source.detail]\n")).unwrap_err().to_string();
    assert!(both.contains("both `full_text` and [source.detail]"), "{both}");
}
