//! All sections but `[[source]]`.

use super::{
    Default::{None, Value, Words},
    Form::{Address, Age, Count, Duration, Flag, Language, List, OneOf, Secret, Size, Slug, Table, Tables, Text, Zone},
    Key, TableOfKeys, key,
    lesser::{EXPORT, HOST},
    needed,
    source::SOURCE,
};

const MOST: usize = 100_000;

/// feeds.toml itself.
pub const ROOT: TableOfKeys = TableOfKeys {
    heading: "feeds.toml",
    about: "What syndic reads, and what it publishes from it. Nothing but one source with an id and an address is needed. \
            Paths start at the folder of feeds.toml.",
    keys: &[
        key(
            "include",
            List(&Text),
            None,
            "[\"sources.d/*.toml\"]",
            "Files, or patterns of files, in which `[[source]]`, `[[category]]`, `[[publisher]]` and `[[host]]` go on; in the order of the patterns, then of the names.",
        ),
        key("site", Table(&SITE), None, "{}", ""),
        key("server", Table(&SERVER), None, "{}", ""),
        key("store", Table(&STORE), None, "{}", ""),
        key("poll", Table(&POLL), None, "{}", ""),
        key("fetch", Table(&FETCH), None, "{}", ""),
        key("publish", Table(&PUBLISH), None, "{}", ""),
        key("export", Table(&EXPORT), None, "{}", ""),
        key("host", Tables(&HOST), None, "[]", ""),
        key("category", Tables(&CATEGORY), None, "[]", ""),
        key("publisher", Tables(&PUBLISHER), None, "[]", ""),
        key("source", Tables(&SOURCE), None, "[]", ""),
    ],
};

const SITE: TableOfKeys = TableOfKeys {
    heading: "[site]",
    about: "Who publishes.",
    keys: &[
        key("title", Text, Value("\"syndic\""), "\"Harbour News\"", "Shown name of the site and of its feeds."),
        key(
            "url",
            Address,
            Words("the address that is listened on"),
            "\"https://news.example.org\"",
            "The public address; it may have a path. Every link is made from it, none from a request.",
        ),
        key(
            "description",
            Text,
            Value("\"What our sources publish, by category\""),
            "\"News of the harbour\"",
            "One sentence.",
        ),
        key("language", Language, Value("\"en\""), "\"zh-CN\"", "Of pages and credit lines."),
        key("timezone", Zone, None, "\"Europe/Berlin\"", "For dates that name no zone, where their source has none."),
        key("rights", Text, None, "\"CC BY 4.0\"", "A rights statement of our own feeds."),
        key(
            "contact",
            Text,
            None,
            "\"https://example.org/about\"",
            "Who to write to: it is told to the sites that are read when it is an address.",
        ),
        key("theme", Text, None, "\"my-theme\"", "A folder with a style sheet and parts of pages of your own."),
        key("images", Flag, Value("true"), "false", "Pages show pictures."),
        key("noindex", Flag, Value("false"), "true", "Pages ask search engines to leave them out."),
    ],
};

const SERVER: TableOfKeys = TableOfKeys {
    heading: "[server]",
    about: "Where it answers, and how much it gives to whom.",
    keys: &[
        key("listen", Text, Value("\"127.0.0.1:8080\""), "\"[::]:8080\"", "Address and port. Taken at the start only."),
        key(
            "trusted_proxies",
            List(&Text),
            Value("[]"),
            "[\"10.0.0.0/8\"]",
            "Addresses or networks whose word on who asks is believed.",
        ),
        key(
            "cache",
            Size,
            Value("\"32MiB\""),
            "\"64MiB\"",
            "Memory for rendered feeds, all codings counted. Taken at the start only.",
        ),
        key(
            "requests",
            Count(1, MOST),
            Value("20"),
            "50",
            "Requests a second that one client may send in the long run.",
        ),
        key("burst", Count(1, MOST), Value("400"), "100", "Requests that it may send at once."),
        key("connections", Count(8, MOST), Value("1024"), "256", "Connections at once. Taken at the start only."),
        key(
            "client_connections",
            Count(1, MOST),
            Value("64"),
            "16",
            "Connections at once of one client. Taken at the start only.",
        ),
        key(
            "status_token",
            Secret,
            None,
            "{ env = \"STATUS_TOKEN\" }",
            "Opens the operator's view of `/status.html`, `/status.json` and `/metrics`, and the feed of alarms, `/status.atom`.",
        ),
        key("access_log", Flag, Value("false"), "true", "A line in the log for each request, without its query."),
    ],
};

const STORE: TableOfKeys = TableOfKeys {
    heading: "[store]",
    about: "Where everything is kept, and for how long.",
    keys: &[
        key("path", Text, Value("\"data\""), "\"/var/lib/syndic\"", "The data folder. Taken at the start only."),
        key(
            "cache",
            Size,
            Value("\"64MiB\""),
            "\"256MiB\"",
            "Memory of the database, and a quarter of it again for entries read lately. Taken at the start only.",
        ),
        key(
            "editions",
            Count(1, 1000),
            Value("10"),
            "3",
            "Versions kept of an entry, the current one included. Taken at the start only.",
        ),
        RETENTION,
        KEEP,
        key(
            "removed",
            OneOf(&["keep", "hide", "purge"]),
            Value("\"keep\""),
            "\"hide\"",
            "What becomes of the entries of a source that is taken out of feeds.toml: they stay in their feeds; they are kept and seen nowhere; or they are seen nowhere, and dropped a day later.",
        ),
    ],
};

/// How much is kept: the same key in several tables.
pub(super) const RETENTION: Key = key(
    "retention",
    Age,
    None,
    "\"90d\"",
    "What no source lists any more is dropped when it is older. A source's own counts before its categories', theirs before that of `[store]`.",
);
/// The same by number.
pub(super) const KEEP: Key = key(
    "keep",
    Count(1, 1_000_000_000),
    None,
    "1000",
    "So many are kept of what no source lists any more: the newest.",
);

const POLL: TableOfKeys = TableOfKeys {
    heading: "[poll]",
    about: "How often sources are asked. The publisher's own wishes always lengthen an interval.",
    keys: &[
        key("min", Duration, Value("\"15m\""), "\"5m\"", "No source is asked more often. At least a second."),
        key("max", Duration, Value("\"24h\""), "\"12h\"", "Nor less often, as far as it goes by us."),
        key("concurrency", Count(1, 1024), Value("32"), "8", "Polls under way at once. Taken at the start only."),
        key(
            "max_new",
            Count(1, MOST),
            Value("200"),
            "50",
            "More new entries at once than this are held back until the next poll confirms them.",
        ),
        key("websub", Flag, Value("true"), "false", "Subscribe at the hubs that sources name."),
    ],
};

const FETCH: TableOfKeys = TableOfKeys {
    heading: "[fetch]",
    about: "How requests are made.",
    keys: &[
        key(
            "user_agent",
            Text,
            Words("syndic, its version and `[site] contact` or `url`"),
            "\"harbour/1 (+https://example.org/)\"",
            "Who asks. Plain ASCII.",
        ),
        key("max_bytes", Size, Value("\"15MiB\""), "\"5MiB\"", "Longest document, after decoding."),
        key("timeout", Duration, Value("\"30s\""), "\"10s\"", "For a whole request, redirects included."),
        key(
            "allow",
            List(&Text),
            Value("[]"),
            "[\"localhost:8000\", \"10.0.0.0/8\"]",
            "Machines of your own network that may be asked, `host:port` or a network; they are not asked slowly either.",
        ),
        key("dns", List(&Text), Words("the system's"), "[\"9.9.9.9\"]", "Name servers that are asked instead."),
    ],
};

const PUBLISH: TableOfKeys = TableOfKeys {
    heading: "[publish]",
    about: "What feeds hold.",
    keys: &[
        key("entries", Count(1, MOST), Value("50"), "20", "Entries in a feed."),
        key(
            "new_source_entries",
            Count(0, MOST),
            Value("10"),
            "0",
            "So many old entries of a newly added source enter the feeds of categories, tags and everything.",
        ),
        key("credit", Flag, Value("true"), "false", "A line at the end of each text that names and links its source."),
        key(
            "hub",
            Flag,
            Value("true"),
            "false",
            "Push what changes to whoever subscribes at `/hub`; needs a public `[site] url`.",
        ),
        key(
            "hubs",
            List(&Address),
            Value("[]"),
            "[\"https://hub.example.org/\"]",
            "Hubs elsewhere that are told when a feed has changed; ten at most.",
        ),
        key(
            "tags_allowed",
            List(&Text),
            Words("all"),
            "[\"rail\", \"城市\"]",
            "Of the publishers' own tags only these have feeds and pages.",
        ),
        key("tags_denied", List(&Text), Value("[]"), "[\"sports\"]", "None of these has."),
    ],
};

const CATEGORY: TableOfKeys = TableOfKeys {
    heading: "[[category]]",
    about: "A page and its feeds, `/category/<slug>.html .rss .atom .json`. Where no category is declared, sources make them by naming them; where one is, all must be.",
    keys: &[
        needed("slug", Slug, "\"rail\"", "Its name in addresses."),
        key("title", Text, Words("the slug"), "\"Rail\"", "Shown name."),
        key("description", Text, None, "\"Trains, lines, fares\"", "One sentence."),
        key("entries", Count(1, MOST), Words("`[publish] entries`"), "100", "Entries in its feeds."),
        key(
            "order",
            OneOf(&["date", "entered"]),
            Value("\"date\""),
            "\"entered\"",
            "By date, the newest first; or as they came, the last first.",
        ),
        key(
            "token",
            Secret,
            None,
            "{ env = \"RAIL_TOKEN\" }",
            "Makes it private: who has the token sees it, and it stands in no list.",
        ),
        key(
            "aliases",
            List(&Slug),
            Value("[]"),
            "[\"trains\"]",
            "Old slugs: their addresses lead here (301), and what stood in their feeds stands in this one.",
        ),
        RETENTION,
        KEEP,
    ],
};

const PUBLISHER: TableOfKeys = TableOfKeys {
    heading: "[[publisher]]",
    about: "Spellings that are one publisher, as they stand in `（文章来源：X）`.",
    keys: &[
        needed("name", Text, "\"新华社\"", "The name that is shown."),
        key("aliases", List(&Text), Value("[]"), "[\"新华网\"]", "Other spellings."),
    ],
};
