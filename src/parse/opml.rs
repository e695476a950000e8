//! A list of subscriptions as readers export them (OPML 1.0 to 2.0): feeds in folders. Damaged ones are read as far as they are whole.

use super::xml::{Id, Tree, build};
use url::Url;

/// Feeds read of one list.
pub const MOST: usize = 50_000;

/// A feed of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its address.
    pub url: String,
    /// Its shown name.
    pub title: String,
    /// Its home page.
    pub homepage: Option<String>,
    /// The innermost folder it stands in.
    pub folder: Option<String>,
}

/// A list, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opml {
    /// In the order of the document, a feed that stands in several folders several times.
    pub outlines: Vec<Outline>,
    /// What was left out or repaired, for people.
    pub notes: Vec<String>,
}

/// Reads it.
///
/// Errors, in words, when it is no OPML.
pub fn opml(text: &str) -> Result<Opml, String> {
    let tree = build(text, None);
    let root = tree.root().filter(|root| tree.name(*root).1 == "opml");
    let root = root.ok_or("no OPML: its outermost element is not <opml>")?;
    let body = tree.elements(root).find(|child| tree.name(*child).1 == "body").unwrap_or(root);
    let mut read = Opml { outlines: Vec::new(), notes: tree.damage.notes() };
    let mut left_out = 0;
    // Not by calls within calls: folders may be nested as deep as the tree allows.
    let mut open: Vec<(Id, Option<String>)> = children(&tree, body, &None);
    while let Some((id, folder)) = open.pop() {
        let name = ["title", "text"].into_iter().find_map(|name| attribute(&tree, id, name));
        match attribute(&tree, id, "xmlUrl") {
            Some(url) if read.outlines.len() < MOST => {
                let title = ["text", "title"].into_iter().find_map(|name| attribute(&tree, id, name));
                let homepage = attribute(&tree, id, "htmlUrl").filter(|page| is_web(page));
                read.outlines.push(Outline { url, title: title.unwrap_or_default(), homepage, folder: folder.clone() });
            }
            Some(_) => left_out += 1,
            None => open.extend(children(&tree, id, &name.or(folder))),
        }
    }
    read.notes.extend(tree.stopped.clone());
    if left_out > 0 {
        read.notes.push(format!("{left_out} feeds beyond {MOST} are left out"));
    }
    Ok(read)
}

/// The outlines in an element, the first one last.
fn children(tree: &Tree<'_>, of: Id, folder: &Option<String>) -> Vec<(Id, Option<String>)> {
    let outlines = tree.elements(of).filter(|child| tree.name(*child).1 == "outline");
    let mut outlines: Vec<_> = outlines.map(|child| (child, folder.clone())).collect();
    outlines.reverse();
    outlines
}

/// Some exporters write `xmlurl`.
fn attribute(tree: &Tree<'_>, of: Id, name: &str) -> Option<String> {
    let found = tree.attributes(of).find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_folders_and_what_exporters_get_wrong_are_read() {
        let text = r#"<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>
            <outline text="Loose" type="rss" xmlUrl="https://a.example/feed?a=1&b=2" htmlUrl="https://a.example/"/>
            <outline title="News &amp; more"><outline text="World">
              <outline text="B &#38; C" xmlurl="https://b.example/feed" htmlUrl="javascript:x"/></outline>
              <outline text="D" type="atom" xmlUrl=" https://d.example/ "/></outline>
            <outline text="A page" type="link" url="https://e.example/"/>
            <outline text="Empty"/>
            <outline text="cut off" xmlUrl="https://f.example/""#;
        let read = opml(text).unwrap();
        let got: Vec<_> =
            read.outlines.iter().map(|it| (it.url.as_str(), it.title.as_str(), it.folder.as_deref())).collect();
        assert_eq!(
            got[..3],
            [
                ("https://a.example/feed?a=1&b=2", "Loose", None),
                ("https://b.example/feed", "B & C", Some("World")),
                ("https://d.example/", "D", Some("News & more")),
            ]
        );
        assert_eq!(read.outlines[0].homepage.as_deref(), Some("https://a.example/"));
        assert_eq!(read.outlines[1].homepage, None);
        assert!(opml("<html><body/></html>").is_err());
        assert!(opml("").is_err());
    }
}
