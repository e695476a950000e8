//! What a page is made of: kinds of elements, which of them repeat with links, and what each of those has. Pure.

use super::{Selector, rows::run_together};
use dom_query::{Document, NodeRef};
use std::collections::{BTreeMap, HashSet};

/// Longest page that is searched for what repeats on it.
const MAX_PAGE: usize = 2 << 20;
/// Elements of one item that are looked at.
const MAX_ELEMENTS: usize = 300;
/// Kinds of elements that items are looked through for.
const MAX_PARTS: usize = 60;

/// An element as a selector names it: `a.title`. Classes with signs that a selector would have to escape are left out.
pub fn kind_of(node: &NodeRef<'_>) -> String {
    let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
    let classes = node.class().map(|classes| classes.to_string()).unwrap_or_default();
    let plain = |class: &&str| {
        class.starts_with(|c: char| c.is_ascii_alphabetic())
            && class.len() <= 40
            && class.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let classes: Vec<&str> = classes.split_ascii_whitespace().filter(plain).take(2).collect();
    std::iter::once(name.as_str()).chain(classes).collect::<Vec<_>>().join(".")
}

/// An element by its name and first class.
fn broad(node: &NodeRef<'_>) -> String {
    kind_of(node).split('.').take(2).collect::<Vec<_>>().join(".")
}

/// A kind of element that repeats on a page, and holds links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// A selector of it.
    pub selector: String,
    /// How often it stands there.
    pub times: usize,
    /// How many of them lead to different places with words of their own.
    pub links: usize,
    /// Characters of their text, all together.
    pub letters: usize,
}

/// What repeats on a page under one parent, the likeliest list first, at most `most`.
pub fn repeated(html: &str, most: usize) -> Vec<Repeated> {
    if html.len() > MAX_PAGE {
        return Vec::new();
    }
    let document = Document::from(html);
    let mut groups: BTreeMap<(String, String), Vec<NodeRef<'_>>> = BTreeMap::new();
    for node in document.root().descendants_it().filter(|node| node.is_element()) {
        let Some(parent) = node.parent().filter(NodeRef::is_element) else { continue };
        // A second class is often that of the first item only.
        groups.entry((broad(&parent), broad(&node))).or_default().push(node);
    }
    let plain = ["script", "style", "option", "br", "link", "meta", "img", "path"];
    let mut found: Vec<(usize, Repeated)> = Vec::new();
    for ((parent, kind), nodes) in groups {
        if nodes.len() < 2 || plain.iter().any(|name| kind == *name) {
            continue;
        }
        let (mut targets, mut letters, mut depth) = (HashSet::new(), 0, 0);
        for node in &nodes {
            targets.extend(target(node));
            letters += run_together(&node.text()).chars().count();
            depth = depth.max(node.ancestors_it(None).count());
        }
        let selector = if parent == "body" { kind.clone() } else { format!("{parent} > {kind}") };
        let group = Repeated { selector, times: nodes.len(), links: targets.len(), letters };
        if group.links * 2 >= group.times {
            found.push((depth, group));
        }
    }
    // A menu has many links and few words; what wraps a list's items repeats as often as they do, and is the better item.
    let weight = |(depth, group): &(usize, Repeated)| {
        let words = group.letters / group.times.max(1);
        (words.min(60) * group.links.min(40), usize::MAX - depth)
    };
    found.sort_by_key(|group| std::cmp::Reverse(weight(group)));
    found.truncate(most);
    found.into_iter().map(|(_, group)| group).collect()
}

/// Where an element leads: its first link with words; a picture often leads there as well.
fn target(node: &NodeRef<'_>) -> Option<String> {
    let links = dom_query::Selection::from(*node).select("a[href]");
    let own = Some(node).filter(|node| node.has_name("a"));
    let has_words = |link: &&NodeRef| run_together(&link.text()).chars().count() >= 2 || link.attr("title").is_some();
    own.into_iter().chain(links.nodes()).find(has_words)?.attr("href").map(|target| target.to_string())
}

/// A kind of element in the items of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// A selector of it.
    pub selector: String,
    /// How it stands in each item that has it: the text of the first.
    pub texts: Vec<String>,
    /// The attributes of the first in each item, of those that tell something.
    pub attributes: Vec<(&'static str, String)>,
}

/// Attributes that tell something.
const TELLING: [&str; 7] = ["href", "src", "data-src", "data-original", "datetime", "title", "data-time"];

/// The kinds of elements that the items of a page are made of, in the order of the page.
pub fn parts(html: &str, items: &Selector, most: usize) -> Vec<Part> {
    let document = Document::from(html);
    let found = document.select_matcher(&items.matcher);
    let mut parts: Vec<Part> = Vec::new();
    for item in found.nodes().iter().take(most) {
        let mut seen = HashSet::new();
        for node in item.descendants_it().filter(|node| node.is_element()).take(MAX_ELEMENTS) {
            let kind = told_apart(&node);
            if !seen.insert(kind.clone()) {
                continue;
            }
            let at = match parts.iter().position(|part| part.selector == kind) {
                Some(at) => at,
                None if parts.len() < MAX_PARTS => {
                    parts.push(Part { selector: kind, ..Part::default() });
                    parts.len() - 1
                }
                None => continue,
            };
            let Some(part) = parts.get_mut(at) else { continue };
            part.texts.push(run_together(&node.text()));
            let told = TELLING.iter().filter_map(|name| Some((*name, node.attr(name)?.trim().to_owned())));
            part.attributes.extend(told.filter(|(_, value)| !value.is_empty()));
        }
    }
    parts
}

/// As a selector names it among its siblings: cells and the like that have no class are told by their place.
pub fn told_apart(node: &NodeRef<'_>) -> String {
    let kind = kind_of(node);
    let siblings = node.parent().map(|parent| parent.element_children()).unwrap_or_default();
    if kind.contains('.') || siblings.len() > MAX_PARTS {
        return kind;
    }
    let alike: Vec<_> = siblings.iter().filter(|other| other.has_name(&kind)).map(|other| other.id).collect();
    match alike.iter().position(|id| *id == node.id) {
        Some(at) if alike.len() > 1 => format!("{kind}:nth-of-type({})", at + 1),
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<ul class=nav><li><a href=/1>首页</a><li><a href=/2>财经</a><li><a href=/3>体育</a></ul>\
        <ul class=news><li class=item><a href=a/1.html>新线五月开通 </a><li class=item><a href=a/2.html>港口吞吐量增长</a>\
        <li class=item><a href=a/3.html>第三条新闻的题目</a></ul>";

    #[test]
    fn what_repeats_with_links_is_the_likeliest_list() {
        let repeated = repeated(PAGE, 3);
        assert_eq!((repeated[0].selector.as_str(), repeated[0].times), ("ul.news > li.item", 3), "{repeated:?}");
    }
}
