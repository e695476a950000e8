//! What selectors choose in each item of a page that lists things, and what such a page is made of. Pure; its cost is that of
//! the page times the number of selectors, because items within items count once.

use super::{MAX_ON_PAGE, Selector, elements};
use dom_query::{Document, NodeRef};
use std::collections::{BTreeMap, HashSet};

/// Characters of an attribute's name.
const MAX_ATTRIBUTE: usize = 64;
/// Values taken of one item for one choice.
const MAX_VALUES: usize = 50;
/// Bytes of these, all together.
const MAX_BYTES: usize = 4 << 20;
/// Longest page that is searched for what repeats on it.
const MAX_PAGE: usize = 2 << 20;
/// Kinds of elements told of one item.
const MAX_KINDS: usize = 12;
/// Kinds of elements that items are looked through for.
const MAX_PARTS: usize = 60;

/// What of an element is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Its characters, white space run together.
    Text,
    /// The HTML inside it.
    Html,
    /// An attribute.
    Attribute(String),
}

/// What is chosen in an item: `h3 a@href` is the attribute of an element, `h3` its text, `@href` the item's own attribute.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Which elements; `None`: the item itself.
    pub selector: Option<Selector>,
    /// What of them.
    pub take: Take,
}

impl Choice {
    /// Reads `selector`, `selector@attribute` or `@attribute`; the error says in words why it cannot be used.
    pub fn parse(text: &str) -> Result<Choice, String> {
        let is_name = |name: &str| {
            let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
            !name.is_empty() && name.len() <= MAX_ATTRIBUTE && name.chars().all(sign)
        };
        let (selector, take) = match text.rsplit_once('@') {
            Some((selector, name)) if is_name(name.trim()) => (selector, Take::Attribute(name.trim().to_lowercase())),
            _ => (text, Take::Text),
        };
        let selector = match selector.trim() {
            "" if take != Take::Text => None,
            selector => Some(Selector::parse(selector)?),
        };
        Ok(Choice { selector, take })
    }

    /// As it would be written.
    pub fn words(&self) -> String {
        let selector = self.selector.as_ref().map_or("", |selector| selector.as_str());
        match &self.take {
            Take::Attribute(name) => format!("{selector}@{name}"),
            Take::Text | Take::Html => selector.to_owned(),
        }
    }
}

/// A page, gone through.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// What `<base>` says.
    pub base: Option<String>,
    /// For each item what each choice found, in the order of the page and of the choices.
    pub rows: Vec<Vec<Vec<String>>>,
    /// Items beyond the bound.
    pub beyond: usize,
    /// What the choice for the whole page found first.
    pub next: Option<String>,
    /// Of which kinds of elements the first item is made (`a.title`), each with some of its text.
    pub kinds: Vec<(String, String)>,
}

/// Goes through the items of a page.
///
/// Errors, in words: a page too large for selectors that look at siblings.
pub fn rows(
    html: &str,
    items: &Selector,
    choices: &[&Choice],
    next: Option<&Choice>,
    most: usize,
) -> Result<Rows, String> {
    let mut selectors = choices.iter().chain(&next).filter_map(|choice| choice.selector.as_ref()).chain([items]);
    if let Some(selector) = selectors.find(|selector| selector.looks_at_siblings())
        && elements(html) > MAX_ON_PAGE
    {
        let selector = selector.as_str();
        return Err(format!(
            "`{selector}` looks at siblings, for which a page of more than {MAX_ON_PAGE} elements is too large"
        ));
    }
    let document = Document::from(html);
    let found = document.select_matcher(&items.matcher);
    let ids: HashSet<_> = found.nodes().iter().map(|node| node.id).collect();
    let outermost = |node: &&NodeRef| node.ancestors_it(None).all(|above| !ids.contains(&above.id));
    let items: Vec<&NodeRef> = found.nodes().iter().filter(outermost).collect();
    let row = |item: &&NodeRef| choices.iter().map(|choice| values(item, choice)).collect();
    Ok(Rows {
        base: document.base_uri().map(|base| base.to_string()),
        rows: items.iter().take(most).map(row).collect(),
        beyond: items.len().saturating_sub(most),
        next: next.and_then(|choice| values(&document.root(), choice).into_iter().next()),
        kinds: items.first().map(|item| kinds(item)).unwrap_or_default(),
    })
}

/// What a selector chooses in a page for [`super::chosen`], and texts beside it.
pub fn beside(html: &str, choices: &[&Choice]) -> Vec<Option<String>> {
    if choices.iter().filter_map(|choice| choice.selector.as_ref()).any(Selector::looks_at_siblings)
        && elements(html) > MAX_ON_PAGE
    {
        return vec![None; choices.len()];
    }
    let document = Document::from(html);
    choices.iter().map(|choice| values(&document.root(), choice).into_iter().next()).collect()
}

/// What is found in an item: what stands in it, else the item itself.
fn values(item: &NodeRef<'_>, choice: &Choice) -> Vec<String> {
    let Some(selector) = &choice.selector else { return taken(item, &choice.take).into_iter().collect() };
    let inside = dom_query::Selection::from(item.clone()).select_matcher(&selector.matcher);
    let (mut found, mut bytes) = (Vec::new(), 0);
    // What stands in each other says the same text again and again.
    for value in inside.nodes().iter().take(MAX_VALUES).filter_map(|node| taken(node, &choice.take)) {
        bytes += value.len();
        found.push(value);
        if bytes > MAX_BYTES {
            break;
        }
    }
    if found.is_empty() && item.is_element() && item.is_match(&selector.matcher) {
        found.extend(taken(item, &choice.take));
    }
    found
}

fn taken(node: &NodeRef<'_>, take: &Take) -> Option<String> {
    let value = match take {
        Take::Text => run_together(&node.text()),
        Take::Html => node.inner_html().trim().to_owned(),
        Take::Attribute(name) => node.attr(name)?.trim().to_owned(),
    };
    (!value.is_empty()).then_some(value)
}

fn run_together(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The kinds of elements in an item, in the order of the page.
fn kinds(item: &NodeRef<'_>) -> Vec<(String, String)> {
    let mut kinds: Vec<(String, String)> = Vec::new();
    for node in std::iter::once(item.clone()).chain(item.descendants_it()).filter(|node| node.is_element()) {
        let kind = kind_of(&node);
        if kinds.len() < MAX_KINDS && kinds.iter().all(|(known, _)| *known != kind) {
            kinds.push((kind, run_together(&node.text()).chars().take(30).collect()));
        }
    }
    kinds
}

/// An element as a selector names it: `a.title`. Classes with signs that a selector would have to escape are left out.
pub(super) fn kind_of(node: &NodeRef<'_>) -> String {
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
        groups.entry((kind_of(&parent), kind_of(&node))).or_default().push(node);
    }
    let plain = ["script", "style", "option", "br", "link", "meta", "img", "path"];
    let mut found: Vec<(usize, Repeated)> = Vec::new();
    for ((parent, kind), nodes) in groups {
        if nodes.len() < 3 || plain.iter().any(|name| kind == *name) {
            continue;
        }
        let (mut targets, mut letters, mut depth) = (HashSet::new(), 0, 0);
        for node in &nodes {
            let link = dom_query::Selection::from(node.clone());
            let own = Some(node.clone()).filter(|node| node.has_name("a"));
            let first = own.or_else(|| link.select_single("a[href]").nodes().first().cloned());
            let target = first.and_then(|link| {
                let long = run_together(&link.text()).chars().count() >= 2 || link.attr("title").is_some();
                link.attr("href").filter(|_| long || node.has_name("a"))
            });
            targets.extend(target.map(|target| target.to_string()));
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
    found.sort_by(|a, b| weight(b).cmp(&weight(a)));
    found.truncate(most);
    found.into_iter().map(|(_, group)| group).collect()
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
        for node in item.descendants_it().filter(|node| node.is_element()).take(MAX_ON_PAGE) {
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
fn told_apart(node: &NodeRef<'_>) -> String {
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

    const PAGE: &str = "<title>x</title><base href=/b/><ul class=nav><li><a href=/1>首页</a><li><a href=/2>财经</a><li><a href=/3>体育</a></ul>\
        <ul class=news><li class=item><a class=t href=a/1.html title='全题一'>新线五月开通 </a><span class=d>3小时前</span><p>第一段<b>粗</b></p>\
        <li class=item><a class=t href=a/2.html>港口\n吞吐量增长</a><img src=2.jpg>\
        <li class=item><a class=t href=a/3.html>第三条新闻的题目</a><span class=d>昨天</span></ul><a class=next href='?p=2'>下一页</a>";

    fn choice(text: &str) -> Choice {
        Choice::parse(text).unwrap()
    }

    #[test]
    fn what_each_item_has_of_each_choice() {
        let choices = [choice("a.t"), choice("a@href"), choice("span.d"), choice("@class"), choice("img@src")];
        let next = choice("a.next@href");
        let items = Selector::parse("ul.news > li").unwrap();
        let rows = rows(PAGE, &items, &choices.each_ref(), Some(&next), 2).unwrap();
        assert_eq!((rows.base.as_deref(), rows.next.as_deref(), rows.beyond), (Some("/b/"), Some("?p=2"), 1));
        let said = |row: &Vec<Vec<String>>| row.iter().map(|found| found.join("|")).collect::<Vec<_>>();
        assert_eq!(said(&rows.rows[0]), ["新线五月开通", "a/1.html", "3小时前", "item", ""]);
        assert_eq!(said(&rows.rows[1]), ["港口 吞吐量增长", "a/2.html", "", "item", "2.jpg"]);
        assert_eq!(rows.kinds[0].0, "li.item");
        assert!(rows.kinds.contains(&("span.d".to_owned(), "3小时前".to_owned())), "{:?}", rows.kinds);
    }

    #[test]
    fn an_item_may_be_its_own_link() {
        let items = Selector::parse("a.t").unwrap();
        let rows = rows(PAGE, &items, &[&choice("a@href"), &choice("a")], None, 9).unwrap();
        assert_eq!(rows.rows[2], [["a/3.html"], ["第三条新闻的题目"]]);
    }

    #[test]
    fn what_is_no_choice_is_refused() {
        for bad in ["", "@", "p[@href", "a@ x y", "a@b@"] {
            assert!(Choice::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(choice("a[href='x@y']").take, Take::Text);
        assert_eq!(choice("h3 a@HREF").words(), "h3 a@href");
    }

    #[test]
    fn what_repeats_with_links_is_the_likeliest_list() {
        let repeated = repeated(PAGE, 3);
        assert_eq!((repeated[0].selector.as_str(), repeated[0].times), ("ul.news > li.item", 3), "{repeated:?}");
    }

    #[test]
    fn items_within_items_cost_no_more() {
        let deep = format!("{}x", "<div><a href=1>y</a>".repeat(200));
        let items = Selector::parse("div").unwrap();
        let choices: Vec<Choice> = (0..12).map(|_| choice("a@href")).collect();
        let rows = rows(&deep, &items, &choices.iter().collect::<Vec<_>>(), None, 1_000).unwrap();
        assert_eq!(rows.rows.len(), 1);
        let many = "<p>x".repeat(MAX_ON_PAGE + 1);
        assert!(super::rows(&many, &Selector::parse("p + p").unwrap(), &[], None, 9).is_err());
    }
}
