//! `mail (Name)`, `Name <mail>`, `Name`, and persons with elements of their own.

use super::{
    limits, text, urls,
    xml::{Id, Tree},
};
use crate::model::Person;

/// A person: atom:author with its elements, else RSS author, dc:creator and the like as characters, where several people
/// with addresses may stand in one line.
pub fn read(tree: &Tree, id: Id) -> Vec<Person> {
    let mut people = if tree.has_elements(id) {
        vec![from_elements(tree, id)]
    } else {
        let said = text::words(tree, id).unwrap_or_default();
        mailboxes(&said).into_iter().map(from_words).collect()
    };
    people.retain(|person| !(person.name.is_empty() && person.email.is_none() && person.uri.is_none()));
    people
}

/// `a@x.org (A), b@x.org (B)` apart; a line in which not every part has an address is one person's (`Doe, Jane`).
fn mailboxes(said: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts: Vec<&str> = said
        .split(|c: char| {
            quoted ^= c == '"';
            !quoted && matches!(c, ',' | ';')
        })
        .filter(|part| !part.trim().is_empty())
        .collect();
    if parts.iter().all(|part| address(part).is_some()) { parts } else { vec![said] }
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

/// A person written as one line; of markup in it, its characters.
pub fn from_words(said: &str) -> Person {
    let said = if text::holds_html(said) { characters(said) } else { said.to_owned() };
    let said = said.trim();
    let Some((email, at)) = address(said) else {
        // `Jane <jane>`: what should be an address is none.
        let name = said.split_once(" <").filter(|(_, rest)| rest.ends_with('>') && !rest.contains(' '));
        let name = plain_name(name.map_or(said, |(name, _)| name));
        return Person { name: limits::cap(name, limits::LINE), ..Person::default() };
    };
    let around = [said.get(..at).unwrap_or_default(), said.get(at + email.len()..).unwrap_or_default()];
    let name = around.iter().map(|part| plain_name(part.trim_end_matches("mailto:"))).find(|part| !part.is_empty());
    Person { name: name.unwrap_or_default(), email: Some(email.to_owned()), ..Person::default() }
}

fn characters(html: &str) -> String {
    let (start, rest) = html.split_once('<').unwrap_or((html, ""));
    let texts = rest.split('<').filter_map(|tag| Some(tag.split_once('>')?.1));
    let text: String = std::iter::once(start).chain(texts).collect();
    html_escape::decode_html_entities(&text).into_owned()
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

/// Without what stands around a name; brackets that belong to it stay (`Name (the elder)`).
fn plain_name(part: &str) -> String {
    let trimmed = |part: &str| -> String {
        part.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '"') || c.is_whitespace()).to_owned()
    };
    let mut name = trimmed(part);
    while let Some(bare) = BRACKETS.iter().find_map(|(open, close)| without_brackets(&name, *open, *close)) {
        name = trimmed(bare);
    }
    name
}

const BRACKETS: [(char, char); 4] = [('(', ')'), ('<', '>'), ('（', '）'), ('[', ']')];

/// Without a pair around the whole, or one of a pair whose other half is not there.
fn without_brackets(name: &str, open: char, close: char) -> Option<&str> {
    let around = name.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let first = || name.strip_prefix(open).filter(|rest| !rest.contains(close));
    let last = || name.strip_suffix(close).filter(|rest| !rest.contains(open));
    let wrong = || name.strip_prefix(close).or_else(|| name.strip_suffix(open));
    around.filter(|inner| !inner.contains([open, close])).or_else(first).or_else(last).or_else(wrong)
}

/// Adds people, unless they stand there already.
pub fn add(to: &mut Vec<Person>, people: impl IntoIterator<Item = Person>) {
    people.into_iter().for_each(|person| add_one(to, person));
}

fn add_one(to: &mut Vec<Person>, person: Person) {
    let full = to.len() >= limits::EACH;
    // `mail (Name)` and dc:creator `Name` are one person; two of one name with an address each are two.
    let known = to.iter_mut().find(|known| {
        let apart = known.email.is_some() && person.email.is_some() && known.email != person.email;
        (!known.name.is_empty() && known.name == person.name && !apart)
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
