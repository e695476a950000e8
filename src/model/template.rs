//! Text with places to be filled: `https://example.org/a/{code}.html`, `{$.path.in.the.item}`; `{{` and `}}` are signs.

use crate::jsonpath::Path;
use std::fmt;

/// Longest template, characters.
const MAX_TEMPLATE: usize = 8_000;

/// A template that was read.
#[derive(Clone)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    Text(String),
    Name(String),
    Path(Path),
}

impl Template {
    /// Reads one; the error says in words why it cannot be used.
    pub fn parse(text: &str) -> Result<Template, String> {
        if text.chars().count() > MAX_TEMPLATE {
            return Err(format!("is longer than {MAX_TEMPLATE} characters"));
        }
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.extend(from.chars().take(1));
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').ok_or("has a `}` without a `{`; a sign of its own is written `}}`")?;
            let (name, after) =
                inside.split_once('}').ok_or("has a `{` without a `}`; a sign of its own is written `{{`")?;
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(match name.trim() {
                path if path.starts_with('$') => {
                    Piece::Path(Path::parse(path).map_err(|why| format!("`{path}` {why}"))?)
                }
                name => Piece::Name(name.to_owned()),
            });
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Template { text: text.to_owned(), pieces })
    }

    /// Text in which these places count and every other brace is a sign of its own: JSON, for one.
    pub fn around(text: &str, places: &[&str]) -> Template {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some((before, from)) = rest.split_once('{') {
            plain.push_str(before);
            let place = places.iter().find_map(|name| Some((*name, from.strip_prefix(name)?.strip_prefix('}')?)));
            rest = match place {
                Some((name, after)) => {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    pieces.push(Piece::Name(name.to_owned()));
                    after
                }
                None => {
                    plain.push('{');
                    from
                }
            };
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Template { text: text.to_owned(), pieces }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its places, paths left out.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Text(_) | Piece::Path(_) => None,
        })
    }

    /// Whether it has a place of that name.
    pub fn names(&self, place: &str) -> bool {
        self.places().any(|name| name == place)
    }

    /// Whether it has a place that a path fills.
    pub fn has_paths(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Path(_)))
    }

    /// What stands before its first place.
    pub fn beginning(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// The text, each place filled; `None` where one cannot be.
    pub fn fill(
        &self,
        named: impl Fn(&str) -> Option<String>,
        path: impl Fn(&Path) -> Option<String>,
    ) -> Option<String> {
        let mut text = String::with_capacity(self.text.len() + 32);
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Name(name) => text.push_str(&named(name)?),
                Piece::Path(of) => text.push_str(&path(of)?),
            }
        }
        Some(text)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_or_the_whole_is_nothing() {
        let template = Template::parse("https://a.example/{code}/{$.x}?q={{{ id }}}").unwrap();
        assert_eq!(template.places().collect::<Vec<_>>(), ["code", "id"]);
        assert_eq!((template.beginning(), template.has_paths()), ("https://a.example/", true));
        let named = |name: &str| (name != "none").then(|| name.to_uppercase());
        assert_eq!(template.fill(named, |_| Some("7".into())).unwrap(), "https://a.example/CODE/7?q={ID}");
        assert_eq!(template.fill(named, |_| None), None);
        assert_eq!(Template::parse("{none}").unwrap().fill(named, |_| None), None);
    }

    #[test]
    fn in_json_only_known_places_count() {
        let template = Template::around("{\"page\":{page},\"x\":{\"y\":{}}}", &["now", "page"]);
        assert_eq!(template.places().collect::<Vec<_>>(), ["page"]);
        assert_eq!(template.fill(|_| Some("3".into()), |_| None).unwrap(), "{\"page\":3,\"x\":{\"y\":{}}}");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for bad in ["{code", "code}", "{$.}", "{$..a..b}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
