//! `mail (Name)`, `Name <mail>`, `Name`, and persons with elements of their own.

use super::{
    limits, text, urls,
    xml::{Id, Tree},
};
use crate::model::Person;

/// A person: atom:author with its elements, else RSS author, dc:creator and the like as characters.
pub fn read(tree: &Tree, id: Id) -> Option<Person> {
    let person = if tree.has_elements(id) { from_elements(tree, id) } else { from_words(&text::words(tree, id)?) };
    (!(person.name.is_empty() && person.email.is_none() && person.uri.is_none())).then_some(person)
}

fn from_elements(tree: &Tree, id: Id) -> Person {
    let mut person = Person::default();
    for child in tree.elements(id) {
        let Some(said) = text::words(tree, child) else { continue };
        match tree.name(child).1 {
            "name" | "title" if person.name.is_empty() => {
                let read = from_words(&said);
                person.name = if read.name.is_empty() && read.email.is_none() { said } else { read.name };
                person.email = person.email.or(read.email);
            }
            "email" => person.email = Some(said.trim_start_matches("mailto:").to_owned()),
            "uri" | "url" | "homepage" | "link" => person.uri = urls::page(tree.base(child), &said),
            // dc:creator around foaf:Person, rdf:Description and the like.
            _ if tree.has_elements(child) => return from_elements(tree, child),
            _ => {}
        }
    }
    if person == Person::default() {
        return from_words(&text::words(tree, id).unwrap_or_default());
    }
    person
}

/// A person written as one line.
pub fn from_words(said: &str) -> Person {
    let said = said.trim();
    let Some((email, at)) = address(said) else {
        return Person { name: limits::cap(plain_name(said), limits::LINE), ..Person::default() };
    };
    let around = [said.get(..at).unwrap_or_default(), said.get(at + email.len()..).unwrap_or_default()];
    let name = around.iter().map(|part| plain_name(part.trim_end_matches("mailto:"))).find(|part| !part.is_empty());
    Person { name: name.unwrap_or_default(), email: Some(email.to_owned()), ..Person::default() }
}

/// The e-mail address in a line, and where it stands.
fn address(said: &str) -> Option<(&str, usize)> {
    let at = said.find('@')?;
    let of_mail = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '-' | '+' | '%' | '\'' | '!' | '#' | '$' | '&' | '*' | '=' | '~')
    };
    let before = said.get(..at)?;
    let start = before.char_indices().rev().take_while(|(_, c)| of_mail(*c)).last()?.0;
    let after = said.get(at + 1..)?;
    let length = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(after.len());
    let host = after.get(..length)?.trim_end_matches(['.', '-']);
    (host.contains('.') || !host.is_empty() && length == after.len()).then_some(())?;
    Some((said.get(start..at + 1 + host.len())?, start))
}

fn plain_name(part: &str) -> String {
    let part = part.trim().trim_matches(|c: char| {
        matches!(c, '(' | ')' | '<' | '>' | '（' | '）' | '[' | ']' | ',' | ';' | ':' | '"') || c.is_whitespace()
    });
    // `张三（` lost its other half to the address; `Name (the elder)` keeps its own.
    match (part.contains('('), part.contains(')')) {
        (true, false) => format!("{part})"),
        _ => part.to_owned(),
    }
}

/// Adds a person unless the same one stands there already.
pub fn add(to: &mut Vec<Person>, person: Option<Person>) {
    let Some(person) = person else { return };
    let full = to.len() >= limits::EACH;
    // `mail (Name)` and dc:creator `Name` are one person.
    let known = to.iter_mut().find(|known| {
        (!known.name.is_empty() && known.name == person.name)
            || (known.email.is_some()
                && known.email == person.email
                && (known.name.is_empty() || person.name.is_empty()))
    });
    match known {
        Some(known) => {
            known.email = known.email.take().or(person.email);
            known.uri = known.uri.take().or(person.uri);
            known.avatar = known.avatar.take().or(person.avatar);
            if known.name.is_empty() {
                known.name = person.name;
            }
        }
        None if !full => to.push(person),
        None => {}
    }
}
