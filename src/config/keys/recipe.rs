//! How a source is read that is no feed: `[source.json]`, `[source.page]`, `[source.sitemap]`, `[source.detail]`.

use super::{
    Default::{None, Value, Words},
    Form::{Count, Field, Path, Pattern, Selector, Text, Texts},
    TableOfKeys, key, needed,
};

/// `[source.json]`.
pub(super) const JSON: TableOfKeys = TableOfKeys {
    heading: "[source.json]",
    about: "A list in JSON. One of `link`, `code` and `id` must be there. See sources.md.",
    keys: &[
        needed("items", Path, "\"$.data.list[*]\"", "The items of the list."),
        key("strip", Pattern, None, "'cb\\((.*)\\)'", "What stands around the JSON: its one group is read."),
        key("code", Field, None, "\"$.code\"", "The publisher's own code of the entry."),
        key("id", Field, None, "\"$.id\"", "What tells the entry from others, where there is no code."),
        key("title", Field, None, "\"$.title\"", "Its title."),
        key("link", Field, None, "\"$.link\"", "Its page; relative ones start at the document."),
        key("published", Field, None, "\"$.published\"", "When it was published."),
        key("updated", Field, None, "\"$.updated\"", "When it was changed."),
        key("author", Field, None, "\"$.author\"", "Who wrote it."),
        key("publisher", Field, None, "\"$.publisher\"", "Who published it first."),
        key("summary", Field, None, "\"$.summary\"", "Its summary."),
        key("content", Field, None, "\"$.content\"", "Its text, as HTML."),
        key("tags", Field, None, "\"$.tags\"", "What it is about."),
        key("image", Field, None, "\"$.image\"", "A picture of it."),
        key(
            "pages",
            Count(1, 50),
            Words("5 where there is a way on, else 1"),
            "3",
            "Documents of the list that one poll reads, at most.",
        ),
        key(
            "next",
            Field,
            None,
            "\"$.next\"",
            "The address of the next document: where it stands, or made with {page} or {cursor}.",
        ),
        key("cursor", Field, None, "\"$.cursor\"", "What {cursor} stands for: where the document says it."),
        key("first_page", Count(0, 1_000_000), Value("1"), "0", "What {page} stands for in the first request."),
        key(
            "query",
            Texts,
            None,
            "{ t = \"{now}\" }",
            "Parameters of the request; {now}, {now_ms}, {today}, {last_id}, {page}, {cursor} are filled in.",
        ),
        key("body", Text, None, "'{\"size\": 20}'", "Sent by POST, with the same places."),
        key(
            "content_type",
            Text,
            Words("application/json"),
            "\"application/x-www-form-urlencoded\"",
            "What the body is.",
        ),
    ],
};

/// `[source.page]`.
pub(super) const PAGE: TableOfKeys = TableOfKeys {
    heading: "[source.page]",
    about: "A list in an HTML page. Without `link` and `title` the first link of each item is taken. See sources.md.",
    keys: &[
        needed("items", Selector, "\"ul.news > li\"", "The items of the list."),
        key("code", Field, None, "\"a@data-code\"", "The publisher's own code of the entry."),
        key("id", Field, None, "\"a@id\"", "What tells the entry from others, where there is no code."),
        key("title", Field, None, "\"h3\"", "Its title."),
        key("link", Field, None, "\"a@href\"", "Its page; relative ones start at the document."),
        key("published", Field, None, "\".date\"", "When it was published."),
        key("updated", Field, None, "\".changed\"", "When it was changed."),
        key("author", Field, None, "\".by\"", "Who wrote it."),
        key("publisher", Field, None, "\".from\"", "Who published it first."),
        key("summary", Field, None, "\".lead\"", "Its summary."),
        key("content", Field, None, "\".text\"", "Its text, as HTML."),
        key("tags", Field, None, "\".tag\"", "What it is about."),
        key("image", Field, None, "\"img@src\"", "A picture of it."),
        key(
            "pages",
            Count(1, 50),
            Words("5 where there is a way on, else 1"),
            "3",
            "Documents of the list that one poll reads, at most.",
        ),
        key(
            "next",
            Field,
            None,
            "\"a.next@href\"",
            "The address of the next document: where it stands, or made with {page} or {cursor}.",
        ),
        key("cursor", Field, None, "\"body@data-cursor\"", "What {cursor} stands for: where the document says it."),
        key("first_page", Count(0, 1_000_000), Value("1"), "0", "What {page} stands for in the first request."),
        key(
            "query",
            Texts,
            None,
            "{ t = \"{now}\" }",
            "Parameters of the request; {now}, {now_ms}, {today}, {last_id}, {page}, {cursor} are filled in.",
        ),
        key("body", Text, None, "'{\"size\": 20}'", "Sent by POST, with the same places."),
        key(
            "content_type",
            Text,
            Words("application/json"),
            "\"application/x-www-form-urlencoded\"",
            "What the body is.",
        ),
    ],
};

/// `[source.sitemap]`.
pub(super) const SITEMAP: TableOfKeys = TableOfKeys {
    heading: "[source.sitemap]",
    about: "A sitemap, or an index of some. It needs nothing more than its heading.",
    keys: &[key("pages", Count(1, 50), Value("5"), "3", "Sitemaps of an index that one poll reads, at most.")],
};

/// `[source.detail]`.
pub(super) const DETAIL: TableOfKeys = TableOfKeys {
    heading: "[source.detail]",
    about: "Where the text of an entry is, when its list holds less: instead of `full_text`.",
    keys: &[
        key(
            "url",
            Text,
            Words("the entry's link"),
            "\"https://example.org/detail/{code}\"",
            "The address, made with {code}, {id} or {link}.",
        ),
        key("strip", Pattern, None, "'cb\\((.*)\\)'", "What stands around JSON: its one group is read."),
        key("content", Field, Words("what looks like the article"), "\"article\"", "The text, as HTML."),
        key("title", Field, None, "\"h1\"", "Its title."),
        key("summary", Field, None, "\".lead\"", "Its summary."),
        key("author", Field, None, "\".by\"", "Who wrote it."),
        key("publisher", Field, None, "\".from\"", "Who published it first."),
        key("published", Field, None, "\".date\"", "When it was published."),
    ],
};
