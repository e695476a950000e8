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
