//! Tokens → tree: closes what was left open, resolves prefixes, obeys the bounds.

use super::{
    Id, Kind, Node, Ns, Scope, Tree, chars,
    scan::{Attributes, Damage, Scanner, Token},
};
use crate::parse::{MAX_ENTRIES, limits};
use std::borrow::Cow;
use url::Url;

/// Bytes a node takes at the least on average: bounds what a text full of `<` can reserve.
const LEAST_NODE: usize = 32;

/// Builds the tree of a document. Errors, in words: nesting deeper than any feed's.
pub fn build<'a>(text: &'a str, base: Option<&Url>) -> Result<Tree<'a>, String> {
    let mut scanner = Scanner::new(text);
    let mut builder = Builder::new(base);
    // Growing a vector of a hundred thousand nodes step by step costs more than reading the document.
    let markup = memchr::memchr_iter(b'<', text.as_bytes()).count();
    builder.tree.nodes.reserve(markup.min(text.len() / LEAST_NODE));
    while let Some(token) = scanner.next() {
        match token {
            Token::Start { name, attributes, empty } => builder.start(name, attributes, empty)?,
            Token::End(name) => builder.end(name),
            Token::Text(raw) => {
                let text = chars::unescape(raw, &mut builder.damage);
                builder.text(text);
            }
            Token::CData(raw) => {
                let text = chars::clean(raw, &mut builder.damage);
                builder.text(text);
            }
        }
        if builder.tree.stopped.is_some() {
            break;
        }
    }
    Ok(builder.finish(scanner.damage))
}

struct Builder<'a> {
    tree: Tree<'a>,
    /// Open elements, outermost first.
    open: Vec<Open<'a>>,
    /// Declared prefixes with the depth of their element; the default namespace has an empty prefix.
    prefixes: Vec<(usize, &'a str, Ns)>,
    /// What unprefixed and unknown names of this document mean.
    dialect: Ns,
    entries: usize,
    damage: Damage,
    /// A void HTML element that was closed for the document.
    void: Option<&'a str>,
    done: bool,
}

struct Open<'a> {
    id: Id,
    qualified: &'a str,
    entry: bool,
}

impl<'a> Builder<'a> {
    fn new(base: Option<&Url>) -> Builder<'a> {
        let scope = Scope { base: base.cloned(), ..Scope::default() };
        let tree = Tree { nodes: Vec::new(), scopes: vec![scope], damage: Damage::default(), depth: 0, stopped: None };
        Builder {
            tree,
            open: Vec::new(),
            prefixes: Vec::new(),
            dialect: Ns::Rss,
            entries: 0,
            damage: Damage::default(),
            void: None,
            done: false,
        }
    }

    fn start(&mut self, qualified: &'a str, attributes: &'a str, empty: bool) -> Result<(), String> {
        self.left_void_open();
        if self.done {
            // A second root (two feeds glued together, a page's footer): the first is the document.
            self.damage.crossed_tags = true;
            return Ok(());
        }
        if self.open.len() >= limits::DEPTH {
            return Err(format!("elements nested more than {} deep", limits::DEPTH));
        }
        let depth = self.open.len();
        let scope = self.declare(depth, qualified, attributes);
        let (ns, name) = self.resolve(qualified);
        let entry = matches!((ns, &*name), (Ns::Rss, "item") | (Ns::Atom, "entry"));
        if entry {
            self.close_open_entry();
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                self.tree.stopped = Some(format!("more than {MAX_ENTRIES} entries: the rest was not read"));
                return Ok(());
            }
        }
        let id = self.push(Kind::Element { ns, name, qualified, attributes }, scope);
        self.tree.depth = self.tree.depth.max(self.open.len() + 1);
        if empty || (is_void(qualified) && matches!(ns, Ns::Xhtml | Ns::Rss | Ns::Atom)) {
            self.void = (!empty).then_some(qualified);
            self.set_closed(id);
            self.prefixes.retain(|(declared, _, _)| *declared < depth);
        } else {
            self.open.push(Open { id, qualified, entry });
        }
        Ok(())
    }

    fn left_void_open(&mut self) {
        if self.void.take().is_some() {
            self.damage.crossed_tags = true;
        }
    }

    /// An entry that begins inside another one: the other's end was forgotten.
    fn close_open_entry(&mut self) {
        if let Some(at) = self.open.iter().position(|open| open.entry) {
            self.damage.crossed_tags = true;
            self.close_down_to(at);
        }
    }

    fn end(&mut self, qualified: &'a str) {
        if self.void.take() == Some(qualified) {
            return;
        }
        let found = self.open.iter().rposition(|open| open.qualified == qualified);
        let found = found.or_else(|| self.open.iter().rposition(|open| open.qualified.eq_ignore_ascii_case(qualified)));
        match found {
            Some(at) => {
                let forgotten = at + 1 < self.open.len() || self.open.get(at).is_some_and(|o| o.qualified != qualified);
                self.damage.crossed_tags |= forgotten;
                self.close_down_to(at);
            }
            None => self.damage.crossed_tags = true,
        }
    }

    fn close_down_to(&mut self, at: usize) {
        for open in self.open.split_off(at) {
            self.set_closed(open.id);
        }
        self.prefixes.retain(|(declared, _, _)| *declared < at);
        self.done |= at == 0;
    }

    fn set_closed(&mut self, id: Id) {
        if let Some(node) = self.tree.nodes.get_mut(id) {
            node.closed = true;
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        if self.open.is_empty() {
            self.damage.crossed_tags |= !text.trim().is_empty();
            return;
        }
        if !text.is_empty() {
            self.left_void_open();
            let scope = self.scope();
            self.push(Kind::Text(text), scope);
        }
    }

    fn scope(&self) -> usize {
        self.open.last().and_then(|open| self.tree.nodes.get(open.id)).map_or(0, |node| node.scope)
    }

    fn push(&mut self, kind: Kind<'a>, scope: usize) -> Id {
        let id = self.tree.nodes.len();
        if id >= limits::NODES {
            self.tree.stopped = Some(format!("more than {} elements: the rest was not read", limits::NODES));
        }
        let closed = matches!(kind, Kind::Text(_));
        self.tree.nodes.push(Node { kind, first: None, last: None, next: None, scope, closed });
        if let Some(parent) = self.open.last().map(|open| open.id) {
            let before = self.tree.nodes.get_mut(parent).and_then(|node| {
                node.first.get_or_insert(id);
                node.last.replace(id)
            });
            if let Some(node) = before.and_then(|before| self.tree.nodes.get_mut(before)) {
                node.next = Some(id);
            }
        }
        id
    }

    /// Takes in xmlns declarations, xml:base and xml:lang; the scope of the element.
    fn declare(&mut self, depth: usize, qualified: &'a str, attributes: &'a str) -> usize {
        let inherited = self.scope();
        if attributes.is_empty() && depth > 0 {
            return inherited;
        }
        let mut scope: Option<Scope> = None;
        let mut parts = Attributes::new(attributes);
        let mut default = None;
        for (name, value) in parts.by_ref().take(limits::ATTRIBUTES) {
            if name == "xmlns" {
                default = Some(Ns::of_uri(value));
            } else if let Some(prefix) = name.strip_prefix("xmlns:").filter(|_| self.prefixes.len() < limits::PREFIXES)
            {
                let (ns, wrong) = Ns::declared(prefix, value);
                self.damage.wrong_namespace |= wrong;
                self.prefixes.push((depth, prefix, ns));
            } else if name == "xml:base" || name == "xml:lang" {
                let value = chars::unescape(value, &mut self.damage);
                let scope = scope.get_or_insert_with(|| self.tree.scopes.get(inherited).cloned().unwrap_or_default());
                scope.take_in(name, value.trim());
            }
            self.damage.illegal_character |= value.contains("&#0;");
        }
        self.damage.bad_attribute |= parts.damaged;
        if depth == 0 {
            self.dialect = dialect(qualified);
            // A feed under a namespace nobody knows (https, misspelt, none) is still the feed it looks like.
            let known =
                default.filter(|ns| !matches!(ns, Ns::Other | Ns::Rss) && !qualified.eq_ignore_ascii_case("rss"));
            default = Some(known.unwrap_or(self.dialect));
        }
        if let Some(ns) = default.filter(|_| self.prefixes.len() < limits::PREFIXES) {
            self.prefixes.push((depth, "", ns));
        }
        match scope {
            Some(scope) => {
                self.tree.scopes.push(scope);
                self.tree.scopes.len() - 1
            }
            None => inherited,
        }
    }

    fn resolve(&mut self, qualified: &'a str) -> (Ns, Cow<'a, str>) {
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", qualified));
        let declared = self.prefixes.iter().rev().find(|(_, known, _)| *known == prefix).map(|(_, _, ns)| *ns);
        let ns = declared.unwrap_or_else(|| {
            self.damage.unknown_prefix = true;
            Ns::of_custom(prefix)
        });
        // `<feed>` elements without a namespace resolve to none, which elsewhere means RSS.
        let ns = if ns == Ns::Rss && prefix.is_empty() && self.dialect == Ns::Atom { Ns::Atom } else { ns };
        let name = if local.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(local.to_ascii_lowercase())
        } else {
            Cow::Borrowed(local)
        };
        (ns, name)
    }

    fn finish(mut self, scanned: Damage) -> Tree<'a> {
        self.left_void_open();
        let mut damage = scanned;
        let built = self.damage;
        damage.bare_ampersand |= built.bare_ampersand;
        damage.named_entity |= built.named_entity;
        damage.illegal_character |= built.illegal_character;
        damage.windows_character |= built.windows_character;
        damage.crossed_tags |= built.crossed_tags;
        damage.bad_attribute |= built.bad_attribute;
        damage.unknown_prefix |= built.unknown_prefix;
        damage.wrong_namespace |= built.wrong_namespace;
        damage.truncated |= !self.open.is_empty() && self.tree.stopped.is_none();
        self.tree.damage = damage;
        self.tree
    }
}

impl Scope {
    fn take_in(&mut self, name: &str, value: &str) {
        match name {
            "xml:base" => {
                let joined = match &self.base {
                    Some(base) => base.join(value).ok(),
                    None => Url::parse(value).ok(),
                };
                // A base that is no web address resolves nothing: the outer one stays.
                if let Some(joined) = joined.filter(|url| matches!(url.scheme(), "http" | "https")) {
                    (self.base, self.own_base) = (Some(joined), true);
                }
            }
            _ => self.language = Some(value.to_owned()),
        }
    }
}

/// What unprefixed names mean under this root.
fn dialect(root: &str) -> Ns {
    match root.to_ascii_lowercase().as_str() {
        "feed" | "entry" => Ns::Atom,
        _ => Ns::Rss,
    }
}

/// HTML elements that have no end tag and no RSS or Atom meaning.
fn is_void(qualified: &str) -> bool {
    matches!(qualified, "br" | "hr" | "img" | "wbr" | "BR" | "HR" | "IMG")
}
