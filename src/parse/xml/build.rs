//! Tokens → tree: closes what was left open, resolves prefixes, obeys the bounds.

mod cdata;
mod declare;
mod forgotten;

use super::{
    Damage, Id, Kind, Node, Ns, Scope, Tree, chars,
    scan::{Scanner, Token},
};
use crate::parse::{MAX_ENTRIES, limits};
use declare::is_frame;
use std::borrow::Cow;
use url::Url;

/// Bytes a node takes at the least on average: bounds what a text full of `<` can reserve.
const LEAST_NODE: usize = 32;

/// Builds the tree of a document. What is nested deeper than any text keeps its characters and loses its markup.
pub fn build<'a>(text: &'a str, base: Option<&Url>) -> Tree<'a> {
    let mut scanner = Scanner::new(text);
    let mut builder = Builder::new(base);
    // Growing a vector of a hundred thousand nodes step by step costs more than reading the document.
    let markup = memchr::memchr_iter(b'<', text.as_bytes()).count();
    builder.tree.nodes.reserve(markup.min(text.len() / LEAST_NODE));
    let mut tokens = 0;
    while let Some(token) = scanner.next() {
        tokens += 1;
        if tokens > limits::TOKENS {
            builder.tree.stopped = Some(format!("more than {} tags: the rest was not read", limits::TOKENS));
            break;
        }
        match token {
            Token::Start { name, attributes, empty } => builder.start(name, attributes, empty),
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
    builder.finish(scanner.damage)
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
    /// Open elements beyond the bound, which are not in the tree.
    beyond: usize,
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
        let (nodes, renamed) = (Vec::new(), Vec::new());
        let tree = Tree { nodes, scopes: vec![scope], renamed, damage: Damage::default(), depth: 0, stopped: None };
        Builder {
            tree,
            open: Vec::new(),
            prefixes: Vec::new(),
            dialect: Ns::Rss,
            entries: 0,
            damage: Damage::default(),
            void: None,
            beyond: 0,
            done: false,
        }
    }

    fn start(&mut self, qualified: &'a str, attributes: &'a str, empty: bool) {
        self.left_void_open();
        if self.done {
            // A second root (two feeds glued together, a page's footer): the first is the document.
            self.damage.crossed_tags = true;
            return;
        }
        self.close_forgotten(qualified, attributes);
        if self.open.len() >= limits::DEPTH && !self.surfaced(qualified) {
            self.damage.too_deep = true;
            self.beyond += usize::from(!empty && !is_void(qualified));
            return;
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
                return;
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
    }

    /// The next entry ends whatever was left open at the bottom: the channel it belongs to is open above.
    fn surfaced(&mut self, qualified: &str) -> bool {
        let (_, name) = self.resolve(qualified);
        if !matches!(&*name, "item" | "entry") {
            return false;
        }
        let holds = |open: &Open| open.entry || is_frame(open.qualified);
        let above = self.open.iter().rposition(holds).map_or(1, |at| at + 1);
        self.beyond = 0;
        self.damage.crossed_tags = true;
        self.close_down_to(above);
        true
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
        let ends = |open: &Open| open.qualified == qualified && (open.entry || is_frame(qualified));
        if self.beyond > 0 && !self.open.iter().any(ends) {
            self.beyond -= 1;
            return;
        }
        self.beyond = 0;
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
        self.unwrap_cdata(id);
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

    fn finish(mut self, scanned: Damage) -> Tree<'a> {
        self.left_void_open();
        let mut damage = scanned;
        damage.take_in(self.damage);
        damage.truncated |= !self.open.is_empty() && self.tree.stopped.is_none();
        self.tree.damage = damage;
        self.tree
    }
}

/// HTML elements that have no end tag and no RSS or Atom meaning.
fn is_void(qualified: &str) -> bool {
    matches!(qualified, "br" | "hr" | "img" | "wbr" | "BR" | "HR" | "IMG")
}
