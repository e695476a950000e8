//! Ends that were forgotten: what cannot stand inside an element shows that the element is over. Without this, one
//! missing `/` would take the id, the text and the link behind it along.

use super::{Builder, Open, declare::is_frame};
use crate::parse::xml::{Id, Kind, Ns};

/// Ends that may be forgotten one after the other: all that stands open is looked at for each element that begins.
const FORGOTTEN: usize = 8;

impl Builder<'_> {
    /// Closes what a feed or an entry is made of, when the next such part begins and only such parts stand open.
    pub(super) fn close_forgotten(&mut self, qualified: &str, attributes: &str) {
        // What declares its own vocabulary (XHTML, most often) is not what its name alone would be here.
        if !self.open.last().is_some_and(|open| self.is_part(open.id)) || attributes.contains("xmlns") {
            return;
        }
        let is_frame = |open: &Open| open.entry || is_frame(open.qualified);
        let Some(above) = self.open.iter().rev().take(FORGOTTEN + 1).position(is_frame) else { return };
        let from = self.open.len() - above;
        let (ns, name) = self.resolve(qualified);
        let parts = self.open.get(from..).unwrap_or_default();
        if !parts.iter().all(|open| self.is_part(open.id)) {
            return;
        }
        let in_text = parts.iter().any(|open| self.is_text(open.id));
        // Parts of one vocabulary of extensions stand inside each other, but hardly in those of another.
        let is_other = EXTENSIONS.contains(&ns) && !parts.iter().any(|open| self.named(open.id).0 == ns);
        let is_html = in_text && ns == Ns::Rss && name == "link" && !attributes.is_empty();
        if (is_other || begins(ns, &name)) && !is_html {
            self.damage.crossed_tags = true;
            self.close_down_to(from);
        }
    }

    fn named(&self, id: Id) -> (Ns, &str, &str) {
        match self.tree.node(id).map(|node| &node.kind) {
            Some(Kind::Element { ns, name, attributes, .. }) => (*ns, name, attributes),
            _ => (Ns::Other, "", ""),
        }
    }

    /// Whether an element rightly holds characters at the most, or parts of its own vocabulary only.
    fn is_part(&self, id: Id) -> bool {
        let (ns, name, attributes) = self.named(id);
        match ns {
            // Persons and sources hold elements as well; with characters, they are those of RSS, which do not.
            Ns::Rss | Ns::Atom if matches!(name, "author" | "source") => self.begins_with_characters(id),
            Ns::Rss | Ns::Atom if name == "content" => !attributes.contains("xml"),
            Ns::Rss => RSS.contains(&name) && !matches!(name, "image" | "textinput" | "skiphours" | "skipdays"),
            Ns::Atom => ATOM.contains(&name) && name != "contributor",
            Ns::Content => name == "encoded",
            Ns::Podcast => !matches!(name, "liveitem" | "remoteitem"),
            Ns::Dc => true,
            _ => EXTENSIONS.contains(&ns),
        }
    }

    /// Whether HTML may stand inside as it is.
    fn is_text(&self, id: Id) -> bool {
        let (ns, name, _) = self.named(id);
        ns == Ns::Content || matches!((ns, name), (Ns::Rss | Ns::Atom, "description" | "content" | "summary"))
    }

    fn begins_with_characters(&self, id: Id) -> bool {
        let first = self.tree.node(id).and_then(|node| node.first).and_then(|first| self.tree.node(first));
        first.is_some_and(|node| matches!(&node.kind, Kind::Text(text) if !text.trim().is_empty()))
    }
}

/// Whether an element of that name is a part of a feed or an entry wherever it stands.
fn begins(ns: Ns, name: &str) -> bool {
    match ns {
        Ns::Rss => RSS.contains(&name),
        Ns::Atom => ATOM.contains(&name) || name == "author",
        Ns::Content => name == "encoded",
        Ns::Dc => true,
        // The three stand inside others of that vocabulary.
        Ns::Itunes => !matches!(name, "category" | "name" | "email"),
        _ => false,
    }
}

/// Vocabularies whose elements hold no part of a feed or an entry.
const EXTENSIONS: [Ns; 8] = [Ns::Itunes, Ns::Media, Ns::Podcast, Ns::Sy, Ns::Slash, Ns::Wfw, Ns::Thr, Ns::CcRss];

const RSS: [&str; 24] = [
    "title",
    "link",
    "guid",
    "description",
    "pubdate",
    "author",
    "category",
    "enclosure",
    "comments",
    "source",
    "content:encoded",
    "language",
    "copyright",
    "managingeditor",
    "webmaster",
    "lastbuilddate",
    "generator",
    "docs",
    "ttl",
    "rating",
    "image",
    "textinput",
    "skiphours",
    "skipdays",
];

const ATOM: [&str; 15] = [
    "id",
    "title",
    "subtitle",
    "link",
    "updated",
    "published",
    "summary",
    "content",
    "category",
    "contributor",
    "generator",
    "icon",
    "logo",
    "rights",
    "issued",
];
