//! What selectors choose in each item of a page that lists things. Pure; its cost is that of the page times the number of
//! selectors, because items within items count once.

use super::{
    MAX_ON_PAGE, Selector, elements,
    repeat::{kind_of, told_apart},
};
use dom_query::{Document, NodeRef};
use std::collections::HashSet;

/// Characters of an attribute's name.
const MAX_ATTRIBUTE: usize = 64;
/// Values taken of one item for one choice.
const MAX_VALUES: usize = 50;
/// Bytes of these, all together.
const MAX_BYTES: usize = 4 << 20;
/// Elements of one item that are looked at to tell what it is made of.
const MAX_ELEMENTS: usize = 300;
/// Kinds of elements told of one item.
const MAX_KINDS: usize = 12;

/// Items among which the richest is told of: a table's first row has headings only.
const MAX_LOOKED: usize = 10;

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
    /// Of which kinds of elements an item is made (`a.title`), each with some of its text.
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
        kinds: richest(&items).map(kinds).unwrap_or_default(),
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
    let inside = dom_query::Selection::from(*item).select_matcher(&selector.matcher);
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

pub fn run_together(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first of those with the most elements.
fn richest<'i, 'd>(items: &[&'i NodeRef<'d>]) -> Option<&'i NodeRef<'d>> {
    let elements = |item: &NodeRef<'_>| item.descendants_it().filter(|node| node.is_element()).count();
    items.iter().take(MAX_LOOKED).rev().max_by_key(|item| elements(item)).copied()
}

/// The kinds of elements in an item, in the order of the page.
fn kinds(item: &NodeRef<'_>) -> Vec<(String, String)> {
    let mut kinds: Vec<(String, String)> = Vec::new();
    for node in std::iter::once(*item).chain(item.descendants_it()).filter(|node| node.is_element()).take(MAX_ELEMENTS)
    {
        let kind = if node.id == item.id { kind_of(&node) } else { told_apart(&node) };
        if kinds.len() < MAX_KINDS && kinds.iter().all(|(known, _)| *known != kind) {
            kinds.push((kind, run_together(&node.text()).chars().take(30).collect()));
        }
    }
    kinds
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
