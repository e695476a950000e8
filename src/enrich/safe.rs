//! Addresses outside of HTML: only absolute http(s) ones survive (of files, ftp and magnet too), so that no output can
//! hold a live `javascript:`. Texts of other vocabularies: readers show them as HTML, so they are made safe as such.

use super::html::{self, without_tracking};
use crate::{
    model::{Element, Enclosure, Link, Person, Text, UpstreamSource},
    parse::is_html_element,
};
use url::Url;

/// The address if it is an absolute http(s) URL, as it was written but for white space around it.
pub fn web(address: Option<String>) -> Option<String> {
    reached_by(&FILES[..2], &address?)
}

/// Files may be reached by more than the web.
const FILES: [&str; 4] = ["http", "https", "ftp", "magnet"];

fn file(address: &str) -> Option<String> {
    reached_by(&FILES, address)
}

fn reached_by(schemes: &[&str], address: &str) -> Option<String> {
    let trimmed = address.trim();
    let url = Url::parse(trimmed).ok().filter(|url| schemes.contains(&url.scheme()))?;
    // What a URL parser skips (tabs, line breaks, backslashes) is written out as it was understood.
    let plain = (trimmed.contains("://") || url.scheme() == "magnet")
        && !trimmed.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"'));
    Some(if plain { trimmed.to_owned() } else { url.into() })
}

/// The same for the page that a reader is led to, without parameters that only follow readers.
pub fn page(address: Option<String>) -> Option<String> {
    web(address).map(|address| without_tracking(&address).into_owned())
}

/// Other links.
pub fn links(links: Vec<Link>) -> Vec<Link> {
    links.into_iter().filter_map(|link| Some(Link { href: web(Some(link.href))?, ..link })).collect()
}

/// Attached files.
pub fn enclosures(enclosures: Vec<Enclosure>) -> Vec<Enclosure> {
    enclosures.into_iter().filter_map(|file| Some(Enclosure { url: self::file(&file.url)?, ..file })).collect()
}

/// People, without addresses that are no web pages.
pub fn people(people: Vec<Person>) -> Vec<Person> {
    people.into_iter().map(|person| Person { uri: web(person.uri), avatar: web(person.avatar), ..person }).collect()
}

/// The source above ours: kept as it was, but for markup and addresses that could be run.
pub fn upstream(source: UpstreamSource) -> UpstreamSource {
    UpstreamSource {
        title: source.title.as_ref().map(line),
        subtitle: source.subtitle.as_ref().map(line),
        rights: source.rights.as_ref().map(line),
        feed_url: web(source.feed_url),
        home: web(source.home),
        links: links(source.links),
        authors: people(source.authors),
        contributors: people(source.contributors),
        generator: source.generator.map(words),
        icon: web(source.icon),
        logo: web(source.logo),
        ..source
    }
}

/// A title or a rights statement: inline markup only.
pub fn line(text: &Text) -> Text {
    super::title(text, None)
}

/// Elements passed through: no markup that runs, no address of a scheme that does, wherever in them it stands.
pub fn extensions(elements: Vec<Element>) -> Vec<Element> {
    elements.into_iter().map(extension).collect()
}

fn extension(element: Element) -> Element {
    let text = if is_address(&element) { web(Some(element.text)).unwrap_or_default() } else { words(element.text) };
    Element {
        attributes: element.attributes.into_iter().filter_map(attribute).collect(),
        text,
        // Nesting is bounded by `parse`.
        children: extensions(element.children),
        ..element
    }
}

/// Elements whose text is an address.
fn is_address(element: &Element) -> bool {
    let licence = element.namespace.contains("creativecommons") || element.namespace.contains("creativeCommons");
    let named = matches!(element.name.as_str(), "commentRss" | "new-feed-url" | "backLink" | "banner_image");
    let comment = element.name == "comment" && element.namespace.contains("wellformedweb.org");
    named || comment || (licence || element.namespace.contains("web.resource.org/cc")) && element.name == "license"
}

fn attribute((name, value): (String, String)) -> Option<(String, String)> {
    let local = name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    if local.starts_with("on") || local == "style" {
        return None;
    }
    let address = matches!(
        local.as_str(),
        "url" | "href" | "src" | "uri" | "resource" | "rss" | "image" | "about" | "img" | "feedurl"
    );
    if local == "srcset" {
        return Some((name, html::srcset(&value, None)?));
    }
    if !address {
        return Some((name, words(value)));
    }
    Some((name, file(&value)?))
}

/// Characters that readers may take for HTML, whatever the vocabulary says of them: markup is made safe, a lone address of
/// a scheme that runs is none. What is no markup (`Vec<String> & co`) stays as it is.
fn words(text: String) -> String {
    if is_markup(&text) {
        return html::sanitise(&Text::html(text)).trim().to_owned();
    }
    let runs = |url: Url| matches!(url.scheme(), "javascript" | "vbscript" | "data" | "blob" | "file");
    let lone = !text.trim().contains(' ') && Url::parse(&text).is_ok_and(runs);
    if lone { String::new() } else { text }
}

/// Whether a reader that takes the characters for HTML would see an element of HTML, or one that runs something.
fn is_markup(text: &str) -> bool {
    let Some((_, rest)) = text.split_once('<') else { return false };
    let mut tags = rest.split('<').filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'));
    let known = |tag: &str| {
        let name = tag.trim_start_matches('/').split(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).next();
        name.is_some_and(|name| is_html_element(&name.to_ascii_lowercase()))
    };
    holds_comment(text) || tags.clone().any(known) || tags.next().is_some() && holds_handler(rest)
}

fn holds_comment(text: &str) -> bool {
    ["<!", "<?"].iter().any(|open| text.contains(open))
}

/// An attribute that an element of any name can run. A quote ends one too, and a `>` in quotes ends no tag.
fn holds_handler(text: &str) -> bool {
    let runs = |part: &str| ["on", "style"].iter().any(|name| starts_with_ignore_case(part, name));
    text.contains('=') && text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'')).any(runs)
}

fn starts_with_ignore_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_no_markup_stay_as_they_are() {
        for plain in [
            "Vec<String> & AT&T",
            "List<int> & co",
            "1 < 2 & <T>",
            "x<y && c==d",
            "Map<K, V>",
            "a &amp; b",
            "<3",
            "R&D",
        ] {
            assert_eq!(words(plain.to_owned()), plain);
        }
    }

    #[test]
    fn files_may_lie_beside_the_web() {
        let file = |url: &str| Enclosure { url: url.to_owned(), ..Enclosure::default() };
        let magnet = "magnet:?xt=urn:btih:abc&dn=a.iso";
        let kept =
            enclosures(["ftp://a.example/b.mp3", magnet, "javascript:1", "data:audio/mpeg,x"].map(file).to_vec());
        assert_eq!(kept, ["ftp://a.example/b.mp3", magnet].map(file));
        assert_eq!(attribute(("url".into(), magnet.into())), Some(("url".into(), magnet.into())));
        assert_eq!((web(Some(magnet.into())), attribute(("href".into(), "javascript:1".into()))), (None, None));
    }

    #[test]
    fn words_that_are_markup_run_nowhere() {
        assert_eq!(words("<p onclick=x()>a &amp; b</p><script>y()</script>".to_owned()), "<p>a &amp; b</p>");
        for hostile in [
            "<x onclick=alert(1)>t</x>",
            "<x a=\"1\"ONCLICK=alert(1)>t",
            "<x a='>'/onclick = alert(1)>t",
            "<x a=\"<y>\" style=\"background:url(javascript:1)\">t",
            "List<int> <script>alert(1)</script>",
            "<SCRIPT/x>alert(1)</script>",
            "<svg><animate",
            "<!--><script>alert(1)</script>",
            "<?><img src=x onerror=alert(1)>",
            "javascript:alert(1)",
        ] {
            let safe = words(hostile.to_owned()).to_ascii_lowercase();
            assert!(
                !safe.contains("alert") && !safe.contains("javascript") && !safe.contains("<x"),
                "{hostile}: {safe}"
            );
        }
    }
}
