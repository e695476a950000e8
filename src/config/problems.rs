//! Collects what is wrong while a feeds.toml is walked, so that everything is reported at once.
//! Turns byte spans into lines and columns, and masks what must not be shown.

use super::diagnostic::{ConfigErrors, Diagnostic, Excerpt, Severity};
use regex::Regex;
use std::{ops::Range, path::Path};

/// Where something stands: its bytes in the file, and its key with the table's.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// `None` for what came from the command line or the environment.
    pub span: Option<Range<usize>>,
    pub key: String,
}

/// The problems found so far.
pub(super) struct Problems<'t> {
    path: &'t Path,
    text: &'t str,
    found: Vec<(Place, Diagnostic)>,
    private: Vec<Range<usize>>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(path: &'t Path, text: &'t str) -> Problems<'t> {
        Problems { path, text, found: Vec::new(), private: Vec::new() }
    }

    /// Something that makes the file unusable.
    pub(super) fn error(&mut self, place: &Place, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, place, message.into())
    }

    /// Something the operator should know.
    pub(super) fn warning(&mut self, place: &Place, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, place, message.into())
    }

    /// What stands there is never shown, whatever is wrong around it.
    pub(super) fn keep_private(&mut self, place: &Place) {
        self.private.extend(place.span.clone());
    }

    /// The value, if no error was found; the warnings with it.
    pub(super) fn finish<T>(self, value: T) -> Result<(T, Vec<Diagnostic>), ConfigErrors> {
        let diagnostics = self.diagnostics();
        match diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            true => Err(ConfigErrors { diagnostics }),
            false => Ok((value, diagnostics)),
        }
    }

    /// What was found, where nothing can come of it.
    pub(super) fn fail(self) -> ConfigErrors {
        ConfigErrors { diagnostics: self.diagnostics() }
    }

    /// In the order of the file.
    fn diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        found.sort_by_key(|(place, _)| place.span.as_ref().map(|span| span.start));
        let mask = mask(self.text, &self.private);
        found.into_iter().map(|(place, diagnostic)| located(diagnostic, &place, self.text, &mask)).collect()
    }

    fn add(&mut self, severity: Severity, place: &Place, message: String) -> &mut Diagnostic {
        let diagnostic = Diagnostic {
            severity,
            message,
            file: self.path.display().to_string(),
            line: None,
            column: None,
            key: Some(place.key.clone()).filter(|key| !key.is_empty()),
            expected: None,
            suggestion: None,
            excerpt: None,
        };
        &mut self.found.push_mut((place.clone(), diagnostic)).1
    }
}

/// Fills in line, column and the line itself.
fn located(mut diagnostic: Diagnostic, place: &Place, text: &str, masked: &str) -> Diagnostic {
    let Some(span) = &place.span else { return diagnostic };
    // A span at the end of the file may lie behind its last line feed: show the last line that has something in it.
    let start = floor_boundary(text, span.start.min(text.trim_end().len().max(1)));
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = masked.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let from = (start - line_start).min(line.len());
    let to = (span.end.saturating_sub(line_start)).clamp(from, line.len());
    diagnostic.line = Some(before.matches('\n').count() + 1);
    diagnostic.column = Some(before.get(line_start..).unwrap_or_default().chars().count() + 1);
    diagnostic.excerpt = Some(Excerpt { line: line.to_owned(), span: from..floor_boundary(line, to) });
    diagnostic
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The text, byte for byte as long, with secrets replaced by stars: those the walk has found, the user names and
/// passwords in URLs, and what looks like one of ours where a syntax error kept the walk from starting.
fn mask(text: &str, private: &[Range<usize>]) -> String {
    let mut hidden: Vec<Range<usize>> = private.to_vec();
    for pattern in [
        r#"(?i)://([^/\s"'@]+(?:@[^/\s"'@]+)*)@"#,
        r#"(?i)\b(?:password|token|authorization|cookie)["']?\s*=\s*(["'][^\n]*)"#,
    ] {
        let Ok(pattern) = Regex::new(pattern) else { continue };
        hidden.extend(pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| found.range()));
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in hidden {
        for byte in bytes.get_mut(range).into_iter().flatten().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b'*';
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}
