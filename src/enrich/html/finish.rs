//! The last word on what the HTML parser let through: URLs made absolute, pixels and hidden parts out, bare spans unwrapped.
//! Reads the parser's own output only, in which every tag is balanced and every attribute quoted, in one linear pass.

use super::{
    super::text,
    address::{SCHEMES, absolute, is_placeholder, loaded, srcset},
    allowed::{ATTRIBUTES, EVERYWHERE, INLINE, LAZY, UNWRAPPED, VOID},
};
use std::borrow::Cow;
use url::Url;

/// What a fragment may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A body.
    Block,
    /// A title: inline elements only.
    Inline,
}

/// A fragment after one pass.
pub struct Finished {
    /// The fragment.
    pub html: String,
    /// Nothing in it is of the kinds that a parser would read another way than it stands.
    pub reads_the_same: bool,
}

/// Finishes the parser's output.
pub fn finish(html: &str, base: Option<&Url>, shape: Shape) -> Finished {
    let legal = text::legal(html);
    let mut pass = Pass {
        base,
        shape,
        out: String::with_capacity(html.len()),
        open: Vec::new(),
        hidden: 0,
        sound: matches!(legal, Cow::Borrowed(_)),
    };
    let mut rest: &str = &legal;
    while let Some((before, tag)) = rest.split_once('<') {
        pass.text(before);
        let (tag, after) = split_tag(tag);
        match tag.strip_prefix('/') {
            Some(name) => pass.end(name),
            None => pass.start(tag, after),
        }
        rest = after;
    }
    pass.text(rest);
    Finished { html: pass.out, reads_the_same: pass.sound }
}

struct Pass<'a> {
    base: Option<&'a Url>,
    shape: Shape,
    out: String,
    /// Open elements: name, and whether their tags are shown.
    open: Vec<(String, bool)>,
    /// Depth of open elements since the hidden one that we are in; 0 outside.
    hidden: usize,
    sound: bool,
}

impl Pass<'_> {
    fn text(&mut self, text: &str) {
        if self.hidden > 0 || text.is_empty() {
            return;
        }
        let in_table = self.open.last().is_some_and(|(name, _)| {
            matches!(name.as_str(), "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
        });
        self.sound &= !in_table || text.trim().is_empty();
        self.out.push_str(text);
    }

    fn end(&mut self, name: &str) {
        if self.hidden > 0 {
            self.hidden -= 1;
            if self.hidden > 0 || self.open.last().is_none_or(|(open, _)| open != name) {
                return;
            }
            self.open.pop();
            return;
        }
        if let Some((name, true)) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }

    fn start(&mut self, tag: &str, after: &str) {
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let void = VOID.contains(&name);
        if self.hidden > 0 {
            self.hidden += usize::from(!void);
            return;
        }
        let attributes = attributes_of(attributes);
        if is_hidden(&attributes) {
            if !void {
                self.hidden = 1;
                self.open.push((name.to_owned(), false));
            }
            return;
        }
        let shown = self.shown(name, attributes);
        self.sound &= shown.is_none() || self.stands_here(name) && !(name == "pre" && after.starts_with('\n'));
        if let Some(attributes) = &shown {
            self.write(name, attributes);
        }
        if !void {
            self.open.push((name.to_owned(), shown.is_some()));
        }
    }

    fn write(&mut self, name: &str, attributes: &[(&str, String)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.out.push_str(&text::escape_attribute(value));
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// The attributes to show; `None` when the tag itself is not.
    fn shown<'t>(&self, name: &str, given: Vec<(&'t str, Cow<'t, str>)>) -> Option<Vec<(&'t str, String)>> {
        if self.shape == Shape::Inline && !INLINE.contains(&name) {
            return None;
        }
        let lazy =
            || given.iter().filter(|(name, _)| LAZY.contains(name)).find_map(|(_, value)| loaded(value, self.base));
        let mut kept: Vec<(&str, String)> = given
            .iter()
            .filter_map(|(attribute, value)| Some((*attribute, self.value(name, attribute, value)?)))
            .collect();
        match name {
            "img" => {
                let placeholder =
                    kept.iter().find(|(name, _)| *name == "src").is_none_or(|(_, src)| is_placeholder(src));
                if let Some(real) = placeholder.then(lazy).flatten() {
                    kept.retain(|(name, _)| *name != "src");
                    kept.insert(0, ("src", real));
                }
                let has = |wanted: &str| kept.iter().any(|(name, _)| *name == wanted);
                ((has("src") || has("srcset")) && !is_pixel(&kept)).then_some(kept)
            }
            "source" | "track" => kept.iter().any(|(name, _)| *name == "src" || *name == "srcset").then_some(kept),
            "a" => {
                if kept.iter().any(|(name, _)| *name == "href") {
                    kept.push(("rel", "noopener noreferrer nofollow".to_owned()));
                }
                Some(kept)
            }
            // Without the browser's controls nobody could play it.
            "audio" | "video" => {
                if !kept.iter().any(|(name, _)| *name == "controls") {
                    kept.push(("controls", String::new()));
                }
                Some(kept)
            }
            _ if UNWRAPPED.contains(&name) && kept.is_empty() => None,
            "font" | "center" => None,
            _ => Some(kept),
        }
    }

    fn value(&self, element: &str, attribute: &str, value: &str) -> Option<String> {
        let own =
            ATTRIBUTES.iter().find(|(name, _)| *name == element).is_some_and(|(_, names)| names.contains(&attribute));
        if !own && !EVERYWHERE.contains(&attribute) {
            return None;
        }
        match attribute {
            "href" | "cite" => absolute(value, self.base, SCHEMES),
            "src" | "poster" => loaded(value, self.base),
            "srcset" => srcset(value, self.base),
            "dir" => matches!(value, "ltr" | "rtl" | "auto").then(|| value.to_owned()),
            _ => Some(value.to_owned()),
        }
    }

    /// Whether a parser would leave a start tag where it stands. Says no too often rather than too seldom: that costs one more pass.
    fn stands_here(&self, name: &str) -> bool {
        let within = |wanted: &[&str]| self.open.iter().any(|(open, shown)| *shown && wanted.contains(&open.as_str()));
        let parent = self.open.iter().rev().find(|(_, shown)| *shown).map_or("", |(open, _)| open.as_str());
        let nearest = |of: &[&str]| {
            self.open
                .iter()
                .rev()
                .find(|(open, shown)| *shown && of.contains(&open.as_str()))
                .map_or("", |(open, _)| open.as_str())
        };
        let in_table_part = matches!(parent, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup");
        match name {
            "a" => !within(&["a"]) && !in_table_part,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                !within(&["p", "h1", "h2", "h3", "h4", "h5", "h6"]) && !in_table_part
            }
            "li" => matches!(nearest(&["ul", "ol", "li"]), "ul" | "ol") && !within(&["p"]),
            "dt" | "dd" => nearest(&["dl", "dt", "dd"]) == "dl" && !within(&["p"]),
            "caption" | "colgroup" | "thead" | "tbody" | "tfoot" => parent == "table",
            "col" => parent == "colgroup",
            "tr" => matches!(parent, "tbody" | "thead" | "tfoot"),
            "td" | "th" => parent == "tr",
            "rt" | "rp" => parent == "ruby",
            "p" | "div" | "ul" | "ol" | "dl" | "table" | "blockquote" | "pre" | "hr" | "figure" | "figcaption"
            | "section" | "article" | "aside" | "details" | "summary" | "header" | "footer" | "main" | "nav"
            | "address" => !within(&["p"]) && !in_table_part,
            _ => !in_table_part,
        }
    }
}

/// The tag's inside and what follows; quotes are respected, as values may hold `>`.
pub fn split_tag(tag: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, b) in tag.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b'>' if !quoted => {
                return (tag.get(..at).unwrap_or(""), tag.get(at + 1..).unwrap_or(""));
            }
            _ => {}
        }
    }
    (tag, "")
}

/// Names and values of a tag's attributes, as the parser writes them.
pub fn attributes_of(mut text: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut found = Vec::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let (value, rest) = rest.split_once('"').unwrap_or((rest, ""));
        found.push((name.trim(), text::unescape(value)));
        text = rest;
    }
    found
}

fn is_hidden(attributes: &[(&str, Cow<str>)]) -> bool {
    attributes.iter().any(|(name, value)| match *name {
        "hidden" => true,
        "style" => {
            let style: String = value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        }
        _ => false,
    })
}

fn is_pixel(attributes: &[(&str, String)]) -> bool {
    let tiny = |wanted: &str| {
        attributes
            .iter()
            .any(|(name, value)| *name == wanted && matches!(value.trim().trim_end_matches("px"), "0" | "1"))
    };
    tiny("width") && tiny("height")
}
