//! CSS selectors over HTML: the only file that knows the selector library. Pure; bounded by what its callers hand in.

use dom_query::{Document, Matcher};

/// Longest selector, characters: the library reads what nests inside it by recursion.
const MAX_SELECTOR: usize = 1000;

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
}

impl std::fmt::Debug for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

/// A fragment of HTML without the elements that any of these choose, and which of them chose something; `None` when none did.
pub fn without<'s>(html: &str, selectors: &[&'s Selector]) -> Option<(String, Vec<&'s Selector>)> {
    let document = Document::fragment(html);
    let root = document.html_root();
    let mut found = Vec::new();
    for selector in selectors {
        let chosen = document.select_matcher(&selector.matcher);
        // The parser's own root around the fragment is no part of it.
        let inside: Vec<_> = chosen.nodes().iter().filter(|node| node.id != root.id).collect();
        if !inside.is_empty() {
            found.push(*selector);
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
    fn what_is_no_selector_is_refused_in_words() {
        for bad in ["", "p[", "..ad", "p >", "::before", "div:nonsense(", "p {}"] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
        assert!(Selector::parse(&":not(".repeat(100_000)).is_err());
        assert!(Selector::parse("article > p.ad:first-child, a[href^='http:']").is_ok());
    }
}
