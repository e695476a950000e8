//! CSS selectors over HTML: the only file that knows the selector library. Pure; bounded by what its callers hand in.

mod repeat;
mod rows;

use dom_query::{Document, Matcher};
pub use repeat::{Part, Repeated, parts, repeated};
pub use rows::{Choice, Rows, Take, beside, rows};

/// Longest selector, characters: the library reads what nests inside it by recursion.
const MAX_SELECTOR: usize = 1000;

/// Elements of a text that selectors are tried on; no entry has as many.
const MAX_ELEMENTS: usize = 5_000;
/// The same where a selector looks at siblings: the library goes through them anew for each element.
const MAX_SIBLINGS: usize = 1_500;
/// Elements of a whole page, for a selector that looks at siblings.
const MAX_ON_PAGE: usize = 5_000;

/// A selector that was read.
#[derive(Clone)]
pub struct Selector {
    text: String,
    matcher: Matcher,
}

impl Selector {
    /// Reads a selector, or a list of them; the error says in words why it cannot be used.
    pub fn parse(text: &str) -> Result<Selector, String> {
        if text.chars().count() > MAX_SELECTOR {
            return Err(format!("is longer than {MAX_SELECTOR} characters"));
        }
        let matcher = Matcher::new(text).map_err(|_| "is not a CSS selector".to_owned())?;
        Ok(Selector { text: text.to_owned(), matcher })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its cost grows with the square of an element's siblings.
    fn looks_at_siblings(&self) -> bool {
        // What stands in brackets is about attributes.
        let outside = self.text.split('[').enumerate().map(|(n, part)| match part.rsplit_once(']') {
            Some((_, rest)) if n > 0 => rest,
            _ => part,
        });
        outside.into_iter().any(|part| part.contains(['~', '+', ':']))
    }
}

impl std::fmt::Debug for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

/// Whether a fragment has too many elements for a selector to be tried on it: it keeps all of them.
pub fn is_too_large(html: &str, selector: &Selector) -> bool {
    elements(html) > if selector.looks_at_siblings() { MAX_SIBLINGS } else { MAX_ELEMENTS }
}

/// At least as many as there are.
fn elements(html: &str) -> usize {
    html.split('<').skip(1).filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic())).count()
}

/// A fragment of HTML without the elements that any of these choose, and which of them chose something; `None` when none did.
pub fn without<'s>(html: &str, selectors: &[&'s Selector]) -> Option<(String, Vec<&'s Selector>)> {
    let selectors: Vec<&Selector> =
        selectors.iter().copied().filter(|selector| !is_too_large(html, selector)).collect();
    if selectors.is_empty() {
        return None;
    }
    let document = Document::fragment(html);
    let root = document.html_root();
    let mut found = Vec::new();
    for selector in selectors {
        let chosen = document.select_matcher(&selector.matcher);
        // The parser's own root around the fragment is no part of it.
        let inside: Vec<_> = chosen.nodes().iter().filter(|node| node.id != root.id).collect();
        if !inside.is_empty() {
            found.push(selector);
        }
        inside.iter().for_each(|node| node.remove_from_parent());
    }
    (!found.is_empty()).then(|| (root.inner_html().to_string(), found))
}

/// A part of a page.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Its HTML.
    pub html: String,
    /// What `<base>` says.
    pub base: Option<String>,
}

/// What a selector chooses in a page, one after another, what stands inside another once; `None` when it chooses nothing.
pub fn chosen(html: &str, selector: &Selector) -> Option<Chosen> {
    if selector.looks_at_siblings() && elements(html) > MAX_ON_PAGE {
        return None;
    }
    let document = Document::from(html);
    let found = document.select_matcher(&selector.matcher);
    let ids: std::collections::HashSet<_> = found.nodes().iter().map(|node| node.id).collect();
    let outermost = found.nodes().iter().filter(|node| node.ancestors_it(None).all(|above| !ids.contains(&above.id)));
    let html: String = outermost.map(|node| node.html().to_string()).collect();
    (!html.is_empty()).then(|| Chosen { html, base: document.base_uri().map(|base| base.to_string()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(html: &str, selectors: &[&str]) -> Option<String> {
        let selectors: Vec<_> = selectors.iter().map(|text| Selector::parse(text).unwrap()).collect();
        without(html, &selectors.iter().collect::<Vec<_>>()).map(|(html, _)| html)
    }

    #[test]
    fn what_is_chosen_goes_with_all_in_it_and_the_rest_stays() {
        let html = "一<p class=\"a ad\">x<b>y</b></p><p>二</p><div id=\"share\"><p class=\"ad\">z</p></div>三";
        assert_eq!(cut(html, &[".ad", "#share"]).unwrap(), "一<p>二</p>三");
        assert_eq!(cut("<p>1</p><ul><li>2</li></ul>", &["p, li"]).unwrap(), "<ul></ul>");
        assert_eq!(cut("<a href=\"https://ads.example/x\">x</a>&lt;", &["a[href*='ads.example']"]).unwrap(), "&lt;");
        assert_eq!(cut(html, &["table"]), None);
        assert_eq!(cut("<p>1</p>", &["html"]), None, "the parser's own root is no part of the text");
        assert_eq!(cut("<p>1</p>text", &["*"]).unwrap(), "text");
    }

    #[test]
    fn what_is_chosen_comes_once_in_the_order_of_the_page() {
        let page = "<body><div class=a>1<p class=a>2</p></div><i>x</i><p class=a>3</p></body>";
        let chosen = |text: &str| chosen(page, &Selector::parse(text).unwrap()).map(|chosen| chosen.html);
        assert_eq!(chosen(".a").unwrap(), "<div class=\"a\">1<p class=\"a\">2</p></div><p class=\"a\">3</p>");
        assert_eq!(chosen("table"), None);
    }

    #[test]
    fn texts_of_too_many_elements_are_left_as_they_are() {
        let many = |n: usize| "<p>x".repeat(n);
        let attributes = ("p[class~='a'], a[href^='http:']", MAX_ELEMENTS);
        for (selector, most) in
            [("p", MAX_ELEMENTS), attributes, ("p ~ table", MAX_SIBLINGS), ("p:last-of-type", MAX_SIBLINGS)]
        {
            let read = Selector::parse(selector).unwrap();
            assert!(!is_too_large(&many(most), &read) && is_too_large(&many(most + 1), &read), "{selector}");
            assert_eq!(cut(&many(most + 1), &[selector]), None);
        }
        assert_eq!(cut(&many(MAX_ELEMENTS), &["p"]).unwrap(), "");
        let both = format!("<i>y</i>{}", many(MAX_SIBLINGS));
        assert!(!cut(&both, &["p ~ p", "i"]).unwrap().contains('y'), "others are tried all the same");
        let page = Selector::parse("p + p").unwrap();
        assert!(chosen(&many(MAX_ON_PAGE + 1), &page).is_none() && chosen(&many(10), &page).is_some());
    }

    #[test]
    fn what_is_no_selector_is_refused_in_words() {
        for bad in ["", "p[", "..ad", "p >", "::before", "div:nonsense(", "p {}"] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
        assert!(Selector::parse(&":not(".repeat(100_000)).is_err());
        assert!(Selector::parse("article > p.ad:first-child, a[href^='http:']").is_ok());
    }
}
