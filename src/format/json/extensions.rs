//! The pictures of an item, and the publisher's own objects (`_name`), out of the elements they are held as.

use crate::{
    format::chars::{clean, href},
    model::Element,
};
use serde_json::{Map, Value};

/// Deepest nesting written.
const MAX_DEPTH: usize = 8;

/// The picture that stands for an item: of Media RSS, else of a podcast.
pub fn image(elements: &[Element]) -> Option<String> {
    let named = |names: &'static [&'static str]| {
        let all = elements.iter().flat_map(|element| std::iter::once(element).chain(&element.children));
        all.filter(|element| names.contains(&element.name.as_str())).find_map(address)
    };
    named(&["thumbnail"]).or_else(|| named(&["image"]))
}

fn address(element: &Element) -> Option<String> {
    let said = element.attributes.iter().find(|(name, _)| name == "url" || name == "href");
    said.and_then(|(_, url)| href(url))
}

/// The banner.
pub fn banner(elements: &[Element]) -> Option<String> {
    elements.iter().find(|element| is_ours(element) && element.name == "banner_image").and_then(|of| href(&of.text))
}

/// The publisher's own objects, by name.
pub fn objects(elements: &[Element]) -> impl Iterator<Item = (String, Value)> {
    let own = elements.iter().filter(|element| is_ours(element) && element.name.starts_with('_'));
    own.filter(|element| element.name != "_syndic").map(|element| (element.name.clone(), value(element, MAX_DEPTH)))
}

fn is_ours(element: &Element) -> bool {
    element.namespace == Element::JSON_FEED
}

fn value(element: &Element, depth: usize) -> Value {
    let kind = element.attributes.iter().find(|(name, _)| name == "type").map(|(_, kind)| kind.as_str());
    let children = element.children.iter().filter(|_| depth > 0);
    match kind {
        Some("object") => {
            Value::Object(children.map(|child| (child.name.clone(), value(child, depth - 1))).collect::<Map<_, _>>())
        }
        Some("array") => children.map(|child| value(child, depth - 1)).collect(),
        Some("number" | "boolean") => serde_json::from_str(&element.text).unwrap_or(Value::Null),
        Some("null") => Value::Null,
        _ => Value::String(clean(&element.text).into_owned()),
    }
}
