//! What may be shown: the lists of elements and attributes, fit for news in readers and pages.

/// Elements that may be shown.
pub const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "big",
    "acronym",
    "address",
];
/// Elements that go with all that is in them.
pub const DROPPED: &[&str] = &[
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "applet",
    "noembed",
    "noframes",
    "noscript",
    "template",
    "textarea",
    "title",
    "xmp",
    "svg",
    "math",
    "select",
    "frameset",
    "frame",
    "base",
    "meta",
    "link",
    "head",
    "portal",
    "plaintext",
];
/// Attributes that reach `finish`, which decides on their values; it emits `ATTRIBUTES` only.
pub const SEEN: &[&str] = &["lang", "dir", "title", "style", "hidden"];

/// Attributes that may be shown, by element; `lang` and `dir` and `title` on all.
pub const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang"]),
    ("audio", &["src", "controls", "preload"]),
    ("blockquote", &["cite"]),
    ("q", &["cite"]),
    ("del", &["cite", "datetime"]),
    ("ins", &["cite", "datetime"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("data", &["value"]),
    ("details", &["open"]),
    ("img", &["src", "srcset", "sizes", "alt", "width", "height", "loading"]),
    ("li", &["value"]),
    ("ol", &["start", "reversed", "type"]),
    ("source", &["src", "srcset", "sizes", "type", "media"]),
    ("td", &["colspan", "rowspan", "headers"]),
    ("th", &["colspan", "rowspan", "headers", "scope"]),
    ("time", &["datetime"]),
    ("track", &["src", "srclang", "label", "kind"]),
    ("video", &["src", "poster", "controls", "preload", "width", "height"]),
];
/// Attributes that may be shown on every element.
pub const EVERYWHERE: &[&str] = &["lang", "dir", "title"];
/// Elements without an end tag.
pub const VOID: &[&str] = &["br", "col", "hr", "img", "source", "track", "wbr"];
/// Wrappers that say nothing without attributes, or only how to look.
pub const UNWRAPPED: &[&str] =
    &["span", "font", "center", "picture", "section", "article", "aside", "header", "footer", "main", "nav"];
/// Elements that may stand in a title.
pub const INLINE: &[&str] = &[
    "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby",
    "s", "samp", "small", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
/// Where readers' pages keep the address of an image that scripts would load later.
pub const LAZY: &[&str] = &["data-src", "data-original", "data-lazy-src", "data-actualsrc"];

/// The attributes of an element that are read but never shown.
pub fn lazy_attributes(element: &str) -> impl Iterator<Item = &'static str> {
    LAZY.iter().copied().filter(move |_| element == "img")
}
