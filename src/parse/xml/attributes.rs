//! The inside of a start tag → attributes. Never fails; what is written without quotes or value is read as far as possible.

/// The attributes of a tag in order: qualified name and raw value.
pub struct Attributes<'a> {
    rest: &'a str,
    pub damaged: bool,
}

impl<'a> Attributes<'a> {
    pub fn new(raw: &'a str) -> Attributes<'a> {
        Attributes { rest: raw, damaged: false }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/' || c == '"' || c == '\'');
        if rest.is_empty() {
            self.rest = rest;
            return None;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            self.damaged = true;
            self.rest = after;
            return Some((name, ""));
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(mark) => {
                let inner = value.get(1..).unwrap_or_default();
                match inner.find(mark) {
                    Some(end) => (inner.get(..end).unwrap_or_default(), inner.get(end + 1..).unwrap_or_default()),
                    None => {
                        self.damaged = true;
                        (inner, "")
                    }
                }
            }
            None => {
                self.damaged = true;
                value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
            }
        };
        self.rest = after;
        Some((name, value))
    }
}
