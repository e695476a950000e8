//! What a JSON Feed item says beyond the fields that other formats share: pictures, and objects of the publisher's own
//! (`_name`), held as elements so that they obey the same bounds and are made safe by the same rules.

use super::{Object, address};
use crate::{
    model::Element,
    parse::{limits, xml},
};
use serde_json::Value;
use url::Url;

const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// Of one item.
pub fn read(item: &Object, base: Option<&Url>) -> Vec<Element> {
    let picture = |url: String| Element {
        namespace: MEDIA.to_owned(),
        name: "thumbnail".to_owned(),
        attributes: vec![("url".to_owned(), url)],
        ..Element::default()
    };
    let banner = |url: String| element("banner_image", "string", url, Vec::new());
    let image = address(item, "image", base).map(picture);
    image.into_iter().chain(address(item, "banner_image", base).map(banner)).chain(objects(item)).collect()
}

/// Objects of the publisher's own, of an item or of the feed.
pub fn objects(of: &Object) -> Vec<Element> {
    let mut left = limits::EXTENSIONS;
    let own = of.iter().filter(|(name, value)| name.starts_with('_') && *name != "_syndic" && value.is_object());
    own.filter_map(|(name, value)| kept(name, value, 0, &mut left)).collect()
}

fn kept(name: &str, value: &Value, depth: usize, left: &mut usize) -> Option<Element> {
    if *left == 0 || depth > limits::EXTENSION_DEPTH {
        return None;
    }
    *left -= 1;
    let (kind, text) = match value {
        Value::Null => ("null", String::new()),
        Value::Bool(said) => ("boolean", said.to_string()),
        Value::Number(said) => ("number", said.to_string()),
        Value::String(said) => ("string", limits::cap(xml::cleaned(said), limits::LINE * 4)),
        Value::Array(_) => ("array", String::new()),
        Value::Object(_) => ("object", String::new()),
    };
    let children = match value {
        Value::Array(items) => items.iter().filter_map(|item| kept("", item, depth + 1, left)).collect(),
        Value::Object(members) => {
            members.iter().filter_map(|(name, value)| kept(name, value, depth + 1, left)).collect()
        }
        _ => Vec::new(),
    };
    Some(element(&limits::cap(xml::cleaned(name), 200), kind, text, children))
}

fn element(name: &str, kind: &str, text: String, children: Vec<Element>) -> Element {
    let attributes = vec![("type".to_owned(), kind.to_owned())];
    Element { namespace: Element::JSON_FEED.to_owned(), name: name.to_owned(), attributes, text, children }
}
