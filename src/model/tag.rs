//! A publisher's own category as a name in paths: what differs only in case, or in the space between words, is one tag.

use super::Tag;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longer ones are sentences. (Percent-encoded, a name of CJK characters is nine times as long.)
const LONGEST: usize = 48;

/// An entry stands under so many of its tags: a publisher that writes a hundred means none of them.
const MOST: usize = 10;

/// RFC 3986 §2.3: these need no escape.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name of a tag: lower case, `-` for spaces and slashes, 1 to 48 characters, not dots alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagName(String);

impl TagName {
    /// The name that a publisher's words come to; `None` when they make none.
    pub fn of(words: &str) -> Option<TagName> {
        let mut name = String::new();
        for c in words.trim().chars().flat_map(char::to_lowercase) {
            match c {
                c if c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '-') => {
                    if !name.ends_with('-') {
                        name.push('-');
                    }
                }
                c => name.push(c),
            }
        }
        let name = name.trim_matches('-');
        let good = !name.is_empty() && name.chars().count() <= LONGEST && name.bytes().any(|byte| byte != b'.');
        good.then(|| TagName(name.to_owned()))
    }

    /// As it stands in a path. `None` when that is no name of a tag.
    pub fn decode(path: &str) -> Option<TagName> {
        TagName::of(&percent_decode_str(path).decode_utf8().ok()?)
    }

    /// As it stands in our paths.
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, &ESCAPED).to_string()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tags an entry stands under: the first of its publisher's, each once.
    pub fn all(tags: &[Tag]) -> Vec<TagName> {
        let mut names = Vec::new();
        for name in tags.iter().filter_map(|tag| TagName::of(shown(tag))) {
            if names.len() < MOST && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What a publisher calls it, among the tags of an entry.
    pub fn shown_in<'a>(&self, tags: &'a [Tag]) -> Option<&'a str> {
        tags.iter().map(shown).find(|words| TagName::of(words).as_ref() == Some(self)).map(str::trim)
    }
}

/// What a reader sees of a tag: a term is often a number or an address.
fn shown(tag: &Tag) -> &str {
    tag.label.as_deref().filter(|label| !label.trim().is_empty()).unwrap_or(&tag.term)
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_tag_are_one_name() {
        for (words, name) in [
            ("铁路", "铁路"),
            (" New  York ", "new-york"),
            ("new-york", "new-york"),
            ("C++", "c++"),
            ("a/b\\c", "a-b-c"),
            ("../etc", "..-etc"),
            ("Ä", "ä"),
        ] {
            assert_eq!(TagName::of(words).unwrap().as_str(), name, "{words}");
        }
        for odd in ["", " ", "..", ".", "-", "/", "\u{0}", &"x".repeat(49)] {
            assert_eq!(TagName::of(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_name_goes_through_a_path_unchanged() {
        for words in ["铁路", "c++", "100%", "a?b#c", "<b>", "x.y"] {
            let name = TagName::of(words).unwrap();
            assert_eq!(TagName::decode(&name.encoded()), Some(name.clone()));
            assert!(name.encoded().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        }
        assert_eq!(TagName::decode("New%20York"), TagName::of("new-york"), "an unusual spelling leads there too");
        assert_eq!(TagName::decode("%ff"), None);
    }

    #[test]
    fn an_entry_stands_under_the_first_of_its_tags() {
        let tag =
            |term: &str, label: Option<&str>| Tag { term: term.into(), label: label.map(Into::into), ..Tag::default() };
        let tags = [tag("17", Some("Rail")), tag("rail", None), tag("sea", Some(" "))];
        let names = TagName::all(&tags);
        assert_eq!(names.iter().map(TagName::as_str).collect::<Vec<_>>(), ["rail", "sea"]);
        assert_eq!(names[0].shown_in(&tags), Some("Rail"));
        let many: Vec<Tag> = (0..30).map(|n| tag(&n.to_string(), None)).collect();
        assert_eq!(TagName::all(&many).len(), MOST);
    }
}
