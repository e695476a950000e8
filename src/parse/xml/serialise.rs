//! Markup inside an element → HTML text, every character and value escaped again; and the element as an extension.

use super::{Id, Kind, Ns, Tree, spelling};
use crate::{
    model::Element,
    parse::{limits, urls},
};
use url::Url;

/// RSS has no namespace; among other vocabularies this stands for it.
const RSS: &str = "http://backend.userland.com/rss2";

impl Tree<'_> {
    /// What stands inside an element, as HTML. Prefixes of XHTML are dropped, attributes and text escaped again.
    pub fn inner_html(&self, id: Id) -> String {
        let mut out = String::new();
        for child in self.children(id) {
            self.write_html(child, Ns::Xhtml, &mut out);
            if out.len() > limits::BODY {
                break;
            }
        }
        out
    }

    fn write_html(&self, id: Id, outer: Ns, out: &mut String) {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::Text(text)) => escape(text, out),
            Some(Kind::Element { ns, .. }) if out.len() <= limits::BODY => {
                let foreign = matches!(ns, Ns::Svg | Ns::MathMl);
                let name = if foreign { self.local(id) } else { self.name(id).1 };
                if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                    return self.children(id).for_each(|child| self.write_html(child, *ns, out));
                }
                out.push('<');
                out.push_str(name);
                if foreign && *ns != outer {
                    out.push_str(" xmlns=\"");
                    out.push_str(ns.uri());
                    out.push('"');
                }
                self.write_attributes(id, out);
                if self.node(id).is_some_and(|node| node.first.is_none()) && (foreign || is_void(name)) {
                    out.push_str(" />");
                    return;
                }
                out.push('>');
                self.children(id).for_each(|child| self.write_html(child, *ns, out));
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
            _ => {}
        }
    }

    fn write_attributes(&self, id: Id, out: &mut String) {
        for (name, value) in self.attributes(id) {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'));
            if !plain || name.starts_with("xmlns") || name == "xml:base" {
                continue;
            }
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(&value, out);
            out.push('"');
        }
    }

    /// The element as it is kept of another vocabulary; `left` counts down what may still be kept.
    pub fn element(&self, id: Id, depth: usize, left: &mut usize) -> Option<Element> {
        if *left == 0 || depth > limits::EXTENSION_DEPTH {
            return None;
        }
        *left -= 1;
        let (ns, _) = self.name(id);
        let base = self.base(id);
        let attributes = self.attributes(id).map(|(name, value)| (self.usual(name), value));
        let attributes = attributes.filter(|(name, _)| is_kept(name)).map(|(name, value)| {
            let local = name.rsplit(':').next().unwrap_or(&name).to_ascii_lowercase();
            let value = match local.as_str() {
                "url" | "href" | "uri" | "src" | "ref" | "source" | "resource" | "image" | "img" | "feedurl" => {
                    urls::resolve(base, &value).unwrap_or_default()
                }
                "srcset" => limits::cap(candidates(base, &value), limits::LINE),
                _ => limits::cap(value, limits::LINE),
            };
            (spelling::attribute(ns, &name), value)
        });
        let mut element = Element {
            namespace: if ns == Ns::Rss { RSS } else { ns.uri() }.to_owned(),
            name: spelling::element(ns, self.local(id)),
            attributes: attributes.filter(|(name, value)| !(value.is_empty() && name != "text")).collect(),
            text: self.element_text(id, ns, base),
            children: Vec::new(),
        };
        element.children = self
            .elements(id)
            .filter(|&child| {
                let (inner, name) = self.name(child);
                inner.passes(name) || (ns.holds_plain_elements() && matches!(inner, Ns::Rss | Ns::Atom))
            })
            .filter_map(|child| self.element(child, depth + 1, left))
            .collect();
        Some(element)
    }

    fn element_text(&self, id: Id, ns: Ns, base: Option<&Url>) -> String {
        let said = self.own_text(id);
        let address =
            matches!((ns, self.local(id)), (Ns::Wfw, _) | (Ns::Itunes, "new-feed-url") | (Ns::CcRss, "license"));
        let resolved = if address { urls::resolve(base, &said) } else { None };
        resolved.unwrap_or_else(|| limits::cap(said.trim().to_owned(), limits::LINE * 4))
    }
}

/// The addresses of a `srcset`, absolute, each with its size.
fn candidates(base: Option<&Url>, set: &str) -> String {
    let set = set.split_whitespace().collect::<Vec<_>>().join(" ");
    let resolved = set.split(", ").filter_map(|candidate| {
        let (address, size) = candidate.split_once(' ').unwrap_or((candidate, ""));
        Some(format!("{} {size}", urls::page(base, address)?).trim_end().to_owned())
    });
    resolved.collect::<Vec<_>>().join(", ")
}

impl Ns {
    /// podcast:liveItem holds elements of an item, media:scene some without a namespace.
    fn holds_plain_elements(self) -> bool {
        matches!(self, Ns::Podcast | Ns::Media)
    }

    /// The elements that are kept as they are: whole vocabularies, and of Dublin Core what our own fields do not hold.
    pub fn passes(self, name: &str) -> bool {
        match self {
            Ns::Itunes | Ns::Media | Ns::Podcast | Ns::Slash | Ns::Wfw | Ns::Thr | Ns::Psc => true,
            Ns::GeoRss | Ns::Geo | Ns::Gml | Ns::Cc | Ns::CcOld | Ns::CcRss => true,
            Ns::Dc => matches!(name, "publisher" | "format" | "coverage" | "relation" | "type" | "identifier"),
            Ns::DcTerms => !HELD.contains(&name),
            _ => false,
        }
    }
}

/// Terms of DCMI that fields of ours hold.
const HELD: [&str; 14] = [
    "title",
    "description",
    "abstract",
    "rights",
    "subject",
    "creator",
    "author",
    "contributor",
    "date",
    "created",
    "issued",
    "modified",
    "source",
    "language",
];

/// Attributes without a namespace, and the few of another one that say something, under their usual prefix.
fn is_kept(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, _)) => matches!(prefix, "rdf" | "thr" | "xlink"),
        None => name != "xmlns",
    }
}

fn escape(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let with = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(with);
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}
