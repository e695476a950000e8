//! What only RSS has a word for: cloud, textInput, docs, rating.

use super::{
    limits, shared, text,
    xml::{Id, Ns, Tree},
};
use crate::model::{Cloud, Rare, TextInput};

/// Reads one element of a channel; the first of each counts. False when it is none of these.
pub fn read(tree: &Tree, id: Id, into: &mut Rare) -> bool {
    match tree.name(id) {
        (Ns::Rss, "cloud") => into.cloud = into.cloud.take().or_else(|| cloud(tree, id)),
        (Ns::Rss, "textinput") => into.text_input = into.text_input.take().or_else(|| text_input(tree, id)),
        (Ns::Rss, "docs") => into.docs = into.docs.take().or_else(|| shared::address(tree, id)),
        (Ns::Rss, "rating") => into.rating = into.rating.take().or_else(|| text::words(tree, id)),
        _ => return false,
    }
    true
}

fn cloud(tree: &Tree, id: Id) -> Option<Cloud> {
    let said = |name: &str| tree.attribute(id, name).map(|said| limits::cap(said, limits::LINE)).unwrap_or_default();
    let cloud = Cloud {
        domain: said("domain"),
        port: said("port"),
        path: said("path"),
        register_procedure: said("registerProcedure"),
        protocol: said("protocol"),
    };
    (!cloud.domain.is_empty()).then_some(cloud)
}

/// In RSS 1.0 it stands beside the channel, which points at it: then nothing stands inside.
fn text_input(tree: &Tree, id: Id) -> Option<TextInput> {
    let part = |name: &str| tree.elements(id).find(|&child| tree.name(child).1 == name);
    let words = |name: &str| part(name).and_then(|part| text::words(tree, part)).unwrap_or_default();
    let link = part("link").and_then(|link| shared::address(tree, link))?;
    Some(TextInput { title: words("title"), description: words("description"), name: words("name"), link })
}
