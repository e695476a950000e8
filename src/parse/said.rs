//! Single values that a recipe found, read as those of a feed are: the same bounds, the same repairs, the same judgement of what
//! is HTML and what is characters.

use super::{limits, paragraphs, persons, shared, text, urls, xml};
use crate::model::{Element, Person, RawDate, Tag, Text, TextKind};
use url::Url;

const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// Without characters that XML forbids.
pub fn legal(said: &str) -> String {
    xml::cleaned(said)
}

/// One line: an id, a name.
pub fn line(said: &str) -> String {
    limits::cap(xml::cleaned(said), limits::LINE)
}

/// A title.
pub fn title(said: &str, base: Option<&Url>) -> Text {
    based(text::sniffed(limits::cap(xml::cleaned(said), limits::TITLE)), base)
}

/// A summary or body; `html`: it is known to be HTML.
pub fn body(said: &str, html: bool, base: Option<&Url>) -> Text {
    let said = limits::cap(xml::cleaned(said), limits::BODY);
    let read = if html { Text::html(said) } else { text::sniffed(said) };
    let kept = if read.kind == TextKind::Html && !html { Text::html(paragraphs::kept(read.value)) } else { read };
    based(kept, base)
}

fn based(text: Text, base: Option<&Url>) -> Text {
    let base = base.filter(|base| text.kind == TextKind::Html && limits::is_base(base));
    Text { base: base.map(Url::to_string), ..text }
}

/// The address of a page.
pub fn address(said: &str, base: Option<&Url>) -> Option<String> {
    // Lists name their pages without a scheme: `//host/path`, or `host/path` by mistake, which nobody can tell from a path.
    urls::page(base, said)
}

/// A date in its own characters.
pub fn date(said: &str) -> RawDate {
    RawDate(limits::cap(xml::cleaned(said), 200))
}

/// People; each value may name several.
pub fn people(said: &[String]) -> Vec<Person> {
    let mut people = Vec::new();
    for words in said {
        let person = persons::from_words(&line(words));
        persons::add(&mut people, Some(person).filter(|person| *person != Person::default()));
    }
    people
}

/// Tags; each value may hold several.
pub fn tags(said: &[String]) -> Vec<Tag> {
    let mut tags = Vec::new();
    for term in said.iter().flat_map(|said| said.split([',', '，', ';', '；', '、', '|'])) {
        shared::add_tag(&mut tags, Tag { term: line(term.trim()), ..Tag::default() });
    }
    tags
}

/// A picture of an entry.
pub fn picture(said: &str, base: Option<&Url>) -> Option<Element> {
    let attributes = vec![("url".to_owned(), urls::page(base, said)?)];
    Some(Element { namespace: MEDIA.to_owned(), name: "thumbnail".to_owned(), attributes, ..Element::default() })
}
