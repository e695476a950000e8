//! CDATA sections that a script has escaped, or put inside another: their marks are no part of the text.

use super::Builder;
use crate::parse::xml::{Id, Kind};
use std::borrow::Cow;

const OPENS: &str = "<![CDATA[";

impl<'a> Builder<'a> {
    /// Takes the marks off an element's characters, where these are the whole of what it holds.
    pub(super) fn unwrap_cdata(&mut self, id: Id) {
        let Some(first) = self.tree.node(id).and_then(|node| node.first) else { return };
        let said = self.tree.children(id).map_while(|child| self.characters(child)).map(str::trim_start);
        if !said.skip_while(|text| text.is_empty()).take(1).any(|text| text.starts_with(OPENS)) {
            return;
        }
        let children: Vec<Id> = self.tree.children(id).collect();
        let whole: Option<String> = children.iter().map(|&child| self.characters(child)).collect();
        let Some(inner) = whole.as_deref().and_then(unwrapped).map(str::to_owned) else { return };
        self.damage.doubled_cdata = true;
        self.put(first, Cow::Owned(inner));
        children.iter().skip(1).for_each(|&child| self.put(child, Cow::Borrowed("")));
    }

    fn characters(&self, id: Id) -> Option<&str> {
        match self.tree.node(id).map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn put(&mut self, id: Id, text: Cow<'a, str>) {
        if let Some(node) = self.tree.nodes.get_mut(id) {
            node.kind = Kind::Text(text);
        }
    }
}

/// What stands between the marks, however often they were put around it.
fn unwrapped(text: &str) -> Option<&str> {
    let mut inner = None;
    let mut rest = text;
    while let Some(between) = rest.trim().strip_prefix(OPENS).and_then(|rest| rest.strip_suffix("]]>")) {
        (inner, rest) = (Some(between), between);
    }
    inner
}
