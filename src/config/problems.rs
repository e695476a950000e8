//! Collects what is wrong while a feeds.toml is walked, so that everything is reported at once.
//! Turns byte spans into lines and columns, and masks what must not be shown.

use super::diagnostic::{ConfigErrors, Diagnostic, Excerpt, Related, Severity};
use regex::Regex;
use std::{collections::BTreeMap, ops::Range, path::Path};

/// Where something stands: its bytes in a file, and its key with the table's.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// `None` for what came from the command line or the environment.
    pub span: Option<Range<usize>>,
    pub key: String,
    /// Which of the files: 0 is feeds.toml itself.
    pub file: usize,
}

/// The problems found so far.
pub(super) struct Problems {
    files: Vec<(String, String)>,
    found: Vec<(Place, Diagnostic)>,
    /// What was found of files that could not be read as text.
    others: Vec<Diagnostic>,
    private: Vec<(usize, Range<usize>)>,
}

impl Problems {
    pub(super) fn new(path: &Path, text: &str) -> Problems {
        let files = vec![(path.display().to_string(), text.to_owned())];
        Problems { files, found: Vec::new(), others: Vec::new(), private: Vec::new() }
    }

    /// One more file in which there may be problems: the number by which places name it.
    pub(super) fn open(&mut self, path: &Path, text: &str) -> usize {
        self.files.push((path.display().to_string(), text.to_owned()));
        self.files.len() - 1
    }

    /// What is wrong with a whole file that is included there.
    pub(super) fn include(&mut self, errors: ConfigErrors, place: &Place) {
        for told in errors.diagnostics {
            match told.line {
                Some(_) => self.others.push(told),
                None => drop(self.error(place, told.message).expected("a file that can be read")),
            }
        }
    }

    /// Where something stands, for messages of later.
    pub(super) fn spot_of(&self, place: &Place) -> crate::model::Spot {
        let (file, text) =
            self.files.get(place.file).map(|(file, text)| (file.as_str(), text.as_str())).unwrap_or_default();
        let before = |span: &Range<usize>| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
        // Messages of later are public: where the file is on this machine is nobody's business.
        let file = Path::new(file).file_name().map_or(file.into(), |name| name.to_string_lossy());
        crate::model::Spot { file: file.into_owned(), line: place.span.as_ref().map(before), key: place.key.clone() }
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
        self.private.extend(place.span.clone().map(|span| (place.file, span)));
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

    /// In the order of the files, and within each in its own.
    fn diagnostics(self) -> Vec<Diagnostic> {
        let Problems { files, mut found, others, private } = self;
        found.sort_by_key(|(place, _)| (place.file, place.span.as_ref().map(|span| span.start)));
        let told = found.iter().flat_map(|(place, diagnostic)| {
            std::iter::once(place.file).chain(diagnostic.elsewhere.iter().map(|(place, _)| place.file))
        });
        // Only files that something is told of are looked through for secrets.
        let mut masks: BTreeMap<usize, String> = told.map(|file| (file, String::new())).collect();
        for (file, masked) in &mut masks {
            let spans: Vec<_> = private.iter().filter(|(of, _)| of == file).map(|(_, span)| span.clone()).collect();
            *masked = files.get(*file).map(|(_, text)| mask(text, &spans)).unwrap_or_default();
        }
        let spot = |place: &Place| {
            let (name, text) = files.get(place.file)?;
            Some(spot(name, text, masks.get(&place.file)?, place.span.as_ref()?))
        };
        let located = found.into_iter().map(|(place, mut diagnostic)| {
            if let Some((name, _)) = files.get(place.file) {
                name.clone_into(&mut diagnostic.file);
            }
            if let Some(spot) = spot(&place) {
                (diagnostic.line, diagnostic.column) = (Some(spot.line), Some(spot.column));
                diagnostic.excerpt = Some(spot.excerpt);
            }
            let elsewhere = std::mem::take(&mut diagnostic.elsewhere).into_iter();
            diagnostic.related = elsewhere.filter_map(|(place, message)| Some(spot(&place)?.saying(message))).collect();
            diagnostic
        });
        located.chain(others).collect()
    }

    fn add(&mut self, severity: Severity, place: &Place, message: String) -> &mut Diagnostic {
        let diagnostic = Diagnostic {
            severity,
            message,
            file: String::new(),
            line: None,
            column: None,
            key: Some(place.key.clone()).filter(|key| !key.is_empty()),
            expected: None,
            suggestion: None,
            related: Vec::new(),
            excerpt: None,
            elsewhere: Vec::new(),
        };
        &mut self.found.push_mut((place.clone(), diagnostic)).1
    }
}

/// A place, as it is told.
struct Spot {
    file: String,
    line: usize,
    column: usize,
    excerpt: Excerpt,
}

impl Spot {
    fn saying(self, message: String) -> Related {
        let Spot { file, line, column, excerpt } = self;
        Related { message, file, line, column, excerpt }
    }
}

/// Line, column and the line itself.
fn spot(file: &str, text: &str, masked: &str, span: &Range<usize>) -> Spot {
    // A span at the end of the file may lie behind its last line feed: show the last line that has something in it.
    let start = floor_boundary(text, span.start.min(text.trim_end().len().max(1)));
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = masked.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let from = (start - line_start).min(line.len());
    let to = (span.end.saturating_sub(line_start)).clamp(from, line.len());
    Spot {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        excerpt: Excerpt { line: line.to_owned(), span: from..floor_boundary(line, to) },
    }
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
