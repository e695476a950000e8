//! A document as a bounded tree: damaged markup repaired and noted, namespaces by meaning, bases and languages in scope.

mod attributes;
mod build;
mod chars;
mod damage;
mod names;
mod scan;
mod serialise;
mod spelling;

pub use build::build;
pub use chars::named;
pub use damage::Damage;
pub use names::Ns;

use attributes::Attributes;
use std::borrow::Cow;
use url::Url;

/// Number of a node in its tree.
pub type Id = usize;

/// A whole document.
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    scopes: Vec<Scope>,
    /// Prefixes of this document's own for vocabularies whose attributes are read, with the usual ones.
    renamed: Vec<(&'a str, &'static str)>,
    /// What was wrong with it.
    pub damage: Damage,
    /// Deepest nesting met.
    pub depth: usize,
    /// Reading stopped at a bound: which, in words.
    pub stopped: Option<String>,
}

struct Node<'a> {
    kind: Kind<'a>,
    first: Option<Id>,
    last: Option<Id>,
    next: Option<Id>,
    scope: usize,
    /// False for what the end of the document cut off.
    closed: bool,
}

enum Kind<'a> {
    Element { ns: Ns, name: Cow<'a, str>, qualified: &'a str, attributes: &'a str },
    Text(Cow<'a, str>),
}

/// What is inherited.
#[derive(Clone, Default)]
struct Scope {
    base: Option<Url>,
    /// The base comes from the document, not from where it was fetched.
    own_base: bool,
    language: Option<String>,
}

impl<'a> Tree<'a> {
    /// The outermost element.
    pub fn root(&self) -> Option<Id> {
        self.nodes.iter().position(|node| matches!(node.kind, Kind::Element { .. }))
    }

    fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id)
    }

    /// Vocabulary and lower-case local name of an element.
    pub fn name(&self, id: Id) -> (Ns, &str) {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::Element { ns, name, .. }) => (*ns, name),
            _ => (Ns::Other, ""),
        }
    }

    /// Local name in the document's own letters.
    pub fn local(&self, id: Id) -> &'a str {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::Element { qualified, .. }) => qualified.rsplit(':').next().unwrap_or(qualified),
            _ => "",
        }
    }

    /// Child elements in order.
    pub fn elements(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        self.children(id).filter(|&child| matches!(self.node(child).map(|n| &n.kind), Some(Kind::Element { .. })))
    }

    fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(self.node(id).and_then(|node| node.first), |&at| self.node(at).and_then(|node| node.next))
    }

    /// The first child element of that name.
    pub fn child(&self, id: Id, ns: Ns, name: &str) -> Option<Id> {
        self.elements(id).find(|&child| self.name(child) == (ns, name))
    }

    /// Whether its end was in the document.
    pub fn is_whole(&self, id: Id) -> bool {
        self.node(id).is_some_and(|node| node.closed)
    }

    /// Whether elements stand inside.
    pub fn has_elements(&self, id: Id) -> bool {
        self.elements(id).next().is_some()
    }

    /// All characters inside, references resolved; not trimmed.
    pub fn text(&self, id: Id) -> Cow<'_, str> {
        let mut children = self.children(id);
        if let (Some(only), None) = (children.next(), children.next())
            && let Some(Node { kind: Kind::Text(text), .. }) = self.node(only)
        {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        self.collect_text(id, &mut out);
        Cow::Owned(out)
    }

    fn collect_text(&self, id: Id, out: &mut String) {
        for child in self.children(id) {
            match self.node(child).map(|node| &node.kind) {
                Some(Kind::Text(text)) => out.push_str(text),
                _ => self.collect_text(child, out),
            }
        }
    }

    /// Characters directly inside, those of child elements left out.
    pub fn own_text(&self, id: Id) -> String {
        let texts = self.children(id).filter_map(|child| match self.node(child).map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(&**text),
            _ => None,
        });
        texts.collect()
    }

    /// Attributes: qualified name as written, value with references resolved.
    pub fn attributes(&self, id: Id) -> impl Iterator<Item = (&'a str, String)> {
        let raw = match self.node(id).map(|node| &node.kind) {
            Some(Kind::Element { attributes, .. }) => *attributes,
            _ => "",
        };
        let mut ignored = Damage::default();
        Attributes::new(raw)
            .take(super::limits::ATTRIBUTES)
            .map(move |(name, value)| (name, chars::unescape(value, &mut ignored).into_owned()))
    }

    /// The value of an attribute, by local name without regard to case; trimmed, `None` when empty.
    pub fn attribute(&self, id: Id, name: &str) -> Option<String> {
        let found = self.attributes(id).find(|(found, _)| local_name(found).eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The name of an attribute under the usual prefix of its vocabulary.
    pub fn usual(&self, name: &'a str) -> Cow<'a, str> {
        let usual = name.split_once(':').and_then(|(prefix, local)| {
            let (_, usual) = self.renamed.iter().find(|(own, _)| *own == prefix)?;
            Some(format!("{usual}:{local}"))
        });
        usual.map_or(Cow::Borrowed(name), Cow::Owned)
    }

    /// What an element of RDF is about.
    pub fn about(&self, id: Id) -> Option<String> {
        self.attributes(id).find(|(name, _)| self.usual(name) == "rdf:about").map(|(_, value)| value)
    }

    /// What references inside resolve against.
    pub fn base(&self, id: Id) -> Option<&Url> {
        self.scope(id).and_then(|scope| scope.base.as_ref())
    }

    /// The base that the document itself states (xml:base).
    pub fn stated_base(&self, id: Id) -> Option<&Url> {
        self.scope(id).filter(|scope| scope.own_base).and_then(|scope| scope.base.as_ref())
    }

    /// The language in scope (xml:lang).
    pub fn language(&self, id: Id) -> Option<&str> {
        self.scope(id).and_then(|scope| scope.language.as_deref())
    }

    fn scope(&self, id: Id) -> Option<&Scope> {
        self.scopes.get(self.node(id)?.scope)
    }
}

fn local_name(qualified: &str) -> &str {
    if qualified.starts_with("xmlns") { qualified } else { qualified.rsplit(':').next().unwrap_or(qualified) }
}

/// A text without the characters that XML 1.0 forbids.
pub fn cleaned(text: &str) -> String {
    chars::clean(text, &mut Damage::default()).into_owned()
}
