//! The front matter of a Jekyll post, read by the line: titles in the wild hold quotes and colons that no YAML parser takes.

use std::borrow::Cow;

/// Keys and raw values, and what stands after the second `---`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter<'a> {
    fields: Vec<(&'a str, Vec<Cow<'a, str>>)>,
    /// The body.
    pub body: &'a str,
}

/// Lines read as front matter at most.
const LINES: usize = 400;

/// Splits a post. `None`: it has no front matter, or one that never ends.
pub fn split(text: &str) -> Option<FrontMatter<'_>> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut rest = text.strip_prefix("---")?.strip_prefix(['\r', '\n'])?;
    let mut found = FrontMatter::default();
    for _ in 0..LINES {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.trim_end() == "---" {
            found.body = after;
            return Some(found);
        }
        found.take_in(line);
        if after.is_empty() {
            return None;
        }
        rest = after;
    }
    None
}

impl<'a> FrontMatter<'a> {
    fn take_in(&mut self, line: &'a str) {
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            if let Some((_, values)) = self.fields.last_mut() {
                values.push(value(item));
            }
        } else if let Some((key, value)) = line.split_once(':').filter(|(key, _)| !key.starts_with(char::is_whitespace))
        {
            let value = value.trim();
            self.fields.push((key.trim(), if value.is_empty() { Vec::new() } else { vec![self::value(value)] }));
        }
    }

    /// The value of a key, without the quotes around it; `None` when absent or empty.
    pub fn one(&self, key: &str) -> Option<&str> {
        self.raw(key)?.first().map(|value| unquoted(value)).filter(|value| !value.is_empty())
    }

    /// The values of a key that may hold a list: `[a, b]`, lines of `- a`, or one value.
    pub fn list(&self, key: &str) -> Vec<&str> {
        let raw = self.raw(key).unwrap_or_default();
        let values: Vec<&str> = match raw {
            [only] => match only.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
                Some(inner) => inner.split([',', '，']).map(unquoted).collect(),
                None => vec![unquoted(only)],
            },
            many => many.iter().map(|value| unquoted(value)).collect(),
        };
        values.into_iter().filter(|value| !value.is_empty()).collect()
    }

    fn raw(&self, key: &str) -> Option<&[Cow<'a, str>]> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, values)| values.as_slice())
    }
}

/// A value with its quotes. In single ones, a quote is written twice (YAML 1.2 §7.3.2).
fn value(said: &str) -> Cow<'_, str> {
    let said = said.trim();
    match said.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inside) if inside.contains("''") => Cow::Owned(format!("'{}'", inside.replace("''", "'"))),
        _ => Cow::Borrowed(said),
    }
}

/// What stands between the outermost quotes, inner ones kept.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inside = |mark| value.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(value).trim()
}
