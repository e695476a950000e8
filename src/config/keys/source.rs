//! `[[source]]` and what stands in it.

use super::{
    Default::{None, Value, Words},
    Form::{
        Address, Count, Duration, Flag, FlagOrSelector, Language, List, OneOf, Pattern, Proxy, Secret, Secrets,
        Selector, Slug, Table, Tables, Text, Zone,
    },
    TableOfKeys, key, needed,
    recipe::{DETAIL, JSON, PAGE, SITEMAP},
    sections::{KEEP, RETENTION},
};

const MOST: usize = 1_000_000;

/// `[[source]]`.
pub(super) const SOURCE: TableOfKeys = TableOfKeys {
    heading: "[[source]]",
    about: "One thing that is read. It needs an id, and an address or a path.",
    keys: &[
        needed("id", Slug, "\"rust-blog\"", "Its name in addresses, messages and the store: never change it."),
        key(
            "url",
            Address,
            None,
            "\"https://example.org/feed.xml\"",
            "The feed. A user and a password in it hide the address wherever it would be shown.",
        ),
        key(
            "path",
            Text,
            None,
            "\"posts\"",
            "Instead of `url`: a folder of posts, or one with `_posts` in it; or a feed file.",
        ),
        key("enabled", Flag, Value("true"), "false", "Polled. What it brought stays published either way."),
        key(
            "category",
            Slug,
            None,
            "\"rail\"",
            "Where its entries stand. Posts of a folder without it say so themselves.",
        ),
        key("categories", List(&Slug), None, "[\"rail\", \"world\"]", "The same, where it is several."),
        key("title", Text, Words("the feed's own"), "\"The Rust Blog\"", "Shown name."),
        key("homepage", Address, Words("the feed's own"), "\"https://example.org/\"", "Its home page."),
        key("rights", Text, Words("the feed's own"), "\"© Example\"", "Rights statement."),
        key(
            "license",
            Address,
            None,
            "\"https://creativecommons.org/licenses/by/4.0/\"",
            "The licence its texts are under.",
        ),
        key("language", Language, Words("the feed's own"), "\"zh-CN\"", "Its language."),
        key("timezone", Zone, Words("that of `[site]`, else UTC"), "\"Asia/Shanghai\"", "For dates that name no zone."),
        key(
            "content",
            OneOf(&["excerpt", "full", "link"]),
            Value("\"excerpt\""),
            "\"full\"",
            "How much of each entry is published: 300 characters, all of it, or its title and link.",
        ),
        key("credit", Flag, Words("`[publish] credit`"), "false", "The line that names and links the source."),
        key(
            "full_text",
            FlagOrSelector,
            Value("false"),
            "\"article .content\"",
            "Fetch the page of each new entry for its text; a CSS selector says where on the page it is.",
        ),
        key(
            "every",
            Duration,
            Words("as often as it has news"),
            "\"1h\"",
            "The exact interval of its polls, at least `[poll] min`. The publisher's wishes still lengthen it.",
        ),
        key(
            "headers",
            Secrets,
            None,
            "{ X-Key = \"k\" }",
            "Headers that its requests carry. They hide its address wherever it would be shown.",
        ),
        key(
            "auth",
            Table(&AUTH),
            None,
            "{ user = \"me\", password = \"x\" }",
            "Basic credentials. They hide its address wherever it would be shown.",
        ),
        key(
            "proxy",
            Proxy,
            None,
            "\"socks5h://localhost:1080\"",
            "What its requests go through: http, https, socks5 or socks5h.",
        ),
        key("publish_url", Flag, Value("true"), "false", "Whether its address may be shown."),
        key(
            "namespace",
            Text,
            Words("the registered domain of its address, or its id"),
            "\"example.org\"",
            "Who owns the codes it brings first: sources that share one are one publisher's.",
        ),
        key(
            "info_code",
            Pattern,
            None,
            "'infoCode=(\\w+)'",
            "A pattern with one group that finds an entry's code in its link.",
        ),
        key("max_entries", Count(1, MOST), None, "50", "Of each document no more than its newest are taken in."),
        key("min_length", Count(1, MOST), None, "200", "Entries with fewer characters of text are not shown."),
        key("not_before", Duration, None, "\"1h\"", "Entries are shown so long after their date."),
        key("not_after", Duration, None, "\"30d\"", "And no longer than this."),
        RETENTION,
        KEEP,
        key("json", Table(&JSON), None, "{}", ""),
        key("page", Table(&PAGE), None, "{}", ""),
        key("sitemap", Table(&SITEMAP), None, "{}", ""),
        key("detail", Table(&DETAIL), None, "{}", ""),
        key("rule", Tables(&RULE), None, "[]", ""),
    ],
};

const AUTH: TableOfKeys = TableOfKeys {
    heading: "auth",
    about: "Basic credentials, sent to the origin of the source's address only.",
    keys: &[
        needed("user", Secret, "\"me\"", "The user's name; without a colon."),
        needed("password", Secret, "{ env = \"PASSWORD\" }", "The password."),
    ],
};

const RULE: TableOfKeys = TableOfKeys {
    heading: "[[source.rule]]",
    about: "Which entries of the source above it are shown, and what is changed in them. Rules apply to what is stored too; 200 at most.",
    keys: &[
        needed(
            "action",
            OneOf(&["include", "exclude", "replace", "remove"]),
            "\"exclude\"",
            "Only what one of these matches is shown; what one of these matches is not shown; other words in a title or link; markup taken out of the text.",
        ),
        key(
            "field",
            OneOf(&["title", "text", "author", "category", "link", "age"]),
            Value("\"title\""),
            "\"text\"",
            "Where to look; `replace` looks at `title` or `link`.",
        ),
        key("match", Pattern, None, "'(?i)advert'", "What to look for. For an age: `\"> 30d\"`, `\"< 2h\"`."),
        key(
            "words",
            List(&Text),
            None,
            "[\"广告\", \"sponsored\"]",
            "Instead of `match`: any of these, in upper or lower case.",
        ),
        key(
            "with",
            Text,
            Words("nothing"),
            "\"No. $1\"",
            "What stands there after `replace`; `$1` is the first group.",
        ),
        key("select", Selector, None, "\".advert\"", "What `remove` takes out."),
    ],
};
