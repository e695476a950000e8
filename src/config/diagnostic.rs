//! What is wrong with a feeds.toml, and where: for people as text with the line in question, for programs as JSON.
//! Nothing secret that stands in the file is ever part of a diagnostic.

use super::problems::Place;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};
use serde::Serialize;
use std::{fmt, ops::Range, path::Path};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can, but perhaps not as meant.
    Warning,
}

/// One problem of one file.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// The file, as it was named to us.
    pub file: String,
    /// Line, from 1; `None` where the problem stands in no line (a missing file, the command line).
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The key with its table: `poll.min`, `source[bbc].url`.
    pub key: Option<String>,
    /// What would be right.
    pub expected: Option<String>,
    /// What was probably meant; fit to be put in the place of what stands there.
    pub suggestion: Option<String>,
    /// Other places that it is about: where the other one of two stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    #[serde(skip)]
    pub(super) excerpt: Option<Excerpt>,
    /// Other places, until they are found in the text.
    #[serde(skip)]
    pub(super) elsewhere: Vec<(Place, String)>,
}

/// Another place that a problem is about.
#[derive(Clone, Debug, Serialize)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    #[serde(skip)]
    pub(super) excerpt: Excerpt,
}

/// The line a problem stands in, with secrets masked, and the bytes of it that are meant.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    pub line: String,
    pub span: Range<usize>,
}

impl Diagnostic {
    pub(super) fn expected(&mut self, expected: impl Into<String>) -> &mut Diagnostic {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn suggest(&mut self, suggestion: Option<String>) -> &mut Diagnostic {
        self.suggestion = suggestion;
        self
    }

    /// Names another place that the problem is about, and what is there.
    pub(super) fn see(&mut self, place: &Place, what: impl Into<String>) -> &mut Diagnostic {
        self.elsewhere.push((place.clone(), what.into()));
        self
    }

    /// Where it is and what, in one line: for logs.
    pub fn line(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}: {}", self.file, self.message),
            _ => self.message.clone(),
        }
    }

    fn draw(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()));
        if let (Some(excerpt), Some(line)) = (&self.excerpt, self.line) {
            let mark = AnnotationKind::Primary.span(excerpt.span.clone()).label(self.label());
            let snippet = Snippet::source(excerpt.line.as_str()).line_start(line).path(self.file.as_str());
            group = group.element(snippet.annotation(mark));
        }
        for Related { message, file, line, excerpt, .. } in &self.related {
            let mark = AnnotationKind::Context.span(excerpt.span.clone()).label(message.as_str());
            let snippet = Snippet::source(excerpt.line.as_str()).line_start(*line).path(file.as_str());
            group = group.element(snippet.annotation(mark));
        }
        if let Some(expected) = &self.expected {
            group = group.element(Level::HELP.message(format!("expected {expected}")));
        }
        renderer.render(&[group])
    }

    fn label(&self) -> Option<String> {
        self.suggestion.as_ref().map(|meant| format!("did you mean `{meant}`?"))
    }
}

/// All of them as text in the manner of rustc, ended by a line feed; empty for none.
pub fn render(diagnostics: &[Diagnostic], coloured: bool) -> String {
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let drawn: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.draw(&renderer) + "\n").collect();
    drawn.join("\n")
}

/// Why a feeds.toml was refused: every problem found, in the order of the file, warnings among them.
#[derive(Clone, Debug)]
pub struct ConfigErrors {
    /// At least one of them is an error.
    pub diagnostics: Vec<Diagnostic>,
}

impl ConfigErrors {
    /// The text of all problems, coloured for a terminal or plain.
    pub fn render(&self, coloured: bool) -> String {
        render(&self.diagnostics, coloured)
    }

    /// A problem with the file as a whole.
    pub(super) fn of_file(path: &Path, message: String, expected: &str) -> ConfigErrors {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            message,
            file: path.display().to_string(),
            line: None,
            column: None,
            key: None,
            expected: Some(expected.to_owned()),
            suggestion: None,
            related: Vec::new(),
            excerpt: None,
            elsewhere: Vec::new(),
        };
        ConfigErrors { diagnostics: vec![diagnostic] }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigErrors {}
