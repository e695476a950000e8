//! What a start tag declares: namespaces, base, language. A feed under a wrong namespace is still the feed it looks like.

use super::Builder;
use crate::parse::{
    limits,
    xml::{Ns, Scope, attributes::Attributes, chars, local_name},
};
use std::borrow::Cow;
use url::Url;

/// How deep the frame of a feed stands: `<rss><channel><item>`.
const FRAME_DEPTH: usize = 2;

impl<'a> Builder<'a> {
    /// Takes in xmlns declarations, xml:base and xml:lang; the scope of the element.
    pub(super) fn declare(&mut self, depth: usize, qualified: &'a str, attributes: &'a str) -> usize {
        let inherited = self.scope();
        if attributes.is_empty() && depth > 0 {
            return inherited;
        }
        let mut scope: Option<Scope> = None;
        let mut parts = Attributes::new(attributes);
        let (mut default, mut secure) = (None, false);
        for (name, value) in parts.by_ref().take(limits::ATTRIBUTES) {
            if name == "xmlns" {
                default = Some(Ns::of_uri(value));
                secure = value.trim_start().starts_with("https:");
            } else if let Some(prefix) = name.strip_prefix("xmlns:").filter(|_| self.prefixes.len() < limits::PREFIXES)
            {
                let ns = self.bound(depth, prefix, value, qualified);
                self.prefixes.push((depth, prefix, ns));
                self.rename(prefix, ns);
            } else if (name == "xml:base" || name == "xml:lang") && self.tree.scopes.len() < limits::SCOPES {
                let value = chars::unescape(value, &mut self.damage);
                let scope = scope.get_or_insert_with(|| self.tree.scopes.get(inherited).cloned().unwrap_or_default());
                scope.take_in(name, value.trim());
            }
            self.damage.illegal_character |= value.contains("&#0;");
        }
        self.damage.bad_attribute |= parts.damaged;
        if depth == 0 {
            self.dialect = dialect(qualified);
        }
        if depth <= FRAME_DEPTH && is_frame(qualified) && !qualified.contains(':') {
            let own = dialect(qualified);
            let wrong = default.is_some_and(|ns| ns != own);
            let lacks = depth == 0 && default.is_none() && own == Ns::Atom;
            // A namespace is a name, not an address: with https it is another one, meant as the usual one all the same.
            self.damage.wrong_namespace |= wrong || lacks || secure;
            default = default.filter(|_| !wrong).or((wrong || depth == 0).then_some(own));
        } else if depth == 0 {
            default = default.filter(|ns| *ns != Ns::Other).or(Some(self.dialect));
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

    fn rename(&mut self, prefix: &'a str, ns: Ns) {
        let usual = match ns {
            Ns::Rdf => "rdf",
            Ns::Thr => "thr",
            Ns::XLink => "xlink",
            _ => return,
        };
        let known = prefix == usual || self.tree.renamed.iter().any(|(known, _)| *known == prefix);
        if !known && self.tree.renamed.len() < limits::PREFIXES {
            self.tree.renamed.push((prefix, usual));
        }
    }

    /// What a prefix means. Bound to an address that nobody knows, it means what it is used for everywhere else.
    fn bound(&mut self, depth: usize, prefix: &str, address: &str, qualified: &str) -> Ns {
        let said = Ns::of_uri(address);
        if said != Ns::Other {
            return said;
        }
        let of_root = depth == 0 && qualified.split_once(':').is_some_and(|(used, _)| used == prefix);
        let meant = if of_root && is_frame(qualified) { dialect(qualified) } else { Ns::of_custom(prefix) };
        self.damage.wrong_namespace |= of_root && meant != Ns::Other;
        self.damage.unknown_prefix |= !of_root && meant != Ns::Other;
        meant
    }

    pub(super) fn resolve<'n>(&mut self, qualified: &'n str) -> (Ns, Cow<'n, str>) {
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
                if let Some(joined) =
                    joined.filter(|url| matches!(url.scheme(), "http" | "https") && limits::is_base(url))
                {
                    (self.base, self.own_base) = (Some(joined), true);
                }
            }
            _ => self.language = Some(limits::cap(value.to_owned(), limits::LANGUAGE)),
        }
    }
}

/// What unprefixed names mean under this root.
fn dialect(root: &str) -> Ns {
    let local = local_name(root);
    if local.eq_ignore_ascii_case("feed") || local.eq_ignore_ascii_case("entry") { Ns::Atom } else { Ns::Rss }
}

/// The elements a feed is built of, which nobody means otherwise near the top of a document.
pub(super) fn is_frame(qualified: &str) -> bool {
    const FRAME: [&str; 5] = ["rss", "feed", "channel", "item", "entry"];
    FRAME.iter().any(|known| local_name(qualified).eq_ignore_ascii_case(known))
}
